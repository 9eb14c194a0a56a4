"""C13, trust and demand. STYLIZED: a teaching model of how reliance follows errors.

Trust of a segment rises after right answers and falls after noticed wrong ones; reliance is a
logistic step in trust. The shape has support (Dietvorst 2015); the parameter values are invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.world import Trust

__all__ = [
    "STYLIZED",
    "demand_factor",
    "effort_seconds",
    "reliance",
    "settled_trust",
    "tomorrow",
    "wrong_and_acted",
]

STYLIZED = "Stylized: a teaching model of trust, not a finding about people."
ASKS = 0.4
"""Questions that an active asker puts in a day; sets how fast trust moves."""
READING_SPEED = 4.0
"""Tokens read in a second."""
RECHECK_SECONDS = 60.0


def settled_trust(trust: Trust, error: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Trust that a steady error rate leads to: (1-e)/((1-e) + e·v·ρ)."""
    e = np.asarray(error, dtype=np.float64)
    return np.asarray((1 - e) / ((1 - e) + e * trust.notice * trust.ratio))


def reliance(trust: Trust, level: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Share of answers that people act on without checking, at a level of trust.

    >>> from skillmap.lantern.world import parameters
    >>> t = parameters(10).trust
    >>> [round(float(reliance(t, settled_trust(t, e))), 2) for e in (0.16, 0.12, 0.08, 0.04)]
    [0.24, 0.45, 0.74, 0.93]
    """
    gap = np.asarray(level, dtype=np.float64) - trust.knee
    return np.asarray(1.0 / (1.0 + np.exp(-trust.steepness * gap)))


def wrong_and_acted(trust: Trust, error: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Wrong answers acted on, per answered question: e·R(e), the harm hump.

    >>> from skillmap.lantern.world import parameters
    >>> t = parameters(10).trust
    >>> [round(float(wrong_and_acted(t, e)), 3) for e in (0.16, 0.12, 0.08, 0.04)]
    [0.038, 0.054, 0.059, 0.037]
    """
    e = np.asarray(error, dtype=np.float64)
    return np.asarray(e * reliance(trust, settled_trust(trust, e)))


def tomorrow(
    trust: Trust, level: NDArray[np.float64], error: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Trust after one more day at the error rates that people met."""
    rise = trust.up * (1 - error) * (1 - level)
    fall = trust.up * trust.ratio * trust.notice * error * level
    return np.asarray(np.clip(level + ASKS * (rise - fall), 0.0, 1.0))


def effort_seconds(wait: float, tokens: float, relied: float) -> float:
    """Seconds of effort for one answer: waiting, reading, and re-checking by those who do."""
    return wait + tokens / READING_SPEED + (1 - relied) * RECHECK_SECONDS


def demand_factor(effort: float, usual: float, elasticity: float) -> float:
    """Q/Q0 = (effort/effort0)^ε.

    >>> round(demand_factor(0.75, 1.0, -0.8), 2)
    1.26
    """
    return float((effort / usual) ** elasticity)
