"""Lab ES-L3: the eval of one group rises by eight points. What does the product do?

The change is a World in which one group's answers are right more often (a shift of the odds that
lifts the pass rate on a hard set of tickets by eight points). Lantern then runs in both worlds,
and the learner's forecast of four differences is scored on what happens. The labs here show logs,
samples and past changes; which acted-on answers were wrong stays hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.index import recall_table
from skillmap.lantern.oracle import error_by_segment
from skillmap.lantern.retrieval import IndexConfig
from skillmap.lantern.tiers import chances
from skillmap.lantern.traffic import cell_segments, is_disruption, rates
from skillmap.lantern.world import SEGMENT_NAMES, parameters
from skillmap.lessons.estimation.facts import SEGMENTS
from skillmap.lessons.estimation.runs import TO_A_MONTH, group_month, three_weeks, today
from skillmap.lessons.exhibits import Card, Grid
from skillmap.worlds import per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from skillmap.answers import AnswerSheet
    from skillmap.lantern import Lantern
    from skillmap.lantern.world import World

__all__ = [
    "FORECAST",
    "POINTS",
    "Change",
    "Signs",
    "before",
    "change",
    "improved",
    "pilot",
    "signs",
]

POINTS = 0.08
"""How far the eval pass rate rises: eight points."""
FORECAST = ("es.l3.rar", "es.l3.harm", "es.l3.contacts", "es.l3.cost")
PILOT = 20
"""One in so many people of the group is in the pilot that the lab shows afterwards."""
_HARD = (1.0, 1.3, 1.6, 2.0)
"""How much harder than everyday questions the ticket set may be, in standard deviations."""
_LABELED = 600


@dataclass(frozen=True, slots=True)
class Change:
    """The change under discussion: whose answers, the eval before and after, the lift in logits."""

    segment: str
    eval_before: float
    eval_after: float
    lift: float


@per_world
def change(world: int) -> Change:
    """Return the change of a world: the group that the inherited pilot sample made suspicious.

    >>> found = change(10)
    >>> found.segment, round(found.eval_after - found.eval_before, 3)
    ('S3', 0.08)
    """
    w = parameters(world)
    segment = w.pilot.segment
    hard = next(d for d in _HARD if _passes(w, segment, d, 5.0) > _passes(w, segment, d) + 0.09)
    low, high = 0.0, 5.0
    start = _passes(w, segment, hard)
    for _ in range(40):
        middle = (low + high) / 2
        if _passes(w, segment, hard, middle) < start + POINTS:
            low = middle
        else:
            high = middle
    return Change(segment, start, start + POINTS, high)


def _passes(w: World, segment: str, hard: float, lift: float = 0.0) -> float:
    """Expected pass rate of a group's hard tickets among those that Heron answers."""
    at = SEGMENT_NAMES.index(segment)
    table = recall_table(w, 0, IndexConfig())
    mix = np.where((cell_segments() == at) & ~is_disruption(), rates(w, 0)[0], 0.0)
    rows = mix > 0
    nodes = np.linspace(-4.0, 4.0, 33)
    weights = np.exp(-(nodes**2) / 2)
    c = chances(
        w.tier("heron"),
        difficulty=(nodes + hard).astype(np.float32)[None, :],
        shift=(w.segments[at].shift + lift + table.distraction[rows])[:, None],
        found=table.evidence_found[rows][:, None],
        stale=table.stale[rows][:, None],
    )
    given = mix[rows][:, None] * weights * (1 - c.abstains)
    return float((given * c.right).sum() / given.sum())


def improved(world: int) -> Lantern:
    """Lantern with the change in it from launch on, so that people have got used to it."""
    w, found = parameters(world), change(world)
    segments = tuple(
        replace(s, shift=s.shift + found.lift) if s.name == found.segment else s for s in w.segments
    )
    return three_weeks(replace(w, segments=segments))


@dataclass(frozen=True, slots=True)
class Signs:
    """What a PM can know before: samples and past changes, each with its luck."""

    labeled: int
    wrong: int
    past: tuple[tuple[float, float], ...]
    notice_low: float
    notice_high: float


