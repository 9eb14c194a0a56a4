"""``key.yaml`` and its solver: what graders compare answers with. Instructor's side only.

:func:`load_key` reports every fault at once with its path. The models of the fields are in
``key_models``, the checks against lesson and solver in ``key_checks``; ``docs/graders.md``
explains the fields to authors.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml
from pydantic import TypeAdapter, ValidationError

from skillmap import yaml_text
from skillmap.errors import AuthoringError, Fault
from skillmap.grading.key_models import (
    ChainKey,
    ChoiceKey,
    DecisionKey,
    DiagnosisKey,
    EstimateKey,
    IntervalSetKey,
    ItemKey,
    LogKey,
    NumberKey,
    PartKey,
    PresenceKey,
    TableKey,
    WrittenKey,
)
from skillmap.ids import ModuleId

if TYPE_CHECKING:
    from types import ModuleType

    from skillmap.lessons import Lesson

__all__ = [
    "ChainKey",
    "ChoiceKey",
    "DecisionKey",
    "DiagnosisKey",
    "EstimateKey",
    "IntervalSetKey",
    "ItemKey",
    "Key",
    "LogKey",
    "NumberKey",
    "PartKey",
    "PresenceKey",
    "TableKey",
    "WrittenKey",
    "load_key",
    "local_reference",
    "resolve",
    "shared_solver",
]

_ITEM_KEY: TypeAdapter[Any] = TypeAdapter(ItemKey)
_GRADERS = tuple(
    name
    for model in get_args(get_args(ItemKey)[0])
    for name in get_args(model.model_fields["grader"].annotation)
)


@dataclass(frozen=True)
class Key:
    """The key of one module: how each item is graded, and the solver that knows the worlds."""

    module: ModuleId
    items: Mapping[str, Any]
    solver: ModuleType
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def references(self, world: int) -> Mapping[str, Any]:
        """Return the solver's references in one world."""
        return self._kept("references", world)

    def reference(self, item: str, world: int) -> Any:
        """Return what one item is compared with in one world; ``None`` if it needs nothing.

        A function is called with the learner's answers by ``registry.grade_answers``.
        """
        path = getattr(self.items[item], "reference", "")
        return resolve(self.references(world), path) if path else None

    def worked(self, item: str, world: int) -> str:
        """Return the worked answer in Markdown, or ""."""
        if not hasattr(self.solver, "worked"):
            return ""
        return str(self._kept("worked", world).get(item, ""))

    def _kept(self, name: str, world: int) -> Mapping[str, Any]:
        if (name, world) not in self._cache:
            if len(self._cache) > 32:
                self._cache.clear()
            self._cache[name, world] = getattr(self.solver, name)(world)
        found: Mapping[str, Any] = self._cache[name, world]
        return found


def resolve(references: Any, path: str) -> Any:
    """Follow a dotted path into the references; raise ``KeyError`` with the step that fails.

    A path may lead through a function of the learner's answers: then what is found is a function
    of them too.

    >>> resolve({"e2": {"demand": 26.0}}, "e2.demand")
    26.0
    >>> resolve({"l1": lambda answers: {"cost": 2 * answers["n"]}}, "l1.cost")({"n": 3})
    6
    """
    found = references
    steps = path.split(".")
    for number, step in enumerate(steps):
        if callable(found):
            return _beyond(found, ".".join(steps[number:]))
        if not isinstance(found, Mapping) or step not in found:
            raise KeyError(step)
        found = found[step]
    return found


def _beyond(function: Callable[[Any], Any], path: str) -> Callable[[Any], Any]:
    def of(answers: Mapping[str, Any]) -> Any:
        found = function(answers)
        return None if found is None else resolve(found, path)

    return of


def local_reference(reference: Any, root: Any, path: str) -> Any:
    """Resolve a part's reference inside its item's first, then from the root.

    Where the item's reference is a function of the learner's answers, the root comes first.
    """
    first, then = (root, reference) if callable(reference) else (reference, root)
    try:
        return resolve(first, path)
    except KeyError:
        return resolve(then, path)


