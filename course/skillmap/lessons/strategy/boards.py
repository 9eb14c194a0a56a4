"""What the labs show: the market with layers given away, the head-to-head, drills, bets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern.market import STYLIZED, share_path
from skillmap.lantern.world import LAYERS
from skillmap.lessons.exhibits import Grid, Picture
from skillmap.lessons.strategy.case import BETS, GROUPS, KEYS, LEVELS, case
from skillmap.lessons.strategy.facts import LAYER_WORDS
from skillmap.worlds import stream

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BET_WORDS",
    "bets_grid",
    "drills_grid",
    "head_to_head",
    "layers_grid",
    "measured",
    "path_picture",
    "plans_grid",
]

RUNS = 20
GROUP_WORDS = ("Regulars", "Leisure", "Visitors", "Arrangers", "Assisted travelers")
LEVEL_WORDS = ("Read by hand", "Golden set", "Behavior suite and shadow run")
BET_WORDS = {
    "agent": "Rebook acts on its own, with the traveler's card",
    "chains": "Hand-built prompt chains for hard questions",
    "feed": "Operator data contracts",
    "suite": "Evaluation suite that judges a model in two weeks",
    "small": "A small model of our own, fine-tuned",
    "desk": "Tools that make the human desk faster",
    "search": "Better search and upkeep of the help center",
    "trust": "A pledge: wrong answers are honored and published",
}
PLANS = {
    "one": ("agent", "suite", "trust", "feed"),
    "two": ("chains", "search", "desk", "small"),
    "three": ("feed", "suite", "desk", "agent"),
}
"""Three plans on the table: with the wave, against it, and Dara's mix."""


def measured(world: int) -> dict[str, tuple[float, float]]:
    """Return mean and standard error of share, in percent, over twenty runs with a layer given."""
    c = case(world)
    start = 100 * c.lantern.market.share
    found = {}
    for key, loss in zip(KEYS, c.losses, strict=True):
        noise = stream(world, "strategy", "runs", key).normal(0, 0.25, RUNS)
        runs = start - loss + noise
        found[key] = (float(runs.mean()), float(runs.std(ddof=1) / np.sqrt(RUNS)))
    return found


def layers_grid(world: int) -> Grid:
    """Share when the rival has one layer in full."""
    start = 100 * case(world).lantern.market.share
    rows = [("None", f"{start:.2f}", "")]
    rows += [
        (LAYER_WORDS[key], f"{mean:.2f}", f"{se:.2f}")
        for key, (mean, se) in measured(world).items()
    ]
    return Grid(
        "Our share once the rival has one layer (twenty simulated runs; stylized)",
        ("Layer given", "share, %", "standard error"),
        tuple(rows),
    )


def path_picture(world: int, given: Any) -> Picture:
    """Share over 24 months while the rival works on the layers that are ticked."""
    c = case(world)
    chosen = [LAYERS[KEYS.index(key)] for key in given or () if key in KEYS]
    path = 100 * share_path(c.lantern, 24, given=chosen)
    names = ", ".join(chosen) or "no layer"

    def draw() -> Figure:
        from matplotlib.figure import Figure as New

        figure = New(figsize=(7, 3.2), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(range(1, 25), path, color="#1f4e79", linewidth=2)
        axes.axhline(100 * c.lantern.market.share, color="#888888", linestyle=":")
        axes.set(xlabel="months after the launch", ylabel="our share, percent")
        axes.set_title(f"The rival copies: {names}", loc="left", fontsize=10)
        return figure

    words = (
        f"The rival copies {names}. Our share after 1, 6, 12 and 24 months: {path[0]:.1f}, "
        f"{path[5]:.1f}, {path[11]:.1f} and {path[23]:.1f} percent. At its "
        f"month a layer is about half copied. {STYLIZED}"
    )
    return Picture(draw, words)


def head_to_head(world: int) -> Grid:
    """Percent of answers right on our own questions, rated blind, by group."""
    r = case(world).rival
    rows = tuple(
        (
            f"{name} ({group})",
            f"{r.ours[k]}",
            f"{r.candidate[k]}",
            f"{r.theirs[k]}",
            f"{100 * r.bookings[k]:.0f}",
            f"{r.pull[k]:.2f}",
        )
        for k, (group, name) in enumerate(zip(GROUPS, GROUP_WORDS, strict=True))
    )
    return Grid(
        "Head to head before the launch: right answers on our own questions, percent, rated blind",
        (
            "Group",
            "ours",
            "ours, new model",
            "rival",
            "share of bookings, %",
            "points of its bookings lost per point of gap",
        ),
        rows,
    )


def drills_grid(world: int) -> Grid:
    """Days of each swap drill, by level of evaluation."""
    w = case(world).swap
    rows = tuple(
        (name, " ".join(str(d) for d in days))
        for name, days in zip(LEVEL_WORDS, w.drills, strict=True)
    )
    assert len(rows) == len(LEVELS)
    return Grid("Days from a release to all traffic, twenty drills each", ("Level", "days"), rows)


def _money(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−")


def bets_grid(world: int) -> Grid:
    """Net worth of each bet in each future, thousands of dollars over three years."""
    c = case(world)
    return Grid(
        "Eight bets of the same price: net worth over three years, thousands of dollars (invented)",
        ("Bet", "cheap capability", "stall", "dearer frontier"),
        tuple((BET_WORDS[b], *(_money(v) for v in c.bets[b])) for b in BETS),
    )


def plans_grid() -> Grid:
    """The three plans on the table."""
    rows = tuple(
        (name, "; ".join(BET_WORDS[b] for b in bets))
        for name, bets in zip(
            ("With the wave", "Against it", "Dara's mix"), PLANS.values(), strict=True
        )
    )
    return Grid("Three plans on the table", ("Plan", "Bets"), rows)
