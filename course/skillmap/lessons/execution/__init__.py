"""The Execution lesson: a rollout, a trial, an incident and a queue in the learner's world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.execution.boards import (
    Pages,
    futures_grid,
    futures_picture,
    logs_opened,
    looks_picture,
    people_grid,
    readings_grid,
    trials_grid,
)
from skillmap.lessons.execution.evidence import evidence_card, values_of
from skillmap.lessons.execution.facts import briefing, desk, facts
from skillmap.lessons.execution.war_room import Wall, wall
from skillmap.lessons.exhibits import Card

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet

__all__ = ["LABS", "briefing", "desk", "evidence_card", "facts", "wall"]


class _Taken(Protocol):
    """What a lab needs of the module as a learner takes it."""

    world: int
    sheet: AnswerSheet


def _saved(module: _Taken, part: str) -> Any:
    """Return what the learner has saved for a part, or ``None``."""
    module.sheet.reload()
    return values_of(module.sheet).get(part)


def _desk(module: _Taken, memos: str = "") -> Any:
    """Memos by key, separated by spaces; all of them without keys."""
    return desk(module.world, *memos.split())


def _futures(module: _Taken) -> Pages:
    """Two hundred futures of the plan that is saved, as a table and as dots."""
    plan = _saved(module, "ex.l1.decision")
    return Pages(futures_grid(module.world, plan), futures_picture(module.world, plan))


def _trial(module: _Taken) -> Pages:
    """People in each arm, and trials in which nothing differs."""
    return Pages(people_grid(module.world), trials_grid(module.world))


def _looks(module: _Taken) -> Any:
    """The guardrail look by look, with the bound and the split that the learner worked out."""
    own = _saved(module, "ex.l2.bound")
    usable = isinstance(own, int | float) and 1 < own < 6
    lit = isinstance(_saved(module, "ex.l2.chi"), int | float)
    return looks_picture(module.world, float(own) if usable else None, lit=lit)


def _night(module: _Taken) -> Wall:
    """The wall on the first evening."""
    return wall(module.world)


def _later(module: _Taken) -> Wall | Card:
    """The wall at the meeting, once a diagnosis of the first evening is saved."""
    if not _saved(module, "ex.night.causes"):
        wanted = "Commit to a diagnosis of the first evening. The later days open after that."
        return Card("War room, second watch", (("Not yet", wanted),))
    return wall(module.world, later=True)


def _opened(module: _Taken) -> Any:
    """The three logs that were chosen."""
    return logs_opened(module.world, _saved(module, "ex.pull.logs"))


def _readings(module: _Taken) -> Any:
    """What the saved reading plan finds."""
    return readings_grid(module.world, _saved(module, "ex.l4.plan"))


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "card": _card,
    "desk": _desk,
    "futures": _futures,
    "later": _later,
    "logs": _opened,
    "looks": _looks,
    "night": _night,
    "readings": _readings,
    "trial": _trial,
}
"""What ``m.lab(name)`` can show in this lesson."""
