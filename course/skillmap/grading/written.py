"""Grader ``written``: guards and presence; what it is worth is settled by a person.

The trained grader and the language-model grader stand behind the same function later: they
fill in levels, and what they are sure of needs no review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.grading.feedback import Outcome
from skillmap.grading.pieces import Graded, Piece, find_part, read, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import WrittenKey
    from skillmap.lessons.schema import Item

__all__ = ["grade", "guards"]

_WAITING = "A person reads this and settles the points."


def grade(item: Item, key: WrittenKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """One piece for each criterion of the rubric, all waiting for review; blank stays blank.

    ``measures["text"]`` is the whole answer, for the person who reads it.
    """
    part = find_part(item, key.part)
    reading = read(part, answers)
    criteria = tuple(getattr(reference, "criteria", ()))
    names = [(c.name, c.levels[-1]) for c in criteria] or [("answer", item.looked_for)]
    if not reading.given:
        return Graded(tuple(refused(name, 1.0, reading, wanted) for name, wanted in names))
    text = str(reading.value)
    flags = guards(text, least=key.least, asked=str(getattr(reference, "text", "")))
    pieces = tuple(
        Piece(name, 1.0, 0.0, Outcome.NEEDS_REVIEW, looked_for=wanted) for name, wanted in names
    )
    count = len(text.split())
    evidence = (f"{count:,} word{'' if count == 1 else 's'} handed in.",)
    return Graded(pieces, {"words": count, "text": text}, evidence, flags, advice=_WAITING)


def guards(text: str, *, least: int, asked: str = "") -> tuple[str, ...]:
    """Say what a reviewer should know before reading.

    >>> guards("cost cost cost cost", least=2)
    ('repeats itself: 1 different words of 4',)
    """
    words = [word.strip(".,;:!?\"'()").casefold() for word in text.split()]
    found = []
    if len(words) < least:
        found.append(f"short: {len(words)} words, {least} is the least for an answer")
    different = len(set(words))
    if len(words) >= 4 and different < 0.3 * len(words):
        found.append(f"repeats itself: {different} different words of {len(words)}")
    question = {word.strip(".,;:!?\"'()").casefold() for word in asked.split()}
    if question and words and len(set(words) - question) < 0.2 * different:
        found.append("mostly repeats the question")
    return tuple(found)
