"""Grader ``diagnosis``: probabilities over causes, "nothing" among them, rule G5."""

from __future__ import annotations

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
)
from skillmap.lessons.numbers import show_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skillmap.answers import Answer
    from skillmap.grading.keys import DiagnosisKey
    from skillmap.lessons.schema import Item, Part

__all__ = ["beliefs", "diagnosis_piece", "grade"]

SLACK = 1.0
"""Percentage points that probabilities may miss 100 by, from rounding."""
_LOOKED_FOR = (
    "Percentages that add up to 100, with half or more on the cause that is at work. An even "
    "spread earns nothing."
)


def grade(item: Item, key: DiagnosisKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade the causes of an item; the numbers that support them stand under ``also``."""
    piece, measures = diagnosis_piece(item, key, main_part(item, key), answers, reference)
    return Graded((piece,), {piece.name: measures} if measures else {})


def diagnosis_piece(
    item: Item,
    key: DiagnosisKey,
    part: Part | None,
    answers: Mapping[str, Answer],
    reference: str | Sequence[str],
) -> tuple[Piece, dict[str, Any]]:
    """Grade one table of causes: full from a half on the true one, by log score below."""
    true = [reference] if isinstance(reference, str) else [str(cause) for cause in reference]
    rows: Mapping[str, str] = getattr(part.prompt, "rows", {}) if part else {}
    name = part_name(item, key, part)
    wanted = key.looked_for or _LOOKED_FOR
    secret = " and ".join(rows.get(cause, cause) for cause in true)
    reading = read(part, answers)
    if not reading.given:
        return refused(name, key.weight, reading, wanted, secret), {}
    found, problem = beliefs(reading.value, rows, key.column)
    if problem:
        piece = Piece(name, key.weight, 0.0, Outcome.NOT_YET, reading.seen, wanted, problem, secret)
        return piece, {}
    share = rules.g5(found, true)["belief"]
    piece = judged(
        name,
        key.weight,
        share,
        seen=_told(found, rows),
        looked_for=wanted,
        advice=key.advice or _advice(found, share),
        key=secret,
    )
    on_true = sum(found.get(cause, 0.0) for cause in true)
    return piece, {"beliefs": found, "on_true": on_true}


def beliefs(
    table: Sequence[Mapping[str, Any]], rows: Mapping[str, str], column: str
) -> tuple[dict[str, float], str]:
    """Read percentages by cause, 0 where a cell is empty; or say what is wrong with them.

    >>> beliefs([{"row": "a", "p": 70.0}, {"row": "b", "p": 30.0}], {"a": "A", "b": "B"}, "p")[0]
    {'a': 70.0, 'b': 30.0}
    >>> beliefs([{"row": "a", "p": 0.7}, {"row": "b", "p": 0.3}], {"a": "A", "b": "B"}, "p")[1]
    'They add up to 1: write percent, so that they add up to 100.'
    """
    found = dict.fromkeys(rows, 0.0)
    for row in table:
        cause, value = row.get("row"), row.get(column, 0.0)
        if cause not in found:
            return {}, "A row does not say which cause it is."
        if value < 0 or value > 100 + SLACK:
            return {}, f"{show_number(value)} percent cannot be: from 0 to 100 can."
        found[cause] += value
    total = sum(found.values())
    if abs(total - 100) <= SLACK * (1 + 1e-9):
        return found, ""
    if abs(total - 1) <= 0.01:
        return {}, "They add up to 1: write percent, so that they add up to 100."
    return {}, f"They add up to {show_number(total)} percent; they have to add up to 100."


def _told(found: Mapping[str, float], rows: Mapping[str, str]) -> str:
    ranked = sorted(((p, cause) for cause, p in found.items() if p), key=lambda pair: -pair[0])
    return ", ".join(f"{rows.get(cause, cause)} {show_number(p)}%" for p, cause in ranked[:6])


def _advice(found: Mapping[str, float], share: float) -> str:
    if max(found.values()) - min(found.values()) <= SLACK:
        return "An even spread says nothing: which observation would be odd under one cause?"
    if share:
        return "You are on the way. Which check tells your first two causes apart?"
    return (
        "For each cause write what else it would show, in which segment and from which day; then "
        "look there. Nothing being wrong is a cause like the others."
    )
