"""What ``m.lab`` shows in this lesson: tables and pictures of the bench, the line and the notes.

Everything is a sample or a memo; expected values stay with the graders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern import parameters
from skillmap.lantern.serving import erlang_c
from skillmap.lantern.world import SEGMENT_NAMES, SEGMENT_TITLES, TIERS
from skillmap.lessons.cost_latency_routing.bench import (
    DAY_ZERO_BAR,
    POLICIES,
    Measured,
    by_group,
    measure,
)
from skillmap.lessons.cost_latency_routing.case import case
from skillmap.lessons.cost_latency_routing.storm import GIVES, ORDERS, dial, first_hour, labeled
from skillmap.lessons.exhibits import Card, Grid, Picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

__all__ = [
    "POLICY_NAMES",
    "bench",
    "dial_picture",
    "erlang",
    "frontier",
    "group_rows",
    "own_bench",
    "prices_of_harm",
    "storm_run",
    "tier_by_group",
]

POLICY_NAMES = {
    "wren": "Wren answers everything",
    "heron": "Heron answers everything",
    "condor": "Condor answers everything",
    "cascade": "Wren, then Heron under .70",
    "difficulty": "Heron; Condor for what looks hard",
    "stakes-two": "Heron; Condor for arrangers, assisted",
    "stakes-three": "Heron; Condor for visitors, arrangers, assisted",
}
_GROUPS = dict(zip(SEGMENT_NAMES, SEGMENT_TITLES, strict=True))


def bench(world: int) -> Grid:
    """Return the seven policies at bars of 1 - H/h, over all groups, as the replay has them.

    The last columns are the paired difference to Heron with its 95 percent interval.
    """
    bars = parameters(world).thresholds
    heron = measure(world, POLICIES["heron"], bars)
    rows = []
    for name, policy in POLICIES.items():
        m = measure(world, policy, bars)
        gap, error = m.total - heron.total, m.error_of(heron)
        rows.append(
            (
                POLICY_NAMES[name],
                f"{100 * m.accuracy:.1f}%",
                f"{m.mean(m.slow):.1f} s",
                f"{100 * m.mean(m.left):.0f}%",
                f"{100 * m.mean(m.inference):.2f} cents",
                f"${m.mean(m.harm):.2f}",
                f"${m.total:.2f}",
                f"${m.total / m.right_and_acted:.2f}",
                "" if name == "heron" else f"{gap:+.2f} ({_span(gap, error)})",
            )
        )
    return Grid(
        "Seven policies, bars at 1 - H/h (replay of 10,000 labeled questions, simulated)",
        (
            "Policy",
            "right, of answers",
            "p90 wait, mean of groups",
            "leave",
            "model",
            "harm",
            "all costs, a question",
            "all costs, a right-and-acted answer",
            "against Heron, dollars (95%)",
        ),
        tuple(rows),
    )


def _span(gap: float, error: float) -> str:
    return f"{gap - 1.96 * error:+.2f} to {gap + 1.96 * error:+.2f}"


def prices_of_harm(world: int) -> Grid:
    """Return harm a question in each group under each policy: what a veto is set on."""
    bars = parameters(world).thresholds
    rows = tuple(
        (
            POLICY_NAMES[name],
            *(f"${value:.3f}" for value in measure(world, policy, bars).harm),
        )
        for name, policy in POLICIES.items()
    )
    return Grid("Dollars of harm a question, by group (replay)", ("Policy", *_titles()), rows)


def tier_by_group(world: int) -> Grid:
    """Return each direct tier in each group: who waits, who leaves, what it costs."""
    bars = parameters(world).thresholds
    found = {tier: measure(world, POLICIES[tier], bars) for tier in TIERS}
    rows = []
    for at, title in enumerate(SEGMENT_TITLES):
        cells = [title]
        for m in found.values():
            wrong = m.wrong[at] / max(m.answered[at], 1e-9)
            cells.append(
                f"p90 {m.slow[at]:.1f} s; {100 * m.left[at]:.0f}% leave; {100 * wrong:.0f}% of "
                f"answers wrong; ${m.cost[at]:.2f}"
            )
        rows.append(tuple(cells))
    return Grid(
        "The three tiers by group, bars at 1 - H/h; the last figure is all costs of a question",
        ("Group", *(tier.title() for tier in TIERS)),
        tuple(rows),
    )


def _titles() -> tuple[str, ...]:
    return tuple(title.capitalize() for title in SEGMENT_TITLES)


def group_rows(value: Any) -> tuple[tuple[str, ...], tuple[float, ...]] | None:
    """Read a saved table of tiers and bars; ``None`` where a group or a cell is missing or odd.

    >>> group_rows([{"row": "S1", "tier": "heron", "bar": 0.5}]) is None
    True
    """
    if not isinstance(value, list):
        return None
    rows: dict[str, Mapping[str, Any]] = {
        row["row"]: row for row in value if isinstance(row, dict) and row.get("row") in _GROUPS
    }
    tiers, bars = [], []
    for name in SEGMENT_NAMES:
        row = rows.get(name, {})
        tier, bar = row.get("tier"), row.get("bar")
        if tier not in TIERS or not isinstance(bar, int | float) or not 0 <= bar <= 1:
            return None
        tiers.append(str(tier))
        bars.append(round(float(bar), 3))
    return tuple(tiers), tuple(bars)


def own_bench(world: int, value: Any = None) -> Grid:
    """Return the bench under a learner's own table; day 0 where there is none yet.

    >>> "day 0" in own_bench(10).caption
    True
    """
    chosen = group_rows(value)
    before = measure(world, POLICIES["heron"], (DAY_ZERO_BAR,) * 5)
    m = before if chosen is None else by_group(world, *chosen)
    tiers, bars = chosen or (("heron",) * 5, (DAY_ZERO_BAR,) * 5)
    rows = [
        (
            title.capitalize(),
            f"{tiers[at].title()} from {bars[at]:.2f}",
            f"{100 * m.answered[at]:.0f}%",
            f"{100 * m.wrong[at] / max(m.answered[at], 1e-9):.1f}%",
            f"{m.slow[at]:.1f} s",
            f"{100 * m.left[at]:.0f}%",
            f"${m.harm[at]:.2f}",
            f"${m.cost[at]:.2f}",
            f"{m.cost[at] - before.cost[at]:+.2f}",
        )
        for at, title in enumerate(SEGMENT_TITLES)
    ]
    gap, error = m.total - before.total, m.error_of(before)
    rows.append(
        (
            "All, by traffic",
            "",
            f"{100 * m.mean(m.answered):.0f}%",
            f"{100 * (1 - m.accuracy):.1f}%",
            f"{m.mean(m.slow):.1f} s",
            f"{100 * m.mean(m.left):.0f}%",
            f"${m.mean(m.harm):.2f}",
            f"${m.total:.2f}",
            f"{gap:+.4f} ({_span(gap, error)})",
        )
    )
    name = "Your setting" if chosen else "No complete setting saved yet; this is day 0"
    return Grid(
        f"{name} (replay, simulated). Model {100 * m.mean(m.inference):.2f} cents a question, "
        f"{m.total / m.right_and_acted:.2f} dollars a right-and-acted answer",
        (
            "Group",
            "tier and bar",
            "answered",
            "wrong, of answers",
            "p90 wait",
            "leave",
            "harm",
            "all costs",
            "against day 0, dollars",
        ),
        tuple(rows),
    )


def frontier(world: int) -> Picture:
    """Draw the seven policies: wait against all costs, with the model's share written beside."""
    bars = parameters(world).thresholds
    seen = {name: measure(world, policy, bars) for name, policy in POLICIES.items()}
    words = "; ".join(
        f"{POLICY_NAMES[name]}: mean p90 wait {m.mean(m.slow):.1f} s, ${m.total:.2f} a question, "
        f"of it {100 * m.mean(m.inference):.2f} cents for the model"
        for name, m in seen.items()
    )
    return Picture(lambda: _frontier_figure(seen), f"Replay, simulated. {words}.")


