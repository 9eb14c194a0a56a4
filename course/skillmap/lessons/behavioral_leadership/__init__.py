"""The Behavioral and leadership lesson: a pressure week, two memos, a review, one's own stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.behavioral_leadership.boards import (
    anchors_grid,
    blame_card,
    dashboard_grid,
    ending_card,
    flip_picture,
    log_grid,
    polished_card,
)
from skillmap.lessons.behavioral_leadership.evidence import evidence_card, values_of
from skillmap.lessons.behavioral_leadership.facts import briefing, desk, facts
from skillmap.worlds import HOUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.exhibits import Card, Grid, Picture

__all__ = ["LABS", "briefing", "desk", "evidence_card", "facts"]


class _Taken(Protocol):
    """What a lab needs of the module as a learner takes it."""

    world: int
    sheet: AnswerSheet


def _desk(module: _Taken, memos: str = "") -> Any:
    """Memos by key, separated by spaces; all of them without keys."""
    return desk(module.world, *memos.split())


def _polished(module: _Taken) -> Card:
    """The polished story of the drill."""
    return polished_card(module.world)


def _ending(module: _Taken) -> Card:
    """How the pressure week ended, after the commitment."""
    module.sheet.reload()
    return ending_card(module.world, values_of(module.sheet))


def _flip(module: _Taken, percent: float = 30.0) -> Picture:
    """The house week's expected costs and the worth of knowing, over the chance of the fault."""
    return flip_picture(HOUSE, min(1.0, max(0.0, percent / 100)))


def _log(module: _Taken) -> Grid:
    """The raw log of the incident."""
    return log_grid(module.world)


def _dashboard(module: _Taken) -> Grid:
    """Daily readings around the incident."""
    return dashboard_grid(module.world)


def _blame(module: _Taken) -> Card:
    """Words of blame in the learner's own two sentences."""
    module.sheet.reload()
    return blame_card(values_of(module.sheet).get("bl.l3.said"))


def _anchors(module: _Taken) -> Grid:
    """Four answers to score."""
    return anchors_grid(module.world)


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "anchors": _anchors,
    "blame": _blame,
    "card": _card,
    "dashboard": _dashboard,
    "desk": _desk,
    "ending": _ending,
    "flip": _flip,
    "log": _log,
    "polished": _polished,
}
"""What ``m.lab(name)`` can show in this lesson."""
