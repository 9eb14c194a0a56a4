"""C9, review queue: people who read answers after the fact, and miss some of the bad ones.

The catch rate falls with the share of bad items (rare targets are missed more: Wolfe 2005; the
mapping to text review is invented). Each reviewed item keeps its inclusion probability, so that a
targeted sample can be weighted back (Hájek).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.traffic import cell_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.world import World

__all__ = ["Reviewed", "catch_rate", "inclusion", "review_day"]

_CORE = 0.10
"""Share of every day's reviews that is drawn at random, whatever the policy."""


@dataclass(frozen=True)
class Reviewed:
    """How many answers were flagged, could be read and still wait; what was read, when asked for.

    Tomorrow needs no more than the backlog, so the readings are drawn when somebody looks, from
    the day's own stream, which nothing else draws from.
    """

    flagged: int
    capacity: float
    backlog: float
    draw: Callable[[], tuple[NDArray[np.int64], NDArray[np.float64], Bools]]

    @cached_property
    def _drawn(self) -> tuple[NDArray[np.int64], NDArray[np.float64], Bools]:
        return self.draw()

    @property
    def row(self) -> NDArray[np.int64]:
        """Rows that were read."""
        return self._drawn[0]

    @property
    def inclusion(self) -> NDArray[np.float64]:
        """The chance that each of them had of being read."""
        return self._drawn[1]

    @property
    def called_bad(self) -> Bools:
        """Whether the reader called it bad."""
        return self._drawn[2]


def catch_rate(prevalence: float) -> float:
    """Share of bad items that a reviewer notices: .90 at 10% bad, .65 at 1%, log-linear between.

    >>> round(catch_rate(0.10), 2), round(catch_rate(0.01), 2)
    (0.9, 0.65)
    """
    return float(np.clip(0.65 + 0.25 * (np.log10(max(prevalence, 1e-4)) + 2), 0.5, 0.92))


def inclusion(
    policy: str, n: float, confidence: Floats, segment: NDArray[np.int8], harms: Floats
) -> NDArray[np.float64]:
    """Return each answer's chance to be read when about ``n`` are read; they add up to n."""
    size = len(confidence)
    core = min(1.0, _CORE * n / size)
    weight: NDArray[np.float64]
    if policy == "random":
        alike = min(1 / size * (1 - _CORE) * n, 1.0)
        return np.full(size, min(max(core + (1 - core) * alike, 0.0), 1.0))
    if policy == "stratified":
        weight = np.asarray(1.0 / np.maximum(np.bincount(segment, minlength=5), 1)[segment])
    elif policy == "risk-weighted":
        weight = ((1.02 - confidence) * harms[segment]).astype(np.float64)
    else:
        weight = (1.02 - confidence.astype(np.float64)) ** 2.5
    chance = weight / weight.sum() * (1 - _CORE) * n
    for _ in range(6):  # what exceeds certainty is spread over the rest
        over = chance > 1
        spare = float((chance[over] - 1).sum())
        chance = np.minimum(chance, 1.0)
        if spare < 1e-9 or over.all():
            break
        chance[~over] += chance[~over] / chance[~over].sum() * spare
    return np.asarray(np.clip(core + (1 - core) * chance, 0.0, 1.0))


def review_day(
    world: World,
    day: int,
    policy: str,
    *,
    capacity: float,
    backlog: float,
    answered: Bools,
    confidence: Floats,
    cell: NDArray[np.int16],
    right: Bools,
) -> Reviewed:
    """Review a day's answers. ``flagged`` arrive, ``capacity`` are read, the rest waits.

    The arrays have a row for each question; ``answered`` says which of them got an answer.
    """
    n = int(np.count_nonzero(answered))
    rng = world.luck("review", day)
    harms = np.array([s.harm for s in world.segments], dtype=np.float32)
    flagged = int(rng.binomial(n, world.reviewers.flagged_share)) if n else 0
    left = max(0.0, backlog + flagged - capacity) if n else backlog

    def draw() -> tuple[NDArray[np.int64], NDArray[np.float64], Bools]:
        if not n:
            return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool)
        given = np.flatnonzero(answered)
        segment = cell_segments()[cell[given]]
        chance = inclusion(policy, min(capacity, n), confidence[given], segment, harms)
        rows = np.flatnonzero(rng.random(n) < chance)
        bad = ~right[given[rows]]
        seen = rng.random(len(rows)) < catch_rate(float(bad.mean()) if len(rows) else 0.0)
        return rows, chance[rows], bad & seen

    return Reviewed(flagged, capacity, left, draw)
