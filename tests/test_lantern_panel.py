"""The panel forwards and owns nothing: Lantern is the truth, refusals show and change nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from skillmap.lantern import Lantern
from skillmap.widgets.lantern_panel import _POLICIES, LanternPanel
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def panel() -> LanternPanel:
    return LanternPanel(Lantern(10).run(2))


def said(panel: LanternPanel) -> str:
    return re.sub("<[^>]+>", "", panel.status.value)


def widgets(box: Any) -> list[Any]:
    return [box, *(inner for child in getattr(box, "children", ()) for inner in widgets(child))]


LEVERS: list[tuple[str, Callable[[LanternPanel], Any], Any, Callable[[Any], Any]]] = [
    ("threshold of S1", lambda p: p.thresholds[0], 0.42, lambda s: s.thresholds[0]),
    ("threshold of S5", lambda p: p.thresholds[4], 0.95, lambda s: s.thresholds[4]),
    ("fallback", lambda p: p.fallback, "clarify", lambda s: s.fallback),
    ("storm plan", lambda p: p.storm, "short answers", lambda s: s.storm_plan),
    ("desk", lambda p: p.desk, 1.7, lambda s: s.agents),
    ("pin", lambda p: p.pin, True, lambda s: s.pinned),
]


@pytest.mark.parametrize(("name", "widget", "value", "read"), LEVERS, ids=[x[0] for x in LEVERS])
def test_every_lever_forwards(
    name: str,
    widget: Callable[[LanternPanel], Any],
    value: Any,
    read: Callable[[Any], Any],
    panel: LanternPanel,
) -> None:
    before = panel.lantern.settings
    widget(panel).value = value
    assert read(panel.lantern.settings) == value, name
    assert panel.lantern.settings != before
    assert len(panel.lantern._actions) == 2  # the run, and this
    assert "Noted. Day 2 comes next; 6,000 dollars left" in said(panel)


@pytest.mark.parametrize("name", [name for name in _POLICIES if name != "Heron answers"])
def test_every_policy_forwards(name: str, panel: LanternPanel) -> None:
    panel.policy.value = name
    policy = panel.lantern.settings.policy
    assert (policy.kind, policy.first, policy.second, policy.bar) == _POLICIES[name]


def test_run_redraws_and_says_the_day(panel: LanternPanel) -> None:
    picture = panel.picture.value
    panel.days.value = 3
    panel.go.click()
    assert panel.lantern.day == 5
    assert "Lived. Day 5 comes next" in said(panel)
    assert panel.picture.value != picture
    assert 'alt="Dashboard of Lantern, simulated, world 10, day 5 of 120.' in panel.picture.value


def test_a_lever_does_not_redraw(panel: LanternPanel) -> None:
    """Until a day is lived nothing on the dashboard changes, so nothing is drawn."""
    picture = panel.picture.value
    panel.desk.value = 2.0
    assert panel.picture.value is picture


def test_buying_labels_redraws_and_costs(panel: LanternPanel) -> None:
    picture = panel.picture.value
    panel.labels.click()
    assert len(panel.lantern.logs.labels) == 200
    assert set(panel.lantern.logs.labels["segment"].value_counts()) == {40}
    assert panel.lantern.money_left < 6_000
    assert "Labels are in" in said(panel)
    assert panel.picture.value != picture


def test_a_refusal_shows_and_changes_nothing(panel: LanternPanel) -> None:
    panel.days.value = 119
    picture, settings = panel.picture.value, panel.lantern.settings
    panel.go.click()
    assert "118 are left before the board review" in said(panel)
    assert "✗" in said(panel)
    assert (panel.lantern.day, panel.lantern.settings) == (2, settings)
    assert panel.picture.value is picture


def test_a_refused_lever_goes_back_to_where_lantern_stands() -> None:
    panel = LanternPanel(Lantern(10).run(120))
    for widget, value in ((panel.desk, 2.0), (panel.fallback, "article"), (panel.pin, True)):
        before = widget.value
        widget.value = value
        assert widget.value == before
        assert "Day 120 has passed" in said(panel) or "retired" in said(panel)
    panel.policy.value = "Wren answers"
    assert panel.policy.value == "Heron answers"


def test_labels_before_the_first_day_are_refused() -> None:
    panel = LanternPanel(Lantern(10))
    assert "has not lived a day yet" in panel.picture.value or "Nothing has" in panel.picture.value
    panel.labels.click()
    assert "Run a day first" in said(panel)


def test_the_panel_shows_what_was_set_in_code() -> None:
    lantern = Lantern(10).set_threshold({"S3": 0.8}).staff_desk(2).set_storm_plan("priority")
    panel = LanternPanel(lantern.set_policy("cascade", "wren", "condor", 0.7))
    assert panel.thresholds[2].value == 0.8
    assert (panel.desk.value, panel.storm.value) == (2.0, "priority")
    assert panel.policy.value == "Something else, set in code"
    actions = len(lantern._actions)
    panel.show()
    assert len(lantern._actions) == actions


def test_every_control_has_a_name_and_keys_are_safe(panel: LanternPanel) -> None:
    inside = widgets(panel)
    assert any(isinstance(widget, Manners) for widget in inside)
    assert "skillmap-prompts" in panel._dom_classes
    groups = [box for box in inside if "skillmap-group" in getattr(box, "_dom_classes", ())]
    assert len(groups) == 3
    assert all("skillmap-name" in group.children[0].value for group in groups)
    controls = [widget for widget in inside if hasattr(widget, "description")]
    named = [c.description for c in controls if type(c).__name__ not in {"HTML", "Status"}]
    assert all(named)
    assert len(set(named)) == len(named)
    assert "$" not in said(panel)  # two of them would be set as mathematics
