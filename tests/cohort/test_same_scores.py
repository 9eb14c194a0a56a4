"""A generated cohort: ``nbgrader autograde`` and ``skillmap grade`` agree cell for cell."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.cohort.generated import generate
from tests.cohort.small_course import HandIn, api
from tests.cohort.tables import MODULE, files, tables

from skillmap.cohort.course import Course
from skillmap.cohort.engine import layers
from skillmap.cohort.grade import grade
from skillmap.cohort.record import ensure_assignment, gradebook
from skillmap.cohort.workers import default_workers

if TYPE_CHECKING:
    from pathlib import Path

ISOLATES = all(layer.present for layer in layers() if layer.required)
NUMBER = 300 if os.environ.get("SKILLMAP_SOAK") else 20
DUE = "2026-11-22 12:00:00.000000 UTC"


def with_engine(course: Course, engine: str) -> Course:
    path = course.root / "course.toml"
    path.write_text(path.read_text().replace('engine = "plain"', f'engine = "{engine}"'))
    return Course.at(course.root)


def set_due(course: Course) -> None:
    with gradebook(course) as book:
        ensure_assignment(course, book, MODULE)
        book.update_or_create_assignment(MODULE, duedate=DUE)


@pytest.mark.slow
def test_a_generated_cohort_gets_the_same_from_nbgrader_and_from_us(
    course: Course, hand_in: HandIn
) -> None:
    course = with_engine(course, "skillmap" if ISOLATES else "plain")
    students = generate(hand_in, NUMBER, seed=7)
    set_due(course)
    report = grade(course, [MODULE], workers=default_workers())
    assert [(r.student, r.problems) for r in report.failed] == []
    ours, kept = tables(course), files(course)
    assert ours["counts"]["submitted_assignment"] == NUMBER

    (course.root / "gradebook.db").unlink()
    other = replace(course, db_url=f"sqlite:///{course.root / 'gradebook.db'}")
    front = api(other)
    assert front.generate_assignment(MODULE)["success"]
    set_due(other)
    for student in students:
        result = front.autograde(MODULE, student, force=True)
        assert result["success"], (student, result)
    theirs = tables(other)
    for table, rows in ours.items():
        assert theirs[table] == rows, table
    again = files(other)
    for student in students:
        assert again[student][1]["feedbacks"] == kept[student][1]["feedbacks"], student
        assert again[student][1]["problems"] == kept[student][1]["problems"], student


def test_the_same_seed_makes_the_same_cohort(
    course: Course, hand_in: HandIn, tmp_path: Path
) -> None:
    def content() -> dict[str, bytes]:
        base = course.root / "submitted"
        return {str(p): p.read_bytes() for p in base.rglob("*") if p.is_file()}

    generate(hand_in, 30, seed=3)
    first = content()
    generate(hand_in, 30, seed=3)
    assert content() == first
    assert len(set(first.values())) > 40, "they differ"
