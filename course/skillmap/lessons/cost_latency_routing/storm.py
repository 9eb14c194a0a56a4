"""The storm: a line in front of a fixed number of slots, by formula and by simulation.

The formula is Erlang C with the Allen-Cunneen correction for uneven service times; it holds below
full load. The simulation serves people one by one, in the order that a plan sets, and whoever has
waited 45 seconds gives up the place in line. Both are textbook; the people are invented.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.people import LEAVERS_PHONE, leave_chance
from skillmap.lantern.serving import TIMEOUT, erlang_c
from skillmap.lantern.tiers import READABLE
from skillmap.lantern.traffic import STORM_DISRUPTION
from skillmap.lessons.cost_latency_routing.case import case
from skillmap.worlds import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "GIVES",
    "ORDERS",
    "STRANDED",
    "Queue",
    "Reading",
    "Watched",
    "dial",
    "first_hour",
    "labeled",
    "queue",
    "serve",
    "watch",
]

ORDERS = ("line", "pass", "assisted")
"""First come, pass holders first, assisted travelers first."""
GIVES = ("nothing", "short", "wren", "shed")
"""What gives: nothing, the prose, the model's size, or everyday questions of S1 and S2."""
STRANDED = 0.10
"""Share of those who leave unserved in a storm and are harmed as by a wrong answer."""
HOURS_SHOWN = 2.0
"""Hours that are simulated, at the storm's worst."""
ARTICLE_PHONES = 0.55
"""Share of people sent to an article who phone in the end."""

Tables = dict[str, tuple["NDArray[np.float64]", "NDArray[np.float64]"]]
"""For each tier, shares answered and answered wrong: five groups by two kinds of question."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What the formula says: P(wait), mean wait and 95th percentile of the wait, in seconds."""

    utilization: float
    waits: float
    mean: float
    slow: float


def queue(slots: int, load: float, seconds: float, cv: float) -> Queue:
    """Return the formula's answer for ``load`` erlangs on ``slots`` slots.

    >>> q = queue(8, 7.2, 1.0, 1.0)
    >>> round(q.utilization, 2), round(q.waits, 2), round(q.mean, 2), round(q.slow, 1)
    (0.9, 0.7, 0.88, 3.3)
    """
    rho = load / slots
    if rho >= 1:
        return Queue(rho, 1.0, float("inf"), float("inf"))
    c = float(erlang_c(np.array([float(slots)]), np.array([load]))[0])
    scale = seconds * (1 + cv**2) / 2 / (slots * (1 - rho))
    return Queue(rho, c, c * scale, max(0.0, scale * log(c / 0.05)))


def serve(
    arrive: NDArray[np.float64],
    seconds: NDArray[np.float64],
    first: NDArray[np.bool_],
    slots: int,
) -> NDArray[np.float64]:
    """Return each person's wait in line; ``first`` go ahead of others, nobody is interrupted.

    Whoever has waited for ``TIMEOUT`` seconds is gone when the turn comes; the wait is infinite.

    >>> ones, nobody = np.ones(3), np.zeros(3, dtype=bool)
    >>> serve(np.zeros(3), ones, nobody, 2).tolist()
    [0.0, 0.0, 1.0]
    >>> serve(np.zeros(3), ones, np.array([False, False, True]), 1).tolist()
    [1.0, 2.0, 0.0]
    """
    if not first.any():
        return _in_turn(arrive, seconds, slots)
    free = [0.0] * slots
    times, works, ahead = arrive.tolist(), seconds.tolist(), first.tolist()
    urgent: deque[int] = deque()
    others: deque[int] = deque()
    waits = [0.0] * len(times)
    nxt, n = 0, len(times)
    while nxt < n or urgent or others:
        now = free[0]
        if not urgent and not others and nxt < n:
            now = max(now, times[nxt])
        while nxt < n and times[nxt] <= now:
            (urgent if ahead[nxt] else others).append(nxt)
            nxt += 1
        who = urgent.popleft() if urgent else others.popleft()
        wait = max(0.0, now - times[who])
        if wait > TIMEOUT:
            waits[who] = float("inf")
            continue
        waits[who] = wait
        heapq.heapreplace(free, now + works[who])
    return np.array(waits)


