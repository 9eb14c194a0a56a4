"""Check and clean a value for a prompt: one function for widgets and for code."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError, UnitError
from skillmap.estimation import Chain, Unit
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


def clean_value(
    prompt: Prompt, value: Any, unit: str | None = None, *, place: str
) -> tuple[Any, str | None]:
    """Return the value and unit as the sheet stores them, or raise ``AnswerError``.

    A value in another unit of the same dimension is converted: the sheet always holds the unit
    that was asked for. A unit that cannot be converted raises ``UnitError``, which explains why.
    """
    wanted = getattr(prompt, "unit", "") or None
    factor = _factor(unit, wanted, place)
    cleaned = _clean(prompt, value, place)
    if factor != 1.0:
        cleaned = _scaled(cleaned, factor)
    _inside(prompt, cleaned, place)
    return cleaned, wanted


def _factor(unit: str | None, wanted: str | None, place: str) -> float:
    if unit is None or wanted is None or unit.strip() == wanted:
        return 1.0
    have, want = Unit.parse(unit, place=place), Unit.parse(wanted, place=place)
    if not have.compatible(want):
        raise UnitError(place, have.explain(want).rstrip("."), f"Answer in {wanted}.")
    return have.factor(want)


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
    if unknown := set(value) - {"low", "point", "high"}:
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
    names = {column.name for column in prompt.columns}
    cleaned = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise AnswerError(place, f"row {number} is no row", "Give one dict for each row.")
        if unknown := set(row) - names - {"row"}:
            raise AnswerError(
                place, f"row {number} has no column {min(unknown)!r}", f"Use {', '.join(names)}."
            )
        clean: dict[str, Any] = {"row": str(row["row"])} if "row" in row else {}
        for column in prompt.columns:
            cell = row.get(column.name)
            spot = f"{place}, row {number}, {column.label}"
            if cell is None or cell == "":
                continue
            if column.kind == "number":
                clean[column.name] = _number(cell, column.unit, spot)
            elif column.kind == "choice":
                clean[column.name] = _option(column.options, cell, spot)
            else:
                clean[column.name] = str(cell)
        cleaned.append(clean)
    return cleaned


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
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if not isinstance(value, str | int | float):
        raise AnswerError(place, f"{value!r:.40} is not a number", "Give a number such as 14_000.")
    number = parse_number(value, unit=unit, place=place)
    if not abs(number) <= 1e30:  # also true of nan
        raise AnswerError(place, f"{value!r:.40} is not a usable number", "Check the value.")
    return number


def _list(value: Any, place: str) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        raise AnswerError(place, f"{value!r:.60} is not a list", "Give a list, in brackets.")
    return sorted(value) if isinstance(value, set | frozenset) else list(value)


def _option(options: Mapping[str, str], value: Any, place: str) -> str:
    if isinstance(value, str) and value in options:
        return value
    raise AnswerError(
        place, f"{value!r:.40} is not one of the options", f"They are {', '.join(options)}."
    )
