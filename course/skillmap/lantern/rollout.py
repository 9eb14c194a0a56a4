"""C11, rollout and experiments: who sees what. Assignment is by person and keeps still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.numbers import item_uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools
    from skillmap.lantern.world import World

__all__ = ["STAGES", "STYLES", "exposed", "treated"]

STAGES = (0.005, 0.01, 0.05, 0.25, 0.5, 1.0)
"""Shares of people that a stage may have; 0 takes Lantern away."""
STYLES = ("A", "B")
"""A answers plainly. B shows its source and hedges."""


def exposed(
    world: World,
    user: NDArray[np.uint32],
    share: NDArray[np.float64],
    segment: NDArray[np.intp],
) -> Bools:
    """Say who sees Lantern at all; a person who saw it at 5% still sees it at 25%.

    ``share`` has a number from 0 to 1 for each of the five segments.
    """
    if (share >= 1).all():
        return np.ones(len(user), dtype=bool)
    rolls = item_uniform(world.id, "exposure", user.astype(np.int64))
    return np.asarray(rolls < share[segment])


def treated(
    world: World, user: NDArray[np.uint32], trial: tuple[str, float, int]
) -> NDArray[np.int8]:
    """Return 1 for style B's arm, 0 for A's and -1 for people whose assignment was lost.

    In some worlds the assignment has a bug: part of B's arm never gets logged, so that the split
    no longer has the shares that were asked for (a sample ratio mismatch).
    """
    _, share, started = trial
    people = user.astype(np.int64)
    arm = (item_uniform(world.id, f"trial {started}", people) < share).astype(np.int8)
    if world.assignment_bug:
        lost = item_uniform(world.id, f"lost {started}", people) < world.assignment_bug
        arm[lost & (arm == 1)] = -1
    return arm
