"""Grader ``number``: one number with its unit, under rule EC, G1 or G3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.pieces import (
    Graded,
    Piece,
    find_part,
    judged,
    read,
    refused,
    slip_advice,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import NumberKey
    from skillmap.lessons.schema import Item

__all__ = ["grade", "number_piece"]

_TOLERANCE = {"EC": (rules.EC_TOLERANCE, 0.0), "G1": (0.01, 0.0), "G3": (0.0, 0.005)}


def grade(item: Item, key: NumberKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade an item that is one number."""
    piece, measures = number_piece(item, key, key.part, answers, reference)
    return Graded((piece,), measures)


def number_piece(
    item: Item, key: NumberKey, suffix: str, answers: Mapping[str, Answer], reference: Any
) -> tuple[Piece, dict[str, Any]]:
    """Grade one part; full inside the tolerance, half when close, a quarter for a unit slip."""
    part = find_part(item, suffix)
    unit = getattr(part.prompt, "unit", "") if part else ""
    reading = read(part, answers)
    name = key.name or (part.id.removeprefix(item.id).strip(".") if part else "") or "number"
    relative, absolute = _tolerance(key)
    wanted = key.looked_for or f"A number within {_tolerance_words(relative, absolute)}."
    secret = told(float(reference), unit)
    if not reading.given:
        return refused(name, key.weight, reading, wanted, secret), {}
    value = float(reading.value)
    ruling = _rule(value, float(reference), relative, absolute)
    wrong_by = rules.slip(value, float(reference))
    share, advice = ruling, ""
    if ruling == 0 and wrong_by is not None:
        share, advice = 0.25, slip_advice(wrong_by)
    elif ruling == 0.5:
        advice = key.advice or "Close. Check the last step, and round only at the end."
    elif ruling == 0:
        advice = key.advice or _sign(value, float(reference)) or "Write each step with its unit."
    piece = judged(
        name,
        key.weight,
        share,
        seen=reading.seen,
        looked_for=wanted,
        advice=advice,
        key=secret,
    )
    return piece, {"point": value, "reference": float(reference), "unit": unit}


def _tolerance(key: NumberKey) -> tuple[float, float]:
    relative, absolute = _TOLERANCE[key.rule]
    if key.rule == "G1" and key.rate:
        absolute = 0.001
    if key.within is not None:
        relative = key.within
    if key.absolute is not None:
        absolute = key.absolute
    return relative, absolute


def _rule(value: float, reference: float, relative: float, absolute: float) -> float:
    if rules.within(value, reference, relative, absolute):
        return 1.0
    # a wide tolerance of an estimate is not widened five times over
    times = rules.CLOSE if relative <= 0.05 else 2.0
    return 0.5 if rules.within(value, reference, times * relative, times * absolute) else 0.0


def _tolerance_words(relative: float, absolute: float) -> str:
    percent = f"{100 * relative:g} percent" if relative else ""
    return " or ".join(text for text in (percent, f"{absolute:g}" if absolute else "") if text)


def _sign(value: float, reference: float) -> str:
    if value and reference and (value > 0) != (reference > 0):
        return "Look at the sign: does it rise or fall?"
    return ""
