"""Feedback pages: from the kept result and today's gradebook to ``feedback/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.cohort.record import gradebook, load_result, refresh, write_atomically
from skillmap.errors import SkillMapError, SubmissionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from skillmap.cohort.course import Course
    from skillmap.cohort.result import SubmissionResult

__all__ = ["Page", "current_result", "feedback_page", "write_pages"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: ``state`` is ``written``, ``unchanged``, ``not graded`` or ``failed``."""

    module: str
    student: str
    state: str
    path: Path | None = None
    problem: str = ""


def current_result(course: Course, module: str, student: str) -> SubmissionResult:
    """Return the kept result with a person's latest scores; raises ``SubmissionError``."""
    from skillmap.cohort.assess import materials

    result = load_result(course, module, student)
    if result is None:
        raise SubmissionError(f"{student}'s {module} has not been graded yet.")
    with gradebook(course) as book:
        return refresh(result, book, student, materials(course, module).cells)


def feedback_page(course: Course, module: str, student: str) -> str:
    """Return one learner's page as HTML."""
    from skillmap.cohort.page import render_page

    return render_page(current_result(course, module, student))


def write_pages(
    course: Course, modules: Sequence[str], students: Sequence[str] | None = None
) -> list[Page]:
    """Write the pages of everyone graded; one that fails leaves the others standing."""
    pages = []
    for module in modules:
        for student in students or _graded(course, module):
            pages.append(_write(course, module, student))
    return pages


def _graded(course: Course, module: str) -> list[str]:
    return sorted(
        p.parent.parent.name for p in course.root.glob(f"autograded/*/{module}/feedback.json")
    )


def _write(course: Course, module: str, student: str) -> Page:
    target = course.folder("feedback", module, student)
    path = target / f"{module}.html"
    try:
        html = feedback_page(course, module, student)
    except SkillMapError as error:
        state = "not graded" if "not been graded" in str(error) else "failed"
        return Page(module, student, state, problem=str(error))
    if path.is_file() and path.read_text(encoding="utf-8") == html:
        return Page(module, student, "unchanged", path)
    write_atomically(path, html)
    for name in ("timestamp.txt", "submission_secret.txt"):
        beside = course.folder("autograded", module, student) / name
        if beside.is_file():
            write_atomically(target / name, beside.read_bytes())
    return Page(module, student, "written", path)
