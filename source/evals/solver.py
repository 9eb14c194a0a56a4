"""What is right in one world of the Evals module. For instructors; never released.

``references`` is what graders compare with; where a learner bought a sample of their own, the
reference is a function of the plan and draws the same sample again. ``worked`` is the text shown
once an item is closed, ``reference_answers`` a sheet that earns everything but the written part.
Expected values come from the course's shared ``lantern_value``; hidden truth is read here only.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

import skillmap
from skillmap.bank import question
from skillmap.errors import AuthoringError
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.grading.keys import shared_solver
from skillmap.lantern.day import ANSWERED
from skillmap.lantern.judge import verdicts
from skillmap.lantern.purchases import ITEM_DAY
from skillmap.lantern.settings import Settings
from skillmap.lantern.traffic import cell_segments
from skillmap.lantern.world import MONTH, SEGMENT_NAMES, parameters
from skillmap.lessons.evals.cases import claims, notice_delay, noticing, sizing, yearly
from skillmap.lessons.evals.complaints import LABELS_EACH, case_of, complaints
from skillmap.lessons.evals.desk import (
    ACTS,
    by_traffic,
    expected_loss,
    gain_of_more,
    plan_cost,
    stakes,
)
from skillmap.lessons.evals.facts import TITLES, facts
from skillmap.lessons.evals.gates import GATE_TEXTS, gates
from skillmap.lessons.evals.samples import (
    BUDGET,
    FIRST_DAY,
    LEAST,
    READ_BY_JUDGE,
    answers_in_trial,
    as_rows,
    buy,
    checked_answers,
    declined_in_trial,
    judge_passes,
    plan_from,
    scored_answers,
    suspect,
    trial,
)
from skillmap.lessons.evals.score import calibration, miss
from skillmap.stats import psi, rogan_gladen, wilson_interval, zero_event_upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["GATES", "reference_answers", "references", "worked"]


def _lantern_value() -> Any:
    """The shared solver; a notebook run in a copied folder finds it by way of the library."""
    try:
        return shared_solver("lantern_value", near=__file__)
    except AuthoringError:
        return shared_solver("lantern_value", near=skillmap.__file__)


lantern_value = _lantern_value()
_PHI = NormalDist().cdf
Answers = "Mapping[str, Any]"

GATES = {
    "rate": ("capability", "widen"),
    "storm": ("capability", "widen"),
    "second": ("capability", "widen"),
    "groups": ("capability", "widen"),
    "strand": ("safety", "expose"),
    "refuse": ("safety", "expose"),
    "promise": ("safety", "expose"),
    "private": ("safety", "expose"),
    "card": ("product", "release"),
    "desk": ("product", "release"),
    "links": ("product", "release"),
    "stop": ("product", "release"),
}
"""The gates of the first exercise: what each measures, and the decision that it holds."""


# --- the first lab: a plan and what it bought -----------------------------------------------------


@lru_cache(maxsize=256)
def best_plan(world: int, step: int = 10) -> tuple[int, ...]:
    """The plan with the fewest expected dollars of wrong calls, in steps of ``step`` labels."""
    spare = (BUDGET - 5 * LEAST) // step
    found: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] + [(1e18, ())] * spare
    for stake in stakes(world):
        costs = [expected_loss(stake, LEAST + k * step)[2] for k in range(spare + 1)]
        found = [
            min(
                (found[used - k][0] + costs[k], (*found[used - k][1], LEAST + k * step))
                for k in range(used + 1)
            )
            for used in range(spare + 1)
        ]
    return min(found)[1]


def _plan_value(world: int) -> dict[str, Any]:
    return {
        "value": lambda rows: -plan_cost(world, plan_from(rows)),
        "best": -plan_cost(world, best_plan(world)),
        "default": -plan_cost(world, by_traffic(world)),
        "at": as_rows(best_plan(world)),
    }


def _next_labels(world: int) -> Callable[[Any], list[str] | None]:
    def groups(answers: Any) -> list[str] | None:
        gains = gain_of_more(world, plan_from(answers["plan"]))
        top = max(gains.values())
        return [name for name, gain in gains.items() if gain >= 0.8 * top]

    return groups


def _intervals(world: int) -> Callable[[Any], dict[str, dict[str, float]] | None]:
    def table(answers: Any) -> dict[str, dict[str, float]] | None:
        bought = buy(world, plan_from(answers["plan"]))
        found = {}
        for name, n, right in zip(SEGMENT_NAMES, bought.n, bought.right, strict=True):
            low, high = wilson_interval(right, n)
            found[name] = {"low": 100 * low, "high": 100 * high}
        return found

    return table


def _of_bought(world: int, what: Callable[[Any], float]) -> Callable[[Any], float | None]:
    return lambda answers: 100 * what(buy(world, plan_from(answers["plan"])))


def _behind(world: int) -> Callable[[Any], float | None]:
    at, clean = SEGMENT_NAMES.index(suspect(world)), 1 - parameters(world).reviewers.noise

    def rate(answers: Any) -> float | None:
        bought = buy(world, plan_from(answers["plan"]))
        return 100 * rogan_gladen(bought.right[at] / bought.n[at], clean, clean)

    return rate


WORSE, NEARLY = 0.05, 0.03
"""Points below the other groups from which a group counts as worse, and from which as nearly."""


def worse_groups(world: int) -> list[str]:
    """The group that is truly worse than the others, or ``none``; both where it is near the line.

    By what the simulator knows of the four days, and not by how the world was made: a group that
    was given no fault can still be served worse, because its questions are harder to look up.
    """
    right, n = judge_truth(world)["right"], np.array(answers_in_trial(world), dtype=float)
    rest = ((right * n).sum() - right * n) / (n.sum() - n)
    behind = rest - right
    at = int(behind[2:].argmax()) + 2
    if behind[at] >= WORSE:
        return [SEGMENT_NAMES[at]]
    return [SEGMENT_NAMES[at], "none"] if behind[at] >= NEARLY else ["none"]


# --- the second lab: the judge --------------------------------------------------------------------


def _judged(world: int, answers: Any) -> tuple[Any, Any]:
    n = float(answers["plan"])
    if n != round(n):
        raise ValueError("labels come in whole numbers")
    return checked_answers(world, int(n))


def _rates(world: int) -> Callable[[Any], dict[str, dict[str, float]]]:
    def table(answers: Any) -> dict[str, dict[str, float]]:
        own, others = _judged(world, answers)
        rows = {"suspect": own, "others": others, "all": own.plus(others)}
        return {
            name: {"tpr": 100 * a.tpr, "tnr": 100 * a.tnr, "kappa": a.kappa}
            for name, a in rows.items()
        }

    return table


def pooled_rate(world: int, answers: Any) -> float:
    """The suspicious group's pass rate, corrected with everybody's TPR and TNR."""
    own, others = _judged(world, answers)
    both = own.plus(others)
    return 100 * rogan_gladen(judge_passes(world) / READ_BY_JUDGE, both.tpr, both.tnr)


def own_rate(world: int, answers: Any) -> float:
    """The same with the group's own TPR and TNR."""
    own = _judged(world, answers)[0]
    return 100 * rogan_gladen(judge_passes(world) / READ_BY_JUDGE, own.tpr, own.tnr)


