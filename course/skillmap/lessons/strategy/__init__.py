"""The Strategy lesson: layers, a rival's launch, swaps and three futures in the learner's world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.strategy.boards import (
    bets_grid,
    drills_grid,
    head_to_head,
    layers_grid,
    path_picture,
    plans_grid,
)
from skillmap.lessons.strategy.evidence import evidence_card, values_of
from skillmap.lessons.strategy.facts import briefing, desk, facts

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


def _layers(module: _Taken) -> Grid:
    """Our share with each layer given to the rival."""
    return layers_grid(module.world)


def _path(module: _Taken) -> Picture:
    """Share over 24 months with the layers that the learner ticked."""
    module.sheet.reload()
    return path_picture(module.world, values_of(module.sheet).get("st.toggle.given"))


def _head(module: _Taken) -> Grid:
    """The blind comparison before the launch."""
    return head_to_head(module.world)


def _drills(module: _Taken) -> Grid:
    """Swap drills at three levels of evaluation."""
    return drills_grid(module.world)


def _bets(module: _Taken) -> Grid:
    """Eight bets in three futures."""
    return bets_grid(module.world)


def _plans(module: _Taken) -> Grid:
    """Three plans on the table."""
    return plans_grid()


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "bets": _bets,
    "card": _card,
    "desk": _desk,
    "drills": _drills,
    "head": _head,
    "layers": _layers,
    "path": _path,
    "plans": _plans,
}
"""What ``m.lab(name)`` can show in this lesson."""
