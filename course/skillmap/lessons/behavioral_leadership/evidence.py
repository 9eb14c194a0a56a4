"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.behavioral_leadership.facts import facts
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
    ends = f"80% between {format_number(value['low'])} and {format_number(value['high'])} {unit}"
    point = value.get("point")
    return ends if point is None else f"{format_number(point)} {unit}; {ends}"


def _chosen(part: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    from skillmap.lessons import fill, lesson

    key = values.get(part)
    options = getattr(lesson("behavioral-leadership").prompt(part), "options", {})
    return fill(options[key], told) if isinstance(key, str) and key in options else MISSING


def _text(value: Any) -> str:
    return str(value).strip() if value not in (None, "") else MISSING


def _times(table: Any) -> str:
    rows = table if isinstance(table, list) else []
    given = [r.get("hours") for r in rows if isinstance(r, dict)]
    if len(given) != 3 or any(not isinstance(h, int | float) for h in given):
        return MISSING
    return ", ".join(f"{hours:g}" for hours in given) + " hours"


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> evidence_card(10, {"bl.l1.decision": "hold"}).lines[0][1]
    'Hold for a week'
    """
    told, v = facts(world), values_of(answers)
    return Card(
        "Behavioral and leadership, on Lantern, a simulated product",
        (
            ("Under pressure I decided", _chosen("bl.l1.decision", v, told)),
            ("My chance of the incident", _number(v.get("bl.l1.forecast"), "percent")),
            ("Bad ends to expect", _number(v.get("bl.l1.luck"), "of 100 such weeks")),
            ("The other side's best argument", _text(v.get("bl.l1.dissent"))),
            ("What would reverse it", _text(v.get("bl.log.trigger"))),
            ("Two memos, one question", _chosen("bl.l2.crux", v, told)),
            ("Days I would have paid for it", _number(v.get("bl.l2.days"), "days")),
            ("Detect, decide, mitigate", _times(v.get("bl.l3.times"))),
            ("First day we could have known", _number(v.get("bl.l3.knowable"), "")),
            ("Break-even chance", _range(v.get("bl.e1.range"), "as a share")),
            ("A holdout's worth", _range(v.get("bl.e2.range"), "dollars")),
            ("Making it right", _range(v.get("bl.e3.range"), "dollars")),
        ),
    )
