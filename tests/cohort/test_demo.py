"""The sample learners through the real loop on the real module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skillmap.cohort.course import Course
from skillmap.cohort.demo import run_demo
from skillmap.cohort.samples import PEOPLE, cast, wrong
from skillmap.errors import EnvironmentLacksError, SkillMapError

ROOT = Path(__file__).parents[2]


def test_the_cast_has_the_people_we_promise() -> None:
    assert len(PEOPLE) >= 8
    assert len({p.name for p in PEOPLE}) == len(PEOPLE)
    mishaps = {p.mishap for p in PEOPLE}
    assert {"raises", "damaged", "late", "other world", "no notebook", "moved"} <= mishaps
    assert {p.by for p in PEOPLE} == {"widgets", "code", "nothing"}
    assert len({p.name for p in cast(40)}) == 40


@pytest.mark.parametrize(
    "value", [3, 0.2, "a text of several words and more", ["a", "b"], {"low": 1}]
)
def test_a_wrong_answer_keeps_its_shape(value: object) -> None:
    made = wrong(value, {"a": "A", "b": "B", "c": "C"} if isinstance(value, list) else {})
    assert type(made) in (type(value), float)
    assert made != value


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(EnvironmentLacksError, match="not a demo's"):
        run_demo(Course.at(ROOT), tmp_path, 1)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    with pytest.raises(SkillMapError, match="1 to 200"):
        run_demo(Course.at(ROOT), tmp_path / "new", 0)


@pytest.mark.slow
def test_the_demo_ends_with_scores_that_fit_the_people(tmp_path: Path) -> None:
    before = sum(os.times()[:4])
    done = run_demo(Course.at(ROOT), tmp_path / "demo", 12, only=["estimation"])
    assert sum(os.times()[:4]) - before < 60, "seconds of work, whatever else the machine does"
    rows = {row.student: row for row in done.rows}
    assert len(rows) == 12
    points = {name: row.points or 0.0 for name, row in rows.items()}
    maximum = rows["ines"].maximum or 0.0
    settled = points["ines"]
    assert settled >= 0.75 * maximum, "strong: all but what a person reads"
    assert points["bruno"] == settled, rows["bruno"]
    assert points["dora"] == 0
    assert points["jonas"] < points["chidi"] < settled
    assert points["hana"] < settled, "another world's answers do not transfer"
    assert 0 < points["farah"] < settled, "what could be read of a damaged sheet counts"
    assert points["kofi"] > 0, "a damaged notebook does not cost the saved answers"
    assert "NameError" in " ".join(rows["emeka"].problems)
    assert points["emeka"] > 0
    assert rows["dora"].waiting == 0
    assert rows["ines"].waiting >= 2
    for row in done.rows:
        page = Path(row.page).read_text()
        assert "<script" not in page
    assert "goran" in (tmp_path / "demo" / "scores.csv").read_text()


@pytest.mark.slow
def test_two_people_go_through_every_module(tmp_path: Path) -> None:
    course = Course.at(ROOT)
    done = run_demo(course, tmp_path / "demo", 2)
    assert {(row.student, row.module) for row in done.rows} == {
        (name, module) for name in ("amina", "bruno") for module in course.modules()
    }
    for row in done.rows:
        assert not row.problems, row
        points, maximum = row.points or 0.0, row.maximum or 0.0
        assert 0.5 * maximum < points <= maximum, row
        assert row.waiting >= 2, row
        assert "<script" not in Path(row.page).read_text()
