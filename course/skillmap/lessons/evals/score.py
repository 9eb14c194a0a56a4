"""The third lab: can the confidence score carry a hand-off? Its error, the floor, a bench."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lessons.evals.samples import Scores, scored_answers
from skillmap.worlds import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BINS", "INTERCEPTS", "SLOPES", "Calibration", "bench", "calibration", "miss"]

BINS = 8
SLOPES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6)
INTERCEPTS = (-2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
_DRAWS = 400


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration error by equal-mass bins, and what perfectly calibrated scores would show.

    ``floor`` is the mean over draws with the same scores and the same label noise, ``floor_95``
    the value that only one draw in twenty passes.
    """

    bins: tuple[tuple[int, float, float, float, float], ...]
    ece: float
    floor: float
    floor_95: float


@lru_cache(maxsize=16)
def calibration(world: int) -> Calibration:
    """Return the score's calibration in the suspicious group.

    >>> found = calibration(10)
    >>> found.ece > found.floor_95 > found.floor > 0
    True
    """
    scores = scored_answers(world)
    bins = scores.groups(BINS)
    rng = stream(world, "evals", "calibration floor")
    stated = scores.confidence
    starts = np.concatenate([[0], np.cumsum([row[0] for row in bins])[:-1]])
    draws = []
    for _ in range(_DRAWS):
        right = rng.random(len(stated)) < stated
        blurred = right ^ (rng.random(len(stated)) < scores.noise)
        counts = np.add.reduceat(blurred, starts, dtype=np.int64)
        rights = [scores.said_right(int(k), row[0]) for k, row in zip(counts, bins, strict=True)]
        draws.append(_error(bins, rights))
    return Calibration(bins, _error(bins), float(np.mean(draws)), float(np.quantile(draws, 0.95)))


def _error(
    bins: tuple[tuple[int, float, float, float, float], ...], rights: list[float] | None = None
) -> float:
    """Return the calibration error; ``rights`` stand in for the shares right of the bins."""
    shares = rights or [row[4] for row in bins]
    gaps = (row[0] * abs(row[1] - right) for row, right in zip(bins, shares, strict=True))
    return sum(gaps) / sum(row[0] for row in bins)


def miss(scores: Scores, slope: float, intercept: float) -> float:
    """Return the mean log loss of a recalibrated score against noisy labels, in nats.

    The recalibrated chance is σ(slope · logit c + intercept) (Platt 1999); a label says right with
    that chance, blurred by the labels' noise.
    """
    stated: NDArray[np.float64] = np.clip(scores.confidence, 1e-4, 1 - 1e-4)
    odds = slope * np.log(stated / (1 - stated)) + intercept
    chance = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    says = scores.noise + (1 - 2 * scores.noise) * chance
    return float(-np.mean(np.where(scores.right, np.log(says), np.log(1 - says))))


def bench(world: int) -> tuple[tuple[float, ...], ...]:
    """Return the log loss, in thousandths of a nat, for each slope (row) and intercept (column)."""
    scores = scored_answers(world)
    return tuple(tuple(1000 * miss(scores, a, b) for b in INTERCEPTS) for a in SLOPES)
