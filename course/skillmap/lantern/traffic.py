"""C1, traffic: who asks what, when, and how hard it is.

Questions arrive as a Poisson process for each of 640 cells (segment, intent, phrasing). The day's
stream depends on the world and the day alone, so no decision reshuffles tomorrow's questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.calendar import date_of, storm_on
from skillmap.lantern.help_center import help_center
from skillmap.lantern.luck import DAYS_KEPT, frozen
from skillmap.lantern.world import DAYS, MONTH, parameters
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.world import World

__all__ = [
    "CELLS",
    "HOUR_SHARE",
    "INTENTS",
    "PHRASINGS",
    "Questions",
    "cell_segments",
    "draw_questions",
    "is_disruption",
    "rates",
    "weekday_factor",
]

INTENTS, PHRASINGS = 64, 2
CELLS = 5 * INTENTS * PHRASINGS
"""Cells are numbered segment first, then intent, then phrasing."""
STORM_DISRUPTION = 0.65
"""Share of a storm's extra questions that ask about the disruption."""

_HOURS = (4, 3, 2, 2, 4, 12, 38, 76, 86, 62, 46, 44, 48, 46, 42, 46, 66, 90, 78, 56, 42, 32, 20, 10)
HOUR_SHARE = np.array(_HOURS) / sum(_HOURS)
"""Share of a day's questions in each hour; the busiest has 9.4%."""
_WEEKDAY = np.array([1.08, 1.0, 0.98, 1.02, 1.16, 0.88, 0.88])
_GRAIN = 4096


