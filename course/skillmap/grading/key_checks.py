"""Checks of a key while it loads: against the lesson's parts and the solver's references."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skillmap.answers import Answer
from skillmap.errors import Fault, SkillMapError, UnitError
from skillmap.estimation import Chain, Unit
from skillmap.grading.key_models import (
    ChainKey,
    ChoiceKey,
    DecisionKey,
    DiagnosisKey,
    EstimateKey,
    IntervalSetKey,
    LogKey,
    NumberKey,
    TableKey,
)
from skillmap.grading.keys import local_reference, resolve
from skillmap.grading.pieces import find_part, main_part
from skillmap.grading.recompute import learners_values
from skillmap.grading.rules import LOG_FIELDS
from skillmap.worlds import HOUSE

if TYPE_CHECKING:
    from types import ModuleType

    from skillmap.lessons import Lesson
    from skillmap.lessons.schema import Item, Part

__all__ = ["against_lesson", "against_solver", "misfit"]

_KINDS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "choice": ("choice",),
    "choices": ("choices",),
    "ranking": ("ranking",),
    "presence": ("text",),
    "written": ("text",),
    "table": ("table",),
    "diagnosis": ("table",),
    "decision": ("choice", "number", "table", "choices", "ranking", "range"),
}


def against_lesson(items: Mapping[str, Any], lesson: Lesson, where: str) -> list[Fault]:
    """Return what does not agree with ``items.yaml``: items, parts, kinds, units."""
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
            columns = getattr(part.prompt, "columns", ())
            for unit in (getattr(part.prompt, "unit", ""), *(c.unit for c in columns)):
                try:
                    Unit.parse(unit or "")
                except UnitError as error:
                    faults.append(Fault(f"items.yaml {part.id}.unit", error.seen))
    return faults


def _parts_exist(item: Item, key: Any, spot: str) -> list[Fault]:
    faults = []

    def check(path: str, part: Part | None, suffix: str, kinds: tuple[str, ...] = ()) -> None:
        if part is None:
            seen = ", ".join(p.id.removeprefix(item.id + ".") for p in item.parts)
            faults.append(Fault(path, f"{item.id} has no part {suffix!r}; it has {seen}"))
        elif kinds and part.prompt.kind not in kinds:
            faults.append(Fault(path, f"{part.id} asks for {part.prompt.kind}, not {kinds[0]}"))

    def check_log(path: str, log: LogKey) -> None:
        for name in LOG_FIELDS:
            suffix = log.parts.get(name, name)
            check(f"{path}.parts.{name}", find_part(item, suffix), suffix)
        for name in sorted(set(log.parts) - set(LOG_FIELDS)):
            known = ", ".join(LOG_FIELDS)
            faults.append(Fault(f"{path}.parts.{name}", f"is no field of a log; they are {known}"))

    if isinstance(key, LogKey):
        check_log(spot, key)
    elif hasattr(key, "part"):
        suffix = key.part or getattr(key, "main", "")
        part = main_part(item, key)
        check(f"{spot}.part", part, suffix, _KINDS.get(key.grader, ()))
    for component, suffix in getattr(key, "parts", {}).items():
        if not isinstance(key, LogKey):
            check(f"{spot}.parts.{component}", find_part(item, suffix), suffix)
    for name, also in getattr(key, "also", {}).items():
        if isinstance(also, LogKey):
            check_log(f"{spot}.also.{name}", also)
            continue
        suffix = also.part or name
        part = find_part(item, suffix)
        check(f"{spot}.also.{name}", part, suffix, _KINDS.get(also.grader, ()))
    if isinstance(key, EstimateKey | ChainKey):
        chain = find_part(item, key.parts.get("chain", "chain"))
        if chain is None or chain.prompt.kind != "chain":
            faults.append(Fault(f"{spot}.parts.chain", f"{item.id} has no chain to grade"))
    return faults


def against_solver(
    items: Mapping[str, Any], solver: ModuleType, lesson: Lesson | None, where: str, folder: str
) -> list[Fault]:
    """Return what is wrong with the references of the house world.

    A reference that is a function of the learner's answers is tried with the solver's own
    ``reference_answers`` where it has them, and taken on trust where it has none.
    """
    try:
        root = solver.references(HOUSE)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return [Fault(f"{folder}/solver.py", f"references({HOUSE}) fails: {reason}")]
    faults: list[Fault] = []
    lesson_items = {item.id: item for item in lesson.items} if lesson else {}
    own, fault = _own_answers(solver, lesson_items, folder)
    faults += fault

    def tried(found: Any, name: str, spot: str) -> Any:
        """Call a function with the solver's own answers; ``None`` if it cannot be tried."""
        if not callable(found):
            return found
        if name not in own:
            return None
        try:
            result = found(own[name])
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            faults.append(Fault(spot, f"fails on the solver's own reference_answers: {reason}"))
            return None
        if result is None:
            faults.append(Fault(spot, "gives nothing for the solver's own reference_answers"))
        return result

    for name, key in items.items():
        spot, path = f"{where} items[{name}]", getattr(key, "reference", "")
        item = lesson_items.get(name)
        found = None
        if path:
            try:
                found = resolve(root, path)
            except KeyError as step:
                faults.append(Fault(f"{spot}.reference", f"{path!r}: references have no {step}"))
                continue
            value = tried(found, name, f"{spot}.reference")
            part = main_part(item, key) if item is not None and hasattr(key, "part") else None
            if value is not None and (message := misfit(key, value, item, part)):
                faults.append(Fault(f"{spot}.reference", message))
            found = value if value is not None else found
        for also_name, also in getattr(key, "also", {}).items():
            also_path = getattr(also, "reference", "")
            if not also_path:
                continue
            also_spot = f"{spot}.also.{also_name}.reference"
            try:
                inner = local_reference(found, root, also_path)
            except KeyError as step:
                faults.append(Fault(also_spot, f"references have no {step}"))
                continue
            inner = tried(inner, name, also_spot)
            part = find_part(item, also.part or also_name) if item is not None else None
            if inner is not None and (message := misfit(also, inner, None, part)):
                faults.append(Fault(also_spot, message))
    return faults


