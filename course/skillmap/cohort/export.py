"""Scores as a table: a plain CSV, or the file that Canvas or Moodle imports."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.cohort.record import gradebook
from skillmap.ids import ModuleId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skillmap.cohort.course import Course

__all__ = ["FORMATS", "Line", "export", "lines"]


@dataclass(frozen=True, slots=True)
class Line:
    """One student's module as the gradebook has it; points after the late penalty."""

    module: str
    student: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    score: float
    maximum: float
    late_penalty: float
    waiting: int
    submitted_at: str
    items: tuple[tuple[str, float, float], ...]


def lines(course: Course, modules: Sequence[str]) -> list[Line]:
    """Return everyone in the gradebook who handed one of the modules in, sorted."""
    found = []
    with gradebook(course) as book:
        for module in modules:
            for submission in book.assignment_submissions(module):
                notebooks = [n for n in submission.notebooks if n.name == module]
                if not notebooks:
                    continue
                notebook, student = notebooks[0], submission.student
                penalty = float(notebook.late_submission_penalty or 0.0)
                grades = sorted(notebook.grades, key=lambda g: g.name)
                found.append(
                    Line(
                        module,
                        student.id,
                        student.first_name or "",
                        student.last_name or "",
                        student.email or "",
                        student.lms_user_id or "",
                        max(0.0, float(notebook.score) - penalty),
                        float(notebook.max_score),
                        penalty,
                        sum(1 for g in grades if g.needs_manual_grade),
                        submission.timestamp.isoformat() if submission.timestamp else "",
                        tuple((g.name, float(g.score), float(g.max_score)) for g in grades),
                    )
                )
    return sorted(found, key=lambda line: (line.module, line.student))


def _safe(value: str) -> str:
    """Keep a spreadsheet from reading a name as a formula.

    >>> _safe("=1+1"), _safe("ada")
    ("'=1+1", 'ada')
    """
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _csv(rows: Sequence[Line]) -> list[list[str]]:
    names = sorted({name for row in rows for name, _, _ in row.items})
    head = ["module", "student", "last_name", "first_name", "email", "submitted_at", "score"]
    head += ["maximum", "late_penalty", "waiting_for_a_person", *names]
    table = [head]
    for row in rows:
        items = {name: score for name, score, _ in row.items}
        people = [row.student, row.last_name, row.first_name, row.email]
        table.append(
            [
                row.module,
                *(_safe(text) for text in people),
                row.submitted_at,
                _number(row.score),
                _number(row.maximum),
                _number(row.late_penalty),
                str(row.waiting),
                *(_number(items[name]) if name in items else "" for name in names),
            ]
        )
    return table


def _canvas(rows: Sequence[Line]) -> list[list[str]]:
    """Canvas' gradebook import: one line a student, one column a module, points possible first."""
    modules = sorted({row.module for row in rows})
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    table = [[*head, *(ModuleId(m).title for m in modules)]]
    most = {row.module: _number(row.maximum) for row in rows}
    table.append(["    Points Possible", "", "", "", "", *(most[m] for m in modules)])
    people = {row.student: row for row in rows}
    scores = {(row.student, row.module): _number(row.score) for row in rows}
    for name in sorted(people):
        who = people[name]
        full = f"{who.last_name}, {who.first_name}" if who.last_name else name
        table.append(
            [_safe(full), _safe(who.lms_id), "", _safe(name), "",
             *(scores.get((name, m), "") for m in modules)]
        )  # fmt: skip
    return table


def _moodle(rows: Sequence[Line]) -> list[list[str]]:
    """Moodle's grade import: user name and email identify, one column a module."""
    modules = sorted({row.module for row in rows})
    table = [["username", "email", *(ModuleId(m).title for m in modules)]]
    people = {row.student: row for row in rows}
    scores = {(row.student, row.module): _number(row.score) for row in rows}
    for name in sorted(people):
        line = [_safe(name), _safe(people[name].email)]
        table.append([*line, *(scores.get((name, m), "") for m in modules)])
    return table


FORMATS: dict[str, Callable[[Sequence[Line]], list[list[str]]]] = {
    "csv": _csv,
    "canvas": _canvas,
    "moodle": _moodle,
}
"""Name of an export to the function that lays out its table."""


def export(course: Course, modules: Sequence[str], to: str) -> str:
    """Return the export as text, with one line end of the CSV standard for each row."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(FORMATS[to](lines(course, modules)))
    return buffer.getvalue()
