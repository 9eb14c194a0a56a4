"""Pictures of this lesson: intervals, the judge corrector, the reliability of the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skillmap.lantern.world import SEGMENT_NAMES
from skillmap.lessons.evals.samples import (
    READ_BY_JUDGE,
    buy,
    checked_answers,
    judge_passes,
    suspect,
)
from skillmap.lessons.evals.score import calibration
from skillmap.lessons.evals.views import named
from skillmap.lessons.exhibits import Picture
from skillmap.stats import rogan_gladen, rogan_gladen_interval, wilson_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Corrected", "corrected", "corrector_picture", "intervals_picture", "score_picture"]

_BLUE, _RED, _GRAY = "#1f5f8b", "#b5482a", "#55606f"


def intervals_picture(world: int, plan: tuple[int, ...]) -> Picture:
    """Draw the five intervals of a purchase, with the weighted whole as a line."""
    bought = buy(world, plan)
    spans = [wilson_interval(r, n) for r, n in zip(bought.right, bought.n, strict=True)]
    lines = [
        f"{named(name)}: {100 * right / n:.0f} percent of {n}, 95% from {100 * low:.0f} to "
        f"{100 * high:.0f}."
        for name, n, right, (low, high) in zip(
            SEGMENT_NAMES, bought.n, bought.right, spans, strict=True
        )
    ]
    whole = f"The whole, weighted: {100 * bought.weighted:.0f} percent."

    def draw() -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.5, 3.2), layout="constrained")
        axes = figure.subplots()
        for at, (n, right, (low, high)) in enumerate(
            zip(bought.n, bought.right, spans, strict=True)
        ):
            axes.plot([100 * low, 100 * high], [at, at], color=_BLUE, linewidth=3)
            axes.plot(100 * right / n, at, "o", color=_BLUE)
        axes.axvline(100 * bought.weighted, color=_RED, linestyle="--")
        labels = [f"{named(g)}, n={n}" for g, n in zip(SEGMENT_NAMES, bought.n, strict=True)]
        axes.set_yticks(range(5), labels)
        axes.invert_yaxis()
        axes.set_xlabel("labeled right, % (dashed: the whole, weighted)")
        axes.grid(axis="x", alpha=0.25)
        return figure

    return Picture(draw, "\n".join([*lines, whole]))


class Corrected:
    """One pass rate and what three readings make of it, each with its 95% interval, in percent."""

    def __init__(self, world: int, from_suspect: int) -> None:
        own, others = checked_answers(world, from_suspect)
        both = own.plus(others)
        passed = judge_passes(world)
        self.raw = 100 * passed / READ_BY_JUDGE
        self.pooled = 100 * rogan_gladen(passed / READ_BY_JUDGE, both.tpr, both.tnr)
        self.own = 100 * rogan_gladen(passed / READ_BY_JUDGE, own.tpr, own.tnr)
        low, high = rogan_gladen_interval(
            (passed, READ_BY_JUDGE),
            (int(own.right_passed), int(own.right_passed + own.right_failed)),
            (int(own.wrong_failed), int(own.wrong_failed + own.wrong_passed)),
        )
        self.own_span = (100 * low, 100 * high)
        share = passed / READ_BY_JUDGE
        a, b = own.right_passed, own.right_passed + own.wrong_passed
        c, d = own.right_failed, own.right_failed + own.wrong_failed
        self.anchored = 100 * (share * a / b + (1 - share) * c / d)
        spread = (share**2 * (a / b) * (1 - a / b) / b) + (
            (1 - share) ** 2 * (c / d) * (1 - c / d) / d
        )
        half = 196 * spread**0.5
        self.anchored_span = (self.anchored - half, self.anchored + half)


def corrected(world: int, from_suspect: int) -> Corrected:
    """Return the readings of one judge sample.

    >>> found = corrected(10, 150)
    >>> found.own_span[1] - found.own_span[0] > found.anchored_span[1] - found.anchored_span[0]
    True
    """
    return Corrected(world, from_suspect)


def corrector_picture(world: int, from_suspect: int) -> Picture:
    """Draw raw, pooled, own and anchored readings of one pass rate."""
    c = corrected(world, from_suspect)
    doubted = named(suspect(world))
    readings: list[tuple[str, float, tuple[float, float] | None]] = [
        ("judge, as it says", c.raw, None),
        ("everybody's rates", c.pooled, None),
        ("the group's own rates", c.own, c.own_span),
        ("anchored in labels", c.anchored, c.anchored_span),
    ]
    words = [f"{doubted}, one pass rate read four ways."]
    for name, value, span in readings:
        tail = f", 95% from {span[0]:.0f} to {span[1]:.0f}" if span else ""
        words.append(f"{name}: {value:.1f} percent{tail}.")

    def draw() -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.5, 2.8), layout="constrained")
        axes = figure.subplots()
        for at, (_, value, span) in enumerate(readings):
            color = _GRAY if span is None else _BLUE
            if span:
                axes.plot(span, [at, at], color=color, linewidth=3)
            axes.plot(value, at, "o", color=color)
            axes.annotate(
                f"{value:.1f}", (value, at), (0, 7), textcoords="offset points", ha="center"
            )
        axes.set_yticks(range(4), [name for name, _, _ in readings])
        axes.set_ylim(3.6, -0.8)
        axes.set_xlabel(f"right answers to {doubted}, %, on the scale of the labels")
        axes.grid(axis="x", alpha=0.25)
        return figure

    return Picture(draw, "\n".join(words))


def score_picture(world: int) -> Picture:
    """Draw the reliability of the score in the suspicious group."""
    bins = calibration(world).bins
    words = [f"{named(suspect(world))}: mean score, and share right behind the labels."]
    words += [
        f"score {100 * score:.0f}: right {100 * right:.0f} percent."
        for _, score, _, _, right in bins
    ]

    def draw() -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.5, 4.2), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 100], [0, 100], color=_GRAY, linestyle=":", label="as sure as it is right")
        share = [100 * b[4] for b in bins]
        axes.plot([100 * b[1] for b in bins], share, "o-", color=_BLUE, label="eight bins of 60")
        axes.legend(loc="upper left", fontsize=9)
        axes.set_xlabel("mean score, %")
        axes.set_ylabel("right, %")
        axes.set_xlim(0, 101)
        axes.set_ylim(0, 101)
        axes.grid(alpha=0.25)
        return figure

    return Picture(draw, "\n".join(words))
