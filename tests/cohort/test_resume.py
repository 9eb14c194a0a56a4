"""What a second run grades again, and why; who may write; what ``--regrade`` tells."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.cohort.small_course import HandIn, right_number, sheet, small_item
from tests.cohort.tables import MODULE, files, tables
from tests.cohort.test_cli import run

from skillmap.cohort import assess, stamps
from skillmap.cohort.claim import only_writer, sweep
from skillmap.cohort.course import Course
from skillmap.cohort.grade import grade
from skillmap.cohort.record import Ledger, gradebook
from skillmap.cohort.rounds import Was, open_round
from skillmap.cohort.workers import default_workers
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from pathlib import Path

OPEN = "open" if default_workers() else "plain"

pytestmark = pytest.mark.usefixtures("cold_engine")


@pytest.fixture
def graded(course: Course, hand_in: HandIn) -> Course:
    course = replace(course, engine=OPEN)
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada"), es_e2_model="heron"))
    hand_in("bo", sheet("bo", es_e2_model="heron"))
    assert grade(course, [MODULE]).exit_code == 0
    return course


def reasons(course: Course) -> dict[str, str]:
    return {r.student: r.why for r in grade(course, [MODULE], dry_run=True).rows}


def test_each_part_of_the_key_has_its_own_reason(
    graded: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reasons(graded) == {"ada": "", "bo": ""}
    hand_in("bo", sheet("bo", es_e2_model="wren"))
    assert reasons(graded) == {"ada": "", "bo": "changed"}
    hand_in("bo", sheet("bo", es_e2_model="heron"))
    assert reasons(graded) == {"ada": "", "bo": ""}, "the same bytes again"
    slower = replace(graded, cell_seconds=31)
    assert reasons(slower) == {"ada": "limits changed", "bo": "limits changed"}
    sealed = replace(graded, engine="plain")
    assert reasons(sealed) == {"ada": "", "bo": ""}, "engines agree, so they are no reason"
    with monkeypatch.context() as patch:
        patch.setattr(stamps, "library_version", lambda: "0.1.0+other")
        assert reasons(graded) == {"ada": "library changed", "bo": "library changed"}
    key = graded.folder("source", MODULE) / "key.yaml"
    key.write_text(key.read_text() + "\n# a remark\n")
    assert reasons(graded) == {"ada": "key changed", "bo": "key changed"}


def test_the_librarys_version_covers_its_graders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "grading").mkdir()
    (tmp_path / "widgets").mkdir()
    for name in ("__init__.py", "grading/number.py", "widgets/card.py", "grading/notes.txt"):
        (tmp_path / name).write_text("a = 1\n")
    monkeypatch.setattr(stamps.skillmap, "__file__", str(tmp_path / "__init__.py"))

    def now() -> str:
        return stamps.library_version.__wrapped__()

    first = now()
    (tmp_path / "widgets/card.py").write_text("a = 2\n")
    (tmp_path / "grading/notes.txt").write_text("b\n")
    assert now() == first
    (tmp_path / "grading/number.py").write_text("a = 2\n")
    assert now() != first


def test_a_data_file_of_the_module_is_part_of_the_key(graded: Course) -> None:
    path = graded.notebook("source", MODULE)
    book = json.loads(path.read_text())
    book["metadata"]["skillmap"] = {"data": ["prices.csv"]}
    path.write_text(json.dumps(book))
    (path.parent / "prices.csv").write_text("a,1\n")
    first = assess.materials(graded, MODULE).digest
    (path.parent / "prices.csv").write_text("a,2\n")
    assess._materials.cache_clear()
    assert assess.materials(graded, MODULE).digest != first


def test_a_lost_or_older_gradebook_is_filled_again(graded: Course) -> None:
    before = tables(graded)
    for path in graded.root.glob("gradebook.db*"):
        path.unlink()
    report = grade(graded, [MODULE])
    assert {r.why for r in report.rows} == {"not in the gradebook"}
    assert tables(graded) == before
    with gradebook(graded) as book:
        book.find_grade("es-e2", MODULE, MODULE, "bo").auto_score = 1.0
        book.db.commit()
    report = grade(graded, [MODULE])
    assert {r.student: r.why for r in report.rows} == {"ada": "", "bo": "not in the gradebook"}
    assert tables(graded) == before


def test_a_damaged_result_is_made_again(graded: Course) -> None:
    path = graded.folder("autograded", MODULE, "bo") / "feedback.json"
    whole = json.loads(path.read_text())
    path.write_text(path.read_text()[:100])
    assert [r.state for r in grade(graded, [MODULE]).rows] == ["up to date", "graded"]
    assert json.loads(path.read_text()) | {"graded_at": ""} == whole | {"graded_at": ""}
    path.unlink()
    assert [r.state for r in grade(graded, [MODULE]).rows] == ["up to date", "graded"]


def grade_harder(monkeypatch: pytest.MonkeyPatch) -> None:
    """es.e2 gives a fifth of its points from now on."""

    def harder(item: Any, *rest: Any) -> Any:
        found = small_item(item, *rest)
        if item.id != "es.e2":
            return found
        criteria = tuple(replace(c, points=c.points / 5) for c in found.criteria)
        return replace(found, points=found.points / 5, criteria=criteria)

    monkeypatch.setattr(
        "skillmap.grading.grade_sheet",
        lambda lesson, *rest: tuple(harder(item, *rest) for item in lesson.items),
    )


def test_regrade_shows_before_and_after_of_everyone_who_moved(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = graded.root / "course.toml"
    path.write_text(path.read_text().replace('"plain"', f'"{OPEN}"'))
    with gradebook(graded) as book:
        book.find_grade("es-e2", MODULE, MODULE, "bo").manual_score = 4.0
        book.db.commit()

    grade_harder(monkeypatch)
    code, out, _ = run("grade", "--regrade", "--workers", "0", "--course", str(graded.root))
    assert code == 0
    who_moved = out[out.index("Who moved") :]
    ada = next(line for line in who_moved.splitlines() if " ada " in line)
    assert ada.split()[2:5] == ["15", "11", "-4.00"]
    assert "es.e2: 5 → 1 (value 5 → 1)" in ada
    assert "a person's 4 stands" in who_moved
    code, out, _ = run("grade", "--regrade", "--json", "--course", str(graded.root))
    rows = {r["student"]: r for r in json.loads(out)["submissions"]}
    assert (rows["bo"]["before"], rows["bo"]["after"], rows["bo"]["moved"]) == (4.0, 4.0, [])
    code, out, _ = run("grade", "--regrade", "--workers", "0", "--course", str(graded.root))
    assert "Nobody moved." in out


def _grade_until(course: Course, step: str, after: bool, regrade: bool = False) -> None:
    """Grade, and end like a killed process before or after the second call of ``step``."""
    from skillmap.cohort import record, writer

    where: Any = record if hasattr(record, step) and step != "record_rows" else writer
    real, calls = getattr(where, step), []

    def fatal(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2 and not after:
            os._exit(9)
        found = real(*given)
        if len(calls) == 2:
            os._exit(9)
        return found

    setattr(where, step, fatal)
    grade(course, [MODULE], regrade=regrade)


@pytest.mark.skipif(not default_workers(), reason="no fork here")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["record_rows", "record_grades", "_swap", "write_atomically"])
def test_ended_between_any_two_steps_it_goes_on(
    graded: Course, hand_in: HandIn, step: str, after: bool
) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    hand_in("bo", sheet("bo", es_e2_model="wren", es_w1_text="New."))
    spare = graded.root.parent / "spare"
    shutil.copytree(graded.root, spare)
    assert grade(graded, [MODULE]).exit_code == 0
    wanted = tables(graded), files(graded)
    shutil.rmtree(graded.root)
    shutil.copytree(spare, graded.root)
    process = multiprocessing.get_context("fork").Process(
        target=_grade_until, args=(graded, step, after)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert grade(graded, [MODULE]).exit_code == 0
    assert (tables(graded), files(graded)) == wanted
    assert {r.state for r in grade(graded, [MODULE]).rows} == {"up to date"}
    assert not list(graded.root.glob("autograded/*/.*"))


def _hold(course: Course, held: Any, done: Any) -> None:
    with only_writer(course):
        held.set()
        done.wait(30)


@pytest.mark.skipif(not default_workers(), reason="no fork here")
def test_one_process_writes_and_its_end_lifts_the_lock(graded: Course) -> None:
    context = multiprocessing.get_context("fork")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(graded, held, done))
    other.start()
    assert held.wait(30)
    with pytest.raises(EnvironmentLacksError, match=rf"process {other.pid}\)"):
        grade(graded, [MODULE])
    assert grade(graded, [MODULE], dry_run=True).exit_code == 0, "looking is free"
    other.kill()
    other.join()
    assert grade(graded, [MODULE]).exit_code == 0


def test_what_killed_runs_left_is_swept(
    graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine, gone = tmp_path / f"skillmap-run-{os.getpid()}-x", tmp_path / "skillmap-run-4194999-x"
    half = graded.root / "autograded" / "bo" / f".{MODULE}.abc"
    theirs = graded.root / "autograded" / "bo" / ".notes"
    scrap = graded.root / ".skillmap" / "ledger" / MODULE / ".ada.json.x.tmp"
    for folder in (mine, gone, half, theirs):
        folder.mkdir()
    scrap.touch()
    sweep(graded)
    assert [p.exists() for p in (mine, gone, half, theirs, scrap)] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert Ledger(graded).read(MODULE, "ada") is not None


def test_the_gradebooks_address_comes_from_course_toml_or_nbgraders_file(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillmap.cohort.bridge import as_configured

    path = course.root / "course.toml"
    said = f"sqlite:///{course.root / 'other.db'}"
    path.write_text(path.read_text() + f'\ndb_url = "{said}"\n')
    assert as_configured(Course.at(course.root)).db_url == said
    file = course.root / "nbgrader_config.py"
    later = f"sqlite:///{course.root / 'later.db'}"
    file.write_text(file.read_text() + f"\nget_config().CourseDirectory.db_url = {later!r}\n")
    assert as_configured(Course.at(course.root)).db_url == later
    monkeypatch.setenv("SKILLMAP_DB", "sqlite:///elsewhere.db")
    assert Course.at(course.root).db_url == "sqlite:///elsewhere.db"


@pytest.mark.skipif(not default_workers(), reason="no fork here")
@pytest.mark.parametrize("step", ["record_rows", "_swap", "write_atomically"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_regrade_that_was_killed_goes_on_and_still_shows_what_was(
    graded: Course, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    course = replace(graded, engine=OPEN)
    grade_harder(monkeypatch)
    process = multiprocessing.get_context("fork").Process(
        target=_grade_until, args=(course, step, after, True)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 9
    report = grade(course, [MODULE], regrade=True)
    shown = {r.student: (r.before, r.after, r.moved) for r in report.rows}
    easier = ("es.e2: 5 → 1 (value 5 → 1)",)
    assert shown == {"ada": (15, 11, easier), "bo": (5, 1, easier)}
    # on a slow machine the first of the two was committed in a batch of its own
    done = {("record_rows", False): {0, 1}, ("write_atomically", True): {2}}.get((step, after))
    if done is not None:
        states = [r.state for r in report.rows]
        assert states.count("up to date") in done, "what the killed one finished stands"
    again = grade(course, [MODULE], regrade=True)
    assert [(r.state, r.before, r.after) for r in again.rows] == [
        ("graded", 11, 11),
        ("graded", 1, 1),
    ]
    assert not (course.root / ".skillmap" / "regrade.jsonl").exists()


def test_a_line_that_a_kill_cut_short_costs_no_other(course: Course) -> None:
    round_of = open_round(course, [MODULE], None)
    was = Was(9.0, 1.0, {"es.e1": (10.0, {"value": 4.0})})
    round_of.path.write_text(
        round_of.path.read_text() + json.dumps([MODULE, "ada", was.to_data()]) + '\n["estim'
    )
    again = open_round(course, [MODULE], None)
    assert (again.name, again.known) == (round_of.name, {(MODULE, "ada"): was})
    assert again.before(MODULE, "bo", None) is None
    again.close()
    third = open_round(course, [MODULE], None)
    assert third.known == {(MODULE, "ada"): was, (MODULE, "bo"): None}
    assert open_round(course, [MODULE], ["ada"]).known == {}, "other hand-ins, another regrade"
