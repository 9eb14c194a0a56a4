"""The estimation case of one world: what is true there, before memos blur it.

``_lantern`` gives scale, prices and segments under the simulator's meanings and is the one place
that draws them, so that this module and the simulator describe one product. What only
this module needs (a language project, a paid plan, a reservation to sign) is drawn here, from
streams of its own. Everything is invented for this course. The numbers that a learner sees are in
:mod:`skillmap.lessons.estimation.facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp, log
from typing import TYPE_CHECKING, Any

from skillmap.worlds import HOUSE, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["DAYS", "MIXES", "Case", "Language", "Plan", "Step", "Tokens", "Trust", "case", "effort"]

DAYS = 30
"""Days in the course's month."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one model call: read, written, and (large tier only) reasoned unseen."""

    read: float
    written: float
    hidden: float = 0.0

    def dollars(self, price_in: float, *, reasons: bool = False) -> float:
        """Dollars for one call at ``price_in`` dollars a million tokens read; written cost 5×.

        >>> round(1000 * Tokens(900, 160).dollars(1.0), 2)
        1.7
        """
        written = self.written + (self.hidden if reasons else 0.0)
        return (self.read + 5.0 * written) * price_in / 1e6


@dataclass(frozen=True, slots=True)
class Trust:
    """How many people act on an answer without checking, given the error rate they live with.

    A stylized teaching curve: trust settles at (1-e)/((1-e) + e·notice·memory), and reliance is
    a logistic step in trust.
    """

    steepness: float
    knee: float
    penalty: float

    def reliance(self, error: float) -> float:
        """Share of answers acted on unchecked when a share ``error`` of them is wrong.

        >>> Trust(12.6, 0.65, 4.2).reliance(0.08) > Trust(12.6, 0.65, 4.2).reliance(0.16)
        True
        """
        trust = (1 - error) / ((1 - error) + error * self.penalty)
        return 1 / (1 + exp(-self.steepness * (trust - self.knee)))


@dataclass(frozen=True, slots=True)
class Step:
    """The improvement under discussion: one group, its error before and after, its money."""

    segment: str
    share: float
    error_before: float
    error_after: float
    would_call: float
    harm: float
    desk: float
    trust: Trust


@dataclass(frozen=True, slots=True)
class Language:
    """What a second language takes; work in person-days unless the name says minutes."""

    articles: int
    days_per_article: float
    glossary: float
    phrasings: int
    minutes_per_phrasing: float
    labels: int
    minutes_per_label: float
    judge: float
    legal: float
    engineering: float
    people: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The paid Rebook plan: price and serving cost in dollars a month, fixed cost a month."""

    per_booking: float
    take_up: float
    price: float
    serving: float
    fixed: float


@dataclass(frozen=True, slots=True)
class Case:
    """One world's truth. Volumes are per month of 30 days; money is US dollars."""

    world: int
    mau: float
    bookings_each: float
    commission: float
    contacts: float
    questions: float
    calls_per_question: float
    trips: float
    notes_per_trip: float
    sessions: float
    calls_per_session: float
    storm_days: int
    storm_share: float
    shares: dict[str, float]
    errors: dict[str, float]
    harms: dict[str, float]
    prices: dict[str, float]
    ask: Tokens
    note: Tokens
    rebook: Tokens
    label_cost: float
    reservations: tuple[int, int, int, int]
    ceiling: float
    effort_change: float
    elasticity: float
    step: Step
    language: Language
    plan: Plan

    @property
    def ask_calls(self) -> float:
        """Model calls of Ask in a month."""
        return self.questions * self.calls_per_question

    @property
    def note_calls(self) -> float:
        """Model calls of Journey Notes in a month."""
        return self.trips * self.notes_per_trip

    @property
    def rebook_calls(self) -> float:
        """Model calls of Rebook in a month."""
        return self.sessions * self.calls_per_session

    @property
    def calls_a_day(self) -> float:
        """Model calls a day over the three surfaces."""
        return (self.ask_calls + self.note_calls + self.rebook_calls) / DAYS

    def month(self, ask: str, notes: str, rebook: str) -> float:
        """Dollars for a month with the named tier (``wren heron condor``) on each surface."""
        return (
            self.ask_calls * self.ask.dollars(self.prices[ask], reasons=ask == "condor")
            + self.note_calls * self.note.dollars(self.prices[notes])
            + self.rebook_calls
            * self.rebook.dollars(self.prices[rebook], reasons=rebook == "condor")
        )

    @property
    def disrupted(self) -> float:
        """Share of active users who meet a disruption at least once in a year."""
        return 1.0 - float((1.0 - self.plan.per_booking) ** (12 * self.bookings_each))


