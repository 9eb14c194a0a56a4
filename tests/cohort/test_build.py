"""Source to release: the same bytes each time, the same as nbgrader's, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat
import pytest
from tests.cohort.small_course import api

from skillmap.cohort.build import CODE_STUB, build, drift, learner_notebook, release_text
from skillmap.cohort.course import Course
from skillmap.errors import AuthoringError

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_two_builds_are_byte_identical_and_then_nothing_has_drifted(course: Course) -> None:
    assert not drift(course, "estimation").current
    first = build(course, "estimation").path.read_bytes()
    assert build(course, "estimation").current
    assert release_text(course.notebook("source", "estimation"), "open").encode() == first
    assert drift(course, "estimation").changes == ()


def test_nbgrader_gives_the_same_bytes(course: Course) -> None:
    ours = build(course, "estimation").path.read_bytes()
    course.notebook("release", "estimation").unlink()
    result = api(course).generate_assignment("estimation")
    assert result["success"], result
    assert course.notebook("release", "estimation").read_bytes() == ours
    assert files(course.folder("release", "estimation")) == {"estimation.ipynb"}


def test_release_has_the_notebook_and_declared_data_only(course: Course) -> None:
    source = course.folder("source", "estimation")
    (source / "traffic.csv").write_text("day,calls\n1,2\n")
    with pytest.raises(AuthoringError, match=r"source/estimation/traffic\.csv: would be released"):
        build(course, "estimation")
    path = course.notebook("source", "estimation")
    book = nbformat.read(path, as_version=4)
    book.metadata["skillmap"] = {"data": ["traffic.csv"]}
    nbformat.write(book, path)
    build(course, "estimation")
    assert files(course.folder("release", "estimation")) == {"estimation.ipynb", "traffic.csv"}
    assert api(course).generate_assignment("estimation")["success"]
    assert files(course.folder("release", "estimation")) == {"estimation.ipynb", "traffic.csv"}


def test_a_stray_answer_sheet_is_refused_by_us_and_by_nbgrader(course: Course) -> None:
    (course.folder("source", "estimation") / "answers.json").write_text("{}")
    with pytest.raises(AuthoringError, match=r"source/estimation/answers.json"):
        build(course, "estimation")
    result = api(course).generate_assignment("estimation")
    assert not result["success"]
    assert not (course.folder("release", "estimation") / "answers.json").exists()


def test_no_solution_and_no_output_is_released(course: Course) -> None:
    text = build(course, "estimation").path.read_text()
    assert "heron" not in text
    assert "SOLUTION" not in text
    book = nbformat.reads(text, as_version=4)
    stubs = [c for c in book.cells if c.metadata.get("skillmap", {}).get("role") == "answer"]
    assert [c.source for c in stubs] == [CODE_STUB] * 3
    assert "NotImplementedError" not in text
    assert all(
        c.outputs == [] and c.execution_count is None for c in book.cells if c.cell_type == "code"
    )


def test_ids_are_stable_and_ours_survives_beside_nbgraders(course: Course) -> None:
    before = nbformat.read(course.notebook("source", "estimation"), as_version=4)
    after = learner_notebook(course, "estimation")
    assert [c.id for c in before.cells] == [c.id for c in after.cells]
    assert [c.metadata.get("skillmap") for c in before.cells] == [
        c.metadata.get("skillmap") for c in after.cells
    ]


def test_the_cohort_is_stamped_into_the_parameters(course: Course) -> None:
    (course.root / "course.toml").write_text('cohort = "spring \\"27"\n')
    spring = Course.at(course.root)
    source = next(
        c.source
        for c in learner_notebook(spring, "estimation").cells
        if c.metadata.get("skillmap", {}).get("role") == "parameters"
    )
    scope: dict[str, str] = {}
    exec(source, scope)
    assert scope["cohort"] == 'spring "27'
    assert scope["learner"] == ""


def test_a_changed_source_shows_as_drift(course: Course) -> None:
    build(course, "estimation")
    path = course.notebook("source", "estimation")
    book = json.loads(path.read_text())
    book["cells"][0]["source"] = ["# Another title"]
    path.write_text(json.dumps(book))
    assert any("Another title" in line for line in drift(course, "estimation").changes)
    (course.folder("release", "estimation") / "key.yaml").write_text("x: 1\n")
    assert "extra: release/estimation/key.yaml" in drift(course, "estimation").changes
    build(course, "estimation")
    assert files(course.folder("release", "estimation")) == {"estimation.ipynb"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cohort = 3\n", "course.toml cohort: got 3, needs a text"),
        ('chort = "x"\n', "course.toml chort: no such setting"),
        ("cell_seconds = -1\n", "needs 0 or more"),
        ("cohort = \n", "course.toml: "),
    ],
)
def test_a_faulty_course_file_names_the_setting(course: Course, text: str, message: str) -> None:
    (course.root / "course.toml").write_text(text)
    with pytest.raises(AuthoringError, match=message):
        Course.at(course.root)
