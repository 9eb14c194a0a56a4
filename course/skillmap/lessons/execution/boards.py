"""Tables and pictures that this lesson shows: futures, looks, people, opened logs, readings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from skillmap.lessons.execution.incident import LOGS, opened
from skillmap.lessons.execution.looks import PLATFORMS, aa_table, trial
from skillmap.lessons.execution.queue import BANDS, queue, reading_plan, sample
from skillmap.lessons.execution.rollout import Future, futures, plan_of
from skillmap.lessons.exhibits import Card, Grid, Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

__all__ = [
    "Pages",
    "futures_grid",
    "futures_picture",
    "logs_opened",
    "looks_picture",
    "people_grid",
    "readings_grid",
    "trials_grid",
]

BOUNDS = (1.8, 2.0, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8)
_BLUE, _RED, _GREY = "#1f5f8b", "#b5482a", "#5f5f5f"
_STAGES = {"s1": "1 percent", "s5": "5 percent", "s25": "25 percent", "s50": "50 percent"}


class Pages:
    """Several exhibits one under the other."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __repr__(self) -> str:
        return "\n\n".join(str(part) for part in self.parts)

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self.parts)


def _kind(future: Future) -> str:
    if future.fault and future.assisted_fault:
        return "both faults"
    if future.fault:
        return "the general fault"
    return "the assisted fault" if future.assisted_fault else "no fault"


def futures_grid(world: int, table: Any) -> Grid | Card:
    """Return what 200 futures of the saved plan hold, grouped by fault and by where they stopped.

    >>> futures_grid(10, None).lines[0][0]
    'Not yet'
    """
    plan = plan_of(table)
    if plan is None:
        wanted = "Save a plan first: who, days (0 to 40) and a bound (1 or more) for each stage."
        return Card("200 futures", (("Not yet", wanted),))
    groups: dict[tuple[str, str], list[Future]] = {}
    for future in futures(world, plan):
        where = " and ".join(f"stopped at {_STAGES[row]}" for row in future.stops)
        if future.late:
            where = f"{where}, found at 100 percent" if where else "found at 100 percent"
        groups.setdefault((_kind(future), where or "never stopped"), []).append(future)
    rows = []
    for (kind, where), found in sorted(groups.items()):
        gain, harm, full = (
            sum(values) / len(found)
            for values in zip(*((f.gain, f.harm, f.full) for f in found), strict=True)
        )
        count = str(len(found))
        rows.append((kind, where, count, f"{gain:,.0f}", f"{harm:,.0f}", f"{full:.1f}"))
    columns = (
        "what is there",
        "what happens",
        "futures of 200",
        "mean gain, $",
        "mean harm, $",
        "mean day of full",
    )
    return Grid("200 futures of your plan, simulated", columns, tuple(rows))


def futures_picture(world: int, table: Any) -> Picture | Card:
    """Draw each future as a dot: the day of full exposure against its harm."""
    plan = plan_of(table)
    if plan is None:
        return Card("200 futures", (("Not yet", "The picture comes with your first plan."),))
    seen = futures(world, plan)
    counts = Counter(_kind(f) for f in seen)
    told = ", ".join(f"{n} with {kind}" for kind, n in sorted(counts.items()))
    return Picture(
        lambda: _futures_figure(seen),
        f"200 futures of your plan: {told}. Each dot is a future, its day of full exposure across "
        "and its harm in thousands of dollars upward; the table has the groups.",
    )


