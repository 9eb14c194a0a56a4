"""What is right in one world of the Execution module. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read). A
rollout plan is valued exactly, by Poisson counts; remedies and queue options by dollars over
thirty days or a day; the trial's options by normal updating. House figures are those of the
course specification.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc

from skillmap.bank import question
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.lessons.execution.case import ANSWERED, Case, case
from skillmap.lessons.execution.incident import LATER, NIGHT, frame, number
from skillmap.lessons.execution.looks import PLATFORMS, Trial, trial
from skillmap.lessons.execution.queue import BANDS, Queue, queue, reading_plan, sample
from skillmap.lessons.execution.rollout import (
    HORIZON,
    LATE,
    SHARES,
    WHO,
    Stage,
    plan_of,
)
from skillmap.lessons.execution.war_room import wall
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["best_plan", "plan_value", "reference_answers", "references", "worked"]

MONTH = 30


# --- EX-L1: what a rollout plan is worth ---------------------------------------------------------


class PlanValue(NamedTuple):
    """Expected dollars and days of one plan: gain, harm of faults, day of full exposure."""

    gain: float
    harm: float
    full: float
    harm_se: float
    full_se: float

    @property
    def worth(self) -> float:
        """What graders compare: gain less harm over sixty days."""
        return self.gain - self.harm


def plan_value(c: Case, plan: Sequence[Stage]) -> PlanValue:
    """Return the exact expectation of a plan.

    Reports of a stage are a Poisson count that only grows, so the chance of no stop by day d is
    P(N_d < bound). Cases up to a stopping time have mean rate times exposure (Wald). The
    recursion goes from 100 percent back to the first stage, for every day one may start on.
    """
    gain, harm = _back(c, plan, "gain"), _back(c, plan, "harm")
    square, full, full2 = (_back(c, plan, name) for name in ("harm2", "full", "full2"))
    return PlanValue(
        gain,
        harm,
        full,
        math.sqrt(max(square - harm * harm, 0.0) / FUTURES),
        math.sqrt(max(full2 - full * full, 0.0) / FUTURES),
    )


def plan_worth(c: Case, plan: Sequence[Stage]) -> float:
    """Expected gain less harm in one pass, for the search.

    >>> c, plan = case(10), best_plan(10)
    >>> abs(plan_worth(c, plan) - plan_value(c, plan).worth) < 1e-6
    True
    """
    return _back(c, plan, "worth")


_STATES = ((False, False), (True, False), (False, True), (True, True))
_LAST = HORIZON + 220
"""Start days that the recursion keeps; everything after the horizon is worth nothing."""
_SEEN = np.minimum(np.arange(_LAST + 80), HORIZON)


def _days(what: str) -> Any:
    """Start days: those of the horizon for dollars, and more for the day of full exposure."""
    return np.arange(_LAST if what in {"full", "full2"} else HORIZON + 1)


def _within(day: Any, first: int, days: int) -> Any:
    """Days of a span that fall before the horizon, for every start day; ``first`` days later."""
    return _SEEN[day + first + days] - _SEEN[day + first]


def _back(c: Case, plan: Sequence[Stage], what: str) -> float:
    value = {state: _at_full(c, state, what) for state in _STATES}
    mean = {state: _at_full(c, state, "harm") for state in _STATES} if what == "harm2" else value
    for stage in reversed(plan):
        value, mean = (
            {s: _stage(c, stage, s, what, value, mean) for s in _STATES},
            {s: _stage(c, stage, s, "harm", mean, mean) for s in _STATES}
            if what == "harm2"
            else value,
        )
    return float(sum(p * value[s][0] for s, p in _odds(c).items()))


def _flow(c: Case, shown: float, helped: float, state: tuple[bool, bool]) -> tuple[float, float]:
    """Cases a day of the general and of the assisted fault."""
    return (
        c.risks.rate * shown if state[0] else 0.0,
        c.risks.assisted_rate * helped if state[1] else 0.0,
    )


def _at_full(c: Case, state: tuple[bool, bool], what: str) -> Any:
    r, shares, day = c.risks, c.group_shares, _days(what)
    if what in {"full", "full2"}:
        return day.astype(float) ** (1 if what == "full" else 2)
    first, second = _flow(c, c.daily, c.daily * shares["assisted"], state)
    days = _within(day, 0, LATE + r.react) if any(state) else np.zeros(len(day))
    loss = first * r.cost + second * r.assisted_cost
    noise = first * r.cost**2 + second * r.assisted_cost**2
    if what == "harm":
        return loss * days
    if what == "harm2":
        return (loss * days) ** 2 + noise * days
    everyone = c.daily * sum(shares[g] * r.gain[g] for g in shares)
    left = _within(day, 0, HORIZON) - (_within(day, LATE + r.react, r.fix) if any(state) else 0)
    return everyone * left - (loss * days if what == "worth" else 0.0)


class _Course(NamedTuple):
    """What a stage does with one set of faults, whatever comes after it.

    Dollars a day of gain and of loss, and the noise of the loss; the chance that no inquiry comes;
    for each day on which one may: days until then and its chance; what an inquiry leaves, as
    chance, pause in days and the faults still there.
    """

    worth: float
    loss: float
    noise: float
    quiet: float
    spans: Any
    stops: Any
    found: tuple[tuple[float, int, tuple[bool, bool]], ...]


def _course(c: Case, stage: Stage, state: tuple[bool, bool]) -> _Course:
    r, shares = c.risks, c.group_shares
    shown = c.daily * stage.share * sum(shares[g] for g in stage.groups)
    helped = c.daily * stage.share * shares["assisted"] if "assisted" in stage.groups else 0.0
    worth = c.daily * stage.share * sum(shares[g] * r.gain[g] for g in stage.groups)
    first, second = _flow(c, shown, helped, state)
    loss = first * r.cost + second * r.assisted_cost
    noise = first * r.cost**2 + second * r.assisted_cost**2
    reports = r.noticed * (first + second + r.background * shown)
    counts = reports * np.arange(1, stage.days + 1)
    alive = gammaincc(stage.stop, counts) if reports > 0 else np.ones(stage.days)
    stops = np.diff(np.concatenate([[0.0], 1 - alive]))
    end = np.flatnonzero(stops > 1e-9)
    found: tuple[tuple[float, int, tuple[bool, bool]], ...] = ()
    if len(end):
        share = r.noticed / reports
        found = tuple(
            (chance, r.fix if then != state else r.inquiry, then)
            for chance, then in _found(stage.stop, first * share, second * share, state)
        )
    return _Course(worth, loss, noise, 1 - stops.sum(), end + 1 + r.react, stops[end], found)


def _stage(  # noqa: PLR0917  # the recursion's own step
    c: Case,
    stage: Stage,
    state: tuple[bool, bool],
    what: str,
    after: Mapping[tuple[bool, bool], Any],
    mean: Mapping[tuple[bool, bool], Any],
    known: dict[Any, _Course] | None = None,
) -> Any:
    """Return what is to come at the start of a stage, for every day it may start on.

    ``known`` keeps the courses of a case's stages for a search that meets them again.
    """
    memo = {} if known is None else known
    if (stage, state) not in memo:
        memo[stage, state] = _course(c, stage, state)
    does, day = memo[stage, state], _days(what)

    def ahead(days: Any, start: Any, chance: Any, next_: tuple[bool, bool]) -> Any:
        """What ``days`` of this exposure bring, and what follows ``start`` days from now."""
        at = np.minimum(day[:, None] + start, len(day) - 1)
        rest = after[next_][at]
        if what in {"full", "full2"}:
            return rest @ chance
        seen = _SEEN[day[:, None] + days] - _SEEN[day][:, None]
        if what == "harm2":
            own = does.loss * seen
            return (own * own + does.noise * seen + 2 * own * mean[next_][at] + rest) @ chance
        rate = {"harm": does.loss, "gain": does.worth, "worth": does.worth - does.loss}[what]
        return (rate * seen + rest) @ chance

    whole = np.array([stage.days])
    total = ahead(whole, whole, np.array([does.quiet]), state)
    for chance, pause, then in does.found:
        total = total + ahead(does.spans, does.spans + pause, chance * does.stops, then)
    return total


def _found(
    reports: int, first: float, second: float, state: tuple[bool, bool]
) -> list[tuple[float, tuple[bool, bool]]]:
    """Chance of each set of faults left after an inquiry that follows up some reports.

    Each report comes from the general fault with chance ``first``, from the assisted one with
    ``second``, independently; a fault behind none of them stays.
    """
    not_first, not_second = (1 - first) ** reports, (1 - second) ** reports
    neither = (1 - first - second) ** reports if first + second < 1 else 0.0
    odds: dict[tuple[bool, bool], float] = {}
    for chance, mended in (
        (neither, (False, False)),
        (not_second - neither, (True, False)),
        (not_first - neither, (False, True)),
        (1 - not_first - not_second + neither, (True, True)),
    ):
        then = (state[0] and not mended[0], state[1] and not mended[1])
        odds[then] = odds.get(then, 0.0) + chance
    return [(chance, then) for then, chance in odds.items() if chance > 1e-9]


FUTURES = 200
"""Futures that a learner sees."""


_DAYS = (0, 1, 2, 3, 4, 5, 7, 9, 12, 16)
_STOPS = (1, 2, 3, 4, 5, 7, 9, 12, 16, 22, 30)


@per_world
def best_plan(world: int) -> tuple[Stage, ...]:
    """Return the best plan found by changing one cell at a time from three starts."""
    c = case(world)
    starts = (
        _same("all", (0, 3, 2, 0), (2, 4, 9, 16)),
        _same("all", (5, 4, 2, 1), (2, 4, 9, 16)),
    )
    found = [_climb(c, start) for start in starts]
    return max(found, key=lambda plan: plan_worth(c, plan))


def _same(who: str, days: Sequence[int], stops: Sequence[int]) -> tuple[Stage, ...]:
    return tuple(
        Stage(share, WHO[who], d, k)
        for share, d, k in zip(SHARES.values(), days, stops, strict=True)
    )


def _climb(c: Case, plan: tuple[Stage, ...]) -> tuple[Stage, ...]:
    top = plan_worth(c, plan)
    known: dict[Any, _Course] = {}
    while True:
        better = top
        for n in reversed(range(len(plan))):
            after = {state: _at_full(c, state, "worth") for state in _STATES}
            for stage in reversed(plan[n + 1 :]):
                after = {s: _stage(c, stage, s, "worth", after, after, known) for s in _STATES}
            cell = plan[n]
            tries = [replace(cell, days=d) for d in _DAYS]
            tries += [replace(cell, stop=k) for k in _STOPS] if cell.days else []
            tries += [replace(cell, groups=g) for g in WHO.values()] if cell.days else []
            for other in tries:
                worth = _from(c, (*plan[:n], other), after, known)
                if worth > better + 1e-6:
                    better, plan = worth, (*plan[:n], other, *plan[n + 1 :])
        if better <= top + 1.0:
            return plan
        top = better


def _from(
    c: Case,
    stages: Sequence[Stage],
    after: Mapping[tuple[bool, bool], Any],
    known: dict[Any, _Course],
) -> float:
    """Expected worth of these stages, followed by what ``after`` says."""
    value = after
    for stage in reversed(stages):
        if stage.days:
            value = {s: _stage(c, stage, s, "worth", value, value, known) for s in _STATES}
    return float(sum(p * value[s][0] for s, p in _odds(c).items()))


def _odds(c: Case) -> dict[tuple[bool, bool], float]:
    r = c.risks
    return {
        (f, a): (r.chance if f else 1 - r.chance)
        * (r.assisted_chance if a else 1 - r.assisted_chance)
        for f, a in _STATES
    }


NAIVE_PLANS = {
    "three days each, stop at 2, 4, 10, 20": _same("all", (3, 3, 3, 3), (2, 4, 10, 20)),
    "all at once": _same("all", (0, 0, 0, 0), (1, 1, 1, 1)),
    "a week each, stop at the first report": _same("all", (7, 7, 7, 7), (1, 1, 1, 1)),
}


def _rows(plan: Sequence[Stage]) -> list[dict[str, Any]]:
    who = {groups: name for name, groups in WHO.items()}
    return [
        {"row": row, "who": who[stage.groups], "days": float(stage.days), "stop": float(stage.stop)}
        for row, stage in zip(SHARES, plan, strict=True)
    ]


def quiet_reports(c: Case, plan: Sequence[Stage]) -> float:
    """Reports to expect in the first stage that has days, with neither fault there.

    >>> plan = [Stage(0.01, WHO["all"], 0, 1), Stage(0.05, WHO["all"], 4, 3)]
    >>> round(quiet_reports(case(10), plan), 3)  # 14,000 × 5% × 4 × 0.1% × 50%
    1.4
    """
    first = next((stage for stage in plan if stage.days), None)
    if first is None:
        return 0.0
    shown = c.daily * first.share * sum(c.group_shares[g] for g in first.groups)
    return shown * first.days * c.risks.background * c.risks.noticed


def _rollout(c: Case) -> dict[str, Any]:
    best = best_plan(c.world)

    def worth(settings: Any) -> float | None:
        plan = plan_of(settings)
        return None if plan is None else plan_worth(c, plan)

    def expected(name: str) -> Any:
        def of(answers: Mapping[str, Any]) -> dict[str, float] | None:
            plan = plan_of(answers["decision"]) if "decision" in answers else None
            if plan is None:
                return None
            value = plan_value(c, plan)
            return {"value": getattr(value, name), "se": getattr(value, f"{name}_se")}

        return of

    def quiet(answers: Mapping[str, Any]) -> float | None:
        plan = plan_of(answers["decision"])
        return None if plan is None else quiet_reports(c, plan)

    return {
        "value": worth,
        "best": plan_worth(c, best),
        "default": max(plan_worth(c, plan) for plan in NAIVE_PLANS.values()),
        "at": _rows(best),
        "harm": expected("harm"),
        "full": expected("full"),
        "quiet_reports": quiet,
    }


# --- EX-L2: looks and the split -------------------------------------------------------------------


@cache
def crossing(bound: float, looks: int) -> float:
    """Chance that a standardized sum without drift passes ``bound`` at one look or more.

    Recursive integration of the density of what has not crossed (Armitage and others 1969).

    >>> round(crossing(1.96, 5), 3), round(crossing(1.96, 10), 3)
    (0.142, 0.193)
    """
    inside = np.ones(1)
    grid = np.zeros(1)
    for look in range(1, looks + 1):
        edge = bound * math.sqrt(look)
        new = np.linspace(-edge, edge, 401)
        step = new[1] - new[0]
        weights = np.full(401, step)
        weights[[0, -1]] *= 0.5
        steps = new[:, None] - grid[None, :]
        density = np.exp(-(steps**2) / 2) / np.sqrt(2 * np.pi) @ inside
        inside, grid = density * weights, new
    return float(1 - inside.sum())


@cache
def pocock(looks: int, level: float = 0.05) -> float:
    """The flat bound that keeps false alarms at ``level`` over equal looks.

    >>> round(pocock(5), 3), round(pocock(10), 3)
    (2.413, 2.555)
    """
    return float(brentq(lambda bound: crossing(bound, looks) - level, 1.9, 3.5, xtol=1e-4))


def chi_square(a: float, b: float) -> float:
    """Chi-square of a split that should be half and half.

    >>> chi_square(5_000, 5_300) > 8
    True
    """
    return (a - b) ** 2 / (a + b)


def broken(t: Trial) -> bool:
    """Whether the split cannot be chance: chi-square above 10.83, less than once in a thousand."""
    return chi_square(*t.arms) > 10.83


def trial_values(t: Trial) -> dict[str, float]:
    """Return what each option is worth, in cents times the trial's questions.

    True harm in past trials is normal around 0 with ``spread``; the look updates it, unless the
    split is broken. Going on keeps the right to decide better later.
    """
    lost = broken(t)
    done = t.at / t.looks
    noise = t.error**2 / done
    prior = t.spread**2
    if lost:
        mean, var = 0.0, prior
    else:
        mean = prior / (prior + noise) * t.z * math.sqrt(noise)
        var = 1 / (1 / prior + 1 / noise)
    gap = t.benefit - mean
    fresh = math.sqrt(var - 1 / (1 / var + 1 / t.error**2))
    if lost:
        going = gap * (1 - done) + t.after * 0.5 * gap
    else:
        final = 1 / (1 / prior + 1 / t.error**2)
        going = gap * (1 - done) + t.after * _option(gap, math.sqrt(max(var - final, 1e-12)))
    return {
        "continue": going,
        "stop": 0.0,
        "restart": -t.again + gap + (t.after - done) * _option(gap, fresh),
        "ship": gap * (t.after + 1 - done),
    }


def _option(mean: float, sd: float) -> float:
    """E max(0, X) for X normal: the value of deciding after one has seen."""
    u = mean / sd
    return sd * math.exp(-u * u / 2) / math.sqrt(2 * math.pi) + mean * 0.5 * (
        1 + math.erf(u / math.sqrt(2))
    )


def _split(world: int) -> str:
    t = trial(world)
    if not broken(t):
        return "fine"
    worst = max(range(len(PLATFORMS)), key=lambda k: chi_square(*t.people[k]))
    return PLATFORMS[worst].lower()


def _trial(world: int) -> dict[str, Any]:
    t = trial(world)
    values = trial_values(t)
    return {
        "values": values,
        "default": _runner_up(values, "stop"),
        "alarms": 100 * crossing(1.96, t.looks),
        "bound": pocock(t.looks),
        "chi": chi_square(*t.arms),
        "split": _split(world),
    }


def _runner_up(values: Mapping[str, float], usual: str) -> str:
    """The default of a decision: the usual option, or the second best where that is best."""
    ranked = sorted(values, key=lambda name: -values[name])
    return ranked[1] if ranked[0] == usual else usual


# --- EX-L3: the incident --------------------------------------------------------------------------


def loss_a_day(c: Case) -> tuple[float, float]:
    """Return dollars a day from broken parts, and from longer answers and refusals."""
    i, heron = c.incident, c.lantern.tier("heron")
    tokens = c.daily * ANSWERED * c.lantern.written_tokens * (i.length - 1) * heron.price_out / 1e6
    refused = c.daily * i.refusals * c.lantern.desk.hand_off
    return c.broken_a_day * i.worth_broken, tokens + refused


def tonight(c: Case) -> dict[str, float]:
    """Dollars over the two days until the meeting, for each thing one can do tonight."""
    i, broken = c.incident, loss_a_day(c)[0]
    return {
        "watch": -2 * broken,
        "plain": -2 * (i.plain_cost + 0.1 * broken),
        "dark": -2 * i.outage_cost,
    }


def remedies(c: Case) -> dict[str, float]:
    """Dollars over thirty days for each remedy."""
    i = c.incident
    broken, other = loss_a_day(c)
    loss = broken + other
    outside = i.cause in {"mix", "outside"}
    fixed = MONTH - i.patch_days
    return {
        "accept": -MONTH * loss,
        "pin": -i.pin_cost - (max(0, MONTH - i.pin_days) if i.cause == "alias" else MONTH) * loss,
        "patch": -i.patch_cost - MONTH * loss + 0.9 * fixed * broken,
        "app": -i.app_cost - (2 if i.cause == "app" else MONTH) * loss,
        "index": -i.index_cost - (1 if i.cause == "index" else MONTH) * loss,
        "brief": -i.brief_cost - MONTH * loss + (MONTH * i.brief_gain if outside else 0.0),
    }


SHOWS = {
    "tokens_out": "length",
    "bulleted": "bullets",
    "malformed_rate": "format",
    "uncited_rate": "citations",
    "abstained_rate": "refusals",
    "psi": "mix",
    "first_p95": "latency",
    "labeled_error": "correct",
}
"""The option that each panel of the wall stands for."""


def moved(c: Case) -> list[str]:
    """Options whose panel is outside its usual range on four or more of the last six days.

    >>> moved(case(10))
    ['length', 'bullets', 'format']
    """
    panels = {p.key: p for p in wall(c.world, later=True).panels}
    found = [option for key, option in SHOWS.items() if panels[key].days_outside(LATER) >= 4]
    return found or ["none"]


def _incident(c: Case) -> dict[str, Any]:
    i, rows = c.incident, frame(c.world)
    later = remedies(c)
    answered = number(rows, "answered", i.day, i.day + LATER) / (1 - c.incoming)
    exposed = answered * i.rate
    return {
        "day": float(i.day),
        "moved": moved(c),
        "exposed": {"value": exposed, "se": 0.02 * exposed},
        "decision": {"values": later, "default": _runner_up(later, "accept")},
    }


def _between(c: Case) -> Any:
    """EX-log: what the decision is worth more than the rejected option, both the learner's own."""
    values, loss = remedies(c), sum(loss_a_day(c))

    def worth(answers: Mapping[str, Any]) -> dict[str, float] | None:
        chosen, other = answers["decision"], answers["rejected"]
        if chosen == other:
            raise ValueError("the option that you rejected is the one that you chose")
        return {"value": values[chosen] - values[other], "se": 0.02 * MONTH * loss + 20}

    return worth


