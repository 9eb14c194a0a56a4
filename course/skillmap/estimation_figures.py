"""Pictures of chains and ranges: matplotlib figures without global state, and their alt text.

Blue and vermilion of the Okabe–Ito palette differ for color-blind readers; hatching, dashes and
marker shapes carry the same meaning in grey print.
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from skillmap.estimation import Chain, Quantity, Unit, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "interval_alt_text",
    "interval_figure",
    "ladder_alt_text",
    "ladder_figure",
    "tornado_alt_text",
    "tornado_figure",
]

_BLUE, _VERMILION, _INK, _GREY = "#0072B2", "#D55E00", "#1a1a1a", "#6b6b6b"
_WIDTH = 9.6
_FAR = 20.0


def _figure(rows: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, max(1.9, rows)), dpi=110, layout="constrained")
    axes: Axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=12, colors=_INK)
    axes.tick_params(axis="x", labelsize=11, colors=_INK)
    return figure, axes


def _short(value: float) -> str:
    """Write an axis number: 588k, 1.2M.

    >>> _short(588_000), _short(1.25e6), _short(0.05)
    ('588k', '1.25M', '0.05')
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return format_number(value, 3)


def _plain(text: str, width: int = 34) -> str:
    """Wrap a label; dollars are text here, not mathematics."""
    wrapped = textwrap.shorten(" ".join(text.split()), int(1.7 * width), placeholder="…")
    return textwrap.fill(wrapped.replace("$", r"\$"), width)


def tornado_figure(chain: Chain, *, most: int = 8, names: dict[str, str] | None = None) -> Figure:
    """Draw one bar for each factor, widest on top: the result at its low and at its high.

    ``names`` gives readable names. Raises ``AnswerError`` when the chain has no result.
    """
    swings, point, unit = chain.tornado()[:most], chain.point(), chain.unit
    figure, axes = _figure(1.2 + 0.48 * len(swings))
    for row, swing in enumerate(swings):
        for end, value, color, hatch in (
            (swing.at_low, swing.low, _VERMILION, "///"),
            (swing.at_high, swing.high, _BLUE, ""),
        ):
            axes.barh(
                row, end - point, left=point, height=0.62, color=color, hatch=hatch,
                edgecolor="white", linewidth=0.8,
            )  # fmt: skip
            if swing.width:
                right = end >= point
                axes.annotate(
                    _short(value), (end, row), (5 if right else -5, 0),
                    textcoords="offset points", va="center", ha="left" if right else "right",
                    fontsize=10.5, color=_INK,
                )  # fmt: skip
    axes.axvline(point, color=_INK, linewidth=1.2)
    axes.set_yticks(range(len(swings)), [_plain((names or {}).get(s.name, s.name)) for s in swings])
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.xaxis.set_major_formatter(lambda value, _: _short(value))
    axes.set_xlabel(_plain(f"{chain.unit.spoken}", 80), fontsize=12)
    axes.set_title(
        _plain(f"Result {Quantity(point, unit)}: hatched at a factor's low, solid at its high", 90),
        fontsize=12.5, loc="left", color=_INK,
    )  # fmt: skip
    return figure


def tornado_alt_text(chain: Chain, *, most: int = 8, names: dict[str, str] | None = None) -> str:
    """Say in words what the tornado shows."""
    swings = chain.tornado()[:most]
    lines = [
        f"{(names or {}).get(s.name, s.name)} from {format_number(s.low)} to "
        f"{format_number(s.high)} moves the result from {format_number(s.at_low)} to "
        f"{format_number(s.at_high)}"
        for s in swings
    ]
    return f"Tornado plot around {chain.quantity()}. Widest first: {'; '.join(lines)}."


def ladder_figure(
    intervals: Sequence[tuple[float, float]],
    truths: Sequence[float] | None = None,
    *,
    names: Sequence[str] | None = None,
) -> Figure:
    """Draw ranges of different units on one axis: each divided by its truth, or by its middle.

    A range that holds the truth crosses the line at 1. Ends beyond 20 times are drawn at the
    edge.
    """
    names = names or [str(i + 1) for i in range(len(intervals))]
    figure, axes = _figure(1.2 + 0.4 * len(intervals))
    drawn: list[float] = []
    for row, (low, high) in enumerate(intervals):
        middle = _middle(low, high) if truths is None else truths[row]
        ends = [_ratio(value, middle) for value in (low, high)]
        drawn += ends
        held = truths is None or low <= truths[row] <= high
        axes.plot(
            ends, [row, row], color=_BLUE if held else _VERMILION, linewidth=6 if held else 3,
            linestyle="-" if held else (0, (2, 1)), solid_capstyle="butt",
        )  # fmt: skip
        if not held:
            axes.plot(1, row, marker="X", markersize=9, color=_VERMILION)
    axes.axvline(1, color=_INK, linewidth=1.2)
    axes.set_xscale("log")
    ticks = [1 / 20, 1 / 10, 1 / 5, 1 / 2, 1, 2, 5, 10, 20]
    axes.set_xticks(ticks, ["÷20", "÷10", "÷5", "÷2", "1", "×2", "×5", "×10", "×20"])
    axes.minorticks_off()
    reach = min(_FAR, max(3.0, *(max(end, 1 / end) for end in drawn), 1.0)) * 1.15
    axes.set_xlim(1 / reach, reach)
    axes.set_yticks(range(len(intervals)), [_plain(name, 44) for name in names], fontsize=10.5)
    axes.set_ylim(len(intervals) - 0.4, -0.6)
    against = "the truth" if truths is not None else "its own middle"
    axes.set_xlabel(f"each range beside {against}", fontsize=12)
    if truths is not None:
        held_n = sum(lo <= t <= hi for (lo, hi), t in zip(intervals, truths, strict=True))
        axes.set_title(
            f"{held_n} of {len(intervals)} ranges hold the truth (dashed with a cross: missed)",
            fontsize=12.5, loc="left", color=_INK,
        )  # fmt: skip
    return figure


