"""The command: help that teaches, exit codes, tables and JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cohort.small_course import HandIn, right_number, sheet
from typer.testing import CliRunner

from skillmap import cli

if TYPE_CHECKING:
    from skillmap.cohort.course import Course

COMMANDS = ["start", "check", "build", "grade", "feedback", "export", "verify", "doctor", "demo"]


def run(*args: str) -> tuple[int, str, str]:
    """Run in this process, so that the small course's lesson and graders hold."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        old, sys.argv = sys.argv, ["skillmap", *args]
        try:
            cli.main()
            code = 0
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        finally:
            sys.argv = old
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(cli.app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"skillmap {command}" in shown.output


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, skillmap.cli\nheavy = {'numpy', 'nbgrader', 'rich', 'pydantic', 'papermill'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    best = 9.0
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "skillmap.cli", "--help"], capture_output=True, check=True
        )
        best = min(best, time.perf_counter() - begun)
    assert best < 0.5


def test_exit_codes(course: Course, tmp_path: Path) -> None:
    at = ["--course", str(course.root)]
    assert run("build", "--check", *at)[0] == 1
    assert run("build", *at)[0] == 0
    assert run("build", "--check", *at)[0] == 0
    assert run("grade", "--nonsense", *at)[0] == 2
    assert run("export", "--to", "paper", *at)[0] == 2
    code, _, err = run("grade", "--course", str(tmp_path / "elsewhere"))
    assert code == 3
    assert "not in a course directory" in err
    code, _, err = run("grade", "evals", *at)
    assert code == 3
    assert "There are: estimation" in err


@pytest.mark.slow
def test_grade_feedback_export(course: Course, hand_in: HandIn, tmp_path: Path) -> None:
    at = ["--course", str(course.root)]
    code, out, _ = run("grade", *at)
    assert (code, "Nothing has been handed in" in out) == (0, True)
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada"), es_w1_text="Why."))
    (course.root / "submitted" / "bob" / "estimation").mkdir(parents=True)
    code, out, _ = run("grade", "--dry-run", *at)
    assert (code, "would grade" in out) == (0, True)
    code, out, err = run("grade", "--json", *at)
    report = json.loads(out)
    assert (code, err) == (0, "")
    ada, bob = report["submissions"]
    assert (ada["student"], ada["state"], ada["after"], ada["waiting"]) == (
        "ada",
        "graded",
        12.0,
        1,
    )
    assert (bob["after"], bob["problems"][0][:24]) == (0.0, "There is no estimation.i")
    code, out, _ = run("grade", "--regrade", "--student", "ada", *at)
    assert "Nobody moved." in out
    code, out, _ = run("feedback", *at)
    assert (code, "written" in out, "ada/estimation/estimation.html" in out) == (0, True, True)
    run("export", "--to", "csv", "-o", str(tmp_path / "s.csv"), *at)
    lines = (tmp_path / "s.csv").read_text().splitlines()
    assert lines[0].startswith("module,student,")
    assert lines[1].startswith("estimation,ada,,,,2026-11-20T10:00:00,12,20,0,1,10,0,2")
    _, canvas, _ = run("export", "--to", "canvas", *at)
    assert canvas.splitlines()[0] == "Student,ID,SIS User ID,SIS Login ID,Section,Estimation"
    assert "ada,,,ada,,12" in canvas
    _, moodle, _ = run("export", "--to", "moodle", *at)
    assert moodle.splitlines()[:2] == ["username,email,Estimation", "ada,,12"]


def test_doctor_says_what_is_here(course: Course) -> None:
    code, out, _ = run("doctor", "--json", "--course", str(course.root))
    found = {c["name"]: c["state"] for c in json.loads(out)}
    assert code == 0
    assert found["python"] == found["kernel"] == found["course"] == "ok"


@pytest.mark.parametrize(
    ("line", "name", "told"),
    [
        ("late_percent_per_day = 5", "course", "late_percent_per_day"),
        ('engine = "plane"', "engine", "plane"),
    ],
)
def test_doctor_finds_a_course_that_cannot_be_graded(
    course: Course, line: str, name: str, told: str
) -> None:
    (course.root / "course.toml").write_text(f'course_id = "x"\n{line}\n')
    code, out, _ = run("doctor", "--json", "--course", str(course.root))
    found = {c["name"]: c for c in json.loads(out)}
    assert code == 3
    assert found[name]["state"] == "missing"
    assert told in found[name]["detail"]
    assert found[name]["next_step"]


def test_start_never_replaces_a_learners_file(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", "--course", str(course.root))
    monkeypatch.chdir(course.root)
    place = tmp_path / "mine"
    code, _, err = run("start", "--dir", str(place), "--no-lab", "--learner", "Ada")
    assert (code, "You are ada" in err) == (0, True)
    notebook = place / "estimation" / "estimation.ipynb"
    settings = json.loads((place / "skillmap.json").read_text())
    assert (settings["learner"], settings["mode"]) == ("ada", "self-paced")
    assert settings["source"] == str(course.root / "source")
    notebook.write_text("mine")
    (place / "estimation" / "answers.json").write_text("{}")
    assert run("start", "--dir", str(place), "--no-lab", "--learner", "Bo")[0] == 0
    assert notebook.read_text() == "mine"
    assert json.loads((place / "skillmap.json").read_text())["learner"] == "ada"


def test_the_lab_command_asks_nothing_and_opens_the_notebook(tmp_path: Path) -> None:
    from skillmap.cohort.start import lab_command

    (tmp_path / "estimation").mkdir()
    (tmp_path / "estimation" / "estimation.ipynb").write_text("{}")
    command = lab_command(tmp_path, browser=False)
    assert "--no-browser" in command
    assert "--LabApp.default_url=/lab/tree/estimation/estimation.ipynb" in command
    settings = next(c for c in command if "app_settings_dir" in c).split("=")[1]
    assert "fetchNews" in (Path(settings) / "overrides.json").read_text()


@pytest.mark.slow
def test_check_grades_ones_own_work_and_only_where_a_key_is(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", "--course", str(course.root))
    monkeypatch.chdir(course.root)
    place = tmp_path / "mine"
    run("start", "--dir", str(place), "--no-lab", "--learner", "ada")
    (place / "estimation" / "answers.json").write_bytes(
        sheet("ada", es_e1_calls=right_number("ada"))
    )
    code, out, _ = run("check", "estimation", "--dir", str(place))
    assert code == 0
    assert "10" in out
    assert "WORKED" in (place / "estimation" / "feedback.html").read_text()
    assert not (course.root / "gradebook.db").exists()
    settings = json.loads((place / "skillmap.json").read_text())
    (place / "skillmap.json").write_text(json.dumps({**settings, "mode": "course"}))
    code, _, err = run("check", "estimation", "--dir", str(place))
    assert (code, "points come after you hand in" in err) == (3, True)
