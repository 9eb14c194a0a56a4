"""Pictures of this lesson: matplotlib figures, and a frame that shows them with words beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skillmap.lessons.estimation.case import case
from skillmap.lessons.exhibits import Picture
from skillmap.worlds import HOUSE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["hump_figure", "hump_picture", "hump_table"]

_MARKS = (0.16, 0.12, 0.08, 0.04)


def hump_picture() -> Picture:
    """The hump with its words.

    >>> hump_picture().words.splitlines()[1]
    'At 16% error 0.24 act without checking, and 38 of 1,000 act on a wrong answer.'
    """
    lines = [
        f"At {error:.0%} error {relied:.2f} act without checking, and {1000 * wrong:.0f} of 1,000 "
        "act on a wrong answer."
        for error, (relied, _, wrong) in hump_table().items()
    ]
    return Picture(hump_figure, "\n".join(["House world, a stylized teaching curve.", *lines]))


def hump_table() -> dict[float, tuple[float, float, float]]:
    """Return for four error rates: reliance, right-and-acted and wrong-and-acted shares.

    >>> {error: round(row[2], 3) for error, row in hump_table().items()}
    {0.16: 0.038, 0.12: 0.054, 0.08: 0.059, 0.04: 0.037}
    """
    reliance = case(HOUSE).step.trust.reliance
    return {e: (reliance(e), (1 - e) * reliance(e), e * reliance(e)) for e in _MARKS}


def hump_figure() -> Figure:
    """Draw reliance and wrong-and-acted against error, with the four rates of the guide marked."""
    from matplotlib.figure import Figure

    reliance = case(HOUSE).step.trust.reliance
    errors = [step / 400 for step in range(8, 81)]
    figure = Figure(figsize=(7.5, 5.0), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.plot([100 * e for e in errors], [100 * reliance(e) for e in errors], color="#1f5f8b")
    upper.set_ylabel("act without\nchecking, %")
    lower.plot([100 * e for e in errors], [1000 * e * reliance(e) for e in errors], color="#b5482a")
    lower.set_ylabel("wrong and acted on,\nof 1,000 questions")
    lower.set_xlabel("error rate that people live with, %")
    for error, (relied, _, wrong) in hump_table().items():
        upper.plot(100 * error, 100 * relied, "o", color="#1f5f8b")
        upper.annotate(
            f"{relied:.2f}", (100 * error, 100 * relied), (6, 6), textcoords="offset points"
        )
        lower.plot(100 * error, 1000 * wrong, "o", color="#b5482a")
        lower.annotate(
            f"{1000 * wrong:.0f}", (100 * error, 1000 * wrong), (6, 6), textcoords="offset points"
        )
    for axes in (upper, lower):
        axes.set_ylim(0, 1.2 * axes.get_ylim()[1])
        axes.set_xticks([4, 8, 12, 16, 20])
        axes.grid(alpha=0.25)
    upper.set_title("House world, visitors. A stylized teaching curve.", loc="left", fontsize=10)
    return figure
