"""Lab ES-L4: quality up, wait down, price down. Does the bill fall?

A new Heron is tried in a copy of the learner's world: better answers, shorter and sooner, at a
lower price. Lantern's logs give what an answer costs and what it asks of people, before and after;
the demand that follows is the stylized power of effort that Lantern itself uses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillmap.lantern.day import Carry, live
from skillmap.lantern.settings import Settings
from skillmap.lantern.trust import READING_SPEED, RECHECK_SECONDS
from skillmap.lantern.world import MONTH, World, parameters
from skillmap.lessons.estimation.runs import TO_A_MONTH, three_weeks, today
from skillmap.lessons.exhibits import Card, Grid
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from skillmap.answers import AnswerSheet
    from skillmap.lantern import Lantern

__all__ = ["ANSWERS", "Build", "compared", "new_heron", "response", "run", "trial", "with_response"]

QUARTER = 3
"""Months in a quarter; the volume of the logs is held for all three."""
ANSWERS = ("es.l4.flat", "es.l4.effort", "es.l4.bill", "es.l4.break-even", "es.l4.decision")


@dataclass(frozen=True, slots=True)
class Build:
    """One build in the logs: questions a month, dollars for a thousand of them, and effort.

    ``wait`` seconds until something can be read; ``tokens`` written an answer; ``checked`` percent
    of answers that people look up again or phone about. Rounded as the lab prints them.
    """

    questions: float
    per_thousand: float
    wait: float
    tokens: float
    checked: float

    @property
    def effort(self) -> float:
        """Seconds of effort for one answer: waiting, reading, checking.

        >>> round(Build(1e5, 6.5, 1.0, 200, 50).effort)
        81
        """
        return self.wait + self.tokens / READING_SPEED + self.checked / 100 * RECHECK_SECONDS

    @property
    def quarter(self) -> float:
        """Dollars for model calls of Ask in a quarter at this volume."""
        return QUARTER * self.questions * self.per_thousand / 1000


def new_heron(world: int) -> World:
    """Return the learner's world with the new Heron in it: better, sooner, shorter, cheaper."""
    w = parameters(world)
    rng = stream(world, "estimation", "elastic")
    lift, sooner = rng.uniform(0.2, 0.7), rng.uniform(0.5, 0.8)
    shorter, cheaper = rng.uniform(0.45, 0.85), rng.uniform(0.6, 1.0)
    if world == HOUSE:
        lift, sooner, shorter, cheaper = 0.4, 0.7, 0.7, 0.9
    tiers = tuple(
        replace(
            tier,
            ability=tier.ability + lift,
            ttft=tier.ttft * sooner,
            price_in=tier.price_in * cheaper,
            price_out=tier.price_out * cheaper,
        )
        if tier.name == "heron"
        else tier
        for tier in w.tiers
    )
    return replace(w, tiers=tiers, written_tokens=w.written_tokens * shorter)


def _measured(lantern: Lantern) -> Build:
    segments = lantern.logs.segments
    questions = lantern.logs.question_columns("outcome", "dollars", "seconds_to_read", "tokens_out")
    n = len(questions)
    acted = segments["acted"].sum() / segments["answered"].sum()
    answered = questions["outcome"] == "answered"
    return Build(
        _digits(n * TO_A_MONTH, 4),
        _digits(1000 * float(questions["dollars"].sum()) / n, 4),
        _digits(float(questions["seconds_to_read"].mean()), 3),
        _digits(float(questions.loc[answered, "tokens_out"].mean()), 4),
        _digits(100 * float(1 - acted), 3),
    )


@per_world
def trial(world: int) -> tuple[Build, Build]:
    """Return today's Heron and the new one, measured in the logs of three weeks each."""
    return _measured(today(world)), _measured(three_weeks(new_heron(world)))


def with_response(world: int, elasticity: float) -> float:
    """Dollars for the quarter with the new Heron when volume follows effort."""
    old, new = trial(world)
    return float(new.quarter * (new.effort / old.effort) ** elasticity)


def compared(world: int) -> Grid:
    """Lay the two builds side by side, as the lab shows them."""
    old, new = trial(world)
    each = RECHECK_SECONDS
    rows = (
        ("Questions a month", f"{old.questions:,.0f}", "the same people"),
        (
            "Dollars of model calls for 1,000 questions",
            f"{old.per_thousand:g}",
            f"{new.per_thousand:g}",
        ),
        ("Seconds until something can be read", f"{old.wait:g}", f"{new.wait:g}"),
        ("Tokens written for an answer", f"{old.tokens:g}", f"{new.tokens:g}"),
        (
            "Percent of answers checked again or phoned about",
            f"{old.checked:g}",
            f"{new.checked:g}",
        ),
        (
            "Seconds of effort for each",
            f"{READING_SPEED:g} tokens read a second",
            f"{each:g} seconds to check an answer",
        ),
        (
            "Elasticity of volume on effort",
            f"{parameters(world).market.elasticity:g}",
            "research, stylized",
        ),
    )
    title = "Lantern on Ask, your world: days 0 to 20 with each build, nobody asking more yet"
    return Grid(title, ("Logged", "Heron today", "New Heron, trial"), rows)


@per_world
def response(world: int) -> tuple[float, ...]:
    """Return demand, 1 for today's, on each of 21 days in which people answer to the new effort.

    Lantern's own days, with the effort of today's build as what people are used to.
    """
    usual = _usual_effort(parameters(world))
    w, carry, path = new_heron(world), Carry(usual_effort=usual), []
    for day in range(21):
        record, carry = live(w, Settings(), day, carry, demand_responds=True)
        path.append(record.demand)
    return tuple(path)


def _usual_effort(w: World) -> float:
    """The effort that people have with today's build, by Lantern's own count, over a week."""
    carry, seen = Carry(), []
    for day in range(7):
        _, carry = live(w, Settings(), day, carry, demand_responds=True)
        assert carry.usual_effort is not None
        seen.append(carry.usual_effort)
        carry = replace(carry, usual_effort=None, demand=1.0)
    return sum(seen) / len(seen)


def run(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Grid | Card:
    """Show how volume moves in Lantern once the prediction is in.

    >>> print(run(10, {}).lines[0][1])
    0 of 5 answers are in. Lantern runs when all five are.
    """
    given = sum(answers.get(part) is not None for part in ANSWERS)
    if given < len(ANSWERS):
        text = f"{given} of {len(ANSWERS)} answers are in. Lantern runs when all five are."
        return Card("The elastic bill", (("Not yet", text),))
    path = response(world)
    old, new = trial(world)
    rows = tuple(
        (
            f"{week + 1}",
            f"{sum(path[7 * week : 7 * week + 7]) / 7:.2f}",
            f"{_week(old, 1.0):,.0f}",
            f"{_week(new, sum(path[7 * week : 7 * week + 7]) / 7):,.0f}",
        )
        for week in range(len(path) // 7)
    )
    columns = ("Week", "Volume, today = 1", "Bill with Heron today", "Bill with the new Heron")
    return Grid("Lantern with people who answer to effort, dollars a week", columns, rows)


def _week(build: Build, volume: float) -> float:
    return build.quarter / (QUARTER * MONTH) * 7 * volume


def _digits(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
