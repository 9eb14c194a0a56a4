"""What a learner says of themselves: a claim for each competency, a prediction, a role.

The answers stand in ``start/answers.json`` and are read here as data. Nobody grades them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from skillmap.ids import BesideId, ModuleId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import AnswerSheet

__all__ = ["PRESETS", "PRIORS", "Claim", "Said", "moment", "said", "weights_of"]

HOURS = 5.0
"""Hours a week that are planned for a learner who names none."""
MOST_WEIGHT = 3.0
HEAVY, USUAL = 1.5, 1.0
"""Role weight of a competency that a role leans on, and of the others."""


class Claim(StrEnum):
    """Where one stands, against anchors and not adjectives."""

    STRONG = "strong"
    DEVELOPING = "developing"
    BLIND_SPOT = "blind"

    @property
    def words(self) -> str:
        """The label as a person reads it."""
        return {"blind": "Blind spot"}.get(self.value, self.value.capitalize())


PRIORS: Mapping[Claim, float] = MappingProxyType(
    {Claim.BLIND_SPOT: 30.0, Claim.DEVELOPING: 55.0, Claim.STRONG: 80.0}
)
"""Where a claim puts the estimate before any evidence, 0 to 100."""

_PS, _EV, _CL = ModuleId.PRODUCT_SENSE, ModuleId.EVALS, ModuleId.COST_LATENCY_ROUTING
_ST, _EX, _ES = ModuleId.STRATEGY, ModuleId.EXECUTION, ModuleId.ESTIMATION
_BL, _TD = ModuleId.BEHAVIORAL_LEADERSHIP, ModuleId.TECHNICAL_DEPTH

PRESETS: Mapping[str, tuple[str, tuple[ModuleId, ...]]] = MappingProxyType(
    {
        "even": ("No role in particular", ()),
        "consumer": ("Consumer assistant", (_PS, _EV, _EX)),
        "platform": ("Platform or API", (_TD, _CL, _EV)),
        "regulated": ("Regulated industry", (_EV, _EX, _BL)),
        "early": ("Early-stage company", (_PS, _ST, _ES)),
    }
)
"""Roles by key: a name, and the competencies that weigh more in it."""


@dataclass(frozen=True, slots=True)
class Said:
    """The self-assessment: claims, predicted scores (0 to 100) of each first lab, role, hours.

    ``claims`` has the competencies that were answered; what is not known counts as a blind spot.
    ``problems`` says in words what could not be used.
    """

    claims: Mapping[ModuleId, Claim] = field(default_factory=dict)
    predicted: Mapping[ModuleId, tuple[float, datetime]] = field(default_factory=dict)
    role: str = "even"
    weights: Mapping[ModuleId, float] = field(default_factory=dict)
    hours: float = HOURS
    problems: tuple[str, ...] = ()

    def claim(self, competency: ModuleId) -> Claim:
        """Return the claim; not knowing is a blind spot, because untested areas hide gaps."""
        return self.claims.get(competency, Claim.BLIND_SPOT)

    def weight(self, competency: ModuleId) -> float:
        """Return the role weight of a competency."""
        return self.weights.get(competency, USUAL)


def weights_of(role: str, own: Mapping[ModuleId, float] | None = None) -> dict[ModuleId, float]:
    """Return a role's weights; the learner's ``own`` replace them one by one.

    >>> weights_of("platform", {ModuleId.EVALS: 2.0})[ModuleId.EVALS]
    2.0
    >>> weights_of("platform")[ModuleId.TECHNICAL_DEPTH], weights_of("even")[ModuleId.EVALS]
    (1.5, 1.0)
    """
    heavy = PRESETS.get(role, PRESETS["even"])[1]
    return {c: (own or {}).get(c, HEAVY if c in heavy else USUAL) for c in ModuleId}


def said(sheet: AnswerSheet, *, learner: str) -> Said:
    """Read the self-assessment from a sheet; one that names another learner counts for nothing."""
    if sheet.learner not in ("", learner):
        return Said(
            weights=weights_of("even"),
            problems=(
                f"The self-assessment names {sheet.learner}, and this is {learner}'s map: its "
                "claims do not count. Open start/start.ipynb and answer for yourself.",
            ),
        )
    claims: dict[ModuleId, Claim] = {}
    predicted: dict[ModuleId, tuple[float, datetime]] = {}
    problems: list[str] = []
    for competency in ModuleId:
        name = f"{BesideId.START.prefix}.{competency.prefix}"
        value = _value(sheet, f"{name}.claim")
        if value is not None and value not in tuple(Claim):
            problems.append(f"{name}.claim: {value!r:.40} is no claim. Choose one again.")
        elif value is not None:
            claims[competency] = Claim(value)
        answer = sheet.get(f"{name}.score")
        if answer is not None and _number(answer.value, 0, 100) is not None:
            when = moment(answer.saved_at)
            if when is not None:
                predicted[competency] = (float(answer.value), when)
    role = _value(sheet, "sa.role.preset")
    if role is not None and role not in tuple(PRESETS):
        problems.append(f"sa.role.preset: {role!r:.40} is no role here; every competency is even.")
    role = role if role in tuple(PRESETS) else "even"
    hours = _number(_value(sheet, "sa.role.hours"), 0.5, 60)
    return Said(
        claims, predicted, role, weights_of(role, _own_weights(sheet)), hours or HOURS,
        tuple(problems),
    )  # fmt: skip


def _own_weights(sheet: AnswerSheet) -> dict[ModuleId, float]:
    rows = _value(sheet, "sa.role.weights")
    found: dict[ModuleId, float] = {}
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        weight = _number(row.get("weight"), 0, MOST_WEIGHT)
        for competency in ModuleId:
            if row.get("row") == competency.prefix and weight is not None:
                found[competency] = weight
    return found


def _value(sheet: AnswerSheet, name: str) -> Any:
    answer = sheet.get(name)
    value = None if answer is None else answer.value
    return value if not isinstance(value, str) else value.strip()


def _number(value: Any, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return float(value)


def moment(text: object) -> datetime | None:
    """Read an ISO 8601 time; without a zone it is UTC. ``None`` for anything else.

    >>> moment("2026-03-01T10:00:00+02:00").isoformat(), moment("soon")
    ('2026-03-01T08:00:00+00:00', None)
    """
    try:
        found = datetime.fromisoformat(text if isinstance(text, str) else "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
