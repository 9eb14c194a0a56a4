"""A learner's levels on four anchor answers beside the reference: agreement, and the shift.

The shift corrects self-scores later: who is generous to strangers is generous to themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.errors import AnswerError
from skillmap.learning.evidence import Evidence, Kind

if TYPE_CHECKING:
    from datetime import datetime

    from skillmap.bank import Question
    from skillmap.bank.anchors import Anchor

__all__ = ["Agreement", "agreement", "levels_of", "shift_evidence"]

Levels = Mapping[str, int]
_WIDE = 8
"""Points of a hundred from which a shift is called one."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Levels given and referred to, cell by cell.

    ``exact`` and ``adjacent`` are shares of cells equal and at most one level apart. ``given`` and
    ``reference`` are mean percents over the four answers; ``shift`` is their difference in points.
    """

    exact: float
    adjacent: float
    given: float
    reference: float
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]

    @property
    def shift(self) -> float:
        """How many points of a hundred above the reference; below it if negative."""
        return self.given - self.reference

    @property
    def words(self) -> str:
        """What came of it, and what to do about it."""
        told = (
            f"{self.exact:.0%} of your levels are the reference's, {self.adjacent:.0%} within one."
        )
        if abs(self.shift) < _WIDE:
            return f"{told} On the whole you are neither strict nor generous."
        if self.shift > 0:
            return (
                f"{told} You gave {self.shift:.0f} points of a hundred more: you credit what an "
                "answer could mean. Ask of each sentence what it says."
            )
        return (
            f"{told} You gave {-self.shift:.0f} points of a hundred fewer: plain words and odd "
            "orders can hold the right step. Look for what is done, not for how it is named."
        )


def levels_of(text: str, found: Question) -> dict[str, int]:
    """Read levels typed in the order of the criteria, such as ``2 1 0 2 1`` or ``21021``.

    >>> from skillmap.bank import question
    >>> levels_of("2 1 0 2 1", question("ps.q2"))
    {'c1': 2, 'c2': 1, 'c3': 0, 'c4': 2, 'c5': 1}
    """
    digits = [char for char in text if not char.isspace() and char not in ",;"]
    wanted = len(found.criteria)
    if len(digits) != wanted or not set(digits) <= set("012"):
        raise AnswerError(
            "Levels", f"got {text.strip()!r:.40}", f"Type {wanted} digits, each 0, 1 or 2."
        )
    return {c.id: int(digit) for c, digit in zip(found.criteria, digits, strict=True)}


def agreement(found: Question, four: Sequence[Anchor], given: Sequence[Levels]) -> Agreement:
    """Compare levels given to the anchors, in their order, with the reference.

    >>> from skillmap.bank.anchors import anchors
    >>> found, four = anchors("ev.q1")
    >>> agreement(found, four, [one.levels for one in four]).exact
    1.0
    """
    rows = tuple(
        (
            c.name,
            tuple((mine[c.id], one.levels[c.id]) for mine, one in zip(given, four, strict=True)),
        )
        for c in found.criteria
    )
    cells = [cell for _, row in rows for cell in row]
    n = len(cells)
    return Agreement(
        sum(a == b for a, b in cells) / n,
        sum(abs(a - b) <= 1 for a, b in cells) / n,
        50 * sum(a for a, _ in cells) / n,
        50 * sum(b for _, b in cells) / n,
        rows,
    )


def shift_evidence(found: Question, result: Agreement, now: datetime, learner: str) -> Evidence:
    """Return the result as evidence: it moves self-scores, and no competency."""
    return Evidence(
        f"{found.id}.anchors", Kind.ANCHOR, round(result.given, 2), now, learner,
        reference=round(result.reference, 2),
    )  # fmt: skip
