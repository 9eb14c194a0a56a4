"""Nothing is kept for every world: a grading run must not grow with its cohort."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import skillmap
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(skillmap.__path__, "skillmap."):
        if found.name.startswith("skillmap.cohort") or found.name.endswith("__main__"):
            continue
        try:
            yield importlib.import_module(found.name)
        except ImportError:  # an extra that is not installed here
            continue


def kept_for_ever(module: ModuleType) -> list[str]:
    """Functions of a module that keep a result for each world without a limit."""
    return [
        f"{module.__name__}.{name}"
        for name, thing in vars(module).items()
        if hasattr(thing, "cache_info")
        and thing.cache_info().maxsize is None
        and any("world" in p for p in inspect.signature(thing).parameters)
    ]


def test_no_function_keeps_every_world() -> None:
    looked_at = list(modules())
    assert len(looked_at) > 100
    assert [name for module in looked_at for name in kept_for_ever(module)] == []


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("source/*/solver.py")), ids=lambda p: p.parent.name
)
def test_no_solver_keeps_every_world(path: Path) -> None:
    spec = importlib.util.spec_from_file_location(f"solver_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert kept_for_ever(module) == []


def test_the_check_sees_one_that_does() -> None:
    from functools import cache

    module: Any = ModuleType("made_up")

    @cache
    def price(world: int) -> int:
        return world

    @per_world
    def demand(world: int) -> int:
        return world

    module.price, module.demand = price, demand
    assert kept_for_ever(module) == ["made_up.price"]
    for world in range(100):
        demand(world)
    assert demand.cache_info().currsize == 16