def _complaints(c: Case) -> dict[str, dict[str, float]]:
    rows, night = frame(c.world), c.incident.day + NIGHT
    before = number(rows, "complaints", night - 8, night - 2)
    now = number(rows, "complaints", night - 1, night)
    return {"before": {"value": before, "se": 0.0}, "now": {"value": now, "se": 0.0}}


# --- EX-L4: the queue -----------------------------------------------------------------------------

CHANGE = 40.0
"""Dollars a day that any change of the queue costs to run."""


def reading_worth(q: Queue) -> dict[str, float]:
    """Dollars that reading one item of a class in time is worth; ``all`` is the average."""
    worth = {name: bad * q.caught * saved for name, (_, bad, saved) in q.classes.items()}
    worth["all"] = sum(q.classes[name][0] * worth[name] for name in q.classes)
    return worth


def queue_options(q: Queue) -> dict[str, float]:
    """Dollars a day of each option; readings that come late save nothing."""
    w = reading_worth(q)
    high, mid, low = (q.flagged * q.classes[k][0] for k in ("high", "mid", "low"))
    everything = high * w["high"] + mid * w["mid"] + low * w["low"]
    fits = q.flagged <= q.capacity

    def by_risk(room: float) -> float:
        found = 0.0
        for n, name in ((high, "high"), (mid, "mid"), (low, "low")):
            read = min(n, room)
            found, room = found + read * w[name], room - read
        return found

    raised = high * w["high"] + mid * w["mid"]
    core = 0.1 * q.capacity
    moved = q.flagged * q.narrow_share
    bad, saved = q.classes["high"][1], q.classes["high"][2]
    moved = min(moved, high)
    rest = (high - moved) * w["high"] + mid * w["mid"] + low * w["low"]
    narrow = moved * bad * saved - 1.5 * moved * q.hand_off
    return {
        "leave": everything if fits else 0.0,
        "raise": (raised if high + mid <= q.capacity else 0.0) - CHANGE,
        "sample": min(q.flagged, 0.85 * q.capacity) * w["all"] - CHANGE,
        "risk": (
            everything
            if fits
            else by_risk(q.capacity - core) + core * w["all"] * _unread(q, by_risk)
        )
        - CHANGE,
        "hire": everything - q.hires * q.hourly * q.hours - CHANGE,
        "narrow": (rest if q.flagged - moved <= q.capacity else 0.0) + narrow - CHANGE,
    }


