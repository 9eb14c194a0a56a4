"""Failed drafts, replayed: whose error was it? A sample that the learner plans and pays for.

A draft fails if it is wrong or says that it does not know. Each failed draft is run again five
times with the right passage *as the index holds it*, and five times with *today's* text of it.
Questions, passages and marks are the real ones of the help center; whether a draft is right is
drawn, from the same chances as in Lantern.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skillmap.lantern.help_center import SEGMENTS
from skillmap.lantern.index import recall_table
from skillmap.lantern.tiers import STALE_RIGHT
from skillmap.lantern.traffic import cell_segments, is_disruption, rates
from skillmap.lessons.technical_depth.bench import DAY_ZERO_SETUP, bench_day
from skillmap.lessons.technical_depth.case import case
from skillmap.worlds import per_world, stream

__all__ = ["CAUSES", "LABELS", "MOST", "RUNS", "Replay", "cause_of", "failed_share", "labels",
           "plan_of", "sample", "shares"]  # fmt: skip

RUNS = 5
MOST = 120
"""Replayed drafts that the budget pays for, over both rows of the plan."""
CAUSES = ("miss", "stale", "generation", "ambiguous")
LABELS = 600
"""Labeled drafts behind each of the two rates in the memo."""
_POOL = 4_000
"""Drafts drawn for each pool; enough of them fail."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One failed draft. ``indexed`` and ``today`` count right answers of five."""

    number: int
    group: str
    intent: int
    column: int
    said: str
    indexed: int
    today: int


def cause_of(indexed: int, today: int) -> str:
    """Name the cause of a failed draft by the rule of the lab.

    >>> cause_of(5, 5), cause_of(0, 4), cause_of(1, 0), cause_of(3, 5)
    ('miss', 'stale', 'generation', 'ambiguous')
    """
    if today >= 4 and indexed >= 4:
        return "miss"
    if today >= 4 and indexed <= 1:
        return "stale"
    if today <= 1 and indexed <= 1:
        return "generation"
    return "ambiguous"


@dataclass(frozen=True)
class _Pool:
    """Failed drafts of one world in the order in which they are handed out, and their rate."""

    drafts: tuple[Replay, ...]
    failed: float
    drawn: int


@per_world
def _pools(world: int) -> tuple[_Pool, _Pool]:
    """Return the pool of the suspected group and that of everybody else."""
    c = case(world)
    w = c.lantern
    rng = stream(world, "technical-depth", "replays")
    day = bench_day(w)
    table = recall_table(w, day, DAY_ZERO_SETUP.config)
    flow = rates(w, day)[0]
    segment = cell_segments()
    own = segment == c.position
    pools = []
    for rows in (own, ~own):
        odds = np.where(rows, flow, 0.0)
        cells = rng.choice(len(flow), size=_POOL, p=odds / odds.sum())
        pools.append(_draw(world, rng, cells, table, is_disruption()))
    return pools[0], pools[1]


def _draw(world: int, rng: Any, cells: Any, table: Any, disrupted: Any) -> _Pool:
    w = case(world).lantern
    heron = w.tier("heron")
    n = len(cells)
    seg = cell_segments()[cells]
    shift = np.array([s.shift for s in w.segments])[seg] + table.distraction[cells]
    difficulty = rng.standard_normal(n) + w.disruption_shift * disrupted[cells]
    odds = heron.ability + shift - difficulty
    luck = rng.logistic(size=n)
    stale, found = table.stale[cells], table.evidence_found[cells]
    right = odds + luck > 0
    silent = ~found & ~stale & (rng.random(n) < heron.abstains)
    lucky = rng.random(n)
    right = np.where(stale, lucky < STALE_RIGHT, np.where(found, right, lucky < heron.lucky))
    failed = silent | ~right

    def again(known: Any) -> Any:
        """Five runs with the evidence: the question's own difficulty, and a little noise."""
        noise = rng.normal(0.0, 0.45, (RUNS, n))
        runs = odds + luck + noise > 0
        return np.where(known, runs.sum(axis=0), rng.binomial(RUNS, STALE_RIGHT, n))

    indexed, today = again(~stale), again(np.ones(n, dtype=bool))
    rows = np.flatnonzero(failed)
    drafts = tuple(
        Replay(
            place + 1,
            SEGMENTS[int(seg[r])],
            int(cells[r]) % 128 // 2,
            2 * int(seg[r]) + int(cells[r]) % 2,
            "no answer" if silent[r] else "wrong answer",
            int(indexed[r]),
            int(today[r]),
        )
        for place, r in enumerate(rows[:MOST])
    )
    return _Pool(drafts, float(failed.mean()), n)


@per_world
def labels(world: int) -> tuple[int, int]:
    """Return failed drafts among ``LABELS`` labeled ones: the suspected group, everybody else.

    >>> all(0 < failed < LABELS for failed in labels(10))
    True
    """
    rng = stream(world, "technical-depth", "labels")
    rates_ = failed_share(world)
    own, others = (int(rng.binomial(LABELS, p)) for p in rates_)
    return own, others


@per_world
def failed_share(world: int) -> tuple[float, float]:
    """Return the expected share of failed drafts, of the group and of the others."""
    own, others = _pools(world)
    return own.failed, others.failed


def plan_of(table: Any) -> tuple[int, int] | None:
    """Read how many failed drafts are replayed, of the group and of the others.

    Raises ``ValueError`` if a row is under 10 or the sum is more than the budget pays for.
    """
    if not isinstance(table, list):
        return None
    numbers: dict[str, float] = {
        row["row"]: row["n"]
        for row in table
        if isinstance(row, dict)
        and isinstance(row.get("row"), str)
        and isinstance(row.get("n"), int | float)
        and not isinstance(row.get("n"), bool)
    }
    if not {"group", "others"} <= numbers.keys():
        return None
    own, others = numbers["group"], numbers["others"]
    if not (10 <= own <= MOST and 10 <= others <= MOST and own + others <= MOST):
        raise ValueError(f"replay 10 or more of each, and at most {MOST} in all")
    if own % 1 or others % 1:
        raise ValueError("replay whole drafts")
    return int(own), int(others)


def sample(world: int, plan: tuple[int, int]) -> tuple[tuple[Replay, ...], tuple[Replay, ...]]:
    """Return the drafts that a plan replays. A larger plan holds a smaller one.

    >>> [len(part) for part in sample(10, (20, 30))]
    [20, 30]
    """
    own, others = _pools(world)
    return own.drafts[: plan[0]], others.drafts[: plan[1]]


def shares(drafts: tuple[Replay, ...]) -> dict[str, float]:
    """Return the share of each cause in percent.

    >>> round(sum(shares(sample(10, (40, 40))[0]).values()))
    100
    """
    named = [cause_of(d.indexed, d.today) for d in drafts]
    return {cause: 100 * named.count(cause) / len(named) for cause in CAUSES}
