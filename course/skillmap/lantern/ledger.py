"""C16, ledger: dollars by day, surface and line. Harm is booked only as far as people claim it.

What a wrong answer truly cost is hidden like the truth itself; the finance view shows refunds and
goodwill for the part of it that turns up. The hidden rest is for graders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.serving import prefix_factor
from skillmap.lantern.tiers import HISTORY_TOKENS, QUESTION_TOKENS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Floats
    from skillmap.lantern.world import World

__all__ = ["BUILD", "CLAIM_SHARE", "LINES", "inference_dollars", "prefix_prices"]

LINES = ("inference", "desk", "claims", "review", "labels", "judge", "build", "capacity")
CLAIM_SHARE = 0.35
"""Share of the harm done to people that comes back as refunds and goodwill, by dollars."""
BUILD = {
    "index": 1_500.0,
    "glossary": 4_000.0,
    "date filter": 2_500.0,
    "reranker": 6_000.0,
    "trial": 1_000.0,
    "pin": 300.0,
    "clarify": 3_000.0,
    "router": 8_000.0,
    "cascade": 5_000.0,
}
"""Dollars of engineering for a change, invented for this course."""


def prefix_prices(
    world: World, cache: tuple[str, ...], per_hour: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return what a prefix token costs in each hour, in units of its uncached price."""
    return np.array(
        [
            prefix_factor(float(max(n, 1)), world.serving.streams, ttl)
            for n, ttl in zip(per_hour, cache, strict=True)
        ]
    )


def inference_dollars(
    world: World,
    *,
    retrieved: NDArray[np.int32],
    prefix_price: NDArray[np.float64],
    hour: NDArray[np.intp],
    price_in: Floats,
    written_dollars: Floats,
) -> Floats:
    """Return dollars of model calls for each question, retries and rewrites included."""
    read = retrieved.astype(np.float32) + np.float32(HISTORY_TOKENS + QUESTION_TOKENS)
    read += (world.serving.prefix * prefix_price).astype(np.float32).take(hour)
    once = read * price_in * np.float32(1e-6) + written_dollars
    return np.asarray(once * np.float32(world.scale.calls_per_question))
