"""A few array functions that several components share."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["item_uniform", "logit", "sigmoid"]


def sigmoid(x: Floats) -> Floats:
    """Return 1/(1 + exp(-x)), in the precision of ``x``.

    >>> sigmoid(np.array([0.0])).tolist()
    [0.5]
    """
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def logit(p: Floats) -> Floats:
    """Return ln(p/(1 - p)), clipped so that certainty stays finite.

    >>> logit(np.array([0.5])).tolist()
    [0.0]
    """
    q = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(q / (1 - q)))


def item_uniform(world: int, name: str, items: Ints) -> NDArray[np.float64]:
    """Return one uniform number for each item that depends on nothing but world, name and item.

    An instrument read this way says the same about the same item, in whatever order it is asked
    (splitmix64, Steele, Lea and Flood 2014).

    >>> a = item_uniform(7, "judge", np.array([5, 6]))
    >>> bool(a[1] == item_uniform(7, "judge", np.array([6]))[0])
    True
    """
    key = hashlib.blake2b(f"{world}\x1f{name}".encode(), digest_size=8).digest()
    with np.errstate(over="ignore"):
        x = items.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(int.from_bytes(key))
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return np.asarray((x >> np.uint64(11)).astype(np.float64) * 2.0**-53)
