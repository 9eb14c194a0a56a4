"""The router bench and the storm dial: they show what the lesson computes, and save answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skillmap import open_module
from skillmap.lessons.cost_latency_routing.labs import own_bench
from skillmap.widgets.router_bench import RouterBench, StormDial, router_bench, storm_dial

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ipykernel")


@pytest.fixture
def module(tmp_path: Path):
    return open_module("cost-latency-routing", learner="ana", answers_dir=tmp_path)


def test_a_turn_of_the_bench_moves_its_table(module) -> None:
    bench = RouterBench(module)
    before = bench.table.value
    bench.tiers[4].value = "condor"
    bench.bars[0].value = 0.9
    assert bench.table.value != before
    assert bench.table.value == own_bench(module.world, bench.rows)._repr_html_()
    assert module.value("cl.l2.groups") is None, "looking saves nothing"


def test_the_button_saves_the_setting_and_the_bench_opens_with_it(module) -> None:
    bench = RouterBench(module)
    bench.tiers[2].value = "wren"
    bench.bars[2].value = 0.71
    bench.save.click()
    assert module.value("cl.l2.groups") == bench.rows
    assert "Saved" in bench.status.value
    again = RouterBench(module)
    assert (again.tiers[2].value, again.bars[2].value) == ("wren", 0.71)
    assert "Your setting" in repr(module.lab("own"))


def test_the_dial_passes_the_knee(module) -> None:
    dial = StormDial(module)
    dial.slots.value = 4
    assert "no steady state" not in dial.table.value
    dial.factor.value = 8.0
    assert "no steady state" in dial.table.value
    dial.slots.value = 40
    assert "no steady state" not in dial.table.value


@pytest.mark.parametrize(("show", "made"), [(router_bench, RouterBench), (storm_dial, StormDial)])
def test_grading_makes_the_instruments_only_for_code_that_asks(
    module, monkeypatch: pytest.MonkeyPatch, show, made
) -> None:
    assert isinstance(show(module), made)
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    shown = show(module)
    assert not isinstance(shown, made)
    assert "not run again in grading" in repr(shown)
    assert "<table" in shown.table.value
