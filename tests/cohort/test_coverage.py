"""Every curriculum id has a carrier, and the page that says so is what the sources give."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from skillmap.cohort.course import Course
from skillmap.cohort.coverage import COUNTS, components, coverage, expected, faults, markdown
from skillmap.ids import ModuleId

ROOT = Path(__file__).parents[2]


def test_the_curriculum_has_these_many_ids() -> None:
    assert set(COUNTS) == {module.prefix.upper() for module in ModuleId}
    assert sum(len([i for i in expected(c) if "-Q" in i]) for c in COUNTS) == 104
    assert sum(len([i for i in expected(c) if "-R" in i]) for c in COUNTS) == 32
    assert sum(len([i for i in expected(c) if "-L" in i]) for c in COUNTS) == 32


@pytest.mark.parametrize("module", Course.at(ROOT).modules())
def test_every_id_is_carried(module: str) -> None:
    assert [str(fault) for fault in faults(Course.at(ROOT), ModuleId(module))] == []


def test_the_page_is_up_to_date() -> None:
    kept = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert kept == markdown(Course.at(ROOT)), (
        "docs/coverage.md is out of date: skillmap verify --coverage docs/coverage.md"
    )


def test_a_cell_that_loses_its_id_is_found(tmp_path: Path) -> None:
    """Point ES-B8 is taught by cells, items or questions; without them all it is missed."""
    shutil.copyfile(ROOT / "course.toml", tmp_path / "course.toml")
    shutil.copytree(ROOT / "source" / "estimation", tmp_path / "source" / "estimation")
    course = Course.at(tmp_path)
    path = course.notebook("source", "estimation")
    book = nbformat.read(path, as_version=4)
    lost = "ES-B99"
    first = next(c for c in book.cells if c.metadata.get("skillmap", {}).get("curriculum"))
    first.metadata["skillmap"]["curriculum"] = [lost]
    nbformat.write(book, path)
    told = {str(fault) for fault in faults(course, ModuleId.ESTIMATION)}
    assert any(lost in line and "no such id" in line for line in told)
    assert "curriculum ES-L1: no test carries it" in told, "no tests stand in this course"
    assert first.id not in coverage(course, ModuleId.ESTIMATION)["ES-6"].cells


def test_every_component_of_lantern_has_its_file() -> None:
    found = components(ROOT / "course" / "skillmap" / "lantern")
    assert list(found) == [f"C{number}" for number in range(1, 17)]
