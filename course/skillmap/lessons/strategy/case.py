"""The strategy case of one world: layers, a rival's launch, swap drills, eight bets, an exclusive.

Market, scale and layers are Lantern's own parameters (C14, stylized). What only this module needs
is drawn here from streams of its own, and all of it is invented for this course. What a learner
is told stands in :mod:`skillmap.lessons.strategy.facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.lantern import parameters
from skillmap.lantern.market import share_with
from skillmap.lantern.world import LAYERS, MONTH, World
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "BETS",
    "GROUPS",
    "KEYS",
    "LEVELS",
    "RESPONSES",
    "SCENARIOS",
    "Case",
    "Exclusive",
    "Rival",
    "Swap",
    "case",
]

KEYS = ("model", "workflow", "data", "trust")
"""Short names of Lantern's four layers, in the order of ``LAYERS``."""
GROUPS = ("S1", "S2", "S3", "S4", "S5")
RESPONSES = ("nothing", "swap", "fix", "price", "feed")
LEVELS = ("hand", "golden", "suite")
"""Eval maturity: reading by hand, a golden set, a behavior suite with a shadow run."""
SCENARIOS = ("cheap", "stall", "dear")
BETS = ("agent", "chains", "feed", "suite", "small", "desk", "search", "trust")


@dataclass(frozen=True, slots=True)
class Rival:
    """A rival's launch as seen before it: percent of answers right on our own questions, by group.

    ``ours``, ``candidate`` (ours on the newer model, run off-line) and ``theirs`` in percent;
    ``bookings`` shares of bookings; ``pull`` points of a group's bookings lost at month 6 for each
    point of gap. Money in dollars.
    """

    kind: str
    ours: tuple[int, ...]
    candidate: tuple[int, ...]
    theirs: tuple[int, ...]
    bookings: tuple[float, ...]
    pull: tuple[float, ...]
    weak: int
    lift: int
    novelty: float
    swap_cost: float
    fix_cost: float
    feed_chance: float
    feed_cost: float
    price_cents: float
    price_keeps: float


@dataclass(frozen=True, slots=True)
class Swap:
    """Twenty drills at each level of eval maturity, in days, and what a day of lag costs."""

    drills: tuple[tuple[int, ...], ...]
    crew: float
    yearly: tuple[float, ...]
    benefit: float
    questions: float
    slow: float
    fast: float
    releases: float
    e2_cost: float


