"""What the graders share: reading an answer for a prompt, and putting pieces into feedback."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError
from skillmap.estimation import Quantity, Unit
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.ids import ItemId
from skillmap.lessons.render import table_text
from skillmap.lessons.schema import TablePrompt
from skillmap.lessons.values import clean_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from skillmap.answers import Answer
    from skillmap.lessons.schema import Item, Part

__all__ = [
    "Graded",
    "Piece",
    "Reading",
    "blank",
    "cut",
    "find_part",
    "finish",
    "in_lines",
    "judged",
    "main_part",
    "part_name",
    "range_point",
    "read",
    "refused",
    "seen_in",
    "slip_advice",
    "told",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer as its prompt takes it: a value, or nothing, or what is wrong with it."""

    value: Any = None
    problem: str = ""
    seen: str = ""

    @property
    def given(self) -> bool:
        """Whether there is a usable value."""
        return self.value is not None

    @property
    def blank(self) -> bool:
        """Whether nothing was answered."""
        return self.value is None and not self.problem


@dataclass(frozen=True, slots=True)
class Piece:
    """One criterion before it is put on the item's scale; ``share`` is 0 to 1."""

    name: str
    weight: float
    share: float
    outcome: Outcome
    seen: str = ""
    looked_for: str = ""
    advice: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """Pieces of one item, with numbers for plots and notes for the reader and the instructor."""

    pieces: tuple[Piece, ...]
    measures: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    advice: str = ""


def find_part(item: Item, suffix: str) -> Part | None:
    """Return the part ``<item>.<suffix>``; "" stands for an item's only part."""
    if not suffix:
        return item.parts[0] if len(item.parts) == 1 else None
    wanted = (f"{item.id}.{suffix}", suffix)
    return next((part for part in item.parts if part.id in wanted), None)


def main_part(item: Item, key: Any) -> Part | None:
    """Return the part that an item's key means: the one it names, the usual one, or the only one.

    The usual one is ``decision`` for a decision, ``causes`` for a diagnosis, ``table`` for a table.
    """
    if key.part:
        return find_part(item, key.part)
    return find_part(item, "") or (find_part(item, key.main) if getattr(key, "main", "") else None)


def in_lines(text: str) -> str:
    """Mark where lines end, so that they stay apart where line breaks are lost.

    >>> in_lines("Wren 2\\nHeron 3")
    'Wren 2 ·\\nHeron 3'
    """
    return text.replace("\n", " ·\n")


def part_name(item: Item, key: Any, part: Part | None) -> str:
    """The name of a criterion: the author's, the part's, or the grader's."""
    own = part.id.removeprefix(item.id).strip(".") if part is not None else ""
    return str(key.name or own or key.grader)


def seen_in(part: Part | None, reading: Reading) -> str:
    """What was answered, options by their labels."""
    options = getattr(part.prompt, "options", {}) if part is not None else {}
    given: list[Any] = reading.value if isinstance(reading.value, list) else [reading.value]
    if options and reading.given and all(isinstance(one, str) for one in given):
        return ", ".join(str(options.get(one, one)) for one in given)
    return reading.seen


def read(part: Part | None, answers: Mapping[str, Answer]) -> Reading:
    """Read the answer to one part; a value the prompt cannot take becomes a problem in words."""
    answer = answers.get(part.id) if part is not None else None
    if part is None or answer is None or answer.value is None:
        return Reading()
    if answer.value in ("", [], {}) or (isinstance(answer.value, str) and not answer.value.strip()):
        return Reading()
    label = part.id.partition(".")[2].partition(".")[2] or "answer"
    try:
        value, _ = clean_value(part.prompt, answer.value, answer.unit, place=label)
    except AnswerError as error:
        text = str(error).replace(" and run this cell again", "")
        return Reading(problem=text, seen=told(answer.value))
    if isinstance(part.prompt, TablePrompt):
        return Reading(value, seen=cut(in_lines(table_text(part.prompt, value)), 1_500))
    return Reading(value, seen=told(value, getattr(part.prompt, "unit", "")))


def range_point(span: Mapping[str, float]) -> float:
    """The point of a range; without one its geometric mean (its middle, around zero)."""
    low, high = float(span["low"]), float(span["high"])
    if span.get("point") is not None:
        return float(span["point"])
    return math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2