@cache
def case(world: int) -> Case:
    """Return the case of a world; the house world carries the numbers that the guide quotes.

    >>> round(case(10).calls_a_day, -3)
    588000.0
    >>> case(10).calls_a_day != case(11).calls_a_day
    True
    """
    base = _lantern(world)
    own = _house() if world == HOUSE else _drawn(world, base)
    return Case(world=world, **base, **own)


def _pick(rng: Generator, low: float, high: float, digits: int = 3) -> float:
    """Draw evenly between two ends, rounded as a person would write it."""
    return float(f"{rng.uniform(low, high):.{digits}g}")


def _lantern(world: int) -> dict[str, Any]:
    """Lantern's own parameters, under the names that this module uses."""
    if world == HOUSE:
        return {
            "mau": 1.9e6,
            "bookings_each": 1.6,
            "commission": 2.5,
            "contacts": 330_000.0,
            "questions": 420_000.0,
            "calls_per_question": 1.35,
            "trips": 14.0e6,
            "notes_per_trip": 1.2,
            "sessions": 42_000.0,
            "calls_per_session": 6.5,
            "storm_days": 5,
            "storm_share": 0.6,
            "shares": {"S1": 0.38, "S2": 0.27, "S3": 0.16, "S4": 0.11, "S5": 0.08},
            "errors": {"S1": 0.109, "S2": 0.106, "S3": 0.19, "S4": 0.132, "S5": 0.12},
            "harms": {"S1": 9.8, "S2": 16.4, "S3": 35.0, "S4": 43.0, "S5": 137.0},
            "prices": {"wren": 0.10, "heron": 1.0, "condor": 5.0},
        }
    rng = stream(world, "estimation", "base")
    shares = {
        name: rng.uniform(*ends)
        for name, ends in {
            "S1": (0.34, 0.42),
            "S2": (0.24, 0.31),
            "S3": (0.13, 0.19),
            "S4": (0.09, 0.15),
            "S5": (0.05, 0.10),
        }.items()
    }
    total = sum(shares.values())
    return {
        "mau": _pick(rng, 1.4e6, 2.6e6),
        "bookings_each": 1.6,
        "commission": _pick(rng, 1.9, 3.2),
        "contacts": _pick(rng, 240e3, 420e3),
        "questions": _pick(rng, 300e3, 600e3),
        "calls_per_question": _pick(rng, 1.12, 1.6),
        "trips": _pick(rng, 9e6, 18e6),
        "notes_per_trip": _pick(rng, 1.0, 1.4),
        "sessions": _pick(rng, 20e3, 60e3),
        "calls_per_session": _pick(rng, 4.5, 8.5),
        "storm_days": int(rng.integers(4, 7)),
        "storm_share": _pick(rng, 0.55, 0.65),
        "shares": {name: share / total for name, share in shares.items()},
        "errors": {name: _pick(rng, 0.09, 0.2) for name in shares},
        "harms": {
            "S1": _pick(rng, 8, 16),
            "S2": _pick(rng, 15, 30),
            "S3": _pick(rng, 24, 48),
            "S4": _pick(rng, 33, 66),
            "S5": _pick(rng, 95, 200),
        },
        "prices": {"wren": 0.10, "heron": _pick(rng, 1, 2), "condor": _pick(rng, 4, 10)},
    }


def _house() -> dict[str, Any]:
    """What only this module needs, in the house world."""
    return {
        "ask": Tokens(3200, 220, 500),
        "note": Tokens(900, 160),
        "rebook": Tokens(5000, 300, 500),
        "label_cost": 1.0,
        "reservations": _RESERVATIONS,
        "ceiling": 50_000.0,
        "effort_change": -0.25,
        "elasticity": -0.8,
        "step": Step("S3", 0.16, 0.16, 0.08, 0.55, 35.0, 6.87, Trust(12.0, 0.62, 4.8)),
        "language": Language(72, 0.6, 5.0, 640, 3.0, 612, 2.5, 5.0, 6.0, 18.0, 4, 5),
        "plan": Plan(0.0316, 0.035, 3.5, 1.1, 45_000.0),
    }


_RESERVATIONS = (400_000, 550_000, 700_000, 900_000)
"""Sizes of reserved capacity that the provider sells, in calls a day."""