def _in_turn(
    arrive: NDArray[np.float64], seconds: NDArray[np.float64], slots: int
) -> NDArray[np.float64]:
    """Serve people in the order they came: the next slot that is free takes the next in line."""
    free = [0.0] * slots
    waits = []
    for came, work in zip(arrive.tolist(), seconds.tolist(), strict=True):
        now = free[0]
        now = max(now, came)
        if now - came > TIMEOUT:
            waits.append(float("inf"))
            continue
        waits.append(now - came)
        heapq.heapreplace(free, now + work)
    return np.array(waits)


def _leaves(wait: NDArray[np.float64], patience: NDArray[np.float64]) -> NDArray[np.float64]:
    chance = leave_chance(wait.astype(np.float32), patience.astype(np.float32))
    return np.asarray(chance, dtype=np.float64)


def _people(world: int, factor: float, hours: float, name: str) -> tuple[NDArray[np.float64], ...]:
    s = case(world).storm
    rng = stream(world, "cost-latency-routing", "line", name)
    n = int(rng.poisson(s.per_hour * factor * hours))
    arrive = np.sort(rng.uniform(0, 3600 * hours, n))
    spread = np.sqrt(np.log1p(s.cv**2))
    work = np.exp(spread * rng.standard_normal(n) - spread**2 / 2)
    return arrive, work, rng.random(n), rng.random(n)


