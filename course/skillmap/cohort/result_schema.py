"""The shape ``feedback.json`` must have; a module of its own, so pydantic loads when needed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat

from skillmap.grading.feedback import Outcome  # noqa: TC001 (pydantic reads it when it runs)

__all__ = ["ResultIn"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CriterionIn(_Strict):
    """One criterion of one item."""

    name: str
    outcome: Outcome
    points: FiniteFloat
    maximum: FiniteFloat
    seen: str
    looked_for: str
    advice: str
    key: str


class FeedbackIn(_Strict):
    """One item."""

    item: str
    outcome: Outcome
    points: FiniteFloat
    maximum: FiniteFloat
    criteria: tuple[CriterionIn, ...]
    evidence: tuple[str, ...]
    advice: str
    flags: tuple[str, ...]
    predicted: FiniteFloat | None
    worked: str
    measures: dict[str, Any]


class ResultIn(_Strict):
    """The whole file."""

    learner: str
    module: str
    world: int
    feedbacks: tuple[FeedbackIn, ...]
    late_penalty: FiniteFloat
    submitted_at: str
    graded_at: str
    problems: tuple[str, ...]
    manual_scores: dict[str, FiniteFloat]
    manual_comments: dict[str, str]
    extra_credit: dict[str, FiniteFloat]
    closed: bool
