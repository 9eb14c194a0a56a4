"""What a grader returns: a frozen value that prints nothing and hides nothing it should say."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmap.ids import ItemId


__all__ = ["Criterion", "Feedback", "Outcome"]


class Outcome(StrEnum):
    """How an answer stands. Blank is not wrong, and review is not a zero."""

    BLANK = "blank"
    NOT_YET = "not yet"
    PARTLY = "partly"
    MET = "met"
    NEEDS_REVIEW = "needs review"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that was looked for in an answer.

    ``seen`` is what the learner gave, in words. ``looked_for`` says what a good answer has and
    is safe to show at any time. ``advice`` says where to look next, never the reference value.
    ``key`` is the reference in words; it is shown only once the item is closed.
    """

    name: str
    outcome: Outcome
    points: float
    maximum: float
    seen: str = ""
    looked_for: str = ""
    advice: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The result for one graded item; points are on the item's own scale.

    ``needs_review`` points are provisional: a person settles them. ``flags`` are for the
    instructor (``"world: names 813, graded in 99"``). ``worked`` is Markdown, shown when closed.
    """

    item: ItemId
    outcome: Outcome
    points: float
    maximum: float
    criteria: tuple[Criterion, ...] = ()
    evidence: tuple[str, ...] = ()
    advice: str = ""
    flags: tuple[str, ...] = ()
    predicted: float | None = None
    worked: str = ""
    measures: dict[str, Any] = field(default_factory=dict)

    @property
    def percent(self) -> float:
        """Points as a share of the maximum, 0 to 100."""
        return 100.0 * self.points / self.maximum if self.maximum else 0.0
