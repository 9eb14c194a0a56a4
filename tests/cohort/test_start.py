"""``start`` is built and verified like a module, and is never graded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from skillmap.cohort.build import drift
from skillmap.cohort.course import Course
from skillmap.cohort.notebooks import item_cells
from skillmap.cohort.start import lab_command
from skillmap.cohort.verify import verify
from skillmap.errors import EnvironmentLacksError

ROOT = Path(__file__).parents[2]
START = ROOT / "source" / "start" / "start.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for name in ("source/start", "release/start"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("nbgrader_config.py", "course.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return Course.at(tmp_path)


def test_it_is_sound_and_released_as_built(course: Course) -> None:
    assert course.beside() == ("start",)
    assert verify(course, "start") == []
    assert drift(course, "start").current


def test_it_is_chosen_for_building_and_never_for_grading(course: Course) -> None:
    assert course.chosen(None) == ()
    assert course.chosen(None, beside=True) == ("start",)
    assert course.chosen(["start"], beside=True) == ("start",)
    with pytest.raises(EnvironmentLacksError, match="No module start"):
        course.chosen(["start"])


def test_the_notebook_has_nothing_for_a_gradebook() -> None:
    import nbformat

    book = nbformat.read(START, as_version=4)
    assert item_cells(book) == {}
    for cell in book.cells:
        assert not {"grade", "solution", "task"} & {
            name for name, value in cell.metadata.nbgrader.items() if value is True
        }


def edited(course: Course, change: Any) -> str:
    path = course.notebook("source", "start")
    book = json.loads(path.read_text())
    change({cell["id"]: cell for cell in book["cells"]})
    path.write_text(json.dumps(book))
    return "\n".join(map(str, verify(course, "start")))


def test_a_graded_cell_in_it_is_a_fault(course: Course) -> None:
    def grade(cells: dict[str, Any]) -> None:
        cells["ev-answer"]["metadata"]["nbgrader"] |= {"solution": True}

    assert "start is never graded" in edited(course, grade)


def test_a_competency_that_is_not_asked_is_a_fault(course: Course) -> None:
    def silent(cells: dict[str, Any]) -> None:
        del cells["ev-answer"]["metadata"]["skillmap"]["item"]

    assert "item sa.ev of items.yaml is asked by no cell" in edited(course, silent)


def test_a_workspace_opens_on_it(tmp_path: Path) -> None:
    for name in ("behavioral-leadership", "start"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.ipynb").write_text("{}")
    command = lab_command(tmp_path, browser=False)
    assert "--LabApp.default_url=/lab/tree/start/start.ipynb" in command
