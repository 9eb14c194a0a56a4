"""Grader ``decision``: what a decision is worth by expected value, rule G4."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.feedback import Outcome
from skillmap.grading.pieces import (
    Graded,
    Piece,
    judged,
    main_part,
    part_name,
    read,
    refused,
    seen_in,
    told,
)
from skillmap.grading.recompute import ODD_INPUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import DecisionKey
    from skillmap.lessons.schema import Item, Part

__all__ = ["decision_piece", "grade"]

_LOOKED_FOR = (
    "A decision that gets at least four fifths of what the best one is worth beyond the default."
)


def grade(item: Item, key: DecisionKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade the decision of an item; everything else of it stands under ``also``."""
    piece, measures = decision_piece(item, key, main_part(item, key), answers, reference)
    return Graded((piece,), {piece.name: measures} if measures else {})


def decision_piece(
    item: Item,
    key: DecisionKey,
    part: Part | None,
    answers: Mapping[str, Answer],
    reference: Mapping[str, Any],
) -> tuple[Piece, dict[str, Any]]:
    """Grade one part: its expected value between the default's and the best one's."""
    name = part_name(item, key, part)
    wanted = key.looked_for or _LOOKED_FOR
    secret = _secret(part, reference, key.tie)
    reading = read(part, answers)
    if not reading.given:
        return refused(name, key.weight, reading, wanted, secret), {}
    seen = seen_in(part, reading)
    value, problem = _worth(reading.value, reference)
    if value is None:
        piece = Piece(name, key.weight, 0.0, Outcome.NOT_YET, seen, wanted, problem, secret)
        return piece, {}
    default, best = _ends(reference)
    share = rules.g4(value, default, best, tie=key.tie).share
    piece = judged(
        name,
        key.weight,
        share,
        seen=seen,
        looked_for=wanted,
        advice=key.advice or _advice(value, default, share, settings="value" in reference),
        key=secret,
    )
    return piece, {"value": value, "default": default, "best": best}


def _worth(settings: Any, reference: Mapping[str, Any]) -> tuple[float | None, str]:
    """The expected value of what was decided, or why it has none."""
    if "value" not in reference:
        found = reference["values"].get(settings) if isinstance(settings, str) else None
        return (None, "This option has no value here.") if found is None else (float(found), "")
    problem = "Nothing follows from these settings: check that each is there and can be."
    try:
        found = reference["value"](settings)
        value = math.nan if found is None else float(found)
    except ODD_INPUT:
        return None, problem
    return (value, "") if math.isfinite(value) else (None, problem)


def _ends(reference: Mapping[str, Any]) -> tuple[float, float]:
    """Values of the default and of the best decision."""
    values = reference.get("values", {})
    default = reference["default"]
    low = float(values.get(default, default))
    best = reference.get("best")
    top = float(max(values.values()) if best is None else best)
    return low, max(low, top)


def _advice(value: float, default: float, share: float, *, settings: bool) -> str:
    if settings:
        start = "Worth less than changing nothing. " if value < default else ""
        return start + (
            "Change one setting at a time and work out which way the value moves: what does the "
            "next step gain, and what does it cost?"
        )
    if value < default:
        return (
            "This is worth less than changing nothing. Put gains and losses of each option side "
            "by side, in one unit."
        )
    if share == 0:
        return (
            "This is worth no more than the default. What would each other option gain, and what "
            "would it cost?"
        )
    return (
        "Better than the default, and another decision is worth clearly more. Write the expected "
        "value of each beside it."
    )


def _secret(part: Part | None, reference: Mapping[str, Any], tie: float) -> str:
    """The best decision in words: options by label; settings where ``at`` gives them."""
    if part is None:
        return ""
    values = reference.get("values")
    if values and "value" not in reference:
        top = _ends(reference)[1]
        options = getattr(part.prompt, "options", {})
        best = [name for name, value in values.items() if value >= top - tie - 1e-9 * abs(top)]
        return " or ".join(options.get(name, name) for name in best)
    if "at" not in reference:
        return ""
    from skillmap.answers import Answer

    best_settings = reference["at"]  # read as an answer would be, for its words
    return read(part, {part.id: Answer(best_settings)}).seen or told(best_settings)
