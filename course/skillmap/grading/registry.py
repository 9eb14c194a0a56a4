"""From an item's key to its grader, and from a sheet to feedback for every item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from skillmap.grading import (
    chain,
    choice,
    decision,
    diagnosis,
    estimate,
    interval_set,
    log,
    number,
    presence,
    table,
    written,
)
from skillmap.grading.feedback import Feedback, Outcome
from skillmap.grading.key_checks import misfit
from skillmap.grading.keys import ChoiceKey, Key, LogKey, PresenceKey, local_reference
from skillmap.grading.pieces import (
    Graded,
    Piece,
    blank,
    find_part,
    finish,
    main_part,
    part_name,
    read,
    refused,
    seen_in,
)
from skillmap.grading.recompute import Unsettled, settle
from skillmap.ids import ItemId
from skillmap.lessons import fill, lesson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skillmap.answers import Answer, AnswerSheet
    from skillmap.ids import ModuleId
    from skillmap.lessons import Lesson
    from skillmap.lessons.schema import Item, Part

__all__ = ["GRADERS", "Grader", "grade_answers", "grade_item", "grade_sheet"]

Grader = Callable[["Item", Any, Mapping[str, "Answer"], Any], Graded]
"""A pure function of the item, its key, the answers by part id, and the reference."""

GRADERS: Mapping[str, Grader] = {
    "chain": chain.grade,
    "choice": choice.grade,
    "choices": choice.grade,
    "decision": decision.grade,
    "diagnosis": diagnosis.grade,
    "estimate": estimate.grade,
    "interval-set": interval_set.grade,
    "log": log.grade,
    "number": number.grade,
    "presence": presence.grade,
    "ranking": choice.grade,
    "table": table.grade,
    "written": written.grade,
}
_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "chain": chain.WEIGHTS,
    "estimate": estimate.WEIGHTS,
    "interval-set": interval_set.WEIGHTS,
}


def grade_answers(
    item: Item, key: Any, answers: Mapping[str, Answer], reference: Any, root: Any = None
) -> Feedback:
    """Grade one item from plain values; ``root`` holds all references for parts under ``also``.

    A reference that is a function is called with the learner's answers by part suffix; where
    nothing follows from them, the criterion is "not yet" and says which answer it needs.
    """
    part = main_part(item, key) if hasattr(key, "part") else None
    settled = settle(reference, item, answers, lambda found: misfit(key, found, item, part))
    flags: list[str] = []
    if isinstance(settled, Unsettled):
        graded = Graded(tuple(_waiting(item, key, answers, settled)))
        flags += filter(None, [settled.flag])
    else:
        graded, reference = GRADERS[key.grader](item, key, answers, settled), settled
    pieces, measures = list(graded.pieces), dict(graded.measures)
    for name, also in getattr(key, "also", {}).items():
        named = also if also.name else also.model_copy(update={"name": name})
        part = find_part(item, also.part or name)
        wanted: Any = None
        if path := getattr(also, "reference", ""):
            fits = partial(misfit, also, part=part)
            wanted = settle(local_reference(reference, root, path), item, answers, fits)
        if isinstance(wanted, Unsettled):
            pieces.append(_waiting_part((named.name, also.weight), also, [part], answers, wanted))
            flags += filter(None, [wanted.flag])
            continue
        piece, numbers = _also(item, named, part, answers, wanted)
        pieces.append(piece)
        if numbers:
            measures[name] = numbers
    flags = [*graded.flags, *dict.fromkeys(flags)]
    return finish(
        item, replace(graded, pieces=tuple(pieces), measures=measures, flags=tuple(flags))
    )


def _also(
    item: Item, key: Any, part: Part | None, answers: Mapping[str, Answer], reference: Any
) -> tuple[Piece, dict[str, Any]]:
    """Grade one part under ``also``."""
    if isinstance(key, PresenceKey):
        return presence.presence_piece(item, key, part, answers), {}
    if isinstance(key, LogKey):
        return log.log_piece(item, key, answers), {}
    if isinstance(key, ChoiceKey):
        return choice.choice_piece(item, key, part, answers, reference), {}
    grader: Any = {
        "decision": decision.decision_piece,
        "diagnosis": diagnosis.diagnosis_piece,
        "number": number.number_piece,
        "table": table.table_piece,
    }[key.grader]
    found: tuple[Piece, dict[str, Any]] = grader(item, key, part, answers, reference)
    return found


def _waiting(
    item: Item, key: Any, answers: Mapping[str, Answer], why: Unsettled
) -> Iterator[Piece]:
    """Pieces of an item whose reference cannot be worked out from what the learner gave."""
    if hasattr(key, "part"):
        part = main_part(item, key)
        yield _waiting_part((part_name(item, key, part), key.weight), key, [part], answers, why)
        return
    for name, weight in (_WEIGHTS.get(key.grader, {}) | key.weights).items():
        if weight:
            yield _waiting_part((name, weight), key, item.parts, answers, why)


def _waiting_part(
    component: tuple[str, float],
    key: Any,
    parts: Iterable[Part | None],
    answers: Mapping[str, Answer],
    why: Unsettled,
) -> Piece:
    """One piece that waits: blank if nothing was answered, else "not yet" with what it needs."""
    (name, weight), wanted = component, key.looked_for
    if isinstance(wanted, Mapping):
        wanted = wanted.get(name, "")
    for part in parts:
        reading = read(part, answers)
        if reading.problem:
            return refused(name, weight, reading, wanted)
        if reading.given:
            seen = seen_in(part, reading)
            return Piece(name, weight, 0.0, Outcome.NOT_YET, seen, wanted, why.advice)
    return blank(name, weight, wanted)


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
