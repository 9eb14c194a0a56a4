"""The router bench: one set of replayed questions, answered by every tier and graded by people.

Tomas's team drew 2,000 questions from each group on one settled day (and 2,000 more about
disruptions, for the storm), let all three tiers answer each of them in staging, and had three
people agree on every answer. A policy is then a way of choosing among answers that exist. What the
bench shows is a sample, with a sample's error; the truth behind it stays with the graders.

Prices of what happened (a hand-off H, a wrong answer h) are the desk's and Safety's; leaving
follows the course's formula. All of it is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern import parameters
from skillmap.lantern.confidence import recalibrated
from skillmap.lantern.day import question_shift
from skillmap.lantern.index import RecallTable, recall_table
from skillmap.lantern.people import LEAVERS_PHONE, leave_chance
from skillmap.lantern.product import Lantern
from skillmap.lantern.router import Answers, route
from skillmap.lantern.settings import Policy, Settings
from skillmap.lantern.tiers import HISTORY_TOKENS, QUESTION_TOKENS
from skillmap.lantern.traffic import Questions, cell_segments, is_disruption, rates
from skillmap.lantern.updates import Behavior, behavior_on
from skillmap.lantern.world import SEGMENT_NAMES, World
from skillmap.worlds import per_world, stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "DAY_ZERO_BAR",
    "EACH",
    "POLICIES",
    "Measured",
    "acted_shares",
    "by_group",
    "found_tokens",
    "measure",
    "replay_day",
]

EACH = 2_000
"""Replayed questions in each group."""
DAY_ZERO_BAR = 0.6
"""The single confidence bar with which Lantern launched."""

POLICIES: dict[str, Policy] = {
    "wren": Policy("direct", "wren"),
    "heron": Policy("direct", "heron"),
    "condor": Policy("direct", "condor"),
    "cascade": Policy("cascade", "wren", "heron", 0.7),
    "difficulty": Policy("router", "heron", "condor", 1.0),
    "stakes-two": Policy("direct", "heron", "condor", careful=frozenset({"S4", "S5"})),
    "stakes-three": Policy("direct", "heron", "condor", careful=frozenset({"S3", "S4", "S5"})),
}
"""Seven policies on the table: three direct tiers, a cascade, a router by difficulty, and two
routes by stakes, where groups whose errors cost most go straight to the large model."""


def replay_day(world: World) -> int:
    """Return the day that was replayed: the spring rules are in force and nothing else has moved.

    >>> replay_day(parameters(10))
    36
    """
    c = world.calendar
    return min(c.alias_move - 1, c.policy_edit + c.cleanup_days + 1)


@dataclass(frozen=True)
class _Replay:
    q: Questions
    table: RecallTable
    behavior: Behavior
    shift: NDArray[np.float32]
    segment: NDArray[np.int8]
    disrupted: NDArray[np.bool_]
    share: NDArray[np.float64]


@lru_cache(maxsize=32)
def _replay(world: int, only: str = "all") -> _Replay:
    """Draw the set; ``only="disruption"`` is the second one, of questions about a disruption."""
    w = parameters(world)
    day = replay_day(w)
    rng = stream(world, "cost-latency-routing", "replay", only)
    mix, where = rates(w, day)[0], cell_segments()
    share = np.bincount(where, weights=mix, minlength=5)
    if only == "disruption":
        mix = mix * is_disruption()
    cells = [
        rng.choice(np.flatnonzero(where == s), EACH, p=mix[where == s] / mix[where == s].sum())
        for s in range(5)
    ]
    cell = np.concatenate(cells).astype(np.int16)
    disrupted = np.asarray(is_disruption()[cell])
    difficulty = rng.standard_normal(len(cell), dtype=np.float32)
    difficulty += np.float32(w.disruption_shift) * disrupted
    minute = np.zeros(len(cell), dtype=np.int16)
    q = Questions(cell, minute, difficulty, np.zeros(len(cell), dtype=np.uint32))
    behavior = behavior_on(w, day)
    table = recall_table(w, day, Settings().index)
    shift = question_shift(w, q, table, behavior, np.zeros(len(cell), dtype=bool))
    return _Replay(q, table, behavior, shift, where[cell], disrupted, share / share.sum())


@dataclass(frozen=True)
class Measured:
    """What the bench found, by group: shares of the group's questions, seconds, dollars each.

    ``wait`` is the mean and ``slow`` the 90th percentile of seconds until something can be read.
    ``harm`` and ``cost`` are dollars a question; ``each`` is the cost of every replayed question.
    """

    answered: NDArray[np.float64]
    wrong: NDArray[np.float64]
    handed: NDArray[np.float64]
    left: NDArray[np.float64]
    wait: NDArray[np.float64]
    slow: NDArray[np.float64]
    inference: NDArray[np.float64]
    harm: NDArray[np.float64]
    cost: NDArray[np.float64]
    acted: NDArray[np.float64]
    share: NDArray[np.float64]
    each: NDArray[np.float64]

    def of(self, group: str, name: str) -> float:
        """Return one figure of one group."""
        return float(getattr(self, name)[SEGMENT_NAMES.index(group)])

    def mean(self, values: NDArray[np.float64]) -> float:
        """Average over all questions, each group with its share of traffic."""
        return float((values * self.share).sum())

    @property
    def total(self) -> float:
        """Dollars a question over all groups."""
        return self.mean(self.cost)

    @property
    def accuracy(self) -> float:
        """Share right of what is answered."""
        return 1 - self.mean(self.wrong) / self.mean(self.answered)

    @property
    def contacts(self) -> float:
        """Contacts at the desk for each question: hand-offs, and leavers who phone."""
        return self.mean(self.handed) + LEAVERS_PHONE * self.mean(self.left)

    @property
    def right_and_acted(self) -> float:
        """RAR: share of questions answered right and acted on without a check."""
        return self.mean((self.answered - self.wrong) * self.acted)

    def error_of(self, other: Measured | None = None) -> float:
        """Standard error of ``total``, or of the paired difference to another policy's."""
        d = self.each if other is None else self.each - other.each
        parts = [
            (self.share[s] ** 2) * d[s * EACH : (s + 1) * EACH].var(ddof=1) / EACH for s in range(5)
        ]
        return float(np.sqrt(sum(parts)))


