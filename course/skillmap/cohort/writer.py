"""The one writer of a run: what pools of workers find goes into the gradebook, a batch a commit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from skillmap.cohort.assess import materials
from skillmap.cohort.marks import read_marks
from skillmap.cohort.patience import database_gone, insist
from skillmap.cohort.record import load_result, one_commit, record_files, record_rows, refresh
from skillmap.cohort.rounds import Was
from skillmap.cohort.rows import Row, result_row
from skillmap.errors import EnvironmentLacksError, SkillMapError, SubmissionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbgrader.api import Gradebook
    from traitlets.config import Config

    from skillmap.cohort.course import Course
    from skillmap.cohort.plan import Job
    from skillmap.cohort.result import SubmissionResult
    from skillmap.cohort.rounds import Round
    from skillmap.cohort.workers import Graded

__all__ = ["Writer"]

_BATCH = 16
_BATCH_SECONDS = 1.0


@dataclass(slots=True)
class Writer:
    """Takes what comes in any order, writes it in batches, keeps a row for each job's number."""

    course: Course
    book: Gradebook
    config: Config
    jobs: Sequence[Job]
    round: Round | None = None
    """The regrade that this is part of."""
    rows: dict[int, Row] = field(default_factory=dict)
    batch: list[Graded] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def tasks(self) -> list[tuple[int, str, str]]:
        """Return (number, module, student) of what has to be graded; make rows of the rest."""
        found = []
        for number, job in enumerate(self.jobs):
            if job.submission is None:
                self.rows[number] = _without(job, "not graded", job.problem)
            elif job.why:
                found.append((number, job.module, job.student))
            else:
                self.rows[number] = insist(self.book, lambda job=job: self._kept(job))  # type: ignore[misc]
        return found

    def write_all(
        self,
        results: Iterable[Graded],
        of: int,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> tuple[Row, ...]:
        """Write results as they come; return the rows in the order of the jobs."""
        if progress is not None:
            progress(0, of, "")
        for done, found in enumerate(results, 1):
            job = self.jobs[found.number]
            if found.assessment is None:
                state = "back in the queue" if found.ours else "not graded"
                self.rows[found.number] = _without(job, state, found.problem)
            else:
                self.batch.append(found)
            if len(self.batch) >= _BATCH or time.monotonic() - self.since > _BATCH_SECONDS:
                self.flush()
            if progress is not None:
                progress(done, of, f"{job.student} · {job.module}")
        self.flush()
        return tuple(self.rows[number] for number in range(len(self.jobs)))

    def flush(self) -> None:
        """Write the batch in hand."""
        batch, self.batch, self.since = self.batch, [], time.monotonic()
        self._write(batch)

    def _write(self, batch: Sequence[Graded]) -> None:
        """Write a batch in one commit; if a row of it cannot be written, each alone."""
        if not batch:
            return
        try:
            before = insist(self.book, lambda: self._commit(batch))
        except EnvironmentLacksError:
            raise
        except Exception as error:
            if len(batch) > 1:
                for one in batch:
                    self._write([one])
                return
            job = self.jobs[batch[0].number]
            known = isinstance(error, SkillMapError)
            state = "not graded" if known else "back in the queue"
            what = str(error) if known else f"{type(error).__name__}: {error}"
            self.rows[batch[0].number] = _without(job, state, what)
            return
        for one in batch:
            self.rows[one.number] = self._filed(one, before[one.number])

    def _commit(self, batch: Sequence[Graded]) -> dict[int, Was | None]:
        before = {one.number: self._before(self.jobs[one.number]) for one in batch}
        if self.round is not None:
            self.round.flush()
        with one_commit(self.book):
            for one in batch:
                assert one.assessment is not None
                record_rows(self.course, self.book, one.assessment, self.config)
        return before

    def _filed(self, one: Graded, before: Was | None) -> Row:
        """Write the files of a submission whose rows are committed."""
        job = self.jobs[one.number]

        def file() -> Row:
            assert one.assessment is not None
            result, waiting = record_files(
                self.course,
                self.book,
                one.assessment,
                one.notebook,
                self.round.name if self.round else "",
            )
            return result_row(job, "graded", result, waiting, before)

        try:
            row = insist(self.book, file)
        except EnvironmentLacksError:
            raise
        except Exception as error:  # a full disk: ours, the ledger knows nothing, it comes again
            if database_gone(error):
                raise
            return _without(job, "back in the queue", f"{type(error).__name__}: {error}")
        return replace(row, seconds=round(one.seconds, 3))

    def _now(self, job: Job) -> SubmissionResult | None:
        """What is kept of a submission, with the gradebook as it is now."""
        try:
            kept = load_result(self.course, job.module, job.student)
        except SubmissionError:
            return None
        cells = materials(self.course, job.module).cells
        return kept and refresh(kept, self.book, job.student, cells)

    def _before(self, job: Job) -> Was | None:
        """What it was before this run, or before the regrade that this run goes on with."""
        if self.round is not None and (job.module, job.student) in self.round.known:
            return self.round.known[job.module, job.student]
        now = self._now(job)
        if self.round is not None:
            return self.round.before(job.module, job.student, now)
        return Was.of(now) if now else None

    def _kept(self, job: Job) -> Row:
        """The row of a submission that is up to date."""
        result = self._now(job)
        marks = read_marks(self.book, job.module, job.student)
        if result is None or marks is None:
            return Row(job.module, job.student, "up to date")
        key = (job.module, job.student)
        before = self.round.known.get(key) if self.round is not None else None
        return result_row(job, "up to date", result, marks.waiting, before)


def _without(job: Job, state: str, problem: str) -> Row:
    return Row(job.module, job.student, state, job.why, problems=(problem,))
