"""Two instruments of the lesson on cost: the router bench and the storm dial.

Both only forward. They show what ``lessons.cost_latency_routing`` computes from the replay and from
the queue formula; the bench's button saves the setting as an answer, by ``Module.answer``.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.lantern import parameters
from skillmap.lantern.world import SEGMENT_NAMES, SEGMENT_TITLES, TIERS
from skillmap.lessons.cost_latency_routing.case import case
from skillmap.lessons.cost_latency_routing.labs import group_rows, own_bench
from skillmap.lessons.cost_latency_routing.storm import dial
from skillmap.lessons.exhibits import PICTURES, Grid, Unrun
from skillmap.widgets.base import Status
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from collections.abc import Callable

    from skillmap.module import Module

__all__ = ["RouterBench", "StormDial", "router_bench", "storm_dial"]

_PART = "cl.l2.groups"
_COLUMN = {"description_width": "10em"}
_WIDE_COLUMN = {"description_width": "17em"}
_TIER_OPTIONS = [(tier.title(), tier) for tier in TIERS]


def router_bench(module: Module) -> Any:
    """Return the bench of this world; a grading run, which nobody looks at, gets its name."""
    return _unless_graded("The router bench", RouterBench, module)


def storm_dial(module: Module) -> Any:
    """Return the dial of a storm day; a grading run gets its name."""
    return _unless_graded("The storm dial", StormDial, module)


def _unless_graded(words: str, made: Callable[[Module], Any], module: Module) -> Any:
    if os.environ.get(PICTURES) == "words":
        return Unrun(words, partial(made, module))
    return made(module)


class RouterBench(w.VBox):  # type: ignore[misc]
    """Set a tier and a bar for each group and read dollars, seconds and harm off the replay.

    Opens with the saved answer, or with Heron at bars of 1 - H/h.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        module.sheet.reload()
        tiers, bars = group_rows(module.value(_PART)) or (
            ("heron",) * 5,
            parameters(module.world).thresholds,
        )
        self.tiers = [
            w.Dropdown(
                options=_TIER_OPTIONS,
                value=tier,
                description=title.capitalize(),
                style=_COLUMN,
                layout=_wide("21em"),
            )
            for title, tier in zip(SEGMENT_TITLES, tiers, strict=True)
        ]
        self.bars = [
            w.FloatSlider(
                value=bar,
                min=0.0,
                max=1.0,
                step=0.01,
                readout_format=".2f",
                description=f"{title.capitalize()} from",
                continuous_update=False,
                style=_WIDE_COLUMN,
                layout=_wide("34em"),
            )
            for title, bar in zip(SEGMENT_TITLES, bars, strict=True)
        ]
        self.table = w.HTML()
        self.status = Status()
        self.save = w.Button(
            description="Put this setting into my answer",
            button_style="primary",
            layout=w.Layout(width="auto"),
        )
        self.save.on_click(lambda _: self._save())
        rows = [
            w.HBox([tier, bar], layout=w.Layout(flex_flow="row wrap"))
            for tier, bar in zip(self.tiers, self.bars, strict=True)
        ]
        for control in (*self.tiers, *self.bars):
            control.observe(lambda _: self.redraw(), names="value")
        super().__init__([*rows, self.table, self.save, self.status, Manners()])
        self.add_class("skillmap-prompts")
        self.add_class("skillmap-router-bench")
        self.redraw()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The setting as the answer's table has it."""
        return [
            {"row": name, "tier": tier.value, "bar": round(bar.value, 2)}
            for name, tier, bar in zip(SEGMENT_NAMES, self.tiers, self.bars, strict=True)
        ]

    def redraw(self) -> None:
        """Replay the set under the setting as it stands."""
        self.table.value = own_bench(self.module.world, self.rows)._repr_html_()

    def _save(self) -> None:
        try:
            self.module.answer(_PART, self.rows)
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        self.status.say("Saved as your answer. Run the cell of Lab CL-L2 to see it.", good=True)


class StormDial(w.VBox):  # type: ignore[misc]
    """Turn demand, slots, answer length and tier; read utilization, waits and who leaves."""

    def __init__(self, module: Module) -> None:
        self.world = module.world
        storm = case(self.world).storm
        self.factor = w.FloatSlider(
            value=1.0, min=0.5, max=max(8.0, 1.2 * storm.worst), step=0.1,
            description="Demand, times the busiest hour",
            continuous_update=False, style=_WIDE_COLUMN, layout=_wide("40em"),
        )  # fmt: skip
        self.slots = w.IntSlider(
            value=storm.slots, min=2, max=max(42, 2 * storm.slots), description="Slots",
            continuous_update=False, style=_WIDE_COLUMN, layout=_wide("40em"),
        )  # fmt: skip
        self.length = w.FloatSlider(
            value=1.0, min=0.3, max=1.5, step=0.1, description="Answer length, times today's",
            continuous_update=False, style=_WIDE_COLUMN, layout=_wide("40em"),
        )  # fmt: skip
        self.tier = w.Dropdown(
            options=_TIER_OPTIONS,
            value="heron",
            description="Tier",
            style=_WIDE_COLUMN,
            layout=_wide("28em"),
        )
        self.table = w.HTML()
        controls = (self.factor, self.slots, self.length, self.tier)
        for control in controls:
            control.observe(lambda _: self.redraw(), names="value")
        super().__init__([*controls, self.table, Manners()])
        self.add_class("skillmap-prompts")
        self.add_class("skillmap-storm-dial")
        self.redraw()

    def redraw(self) -> None:
        """Ask the formula."""
        read = dial(
            self.world, self.factor.value, self.slots.value, self.length.value, self.tier.value
        )
        q = read.queue
        steady = q.utilization < 1
        rows = [
            ("Slots busy", f"{q.utilization:.0%}" + ("" if steady else ": no steady state")),
            ("Mean wait in line", f"{q.mean:.1f} s" if steady else "grows until people give up"),
            ("Median, 95th percentile", f"{read.half:.1f} s, {q.slow:.1f} s"),
            *(
                (f"{title.capitalize()} who leave", f"{100 * left:.0f}%")
                for title, left in zip(SEGMENT_TITLES, read.left, strict=True)
            ),
        ]
        caption = "The line by formula (Erlang C; simulated world)"
        self.table.value = Grid(caption, ("", "now"), tuple(rows))._repr_html_()


def _wide(width: str) -> w.Layout:
    return w.Layout(width=width, max_width="100%")
