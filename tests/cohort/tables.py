"""A whole gradebook and what lies beside it as plain values, for comparing one run with another."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, text

from skillmap.cohort.record import load_result

if TYPE_CHECKING:
    from skillmap.cohort.course import Course

MODULE = "estimation"

_SCORES = """
SELECT a.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.extra_credit
FROM grade g JOIN base_cell c ON g.cell_id = c.id
JOIN submitted_notebook n ON g.notebook_id = n.id
JOIN submitted_assignment a ON n.assignment_id = a.id ORDER BY 1, 2
"""
_COMMENTS = """
SELECT a.student_id, c.name, k.auto_comment, k.manual_comment
FROM comment k JOIN base_cell c ON k.cell_id = c.id
JOIN submitted_notebook n ON k.notebook_id = n.id
JOIN submitted_assignment a ON n.assignment_id = a.id ORDER BY 1, 2
"""
_SUBMISSIONS = """
SELECT a.student_id, m.name, a.timestamp, n.late_submission_penalty
FROM submitted_assignment a JOIN assignment m ON a.assignment_id = m.id
JOIN submitted_notebook n ON n.assignment_id = a.id ORDER BY 1, 2
"""
_COUNTED = ("student", "assignment", "notebook", "base_cell", "submitted_assignment")
_COUNTED += ("submitted_notebook", "grade", "comment", "alembic_version")


def tables(course: Course) -> dict[str, Any]:
    """Every score, comment, time stamp and penalty, and how many rows each table has.

    Two rows for one submission would show twice in a list and in a count.
    """
    engine = create_engine(course.db_url)
    try:
        with closing(engine.connect()) as open_:
            counts = {
                t: open_.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in _COUNTED
            }
            return {
                "counts": counts,
                "scores": [
                    (who, cell, auto, manual, bool(needs), extra)
                    for who, cell, auto, manual, needs, extra in open_.execute(text(_SCORES))
                ],
                "comments": [tuple(row) for row in open_.execute(text(_COMMENTS))],
                "submissions": [
                    (who, module, str(when)[:19], late)
                    for who, module, when, late in open_.execute(text(_SUBMISSIONS))
                ],
            }
    finally:
        engine.dispose()


def files(course: Course) -> dict[str, Any]:
    """What is kept on disk of each submission, without the moment of grading."""
    found: dict[str, Any] = {}
    for student in course.students(MODULE):
        folder = course.folder("autograded", MODULE, student)
        result = load_result(course, MODULE, student)
        assert result is not None, student
        notebook = json.loads(course.notebook("autograded", MODULE, student).read_text())
        found[student] = (
            sorted(p.name for p in folder.iterdir()),
            json.loads(result.to_json()) | {"graded_at": ""},
            [cell["source"] for cell in notebook["cells"]],
        )
    return found
