"""``skillmap grade``: everyone who handed in, in one process, with a reason for every problem.

The steps are those of ``nbgrader autograde``; what is gained is that nothing is started anew for
each submission and that a second run grades only what has changed.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from skillmap.cohort.assess import assess, materials, stamp_of
from skillmap.cohort.bridge import load_config
from skillmap.cohort.engine.faults import EngineFault
from skillmap.cohort.engines import chosen
from skillmap.cohort.record import (
    Ledger,
    ensure_assignment,
    gradebook,
    load_result,
    one_commit,
    record,
    record_files,
    record_rows,
    refresh,
)
from skillmap.cohort.run import EngineFaultError
from skillmap.cohort.submission import Submission, read_submission
from skillmap.cohort.workers import WorkerPool
from skillmap.errors import SkillMapError, SubmissionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbgrader.api import Gradebook
    from traitlets.config import Config

    from skillmap.cohort.course import Course
    from skillmap.cohort.result import SubmissionResult
    from skillmap.cohort.workers import Graded

__all__ = ["GradeReport", "Job", "Row", "grade", "plan"]


@dataclass(frozen=True, slots=True)
class Job:
    """A submission to look at and why: ``new``, ``changed``, ``regrade``, or '' if up to date.

    ``submission`` is without notebook and answers: they are read when their turn comes.
    """

    module: str
    student: str
    why: str
    submission: Submission | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one submission.

    ``state``: ``graded``, ``up to date``, ``would grade``, ``back in the queue`` (our fault, no
    points lost) or ``not graded`` (the submission's). Points are after penalties and a person's
    scores; ``waiting`` counts items a person must look at.
    """

    module: str
    student: str
    state: str
    why: str = ""
    before: float | None = None
    after: float | None = None
    maximum: float | None = None
    waiting: int = 0
    late_penalty: float = 0.0
    problems: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class GradeReport:
    """All rows of one run; ``to_data`` is what ``--json`` prints."""

    rows: tuple[Row, ...] = ()
    seconds: float = 0.0
    dry_run: bool = False

    @property
    def failed(self) -> tuple[Row, ...]:
        """Rows that were not graded, by whoever's fault."""
        return tuple(r for r in self.rows if r.state in ("back in the queue", "not graded"))

    @property
    def exit_code(self) -> int:
        """0 if all was done, 1 if some failed and the rest was kept."""
        return 1 if self.failed else 0

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        counts: dict[str, int] = {}
        for row in self.rows:
            counts[row.state] = counts.get(row.state, 0) + 1
        return {
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 3),
            "counts": counts,
            "submissions": [asdict(row) for row in self.rows],
        }


@dataclass(slots=True)
class _Shelf:
    """What one run keeps open."""

    course: Course
    book: Gradebook
    config: Config
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.course)


def plan(
    course: Course,
    modules: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    regrade: bool = False,
) -> list[Job]:
    """Return every submission with the reason why it has to be graded."""
    ledger, jobs = Ledger(course), []
    for module in modules:
        there = course.students(module)
        for student in students if students is not None else there:
            try:
                submission = read_submission(course, module, student)
            except SubmissionError as error:
                jobs.append(Job(module, student, "problem", problem=str(error)))
                continue
            why = _why(course, ledger, submission, regrade)
            light = replace(submission, notebook=None, answers=None)
            jobs.append(Job(module, student, why, light))
    return jobs


def _why(course: Course, ledger: Ledger, submission: Submission, regrade: bool) -> str:
    module, student = submission.module, submission.student
    entry = ledger.read(module, student)
    if entry is None or not course.notebook("autograded", module, student).is_file():
        return "new"
    if entry.stamp != stamp_of(materials(course, module), submission):
        return "changed"
    return "regrade" if regrade else ""


