"""The execution case of one world: rollout risks, a trial, an incident and a queue.

Scale, groups, desk, reviewers and the provider's update are Lantern's own parameters. What only
this module needs (a risk register, a trial under repeated looks, what went wrong and where) is
drawn here, from streams of its own. Everything is invented for this course. What a learner is
told stands in :mod:`skillmap.lessons.execution.facts`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillmap.lantern import parameters
from skillmap.lantern.updates import BASE_MALFORMED, BASE_UNCITED
from skillmap.lantern.world import MONTH, Update, World
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "ANSWERED",
    "CAUSES",
    "CHECKED",
    "CHECKS",
    "COHORTS",
    "GROUPS",
    "Case",
    "Drill",
    "Exposed",
    "Incident",
    "Risks",
    "case",
    "drawn_cause",
]

ANSWERED = 0.9
"""Share of questions that Ask answers, for sums on paper; the logs have the day's own."""
GROUPS = ("steady", "wide", "assisted")
"""Regulars and leisure; visitors and arrangers; assisted travelers."""
COHORTS = {"steady": ("S1", "S2"), "wide": ("S3", "S4"), "assisted": ("S5",)}
CAUSES = ("alias", "app", "index", "mix", "outside")
"""The provider's alias moved; an app release; the index; who asks; nothing in Lantern."""


@dataclass(frozen=True, slots=True)
class Risks:
    """The risk register of a rollout: two faults that may be there, and what a stop takes.

    ``gain`` dollars for each question shown, by group. Fault 1 hits ``rate`` of all questions
    shown, fault 2 ``assisted_rate`` of those of assisted travelers; a case costs ``cost`` or
    ``assisted_cost`` dollars. ``noticed`` is the share of cases that reach you, ``background``
    the share of questions that bring an unrelated report. Days: ``react`` from a stop to nothing
    shown, ``fix`` to mend a fault, ``inquiry`` to find that there was none.
    """

    gain: dict[str, float]
    chance: float
    rate: float
    cost: float
    assisted_chance: float
    assisted_rate: float
    assisted_cost: float
    noticed: float
    background: float
    react: int
    fix: int
    inquiry: int


@dataclass(frozen=True, slots=True)
class Incident:
    """What moved in the logs, on which day, and what each remedy costs. Money in dollars.

    ``broken`` names the part of an answer that fails (``format``, ``citations`` or nothing) and
    ``rate`` the share of answers with it broken in full effect. ``length`` multiplies tokens
    written; ``refusals`` adds to the share of questions that get no answer. ``decoy`` is a day
    on which something harmless of the kind ``decoy_kind`` was released.
    """

    cause: str
    day: int
    broken: str
    rate: float
    length: float
    refusals: float
    psi: float
    wave: float
    decoy: int
    decoy_kind: str
    worth_broken: float
    plain_cost: float
    outage_cost: float
    pin_cost: float
    pin_days: int
    patch_cost: float
    patch_days: int
    app_cost: float
    index_cost: float
    brief_cost: float
    brief_gain: float

    @property
    def moved(self) -> tuple[str, ...]:
        """Monitors that moved, by key, in the order of the page."""
        found = {
            "alias": ["length", "bullets", self.broken],
            "app": [self.broken],
            "index": [self.broken],
            "mix": ["mix"],
            "outside": ["none"],
        }[self.cause]
        if self.refusals:
            found.append("refusals")
        order = ("length", "bullets", "format", "citations", "refusals", "mix", "none")
        return tuple(key for key in order if key in found)


@dataclass(frozen=True, slots=True)
class Exposed:
    """Estimation: a canary, reviewers in a storm, answers exposed before a rollback."""

    canary_share: float
    harm_rate: float
    quiet_days: int
    voice: float
    storm_factor: float
    storm_days: int
    detect: float
    decide: float
    revert: float
    affected: float
    slow_days: int
    answers_limit: float


REFUSED = {"S1": 0.022, "S2": 0.024, "S3": 0.13, "S4": 0.032, "S5": 0.036}
"""Share of questions refused by group, as the incident's log has them before anything moved."""

CHECKS = (
    ("write", "Write the requirements with support, safety and data; name who can refuse."),
    ("collect", "Collect 300 real questions and have people label them."),
    ("measure", "Measure on the labeled set, by group, with intervals."),
    ("fallback", "Build the fallback to the desk and switch it on in a drill."),
    ("expose", "Show it to one percent for as long as the rate to be seen needs."),
    ("watch", "Watch the agreed signals in production before each widening."),
    ("monitor", "Set the monitors and say who is paged, with a budget of pages."),
    ("rehearse", "Rehearse the rollback of prompts, index and model, on a weekday."),
)
"""Steps of a plan that may be wrong about the system and find out."""
CHECKED = (
    ("accept", "QA signs off the answers against the specification; they are now fixed."),
    ("freeze", "Tests pass, so the behavior is known. Monitoring covers uptime only."),
    ("final", "The eval score of the release is the accuracy customers will see."),
    ("rollback", "No rollback plan is needed for content: nothing changes after release."),
    ("once", "Validate the model once, before launch; later releases touch only our code."),
)
"""Steps that take the system for known."""


