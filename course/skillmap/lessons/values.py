"""Check and clean a value for a prompt: one function for widgets and for code."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError, UnitError
from skillmap.estimation import Chain, Quantity, Range, Unit
from skillmap.lessons.numbers import parse_number, show_number
from skillmap.lessons.schema import (
    ChainPrompt,
    ChoicePrompt,
    ChoicesPrompt,
    NumberPrompt,
    Prompt,
    RangePrompt,
    RankingPrompt,
    TablePrompt,
    TextPrompt,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["clean_value"]

_AGAIN = "and run this cell again"
_LARGEST = 1e30


def clean_value(
    prompt: Prompt, value: Any, unit: str | None = None, *, place: str
) -> tuple[Any, str | None]:
    """Return the value and unit as the sheet stores them, or raise ``AnswerError``.

    A value in another unit of the same dimension is converted: the sheet always holds the unit
    that was asked for. A unit that cannot be converted raises ``UnitError``, which explains why.
    Code may also give a ``Quantity``, a ``Range``, a ``Chain`` or a data frame.

    >>> calls = NumberPrompt(label="Calls a day", unit="calls/day")
    >>> clean_value(calls, 420_000, "calls/month", place="Estimation, calls a day")
    (14000.0, 'calls/day')
    """
    wanted = getattr(prompt, "unit", "") or None
    value, unit = _plain(value, unit)
    if unit is not None and not isinstance(unit, str):
        raise UnitError(place, f"the unit {unit!r:.40} is not a text", "Put the unit in quotes.")
    if isinstance(prompt, ChainPrompt):  # its factors carry the units
        unit = None
    factor = _factor(unit, wanted, place)
    cleaned = _clean(prompt, value, place)
    if factor != 1.0:
        cleaned = _scaled(cleaned, factor)
    _inside(prompt, cleaned, place)
    return cleaned, wanted


def _factor(unit: str | None, wanted: str | None, place: str) -> float:
    if unit is None or not unit.strip() or unit.strip() == wanted:
        return 1.0
    if wanted is None:
        raise UnitError(place, f"{unit!r:.40} is a unit and none is asked", "Leave the unit out.")
    have, want = Unit.parse(unit, place=place), Unit.parse(wanted, place=place)
    if not have.compatible(want):
        raise UnitError(place, have.explain(want).rstrip("."), f"Answer in {wanted}.")
    return have.factor(want)


def _plain(value: Any, unit: Any) -> tuple[Any, Any]:
    """Return what code gives as the plain value and unit that it stands for."""
    if isinstance(value, Quantity):
        return value.value, unit or str(value.unit)
    if isinstance(value, Chain):
        return value.to_answer(), unit
    if isinstance(value, Range):
        return {"low": value.low, "point": value.median, "high": value.high}, unit
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict("records"), unit
    return (value.tolist() if hasattr(value, "tolist") else value), unit


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, dict):
        return {k: v * factor if isinstance(v, float) else v for k, v in value.items()}
    return value * factor if isinstance(value, float) else value


def _inside(prompt: Prompt, value: Any, place: str) -> None:
    if not isinstance(prompt, NumberPrompt | RangePrompt):
        return
    numbers = value.values() if isinstance(value, dict) else [value]
    for number in numbers:
        if prompt.lowest is not None and number < prompt.lowest:
            edge, least = f"below {show_number(prompt.lowest)}", prompt.lowest
        elif prompt.highest is not None and number > prompt.highest:
            edge, least = f"above {show_number(prompt.highest)}", prompt.highest
        else:
            continue
        unit = f" {prompt.unit}" if prompt.unit else ""
        raise AnswerError(
            place,
            f"{show_number(number)}{unit} is {edge}, which cannot be",
            f"The edge is {show_number(least)}{unit}. Change it {_AGAIN}.",
        )


@singledispatch
def _clean(prompt: Any, value: Any, place: str) -> Any:
    raise AnswerError(place, f"no prompt of the kind {type(prompt).__name__}", "Tell the author.")


@_clean.register
def _(prompt: NumberPrompt, value: Any, place: str) -> float:
    return _number(value, prompt.unit, place)


@_clean.register
def _(prompt: RangePrompt, value: Any, place: str) -> dict[str, float]:
    if isinstance(value, list | tuple) and len(value) in (2, 3):
        keys = ("low", "high") if len(value) == 2 else ("low", "point", "high")
        value = dict(zip(keys, value, strict=True))
    if not isinstance(value, dict) or not {"low", "high"} <= set(value):
        raise AnswerError(place, f"{value!r:.60} is not a range", "Give a low and a high.")
    if unknown := {*value} - {"low", "point", "high"}:
        raise AnswerError(
            place, f"{sorted(map(str, unknown))[0]!r} is no field", "Use low, point and high."
        )
    found = {
        key: _number(value[key], prompt.unit, f"{place} ({key})")
        for key in ("low", "point", "high")
        if value.get(key) not in (None, "")
    }
    if not {"low", "high"} <= set(found):
        missing = "low" if "low" not in found else "high"
        raise AnswerError(place, f"the {missing} is missing", f"Give it {_AGAIN}.")
    low, high = found["low"], found["high"]
    if low > high:
        raise AnswerError(
            place,
            f"low ({show_number(low)}) is above high ({show_number(high)})",
            f"Swap them {_AGAIN}.",
        )
    point = found.get("point")
    if point is not None and not low <= point <= high:
        raise AnswerError(
            place,
            f"the point ({show_number(point)}) is not between {show_number(low)} "
            f"and {show_number(high)}",
            f"Move the point or widen the range {_AGAIN}.",
        )
    return found


@_clean.register
def _(prompt: ChoicePrompt, value: Any, place: str) -> str:
    return _option(prompt.options, value, place)


@_clean.register
def _(prompt: ChoicesPrompt, value: Any, place: str) -> list[str]:
    chosen = sorted({_option(prompt.options, v, place) for v in _list(value, place)})
    if prompt.pick is not None and len(chosen) != prompt.pick:
        raise AnswerError(place, f"{len(chosen)} chosen", f"Choose exactly {prompt.pick} {_AGAIN}.")
    return chosen


@_clean.register
def _(prompt: RankingPrompt, value: Any, place: str) -> list[str]:
    if isinstance(value, set | frozenset):
        raise AnswerError(place, "a set has no order", "Give a list, the best first.")
    order = [_option(prompt.options, v, place) for v in _list(value, place)]
    if sorted(order) != sorted(prompt.options):
        missing = [k for k in prompt.options if k not in order]
        seen = f"{missing[0]!r} is missing" if missing else "an option stands there twice"
        raise AnswerError(place, seen, "Put each option in once, the best first.")
    return order


@_clean.register
def _(prompt: TablePrompt, value: Any, place: str) -> list[dict[str, Any]]:
    rows = _list(value, place)
    if len(rows) > max(prompt.most, len(prompt.rows)):
        raise AnswerError(place, f"{len(rows)} rows", f"Keep to {prompt.most}.")
    names = [column.name for column in prompt.columns]
    cleaned = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise AnswerError(place, f"row {number} is no row", "Give one dict for each row.")
        if unknown := sorted(str(name) for name in row if name not in {*names, "row"}):
            raise AnswerError(
                place,
                f"row {number} has an unknown column {unknown[0]!r:.40}",
                f"Use {', '.join(names)}.",
            )
        clean: dict[str, Any] = {}
        if "row" in row:
            clean["row"] = _option(prompt.rows, row["row"], f"{place}, row {number}")
        for column in prompt.columns:
            cell = row.get(column.name)
            spot = f"{place}, row {number}, {column.label}"
            if cell is None or cell == "":
                continue
            if column.kind == "number":
                clean[column.name] = _number(cell, column.unit, spot)
            elif column.kind == "choice":
                clean[column.name] = _option(column.options, cell, spot)
            elif isinstance(cell, str):
                clean[column.name] = cell
            elif isinstance(cell, int | float) and not isinstance(cell, bool):
                clean[column.name] = show_number(_number(cell, "", spot))
            else:
                raise AnswerError(spot, f"{cell!r:.40} is not a text", "Write it in quotes.")
        cleaned.append(clean)
    return _with_names(prompt, cleaned, place) if prompt.rows else cleaned


def _with_names(
    prompt: TablePrompt, rows: list[dict[str, Any]], place: str
) -> list[dict[str, Any]]:
    """Name the rows of a table with fixed ones; rows without any name go by their order."""
    if not any("row" in row for row in rows) and len(rows) <= len(prompt.rows):
        return [{"row": name} | row for name, row in zip(prompt.rows, rows, strict=False)]
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if "row" not in row:
            known = ", ".join(prompt.rows)
            raise AnswerError(place, f"row {number} has no name", f"Its row is one of {known}.")
        if row["row"] in seen:
            raise AnswerError(place, f"row {row['row']!r} stands there twice", "Keep one of them.")
        seen.add(row["row"])
    return rows


@_clean.register
def _(prompt: ChainPrompt, value: Any, place: str) -> dict[str, Any]:
    chain = Chain.from_answer(value, unit=prompt.unit, place=place)
    if not prompt.free and (strangers := [n for n in chain.names if n not in prompt.shelf]):
        raise AnswerError(place, f"{strangers[0]!r} is not on the shelf", "Pick from the shelf.")
    return chain.to_answer()


@_clean.register
def _(prompt: TextPrompt, value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise AnswerError(place, f"{value!r:.40} is not a text", "Answer in words, in quotes.")
    if not value.strip():
        raise AnswerError(place, "the text is empty", f"Write a sentence {_AGAIN}.")
    return value


def _number(value: Any, unit: str, place: str) -> float:
    if hasattr(value, "tolist"):
        value = value.tolist()  # a NumPy scalar
    if not isinstance(value, str | int | float):
        raise AnswerError(place, f"{value!r:.40} is not a number", "Give a number such as 14_000.")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise AnswerError(place, "the number is larger than any we use", "Check the zeros.")
    number = parse_number(value, unit=unit, place=place)
    if not abs(number) <= _LARGEST:  # also true of nan
        raise AnswerError(place, f"{value!r:.40} is not a usable number", "Check the value.")
    return number


def _list(value: Any, place: str) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        raise AnswerError(place, f"{value!r:.60} is not a list", "Give a list, in brackets.")
    return list(value)


def _option(options: Mapping[str, str], value: Any, place: str) -> str:
    if isinstance(value, str) and value in options:
        return value
    raise AnswerError(
        place,
        f"{value!r:.40} is not one of the options",
        f"They are {', '.join(options)}." if options else "There are none.",
    )
