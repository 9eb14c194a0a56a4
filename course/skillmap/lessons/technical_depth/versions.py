"""Old and new version of the model on 200 frozen questions: which behavior changed?

Binary behaviors are counted in pairs (had it before only, has it now only); length and latency
come as a mean difference with its standard error. Drawn from the world's own update; in some
worlds the provider changed nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from skillmap.lessons.technical_depth.case import Case, case, sig
from skillmap.worlds import HOUSE, per_world, stream

__all__ = [
    "FROZEN",
    "NAMES",
    "Behavior",
    "Terms",
    "behaviors",
    "by_group",
    "terms",
    "truly",
]

FROZEN = 200
NAMES = {
    "length": "Length, words",
    "format": "Fare-card block does not parse",
    "citation": "Source line missing",
    "refusal": "Refuses",
    "accuracy": "Wrong, by two labelers",
    "latency": "Wait for the whole answer, seconds",
    "tone": "Judged curt",
    "language": "Answers in another language than asked",
    "apology": "Opens with an apology",
    "asks": "Asks back",
    "emoji": "Uses an emoji",
}
_BASE = {"format": 0.006, "citation": 0.01, "refusal": 0.06, "accuracy": 0.115, "tone": 0.10,
         "language": 0.012, "apology": 0.05, "asks": 0.08, "emoji": 0.03}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Behavior:
    """One row. Binary: ``before`` and ``after`` are shares, ``lost``/``gained`` discordant pairs.

    Continuous: ``before`` and ``after`` are means and ``error`` the standard error of the mean
    difference; the pair counts are 0.
    """

    key: str
    before: float
    after: float
    lost: int = 0
    gained: int = 0
    error: float = 0.0

    @property
    def z(self) -> float:
        """Standard errors of the difference; for pairs (gained - lost)/sqrt(gained + lost)."""
        if self.error:
            return (self.after - self.before) / self.error
        pairs = self.gained + self.lost
        return (self.gained - self.lost) / sqrt(pairs) if pairs else 0.0


@per_world
def panel(world: int) -> tuple[str, ...]:
    """Return the behaviors compared in a world: seven for everybody and one to four more."""
    rng = stream(world, "technical-depth", "panel")
    count = 1 if world == HOUSE else int(rng.integers(1, 5))
    return (*list(NAMES)[:7], *list(NAMES)[7 : 7 + count])


@per_world
def behaviors(world: int) -> tuple[Behavior, ...]:
    """Return the comparison of old and new on the frozen questions.

    >>> [b.key for b in behaviors(10)][:2]
    ['length', 'format']
    """
    c = case(world)
    rng = stream(world, "technical-depth", "versions")
    found = []
    changed = truly(world)
    bound = 0.05 / len(panel(world))
    for key in panel(world):
        while True:
            made = _one(c, key, rng)
            clear = erfc(abs(made.z) / sqrt(2)) < bound
            # A panel that errs either way would grade luck: noise stays noise, change is seen.
            if clear == (key in changed):
                break
        found.append(made)
    return tuple(found)


def _one(c: Case, key: str, rng: np.random.Generator) -> Behavior:
    u, n = c.lantern.update, FROZEN
    if key in {"length", "latency"}:
        spread = 0.30
        factor = u.length if u.real else 1.0
        words = 0.72 * c.lantern.written_tokens
        heron = c.lantern.tier("heron")
        per = words if key == "length" else c.lantern.written_tokens / heron.speed
        fixed = 0.0 if key == "length" else heron.ttft
        old = fixed + per * np.exp(rng.normal(0, 0.35, n) - 0.06)
        new = fixed + (old - fixed) * factor * np.exp(rng.normal(0, spread, n) - spread**2 / 2)
        gap = new - old
        return Behavior(
            key, sig(old.mean()), sig(new.mean()), error=sig(float(gap.std(ddof=1)) / sqrt(n), 2)
        )
    base, flips = _BASE[key], 0.5 * _BASE[key]
    extra = u.malformed if u.real and key == _broken(c) else 0.0
    had = int(rng.binomial(n, base))
    lost = int(rng.binomial(had, flips / base)) if had else 0
    gained = int(rng.binomial(n - had, flips + extra))
    return Behavior(key, had / n, (had - lost + gained) / n, lost, gained)


def _broken(c: Case) -> str:
    return "format" if c.lantern.update.broken == "fare card" else "citation"


def truly(world: int) -> frozenset[str]:
    """Return what the update changed; empty where the provider changed nothing.

    >>> sorted(truly(10))
    ['format', 'latency', 'length']
    """
    c = case(world)
    if not c.lantern.update.real:
        return frozenset()
    return frozenset({"length", "latency", _broken(c)})


@dataclass(frozen=True, slots=True)
class ByGroup:
    """One group of the frozen questions; ``longer`` is its answers' length over the mean."""

    asked: int
    format: int
    citation: int
    longer: float


@per_world
def by_group(world: int) -> tuple[ByGroup, ...]:
    """Return the frozen questions by group, S1 to S5; counts add up to those of the table.

    >>> sum(row.format for row in by_group(10)) == behaviors(10)[1].gained
    True
    """
    c = case(world)
    rng = stream(world, "technical-depth", "groups")
    shares = np.array(c.shares)
    asked = rng.multinomial(FROZEN, shares / shares.sum())
    rows = {b.key: b.gained for b in behaviors(world)}
    at = np.repeat(np.arange(5), asked)
    hit = {
        key: np.bincount(rng.choice(at, rows[key], replace=False), minlength=5)
        for key in ("format", "citation")
    }
    longer = (0.85, 1.0, 1.05, 1.25, 1.15)
    return tuple(
        ByGroup(int(asked[n]), int(hit["format"][n]), int(hit["citation"][n]), longer[n])
        for n in range(5)
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """What a changed behavior costs and what each response takes; thirty days count."""

    answered: float
    broken_cost: float
    longer_worth: float
    pin_cost: float
    pin_days: int
    patch_cost: float
    patch_days: int
    parser_cost: float
    parser_days: int
    back_cost: float


@per_world
def terms(world: int) -> Terms:
    """Return the terms of a world.

    >>> terms(10).pin_days
    24
    """
    c = case(world)
    rng = stream(world, "technical-depth", "terms")
    u = rng.uniform
    return Terms(
        answered=sig(c.daily * 0.9, 2),
        broken_cost=sig(float(u(0.15, 1.6)), 2),
        longer_worth=round(float(u(-0.02, 0.012)), 3),
        pin_cost=sig(float(u(2500, 7000)), 2),
        pin_days=24 if world == HOUSE else int(rng.integers(10, 29)),
        patch_cost=sig(float(u(600, 2500)), 2),
        patch_days=int(rng.integers(2, 7)),
        parser_cost=sig(float(u(1500, 5000)), 2),
        parser_days=int(rng.integers(4, 11)),
        back_cost=sig(float(u(1500, 4000)), 2),
    )
