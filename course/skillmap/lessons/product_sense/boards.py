"""Tables and pictures that this lesson shows: labels, events, bench, letters, bets, the hump."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern.trust import reliance, settled_trust
from skillmap.lessons.exhibits import Card, Grid, Picture
from skillmap.lessons.product_sense.case import SEGMENTS, TITLES, case
from skillmap.lessons.product_sense.complaints import CAUSES, pile
from skillmap.lessons.product_sense.cuts import NAMES, bets
from skillmap.lessons.product_sense.price import BANDS, book, cost, harms_of, singles
from skillmap.lessons.product_sense.variants import ARMS, BUDGET, LEAST, bought, plan_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skillmap.lantern.world import Trust

__all__ = [
    "bands_grid",
    "bench_grid",
    "bets_grid",
    "events_grid",
    "hump_numbers",
    "hump_picture",
    "hump_words",
    "labels_grid",
    "letters_grid",
    "sorted_grid",
]


def labels_grid(world: int, table: Any) -> Grid | Card:
    """Show the labels that the saved plan buys.

    >>> labels_grid(10, None).lines[0][0]
    'Not yet'
    """
    plan = plan_of(table)
    if plan is None:
        wanted = f"Save a plan: {LEAST} or more in each row, {BUDGET:,} together at most."
        return Card("Your labels", (("Not yet", wanted),))
    rows = [
        (
            f"{ARMS[row][0].upper()}, {ARMS[row][1]}",
            *(str(n) for n in found.values()),
            str(plan[row]),
        )
        for row, found in bought(world, plan).items()
    ]
    return Grid(
        "What your labels say, simulated: questions assigned, by ending",
        ("arm", "right, acted", "right, checked", "wrong, acted", "wrong, checked", "left", "all"),
        tuple(rows),
    )


def events_grid(world: int) -> Grid:
    """Show what followed wrong answers that people acted on.

    >>> len(events_grid(10).rows)
    5
    """
    rows = [
        (
            TITLES[key],
            f"{r.n:,}",
            f"{r.contacts:,}",
            f"{r.goodwill:,}",
            f"{r.tickets:,}",
            f"{r.margin:,}",
        )
        for key, r in book(world).rows.items()
    ]
    return Grid(
        "Wrong answers acted on, last quarter, and what followed (contacts are counted, the rest "
        "is in dollars)",
        ("who", "wrong and acted on", "later contacts", "goodwill", "new tickets", "lost margin"),
        tuple(rows),
    )


def bands_grid(world: int) -> Grid:
    """Show questions a month and the labeled share right, by group and band of confidence."""
    b = book(world)
    rows = []
    for key in SEGMENTS:
        rows.append((TITLES[key], "questions", *(f"{v:,.0f}" for v in b.volume[key])))
        rows.append(("", "right, %", *(f"{100 * r:.0f}" for r in b.right[key])))
    return Grid(
        "Questions a month by stated confidence (middle of the band), and labeled share right",
        ("who", "what", *(f"{m:.2f}" for m in BANDS)),
        tuple(rows),
    )


def bench_grid(world: int, harms: Any, hand_off: Any, bars: Any) -> Grid | Card:
    """Price the learner's bars, and single bars, at the learner's own harm and hand-off.

    >>> bench_grid(10, None, None, None).lines[0][0]
    'Not yet'
    """
    h, mine = harms_of(harms, "h"), harms_of(bars, "bar")
    usable = isinstance(hand_off, int | float) and not isinstance(hand_off, bool)
    if h is None or mine is None or not usable:
        return Card("The bench", (("Not yet", "Save harm, hand-off and all five bars first."),))
    b = book(world)
    rows = [("your five bars", f"{cost(b, h, float(hand_off), mine):,.0f}")]
    rows += [
        (f"one bar of {bar:.3f} for all", f"{dollars:,.0f}")
        for bar, dollars in singles(b, h, float(hand_off)).items()
    ]
    return Grid(
        "Dollars a month at your harm and hand-off, with the labeled shares right",
        ("answer at or above", "dollars a month"),
        tuple(rows),
    )


def letters_grid(world: int) -> Grid:
    """Show twelve letters with their traces."""
    rows = [
        (str(n), TITLES[x.group], x.says, x.trace)
        for n, x in enumerate(pile(world).letters, start=1)
    ]
    return Grid("Twelve of forty complaints", ("", "who", "letter", "trace"), tuple(rows))


def sorted_grid(world: int) -> Grid:
    """Show how the desk sorted the other twenty-eight, by cause and group."""
    p = pile(world)
    rows = [
        (cause.capitalize(), *(str(p.sorted_.get((cause, key), 0)) for key in SEGMENTS))
        for cause in CAUSES
    ]
    return Grid(
        "The other twenty-eight, read and sorted by two people at the desk",
        ("cause", *(TITLES[key] for key in SEGMENTS)),
        tuple(rows),
    )


def bets_grid(world: int) -> Grid:
    """Show the six candidates as bets.

    >>> bets_grid(10).rows[0][0]
    'Take fare guesses out of answers and link to the fare page'
    """
    rows = [
        (
            NAMES[key],
            f"{b.reach:,.0f}",
            f"{100 * b.works:.0f}",
            f"{100 * b.gain:.2g}",
            f"{b.worth:.2f}",
            f"{100 * b.fails:.2g}",
            f"{100 * b.loss:.2g}",
            f"{b.harm:.1f}",
            f"{b.price:,.0f}",
        )
        for key, b in bets(world).items()
    ]
    return Grid(
        "Six candidates. Working and backfiring are separate chances, and both can happen; if "
        "neither does, nothing changes but the price",
        (
            "candidate",
            "questions a month",
            "works, %",
            "then more right-and-acted, points",
            "dollars per right-and-acted",
            "backfires, %",
            "then more wrong-and-acted, points",
            "dollars per wrong-and-acted",
            "price a month",
        ),
        tuple(rows),
    )


# --- the harm hump --------------------------------------------------------------------------------

_KNEES = {"S1": -0.03, "S2": 0.0, "S3": 0.02, "S4": 0.04, "S5": 0.07}
"""How much more trust a group needs before it relies. Invented."""


def _trust(world: int, key: str) -> Trust:
    from dataclasses import replace

    trust = case(world).lantern.trust
    return replace(trust, knee=trust.knee + _KNEES[key])


def hump_numbers(world: int, error: float) -> dict[str, tuple[float, float, float]]:
    """Return acting when right, wrong-and-acted and harm a month by group. Stylized.

    ``error`` is a share. The three are right-and-acted and wrong-and-acted, shares of answers,
    and thousand dollars a month.

    >>> [round(hump_numbers(10, e)["S2"][1], 3) for e in (0.16, 0.12, 0.08, 0.04)]
    [0.038, 0.054, 0.059, 0.037]
    """
    c = case(world)
    found = {}
    for key in SEGMENTS:
        trust, g = _trust(world, key), c.groups[key]
        relied = float(reliance(trust, settled_trust(trust, error)))
        war = error * relied
        dollars = war * c.questions * g.share * g.harm / 1000
        found[key] = ((1 - error) * relied, war, dollars)
    return found


def hump_words(world: int, percent: float) -> str:
    """Say what the picture shows at one error rate, in percent.

    >>> hump_words(10, 8)[:21]
    'At 8.0 percent error,'
    """
    now = hump_numbers(world, _share(percent))
    told = " ".join(
        f"{TITLES[key]}: {100 * rar:.0f} right and acted on, {100 * war:.1f} wrong and acted on, "
        f"{dollars:,.0f} thousand dollars a month."
        for key, (rar, war, dollars) in now.items()
    )
    c = case(world)
    acted = sum(war * c.questions * c.groups[key].share for key, (_, war, _) in now.items())
    return (
        f"At {100 * _share(percent):.1f} percent error, of 100 answers. {told} Together "
        f"{acted:,.0f} wrong answers acted on and {sum(d for _, _, d in now.values()):,.0f} "
        "thousand dollars a month. "
        "Stylized: a teaching model of trust, not a finding about people."
    )


def hump_picture(world: int, percent: float) -> Picture:
    """Draw wrong-and-acted against error by group, with a line at one error rate."""
    return Picture(lambda: _hump_figure(world, _share(percent)), hump_words(world, percent))


def _share(percent: float) -> float:
    return min(max(percent, 0.5), 30.0) / 100


def _hump_figure(world: int, error: float) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    grid = np.linspace(0.01, 0.3, 59)
    looks = {
        "S1": ("#1f5f8b", "-"),
        "S2": ("#5f5f5f", "--"),
        "S3": ("#b5482a", "-"),
        "S4": ("#8a6d00", "-."),
        "S5": ("#3a1f5d", ":"),
    }
    rows = [hump_numbers(world, float(e)) for e in grid]
    for key, (color, style) in looks.items():
        left.plot(100 * grid, [100 * r[key][1] for r in rows], color=color, ls=style)
        right.plot(100 * grid, [r[key][2] for r in rows], color=color, ls=style, label=TITLES[key])
    for axes, label in (
        (left, "wrong and acted on,\npercent of answers"),
        (right, "harm a month,\nthousand dollars"),
    ):
        axes.axvline(100 * error, color="black", linewidth=1)
        axes.set_xlabel("error, percent of answers")
        axes.set_ylabel(label)
        axes.spines[["top", "right"]].set_visible(False)
    right.legend(fontsize=8, frameon=False)
    figure.suptitle("Stylized: a teaching model of trust", fontsize=9)
    return figure
