"""C7, eval harness: the golden set, human labels, checks by code. Truth costs money here.

A label is the truth seen through noise: the same item gets the same label from the same labeler,
whenever it is bought. Two labelers who each err alone give the kappa that a learner can measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.numbers import item_uniform
from skillmap.lantern.router import route
from skillmap.lantern.traffic import CELLS, Questions, cell_segments, is_disruption, rates
from skillmap.worlds import stream

if TYPE_CHECKING:
    from skillmap.lantern.index import RecallTable
    from skillmap.lantern.numbers import Bools, Ints
    from skillmap.lantern.router import Answers
    from skillmap.lantern.settings import Settings
    from skillmap.lantern.updates import Behavior
    from skillmap.lantern.world import World

__all__ = ["GOLDEN_SHIFT", "GOLDEN_SIZE", "GoldenRun", "golden_questions", "golden_run", "labels"]

GOLDEN_SIZE = 300
GOLDEN_SHIFT = -0.4
"""Curated items are easier: difficulty is drawn from N(-0.4, 1)."""
GOLDEN_DAY = 100_000
"""Golden items are numbered as if they had been asked on a day that does not exist."""


@dataclass(frozen=True, slots=True)
class GoldenRun:
    """A run of the golden set: items, their segments, and whether people call the answer right."""

    item: Ints
    questions: Questions
    answers: Answers


@lru_cache(maxsize=64)
def _golden(world_id: int, version: int) -> Questions:
    from skillmap.lantern.world import parameters

    world = parameters(world_id)
    rng = stream(world_id, "lantern", "golden", version)
    mix = rates(world, 0)[0] * ~is_disruption()
    segments = cell_segments()
    cells: list[int] = []
    sizes = np.round(np.array([s.golden_share for s in world.segments]) * GOLDEN_SIZE).astype(int)
    for number, size in enumerate(sizes):
        weights = np.where(segments == number, mix, 0.0)
        cells.extend(rng.choice(CELLS, size=size, p=weights / weights.sum()))
    n = len(cells)
    return Questions(
        np.array(cells, dtype=np.int16),
        rng.integers(0, 1440, n, dtype=np.int16),
        (rng.standard_normal(n) + GOLDEN_SHIFT).astype(np.float32),
        np.zeros(n, dtype=np.uint32),
    )


def golden_questions(world: World) -> Questions:
    """Return the launch golden set: 300 items of the launch mix, none about disruption."""
    return _golden(world.id, 0)


def golden_run(
    world: World, settings: Settings, day: int, table: RecallTable, behavior: Behavior
) -> GoldenRun:
    """Run the golden set with a day's model, index and policy; fixed dice, so runs are paired."""
    q = golden_questions(world)
    shift = np.array([s.shift for s in world.segments], dtype=np.float32)[cell_segments()[q.cell]]
    shift = shift + table.distraction[q.cell] + np.float32(behavior.shift)
    answers = route(world, settings, GOLDEN_DAY, q=q, table=table, behavior=behavior, shift=shift)
    return GoldenRun(GOLDEN_DAY * 100_000 + np.arange(len(q)), q, answers)


def labels(world: World, items: Ints, right: Bools, labeler: int = 1) -> Bools:
    """Return what a labeler says of each item: the truth, wrong a share ``noise`` of the time.

    Half of the slips are the item's fault and mislead every labeler alike.
    """
    half = world.reviewers.noise / 2
    unclear = item_uniform(world.id, "unclear", items) < half
    careless = item_uniform(world.id, f"labeler {labeler}", items) < half
    return np.asarray(right ^ (unclear | careless))
