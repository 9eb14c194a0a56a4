"""Journey Notes and Rebook: the two surfaces whose economics are unlike Ask's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.calendar import storm_on
from skillmap.lantern.market_facts import value_of
from skillmap.lantern.world import MONTH

if TYPE_CHECKING:
    from skillmap.lantern.settings import Settings
    from skillmap.lantern.updates import Behavior
    from skillmap.lantern.world import Tier, World

__all__ = ["SurfaceDay", "note_dollars", "notes_day", "rebook_day", "rebook_dollars"]

_NOTE_ERROR = {"wren": 0.031, "heron": 0.018, "condor": 0.015}
_REBOOK_EFFECT = {"wren": -0.015, "heron": 0.0, "condor": 0.004}
NOTE_HARM = 0.04
"""Dollars that a wrong note costs on average."""
_ROUGH_DAYS = 5
"""Days of disruption in a month without a storm; Rebook is busy, Ask is not."""


@dataclass(frozen=True, slots=True)
class SurfaceDay:
    """A day of one surface: units (notes or sessions), model calls, failures, dollars."""

    units: int
    calls: int
    failures: int
    dollars: float


def note_dollars(world: World, tier: Tier, *, batch: bool = False, length: float = 1.0) -> float:
    """Dollars for one note: uncached + cached + written tokens; a batch costs half.

    >>> from skillmap.lantern.world import parameters
    >>> w = parameters(10)
    >>> [round(16.8e6 * note_dollars(w, t), -2) for t in w.tiers]
    [3000.0, 30100.0, 150400.0]
    """
    n = world.notes
    read = n.note_read - n.note_cached + n.note_cached * value_of("cache-read")
    dollars = (read * tier.price_in + length * n.note_written * tier.price_out) / 1e6
    return dollars * (1 - value_of("batch-discount")) if batch else dollars


def rebook_dollars(world: World, tier: Tier) -> float:
    """Dollars for one model call of Rebook.

    >>> from skillmap.lantern.world import parameters
    >>> round(6.5 * rebook_dollars(parameters(10), parameters(10).tier("heron")), 3)
    0.03
    """
    n = world.notes
    written = n.rebook_written + tier.hidden_share * tier.hidden
    return (n.rebook_read * tier.price_in + written * tier.price_out) / 1e6


def notes_day(world: World, settings: Settings, day: int, behavior: Behavior) -> SurfaceDay:
    """Write a day's notes in batch."""
    rng = world.luck("notes", day)
    tier = world.tier(settings.notes_tier)
    notes = int(rng.poisson(world.scale.trips * world.scale.notes_per_trip / MONTH))
    wrong = int(rng.binomial(notes, _NOTE_ERROR[tier.name]))
    each = note_dollars(
        world, tier, batch=settings.notes_batch, length=settings.notes_length * behavior.length
    )
    return SurfaceDay(notes, notes, wrong, notes * each * behavior.price_factor)


def rebook_day(world: World, settings: Settings, day: int, behavior: Behavior) -> SurfaceDay:
    """Serve a day's Rebook sessions; most fall on a few days of each month."""
    rng = world.luck("rebook", day)
    s = world.scale
    busy = _busy_days(world, day // MONTH)
    share = s.storm_session_share if day in busy else 1 - s.storm_session_share
    spread = len(busy) if day in busy else MONTH - len(busy)
    sessions = int(rng.poisson(s.sessions * share / spread))
    calls = int(sessions * 4 + rng.poisson(sessions * max(0.0, s.calls_per_session - 4)))
    name = settings.policy.first
    success = np.clip(world.notes.step_success + _REBOOK_EFFECT[name], 0, 0.999)
    failures = int(rng.binomial(sessions, 1 - success**s.calls_per_session))
    each = rebook_dollars(world, world.tier(name))
    return SurfaceDay(sessions, calls, failures, calls * each * behavior.price_factor)


def _busy_days(world: World, month: int) -> tuple[int, ...]:
    days = tuple(d for d in world.calendar.storm_days if d // MONTH == month)
    if days:
        return days
    rng = world.luck("rough days", month)
    return tuple(int(d) + month * MONTH for d in rng.choice(MONTH, _ROUGH_DAYS, replace=False))


def is_busy(world: World, day: int) -> bool:
    """Whether Rebook has a busy day, storm or not."""
    return storm_on(world, day) is not None or day in _busy_days(world, day // MONTH)
