"""C2, corpus and index: a thin adapter from the real search to what the simulator needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern.evidence import evidence_table
from skillmap.lantern.help_center import help_center
from skillmap.lantern.recall_tables import State, shipped
from skillmap.lantern.retrieval import DAY_ZERO, TODAY, IndexConfig
from skillmap.lantern.traffic import CELLS, INTENTS, PHRASINGS

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.world import World

__all__ = [
    "DISTRACTION",
    "RecallTable",
    "index_state",
    "recall_table",
    "searched",
    "stale_articles",
]

DISTRACTION = 0.05
"""Logit that each irrelevant chunk beyond three takes from the odds of a right answer."""


@dataclass(frozen=True, slots=True)
class RecallTable:
    """What retrieval does for each of the 640 cells.

    ``evidence_found``: all needed sentences are in the prompt; ``stale``: an outdated rule comes
    first; ``tokens`` of the retrieved chunks; ``distraction`` logit, 0 or less.
    """

    evidence_found: Bools
    stale: Bools
    tokens: NDArray[np.int32]
    distraction: Floats


def stale_articles(world: World) -> tuple[str, ...]:
    """Return the articles whose older version stays in the index after the policy edit.

    In a stale world it is the weak segment's cluster; elsewhere one that takes turns by seed.
    """
    clusters = help_center().clusters()
    if world.weakness.mechanism == "stale cluster":
        assert world.weakness.segment is not None
        return clusters[world.weakness.segment]
    return clusters[("S3", "S4", "S5")[world.id % 3]]


def index_state(
    world: World, day: int, reindexed_on: int | None = None
) -> tuple[dt.date, tuple[str, ...]]:
    """Return the day of the rules in force and the outdated articles still indexed.

    The content team finds the leftovers after some days, except in a stale world, where they
    stay until a PM re-indexes (effective the day after) or filters by date.
    """
    c = world.calendar
    if day < c.policy_edit:
        return DAY_ZERO, ()
    if reindexed_on is not None and c.policy_edit <= reindexed_on < day:
        return TODAY, ()
    if world.weakness.mechanism != "stale cluster" and day >= c.policy_edit + c.cleanup_days:
        return TODAY, ()
    return TODAY, stale_articles(world)


def recall_table(
    world: World, day: int, config: IndexConfig, reindexed_on: int | None = None
) -> RecallTable:
    """Return the table that holds on a day under an index configuration; computed once."""
    as_of, leftovers = index_state(world, day, reindexed_on)
    gap = world.weakness.segment if world.weakness.mechanism == "vocabulary gap" else None
    return _table(config, gap, leftovers, as_of)


@lru_cache(maxsize=128)
def _table(
    config: IndexConfig, gap: str | None, leftovers: tuple[str, ...], as_of: dt.date
) -> RecallTable:
    if config == IndexConfig():
        columns = shipped().get(State(gap, leftovers, as_of).name)
        if columns is not None:
            return RecallTable(**columns)  # type: ignore[arg-type]
    return searched(config, gap, leftovers, as_of)


def searched(
    config: IndexConfig, gap: str | None, leftovers: tuple[str, ...], as_of: dt.date
) -> RecallTable:
    """Index and search the help center for a table, however long it takes."""
    table = evidence_table(config, vocabulary_gap=gap, leftovers=leftovers, as_of=as_of)
    irrelevant = _by_cell(table.irrelevant)
    made = RecallTable(
        evidence_found=_by_cell(table.found).astype(bool),
        stale=_by_cell(table.stale).astype(bool),
        tokens=_by_cell(table.tokens).astype(np.int32),
        distraction=(-DISTRACTION * np.maximum(irrelevant - 3, 0)).astype(np.float32),
    )
    for column in (made.evidence_found, made.stale, made.tokens, made.distraction):
        column.setflags(write=False)
    return made


def _by_cell(values: NDArray[Any]) -> NDArray[Any]:
    """Turn intent rows and ten phrasing columns into cells: segment, intent, phrasing."""
    return np.ascontiguousarray(
        values.reshape(INTENTS, 5, PHRASINGS).transpose(1, 0, 2).reshape(CELLS)
    )
