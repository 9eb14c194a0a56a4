"""What can be said about an answer without any key: complete, readable, consistent with itself.

For learners in a cohort, where the key is not on the machine: units, the arithmetic of their own
chain and the width of their own ranges. It awards no points and knows no reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skillmap.bank import question
from skillmap.errors import AnswerError, SkillMapError
from skillmap.estimation import Chain, format_number
from skillmap.grading import rules
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.grading.pieces import find_part, range_point, read, slip_advice
from skillmap.grading.written import outcome_of, proposal, reads_as
from skillmap.ids import ItemId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.lessons.schema import Item, Part

__all__ = ["check_own"]


def check_own(item: Item, answers: Mapping[str, Answer], *, levels: bool = True) -> Feedback:
    """Return feedback of 0 out of 0 points: MET means complete and consistent, not right.

    Without ``levels`` a written answer is not read by the grader of words.
    """
    criteria = [_saved(item, part, answers) for part in item.parts]
    if consistent := _arithmetic(item, answers):
        criteria.append(consistent)
    outcomes = {criterion.outcome for criterion in criteria}
    if outcomes == {Outcome.BLANK}:
        outcome = Outcome.BLANK
    elif outcomes == {Outcome.MET}:
        outcome = Outcome.MET
    else:
        outcome = Outcome.PARTLY
    proposed, note = _levels(item, answers) if levels else ((), "")
    advice = next((c.advice for c in (*criteria, *proposed) if c.outcome is Outcome.NOT_YET), "")
    advice = advice or next((c.advice for c in proposed if c.advice), "")
    return Feedback(
        ItemId.parse(item.id),
        outcome,
        0.0,
        0.0,
        (*criteria, *proposed),
        (
            note
            or "Points come after hand-in; this looks at units, arithmetic and what is missing.",
        ),
        advice,
    )


def _saved(item: Item, part: Part, answers: Mapping[str, Answer]) -> Criterion:
    reading = read(part, answers)
    name = part.id.removeprefix(item.id).strip(".") or "answer"
    if reading.blank:
        return Criterion(name, Outcome.BLANK, 0, 0, "nothing saved", advice="Still to answer.")
    if reading.problem:
        return Criterion(name, Outcome.NOT_YET, 0, 0, reading.seen, advice=reading.problem)
    note = ""
    if part.prompt.kind == "range" and reading.value["low"] > 0:
        ratio = reading.value["high"] / reading.value["low"]
        note = f" (high is {format_number(ratio, 2)} times low)"
    if part.prompt.kind == "chain":
        chain = Chain.from_answer(reading.value, unit=part.prompt.unit)
        fault = chain.unit_fault()
        if fault:
            return Criterion(name, Outcome.NOT_YET, 0, 0, reading.seen, advice=fault)
        try:
            note = f" that gives {chain.quantity()}"
        except AnswerError as error:
            return Criterion(name, Outcome.NOT_YET, 0, 0, reading.seen, advice=str(error))
    return Criterion(name, Outcome.MET, 0, 0, f"{reading.seen}{note}")


def _levels(item: Item, answers: Mapping[str, Answer]) -> tuple[tuple[Criterion, ...], str]:
    """Read a written answer by its rubric in the bank, which is open to everyone.

    The levels are proposals of a small model and earn nothing; the note says so.
    """
    reading = read(find_part(item, ""), answers)
    if not isinstance(reading.value, str) or len(item.parts) != 1:
        return (), ""
    try:
        rubric = question(item.id)
    except SkillMapError:
        return (), ""
    if not rubric.criteria or item.parts[0].prompt.kind != "text":
        return (), ""
    scored = proposal(rubric, reading.value, least=25)
    rows = tuple(
        Criterion(c.name, outcome_of(c), 0, 0, reads_as(c), advice=c.advice)
        for c in scored.criteria
    )
    flags = "".join(f" Look again: {flag}." for flag in scored.flags)
    return rows, f"Levels are proposals ({scored.grader} grader); a person settles them.{flags}"


def _arithmetic(item: Item, answers: Mapping[str, Answer]) -> Criterion | None:
    """Compare the chain with the number that is said to follow from it."""
    part = find_part(item, "chain")
    if part is None or part.prompt.kind != "chain":
        return None
    reading = read(part, answers)
    stated = _stated(item, answers)
    if not reading.given or stated is None:
        return None
    try:
        computed = Chain.from_answer(reading.value, unit=part.prompt.unit).quantity()
    except AnswerError:
        return None
    seen = f"your chain gives {computed}, you state {format_number(stated)}"
    if rules.ec(stated, computed.value).passed:
        return Criterion("arithmetic", Outcome.MET, 0, 0, seen)
    advice = slip_advice(rules.slip(stated, computed.value)) or (
        "They differ by more than two percent: find the step where they part."
    )
    return Criterion("arithmetic", Outcome.NOT_YET, 0, 0, seen, advice=advice)


def _stated(item: Item, answers: Mapping[str, Answer]) -> float | None:
    for suffix in ("range", "bill", "point"):
        reading = read(find_part(item, suffix), answers)
        if isinstance(reading.value, dict):
            return range_point(reading.value)
        if isinstance(reading.value, float):
            return reading.value
    return None
