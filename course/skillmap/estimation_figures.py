"""Pictures of estimates: plain functions that return a matplotlib figure, each with its words.

Every picture has a twin that says the same in a sentence, for a reader who cannot see it. Dark
and light carry the meaning as well as the hue, so they survive a gray printer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.estimation import Chain, format_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Interval",
    "interval_alt",
    "interval_figure",
    "ladder_alt",
    "ladder_figure",
    "tornado_alt",
    "tornado_figure",
]

_INK, _BLUE, _PALE, _GRID, _MISS = "#1c2430", "#0b5394", "#9cc0e4", "#e3e7ec", "#b3541e"
_WIDTH = 7.6
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Interval:
    """A learner's range for one quantity, the truth if it may be shown, and the unit of both."""

    label: str
    low: float
    high: float
    truth: float | None = None
    unit: str = ""
    point: float | None = None

    @property
    def hit(self) -> bool | None:
        """Whether the range holds the truth; ``None`` while the truth is not shown."""
        return None if self.truth is None else self.low <= self.truth <= self.high


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, colors=_INK)
    axes.grid(axis="x", color=_GRID)
    axes.set_axisbelow(True)


def tornado_figure(chain: Chain, *, labels: Mapping[str, str] | None = None) -> Figure:
    """Draw one bar a factor, widest on top: the result at its low and its high, others at best.

    The dark half is where the factor is low, the light half where it is high.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    swings, base, names = chain.tornado(), chain.point(), labels or {}
    figure = Figure(figsize=(_WIDTH, 0.9 + 0.42 * len(swings)), layout="constrained")
    axes = figure.subplots()
    for y, swing in enumerate(swings):
        axes.barh(y, swing.at_low - base, left=base, color=_BLUE, height=0.62)
        axes.barh(y, swing.at_high - base, left=base, color=_PALE, height=0.62)
    axes.axvline(base, color=_INK, lw=1.4)
    axes.set_yticks(range(len(swings)), [_short(names.get(s.name, s.name)) for s in swings])
    axes.set_ylim(len(swings) - 0.4, -0.6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: format_number(x, 3)))
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(f"{chain.unit} (line: best numbers; dark: factor low; light: factor high)")
    _bare(axes)
    return figure


def tornado_alt(chain: Chain, *, labels: Mapping[str, str] | None = None) -> str:
    """Say what the tornado shows.

    >>> from skillmap.estimation import Factor, between
    >>> tornado_alt(Chain.of(Factor("trips", between(10, 20), "trips/month"),
    ...                      Factor("notes", between(1, 1.2), "notes/trip")))
    'Tornado, widest first. trips: 10.95 to 21.91; notes: 14.14 to 16.97 notes/month.'
    """
    names = labels or {}
    parts = "; ".join(
        f"{names.get(s.name, s.name)}: {format_number(s.at_low)} to {format_number(s.at_high)}"
        for s in chain.tornado()
    )
    return f"Tornado, widest first. {parts} {chain.unit}."


def ladder_figure(intervals: Sequence[Interval]) -> Figure:
    """Draw ranges of unlike quantities on one scale: each divided by its truth (or its middle).

    The axis is logarithmic; 1 is the truth. A range that misses is drawn dashed and darker.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    figure = Figure(figsize=(_WIDTH, 0.9 + 0.36 * len(intervals)), layout="constrained")
    axes = figure.subplots()
    for y, item in enumerate(intervals):
        center = item.truth or (item.low * item.high) ** 0.5 or 1.0
        low, high = (max(1e-3, min(1e3, end / center)) for end in (item.low, item.high))
        missed = item.hit is False
        axes.plot(
            [low, high],
            [y, y],
            color=_MISS if missed else _BLUE,
            lw=5,
            ls=(0, (1, 0.6)) if missed else "-",
            solid_capstyle="butt",
            dash_capstyle="butt",
        )
        if low == high:
            axes.plot([low], [y], marker="|", ms=12, color=_MISS if missed else _BLUE)
    axes.set_xscale("log")
    if any(i.truth is not None for i in intervals):
        axes.axvline(1, color=_INK, lw=1.4)
    axes.set_yticks(range(len(intervals)), [_short(i.label) for i in intervals])
    axes.set_ylim(len(intervals) - 0.4, -0.6)
    axes.xaxis.set_major_locator(FixedLocator([0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"×{x:g}"))
    axes.set_xlabel("your range as a multiple of the true value (solid: holds it; broken: misses)")
    _bare(axes)
    return figure


def ladder_alt(intervals: Sequence[Interval]) -> str:
    """Say how many ranges held the truth, and which missed and on which side.

    >>> ladder_alt([Interval("trips", 1, 2, 1.5), Interval("notes", 1, 2, 5)])
    '1 of 2 ranges hold the true value. Missed: notes (too low).'
    """
    known = [i for i in intervals if i.hit is not None]
    missed = [
        f"{i.label} ({'too low' if i.truth is not None and i.high < i.truth else 'too high'})"
        for i in known
        if not i.hit
    ]
    tail = f" Missed: {', '.join(missed)}." if missed else ""
    return f"{len(known) - len(missed)} of {len(known)} ranges hold the true value.{tail}"


def interval_figure(interval: Interval) -> Figure:
    """Draw one range with its point, and the true value where it may be shown."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    figure = Figure(figsize=(_WIDTH, 1.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(
        [interval.low, interval.high], [0, 0], color=_BLUE, lw=9, solid_capstyle="butt", alpha=0.9
    )
    if interval.point is not None:
        axes.plot([interval.point], [0], marker="o", ms=9, mfc="white", mec=_INK, ls="")
        axes.annotate(
            "your point", (interval.point, 0), (0, 10), textcoords="offset points", ha="center"
        )
    if interval.truth is not None:
        axes.axvline(interval.truth, color=_INK, lw=1.8, ls="--")
        axes.annotate(
            "your world",
            (interval.truth, -0.8),
            (4, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_yticks([])
    axes.set_ylim(-1, 1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: format_number(x, 3)))
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(interval.unit)
    _bare(axes)
    return figure


def interval_alt(interval: Interval) -> str:
    """Say what the picture of one range shows.

    >>> interval_alt(Interval("calls", 400, 900, 588, "calls/day"))
    'calls: your range goes from 400 to 900 calls/day; your world has 588, which it holds.'
    """
    text = (
        f"{interval.label}: your range goes from {format_number(interval.low)} "
        f"to {format_number(interval.high)} {interval.unit}".rstrip()
    )
    if interval.truth is None:
        return f"{text}."
    held = "which it holds" if interval.hit else "which it misses"
    return f"{text}; your world has {format_number(interval.truth)}, {held}."
