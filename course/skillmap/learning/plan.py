"""What to do now, what next, and what to keep warm: three lines with minutes.

Priority = role weight × max(0, 80 − m) × 1.25 for a hidden gap × (1 + 0.15 × months without
evidence, three at most). Ties go by what builds on what.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.errors import SkillMapError
from skillmap.ids import ModuleId
from skillmap.learning.assessment import Claim
from skillmap.learning.evidence import WEIGHTS, Kind, kind_of
from skillmap.learning.mastery import ENOUGH, months_since, score_that_costs, score_that_moves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from skillmap.bank import Question
    from skillmap.learning.assessment import Said
    from skillmap.learning.evidence import Counted, Weighed
    from skillmap.learning.mastery import Standing
    from skillmap.lessons.schema import Item

__all__ = [
    "BUILDS_ON",
    "SHARES",
    "Action",
    "Line",
    "Plan",
    "missed",
    "plan_of",
    "priority",
    "ranked",
]

SHARES = {"now": 0.6, "next": 0.3, "keep warm": 0.1}
"""Share of the hours of a week for each line; a line with nothing in it gives its share to now."""
CLOSE = 0.75
"""The second competency joins the first when its priority is at least this share of it."""
TARGET = 80.0
READING_MINUTES = 10.0
WARM_DAYS = 10
BUILDS_ON: Mapping[ModuleId, tuple[ModuleId, ...]] = {
    ModuleId.EVALS: (ModuleId.TECHNICAL_DEPTH,),
    ModuleId.COST_LATENCY_ROUTING: (ModuleId.EVALS,),
    ModuleId.EXECUTION: (ModuleId.PRODUCT_SENSE,),
}
"""What should come before what when two competencies are equally urgent."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: ``kind`` is lab, question or reading; ``id`` is where it stands."""

    kind: str
    id: str
    title: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the plan.

    ``minutes`` is its budget for a week; ``moves`` says what evidence would move a label.
    """

    name: str
    competencies: tuple[ModuleId, ...]
    minutes: float
    actions: tuple[Action, ...]
    moves: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The three lines and the priorities behind them, the highest first."""

    lines: tuple[Line, Line, Line]
    priorities: tuple[tuple[ModuleId, float], ...]


def priority(now: Standing, weight: float, months: float) -> float:
    """Return how much one competency pulls.

    >>> from skillmap.learning.mastery import standing
    >>> priority(standing(ModuleId.EVALS, Claim.BLIND_SPOT, ()), 1.5, 0)
    75.0
    """
    pull = weight * max(0.0, TARGET - now.m) * (1.25 if now.hidden_gap else 1.0)
    return pull * (1 + 0.15 * min(months, 3.0))


def ranked(
    standings: Sequence[Standing], said: Said, now: datetime
) -> tuple[tuple[Standing, float], ...]:
    """Return standings with their priority, the highest first; ties go by what builds on what."""

    def key(pair: tuple[Standing, float]) -> tuple[float, int, int]:
        one, pull = pair
        return -round(pull, 6), _depth(one.competency), list(ModuleId).index(one.competency)

    pairs = [
        (s, priority(s, said.weight(s.competency), months_since(s.last, now))) for s in standings
    ]
    return tuple(sorted(pairs, key=key))


def _depth(competency: ModuleId) -> int:
    return max((1 + _depth(c) for c in BUILDS_ON.get(competency, ())), default=0)


def plan_of(
    standings: Sequence[Standing],
    said: Said,
    weighed: Weighed,
    now: datetime,
    *,
    workspace: Path | None = None,
) -> Plan:
    """Return the plan. ``workspace`` holds the notebooks, from which readings take their titles."""
    order = ranked(standings, said, now)
    below = [(s, p) for s, p in order if s.label is not Claim.STRONG and p > 0]
    if not below:
        below = [(s, p) for s, p in order if s.unproven][:1] or list(order[:1])
    first = [below[0][0]]
    if len(below) > 1 and below[1][1] >= CLOSE * below[0][1] > 0:
        first.append(below[1][0])
    rest = [s for s, _ in below if s not in first]
    warm = [s for s, _ in order if s.label is Claim.STRONG and s not in first]
    shares = dict(SHARES)
    for name, chosen in (("next", rest), ("keep warm", warm)):
        if not chosen:
            shares["now"] += shares.pop(name)
    week = 60 * said.hours

    def line(name: str, chosen: list[Standing], actions: list[Action], note: str = "") -> Line:
        tell = _keeps if name == "keep warm" else _moves
        return Line(
            name, tuple(s.competency for s in chosen), week * shares.get(name, 0.0),
            tuple(actions), tuple(tell(s) for s in chosen[:3]), note,
        )  # fmt: skip

    study = [a for s in first for a in _study(s, weighed, workspace)]
    return Plan(
        (
            line("now", first, study, _rest(study, week * shares["now"])),
            line(
                "next", rest, [a for s in rest[:3] for a in _labs(s, weighed)[:1]],
                "" if rest else "Nothing else is below Strong.",
            ),
            line(
                "keep warm", warm, [a for s in warm for a in _questions(s, weighed, 1)],
                f"One question each every {WARM_DAYS} days, never none and never more."
                if warm
                else "Nothing is Strong yet, so there is nothing to keep warm.",
            ),
        ),
        tuple((s.competency, round(p, 1)) for s, p in order),
    )  # fmt: skip


# What to do -------------------------------------------------------------------------------------