@dataclass(frozen=True)
class Questions:
    """A day's questions, in columns of one length, ordered by cell.

    ``cell`` 0 to 639; ``minute`` of the day; ``difficulty`` in standard deviations of everyday
    questions; ``user`` a number that stays with a person. What follows from these is worked out
    once, as the indexes that numpy takes fastest.
    """

    cell: NDArray[np.int16]
    minute: NDArray[np.int16]
    difficulty: Floats
    user: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.cell)

    @cached_property
    def at(self) -> NDArray[np.intp]:
        """``cell`` as an index."""
        return frozen(self.cell.astype(np.intp))

    @cached_property
    def segment(self) -> NDArray[np.intp]:
        """Segment of each question, 0 to 4."""
        return frozen(cell_segments().astype(np.intp)[self.at])

    @cached_property
    def step(self) -> NDArray[np.intp]:
        """Ten minutes of the day in which each is asked, 0 to 143."""
        return frozen((self.minute // 10).astype(np.intp))

    @cached_property
    def hour(self) -> NDArray[np.intp]:
        """Hour of the day, 0 to 23."""
        return frozen((self.minute // 60).astype(np.intp))


@cache
def is_disruption() -> Bools:
    """Return a flag for each cell: does it ask about storms, works, strikes, missed trains?"""
    flags = np.array([intent.disruption for intent in help_center().intents])
    return np.asarray(np.tile(np.repeat(flags, PHRASINGS), 5))


@cache
def cell_segments() -> NDArray[np.int8]:
    """Return the segment (0 to 4) of each cell."""
    return np.repeat(np.arange(5, dtype=np.int8), INTENTS * PHRASINGS)


@per_world
def _shares(world: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of everyday and of disruption questions over the cells, each adding up to one."""
    w = parameters(world)
    mix = np.array([intent.mix for intent in help_center().intents]).T
    rng = stream(world, "lantern", "intents")
    if world != HOUSE:
        mix = mix * np.exp(rng.normal(0.0, 0.30, mix.shape))
    cells = np.repeat(mix, PHRASINGS, axis=1) / PHRASINGS
    shares = np.array([s.share for s in w.segments])
    everyday, disrupted = [], []
    for row, share in zip(cells, shares, strict=True):
        asks = is_disruption()[: len(row)]
        everyday.append(share * np.where(asks, 0, row) / row[~asks].sum())
        disrupted.append(share * np.where(asks, row, 0) / row[asks].sum())
    return np.concatenate(everyday), np.concatenate(disrupted)


@per_world
def _after(world: int) -> float:
    """Everyday share of disruption questions from the storm on, so that the total comes right."""
    w = parameters(world)
    c = w.calendar
    days = DAYS - c.storm[0]
    extra = sum(
        (factor - 1) * _window(start, hours)
        for factor, start, hours in zip(c.storm_factor, c.storm_start, c.storm_hours, strict=True)
    )
    wanted = w.disruption_after * (days + extra) - STORM_DISRUPTION * extra
    return float(np.clip(wanted / days, w.disruption_before, 0.25))


def _window(start: int, hours: int) -> float:
    return float(HOUR_SHARE[start : start + hours].sum())


def weekday_factor(day: int) -> float:
    """Return the day's share of traffic beside an average day; Fridays are busiest."""
    return float(_WEEKDAY[date_of(day).weekday()])


def rates(world: World, day: int, demand: float = 1.0) -> NDArray[np.float64]:
    """Return expected questions of each cell: row 0 on an ordinary day, row 1 the storm's extra.

    >>> round(rates(parameters(10), 3).sum() / weekday_factor(3))
    14000
    """
    everyday, disrupted = _shares(world.id)
    share = world.disruption_before if day < world.calendar.storm[0] else _after(world.id)
    total = world.scale.questions / MONTH * weekday_factor(day) * demand
    usual = total * ((1 - share) * everyday + share * disrupted)
    extra = np.zeros_like(usual)
    storm = storm_on(world, day)
    if storm is not None:
        c = world.calendar
        more = total * (c.storm_factor[storm] - 1)
        more *= _window(c.storm_start[storm], c.storm_hours[storm])
        extra = more * ((1 - STORM_DISRUPTION) * everyday + STORM_DISRUPTION * disrupted)
    return np.stack([usual, extra])


def draw_questions(world: World, day: int, demand: float = 1.0) -> Questions:
    """Draw a day's questions from the day's own stream; read-only, and kept for the next run."""
    return _drawn(_Asked(world), day, demand)


class _Asked:
    """A world, equal to another when both ask the same questions."""

    __slots__ = ("key", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = (
            world.id,
            world.replicate,
            world.scale,
            world.calendar,
            world.disruption_before,
            world.disruption_after,
            world.disruption_shift,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key

    def __hash__(self) -> int:
        return hash((self.world.id, self.world.replicate))


@lru_cache(maxsize=DAYS_KEPT)
def _drawn(asked: _Asked, day: int, demand: float) -> Questions:
    world = asked.world
    rng = world.luck("traffic", day)
    counts = rng.poisson(rates(world, day, demand))
    usual, extra = counts
    cells = np.arange(CELLS, dtype=np.int16)
    n, more = int(usual.sum()), int(extra.sum())
    cell = np.repeat(cells, usual)
    grain = rng.integers(0, _GRAIN, n, dtype=np.uint16)
    minute = _minutes()[grain]
    if more:
        c = world.calendar
        storm = storm_on(world, day)
        assert storm is not None
        start, hours = c.storm_start[storm], c.storm_hours[storm]
        late = rng.integers(start * 60, (start + hours) * 60, more, dtype=np.int16)
        order = np.argsort(both := np.concatenate([cell, np.repeat(cells, extra)]), kind="stable")
        cell, minute = both[order], np.concatenate([minute, late])[order]
    difficulty = rng.standard_normal(n + more, dtype=np.float32)
    difficulty += np.float32(world.disruption_shift) * is_disruption()[cell]
    user = rng.integers(0, int(world.scale.mau), n + more, dtype=np.uint32)
    return Questions(frozen(cell), frozen(minute), frozen(difficulty), frozen(user))


@cache
def _minutes() -> NDArray[np.int16]:
    """Inverse of the day's cumulative arrivals on a grid: a uniform index gives a minute."""
    ends = np.concatenate([[0.0], np.cumsum(HOUR_SHARE)])
    grid = (np.arange(_GRAIN) + 0.5) / _GRAIN
    return np.asarray(np.interp(grid, ends, np.arange(25) * 60), dtype=np.int16)
