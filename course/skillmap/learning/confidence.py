"""How sure a learner should be: bias of their predictions, Brier skill, coverage, and the words.

What is said has rules. Nothing is claimed from fewer than eight items or from a lean that chance
explains, and no learner is compared with others: regression to the mean alone makes those who
score low look overconfident.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.ids import ModuleId
from skillmap.learning.assessment import Claim
from skillmap.learning.evidence import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skillmap.learning.assessment import Said
    from skillmap.learning.calls import Call
    from skillmap.learning.evidence import Evidence, Weighed

__all__ = [
    "FEWEST",
    "Confidence",
    "Held",
    "Lean",
    "brier_skill",
    "by_urgency",
    "confidence",
    "confidence_of",
    "first_labs",
    "held",
    "lean",
]

FEWEST = 8
"""Items below which a lean is not spoken of."""
Z = 1.64
"""Standard errors that a lean has to exceed."""
_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
_ADVICE = {
    1: "Widen your ranges, and test what you feel sure of before you say it.",
    -1: "Claim it, and practice saying the number first.",
}


@dataclass(frozen=True, slots=True)
class Lean:
    """Mean of predicted minus actual in points, its standard error, on ``n`` items."""

    n: int
    bias: float = 0.0
    se: float = math.inf

    @property
    def sign(self) -> int:
        """1 for over, −1 for under, 0 where the evidence does not say."""
        if self.n < FEWEST or not abs(self.bias) > Z * self.se:
            return 0
        return 1 if self.bias > 0 else -1

    @property
    def words(self) -> str:
        """The lean in words, or that there is too little to speak of one.

        >>> Lean(9, 18, 7).words, Lean(9, -18, 7).words
        ('over by 18 ± 7 on nine items', 'under by 18 ± 7 on nine items')
        >>> Lean(7, 18, 1).words, Lean(20, 5, 7).words
        ('not enough evidence', 'not enough evidence')
        """
        if not self.sign:
            return "not enough evidence"
        side = "over" if self.sign > 0 else "under"
        count = _NUMBERS[self.n] if self.n < len(_NUMBERS) else str(self.n)
        return f"{side} by {abs(self.bias):.0f} ± {self.se:.0f} on {count} items"

    @property
    def advice(self) -> str:
        """One sentence for each sign, none where nothing can be said."""
        return _ADVICE.get(self.sign, "")


def lean(pairs: Sequence[tuple[float, float]]) -> Lean:
    """Return the lean of (predicted, actual) pairs in points; the error is sd / √n.

    >>> found = lean([(60, 50), (70, 50), (80, 50)])
    >>> found.bias, round(found.se, 2)
    (20.0, 5.77)
    """
    n = len(pairs)
    if not n:
        return Lean(0)
    apart = [predicted - actual for predicted, actual in pairs]
    bias = sum(apart) / n
    if n == 1:
        return Lean(1, bias)
    spread = math.sqrt(sum((d - bias) ** 2 for d in apart) / (n - 1))
    return Lean(n, bias, spread / math.sqrt(n))


def brier_skill(chances: Sequence[float], passed: Sequence[bool]) -> float | None:
    """Return 1 − Brier score / that of always saying one's own share of passes.

    Above 0 the stated chances know more than the share does. ``None`` if all or none passed,
    since then always saying the share cannot be beaten. Source: Brier (1950); skill as in Murphy
    (1973).

    >>> round(brier_skill([0.9, 0.8, 0.3], [True, True, False]), 2)
    0.79
    """
    if not chances or all(passed) or not any(passed):
        return None
    share = sum(passed) / len(passed)
    mine = sum((c - p) ** 2 for c, p in zip(chances, passed, strict=True))
    base = sum((share - p) ** 2 for p in passed)
    return 1 - mine / base


@dataclass(frozen=True, slots=True)
class Held:
    """How many 80% ranges held the truth; ``low`` and ``high`` are a 95% Wilson band."""

    held: int
    n: int
    low: float
    high: float

    @property
    def words(self) -> str:
        """What the count says, and no more than the band allows."""
        told = f"{self.held} of {self.n} of your 80% ranges held the truth"
        band = f"so few ranges fit anything from {self.low:.0%} to {self.high:.0%}"
        if self.high < 0.8:
            return f"{told}: too narrow ({band}). {_ADVICE[1]}"
        if self.low > 0.8:
            return f"{told}: wider than they need to be ({band})."
        return f"{told}, which fits 80% ({band})."


def held(hits: int, n: int) -> Held | None:
    """Return the coverage of 80% ranges; ``None`` without any.

    >>> held(6, 12).words.split(":")[0]
    '6 of 12 of your 80% ranges held the truth'
    """
    if not n:
        return None
    from skillmap.stats import wilson_interval

    return Held(hits, n, *wilson_interval(hits, n))


@dataclass(frozen=True, slots=True)
class Confidence:
    """One competency, or all of them together if ``competency`` is ``None``."""

    competency: ModuleId | None
    lean: Lean
    skill: float | None
    chances: int
    coverage: Held | None

    @property
    def chance_words(self) -> str:
        """What the stated chances are worth, and no more than their number allows."""
        if self.chances < FEWEST:
            return f"{self.chances} stated so far; from {FEWEST} on they can be judged."
        if self.skill is None:
            return f"{self.chances} stated, and all came out the same way: nothing to tell apart."
        more = "more" if self.skill > 0 else "no more"
        return (
            f"what you stated knows {more} than your own share of right ones does "
            f"(Brier skill {self.skill:.2f} on {self.chances})."
        )


def confidence_of(
    tries: Iterable[Evidence],
    competency: ModuleId | None = None,
    said: Said | None = None,
    calls: Iterable[Call] = (),
) -> Confidence:
    """Return how sure a learner was on first tries, before any feedback on the item.

    ``calls`` are first answers to the quiz of traps, each with the chance of being right.

    A prediction made in the self-assessment stands in for the first lab's if that has none and
    the self-assessment came first.
    """
    mine = [t for t in tries if competency is None or t.competency is competency]
    pairs = [(t.predicted, t.score) for t in mine if t.predicted is not None]
    for one in _first_labs(mine):
        told = said.predicted.get(one.competency) if said else None
        if one.predicted is None and told and told[1] <= one.at:
            pairs.append((told[0], one.score))
    stated = [(t.chance, t.passed) for t in mine if t.chance is not None and t.passed is not None]
    stated += [(c.chance, c.right) for c in calls]
    return Confidence(
        competency,
        lean(pairs),
        brier_skill([c for c, _ in stated], [p for _, p in stated]),
        len(stated),
        held(sum(t.held for t in mine), sum(t.ranges for t in mine)),
    )


def _first_labs(tries: Sequence[Evidence]) -> list[Evidence]:
    found: dict[ModuleId, Evidence] = {}
    for one in tries:
        if one.kind is Kind.LAB:
            other = found.get(one.competency)
            if other is None or (one.at, one.id) < (other.at, other.id):
                found[one.competency] = one
    return list(found.values())


def first_labs(tries: Iterable[Evidence], said: Said) -> tuple[tuple[ModuleId, float, float], ...]:
    """Return (competency, predicted, actual) of each first lab that the learner predicted."""
    return tuple(
        (one.competency, said.predicted[one.competency][0], one.score)
        for one in sorted(
            _first_labs(list(tries)), key=lambda t: list(ModuleId).index(t.competency)
        )
        if one.competency in said.predicted and said.predicted[one.competency][1] <= one.at
    )


def confidence(weighed: Weighed, said: Said, calls: Iterable[Call] = ()) -> tuple[Confidence, ...]:
    """Return all competencies together, ``calls`` included, then each of the eight."""
    return (
        confidence_of(weighed.first_tries, None, said, calls),
        *(confidence_of(weighed.first_tries, c, said) for c in ModuleId),
    )


def by_urgency(found: Iterable[Confidence], said: Said) -> tuple[Confidence, ...]:
    """Return the competencies that lean: overconfident Strong first, underconfident last."""

    def rank(one: Confidence) -> tuple[int, float]:
        assert one.competency is not None
        strong = said.claim(one.competency) is Claim.STRONG
        if one.lean.sign > 0:
            return (0 if strong else 1), -abs(one.lean.bias)
        return 2, -abs(one.lean.bias)

    return tuple(sorted((c for c in found if c.competency and c.lean.sign), key=rank))
