"""The texts of a criterion that answers are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Rubric", "RubricCriterion", "criterion_texts"]


class RubricCriterion(Protocol):
    """What is read of a criterion; ``skillmap.bank.Criterion`` is one."""

    @property
    def id(self) -> str:
        """``c1`` and so on."""

    @property
    def name(self) -> str:
        """The name a reader sees."""

    @property
    def levels(self) -> Sequence[str]:
        """What answers at level 0, 1 and 2 do."""

    @property
    def strong(self) -> str:
        """A sentence at level 2, or nothing."""

    @property
    def weak(self) -> str:
        """A sentence at level 0, or nothing."""


class Rubric(Protocol):
    """What is read of a question; ``skillmap.bank.Question`` is one."""

    @property
    def id(self) -> str:
        """The question's id."""

    @property
    def text(self) -> str:
        """What is asked."""

    @property
    def criteria(self) -> Sequence[RubricCriterion]:
        """The rows of the rubric."""


def criterion_texts(criterion: RubricCriterion) -> tuple[str, str, str, str, str]:
    """Return the three levels, a strong and a weak sentence; a level stands in for what is missing.

    >>> from skillmap.bank import question
    >>> criterion_texts(question("es.q2").criteria[1])[4]
    'Take the users and multiply by a dollar each.'
    """
    low, middle, high = criterion.levels
    return (
        f"{criterion.name}: {low}",
        f"{criterion.name}: {middle}",
        f"{criterion.name}: {high}",
        criterion.strong or high,
        criterion.weak or low,
    )