def _unread(q: Queue, by_risk: Any) -> float:
    """Share of a random core's worth that reading by risk has not had already."""
    w = reading_worth(q)
    total = q.flagged * w["all"]
    return float(1 - by_risk(0.9 * q.capacity) / total) if total else 0.0


def _queue(world: int) -> dict[str, Any]:
    q = queue(world)
    values = queue_options(q)

    def read(answers: Mapping[str, Any]) -> Any:
        plan = reading_plan(answers["plan"], world) if "plan" in answers else None
        return None if plan is None else sample(world, plan)

    def naive(answers: Mapping[str, Any]) -> float | None:
        rows = read(answers)
        return None if rows is None else 100 * sum(r.bad for r in rows) / sum(r.read for r in rows)

    def weighted(answers: Mapping[str, Any]) -> float | None:
        rows = read(answers)
        if rows is None:
            return None
        total = sum(r.answers for r in rows)
        return 100 * sum(r.answers * r.bad / r.read for r in rows) / total

    return {
        "values": values,
        "default": _runner_up(values, "leave"),
        "load": 100 * q.utilization,
        "backlog": q.backlog,
        "naive": naive,
        "error": weighted,
    }


# --- estimation -----------------------------------------------------------------------------------


def _factor(name: str, span: Range, unit: str, op: Literal["*", "/", "+", "-"] = "*") -> Factor:
    return Factor(name, span, Unit.parse(unit), op)


