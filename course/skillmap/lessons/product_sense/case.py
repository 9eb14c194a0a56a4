"""The Product sense case of one world: people, prices of errors, and three estimates.

Segments, volume and desk are Lantern's own parameters; the rest is drawn here from streams of its
own. Everything is invented for this course. House figures are those of the course specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.lantern import parameters
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from skillmap.lantern.world import World

__all__ = ["SEGMENTS", "Case", "Clarify", "Group", "Stale", "Wrong", "case", "two"]

SEGMENTS = ("S1", "S2", "S3", "S4", "S5")
TITLES = {
    "S1": "Regulars",
    "S2": "Leisure guests",
    "S3": "Visitors",
    "S4": "Arrangers",
    "S5": "Assisted travelers",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of people: share of Ask, dollars of harm of a wrong answer acted on."""

    key: str
    title: str
    share: float
    harm: float


@dataclass(frozen=True, slots=True)
class Wrong:
    """PS-E1: wrong answers that one group acts on in a month. Shares from 0 to 1."""

    group: str
    answered: float
    error: float
    acted: float


@dataclass(frozen=True, slots=True)
class Stale:
    """PS-E2: people touched by an outdated article; ``budget`` and ``letter`` in dollars."""

    intent: float
    stale: float
    acted: float
    days: float
    letter: float
    budget: float


@dataclass(frozen=True, slots=True)
class Clarify:
    """PS-E3: one clarifying question. Shares of ambiguous questions; ``harm`` in dollars."""

    ambiguous: float
    cut: float
    acted: float
    harm: float
    dropped: float


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one world that more than one file needs. Money in dollars."""

    world: int
    lantern: World
    questions: float
    hand_off: float
    groups: dict[str, Group]
    wrong: Wrong
    stale: Stale
    clarify: Clarify

    @property
    def daily(self) -> float:
        """Ask questions a day."""
        return self.questions / 30

    @property
    def mean_harm(self) -> float:
        """Harm of a wrong answer acted on, averaged over questions of everybody."""
        return sum(g.share * g.harm for g in self.groups.values())


def two(value: float) -> float:
    """Round to two significant figures.

    >>> two(0.0123), two(4_321)
    (0.012, 4300.0)
    """
    return float(f"{value:.2g}")


@per_world
def case(world: int) -> Case:
    """Return the case of a world.

    >>> c = case(10)
    >>> round(c.questions), round(c.hand_off, 2), c.wrong.group
    (420000, 6.87, 'S3')
    """
    lantern = parameters(world)
    groups = {s.name: Group(s.name, TITLES[s.name], s.share, s.harm) for s in lantern.segments}
    questions = float(lantern.scale.questions)
    hand_off = round(float(lantern.desk.hand_off), 2)
    return Case(
        world=world,
        lantern=lantern,
        questions=questions,
        hand_off=hand_off,
        groups=groups,
        wrong=_wrong(world),
        stale=_stale(world, questions / 30),
        clarify=_clarify(world, groups, hand_off),
    )


def _wrong(world: int) -> Wrong:
    if world == HOUSE:
        return Wrong("S3", 0.88, 0.149, 0.45)
    rng = stream(world, "product-sense", "wrong")
    return Wrong(
        str(rng.choice(["S3", "S4", "S5", "S5"])),
        round(float(rng.uniform(0.8, 0.93)), 2),
        round(float(rng.uniform(0.06, 0.2)), 3),
        round(float(rng.uniform(0.3, 0.65)), 2),
    )


def _stale(world: int, daily: float) -> Stale:
    if world == HOUSE:
        return Stale(0.052, 0.62, 0.64, 9, 4.0, 8_000)
    rng = stream(world, "product-sense", "stale")
    intent = round(float(rng.uniform(0.02, 0.08)), 3)
    stale = round(float(rng.uniform(0.35, 0.85)), 2)
    acted = round(float(rng.uniform(0.4, 0.75)), 2)
    days = float(rng.integers(3, 19))
    letter = round(float(rng.uniform(2, 7)), 1)
    touched = daily * intent * stale * acted * days
    budget = float(f"{touched * letter * rng.choice([0.4, 0.6, 1.7, 2.6]):.2g}")
    return Stale(intent, stale, acted, days, letter, budget)


def _clarify(world: int, groups: dict[str, Group], hand_off: float) -> Clarify:
    harm = round(sum(g.share * g.harm for g in groups.values()), 1)
    if world == HOUSE:
        return Clarify(0.22, 0.093, 0.66, harm, 0.06)
    rng = stream(world, "product-sense", "clarify")
    cut = round(float(rng.uniform(0.05, 0.13)), 3)
    acted = round(float(rng.uniform(0.45, 0.8)), 2)
    pays = cut * acted * harm / hand_off
    dropped = round(min(0.6, pays * float(rng.choice([0.25, 0.5, 1.4, 1.7]))), 3)
    return Clarify(round(float(rng.uniform(0.12, 0.32)), 2), cut, acted, harm, dropped)
