"""The Product sense lesson: variants, prices of errors, complaints and a cut list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.product_sense.boards import (
    bands_grid,
    bench_grid,
    bets_grid,
    events_grid,
    hump_picture,
    labels_grid,
    letters_grid,
    sorted_grid,
)
from skillmap.lessons.product_sense.evidence import evidence_card, values_of
from skillmap.lessons.product_sense.facts import briefing, desk, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.exhibits import Card

__all__ = ["LABS", "briefing", "desk", "evidence_card", "facts", "hump_picture"]


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


def _labels(module: _Taken) -> Any:
    """What the saved plan buys."""
    return labels_grid(module.world, _saved(module, "ps.l1.plan"))


def _events(module: _Taken) -> Any:
    """What followed wrong answers."""
    return events_grid(module.world)


def _bands(module: _Taken) -> Any:
    """Volume and share right by confidence."""
    return bands_grid(module.world)


def _bench(module: _Taken) -> Any:
    """The price of the saved bars."""
    parts = ("ps.l2.harm", "ps.l2.desk", "ps.l2.bars")
    return bench_grid(module.world, *(_saved(module, part) for part in parts))


def _letters(module: _Taken) -> Any:
    """Twelve letters with their traces."""
    return letters_grid(module.world)


def _sorted(module: _Taken) -> Any:
    """The other twenty-eight, sorted by the desk."""
    return sorted_grid(module.world)


def _bets(module: _Taken) -> Any:
    """Six candidates."""
    return bets_grid(module.world)


def _hump(module: _Taken, error: float = 12.0) -> Any:
    """The harm hump as a picture, at one error rate in percent."""
    return hump_picture(module.world, error)


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "bands": _bands,
    "bench": _bench,
    "bets": _bets,
    "card": _card,
    "desk": _desk,
    "events": _events,
    "hump": _hump,
    "labels": _labels,
    "letters": _letters,
    "sorted": _sorted,
}
"""What ``m.lab(name)`` can show in this lesson."""
