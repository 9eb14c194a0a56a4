"""What the labs show: the ending of a week, the flipping number, logs, anchors, words of blame."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

from skillmap.lessons.behavioral_leadership.case import ACTS, act_worth, case, chance
from skillmap.lessons.behavioral_leadership.facts import METRIC_WORDS
from skillmap.lessons.behavioral_leadership.incident import METRICS, clock, incident
from skillmap.lessons.behavioral_leadership.tales import anchors, polished
from skillmap.lessons.exhibits import Card, Grid, Picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

__all__ = [
    "ACT_WORDS",
    "anchors_grid",
    "blame_card",
    "blamed",
    "dashboard_grid",
    "ending_card",
    "flip_costs",
    "flip_picture",
    "flip_words",
    "log_grid",
    "polished_card",
]

ACT_WORDS = {
    "ship": "Ship to everybody",
    "partial": "Ship to a few behind a switch",
    "hold": "Hold for a week",
}
_COLORS = {"ship": "#9b1c31", "partial": "#7a4b00", "hold": "#0b5394"}


# --- the flipping number --------------------------------------------------------------------------


def flip_costs(world: int, p: float) -> tuple[dict[str, float], float]:
    """Return the expected cost of each act, and what knowing in advance would be worth, dollars.

    The week's own figures, at a chance ``p`` of the fault.

    >>> costs, worth = flip_costs(10, 0.0)
    >>> costs["ship"], worth
    (0.0, 0.0)
    """
    week = case(world).week
    costs = {name: -value + 0.0 for name, value in act_worth(week, p).items()}
    there = min(-value for value in act_worth(week, 1.0).values())
    return costs, max(0.0, min(costs.values()) - p * there)


def flip_words(world: int, p: float) -> str:
    """Say what is best at a chance ``p``, and what knowing would be worth."""
    costs, worth = flip_costs(world, p)
    best = min(costs, key=lambda name: costs[name])
    listed = ", ".join(f"{ACT_WORDS[name].lower()} {costs[name]:,.0f}" for name in ACTS)
    return (
        f"At a chance of {100 * p:.0f} percent the expected costs are, in dollars: {listed}. Best: "
        f"{ACT_WORDS[best].lower()}. Knowing in advance would be worth {worth:,.0f} dollars."
    )


def flip_picture(world: int, p: float) -> Picture:
    """Draw expected cost of each act, and the worth of knowing, over the chance of the fault."""

    def draw() -> Figure:
        import numpy as np
        from matplotlib.figure import Figure as New

        grid = np.linspace(0, 1, 101)
        found = [flip_costs(world, float(x)) for x in grid]
        figure = New(figsize=(7, 4.2), layout="constrained")
        top, low = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        for name, dashes in zip(ACTS, ("-", "--", ":"), strict=True):
            line = [costs[name] / 1000 for costs, _ in found]
            top.plot(100 * grid, line, dashes, color=_COLORS[name], label=ACT_WORDS[name])
        top.set_ylabel("expected cost,\nthousand dollars")
        top.legend(fontsize=8)
        low.fill_between(100 * grid, [worth / 1000 for _, worth in found], color="#c9b458")
        low.set_ylabel("worth of\nknowing")
        low.set_xlabel("chance of the fault, percent")
        for axes in (top, low):
            axes.axvline(100 * p, color="#333333", linewidth=1)
        return figure

    return Picture(draw, flip_words(world, p))


# --- the week's ending ----------------------------------------------------------------------------


def ending_card(world: int, values: Mapping[str, Any]) -> Card:
    """Tell how the week ended, once decision, forecast and the odds of a bad end are saved."""
    act, forecast = values.get("bl.l1.decision"), values.get("bl.l1.forecast")
    luck = values.get("bl.l1.luck")
    title = "How your week ended (one draw of a simulated world)"
    if act not in ACTS or not _number(forecast) or not _number(luck):
        return Card(
            title,
            (("Not yet", "Save your forecast, your decision and the odds of a bad end first."),),
        )
    week = case(world).week
    p = chance(week)
    fault = week.ends_badly < p
    caught = week.ends_badly < p * week.catch
    told = {
        ("ship", True): "The fault was there. The incident came on day nine.",
        ("ship", False): "Nothing happened.",
        ("partial", True): "The fault was there. "
        + ("The switch caught it on day three." if caught else "Three days did not show it."),
        ("partial", False): "Nothing happened, and the switch was built for nothing.",
        ("hold", True): "The fault was there. The week found most of it.",
        ("hold", False): "The review found no fault. You paid a week for it.",
    }
    brier = (float(forecast) / 100 - fault) ** 2
    bad = fault if act in {"ship", "partial"} else not fault
    return Card(
        title,
        (
            ("What you did", ACT_WORDS[act]),
            ("What came", told[act, fault]),
            ("A bad end?", "Yes." if bad else "No."),
            (
                "Your forecast",
                f"{float(forecast):.0f} percent. Brier score on this one week {brier:.2f} (0 is "
                "perfect, 0.25 is what 50 percent always gets).",
            ),
            (
                "Decision and outcome",
                f"You expected a bad end in {float(luck):.0f} of 100 such weeks. This was one "
                "week. Your points rest on what was knowable on Thursday, and this page "
                "changes none of them.",
            ),
        ),
    )


def _number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- the incident ---------------------------------------------------------------------------------


def log_grid(world: int) -> Grid:
    """The raw log, as each source shows its own time."""
    found = incident(world)
    shown = [
        (entry.at + (found.ahead if entry.source == "desk" else 0), entry) for entry in found.log
    ]
    rows = tuple(
        (clock(at), entry.source, entry.says) for at, entry in sorted(shown, key=lambda r: r[0])
    )
    return Grid("Raw log, each source with its own clock", ("Time", "source", "entry"), rows)


def dashboard_grid(world: int) -> Grid:
    """Daily readings of three dashboard metrics and of one that was counted later."""
    found = incident(world)
    rows = tuple(
        (f"day\u00a0{found.first_day + n}", *(f"{level:.1f}" for level in row))
        for n, row in enumerate(found.levels)
    )
    bound = ("bound", *(f"{b:.1f}" for b in found.bounds[:3]), "none then")
    return Grid(
        "Daily readings around the incident (invented)",
        ("", *(METRIC_WORDS[name] for name in METRICS)),
        (bound, *rows),
    )


_BLAME = re.compile(
    r"\b(careless\w*|negligen\w*|fault of|to blame|blam\w+|should have|should've|failed to|"
    r"forgot|ignored|lazy|sloppy|mistake of|his mistake|her mistake|their mistake|obvious\w*|"
    r"clearly|human error|incompeten\w*|didn't bother|always|never)\b",
    re.IGNORECASE,
)


def blamed(text: str) -> list[str]:
    """Return words of blame and hindsight in a text, in their order.

    >>> blamed("Ilse should have seen the obvious alert.")
    ['should have', 'obvious']
    """
    return [found.casefold() for found in _BLAME.findall(text)]


def blame_card(said: Any) -> Card:
    """Name the words of blame in what the learner wrote; ungraded."""
    title = "Words that make the next person report later (ungraded)"
    if not isinstance(said, str) or not said.strip():
        return Card(title, (("Not yet", "Save your two sentences first."),))
    found = list(dict.fromkeys(blamed(said)))
    if not found:
        return Card(title, (("None found", "A list of words finds words. Read it once aloud."),))
    listed = ", ".join(f"“{word}”" for word in found)
    return Card(
        title,
        (
            ("Found", listed),
            ("Try", "Say what the person could see then, and what they could not."),
        ),
    )


# --- stories --------------------------------------------------------------------------------------


def polished_card(world: int) -> Card:
    """The polished story of the drill."""
    return Card("A polished story (invented)", (("They say", polished(world).text),))


def anchors_grid(world: int) -> Grid:
    """Four answers to score."""
    rows = tuple(
        (letter.upper(), anchor.text) for letter, anchor in zip("abcd", anchors(world), strict=True)
    )
    return Grid(
        "Four answers to: you pushed back on someone senior (invented people)",
        ("", "Answer"),
        rows,
    )