def ladder_alt_text(
    intervals: Sequence[tuple[float, float]],
    truths: Sequence[float] | None = None,
    *,
    names: Sequence[str] | None = None,
) -> str:
    """Say in words what the ladder shows.

    >>> ladder_alt_text([(1, 3), (5, 6)], [2, 9], names=["calls", "trips"])
    'Ladder of 2 ranges; 1 hold the truth. Missed: trips (5 to 6, truth 9).'
    """
    names = names or [str(i + 1) for i in range(len(intervals))]
    if truths is None:
        rows = (
            f"{name} {format_number(lo)} to {format_number(hi)}"
            for name, (lo, hi) in zip(names, intervals, strict=True)
        )
        return f"Ladder of {len(intervals)} ranges: {'; '.join(rows)}."
    missed = [
        f"{name} ({format_number(lo)} to {format_number(hi)}, truth {format_number(truth)})"
        for name, (lo, hi), truth in zip(names, intervals, truths, strict=True)
        if not lo <= truth <= hi
    ]
    held = len(intervals) - len(missed)
    tail = f" Missed: {'; '.join(missed)}." if missed else ""
    return f"Ladder of {len(intervals)} ranges; {held} hold the truth.{tail}"


def interval_figure(
    low: float,
    high: float,
    *,
    point: float | None = None,
    reference: float | None = None,
    unit: Unit | str = "",
) -> Figure:
    """Draw one range with its point, and the reference where the item is closed."""
    unit = Unit.parse(unit)
    figure, axes = _figure(1.9)
    axes.plot([low, high], [0, 0], color=_BLUE, linewidth=10, solid_capstyle="butt", alpha=0.9)
    marks = [(low, "low"), (high, "high")]
    if point is not None:
        axes.plot(
            point, 0, marker="o", markersize=11, color="white", markeredgecolor=_INK, zorder=3
        )
        marks.append((point, "point"))
    for value, name in marks:
        axes.annotate(
            f"{name} {_short(value)}", (value, 0), (0, -26 if name != "point" else 16),
            textcoords="offset points", ha="center", fontsize=11, color=_INK,
        )  # fmt: skip
    shown = [value for value, _ in marks]
    if reference is not None:
        axes.axvline(reference, color=_VERMILION, linestyle="--", linewidth=2)
        axes.annotate(
            f"reference {_short(reference)}", (reference, 1), (4, -4), fontsize=11,
            xycoords=("data", "axes fraction"), textcoords="offset points", va="top", color=_INK,
        )  # fmt: skip
        shown.append(reference)
    if min(shown) > 0 and max(shown) / min(shown) > 8:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_yticks([])
    axes.set_ylim(-1, 1)
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(lambda value, _: _short(value))
    axes.set_xlabel(_plain(unit.spoken if unit.parts else "", 80), fontsize=12)
    return figure


def interval_alt_text(
    low: float,
    high: float,
    *,
    point: float | None = None,
    reference: float | None = None,
    unit: Unit | str = "",
) -> str:
    """Say in words what the range shows.

    >>> interval_alt_text(400_000, 800_000, point=588_000, unit="calls/day")
    'Range from 400,000 to 800,000 calls/day, point 588,000.'
    """
    text = f"Range from {format_number(low)} to {Quantity(high, Unit.parse(unit))}"
    if point is not None:
        text += f", point {format_number(point)}"
    if reference is not None:
        where = "inside" if low <= reference <= high else "outside"
        text += f"; the reference {format_number(reference)} lies {where}"
    return f"{text}."


def _middle(low: float, high: float) -> float:
    return math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2


def _ratio(value: float, middle: float) -> float:
    if middle == 0 or value / middle <= 0:
        return 1 / _FAR
    return min(_FAR, max(1 / _FAR, value / middle))
