"""What a learner may see of each item, and the facts of their world; one package a module.

>>> lesson("estimation").item("es.e1").points > 0
True
"""

from __future__ import annotations

import difflib
import importlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from skillmap import yaml_text
from skillmap.errors import AnswerError, AuthoringError, Fault, UnknownItemError
from skillmap.ids import BesideId, ItemId, ModuleId, notebook_id
from skillmap.lessons.schema import Item, LessonFile, Part, Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = ["Item", "Lesson", "Part", "Prompt", "fill", "lesson", "lesson_from"]


@dataclass(frozen=True)
class Lesson:
    """The items of one module in their order, found by id."""

    module: ModuleId | BesideId
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """The module's name."""
        return self.module.title

    @property
    def points(self) -> float:
        """Points of all items together."""
        return sum(item.points for item in self.items)

    @cached_property
    def _by_id(self) -> dict[str, tuple[Item, Part | None]]:
        found: dict[str, tuple[Item, Part | None]] = {}
        for item in self.items:
            found[item.id] = (item, next((p for p in item.parts if p.id == item.id), None))
            found |= {part.id: (item, part) for part in item.parts}
        return found

    @property
    def ids(self) -> frozenset[str]:
        """Every id of the module: items and parts."""
        return frozenset(self._by_id)

    def item(self, name: ItemId | str) -> Item:
        """Return the item, also for the id of one of its parts; raise ``UnknownItemError``."""
        return self._find(name)[0]

    def part(self, name: ItemId | str) -> Part:
        """Return one part; an item with a single part answers for it."""
        item, part = self._find(name)
        if part is None and len(item.parts) == 1:
            return item.parts[0]
        if part is None:
            parts = ", ".join(p.id for p in item.parts)
            raise UnknownItemError(
                f"{self.title}, {item.title}",
                f"{item.id} has several parts",
                f"Use one of {parts}.",
            )
        return part

    def prompt(self, name: ItemId | str) -> Prompt:
        """Return the prompt of one part."""
        return self.part(name).prompt

    def place(self, name: ItemId | str) -> str:
        """Say where a part is, for messages: module, item, and the part's own label if needed."""
        item, part = self._find(name)
        where = f"{self.title}, {item.title}"
        if part is not None and len(item.parts) > 1:
            where += f", {part.id.removeprefix(item.id + '.')}"
        return where

    def _find(self, name: ItemId | str) -> tuple[Item, Part | None]:
        text = str(name)
        try:
            return self._by_id[text]
        except KeyError:
            close = difflib.get_close_matches(text, self._by_id, n=3, cutoff=0.5)
            known = close or [item.id for item in self.items]
            raise UnknownItemError(
                self.title,
                f"there is no item {text!r}",
                f"{'Did you mean' if close else 'Its items are'} {', '.join(known)}"
                f"{'?' if close else '.'}",
            ) from None

    def facts(self, world: int) -> Mapping[str, Any]:
        """Return what the learner is told about their world, by name."""
        package = importlib.import_module(f"skillmap.lessons.{self.module.value.replace('-', '_')}")
        found: Mapping[str, Any] = package.facts(world)
        return found

    @property
    def labs(self) -> Mapping[str, Any]:
        """What the lesson's package can show beside its prompts, by name."""
        package = importlib.import_module(f"skillmap.lessons.{self.module.value.replace('-', '_')}")
        found: Mapping[str, Any] = getattr(package, "LABS", {})
        return found


@cache
def lesson(module: ModuleId | BesideId | str) -> Lesson:
    """Load a module's lesson; raise ``AuthoringError`` with every fault and its path.

    Raises ``AnswerError`` for a name that is no module, or one whose lesson is not here.
    """
    try:
        module = notebook_id(module)
    except ValueError:
        names = [known.value for known in (*ModuleId, *BesideId)]
        close = difflib.get_close_matches(str(module), names, n=1) or names
        raise AnswerError(
            "Modules", f"there is no module {str(module)!r:.40}", f"Try {', '.join(close)}."
        ) from None
    home = files("skillmap.lessons")
    source = home.joinpath(module.value.replace("-", "_"), "items.yaml")
    if not source.is_file():
        here = ", ".join(m.value for m in ModuleId if _has_lesson(home, m))
        raise AnswerError(
            module.title, "this version of the course has no lesson for it", f"Open {here}."
        )
    return lesson_from(source)


def _has_lesson(home: Traversable, module: ModuleId) -> bool:
    return home.joinpath(module.value.replace("-", "_"), "items.yaml").is_file()


def lesson_from(source: Traversable | Path) -> Lesson:
    """Load a lesson from one file."""
    where = f"lessons/{'/'.join(str(source).split('/')[-2:])}"
    try:
        text = source.read_text(encoding="utf-8")
        raw, twice = yaml_text.load(text), _given_twice(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise AuthoringError([Fault(where, " ".join(str(error).split()))]) from None
    faults = [Fault(f"{where} line {line}", f"{key!r} is given twice") for line, key in twice]
    try:
        checked = LessonFile.model_validate(raw)
    except ValidationError as error:
        found = error.errors()
        faults += [
            Fault(f"{where} {_path(fault['loc'])}".rstrip(), fault["msg"])
            for fault in found
            if not (fault["type"] == "too_short" and _has_faults_inside(fault["loc"], found))
        ]
        raise AuthoringError(faults) from None
    faults += [Fault(f"{where} {path}", message) for path, message in checked.disagreements()]
    if faults:
        raise AuthoringError(faults)
    return Lesson(checked.module, checked.items)


def _has_faults_inside(place: tuple[str | int, ...], found: list[ErrorDetails]) -> bool:
    """Whether a list only seems short because its members are faulty; they are told anyway."""
    return any(len(f["loc"]) > len(place) and f["loc"][: len(place)] == place for f in found)


def _given_twice(text: str) -> list[tuple[int, str]]:
    """Return keys that one mapping has twice, with their line: YAML would keep the last in silence.

    >>> _given_twice("a: 1\\nb: {c: 1, c: 2}\\n")
    [(2, 'c')]
    """
    found: list[tuple[int, str]] = []
    open_nodes = [yaml_text.compose(text)]
    visited: set[int] = set()
    while open_nodes:
        node = open_nodes.pop()
        if id(node) in visited:  # an anchor used again, perhaps inside itself
            continue
        visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            open_nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if str(key.value) in seen:
                    found.append((key.start_mark.line + 1, str(key.value)))
                seen.add(str(key.value))
                open_nodes.append(value)
    return sorted(found)


def _path(location: tuple[str | int, ...]) -> str:
    """Write a location the way an author reads it.

    >>> _path(("items", 3, "parts", 0, "prompt", "number", "unit"))
    'items[3].parts[0].prompt.number.unit'
    """
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


_NAMED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]*))?\}")


def fill(text: str, facts: Mapping[str, Any]) -> str:
    """Put facts into a text, in a number's own format if it names one.

    A name that is no fact, and any other brace, stays as it stands.

    >>> fill("{a} of {b}, {a:.2f}", {"a": 3})
    '3 of {b}, 3.00'
    """

    def put(match: re.Match[str]) -> str:
        name, form = match[1], match[2] or ""
        try:
            return format(facts[name], form) if name in facts else match[0]
        except (TypeError, ValueError):
            return match[0]

    return _NAMED.sub(put, text)
