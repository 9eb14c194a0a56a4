"""``key.yaml`` and its solver: what graders compare answers with. Instructor's side only.

:func:`load_key` reports every fault at once with its path. ``docs/graders.md`` explains the
fields to authors.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from skillmap.errors import AuthoringError, Fault, SkillMapError, UnitError
from skillmap.estimation import Chain, Unit
from skillmap.grading.pieces import find_part
from skillmap.ids import ModuleId
from skillmap.worlds import HOUSE

if TYPE_CHECKING:
    from types import ModuleType

    from skillmap.lessons import Lesson
    from skillmap.lessons.schema import Item

__all__ = [
    "ChainKey",
    "ChoiceKey",
    "EstimateKey",
    "IntervalSetKey",
    "ItemKey",
    "Key",
    "NumberKey",
    "PartKey",
    "PresenceKey",
    "WrittenKey",
    "load_key",
    "shared_solver",
]

Weight = Annotated[float, Field(ge=0, le=1000)]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _PartKey(_Authored):
    """Fields of every part: which part, its weight, and the author's own words.

    ``part`` is the id after the item (``demand`` for ``es.e2.demand``); an item with one part
    needs none. ``looked_for`` and ``advice`` replace the general sentences.
    """

    part: str = ""
    name: str = ""
    weight: Weight = 1.0
    looked_for: str = ""
    advice: str = ""


class NumberKey(_PartKey):
    """One number. Rule EC ±2%, G1 ±1% (``rate``: ±0.001 at least), G3 ±0.005.

    ``within`` sets another relative tolerance, ``absolute`` another absolute one. Five times the
    tolerance is close (half); a usual slip of units earns a quarter and is explained.
    """

    grader: Literal["number"]
    reference: str
    rule: Literal["EC", "G1", "G3"] = "G1"
    rate: bool = False
    within: float | None = Field(None, gt=0, lt=1)
    absolute: float | None = Field(None, gt=0)


class ChoiceKey(_PartKey):
    """An option, a set of options or an order; the reference is one key or a list of them.

    ``choice``: a list means any of them. ``choices``: all of them, a wrong one takes one away.
    ``ranking``: the order; pairs in the right order count. ``partial`` gives shares to options.
    """

    grader: Literal["choice", "choices", "ranking"]
    reference: str
    partial: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)


class PresenceKey(_PartKey):
    """A short text that is credited for being there: enough words, and a number if asked."""

    grader: Literal["presence"]
    words: int = Field(5, ge=1)
    number: bool = False


PartKey = Annotated[NumberKey | ChoiceKey | PresenceKey, Field(discriminator="grader")]


class _Composite(_Authored):
    """Fields of every item with several components.

    ``weights`` by component; ``parts`` when a part has another name than its component;
    ``also`` grades further parts; ``advice`` and ``looked_for`` by component.
    """

    reference: str
    weights: dict[str, Weight] = Field(default_factory=dict)
    parts: dict[str, str] = Field(default_factory=dict)
    also: dict[str, PartKey] = Field(default_factory=dict)
    advice: dict[str, str] = Field(default_factory=dict)
    looked_for: dict[str, str] = Field(default_factory=dict)


class _Factored(_Composite):
    """What is expected of a chain: ``required`` groups (one of each), ``decoys``, ``aliases``.

    Without ``required``, every factor of the reference chain is. ``drivers`` maps an option to
    the factors of the chain it stands for, if names differ; ``drivers_by`` says how the top
    ones are found: by ``swing`` over their ranges or by ``elasticity`` alone.
    """

    required: tuple[tuple[str, ...] | str, ...] = ()
    decoys: tuple[str, ...] = ()
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    drivers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    drivers_by: Literal["swing", "elasticity"] = "swing"
    naming: int = Field(2, ge=1, le=5)


class EstimateKey(_Factored):
    """An estimate under rule EA or EB.

    The reference is a mapping: ``value``, ``chain`` and as far as asked ``drivers``,
    ``decision`` (all acceptable options) and ``break-even``.
    """

    grader: Literal["estimate"]
    rule: Literal["EA", "EB"] = "EA"
    break_even_within: float = Field(0.25, gt=0, lt=1)
    break_even_beyond: float | None = None


class ChainKey(_Factored):
    """A chain from given numbers, rule EC. The reference is a mapping: ``value``, ``chain``."""

    grader: Literal["chain"]


class IntervalSetKey(_Composite):
    """Ranges for several quantities, rule G6. The reference maps part ids to true values.

    ``mode: complete`` credits being complete and only measures the rest.
    """

    grader: Literal["interval-set"]
    mode: Literal["scored", "complete"] = "scored"
    level: float = Field(0.8, gt=0, lt=1)
    sharp: float = Field(1.0, gt=0)
    loose: float = Field(5.0, gt=0)


class WrittenKey(_Authored):
    """Prose for a person to settle. The reference is a question of the bank with its criteria."""

    grader: Literal["written"]
    reference: str = ""
    part: str = ""
    least: int = Field(25, ge=1)


ItemKey = Annotated[
    NumberKey | ChoiceKey | PresenceKey | EstimateKey | ChainKey | IntervalSetKey | WrittenKey,
    Field(discriminator="grader"),
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
        """Return what one item is compared with in one world; ``None`` if it needs nothing."""
        path = getattr(self.items[item], "reference", "")
        return resolve(self.references(world), path) if path else None

    def worked(self, item: str, world: int) -> str:
        """Return the worked answer in Markdown, or ""."""
        if not hasattr(self.solver, "worked"):
            return ""
        return str(self._kept("worked", world).get(item, ""))

    def _kept(self, name: str, world: int) -> Mapping[str, Any]:
        if (name, world) not in self._cache:
            if len(self._cache) > 256:
                self._cache.clear()
            self._cache[name, world] = getattr(self.solver, name)(world)
        found: Mapping[str, Any] = self._cache[name, world]
        return found


def resolve(references: Any, path: str) -> Any:
    """Follow a dotted path into the references; raise ``KeyError`` with the step that fails.

    >>> resolve({"e2": {"demand": 26.0}}, "e2.demand")
    26.0
    """
    found = references
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            raise KeyError(step)
        found = found[step]
    return found


def local_reference(reference: Any, root: Any, path: str) -> Any:
    """Resolve a part's reference inside its item's first, then from the root."""
    try:
        return resolve(reference, path)
    except KeyError:
        return resolve(root, path)


def load_key(folder: Path | str, *, lesson: Lesson | None = None) -> Key:
    """Load ``key.yaml`` and the solver beside it; raise ``AuthoringError`` with every fault.

    The solver is the course's own code and is run: ``references`` of the house world has to
    give what each item names. Learners' submissions never come near this function.
    """
    folder = Path(folder)
    file, where = folder / "key.yaml", f"{folder.name}/key.yaml"
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AuthoringError([Fault(where, " ".join(str(error).split()))]) from None
    if not isinstance(raw, Mapping):
        raise AuthoringError([Fault(where, "is not a mapping with module, solver and items")])
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
        faults += _against_lesson(items, lesson, where)
    if solver is not None:
        faults += _against_solver(items, solver, lesson, where, folder.name)
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
                steps = [str(step) for step in fault["loc"] if step not in _GRADERS]
                path = ".".join([spot, *steps])
                faults.append(Fault(path, fault["msg"]))
    return items


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


def _against_lesson(items: Mapping[str, Any], lesson: Lesson, where: str) -> list[Fault]:
    faults = []
    known = {item.id: item for item in lesson.items}
    for name, key in items.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            faults.append(Fault(f"{where} items[{name}]", f"no such item in the lesson{hint}"))
            continue
        faults += _parts_exist(known[name], key, f"{where} items[{name}]")
    for item in lesson.items:
        if item.points > 0 and item.id not in items:
            faults.append(
                Fault(f"{where} items", f"{item.id} has {item.points:g} points and no key")
            )
        for part in item.parts:
            try:
                Unit.parse(getattr(part.prompt, "unit", "") or "")
            except UnitError as error:
                faults.append(Fault(f"items.yaml {part.id}.unit", error.seen))
    return faults


_KINDS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "choice": ("choice",),
    "choices": ("choices",),
    "ranking": ("ranking",),
    "presence": ("text",),
    "written": ("text",),
}


def _parts_exist(item: Item, key: Any, spot: str) -> list[Fault]:
    faults = []

    def check(path: str, suffix: str, kinds: tuple[str, ...]) -> None:
        part = find_part(item, suffix)
        if part is None:
            seen = ", ".join(p.id.removeprefix(item.id + ".") for p in item.parts)
            faults.append(Fault(path, f"{item.id} has no part {suffix!r}; it has {seen}"))
        elif kinds and part.prompt.kind not in kinds:
            faults.append(Fault(path, f"{part.id} asks for {part.prompt.kind}, not {kinds[0]}"))

    if hasattr(key, "part"):
        check(f"{spot}.part", key.part, _KINDS.get(key.grader, ()))
    for component, suffix in getattr(key, "parts", {}).items():
        check(f"{spot}.parts.{component}", suffix, ())
    for name, also in getattr(key, "also", {}).items():
        check(f"{spot}.also.{name}", also.part or name, _KINDS.get(also.grader, ()))
    if isinstance(key, EstimateKey | ChainKey):
        chain = find_part(item, key.parts.get("chain", "chain"))
        if chain is None or chain.prompt.kind != "chain":
            faults.append(Fault(f"{spot}.parts.chain", f"{item.id} has no chain to grade"))
    return faults


def _against_solver(
    items: Mapping[str, Any], solver: ModuleType, lesson: Lesson | None, where: str, folder: str
) -> list[Fault]:
    try:
        root = solver.references(HOUSE)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return [Fault(f"{folder}/solver.py", f"references({HOUSE}) fails: {reason}")]
    faults = []
    parts = {item.id: {part.id for part in item.parts} for item in lesson.items} if lesson else {}
    for name, key in items.items():
        spot, path = f"{where} items[{name}]", getattr(key, "reference", "")
        if not path:
            continue
        try:
            found = resolve(root, path)
        except KeyError as step:
            faults.append(Fault(f"{spot}.reference", f"{path!r}: references have no {step}"))
            continue
        if message := _misfit(key, found, parts.get(name)):
            faults.append(Fault(f"{spot}.reference", message))
        for also_name, also in getattr(key, "also", {}).items():
            also_path = getattr(also, "reference", "")
            if not also_path:
                continue
            try:
                inner = local_reference(found, root, also_path)
            except KeyError as step:
                faults.append(
                    Fault(f"{spot}.also.{also_name}.reference", f"references have no {step}")
                )
                continue
            if message := _misfit(also, inner, None):
                faults.append(Fault(f"{spot}.also.{also_name}.reference", message))
    return faults


def _misfit(key: Any, found: Any, parts: set[str] | None) -> str:
    """Say why a reference does not suit its grader; "" when it does."""
    if isinstance(key, NumberKey) and (
        isinstance(found, bool) or not isinstance(found, int | float)
    ):
        return f"got {type(found).__name__}, needs a number"
    if isinstance(key, ChoiceKey) and not isinstance(found, str | list | tuple):
        return f"got {type(found).__name__}, needs an option or a list of options"
    if isinstance(key, EstimateKey | ChainKey):
        if not isinstance(found, Mapping) or not isinstance(found.get("value"), int | float):
            return "needs a mapping with a number under value"
        chain = found.get("chain")
        if chain is None and not key.required:
            return "needs a chain, or required in the key"
        if chain is not None and not isinstance(chain, Chain):
            return "chain is not a Chain"
        if isinstance(chain, Chain):
            try:
                chain.point()
            except SkillMapError as error:
                return str(error)
    if isinstance(key, IntervalSetKey):
        if not isinstance(found, Mapping) or not found:
            return "needs a mapping from part ids to numbers"
        if parts is not None and set(found) != parts:
            odd = sorted(set(found) ^ parts)
            return f"part ids differ from the lesson's: {', '.join(odd[:4])}"
    return ""