def anchored_rate(world: int, answers: Any) -> float:
    """Share right among passed and among failed, each with its share of what the judge read."""
    own = _judged(world, answers)[0]
    passes = judge_passes(world) / READ_BY_JUDGE
    of_passed = own.right_passed / (own.right_passed + own.wrong_passed)
    of_failed = own.right_failed / (own.right_failed + own.wrong_failed)
    return 100 * (passes * of_passed + (1 - passes) * of_failed)


def _tnr_end(world: int, end: int) -> Callable[[Any], float]:
    def edge(answers: Any) -> float:
        own = _judged(world, answers)[0]
        return 100 * wilson_interval(own.wrong_failed, own.wrong_failed + own.wrong_passed)[end]

    return edge


@lru_cache(maxsize=64)
def judge_truth(world: int) -> dict[str, np.ndarray[Any, Any]]:
    """The judge against the truth over the whole trial: share right, passed, TPR, TNR by group."""
    w = parameters(world)
    sums = np.zeros((4, 5))
    for record in trial(world)._days[FIRST_DAY:]:
        rows = np.flatnonzero(record.ask.outcome == ANSWERED)
        where = cell_segments()[record.ask.cell[rows]]
        right = record.ask.right[rows]
        says = verdicts(
            w,
            record.day * ITEM_DAY + rows,
            segment=where,
            right=right,
            tokens=record.ask.tokens_out[rows],
            cold=np.zeros(len(rows), dtype=bool),
        )
        for at, mask in enumerate((right & says, right & ~says, ~right & says, ~right & ~says)):
            sums[at] += np.bincount(where[mask], minlength=5)
    both = sums.sum(axis=1)
    return {
        "right": (sums[0] + sums[1]) / sums.sum(axis=0),
        "passed": (sums[0] + sums[2]) / sums.sum(axis=0),
        "tpr": sums[0] / (sums[0] + sums[1]),
        "tnr": sums[3] / (sums[2] + sums[3]),
        "pooled": np.array([both[0] / (both[0] + both[1]), both[3] / (both[2] + both[3])]),
    }


RELEASES, BAD, DROP, MARGIN, ERROR = 2, 0.15, 0.08, 0.04, 0.02
"""Releases a month, share that are bad, what a bad one costs in share right, the bar's distance
below today's rate, and the standard error of a reading."""
SLOWER = 6_000.0
"""Dollars a month for doing without the judge's first sift. Invented for this course."""


@lru_cache(maxsize=64)
def judge_values(world: int) -> dict[str, float]:
    """What each use of the judge is worth, in dollars a month: labels and missed bad releases."""
    w, seen = parameters(world), judge_truth(world)
    skill = seen["tpr"] + seen["tnr"] - 1
    se, sp = seen["pooled"]
    bias = (seen["passed"] + sp - 1) / (se + sp - 1) - seen["right"]
    slope = skill / (se + sp - 1)
    harm = [w.scale.questions * s.share * s.harm * ACTS * DROP * RELEASES * BAD for s in w.segments]
    held = 2_000.0 * RELEASES * (1 - BAD)
    by_judge = [
        h * _PHI((b + MARGIN - DROP * k) / ERROR) + held * _PHI((-MARGIN - b) / ERROR)
        for h, b, k in zip(harm, bias, slope, strict=True)
    ]
    by_people = [h * _PHI((MARGIN - DROP) / ERROR) + held * _PHI(-MARGIN / ERROR) for h in harm]
    sample = 60 * MONTH * w.reviewers.label_cost
    everyone = sum(by_people) + 5 * sample
    return {
        "gate": -sum(by_judge),
        **{
            SEGMENT_NAMES[at]: -(sum(by_judge) - by_judge[at] + by_people[at] + sample)
            for at in (2, 3, 4)
        },
        "screen": -everyone,
        "none": -everyone - SLOWER,
    }


