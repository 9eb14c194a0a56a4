"""The sampling desk only forwards: what is typed is the saved plan, and the table follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skillmap.ids import LearnerId, ModuleId
from skillmap.lessons.exhibits import Grid
from skillmap.module import Asked, Module
from skillmap.widgets import sampling_desk as room
from skillmap.widgets.sampling_desk import SamplingDesk, sampling_desk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def module(tmp_path: Path) -> Module:
    return Module(ModuleId("evals"), LearnerId.parse("ada"), tmp_path)


def test_typing_saves_the_plan_and_redraws(module: Module) -> None:
    desk = SamplingDesk(module)
    assert "no plan yet" in desk.table.value
    for cells, n in zip(desk.plan.rows, (20, 20, 60, 200, 90), strict=True):
        cells["n"].value = str(n)
    assert [row["n"] for row in module.value("ev.l1.plan")] == [20, 20, 60, 200, 90]
    assert "10 labels not spent yet" in desk.table.value
    desk.plan.rows[4]["n"].value = "100"
    assert "not spent" not in desk.table.value
    desk.plan.rows[4]["n"].value = "500"
    assert "400 labels over the budget" in desk.table.value
    assert "800 labels; wrong calls cost" in desk.sum.value


def test_a_plan_that_is_there_already_is_shown(module: Module) -> None:
    rows = [{"row": f"S{k}", "n": 80} for k in range(1, 6)]
    module.answer("ev.l1.plan", rows)
    desk = SamplingDesk(module)
    assert [cells["n"].value for cells in desk.plan.rows] == ["80"] * 5
    assert "not spent" not in desk.table.value
    assert "$" not in desk.table.value.replace("<span>$</span>", "")


def test_without_a_front_end_it_is_the_table(
    module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(sampling_desk(module), Grid)
    monkeypatch.setattr(room, "_front_end", lambda: True)
    assert isinstance(sampling_desk(module), SamplingDesk)


def test_fields_that_break_do_not_hide_the_question(
    module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_front_end", lambda: True)
    monkeypatch.setattr(room, "SamplingDesk", lambda _: 1 / 0)
    assert isinstance(sampling_desk(module), Asked)
