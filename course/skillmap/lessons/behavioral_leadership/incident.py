"""A wrong promise that ran for days: its log, its dashboards and eight proposed changes.

Times are hours after midnight of day 0. Everything is invented. The desk's tool has a clock of its
own; people a day see the feature evenly over the day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.random import Generator

__all__ = [
    "CHANGES",
    "METRICS",
    "SURFACES",
    "Entry",
    "Incident",
    "clock",
    "exposed",
    "incident",
    "spared",
]

SURFACES = ("app", "web", "kiosk")
METRICS = ("reask", "handoff", "letters", "wrong")
"""Three that stood on the dashboard, and one that was first counted in the review."""
CHANGES = ("remind", "page", "alone", "read", "talk", "switch", "rule", "drill")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: true time in hours, source, what it says."""

    at: float
    source: str
    says: str


@dataclass(frozen=True, slots=True)
class Incident:
    """The incident of a world. ``people`` a day and ``faulty`` share, by surface.

    ``fixed`` gives the hour at which each surface was clean, ``levels`` a row a day of each
    metric, ``bounds`` what had been agreed on beforehand, ``knowable`` the day that follows from
    the rule, ``cuts`` the hours to which a change brings its phase.
    """

    start: float
    seen: float
    decided: float
    fixed: tuple[float, float, float]
    people: tuple[float, float, float]
    faulty: tuple[float, float, float]
    ahead: int
    first_day: int
    levels: tuple[tuple[float, ...], ...]
    bounds: tuple[float, ...]
    knowable: int
    signal: str
    cuts: dict[str, float]
    log: tuple[Entry, ...]

    @property
    def detect(self) -> float:
        """Hours from the start until a person on the team said that something was wrong."""
        return self.seen - self.start

    @property
    def decide(self) -> float:
        """Hours from then until switching off was decided."""
        return self.decided - self.seen

    @property
    def mitigate(self) -> float:
        """Hours from the decision until the last surface was clean."""
        return max(self.fixed) - self.decided


def clock(at: float) -> str:
    """Write a time as a log does.

    >>> clock(41 * 24 + 9.5)
    'day 41, 09:30'
    """
    day, hour = divmod(at, 24)
    return f"day {int(day)}, {int(hour):02d}:{round(60 * (hour % 1)):02d}"


def exposed(found: Incident, *, detect: float, decide: float, fixed: tuple[float, ...]) -> float:
    """People who got a wrong promise, with ``fixed`` in hours after the decision."""
    return sum(
        people * faulty / 24 * (detect + decide + own)
        for people, faulty, own in zip(found.people, found.faulty, fixed, strict=True)
    )


def _as_it_was(found: Incident) -> tuple[float, ...]:
    return tuple(at - found.decided for at in found.fixed)


def spared(found: Incident, changes: Collection[str]) -> float:
    """People whom a set of changes would have spared; in one phase the stronger change counts."""
    cut = found.cuts
    detect = min([found.detect, *(cut[k] for k in ("page", "read") if k in changes)])
    decide = min([found.decide, *(cut[k] for k in ("alone", "rule") if k in changes)])
    own = _as_it_was(found)
    for name in ("switch", "drill"):
        if name in changes:
            own = tuple(min(hours, cut[name]) for hours in own)
    now = exposed(found, detect=found.detect, decide=found.decide, fixed=_as_it_was(found))
    return now - exposed(found, detect=detect, decide=decide, fixed=own)


def _quarter(value: float) -> float:
    return round(4 * value) / 4


def _levels(
    rng: Generator, days: int, onset: int, signal: str, lead: int
) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """Daily readings and bounds; only ``signal`` stays above its bound, from ``lead`` on."""
    usual = (41.0, 27.0, 6.0, 3.0)
    spread = (1.6, 1.2, 0.9, 0.5)
    bounds = tuple(round(u + 3 * s, 1) for u, s in zip(usual, spread, strict=True))
    noisy = METRICS.index(str(rng.choice([m for m in METRICS[:3] if m != signal])))
    blip = int(rng.integers(1, days - 1))
    rows = []
    for n in range(days):
        row = []
        for k, name in enumerate(METRICS):
            level = usual[k] + spread[k] * float(rng.normal(0, 0.7))
            level = min(level, bounds[k] - 0.3)
            if k == noisy and n == blip:
                level = bounds[k] + spread[k] * float(rng.uniform(0.4, 1.5))
            if name == signal and n >= lead:
                level = bounds[k] + spread[k] * float(rng.uniform(0.4, 2.5))
            if name == "wrong" and n >= onset:
                level = bounds[k] + float(rng.uniform(4, 9))
            row.append(round(max(level, 0.1), 1))
        rows.append(tuple(row))
    return tuple(rows), bounds