def _about(value: float, times: float) -> Range:
    return between(_tidy(value / times, 4), _tidy(value * times, 4), median=_tidy(value, 5))


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def needed(rate: float) -> float:
    """Questions after which one case is seen with 95 percent odds.

    >>> round(needed(0.003))
    997
    """
    return math.log(0.05) / math.log1p(-rate)


def _canary(c: Case) -> dict[str, Any]:
    e = c.exposed
    n = needed(e.harm_rate)
    days = n / c.daily / e.canary_share
    silence = (1 - e.harm_rate) ** (c.daily * e.canary_share * e.quiet_days)
    decision = ["hold" if silence > 0.05 else "widen"]
    if 0.025 < silence < 0.09:
        decision = ["hold", "widen"]
    return {
        "value": days,
        "unit": "days",
        "chain": Chain.of(
            _factor("needed", _about(n, 1.25), "questions"),
            _factor("daily", _about(c.daily, 1.05), "questions/day", "/"),
            _factor("canary", _about(e.canary_share, 1.001), "share", "/"),
            unit="days",
        ),
        "drivers": ["needed", "daily"],
        "decision": decision,
        "break-even": 100 * n / (c.daily * e.quiet_days),
        "quiet": 100 * silence,
        "silent": needed(e.harm_rate * e.voice) / c.daily / e.canary_share,
    }


