"""PS-L1: two variants, what people do with them, and the labels that a learner buys.

Of a question that was assigned, five things can happen: the person leaves before the answer, or
acts on it or checks it, and it was right or wrong. Right or wrong is hidden until it is labeled.
Labels are drawn from one fixed order in each arm and group, so that a plan always buys the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from skillmap.lessons.product_sense.case import Case, case
from skillmap.worlds import HOUSE, per_world, stream

__all__ = [
    "ARMS",
    "BUDGET",
    "ENOUGH",
    "LEAST",
    "OUTCOMES",
    "Arm",
    "arms",
    "bought",
    "plan_of",
    "prices",
]

OUTCOMES = ("right_acted", "right_checked", "wrong_acted", "wrong_checked", "left")
ARMS = {
    "a_others": ("a", "others"),
    "a_assisted": ("a", "assisted"),
    "b_others": ("b", "others"),
    "b_assisted": ("b", "assisted"),
}
BUDGET = 2_400
LEAST = 40
ENOUGH = 300
"""From this many labels a row on, shipping what they say counts as right: luck is no fault."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant for one group: shares from 0 to 1. ``left`` of those assigned, the rest of
    answers read: ``right``, and ``act_right`` and ``act_wrong`` given that."""

    right: float
    act_right: float
    act_wrong: float
    left: float

    def shares(self) -> tuple[float, ...]:
        """Shares of ``OUTCOMES`` among the questions assigned.

        >>> round(sum(Arm(0.9, 0.6, 0.5, 0.1).shares()), 9)
        1.0
        """
        read = 1 - self.left
        wrong = 1 - self.right
        return (
            read * self.right * self.act_right,
            read * self.right * (1 - self.act_right),
            read * wrong * self.act_wrong,
            read * wrong * (1 - self.act_wrong),
            self.left,
        )


@per_world
def arms(world: int) -> dict[str, Arm]:
    """Return the four arms of a world. Hidden from learners.

    >>> a = arms(10)["a_others"]
    >>> (a.right, a.act_right, a.act_wrong)
    (0.861, 0.6, 0.52)
    """
    rng = stream(world, "product-sense", "variants")
    if world == HOUSE:
        a, b = Arm(0.861, 0.60, 0.52, 0.01), Arm(0.842, 0.76, 0.35, 0.02)
        fake, assisted = False, 0.1
    else:
        fake = bool(rng.random() < 0.3)
        a = Arm(
            float(rng.uniform(0.84, 0.89)),
            float(rng.uniform(0.55, 0.68)),
            float(rng.uniform(0.42, 0.56)),
            float(rng.uniform(0.005, 0.02)),
        )
        less = float(rng.uniform(0.01, 0.035))
        if fake:  # fewer people read B, and those who do notice no more
            more, fewer, gone = rng.uniform(0.0, 0.04), rng.uniform(-0.08, 0.0), 0.09
        else:
            more, fewer, gone = rng.uniform(0.08, 0.17), rng.uniform(0.1, 0.2), 0.02
        b = Arm(
            a.right - less,
            a.act_right + float(more),
            a.act_wrong - float(fewer),
            a.left + float(gone * rng.uniform(0.6, 1.2)),
        )
        assisted = float(rng.choice([-0.065, 0.02, 0.09]))
    return {
        "a_others": a,
        "a_assisted": _assisted(a, assisted),
        "b_others": b,
        "b_assisted": _assisted(b, assisted),
    }


def _assisted(arm: Arm, worse: float) -> Arm:
    """The same variant for assisted travelers, who check more and are answered worse or better."""
    right = min(0.98, arm.right - worse * 0.8)
    return Arm(right, arm.act_right - 0.04, max(0.1, arm.act_wrong - 0.05), arm.left)


def prices(c: Case) -> dict[str, dict[str, float]]:
    """Dollars that each outcome costs, for the two groups; a hand-off costs ``desk``."""
    others = [g for g in c.groups.values() if g.key != "S5"]
    harm = sum(g.share * g.harm for g in others) / sum(g.share for g in others)
    phoned = round(0.8 * c.hand_off, 2)
    checked = round(0.35 * c.hand_off, 2)

    def of(wrong: float) -> dict[str, float]:
        return {
            "right_acted": 0.0,
            "right_checked": checked,
            "wrong_acted": wrong,
            "wrong_checked": c.hand_off,
            "left": phoned,
            "desk": c.hand_off,
        }

    return {"others": of(round(harm, 1)), "assisted": of(round(c.groups["S5"].harm, 1))}


def plan_of(table: Any) -> dict[str, int] | None:
    """Read a plan for labels: at least ``LEAST`` in each row, ``BUDGET`` together at most.

    >>> plan_of([{"row": row, "n": 300} for row in ARMS])["b_assisted"]
    300
    >>> plan_of([{"row": row, "n": 1_900} for row in ARMS]) is None
    True
    """
    if not isinstance(table, list):
        return None
    rows = {row.get("row"): row.get("n") for row in table if isinstance(row, dict)}
    plan: dict[str, int] = {}
    for name in ARMS:
        n = rows.get(name)
        if isinstance(n, bool) or not isinstance(n, int | float) or not LEAST <= n <= BUDGET:
            return None
        plan[name] = int(n)
    return plan if sum(plan.values()) <= BUDGET else None


@per_world
def _order(world: int, row: str) -> tuple[int, ...]:
    rng = stream(world, "product-sense", "labels", row)
    return tuple(int(k) for k in rng.choice(len(OUTCOMES), BUDGET, p=arms(world)[row].shares()))


def bought(world: int, plan: dict[str, int]) -> dict[str, dict[str, int]]:
    """Return how often each outcome is among the labels of a plan, by row.

    >>> found = bought(10, dict.fromkeys(ARMS, 200))
    >>> [sum(row.values()) for row in found.values()]
    [200, 200, 200, 200]
    """
    assert case(world)
    found = {}
    for row, n in plan.items():
        seen = Counter(_order(world, row)[:n])
        found[row] = {name: seen.get(k, 0) for k, name in enumerate(OUTCOMES)}
    return found
