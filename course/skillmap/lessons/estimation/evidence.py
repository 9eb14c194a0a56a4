"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.estimation.facts import facts
from skillmap.lessons.estimation.ladder import FIRST, first_round

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Card", "evidence_card", "first_round_hits"]


def first_round_hits(world: int, values: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many ranges of the first round hold the truth, and how many there are."""
    truth = first_round(world)
    given = {
        part: value
        for part in FIRST
        if isinstance(value := values.get(part), dict) and {"low", "high"} <= value.keys()
    }
    hits = sum(value["low"] <= truth[part] <= value["high"] for part, value in given.items())
    return hits, len(given)


@dataclass(frozen=True, slots=True)
class Card:
    """Lines of an evidence card: what was asked and what this learner says."""

    title: str
    lines: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {name}: {text}" for name, text in self.lines)])

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr><th scope='row' style='text-align:left;vertical-align:top'>"
            f"{escape(name)}</th><td style='text-align:left'>{escape(text)}</td></tr>"
            for name, text in self.lines
        )
        table = f"<table><caption>{escape(self.title)}</caption><tbody>{rows}</tbody></table>"
        return table.replace("$", "<span>$</span>")  # kept apart, so that it is not read as TeX


def _range(value: Any, unit: str) -> str:
    if not isinstance(value, dict) or "low" not in value or "high" not in value:
        return "not answered yet"
    ends = f"80% between {format_number(value['low'])} and {format_number(value['high'])} {unit}"
    point = value.get("point")
    return f"{format_number(point)} {unit}; {ends}" if point is not None else ends


def _values(answers: AnswerSheet | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(answers, AnswerSheet):
        return answers
    found = {name: answers.get(name) for name in answers}
    return {name: answer.value for name, answer in found.items() if answer is not None}


def _said(value: Any) -> str:
    return str(value).strip() if value not in (None, "") else "not answered yet"


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> print(evidence_card(10, {"es.e1.decision": "size-3"}).lines[2][1])
    size-3 (700,000 calls/day)
    """
    f = facts(world)
    values = _values(answers)
    hits, given = first_round_hits(world, values)
    size = values.get("es.e1.decision")
    number = str(size).removeprefix("size-")
    reserved = f"{size} ({f[f'size_{number}']} calls/day)" if f"size_{number}" in f else _said(size)
    first = values.get("es.predict.calls")
    return Card(
        "Estimation on Lantern, a simulated product",
        (
            ("First number, in twenty seconds", f"{format_number(first)} calls/day")
            if isinstance(first, int | float)
            else ("First number, in twenty seconds", "not answered yet"),
            ("Calls a day, worked out", _range(values.get("es.e1.range"), "calls/day")),
            ("Reservation", reserved),
            ("A month on Heron", _range(values.get("es.e2.range"), "$/month")),
            ("Plan under the ceiling", _said(values.get("es.e2.decision"))),
            (f"Contacts saved, {f['group_short']}", _range(values.get("es.e3.range"), "$/month")),
            ("Wrong answers acted on", _said(values.get("es.e3.war-sign"))),
            ("Decision, and what reverses it", _said(values.get("es.e3.mind"))),
            ("A second language", _range(values.get("es.e4.range"), "person-weeks")),
            ("Payers for the plan", _range(values.get("es.e5.range"), "people")),
            (
                "Calibration, first round",
                f"{hits} of {given} ranges held" if given else "not answered yet",
            ),
        ),
    )