def told(value: Any, unit: str = "") -> str:
    """Write a value for the reader, shortened."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _quantity(float(value), unit)
    if isinstance(value, dict) and {"low", "high"} <= set(value):
        try:
            low, high = float(value["low"]), float(value["high"])
            dollars = "$" if unit.strip().startswith("$") else ""
            text = f"{dollars}{_quantity(low, '')} to {_quantity(high, unit)}"
            point = value.get("point")
            return (
                text if point is None else f"{text}, point {dollars}{_quantity(float(point), '')}"
            )
        except (TypeError, ValueError, OverflowError):
            pass
    if isinstance(value, dict) and isinstance(value.get("factors"), list):
        n = len(value["factors"])
        return f"a chain of {n} factor{'' if n == 1 else 's'}"
    if isinstance(value, list):
        value = ", ".join(told(part) for part in value[:12])
    return cut(" ".join(str(value)[:400].split()))


def cut(text: str, most: int = 160) -> str:
    """Shorten a text for one line."""
    return text if len(text) <= most else text[: most - 3] + "…"


def _quantity(value: float, unit: str) -> str:
    try:
        return str(Quantity(value, Unit.parse(unit)))
    except AnswerError:
        return f"{value:g} {unit}".strip()


def blank(name: str, weight: float, looked_for: str = "", key: str = "") -> Piece:
    """A piece for which nothing was answered."""
    return Piece(
        name,
        weight,
        0.0,
        Outcome.BLANK,
        "nothing saved",
        looked_for,
        "Nothing was saved here; a rough answer earns more than none.",
        key,
    )


def refused(
    name: str, weight: float, reading: Reading, looked_for: str = "", key: str = ""
) -> Piece:
    """A piece whose answer could not be taken: blank, or not yet with the reason."""
    if reading.blank:
        return blank(name, weight, looked_for, key)
    return Piece(name, weight, 0.0, Outcome.NOT_YET, reading.seen, looked_for, reading.problem, key)


def judged(
    name: str,
    weight: float,
    share: float,
    *,
    seen: str = "",
    looked_for: str = "",
    advice: str = "",
    key: str = "",
) -> Piece:
    """A piece with a share; advice is dropped when there is nothing to improve."""
    if share >= 1:
        outcome, advice = Outcome.MET, ""
    else:
        outcome = Outcome.PARTLY if share > 0 else Outcome.NOT_YET
    return Piece(name, weight, min(1.0, share), outcome, seen, looked_for, advice, key)


def finish(item: Item, graded: Graded) -> Feedback:
    """Put the pieces on the item's points and sum them up."""
    total = sum(piece.weight for piece in graded.pieces)
    scale = item.points / total if total else 0.0
    criteria = tuple(
        Criterion(
            piece.name,
            piece.outcome,
            round(piece.share * piece.weight * scale, 2),
            round(piece.weight * scale, 2),
            piece.seen,
            piece.looked_for,
            piece.advice,
            piece.key,
        )
        for piece in graded.pieces
    )
    share = sum(piece.share * piece.weight for piece in graded.pieces)
    points = round(share * scale, 2)
    outcome = _overall(graded.pieces)
    return Feedback(
        ItemId.parse(item.id),
        outcome,
        points,
        float(item.points),
        criteria,
        graded.evidence,
        graded.advice or _first_advice(graded.pieces),
        graded.flags,
        measures=dict(graded.measures),
    )


def _overall(pieces: Iterable[Piece]) -> Outcome:
    counted = [piece for piece in pieces if piece.weight > 0]
    outcomes = {piece.outcome for piece in counted}
    if not outcomes or outcomes == {Outcome.BLANK}:
        return Outcome.BLANK
    if Outcome.NEEDS_REVIEW in outcomes:
        return Outcome.NEEDS_REVIEW
    if outcomes == {Outcome.MET}:
        return Outcome.MET
    return Outcome.PARTLY if any(piece.share > 0 for piece in counted) else Outcome.NOT_YET


def _first_advice(pieces: Iterable[Piece]) -> str:
    """The advice where most points are to be gained."""
    open_ = [piece for piece in pieces if piece.advice and piece.share < 1]
    best = max(open_, key=lambda piece: piece.weight * (1 - piece.share), default=None)
    return best.advice if best else ""


_SLIP_WORDS = {
    10.0: "Count the zeros: there is one too many or one too few.",
    30.0: "A month here has 30 days: check whether your number is for a month or for a day.",
    7.0: "A week has seven days: check whether your number is for a week or for a day.",
    12.0: "A year has twelve months: check whether your number is for a year or for a month.",
    24.0: "A day has 24 hours: check the period of each factor.",
    60.0: "An hour has 60 minutes: check minutes and hours.",
    100.0: "Check percent and share: 48% is 0.48, and 100 cents are a dollar.",
    1e3: "Check thousands: a k may be missing or counted twice.",
    1e6: "Check millions: an M may be missing or counted twice.",
    360.0: "Check the period: a year here has 360 days.",
    5.0: "Check effort: a person-week is five person-days.",
    8.0: "Check effort: a person-day is eight person-hours.",
    40.0: "Check effort: a person-week is forty person-hours.",
}


def slip_advice(factor: float | None) -> str:
    """Words for a usual slip of units, without the size of the right number."""
    if factor is None:
        return ""
    near = min(_SLIP_WORDS, key=lambda known: abs(known - max(factor, 1 / factor)))
    return _SLIP_WORDS[near]
