"""From an item's key to its grader, and from a sheet to feedback for every item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skillmap.grading import chain, choice, estimate, interval_set, number, presence, written
from skillmap.grading.feedback import Feedback, Outcome
from skillmap.grading.keys import Key, NumberKey, PresenceKey, local_reference
from skillmap.grading.pieces import Graded, finish
from skillmap.ids import ItemId
from skillmap.lessons import fill, lesson

if TYPE_CHECKING:
    from skillmap.answers import Answer, AnswerSheet
    from skillmap.ids import ModuleId
    from skillmap.lessons import Lesson
    from skillmap.lessons.schema import Item

__all__ = ["GRADERS", "Grader", "grade_answers", "grade_item", "grade_sheet"]

Grader = Callable[["Item", Any, Mapping[str, "Answer"], Any], Graded]
"""A pure function of the item, its key, the answers by part id, and the reference."""

GRADERS: Mapping[str, Grader] = {
    "chain": chain.grade,
    "choice": choice.grade,
    "choices": choice.grade,
    "estimate": estimate.grade,
    "interval-set": interval_set.grade,
    "number": number.grade,
    "presence": presence.grade,
    "ranking": choice.grade,
    "written": written.grade,
}


def grade_answers(
    item: Item, key: Any, answers: Mapping[str, Answer], reference: Any, root: Any = None
) -> Feedback:
    """Grade one item from plain values; ``root`` holds all references for parts under ``also``."""
    graded = GRADERS[key.grader](item, key, answers, reference)
    pieces, measures = list(graded.pieces), dict(graded.measures)
    for name, also in getattr(key, "also", {}).items():
        suffix = also.part or name
        named = also if also.name else also.model_copy(update={"name": name})
        if isinstance(also, PresenceKey):
            pieces.append(presence.presence_piece(item, named, suffix, answers))
            continue
        wanted = local_reference(reference, root, also.reference)
        if isinstance(also, NumberKey):
            piece, numbers = number.number_piece(item, named, suffix, answers, wanted)
            measures[name] = numbers
            pieces.append(piece)
        else:
            pieces.append(choice.choice_piece(item, named, suffix, answers, wanted))
    return finish(item, replace(graded, pieces=tuple(pieces), measures=measures))


def grade_item(item: Item, key: Key, sheet: AnswerSheet, world: int) -> Feedback:
    """Grade one item of a sheet in the learner's world.

    Blank stays blank, a value that cannot be read is "not yet" with the reason, and an item
    without a key waits for a person with a flag.
    """
    answers = {part.id: found for part in item.parts if (found := sheet.get(part.id)) is not None}
    own = sheet.get(item.id)
    predicted = own.predicted if own is not None else None
    if item.id not in key.items:
        given = any(answer.given for answer in answers.values())
        return Feedback(
            ItemId.parse(item.id),
            Outcome.NEEDS_REVIEW if given else Outcome.BLANK,
            0.0,
            float(item.points),
            flags=("the key has no entry for this item",),
            predicted=predicted,
        )
    feedback = grade_answers(
        item,
        key.items[item.id],
        answers,
        key.reference(item.id, world),
        key.references(world),
    )
    feedback = _filled(feedback, key.module, world)
    return replace(feedback, predicted=predicted, worked=key.worked(item.id, world))


def _filled(feedback: Feedback, module: ModuleId, world: int) -> Feedback:
    """Put the learner's own facts into options and labels that name them."""
    texts = [t for c in feedback.criteria for t in (c.seen, c.looked_for, c.advice, c.key)]
    if not any("{" in text for text in (*texts, feedback.advice)):
        return feedback
    facts = lesson(module).facts(world)

    def told(text: str) -> str:
        try:
            return fill(text, facts)
        except (ValueError, LookupError, AttributeError):  # braces that a learner typed
            return text

    criteria = tuple(
        replace(
            c,
            seen=told(c.seen),
            looked_for=told(c.looked_for),
            advice=told(c.advice),
            key=told(c.key),
        )
        for c in feedback.criteria
    )
    measures = dict(feedback.measures)
    if "intervals" in measures:
        measures["intervals"] = [
            {**row, "name": told(row["name"])} for row in measures["intervals"]
        ]
    return replace(feedback, criteria=criteria, advice=told(feedback.advice), measures=measures)


def grade_sheet(lesson: Lesson, key: Key, sheet: AnswerSheet, world: int) -> tuple[Feedback, ...]:
    """Grade every item that has points or a key, in the lesson's order."""
    return tuple(
        grade_item(item, key, sheet, world)
        for item in lesson.items
        if item.points > 0 or item.id in key.items
    )
