"""One invented learner and short ways to write their results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from skillmap.answers import AnswerSheet
from skillmap.ids import ModuleId
from skillmap.learning.assessment import Claim, Said, weights_of
from skillmap.learning.evidence import Evidence, Kind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EV = ModuleId.EVALS


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def result(id_: str, score: float, kind: Kind = Kind.LAB, **more: Any) -> Evidence:
    return Evidence(id_, kind, score, **{"at": NOW, "learner": "ada", **more})


WORKED_EXAMPLE = (
    result("ev.l1", 40),
    result("ev.l2", 55),
    result("ev.e1", 70, Kind.ESTIMATION),
    result("ev.q4", 50, Kind.SELF),
)
"""Evals claimed Strong; labs 40 and 55, estimation 70, a self-scored rubric at 50."""


def told(claim: Claim = Claim.STRONG, role: str = "even", **other: Claim) -> Said:
    """A self-assessment with one claim for all, but for those named by prefix."""
    claims = {c: other.get(c.prefix, claim) for c in ModuleId}
    return Said(claims, {}, role, weights_of(role))


def sheet(**values: Any) -> AnswerSheet:
    """A sheet of ``start``: ``ps_claim="strong"`` is the part ``sa.ps.claim``."""
    made = AnswerSheet(module="start", learner="ada")
    for name, value in values.items():
        made.put(f"sa.{name.replace('_', '.')}", value, at=days_ago(3))
    return made