def _point(span: Any) -> float | None:
    """The learner's own point, or the geometric mean of their ends."""
    if not isinstance(span, dict) or not {"low", "high"} <= span.keys():
        return None
    point = span.get("point") or math.sqrt(max(span["low"] * span["high"], 0.0))
    return float(point) if 0 < point < 10_000 else None


def _staff(c: Case) -> dict[str, Any]:
    e, q, r = c.exposed, queue(c.world), c.lantern.reviewers
    pace = q.per_person / r.hours
    people = q.flagged / 0.85 / q.per_person
    whole = math.ceil(people - 1e-9)
    storm = math.ceil(people * e.storm_factor - 1e-9)
    extra = (storm - whole) * q.hours * q.hourly * 1.5
    unread = max(0.0, q.flagged * e.storm_factor - whole * q.per_person)
    pays = extra / unread if unread > 0 else 1e6
    ratio = reading_worth(q)["all"] / pays
    decision = ["shifts" if ratio >= 1 else "expire"]
    if 0.75 < ratio < 1.33:
        decision = ["expire", "shifts"]

    def left(answers: Mapping[str, Any]) -> float | None:
        point = _point(answers["range"])
        own = None if point is None else math.ceil(point - 1e-9)
        return None if own is None else max(0.0, q.flagged * e.storm_factor - own * q.per_person)

    return {
        "unread_with": left,
        "value": people,
        "unit": "reviewers",
        "chain": Chain.of(
            _factor("flagged", _about(q.flagged, 1.06), "items/day"),
            _factor("target", _about(0.85, 1.0001), "share", "/"),
            _factor("pace", _about(pace, 1.12), "items/hour", "/"),
            _factor("hours", _about(r.hours, 1.0001), "hours/day/reviewer", "/"),
            unit="reviewers",
        ),
        "drivers": ["pace", "flagged"],
        "decision": decision,
        "break-even": pays,
        "storm": float(storm),
        "whole": whole,
        "extra": extra,
        "unread": unread,
    }


def _rollback(c: Case) -> dict[str, Any]:
    e = c.exposed
    days = e.detect + e.decide + e.revert
    a_day = c.daily * ANSWERED * e.affected
    exposed = a_day * days
    return {
        "value": exposed,
        "unit": "answers",
        "chain": Chain.of(
            _factor("daily", _about(c.daily, 1.05), "questions/day"),
            _factor("answered", _about(ANSWERED, 1.02), "answers/question"),
            _factor("affected", _about(e.affected, 1.01), "share"),
            _factor("days", _about(days, 1.25), "days"),
            unit="answers",
        ),
        "drivers": ["days", "daily"],
        "decision": ["keep" if exposed <= e.answers_limit else "faster"],
        "break-even": e.answers_limit / a_day,
        "slow": a_day * e.slow_days,
    }


# --- references -----------------------------------------------------------------------------------

