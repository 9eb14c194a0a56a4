"""Grader ``estimate``: rule EA or EB, component by component."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.chain import (
    Sketch,
    arithmetic_piece,
    drivers_piece,
    factors_piece,
    measures,
    sketch,
)
from skillmap.grading.pieces import (
    Graded,
    Piece,
    Reading,
    find_part,
    judged,
    range_point,
    read,
    refused,
    slip_advice,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import EstimateKey
    from skillmap.lessons.schema import Item

__all__ = ["grade"]

WEIGHTS = {
    "factors": 2.0,
    "arithmetic": 2.0,
    "interval": 4.0,
    "drivers": 2.0,
    "decision": 1.0,
    "break-even": 1.0,
}


def grade(item: Item, key: EstimateKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Factors, arithmetic, interval, drivers, decision and break-even, each with its points.

    Parts ``chain``, ``range``, ``drivers``, ``decision`` and ``break-even``; a component whose
    part the item does not have is left out. A range without a point stands for its geometric
    mean.
    """
    weights = WEIGHTS | key.weights
    span = read(find_part(item, key.parts.get("interval", "range")), answers)
    seen = sketch(
        item,
        key,
        answers,
        reference,
        weights=weights,
        stated=range_point(span.value) if span.given else None,
    )
    pieces = [
        factors_piece(seen),
        arithmetic_piece(seen, span),
        _interval_piece(seen, span),
        drivers_piece(seen, answers),
        _decision_piece(seen, answers),
        _break_even_piece(seen, answers),
    ]
    found = measures(seen)
    if span.given:
        found |= {"low": span.value["low"], "high": span.value["high"]}
    return Graded(tuple(p for p in pieces if p is not None and p.weight), found)


def _interval_piece(seen: Sketch, span: Reading) -> Piece:
    band = rules.EA if seen.key.grader == "estimate" and seen.key.rule == "EA" else rules.EB
    value, weight = float(seen.reference["value"]), seen.weights["interval"]
    near = "within a factor of two" if band is rules.EA else "within 25 percent"
    wanted = seen.key.looked_for.get(
        "interval",
        f"A range that holds the truth with high at most {band.ratio:g} times low, or a point "
        f"{near}.",
    )
    secret = told(value, seen.unit)
    if not span.given:
        return refused("interval", weight, span, wanted, secret)
    low, high = span.value["low"], span.value["high"]
    share = rules.interval_share(band, low, high, seen.stated, value)
    slip = rules.slip(seen.stated, value, 0.25) if seen.stated is not None else None
    if share == 0.5:
        advice = (
            f"Your range holds the truth and is wide. Narrow it below {band.ratio:g} times by "
            "finding a source for the factor you know least."
        )
    elif share < 0.5 and slip is not None and max(slip, 1 / slip) >= 12:
        advice = slip_advice(slip)
    else:
        advice = (
            "Your range does not hold the truth. Ask which factor could be off by the most, and "
            "what would make you wrong by ten times."
        )
    return judged(
        "interval",
        weight,
        share,
        seen=span.seen,
        looked_for=wanted,
        advice=seen.words("interval", advice),
        key=secret,
    )


def _decision_piece(seen: Sketch, answers: Mapping[str, Answer]) -> Piece | None:
    part = find_part(seen.item, seen.key.parts.get("decision", "decision"))
    right = seen.reference.get("decision")
    if part is None or right is None:
        return None
    right = [right] if isinstance(right, str) else list(right)
    options = getattr(part.prompt, "options", {})
    wanted = seen.key.looked_for.get("decision", "The decision that follows from the number.")
    weight = seen.weights["decision"]
    secret = " or ".join(options.get(name, name) for name in right)
    reading = read(part, answers)
    if not reading.given:
        return refused("decision", weight, reading, wanted, secret)
    return judged(
        "decision",
        weight,
        float(reading.value in right),
        seen=options.get(reading.value, str(reading.value)),
        looked_for=wanted,
        advice=seen.words("decision", "Put your number beside each option: which one follows?"),
        key=secret,
    )


def _break_even_piece(seen: Sketch, answers: Mapping[str, Answer]) -> Piece | None:
    part = find_part(seen.item, seen.key.parts.get("break-even", "break-even"))
    value, key = seen.reference.get("break-even"), seen.key
    if part is None or value is None or key.grader != "estimate":
        return None
    unit, weight = getattr(part.prompt, "unit", ""), seen.weights["break-even"]
    wanted = key.looked_for.get(
        "break-even",
        f"The value at which the decision turns, within {100 * key.break_even_within:g} percent.",
    )
    secret = told(float(value), unit)
    reading = read(part, answers)
    if not reading.given:
        return refused("break-even", weight, reading, wanted, secret)
    beyond = math.inf if key.break_even_beyond is None else key.break_even_beyond
    given = float(reading.value)
    share = rules.break_even_share(given, float(value), key.break_even_within, beyond)
    slip = rules.slip(given, float(value), 0.1) if not share else None
    return judged(
        "break-even",
        weight,
        share,
        seen=reading.seen,
        looked_for=wanted,
        advice=slip_advice(slip)
        or seen.words(
            "break-even", "Set what you gain equal to what you lose and solve for the one factor."
        ),
        key=secret,
    )
