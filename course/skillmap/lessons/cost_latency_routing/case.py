"""What only this module needs of a world, drawn beside Lantern's own parameters.

The prompt's blocks, the trial of Journey Notes, the Rebook plan's use and the storm that is coming.
Everything here is invented for this course. What a learner is told of it stands in ``facts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from skillmap.lantern import parameters
from skillmap.lantern.market_facts import value_of
from skillmap.lantern.router import expected_seconds
from skillmap.lantern.settings import Settings
from skillmap.lantern.tiers import HISTORY_TOKENS
from skillmap.lantern.traffic import HOUR_SHARE
from skillmap.lantern.world import MONTH, World
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["HOURS", "PEAK", "Block", "Cache", "Case", "NotesTrial", "Plan", "Storm", "case"]

HOURS = ("night", "early", "morning", "midday", "evening", "late")
"""Six stretches of four hours, from midnight on."""
PEAK = 0.09
"""Share of a day's questions in its busiest hour."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of Ask's prompt: ``shared`` if it is the same for everybody, all day."""

    key: str
    label: str
    tokens: int
    shared: bool


@dataclass(frozen=True, slots=True)
class Cache:
    """The contract for cached prefixes: prices in units of the read price, and separate streams.

    ``streams`` is variants times shards once the new prompt is out; each has to be kept warm by
    its own traffic.
    """

    write: float
    write_hour: float
    back: float
    streams: int

    def factor(self, per_hour: float, ttl: str) -> float:
        """What a prefix token costs at this many questions an hour, 1 being the uncached price.

        >>> c = case(10).cache
        >>> c.factor(168, "5min") > 1 > c.factor(1260, "5min")
        True
        """
        if ttl == "off":
            return 1.0
        life = {"5min": 1 / 12, "1h": 1.0}[ttl]
        hits = 1 - exp(-per_hour / self.streams * life)
        return (1 - hits) * (self.write if ttl == "5min" else self.write_hour) + hits * self.back


@dataclass(frozen=True, slots=True)
class NotesTrial:
    """Next month's notes. ``harm`` dollars of a wrong note that somebody opens; ``opened`` share.

    ``keeps`` is the share of a full note's value that a note of half the length keeps.
    """

    notes: float
    harm: float
    opened: float
    keeps: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The Rebook plan: price a month, margin wanted, mean sessions of a payer in a month."""

    price: float
    margin: float
    use: float

    @property
    def heavy(self) -> float:
        """Sessions of the heaviest twentieth, who make 40 percent of the calls."""
        return 0.4 * self.use / 0.05


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm: demand as a multiple of the busiest hour, first and at its worst, slots that stay.

    ``seconds`` of model time for one answer by plan (whole, short, wren); ``cv`` of service time;
    ``explains`` share of people who phone because a short answer drops its reasons.
    """

    slots: int
    first: float
    worst: float
    per_hour: float
    seconds: float
    short: float
    wren: float
    cv: float
    explains: float

    def load(self, factor: float) -> float:
        """Erlangs at this multiple: questions a second times seconds for each.

        >>> round(case(10).storm.load(6.0), 1)
        7.3
        """
        return self.per_hour * factor / 3600 * self.seconds

    def utilization(self, factor: float) -> float:
        """Load over slots; above 1 there is no steady state."""
        return self.load(factor) / self.slots


@dataclass(frozen=True, slots=True)
class Case:
    """One world's case."""

    world: World
    blocks: tuple[Block, ...]
    hours: tuple[float, ...]
    cache: Cache
    notes: NotesTrial
    plan: Plan
    storm: Storm


@per_world
def case(world: int) -> Case:
    """Return the case of a world.

    >>> c = case(10)
    >>> sum(b.tokens for b in c.blocks if b.shared) == c.world.serving.prefix
    True
    >>> c.storm.slots, round(c.storm.utilization(6.0), 2)
    (8, 0.91)
    """
    w = parameters(world)
    hours = tuple(
        float(f"{w.scale.questions / MONTH * HOUR_SHARE[4 * k : 4 * k + 4].mean():.3g}")
        for k in range(len(HOURS))
    )
    return Case(w, _blocks(w), hours, _cache(w), _notes(w), _plan(w), _storm(w))


def _pick(rng: Generator, low: float, high: float, digits: int = 3) -> float:
    return float(f"{rng.uniform(low, high):.{digits}g}")


def _log_pick(rng: Generator, low: float, high: float, digits: int = 2) -> float:
    return float(f"{exp(rng.uniform(log(low), log(high))):.{digits}g}")


_EITHER = {
    "examples": (
        "Six worked examples, the same in every prompt",
        "Six worked examples, picked to fit each question",
    ),
    "stations": (
        "All station names, edited twice a year",
        "The twenty stations nearest to the person",
    ),
    "notices": (
        "Standing notices, edited on the first of the month",
        "Live service notices, rewritten every minute",
    ),
}
_WEIGHTS = {"rules": 4, "schema": 3, "examples": 4, "stations": 3, "notices": 2}


