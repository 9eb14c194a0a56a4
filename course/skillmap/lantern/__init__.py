"""Lantern, the simulated product: a PM runs it day by day, pulls levers, buys truth, reads logs.

::

    from skillmap.lantern import Lantern
    lantern = Lantern(world=7).run(days=14)
    lantern.logs.days

Everything it reports is simulated evidence. Submodules load when they are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmap.lantern.memory import replay
    from skillmap.lantern.product import Lantern
    from skillmap.lantern.settings import Policy, Settings
    from skillmap.lantern.side_by_side import compare
    from skillmap.lantern.world import World, parameters

__all__ = ["Lantern", "Policy", "Settings", "World", "compare", "parameters", "replay"]

_HOMES = {
    "Lantern": "product",
    "Policy": "settings",
    "Settings": "settings",
    "World": "world",
    "compare": "side_by_side",
    "parameters": "world",
    "replay": "memory",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"skillmap.lantern.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'skillmap.lantern' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