def _frontier_figure(seen: Mapping[str, Measured]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 4.4), layout="constrained")
    axes = figure.subplots()
    markers = dict(zip(seen, "ovsD^PX", strict=True))
    for name, m in seen.items():
        axes.errorbar(
            m.mean(m.slow),
            m.total,
            yerr=1.96 * m.error_of(),
            fmt=markers[name],
            markersize=7,
            capsize=3,
            label=f"{POLICY_NAMES[name]}\n({100 * m.mean(m.inference):.2f} cents model)",
        )
    axes.set_xlabel("seconds until nine in ten can read something, mean of groups")
    axes.set_ylabel("all costs of one question, dollars")
    axes.set_xlim(left=0)
    axes.legend(fontsize=7.5, loc="center left", bbox_to_anchor=(1.01, 0.5), labelspacing=0.9)
    axes.set_title("What a policy costs and how long it takes (replay)", loc="left", fontsize=10)
    axes.grid(alpha=0.25)
    return figure


# --- the line ---------------------------------------------------------------------------------


def erlang(world: int) -> Grid:
    """Return Erlang C, the chance to wait, for this world's slots at several utilizations."""
    slots = case(world).storm.slots
    rhos = np.array([0.5, 0.6, 0.7, 0.75, 0.8, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94, 0.96])
    chances = erlang_c(np.full(len(rhos), float(slots)), rhos * slots)
    return Grid(
        f"Erlang C, {slots} slots: the chance to wait",
        ("utilization", "chance to wait"),
        tuple((f"{rho:.0%}", f"{chance:.3f}") for rho, chance in zip(rhos, chances, strict=True)),
    )