def _blocks(w: World) -> tuple[Block, ...]:
    """Draw which of three blocks are shared; shared ones add up to the serving prefix."""
    rng = stream(w.id, "cost-latency-routing", "prompt")
    either = dict(zip(_EITHER, rng.random(3) < 0.5, strict=True))
    if w.id == HOUSE:
        either = {"examples": True, "stations": False, "notices": True}
    shared = ["rules", "schema", *(name for name, same in either.items() if same)]
    whole = sum(_WEIGHTS[name] for name in shared)
    size = {name: round(w.serving.prefix * _WEIGHTS[name] / whole) for name in shared}
    size["rules"] += w.serving.prefix - sum(size.values())
    own = {name: int(rng.integers(40, 85)) for name, same in either.items() if not same}
    talk = HISTORY_TOKENS - sum(own.values())
    clock = Block("clock", "Date and time, to the second", 20, False)
    first = Block("rules", "House rules and tone", size["rules"], True)
    middle = [
        Block(name, says[0 if same else 1], size.get(name) or own[name], bool(same))
        for (name, says), same in zip(_EITHER.items(), either.values(), strict=True)
    ]
    schema = Block("schema", "The fare card's format, with its fields", size["schema"], True)
    rest = [
        Block("talk", "What was said so far", talk, False),
        Block("passages", "Passages found for the question", 0, False),
        Block("question", "The question itself", 40, False),
    ]
    order = [middle[k] for k in rng.permutation(3)]
    return (first, clock, *order, schema, *rest)


def _cache(w: World) -> Cache:
    """Draw the contract around public prices; the house world has exactly those."""
    if w.id == HOUSE:
        return Cache(
            value_of("cache-write"),
            value_of("cache-write-hour"),
            value_of("cache-read"),
            w.serving.streams,
        )
    rng = stream(w.id, "cost-latency-routing", "cache")
    return Cache(
        write=_pick(rng, 1.15, 1.45),
        write_hour=_pick(rng, 1.6, 2.4),
        back=_pick(rng, 0.05, 0.25, 2),
        streams=int(_log_pick(rng, 25, 2600)),
    )


def _notes(w: World) -> NotesTrial:
    rng = stream(w.id, "cost-latency-routing", "notes")
    notes = w.scale.trips * w.scale.notes_per_trip
    if w.id == HOUSE:
        return NotesTrial(notes, 0.04, 0.62, 0.95)
    busier = rng.uniform(1.12, 1.4)
    read_more = rng.random() < 0.5  # a short note may be read by more people
    return NotesTrial(
        notes=float(f"{notes * busier:.3g}"),
        harm=_log_pick(rng, 0.006, 0.6),
        opened=_pick(rng, 0.22, 0.85, 2),
        keeps=_pick(rng, 0.98, 1.03) if read_more else _pick(rng, 0.84, 0.95),
    )


def _plan(w: World) -> Plan:
    rng = stream(w.id, "cost-latency-routing", "plan")
    carries = 0.7 / (w.scale.calls_per_session * _rebook(w))
    if w.id == HOUSE:
        return Plan(3.5, 0.8, 3.6)
    odds = ((0.05, 0.105), (0.16, 0.75), (1.35, 2.2))[int(rng.choice(3, p=(0.35, 0.45, 0.2)))]
    return Plan(3.5, 0.8, _pick(rng, odds[0] * carries, odds[1] * carries, 2))


def _rebook(w: World) -> float:
    from skillmap.lantern.surfaces import rebook_dollars

    return rebook_dollars(w, w.tier("heron"))


def _storm(w: World) -> Storm:
    """Draw a storm that the slots carry, that they hardly carry, or that floods them."""
    rng = stream(w.id, "cost-latency-routing", "storm")
    heron, wren = w.tier("heron"), w.tier("wren")
    seconds = round(expected_seconds(w, heron, Settings()), 2)
    short = round(expected_seconds(w, heron, Settings(answer_length=0.3)), 2)
    small = round(expected_seconds(w, wren, Settings()), 2)
    per_hour = float(f"{w.scale.questions / MONTH * PEAK:.3g}")
    if w.id == HOUSE:
        return Storm(8, 6.0, 6.0, per_hour, seconds, short, small, w.serving.cv, 0.06)
    ends = ((0.62, 0.74), (0.90, 0.945), (1.12, 1.4))[int(rng.choice(3, p=(0.25, 0.35, 0.4)))]
    target, gentle = rng.uniform(*ends), rng.uniform(0.72, 0.91)
    base = per_hour / 3600 * seconds
    slots = max(4, round(base * w.calendar.storm_factor[0] / target))
    worst = float(f"{target * slots / base:.3g}")
    first = worst if target < gentle else float(f"{gentle * slots / base:.3g}")
    extra = _log_pick(rng, 0.02, 0.35)
    return Storm(slots, first, worst, per_hour, seconds, short, small, w.serving.cv, extra)
