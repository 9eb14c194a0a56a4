"""What happens when: the days on which the world acts, and what a PM is told of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.lantern.retrieval import DAY_ZERO

if TYPE_CHECKING:
    from skillmap.lantern.world import World

__all__ = ["Event", "announcements", "date_of", "is_weekend", "storm_on"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the event log: the day it is announced, a short name and what is said."""

    day: int
    name: str
    says: str


def date_of(day: int) -> dt.date:
    """Return the date of a day; day 0 is Monday, March 2, 2026.

    >>> date_of(0).strftime("%A")
    'Monday'
    """
    return DAY_ZERO + dt.timedelta(days=day)


def is_weekend(day: int) -> bool:
    """Whether the day is a Saturday or Sunday.

    >>> [is_weekend(day) for day in (4, 5)]
    [False, True]
    """
    return date_of(day).weekday() >= 5


def storm_on(world: World, day: int) -> int | None:
    """Return the position of the day among the storm days, or ``None`` on other days."""
    days = world.calendar.storm_days
    return days.index(day) if day in days else None


def announcements(world: World) -> tuple[Event, ...]:
    """Return everything a PM is told, in order. The provider's alias move is not among it."""
    c = world.calendar
    falls = c.price_factor < 1
    price = (
        f"The provider cuts its list prices to {c.price_factor:.0%} of what they were."
        if falls
        else "The provider cancels the price increase that it had announced."
    )
    fare = () if world.update.real else (Event(c.alias_move, "fares", _FARE_CHANGE),)
    storms = tuple(
        Event(day, "storm", "Amber or Red warning: services are suspended in several provinces.")
        for day in c.storm_days
    )
    told = (
        Event(0, "dogfood", "Employees try Lantern."),
        Event(6, "exposure", "The first customers see Lantern."),
        Event(c.policy_edit, "policy", "The help center publishes the spring rules."),
        Event(c.memo, "memo", "Finance asks what model spend buys."),
        *fare,
        *storms,
        Event(c.notice, "retirement", "The dated model snapshot will retire on day 110."),
        Event(c.rival, "rival", "The rival app ships answers of Condor's quality."),
        Event(c.price_day, "prices", price),
        Event(c.renewal, "renewal", "The provider offers 30% off for a two-year exclusive."),
        Event(c.review, "board", "The board reviews 120 days of Lantern."),
    )
    return tuple(sorted(told, key=lambda event: event.day))


_FARE_CHANGE = "The operators raise fares; the app shows the new prices."