def dial_picture(
    world: int, *, slots: int | None = None, length: float = 1.0, tier: str = "heron"
) -> Picture:
    """Draw the line's wait and the people who leave against the size of the storm."""
    c = case(world)
    own = c.storm.slots if slots is None else slots
    full = dial(world, 1.0, own, length, tier).queue.utilization
    factors = [x / full for x in (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.91, 0.94, 0.97)]
    read = [dial(world, factor, own, length, tier) for factor in factors]
    words = "; ".join(
        f"at {r.queue.utilization:.0%} busy the median waits {r.half:.1f} s and the slowest "
        f"twentieth {r.queue.slow:.1f} s, {100 * r.left[0]:.0f}% of regulars and "
        f"{100 * r.left[4]:.0f}% of assisted travelers leave"
        for r in read[1::3]
    )
    long = "answers as long as today" if length == 1 else f"answers {length:g} times as long"
    name = f"{own} slots, {tier.title()}, {long}"
    return Picture(lambda: _dial_figure(read, name), f"{name} (formula): {words}.")


def _dial_figure(read: list[Any], name: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5.0), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    use = [100 * r.queue.utilization for r in read]
    slow, half = [r.queue.slow for r in read], [r.half for r in read]
    upper.plot(use, slow, "o-", color="#b5482a", label="95th percentile")
    upper.plot(use, half, "s-", color="#1f5f8b", label="median")
    upper.legend(fontsize=8)
    upper.set_ylabel("seconds in line")
    for at, title in ((0, "regulars"), (2, "visitors"), (4, "assisted travelers")):
        lower.plot(use, [100 * r.left[at] for r in read], marker=".", label=title)
    lower.legend(fontsize=8)
    lower.set_ylabel("leave, percent")
    lower.set_xlabel("slots busy, percent")
    upper.set_title(name, loc="left", fontsize=10)
    for axes in (upper, lower):
        axes.grid(alpha=0.25)
    return figure


def storm_run(world: int, values: Mapping[str, Any]) -> Card | Grid:
    """Run the storm once three predictions are in: first the steady level, then the plan set.

    >>> print(storm_run(10, {}).lines[0][1])
    Three predictions first: utilization, mean wait and the 95th percentile. 0 of 3 are saved.
    """
    names = ("cl.l3.use", "cl.l3.mean", "cl.l3.slow")
    said = [values[name] for name in names if isinstance(values.get(name), int | float)]
    if len(said) < len(names):
        return Card(
            "The storm waits",
            (
                (
                    "Not yet",
                    "Three predictions first: utilization, mean wait and the 95th percentile. "
                    f"{len(said)} of 3 are saved.",
                ),
            ),
        )
    seen = first_hour(world)
    rows = [
        (
            "First level, simulated for a day",
            f"{seen.utilization:.0%}",
            f"{seen.mean:.1f} s (you said {said[1]:g})",
            f"{seen.slow:.1f} s (you said {said[2]:g})",
            "",
            "",
            "",
        )
    ]
    plan = _plan(values.get("cl.l3.plan"))
    for order, give in dict.fromkeys((("line", "nothing"), *([plan] if plan else []))):
        w = labeled(world, order, give)
        title = "The worst, plan of today" if (order, give) == ("line", "nothing") else "Your plan"
        rows.append(
            (
                f"{title}: {order}, {give}",
                f"{w.utilization:.0%}",
                f"{w.mean:.1f} s, median {w.half:.1f}",
                f"{w.slow:.1f} s",
                f"mean {w.assisted_mean:.1f} s, p95 {w.assisted:.1f} s",
                ", ".join(
                    f"{name} {100 * x:.0f}%" for name, x in zip(_GROUPS, w.left, strict=True)
                ),
                f"${w.harm:,.0f} harm + ${w.contacts:,.0f} contacts = ${w.dollars:,.0f}",
            )
        )
    return Grid(
        "The storm, two worst hours (simulated; answers as the replay's labels have them)",
        (
            "",
            "slots busy",
            "mean wait in line",
            "p95 in line",
            "assisted travelers in line",
            "leave",
            "dollars",
        ),
        tuple(rows),
    )


def _plan(value: Any) -> tuple[str, str] | None:
    for row in value if isinstance(value, list) else []:
        if isinstance(row, dict) and row.get("order") in ORDERS and row.get("give") in GIVES:
            return str(row["order"]), str(row["give"])
    return None
