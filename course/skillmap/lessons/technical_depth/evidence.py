"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.exhibits import Card
from skillmap.lessons.technical_depth.bench import WHOLE, setup_of
from skillmap.lessons.technical_depth.facts import facts

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
    options = getattr(lesson("technical-depth").prompt(part), "options", {})
    return fill(options[key], told) if isinstance(key, str) and key in options else MISSING


def _setup(table: Any) -> str:
    setup = setup_of(table)
    if setup is None:
        return MISSING
    switches = [name for name, on in (("glossary", setup.glossary), ("dates", setup.dates)) if on]
    extra = f"; {' and '.join(switches)} on" if switches else ""
    if setup.words == WHOLE:
        return f"the whole help center{extra}"
    return f"{setup.words} words, overlap {setup.overlap:g}, k {setup.k}, {setup.method}{extra}"


def _believed(table: Any) -> str:
    from skillmap.lessons import fill, lesson

    rows = getattr(lesson("technical-depth").prompt("td.l2.causes"), "rows", {})
    if not isinstance(table, list):
        return MISSING
    said = [
        (float(row["p"]), fill(rows[row["row"]], {}))
        for row in table
        if isinstance(row, dict)
        and row.get("row") in rows
        and isinstance(row.get("p"), int | float)
    ]
    if not said:
        return MISSING
    p, name = max(said)
    return f"{p:.0f}% on: {name}"


def _ways(table: Any) -> str:
    if not isinstance(table, list):
        return MISSING
    said = [
        f"{row['row']}: {row['way']}" for row in table if isinstance(row, dict) and row.get("way")
    ]
    return "; ".join(said) or MISSING


def _text(value: Any) -> str:
    return str(value).strip() if value not in (None, "") else MISSING


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> evidence_card(10, {"td.l3.decision": "pin"}).lines[9][1]
    'Pin the old snapshot'
    """
    told, v = facts(world), values_of(answers)
    return Card(
        "Technical depth on Lantern, a simulated product with a real index",
        (
            ("Found, first guess", _number(v.get("td.predict.found"), "%")),
            (f"Recall at 4, ten questions of {told['group']}", _number(v.get("td.l1.recall"), "%")),
            ("What the glossary adds for them", _number(v.get("td.l1.glossary"), "points")),
            ("Setup", _setup(v.get("td.l1.decision"))),
            ("Its dollars a question", _number(v.get("td.l1.dollars"), "dollars")),
            ("Failed: not found", _number(v.get("td.l2.miss"), "%")),
            ("Failed: out of date", _number(v.get("td.l2.stale"), "%")),
            ("What sets the group apart", _believed(v.get("td.l2.causes"))),
            ("First fix", _chosen("td.l2.fix", v, told)),
            ("Response to the new version", _chosen("td.l3.decision", v, told)),
            ("How text is shown", _ways(v.get("td.l4.decision"))),
            ("A new tokenizer costs", _range(v.get("td.bill.range"), "dollars a month")),
            ("From edit to safe answers", _range(v.get("td.e3.range"), "hours")),
            ("Where it stops, first sentence", _text(v.get("td.predict.boundary"))),
        ),
    )
