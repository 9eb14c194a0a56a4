"""The known traps of nbgrader, papermill and ipywidgets, each shut: one test a trap.

Most of them give or take points in plain nbgrader, which reads a grade from what a cell prints.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.cohort.small_course import HandIn, api, right_number, sheet
from tests.cohort.test_loop import MODULE, rows

from skillmap.cohort.bridge import load_config
from skillmap.cohort.grade import grade

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

    from skillmap.cohort.course import Course

pytestmark = pytest.mark.slow


def scores(course: Course, student: str) -> dict[str, float]:
    return {name: row[0] for name, row in rows(course, student)["grades"].items()}


def cell(book: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.mark.parametrize(
    "code",
    [
        "import sys; print('careful', file=sys.stderr)",
        "import warnings; warnings.warn('old')",
        "False",
        "'ok'",
        "1_000",
        "raise SystemExit",
        "from IPython.display import display; import ipywidgets; display(ipywidgets.IntSlider(9))",
    ],
    ids=["stderr", "warning", "False", "ok", "above the maximum", "exit", "widget"],
)
def test_what_a_cell_prints_is_no_grade(course: Course, hand_in: HandIn, code: str) -> None:
    def edit(book: NotebookNode) -> None:
        cell(book, "es-e1").source = code  # the award cell itself
        cell(book, "es-e2-answer").source = code

    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")), edit=edit)
    grade(course, [MODULE])
    assert scores(course, "ada") == {"es-e1": 10.0, "es-e2": 0.0, "es-w1": 0.0}


def test_an_error_in_the_first_cell_does_not_give_the_later_points(
    course: Course, hand_in: HandIn
) -> None:
    hand_in("ada", cells={"es-e1-answer": "1/0", "es-e2-answer": 'answer("es.e2.model", "wren")'})
    grade(course, [MODULE])
    assert scores(course, "ada") == {"es-e1": 0.0, "es-e2": 0.0, "es-w1": 0.0}


def test_metadata_with_other_points_and_a_tag_that_captures_parameters(
    course: Course, hand_in: HandIn
) -> None:
    def edit(book: NotebookNode) -> None:
        cell(book, "es-e1").metadata.nbgrader.points = 1000
        answer = cell(book, "es-e1-answer")
        answer.metadata.tags = ["parameters", "injected-parameters"]
        answer.source = "learner = 'someone-else'"

    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")), edit=edit)
    grade(course, [MODULE])
    assert scores(course, "ada")["es-e1"] == 10.0


def test_extra_keys_in_nbgraders_metadata_do_not_stop_the_cohort(
    course: Course, hand_in: HandIn
) -> None:
    def edit(book: NotebookNode) -> None:
        cell(book, "es-e1-answer").metadata.nbgrader["mine"] = True
        cell(book, "es-e2-answer").metadata.nbgrader.schema_version = 1

    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada")), edit=edit)
    hand_in("bo", sheet("bo", es_e2_model="heron"))
    assert grade(course, [MODULE]).exit_code == 0
    assert scores(course, "ada")["es-e1"] == 10.0
    assert scores(course, "bo")["es-e2"] == 5.0


def test_the_instructors_sheet_never_replaces_a_learners(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", sheet("ada", es_e1_calls=right_number("ada") + 40))
    front = api(course)
    assert front.generate_assignment(MODULE)["success"]
    stray = course.root / "source" / MODULE / "answers.json"
    stray.write_bytes(sheet("ada", es_e1_calls=right_number("ada")))
    refused = front.autograde(MODULE, "ada")
    assert not refused["success"]
    assert "an answer sheet would be released to everyone" in refused["log"]
    stray.unlink()
    assert front.autograde(MODULE, "ada")["success"]
    assert scores(course, "ada")["es-e1"] == 0.0


def test_widget_state_is_not_an_answer(course: Course, hand_in: HandIn) -> None:
    def edit(book: NotebookNode) -> None:
        state: dict[str, Any] = {"x": {"model_name": "TextModel", "state": {"value": "10"}}}
        book.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}

    hand_in("ada", edit=edit)
    grade(course, [MODULE])
    assert scores(course, "ada") == {"es-e1": 0.0, "es-e2": 0.0, "es-w1": 0.0}


def test_the_stub_does_not_stop_a_run_all(course: Course) -> None:
    config = load_config(course)
    stub = config.ClearSolutions.code_stub["python"]
    assert "raise" not in stub
    compile(stub, "stub", "exec")


def test_an_untouched_written_answer_waits_for_nobody_and_an_edited_one_does(
    course: Course, hand_in: HandIn
) -> None:
    hand_in("ada")
    hand_in("bo", sheet("bo", es_w1_text="A reason of some length."))
    grade(course, [MODULE])
    assert rows(course, "ada")["grades"]["es-w1"][2] is False
    assert rows(course, "bo")["grades"]["es-w1"][2] is True


def test_nothing_of_a_sheet_is_executed_or_unpickled(course: Course, hand_in: HandIn) -> None:
    raw = json.loads(sheet("ada", es_e1_calls=right_number("ada")))
    raw["answers"]["es.e1.calls"]["py/object"] = "os.system"
    raw["answers"]["__class__"] = {"value": 1}
    hand_in("ada", json.dumps(raw).encode())
    assert grade(course, [MODULE]).exit_code == 0
    assert scores(course, "ada")["es-e1"] == 10.0
