"""The small cases of one world: labels to size, a slide to notice, a year to pay for, claims.

Volumes, prices and harms are those of the simulator's ``World``; the rest is drawn here, from
streams of its own. The house world has the figures of the guide. Everything is invented for this
course; what a learner is told of it stands in :mod:`skillmap.lessons.evals.facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

from skillmap.lantern.world import MONTH, parameters
from skillmap.lessons.evals.samples import suspect
from skillmap.stats import proportion_sample_size
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "CUSUM_H",
    "Claims",
    "Noticing",
    "Sizing",
    "Yearly",
    "claims",
    "notice_delay",
    "noticing",
    "sizing",
    "yearly",
]

CUSUM_H = 4.0
"""Alarm height of the CUSUM, with slack 0.5."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """EV-E1. Labels for plus or minus ``half`` at share right ``p`` in each of five groups."""

    p: float
    half: float
    smallest: float
    price: float
    budget: float

    @property
    def each(self) -> int:
        """Labels for one group."""
        return proportion_sample_size(self.p, self.half)

    @property
    def stratified(self) -> float:
        """Dollars when each group gets its own quota."""
        return 5 * self.each * self.price

    @property
    def random(self) -> float:
        """Dollars when labels are drawn at random until the smallest group has its quota."""
        return self.each / self.smallest * self.price

    @property
    def affordable_half(self) -> float:
        """Half-width that the budget buys in each group, with quotas."""
        return float(self.half * sqrt(self.stratified / self.budget))


@per_world
def sizing(world: int) -> Sizing:
    """Return the case of EV-E1.

    >>> case = sizing(10)
    >>> case.each, 5 * case.each, round(case.each / case.smallest)
    (307, 1535, 3936)
    """
    w = parameters(world)
    smallest = min(segment.share for segment in w.segments)
    if world == HOUSE:
        return Sizing(0.85, 0.04, smallest, w.reviewers.label_cost, 2_500.0)
    rng = stream(world, "evals", "sizing")
    p, half = float(rng.integers(78, 92)) / 100, float(rng.choice([0.03, 0.035, 0.04, 0.05]))
    rough = Sizing(p, half, smallest, w.reviewers.label_cost, 1.0)
    middle = sqrt(rough.stratified * rough.random)
    budget = rng.choice([0.6 * rough.stratified, middle, 1.45 * rough.random], p=[0.3, 0.4, 0.3])
    return Sizing(p, half, smallest, w.reviewers.label_cost, _two(budget))


@dataclass(frozen=True, slots=True)
class Noticing:
    """EV-E2. A drop in the share right, seen through daily labels by a CUSUM.

    ``error`` before the drop; ``drop`` in share; ``labels`` a day; ``window`` days in which the
    provider lets one go back.
    """

    error: float
    drop: float
    labels: int
    window: int

    @property
    def spread(self) -> float:
        """Standard deviation of one day's share of errors."""
        return sqrt(self.error * (1 - self.error) / self.labels)

    @property
    def shift(self) -> float:
        """The drop in standard deviations of a day."""
        return self.drop / self.spread

    @property
    def days(self) -> float:
        """Average days to the alarm."""
        return notice_delay(self.shift)

    @property
    def labels_needed(self) -> float:
        """Labels a day at which the average delay is as long as the window."""
        low, high = 5.0, 1e6
        for _ in range(80):
            middle = sqrt(low * high)
            spread = sqrt(self.error * (1 - self.error) / middle)
            low, high = (
                (middle, high) if notice_delay(self.drop / spread) > self.window else (low, middle)
            )
        return low


def notice_delay(shift: float, k: float = 0.5, h: float = CUSUM_H) -> float:
    """Return a one-sided CUSUM's average points to the alarm after a shift, in sd.

    Siegmund (1985), Sequential Analysis: with d = shift − k and b = h + 1.166,
    (e^(−2db) + 2db − 1) / 2d².

    >>> round(notice_delay(1.05), 1), round(notice_delay(0.5), 1)
    (7.7, 26.7)
    """
    d, b = shift - k, h + 1.166
    if abs(d) < 1e-9:
        return b * b
    return (exp(-2 * d * b) + 2 * d * b - 1) / (2 * d * d)


