"""The dilemmas of one world: a pressure week, two memos that disagree, a holdout, a repair.

All of it is invented for this course and drawn from streams of its own. What a learner is told
stands in :mod:`skillmap.lessons.behavioral_leadership.facts`; what is right, in the solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "ACTS",
    "QUANTITIES",
    "Case",
    "Flip",
    "Holdout",
    "Inputs",
    "Look",
    "Repair",
    "Week",
    "act_worth",
    "case",
    "chance",
    "flips",
    "is_null",
]

ACTS = ("ship", "partial", "hold")
QUANTITIES = ("p", "incident", "delay")
"""What two memos can disagree about: chance of the incident, its cost, a week's delay."""


@dataclass(frozen=True, slots=True)
class Look:
    """One noisy look: whether it raised an alarm, and how often it did in past releases."""

    alarm: bool
    in_faulty: int
    in_sound: int


@dataclass(frozen=True, slots=True)
class Week:
    """The pressure week. Money in dollars, shares and chances from 0 to 1.

    ``past`` releases of which ``faulty`` had an incident within 14 days. With ``echo`` the third
    look read the same conversations as the second one. A week's hold costs ``delay`` and removes
    ``mends`` of the chance. The partial launch costs ``setup``, shows the feature to ``reach`` of
    people, and catches a fault that is there with a chance of ``catch``.
    """

    past: int
    faulty: int
    looks: tuple[Look, Look, Look]
    echo: bool
    delay: float
    incident: float
    mends: float
    setup: float
    reach: float
    catch: float
    ends_badly: float
    """A number from 0 to 1 drawn in advance: an incident follows if it is below the chance."""


@dataclass(frozen=True, slots=True)
class Flip:
    """Two memos on three quantities: (Dara's figure, Rafael's figure) of each.

    ``weight`` is the weight that finance gives to Rafael's figures.
    """

    p: tuple[float, float]
    incident: tuple[float, float]
    delay: tuple[float, float]
    weight: float
    crux: str

    def mean(self, name: str) -> float:
        """Finance's weighted mean of a quantity."""
        dara, rafael = getattr(self, name)
        return float((1 - self.weight) * dara + self.weight * rafael)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a break-even is made of: dollars a week of delay over dollars of an incident."""

    bookings: float
    commission: float
    exposed: float
    acted: float
    harm: float
    feared: float


@dataclass(frozen=True, slots=True)
class Holdout:
    """A three-day holdout: chance of the fault, what it costs, what a delay costs, a verdict."""

    p: float
    incident: float
    delay: float
    verdict: float
    price: float


@dataclass(frozen=True, slots=True)
class Repair:
    """Telling people who got a wrong promise, and making it right; against saying nothing."""

    affected: float
    reachable: float
    claim: float
    compensation: float
    hours: float
    wage: float
    surfaces: float
    """Chance that it comes out if nobody says anything."""
    scandal: float


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is true in one world of this module but the incident's log."""

    world: int
    week: Week
    flip: Flip
    inputs: Inputs
    holdout: Holdout
    repair: Repair


# --- the pressure week --------------------------------------------------------------------------


def chance(week: Week, *, count_echo: bool = False) -> float:
    """Chance of an incident after the looks, by Bayes; a repeated look counts once.

    ``count_echo`` counts it twice, which is the mistake.
    """
    sound = week.past - week.faulty
    odds = week.faulty / sound
    for n, look in enumerate(week.looks):
        if n == 2 and week.echo and not count_echo:
            continue
        if look.alarm:
            odds *= (look.in_faulty / week.faulty) / (look.in_sound / sound)
        else:
            odds *= (1 - look.in_faulty / week.faulty) / (1 - look.in_sound / sound)
    return odds / (1 + odds)


def act_worth(week: Week, p: float) -> dict[str, float]:
    """Expected dollars of each act, as negatives, at a chance ``p`` of the fault."""
    caught = week.catch * (week.reach * week.incident + week.delay)
    return {
        "ship": -p * week.incident,
        "partial": -week.setup - p * (caught + (1 - week.catch) * week.incident),
        "hold": -week.delay - p * (1 - week.mends) * week.incident,
    }


