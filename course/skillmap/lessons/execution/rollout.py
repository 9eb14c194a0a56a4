"""A staged rollout as a table of four stages, and the futures it may meet.

A stage shows Lantern to a share of some groups for some days. Confirmed reports of harm are
counted from the stage's first day, and at the end of a day on which the count reaches the stage's
bound the rollout stops: nothing is shown after ``react`` more days. An inquiry follows up as many
reports as the bound, the first ones; a fault behind none of them stays. Mending takes ``fix``
days, finding nothing ``inquiry`` days. Then the next stage begins. At 100 percent three days are
enough to find a fault that is left. Sixty days count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillmap.lessons.execution.case import GROUPS, Case, case
from skillmap.worlds import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

__all__ = ["HORIZON", "LATE", "SHARES", "WHO", "Future", "Stage", "futures", "plan_of"]

HORIZON = 60
"""Days that are counted."""
LATE = 3
"""Days at 100 percent after which a fault that is left is found."""
SHARES = {"s1": 0.01, "s5": 0.05, "s25": 0.25, "s50": 0.5}
"""Share of people at each stage, by the row of the plan."""
WHO = {"steady": GROUPS[:1], "wide": GROUPS[:2], "all": GROUPS}
"""Groups that a stage may include."""
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Stage:
    """``share`` of the people of some ``groups`` for ``days``; ``stop`` reports end it."""

    share: float
    groups: tuple[str, ...]
    days: int
    stop: int


@dataclass(frozen=True, slots=True)
class Future:
    """One future: the faults that were there, rows of the stages that stopped, dollars, day."""

    fault: bool
    assisted_fault: bool
    stops: tuple[str, ...]
    late: bool
    gain: float
    harm: float
    full: int


def plan_of(table: Any) -> tuple[Stage, ...] | None:
    """Read a plan from a saved table; ``None`` as long as a cell is missing or makes no sense.

    >>> rows = [{"row": r, "who": "all", "days": 3, "stop": 2} for r in SHARES]
    >>> [stage.share for stage in plan_of(rows)]
    [0.01, 0.05, 0.25, 0.5]
    >>> plan_of(rows[:3]) is None
    True
    """
    if not isinstance(table, list):
        return None
    rows = {row.get("row"): row for row in table if isinstance(row, dict)}
    stages = []
    for name, share in SHARES.items():
        row = rows.get(name)
        if row is None or row.get("who") not in WHO:
            return None
        days, stop = _whole(row.get("days")), _whole(row.get("stop"))
        if days is None or stop is None or not (0 <= days <= LONGEST and 1 <= stop <= 1000):
            return None
        stages.append(Stage(share, WHO[row["who"]], days, stop))
    return tuple(stages)


def _whole(value: Any) -> int | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return round(value) if usable and abs(value) < 1e6 else None


def futures(world: int, plan: Sequence[Stage], n: int = 200) -> list[Future]:
    """Live through ``n`` futures of a plan; the same world and plan give the same futures.

    >>> plan = plan_of([{"row": r, "who": "all", "days": 4, "stop": 60} for r in SHARES])
    >>> seen = futures(10, plan)
    >>> len(seen), min(f.full for f in seen)
    (200, 16)
    """
    c = case(world)
    rng = stream(world, "execution", "futures")
    return [_live(c, plan, rng) for _ in range(n)]


def _live(c: Case, plan: Sequence[Stage], rng: Generator) -> Future:
    risks = c.risks
    fault = was = bool(rng.random() < risks.chance)
    assisted = was_assisted = bool(rng.random() < risks.assisted_chance)
    gain, harm, day, stops = 0.0, 0.0, 0, []
    for row, stage in zip(SHARES, plan, strict=True):
        shown = {g: c.daily * stage.share * c.group_shares[g] for g in stage.groups}
        worth = sum(n * risks.gain[g] for g, n in shown.items())
        before = [0, 0, 0]
        for _ in range(stage.days):
            cases = _cases(c, shown, rng, fault, assisted)
            quiet = int(rng.poisson(risks.background * sum(shown.values())))
            today = [int(rng.binomial(n, risks.noticed)) for n in (*cases, quiet)]
            harm += _dollars(c, cases) * (day < HORIZON)
            gain += worth * (day < HORIZON)
            day += 1
            if sum(before) + sum(today) >= stage.stop:
                for _ in range(risks.react):
                    more = _cases(c, shown, rng, fault, assisted)
                    harm += _dollars(c, more) * (day < HORIZON)
                    gain += worth * (day < HORIZON)
                    day += 1
                rest = rng.multivariate_hypergeometric(today, stage.stop - sum(before))
                first, second = before[0] + int(rest[0]), before[1] + int(rest[1])
                day += risks.fix if first or second else risks.inquiry
                fault, assisted = fault and not first, assisted and not second
                stops.append(row)
                break
            before = [a + b for a, b in zip(before, today, strict=True)]
    full, late = day, fault or assisted
    everyone = {g: c.daily * c.group_shares[g] for g in GROUPS}
    worth = sum(n * risks.gain[g] for g, n in everyone.items())
    open_days = max(0, HORIZON - full)
    if late:
        for _ in range(LATE + risks.react):
            more = _cases(c, everyone, rng, fault, assisted)
            harm += _dollars(c, more) * (day < HORIZON)
            day += 1
        open_days -= max(0, min(HORIZON, day + risks.fix) - min(HORIZON, day))
    gain += worth * open_days
    return Future(was, was_assisted, tuple(stops), late, gain, harm, full)


def _dollars(c: Case, cases: tuple[int, int]) -> float:
    return cases[0] * c.risks.cost + cases[1] * c.risks.assisted_cost


def _cases(
    c: Case, shown: dict[str, float], rng: Generator, fault: bool, assisted: bool
) -> tuple[int, int]:
    r = c.risks
    first = rng.poisson(r.rate * sum(shown.values())) if fault else 0
    second = rng.poisson(r.assisted_rate * shown.get("assisted", 0.0)) if assisted else 0
    return int(first), int(second)
