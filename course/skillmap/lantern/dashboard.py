"""The dashboard: small multiples of one run, as a matplotlib figure, and the same in words.

Quality is shown from bought labels only, with their intervals: the truth is not on any dashboard.
Okabe-Ito colors, and a shape or dash beside each color, so that it reads in grey.
"""

from __future__ import annotations

import io
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern.world import DAYS, SEGMENT_NAMES, SEGMENT_TITLES
from skillmap.stats import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from skillmap.lantern.product import Lantern

__all__ = ["Board", "dashboard", "dashboard_alt_text"]

_BLUE, _ORANGE, _GREEN, _RED, _PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
_INK, _GREY, _PALE = "#1a1a1a", "#5f5f5f", "#d9d9d9"
_SEGMENT_COLORS = (_BLUE, _ORANGE, _GREEN, _PURPLE, _RED)
_SEGMENT_MARKS = ("o", "s", "^", "D", "v")
_WATCHED = (
    ("malformed_rate", "Broken fare cards, % of answers", 100.0, 1.0),
    ("tokens_out", "Tokens written an answer", 1.0, 100.0),
    ("psi", "Input mix against launch, PSI", 1.0, 0.1),
)
"""Column of ``days``, title, factor for display, and the least that the axis shows."""
_SHORT = {
    "exposure": "launch",
    "policy": "rules",
    "memo": "memo",
    "storm": "storm",
    "retirement": "notice",
    "rival": "rival",
    "prices": "prices",
    "renewal": "offer",
    "fares": "fares",
}


class Board:
    """The dashboard as JupyterLab shows it: a picture, with its words for screen readers."""

    def __init__(self, lantern: Lantern, *, dpi: int = 90) -> None:
        buffer = io.BytesIO()
        dashboard(lantern).savefig(buffer, format="png", dpi=dpi)
        self.png = buffer.getvalue()
        self.alt = dashboard_alt_text(lantern)

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        data = b64encode(self.png).decode()
        alt = escape(self.alt, quote=True)
        return (
            '<div style="overflow-x:auto">'
            '<img style="max-width:100%;min-width:620px;height:auto;background:white" '
            f'alt="{alt}" src="data:image/png;base64,{data}"></div>'
        )


