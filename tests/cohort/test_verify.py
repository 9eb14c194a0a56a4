"""Every fault of an author's material at once, each with its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from skillmap.cohort.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from skillmap.cohort.course import Course

Edit = "Callable[[Any], None]"


class SmallKey:
    """A key as verify uses it."""

    def references(self, world: int) -> dict[str, Any]:
        return {"es.e1": world}


@pytest.fixture(autouse=True)
def small_key(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skillmap.grading.keys.load_key", lambda folder: SmallKey())


def edited(course: Course, edit: Callable[[Any], None]) -> list[str]:
    path = course.notebook("source", "estimation")
    book = nbformat.read(path, as_version=4)
    edit({c.id: c for c in book.cells} | {"book": book})
    nbformat.write(book, path)
    return [str(fault) for fault in verify(course, "estimation")]


def test_the_small_course_is_sound(course: Course) -> None:
    assert verify(course, "estimation") == []


def test_many_faults_come_at_once(course: Course) -> None:
    def spoil(cells: Any) -> None:
        cells["es-e1"].metadata["nbgrader"]["points"] = 11
        cells["es-e2-answer"].metadata["skillmap"]["role"] = "hero"
        cells["parameters"].source = 'learner = ""'
        cells["open"].outputs = [nbformat.v4.new_output("stream", text="x")]
        cells["es-w1-answer"].metadata["nbgrader"]["grade_id"] = "es-w1"
        cells["book"].cells.append(cells["book"].cells.pop(4))

    faults = "\n".join(edited(course, spoil))
    for wanted in (
        "es-e1.points: got 11, items.yaml says 10",
        "skillmap.role: got 'hero', no such role",
        "cells[parameters]: does not set answers_dir",
        "cells[open]: has stored output",
        "es-w1: 2 cells have this grade_id",
        "stands below a grade cell",
        "has no solution cell es-w1-answer",
    ):
        assert wanted in faults


def test_an_item_without_cells_and_cells_without_an_item(course: Course) -> None:
    def rename(cells: Any) -> None:
        for name in ("es-e2", "es-e2-answer"):
            cells[name].metadata["skillmap"]["item"] = "es.e9"

    faults = "\n".join(edited(course, rename))
    assert "item es.e2 of items.yaml has no grade cell es-e2" in faults
    assert "es.e9 is not an item of items.yaml" in faults


def test_a_solver_is_tried_in_several_worlds(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SmallKey, "references", lambda self, world: {"es.e1": 7})
    faults = [str(f) for f in verify(course, "estimation")]
    assert faults == [
        "source/estimation/solver.py references: the same answers in all 5 worlds tried"
    ]

    def breaks(self: Any, world: int) -> Any:
        if world == 1000:
            raise ZeroDivisionError("no calls")
        return {"es.e1": world}

    monkeypatch.setattr(SmallKey, "references", breaks)
    faults = [str(f) for f in verify(course, "estimation")]
    assert faults == ["source/estimation/solver.py references(1000): ZeroDivisionError: no calls"]


def test_a_stray_sheet_and_a_damaged_notebook_are_faults(course: Course) -> None:
    folder = course.folder("source", "estimation")
    (folder / "answers.json").write_text("{}")
    (folder / "estimation.ipynb").write_text("{")
    faults = [str(f) for f in verify(course, "estimation")]
    assert any("estimation.ipynb" in f for f in faults)
