"""What calls to a paid model may cost: an estimate before, a limit that no call may pass."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from skillmap.errors import SkillMapError

__all__ = ["Budget", "BudgetReachedError", "Estimate", "Prices"]

_PER_MILLION = 1e6


class BudgetReachedError(SkillMapError):
    """The next call could pass the limit, so it is not made. What is done is kept."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a million tokens read and written, as your provider's page says."""

    read: float
    written: float

    def dollars(self, read: float, written: float) -> float:
        """Return what so many tokens cost.

        >>> Prices(2.0, 10.0).dollars(500_000, 100_000)
        2.0
        """
        return (read * self.read + written * self.written) / _PER_MILLION


@dataclass(frozen=True, slots=True)
class Estimate:
    """Before a run: calls to make, dollars as usual and at worst, and minutes one after another."""

    calls: int
    usual: float
    worst: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.calls:,} calls, about ${self.usual:.2f} and at most ${self.worst:.2f}; "
            f"some {max(1, round(self.seconds / 60))} minutes"
        )


def most_tokens(text: str) -> int:
    """Return more tokens than any common tokenizer makes of a text: one for each byte of UTF-8."""
    return len(text.encode("utf-8", "replace")) + 16


def usual_tokens(text: str) -> int:
    """Return about as many tokens as a text has: one for four characters."""
    return len(text) // 4 + 8


@dataclass
class Budget:
    """Money of one run. ``reserve`` before a call, ``settle`` after it; safe between threads.

    >>> budget = Budget(0.01, Prices(1.0, 1.0))
    >>> held = budget.reserve(4_000, 1_000)
    >>> budget.settle(held, 2_000, 500)
    >>> round(budget.spent, 4)
    0.0025
    """

    limit: float
    prices: Prices
    spent: float = 0.0
    held: float = 0.0
    calls: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def reserve(self, read: int, written: int) -> float:
        """Hold the worst case of a call; raise ``BudgetReachedError`` if that passes the limit."""
        worst = self.prices.dollars(read, written)
        with self._lock:
            if self.spent + self.held + worst > self.limit:
                raise BudgetReachedError(
                    f"${self.spent:.4f} of ${self.limit:.2f} is spent, and the next call could "
                    f"take ${worst:.4f}. What is done is kept; raise --limit to go on."
                )
            self.held += worst
            self.calls += 1
        return worst

    def settle(self, held: float, read: float, written: float) -> None:
        """Book a call that is over, at no more than was held for it."""
        with self._lock:
            self.held = max(0.0, self.held - held)
            self.spent += min(held, self.prices.dollars(read, written))
