"""The review queue: written answers that wait for a person, the least certain first.

What is shown comes from ``feedback.json``, where grading keeps the whole answer and the proposed
levels; who waits comes from the gradebook. Nothing here writes.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbgrader.api import Gradebook

    from skillmap.bank import Question
    from skillmap.cohort.course import Course
    from skillmap.cohort.marks import GradeRow
    from skillmap.cohort.notebooks import ItemCells
    from skillmap.cohort.review_schema import ProposalIn
    from skillmap.grading.feedback import Feedback

__all__ = [
    "Queue",
    "Queued",
    "Rung",
    "answer_digest",
    "cells_of",
    "find",
    "points_of",
    "queue",
    "queue_in",
    "queued",
    "queued_id",
]


@dataclass(frozen=True, slots=True)
class Rung:
    """One criterion of a rubric with what was proposed for it.

    ``levels`` say what answers at level 0, 1 and 2 do. ``proposed`` is ``None`` where nothing was;
    ``confidence`` is the chance, 0 to 1, that a reader gives the same level. ``evidence`` are
    stretches (start, end) of the answer.
    """

    id: str
    name: str
    levels: tuple[str, str, str]
    proposed: int | None = None
    confidence: float = 0.0
    evidence: tuple[tuple[int, int], ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """One answer in the queue. ``maximum`` and ``standing`` are points of the item.

    ``standing`` is what a person has given so far, ``None`` if nobody has; ``waits`` whether a
    person must look (for the first time, or again because the answer has changed). An item
    without ``rungs`` gets points and no levels. ``notes`` are what grading saw of it.
    """

    id: str
    module: str
    student: str
    item: str
    title: str
    asked: str
    text: str
    maximum: float
    question: str = ""
    rungs: tuple[Rung, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    grader: str = ""
    version: str = ""
    cap_percent: int | None = None
    cap_when: str = ""
    waits: bool = True
    standing: float | None = None

    @property
    def confidence(self) -> float:
        """The confidence of the least certain criterion; 0 without a proposal."""
        return min((rung.confidence for rung in self.rungs), default=0.0)

    @property
    def proposed(self) -> dict[str, int]:
        """The proposed levels by criterion, without those that have none."""
        return {r.id: r.proposed for r in self.rungs if r.proposed is not None}

    @property
    def complete(self) -> bool:
        """Whether every criterion has a proposed level, so that it can be confirmed."""
        return bool(self.rungs) and len(self.proposed) == len(self.rungs)

    def order(self) -> tuple[float, float, str]:
        """The least certain first; of two alike the one with less confidence over all."""
        total = math.fsum(rung.confidence for rung in self.rungs)
        return self.confidence, total / max(1, len(self.rungs)), self.id


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits, in order, and what could not be read."""

    answers: tuple[Queued, ...] = ()
    problems: tuple[str, ...] = ()


def points_of(levels: Mapping[str, int], maximum: float, cap_percent: int | None = None) -> float:
    """Return the points of an item for levels 0 to 2; a cap bounds them, in percent.

    >>> points_of({"c1": 2, "c2": 1}, 10.0), points_of({"c1": 2, "c2": 1}, 10.0, cap_percent=40)
    (7.5, 4.0)
    """
    share = sum(levels.values()) / (2 * len(levels)) if levels else 0.0
    if cap_percent is not None:
        share = min(share, cap_percent / 100)
    return round(share * maximum, 2)


def answer_digest(text: str) -> str:
    """Return the hash that stands for an answer in the agreement record."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def queued_id(course: Course, student: str, item: str) -> str:
    """Return the id of one learner's answer to one item: it names the item and not the learner."""
    told = "\0".join((course.course_id, course.cohort, student, item))
    return f"{item}-{hashlib.blake2b(told.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def queue(
    course: Course,
    modules: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    everything: bool = False,
    named: str = "",
) -> Queue:
    """Return the answers that wait for a person; ``everything``: also those that are settled.

    ``named`` keeps only ids that it stands for, as in :func:`find`, and reads nothing else. A kept
    result that cannot be read is a problem in the list and costs only itself.
    """
    from skillmap.cohort.gradebooks import gradebook

    with gradebook(course) as book:
        return queue_in(
            course, book, modules, students=students, everything=everything, named=named
        )


def queue_in(
    course: Course,
    book: Gradebook,
    modules: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    everything: bool = False,
    named: str = "",
) -> Queue:
    """Return the queue from a gradebook that is open."""
    from skillmap.cohort.marks import read_module
    from skillmap.cohort.record import load_result

    answers: list[Queued] = []
    problems: list[str] = []
    for module in modules:
        awards = {cells.award: item for item, cells in cells_of(course, module).items()}
        for student, rows in sorted(read_module(book, module).items()):
            if students and student not in students:
                continue
            wanted = {
                awards[cell]: row
                for cell, row in rows.items()
                if cell in awards
                and (everything or row.needs_manual_grade)
                and (not named or _stands_for(named, queued_id(course, student, awards[cell])))
            }
            if not wanted:
                continue
            try:
                kept = load_result(course, module, student)
            except SkillMapError as error:
                problems.append(f"{module} of {student}: {error}")
                continue
            if kept is None:
                problems.append(
                    f"{module} of {student} has no result. Run: skillmap grade {module}"
                )
                continue
            for feedback in kept.feedbacks:
                row = wanted.get(str(feedback.item))
                if row is None or (everything and not _readable(feedback, row)):
                    continue
                found, told = queued(course, module, student, feedback, row)
                answers.append(found)
                problems += told
    return Queue(tuple(sorted(answers, key=Queued.order)), tuple(problems))


