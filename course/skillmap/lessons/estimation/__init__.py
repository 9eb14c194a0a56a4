"""The Estimation lesson: what a learner may see of its items, and the memos of their world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.estimation.evidence import (
    evidence_card,
    ladder_look,
    ladder_picture,
)
from skillmap.lessons.estimation.facts import Desk, briefing, desk, facts
from skillmap.lessons.estimation.figures import hump_picture
from skillmap.lessons.estimation.ladder import first_round

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.exhibits import Card, Grid, Picture

__all__ = [
    "LABS",
    "briefing",
    "desk",
    "evidence_card",
    "facts",
    "first_round",
    "hump_picture",
    "ladder_look",
    "ladder_picture",
]


class _Taken(Protocol):
    """What a lab needs of the module as a learner takes it."""

    world: int
    sheet: AnswerSheet


def _desk(module: _Taken, memos: str = "") -> Desk:
    """Memos by key, separated by spaces; all of them without keys."""
    return desk(module.world, *memos.split())


def _ladder(module: _Taken) -> Card:
    """The first round beside the truth, once it is complete."""
    module.sheet.reload()
    return ladder_look(module.world, module.sheet)


def _ladder_picture(module: _Taken) -> Picture | Card:
    """The same as a picture: a range that holds the truth crosses the line at 1."""
    module.sheet.reload()
    return ladder_picture(module.world, module.sheet)


def _plus_eight(module: _Taken) -> Grid:
    """What is known before the forecast of ES-L3."""
    from skillmap.lessons.estimation import plus_eight

    return plus_eight.before(module.world)


def _pilot(module: _Taken) -> Grid | Card:
    """A pilot with one in twenty people, once the forecast is in."""
    from skillmap.lessons.estimation import plus_eight

    module.sheet.reload()
    return plus_eight.pilot(module.world, module.sheet)


def _elastic(module: _Taken) -> Grid:
    """Today's Heron and the new one, side by side."""
    from skillmap.lessons.estimation import elastic

    return elastic.compared(module.world)


def _elastic_run(module: _Taken) -> Grid | Card:
    """Three weeks in which people answer to effort, once the prediction is in."""
    from skillmap.lessons.estimation import elastic

    module.sheet.reload()
    return elastic.run(module.world, module.sheet)


def _hump(module: _Taken) -> Picture:
    """Reliance, and wrong answers acted on, against the error rate."""
    return hump_picture()


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "card": _card,
    "desk": _desk,
    "elastic": _elastic,
    "elastic-run": _elastic_run,
    "hump": _hump,
    "ladder": _ladder,
    "ladder-picture": _ladder_picture,
    "pilot": _pilot,
    "plus-eight": _plus_eight,
}
"""What ``m.lab(name)`` can show in this lesson."""
