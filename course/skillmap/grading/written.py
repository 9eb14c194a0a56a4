"""Grader ``written``: levels by rubric as proposals; what is sure settles, a person does the rest.

The small model of ``skillmap.written`` proposes a level for each criterion, with the sentences that
speak for it. Points are awarded only where every criterion settles alone; else the item waits for
a person. A rubric that is no question of the bank gets guards and no proposal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from skillmap.bank import Question
from skillmap.grading.feedback import Outcome
from skillmap.grading.pieces import Graded, Piece, cut, find_part, read, refused
from skillmap.written import CriterionScore, Scored, guards, score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import WrittenKey
    from skillmap.lessons.schema import Item

__all__ = ["grade", "outcome_of", "proposal", "reads_as"]

_READERS = {"embedded": "the small model in this package", "lexical": "shared words alone"}
_WAITING = "A person reads this and settles the points."
_KEPT = 256


def grade(item: Item, key: WrittenKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """One piece for each criterion of the rubric; blank stays blank.

    ``measures["text"]`` is the whole answer for the person who reads it, ``measures["proposal"]``
    the levels as ``skillmap score --json`` prints them.
    """
    part = find_part(item, key.part)
    reading = read(part, answers)
    criteria = tuple(getattr(reference, "criteria", ()))
    names = [(c.name, c.levels[-1]) for c in criteria] or [("answer", item.looked_for)]
    if not reading.given:
        return Graded(tuple(refused(name, 1.0, reading, wanted) for name, wanted in names))
    text = str(reading.value)
    count = len(text.split())
    evidence = (f"{count:,} word{'' if count == 1 else 's'} handed in.",)
    measures: dict[str, Any] = {"words": count, "text": text}
    if not isinstance(reference, Question) or not criteria:
        flags = guards(text, least=key.least, question=str(getattr(reference, "text", "")))
        pieces = tuple(
            Piece(name, 1.0, 0.0, Outcome.NEEDS_REVIEW, looked_for=wanted) for name, wanted in names
        )
        return Graded(pieces, measures, evidence, flags, advice=_WAITING)
    scored = proposal(reference, text, key.least)
    measures["proposal"] = scored.as_data()
    pieces = tuple(
        _piece(found, wanted, waits=scored.needs_review)
        for found, (_, wanted) in zip(scored.criteria, names, strict=True)
    )
    if scored.needs_review:
        reader = _READERS.get(scored.grader, scored.grader)
        said = f"Proposed: {scored.score} of {scored.max_score} rubric points, by {reader}."
        return Graded(pieces, measures, (*evidence, said), scored.flags, advice=_WAITING)
    return Graded(pieces, measures, evidence, scored.flags)


def proposal(reference: Question, text: str, least: int) -> Scored:
    """Return the levels proposed for an answer; a text seen before is not read again."""
    return _proposal(reference.model_dump_json(), text, least)


@lru_cache(maxsize=_KEPT)
def _proposal(reference: str, text: str, least: int) -> Scored:
    return score(Question.model_validate_json(reference), text, least=least)


def outcome_of(found: CriterionScore) -> Outcome:
    """The outcome that a level stands for."""
    return (Outcome.NOT_YET, Outcome.PARTLY, Outcome.MET)[found.level]


def reads_as(found: CriterionScore) -> str:
    """Say the level, how sure it is, and the sentences that speak for it."""
    quotes = " … ".join(f"“{cut(e.text, 120)}”" for e in found.evidence) or "nothing found for this"
    return f"{quotes} (reads as level {found.level} of 2, {found.confidence:.0%} sure)"


def _piece(found: CriterionScore, wanted: str, *, waits: bool) -> Piece:
    """A criterion with its points, or without any while the item waits for a person."""
    outcome = Outcome.NEEDS_REVIEW if waits else outcome_of(found)
    share = 0.0 if waits else found.level / 2
    return Piece(found.name, 1.0, share, outcome, reads_as(found), wanted, found.advice)
