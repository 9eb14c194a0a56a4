"""The estimation case of one world: what is true there, before memos blur it.

Scale, prices, tokens, segments, trust and the desk are those of the simulator's ``World``, number
for number, so that this module and Lantern describe one product. What only this module needs (a
language project, a paid plan, a reservation to sign) is drawn here, from streams of its own.
Everything is invented for this course. The numbers that a learner sees are in
:mod:`skillmap.lessons.estimation.facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Any

from skillmap.lantern.market_facts import value_of
from skillmap.lantern.tiers import HISTORY_TOKENS, QUESTION_TOKENS
from skillmap.lantern.world import parameters
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

    from skillmap.lantern.world import World

__all__ = [
    "ARTICLES",
    "DAYS",
    "MIXES",
    "PHRASINGS",
    "RETRIEVED",
    "Case",
    "Language",
    "Plan",
    "Step",
    "Tokens",
    "Trust",
    "case",
    "effort",
]

DAYS = 30
"""Days in the course's month."""
RETRIEVED = 1915
"""Tokens that Ask's search puts into a prompt on average, at launch settings (measured)."""
ARTICLES, PHRASINGS = 72, 640
"""Articles of the help center, and phrasings of 64 intents that Lantern is tested with."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one model call: read (``cached`` of them from a cache), written, reasoned unseen.

    ``hidden`` is the mean over all calls of the large tier; the other tiers spend none.
    """

    read: float
    written: float
    hidden: float = 0.0
    cached: float = 0.0

    def dollars(self, price_in: float, *, reasons: bool = False) -> float:
        """Dollars for one call at ``price_in`` dollars a million tokens read.

        A written token costs 5×, one read from a cache a tenth.

        >>> round(1000 * Tokens(1900, 140, cached=900).dollars(1.0), 2)
        1.79
        """
        written = self.written + (self.hidden if reasons else 0.0)
        read = self.read - self.cached * (1 - value_of("cache-read"))
        return (read + value_of("written-to-read") * written) * price_in / 1e6


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


@per_world
def case(world: int) -> Case:
    """Return the case of a world; the house world carries the numbers that the guide quotes.

    >>> round(case(10).calls_a_day, -3)
    588000.0
    >>> case(10).calls_a_day != case(11).calls_a_day
    True
    """
    w = parameters(world)
    base = _lantern(w)
    own = _house(w) if world == HOUSE else _drawn(w, base)
    return Case(world=world, **base, **own)


def _pick(rng: Generator, low: float, high: float, digits: int = 3) -> float:
    """Draw evenly between two ends, rounded as a person would write it."""
    return float(f"{rng.uniform(low, high):.{digits}g}")


def _steep(rng: Generator, low: float, high: float, digits: int = 2) -> float:
    """Draw evenly in logs between two ends, so that half and double are alike."""
    return float(f"{exp(rng.uniform(log(low), log(high))):.{digits}g}")


def _lantern(w: World) -> dict[str, Any]:
    """Lantern's own parameters, under the names that this module uses."""
    s, n = w.scale, w.notes
    condor = w.tier("condor")
    hidden = condor.hidden_share * condor.hidden
    return {
        "mau": s.mau,
        "bookings_each": s.bookings_each,
        "commission": s.commission,
        "contacts": s.contacts_before,
        "questions": s.questions,
        "calls_per_question": s.calls_per_question,
        "trips": s.trips,
        "notes_per_trip": s.notes_per_trip,
        "sessions": s.sessions,
        "calls_per_session": s.calls_per_session,
        "storm_days": len(w.calendar.storm_days),
        "storm_share": s.storm_session_share,
        "shares": {segment.name: segment.share for segment in w.segments},
        "harms": {segment.name: segment.harm for segment in w.segments},
        "prices": {tier.name: tier.price_in for tier in w.tiers},
        "ask": Tokens(
            w.serving.prefix + HISTORY_TOKENS + QUESTION_TOKENS + RETRIEVED,
            w.written_tokens,
            hidden,
        ),
        "note": Tokens(n.note_read, n.note_written, cached=n.note_cached),
        "rebook": Tokens(n.rebook_read, n.rebook_written, hidden),
        "label_cost": w.reviewers.label_cost,
        "elasticity": w.market.elasticity,
    }


def _trust(w: World) -> Trust:
    return Trust(w.trust.steepness, w.trust.knee, w.trust.notice * w.trust.ratio)