def _study(now: Standing, weighed: Weighed, workspace: Path | None) -> list[Action]:
    """One lab, two questions, one reading: those nearest to the guide points missed most."""
    return [
        *_labs(now, weighed)[:1],
        *_questions(now, weighed, 2),
        *_reading(now, weighed, workspace),
    ]


def _rest(study: Sequence[Action], minutes: float) -> str:
    """Say what to do with the minutes that the actions leave over."""
    used = sum(a.minutes for a in study)
    if minutes - used < 15:
        return ""
    return f"These take {used:.0f} minutes; the rest of the week's go to the module's other labs."


def missed(competency: ModuleId, counted: Sequence[Counted]) -> dict[str, float]:
    """Return, by guide point, the weighted points that were missed on items that teach it."""
    found: dict[str, float] = defaultdict(float)
    taught = _curriculum(competency)
    for one in counted:
        for point in taught.get(one.evidence.id, ()):
            found[point] += one.weight * (100 - one.x)
    return dict(found)


def _curriculum(competency: ModuleId) -> dict[str, tuple[str, ...]]:
    """Return the guide points of each item and question; labs and questions are no points."""
    from skillmap.bank import questions

    pairs = [(i.id, i.curriculum) for i in _items(competency)]
    pairs += [(q.id, q.curriculum) for q in questions(competency)]
    found: dict[str, tuple[str, ...]] = {}
    for name, ids in pairs:
        points = tuple(i for i in ids if i.partition("-")[2].lstrip("B").isdigit())
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *points)))
    return found


def _items(competency: ModuleId) -> tuple[Item, ...]:
    from skillmap.lessons import lesson

    try:
        return lesson(competency).items
    except SkillMapError:  # a module that is not written yet has nothing to do in it
        return ()


def _labs(now: Standing, weighed: Weighed) -> list[Action]:
    """Labs, first those never done, then by the points missed on them."""
    scores = {c.evidence.id: c.x for c in weighed.of(now.competency)}
    labs = [i for i in _items(now.competency) if i.points and kind_of(i) is Kind.LAB]
    labs.sort(key=lambda i: (i.id in scores, scores.get(i.id, 0.0)))
    return [Action("lab", i.id, i.title, i.minutes) for i in labs]


def _questions(now: Standing, weighed: Weighed, most: int) -> list[Action]:
    """Questions not asked yet first, then those on missed points, then level 2 before others."""
    from skillmap.bank import questions

    counted = weighed.of(now.competency)
    asked, lost = {c.evidence.id for c in counted}, missed(now.competency, counted)
    taught = _curriculum(now.competency)

    def key(q: Question) -> tuple[bool, float, int]:
        return (
            q.id in asked,
            -sum(lost.get(point, 0.0) for point in taught.get(q.id, ())),
            abs(q.stars - 2),
        )

    chosen = sorted(questions(now.competency), key=key)[:most]
    return [Action("question", q.id, q.text, float(q.minutes)) for q in chosen]


def _reading(now: Standing, weighed: Weighed, workspace: Path | None) -> list[Action]:
    """The part of the notebook on the guide point that was missed most, else its beginning."""
    prefix = now.competency.prefix.upper()
    lost = missed(now.competency, weighed.of(now.competency))
    point = max(lost, key=lambda p: (lost[p], p)) if any(lost.values()) else f"{prefix}-1"
    title = _heading(workspace, now.competency, point) or f"what the notebook says on {point}"
    return [Action("reading", point, title, READING_MINUTES)]


def _heading(workspace: Path | None, competency: ModuleId, point: str) -> str:
    """Return the heading over the text that teaches a point; empty if there is no notebook."""
    if workspace is None:
        return ""
    path = workspace / competency.value / f"{competency.value}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        heading = ""
        for cell in cells:
            if cell["cell_type"] != "markdown":
                continue
            for row in "".join(cell["source"]).splitlines():
                if row.startswith("#"):
                    heading = row.strip("# ").strip()
            if point in cell["metadata"].get("skillmap", {}).get("curriculum", ()):
                return heading[:80]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return ""


# What would move a label ------------------------------------------------------------------------


def _moves(now: Standing) -> str:
    """Say which evidence would lift the label, or prove it."""
    title, lab = now.competency.title, WEIGHTS[Kind.LAB]
    if now.label is Claim.STRONG:
        return f"{title}: {_prove(now)}"
    up = Claim.DEVELOPING if now.label is Claim.BLIND_SPOT else Claim.STRONG
    for times in range(1, 9):
        score = score_that_moves(now, lab, times=times)
        if score is not None and (score <= 95 or times == 8):
            if times == 1:
                return f"{title}: one lab at {score} or more makes it {up.words}."
            return f"{title}: {times} labs at {score} or more make it {up.words}."
    return f"{title}: more than eight labs would be needed for {up.words}; start with one."


def _keeps(now: Standing) -> str:
    """Say which evidence would take the label away."""
    score = score_that_costs(now, WEIGHTS[Kind.RUBRIC])
    title = now.competency.title
    if now.unproven:
        return f"{title}: {_prove(now)}"
    if score is None:
        return f"{title}: no single question can take Strong away."
    return f"{title}: a question at {score} or less would take Strong away."


def _prove(now: Standing) -> str:
    labs = max(1, -int(-(ENOUGH - now.weight) // WEIGHTS[Kind.LAB]))
    return f"unproven; {labs} more lab{'s' * (labs > 1)} would prove or disprove it."
