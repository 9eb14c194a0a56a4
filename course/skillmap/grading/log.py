"""Grader ``log``: a decision log, rule G7. Every field is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.feedback import Outcome
from skillmap.grading.pieces import Graded, Piece, blank, cut, find_part, read, seen_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import LogKey
    from skillmap.lessons.schema import Item

__all__ = ["grade", "log_piece"]

INCOMPLETE = 0.5
"""A log with a field missing has not passed: what it has counts half."""
_LOOKED_FOR = (
    "The decision, the option you rejected, the number that decided, what would reverse it, one "
    "owner and the day of the review: each in its own words."
)
_ADVICE = {
    "decision": "Say what you decide.",
    "rejected": "Name the option you turned down; it is another one than you chose.",
    "number": "Give the number that decided, as a figure.",
    "trigger": "Say what you would have to see to turn back.",
    "owner": "Name one person or role that owns it.",
    "review": "Give a date or a day on which you look again.",
}


def grade(item: Item, key: LogKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade an item that is a decision log."""
    return Graded((log_piece(item, key, answers),))


def log_piece(item: Item, key: LogKey, answers: Mapping[str, Answer]) -> Piece:
    """Credit a log that has every field; with one missing, half of what is there."""
    name, wanted = key.name or "log", key.looked_for or _LOOKED_FOR
    parts = {field: find_part(item, key.parts.get(field, field)) for field in rules.LOG_FIELDS}
    readings = {field: read(part, answers) for field, part in parts.items()}
    if all(reading.blank for reading in readings.values()):
        return blank(name, key.weight, wanted)
    words = {field: seen_in(parts[field], r) if r.given else "" for field, r in readings.items()}
    ruling = rules.g7(words)
    if ruling.passed:
        share, outcome, advice = 1.0, Outcome.MET, ""
    else:
        share = INCOMPLETE * ruling.share
        outcome = Outcome.PARTLY if share else Outcome.NOT_YET
        first = ruling.failed[0]
        advice = readings[first].problem or key.advice or _ADVICE[first]
        if len(ruling.failed) > 1:
            advice += f" Also open: {', '.join(ruling.failed[1:])}."
    seen = "; ".join(f"{field}: {cut(text, 80)}" for field, text in words.items() if text)
    return Piece(name, key.weight, share, outcome, seen, wanted, advice)
