"""A trial with planned looks: the guardrail's path, the split of people, and dice for practice.

The guardrail is the dollars of harm that style B adds for a question shown. Its estimate has a
standard error that falls with the root of the looks taken; its standardized value is what the
team watches. In about one world in five people of one platform are missing from arm B, so that
the split is broken and nothing measured on it means anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

__all__ = ["OPTIONS", "PLATFORMS", "Trial", "aa_table", "trial"]

OPTIONS = ("continue", "stop", "restart", "ship")
PLATFORMS = ("Android", "iOS", "web")
POCOCK = {4: 2.361, 5: 2.413, 6: 2.453, 8: 2.512, 10: 2.555, 12: 2.588}
"""Flat bounds for 5% over equal looks; Pocock (1977), recomputed in the tests."""
_MIX = (0.46, 0.36, 0.18)
_SHAPES = {
    "noise": ((0.8, 0.95), (0.8, 0.9)),
    "real": ((0.15, 0.4), (0.9, 1.4)),
    "broken": ((0.15, 0.3), (1.0, 1.4)),
}
"""Benefit and spread, in standard errors, for which one option is clearly best; tests check it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial up to the look at which the guardrail crosses 1.96.

    ``path`` standardized values at looks 1 to ``at``; ``people`` counts (A, B) by platform.
    ``error`` is the standard error, in cents a question, after all looks; ``spread`` the standard
    deviation of true effects in past trials, ``benefit`` what B saves, both in cents a question.
    ``after`` counts the questions it would be used for later, in trials' worth; ``again`` is the
    cost of a restart in cents a question of one trial.
    """

    looks: int
    at: int
    path: tuple[float, ...]
    people: tuple[tuple[int, int], ...]
    error: float
    spread: float
    benefit: float
    after: float
    again: float

    @property
    def z(self) -> float:
        """The guardrail at the last look taken."""
        return self.path[-1]

    @property
    def arms(self) -> tuple[int, int]:
        """People in A and in B."""
        return sum(a for a, _ in self.people), sum(b for _, b in self.people)


@per_world
def trial(world: int) -> Trial:
    """Return the trial of a world.

    >>> t = trial(10)
    >>> t.looks, t.at, t.z > 1.96
    (10, 3, True)
    """
    rng = stream(world, "execution", "trial")
    roll = 0.5 if world == HOUSE else rng.random()
    kind = "broken" if roll < 0.2 else "noise" if roll < 0.62 else "real"
    looks = 10 if world == HOUSE else int(rng.choice(list(POCOCK)))
    at = 3 if world == HOUSE else int(rng.integers(2, looks // 2 + 1))
    bound = POCOCK[looks]
    if kind == "noise":
        z = rng.uniform(2.0, bound - 0.1)
    elif kind == "real":
        z = rng.uniform(bound + 0.15, bound + 1.0)
    else:
        z = rng.uniform(2.0, bound + 0.8)
    error = float(rng.uniform(0.4, 1.2))
    (b0, b1), (s0, s1) = _SHAPES[kind]
    return Trial(
        looks=looks,
        at=at,
        path=_path(rng, at, round(float(z), 2)),
        people=_people(rng, broken=kind == "broken"),
        error=_two(error),
        spread=_two(error * rng.uniform(s0, s1)),
        benefit=_two(error * rng.uniform(b0, b1)),
        after=float(rng.integers(4, 8)),
        again=_two(error * rng.uniform(0.29, 0.41)),
    )


def _two(value: float) -> float:
    """Round to two digits, as a trial plan would."""
    return float(f"{value:.2g}")


def _path(rng: Generator, at: int, z: float) -> tuple[float, ...]:
    """Return a path of standardized values that ends at ``z`` and stays inside 1.96 before."""
    import numpy as np

    times = np.arange(1, at + 1) / at
    for _ in range(2_000):
        steps = rng.standard_normal(at) / np.sqrt(at)
        walk = np.cumsum(steps)
        bridge = walk - times * walk[-1] + times * z
        scaled = bridge / np.sqrt(times)
        if at == 1 or bool((np.abs(scaled[:-1]) < 1.95).all()):
            return (*(round(float(v), 2) for v in scaled[:-1]), z)
    return (*(round(1.9 * float(t), 2) for t in times[:-1]), z)


def _people(rng: Generator, *, broken: bool) -> tuple[tuple[int, int], ...]:
    """Return people in A and B by platform; where broken, one platform loses people of B."""
    while True:
        each = rng.integers(9_000, 36_000)
        sick = int(rng.integers(0, 2))
        lost = rng.uniform(0.05, 0.13)
        rows = []
        for at, share in enumerate(_MIX):
            n = int(2 * each * share)
            b = int(rng.binomial(n, 0.5))
            kept = int(b * (1 - lost)) if broken and at == sick else b
            rows.append((n - b, kept))
        a, b = sum(r[0] for r in rows), sum(r[1] for r in rows)
        chi = (a - b) ** 2 / (a + b)
        if (chi > 16) if broken else (chi < 5):
            return tuple(rows)


def aa_table(
    world: int, looks: int, bounds: Sequence[float], n: int = 40_000
) -> dict[float, float]:
    """Share of ``n`` trials without any difference that cross a bound at one look or more.

    >>> share = aa_table(10, 10, [1.96])[1.96]
    >>> 0.18 < share < 0.21
    True
    """
    import numpy as np

    rng = stream(world, "execution", "aa", looks)
    walk = np.cumsum(rng.standard_normal((n, looks), dtype=np.float32), axis=1)
    top = np.abs(walk / np.sqrt(np.arange(1, looks + 1))).max(axis=1)
    return {bound: float((top > bound).mean()) for bound in bounds}
