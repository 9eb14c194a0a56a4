"""Worker processes: each owns one warmed engine, runs and scores submissions, writes nothing.

A worker holds at most ``_IN_HAND`` submissions, and waits with its result until it is taken: the
memory of a run does not grow with the cohort. What a learner's code left behind has been read as
bounded JSON in the worker; what passes between worker and coordinator is our own values.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from skillmap.cohort.assess import assess
from skillmap.cohort.engine.faults import EngineFault
from skillmap.cohort.engines import OPEN, SANDBOXED
from skillmap.cohort.notebooks import notebook_text
from skillmap.cohort.run import EngineFaultError
from skillmap.cohort.submission import read_submission
from skillmap.errors import EnvironmentLacksError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skillmap.cohort.assess import Assessment
    from skillmap.cohort.course import Course
    from skillmap.cohort.submission import Submission

__all__ = [
    "TRIES",
    "Graded",
    "NoWorkers",
    "WorkerPool",
    "default_workers",
    "grade_here",
    "grade_submission",
]

TRIES = 3
"""How often a submission is tried before a fault of ours sends it back to the queue."""

_IN_HAND = 2
_COLLECT_AFTER = 20_000
"""New objects between two collections; Python's own 700 are for small programs."""
_GRACE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of one submission: an assessment with its notebook as text, or a problem.

    ``ours`` is true if the problem is a fault of ours: the submission goes back to the queue.
    """

    number: int
    assessment: Assessment | None = None
    notebook: str = ""
    problem: str = ""
    ours: bool = False
    seconds: float = 0.0


def default_workers() -> int:
    """Return the number of cores this process may use; 0 where workers cannot be forked."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 0
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def grade_here(course: Course, number: int, module: str, student: str) -> Graded:
    """Read, run and score one submission; never raises for one bad submission."""
    try:
        submission = read_submission(course, module, student)
    except SkillMapError as error:
        return Graded(number, problem=str(error))
    except Exception as error:  # ours: the cohort goes on, and nobody gets a zero for it
        return Graded(number, problem=f"{type(error).__name__}: {error}", ours=True)
    return grade_submission(course, number, submission)


def grade_submission(course: Course, number: int, submission: Submission) -> Graded:
    """Run and score a submission that has been read: all that a worker does, here or elsewhere."""
    begun = time.monotonic()
    try:
        found = assess(course, submission)
    except (EngineFaultError, EngineFault, EnvironmentLacksError) as error:
        return Graded(number, problem=str(error), ours=True)
    except SkillMapError as error:
        return Graded(number, problem=str(error))
    except Exception as error:  # ours: the cohort goes on, and nobody gets a zero for it
        return Graded(number, problem=f"{type(error).__name__}: {error}", ours=True)
    text = notebook_text(found.notebook)
    light = replace(found, notebook=None, submission=replace(found.submission, notebook=None))
    return Graded(number, light, text, seconds=time.monotonic() - begun)


@dataclass(frozen=True, slots=True)
class NoWorkers:
    """This process does it all, one submission at a time."""

    course: Course

    def results(self, tasks: Iterable[tuple[int, str, str]]) -> Iterator[Graded]:
        """Yield a result for each (number, module, student)."""
        for task in tasks:
            yield grade_here(self.course, *task)


def _work(course: Course, line: Any, others: list[Any], parent: int) -> None:
    """The life of a worker: until the coordinator says stop, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    try:
        _warm(course)
        _collect_rarely()
        while os.getppid() == parent:
            if not line.poll(1.0):
                continue
            task = line.recv()
            if task is None:
                return
            line.send(grade_here(course, *task))
    except (EOFError, OSError):
        return
    finally:
        with suppress(ImportError):
            from skillmap.cohort.engine.papermill import close_shared

            close_shared()


def _warm(course: Course) -> None:
    """Have the engine ready when the first task comes; a fault shows there, with its name."""
    if course.engine in {SANDBOXED, OPEN}:
        from skillmap.cohort.engine.papermill import warm

        with suppress(EngineFault, EnvironmentLacksError):
            warm(sandboxed=course.engine == SANDBOXED, hidden=(course.root,))


def _collect_rarely() -> None:
    """Leave what is loaded by now out of every later collection, and collect less often.

    Keys, notebooks and articles are a quarter of a million objects that stay; going through them
    again and again took a sixth of a worker's time. Reference counts free memory all the same.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)


@dataclass(slots=True)
class _Worker:
    process: Any
    line: Any
    hand: deque[tuple[int, str, str]] = field(default_factory=deque)
    since: float = 0.0


class WorkerPool:
    """``number`` workers, forked now: make it before a database or a thread is opened."""

    def __init__(self, course: Course, number: int) -> None:
        self._course = course
        self._context: Any = multiprocessing.get_context("fork")
        self._workers: list[_Worker] = []
        self._longest = course.total_seconds + _GRACE_SECONDS
        for _ in range(max(1, number)):
            self._workers.append(self._new())

    def _new(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        others = [ours, *(w.line for w in self._workers)]
        process = self._context.Process(
            target=_work, args=(self._course, theirs, others, os.getpid()), daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            with suppress(OSError):
                if not worker.hand:
                    worker.line.send(None)
        for worker in self._workers:
            worker.process.join(0 if worker.hand else 10)
            self._end(worker)

    @staticmethod
    def _end(worker: _Worker) -> None:
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join()
        worker.line.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers' process ids, for tests and measurements."""
        return tuple(w.process.pid for w in self._workers)

    def results(self, tasks: Iterable[tuple[int, str, str]]) -> Iterator[Graded]:
        """Yield a result for each (number, module, student), as they come.

        A worker that dies, or an engine that fails, puts its submission back; after three tries it
        is given as a fault of ours.
        """
        waiting, again = iter(tasks), deque[tuple[int, str, str]]()
        tries: dict[int, int] = {}
        more = True
        while True:
            for place, worker in enumerate(self._workers):
                while len(worker.hand) < _IN_HAND and (again or more):
                    task = again.popleft() if again else next(waiting, None)
                    if task is None:
                        more = False
                        break
                    self._give(place, task)
            busy = [w for w in self._workers if w.hand]
            if not busy:
                if not again and not more:
                    return
                continue
            ready = wait([w.line for w in busy], timeout=1.0)
            for place, worker in enumerate(self._workers):
                if worker.line in ready:
                    try:
                        found = worker.line.recv()
                    except (EOFError, OSError):
                        found = None
                elif worker.hand and time.monotonic() - worker.since > self._longest:
                    found = None
                else:
                    continue
                if found is not None:
                    task = worker.hand.popleft()
                    worker.since = time.monotonic()
                else:
                    task, *rest = worker.hand
                    again.extend(rest)
                    self._end(worker)
                    self._workers[place] = self._new()
                    text = "A grading process ended while this was being graded."
                    found = Graded(task[0], problem=text, ours=True)
                if found.ours:
                    tries[task[0]] = tries.get(task[0], 0) + 1
                    if tries[task[0]] < TRIES:
                        again.append(task)
                        continue
                tries.pop(task[0], None)
                yield found

    def _give(self, place: int, task: tuple[int, str, str]) -> None:
        worker = self._workers[place]
        if not worker.hand:
            worker.since = time.monotonic()
        worker.hand.append(task)
        with suppress(OSError):  # a dead worker is noticed where its result is awaited
            worker.line.send(task)
