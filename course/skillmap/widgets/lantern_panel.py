"""Lantern's panel: levers on the left, the dashboard below, a line that says what happened.

The panel only forwards: every lever calls one method of :class:`skillmap.lantern.Lantern`, and a
refusal is shown in the status line.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.lantern.dashboard import dashboard, dashboard_alt_text
from skillmap.lantern.settings import FALLBACKS, STORM_PLANS
from skillmap.lantern.world import SEGMENT_NAMES, SEGMENT_TITLES
from skillmap.widgets.base import FIELD, Status

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


class LanternPanel(w.VBox):  # type: ignore[misc]
    """Operate one Lantern by hand. ``lantern`` stays the truth of what has happened."""

    def __init__(self, lantern: Lantern) -> None:
        self.lantern = lantern
        self.status = Status()
        self.picture = w.HTML()
        self.days = w.BoundedIntText(
            value=7, min=1, max=120, description="Days", style=FIELD, layout=_wide("9em")
        )
        self.go = w.Button(description="Run", button_style="primary", tooltip="Live these days")
        self.go.on_click(lambda _: self._do(lambda: self.lantern.run(self.days.value), "Lived."))
        self.policy = w.Dropdown(
            options=list(_POLICIES), value="Heron answers", description="Who answers", style=FIELD
        )
        self.policy.observe(self._policy, names="value")
        self.thresholds = [
            w.FloatSlider(
                value=value,
                min=0.0,
                max=0.99,
                step=0.01,
                description=f"{name} {title}",
                continuous_update=False,
                style=FIELD,
                layout=_wide("24em"),
            )
            for name, title, value in zip(
                SEGMENT_NAMES, SEGMENT_TITLES, lantern.settings.thresholds, strict=True
            )
        ]
        for name, slider in zip(SEGMENT_NAMES, self.thresholds, strict=True):
            slider.observe(self._threshold(name), names="value")
        self.fallback = self._choice("No answer goes to", FALLBACKS, lambda x: x.set_fallback)
        self.storm = self._choice("In a storm", STORM_PLANS, lambda x: x.set_storm_plan)
        self.desk = w.FloatSlider(
            value=1.0, min=0.5, max=3.0, step=0.1, description="Desk staff, times base",
            continuous_update=False, style=FIELD, layout=_wide("24em"),
        )  # fmt: skip
        self.desk.observe(
            lambda c: self._do(lambda: self.lantern.staff_desk(c["new"]), "Roster changed."),
            names="value",
        )
        self.pin = w.Checkbox(value=False, description="Pin the model", indent=False)
        self.pin.observe(
            lambda c: self._do(lambda: self.lantern.pin_model(c["new"]), "Noted."), names="value"
        )
        self.labels = w.Button(description="Buy 200 labels", tooltip="40 for each group")
        self.labels.on_click(lambda _: self._do(self._buy, "Labels are in."))
        levers = w.HBox(
            [
                w.VBox([w.HTML("<strong>Answer at or above this confidence</strong>")]),
                w.VBox(self.thresholds),
                w.VBox([self.policy, self.fallback, self.storm, self.desk, self.pin]),
            ],
            layout=w.Layout(flex_flow="row wrap"),
        )
        clock = w.HBox([self.days, self.go, self.labels], layout=w.Layout(flex_flow="row wrap"))
        super().__init__([levers, clock, self.status, self.picture])
        self.add_class("skillmap-lantern")
        self.redraw()

    def redraw(self) -> None:
        """Draw the dashboard anew, with its words for those who do not see it."""
        buffer = io.BytesIO()
        dashboard(self.lantern).savefig(buffer, format="png", dpi=72)
        from base64 import b64encode
        from html import escape

        data = b64encode(buffer.getvalue()).decode()
        alt = escape(dashboard_alt_text(self.lantern), quote=True)
        self.picture.value = (
            f'<img style="max-width:100%" alt="{alt}" src="data:image/png;base64,{data}">'
        )

    def _buy(self) -> object:
        since = max(0, self.lantern.day - 10)
        return self.lantern.buy_labels(200, by="stratified", since=since)

    def _policy(self, change: dict[str, Any]) -> None:
        kind, first, second, bar = _POLICIES[change["new"]]
        self._do(lambda: self.lantern.set_policy(kind, first, second, bar), "Noted.")

    def _threshold(self, name: str) -> Callable[[dict[str, Any]], None]:
        def changed(change: dict[str, Any]) -> None:
            self._do(lambda: self.lantern.set_threshold({name: change["new"]}), "Noted.")

        return changed

    def _choice(
        self,
        label: str,
        options: tuple[str, ...],
        lever: Callable[[Lantern], Callable[[str], object]],
    ) -> w.Dropdown:
        box = w.Dropdown(options=options, description=label, style=FIELD)
        box.observe(
            lambda c: self._do(lambda: lever(self.lantern)(c["new"]), "Noted."), names="value"
        )
        return box

    def _do(self, act: Callable[[], object], said: str) -> None:
        before = self.lantern.day, len(self.lantern.logs.labels)
        try:
            act()
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        left = f" Day {self.lantern.day}; ${self.lantern.money_left:,.0f} left for labels."
        self.status.say(said + left, good=True)
        if before != (self.lantern.day, len(self.lantern.logs.labels)):
            self.redraw()


def _wide(width: str) -> w.Layout:
    return w.Layout(width=width, max_width="100%")