def _readable(feedback: Feedback, row: GradeRow) -> bool:
    return row.needs_manual_grade or bool(feedback.measures.get("text"))


def cells_of(course: Course, module: str) -> Mapping[str, ItemCells]:
    """Return the notebook's cells of each item of a module."""
    told = course.notebook("source", module).stat()
    return _cells_of(course, module, (told.st_mtime_ns, told.st_size))


@cache
def _cells_of(course: Course, module: str, seen: tuple[int, int]) -> Mapping[str, ItemCells]:
    from skillmap.cohort.build import learner_notebook
    from skillmap.cohort.notebooks import item_cells

    return item_cells(learner_notebook(course, module))


def queued(
    course: Course, module: str, student: str, feedback: Feedback, row: GradeRow
) -> tuple[Queued, list[str]]:
    """Return one answer with its proposal, and what of the proposal could not be used."""
    item = str(feedback.item)
    text = str(feedback.measures.get("text", ""))
    raw = feedback.measures.get("proposal")
    proposal, problems = _proposal(raw, f"{module} of {student}")
    named = raw.get("question") if isinstance(raw, dict) else None
    asked = _question(named if isinstance(named, str) else item)
    found = Queued(
        id=queued_id(course, student, item),
        module=module,
        student=student,
        item=item,
        title=_title(module, item),
        asked=asked.text if asked else "",
        text=text,
        maximum=feedback.maximum,
        flags=feedback.flags,
        waits=row.needs_manual_grade,
        standing=row.manual_score,
    )
    if asked is None or not asked.criteria or not text:
        notes = tuple(
            f"{c.name}: {c.outcome.value}, {c.points:g} of {c.maximum:g}. {c.seen}".strip()
            for c in feedback.criteria
        )
        return replace(found, notes=(*notes, *feedback.evidence)), problems
    return (
        replace(
            found,
            question=asked.id,
            rungs=_rungs(asked, proposal, len(text)),
            grader=proposal.grader.name if proposal else "",
            version=proposal.grader.version if proposal else "",
            cap_percent=asked.cap.percent if asked.cap else None,
            cap_when=asked.cap.when if asked.cap else "",
        ),
        problems,
    )


def _proposal(raw: Any, whose: str) -> tuple[ProposalIn | None, list[str]]:
    """Check a kept proposal; a faulty one is left out and named."""
    from pydantic import ValidationError

    from skillmap.cohort.review_schema import ProposalIn

    if raw is None:
        return None, []
    try:
        return ProposalIn.model_validate(raw), []
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(step) for step in ("proposal", *first["loc"]))
        told = f"{whose}: {path}: {first['msg']}. It is left out: give levels yourself."
        return None, [told]


def _question(name: str) -> Question | None:
    from skillmap.bank import question

    try:
        return question(name)
    except SkillMapError:
        return None


def _title(module: str, item: str) -> str:
    from skillmap.ids import ItemId
    from skillmap.lessons import lesson

    try:
        return str(lesson(module).item(ItemId.parse(item)).title)
    except (SkillMapError, StopIteration):
        return item


def _rungs(asked: Question, proposal: ProposalIn | None, length: int) -> tuple[Rung, ...]:
    """The rubric as it is today; what was proposed for rows that it no longer has is left out."""
    known = {row.id: row for row in proposal.criteria} if proposal else {}
    rungs = []
    for criterion in asked.criteria:
        rung = Rung(criterion.id, criterion.name, criterion.levels)
        if (row := known.get(criterion.id)) is not None:
            spans = tuple((e.start, e.end) for e in row.evidence if e.start < e.end <= length)
            rung = replace(
                rung,
                proposed=row.level,
                confidence=row.confidence,
                evidence=spans,
                advice=row.advice,
            )
        rungs.append(rung)
    return tuple(rungs)


def _stands_for(wanted: str, id_: str) -> bool:
    name = wanted.strip().casefold()
    return bool(name) and (id_.startswith(name) or id_.rpartition("-")[2].startswith(name))


def find(found: Queue, wanted: str) -> Queued:
    """Return the answer with an id; its beginning or its last eight characters do as well.

    Raises ``AnswerError`` if there is none or more than one.
    """
    exact = [a for a in found.answers if a.id == wanted.strip().casefold()]
    hits = exact or [a for a in found.answers if _stands_for(wanted, a.id)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        told = ", ".join(a.id for a in hits[:5])
        raise AnswerError(f"Answer {wanted}", f"it stands for {len(hits)}: {told}", "Type more.")
    raise AnswerError(
        f"Answer {wanted}", "there is none with this id", "See: skillmap review list --all"
    )
