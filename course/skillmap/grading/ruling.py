"""What a rule found: its checks, and how much of each holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Check", "Ruling"]


@dataclass(frozen=True, slots=True)
class Check:
    """One component of a rule: the share of it that holds, 0 to 1."""

    name: str
    share: float

    @property
    def passed(self) -> bool:
        """Whether it holds in full."""
        return self.share >= 1.0


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule found."""

    rule: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every component holds."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the components that do not hold in full."""
        return tuple(check.name for check in self.checks if not check.passed)

    @property
    def share(self) -> float:
        """Mean share over the components."""
        return sum(check.share for check in self.checks) / len(self.checks)

    def __getitem__(self, name: str) -> float:
        return next(check.share for check in self.checks if check.name == name)