@per_world
def noticing(world: int) -> Noticing:
    """Return the case of EV-E2.

    >>> case = noticing(10)
    >>> round(100 * case.spread, 2), round(case.shift, 2), round(case.days, 1)
    (1.43, 1.05, 7.8)
    """
    if world == HOUSE:
        return Noticing(0.09, 0.015, 400, 7)
    rng = stream(world, "evals", "noticing")
    error, labels = float(rng.integers(7, 15)) / 100, int(rng.choice([150, 200, 250, 300, 400]))
    drop = float(rng.choice([0.015, 0.02, 0.025, 0.03]))
    rough = Noticing(error, drop, labels, 1)
    times = float(rng.uniform(1.3, 2.0)) if rng.random() < 0.5 else float(rng.uniform(0.4, 0.75))
    return Noticing(error, drop, labels, max(2, round(rough.days * times)))


@dataclass(frozen=True, slots=True)
class Yearly:
    """EV-E3. What a year of labels costs, and what noticing one regression sooner saves."""

    labels: int
    minutes: float
    wage: float
    answers: float
    drop: float
    acted: float
    harm: float
    sooner: int
    regressions: float

    @property
    def cost(self) -> float:
        """Dollars a year for labels."""
        return 365 * self.labels * self.minutes / 60 * self.wage

    @property
    def saved_each(self) -> float:
        """Dollars that one regression noticed ``sooner`` days earlier saves."""
        return self.answers * self.drop * self.acted * self.harm * self.sooner

    @property
    def break_even(self) -> float:
        """Regressions a year that pay for the labels."""
        return self.cost / self.saved_each


@per_world
def yearly(world: int) -> Yearly:
    """Return the case of EV-E3.

    >>> case = yearly(10)
    >>> round(case.cost, -3), round(case.saved_each, -3), round(case.break_even, 1)
    (121000.0, 70000.0, 1.7)
    """
    w = parameters(world)
    if world == HOUSE:
        return Yearly(400, 1.6, 31.0, 12_600.0, 0.015, 0.60, 27.0, 23, 2.5)
    rng = stream(world, "evals", "yearly")
    harm = sum(s.share * s.harm for s in w.segments)
    rough = Yearly(
        labels=int(rng.choice([200, 300, 400, 500])),
        minutes=_two(rng.uniform(1.2, 2.4)),
        wage=w.reviewers.hourly,
        answers=_three(0.9 * w.scale.questions / MONTH),
        drop=float(rng.choice([0.01, 0.015, 0.02])),
        acted=_two(rng.uniform(0.4, 0.7)),
        harm=_two(harm),
        sooner=int(rng.integers(10, 29)),
        regressions=1.0,
    )
    times = rng.uniform(1.6, 2.6) if rng.random() < 0.5 else rng.uniform(0.3, 0.55)
    seen = max(0.5, round(2 * rough.break_even * times) / 2)
    return Yearly(
        rough.labels, rough.minutes, rough.wage, rough.answers, rough.drop, rough.acted,
        rough.harm, rough.sooner, seen,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claims:
    """Small claims: a pass count, tries without a failure, and the price of a guess."""

    n: int
    passed: int
    tries: int
    bound: float
    hand_off: float
    harm: float

    @property
    def bar(self) -> float:
        """Chance of being right from which an answer costs less than a hand-off."""
        return max(0.0, 1 - self.hand_off / self.harm)


@per_world
def claims(world: int) -> Claims:
    """Return the numbers of the small claims.

    >>> claims(10).passed, round(claims(10).bar, 2)
    (186, 0.81)
    """
    w = parameters(world)
    harm = round(w.segment(suspect(world)).harm, 2)
    hand_off = round(w.desk.hand_off, 2)
    if world == HOUSE:
        return Claims(200, 186, 150, 0.005, hand_off, harm)
    rng = stream(world, "evals", "claims")
    n = int(rng.choice([120, 150, 180, 200, 250, 300]))
    return Claims(
        n,
        round(n * rng.uniform(0.90, 0.97)),
        int(rng.choice([60, 90, 120, 150, 200])),
        float(rng.choice([0.004, 0.005, 0.008, 0.01])),
        hand_off,
        harm,
    )


def around(rng: Generator, value: float, near: float, far: float) -> tuple[float, float]:
    """Return two ends around a value; the value is seldom in the middle."""
    return value / float(rng.uniform(near, far)), value * float(rng.uniform(near, far))


def _two(value: float) -> float:
    return float(f"{value:.2g}")


def _three(value: float) -> float:
    return float(f"{value:.3g}")