def _judge_decision(world: int) -> dict[str, Any]:
    """Beside trusting the judge everywhere; where that is best, beside trusting it nowhere."""
    values = judge_values(world)
    best = max(values, key=values.__getitem__)
    return {"values": values, "default": "screen" if best == "gate" else "gate"}


# --- the third lab: the score ---------------------------------------------------------------------


@lru_cache(maxsize=64)
def best_fit(world: int) -> tuple[float, float]:
    """Slope and intercept of least log loss on the labeled sample, label noise allowed for."""
    from scipy.optimize import minimize

    scores = scored_answers(world)
    found = minimize(lambda x: miss(scores, x[0], x[1]), (1.0, 0.0), method="Nelder-Mead")
    return float(np.clip(found.x[0], 0.05, 5)), float(np.clip(found.x[1], -6, 6))


def _fit_value(world: int) -> dict[str, Any]:
    scores = scored_answers(world)

    def value(rows: Any) -> float:
        return -miss(scores, rows[0]["slope"], rows[0]["intercept"])

    slope, intercept = best_fit(world)
    return {
        "value": value,
        "best": -miss(scores, slope, intercept),
        "default": -miss(scores, 1.0, 0.0),
        "at": [{"row": "fit", "slope": _tidy(slope, 2), "intercept": _tidy(intercept, 2)}],
    }


def _settings(world: int, thresholds: tuple[float, ...], slope: float, icpt: float) -> Settings:
    at = SEGMENT_NAMES.index(suspect(world))
    slopes, intercepts = [1.0] * 5, [0.0] * 5
    slopes[at], intercepts[at] = slope, icpt
    return Settings(thresholds=thresholds, slopes=tuple(slopes), intercepts=tuple(intercepts))


def ask_dollars(world: int, settings: Settings) -> float:
    """Dollars for a question of Ask under these settings, on a settled day."""
    return float(lantern_value.ask_value(parameters(world), settings).total)


@lru_cache(maxsize=64)
def best_lines(world: int) -> tuple[float, ...]:
    """The five thresholds of least cost on the raw score; no recalibration can beat them."""
    return tuple(lantern_value._best_five(parameters(world)))


def _line_value(world: int) -> Callable[[Any], dict[str, Any]]:
    def reference(answers: Any) -> dict[str, Any]:
        fit = answers["fit"][0]
        slope, intercept = float(fit["slope"]), float(fit["intercept"])
        if not (0.05 <= slope <= 5 and -6 <= intercept <= 6):
            raise ValueError("a recalibration outside what Lantern takes")

        def value(rows: Any) -> float:
            lines = {row["row"]: float(row["t"]) for row in rows}
            thresholds = tuple(lines[name] for name in SEGMENT_NAMES)
            if not all(0 <= t <= 1 for t in thresholds):
                raise ValueError("thresholds lie between 0 and 1")
            return -ask_dollars(world, _settings(world, thresholds, slope, intercept))

        return {
            "value": value,
            "best": -ask_dollars(world, Settings(thresholds=best_lines(world))),
            "default": -ask_dollars(world, Settings()),
            "at": _line_rows(parameters(world).thresholds),
        }

    return reference


def _line_rows(thresholds: tuple[float, ...]) -> list[dict[str, Any]]:
    return [
        {"row": name, "t": round(t, 2)} for name, t in zip(SEGMENT_NAMES, thresholds, strict=True)
    ]


# --- whom to open for -----------------------------------------------------------------------------


@lru_cache(maxsize=64)
def worth_of_opening(world: int) -> tuple[float, ...]:
    """Dollars a month from opening each group as tested, beside leaving it with the desk."""
    w = parameters(world)
    open_ = lantern_value.ask_value(w, Settings(thresholds=(0.0,) * 5))
    without = w.desk.would_call * w.desk.hand_off
    return tuple(
        float(w.scale.questions * s.share * (without - cost))
        for s, cost in zip(w.segments, open_.cost, strict=True)
    )


def _opening_value(world: int) -> dict[str, Any]:
    worth = dict(zip(SEGMENT_NAMES, worth_of_opening(world), strict=True))

    def value(rows: Any) -> float:
        chosen = {row["row"]: row["who"] for row in rows}
        return sum(worth[name] for name in SEGMENT_NAMES if chosen[name] == "open")

    return {
        "value": value,
        "best": sum(max(0.0, v) for v in worth.values()),
        "default": sum(worth.values()),
        "at": [{"row": n, "who": "open" if v > 0 else "hold"} for n, v in worth.items()],
    }


def even_error(world: int) -> float:
    """Share wrong, in percent, at which the suspicious group costs the same open and held.

    From what the learner reads: the table of groups, the price of a call, who would phone.
    """
    told, doubted = facts(world), suspect(world)
    contact, phones = float(told["hand_off"]), float(told["would_call"]) / 100
    declined = declined_in_trial(world)[SEGMENT_NAMES.index(doubted)]
    left = (phones - declined) * contact
    return 100 * left / ((1 - declined) * float(told[f"harm_{doubted}"]))


def _delay_of_own(world: int) -> Callable[[Any], float]:
    """Days to the alarm at the labels a day that the learner chose, for the drop of EV-E2."""

    def days(answers: Any) -> float:
        c, labels = noticing(world), float(answers["labels"])
        if not 20 <= labels <= 100_000:
            raise ValueError("between 20 and 100,000 labels a day")
        return notice_delay(c.drop / (c.error * (1 - c.error) / labels) ** 0.5)

    return days


