"""The whole loop on the small course: by nbgrader and by ours, and the same scores from both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from tests.cohort.small_course import HandIn, api, right_number, sheet, small_item

from skillmap.cohort.feedback import write_pages
from skillmap.cohort.grade import grade
from skillmap.cohort.record import gradebook, load_result

if TYPE_CHECKING:
    from skillmap.cohort.course import Course

MODULE = "estimation"


def rows(course: Course, student: str) -> dict[str, Any]:
    """Scores and comments as the gradebook has them."""
    with gradebook(course) as book:
        notebook = book.find_submission_notebook(MODULE, MODULE, student)
        grades = {
            g.name: (g.auto_score, g.manual_score, g.needs_manual_grade) for g in notebook.grades
        }
        comments = {c.name: (c.auto_comment, c.manual_comment) for c in notebook.comments}
        return {
            "grades": grades,
            "comments": comments,
            "late": notebook.late_submission_penalty,
            "score": notebook.score,
        }


def everyone(hand_in: HandIn) -> list[str]:
    """Six hand-ins that differ in what is wrong with them."""
    ada = right_number("ada")
    hand_in("ada", sheet("ada", es_e1_calls=ada, es_e2_model="heron", es_w1_text="A reason."))
    hand_in(
        "bo",
        cells={
            "es-e1-answer": f'answer("es.e1.calls", {right_number("bo") + 3})',
            "es-e2-answer": 'answer("es.e2.model", "wren")',
        },
    )
    hand_in("cy")
    hand_in(
        "di",
        sheet("di", es_e1_calls=right_number("di"), es_w1_text="A text.")[:-60],
        cells={"es-e2-answer": 'answer("es.e2.model", "heron")'},
    )
    hand_in("ed", sheet("ada", es_e1_calls=right_number("ed")), cells={"es-e2-answer": "1/0"})
    hand_in("flo", sheet("flo", es_e1_calls=right_number("flo")), notebook=b'{"cells": [{"cel')
    return ["ada", "bo", "cy", "di", "ed", "flo"]


@pytest.mark.slow
def test_skillmap_grade_and_nbgrader_autograde_agree(course: Course, hand_in: HandIn) -> None:
    students = everyone(hand_in)
    report = grade(course, [MODULE])
    assert report.exit_code == 0, report
    ours = {s: rows(course, s) for s in students}
    ours_results = {s: load_result(course, MODULE, s) for s in students}
    (course.root / "gradebook.db").unlink()
    front = api(course)
    assert front.generate_assignment(MODULE)["success"]
    for student in students:
        result = front.autograde(MODULE, student)
        assert result["success"], result
    theirs = {s: rows(course, s) for s in students}
    assert theirs == ours
    for student in students:
        again = load_result(course, MODULE, student)
        assert again is not None
        assert again.feedbacks == ours_results[student].feedbacks
        assert again.problems == ours_results[student].problems
    assert [ours[s]["grades"]["es-e1"][0] for s in students] == [10, 5, 0, 10, 10, 10]
    assert [ours[s]["grades"]["es-e2"][0] for s in students] == [5, 0, 0, 5, 0, 0]
    assert ours["ada"]["grades"]["es-w1"] == (2.0, None, True)
    assert ours["cy"]["grades"]["es-w1"] == (0.0, None, False)
    assert "You gave 42" not in ours["bo"]["comments"]["es-e1-answer"][0]
    assert ours["bo"]["comments"]["es-e1-answer"][0].startswith("Partly: 5 of 10 points.")
    assert not any("KEY" in str(r["comments"]) for r in ours.values())


@pytest.mark.slow
def test_problems_name_what_happened(course: Course, hand_in: HandIn) -> None:
    everyone(hand_in)
    report = grade(course, [MODULE])
    told = {row.student: " ".join(row.problems) for row in report.rows}
    assert told["ada"] == told["cy"] == ""
    assert "answers.json is not JSON" in told["di"]
    assert "1 answer in it could still be read and count" in told["di"]
    assert "was made in another world" in told["ed"]
    assert "Cell es-e2-answer stopped with ZeroDivisionError" in told["ed"]
    assert "The notebook is damaged" in told["flo"]


@pytest.mark.slow
def test_a_second_run_grades_only_what_changed(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    hand_in("bo", sheet("bo", es_e2_model="heron"))
    dry = grade(course, [MODULE], dry_run=True)
    assert [r.state for r in dry.rows] == ["would grade", "would grade"]
    assert not (course.root / "gradebook.db").exists()
    grade(course, [MODULE])
    assert [r.state for r in grade(course, [MODULE]).rows] == ["up to date", "up to date"]
    hand_in("bo", sheet("bo", es_e2_model="wren"))
    again = grade(course, [MODULE])
    assert [(r.state, r.why) for r in again.rows] == [("up to date", ""), ("graded", "changed")]
    bo = again.rows[1]
    assert (bo.before, bo.after) == (5.0, 0.0)
    assert bo.moved == ("es.e2: 5 → 0 (value 5 → 0)",)
    regraded = grade(course, [MODULE], students=["ada"], regrade=True)
    assert [(r.student, r.why, r.moved) for r in regraded.rows] == [("ada", "regrade", ())]


@pytest.mark.slow
def test_a_persons_score_and_comment_stay(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", sheet("ada", es_e2_model="heron", es_w1_text="First version."))
    grade(course, [MODULE])
    assert rows(course, "ada")["grades"]["es-w1"][2] is True
    with gradebook(course) as book:
        written = book.find_grade("es-w1", MODULE, MODULE, "ada")
        written.manual_score, written.needs_manual_grade = 4.5, False
        other = book.find_grade("es-e2", MODULE, MODULE, "ada")
        other.manual_score, other.needs_manual_grade = 1.0, False
        book.find_comment("es-w1-answer", MODULE, MODULE, "ada").manual_comment = "Good reason."
        book.db.commit()
    front = api(course)
    for again in (
        lambda: grade(course, [MODULE], regrade=True),
        lambda: front.autograde(MODULE, "ada"),
    ):
        again()
        now = rows(course, "ada")
        assert now["grades"]["es-w1"] == (2.0, 4.5, False)
        assert now["grades"]["es-e2"] == (5.0, 1.0, False)
        assert now["comments"]["es-w1-answer"][1] == "Good reason."
        assert now["score"] == 5.5
    hand_in("ada", sheet("ada", es_e2_model="heron", es_w1_text="Second version."))
    report = grade(course, [MODULE])
    now = rows(course, "ada")
    assert now["grades"]["es-w1"] == (2.0, 4.5, True), "changed text: a person looks again"
    assert now["grades"]["es-e2"] == (5.0, 1.0, False), "this answer is as it was"
    assert report.rows[0].waiting == 1
    write_pages(course, [MODULE])
    page = (course.folder("feedback", MODULE, "ada") / f"{MODULE}.html").read_text()
    assert "Good reason." in page


@pytest.mark.slow
def test_late_work_and_an_extension(course: Course, hand_in: HandIn) -> None:
    answers = sheet("ada", es_e1_calls=right_number("ada"))
    hand_in("ada", answers, stamp="2026-11-20 10:00:00.000000 UTC")
    grade(course, [MODULE])
    with gradebook(course) as book:
        book.update_or_create_assignment(MODULE, duedate="2026-11-18 12:00:00.000000 UTC")
    report = grade(course, [MODULE], regrade=True)
    assert rows(course, "ada")["late"] == 2.0
    assert report.rows[0].moved == ("late: -0 → -2",)
    assert (report.rows[0].before, report.rows[0].after) == (10.0, 8.0)
    result = api(course).autograde(MODULE, "ada")
    assert result["success"]
    assert rows(course, "ada")["late"] == 2.0
    with gradebook(course) as book:
        book.grant_extension(MODULE, "ada", days=3)
    grade(course, [MODULE], regrade=True)
    assert rows(course, "ada")["late"] is None


@pytest.mark.slow
def test_nbgraders_feedback_is_our_page_and_the_key_waits_for_the_due_date(
    course: Course, hand_in: HandIn
) -> None:
    folder = hand_in("ada", sheet("ada", es_e1_calls=1))
    (folder / "submission_secret.txt").write_text("s3cret")
    front = api(course)
    assert front.generate_assignment(MODULE)["success"]
    with gradebook(course) as book:
        book.update_or_create_assignment(MODULE, duedate="2999-01-01 00:00:00.000000 UTC")
    assert front.autograde(MODULE, "ada")["success"]
    result = front.generate_feedback(MODULE)
    assert result["success"], result
    path = course.folder("feedback", MODULE, "ada") / f"{MODULE}.html"
    page = path.read_text()
    assert "Skill Map" in page
    assert "KEY" not in page
    assert "WORKED" not in page
    names = {p.name for p in path.parent.iterdir()}
    assert "feedback.json" not in names
    assert {p.state for p in write_pages(course, [MODULE])} == {"unchanged"}
    released = front.release_feedback(MODULE)
    assert released["success"], released
    with gradebook(course) as book:
        book.update_or_create_assignment(MODULE, duedate="2026-11-21 00:00:00.000000 UTC")
    assert front.generate_feedback(MODULE)["success"]
    assert "KEY" in path.read_text()


@pytest.mark.slow
def test_the_formgraders_notebook_shows_the_proposal(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    grade(course, [MODULE])
    book = nbformat.read(course.notebook("autograded", MODULE, "ada"), as_version=4)
    panel = next(
        c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "es-e1"
    ).outputs[0]
    assert "Met: 10 of 10 points." in panel["data"]["text/plain"]
    assert "proposal" in panel["data"]["text/html"]
    opened = next(c for c in book.cells if c.id == "open").outputs
    assert opened[0].text == "hello ada open\n", "parameters were injected after the locked cell"


@pytest.mark.slow
def test_a_missing_or_misnamed_notebook_is_graded_from_what_was_saved(
    course: Course, hand_in: HandIn
) -> None:
    gone = hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    (gone / f"{MODULE}.ipynb").unlink()
    named = hand_in("bo", cells={"es-e2-answer": 'answer("es.e2.model", "heron")'})
    (named / f"{MODULE}.ipynb").rename(named / "estimation (1).ipynb")
    report = grade(course, [MODULE])
    assert [r.after for r in report.rows] == [10.0, 5.0]
    assert "There is no estimation.ipynb" in report.rows[0].problems[0]
    assert "is called estimation (1).ipynb" in report.rows[1].problems[0]


@pytest.mark.slow
def test_a_fault_of_ours_is_never_a_zero(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    grade(course, [MODULE])
    path = course.notebook("source", MODULE)
    book = json.loads(path.read_text())
    book["metadata"]["kernelspec"]["name"] = "no-such-kernel"
    path.write_text(json.dumps(book))
    report = grade(course, [MODULE])
    assert report.rows[0].state == "back in the queue"
    assert report.exit_code == 1
    assert rows(course, "ada")["grades"]["es-e1"][0] == 10
    result = api(course).autograde(MODULE, "ada")
    assert not result["success"]
    assert rows(course, "ada")["grades"]["es-e1"][0] == 10
    assert grade(course, [MODULE]).rows[0].state == "back in the queue"


@pytest.mark.slow
def test_one_bad_submission_breaks_only_its_own(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")))
    linked = course.root / "submitted" / "eve"
    linked.mkdir()
    (linked / MODULE).symlink_to(course.root / "submitted" / "ada" / MODULE)
    hand_in("not a name!", sheet("ada", es_e1_calls=1))
    hand_in("zoe", sheet("zoe", es_e1_calls=right_number("zoe")))
    report = grade(course, [MODULE])
    assert {r.student: r.state for r in report.rows} == {
        "ada": "graded",
        "eve": "not graded",
        "not a name!": "not graded",
        "zoe": "graded",
    }
    assert report.exit_code == 1
    assert "link" in report.rows[1].problems[0]


def test_a_grader_that_breaks_sends_its_item_to_a_person(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(item: Any, *rest: Any) -> Any:
        if item.id == "es.e1":
            raise RuntimeError("no such table")
        return small_item(item, *rest)

    monkeypatch.setattr("skillmap.grading.grade_item", broken)
    monkeypatch.setattr(
        "skillmap.grading.grade_sheet",
        lambda lesson, *rest: tuple(broken(item, *rest) for item in lesson.items),
    )
    hand_in("ada", sheet("ada", es_e1_calls=1, es_e2_model="heron"))
    grade(course, [MODULE])
    now = rows(course, "ada")["grades"]
    assert now["es-e1"] == (0.0, None, True)
    assert now["es-e2"] == (5.0, None, False)


def test_the_fixture_notebook_is_what_make_writes() -> None:
    import runpy

    folder = Path(__file__).parents[1] / "fixtures" / "course"
    made = runpy.run_path(str(folder / "make.py"))["notebook"]()
    assert nbformat.read(folder / "source" / MODULE / f"{MODULE}.ipynb", as_version=4) == made
