"""A small gradebook with written answers that wait, made without running a notebook.

Texts, levels and confidences are invented here; the rows go through the real writer.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.cohort.small_course import HandIn, sheet

from skillmap.bank import question
from skillmap.cohort.assess import Assessment, materials
from skillmap.cohort.bridge import load_config
from skillmap.cohort.record import ensure_assignment, gradebook, record
from skillmap.cohort.run import Outcome as RunOutcome
from skillmap.cohort.submission import read_submission
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.ids import ItemId
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from skillmap.cohort.course import Course

MODULE, ITEM, CELL, QUESTION = "estimation", "es.w1", "es-w1", "es.q2"
FIRST = "All three surfaces, one month, the middle tier."
TEXT = f"{FIRST} Notes per trip is between 1.0 and 1.4. So the ceiling is sixty thousand."


def proposal(text: str, levels: Sequence[int], sure: Sequence[float]) -> dict[str, Any]:
    """A proposal as grading keeps it: the first sentence speaks for every criterion above 0."""
    rows = [
        {
            "id": c.id,
            "level": level,
            "confidence": confidence,
            "evidence": [{"start": 0, "end": len(FIRST), "text": text[: len(FIRST)]}]
            if level and text.startswith(FIRST)
            else [],
            "advice": "",
        }
        for c, level, confidence in zip(question(QUESTION).criteria, levels, sure, strict=True)
    ]
    return {
        "question": QUESTION,
        "score": sum(levels),
        "max_score": 2 * len(rows),
        "criteria": rows,
        "flags": [],
        "needs_review": True,
        "grader": {"name": "embedded", "version": "test"},
    }


def written(
    text: str,
    levels: Sequence[int] = (2, 1, 1, 0, 2),
    sure: Sequence[float] = (0.9, 0.8, 0.5, 0.7, 0.9),
    *,
    flags: tuple[str, ...] = (),
    told: Any = None,
) -> Feedback:
    """The feedback of a written item that waits; ``told`` stands in for the proposal."""
    names = [c.name for c in question(QUESTION).criteria]
    return Feedback(
        ItemId.parse(ITEM),
        Outcome.NEEDS_REVIEW,
        0.0,
        5.0,
        tuple(Criterion(name, Outcome.NEEDS_REVIEW, 0.0, 1.0) for name in names),
        flags=flags,
        measures={
            "text": text,
            "proposal": proposal(text, levels, sure) if told is None else told,
        },
    )


_EMPTY: list[bytes] = []
"""A gradebook that knows the module and nobody's work: nbgrader takes seconds to make one."""


def open_gradebook(course: Course) -> None:
    """Give a fresh course its gradebook; one in SQLite is made once and copied."""
    path = course.root / "gradebook.db"
    lite = course.db_url.startswith("sqlite")
    if lite and _EMPTY and not path.exists():
        path.write_bytes(_EMPTY[0])
    with gradebook(course) as book:
        ensure_assignment(course, book, MODULE)
    if lite and not _EMPTY:
        with closing(sqlite3.connect(path)) as made:
            _EMPTY.append(made.serialize())


def put(course: Course, hand_in: HandIn, student: str, found: Feedback, stamp: str = "") -> None:
    """Hand in and record one graded submission with a written item."""
    late = {"stamp": stamp} if stamp else {}
    hand_in(student, sheet(student, es_w1_text=str(found.measures.get("text", ""))), **late)
    material = materials(course, MODULE)
    points = {"es.e1": 10.0, "es.e2": 5.0}
    others = tuple(
        Feedback(ItemId.parse(name), Outcome.MET, most, most) for name, most in points.items()
    )
    assessment = Assessment(
        read_submission(course, MODULE, student),
        student,
        world_of(student, MODULE, salt=course.cohort),
        material.master.copy(),
        (*others, found),
        material.cells,
        (),
        {ITEM: str(found.measures.get("text", ""))},
        RunOutcome(),
        "stamp",
    )
    open_gradebook(course)
    with gradebook(course) as book:
        record(course, book, assessment, load_config(course))


def marks(course: Course, student: str) -> tuple[float | None, bool, str, float]:
    """A person's score, whether one must look, a person's comment, and the notebook's score."""
    with gradebook(course) as book:
        grade = book.find_grade(CELL, MODULE, MODULE, student)
        comment = book.find_comment(f"{CELL}-answer", MODULE, MODULE, student)
        score = book.find_submission_notebook(MODULE, MODULE, student).score
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment or "", score


def lines(course: Course, name: str = "decisions") -> list[dict[str, Any]]:
    """The record as plain data."""
    path: Path = course.root / "review" / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line]