# --- the fourth lab: complaints -------------------------------------------------------------------

_ACTION = {"mix": "refresh", "card": "repair", "reach": "report"}


def _complaint_reference(world: int) -> dict[str, Any]:
    seen = complaints(world)
    before, now = seen.before, seen.now
    return {
        "causes": case_of(world),
        "action": _ACTION[case_of(world)],
        "ratio": now.per_thousand / before.per_thousand,
        "psi": psi(before.topics, now.topics),
        "band": (1 / LABELS_EACH + 1 / LABELS_EACH) * 16.92,
        "gap": 100 * (now.golden[1] / now.golden[0] - now.accuracy),
        "points": 100 * (now.known_accuracy - now.accuracy),
    }


# --- estimates ------------------------------------------------------------------------------------


def _factor(name: str, span: Range, unit: str, op: Any = "*") -> Factor:
    return Factor(name, span, Unit.parse(unit), op)


def _about(value: float, times: float) -> Range:
    return between(_tidy(value / times, 3), _tidy(value * times, 3), median=_tidy(value, 4))


def sizing_chain(world: int) -> Chain:
    """EV-E1: dollars for labels drawn at random until the smallest group has its quota."""
    c = sizing(world)
    return Chain.of(
        _factor("z2", _about(1.96**2, 1.001), "labels"),
        _factor("variance", _about(c.p * (1 - c.p), 1.1), "share"),
        _factor("half2", _about(c.half**2, 1.001), "share", "/"),
        _factor("share", _about(c.smallest, 1.15), "share", "/"),
        _factor("price", _about(c.price, 1.2), "$/label"),
        unit="$",
    )


def year_chain(world: int) -> Chain:
    """EV-E3: dollars for a year of labels."""
    c = yearly(world)
    return Chain.of(
        _factor("labels", _about(c.labels, 1.02), "labels/day"),
        _factor("days", _about(365, 1.001), "days/year"),
        _factor("minutes", _about(c.minutes, 1.2), "person-minutes/label"),
        _factor("wage", _about(c.wage, 1.1), "$/person-hour"),
        unit="$/year",
    )


def slide_chain(world: int) -> Chain:
    """EV-E2: the CUSUM's climb to the alarm, over its climb in a day."""
    c = noticing(world)
    daily = c.shift - 0.5
    return Chain.of(
        _factor("climb", _about(c.days * daily, 1.05), "share"),
        _factor("daily", _about(daily, 1.15), "share/day", "/"),
        unit="days",
    )


def sizing_decision(dollars_random: float, dollars_quota: float, budget: float) -> str:
    """What a budget pays for."""
    return "both" if budget >= dollars_random else "quota" if budget >= dollars_quota else "neither"


def _estimates(world: int) -> dict[str, Any]:
    size, slide, year = sizing(world), noticing(world), yearly(world)
    return {
        "e1": {
            "value": size.random,
            "unit": "$",
            "chain": sizing_chain(world),
            "drivers": ["share", "price"],
            "decision": [sizing_decision(size.random, size.stratified, size.budget)],
            "break-even": 100 * size.affordable_half,
        },
        "e2": {
            "value": slide.days,
            "unit": "days",
            "chain": slide_chain(world),
            "drivers": ["drop", "labels"],
            "decision": ["enough" if slide.days <= slide.window else "late"],
            "break-even": slide.labels_needed,
            "sd": 100 * slide.spread,
            "shift": slide.shift,
        },
        "e3": {
            "value": year.cost,
            "unit": "$/year",
            "chain": year_chain(world),
            "drivers": ["minutes", "wage"],
            "decision": ["pays" if year.regressions >= year.break_even else "not"],
            "break-even": year.break_even,
        },
    }