def _drawn(world: int, base: dict[str, Any]) -> dict[str, Any]:
    rng = stream(world, "estimation", "case")
    ask = Tokens(_pick(rng, 2400, 4200), _pick(rng, 150, 320), _pick(rng, 250, 650))
    note = Tokens(_pick(rng, 600, 1300), _pick(rng, 90, 240))
    rebook = Tokens(_pick(rng, 3500, 7000), _pick(rng, 200, 420), _pick(rng, 250, 650))
    own: dict[str, Any] = {
        "ask": ask,
        "note": note,
        "rebook": rebook,
        "label_cost": _pick(rng, 0.7, 1.4),
        "reservations": _RESERVATIONS,
        "effort_change": -float(rng.choice([0.15, 0.2, 0.25, 0.3, 0.4])),
        "elasticity": -float(rng.choice([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2])),
        "step": _step(world, base),
        "language": _language(world),
        "plan": _plan(world, base),
    }
    bare = Case(world=world, ceiling=0.0, **base, **own)
    costs = [bare.month(*mix) for mix in MIXES] + [1.9 * bare.month(*MIXES[-1])]
    rung = int(rng.integers(0, len(MIXES)))
    room = log(costs[rung + 1] / costs[rung])
    own["ceiling"] = float(f"{costs[rung] * exp(room * rng.uniform(0.35, 0.65)):.2g}")
    return own


MIXES = (
    ("heron", "wren", "heron"),
    ("heron", "heron", "heron"),
    ("condor", "heron", "condor"),
    ("condor", "condor", "condor"),
)
"""Tiers for Ask, Notes and Rebook that finance will consider, cheapest first."""


def _step(world: int, base: dict[str, Any]) -> Step:
    rng = stream(world, "estimation", "step")
    shares, harms = base["shares"], base["harms"]
    segment = str(rng.choice(["S3", "S4", "S5"]))
    desk = round(float(rng.uniform(4.5, 8.0) + rng.uniform(1.0, 2.5)), 2)
    calls = round(float(rng.uniform(0.4, 0.65)), 2)
    while True:  # until the change in harm is one that a study can tell from none
        before = round(float(rng.uniform(0.09, 0.19)), 2)
        after = round(before - float(rng.uniform(0.3, 0.55)) * before, 2)
        trust = Trust(_pick(rng, 10, 14), _pick(rng, 0.55, 0.68), _pick(rng, 3.6, 6.0))
        if abs(after * trust.reliance(after) - before * trust.reliance(before)) > 0.007:
            break
    return Step(segment, shares[segment], before, after, calls, harms[segment], desk, trust)


def _language(world: int) -> Language:
    rng = stream(world, "estimation", "language")
    draft = Language(
        articles=int(rng.integers(58, 97)),
        days_per_article=_pick(rng, 0.12, 0.9, 2),
        glossary=_pick(rng, 3, 9, 2),
        phrasings=int(rng.integers(40, 97)) * 10,
        minutes_per_phrasing=_pick(rng, 2, 6, 2),
        labels=int(rng.integers(400, 1200)),
        minutes_per_label=_pick(rng, 1.5, 4, 2),
        judge=_pick(rng, 3, 16, 2),
        legal=_pick(rng, 3, 28, 2),
        engineering=_pick(rng, 6, 40, 2),
        people=int(rng.integers(3, 7)),
        weeks=1,
    )
    slack = rng.uniform(1.18, 1.6) if rng.random() < 0.5 else rng.uniform(0.55, 0.84)
    weeks = max(2, round(effort(draft) * float(slack) / draft.people))
    return Language(**{**{f: getattr(draft, f) for f in draft.__slots__}, "weeks": weeks})


def effort(language: Language) -> float:
    """Person-weeks that a language takes: five person-days a week, eight hours a day.

    >>> round(effort(case(10).language), 1)
    16.9
    """
    return (
        language.articles * language.days_per_article
        + language.glossary
        + language.phrasings * language.minutes_per_phrasing / 480
        + language.labels * language.minutes_per_label / 480
        + language.judge
        + language.legal
        + language.engineering
    ) / 5


def _plan(world: int, base: dict[str, Any]) -> Plan:
    rng = stream(world, "estimation", "plan")
    per_booking = _pick(rng, 0.018, 0.05)
    take_up = _pick(rng, 0.012, 0.06)
    serving = round(float(rng.uniform(0.5, 1.7)), 2)
    mau, each = base["mau"], base["bookings_each"]
    payers = mau * (1 - (1 - per_booking) ** (12 * each)) * take_up
    odds = ((0.3, 0.72), (1.35, 2.3), (4.0, 7.0))[int(rng.integers(0, 3))]
    fixed = payers * (3.5 - serving) / float(rng.uniform(*odds))
    return Plan(per_booking, take_up, 3.5, serving, float(f"{fixed:.2g}"))