def load_key(folder: Path | str, *, lesson: Lesson | None = None) -> Key:
    """Load ``key.yaml`` and the solver beside it; raise ``AuthoringError`` with every fault.

    The solver is the course's own code and is run: ``references`` of the house world has to
    give what each item names. Learners' submissions never come near this function.
    """
    folder = Path(folder)
    file, where = folder / "key.yaml", f"{folder.name}/key.yaml"
    try:
        raw = yaml_text.load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AuthoringError([Fault(where, " ".join(str(error).split()))]) from None
    if not isinstance(raw, Mapping):
        raise AuthoringError([Fault(where, "is not a mapping with module, solver and items")])
    from skillmap.grading.key_checks import against_lesson, against_solver

    faults: list[Fault] = []
    module = _module(raw, where, faults)
    items = _items(raw.get("items"), where, faults)
    solver = _solver(folder, raw.get("solver", "solver.py"), where, faults)
    faults += [
        Fault(f"{where} {name}", "is not a field; fields are module, solver and items")
        for name in raw
        if name not in {"module", "solver", "items"}
    ]
    if module is not None and lesson is None:
        lesson = _lesson(module, faults)
    if lesson is not None:
        faults += against_lesson(items, lesson, where)
    if solver is not None:
        faults += against_solver(items, solver, lesson, where, folder.name)
    if faults or module is None or solver is None:
        raise AuthoringError(faults)
    return Key(module, items, solver)


def _module(raw: Mapping[str, Any], where: str, faults: list[Fault]) -> ModuleId | None:
    try:
        return ModuleId(str(raw.get("module")))
    except ValueError:
        known = ", ".join(module.value for module in ModuleId)
        faults.append(Fault(f"{where} module", f"got {raw.get('module')!r}, needs one of {known}"))
        return None


def _lesson(module: ModuleId, faults: list[Fault]) -> Lesson | None:
    from skillmap.lessons import lesson

    try:
        return lesson(module)
    except AuthoringError as error:
        faults += error.faults
    return None


def _items(raw: Any, where: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or not raw:
        faults.append(Fault(f"{where} items", "needs at least one item"))
        return {}
    items = {}
    for name, fields in raw.items():
        spot = f"{where} items[{name}]"
        grader = fields.get("grader") if isinstance(fields, Mapping) else None
        if grader not in _GRADERS:
            near = difflib.get_close_matches(str(grader), _GRADERS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"needs one of {', '.join(_GRADERS)}"
            faults.append(Fault(f"{spot}.grader", f"got {grader!r}, {hint}"))
            continue
        try:
            items[str(name)] = _ITEM_KEY.validate_python(fields)
        except ValidationError as error:
            for fault in error.errors():
                path = ".".join([spot, *_steps(fault["loc"])])
                faults.append(Fault(path, fault["msg"]))
    return items


def _steps(place: tuple[int | str, ...]) -> list[str]:
    """Leave out the names of graders that pydantic puts into a path."""
    inside = len(place) > 3 and place[1] == "also"
    return [str(step) for n, step in enumerate(place) if n and not (inside and n == 3)]


def shared_solver(name: str, *, near: Path | str) -> ModuleType:
    """Load ``solver/<name>.py`` of the course that holds ``near``, for solvers of modules.

    The folder stands beside ``source/`` and is as private: it is never released and not part of
    the library. Raises ``AuthoringError`` where no such file is found.
    """
    for folder in Path(near).resolve().parents:
        path = folder / "solver" / f"{name}.py"
        if path.is_file():
            break
    else:
        raise AuthoringError([Fault(f"solver/{name}.py", "not found above this file")])
    known = f"_skillmap_shared_{name}"
    loaded = sys.modules.get(known)
    if loaded is not None and loaded.__file__ == str(path):
        return loaded
    spec = importlib.util.spec_from_file_location(known, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[known] = module  # dataclasses look their module up while it loads
    spec.loader.exec_module(module)
    return module


def _solver(folder: Path, name: Any, where: str, faults: list[Fault]) -> ModuleType | None:
    path = folder / str(name)
    if not isinstance(name, str) or Path(name).name != name or not path.is_file():
        faults.append(Fault(f"{where} solver", f"got {name!r}, needs a Python file beside it"))
        return None
    spec = importlib.util.spec_from_file_location(f"_skillmap_solver_{folder.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        faults.append(Fault(f"{folder.name}/{name}", f"could not be loaded: {reason}"))
        return None
    if not callable(getattr(module, "references", None)):
        faults.append(Fault(f"{folder.name}/{name}", "has no function references(world)"))
        return None
    return module