def _looks(rng: Generator, faulty: int, sound: int, quiet: bool) -> tuple[Look, Look, Look]:
    def one() -> Look:
        hits = round(faulty * float(rng.uniform(0.55, 0.85)))
        false = round(sound * float(rng.uniform(0.1, 0.4)))
        alarm = False if quiet else bool(rng.random() < 0.55)
        return Look(alarm, min(max(hits, 1), faulty - 1), min(max(false, 1), sound - 1))

    return one(), one(), one()


def is_null(world: int) -> bool:
    """Whether nothing is wrong in the pressure week of a world: quiet looks, shipping is right."""
    if world == HOUSE:
        return False
    return bool(stream(world, "behavioral", "kind").random() < 0.16)


def _week(world: int) -> Week:
    rng = stream(world, "behavioral", "week")
    house, quiet = world == HOUSE, is_null(world)
    target = ACTS[int(rng.choice(3, p=[0.24, 0.38, 0.38]))]
    target = "ship" if quiet else "partial" if house else target
    while True:
        past = int(rng.integers(34, 61))
        faulty = round(past * float(rng.uniform(0.22, 0.48)))
        looks = _looks(rng, faulty, past - faulty, quiet)
        delay = 86_000.0 if house else round(float(rng.uniform(50_000, 150_000)), -3)
        ratio = float(
            rng.uniform(0.16, 0.62) if target != "ship" or quiet else rng.uniform(0.45, 0.8)
        )
        incident = 310_000.0 if house else round(delay / ratio, -4)
        week = Week(
            past,
            faulty,
            looks,
            bool(rng.random() < 0.4),
            delay,
            incident,
            round(float(rng.uniform(0.7, 0.95)), 2),
            round(delay * float(rng.uniform(0.06, 0.2)), -3),
            round(float(rng.uniform(0.04, 0.2)), 2),
            round(float(rng.uniform(0.35, 0.92)), 2),
            float(rng.random()),
        )
        if _fits(week, target, quiet):
            return week


def _fits(week: Week, target: str, quiet: bool) -> bool:
    p = chance(week)
    base = week.faulty / week.past
    low, high = (0.02, 0.2) if quiet else (0.36, 0.7)
    if not low <= p <= high or min(abs(p - base), abs(p - 0.5)) < 0.06:
        return False
    if week.echo and abs(chance(week, count_echo=True) - p) < 0.07:
        return False
    worth = act_worth(week, p)
    first, second, _ = sorted(worth.values(), reverse=True)
    return worth[target] == first and first - second >= 0.1 * week.delay


# --- two memos ----------------------------------------------------------------------------------


def flips(flip: Flip) -> list[str]:
    """Quantities whose two figures, the others at their means, lead to different acts."""
    found = []
    for name in QUANTITIES:
        acts = set()
        for figure in getattr(flip, name):
            at = {other: flip.mean(other) for other in QUANTITIES} | {name: figure}
            acts.add(at["p"] * at["incident"] > at["delay"])
        if len(acts) == 2:
            found.append(name)
    return found


def _flip(world: int) -> Flip:
    rng = stream(world, "behavioral", "memos")
    crux = (
        "p" if world == HOUSE else str(rng.choice([*QUANTITIES, "none"], p=[0.3, 0.25, 0.25, 0.2]))
    )
    while True:
        weight = round(float(rng.uniform(0.3, 0.7)), 1)
        spread = {
            name: float(rng.uniform(2.0, 4.0) if name == crux else rng.uniform(1.2, 2.4))
            for name in QUANTITIES
        }
        p = float(rng.uniform(0.08, 0.3))
        incident = float(rng.uniform(180_000, 420_000))
        delay = p * incident * float(rng.uniform(0.35, 3.0))
        found = Flip(
            (round(p, 2), round(p * spread["p"], 2)),
            (round(incident, -4), round(incident * spread["incident"], -4)),
            (round(delay * spread["delay"], -3), round(delay, -3)),
            weight,
            crux,
        )
        wanted = [] if crux == "none" else [crux]
        edge = found.mean("delay") / found.mean("incident")
        near = found.mean("p") / edge
        odd = not 0.08 <= edge <= 0.8 or abs(near - 1) <= 0.08 or found.p[1] >= 0.85
        own = [
            p * cost > hold
            for p, cost, hold in zip(found.p, found.incident, found.delay, strict=True)
        ]
        worth = crux == "none" or _evpi(found) > 0.07 * found.mean("delay")
        # each memo's advice follows from its own figures: Dara's is to ship, Rafael's to hold
        if flips(found) == wanted and worth and not odd and own == [False, True]:
            return found


