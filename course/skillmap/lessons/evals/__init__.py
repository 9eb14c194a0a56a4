"""The Evals lesson: truth costs money, and a PM decides where to spend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.errors import SkillMapError
from skillmap.lessons.evals import figures, views
from skillmap.lessons.evals.calculators import corrected_card, interval_card
from skillmap.lessons.evals.desk import by_traffic
from skillmap.lessons.evals.evidence import evidence_card
from skillmap.lessons.evals.facts import facts
from skillmap.lessons.evals.samples import draft_from
from skillmap.lessons.exhibits import Card

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.exhibits import Grid, Picture

__all__ = ["LABS", "evidence_card", "facts"]


class _Taken(Protocol):
    """What a lab needs of the module as a learner takes it."""

    world: int
    sheet: AnswerSheet


def _saved(module: _Taken, part: str) -> Any:
    module.sheet.reload()
    answer = module.sheet.get(part)
    return answer.value if answer is not None else None


def _sampling(module: _Taken) -> Grid:
    """The sampling desk for the saved plan; a draw by traffic before there is one."""
    rows = _saved(module, "ev.l1.plan")
    if not isinstance(rows, list):
        return views.sampling_grid(module.world, by_traffic(module.world), "no plan yet")
    return views.sampling_grid(module.world, *draft_from(rows))


def _labels(module: _Taken) -> Grid | Card:
    """The labels that the saved plan buys."""
    plan = views.plan_or_why(_saved(module, "ev.l1.plan"))
    return plan if isinstance(plan, Card) else views.labels_grid(module.world, plan)


def _intervals(module: _Taken) -> Picture | Card:
    """The learner's intervals as a picture, once they have worked them out."""
    if _saved(module, "ev.l1.bounds") is None:
        return Card("Not yet", (("Intervals", "Work out your intervals first."),))
    plan = views.plan_or_why(_saved(module, "ev.l1.plan"))
    return plan if isinstance(plan, Card) else figures.intervals_picture(module.world, plan)


def _with_judge(module: _Taken, show: Callable[[int, int], Any]) -> Any:
    n = _saved(module, "ev.l2.plan")
    if n is None:
        return Card("Not yet", (("Plan", "Save how many of the 250 labels go to the group."),))
    try:
        return show(module.world, int(n))
    except SkillMapError as error:
        return Card("Not yet", (("Plan", str(error)),))


def _judge(module: _Taken) -> Grid | Card:
    """The judge beside people, in the answers that the learner chose to label."""
    found: Grid | Card = _with_judge(module, views.judge_grid)
    return found


def _corrector(module: _Taken) -> Picture | Card:
    """One pass rate read four ways, once the learner has worked them out."""
    if _saved(module, "ev.l2.own") is None:
        return Card("Not yet", (("Corrections", "Work out the corrections first."),))
    found: Picture | Card = _with_judge(module, figures.corrector_picture)
    return found


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "bench": lambda m: views.bench_grid(m.world),
    "card": _card,
    "complaints": lambda m: views.complaints_grid(m.world),
    "correct": lambda m, **given: corrected_card(**given),
    "corrector": _corrector,
    "groups": lambda m: views.groups_grid(m.world),
    "interval": lambda m, right, n: interval_card(right, n),
    "intervals": _intervals,
    "judge": _judge,
    "labels": _labels,
    "memo": lambda m: views.memo(m.world),
    "sampling": _sampling,
    "score": lambda m: views.score_grid(m.world),
    "score-picture": lambda m: figures.score_picture(m.world),
    "topics": lambda m: views.topics_grid(m.world),
    "voices": lambda m, intent="storm-red-refund": views.voices_grid(m.world, intent),
    "worst-first": lambda m: views.worst_first_grid(m.world),
}
"""What ``m.lab(name)`` can show in this lesson."""
