"""Play each naive strategy through the automatic items of a module, over many worlds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tests.modules.modules import earned, graded_items, is_written
from tests.naive import STRATEGIES, answers, told

from skillmap.lessons import lesson

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Played", "play", "worlds"]


@dataclass(frozen=True)
class Played:
    """What one strategy earned in one module: shares of points, 0 to 1."""

    strategy: str
    share: float
    items: Mapping[str, float]


def worlds(n: int) -> tuple[int, ...]:
    """Return worlds far apart, the same ones each time."""
    return tuple(1000 + 7919 * k for k in range(1, n + 1))


@cache
def play(module: str, n: int) -> tuple[Played, ...]:
    """Return what each strategy earns on average over ``n`` worlds."""
    items = [item for item in graded_items(module) if not is_written(module, item.id)]
    points = {s.name: dict.fromkeys([item.id for item in items], 0.0) for s in STRATEGIES}
    for world in worlds(n):
        facts = lesson(module).facts(world)
        for item in items:
            known = told(item, facts)
            for strategy in STRATEGIES:
                feedback = earned(module, item, world, answers(strategy, item, known, world))
                points[strategy.name][item.id] += feedback.points / n
    total = sum(item.points for item in items)
    return tuple(
        Played(
            name,
            sum(found.values()) / total,
            {item.id: found[item.id] / item.points for item in items},
        )
        for name, found in points.items()
    )
