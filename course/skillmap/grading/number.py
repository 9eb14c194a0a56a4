"""Grader ``number``: one number with its unit, under rule EC, G1, G2 or G3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.pieces import (
    Graded,
    Piece,
    judged,
    main_part,
    part_name,
    read,
    refused,
    slip_advice,
    told,
)

if TYPE_CHECKING:
    from skillmap.answers import Answer
    from skillmap.grading.keys import NumberKey
    from skillmap.lessons.schema import Item, Part

__all__ = ["grade", "number_piece", "tolerances"]

_RELATIVE = {"EC": rules.EC_TOLERANCE, "G1": 0.01, "G2": 0.02, "G3": 0.0}
WIDE = 0.05
"""A tolerance above this share of the number is not widened five times over, but twice."""


def grade(item: Item, key: NumberKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade an item that is one number."""
    piece, measures = number_piece(item, key, main_part(item, key), answers, reference)
    return Graded((piece,), measures)


def number_piece(
    item: Item,
    key: NumberKey,
    part: Part | None,
    answers: Mapping[str, Answer],
    reference: Any,
) -> tuple[Piece, dict[str, Any]]:
    """Grade one part; full inside the tolerance, half when close, a quarter for a unit slip.

    The reference is a number, or ``{"value", "se"}`` under rule G2.
    """
    unit = getattr(part.prompt, "unit", "") if part else ""
    reading = read(part, answers)
    name = part_name(item, key, part)
    right, error = _value(reference)
    relative, absolute = tolerances(
        key.rule, unit, key.within, key.absolute, rate=key.rate, error=error
    )
    wanted = key.looked_for or f"A number within {_in_words(key, relative, absolute, unit)}."
    secret = told(right, unit)
    if not reading.given:
        return refused(name, key.weight, reading, wanted, secret), {}
    value = float(reading.value)
    share, advice = _share(value, right, relative, absolute), ""
    wrong_by = rules.slip(value, right, max(relative, 0.02))
    if share == 0 and wrong_by is not None:
        share, advice = 0.25, slip_advice(wrong_by)
    elif share == 0.5:
        advice = key.advice or "Close. Check the last step, and round only at the end."
    elif share == 0:
        advice = key.advice or _sign(value, right) or "Write each step with its unit."
    piece = judged(
        name,
        key.weight,
        share,
        seen=reading.seen,
        looked_for=wanted,
        advice=advice,
        key=secret,
    )
    return piece, {"point": value, "reference": right, "unit": unit}


def tolerances(
    rule: str,
    unit: str,
    within: float | None = None,
    absolute: float | None = None,
    *,
    rate: bool = False,
    error: float = 0.0,
) -> tuple[float, float]:
    """Return the relative and the absolute tolerance of a number; the larger one counts.

    ``error`` is the standard error that G2 allows three of. Rates in percent have a hundredfold
    absolute tolerance.

    >>> tolerances("G3", ""), tolerances("G3", "%"), tolerances("G2", "$", error=4.0)
    ((0.0, 0.005), (0.0, 0.5), (0.02, 12.0))
    """
    base = {"G3": 0.005, "G1": 0.001 if rate else 0.0}.get(rule, 0.0)
    base *= 100 if unit.strip() in {"%", "percent"} else 1
    if absolute is not None:
        base = absolute
    if rule == "G2":
        base = max(base, 3 * error)
    return (_RELATIVE[rule] if within is None else within), base


def _value(reference: Any) -> tuple[float, float]:
    if isinstance(reference, Mapping):
        return float(reference["value"]), float(reference["se"])
    return float(reference), 0.0


def _share(value: float, reference: float, relative: float, absolute: float) -> float:
    if rules.within(value, reference, relative, absolute):
        return 1.0
    wide = max(relative * abs(reference), absolute) > WIDE * abs(reference) * (1 + 1e-9)
    times = 2.0 if wide else rules.CLOSE
    return 0.5 if rules.within(value, reference, times * relative, times * absolute) else 0.0


def _in_words(key: NumberKey, relative: float, absolute: float, unit: str) -> str:
    percent = f"{100 * relative:g} percent" if relative else ""
    if key.rule == "G2" and key.within is None and key.absolute is None:
        return f"{percent} or three standard errors, whichever is larger"
    points = f"{absolute:.2g}{' points' if unit.strip() == '%' else ''}" if absolute else ""
    return " or ".join(text for text in (percent, points) if text)


def _sign(value: float, reference: float) -> str:
    if value and reference and (value > 0) != (reference > 0):
        return "Look at the sign: does it rise or fall?"
    return ""
