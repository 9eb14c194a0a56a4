"""Three weeks of Lantern in the learner's world, and what its logs say of them.

Days 0 to 20 come before anything happens: no edit of the rules, no silent update, no storm. A
month of the course is 30 days, so sums are multiplied by 30/21.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from skillmap.lantern import Lantern
from skillmap.lantern.world import MONTH

if TYPE_CHECKING:
    from skillmap.lantern.world import World

__all__ = ["DAYS_RUN", "TO_A_MONTH", "Group", "group_month", "three_weeks", "today"]

DAYS_RUN = 21
TO_A_MONTH = MONTH / DAYS_RUN


@lru_cache(maxsize=3)
def three_weeks(world: World) -> Lantern:
    """Run Lantern for days 0 to 20 in a world, or in a changed copy of one."""
    return Lantern(world).run(DAYS_RUN)


def today(world: int) -> Lantern:
    """Lantern as it is, in the learner's world.

    >>> today(10).day
    21
    """
    from skillmap.lantern import parameters

    return three_weeks(parameters(world))


@dataclass(frozen=True, slots=True)
class Group:
    """One group's month on Ask, counted in the logs. ``acted``: without checking or phoning."""

    questions: float
    answered: float
    acted: float
    contacts: float


def group_month(lantern: Lantern, segment: str) -> Group:
    """Count one group in the logs and scale it to a month.

    >>> month = group_month(today(10), "S3")
    >>> month.questions > month.answered > month.acted
    True
    """
    frame = lantern.logs.segments
    sums = frame[frame["segment"] == segment].sum(numeric_only=True) * TO_A_MONTH
    return Group(*(float(sums[name]) for name in ("questions", "answered", "acted", "contacts")))
