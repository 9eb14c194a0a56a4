"""A learner's map, plan and confidence together, from the files of their folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skillmap.answers import MAX_BYTES, AnswerSheet
from skillmap.errors import SheetError
from skillmap.ids import BesideId
from skillmap.learning.assessment import PRESETS, Said, said
from skillmap.learning.calls import first_calls
from skillmap.learning.calls import load as load_calls
from skillmap.learning.confidence import Confidence, by_urgency, confidence, first_labs
from skillmap.learning.evidence import Weighed, weigh
from skillmap.learning.mastery import Standing, map_of
from skillmap.learning.plan import Plan, plan_of
from skillmap.learning.returned import take_in
from skillmap.learning.shelf import Shelf, shelf_path
from skillmap.workspace import find_workspace, who_am_i

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Overview", "overview", "overview_at"]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the map, the plan and the terminal show of one learner at one time."""

    learner: str
    now: datetime
    said: Said
    weighed: Weighed
    standings: tuple[Standing, ...]
    plan: Plan
    confidence: tuple[Confidence, ...]
    problems: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What does not count, and why; empty when everything does."""
        return tuple(dict.fromkeys((*self.problems, *self.said.problems, *self.weighed.notes())))

    @property
    def sure(self) -> tuple[tuple[str, str], ...]:
        """How sure the learner is and should be, by name, the most urgent first."""
        every, *each = self.confidence
        lines = [("All together", f"{every.lean.words}. {every.lean.advice}".strip())]
        for one in by_urgency(each, self.said):
            assert one.competency is not None
            lines.append((one.competency.title, f"{one.lean.words}. {one.lean.advice}"))
        lines += [
            (f"{c.title}, first lab", f"you predicted {told:.0f}, it came to {came:.0f}.")
            for c, told, came in first_labs(self.weighed.first_tries, self.said)
        ]
        if every.coverage is not None:
            lines.append(("Ranges", every.coverage.words))
        if every.chances:
            lines.append(("Chances", every.chance_words))
        return tuple(lines)

    @property
    def role(self) -> str:
        """The role by name."""
        return PRESETS[self.said.role][0]

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON: the map, the plan, confidence, and what does not count."""
        return {
            "learner": self.learner,
            "at": self.now.isoformat(timespec="seconds"),
            "role": self.said.role,
            "hours_a_week": self.said.hours,
            "map": [_standing_data(s, self.said) for s in self.standings],
            "plan": [
                {
                    "line": line.name,
                    "competencies": [c.value for c in line.competencies],
                    "minutes_a_week": round(line.minutes),
                    "actions": [
                        {"kind": a.kind, "id": a.id, "title": a.title, "minutes": a.minutes}
                        for a in line.actions
                    ],
                    "moves": list(line.moves),
                    "note": line.note,
                }
                for line in self.plan.lines
            ],
            "priorities": {c.value: p for c, p in self.plan.priorities},
            "confidence": [_confidence_data(c) for c in self.confidence],
            "rater_shift": {
                "points": round(self.weighed.shift, 2),
                "anchors": self.weighed.anchors,
            },
            "not_counted": [
                {"id": one.evidence.id, "at": one.evidence.at.isoformat(), "why": one.why}
                for one in self.weighed.left
            ],
            "notes": list(self.notes),
        }


def _standing_data(one: Standing, told: Said) -> dict[str, Any]:
    low, high = one.band
    predicted = told.predicted.get(one.competency)
    return {
        "competency": one.competency.value,
        "claim": one.claim.value if one.claimed else None,
        "predicted_first_lab": predicted[0] if predicted else None,
        "m": round(one.m, 2),
        "se": round(one.se, 2),
        "band80": [round(low, 2), round(high, 2)],
        "measured": None if one.measured is None else round(one.measured, 2),
        "weight": round(one.weight, 3),
        "results": one.results,
        "label": one.label.value,
        "unproven": one.unproven,
        "hidden_gap": one.hidden_gap,
        "hidden_strength": one.hidden_strength,
        "role_weight": told.weight(one.competency),
    }


def _confidence_data(one: Confidence) -> dict[str, Any]:
    return {
        "competency": one.competency.value if one.competency else None,
        "items": one.lean.n,
        "bias": round(one.lean.bias, 2) if one.lean.n else None,
        "se": round(one.lean.se, 2) if one.lean.n > 1 else None,
        "words": one.lean.words,
        "advice": one.lean.advice,
        "brier_skill": None if one.skill is None else round(one.skill, 3),
        "chances": one.chances,
        "coverage": one.coverage
        and {
            "held": one.coverage.held,
            "ranges": one.coverage.n,
            "wilson95": [round(one.coverage.low, 3), round(one.coverage.high, 3)],
        },
    }


def overview(
    sheet: AnswerSheet, results: Path, *, learner: str, now: datetime | None = None
) -> Overview:
    """Return the overview from a self-assessment and a file of results."""
    now = now or datetime.now(UTC)
    shelf = Shelf.open(results)
    told = said(sheet, learner=learner)
    weighed = weigh(shelf.entries, learner=learner, now=now)
    calls, unread = load_calls(results.parent)
    standings = map_of(told, weighed)
    return Overview(
        learner,
        now,
        told,
        weighed,
        standings,
        plan_of(standings, told, weighed, now, workspace=results.parent),
        confidence(weighed, told, first_calls(calls)),
        (*shelf.problems, *([unread] if unread else [])),
    )


def overview_at(folder: Path, *, learner: str = "", now: datetime | None = None) -> Overview:
    """Return the overview of the learner whose workspace ``folder`` is or lies in."""
    workspace = find_workspace(folder)
    person = str(who_am_i(learner, workspace))
    results = shelf_path(workspace, folder / "here")
    unread = take_in(results.parent, results, learner=person, now=now)
    path = results.parent / BesideId.START.value / "answers.json"
    sheet, problem = _sheet(path)
    if not path.exists() and not results.exists():
        problem = (
            f"There is neither a self-assessment nor a result in {results.parent}. Make a "
            "workspace with skillmap start, or name yours with --dir."
        )
    found = overview(sheet, results, learner=person, now=now)
    more = (*unread, problem) if problem else unread
    return replace(found, problems=(*found.problems, *more))


def _sheet(path: Path) -> tuple[AnswerSheet, str]:
    """Read the self-assessment as data; a broken one is left where it is and told."""
    empty = AnswerSheet(module=BesideId.START.value)
    try:
        if path.is_symlink() or not path.is_file():
            return empty, ""
        with path.open("rb") as file:
            return AnswerSheet.parse(file.read(MAX_BYTES + 1)), ""
    except (OSError, SheetError) as error:
        return empty, f"{path}: {error} No claim counts; open start/start.ipynb to answer again."
