"""``skillmap grade --scheduler tcp://host:port``: run and score on the workers of a Dask cluster.

The function that a local worker runs is sent to other machines, with JSON in and JSON out
(``bundles``). They need this library in the same version, and each a sandbox; they need neither
the course's folder nor its gradebook, which one process here goes on writing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.cohort.bundles import (
    pack_module,
    pack_result,
    pack_submission,
    unpack_module,
    unpack_result,
    unpack_submission,
)
from skillmap.cohort.engines import chosen
from skillmap.cohort.stamps import library_version
from skillmap.cohort.submission import Submission, read_submission
from skillmap.cohort.workers import TRIES, Graded, grade_submission
from skillmap.errors import EnvironmentLacksError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skillmap.cohort.course import Course

__all__ = ["ClusterPool", "grade_bundle"]

_CONNECT_SECONDS = 10.0
_WORKERS_SECONDS = 30.0
_SILENCE_SECONDS = 60.0
_ROOM_SECONDS = 2.0
_ANOTHER = b"another version: "

_Task = tuple[int, str, str]

_places: dict[str, tuple[Any, Course]] = {}
_guard = threading.Lock()


def grade_bundle(submission: bytes, module: bytes) -> bytes:
    """Run and score one submission on this machine: a pure function of its two arguments.

    Answers ``another version: …`` instead if the sender's library is not this one.
    """
    parcel = unpack_submission(submission)
    if parcel.library != library_version():
        return _ANOTHER + library_version().encode()
    course = _course(module)
    return pack_result(grade_submission(course, parcel.number, parcel.submission))


def _course(module: bytes) -> Course:
    """Return a module's files in a private folder of this process, written once."""
    name = hashlib.blake2b(module, digest_size=16).hexdigest()
    with _guard:
        if name not in _places:
            place = tempfile.TemporaryDirectory(prefix=f"skillmap-course-{os.getpid()}-")
            course, _ = unpack_module(module, Path(place.name))
            _places[name] = place, replace(course, engine=chosen(course.engine))
        return _places[name][1]


def _same(data: bytes) -> bytes:
    """A task that holds a module's files, so that the cluster can make it again."""
    return data


def _greeting(engine: str) -> dict[str, str]:
    """What a worker says of itself: its library, and whether it can run other people's code."""
    try:
        return {"library": library_version(), "engine": chosen(engine)}
    except EnvironmentLacksError as error:
        return {"library": library_version(), "lacks": str(error)}


