"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.estimation import format_number
from skillmap.lessons.estimation.facts import facts
from skillmap.lessons.estimation.ladder import FIRST, first_round
from skillmap.lessons.exhibits import Card, Picture
from skillmap.stats import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["evidence_card", "ladder_look", "ladder_picture"]


def _range(value: Any, unit: str) -> str:
    if not isinstance(value, dict) or "low" not in value or "high" not in value:
        return "not answered yet"
    ends = f"80% between {format_number(value['low'])} and {format_number(value['high'])} {unit}"
    point = value.get("point")
    return f"{format_number(point)} {unit}; {ends}" if point is not None else ends


def _chosen(part: str, values: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Write a chosen option in the words that the learner saw."""
    from skillmap.lessons import fill, lesson

    key, options = values.get(part), getattr(lesson("estimation").prompt(part), "options", {})
    return fill(options[key], told) if key in options else _said(key)


def _values(answers: AnswerSheet | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(answers, AnswerSheet):
        return answers
    found = {name: answers.get(name) for name in answers}
    return {name: answer.value for name, answer in found.items() if answer is not None}


def _number(values: Mapping[str, Any], part: str) -> str:
    value = values.get(part)
    return format_number(value) if isinstance(value, int | float) else "not answered yet"


def _said(value: Any) -> str:
    return str(value).strip() if value not in (None, "") else "not answered yet"


def _held(world: int, values: Mapping[str, Any]) -> dict[str, tuple[float, float, float]]:
    """Return low, truth and high of each range of the first round that was given."""
    truth = first_round(world)
    return {
        part: (float(value["low"]), truth[part], float(value["high"]))
        for part in FIRST
        if isinstance(value := values.get(part), dict) and {"low", "high"} <= value.keys()
    }


def ladder_look(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Show the truth of the first round beside each range, once all twelve are in.

    >>> ladder_look(10, {}).lines[0][1]
    '0 of 12 ranges are in. The truth shows when all twelve are.'
    """
    title = "The ladder, first round"
    held = _held(world, _values(answers))
    if len(held) < len(FIRST):
        waiting = f"{len(held)} of {len(FIRST)} ranges are in. The truth shows when all twelve are."
        return Card(title, (("Not yet", waiting),))
    hits = sum(low <= truth <= high for low, truth, high in held.values())
    low_band, high_band = wilson_interval(hits, len(held))
    summary = (
        f"{hits} of {len(held)} held the truth; 80 percent ranges aim at nine or ten. Wilson band "
        f"for your true rate: {low_band:.0%} to {high_band:.0%}."
    )
    lines = [("Coverage", summary)]
    for part, (low, truth, high) in held.items():
        verdict = "held" if low <= truth <= high else "too high" if truth < low else "too low"
        lines.append(
            (
                FIRST[part].name,
                f"{_three(truth)} {FIRST[part].unit}; you said {_three(low)} to {_three(high)}: "
                f"{verdict}",
            )
        )
    return Card(title, tuple(lines))


def ladder_picture(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Picture | Card:
    """Draw the twelve ranges, each divided by its truth; the card that says "not yet" before."""
    held = _held(world, _values(answers))
    if len(held) < len(FIRST):
        return ladder_look(world, answers)
    from skillmap.estimation_figures import ladder_alt_text, ladder_figure

    intervals = [(low, high) for low, _, high in held.values()]
    truths = [truth for _, truth, _ in held.values()]
    names = [FIRST[part].name for part in held]
    return Picture(
        lambda: ladder_figure(intervals, truths, names=names),
        ladder_alt_text(intervals, truths, names=names),
    )


def _three(value: float) -> str:
    return format_number(float(f"{value:.3g}"))


def evidence_card(world: int, answers: AnswerSheet | Mapping[str, Any]) -> Card:
    """Fill the card from the answer sheet, or from a mapping of part id to value.

    >>> print(evidence_card(10, {"es.e1.decision": "size-3"}).lines[2][1])
    700,000 calls a day
    """
    f = facts(world)
    values = _values(answers)
    held = _held(world, values)
    hits, given = sum(low <= truth <= high for low, truth, high in held.values()), len(held)
    first = values.get("es.predict.calls")
    return Card(
        "Estimation on Lantern, a simulated product",
        (
            ("First number, in twenty seconds", f"{format_number(first)} calls/day")
            if isinstance(first, int | float)
            else ("First number, in twenty seconds", "not answered yet"),
            ("Calls a day, worked out", _range(values.get("es.e1.range"), "calls/day")),
            ("Reservation", _chosen("es.e1.decision", values, f)),
            ("A month on Heron", _range(values.get("es.e2.range"), "$/month")),
            ("Plan under the ceiling", _chosen("es.e2.decision", values, f)),
            (
                "Next quarter's bill, volume held and not",
                f"{_number(values, 'es.l4.flat')}, then {_number(values, 'es.l4.bill')} $/quarter",
            ),
            ("Elasticity at which nothing is saved", _number(values, "es.l4.break-even")),
            (f"Contacts saved, {f['group_short']}", _range(values.get("es.e3.range"), "$/month")),
            ("Wrong answers acted on", _chosen("es.e3.war-sign", values, f)),
            ("What you do on Monday", _chosen("es.e3.decision", values, f)),
            ("What would reverse it", _said(values.get("es.e3.mind"))),
            ("Eight eval points: harm", _range(values.get("es.l3.harm"), "$/month")),
            ("Eight eval points: contacts", _range(values.get("es.l3.contacts"), "contacts/month")),
            ("A second language", _range(values.get("es.e4.range"), "person-weeks")),
            ("Payers for the plan", _range(values.get("es.e5.range"), "people")),
            (
                "Calibration, first round",
                f"{hits} of {given} ranges held" if given else "not answered yet",
            ),
        ),
    )