@dataclass(frozen=True, slots=True)
class Drill:
    """A plan in six steps, by key; ``faulty`` are those that take the system for known."""

    steps: tuple[tuple[str, str], ...]
    faulty: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One world's truth in this module. Volumes a day; money is US dollars."""

    world: int
    lantern: World
    daily: float
    shares: dict[str, float]
    risks: Risks
    incident: Incident
    exposed: Exposed
    drill: Drill

    @property
    def group_shares(self) -> dict[str, float]:
        """Share of all questions that each rollout group asks."""
        return {g: sum(self.shares[s] for s in names) for g, names in COHORTS.items()}

    @property
    def flagged(self) -> float:
        """Answers flagged for review on an average day."""
        return self.daily * self.lantern.reviewers.flagged_share

    @property
    def broken_a_day(self) -> float:
        """Answers a day with a broken part in full effect; 0 where no part is broken."""
        return self.daily * ANSWERED * self.incident.rate

    @property
    def incoming(self) -> float:
        """Share of all questions that a campaign brings, all from visitors; 0 without one."""
        usual = sum(self.shares[s] * r for s, r in REFUSED.items())
        return self.incident.refusals / (REFUSED["S3"] - usual) if self.incident.psi else 0.0


@per_world
def case(world: int) -> Case:
    """Return the case of a world; the house world carries the numbers that the guide quotes.

    >>> c = case(10)
    >>> round(c.daily), round(c.flagged), round(c.lantern.reviewers.capacity)
    (14000, 588, 403)
    >>> c.incident.cause, c.incident.day
    ('alias', 55)
    """
    base = parameters(world)
    incident = _incident(world, base)
    return Case(
        world=world,
        lantern=_with(base, incident),
        daily=base.scale.questions / MONTH,
        shares={s.name: s.share for s in base.segments},
        risks=_risks(world),
        incident=incident,
        exposed=_exposed(world, base),
        drill=_drill(world),
    )


def _pick(rng: Generator, low: float, high: float, digits: int = 2) -> float:
    """Draw evenly between two ends, rounded as a person would write it."""
    return float(f"{rng.uniform(low, high):.{digits}g}")


def _with(base: World, incident: Incident) -> World:
    """Return the world with this module's incident as its only update."""
    fare = incident.broken == "format"
    update = Update(
        real=incident.cause == "alias",
        length=incident.length,
        broken="fare card" if fare else "citation",
        malformed=incident.rate,
        refusals=incident.refusals,
        accuracy=base.update.accuracy,
    )
    return replace(base, update=update)


def _risks(world: int) -> Risks:
    if world == HOUSE:
        return Risks(
            {"steady": 0.06, "wide": 0.10, "assisted": 0.20},
            0.25, 0.003, 900.0, 0.30, 0.012, 3_000.0, 0.5, 0.001, 2, 14, 6,
        )  # fmt: skip
    rng = stream(world, "execution", "risks")
    scale = float(rng.choice([0.4, 1.5, 3.5]))  # from a hurry to a hazard
    return Risks(
        gain={
            "steady": _pick(rng, 0.04, 0.09),
            "wide": _pick(rng, 0.07, 0.15),
            "assisted": _pick(rng, 0.12, 0.34),
        },
        chance=_pick(rng, 0.12, 0.38),
        rate=_pick(rng, 0.0015, 0.006),
        cost=float(f"{scale * rng.uniform(300, 700):.2g}"),
        assisted_chance=_pick(rng, 0.10, 0.45),
        assisted_rate=_pick(rng, 0.006, 0.025),
        assisted_cost=float(f"{scale * rng.uniform(900, 2600):.2g}"),
        noticed=_pick(rng, 0.35, 0.7),
        background=_pick(rng, 0.0006, 0.0024, 2),
        react=int(rng.integers(1, 4)),
        fix=int(rng.integers(9, 22)),
        inquiry=int(rng.integers(4, 10)),
    )


def drawn_cause(world: int) -> str:
    """Say which cause a world has: the provider in under half, nothing in Lantern in 17%.

    >>> drawn_cause(10)
    'alias'
    """
    if world == HOUSE:
        return "alias"
    roll = stream(world, "execution", "cause").random()
    for cause, upto in (("alias", 0.42), ("app", 0.57), ("index", 0.70), ("mix", 0.83)):
        if roll < upto:
            return cause
    return "outside"


