"""Lantern's clock: whole days, forward only, and an end."""

from __future__ import annotations

from dataclasses import dataclass

from skillmap.errors import ActionRefusedError
from skillmap.lantern.settings import whole
from skillmap.lantern.world import DAYS

__all__ = ["Clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The next day to be lived; ``last`` is the first day that does not exist.

    >>> Clock().after(3)
    Clock(day=3, last=120)
    """

    day: int = 0
    last: int = DAYS

    def after(self, days: int) -> Clock:
        """Return the clock ``days`` later; refuse nonsense and anything past the end."""
        days = whole("The number of days to run", days, 1)
        left = self.last - self.day
        if days > left:
            raise ActionRefusedError(
                f"You asked for {days} days and {left} are left before the board review on day "
                f"{self.last}. Run {left} or fewer."
                if left
                else f"Day {self.last} has passed: the board has met. Start a new run."
            )
        return Clock(self.day + days, self.last)
