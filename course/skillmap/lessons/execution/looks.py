"""A trial with planned looks: the guardrail's path, the split of people, and dice for practice.

The guardrail is the dollars of harm that style B adds for a question shown. Its estimate has a
standard error that falls with the root of the looks taken; its standardized value is what the
team watches. In about one world in five people of one platform are missing from arm B, so that
the split is broken and nothing measured on it means anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import erf, exp, pi, sqrt
from typing import TYPE_CHECKING

from skillmap.worlds import HOUSE, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

__all__ = ["OPTIONS", "PLATFORMS", "Trial", "aa_table", "trial", "values"]

OPTIONS = ("continue", "stop", "restart", "ship")
PLATFORMS = ("Android", "iOS", "web")
POCOCK = {4: 2.361, 5: 2.413, 6: 2.453, 8: 2.512, 10: 2.555, 12: 2.588}
"""Flat bounds for 5% over equal looks; Pocock (1977), recomputed in the tests."""
_MIX = (0.46, 0.36, 0.18)


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
    broken: bool
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


@cache
def trial(world: int) -> Trial:
    """Return the trial of a world.

    >>> t = trial(10)
    >>> t.looks, t.at, t.z > 1.96, t.broken
    (10, 3, True, False)
    """
    rng = stream(world, "execution", "trial")
    roll = 0.5 if world == HOUSE else rng.random()
    kind = "broken" if roll < 0.2 else "noise" if roll < 0.62 else "real"
    while True:
        looks = 10 if world == HOUSE else int(rng.choice(list(POCOCK)))
        at = 3 if world == HOUSE else int(rng.integers(2, looks - 1))
        made = _drawn(rng, kind, looks, at)
        worth = values(made)
        best = max(worth, key=lambda name: worth[name])
        second = sorted(worth.values())[-2]
        wanted = {"broken": "restart", "noise": "continue", "real": "stop"}[kind]
        if best == wanted and worth[best] - second > 0.08 * made.error:
            return made


def _drawn(rng: Generator, kind: str, looks: int, at: int) -> Trial:
    bound = POCOCK[looks]
    if kind == "noise":
        z = rng.uniform(2.0, bound - 0.1)
    elif kind == "real":
        z = rng.uniform(bound + 0.15, bound + 1.0)
    else:
        z = rng.uniform(2.0, bound + 0.8)
    error = float(f"{rng.uniform(0.4, 1.2):.2g}")
    return Trial(
        looks=looks,
        at=at,
        path=_path(rng, at, round(float(z), 2)),
        people=_people(rng, broken=kind == "broken"),
        broken=kind == "broken",
        error=error,
        spread=float(f"{error * rng.uniform(0.7, 1.4):.2g}"),
        benefit=float(f"{error * rng.uniform(0.15, 1.0):.2g}"),
        after=float(rng.integers(4, 9)),
        again=float(f"{error * rng.uniform(0.05, 0.2):.1g}"),
    )


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


def values(t: Trial) -> dict[str, float]:
    """Return what each option is worth, in cents times the trial's questions.

    True harm in past trials is normal around 0 with ``spread``; the look updates it, unless the
    split is broken. Going on keeps the right to decide better later.
    """
    done = t.at / t.looks
    noise = t.error**2 / done
    prior = t.spread**2
    if t.broken:
        mean, var = 0.0, prior
    else:
        mean = prior / (prior + noise) * t.z * sqrt(noise)
        var = 1 / (1 / prior + 1 / noise)
    gap = t.benefit - mean
    fresh = sqrt(var - 1 / (1 / var + 1 / t.error**2))
    if t.broken:
        going = gap * (1 - done) + t.after * 0.5 * gap
    else:
        final = 1 / (1 / prior + 1 / t.error**2)
        going = gap * (1 - done) + t.after * _option(gap, sqrt(max(var - final, 1e-12)))
    return {
        "continue": going,
        "stop": 0.0,
        "restart": -t.again + gap + (t.after - done) * _option(gap, fresh),
        "ship": gap * (t.after + 1 - done),
    }


def _option(mean: float, sd: float) -> float:
    """E max(0, X) for X normal: the value of deciding after one has seen."""
    u = mean / sd
    return sd * exp(-u * u / 2) / sqrt(2 * pi) + mean * 0.5 * (1 + erf(u / sqrt(2)))


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
