"""The run itself: limits, environment, links, and faults that are ours."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from tests.cohort.small_course import HandIn, sheet

from skillmap.cohort.build import learner_notebook
from skillmap.cohort.course import read_bounded
from skillmap.cohort.notebooks import grade_id
from skillmap.cohort.run import EngineFaultError, Limits, Run, child_environment, run_submission
from skillmap.cohort.submission import read_submission
from skillmap.errors import EnvironmentLacksError, SubmissionError
from skillmap.lessons import lesson
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from pathlib import Path

    from skillmap.cohort.course import Course

QUICK = Limits(cell_seconds=2, total_seconds=30)


def run(course: Course, code: str, limits: Limits = QUICK, **options: Any) -> Run:
    master = learner_notebook(course, "estimation")
    book = json.loads(nbformat.writes(master))
    for cell in book["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "es-e1-answer":
            cell["source"] = code
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "es-e2-answer":
            cell["source"] = 'answer("es.e2.model", "heron")'
    return run_submission(
        master, book, None, learner="ada", cohort="open", limits=limits, **options
    )


def outputs(done: Run, name: str = "es-e1-answer") -> str:
    cell = next(c for c in done.notebook.cells if grade_id(c) == name)
    return "".join(o.get("text", "") for o in cell.outputs)


def saved(done: Run) -> dict[str, Any]:
    return json.loads(done.answers or b"{}").get("answers", {})


@pytest.mark.slow
def test_an_error_does_not_end_the_run(course: Course) -> None:
    done = run(course, "1/0")
    assert done.outcome.ended == "done"
    assert [e.name for e in done.outcome.errors] == ["ZeroDivisionError"]
    assert saved(done)["es.e2.model"]["value"] == "heron"
    assert "Cell es-e1-answer stopped with ZeroDivisionError: division by zero" in done.problems


@pytest.mark.slow
def test_an_endless_cell_is_interrupted_and_the_rest_runs(course: Course) -> None:
    done = run(course, "while True: pass")
    assert [e.name for e in done.outcome.errors] == ["CellTimeout"]
    assert saved(done)["es.e2.model"]["value"] == "heron"


@pytest.mark.slow
def test_the_whole_run_has_a_limit(course: Course) -> None:
    code = (
        "import time\nfor _ in range(99):\n    try:\n        time.sleep(9)\n"
        "    except BaseException: pass"
    )
    done = run(course, code, Limits(cell_seconds=2, total_seconds=3))
    assert done.outcome.ended == "out of time", done.outcome
    assert "used up its time" in done.problems[-1]


@pytest.mark.slow
def test_a_killed_kernel_keeps_what_was_saved(course: Course) -> None:
    done = run(course, 'answer("es.e1.calls", 5)\nimport os\nos._exit(1)')
    assert done.outcome.ended == "died"
    assert saved(done)["es.e1.calls"]["value"] == 5


@pytest.mark.slow
def test_output_is_bounded_and_harmless(course: Course) -> None:
    code = (
        "print('x' * 5_000_000)\nfrom IPython.display import HTML, Javascript, display\n"
        "display(HTML('<script>alert(1)</script><b>8</b>'), Javascript('alert(1)'))"
    )
    done = run(course, code, Limits(cell_seconds=20, output_bytes=200_000))
    text = nbformat.writes(done.notebook)
    assert len(text) < 1_000_000
    shown = json.dumps([c.get("outputs") for c in done.notebook.cells])
    assert "<script" not in shown
    assert "javascript" not in shown


@pytest.mark.slow
def test_no_secret_of_ours_reaches_the_run(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "s3cret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    done = run(course, "import os, pathlib\nprint(dict(os.environ), pathlib.Path.home())")
    told = outputs(done)
    assert "s3cret" not in told
    assert os.path.expanduser("~") not in told.split()[-1]  # noqa: PTH111
    assert "SKILLMAP_STATIC" in told


def test_the_environment_is_a_short_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYTHING", "else")
    names = child_environment(tmp_path)
    assert "ANYTHING" not in names
    assert names["HOME"].startswith(str(tmp_path))
    assert names["SKILLMAP_STATIC"] == "1"


def test_an_engine_nobody_knows_and_one_that_does_not_start(course: Course) -> None:
    with pytest.raises(EnvironmentLacksError, match="No engine is called 'warp'"):
        run(course, "1", engine="warp")
    master = learner_notebook(course, "estimation")
    master.metadata["kernelspec"]["name"] = "no-such"
    with pytest.raises(EngineFaultError, match="did not start"):
        run_submission(master, None, None, learner="ada", cohort="open")


def test_links_and_oversized_files_are_refused(
    course: Course, hand_in: HandIn, tmp_path: Path
) -> None:
    victim = hand_in("victim", sheet("victim", es_e1_calls=1))
    folder = hand_in("eve")
    (folder / "answers.json").symlink_to(victim / "answers.json")
    (folder / "estimation.ipynb").unlink()
    (folder / "estimation.ipynb").symlink_to(victim / "estimation.ipynb")
    read = read_submission(course, "estimation", "eve")
    assert (read.answers, read.notebook) == (None, None)
    assert sum("is a link" in p for p in read.problems) == 2
    (folder / "answers.json").unlink()
    (folder / "answers.json").write_bytes(b" " * (2**20 + 1))
    read = read_submission(course, "estimation", "eve")
    assert read.answers is None
    assert any("larger than 1 MiB" in p for p in read.problems)
    linked = course.root / "submitted" / "mal"
    linked.symlink_to(course.root / "submitted" / "victim")
    with pytest.raises(SubmissionError, match="link"):
        read_submission(course, "estimation", "mal")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not an ordinary file"):
        read_bounded(tmp_path / "pipe", 10)


def test_a_time_stamp_that_is_none_is_told(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", stamp="next Tuesday-ish")
    read = read_submission(course, "estimation", "ada")
    assert read.submitted_at is None
    assert "is not a time" in read.problems[0]


@pytest.mark.slow
def test_a_cell_of_ours_that_fails_first_is_our_fault(course: Course) -> None:
    master = learner_notebook(course, "estimation")
    opening = next(c for c in master.cells if c.id == "open")
    opening.source = "import no_such_module_anywhere"
    with pytest.raises(EngineFaultError, match="own cell es-open failed: ModuleNotFoundError"):
        run_submission(master, None, None, learner="ada", cohort="open", limits=QUICK)


_TOLD = """from skillmap import open_module
print(open_module("estimation", learner="ada", cohort="open").ask("es.e1"))"""


@pytest.mark.slow
def test_a_run_shows_the_facts_it_was_given_and_the_same_as_without(course: Course) -> None:
    world = world_of("ada", "estimation", salt="open")
    facts = lesson("estimation").facts(world)
    shown = [
        outputs(run(course, _TOLD, **given))
        for given in ({}, {"facts": ("estimation", world, facts)})
    ]
    assert shown[0] == shown[1] != ""
    other = dict.fromkeys(facts, "a made-up figure")
    assert "a made-up figure" in outputs(run(course, _TOLD, facts=("estimation", world, other)))
