"""Grading on a Dask cluster: same results, none lost with a worker, clear refusals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.cohort.generated import generate
from tests.cohort.small_course import HandIn, right_number, sheet
from tests.cohort.tables import MODULE, files, tables

from skillmap.cohort import bundles, cluster
from skillmap.cohort.assess import assess
from skillmap.cohort.grade import grade
from skillmap.cohort.submission import read_submission
from skillmap.cohort.workers import default_workers, grade_submission
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skillmap.cohort.course import Course

distributed = pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
PRELOAD = str(Path(__file__).with_name("small_worker.py"))
OPEN = "open" if default_workers() else "plain"
NOISE = pytest.mark.filterwarnings(
    # what Dask leaves open when a cluster inside one process is closed
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
pytestmark = [pytest.mark.slow, NOISE, pytest.mark.usefixtures("cold_engine")]


def environment() -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


@contextmanager
def program(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler or a worker as a process of its own."""
    started = subprocess.Popen(
        [sys.executable, "-m", *words],
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.terminate()
        try:
            started.wait(timeout=10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def scheduler(tmp_path: Path) -> Iterator[str]:
    card = tmp_path / "scheduler.json"
    words = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    with program(*words, "--no-dashboard", "--no-show", "--scheduler-file", str(card)):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError, ValueError):
                yield str(json.loads(card.read_text())["address"])
                return
            time.sleep(0.1)
        pytest.fail("no scheduler")


def worker(address: str, tmp_path: Path, *more: str) -> Any:
    return program(
        "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard",
        "--local-directory", str(tmp_path), "--preload", PRELOAD, *more,
    )  # fmt: skip


def serial(course: Course) -> tuple[Any, Any]:
    """What this process alone comes to; the course is as new afterwards."""
    assert grade(course, [MODULE]).exit_code == 0
    found = tables(course), files(course)
    for path in course.root.glob("gradebook.db*"):
        path.unlink()
    return found


def test_a_local_cluster_comes_to_the_same(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    course = replace(course, engine=OPEN)
    generate(hand_in, 12, seed=11)
    scores, kept = serial(course)
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path), preload=[PRELOAD],
    ) as local:  # fmt: skip
        report = grade(course, [MODULE], scheduler=local.scheduler_address)
        assert report.exit_code == 0, report.failed
        assert {r.why for r in report.rows} == {"not in the gradebook"}
        assert (tables(course), files(course)) == (scores, kept)
        again = grade(course, [MODULE], scheduler=local.scheduler_address)
        assert {r.state for r in again.rows} == {"up to date"}


def test_a_worker_that_is_killed_half_way_loses_nothing(
    course: Course, hand_in: HandIn, tmp_path: Path
) -> None:
    course = replace(course, engine=OPEN)
    students = generate(hand_in, 14, seed=12)
    scores, kept = serial(course)
    seen: list[str] = []
    with (
        scheduler(tmp_path) as address,
        worker(address, tmp_path) as first,
        worker(address, tmp_path) as second,
    ):
        with distributed.Client(address, timeout=30) as client:
            client.wait_for_workers(2, timeout=60)

        def step(done: int, of: int, who: str) -> None:
            if done:
                seen.append(who)
            if done == len(students) // 2:
                first.kill()

        report = grade(course, [MODULE], scheduler=address, progress=step)
        assert first.wait(timeout=10) == -9
        assert second.poll() is None
    assert report.exit_code == 0, report.failed
    assert sorted(seen) == [f"{student} · {MODULE}" for student in students], "each came once"
    assert (tables(course), files(course)) == (scores, kept)


def test_what_cannot_work_is_refused_before_anything_is_graded(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    course = replace(course, engine=OPEN)
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1.0)
    with pytest.raises(EnvironmentLacksError, match="No Dask scheduler answers at tcp://127"):
        grade(course, [MODULE], scheduler="tcp://127.0.0.1:9")
    with pytest.raises(EnvironmentLacksError, match="No Dask scheduler answers at nonsense"):
        grade(course, [MODULE], scheduler="nonsense://x")
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 20.0)
    monkeypatch.setattr(cluster, "_WORKERS_SECONDS", 1.0)
    with scheduler(tmp_path) as address:
        with pytest.raises(EnvironmentLacksError, match="has no workers"):
            grade(course, [MODULE], scheduler=address)
        monkeypatch.setattr(cluster, "_WORKERS_SECONDS", 60.0)
        with worker(address, tmp_path):
            monkeypatch.setattr(cluster, "library_version", lambda: "0.0.1+other")
            refused = r"cannot grade for this machine \(library 0.0.1\+other\)"
            with pytest.raises(EnvironmentLacksError, match=refused) as found:
                grade(course, [MODULE], scheduler=address)
            assert "its library is" in str(found.value)
    assert not (course.root / "gradebook.db").exists()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentLacksError, match=r"pip install 'ai-pm-skill-map\[dask\]'"):
        grade(course, [MODULE], scheduler="tcp://127.0.0.1:9")


def test_a_worker_with_another_library_answers_nothing_but_that(
    course: Course, hand_in: HandIn
) -> None:
    hand_in("ada")
    parcel = bundles.pack_submission(0, read_submission(course, MODULE, "ada"), "0.0.1+other")
    assert cluster.grade_bundle(parcel, b"").startswith(b"another version: ")


def test_what_travels_is_json_and_comes_back_as_it_was(course: Course, hand_in: HandIn) -> None:
    course = replace(course, engine=OPEN)
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada"), es_w1_text="Für ∑ \ud83d\ude00"))
    submission = read_submission(course, MODULE, "ada")
    there = bundles.pack_submission(3, submission, "1")
    parcel = bundles.unpack_submission(there)
    assert (parcel.number, parcel.library) == (3, "1")
    assert parcel.submission.answers == submission.answers
    assert parcel.submission.submitted_at == submission.submitted_at
    graded = grade_submission(course, 3, parcel.submission)
    back = bundles.pack_result(graded)
    json.loads(back)
    found = bundles.unpack_result(back, 3, course, submission)
    direct = assess(course, submission)
    assert found.assessment is not None
    assert graded.assessment is not None
    for name in ("feedbacks", "problems", "prints", "stamp", "world", "learner", "cells"):
        assert getattr(found.assessment, name) == getattr(direct, name), name
    assert found.notebook == graded.notebook
    other = replace(submission, digest="0" * 32)
    mixed = bundles.unpack_result(back, 3, course, other)
    assert mixed.ours, "an answer for another hand-in is a fault of ours"
    assert "something else" in mixed.problem
    evil = {"module": MODULE, "settings": _settings(course), "files": {"../x": ""}}
    with pytest.raises(ValueError, match="is not a path inside"):
        bundles.unpack_module(json.dumps(evil).encode(), course.root / "there")


def _settings(course: Course) -> dict[str, Any]:
    names = ("course_id", "cohort", "engine", "cell_seconds", "total_seconds")
    return {name: getattr(course, name) for name in names}