@per_world
def signs(world: int) -> Signs:
    """Draw what is known beforehand; ``past`` has eval points and production points."""
    found = change(world)
    at = SEGMENT_NAMES.index(found.segment)
    old, new = (error_by_segment(run)[at] for run in (today(world), improved(world)))
    rng = stream(world, "estimation", "plus eight")
    carried = (old - new) / POINTS
    past = []
    for points in (4, 6, 11):
        luck = float(rng.uniform(0.75, 1.3))
        past.append((float(points), round(points * carried * luck, 1)))
    notices = parameters(world).variant.notices
    return Signs(
        _LABELED,
        int(rng.binomial(_LABELED, old)),
        tuple(past),
        round(100 * notices * float(rng.uniform(0.5, 0.8))),
        round(100 * notices * float(rng.uniform(1.25, 1.7))),
    )


def before(world: int) -> Grid:
    """What is known before the forecast: the logs of three weeks, a sample, past changes."""
    found, known = change(world), signs(world)
    group = group_month(today(world), found.segment)
    past = "; ".join(f"+{points:g} gave +{gain:g}" for points, gain in known.past)
    rows = (
        ("Questions a month", f"{group.questions:,.0f}", "logs"),
        ("Answers given a month", f"{group.answered:,.0f}", "logs; the rest left or went on"),
        ("Acted on without checking", f"{group.acted:,.0f}", "logs"),
        ("Contacts a month", f"{group.contacts:,.0f}", "logs"),
        (
            "Wrong, of answers given",
            f"{known.wrong} of {known.labeled}",
            "labeled twice, differences settled",
        ),
        (
            "Pass rate on the ticket set",
            f"{100 * found.eval_before:.0f} → {100 * found.eval_after:.0f} percent",
            "tickets that went wrong once: harder than everyday questions",
        ),
        ("Earlier changes, points", past, "ticket set, then labels in production"),
        (
            "Wrong answers that look wrong",
            f"{known.notice_low:g} to {known.notice_high:g} percent",
            "people who would rely act on so many fewer of them",
        ),
    )
    title = f"Lantern, {SEGMENTS[found.segment]}: days 0 to 20 of your world, scaled to a month"
    return Grid(title, ("What", "How much", "From"), rows)


def pilot(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Grid | Card:
    """Show the logs of one in twenty people with the change, once the forecast is in.

    >>> print(pilot(10, {}).lines[0][1])
    0 of 4 ranges are in. The pilot runs when all four are.
    """
    given = sum(_is_range(answers, part) for part in FORECAST)
    if given < len(FORECAST):
        text = f"{given} of {len(FORECAST)} ranges are in. The pilot runs when all four are."
        return Card("Plus eight", (("Not yet", text),))
    found = change(world)
    old, new = (_piloted(run, found.segment) for run in (today(world), improved(world)))
    rows = tuple(
        (name, f"{was:,}", f"{now:,}", f"{(now - was) * PILOT * TO_A_MONTH:+,.0f}")
        for name, was, now in zip(_COUNTED, old, new, strict=True)
    )
    title = f"Pilot: the same one in {PILOT} of the {SEGMENTS[found.segment]}, 21 days, both builds"
    return Grid(title, ("Logged", "Without", "With the change", "Change, scaled to a month"), rows)


_SAID = ("rechecked", "contacted", "complained")
_COUNTED = ("questions", "answers given", "acted on without checking", "contacts", "complaints")


def _piloted(lantern: Lantern, segment: str) -> tuple[int, ...]:
    frame = lantern.logs.question_columns("segment", "user", "outcome", *_SAID)
    frame = frame[(frame["segment"] == segment) & (frame["user"] % PILOT == 0)]
    answered = frame["outcome"] == "answered"
    acted = answered & ~frame["rechecked"] & ~frame["contacted"]
    return (
        len(frame),
        int(answered.sum()),
        int(acted.sum()),
        int(frame["contacted"].sum()),
        int(frame["complained"].sum()),
    )


def _is_range(answers: AnswerSheet | Mapping[str, Any], part: str) -> bool:
    value: Any = answers.get(part)
    value = getattr(value, "value", value)
    return isinstance(value, dict) and {"low", "high"} <= value.keys()
