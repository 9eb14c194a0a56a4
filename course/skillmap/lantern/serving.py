"""C15, serving: a queue in front of a fixed number of slots, and the prompt cache.

Ten-minute steps. Within a step the wait is stationary (Erlang C, Allen-Cunneen correction for the
spread of service times); what cannot be served in time is carried over as work (a fluid backlog,
Lindley's recursion).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.calendar import storm_on
from skillmap.lantern.luck import normal, uniform
from skillmap.lantern.market_facts import value_of
from skillmap.lantern.router import expected_seconds
from skillmap.lantern.settings import Settings
from skillmap.lantern.traffic import HOUR_SHARE, weekday_factor
from skillmap.lantern.world import MONTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.world import World

__all__ = [
    "STEPS",
    "TTL_HOURS",
    "Load",
    "erlang_c",
    "hit_rate",
    "load_of",
    "prefix_factor",
    "waits",
]

_PLAIN = Settings()
STEPS = 144
"""Ten-minute steps in a day."""
_STEP_SECONDS = 600.0
TTL_HOURS = {"off": 0.0, "5min": 1 / 12, "1h": 1.0}
STORM_BACKGROUND = 2.5
"""How much busier Notes and Rebook keep the slots while a storm lasts."""
_BURST = 0.06
TIMEOUT = 45.0
"""Seconds after which a client gives up its place in line."""


@dataclass(frozen=True, slots=True)
class Load:
    """For each ten-minute step: utilization, seconds of backlog, and the queue's parameters.

    ``busy`` is P(wait > 0) and ``scale`` the mean wait in seconds of those who wait.
    """

    utilization: NDArray[np.float64]
    backlog: NDArray[np.float64]
    busy: Floats
    scale: Floats
    slots: NDArray[np.float64]


def erlang_c(slots: NDArray[np.float64], load: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(wait > 0) with ``slots`` servers and ``load`` erlangs; arrays, slots rounded.

    >>> erlang_c(np.array([8.0]), np.array([4.0])).round(3).tolist()
    [0.059]
    """
    whole = np.maximum(np.round(slots).astype(int), 1)
    blocked = np.ones_like(load)
    answer = np.ones_like(load)
    fewest = int(whole.min())
    for k in range(1, int(whole.max()) + 1):
        offered = load * blocked
        blocked = offered / (k + offered)
        if k >= fewest:
            answer = np.where(whole == k, blocked, answer)
    rho = np.minimum(load / whole, 0.9999)
    return np.asarray(answer / (1 - rho * (1 - answer)))


def load_of(
    world: World,
    settings: Settings,
    day: int,
    step: NDArray[np.int64],
    seconds: Floats,
    *,
    length: float = 1.0,
) -> Load:
    """Return the day's load, given the step and the seconds of model time of each Ask question.

    In a storm the provider's elastic capacity follows what Heron at the usual answer length (times
    ``length``, the model's own) would need, and no more: a heavier policy overloads it.
    """
    s = world.serving
    ask = np.bincount(step, weights=seconds, minlength=STEPS) / _STEP_SECONDS
    profile = np.repeat(HOUR_SHARE / HOUR_SHARE.max(), 6)
    heron = expected_seconds(world, world.tier("heron"), _PLAIN)
    peak = world.scale.questions / MONTH * HOUR_SHARE.max() / 3600 * heron
    background = max(0.0, s.slots * s.rho_normal - peak) * profile
    slots = np.full(STEPS, s.slots * settings.slots)
    window = storm_steps(world, day)
    storm = storm_on(world, day)
    if storm is not None:
        factor = world.calendar.storm_factor[storm]
        background = np.where(window, background * STORM_BACKGROUND, background)
        usual = np.where(window, HOUR_SHARE[_hours(world, storm)].mean(), 0) / HOUR_SHARE.max()
        written = expected_seconds(world, world.tier("heron"), Settings(answer_length=length))
        needed = (
            peak * weekday_factor(day) * written / heron * (profile + usual * (factor - 1))
            + background
        )
        slots = np.where(window, np.maximum(slots, needed / s.rho_storm * settings.slots), slots)
        ask = ask * np.where(window, 1 + 0.01 * s.retries, 1.0)
    burst = normal(world, "serving", day, spread=_BURST, n=STEPS)
    load = (ask + background) * np.exp(burst)
    rho = load / slots
    surplus = (load - slots) * _STEP_SECONDS
    path = np.concatenate([[0.0], np.cumsum(surplus)])
    work = path - np.minimum.accumulate(path)  # Lindley: work left at each step's start
    backlog = np.minimum(0.5 * (work[:-1] + work[1:]) / slots, TIMEOUT)
    calm = np.minimum(rho, 0.985)
    busy = erlang_c(slots, calm * slots)
    mean = seconds.mean() if len(seconds) else heron
    scale = mean / (slots * (1 - calm)) * (1 + s.cv**2) / 2
    return Load(rho, backlog, busy.astype(np.float32), scale.astype(np.float32), slots)


def waits(
    world: World, settings: Settings, day: int, *, step: NDArray[np.int64], load: Load, s5: Bools
) -> Floats:
    """Draw each question's wait in seconds. Under the priority plan S5 skips the backlog."""
    roll = uniform(world, "waits", day, rows=1, n=len(step))[0]
    busy = load.busy.take(step)
    rows = np.flatnonzero(roll < busy)
    late, full = np.maximum(roll[rows], 1e-9), np.maximum(busy[rows], 1e-9)
    waiting = np.zeros(len(step), dtype=np.float32)
    waiting[rows] = -np.log(late / full) * load.scale[step[rows]]
    wait = waiting + load.backlog.astype(np.float32).take(step)
    if settings.storm_plan == "priority":
        wait = np.where(s5, np.float32(0.2) * waiting, wait * np.float32(1.06))
    return np.asarray(wait, dtype=np.float32)


def storm_steps(world: World, day: int) -> NDArray[np.bool_]:
    """Return a flag for each step of the day: is the storm's window open?"""
    flags = np.zeros(STEPS, dtype=bool)
    storm = storm_on(world, day)
    if storm is not None:
        hours = _hours(world, storm)
        flags[hours.start * 6 : hours.stop * 6] = True
    return flags


def _hours(world: World, storm: int) -> slice:
    start = world.calendar.storm_start[storm]
    return slice(start, start + world.calendar.storm_hours[storm])


def hit_rate(questions_per_hour: float, streams: float, ttl: str) -> float:
    """Share of prompts that find their prefix cached: 1 - exp(-λ·TTL) for each stream.

    >>> round(hit_rate(1260, 80, "5min"), 2), round(hit_rate(168, 80, "5min"), 2)
    (0.73, 0.16)
    """
    return float(1 - np.exp(-questions_per_hour / streams * TTL_HOURS[ttl]))


def prefix_factor(questions_per_hour: float, streams: float, ttl: str) -> float:
    """What a prefix token costs, in units of the price of reading it uncached.

    >>> prefix_factor(168, 80, "5min") > 1 > prefix_factor(1260, 80, "5min")
    True
    """
    if ttl == "off":
        return 1.0
    write = value_of("cache-write" if ttl == "5min" else "cache-write-hour")
    hits = hit_rate(questions_per_hour, streams, ttl)
    return (1 - hits) * write + hits * value_of("cache-read")