@per_world
def found_tokens(world: int) -> float:
    """Mean tokens of the passages that retrieval puts into a prompt.

    >>> 500 < found_tokens(10) < 4000
    True
    """
    r = _replay(world)
    mean = r.table.tokens[r.q.cell].reshape(5, EACH).mean(axis=1)
    return float((mean * r.share).sum())


@per_world
def acted_shares(world: int) -> tuple[float, ...]:
    """Share of answers acted on unchecked, by group: a live week on Heron, from the logs.

    >>> [round(share, 2) for share in acted_shares(10)] != [0.0] * 5
    True
    """
    lantern = Lantern(world).run(21)
    week = lantern.logs.segments
    week = week[week["day"] >= 14].groupby("segment", observed=True)[["acted", "answered"]].sum()
    return tuple(float(week["acted"][s] / week["answered"][s]) for s in SEGMENT_NAMES)


def _routed(world: int, policy: Policy, bars: tuple[float, ...], only: str = "all") -> Answers:
    w, r = parameters(world), _replay(world, only)
    settings = Settings(policy=policy, thresholds=bars)
    return route(
        w, settings, replay_day(w), q=r.q, table=r.table, behavior=r.behavior, shift=r.shift
    )


def _shown(
    r: _Replay, a: Answers, bars: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Which answers pass their group's bar, and which of these are wrong."""
    ones = np.ones(len(r.q), dtype=np.float32)
    sure = recalibrated(a.score, ones, 0 * ones) >= np.array(bars, dtype=np.float32)[r.segment]
    said = (~a.abstains & sure).astype(np.float64)
    return said, said * ~a.right


@lru_cache(maxsize=512)
def measure(world: int, policy: Policy, bars: tuple[float, ...]) -> Measured:
    """Replay the set under a policy and five confidence bars, no cache and no queue.

    >>> m = measure(10, POLICIES["heron"], (0.6,) * 5)
    >>> 0.7 < m.accuracy < 0.95 and m.total > 100 * m.mean(m.inference)
    True
    """
    w, r = parameters(world), _replay(world)
    a = _routed(world, policy, bars)
    said, bad = _shown(r, a, bars)
    patience = np.array([s.patience for s in w.segments])[r.segment]
    left = np.asarray(leave_chance(a.first, patience.astype(np.float32)), dtype=np.float64)
    read = r.table.tokens[r.q.cell] + w.serving.prefix + HISTORY_TOKENS + QUESTION_TOKENS
    inference = (read * a.price_in / 1e6 + a.dollars) * w.scale.calls_per_question
    harms = np.array([s.harm for s in w.segments])[r.segment]
    hand = w.desk.hand_off
    harm = (1 - left) * bad * harms
    each = left * LEAVERS_PHONE * hand + (1 - left) * (1 - said) * hand + harm + inference

    def by(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.array([part.mean() for part in values.astype(np.float64).reshape(5, EACH)])

    return Measured(
        answered=by((1 - left) * said),
        wrong=by((1 - left) * bad),
        handed=by((1 - left) * (1 - said)),
        left=by(left),
        wait=by(a.first),
        slow=np.percentile(a.first.reshape(5, EACH), 90, axis=1),
        inference=by(inference),
        harm=by(harm),
        cost=by(each),
        acted=np.array(acted_shares(world)),
        share=r.share,
        each=each,
    )


def by_group(world: int, tiers: tuple[str, ...], bars: tuple[float, ...]) -> Measured:
    """Replay with a tier and a bar of each group's own, S1 to S5.

    >>> same = measure(10, POLICIES["heron"], (0.6,) * 5)
    >>> by_group(10, ("heron",) * 5, (0.6,) * 5).total == same.total
    True
    """
    parts = {tier: measure(world, POLICIES[tier], bars) for tier in sorted(set(tiers))}
    first = parts[tiers[0]]

    def pick(name: str) -> NDArray[np.float64]:
        return np.array([getattr(parts[tier], name)[at] for at, tier in enumerate(tiers)])

    names = [n for n in Measured.__dataclass_fields__ if n not in {"share", "each"}]
    each = [parts[tier].each[s * EACH : (s + 1) * EACH] for s, tier in enumerate(tiers)]
    return Measured(**{n: pick(n) for n in names}, share=first.share, each=np.concatenate(each))


def kinds_of_answer(
    world: int, tier: str, bar: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares answered and answered wrong in the replay: five groups by everyday and disruption.

    >>> said, bad = kinds_of_answer(10, "heron", 0.6)
    >>> said.shape, bool((bad <= said).all())
    ((5, 2), True)
    """
    found = []
    for only, kind in (("all", False), ("disruption", True)):
        r = _replay(world, only)
        asked = (r.disrupted == kind).astype(np.float64)
        said, bad = _shown(r, _routed(world, POLICIES[tier], (bar,) * 5, only), (bar,) * 5)
        count = asked.reshape(5, EACH).sum(axis=1)
        found.append([(x * asked).reshape(5, EACH).sum(axis=1) / count for x in (said, bad)])
    return np.stack([f[0] for f in found], axis=1), np.stack([f[1] for f in found], axis=1)