# --- references -----------------------------------------------------------------------------------


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in the units of the prompts."""
    c, scores = claims(world), calibration(world)
    low, high = wilson_interval(c.passed, c.n)
    return {
        "gates": {
            f"g{k}": dict(zip(("kind", "holds"), GATES[name], strict=True))
            for k, name in enumerate(gates(world), start=1)
        },
        "claims": {
            "low": 100 * low,
            "high": 100 * high,
            "zero": 100 * zero_event_upper_bound(c.tries),
            "tries": ceil(log(0.05) / log(1 - c.bound)),
            "bar": 100 * c.bar,
        },
        "l1": {
            "plan": _plan_value(world),
            "next": _next_labels(world),
            "bounds": _intervals(world),
            "naive": _of_bought(world, lambda b: b.naive),
            "weighted": _of_bought(world, lambda b: b.weighted),
            "behind": _behind(world),
            "causes": worse_groups(world),
        },
        "l2": {
            "rates": _rates(world),
            "pooled": lambda answers: pooled_rate(world, answers),
            "own": lambda answers: own_rate(world, answers),
            "anchored": lambda answers: anchored_rate(world, answers),
            "tnr-low": _tnr_end(world, 0),
            "tnr-high": _tnr_end(world, 1),
            "decision": _judge_decision(world),
        },
        "l3": {
            "ece": 100 * scores.ece,
            "signal": "signal" if scores.ece > scores.floor_95 else "noise",
            "fit": _fit_value(world),
            "decision": _line_value(world),
        },
        "ship": _opening_value(world),
        "even": even_error(world),
        "log": {"number": _delay_of_own(world)},
        "l4": _complaint_reference(world),
        **_estimates(world),
        **{name: question(f"ev.{name}") for name in ("q1", "q5", "q6", "q12")},
    }


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


# --- worked answers -------------------------------------------------------------------------------


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    r = references(world)
    return {
        "ev.gates": _gates_text(world),
        "ev.claims": _claims_text(world, r["claims"]),
        "ev.l1": _l1_text(world, r["l1"]),
        "ev.e1": _e1_text(world),
        "ev.l2": _l2_text(world, r["l2"]),
        "ev.l3": _l3_text(world, r["l3"]),
        "ev.ship": _ship_text(world),
        "ev.l4": _l4_text(world, r["l4"]),
        "ev.e2": _e2_text(world),
        "ev.e3": _e3_text(world),
        "ev.log": _log_text(world),
        **{f"ev.{name}": _written_text(f"ev.{name}") for name in ("q1", "q5", "q6", "q12")},
    }


def _money(value: float) -> str:
    sign = "−" if value < 0 else ""
    return f"{sign}\\${abs(value):,.0f}"


_KINDS = {
    "capability": "a rate. It decides how many more people of a group are let in",
    "safety": "rare, and bounded from above. It decides whether a group sees Lantern at all",
    "product": "not about the model. A build that breaks it does not go out",
}


def _gates_text(world: int) -> str:
    lines = []
    for kind, why in _KINDS.items():
        mine = [GATE_TEXTS[name] for name in gates(world) if GATES[name][0] == kind]
        lines.append(f"**{kind.capitalize()}** is {why}: {'; '.join(mine)}.")
    return "\n\n".join(lines) + (
        "\n\nOne can argue over a rate whose errors strand people. Count that part among the "
        "safety items too, and keep the rate where it is."
    )


def _claims_text(world: int, r: dict[str, float]) -> str:
    c = claims(world)
    return (
        f"{c.passed} of {c.n} is {100 * c.passed / c.n:.1f} percent, and Wilson says **"
        f"{r['low']:.1f} to {r['high']:.1f}**. Claim the lower end if somebody pays for being "
        f"wrong.\n\nNone in {c.tries}: 1 − 0.05 to the power 1/{c.tries} = **{r['zero']:.2f} "
        f"percent** (3/{c.tries} gives {300 / c.tries:.2f}). For {100 * c.bound:g} percent you "
        f"need **{r['tries']:.0f}** clean tries, and they only speak for attacks like those "
        f"tried.\n\nAnswering costs (1 − p) × {_cents(c.harm)}, handing off {_cents(c.hand_off)}"
        f": equal at 1 − {c.hand_off:.2f}/{c.harm:.2f} = **{r['bar']:.0f} percent**. A test that "
        "scores a decline like a wrong answer pays the model for guessing below that."
    )


def _cents(value: float) -> str:
    return f"\\${value:,.2f}"


def _l1_text(world: int, r: dict[str, Any]) -> str:
    plan = best_plan(world)
    answers = {"plan": as_rows(plan)}
    bought = buy(world, plan)
    doubted, truth = suspect(world), judge_truth(world)["right"]
    at = SEGMENT_NAMES.index(doubted)
    saved = plan_cost(world, by_traffic(world)) - plan_cost(world, plan)
    verdict = {
        True: "In this world **no group is worse by five points**; the first sample was bad luck",
        False: f"In this world **{r['causes'][0]} is worse by five points or more**",
    }[r["causes"] == ["none"]]
    if len(r["causes"]) > 1:
        verdict = f"In this world {r['causes'][0]} is worse by three to five points: near the line"
    said = ", ".join(f"{g} {n}" for g, n in zip(SEGMENT_NAMES, plan, strict=True))
    rates = ", ".join(f"{g} {100 * x:.0f}" for g, x in zip(SEGMENT_NAMES, truth, strict=True))
    return (
        f"A plan that is hard to beat: {said}. Beside a draw by traffic it saves {_money(saved)} "
        "of wrong calls a month. Regulars get few labels, because nothing they could say would "
        "change the decision; the dear group gets many although nobody doubts it.\n\nWith that "
        f"plan {bought.right[at]} of {bought.n[at]} in {doubted} are labeled right. In one heap "
        f"that makes {100 * bought.naive:.1f} percent, weighted {100 * bought.weighted:.1f}: the "
        "heap speaks for your plan, the weighted number for your users. With the label noise "
        f"taken out {doubted} stands at {r['behind'](answers):.1f}.\n\n{verdict}. The simulator's "
        f"own shares right over the four days: {rates} percent. Your labels could miss that; "
        "then the fair answer was a probability, and the decision should have fitted it."
    )


def _e1_text(world: int) -> str:
    c = sizing(world)
    option = {"neither": "neither", "quota": "quotas only", "both": "both"}
    chosen = option[sizing_decision(c.random, c.stratified, c.budget)]
    return (
        f"One group: 1.96² × {c.p:g} × {1 - c.p:.2g} / {c.half:g}² = {c.each} labels. Five quotas: "
        f"{5 * c.each:,}, {_money(c.stratified)}. At random the smallest group, "
        f"{100 * c.smallest:.1f} percent, has {c.each} after {c.each / c.smallest:,.0f} labels: "
        f"**{_money(c.random)}**. Budget {_money(c.budget)}: **{chosen}**, and with quotas it buys "
        f"±{100 * c.affordable_half:.1f} points in each. Rounding one group's labels down instead "
        "of up changes nothing here.\n\nQuotas are cheap and must be paid back "
        "with weights when you speak about the whole."
    )


def _l2_text(world: int, r: dict[str, Any]) -> str:
    plan = {"plan": 150.0}
    table, seen = r["rates"](plan), judge_truth(world)
    at = SEGMENT_NAMES.index(suspect(world))
    own = _judged(world, plan)[0]
    best = max(r["decision"]["values"], key=r["decision"]["values"].__getitem__)
    words = {
        "gate": "let it gate everywhere",
        **{g: f"people carry the gate of {g}, the judge the others'" for g in ("S3", "S4", "S5")},
        "screen": "screen only",
        "none": "do without",
    }
    values = "; ".join(f"{words[k]} {_money(v)}" for k, v in r["decision"]["values"].items())
    return (
        f"With 150 of the 250 labels on {suspect(world)}: TPR {table['suspect']['tpr']:.0f}, TNR "
        f"{table['suspect']['tnr']:.0f} there, {table['others']['tpr']:.0f} and "
        f"{table['others']['tnr']:.0f} elsewhere. The judge passes "
        f"{100 * judge_passes(world) / READ_BY_JUDGE:.1f} percent; pooled rates make that "
        f"{r['pooled'](plan):.1f}, the group's own {r['own'](plan):.1f}, anchored in labels "
        f"**{r['anchored'](plan):.1f}**.\n\nThe own TNR rests on "
        f"{own.wrong_failed + own.wrong_passed:g} wrong answers: {r['tnr-low'](plan):.0f} to "
        f"{r['tnr-high'](plan):.0f} percent. Dividing by TPR + TNR − 1 blows that up, which is why "
        "the anchored number is the one to steer by when the labels come from the same answers. "
        "Rogan–Gladen is for rates measured elsewhere.\n\nWhat the simulator knows: against the "
        f"truth the judge has TPR {100 * seen['tpr'][at]:.0f} and TNR {100 * seen['tnr'][at]:.0f} "
        "in this group. Measured against labels TNR looks lower, because some answers labeled "
        "wrong were right.\n\nDollars a month, labels and bad releases that get through: "
        f"{values}. So **{words[best]}**."
    )


def _l3_text(world: int, r: dict[str, Any]) -> str:
    found, (slope, intercept) = calibration(world), best_fit(world)
    lines = parameters(world).thresholds
    said = ", ".join(f"{g} {t:.2f}" for g, t in zip(SEGMENT_NAMES, lines, strict=True))
    default = ask_dollars(world, Settings())
    with_lines = ask_dollars(world, _settings(world, lines, slope, intercept))
    best = ask_dollars(world, Settings(thresholds=best_lines(world)))
    word = "a **signal**" if r["signal"] == "signal" else "**not told apart from noise**"
    return (
        f"The error is **{100 * found.ece:.1f} percent**; perfectly calibrated scores would show "
        f"{100 * found.floor:.1f} on average here and above {100 * found.floor_95:.1f} once in "
        f"twenty times. It is {word}.\n\nLeast loss at slope **{slope:.2f}** and intercept "
        f"**{intercept:.2f}**. A negative intercept takes confidence away; a slope below 1 pulls "
        f"certain scores back. Where the bench shows next to no gain, leave the score alone.\n\n"
        f"Lines at 1 minus hand-off over harm: {said}. A question of Ask then costs "
        f"{_cents(with_lines)} instead of {_cents(default)} at .60 for all; the best possible is "
        f"{_cents(best)}. The score is blind to outdated text: watch the age of what is cited."
    )


def _ship_text(world: int) -> str:
    w = parameters(world)
    rows = "\n".join(
        f"| {g} {TITLES[g]} | {_cents(s.harm)} | {_money(v)} | {'open' if v > 0 else 'hold'} |"
        for g, s, v in zip(SEGMENT_NAMES, w.segments, worth_of_opening(world), strict=True)
    )
    return (
        f"Without Lantern a question costs {w.desk.would_call:.0%} × {_cents(w.desk.hand_off)} = "
        f"{_cents(w.desk.would_call * w.desk.hand_off)} of phone calls.\n\n| Group | Harm of a "
        f"wrong answer | Worth of opening, a month | Door |\n|---|---:|---:|---|\n{rows}\n\n"
        f"For {suspect(world)} both cost the same at **{even_error(world):.1f} percent** wrong: "
        "what is saved on calls, divided by the share answered and by the harm.\n\n"
        "A group can be served as well as any other and still be held, because its wrong answers "
        "are dear. That is not a verdict on the model: with a line on the score most doors open."
    )


def _l4_text(world: int, r: dict[str, Any]) -> str:
    seen = complaints(world)
    why = {
        "mix": "**People ask what the set does not hold.** The set still measures what it always "
        "measured; the world moved.",
        "card": "**Right answers arrive broken.** Labels are steady, the mix is steady, and the "
        "format check jumps. The set cannot see it, because it grades text.",
        "reach": "**Nothing got worse.** More people see Lantern, so more complain. Acting here "
        "would have cost weeks, and the next true alarm its credit.",
    }[r["causes"]]
    return (
        f"Complaints {seen.before.complaints:,} to {seen.now.complaints:,}; for each thousand "
        f"answers {seen.before.per_thousand:.2f} to {seen.now.per_thousand:.2f}, **"
        f"{r['ratio']:.2f} times**. Stability index **{r['psi']:.3f}** against a band of "
        f"{r['band']:.3f}. Golden minus random accuracy is {r['gap']:.1f} points, of which storms, "
        f"works and strikes make **{r['points']:.1f}**. What is left is that curated items are "
        f"easier, and chance.\n\n{why}"
    )


def _e2_text(world: int) -> str:
    c = noticing(world)
    soon = "soon enough on average" if c.days <= c.window else "too late on average"
    return (
        f"√({c.error:g} × {1 - c.error:g} / {c.labels}) = {100 * c.spread:.2f} points; the drop is "
        f"{c.shift:.2f} of these. With d = {c.shift - 0.5:.2f} and b = 5.166 the sum has to climb "
        f"{c.days * (c.shift - 0.5):.2f} and climbs {c.shift - 0.5:.2f} a day: **{c.days:.1f} "
        f"days**. You can go back for {c.window}: {soon}. The delay equals the window at "
        f"{c.labels_needed:.0f} labels a day.\n\nThis is Siegmund's approximation of the mean. In "
        "the house world it says 7.8 days; half of simulated slides are found in 7, and one in ten "
        "takes 14 or more. Either number counts. A drop is squared where labels are not: halving "
        "the spread takes four times the labels."
    )


def _e3_text(world: int) -> str:
    c = yearly(world)
    pays = "they pay" if c.regressions >= c.break_even else "they do not pay"
    return (
        f"{c.labels} × 365 × {c.minutes:g} min × {_cents(c.wage)}/60 = **{_money(c.cost)} a year**."
        f" One regression noticed {c.sooner} days sooner: {c.answers:,.0f} × {c.drop:g} × "
        f"{c.acted:g} × {_cents(c.harm)} × {c.sooner} = {_money(c.saved_each)}. Break-even **"
        f"{c.break_even:.1f}** a year; you expect {c.regressions:g}: **{pays}**.\n\nWhat is not in "
        "the sum: the releases you dare because someone would notice."
    )


def _log_text(world: int) -> str:
    names = {"decision": "Decision", "rejected": "Rejected", "number": "Number",
             "trigger": "Trigger", "owner": "Owner", "review": "Review"}  # fmt: skip
    return "One that has every field:\n\n" + "\n".join(
        f"- **{names[name]}.** {text}" for name, text in _log_texts(world).items()
    )


def _written_text(id_: str) -> str:
    q = question(id_)
    assert q.worked_strong is not None
    assert q.worked_weak is not None
    strong, weak = q.worked_strong, q.worked_weak
    levels = ", ".join(f"{name.upper()} {level}" for name, level in weak.levels.items())
    text = (
        f"House world, strong: “{strong.text}” {strong.why}\n\nHouse world, tidy but weak: "
        f"“{weak.text}” ({levels}.) {weak.why}"
    )
    return text.replace("$", "\\$")


# --- reference answers ----------------------------------------------------------------------------


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns everything: item → part → ``value`` and ``unit``."""
    r = references(world)
    return {
        "ev.predict": {
            "ev.predict.worst": {"value": 80.0, "unit": "%"},
            "ev.predict.labels": {"value": 300.0},
            "ev.predict.judge": {"value": 70.0, "unit": "%"},
        },
        "ev.gates": {"ev.gates.table": {"value": _rows(r["gates"])}},
        "ev.claims": {
            f"ev.claims.{name}": {
                "value": _tidy(value, 4),
                **({} if name == "tries" else {"unit": "%"}),
            }
            for name, value in r["claims"].items()
        },
        "ev.l1": _l1_answers(world, r["l1"]),
        "ev.l2": _l2_answers(world, r["l2"]),
        "ev.l3": _l3_answers(world, r["l3"]),
        "ev.ship": {
            "ev.ship.decision": {"value": r["ship"]["at"]},
            "ev.ship.even": {"value": _tidy(r["even"], 4), "unit": "%"},
        },
        "ev.l4": _l4_answers(r["l4"]),
        **{f"ev.{name}": _estimate_answers(name, r[name]) for name in ("e1", "e2", "e3")},
        "ev.log": _log_answers(world),
        **{
            f"ev.{name}": {f"ev.{name}.answer": {"value": r[name].worked_strong.text}}
            for name in ("q1", "q5", "q6", "q12")
        },
    }