@dataclass(frozen=True, slots=True)
class Exclusive:
    """A discount for a 24-month exclusive. ``growth`` is how usage multiplies in a year."""

    bill: float
    growth: float
    discount: float
    past: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is true in one world of this module."""

    world: int
    lantern: World
    losses: tuple[float, ...]
    months: tuple[float, ...]
    slowdown: tuple[float, ...]
    rival: Rival
    swap: Swap
    bets: dict[str, tuple[float, float, float]]
    odds: tuple[float, float, float]
    exclusive: Exclusive
    feed_price: float
    drill: tuple[int, ...]

    @property
    def point(self) -> float:
        """Dollars of commission in one point of share for one month.

        >>> round(case(10).point)
        72960
        """
        s = self.lantern.scale
        return s.mau * s.bookings_each * s.commission / 100


def _rival(rng: Generator, world: int, point: float, data_loss: float) -> Rival:
    kinds = ("segment", "nothing", "model", "feed")
    kind = "segment" if world == HOUSE else kinds[int(rng.choice(4, p=[0.35, 0.25, 0.2, 0.2]))]
    ours = [int(rng.integers(84, 90)) for _ in GROUPS]
    weak = 2 if world == HOUSE else int(rng.integers(2, 4))
    theirs = [o + int(rng.integers(-2, 1)) for o in ours]
    candidate = [o + int(rng.integers(0, 2)) for o in ours]
    lift = int(rng.integers(3, 6))
    if kind == "segment":
        ours[weak] -= lift
        candidate[weak] -= lift
        theirs[weak] = ours[weak] + int(rng.integers(6, 10)) + lift
        lift = theirs[weak] - ours[weak] - int(rng.integers(0, 2))
    elif kind == "model":
        ahead = int(rng.integers(4, 6))
        theirs = [o + ahead + int(rng.integers(0, 2)) for o in ours]
        candidate = [t - int(rng.integers(0, 2)) for t in theirs]
    raw = [float(rng.uniform(a, b)) for a, b in ((38, 44), (25, 31), (14, 20), (9, 13), (4, 7))]
    total = sum(raw)
    bookings = tuple(round(r / total, 2) for r in raw)
    pull = tuple(
        round(float(rng.uniform(a, b)), 2)
        for a, b in ((0.1, 0.2), (0.35, 0.5), (0.6, 0.8), (0.5, 0.7), (0.2, 0.4))
    )
    unit = point * 0.5
    return Rival(
        kind,
        tuple(ours),
        tuple(candidate),
        tuple(theirs),
        bookings,
        pull,
        weak,
        lift,
        round(float(rng.uniform(0.1, 0.3)), 2),
        round(unit * float(rng.uniform(2.0, 3.2)), -3),
        round(unit * float(rng.uniform(0.8, 1.4)), -3),
        round(float(rng.uniform(0.5, 0.7) if kind == "feed" else rng.uniform(0.05, 0.12)), 2),
        round(
            point * data_loss * (0.8 if kind == "feed" else 1.1) * float(rng.uniform(0.8, 1.2)), -3
        ),
        float(rng.integers(4, 9)),
        round(float(rng.uniform(0.3, 0.5)), 2),
    )


def _swap(rng: Generator, world: int, questions: float) -> Swap:
    house = world == HOUSE
    means = [float(rng.uniform(a, b)) for a, b in ((60, 85), (28, 45), (11, 19))]
    if house:
        means = [70.0, 36.0, 15.0]
    drills = tuple(
        tuple(max(2, round(m * float(rng.lognormal(-0.02, 0.2)))) for _ in range(20)) for m in means
    )
    benefit = 0.12
    if not house:
        small = rng.random() < 0.3
        benefit = round(float(rng.uniform(0.006, 0.02) if small else rng.uniform(0.04, 0.2)), 3)
    releases = 3.0 if house else float(rng.integers(1, 5))
    slow, fast = (70.0, 15.0) if house else (float(round(means[0])), float(round(means[2])))
    daily = questions / MONTH
    worth = benefit * daily * (slow - fast) * releases
    return Swap(
        drills,
        round(float(rng.uniform(200, 900)), -2),
        (
            0.0,
            26_000.0 if house else round(float(rng.uniform(20_000, 75_000)), -3),
            round(float(rng.uniform(90_000, 200_000)), -3),
        ),
        benefit,
        daily,
        slow,
        fast,
        releases,
        round(worth * float(rng.choice([0.55, 1.75]) * rng.uniform(0.85, 1.15)), -3),
    )


def _bets(rng: Generator) -> dict[str, tuple[float, float, float]]:
    """Net worth in thousands of dollars over three years, by scenario."""
    middle = {
        "agent": (1900, -1100, 500),
        "chains": (-600, 900, 400),
        "feed": (900, 800, 850),
        "suite": (1000, 150, 700),
        "small": (-300, 500, 1500),
        "desk": (-200, 1200, 900),
        "search": (200, 900, 600),
        "trust": (1100, 500, 400),
    }
    return {
        name: (
            float(round(m[0] + rng.normal(0, 420), -1)),
            float(round(m[1] + rng.normal(0, 420), -1)),
            float(round(m[2] + rng.normal(0, 420), -1)),
        )
        for name, m in middle.items()
    }


@per_world
def case(world: int) -> Case:
    """Draw the case of a world; the same one every time.

    >>> c = case(10)
    >>> [round(x, 1) for x in c.losses], c.months
    ([2.6, 5.0, 4.2, 3.7], (2.0, 8.0, 11.0, 14.0))
    """
    w = parameters(world)
    s, m = w.scale, w.market
    point = s.mau * s.bookings_each * s.commission / 100
    losses = tuple(100 * (m.share - share_with(w, (layer,))) for layer in LAYERS)
    rng = stream(world, "strategy", "layers")
    slowdown = tuple(round(float(rng.uniform(1.2, 2.1)), 2) for _ in KEYS)
    if world == HOUSE:
        slowdown = (1.8, 1.8, 1.8, 1.8)
    rng = stream(world, "strategy", "exclusive")
    house = world == HOUSE
    growth = 2.2 if house else round(float(rng.uniform(1.3, 3.0)), 1)
    low = 0.31 if house else round(float(rng.choice([0.12, 0.36]) + rng.uniform(-0.05, 0.05)), 2)
    exclusive = Exclusive(
        float(round(float(rng.uniform(9_000, 32_000)), -2)),
        growth,
        0.30 if house else round(float(rng.choice([0.25, 0.30, 0.35])), 2),
        (low, round(low + float(rng.uniform(0.0, 0.06)), 2)),
    )
    odds = stream(world, "strategy", "odds").dirichlet((6, 5, 5))
    cheap, stall = (round(float(x), 2) for x in odds[:2])
    worth = losses[2] * point * m.months[2]
    rng = stream(world, "strategy", "price")
    feed_price = round(worth * float(rng.choice([0.5, 1.8]) * rng.uniform(0.85, 1.15)), -4)
    order = stream(world, "strategy", "memo").permutation(8)
    return Case(
        world,
        w,
        losses,
        m.months,
        slowdown,
        _rival(stream(world, "strategy", "rival"), world, point, losses[2]),
        _swap(stream(world, "strategy", "swap"), world, s.questions),
        _bets(stream(world, "strategy", "bets")),
        (cheap, stall, round(1 - cheap - stall, 2)),
        exclusive,
        feed_price,
        tuple(int(n) for n in order),
    )