def _futures_figure(seen: Sequence[Future]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    axes = figure.subplots()
    marks = {
        "no fault": ("o", _GREY),
        "the general fault": ("s", _BLUE),
        "the assisted fault": ("^", "#e69f00"),
        "both faults": ("D", _RED),
    }
    for kind, (mark, color) in marks.items():
        mine = [f for f in seen if _kind(f) == kind]
        axes.scatter(
            [f.full for f in mine],
            [f.harm / 1000 for f in mine],
            marker=mark,
            color=color,
            alpha=0.55,
            s=26,
            label=f"{kind} ({len(mine)})",
        )
    axes.set_xlabel("day on which everybody has it")
    axes.set_ylabel("harm, thousand dollars")
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def people_grid(world: int) -> Grid:
    """Return people in each arm by platform.

    >>> people_grid(10).rows[-1][0]
    'all'
    """
    t = trial(world)
    rows = [(name, f"{a:,}", f"{b:,}") for name, (a, b) in zip(PLATFORMS, t.people, strict=True)]
    a, b = t.arms
    rows.append(("all", f"{a:,}", f"{b:,}"))
    return Grid(
        f"People assigned up to look {t.at}, half and half as planned",
        ("platform", "arm A", "arm B"),
        tuple(rows),
    )


def trials_grid(world: int) -> Grid:
    """Return the share of trials without any difference that alarm, by bound."""
    t = trial(world)
    table = aa_table(world, t.looks, BOUNDS)
    return Grid(
        f"40,000 trials in which nothing differs, {t.looks} looks each",
        ("bound at every look", "alarmed at one look or more, %"),
        tuple((f"{bound:.2f}", f"{100 * share:.1f}") for bound, share in table.items()),
    )


def looks_picture(world: int, own: float | None, *, lit: bool = False) -> Picture:
    """Draw the guardrail look by look, with 1.96 and the learner's own bound, and the split light.

    >>> "look 3 of 10" in looks_picture(10, None).words
    True
    """
    t = trial(world)
    a, b = t.arms
    light = "red" if (a - b) ** 2 / (a + b) > 10.83 else "green"
    light = light if lit else "off"
    told = ", ".join(f"{value:.2f}" for value in t.path)
    mine = f"your bound is {own:.3f}" if own else "you have not saved a bound yet"
    words = (
        f"Guardrail at looks 1 to {t.at}: {told}. It crosses 1.96 at look {t.at} of {t.looks}; "
        f"{mine}. Split light: {light} (red above a chi-square of 10.83; it comes on with yours)."
    )
    return Picture(lambda: _looks_figure(world, own, light), words)


def _looks_figure(world: int, own: float | None, light: str) -> Figure:
    from matplotlib.figure import Figure

    t = trial(world)
    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    axes = figure.subplots()
    for sign in (1, -1):
        axes.axhline(sign * 1.96, color=_GREY, linestyle=":", linewidth=1.5)
        if own:
            axes.axhline(sign * own, color=_RED, linestyle="--", linewidth=1.5)
    named = [(1.96, "1.96", _GREY)] + ([(own, f"yours, {own:.2f}", _RED)] if own else [])
    for level, text, color in named:
        axes.annotate(
            text, (t.looks, level), (0, 3), textcoords="offset points", ha="right", va="bottom",
            fontsize=10, color=color,
        )  # fmt: skip
    axes.plot(range(1, t.at + 1), t.path, marker="o", color=_BLUE)
    axes.set_xlim(0.6, t.looks + 0.4)
    axes.set_ylim(-3.2, max(3.6, t.z + 0.4))
    axes.set_xticks(range(1, t.looks + 1))
    axes.set_xlabel("look")
    axes.set_ylabel("guardrail: harm in B\nover A, standardized")
    shade, sign_ = {
        "red": ("#9b1c31", "✗ split"),
        "green": ("#0a5c36", "✓ split"),
        "off": (_GREY, "? split"),
    }[light]
    axes.text(0.02, 0.04, sign_, transform=axes.transAxes, color="white", fontsize=10,
              bbox={"facecolor": shade, "edgecolor": "none", "boxstyle": "round"})  # fmt: skip
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def logs_opened(world: int, keys: Any) -> Pages | Card:
    """Show the three logs that were chosen, and none before three are chosen.

    >>> logs_opened(10, ["letters"]).lines[0][0]
    'Not yet'
    """
    chosen = [key for key in LOGS if isinstance(keys, list) and key in keys]
    if len(chosen) != 3:
        return Card(
            "Logs", (("Not yet", "Choose three logs above and save; then run this again."),)
        )
    found = []
    for key in chosen:
        head, *rows = opened(world, key)
        found.append(Grid(LOGS[key], tuple(cell or " " for cell in head), tuple(rows)))
    return Pages(*found)


def readings_grid(world: int, table: Any) -> Grid | Card:
    """Show what the saved reading plan finds, band by band.

    >>> readings_grid(10, None).title
    'Answers of one day, by confidence'
    """
    q = queue(world)
    plan = reading_plan(table, world)
    if plan is None:
        lines = [(BANDS[name], f"{band.answers:,} answers") for name, band in q.bands.items()]
        rule = f"Two or more in each band, {q.capacity:,.0f} together at most."
        return Card("Answers of one day, by confidence", (*lines, ("Your reading plan", rule)))
    rows = [(BANDS[r.band], f"{r.answers:,}", str(r.read), str(r.bad)) for r in sample(world, plan)]
    return Grid(
        "What your reading found, simulated",
        ("confidence", "answers that day", "you read", "called bad"),
        tuple(rows),
    )