def grade(
    course: Course,
    modules: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    regrade: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
    workers: int = 0,
) -> GradeReport:
    """Grade what is new or changed (``regrade``: everything); one writer, one at a time.

    ``progress`` is called with (done, of, student) before each. ``workers`` processes run and
    score, this one writes; with 0 it does both. Raises ``AuthoringError`` if the course's own
    material is faulty and ``EnvironmentLacksError`` without a sandbox: then nothing is graded.
    """
    begun = time.monotonic()
    if not dry_run:
        course = replace(course, engine=chosen(course.engine))
    for module in modules:
        materials(course, module)
    jobs = plan(course, modules, students=students, regrade=regrade)
    if dry_run:
        rows = tuple(_dry(job) for job in jobs)
        return GradeReport(rows, time.monotonic() - begun, dry_run=True)
    work = sum(1 for job in jobs if job.why and job.submission is not None)
    with ExitStack() as stack:
        pool = (
            stack.enter_context(WorkerPool(course, min(workers, work)))
            if workers and work
            else None
        )
        book = stack.enter_context(gradebook(course))
        shelf = _Shelf(course, book, load_config(course))
        for module in modules:
            ensure_assignment(course, book, module)
        if pool is None:
            rows = tuple(_rows(shelf, jobs, progress))
        else:
            rows = _rows_of_workers(shelf, pool, jobs, progress)
    return GradeReport(rows, time.monotonic() - begun)


def _dry(job: Job) -> Row:
    if job.submission is None:
        return Row(job.module, job.student, "not graded", job.why, problems=(job.problem,))
    state = "would grade" if job.why else "up to date"
    return Row(job.module, job.student, state, job.why, problems=job.submission.problems)


def _rows(
    shelf: _Shelf, jobs: Sequence[Job], progress: Callable[[int, int, str], None] | None
) -> Iterator[Row]:
    work = sum(1 for job in jobs if job.why and job.submission is not None)
    done = 0
    for job in jobs:
        begun = time.monotonic()
        if job.submission is None:
            yield Row(job.module, job.student, "not graded", job.why, problems=(job.problem,))
            continue
        if not job.why:
            yield _kept(shelf, job)
            continue
        if progress is not None:
            progress(done, work, f"{job.student} · {job.module}")
        row = _one(shelf, job, job.submission)
        done += 1
        yield replace(row, seconds=round(time.monotonic() - begun, 3))
    if progress is not None:
        progress(done, work, "")


_BATCH = 16
_BATCH_SECONDS = 1.0


def _rows_of_workers(
    shelf: _Shelf,
    pool: WorkerPool,
    jobs: Sequence[Job],
    progress: Callable[[int, int, str], None] | None,
) -> tuple[Row, ...]:
    """Write what the workers find, a batch a commit; rows come in the order of ``jobs``."""
    rows: dict[int, Row] = {}
    tasks = []
    for number, job in enumerate(jobs):
        if job.submission is None:
            rows[number] = Row(
                job.module, job.student, "not graded", job.why, problems=(job.problem,)
            )
        elif not job.why:
            rows[number] = _kept(shelf, job)
        else:
            tasks.append((number, job.module, job.student))
    batch: list[Graded] = []
    since = time.monotonic()
    if progress is not None:
        progress(0, len(tasks), "")
    for done, found in enumerate(pool.results(tasks), 1):
        job = jobs[found.number]
        if found.assessment is None:
            state = "back in the queue" if found.ours else "not graded"
            rows[found.number] = Row(
                job.module, job.student, state, job.why, problems=(found.problem,)
            )
        else:
            batch.append(found)
        if len(batch) >= _BATCH or time.monotonic() - since > _BATCH_SECONDS:
            rows |= _write(shelf, jobs, batch)
            batch, since = [], time.monotonic()
        if progress is not None:
            progress(done, len(tasks), f"{job.student} · {job.module}")
    rows |= _write(shelf, jobs, batch)
    return tuple(rows[number] for number in range(len(jobs)))


def _write(shelf: _Shelf, jobs: Sequence[Job], batch: Sequence[Graded]) -> dict[int, Row]:
    """Write a batch in one commit; if that fails, each submission alone."""
    before = {one.number: _now(shelf, jobs[one.number]) for one in batch}
    try:
        with one_commit(shelf.book):
            for one in batch:
                assert one.assessment is not None
                record_rows(shelf.course, shelf.book, one.assessment, shelf.config)
    except Exception as error:
        if len(batch) > 1:
            rows: dict[int, Row] = {}
            for one in batch:
                rows |= _write(shelf, jobs, [one])
            return rows
        state = "not graded" if isinstance(error, SkillMapError) else "back in the queue"
        what = (
            str(error) if isinstance(error, SkillMapError) else f"{type(error).__name__}: {error}"
        )
        job = jobs[batch[0].number]
        return {batch[0].number: Row(job.module, job.student, state, job.why, problems=(what,))}
    return {one.number: _filed(shelf, jobs[one.number], one, before[one.number]) for one in batch}