def _incident(world: int, base: World) -> Incident:
    if world == HOUSE:
        return Incident(
            "alias", 55, "format", 0.08, 1.38, 0.0, 0.0, 1.0, 53, "app",
            3.20, 900.0, 5_200.0, 400.0, 45, 6_000.0, 5, 3_000.0, 2_000.0, 500.0, 450.0,
        )  # fmt: skip
    rng = stream(world, "execution", "incident")
    cause = drawn_cause(world)
    rate = _pick(rng, 0.065, 0.12)
    length = _pick(rng, 1.25, 1.6, 3)
    refusals = float(rng.choice([0.0, -1.0, 1.0])) * _pick(rng, 0.018, 0.03)
    daily = base.scale.questions / MONTH
    worth = _pick(rng, 1.6, 4.2)
    loss = daily * ANSWERED * rate * worth
    broken = str(rng.choice(["format", "citations"]))
    if cause == "app":
        broken, length, refusals = "format", 1.0, 0.0
    elif cause == "index":
        broken, length, refusals = "citations", 1.0, abs(refusals) or 0.022
    elif cause == "mix":
        broken, length, refusals, rate = "", 1.0, _pick(rng, 0.009, 0.013), 0.0
    elif cause == "outside":
        broken, length, refusals, rate = "", 1.0, 0.0, 0.0
    day = base.calendar.alias_move
    kinds = [k for k in ("app", "index", "mix") if k != cause]
    return Incident(
        cause=cause,
        day=day,
        broken=broken,
        rate=rate,
        length=length,
        refusals=refusals,
        psi=_pick(rng, 0.09, 0.2) if cause == "mix" else 0.0,
        wave=_pick(rng, 1.9, 3.0) if cause == "outside" else 1.0,
        decoy=day - int(rng.integers(1, 4)),
        decoy_kind=str(rng.choice(kinds)),
        worth_broken=worth,
        plain_cost=float(f"{loss * rng.choice([0.25, 0.5, 1.7]):.2g}"),
        outage_cost=float(f"{daily * rng.uniform(0.3, 0.6):.2g}"),
        pin_cost=_pick(rng, 300, 900, 1),
        pin_days=int(rng.choice([7, 12, 20, 30, 45, 60])),
        patch_cost=float(f"{loss * rng.uniform(2, 9):.2g}"),
        patch_days=int(rng.integers(3, 8)),
        app_cost=float(f"{loss * rng.uniform(0.8, 2.0):.2g}"),
        index_cost=float(f"{loss * rng.uniform(0.5, 1.2):.2g}"),
        brief_cost=_pick(rng, 300, 900, 1),
        brief_gain=float(f"{daily * rng.uniform(0.02, 0.05):.2g}"),
    )


def _exposed(world: int, base: World) -> Exposed:
    if world == HOUSE:
        return Exposed(0.01, 0.003, 2, 0.4, 1.5, 5, 0.5, 0.25, 0.25, 0.08, 21, 2_000.0)
    rng = stream(world, "execution", "exposed")
    canary = float(rng.choice([0.005, 0.01, 0.02, 0.03]))
    daily = base.scale.questions / MONTH
    rate = float(rng.choice([0.001, 0.002, 0.003, 0.004, 0.006]))
    affected = _pick(rng, 0.03, 0.12)
    slow = float(rng.choice([0.25, 1.0, 3.0]))  # a pager, a daily report, a weekly one
    spans = [slow * _pick(rng, 0.2, 1.6), slow * _pick(rng, 0.1, 0.8), _pick(rng, 0.05, 0.6)]
    total = daily * ANSWERED * affected * sum(spans)
    return Exposed(
        canary_share=canary,
        harm_rate=rate,
        quiet_days=int(rng.choice([2, 3, 4, 5, 6])),
        voice=_pick(rng, 0.2, 0.6),
        storm_factor=_pick(rng, 1.3, 2.2),
        storm_days=len(base.calendar.storm_days),
        detect=spans[0],
        decide=spans[1],
        revert=spans[2],
        affected=affected,
        slow_days=int(rng.choice([14, 21, 28, 35])),
        answers_limit=float(f"{total * rng.choice([0.45, 0.6, 1.6, 2.2]):.2g}"),
    )


def _drill(world: int) -> Drill:
    rng = stream(world, "execution", "drill")
    good = [CHECKS[i] for i in sorted(rng.choice(len(CHECKS), 4, replace=False))]
    bad = [CHECKED[i] for i in sorted(rng.choice(len(CHECKED), 2, replace=False))]
    order = rng.permutation(6)
    six = [*good, *bad]
    steps = tuple(six[i] for i in order)
    faulty = tuple(at for at, i in enumerate(order) if i >= 4)
    return Drill(steps, faulty)


BASES = {"format": BASE_MALFORMED, "citations": BASE_UNCITED}
"""Share of answers with a broken part before anything moved."""