WRITTEN = ("q2", "q5", "q7", "q12")


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in one world."""
    c = case(world)
    night = {"values": (values := tonight(c)), "default": _runner_up(values, "dark")}
    return {
        "drill": [f"step-{n + 1}" for n in c.drill.faulty],
        "e1": _canary(c),
        "e2": _staff(c),
        "e3": _rollback(c),
        "l1": _rollout(c),
        "l2": _trial(world),
        "night": c.incident.cause,
        "decision": night,
        **_complaints(c),
        "l3": _incident(c),
        "log": _between(c),
        "l4": _queue(world),
        **{name: question(f"ex.{name}") for name in WRITTEN},
    }


# --- reference answers ----------------------------------------------------------------------------

_CANARY_UNITS = {"e1": ("days", "%"), "e2": ("reviewers", "$/item"), "e3": ("answers", "days")}
_LOG = {
    "trigger": "Broken parts above 1 percent or complaints above {limit:.0f}, two days in a row. "
    "Until it holds: {meanwhile}.",
    "owner": "Ilse, on-call lead",
    "review": "Day {review}, at the weekly review.",
}


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns everything: item → part → ``value`` and ``unit``."""
    c, r = case(world), references(world)
    t, q, i = trial(world), queue(world), c.incident
    best = best_plan(world)
    plan = plan_value(c, best)
    each = float(int(q.capacity / len(BANDS)))
    table = [{"row": band, "read": each} for band in BANDS]
    causes = ("alias", "app", "index", "mix", "outside")
    beliefs = [{"row": name, "p": 80.0 if name == i.cause else 5.0} for name in causes]
    found: dict[str, dict[str, Any]] = {
        "ex.predict": {
            "odds": {"value": 30.0, "unit": "%"},
            "looks": {"value": 20.0, "unit": "%"},
            "next": {"value": "Look who is hit and since when; contain; then ask for the cause."},
        },
        "ex.pull": {"logs": {"value": ["letters", "parts", "shape"]}},
        "ex.drill": {"steps": {"value": r["drill"]}},
        "ex.l1": {
            "decision": {"value": _rows(best)},
            "harm": {"value": _tidy(plan.harm, 5), "unit": "$"},
            "full": {"value": _tidy(plan.full, 4), "unit": "days"},
            "metric": {
                "value": "Confirmed reports of harm from people in the stage, desk and claims."
            },
            "bound": {"value": round(quiet_reports(c, best), 3), "unit": "cases"},
            "looks": {"value": "Every evening; the bound is a count, so looking costs nothing."},
            "action": {"value": "On-call turns the stage to 0 within an hour; Rafael may say no."},
        },
        "ex.l2": {
            "alarms": {"value": _tidy(r["l2"]["alarms"], 4), "unit": "%"},
            "bound": {"value": round(r["l2"]["bound"], 3)},
            "chi": {"value": _tidy(r["l2"]["chi"], 4)},
            "split": {"value": r["l2"]["split"]},
            "decision": {"value": _best(r["l2"]["values"])},
        },
        "ex.night": {
            "before": {"value": round(r["before"]["value"], 1), "unit": "cases/day"},
            "now": {"value": round(r["now"]["value"], 1), "unit": "cases/day"},
            "causes": {"value": beliefs},
            "decision": {"value": _best(r["decision"]["values"])},
        },
        "ex.l3": {
            "day": {"value": float(i.day), "unit": "days"},
            "moved": {"value": sorted(r["l3"]["moved"])},
            "exposed": {"value": round(r["l3"]["exposed"]["value"]), "unit": "answers/day"},
            "decision": {"value": _best(r["l3"]["decision"]["values"])},
        },
        "ex.log": _log(c),
        "ex.l4": {
            "load": {"value": round(r["l4"]["load"], 2), "unit": "%"},
            "backlog": {"value": round(r["l4"]["backlog"], 1), "unit": "items"},
            "plan": {"value": table},
            "naive": {"value": round(r["l4"]["naive"]({"plan": table}), 2), "unit": "%"},
            "error": {"value": round(r["l4"]["error"]({"plan": table}), 2), "unit": "%"},
            "decision": {"value": _best(r["l4"]["values"])},
        },
    }
    assert t.looks > 0
    for name, width in (("e1", 1.25), ("e2", 1.2), ("e3", 1.4)):
        found[f"ex.{name}"] = _estimate(name, r[name], width)
    for name in WRITTEN:
        strong = question(f"ex.{name}").worked_strong
        assert strong is not None
        found[f"ex.{name}"] = {"answer": {"value": strong.text}}
    return {
        item: {f"{item}.{part}": answer for part, answer in parts.items()}
        for item, parts in found.items()
    }


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


_MEANWHILE = {
    "watch": "watch and write to those who complained",
    "plain": "plain answers for everybody",
    "dark": "Lantern off",
}


def _log(c: Case) -> dict[str, Any]:
    ranked = sorted(remedies(c), key=lambda name: -remedies(c)[name])
    chosen = {"decision": ranked[0], "rejected": ranked[1]}
    words = {
        "meanwhile": _MEANWHILE[_best(tonight(c))],
        "limit": 1.5 * _complaints(c)["before"]["value"],
        "review": c.incident.day + LATER + 14,
    }
    return {
        **{part: {"value": name} for part, name in chosen.items()},
        "number": {"value": round(_between(c)(chosen)["value"]), "unit": "$"},
        **{part: {"value": text.format(**words)} for part, text in _LOG.items()},
    }


def _estimate(name: str, ref: Mapping[str, Any], width: float) -> dict[str, Any]:
    unit, edge = _CANARY_UNITS[name]
    answers: dict[str, Any] = {
        "chain": {"value": ref["chain"].to_answer(), "unit": unit},
        "range": {
            "value": {
                "low": _tidy(ref["value"] / width, 3),
                "point": _tidy(ref["value"], 4),
                "high": _tidy(ref["value"] * width, 3),
            },
            "unit": unit,
        },
        "drivers": {"value": sorted(ref["drivers"])},
        "decision": {"value": ref["decision"][0]},
        "break-even": {"value": _tidy(ref["break-even"], 4), "unit": edge},
    }
    if name == "e2":
        unread = ref["unread_with"]({"range": answers["range"]["value"]})
        answers["unread"] = {"value": round(unread, 1), "unit": "items"}
    extra = {"e1": ("quiet", "silent"), "e2": ("storm",), "e3": ("slow",)}[name]
    units = {"quiet": "%", "silent": "days", "storm": "reviewers", "slow": "answers"}
    for part in extra:
        answers[part] = {"value": _tidy(ref[part], 4), "unit": units[part]}
    return answers


# --- worked answers -------------------------------------------------------------------------------