def _log(rng: Generator, i: Incident, by_desk: bool) -> tuple[Entry, ...]:
    """Twelve lines, some of which look like the moment and are not."""
    start, seen, decided = i.start, i.seen, i.decided
    order = sorted(range(3), key=lambda k: i.fixed[k])
    muted = start + _quarter(float(rng.uniform(0.25, 0.6)) * i.detect)
    letter = start + _quarter(float(rng.uniform(0.3, 0.8)) * i.detect)
    lines = [
        Entry(start - 20.0, "deploy", "Release 4.1 built. Tests pass."),
        Entry(start, "deploy", "Release 4.1 live on app, web and kiosk."),
        Entry(start + 0.75, "chat", "Ilse: 4.1 is out, latency is normal, going to lunch."),
        Entry(muted, "alerts", "Latency above bound for a minute. To a channel that nobody reads."),
        Entry(letter, "desk", "Letter about a promise, tagged 'general', no answer yet."),
        Entry(
            seen,
            "desk" if by_desk else "chat",
            "Nkechi to the channel: Lantern promises a connection that we do not cover."
            if by_desk
            else "Tomas: I read twenty answers, four promise a connection we do not cover.",
        ),
        Entry(seen + _quarter(i.decide * 0.3), "chat", "Rafael proposes to switch promises off."),
        Entry(seen + _quarter(i.decide * 0.6), "chat", "Dara asks for a count before we decide."),
        Entry(decided, "chat", "Dara and Rafael: decided, promises go off. Ilse does it."),
        *(Entry(i.fixed[k], "deploy", f"Promises off on {SURFACES[k]}.") for k in order),
        Entry(max(i.fixed) + 3.5, "chat", "Ilse: incident closed, review on Thursday."),
    ]
    return tuple(sorted(lines, key=lambda e: e.at))


@per_world
def incident(world: int) -> Incident:
    """Draw the incident of a world.

    >>> i = incident(10)
    >>> i.start < i.seen < i.decided < min(i.fixed)
    True
    """
    rng = stream(world, "behavioral", "incident")
    day = int(rng.integers(31, 60))
    start = 24.0 * day + _quarter(float(rng.uniform(9, 12)))
    days = int(rng.integers(3, 8))
    seen = 24.0 * (day + days) + _quarter(float(rng.uniform(9, 17)))
    slow = float(rng.uniform(3, 40))
    decided = seen + max(2.0, _quarter(slow))
    lags = [max(0.5, _quarter(float(rng.uniform(0.5, 5))))]
    lags += [lags[0] + max(0.5, _quarter(float(rng.uniform(1, 12))))]
    lags += [lags[1] + max(0.5, _quarter(float(rng.uniform(3, 30))))]
    fixed = [decided + lags[int(k)] for k in rng.permutation(3)]
    people = tuple(
        round(float(rng.uniform(a, b)), -2) for a, b in ((4e3, 9e3), (2e3, 6e3), (6e2, 2e3))
    )
    faulty = tuple(round(float(rng.uniform(0.02, 0.09)), 3) for _ in SURFACES)
    signal = str(rng.choice([*METRICS[:3], "none"], p=[0.25, 0.25, 0.25, 0.25]))
    if world == HOUSE:
        signal = "letters"
    before = 4
    lead = before + int(rng.integers(0, days - 1))
    if signal == "none":
        lead = before + days + 9
    levels, bounds = _levels(rng, before + days + 1, before, signal, lead)
    knowable = day + days if signal == "none" else day + lead - before + 1
    detect, decide, mitigate = seen - start, decided - seen, max(fixed) - decided
    cuts = {
        "page": round(detect * float(rng.uniform(0.25, 0.8))),
        "read": round(detect * float(rng.uniform(0.25, 0.8))),
        "alone": max(0.5, _quarter(decide * float(rng.uniform(0.1, 0.8)))),
        "rule": max(0.5, _quarter(decide * float(rng.uniform(0.1, 0.8)))),
        "switch": max(0.5, _quarter(mitigate * float(rng.uniform(0.05, 0.6)))),
        "drill": max(0.5, _quarter(mitigate * float(rng.uniform(0.05, 0.6)))),
    }
    bare = Incident(
        start, seen, decided, (fixed[0], fixed[1], fixed[2]),
        (people[0], people[1], people[2]), (faulty[0], faulty[1], faulty[2]),
        int(rng.integers(0, 3)), day - before, levels, bounds, knowable, signal,
        {name: float(hours) for name, hours in cuts.items()}, (),
    )  # fmt: skip
    return replace(bare, log=_log(rng, bare, bool(rng.random() < 0.6)))