def _evpi(flip: Flip) -> float:
    """Dollars that knowing the crux would be worth (two figures, finance's weights)."""
    if flip.crux == "none":
        return 0.0
    mean = {name: flip.mean(name) for name in QUANTITIES}
    known = 0.0
    for figure, weight in zip(
        getattr(flip, flip.crux), (1 - flip.weight, flip.weight), strict=True
    ):
        at = mean | {flip.crux: figure}
        known += weight * min(at["p"] * at["incident"], at["delay"])
    return min(mean["p"] * mean["incident"], mean["delay"]) - known


# --- estimation ---------------------------------------------------------------------------------


def _inputs(world: int) -> Inputs:
    rng = stream(world, "behavioral", "inputs")
    bookings = round(float(rng.uniform(2_500, 6_500)), -2)
    commission = round(float(rng.uniform(1.9, 3.2)), 2)
    exposed = round(float(rng.uniform(20_000, 60_000)), -3)
    acted = round(float(rng.uniform(0.06, 0.18)), 2)
    week = 7 * bookings * commission
    edge = float(rng.uniform(0.12, 0.5))
    harm = round(week / edge / (exposed * acted), 0)
    edge = week / (exposed * acted * harm)
    side = float(rng.choice([0.55, 1.7]))
    feared = round(min(0.85, edge * side * float(rng.uniform(0.9, 1.1))), 3)
    return Inputs(bookings, commission, exposed, acted, harm, feared)


def _holdout(world: int) -> Holdout:
    rng = stream(world, "behavioral", "holdout")
    while True:
        p = round(float(rng.uniform(0.12, 0.6)), 2)
        incident = round(float(rng.uniform(160_000, 420_000)), -4)
        delay = round(float(rng.uniform(40_000, 130_000)), -3)
        if delay < 0.75 * incident and abs(p * incident / delay - 1) > 0.15:
            break
    verdict = round(float(rng.uniform(0.45, 0.85)), 2)
    worth = min(p * incident, delay) - p * delay
    price = round(worth * verdict * float(rng.choice([0.5, 1.75]) * rng.uniform(0.85, 1.1)), -3)
    return Holdout(p, incident, delay, verdict, max(price, 1_000.0))


def _repair(world: int) -> Repair:
    rng = stream(world, "behavioral", "repair")
    house = world == HOUSE
    affected = 2_600.0 if house else round(float(rng.uniform(1_200, 9_000)), -2)
    reachable = 0.71 if house else round(float(rng.uniform(0.5, 0.9)), 2)
    claim = 0.22 if house else round(float(rng.uniform(0.1, 0.4)), 2)
    compensation = 24.0 if house else float(rng.integers(14, 60))
    hours = float(rng.integers(60, 240))
    wage = float(rng.integers(26, 37))
    cost = affected * reachable * claim * compensation + hours * wage
    surfaces = round(float(rng.uniform(0.05, 0.4)), 2)
    times = 2.2 if house else float(rng.choice([0.5, 2.2]) * rng.uniform(0.85, 1.15))
    scandal = round(cost * times / surfaces, -3)
    return Repair(affected, reachable, claim, compensation, hours, wage, surfaces, scandal)


@per_world
def case(world: int) -> Case:
    """Draw the case of a world; the same one every time.

    >>> c = case(10)
    >>> round(c.week.delay / c.week.incident, 2), c.flip.crux
    (0.28, 'p')
    """
    return Case(world, _week(world), _flip(world), _inputs(world), _holdout(world), _repair(world))