_REMEDY = {
    "accept": "accept it and watch",
    "pin": "pin the old snapshot",
    "patch": "a parser that takes both forms",
    "app": "take the app release back",
    "index": "rebuild the index",
    "brief": "brief the desk and the campaign team",
}
_CAUSE = {
    "alias": "the provider moved the model behind the alias",
    "app": "a release of our app",
    "index": "the help-center index",
    "mix": "other people ask",
    "outside": "nothing in Lantern",
}
_TELLS = {
    "alias": "Length and bullets jumped on one day, on every platform and topic, and the version "
    "field changed. The accuracy suite passed, because accuracy did not move: *behavior* did.",
    "app": "Android alone is hit, and the share grows as people take the release. "
    "Length, bullets and the version field are where they were, so the model did not change.",
    "index": "One topic lost its source lines and gained refusals. The others are untouched, and "
    "so are length and the version field.",
    "mix": "Within each group refusals are where they were. The group that is refused most asks "
    "more: the total moved because of who asks, not because of what Lantern does.",
    "outside": "None of the behaviors moved. The letters are about the price itself. There is "
    "nothing to roll back, and a rollback would have looked like a cure when the wave ebbed.",
}

_CHANGES = {
    "alias": "a pin with a shadow run of the next version, a monitor on the shape of answers, a "
    "behavior suite beside the accuracy suite, and a rollback that takes prompts and index with it",
    "app": "broken parts by platform on the wall, and a release of the app that goes out in steps "
    "with a bound at each, like one of yours",
    "index": "broken parts and refusals by topic on the wall, the behavior suite after each "
    "rebuild, and an index of yesterday that can be put back",
    "mix": "who asks on the wall, refusals by group beside the total, and a line in the campaign "
    "calendar that reaches you",
    "outside": "letters sorted by theme on the wall, and a calendar of what other teams change; "
    "nothing in Lantern",
}


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c, r = case(world), references(world)
    found = {
        "ex.drill": _drill_text(c),
        "ex.e1": _canary_text(c, r["e1"]),
        "ex.l1": _rollout_text(c),
        "ex.l2": _trial_text(world, r["l2"]),
        "ex.night": _night_text(c, r),
        "ex.l3": _incident_text(c, r["l3"]),
        "ex.log": _log_text(c),
        "ex.e3": _rollback_text(c, r["e3"]),
        "ex.l4": _queue_text(world, r["l4"]),
        "ex.e2": _staff_text(c, r["e2"]),
        **{f"ex.{name}": _written_text(f"ex.{name}") for name in WRITTEN},
    }
    return {item: text.replace("$", "\\$") for item, text in found.items()}


def _ranked(values: Mapping[str, float], names: Mapping[str, str], unit: str) -> str:
    """Options from best to worst with their values."""
    digits = 0 if max(abs(v) for v in values.values()) >= 20 else 2
    ranked = sorted(values.items(), key=lambda pair: -pair[1])
    rows = "\n".join(f"| {names.get(k, k)} | {v + 0.0:,.{digits}f} |" for k, v in ranked)
    rows = rows.replace("| -", "| −")
    return f"| Option | {unit} |\n|---|---:|\n{rows}"


def _drill_text(c: Case) -> str:
    steps = [text for n, (_, text) in enumerate(c.drill.steps) if n in c.drill.faulty]
    return (
        "The two steps that take the system for known:\n\n- "
        + "\n- ".join(steps)
        + "\n\nThe other four can be wrong about the system and find out."
    )


def _canary_text(c: Case, r: Mapping[str, Any]) -> str:
    e = c.exposed
    return (
        f"One case in {1 / e.harm_rate:,.0f} questions needs ln 0.05 ÷ ln(1 − {e.harm_rate:g}) = "
        f"{needed(e.harm_rate):,.0f} questions for 95 percent odds of one sighting. "
        f"{c.daily:,.0f} a day × {100 * e.canary_share:g} percent is "
        f"{c.daily * e.canary_share:,.0f} a day: **{r['value']:.1f} days**.\n\nIf the harm is "
        f"there, {e.quiet_days} quiet days still happen **{r['quiet']:.0f} percent** of the time"
        f"{', so silence has told you little' if r['quiet'] > 5 else ', so silence is news'}. If "
        f"only {100 * e.voice:.0f} percent say so, it takes **{r['silent']:.1f} days**. At "
        f"**{r['break-even']:.2f} percent** of people {e.quiet_days} days would have done.\n\n"
        "A quiet canary is evidence about a rate, never about safety. Say the rate."
    )


def _rollout_text(c: Case) -> str:
    best = best_plan(c.world)
    value = plan_value(c, best)
    names = {v: k for k, v in WHO.items()}
    shown = {"steady": "regulars and leisure", "wide": "all but assisted", "all": "everybody"}
    rows = "\n".join(
        f"| {100 * s.share:g} percent | {shown[names[s.groups]]} | {s.days} | "
        f"{s.stop if s.days else ''} |"
        for s in best
    )
    others = "; ".join(
        f"{name}: {plan_worth(c, p):,.0f} dollars".replace(": -", ": −")
        for name, p in NAIVE_PLANS.items()
    )
    return (
        f"| Stage | Who | Days | Stop at |\n|---|---|---:|---:|\n{rows}\n\nThis plan is worth "
        f"**{value.worth:,.0f} dollars** over sixty days: {value.gain:,.0f} gained, "
        f"{value.harm:,.0f} of expected harm, everybody on day {value.full:.1f} on average. "
        f"Beside it: {others}.\n\nA stage earns its days if it can show something that the one "
        "before could not, and the bound earns its number if a fault passes it in those days and "
        "background reports do not. Other plans close to this one are as good; the grade is of "
        "dollars, not of cells."
    )


