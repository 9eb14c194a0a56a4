"""Where a learner stands: an estimate with its uncertainty, a label, and gaps between the two.

A claim is a weak prior, worth three units of evidence; results pull the estimate away from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from skillmap.ids import ModuleId
from skillmap.learning.assessment import PRIORS, Claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skillmap.learning.assessment import Said
    from skillmap.learning.evidence import Counted, Weighed

__all__ = [
    "ENOUGH",
    "PRIOR_WEIGHT",
    "Z80",
    "Standing",
    "estimate",
    "label_of",
    "map_of",
    "months_since",
    "score_that_costs",
    "score_that_moves",
    "standing",
]

PRIOR_WEIGHT = 3.0
"""Weight of a claim beside the evidence."""
SPREAD = 18.0
"""Standard deviation of one unit of evidence, in points: a design value of this course."""
ENOUGH = 3.0
"""Weight of evidence below which a label is unproven."""
GAP_WEIGHT, GAP_POINTS = 4.0, 20.0
"""Weight and distance from the claim from which a gap or a strength is called hidden."""
Z80 = 1.28
"""Standard errors on each side of an 80% band."""
STRONG, BLIND, SURE = 75.0, 45.0, 65.0
"""Strong from here on, blind spot below here, and what the low end of Strong must reach."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One competency: ``m`` and ``se`` in points (0 to 100), ``weight`` of all evidence.

    ``measured`` is the weighted mean of the evidence alone, ``claimed`` whether the learner said
    where they stand (otherwise it counts as a blind spot), ``last`` the newest result's time.
    """

    competency: ModuleId
    claim: Claim
    claimed: bool
    m: float
    se: float
    weight: float
    measured: float | None = None
    results: int = 0
    last: datetime | None = None

    @property
    def prior(self) -> float:
        """Where the claim alone puts it."""
        return PRIORS[self.claim]

    @property
    def label(self) -> Claim:
        """Strong, developing or blind spot, by what is known now."""
        return label_of(self.m, self.se)

    @property
    def unproven(self) -> bool:
        """Whether there is too little evidence to trust the label."""
        return self.weight < ENOUGH - 1e-9

    @property
    def hidden_gap(self) -> bool:
        """Whether enough evidence lies twenty points or more below the claim."""
        return self._apart(-1)

    @property
    def hidden_strength(self) -> bool:
        """Whether enough evidence lies twenty points or more above the claim."""
        return self._apart(+1)

    def _apart(self, sign: int) -> bool:
        if self.measured is None or self.weight < GAP_WEIGHT - 1e-9:
            return False
        return sign * (self.measured - self.prior) >= GAP_POINTS - 1e-9

    @property
    def band(self) -> tuple[float, float]:
        """The 80% band, inside 0 to 100."""
        return max(0.0, self.m - Z80 * self.se), min(100.0, self.m + Z80 * self.se)

    @property
    def words(self) -> str:
        """The label with what has to be said beside it.

        >>> standing(ModuleId.EVALS, Claim.STRONG, ()).words
        'Strong, unproven'
        """
        more = ["hidden gap"] * self.hidden_gap + ["hidden strength"] * self.hidden_strength
        more += ["unproven"] * self.unproven
        return ", ".join([self.label.words, *more])


def estimate(prior: float, results: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the estimate and its standard error from a prior and (score, weight) pairs.

    m = (3·m₀ + Σwx) / (3 + Σw), se = 18 / √(3 + Σw): a normal prior worth three observations.

    >>> found = estimate(80, [(40, 1.5), (55, 1.5), (70, 1.0), (50, 0.7)])
    >>> [round(value, 1) for value in found]
    [63.3, 6.5]
    """
    total = PRIOR_WEIGHT + sum(w for _, w in results)
    m = (PRIOR_WEIGHT * prior + sum(w * x for x, w in results)) / total
    return m, SPREAD / math.sqrt(total)


def label_of(m: float, se: float) -> Claim:
    """Return the label: blind spot below 45, strong from 75 if its low end reaches 65.

    >>> label_of(75, 7.8).words, label_of(75, 7.9).words, label_of(44.9, 5).words
    ('Strong', 'Developing', 'Blind spot')
    """
    if m < BLIND - 1e-9:
        return Claim.BLIND_SPOT
    if m >= STRONG - 1e-9 and m - Z80 * se >= SURE - 1e-9:
        return Claim.STRONG
    return Claim.DEVELOPING


def standing(
    competency: ModuleId, claim: Claim, counted: Sequence[Counted], *, claimed: bool = True
) -> Standing:
    """Return where one competency stands from its claim and the results that count."""
    scores = [(c.x, c.weight) for c in counted if c.weight]
    m, se = estimate(PRIORS[claim], scores)
    weight = sum(w for _, w in scores)
    measured = sum(w * x for x, w in scores) / weight if weight else None
    last = max((c.evidence.at for c in counted if c.weight), default=None)
    return Standing(competency, claim, claimed, m, se, weight, measured, len(scores), last)


def map_of(said: Said, weighed: Weighed) -> tuple[Standing, ...]:
    """Return all eight competencies in the order of the guide."""
    return tuple(
        standing(c, said.claim(c), weighed.of(c), claimed=c in said.claims) for c in ModuleId
    )


_ORDER = (Claim.BLIND_SPOT, Claim.DEVELOPING, Claim.STRONG)


def score_that_moves(now: Standing, weight: float, *, times: int = 1) -> int | None:
    """Return the lowest whole score on new evidence that lifts the label; ``None`` if none does.

    ``times`` results of this ``weight`` come in together, each with that score.

    >>> score_that_moves(standing(ModuleId.EVALS, Claim.BLIND_SPOT, ()), 1.5)
    75
    """
    for score in range(101):
        total = PRIOR_WEIGHT + now.weight + times * weight
        m = ((PRIOR_WEIGHT + now.weight) * now.m + times * weight * score) / total
        if _ORDER.index(label_of(m, SPREAD / math.sqrt(total))) > _ORDER.index(now.label):
            return score
    return None


def score_that_costs(now: Standing, weight: float) -> int | None:
    """Return the highest whole score that would take the label down; ``None`` if none does.

    >>> score_that_costs(standing(ModuleId.EVALS, Claim.STRONG, ()), 1.0)
    66
    """
    for score in range(100, -1, -1):
        total = PRIOR_WEIGHT + now.weight + weight
        m = ((PRIOR_WEIGHT + now.weight) * now.m + weight * score) / total
        if _ORDER.index(label_of(m, SPREAD / math.sqrt(total))) < _ORDER.index(now.label):
            return score
    return None


def months_since(last: datetime | None, now: datetime) -> float:
    """Return months of thirty days since the newest evidence; three if there is none at all."""
    return 3.0 if last is None else max(0.0, (now - last) / timedelta(days=30))
