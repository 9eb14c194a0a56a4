"""Which submissions have to be graded, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillmap.cohort.assess import materials, stamp_of
from skillmap.cohort.record import Ledger, auto_scores, load_result
from skillmap.cohort.stamps import what_changed
from skillmap.cohort.submission import Submission, read_submission
from skillmap.errors import SubmissionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbgrader.api import Gradebook

    from skillmap.cohort.course import Course

__all__ = ["NOT_IN_GRADEBOOK", "Job", "against_gradebook", "plan"]

NOT_IN_GRADEBOOK = "not in the gradebook"


@dataclass(frozen=True, slots=True)
class Job:
    """A submission to look at and why it is graded, '' if it is up to date.

    ``why`` is ``new``, ``changed`` (the hand-in), ``key changed``, ``library changed``, ``limits
    changed``, ``not in the gradebook``, ``regrade`` or ``problem``. ``submission`` is without
    notebook and answers: they are read when their turn comes.
    """

    module: str
    student: str
    why: str
    submission: Submission | None = None
    problem: str = ""


def plan(
    course: Course,
    modules: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    regrade: bool = False,
    round_name: str = "",
) -> list[Job]:
    """Return every submission with the reason why it has to be graded.

    ``round_name`` is the regrade that this is part of: what it did already is up to date.
    """
    ledger, jobs = Ledger(course), []
    for module in modules:
        there = course.students(module)
        for student in students if students is not None else there:
            try:
                submission = read_submission(course, module, student)
            except SubmissionError as error:
                jobs.append(Job(module, student, "problem", problem=str(error)))
                continue
            why = _why(course, ledger, submission)
            if not why and regrade:
                entry = ledger.read(module, student)
                done = bool(round_name) and entry is not None and entry.round == round_name
                why = "" if done else "regrade"
            light = replace(submission, notebook=None, answers=None)
            jobs.append(Job(module, student, why, light))
    return jobs


def _why(course: Course, ledger: Ledger, submission: Submission) -> str:
    module, student = submission.module, submission.student
    entry = ledger.read(module, student)
    if entry is None or not course.notebook("autograded", module, student).is_file():
        return "new"
    return what_changed(entry.stamp, stamp_of(course, materials(course, module), submission))


def against_gradebook(course: Course, book: Gradebook, jobs: Iterable[Job]) -> list[Job]:
    """Grade again what the ledger calls up to date and the gradebook does not have like that.

    A gradebook that was lost, restored from a copy or replaced by another is filled again.
    """
    known: dict[str, dict[str, dict[str, float | None]]] = {}
    found = []
    for job in jobs:
        if job.why or job.submission is None:
            found.append(job)
            continue
        if job.module not in known:
            known[job.module] = auto_scores(book, job.module)
        same = _agrees(course, job, known[job.module].get(job.student, {}))
        found.append(job if same else replace(job, why=NOT_IN_GRADEBOOK))
    return found


def _agrees(course: Course, job: Job, scores: dict[str, float | None]) -> bool:
    try:
        kept = load_result(course, job.module, job.student)
    except SubmissionError:
        return False
    if kept is None:
        return False
    cells = materials(course, job.module).cells
    return all(scores.get(cells[str(f.item)].award) == f.points for f in kept.feedbacks)