class ClusterPool:
    """The workers of a Dask cluster as a pool. Raises ``EnvironmentLacksError`` if they cannot.

    What is on its way at a time is bounded by the workers' threads, not by the cohort.
    """

    def __init__(self, course: Course, scheduler: str) -> None:
        try:
            import distributed
        except ImportError:
            raise EnvironmentLacksError(
                "Grading on a cluster needs Dask: pip install 'ai-pm-skill-map[dask]'."
            ) from None
        self._dask: Any = distributed
        self._course, self._scheduler = course, scheduler
        self._modules: dict[str, Any] = {}
        self._room, self._room_at, self._heard = 0, 0.0, time.monotonic()
        try:
            self._client = distributed.Client(
                scheduler, timeout=_CONNECT_SECONDS, set_as_default=False, name="skillmap"
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise EnvironmentLacksError(
                f"No Dask scheduler answers at {scheduler}: {error}. Start one with "
                "dask scheduler, and workers with dask worker ADDRESS."
            ) from None
        try:
            self._greet()
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> ClusterPool:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            self._client.close(timeout=5)

    def _greet(self) -> None:
        """Ask every worker for its version and its sandbox before anything is sent."""
        try:
            self._client.wait_for_workers(1, timeout=_WORKERS_SECONDS)
        except (TimeoutError, OSError):
            raise EnvironmentLacksError(
                f"The scheduler {self._scheduler} has no workers. Start some with: "
                f"dask worker {self._scheduler}"
            ) from None
        said = self._client.run(_greeting, self._course.engine, on_error="return")
        faults = []
        for address, one in sorted(said.items()):
            if not isinstance(one, dict):
                told = " ".join(str(one).split())[:200]
                faults.append(f"{address}: cannot load this library: {type(one).__name__}: {told}")
            elif one.get("library") != library_version():
                faults.append(f"{address}: its library is {one.get('library')}")
            elif "lacks" in one:
                faults.append(f"{address}: {one['lacks']}")
        if faults:
            lines = "\n".join(f"  {fault}" for fault in faults)
            raise EnvironmentLacksError(
                f"These workers cannot grade for this machine (library {library_version()}):\n"
                f"{lines}\nInstall the same version on each, or end those workers."
            )

    def results(self, tasks: Iterable[_Task]) -> Iterator[Graded]:
        """Yield a result for each (number, module, student), as they come.

        Dask gives a lost worker's submissions to another; what fails by our fault is sent again,
        and after three tries given back as a fault of ours.
        """
        waiting, again = iter(tasks), deque[_Task]()
        tries: dict[int, int] = {}
        out: dict[Any, tuple[_Task, Submission]] = {}
        more = True
        while True:
            while (again or more) and len(out) < self._capacity():
                task = again.popleft() if again else next(waiting, None)
                if task is None:
                    more = False
                    break
                try:
                    submission = read_submission(self._course, task[1], task[2])
                except SkillMapError as error:
                    yield Graded(task[0], problem=str(error))
                    continue
                out[self._send(task[0], submission)] = task, submission
            if not out:
                if not again and not more:
                    return
                continue
            for future in self._some(out):
                task, submission = out.pop(future)
                found = self._take(future, task[0], submission)
                future.release()
                if found.ours:
                    tries[task[0]] = tries.get(task[0], 0) + 1
                    if tries[task[0]] < TRIES:
                        again.append(task)
                        continue
                tries.pop(task[0], None)
                yield found

    def _send(self, number: int, submission: Submission) -> Any:
        module = submission.module
        if module not in self._modules:
            data = pack_module(self._course, module)
            name = hashlib.blake2b(data, digest_size=8).hexdigest()
            key = f"skillmap-{module}-{name}"
            self._modules[module] = self._client.submit(_same, data, key=key)
        parcel = pack_submission(number, submission, library_version())
        return self._client.submit(grade_bundle, parcel, self._modules[module], pure=False)

    def _capacity(self) -> int:
        """How many submissions may be on their way: two for each thread of the cluster."""
        now = time.monotonic()
        if now - self._room_at > _ROOM_SECONDS:
            self._room_at = now
            self._room = 2 * self._threads()
        return max(2, self._room)

    def _threads(self) -> int:
        """Threads of all workers; ends the run if there has been none for a minute."""
        found = 0
        with suppress(OSError, TimeoutError):
            found = sum(self._client.nthreads().values())
        if found:
            self._heard = time.monotonic()
        elif time.monotonic() - self._heard > _SILENCE_SECONDS or self._client.status == "closed":
            raise EnvironmentLacksError(
                f"The cluster at {self._scheduler} has had no worker for a minute. "
                "What was graded is kept; the same command goes on from there."
            )
        return found

    def _some(self, out: dict[Any, Any]) -> list[Any]:
        """Wait until something of what is on its way has ended."""
        while True:
            ended = [future for future in out if future.status != "pending"]
            if ended:
                return ended
            with suppress(TimeoutError, self._dask.CancelledError), self._client.as_current():
                self._dask.wait(list(out), timeout=_ROOM_SECONDS, return_when="FIRST_COMPLETED")
                continue
            self._capacity()

    def _take(self, future: Any, number: int, submission: Submission) -> Graded:
        """Read what a worker answered; whatever went wrong on the way is ours."""
        try:
            data = future.result(timeout=_SILENCE_SECONDS + self._course.total_seconds)
        except Exception as error:
            problem = f"The cluster did not grade this: {type(error).__name__}: {error}"
            return Graded(number, problem=problem[:500], ours=True)
        if data.startswith(_ANOTHER):
            version = data.removeprefix(_ANOTHER).decode()
            raise EnvironmentLacksError(
                f"A worker with another library joined the cluster: {version}, this machine has "
                f"{library_version()}. Install the same version on each; what was graded is kept."
            )
        try:
            return unpack_result(data, number, self._course, submission)
        except (SkillMapError, ValueError, KeyError, TypeError) as error:
            problem = f"The cluster's answer cannot be read: {type(error).__name__}: {error}"
            return Graded(number, problem=problem[:500], ours=True)
