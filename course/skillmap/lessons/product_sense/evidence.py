"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.exhibits import Card
from skillmap.lessons.product_sense.facts import facts

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
    return f"80% between {format_number(value['low'])} and {format_number(value['high'])} {unit}"


def _row(table: Any, row: str, column: str, unit: str) -> str:
    rows = table if isinstance(table, list) else []
    found = [r.get(column) for r in rows if isinstance(r, dict) and r.get("row") == row]
    return _number(found[0], unit) if found else MISSING


def _chosen(part: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Write chosen options in the words that the learner saw."""
    from skillmap.lessons import fill, lesson

    given = values.get(part)
    options = getattr(lesson("product-sense").prompt(part), "options", {})
    keys = given if isinstance(given, list) else [given]
    names = [fill(options[key], told) for key in keys if isinstance(key, str) and key in options]
    return "; ".join(names) or MISSING


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> evidence_card(10, {"ps.l1.decision": "b_desk"}).lines[6][1]
    'B, and assisted travelers go to the desk'
    """
    told, v = facts(world), values_of(answers)
    rates = v.get("ps.l1.rates")
    said = str(v.get("ps.drill.yours") or "").strip() or MISSING
    trigger = str(v.get("ps.log.trigger") or "").strip() or MISSING
    return Card(
        "Product sense on Lantern, a simulated product",
        (
            ("First guess on less error", _chosen("ps.predict.hump", v, told)),
            ("Success, as I would write it", said),
            ("Wrong and acted on in a month", _range(v.get("ps.e1.range"), "answers")),
            ("Right and acted on, variant A", _row(rates, "a", "rar", "%")),
            ("Right and acted on, variant B", _row(rates, "b", "rar", "%")),
            ("Appropriate reliance, variant B", _row(rates, "b", "reliance", "points")),
            ("Shipped", _chosen("ps.l1.decision", v, told)),
            ("Bar for assisted travelers", _row(v.get("ps.l2.bars"), "S5", "bar", "")),
            ("Five bars save", _number(v.get("ps.l2.saving"), "dollars a month")),
            ("First fix", _chosen("ps.l3.decision", v, told)),
            ("Built", _chosen("ps.l4.decision", v, told)),
            ("What would reverse it", trigger),
        ),
    )