@lru_cache(maxsize=64)
def first_hour(world: int) -> Queue:
    """Simulate the storm's first level for a day on end: what the prediction is held to.

    >>> q, s = first_hour(10), case(10).storm
    >>> abs(q.mean / queue(s.slots, s.load(s.first), s.seconds, s.cv).mean - 1) < 0.25
    True
    """
    s = case(world).storm
    arrive, work, _, _ = _people(world, s.first, 24.0, "steady")
    waits = serve(arrive, s.seconds * work, np.zeros(len(arrive), dtype=bool), s.slots)
    settled = np.minimum(waits[arrive > 900], TIMEOUT)
    return Queue(
        s.utilization(s.first),
        float((settled > 0).mean()),
        float(settled.mean()),
        float(np.percentile(settled, 95)),
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """What one plan did in the storm's two worst hours.

    ``mean``, ``half`` and ``slow`` are the mean, the median and the 95th percentile of seconds in
    line for everybody, ``assisted_mean`` and ``assisted`` the first and last of them for assisted
    travelers (giving up counts as 45 seconds); ``left`` share by group; dollars in two lines.
    """

    utilization: float
    mean: float
    half: float
    slow: float
    assisted_mean: float
    assisted: float
    left: tuple[float, ...]
    harm: float
    contacts: float

    @property
    def dollars(self) -> float:
        """Harm and contacts together."""
        return self.harm + self.contacts

    @property
    def is_fair(self) -> bool:
        """Whether assisted travelers wait no longer than everybody, on average and at the 95th.

        A tenth and a quarter of a second are allowed for, because one storm is one sample.
        """
        return (
            self.assisted <= 1.10 * self.slow + 0.25
            and self.assisted_mean <= 1.10 * self.mean + 0.25
        )


def watch(world: int, order: str, give: str, tables: Tables) -> Watched:
    """Run one plan. ``tables`` has for each tier the shares answered and answered wrong.

    Each is an array of five groups by two kinds of question (everyday, about the disruption).
    """
    c = case(world)
    s, w = c.storm, c.world
    arrive, work, who, kind = _people(world, s.worst, HOURS_SHOWN, "storm")
    shares = np.array([g.share for g in w.segments])
    group = np.minimum(np.searchsorted(np.cumsum(shares) / shares.sum(), who), 4)
    about = (kind < STORM_DISRUPTION).astype(int)
    tier = w.tier("wren" if give == "wren" else "heron")
    mean = {"short": s.short, "wren": s.wren}.get(give, s.seconds)
    shed = (group <= 1) & (about == 0) if give == "shed" else np.zeros(len(arrive), dtype=bool)
    ahead = np.isin(group, {"line": [], "pass": [0], "assisted": [4]}[order])
    waits = np.zeros(len(arrive))
    waits[~shed] = serve(arrive[~shed], mean * work[~shed], ahead[~shed], s.slots)
    gone = np.isinf(waits)
    seconds = np.minimum(waits, TIMEOUT)
    patience = np.array([g.patience for g in w.segments])[group]
    shown = seconds + tier.ttft + READABLE / tier.speed
    leaves = np.where(gone, 1.0, _leaves(shown, patience))
    leaves = np.where(shed, 0.0, leaves)
    said, bad = (t[group, about] for t in tables[tier.name])
    harms = np.array([g.harm for g in w.segments])[group]
    phones = leaves * LEAVERS_PHONE + (1 - leaves) * (1 - said)
    if give == "short":
        phones = phones + (1 - leaves) * said * s.explains
    phones = np.where(shed, ARTICLE_PHONES, phones)
    harm = (leaves * STRANDED + (1 - leaves) * np.where(shed, 0.0, bad)) * harms
    served = ~shed
    mine = served & (group == 4)
    asked = np.maximum(np.bincount(group, minlength=5), 1)
    return Watched(
        utilization=s.per_hour * s.worst / 3600 * mean * float(served.mean()) / s.slots,
        mean=float(seconds[served].mean()),
        half=float(np.percentile(seconds[served], 50)),
        slow=float(np.percentile(seconds[served], 95)),
        assisted_mean=float(seconds[mine].mean()),
        assisted=float(np.percentile(seconds[mine], 95)),
        left=tuple((np.bincount(group, weights=leaves, minlength=5) / asked).tolist()),
        harm=float(harm.sum()),
        contacts=float(phones.sum()) * w.desk.hand_off,
    )


@lru_cache(maxsize=64)
def _labeled(world: int) -> Tables:
    from skillmap.lessons.cost_latency_routing.bench import DAY_ZERO_BAR, kinds_of_answer

    return {tier: kinds_of_answer(world, tier, DAY_ZERO_BAR) for tier in ("wren", "heron")}


def labeled(world: int, order: str, give: str) -> Watched:
    """Run one plan with answers as the replay's labels have them; what a learner sees.

    >>> labeled(10, "line", "short").utilization < labeled(10, "line", "nothing").utilization
    True
    """
    return watch(world, order, give, _labeled(world))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the storm dial shows: the queue by formula, and who leaves, by group."""

    queue: Queue
    half: float
    left: tuple[float, ...]


def dial(
    world: int, factor: float, slots: int, length: float = 1.0, tier: str = "heron"
) -> Reading:
    """Turn the dial: demand as a multiple of the busiest hour, slots, answer length, tier.

    Past full load there is no steady state; the formula then says that everybody gives up who
    comes late, and the dial shows the wait of those who give up, 45 seconds. It never shows more.

    >>> dial(10, 1.0, 8).queue.utilization < 0.2
    True
    >>> dial(10, 7.0, 8).queue.slow == TIMEOUT
    True
    """
    w = case(world).world
    t = w.tier(tier)
    seconds = t.ttft + (w.written_tokens * length + t.hidden_share * t.hidden) / t.speed
    q = queue(slots, case(world).storm.per_hour * factor / 3600 * seconds, seconds, w.serving.cv)
    if q.utilization >= 1:
        q = Queue(q.utilization, 1.0, TIMEOUT, TIMEOUT)
    scale = q.mean / q.waits if q.waits else 0.0
    q = Queue(q.utilization, q.waits, min(q.mean, TIMEOUT), min(q.slow, TIMEOUT))
    ranks = (np.arange(200) + 0.5) / 200
    line = np.where(ranks < 1 - q.waits, 0.0, scale * np.log(q.waits / (1 - ranks)))
    line = np.full(200, TIMEOUT) if q.utilization >= 1 else np.clip(line, 0.0, TIMEOUT)
    first = t.ttft + (t.hidden_share * t.hidden + READABLE) / t.speed
    left = tuple(float(_leaves(line + first, np.full(200, g.patience)).mean()) for g in w.segments)
    return Reading(q, float(np.median(line)), left)
