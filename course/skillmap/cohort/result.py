"""One graded submission as a value: what the feedback page, the table and the exports read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from skillmap.errors import SubmissionError
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.ids import ItemId, LearnerId, ModuleId

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMAT", "SubmissionResult"]

FORMAT = 1
"""Version of the JSON form; an older reader refuses a newer file."""


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """What grading found out about one learner's hand-in of one module.

    Points are on the module's own scale. ``submitted_at`` and ``graded_at`` are ISO 8601 in UTC,
    empty if unknown. ``problems`` is written for the learner and the instructor alike.
    ``closed`` is true once the due date has passed or if there is none: only then may keys and
    worked answers be shown. ``manual_scores`` and ``manual_comments`` are a person's, by item id.

    >>> fb = Feedback(ItemId("es.e1"), Outcome.PARTLY, 6.0, 12.0)
    >>> r = SubmissionResult("ada", "estimation", 1234, (fb,), manual_scores={"es.e1": 9.0})
    >>> r.total, r.maximum, SubmissionResult.from_json(r.to_json()) == r
    (9.0, 12.0, True)
    """

    learner: str
    module: str
    world: int
    feedbacks: tuple[Feedback, ...] = ()
    late_penalty: float = 0.0
    submitted_at: str = ""
    graded_at: str = ""
    problems: tuple[str, ...] = ()
    manual_scores: Mapping[str, float] = field(default_factory=dict)
    manual_comments: Mapping[str, str] = field(default_factory=dict)
    extra_credit: Mapping[str, float] = field(default_factory=dict)
    closed: bool = False

    def earned(self, item: ItemId | str) -> float:
        """Points that count for one item: a person's if there is one, ours otherwise."""
        key = str(item)
        extra = self.extra_credit.get(key, 0.0)
        if key in self.manual_scores:
            return self.manual_scores[key] + extra
        return sum(f.points for f in self.feedbacks if str(f.item) == key) + extra

    @property
    def total(self) -> float:
        """Points over all items after the late penalty, never below 0."""
        return max(0.0, sum(self.earned(f.item) for f in self.feedbacks) - self.late_penalty)

    @property
    def maximum(self) -> float:
        """Points that can be had without extra credit."""
        return float(sum(f.maximum for f in self.feedbacks))

    @property
    def waiting(self) -> tuple[ItemId, ...]:
        """Items that still need a person."""
        return tuple(
            f.item
            for f in self.feedbacks
            if f.outcome is Outcome.NEEDS_REVIEW and str(f.item) not in self.manual_scores
        )

    def to_json(self) -> str:
        """Return the JSON form, sorted, an item a line: equal results are equal bytes."""
        lines = []
        for name, value in sorted([*_fields(self).items(), ("format", FORMAT)]):
            text = _dumped(value)
            if name == "feedbacks" and value:
                text = "[\n" + ",\n".join(map(_dumped, value)) + "\n]"
            lines.append(f'"{name}": {text}')
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> SubmissionResult:
        """Read the JSON form; raise ``SubmissionError`` with the first fault and its path."""
        from pydantic import ValidationError

        from skillmap.cohort.result_schema import ResultIn

        try:
            raw = json.loads(text)
            if not isinstance(raw, dict) or raw.pop("format", None) != FORMAT:
                raise SubmissionError(f"feedback.json: the format is not {FORMAT}. Grade again.")
            checked = ResultIn.model_validate(raw).model_dump()
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(str(step) for step in first["loc"])
            raise SubmissionError(f"feedback.json {path}: {first['msg']}. Grade again.") from None
        except (ValueError, RecursionError) as error:
            raise SubmissionError(f"feedback.json: {error}. Grade again.") from None
        return _build(checked)


def _build(data: Mapping[str, Any]) -> SubmissionResult:
    feedbacks = tuple(
        Feedback(
            **{
                **entry,
                "item": ItemId.parse(entry["item"]),
                "criteria": tuple(Criterion(**c) for c in entry["criteria"]),
            }
        )
        for entry in data["feedbacks"]
    )
    learner, module = str(LearnerId.parse(data["learner"])), ModuleId(data["module"]).value
    rest = {**data, "learner": learner, "module": module, "feedbacks": feedbacks}
    return SubmissionResult(**rest)


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Our own values, NumPy scalars and arrays and the like, as JSON has them."""
    if isinstance(value, ItemId):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    for method in ("tolist", "_asdict", "isoformat"):
        if hasattr(value, method):
            return getattr(value, method)()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
