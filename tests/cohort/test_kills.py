"""``kill -9`` at random moments: run again, and everything is there once, as if nothing happened.

Struck are the coordinator, a worker, a zygote (the warmed process that submissions are forked
from) and the connection to the database. A short form runs with the tests; ``make soak`` strikes
fifty times. The seed is printed with a failure, and ``SKILLMAP_SEED`` sets it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from tests.cohort.generated import generate
from tests.cohort.postgres import ask, needs_postgres, postgres_server
from tests.cohort.tables import MODULE, files, tables

from skillmap.cohort.engine import layers
from skillmap.cohort.engine.papermill import close_shared
from skillmap.cohort.grade import grade
from skillmap.cohort.record import gradebook
from skillmap.cohort.workers import default_workers

if TYPE_CHECKING:
    from tests.cohort.small_course import HandIn

    from skillmap.cohort.course import Course

SOAK = bool(os.environ.get("SKILLMAP_SOAK"))
SEED = int(os.environ.get("SKILLMAP_SEED", "20"))
ENGINE = "skillmap" if all(x.present for x in layers() if x.required) else "open"
LEARNERS = 20 if SOAK else 12

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("cold_engine"),
    pytest.mark.skipif(not default_workers(), reason="no fork here"),
]


@dataclass
class Striker:
    """Runs gradings in a process of their own and kills parts of them."""

    course: Course
    dice: random.Random
    span: float
    struck: Counter[str] = field(default_factory=Counter)
    seen: dict[int, psutil.Process] = field(default_factory=dict)

    def _start(self) -> Any:
        done = all(
            row.state == "up to date" for row in grade(self.course, [MODULE], dry_run=True).rows
        )
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_grade_all, args=(self.course, done))
        process.start()
        return process

    def strike(self, targets: list[str]) -> None:
        """Kill each of ``targets`` once, in as many runs as that takes."""
        left = list(targets)
        self.dice.shuffle(left)
        while left:
            process = self._start()
            while left and process.is_alive():
                process.join(self.dice.uniform(0.02, self.span))
                if process.is_alive() and self._hit(process, left[0]):
                    self.struck[left[0]] += 1
                    if left.pop(0) == "coordinator":
                        break
            process.join(180)
            assert process.exitcode is not None, "a run hangs"

    def _family(self, process: Any) -> list[psutil.Process]:
        family = psutil.Process(process.pid).children(recursive=True)
        self.seen |= {member.pid: member for member in family}
        return family

    def _hit(self, process: Any, target: str) -> bool:
        """Strike; false if the run ended before there was anything to strike."""
        while process.is_alive():
            with suppress(psutil.NoSuchProcess):
                family = self._family(process)
                if target == "database":
                    if self._cut():
                        return True
                elif found := self._members(process, family, target):
                    self.dice.choice(found).send_signal(signal.SIGKILL)
                    return True
            process.join(0.02)
        return False

    @staticmethod
    def _members(process: Any, family: list[psutil.Process], target: str) -> list[psutil.Process]:
        if target == "coordinator":
            return [psutil.Process(process.pid)]
        if target == "worker":
            return [p for p in family if p.ppid() == process.pid]
        engines = [p for p in family if "skillmap.cohort.engine.zygote" in p.cmdline()]
        programs = [p for p in engines if p.name() != "bwrap"]
        pids = {p.pid for p in programs}
        return [p for p in programs if p.ppid() not in pids]

    def _cut(self) -> int:
        """Cut every connection to the course's database, on the server's side."""
        return len(
            ask(
                self.course.db_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        )

    def survivors(self, patience: float = 20.0) -> list[psutil.Process]:
        """What is still there of all processes that were seen."""
        _, alive = psutil.wait_procs(list(self.seen.values()), timeout=patience)
        return [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def _grade_all(course: Course, regrade: bool) -> None:
    grade(course, [MODULE], regrade=regrade, workers=2)


def undisturbed(course: Course) -> tuple[float, Any, Any]:
    """Return half the seconds of a run, and what it comes to; the course is as new afterwards.

    This process grades, so that all is imported that the struck processes use.
    """
    assert grade(course, [MODULE]).exit_code == 0
    close_shared()
    begun = time.monotonic()
    assert grade(course, [MODULE], regrade=True, workers=2).exit_code == 0
    span = (time.monotonic() - begun) / 2
    found = span, tables(course), files(course)
    forget(course, gradebook_too=True)
    return found


def finish(course: Course) -> None:
    """The same command once more, undisturbed: it goes on, and then there is nothing to do."""
    report = grade(course, [MODULE], workers=2)
    assert report.exit_code == 0, report.failed
    again = grade(course, [MODULE], workers=2)
    assert {row.state for row in again.rows} == {"up to date"}


def left_behind(course: Course) -> list[str]:
    """Half-written files and folders, and scratch of processes that are gone."""
    found = [*(course.root / "autograded").glob("*/.*")]
    found += (course.root / ".skillmap").rglob("*.tmp")
    for path in Path(tempfile.gettempdir()).glob("skillmap-run-*"):
        owner = path.name.split("-")[2]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            found.append(path)
    return [str(path) for path in found]


def forget(course: Course, *, gradebook_too: bool) -> None:
    shutil.rmtree(course.root / "autograded", ignore_errors=True)
    if gradebook_too:
        shutil.rmtree(course.root / ".skillmap", ignore_errors=True)
        for path in course.root.glob("gradebook.db*"):
            path.unlink()


def override(course: Course) -> None:
    """A person's scores and comment, and one that the person has not settled yet."""
    with gradebook(course) as book:
        for student, cell, points in (("s0000", "es-e1", 7.5), ("s0001", "es-w1", 4.0)):
            written = book.find_grade(cell, MODULE, MODULE, student)
            written.manual_score, written.needs_manual_grade = points, False
        book.find_comment("es-w1-answer", MODULE, MODULE, "s0001").manual_comment = "Well said."
        book.db.commit()