def _own_answers(
    solver: ModuleType, items: Mapping[str, Item], folder: str
) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """Return the solver's own answers of the house world by item and part suffix."""
    if not callable(getattr(solver, "reference_answers", None)):
        return {}, []
    try:
        sheet = solver.reference_answers(HOUSE)
        own = {}
        for name, item in items.items():
            if name in sheet:
                answers = {
                    part: Answer(answer["value"], answer.get("unit"))
                    for part, answer in sheet[name].items()
                }
                own[name] = learners_values(item, answers)
        return own, []
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return {}, [Fault(f"{folder}/solver.py", f"reference_answers({HOUSE}) fails: {reason}")]


# References -----------------------------------------------------------------------------------


def misfit(key: Any, found: Any, item: Item | None = None, part: Part | None = None) -> str:
    """Say why a reference does not suit its grader; "" when it does."""
    if isinstance(key, NumberKey):
        return _number_misfit(key, found)
    if isinstance(key, ChoiceKey):
        return _choice_misfit(found, part)
    if isinstance(key, TableKey):
        return _table_misfit(found, part)
    if isinstance(key, DecisionKey):
        return _decision_misfit(found, part)
    if isinstance(key, DiagnosisKey):
        return _diagnosis_misfit(key, found, part)
    if isinstance(key, EstimateKey | ChainKey):
        return _chain_misfit(key, found)
    if isinstance(key, IntervalSetKey):
        if not isinstance(found, Mapping) or not found:
            return "needs a mapping from part ids to numbers"
        beside = {f"{item.id}.{name}" for name in key.also} if item is not None else set()
        parts = {p.id for p in item.parts} - beside if item is not None else None
        if parts is not None and set(found) != parts:
            odd = sorted(set(found) ^ parts)
            return f"part ids differ from the lesson's: {', '.join(odd[:4])}"
    return ""


