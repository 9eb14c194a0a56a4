"""The sampling desk: what a plan for 400 labels buys, before a dollar is spent.

Each group is either as good as the rest (``HEALTHY`` right of labels) or nearly a tenth worse
(``WEAK``). Research puts odds on it. After the labels a PM lets the group in or holds it, and
either can be wrong; a plan is worth the wrong calls that it prevents. Stylized on purpose: two
states, a normal approximation, and the rule that weighs both mistakes by their dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from skillmap.lantern.world import parameters
from skillmap.lessons.evals.samples import BUDGET, answers_in_trial, suspect
from skillmap.stats import wilson_interval
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ACTS",
    "HEALTHY",
    "ODDS_OTHER",
    "ODDS_SUSPECT",
    "WEAK",
    "Row",
    "Stake",
    "by_traffic",
    "expected_loss",
    "gain_of_more",
    "plan_cost",
    "rows",
    "stakes",
]

HEALTHY, WEAK = 0.85, 0.76
"""Share labeled right in a group that is as good as the rest, and in one that is not."""
ODDS_SUSPECT, ODDS_OTHER = 0.60, 0.05
"""Research's odds that a group is worse, before any label: the suspicious one, any other."""
ACTS = 0.5
"""Share of answers that people act on, for the stakes."""
_SPREAD = sqrt((HEALTHY * (1 - HEALTHY) + WEAK * (1 - WEAK)) / 2)
_PHI = NormalDist().cdf


@dataclass(frozen=True, slots=True)
class Stake:
    """What a wrong call costs in a month, in dollars, and the odds that the group is worse."""

    group: str
    odds: float
    let_in: float
    held: float


@per_world
def stakes(world: int) -> tuple[Stake, ...]:
    """Return the stakes of S1 to S5: a bad group let in, a good one held.

    >>> [round(s.let_in / 1000) for s in stakes(10)]
    [70, 84, 107, 96, 202]
    """
    w = parameters(world)
    doubted = suspect(world)
    made = []
    for segment in w.segments:
        asked = w.scale.questions * segment.share
        made.append(
            Stake(
                segment.name,
                ODDS_SUSPECT if segment.name == doubted else ODDS_OTHER,
                asked * (HEALTHY - WEAK) * ACTS * segment.harm,
                asked * HEALTHY * ACTS * w.desk.would_call * w.desk.hand_off,
            )
        )
    return tuple(made)


def expected_loss(stake: Stake, n: int) -> tuple[float, float, float]:
    """Return chance to let a bad group in, chance to hold a good one, and expected dollars a month.

    The rule behind it: hold if the odds after the labels, times the dollars of letting in, are
    above the odds of the contrary times the dollars of holding.

    >>> stake = Stake("S3", 0.6, 100_000, 100_000)
    >>> round(expected_loss(stake, 0)[2]), round(expected_loss(stake, 200)[2])
    (40000, 5162)
    """
    bad, good = stake.odds * stake.let_in, (1 - stake.odds) * stake.held
    if n < 1:
        return (0.0, 1.0, good) if bad > good else (1.0, 0.0, bad)
    reach = (HEALTHY - WEAK) * sqrt(n) / _SPREAD
    lean = log(bad / good) / reach
    miss, false_alarm = _PHI(-reach / 2 - lean), _PHI(-reach / 2 + lean)
    return miss, false_alarm, bad * miss + good * false_alarm


def plan_cost(world: int, plan: Sequence[int]) -> float:
    """Return the dollars a month that wrong calls cost on average under a plan."""
    return sum(expected_loss(s, n)[2] for s, n in zip(stakes(world), plan, strict=True))


def gain_of_more(world: int, plan: Sequence[int], more: int = 25) -> dict[str, float]:
    """Return for each group the dollars a month that ``more`` labels there would save."""
    return {
        s.group: expected_loss(s, n)[2] - expected_loss(s, n + more)[2]
        for s, n in zip(stakes(world), plan, strict=True)
    }


def by_traffic(world: int, budget: int = BUDGET) -> tuple[int, ...]:
    """Return the plan of a plain random draw: labels in proportion to answers.

    >>> by_traffic(10)
    (152, 107, 64, 46, 31)
    """
    counts = answers_in_trial(world)
    plan = [round(budget * n / sum(counts)) for n in counts]
    plan[0] += budget - sum(plan)
    return tuple(plan)


@dataclass(frozen=True, slots=True)
class Row:
    """One group on the desk: labels, expected interval, chances and dollars of a wrong call."""

    group: str
    n: int
    low: float
    high: float
    miss: float
    false_alarm: float
    dollars: float


def rows(world: int, plan: Sequence[int]) -> tuple[Row, ...]:
    """Return what a plan is expected to show: Wilson 95% at ``HEALTHY``, and wrong calls."""
    found = []
    for stake, n in zip(stakes(world), plan, strict=True):
        low, high = wilson_interval(HEALTHY * n, n) if n else (0.0, 1.0)
        found.append(Row(stake.group, n, low, high, *expected_loss(stake, n)))
    return tuple(found)