def _rows(table: Mapping[str, Mapping[str, Any]], digits: int = 4) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            **{c: _tidy(v, digits) if isinstance(v, float) else v for c, v in cells.items()},
        }
        for row, cells in table.items()
    ]


def _odds(true: str, causes: tuple[str, ...]) -> list[dict[str, Any]]:
    rest = 100.0 - 70.0
    return [
        {"row": cause, "p": 70.0 if cause == true else rest / (len(causes) - 1)} for cause in causes
    ]


def _percents(prefix: str, values: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    return {f"{prefix}.{k}": {"value": _tidy(v, 5), "unit": "%"} for k, v in values.items()}


def _l1_answers(world: int, r: dict[str, Any]) -> dict[str, dict[str, Any]]:
    plan = {"plan": r["plan"]["at"]}
    doubted = suspect(world)
    return {
        "ev.l1.plan": {"value": plan["plan"]},
        "ev.l1.next": {"value": r["next"](plan)[0]},
        "ev.l1.bounds": {"value": _rows(r["bounds"](plan))},
        **_percents("ev.l1", {k: r[k](plan) for k in ("naive", "weighted", "behind")}),
        "ev.l1.causes": {"value": _odds(r["causes"][0], ("S3", "S4", "S5", "none"))},
        "ev.l1.mind": {
            "value": f"Another 200 labels of {doubted}: at 170 right or more I would call the "
            "early sample bad luck, at 155 or fewer I would hold the group."
        },
    }


def _l2_answers(world: int, r: dict[str, Any]) -> dict[str, dict[str, Any]]:
    plan = {"plan": 150.0}
    values = r["decision"]["values"]
    return {
        "ev.l2.plan": {"value": plan["plan"]},
        "ev.l2.rates": {"value": _rows(r["rates"](plan))},
        **_percents(
            "ev.l2",
            {k: r[k](plan) for k in ("pooled", "own", "anchored", "tnr-low", "tnr-high")},
        ),
        "ev.l2.decision": {"value": max(values, key=values.__getitem__)},
        "ev.l2.mind": {
            "value": f"A TNR for {suspect(world)} above 65 percent on 100 wrong answers; then it "
            "may gate there too. Below 50 it goes back to screening everywhere."
        },
    }


def _l3_answers(world: int, r: dict[str, Any]) -> dict[str, dict[str, Any]]:
    slope, intercept = best_fit(world)
    fit = [{"row": "fit", "slope": _tidy(slope, 3), "intercept": _tidy(intercept, 3)}]
    lines = _line_rows(_lines_after(world, slope, intercept))
    return {
        "ev.l3.ece": {"value": _tidy(r["ece"], 4), "unit": "%"},
        "ev.l3.signal": {"value": r["signal"]},
        "ev.l3.fit": {"value": fit},
        "ev.l3.decision": {"value": lines},
        "ev.l3.mind": {
            "value": "The age of the cited article. When more than 2 percent of answers cite text "
            "that was replaced, every such question goes to the desk."
        },
    }


def _lines_after(world: int, slope: float, intercept: float) -> tuple[float, ...]:
    """The best raw lines, carried over to the recalibrated score of the suspicious group."""
    lines = list(best_lines(world))
    at = SEGMENT_NAMES.index(suspect(world))
    odds = slope * log(lines[at] / (1 - lines[at])) + intercept
    lines[at] = 1 / (1 + float(np.exp(-odds)))
    return tuple(lines)


def _l4_answers(r: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "ev.l4.ratio": {"value": _tidy(r["ratio"], 4), "unit": "times"},
        "ev.l4.psi": {"value": _tidy(r["psi"], 4)},
        "ev.l4.band": {"value": _tidy(r["band"], 3)},
        "ev.l4.gap": {"value": _tidy(r["gap"], 4), "unit": "points"},
        "ev.l4.points": {"value": _tidy(r["points"], 4), "unit": "points"},
        "ev.l4.causes": {"value": _odds(r["causes"], ("mix", "card", "judge", "reach"))},
        "ev.l4.action": {"value": r["action"]},
        "ev.l4.mind": {
            "value": "Next week's 300 random labels: if accuracy on the old topics has moved by "
            "more than 5 points, I looked in the wrong place."
        },
    }


_RANGES = {"e1": 1.3, "e2": 1.2, "e3": 1.3}
_BREAK_UNITS = {"e1": "points", "e2": "labels/day", "e3": "times/year"}
_MINDS = {
    "e1": "The share of the smallest group over four weeks of logs. Below 5 percent I would ask "
    "for quotas alone.",
    "e2": "One false page in 60 days, because each takes half a day and a page that cries wolf "
    "weekly is not read.",
    "e3": "Regressions a year. Half as many as I expect and the labels would have to be cut to a "
    "third.",
}


def _estimate_answers(name: str, r: dict[str, Any]) -> dict[str, dict[str, Any]]:
    item, unit, times = f"ev.{name}", r["unit"], _RANGES[name]
    parts: dict[str, dict[str, Any]] = {}
    if "chain" in r:
        parts[f"{item}.chain"] = {"value": r["chain"].to_answer(), "unit": unit}
    parts |= {
        f"{item}.range": {
            "value": {
                "low": _tidy(r["value"] / times, 3),
                "point": _tidy(r["value"], 3),
                "high": _tidy(r["value"] * times, 3),
            },
            "unit": unit,
        },
        f"{item}.drivers": {"value": sorted(r["drivers"])},
        f"{item}.decision": {"value": r["decision"][0]},
        f"{item}.break-even": {"value": _tidy(r["break-even"], 4), "unit": _BREAK_UNITS[name]},
        f"{item}.mind": {"value": _MINDS[name]},
    }
    if name == "e2":
        parts[f"{item}.sd"] = {"value": _tidy(r["sd"], 4), "unit": "points"}
        parts[f"{item}.shift"] = {"value": _tidy(r["shift"], 4), "unit": "times"}
    return parts


def _log_answers(world: int) -> dict[str, dict[str, Any]]:
    parts = {f"ev.log.{name}": {"value": text} for name, text in _log_texts(world).items()}
    days = _delay_of_own(world)({"labels": 60.0})
    parts["ev.log.number"] = {"value": _tidy(days, 3), "unit": "days"}
    parts["ev.log.labels"] = {"value": 60.0, "unit": "labels/day"}
    return parts


def _log_texts(world: int) -> dict[str, str]:
    doubted, price = suspect(world), parameters(world).reviewers.label_cost
    days = _delay_of_own(world)({"labels": 60.0})
    return {
        "decision": f"Sixty random answers of {TITLES[doubted]} are labeled every day, kept with "
        "their weights, and read as a CUSUM.",
        "rejected": "Sixty lowest-confidence answers a day with the raw error rate as the trend.",
        "number": f"{days:.0f} days until it fires, at 60 labels and {60 * price:.0f} dollars a "
        "day. Too slow for a rollback; soon enough to stop the next group.",
        "trigger": "The CUSUM passes 4: the group's questions go to the desk the same day and the "
        "last release is rolled back.",
        "owner": "Nkechi, support desk",
        "review": "Day 90, with the count of false pages",
    }
