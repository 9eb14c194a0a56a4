"""The Technical depth lesson: retrieval, replay, a changed version and streaming, in one world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.technical_depth.evidence import evidence_card, values_of
from skillmap.lessons.technical_depth.facts import briefing, desk, facts
from skillmap.lessons.technical_depth.grids import (
    fixes_grids,
    groups_grid,
    prices_grid,
    responses_grid,
    steps_grid,
)
from skillmap.lessons.technical_depth.views import (
    Pages,
    bench_view,
    replay_rows,
    streams_view,
    ten_grid,
    traces_view,
    versions_grid,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.exhibits import Card

__all__ = ["LABS", "briefing", "desk", "evidence_card", "facts"]


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


def _ten(module: _Taken) -> Any:
    """Ten questions with the rank of their evidence, and traces to open."""
    return ten_grid(module.world)


def _bench(module: _Taken) -> Any:
    """What day 0 and the saved setup find, by group, with two heat maps."""
    return bench_view(module.world, _saved(module, "td.l1.decision"))


def _replays(module: _Taken) -> Any:
    """The replays that the saved plan pays for; ``.frame`` has them one by one."""
    return replay_rows(module.world, _saved(module, "td.l2.plan"))


def _traces(module: _Taken, first: int = 1, count: int = 8) -> Any:
    """Failed drafts of the sample on the tracing bench, to open one by one."""
    return traces_view(module.world, _saved(module, "td.l2.plan"), first, count)


def _versions(module: _Taken) -> Any:
    """Old and new version on the frozen questions, and the same by group."""
    return Pages(versions_grid(module.world), groups_grid(module.world))


def _prices(module: _Taken) -> Any:
    """Dollars a question by group and by what the prompt held."""
    return prices_grid(module.world)


def _fixes(module: _Taken) -> Any:
    """What a failed draft costs, and what each fix removes."""
    return Pages(*fixes_grids(module.world))


def _responses(module: _Taken) -> Any:
    """What each response to a changed version takes and does."""
    return responses_grid(module.world)


def _steps(module: _Taken) -> Any:
    """Rebook's steps at which a person could confirm."""
    return steps_grid(module.world)


def _streams(module: _Taken) -> Any:
    """Each kind of text each way; ``.frame`` is the raw serving log."""
    return streams_view(module.world)


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    module.sheet.reload()
    return evidence_card(module.world, module.sheet)


LABS: Mapping[str, Callable[..., Any]] = {
    "bench": _bench,
    "card": _card,
    "desk": _desk,
    "fixes": _fixes,
    "prices": _prices,
    "replays": _replays,
    "responses": _responses,
    "steps": _steps,
    "streams": _streams,
    "ten": _ten,
    "traces": _traces,
    "versions": _versions,
}
"""What ``m.lab(name)`` can show in this lesson."""