def _filed(shelf: _Shelf, job: Job, one: Graded, before: SubmissionResult | None) -> Row:
    """Write the files of a submission whose rows are committed."""
    assert one.assessment is not None
    try:
        record_files(shelf.course, shelf.book, one.assessment, one.notebook)
    except (
        Exception
    ) as error:  # a full disk is ours; the ledger does not know it, so it comes again
        what = f"{type(error).__name__}: {error}"
        return Row(job.module, job.student, "back in the queue", job.why, problems=(what,))
    result = _now(shelf, job)
    assert result is not None
    return replace(_row(shelf, job, "graded", result, before), seconds=round(one.seconds, 3))


def _now(shelf: _Shelf, job: Job) -> SubmissionResult | None:
    try:
        kept = load_result(shelf.course, job.module, job.student)
    except SubmissionError:
        return None
    cells = materials(shelf.course, job.module).cells
    return kept and refresh(kept, shelf.book, job.student, cells)


def _kept(shelf: _Shelf, job: Job) -> Row:
    result = _now(shelf, job)
    if result is None:
        return Row(job.module, job.student, "up to date")
    return _row(shelf, job, "up to date", result)


def _one(shelf: _Shelf, job: Job, submission: Submission) -> Row:
    before = _now(shelf, job)
    try:
        assessment = assess(
            shelf.course, read_submission(shelf.course, submission.module, submission.student)
        )
        record(shelf.course, shelf.book, assessment, shelf.config)
    except (EngineFaultError, EngineFault) as error:
        shelf.book.db.rollback()
        return Row(job.module, job.student, "back in the queue", job.why, problems=(str(error),))
    except SkillMapError as error:
        shelf.book.db.rollback()
        return Row(job.module, job.student, "not graded", job.why, problems=(str(error),))
    except Exception as error:  # ours: the cohort goes on, and nobody gets a zero for it
        shelf.book.db.rollback()
        what = f"{type(error).__name__}: {error}"
        return Row(job.module, job.student, "back in the queue", job.why, problems=(what,))
    result = _now(shelf, job)
    assert result is not None
    return _row(shelf, job, "graded", result, before)


def _row(
    shelf: _Shelf,
    job: Job,
    state: str,
    result: SubmissionResult,
    before: SubmissionResult | None = None,
) -> Row:
    return Row(
        job.module,
        job.student,
        state,
        job.why,
        before=before.total if before else None,
        after=result.total,
        maximum=result.maximum,
        waiting=_waiting(shelf, job),
        late_penalty=result.late_penalty,
        problems=result.problems,
        moved=_moved(before, result),
    )


def _waiting(shelf: _Shelf, job: Job) -> int:
    notebook = shelf.book.find_submission_notebook(job.module, job.module, job.student)
    return sum(1 for grade in notebook.grades if grade.needs_manual_grade)


def _moved(before: SubmissionResult | None, after: SubmissionResult) -> tuple[str, ...]:
    """Say which items moved and which of their criteria made the difference."""
    if before is None:
        return ()
    old = {str(f.item): f for f in before.feedbacks}
    found = []
    for new in after.feedbacks:
        was = old.get(str(new.item))
        if was is None or was.points == new.points:
            continue
        then = {c.name: c.points for c in was.criteria}
        why = [
            f"{c.name} {then.get(c.name, 0):g} → {c.points:g}"
            for c in new.criteria
            if then.get(c.name, 0) != c.points
        ]
        reason = f" ({', '.join(why)})" if why else ""
        found.append(f"{new.item}: {was.points:g} → {new.points:g}{reason}")
    if before.late_penalty != after.late_penalty:
        found.append(f"late: -{before.late_penalty:g} → -{after.late_penalty:g}")
    return tuple(found)
