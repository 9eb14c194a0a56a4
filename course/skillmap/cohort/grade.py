"""``skillmap grade``: everyone who handed in, with a reason for every problem.

The steps are those of ``nbgrader autograde``. What is gained: nothing is started anew for each
submission, several run at a time, here or on a cluster, and a second run grades only what has
changed. Killed at any moment, it has lost nothing; the same command goes on.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from skillmap.cohort.assess import materials
from skillmap.cohort.bridge import load_config
from skillmap.cohort.claim import only_writer, sweep
from skillmap.cohort.engines import chosen
from skillmap.cohort.patience import insist
from skillmap.cohort.plan import Job, against_gradebook, plan
from skillmap.cohort.record import ensure_assignment, gradebook
from skillmap.cohort.rounds import open_round
from skillmap.cohort.rows import GradeReport, Row
from skillmap.cohort.workers import NoWorkers, WorkerPool
from skillmap.cohort.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from skillmap.cohort.course import Course
    from skillmap.cohort.workers import Graded

__all__ = ["GradeReport", "Job", "Pool", "Row", "grade", "plan"]


class Pool(Protocol):
    """Whatever runs and scores submissions; it writes nothing."""

    def results(self, tasks: Iterable[tuple[int, str, str]]) -> Iterator[Graded]:
        """Yield one result for each (number, module, student), in any order."""


def grade(
    course: Course,
    modules: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    regrade: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
    workers: int = 0,
    scheduler: str = "",
) -> GradeReport:
    """Grade what is new or changed (``regrade``: everything); one process writes.

    ``progress`` is called with (done, of, student) as results come. ``workers`` processes run and
    score; with 0 this one does. ``scheduler`` is the address of a Dask scheduler whose workers do
    it instead. Raises ``AuthoringError`` if the course's own material is faulty, and
    ``EnvironmentLacksError`` without a sandbox, cluster or gradebook, or if another process is
    grading this course: what was written by then is kept. A ``regrade`` that was stopped goes on
    when it is asked for again, and still knows what was there before it began.
    """
    begun = time.monotonic()
    if not dry_run and not scheduler:
        course = replace(course, engine=chosen(course.engine))
    for module in modules:
        materials(course, module)
    if dry_run:
        jobs = plan(course, modules, students=students, regrade=regrade)
        return GradeReport(tuple(_dry(job) for job in jobs), time.monotonic() - begun, dry_run=True)
    with ExitStack() as stack:
        stack.enter_context(only_writer(course))
        sweep(course)
        this = open_round(course, modules, students) if regrade else None
        if this is not None:
            stack.callback(this.close)
        jobs = plan(
            course,
            modules,
            students=students,
            regrade=regrade,
            round_name=this.name if this else "",
        )
        pool = _pool(stack, course, jobs, workers, scheduler)
        book = stack.enter_context(gradebook(course))
        for module in modules:
            insist(book, lambda module=module: ensure_assignment(course, book, module))  # type: ignore[misc]
        jobs = insist(book, lambda: against_gradebook(course, book, jobs))
        writer = Writer(course, book, load_config(course), jobs, this)
        tasks = writer.tasks()
        rows = writer.write_all(pool.results(tasks), len(tasks), progress)
        if this is not None:
            this.end()
    return GradeReport(rows, time.monotonic() - begun)


def _pool(
    stack: ExitStack, course: Course, jobs: Sequence[Job], workers: int, scheduler: str
) -> Pool:
    """Return what runs the notebooks. Processes are forked here, before a database is open."""
    work = sum(1 for job in jobs if job.submission is not None)
    if scheduler:
        from skillmap.cohort.cluster import ClusterPool

        return stack.enter_context(ClusterPool(course, scheduler))
    if work and course.engine in {"skillmap", "open"}:
        from skillmap.cohort.engine.papermill import rehearse

        given = [job.submission for job in jobs if job.submission is not None]
        rehearse([one.module for one in given], plots=any(one.plots for one in given))
    if workers and work:
        return stack.enter_context(WorkerPool(course, min(workers, work)))
    return NoWorkers(course)


def _dry(job: Job) -> Row:
    if job.submission is None:
        return Row(job.module, job.student, "not graded", job.why, problems=(job.problem,))
    state = "would grade" if job.why else "up to date"
    return Row(job.module, job.student, state, job.why, problems=job.submission.problems)
