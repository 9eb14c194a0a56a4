"""One submission's rows in the gradebook as plain values, in three queries.

nbgrader's objects fetch each other one at a time, sixty queries to a submission, and again after
each commit. A cohort's one writer cannot afford that: here rows are read by column, and what
changes is written by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from nbgrader.api import Gradebook

__all__ = [
    "GradeRow",
    "Marks",
    "read_marks",
    "read_module",
    "settle_mark",
    "write_marks",
    "write_timestamp",
]


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A row of nbgrader's table of grades: what a person gave, and whether one must look."""

    key: str
    manual_score: float | None
    extra_credit: float | None
    needs_manual_grade: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """What the gradebook has of one submission; ``grades`` and ``comments`` by name of the cell.

    ``due`` includes an extension. Times are UTC without a zone, as nbgrader keeps them.
    ``comments`` are pairs of a row's key and a person's words.
    """

    submission: str
    notebook: str
    handed_in: datetime | None
    due: datetime | None
    late_penalty: float | None
    grades: Mapping[str, GradeRow]
    comments: Mapping[str, tuple[str, str]]

    @property
    def seconds_late(self) -> float:
        """Seconds after the due date; 0 without one, or without a time stamp."""
        if self.handed_in is None or self.due is None:
            return 0.0
        return max(0.0, (self.handed_in - self.due).total_seconds())

    @property
    def waiting(self) -> int:
        """How many items a person must look at."""
        return sum(grade.needs_manual_grade for grade in self.grades.values())


def read_marks(book: Gradebook, module: str, student: str) -> Marks | None:
    """Return the rows of one submission as they are now, ``None`` if there are none."""
    from nbgrader.api import (
        Assignment,
        BaseCell,
        Comment,
        Grade,
        Notebook,
        SubmittedAssignment,
        SubmittedNotebook,
    )
    from sqlalchemy import select

    head = book.db.execute(
        select(
            SubmittedAssignment.id,
            SubmittedNotebook.id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
            SubmittedNotebook.late_submission_penalty,
            Notebook.id,
        )
        .select_from(SubmittedNotebook)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(
            Assignment.name == module,
            Notebook.name == module,
            SubmittedAssignment.student_id == student,
        )
    ).one_or_none()
    if head is None:
        return None
    submission, notebook, handed_in, extension, due, penalty, master = head
    if due is not None and extension is not None:
        due += extension
    # the tables' only indexes begin with the cell; without it each query would read all grades
    cells = select(BaseCell.id).where(BaseCell.notebook_id == master)
    grades = book.db.execute(
        select(
            BaseCell.name,
            Grade.id,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .join(Grade, Grade.cell_id == BaseCell.id)
        .where(Grade.notebook_id == notebook, Grade.cell_id.in_(cells))
    )
    comments = book.db.execute(
        select(BaseCell.name, Comment.id, Comment.manual_comment)
        .join(Comment, Comment.cell_id == BaseCell.id)
        .where(Comment.notebook_id == notebook, Comment.cell_id.in_(cells))
    )
    return Marks(
        submission,
        notebook,
        handed_in,
        due,
        penalty,
        {name: GradeRow(key, mine, extra, bool(needs)) for name, key, mine, extra, needs in grades},
        {name: (key, words or "") for name, key, words in comments},
    )


def read_module(book: Gradebook, module: str) -> dict[str, dict[str, GradeRow]]:
    """Return every grade of a module, by student and name of the cell, in one query."""
    from nbgrader.api import (
        Assignment,
        BaseCell,
        Grade,
        Notebook,
        SubmittedAssignment,
        SubmittedNotebook,
    )
    from sqlalchemy import select

    rows = book.db.execute(
        select(
            SubmittedAssignment.student_id,
            BaseCell.name,
            Grade.id,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .select_from(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == module, Notebook.name == module)
    )
    found: dict[str, dict[str, GradeRow]] = {}
    for student, cell, key, mine, extra, needs in rows:
        found.setdefault(student, {})[cell] = GradeRow(key, mine, extra, bool(needs))
    return found


def settle_mark(book: Gradebook, seen: GradeRow, score: float) -> bool:
    """Write a person's score unless the row is no longer what was ``seen``; say whether it was.

    The comparison is part of the statement, so of two people who write at once one is told.
    """
    from nbgrader.api import Grade
    from sqlalchemy import update

    mine = seen.manual_score
    same = Grade.manual_score.is_(None) if mine is None else Grade.manual_score == mine
    done = book.db.execute(
        update(Grade)
        .where(Grade.id == seen.key, same, Grade.needs_manual_grade == seen.needs_manual_grade)
        .values(manual_score=score, needs_manual_grade=False)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)


def write_marks(
    book: Gradebook, grades: Sequence[Mapping[str, Any]], comments: Sequence[Mapping[str, Any]]
) -> None:
    """Write columns of grades and comments; each row is named by its key ``id``."""
    from nbgrader.api import Comment, Grade
    from sqlalchemy import update

    for table, rows in ((Grade, grades), (Comment, comments)):
        if rows:
            book.db.execute(update(table), [dict(row) for row in rows])


def write_timestamp(book: Gradebook, submission: str, handed_in: datetime) -> None:
    """Write when a submission was handed in, in UTC without a zone."""
    from nbgrader.api import SubmittedAssignment
    from sqlalchemy import update

    book.db.execute(update(SubmittedAssignment), [{"id": submission, "timestamp": handed_in}])
