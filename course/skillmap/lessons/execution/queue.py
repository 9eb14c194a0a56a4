"""The review queue: bands of confidence, who reads what, and a sample that a learner draws.

Every answer of one day lies in a band of stated confidence. A reading plan says how many answers
of each band are read; which ones, and what the reader finds, is fixed by the world, so that the
same plan gives the same sample for the learner and for the grader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillmap.lessons.execution.case import ANSWERED, case
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BANDS", "OPTIONS", "Band", "Queue", "Read", "queue", "reading_plan", "sample"]

BANDS = {
    "b1": "under 0.70",
    "b2": "0.70 to 0.80",
    "b3": "0.80 to 0.90",
    "b4": "0.90 to 0.95",
    "b5": "0.95 and up",
}
OPTIONS = ("leave", "raise", "sample", "risk", "hire", "narrow")
_SHARES = (0.07, 0.13, 0.28, 0.27, 0.25)
_ERRORS = (0.34, 0.21, 0.115, 0.065, 0.032)
LATE_DAYS = 3
"""Days after which a correction no longer helps anybody."""


@dataclass(frozen=True, slots=True)
class Band:
    """Answers of one day in a band of confidence, and the share of them that reviewers fail."""

    answers: int
    error: float


@dataclass(frozen=True, slots=True)
class Queue:
    """One world's queue. Volumes a day, money in dollars.

    ``classes`` are kinds of flagged answers: share of the flagged, share bad, dollars saved when
    a bad one is corrected in time. ``caught`` is the share of bad answers that a reader notices.
    """

    flagged: float
    people: int
    per_person: float
    hourly: float
    hours: float
    days: int
    bands: dict[str, Band]
    classes: dict[str, tuple[float, float, float]]
    caught: float
    hand_off: float
    narrow_share: float
    hires: int

    @property
    def capacity(self) -> float:
        """Answers that can be read in a day."""
        return self.people * self.per_person

    @property
    def utilization(self) -> float:
        """Arrivals over capacity."""
        return self.flagged / self.capacity

    @property
    def backlog(self) -> float:
        """Answers that wait after ``days``, from an empty queue."""
        return max(0.0, (self.flagged - self.capacity) * self.days)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one band: how many there are, were read, and were found bad."""

    band: str
    answers: int
    read: int
    bad: int


@per_world
def queue(world: int) -> Queue:
    """Return the queue of a world.

    >>> q = queue(10)
    >>> round(q.utilization, 2), round(q.backlog)
    (1.46, 2590)
    """
    c = case(world)
    r = c.lantern.reviewers
    rng = stream(world, "execution", "queue")
    answers = round(c.daily * ANSWERED)
    shift = rng.uniform(0.75, 1.3)
    tilt = rng.uniform(0.85, 1.15, 5)
    mix = rng.dirichlet([260 * s for s in _SHARES])
    bands = {
        name: Band(round(answers * float(m)), round(float(min(0.6, e * shift * t)), 4))
        for name, m, e, t in zip(BANDS, mix, _ERRORS, tilt, strict=True)
    }
    if world == HOUSE:
        flagged, people, days = 588.0, 5, 14
        per_person = 403 / 5  # 13 an hour for 6.2 hours, as the reviewers count it
        scale, hires, narrow = 1.0, 4, 0.22
    else:
        per_person = r.items_per_hour * r.hours
        people = r.people
        load = float(rng.choice([0.82, 1.15, 1.46, 1.9, 2.4], p=[0.18, 0.17, 0.25, 0.22, 0.18]))
        flagged = float(round(people * per_person * load * rng.uniform(0.97, 1.03)))
        days = int(rng.integers(8, 22))
        scale = float(rng.choice([0.35, 1.0, 2.2, 5.0]))
        hires = int(-(-flagged // (0.85 * per_person))) - people if load > 0.9 else 1
        narrow = round(float(rng.uniform(0.15, 0.4)), 2)
    high = round(float(rng.uniform(0.12, 0.3)), 2)
    mid = round(float(rng.uniform(0.3, 0.62)), 2)
    classes = {
        "high": (high, _two(rng.uniform(0.2, 0.4)), _two(scale * rng.uniform(14, 40))),
        "mid": (mid, _two(rng.uniform(0.12, 0.3)), _two(scale * rng.uniform(7, 16))),
        "low": (
            round(1 - high - mid, 2),
            _two(rng.uniform(0.05, 0.14)),
            _two(scale * rng.uniform(1, 3)),
        ),
    }
    return Queue(
        flagged=flagged,
        people=people,
        per_person=per_person,
        hourly=r.hourly,
        hours=r.hours,
        days=days,
        bands=bands,
        classes=classes,
        caught=round(float(rng.uniform(0.7, 0.88)), 2),
        hand_off=round(c.lantern.desk.hand_off, 2),
        narrow_share=narrow,
        hires=max(1, hires),
    )


def _two(value: float) -> float:
    return float(f"{value:.2g}")


def reading_plan(table: Any, world: int) -> dict[str, int] | None:
    """Read a plan from a saved table: answers to read in each band, at least two in every one.

    ``None`` as long as a row is missing, a band would not be read at all, or the plan asks for
    more than reviewers can read in a day.

    >>> reading_plan([{"row": b, "read": 60} for b in BANDS], 10)["b5"]
    60
    >>> reading_plan([{"row": b, "read": 600} for b in BANDS], 10) is None
    True
    """
    if not isinstance(table, list):
        return None
    rows: Mapping[Any, Any] = {r.get("row"): r.get("read") for r in table if isinstance(r, dict)}
    q = queue(world)
    plan = {}
    for name, band in q.bands.items():
        n = rows.get(name)
        if isinstance(n, bool) or not isinstance(n, int | float) or not 2 <= n <= band.answers:
            return None
        plan[name] = int(n)
    return plan if sum(plan.values()) <= q.capacity else None


def sample(world: int, plan: Mapping[str, int]) -> tuple[Read, ...]:
    """Return what a plan finds. Reading one more answer of a band changes no other reading.

    >>> one, two = sample(10, dict.fromkeys(BANDS, 60)), sample(10, dict.fromkeys(BANDS, 61))
    >>> all(0 <= b.bad - a.bad <= 1 for a, b in zip(one, two))
    True
    """
    found = []
    for name, band in queue(world).bands.items():
        rng = stream(world, "execution", "readings", name)
        bad = rng.random(band.answers) < band.error
        n = plan[name]
        found.append(Read(name, band.answers, n, int(bad[:n].sum())))
    return tuple(found)
