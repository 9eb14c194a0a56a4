"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.errors import SkillMapError
from skillmap.lantern.world import SEGMENT_NAMES, parameters
from skillmap.lessons.evals.facts import facts
from skillmap.lessons.evals.samples import CHECKED, SCORED, buy, plan_from
from skillmap.lessons.exhibits import Card

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["evidence_card"]

_OPEN = "not answered yet"


def _values(answers: AnswerSheet | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(answers, AnswerSheet):
        return answers
    found = {name: answers.get(name) for name in answers}
    return {name: answer.value for name, answer in found.items() if answer is not None}


def _chosen(part: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    from skillmap.lessons import fill, lesson

    options = getattr(lesson("evals").prompt(part), "options", {})
    key = values.get(part)
    return fill(options[key], told) if key in options else _OPEN


def _likeliest(part: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    from skillmap.lessons import fill, lesson

    table = [row for row in values.get(part) or () if isinstance(row.get("p"), int | float)]
    rows = getattr(lesson("evals").prompt(part), "rows", {})
    if not table or not rows:
        return _OPEN
    top = max(table, key=lambda row: row["p"])
    return f"{top['p']:.0f} percent on: {fill(rows.get(top['row'], '?'), told)}"


def _number(part: str, values: Mapping[str, Any], form: str) -> str:
    value = values.get(part)
    return form.format(value) if isinstance(value, int | float) else _OPEN


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> dict(evidence_card(10, {"ev.l2.pooled": 87.8}).lines)["Judge, corrected with pooled rates"]
    '87.8 percent'
    """
    told, values = facts(world), _values(answers)
    price = parameters(world).reviewers.label_cost
    spent, plan_said, share_said = 0.0, _OPEN, _OPEN
    try:
        plan = plan_from(values["ev.l1.plan"])
    except (KeyError, TypeError, SkillMapError):
        pass
    else:
        at = SEGMENT_NAMES.index(str(told["suspect"]))
        bought = buy(world, plan)
        spent = sum(plan) * price
        plan_said = ", ".join(f"{g} {n}" for g, n in zip(SEGMENT_NAMES, plan, strict=True))
        share_said = f"{bought.right[at]} of {bought.n[at]} labeled right"
    if values.get("ev.l2.plan") is not None:
        spent += CHECKED * price
    doors = [row["row"] for row in values.get("ev.ship.decision") or () if row.get("who") == "open"]
    doubted = f"{told['suspect']} {told['suspect_title']}"
    percent, right = "{:.1f} percent", "{:.0f} percent right"
    whole = _number("ev.l1.weighted", values, "{:.1f} percent labeled right")
    lines = (
        ("Guessed before any label: the worst group", _number("ev.predict.worst", values, right)),
        ("Labels by plan", plan_said),
        (f"What they said of {doubted}", share_said),
        ("Which group is worse", _likeliest("ev.l1.causes", values, told)),
        ("The whole, weighted", whole),
        ("Judge, corrected with pooled rates", _number("ev.l2.pooled", values, percent)),
        ("Judge, corrected with the group's own", _number("ev.l2.own", values, percent)),
        ("Anchored in labels", _number("ev.l2.anchored", values, percent)),
        ("What the judge may do", _chosen("ev.l2.decision", values, told)),
        ("Calibration error of the score", _number("ev.l3.ece", values, percent)),
        ("Doors opened", ", ".join(doors) or _OPEN),
        ("Why complaints rose", _likeliest("ev.l4.causes", values, told)),
        ("One alarm", str(values.get("ev.log.trigger") or _OPEN)),
        ("Truth bought", f"${spent:,.0f} for my own labels, {SCORED} more bought by the team"),
    )
    return Card("Evals on Lantern, a simulated product", lines)
