"""The shapes of a kept proposal, a decision and an exemplar; pydantic loads when needed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

__all__ = ["DecidedIn", "DecisionIn", "EvidenceIn", "ExemplarIn", "GraderIn", "ProposalIn"]

Level = Annotated[int, Field(ge=0, le=2, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
CriterionId = Annotated[str, Field(pattern=r"^c[1-9]$")]
Short = Annotated[str, Field(max_length=200)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Place = Annotated[int, Field(ge=0, strict=True)]


class _Kept(BaseModel):
    """Fields that a later version adds do not spoil an earlier reader."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class EvidenceIn(_Kept):
    """A stretch of the answer."""

    start: Place
    end: Place


class CriterionIn(_Kept):
    """What was proposed for one criterion."""

    id: CriterionId
    level: Level
    confidence: Share
    evidence: tuple[EvidenceIn, ...] = Field(default=(), max_length=50)
    advice: Annotated[str, Field(max_length=2_000)] = ""


class GraderIn(_Kept):
    """Who proposed."""

    name: Short
    version: Short


class ProposalIn(_Kept):
    """The document that ``skillmap score --json`` prints, as grading keeps it."""

    question: Short
    criteria: Annotated[tuple[CriterionIn, ...], Field(max_length=9)]
    grader: GraderIn


class DecidedIn(_Kept):
    """One criterion of a decision; ``proposed`` is none where nothing was proposed."""

    id: CriterionId
    proposed: Level | None = None
    confidence: Share = 0.0
    decided: Level


class DecisionIn(_Kept):
    """One line of ``review/decisions.jsonl``.

    ``answer`` names the learner's answer without the learner's name, ``digest`` is the hash of its
    text. ``proposed_points`` and ``points`` are of ``maximum``; ``comment`` is the hash of the
    comment that was written.
    """

    format: Literal[1] = 1
    id: Digest
    at: Short
    by: Short
    action: Literal["confirm", "override", "points"]
    answer: Short
    module: Short
    item: Short
    question: Short = ""
    criteria: Annotated[tuple[DecidedIn, ...], Field(max_length=9)] = ()
    capped: bool = False
    proposed_points: FiniteFloat | None = None
    points: Annotated[FiniteFloat, Field(ge=0)]
    maximum: Annotated[FiniteFloat, Field(ge=0)]
    grader: GraderIn | None = None
    digest: Digest
    comment: Digest


class ExemplarIn(_Kept):
    """One line of ``review/exemplars.jsonl``: an answer with the levels that a person gave."""

    format: Literal[1] = 1
    decision: Digest
    at: Short
    answer: Short
    question: Short
    levels: dict[CriterionId, Level]
    evidence: dict[CriterionId, tuple[EvidenceIn, ...]] = Field(default_factory=dict)
    text: Annotated[str, Field(max_length=40_000)]
