"""A day's random numbers, kept for the next run of the same days.

What people do and what models draw depends on the world, the day and the component, never on a
decision. Two builds on the same weeks therefore meet the same numbers, and the second run need not
draw them again. Arrays are shared and read-only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Floats
    from skillmap.lantern.world import World

__all__ = ["DAYS_KEPT", "frozen", "normal", "normal_and_uniform", "uniform"]

DAYS_KEPT = 24
"""Three weeks and a little; a longer run draws anew, as if nothing were kept."""

Array = TypeVar("Array", bound="NDArray[Any]")


def frozen(array: Array) -> Array:
    """Return the array itself, read-only from now on."""
    array.flags.writeable = False
    return array


def uniform(world: World, *name: str | int, rows: int, n: int) -> Floats:
    """Return ``rows`` times ``n`` uniform numbers of a component's stream, float32."""
    return _uniform(_Stream(world, name), rows, n)


def normal_and_uniform(world: World, *name: str | int, rows: int, n: int) -> tuple[Floats, Floats]:
    """Return ``rows`` times ``n`` standard normal numbers and as many uniform ones."""
    return _both(_Stream(world, name), rows, n)


def normal(world: World, *name: str | int, spread: float, n: int) -> NDArray[np.float64]:
    """Return ``n`` normal numbers around zero, float64."""
    return _normal(_Stream(world, name), spread, n)


class _Stream:
    """A stream, equal to another when both give the same numbers."""

    __slots__ = ("key", "name", "world")

    def __init__(self, world: World, name: tuple[str | int, ...]) -> None:
        self.world, self.name = world, name
        self.key = (world.id, world.replicate, *name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stream) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=3 * DAYS_KEPT)
def _uniform(stream: _Stream, rows: int, n: int) -> Floats:
    return frozen(stream.world.luck(*stream.name).random((rows, n), dtype=np.float32))


@lru_cache(maxsize=DAYS_KEPT)
def _normal(stream: _Stream, spread: float, n: int) -> NDArray[np.float64]:
    return frozen(stream.world.luck(*stream.name).normal(0.0, spread, n))


@lru_cache(maxsize=DAYS_KEPT)
def _both(stream: _Stream, rows: int, n: int) -> tuple[Floats, Floats]:
    rng = stream.world.luck(*stream.name)
    normal = rng.standard_normal((rows, n), dtype=np.float32)
    return frozen(normal), frozen(rng.random((rows, n), dtype=np.float32))
