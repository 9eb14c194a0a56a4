"""C8, judge: a model that grades answers. An instrument with two error rates, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.numbers import item_uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools, Floats, Ints
    from skillmap.lantern.world import World

__all__ = ["LONG", "PRICE", "verdicts"]

LONG = 320
"""Tokens from which an answer counts as long; the judge is easier on long ones."""
PRICE = 0.004
"""Dollars for one verdict, invented for this course."""


def verdicts(
    world: World,
    items: Ints,
    *,
    segment: NDArray[np.int8],
    right: Bools,
    tokens: Floats,
    cold: Bools,
) -> Bools:
    """Return True where the judge passes the answer; the same item always gets the same verdict.

    ``cold`` marks answers in the style after the update: the judge fails more of the right ones.
    """
    j = world.judge
    specificity = np.full(5, j.specificity)
    weak = world.weakness.position
    if weak is not None:
        specificity[weak] = j.weak_specificity
    fails_wrong = specificity[segment] - np.where(tokens >= LONG, j.long_penalty, 0.0)
    passes_right = j.sensitivity - np.where(cold, j.tone_penalty, 0.0)
    roll = item_uniform(world.id, "judge", items)
    return np.asarray(np.where(right, roll < passes_right, roll >= fails_wrong))
