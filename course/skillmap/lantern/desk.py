"""C6, fallback and desk: people who answer when Lantern does not. Erlang-A, hour by hour.

Erlang-A (Palm 1957; Garnett, Mandelbaum and Reiman 2002): Poisson arrivals, exponential service,
and people who give up after an exponential time. Solved as a birth-death chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.calendar import storm_on
from skillmap.lantern.traffic import HOUR_SHARE
from skillmap.lantern.world import MONTH, parameters
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.world import World

__all__ = ["DeskDay", "base_agents", "desk_day", "erlang_a", "usual_calls"]

USUAL_SHARE = 0.6
"""Share of the contacts before launch that never touch Lantern."""
EXPECTED_SHARE = 0.26
"""Contacts that staffing expects for each Ask question."""
STORM_CALLS = 3.0
_QUEUE = 1200


@dataclass(frozen=True)
class DeskDay:
    """Per hour: contacts that arrive, agents, occupancy, waits in minutes, share giving up.

    The queue is solved when somebody asks for it: nothing else in the day waits for it.
    """

    contacts: NDArray[np.float64]
    agents: NDArray[np.float64]
    minutes: float
    patience: float

    @cached_property
    def _queue(self) -> tuple[NDArray[np.float64], ...]:
        return erlang_a(self.contacts / 60, self.agents, self.minutes, self.patience)

    @property
    def occupancy(self) -> NDArray[np.float64]:
        """Share of the agents' time that is taken."""
        return self._queue[0]

    @property
    def wait_mean(self) -> NDArray[np.float64]:
        """Mean wait in minutes."""
        return self._queue[1]

    @property
    def wait_p90(self) -> NDArray[np.float64]:
        """90th percentile of the wait in minutes."""
        return self._queue[2]

    @property
    def gave_up(self) -> NDArray[np.float64]:
        """Share of callers who give up."""
        return self._queue[3]


def erlang_a(
    per_minute: NDArray[np.float64], agents: NDArray[np.float64], minutes: float, patience: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return occupancy, mean wait, 90th percentile of the wait (minutes), share giving up.

    The percentile takes the expected time to drain the queue that an arrival meets, an
    approximation that is close once more than a few people wait.

    >>> occupied, wait, p90, lost = erlang_a(np.array([1.0]), np.array([8.0]), 6.0, 12.0)
    >>> 0.70 < occupied[0] < 0.76 and wait[0] < p90[0] and lost[0] < 0.1
    np.True_
    """
    crew = np.maximum(np.round(agents), 1.0)
    n = np.arange(1, int(crew.max()) + _QUEUE + 1)
    leave = np.minimum(n, crew[:, None]) / minutes + np.maximum(n - crew[:, None], 0) / patience
    steps = np.log(np.maximum(per_minute, 1e-9))[:, None] - np.log(leave)
    logs = np.concatenate([np.zeros((len(crew), 1)), np.cumsum(steps, axis=1)], axis=1)
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    states = np.arange(weight.shape[1])
    queue = np.maximum(states - crew[:, None], 0)
    waiting = (weight * queue).sum(axis=1)
    occupancy = (weight * np.minimum(states, crew[:, None])).sum(axis=1) / crew
    safe = np.maximum(per_minute, 1e-9)
    place = np.minimum((np.cumsum(weight, axis=1) < 0.9).sum(axis=1), weight.shape[1] - 1)
    ahead = np.maximum(place - crew + 1, 0)
    full = crew / minutes
    p90 = patience * np.log1p(ahead / (full * patience))
    return occupancy, waiting / safe, p90, waiting / patience / safe


@per_world
def base_agents(world: int) -> NDArray[np.float64]:
    """Return agents rostered for each hour of a normal day."""
    w = parameters(world)
    daily = usual_calls(w, 0).sum() + EXPECTED_SHARE * w.scale.questions / MONTH
    offered = daily * HOUR_SHARE / 60 * w.desk.minutes
    return np.asarray(np.maximum(1.0, np.ceil(offered / w.desk.occupancy)))


def usual_calls(world: World, day: int) -> NDArray[np.float64]:
    """Return expected calls an hour that have nothing to do with Lantern; storms treble them."""
    calls = USUAL_SHARE * world.scale.contacts_before / MONTH * HOUR_SHARE
    storm = storm_on(world, day)
    if storm is not None:
        start = world.calendar.storm_start[storm]
        calls = calls.copy()
        calls[start : start + world.calendar.storm_hours[storm]] *= STORM_CALLS
    return np.asarray(calls)


def desk_day(world: World, day: int, contacts: NDArray[np.float64], staffing: float) -> DeskDay:
    """Return the desk's day, given Lantern's contacts in each hour."""
    arriving = contacts + usual_calls(world, day)
    agents = np.round(base_agents(world.id) * staffing)
    return DeskDay(arriving, agents, world.desk.minutes, world.desk.patience)