def _is_number(found: Any) -> bool:
    if isinstance(found, bool | str | list | tuple | Mapping):
        return False
    try:
        return math.isfinite(float(found))
    except (TypeError, ValueError, OverflowError):
        return False


def _number_misfit(key: NumberKey, found: Any) -> str:
    if key.rule == "G2" and isinstance(found, Mapping):
        if set(found) != {"value", "se"} or not all(_is_number(v) for v in found.values()):
            return "rule G2 needs a mapping with a number under value and one under se"
        return "" if found["se"] >= 0 else "the standard error is negative"
    if isinstance(found, Mapping) or not _is_number(found):
        return f"got {type(found).__name__}, needs a number"
    return ""


def _choice_misfit(found: Any, part: Part | None) -> str:
    if not isinstance(found, str | list | tuple):
        return f"got {type(found).__name__}, needs an option or a list of options"
    options = getattr(part.prompt, "options", None) if part is not None else None
    return _strangers([found] if isinstance(found, str) else found, options, "option")


def _strangers(names: Any, known: Mapping[str, Any] | None, what: str) -> str:
    odd = [str(name) for name in names if known is not None and name not in known]
    return f"{odd[0]!r} is no {what}; there are {', '.join(known or ())}" if odd else ""


def _table_misfit(found: Any, part: Part | None) -> str:
    shaped = isinstance(found, Mapping) and found
    if not shaped or not all(isinstance(row, Mapping) and row for row in found.values()):
        return "needs a mapping from rows to mappings from columns to values"
    if part is None:
        return ""
    prompt: Any = part.prompt
    if message := _strangers(found, prompt.rows, "row with a fixed place"):
        return message
    columns = {column.name: column for column in prompt.columns}
    for name, row in found.items():
        if message := _strangers(row, columns, "column"):
            return f"row {name}: {message}"
        for column, value in row.items():
            if columns[column].kind == "number":
                numeric = value.values() if isinstance(value, Mapping) else [value]
                if not all(_is_number(v) for v in numeric):
                    return f"row {name}, {column}: needs a number"
            elif columns[column].kind == "choice":
                wanted = [value] if isinstance(value, str) else value
                if message := _strangers(wanted, columns[column].options, "option"):
                    return f"row {name}, {column}: {message}"
    return ""


def _decision_misfit(found: Any, part: Part | None) -> str:
    if not isinstance(found, Mapping) or not {"values", "value"} & set(found):
        return "needs a mapping with values by option, or a function under value"
    if "value" in found:
        if not callable(found["value"]):
            return "value is no function of the settings"
        if not _is_number(found.get("best")) or not _is_number(found.get("default")):
            return "a function under value needs a number under best and one under default"
        if found["best"] < found["default"]:
            return "the best decision must not be worth less than the default"
        return ""
    values = found["values"]
    if not isinstance(values, Mapping) or not values or not all(map(_is_number, values.values())):
        return "values needs a number for each option"
    default = found.get("default")
    if default not in values and not _is_number(default):
        return f"default {default!r} is neither one of the options nor a number"
    options = getattr(part.prompt, "options", None) if part is not None else None
    if part is not None and options is None:
        return f"{part.id} has no options: give a function under value"
    if options is not None and (odd := sorted(set(options) ^ set(values))):
        return f"values and the options differ in {', '.join(odd[:4])}"
    return ""


def _diagnosis_misfit(key: DiagnosisKey, found: Any, part: Part | None) -> str:
    if not isinstance(found, str | list | tuple) or not found:
        return f"got {type(found).__name__}, needs a cause or a list of causes"
    if part is None:
        return ""
    prompt: Any = part.prompt
    if not any(c.name == key.column and c.kind == "number" for c in prompt.columns):
        return f"{part.id} has no number column {key.column!r}"
    return _strangers([found] if isinstance(found, str) else found, prompt.rows, "row")


def _chain_misfit(key: EstimateKey | ChainKey, found: Any) -> str:
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
    return ""
