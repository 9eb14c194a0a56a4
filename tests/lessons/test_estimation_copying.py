"""A sheet that somebody else's world answers earns less than half, copied whole or averaged."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from tests.fixtures import estimation as samples
from tests.fixtures.shared_sheets import average_sheet, right_sheet

from skillmap.grading import grade_sheet, load_key
from skillmap.lessons import lesson

AUTOMATIC = 80
COPIED = [1000 + 7919 * n for n in range(1, 7)]
OTHERS = [3_000 + 104_729 * n for n in range(1, 13)]


@pytest.fixture(scope="module")
def key():
    return load_key(Path(__file__).parents[2] / "source" / "estimation")


def _points(key, sheet, world) -> dict[str, float]:
    graded = grade_sheet(lesson("estimation"), key, sheet, world)
    return {str(feedback.item): feedback.points for feedback in graded}


def test_points_that_are_graded_automatically() -> None:
    items = lesson("estimation").items
    assert sum(item.points for item in items if item.kind != "written") == AUTOMATIC


def test_a_copied_sheet_earns_less_than_half(key) -> None:
    totals, own = [], []
    for world in COPIED:
        sheet = right_sheet("estimation", samples, world)
        own.append(sum(_points(key, sheet, world).values()))
        totals += [sum(_points(key, sheet, other).values()) for other in COPIED if other != world]
    assert own == pytest.approx([AUTOMATIC] * len(COPIED))
    assert statistics.mean(totals) < AUTOMATIC / 2, sorted(totals)
    assert max(totals) < 0.75 * AUTOMATIC, sorted(totals)


def test_the_average_answer_earns_less_than_half(key) -> None:
    sheet = average_sheet("estimation", samples, OTHERS)
    found = [_points(key, sheet, world) for world in COPIED]
    totals = [sum(points.values()) for points in found]
    by_item = {name: statistics.mean(points[name] for points in found) for name in found[0]}
    assert statistics.mean(totals) < AUTOMATIC / 2, by_item