def spoil(course: Course) -> None:
    """Take our own scores and comments away; a person's stay."""
    from sqlalchemy import text

    with gradebook(course) as book:
        book.db.execute(text("UPDATE grade SET auto_score = NULL"))
        book.db.execute(text("UPDATE comment SET auto_comment = 'lost'"))
        book.db.commit()


def share(number: int, *kinds: str) -> list[str]:
    return [kinds[k % len(kinds)] for k in range(number)]


def test_killed_at_random_moments_nothing_is_lost_and_nothing_counted_twice(
    course: Course, hand_in: HandIn
) -> None:
    course = replace(course, engine=ENGINE)
    generate(hand_in, LEARNERS, seed=SEED, calm=True)
    span, scores, kept = undisturbed(course)

    striker = Striker(course, random.Random(SEED), span)
    kinds = ("coordinator", "worker", "zygote")
    striker.strike(share(15 if SOAK else 3, *kinds))
    finish(course)
    assert tables(course) == scores, f"seed {SEED}"
    assert files(course) == kept, f"seed {SEED}"

    override(course)
    assert grade(course, [MODULE], regrade=True, workers=2).exit_code == 0
    with_person, page = tables(course), files(course)
    assert with_person != scores
    forget(course, gradebook_too=False)
    spoil(course)
    striker.strike(share(15 if SOAK else 2, *kinds))
    finish(course)
    assert tables(course) == with_person, f"seed {SEED}"
    assert files(course) == page, f"seed {SEED}"

    assert striker.struck.total() == (30 if SOAK else 5)
    assert striker.survivors() == []
    assert left_behind(course) == []


@needs_postgres
def test_a_database_that_is_cut_off_loses_nothing(course: Course, hand_in: HandIn) -> None:
    course = replace(course, engine=ENGINE)
    generate(hand_in, LEARNERS, seed=SEED, calm=True)
    span, scores, kept = undisturbed(course)

    with postgres_server() as url:
        course = replace(course, db_url=url)
        striker = Striker(course, random.Random(SEED + 1), span)
        striker.strike(share(20 if SOAK else 3, "database", "database", "coordinator"))
        finish(course)
        assert tables(course) == scores, f"seed {SEED}"
        assert files(course) == kept, f"seed {SEED}"
    assert striker.struck["database"] >= 2
    assert striker.survivors() == []
    assert left_behind(course) == []
