"""The calculators of Evals: numbers in, a card out, and never an error."""

from __future__ import annotations

import pytest

from skillmap.lessons.exhibits import Card
from skillmap.stats import rogan_gladen, wilson_interval
from skillmap.widgets import eval_calculators as room
from skillmap.widgets.eval_calculators import Calculator, interval_calculator, judge_corrector


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_front_end", lambda: True)


@pytest.mark.usefixtures("live")
def test_the_interval_follows_the_fields() -> None:
    box = interval_calculator()
    assert isinstance(box, Calculator)
    box.fields["right"].value = 40
    box.fields["n"].value = 60
    low, high = wilson_interval(40, 60)
    assert f"{100 * low:.1f} to {100 * high:.1f}" in box.card.value


@pytest.mark.usefixtures("live")
def test_the_corrector_follows_the_fields_and_says_when_a_judge_is_a_coin() -> None:
    box = judge_corrector()
    assert "96.8 percent" in box.card.value
    box.fields["tnr"].value = 45
    assert f"{100 * rogan_gladen(0.90, 0.92, 0.45):.1f} percent" in box.card.value
    box.fields["tnr"].value = 5
    assert "a coin" in box.card.value
    for name, value in (("tpr", -3.0), ("wrongs", 0.0), ("read", 0.0), ("passed", 1e9)):
        box = judge_corrector()
        box.fields[name].value = value
        assert "Not yet" in box.card.value, name


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize(("right", "n"), [(5, 0), (-1, 10), (11, 10)])
def test_odd_counts_are_told(right: float, n: float) -> None:
    box = interval_calculator()
    box.fields["right"].value, box.fields["n"].value = right, n
    assert "Not yet" in box.card.value


def test_without_a_front_end_the_example_is_shown() -> None:
    assert isinstance(interval_calculator(), Card)
    assert isinstance(judge_corrector(), Card)
