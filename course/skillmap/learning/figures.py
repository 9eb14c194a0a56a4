"""The map as a picture: claimed and measured, with 80% bands, hatched where unproven.

Blue and vermilion of the Okabe–Ito palette differ for color-blind readers; shapes, hatching and
words carry the same meaning in grey print.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from skillmap.learning.mastery import BLIND, STRONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from skillmap.learning.mastery import Standing

__all__ = ["map_alt_text", "map_figure"]

_BLUE, _VERMILION, _INK, _GREY = "#0072B2", "#D55E00", "#1a1a1a", "#6b6b6b"
_HEIGHT = 0.5


def map_figure(standings: Sequence[Standing], notes: Sequence[str] = ()) -> Figure:
    """Draw a row for each competency: a diamond where it was claimed, an arrow to a dot where the
    evidence has taken it, and a bar for the 80% band. ``notes`` stand under the picture.
    """
    from matplotlib.figure import Figure

    said = [row for note in notes for row in textwrap.wrap(note, 125)]
    figure = Figure(figsize=(9.6, 5.6 + 0.22 * len(said)), dpi=110, layout="constrained")
    axes: Axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    for line in (BLIND, STRONG):
        axes.axvline(line, color=_GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    for left, right, name in ((0, BLIND, "blind spot"), (BLIND, STRONG, "developing"),
                              (STRONG, 100, "strong")):  # fmt: skip
        axes.text((left + right) / 2, -0.72, name, ha="center", va="center", fontsize=11,
                  color=_GREY)  # fmt: skip
    for row, one in enumerate(standings):
        _draw(axes, row, one)
    axes.set_yticks(range(len(standings)), [s.competency.title for s in standings])
    axes.tick_params(axis="y", length=0, labelsize=12, colors=_INK)
    axes.tick_params(axis="x", labelsize=11, colors=_INK)
    axes.set_ylim(len(standings) - 0.5, -1.05)
    axes.set_xlim(0, 100)
    axes.set_xlabel("points of 100", fontsize=12, color=_INK)
    axes.set_title(
        "Your map: diamond claimed, dot now, bar its 80% band, hatched while unproven",
        fontsize=12.5, loc="left", color=_INK,
    )  # fmt: skip
    if said:
        figure.supxlabel(
            "\n".join(["What does not count, and notes:", *said]).replace("$", r"\$"),
            fontsize=10, color=_INK, x=0.01, ha="left",
        )  # fmt: skip
    return figure


def _draw(axes: Axes, row: int, one: Standing) -> None:
    low, high = one.band
    axes.barh(
        row, high - low, left=low, height=_HEIGHT,
        facecolor="white" if one.unproven else "#cfe3f1", edgecolor=_BLUE,
        hatch="////" if one.unproven else "", linewidth=1.0, zorder=1,
    )  # fmt: skip
    if abs(one.m - one.prior) > 1.5:
        axes.annotate(
            "", (one.m, row), (one.prior, row),
            arrowprops={"arrowstyle": "-|>", "color": _VERMILION, "lw": 1.8, "shrinkB": 4},
            zorder=2,
        )  # fmt: skip
    if one.claimed:
        axes.plot(
            one.prior, row, marker="D", markersize=8, color="white", markeredgecolor=_VERMILION,
            markeredgewidth=1.8, zorder=3,
        )  # fmt: skip
    if one.results or not one.claimed:
        axes.plot(one.m, row, marker="o", markersize=8, color=_INK, zorder=4)
    says = [w for w, yes in (("hidden gap", one.hidden_gap),
                             ("hidden strength", one.hidden_strength)) if yes]  # fmt: skip
    if says:
        right, left = max(high, one.prior + 2), min(low, one.prior - 2)
        fits = right < 85
        axes.annotate(
            says[0], (right if fits else left, row), (6 if fits else -6, 0),
            textcoords="offset points", va="center", ha="left" if fits else "right",
            fontsize=11, color=_INK, fontweight="bold", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def map_alt_text(standings: Sequence[Standing], notes: Sequence[str] = ()) -> str:
    """Say in words what the map shows, a line for each competency."""
    lines = []
    for one in standings:
        low, high = one.band
        claim = f"claimed {one.claim.words}" if one.claimed else "not claimed, so a blind spot"
        tested = f"{one.results} result{'s' * (one.results != 1)}"
        lines.append(
            f"{one.competency.title}: {claim}; now {one.m:.0f} of 100, 80% band {low:.0f} to "
            f"{high:.0f}, on {tested}; {one.words}."
        )
    return "\n".join(["Your map, claimed and measured.", *lines, *notes])