def _house(w: World) -> dict[str, Any]:
    """What only this module needs, in the house world."""
    visitors = w.segment("S3")
    return {
        "reservations": (400_000, 550_000, 700_000, 900_000),
        "ceiling": 50_000.0,
        "effort_change": -0.25,
        "step": Step(
            "S3",
            visitors.share,
            0.16,
            0.08,
            w.desk.would_call,
            visitors.harm,
            w.desk.hand_off,
            _trust(w),
        ),
        "language": Language(ARTICLES, 0.6, 5.0, PHRASINGS, 3.0, 612, 2.5, 5.0, 6.0, 18.0, 4, 5),
        "plan": Plan(0.0316, 0.035, w.scale.rebook_price, 1.1, 45_000.0),
    }


def _drawn(w: World, base: dict[str, Any]) -> dict[str, Any]:
    rng = stream(w.id, "estimation", "case")
    own: dict[str, Any] = {
        "effort_change": -float(rng.choice([0.15, 0.2, 0.25, 0.3, 0.4])),
        "step": _step(w),
        "language": _language(w.id),
        "plan": _plan(w),
    }
    bare = Case(world=w.id, ceiling=0.0, reservations=(0, 0, 0, 0), **base, **own)
    costs = [bare.month(*mix) for mix in MIXES] + [1.9 * bare.month(*MIXES[-1])]
    rung = int(rng.integers(0, len(MIXES)))
    room = log(costs[rung + 1] / costs[rung])
    own["ceiling"] = float(f"{costs[rung] * exp(room * rng.uniform(0.35, 0.65)):.2g}")
    own["reservations"] = _reservations(w.id, bare.calls_a_day)
    return own


def _reservations(world: int, calls: float) -> tuple[int, int, int, int]:
    """Draw four sizes that the provider sells, in calls a day: an average day fits any of them."""
    rng = stream(world, "estimation", "reservations")
    step, place = rng.uniform(1.3, 1.45), rng.uniform(0.32, 0.62)
    above = int(rng.integers(0, 4))
    sizes = [calls * step ** (place + n - above) for n in range(4)]
    first, second, third, fourth = (int(float(f"{size:.2g}")) for size in sizes)
    return first, second, third, fourth


MIXES = (
    ("heron", "wren", "heron"),
    ("heron", "heron", "heron"),
    ("condor", "heron", "condor"),
    ("condor", "condor", "condor"),
)
"""Tiers for Ask, Notes and Rebook that finance will consider, cheapest first."""


def _step(w: World) -> Step:
    rng = stream(w.id, "estimation", "step")
    trust = _trust(w)
    segment = w.segment(w.pilot.segment)
    best, found = 0.0, (0.16, 0.08)
    for _ in range(200):  # until the change in harm is one that a study can tell from none
        before = round(float(rng.uniform(0.08, 0.20)), 2)
        after = round(before - float(rng.uniform(0.3, 0.55)) * before, 2)
        change = abs(after * trust.reliance(after) - before * trust.reliance(before))
        if change > best:
            best, found = change, (before, after)
        if change > 0.007:
            break
    return Step(
        segment.name,
        segment.share,
        *found,
        w.desk.would_call,
        segment.harm,
        w.desk.hand_off,
        trust,
    )


def _language(world: int) -> Language:
    rng = stream(world, "estimation", "language")
    draft = Language(
        articles=ARTICLES,
        days_per_article=_steep(rng, 0.08, 1.6),
        glossary=_pick(rng, 3, 9, 2),
        phrasings=PHRASINGS,
        minutes_per_phrasing=_steep(rng, 1.5, 18),
        labels=int(rng.integers(400, 1200)),
        minutes_per_label=_steep(rng, 1.5, 12),
        judge=_steep(rng, 2, 24),
        legal=_steep(rng, 3, 60),
        engineering=_steep(rng, 5, 80),
        people=int(rng.integers(3, 7)),
        weeks=1,
    )
    slack = rng.uniform(1.18, 1.9) if rng.random() < 0.5 else rng.uniform(0.5, 0.84)
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


def _plan(w: World) -> Plan:
    rng = stream(w.id, "estimation", "plan")
    per_booking = _pick(rng, 0.012, 0.06)
    take_up = _steep(rng, 0.006, 0.08, 3)
    serving = round(float(rng.uniform(0.5, 1.7)), 2)
    price = w.scale.rebook_price
    payers = w.scale.mau * (1 - (1 - per_booking) ** (12 * w.scale.bookings_each)) * take_up
    odds = ((0.3, 0.72), (1.35, 2.3), (4.0, 7.0))[int(rng.integers(0, 3))]
    fixed = payers * (price - serving) / float(rng.uniform(*odds))
    return Plan(per_booking, take_up, price, serving, float(f"{fixed:.2g}"))
