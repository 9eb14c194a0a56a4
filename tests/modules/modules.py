"""Which modules are there to be tested: those with a key under ``source/`` and a fixture here."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.grading import grade_item, load_key
from skillmap.grading.registry import grade_answers
from skillmap.ids import ModuleId
from skillmap.lessons import lesson

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from skillmap.grading import Feedback, Key
    from skillmap.lessons.schema import Item

ROOT = Path(__file__).parents[2]


def _fixture_file(module: str) -> Path | None:
    for name in (module.replace("-", "_"), module):
        path = ROOT / "tests" / "fixtures" / f"{name}.py"
        if path.is_file():
            return path
    return None


MODULES: tuple[str, ...] = tuple(
    module.value
    for module in ModuleId
    if (ROOT / "source" / module.value / "key.yaml").is_file() and _fixture_file(module.value)
)


@cache
def samples(module: str) -> ModuleType:
    """Load a module's sample answers: ``WORLDS``, ``ITEMS``, ``KINDS`` and ``answers``."""
    path = _fixture_file(module)
    assert path is not None
    known = f"_samples_{path.stem}"
    spec = importlib.util.spec_from_file_location(known, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[known] = loaded
    spec.loader.exec_module(loaded)
    return loaded


@cache
def key_of(module: str) -> Key:
    """The instructor's key of a module, which keeps the references of each world."""
    return load_key(ROOT / "source" / module)


@cache
def graded_items(module: str) -> tuple[Item, ...]:
    """The items that have points."""
    return tuple(item for item in lesson(module).items if item.points)


def is_written(module: str, item: str) -> bool:
    """Whether a person settles an item."""
    return bool(key_of(module).items[item].grader == "written")


def graded(module: str, item: Item, world: int, parts: Mapping[str, Mapping[str, Any]]) -> Feedback:
    """Grade one item of a sheet, as hand-ins are graded."""
    return grade_item(item, key_of(module), _sheet(module, world, parts), world)


def earned(module: str, item: Item, world: int, parts: Mapping[str, Mapping[str, Any]]) -> Feedback:
    """Grade one item without its worked answer, which takes longer than the grading."""
    sheet, key = _sheet(module, world, parts), key_of(module)
    answers = {p.id: found for p in item.parts if (found := sheet.get(p.id)) is not None}
    return grade_answers(
        item, key.items[item.id], answers, key.reference(item.id, world), key.references(world)
    )


def _sheet(module: str, world: int, parts: Mapping[str, Mapping[str, Any]]) -> AnswerSheet:
    sheet = AnswerSheet(module=module, world=world)
    for part, answer in parts.items():
        sheet.put(part, answer["value"], answer.get("unit"))
    return sheet
