"""Worker processes: the same scores and comments as in one process, and no work lost."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.cohort.small_course import HandIn, right_number, sheet
from tests.cohort.test_loop import MODULE, everyone, rows

from skillmap.cohort import workers
from skillmap.cohort.engine import layers
from skillmap.cohort.grade import grade
from skillmap.cohort.record import gradebook, load_result
from skillmap.cohort.run import EngineFaultError

if TYPE_CHECKING:
    from pathlib import Path

    from skillmap.cohort.assess import Assessment
    from skillmap.cohort.course import Course

complete = all(layer.present for layer in layers() if layer.required)
needs_sandbox = pytest.mark.skipif(not complete, reason="this machine cannot isolate")
can_fork = pytest.mark.skipif(not workers.default_workers(), reason="no fork here")


def graded_by(course: Course, engine: str, number: int) -> dict[str, Any]:
    """Scores, comments, feedback and problems of everyone."""
    report = grade(replace(course, engine=engine), [MODULE], regrade=True, workers=number)
    found: dict[str, Any] = {}
    for row in report.rows:
        kept = load_result(course, MODULE, row.student)
        assert kept is not None
        told = (row.state, row.after, row.waiting, row.problems)
        found[row.student] = (rows(course, row.student), kept.feedbacks, kept.problems, told)
    return found


@needs_sandbox
@pytest.mark.slow
def test_workers_with_a_sandbox_agree_with_one_plain_process(
    course: Course, hand_in: HandIn
) -> None:
    students = everyone(hand_in)
    serial = graded_by(course, "plain", 0)
    (course.root / "gradebook.db").unlink()
    by_workers = graded_by(course, "skillmap", 2)
    assert list(by_workers) == students
    assert by_workers == serial


@can_fork
def test_a_worker_that_dies_gives_its_submission_back(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for student in ("ada", "bo", "cy"):
        hand_in(student, sheet(student, es_e1_calls=right_number(student)))
    real, died = workers.assess, tmp_path / "died"

    def deadly(course: Course, submission: Any) -> Assessment:
        if submission.student == "ada" and not died.exists():
            died.touch()
            os._exit(9)
        if submission.student == "bo":
            os._exit(9)
        return real(course, submission)

    monkeypatch.setattr(workers, "assess", deadly)
    report = grade(course, [MODULE], workers=2)
    assert {r.student: r.state for r in report.rows} == {
        "ada": "graded",
        "bo": "back in the queue",
        "cy": "graded",
    }
    assert rows(course, "ada")["grades"]["es-e1"][0] == 10
    assert report.exit_code == 1
    with gradebook(course) as book:
        assert [s.student.id for s in book.assignment_submissions(MODULE)] == ["ada", "cy"]


@can_fork
def test_an_engine_fault_is_tried_again_and_never_a_zero(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=1))
    tried = tmp_path / "tried"

    def broken(course: Course, submission: Any) -> Assessment:
        with tried.open("a") as file:
            file.write("x")
        raise EngineFaultError("The engine broke.")

    monkeypatch.setattr(workers, "assess", broken)
    (row,) = grade(course, [MODULE], workers=1).rows
    assert (row.state, row.problems) == ("back in the queue", ("The engine broke.",))
    assert len(tried.read_text()) == 3


@can_fork
def test_one_row_that_cannot_be_written_costs_the_others_nothing(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    import skillmap.cohort.writer as module

    for student in ("ada", "bo"):
        hand_in(student, sheet(student, es_e1_calls=right_number(student)))
    real = module.record_rows

    def picky(course: Course, book: Any, assessment: Assessment, config: Any) -> None:
        real(course, book, assessment, config)
        if assessment.learner == "bo":
            raise RuntimeError("no room")

    monkeypatch.setattr(module, "record_rows", picky)
    report = grade(course, [MODULE], workers=2)
    assert {r.student: r.state for r in report.rows} == {
        "ada": "graded",
        "bo": "back in the queue",
    }
    assert rows(course, "ada")["grades"]["es-e1"][0] == 10
