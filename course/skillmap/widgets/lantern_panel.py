"""Lantern's panel: levers, the clock, a line that says what happened, and the dashboard below.

The panel only forwards: every lever calls one method of :class:`skillmap.lantern.Lantern`. A
refusal is shown in the status line, and the lever goes back to where Lantern stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.lantern.settings import FALLBACKS, STORM_PLANS
from skillmap.lantern.world import SEGMENT_NAMES, SEGMENT_TITLES
from skillmap.widgets.base import FIELD, Status
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from collections.abc import Callable

    from skillmap.lantern.product import Lantern

__all__ = ["LanternPanel"]

_POLICIES: dict[str, tuple[str, str, str, float]] = {
    "Wren answers": ("direct", "wren", "heron", 0.85),
    "Heron answers": ("direct", "heron", "condor", 0.85),
    "Condor answers": ("direct", "condor", "heron", 0.85),
    "Wren, then Heron if unsure": ("cascade", "wren", "heron", 0.85),
    "Heron, then Condor if unsure": ("cascade", "heron", "condor", 0.8),
    "Wren for the easy, Heron for the hard": ("router", "wren", "heron", 1.0),
}
_OTHER = "Something else, set in code"
_LABELS, _PER_GROUP = 200, 40


class LanternPanel(w.VBox):  # type: ignore[misc]
    """Operate one Lantern by hand. ``lantern`` stays the truth of what has happened."""

    def __init__(self, lantern: Lantern) -> None:
        self.lantern = lantern
        self._quiet = False
        self.status = Status()
        self.picture = w.HTML(layout=w.Layout(max_width="100%"))
        self.days = w.BoundedIntText(
            value=7, min=1, max=120, description="Days to live", style=FIELD, layout=_wide("11em")
        )
        self.go = w.Button(
            description="Run", button_style="primary", tooltip="Run: live these days", layout=_AUTO
        )
        self.go.on_click(lambda _: self._do(self._run, "Lived"))
        self.labels = w.Button(
            description=f"Buy {_LABELS} labels",
            tooltip=f"Buy {_LABELS} labels, {_PER_GROUP} for each group, from the last ten days",
            layout=_AUTO,
        )
        self.labels.on_click(lambda _: self._do(self._buy, "Labels are in"))
        self.policy = w.Dropdown(
            options=[*_POLICIES, _OTHER], description="Who answers", style=FIELD
        )
        self.policy.observe(self._policy, names="value")
        self.thresholds = [
            _slider(f"{name} {title}", 0.0, 0.99, 0.01)
            for name, title in zip(SEGMENT_NAMES, SEGMENT_TITLES, strict=True)
        ]
        for name, slider in zip(SEGMENT_NAMES, self.thresholds, strict=True):
            self._forward(slider, _threshold(name))
        self.fallback = w.Dropdown(options=FALLBACKS, description="No answer goes to", style=FIELD)
        self._forward(self.fallback, lambda x, v: x.set_fallback(v))
        self.storm = w.Dropdown(options=STORM_PLANS, description="In a storm", style=FIELD)
        self._forward(self.storm, lambda x, v: x.set_storm_plan(v))
        self.desk = _slider("Desk staff, × base", 0.5, 3.0, 0.1)
        self._forward(self.desk, lambda x, v: x.staff_desk(v))
        self.pin = w.Checkbox(description="Pin the model to its dated snapshot", indent=False)
        self._forward(self.pin, lambda x, v: x.pin_model(v))
        clock = w.HBox(
            [self.days, self.go, self.labels],
            layout=w.Layout(flex_flow="row wrap", align_items="center"),
        )
        levers = w.HBox(
            [
                _group("Answer at or above this confidence", *self.thresholds),
                _group(
                    "Who answers, and what else", self.policy, self.fallback, self.storm,
                    self.desk, self.pin,
                ),
                _group("Time and truth", clock, self.status),
            ],
            layout=w.Layout(flex_flow="row wrap", align_items="flex-start"),
        )  # fmt: skip
        super().__init__([levers, self.picture, Manners()], layout=w.Layout(max_width="100%"))
        self.add_class("skillmap-prompts")
        self.add_class("skillmap-lantern")
        self.show()
        self.redraw()
        self._say("Ready")

    def redraw(self) -> None:
        """Draw the dashboard anew, with its words for those who do not see it."""
        self.picture.value = self.lantern.dashboard()._repr_html_()

    def show(self) -> None:
        """Set every lever to where Lantern stands."""
        now = self.lantern.settings
        policy = (now.policy.kind, now.policy.first, now.policy.second, now.policy.bar)
        known = {value: key for key, value in _POLICIES.items()}
        plain = not now.policy.careful
        self._quiet = True
        try:
            self.policy.value = known.get(policy, _OTHER) if plain else _OTHER
            for slider, value in zip(self.thresholds, now.thresholds, strict=True):
                slider.value = value
            self.fallback.value, self.storm.value = now.fallback, now.storm_plan
            self.desk.value, self.pin.value = now.agents, now.pinned
        finally:
            self._quiet = False

    def _run(self) -> object:
        self.status.say("Running ...")
        return self.lantern.run(self.days.value)

    def _buy(self) -> object:
        since = max(0, self.lantern.day - 10)
        return self.lantern.buy_labels(_LABELS, by="stratified", since=since)

    def _policy(self, change: dict[str, Any]) -> None:
        if change["new"] in _POLICIES:
            kind, first, second, bar = _POLICIES[change["new"]]
            self._do(lambda: self.lantern.set_policy(kind, first, second, bar), "Noted")
        else:
            self._do(lambda: None, "Nothing changed: choose one of the others")

    def _forward(self, widget: w.Widget, lever: Callable[[Lantern, Any], object]) -> None:
        widget.observe(
            lambda change: self._do(lambda: lever(self.lantern, change["new"]), "Noted"),
            names="value",
        )

    def _do(self, act: Callable[[], object], said: str) -> None:
        if self._quiet:
            return
        before = self.lantern.day, len(self.lantern.logs.labels)
        try:
            act()
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        finally:
            self.show()
        self._say(said, good=True)
        if before != (self.lantern.day, len(self.lantern.logs.labels)):
            self.redraw()

    def _say(self, text: str, *, good: bool | None = None) -> None:
        left = f"{self.lantern.money_left:,.0f} dollars left for labels."
        news = [e.says for e in self.lantern.events if e.day == self.lantern.day]
        told = f" {' '.join(news)}" if news else ""
        self.status.say(f"{text}. Day {self.lantern.day} comes next; {left}{told}", good=good)


def _threshold(name: str) -> Callable[[Lantern, Any], object]:
    return lambda lantern, value: lantern.set_threshold({name: value})


_AUTO = w.Layout(width="auto", flex="0 0 auto")


def _wide(width: str) -> w.Layout:
    return w.Layout(width=width, max_width="100%")


def _slider(label: str, low: float, high: float, step: float, width: str = "11em") -> w.FloatSlider:
    return w.FloatSlider(
        min=low,
        max=high,
        step=step,
        description=label,
        continuous_update=False,
        style={"description_width": width},
        layout=_wide("26em"),
    )


def _group(name: str, *children: w.Widget) -> w.VBox:
    """Return a named group: what a screen reader hears on entering it."""
    head = w.HTML(f'<strong class="skillmap-name">{name}</strong>')
    box = w.VBox([head, *children], layout=w.Layout(max_width="27em", margin="0 18px 8px 0"))
    box.add_class("skillmap-group")
    return box
