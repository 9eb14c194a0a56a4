"""What a learner computes with: rules that the memos state, as functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.lessons.strategy.case import KEYS, RESPONSES, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skillmap.lessons.strategy.case import Case

__all__ = [
    "HORIZON",
    "MONTHS",
    "UNITS",
    "allocation_worth",
    "lost",
    "payoff",
    "response_worth",
    "units_of",
]

HORIZON = 24
"""Months after the launch that count in the audit."""
UNITS = 3
MONTHS = 6


def units_of(table: Any) -> tuple[int, ...] | None:
    """Return units by layer; ``None`` unless they are whole, not negative, and three in all.

    >>> units_of([{"row": "data", "units": 2}, {"row": "trust", "units": 1}])
    (0, 0, 2, 1)
    """
    if not isinstance(table, list):
        return None
    found = dict.fromkeys(KEYS, 0.0)
    for row in table:
        if isinstance(row, dict) and row.get("row") in found:
            value = row.get("units")
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            found[row["row"]] = float(value)
    values = tuple(found.values())
    if any(v != round(v) or v < 0 for v in values) or sum(values) != UNITS:
        return None
    return tuple(int(v) for v in values)


def allocation_worth(c: Case, units: Sequence[int]) -> float:
    """Dollars that three units add: months gained before a copy, up to month 24.

    The first unit multiplies the months to copy by the layer's factor; each further unit adds
    half of what the one before added.
    """
    worth = 0.0
    for loss, months, factor, n in zip(c.losses, c.months, c.slowdown, units, strict=True):
        longer = months * (1 + (factor - 1) * (2 - 2 * 0.5**n))
        gained = min(longer, HORIZON) - min(months, HORIZON)
        worth += loss * c.point * gained
    return worth


def _gap_points(c: Case, ours: Sequence[float]) -> float:
    r = c.rival
    return sum(
        b * p * max(0.0, t - o)
        for b, p, t, o in zip(r.bookings, r.pull, r.theirs, ours, strict=True)
    )


def lost(c: Case, response: str) -> tuple[float, ...]:
    """Points of share below today at the end of each of six months, under a response.

    The gap's full effect builds evenly over six months. A fix works from month 2 on, a swap from
    month 3, and both stop what has not happened yet.
    """
    r = c.rival
    start = _gap_points(c, r.ours) + r.novelty
    after, first = start, 1
    if response == "swap":
        after, first = _gap_points(c, r.candidate) + r.novelty, 3
    elif response == "fix":
        mended = [o + (r.lift if k == r.weak else 0) for k, o in enumerate(r.ours)]
        after, first = _gap_points(c, mended) + r.novelty, 2
    elif response == "price":
        after = start * (1 - r.price_keeps)
    feed = 0.0 if response == "feed" else r.feed_chance * c.losses[2]
    found, now = [], 0.0
    for month in range(1, MONTHS + 1):
        now += (after if month >= first else start) / MONTHS
        found.append(now + (feed if month >= 3 else 0.0))
    return tuple(found)


def response_worth(c: Case) -> dict[str, float]:
    """Dollars of each response over six months, against doing nothing."""
    r, s = c.rival, c.lantern.scale
    own = s.mau * s.bookings_each * c.lantern.market.share
    cut = r.price_cents / 100 * own * MONTHS
    cost = {"nothing": 0.0, "swap": r.swap_cost, "fix": r.fix_cost, "price": cut}
    cost["feed"] = r.feed_cost
    base = sum(lost(c, "nothing"))
    return {name: (base - sum(lost(c, name))) * c.point - cost[name] for name in RESPONSES}


def payoff(c: Case, bets: Sequence[str]) -> dict[str, float]:
    """Net worth of a set of bets in each scenario, thousands of dollars."""
    return {name: sum(c.bets[b][k] for b in bets) for k, name in enumerate(SCENARIOS)}
