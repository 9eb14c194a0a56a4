"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.execution.facts import facts
from skillmap.lessons.execution.rollout import SHARES, plan_of
from skillmap.lessons.exhibits import Card

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["evidence_card", "values_of"]

MISSING = "not answered yet"


def values_of(answers: AnswerSheet | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return plain values by part id."""
    if not isinstance(answers, AnswerSheet):
        return answers
    found = {name: answers.get(name) for name in answers}
    return {name: answer.value for name, answer in found.items() if answer is not None}


def _number(value: Any, unit: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return MISSING
    return f"{format_number(float(f'{value:.4g}'))} {unit}".strip()


def _range(value: Any, unit: str) -> str:
    if not isinstance(value, dict) or not {"low", "high"} <= value.keys():
        return MISSING
    point = value.get("point")
    ends = f"80% between {format_number(value['low'])} and {format_number(value['high'])} {unit}"
    return ends if point is None else f"{format_number(point)} {unit}; {ends}"


def _chosen(part: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Write a chosen option in the words that the learner saw."""
    from skillmap.lessons import fill, lesson

    key = values.get(part)
    options = getattr(lesson("execution").prompt(part), "options", {})
    return fill(options[key], told) if isinstance(key, str) and key in options else MISSING


def _plan(table: Any) -> str:
    plan = plan_of(table)
    if plan is None:
        return MISSING
    stages = [f"{100 * s.share:g}% for {s.days} days, stop at {s.stop}" for s in plan if s.days > 0]
    assert len(plan) == len(SHARES)
    return "; ".join(stages) or "everybody at once"


def _believed(table: Any) -> str:
    from skillmap.lessons import lesson

    rows = getattr(lesson("execution").prompt("ex.night.causes"), "rows", {})
    if not isinstance(table, list):
        return MISSING
    said = [
        (float(row["p"]), rows[row["row"]])
        for row in table
        if isinstance(row, dict)
        and row.get("row") in rows
        and isinstance(row.get("p"), int | float)
    ]
    if not said:
        return MISSING
    p, name = max(said)
    return f"{p:.0f}% on: {name}"


def _text(value: Any) -> str:
    return str(value).strip() if value not in (None, "") else MISSING


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> evidence_card(10, {"ex.l3.decision": "pin"}).lines[7][1]
    'Pin the old snapshot'
    """
    told, v = facts(world), values_of(answers)
    return Card(
        "Execution on Lantern, a simulated product",
        (
            ("Odds of the silence, first guess", _number(v.get("ex.predict.odds"), "%")),
            ("Odds of the silence, worked out", _number(v.get("ex.e1.quiet"), "%")),
            ("Days of canary", _range(v.get("ex.e1.range"), "days")),
            ("Rollout plan", _plan(v.get("ex.l1.decision"))),
            ("Its expected harm", _number(v.get("ex.l1.harm"), "dollars")),
            ("At the look that crossed", _chosen("ex.l2.decision", v, told)),
            ("On the first evening", _believed(v.get("ex.night.causes"))),
            ("The remedy", _chosen("ex.l3.decision", v, told)),
            ("What would reverse it", _text(v.get("ex.log.trigger"))),
            ("Answers out before the rollback", _range(v.get("ex.e3.range"), "answers")),
            ("Bad answers, weighted", _number(v.get("ex.l4.error"), "%")),
            ("The queue", _chosen("ex.l4.decision", v, told)),
        ),
    )
