"""The lesson Cost, latency and routing: its facts and what ``m.lab`` can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from skillmap.lessons.cost_latency_routing import labs
from skillmap.lessons.cost_latency_routing.evidence import evidence_card
from skillmap.lessons.cost_latency_routing.facts import (
    desk,
    facts,
    funnel,
    hours,
    prompt_blocks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.exhibits import Card, Grid, Picture

__all__ = ["LABS", "desk", "evidence_card", "facts", "funnel", "hours", "prompt_blocks"]


class _Taken(Protocol):
    """What a lab needs of the module as a learner takes it."""

    world: int
    sheet: AnswerSheet


def _values(module: _Taken) -> dict[str, Any]:
    module.sheet.reload()
    found = {name: module.sheet.get(name) for name in module.sheet}
    return {name: answer.value for name, answer in found.items() if answer is not None}


def _desk(module: _Taken, memos: str = "") -> Card:
    """Memos by key, separated by spaces; all of them without keys."""
    return desk(module.world, *memos.split())


def _own(module: _Taken) -> Grid:
    """The bench under the tiers and bars that are saved in ``cl.l2.groups``."""
    return labs.own_bench(module.world, _values(module).get("cl.l2.groups"))


def _storm(module: _Taken) -> Card | Grid:
    """The storm under the plan that is saved, once the predictions are in."""
    return labs.storm_run(module.world, _values(module))


def _dial(
    module: _Taken, slots: int | None = None, length: float = 1.0, tier: str = "heron"
) -> Picture:
    """Waits and people who leave against utilization."""
    return labs.dial_picture(module.world, slots=slots, length=length, tier=tier)


def _card(module: _Taken) -> Card:
    """The evidence card with this learner's numbers."""
    return evidence_card(module.world, _values(module))


LABS: Mapping[str, Callable[..., Any]] = {
    "bench": lambda module: labs.bench(module.world),
    "blocks": lambda module: prompt_blocks(module.world),
    "card": _card,
    "desk": _desk,
    "dial": _dial,
    "erlang": lambda module: labs.erlang(module.world),
    "frontier": lambda module: labs.frontier(module.world),
    "funnel": lambda module: funnel(module.world),
    "groups": lambda module: labs.tier_by_group(module.world),
    "harm": lambda module: labs.prices_of_harm(module.world),
    "hours": lambda module: hours(module.world),
    "own": _own,
    "storm": _storm,
}
"""What ``m.lab(name)`` can show in this lesson."""