def _trial_text(world: int, r: Mapping[str, Any]) -> str:
    t = trial(world)
    a, b = t.arms
    names_ = {name.lower(): name for name in PLATFORMS}
    split = (
        f"The split cannot be chance: {names_[r['split']]} lost people of arm B. Every metric of "
        "the trial is void, the good ones too."
        if broken(t)
        else "The split can be chance, so the metrics may be read."
    )
    beyond = "inside" if t.z < r["bound"] else "beyond"
    names = {
        "continue": "go on as planned",
        "stop": "stop, keep A",
        "restart": "void, mend, restart",
        "ship": "ship B",
    }
    return (
        f"Chi-square ({a:,} − {b:,})² ÷ {a + b:,} = **{r['chi']:.2f}**. {split}\n\n{t.looks} looks "
        f"at 1.96 alarm in **{r['alarms']:.1f} percent** of trials in which nothing differs, not "
        f"in 5 and not in {100 * (1 - 0.95**t.looks):.0f}: the looks share data. The flat bound "
        f"for 5 percent is **{r['bound']:.3f}**. The guardrail at {t.z:.2f} is {beyond} it.\n\n"
        f"{_ranked(r['values'], names, 'Cents times the questions of the trial')}\n\nThe table "
        "is one way to price it (normal prior, normal noise). What you would have agreed "
        "beforehand is shorter: the split first, then the corrected bound, then act."
    )


def _night_text(c: Case, r: Mapping[str, Any]) -> str:
    i, broken = c.incident, loss_a_day(c)[0]
    names = {"watch": "watch", "plain": "plain answers", "dark": "Lantern off"}
    return (
        f"It is **{_CAUSE[i.cause]}**. {_TELLS[i.cause]}\n\nComplaints went from "
        f"{r['before']['value']:.0f} to {r['now']['value']:.0f} a day. What was released shortly "
        f"before (day {i.decoy}) explains neither who is hit nor who is not.\n\nBroken parts cost "
        f"{broken:,.0f} dollars a day; two days until the meeting:\n\n"
        f"{_ranked(r['decision']['values'], names, 'Dollars over two days')}\n\nContaining does "
        "not need the cause. It needs the loss a day on both sides."
    )


def _incident_text(c: Case, r: Mapping[str, Any]) -> str:
    i = c.incident
    broken, other = loss_a_day(c)
    seen = ", ".join(r["moved"]) if r["moved"] != ["none"] else "nothing in Lantern"
    return (
        f"First day **{i.day}**; moved: **{seen}**; **{r['exposed']['value']:,.0f}** answers a "
        f"day with a broken part. The loss is {broken:,.0f} dollars a day from broken parts and "
        f"{other:,.0f} from longer answers and refusals.\n\n"
        f"{_ranked(r['decision']['values'], _REMEDY, 'Dollars over 30 days')}\n\n"
        f"{_TELLS[i.cause]}\n\nWhat to change in the system: {_CHANGES[i.cause]}."
    )


def _log_text(c: Case) -> str:
    log = {part: answer["value"] for part, answer in _log(c).items()}
    log |= {part: _REMEDY[log[part]].capitalize() for part in ("decision", "rejected")}
    log["number"] = f"{log['number']:,.0f} dollars over thirty days between the two."
    return "\n\n".join(f"**{part.capitalize()}.** {text}" for part, text in log.items())


def _rollback_text(c: Case, r: Mapping[str, Any]) -> str:
    e = c.exposed
    days = e.detect + e.decide + e.revert
    return (
        f"{c.daily:,.0f} × {ANSWERED} × {e.affected:g} = "
        f"{c.daily * ANSWERED * e.affected:,.0f} answers a day. Detect, decide and revert take "
        f"{days:.2f} days: **{r['value']:,.0f} answers**. With the accuracy review alone, "
        f"{e.slow_days} days: **{r['slow']:,.0f}**.\n\nThe desk can write to "
        f"{e.answers_limit:,.0f} people, so the answer is **{r['decision'][0]}**; the limit is "
        f"reached after {r['break-even']:.2f} days. Note which of the three steps is the longest: "
        "that is the one to buy down."
    )


_QUEUE = {
    "leave": "leave it",
    "raise": "raise the bar",
    "sample": "random part",
    "risk": "risk first",
    "hire": "hire",
    "narrow": "narrow the scope",
}


def _queue_text(world: int, r: Mapping[str, Any]) -> str:
    q = queue(world)
    truth = sum(b.answers * b.error for b in q.bands.values()) / sum(
        b.answers for b in q.bands.values()
    )
    fits = "It keeps up" if q.utilization <= 1 else "It does not keep up, so every reading is late"
    w = reading_worth(q)
    return (
        f"{q.flagged:,.0f} ÷ {q.capacity:,.0f} = **{r['load']:.0f} percent**. {fits}. Backlog "
        f"after {q.days} days: **{r['backlog']:,.0f}**.\n\nA plain share of what you read depends "
        "on which bands you chose; the weighted estimate does not. Reviewers would call "
        f"{100 * truth:.1f} percent of all answers bad if they read every one.\n\nOne reading in "
        f"time is worth {w['high']:.2f} dollars (high), {w['mid']:.2f} (mid), {w['low']:.2f} "
        f"(low).\n\n{_ranked(r['values'], _QUEUE, 'Dollars a day')}\n\nA queue above its "
        "capacity has no middle: either something is not read on purpose, or everything is read "
        "too late."
    )


def _staff_text(c: Case, r: Mapping[str, Any]) -> str:
    e, q = c.exposed, queue(c.world)
    return (
        f"{q.flagged:,.0f} ÷ 0.85 ÷ {q.per_person:.1f} = {r['value']:.1f}, so **{r['whole']} "
        f"people**. On a storm day {e.storm_factor:g} times as many: **{r['storm']:.0f}**.\n\n"
        f"Extra shifts cost {r['extra']:,.0f} dollars a storm day and read {r['unread']:,.0f} that "
        f"would wait: they pay if one reading is worth **{r['break-even']:.2f} dollars**. An "
        f"average one is worth {reading_worth(q)['all']:.2f}: **{' or '.join(r['decision'])}**."
    )


def _written_text(id_: str) -> str:
    q = question(id_)
    assert q.worked_strong is not None
    assert q.worked_weak is not None
    strong, weak = q.worked_strong, q.worked_weak
    levels = ", ".join(f"{name.upper()} {level}" for name, level in weak.levels.items())
    return (
        f"House world, strong: “{strong.text}” {strong.why}\n\nHouse world, tidy but weak: "
        f"“{weak.text}” ({levels}.) {weak.why}"
    )