def dashboard(lantern: Lantern, *, upto: int | None = None) -> Figure:
    """Return the dashboard of a run: nine panels, events marked in each."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    logs = lantern.logs
    days = logs.days
    last = len(days) if upto is None else min(upto, len(days))
    days = days.iloc[:last]
    figure = Figure(figsize=(10.8, 10.4), dpi=100)
    figure.subplots_adjust(0.045, 0.05, 0.99, 0.925, wspace=0.17, hspace=0.26)
    grid = figure.subplots(3, 3)
    right = max(last, 14)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=10, colors=_INK)
        axes.set_xlim(-0.5, right - 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        _events(axes, lantern, right)
    if not last:
        figure.suptitle("Lantern has not lived a day yet", fontsize=14)
        return figure
    _traffic(grid[0, 0], days)
    _quality(grid[0, 1], logs.labels, last)
    _latency(grid[0, 2], days)
    _cost(grid[1, 0], logs.ledger, last)
    _hand_offs(grid[1, 1], days)
    _desk(grid[1, 2], logs.desk, last)
    for axes, watched in zip(grid[2], _WATCHED, strict=True):
        _control(axes, lantern, watched, last)
    for axes in grid[2]:
        axes.set_xlabel("Day", fontsize=10)
    _names(grid[0, 0], lantern, right)
    figure.suptitle(
        f"Lantern, world {lantern.world}, day {lantern.day} of {DAYS}: simulated",
        fontsize=14,
        color=_INK,
        y=0.985,
    )
    return figure


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=11, loc="left", color=_INK)


def _headroom(axes: Axes, share: float = 0.3, **legend: Any) -> None:
    """Start the axis at zero and leave room at the top for the legend."""
    axes.set_ylim(0, axes.get_ylim()[1] * (1 + share))
    axes.legend(frameon=False, fontsize=10, loc="upper left", **legend)


def _events(axes: Axes, lantern: Lantern, right: int) -> None:
    for event in lantern.events:
        if event.day >= right or event.name in {"dogfood", "board"}:
            continue
        if event.name == "storm":
            axes.axvspan(event.day - 0.5, event.day + 0.5, color="#e8eef5", zorder=0, lw=0)
        else:
            axes.axvline(event.day, color=_PALE, lw=1, zorder=0)


def _names(axes: Axes, lantern: Lantern, right: int) -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.42 * (high - low))
    shown: set[str] = set()
    for event in lantern.events:
        if event.day >= right or event.name not in _SHORT or event.name in shown:
            continue
        at = len(shown)
        shown.add(event.name)
        axes.text(
            event.day,
            high + (0.40 if at % 2 else 0.22) * (high - low),
            _SHORT[event.name],
            fontsize=9.5,
            color=_GREY,
            rotation=35,
            ha="center",
            va="top",
        )


def _traffic(axes: Axes, days: DataFrame) -> None:
    axes.plot(days["day"], days["questions"] / 1000, color=_BLUE, lw=1.6, label="asked")
    axes.plot(
        days["day"], days["answered"] / 1000, color=_ORANGE, lw=1.6, ls="--", label="answered"
    )
    axes.set_ylim(0, 1.15 * days["questions"].max() / 1000)
    axes.legend(frameon=False, fontsize=10, loc="lower left", ncol=2)
    _title(axes, "Ask questions a day, thousands")


def _quality(axes: Axes, labels: DataFrame, last: int) -> None:
    _title(axes, "Labeled right, %, with 95% intervals")
    axes.set_ylim(25, 101)
    if not len(labels):
        axes.text(
            0.5,
            0.5,
            "No labels bought.\nThe truth is not free.",
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=11,
            color=_GREY,
        )
        return
    width = 10
    weeks = labels.assign(bin=labels["day"] // width, ok=labels["label"] == "right")
    grouped = weeks.groupby(["segment", "bin"], observed=True)["ok"].agg(["sum", "count"])
    for at, name in enumerate(SEGMENT_NAMES):
        if name not in grouped.index.get_level_values(0):
            continue
        mine = grouped.loc[name]
        start = mine.index.to_numpy() * width
        x = (start + np.minimum(start + width, last)) / 2 + (at - 2) * 1.1
        rate = 100 * mine["sum"] / mine["count"]
        ends = [wilson_interval(k, n) for k, n in zip(mine["sum"], mine["count"], strict=True)]
        low = rate - 100 * np.array([e[0] for e in ends])
        high = 100 * np.array([e[1] for e in ends]) - rate
        axes.errorbar(
            x,
            rate,
            yerr=np.clip(np.vstack([low, high]), 0, None),
            color=_SEGMENT_COLORS[at],
            marker=_SEGMENT_MARKS[at],
            ms=5,
            lw=0,
            elinewidth=1.1,
            label=f"{name} {SEGMENT_TITLES[at].split()[0]}",
        )
    axes.legend(frameon=False, fontsize=9.5, ncol=2, loc="lower left", handletextpad=0.2)


def _latency(axes: Axes, days: DataFrame) -> None:
    for name, color, dash in (("p50", _BLUE, "-"), ("p95", _ORANGE, "--"), ("p99", _RED, ":")):
        axes.plot(days["day"], days[f"first_{name}"], color=color, ls=dash, lw=1.7, label=name)
    axes.set_yscale("log")
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    axes.yaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50, 100]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(0.5, max(10.0, 3 * float(days["first_p99"].max())))
    axes.legend(frameon=False, fontsize=10, loc="upper left", ncol=3)
    _title(axes, "Seconds until something to read")


def _cost(axes: Axes, ledger: DataFrame, last: int) -> None:
    table = ledger[ledger["day"] < last].assign(
        part=lambda f: np.select(
            [f["line"] == "desk", f["line"] == "claims", f["line"] == "inference"],
            ["desk", "claims", "models"],
            "rest",
        )
    )
    wide = table.pivot_table(
        index="day", columns="part", values="dollars", aggfunc="sum", fill_value=0.0
    )
    base = np.zeros(len(wide))
    for part, color, edge in (
        ("desk", _BLUE, 0.5),
        ("claims", _RED, 0.5),
        ("rest", _PALE, 0.0),
        ("models", _ORANGE, 0.0),
    ):
        if part not in wide:
            continue
        top = base + wide[part].to_numpy() / 1000
        axes.fill_between(
            wide.index, base, top, color=color, edgecolor="white", lw=edge, label=part
        )
        base = top
    _headroom(axes, ncol=4, columnspacing=0.7, handlelength=0.9, handletextpad=0.4)
    _title(axes, "Dollars a day, thousands")


def _hand_offs(axes: Axes, days: DataFrame) -> None:
    for column, name, color, dash in (
        ("withheld_rate", "under threshold", _BLUE, "-"),
        ("abstained_rate", "model declined", _GREEN, "--"),
        ("left_rate", "left before reading", _RED, ":"),
    ):
        axes.plot(days["day"], 100 * days[column], color=color, ls=dash, lw=1.6, label=name)
    _headroom(axes, 0.4)
    _title(axes, "Questions without an answer, %")


def _desk(axes: Axes, desk: DataFrame, last: int) -> None:
    busiest = desk[desk["day"] < last].groupby("day")["wait_p90_minutes"].max()
    axes.plot(busiest.index, busiest, color=_PURPLE, lw=1.6)
    axes.set_ylim(0, 1.15 * max(5.0, float(busiest.max())))
    _title(axes, "Desk p90 wait, worst hour, minutes")


def _control(
    axes: Axes, lantern: Lantern, watched: tuple[str, str, float, float], last: int
) -> None:
    metric, title, scale, least = watched
    c = lantern.logs.chart(metric)
    day, value = c.day[:last], scale * c.value[:last]
    axes.plot(day, value, color=_BLUE, lw=1.2)
    axes.set_ylim(0, 1.2 * max(float(np.nanmax(value)), least))
    _title(axes, title)
    if not np.isfinite(c.center):
        axes.text(
            0.98, 0.92, "limits from day 28", transform=axes.transAxes, ha="right", fontsize=10,
            color=_GREY,
        )  # fmt: skip
        return
    axes.axhline(scale * c.center, color=_GREY, lw=1)
    for limit in (c.low, c.high):
        axes.axhline(scale * max(limit, 0.0), color=_GREY, lw=1, ls="--")
    out = np.isin(day, c.alarms)
    axes.plot(day[out], value[out], "v", color=_RED, ms=5, label="out of limits")
    if out.any():
        _headroom(axes, 0.2)


def dashboard_alt_text(lantern: Lantern) -> str:
    """Return what the dashboard shows, in sentences, for those who do not see it.

    >>> from skillmap.lantern import Lantern
    >>> dashboard_alt_text(Lantern(10).run(2))[:42]
    'Dashboard of Lantern, simulated, world 10,'
    """
    days = lantern.logs.days
    head = f"Dashboard of Lantern, simulated, world {lantern.world}, day {lantern.day} of {DAYS}."
    if not len(days):
        return head + " Nothing has happened yet."
    last, week = days.iloc[-1], days.iloc[-7:]
    parts = [
        head,
        f"Last day: {last['questions']:,} questions, {last['answered']:,} answered.",
        f"Median wait {week['first_p50'].median():.1f} seconds and 95th percentile "
        f"{week['first_p95'].median():.1f} in the last week.",
        f"No answer for {100 * week[['withheld_rate', 'abstained_rate']].sum(axis=1).mean():.0f} "
        "percent, and "
        f"{100 * week['left_rate'].mean():.0f} percent left.",
    ]
    for metric, title, *_ in _WATCHED:
        alarms = lantern.logs.chart(metric).alarms
        if alarms:
            parts.append(
                f"{title}: out of its limits on {len(alarms)} days, first day {alarms[0]}."
            )
    labels = lantern.logs.labels
    if len(labels):
        share = (labels["label"] == "right").groupby(labels["segment"], observed=True).mean()
        told = ", ".join(f"{name} {100 * value:.0f}%" for name, value in share.items())
        parts.append(f"Labeled right: {told}.")
    else:
        parts.append("No labels have been bought, so quality is unknown.")
    others = [e for e in lantern.events if e.name in _SHORT and e.name != "storm"]
    events = [f"{_SHORT[e.name]} on day {e.day}" for e in others]
    storms = [e.day for e in lantern.events if e.name == "storm" and e.day < lantern.day]
    if storms:
        events.append(f"storms on days {', '.join(map(str, storms))}")
    return " ".join(parts) + (f" Events: {', '.join(events)}." if events else "")
