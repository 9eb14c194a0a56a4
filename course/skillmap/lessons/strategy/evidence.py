"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.exhibits import Card
from skillmap.lessons.strategy.boards import BET_WORDS
from skillmap.lessons.strategy.facts import LAYER_WORDS, facts
from skillmap.lessons.strategy.market import units_of

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
    options = getattr(lesson("strategy").prompt(part), "options", {})
    return fill(options[key], told) if isinstance(key, str) and key in options else MISSING


def _units(table: Any) -> str:
    units = units_of(table)
    if units is None:
        return MISSING
    pairs = zip(LAYER_WORDS.values(), units, strict=True)
    return ", ".join(f"{name}: {n}" for name, n in pairs if n)


def _bets(chosen: Any) -> str:
    known = [BET_WORDS[b] for b in chosen or () if b in BET_WORDS]
    return "; ".join(known) or MISSING


def _text(value: Any) -> str:
    return str(value).strip() if value not in (None, "") else MISSING


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> evidence_card(10, {"st.l4.expected": ["feed"]}).lines[6][1]
    'Operator data contracts'
    """
    told, v = facts(world), values_of(answers)
    return Card(
        "Strategy on Lantern, a simulated product",
        (
            ("First guess: what lasts", _chosen("st.predict.layer", v, told)),
            ("Three units go to", _units(v.get("st.l1.decision"))),
            ("On rival day", _chosen("st.l2.decision", v, told)),
            ("Share at month 6 if nothing is done", _range(v.get("st.forecast.nothing"), "%")),
            ("Evaluation level", _chosen("st.l3.decision", v, told)),
            ("Least regret", _bets(v.get("st.l4.decision"))),
            ("Largest expected worth", _bets(v.get("st.l4.expected"))),
            ("Earliest signal", _text(v.get("st.l4.signal"))),
            ("What would reverse it", _text(v.get("st.log.trigger"))),
            ("The operator feed", _range(v.get("st.e1.range"), "dollars")),
            ("Swapping sooner", _range(v.get("st.e2.range"), "dollars a year")),
            ("Decline that beats the discount", _number(v.get("st.e3.break-even"), "% a year")),
        ),
    )
