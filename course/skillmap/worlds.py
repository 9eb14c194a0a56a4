"""One world for each learner and module, and independent random streams inside it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from skillmap.ids import BesideId, LearnerId, ModuleId, notebook_id

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["HOUSE", "per_world", "stream", "world_of"]

HOUSE = 10
"""The world whose numbers the guide quotes; no learner is given it."""


per_world = lru_cache(maxsize=16)
"""Decorator that keeps what a function found for the last worlds.

A learner has one world and a worker one at a time, of three thousand: keeping all of them would
make a grading run grow with its cohort.
"""


def world_of(learner: LearnerId | str, module: ModuleId | BesideId | str, *, salt: str) -> int:
    """Return the learner's world in this module: an integer in [1000, 2**31).

    The salt is public inside a course and changes with each cohort, so that last
    year's answers do not transfer. ``blake2b`` spreads names that differ in one letter.

    >>> world_of("Ada", "estimation", salt="open") == world_of("ada", "estimation", salt="open")
    True
    >>> world_of("ada", "evals", salt="open") == world_of("ada", "estimation", salt="open")
    False
    """
    text = "\x1f".join((salt, str(LearnerId.parse(learner)), notebook_id(module).value))
    digest = hashlib.blake2b(text.encode(), digest_size=8, person=b"skillmap-world").digest()
    return 1000 + int.from_bytes(digest) % (2**31 - 1000)


def stream(world: int, *name: str | int) -> Generator:
    """Return the random generator of one named component of a world (and day, if given).

    Streams with different names are independent, so using one more number from the
    router's stream does not change tomorrow's traffic (``numpy.random.SeedSequence``).

    >>> float(stream(7, "traffic", 3).random()) == float(stream(7, "traffic", 3).random())
    True
    """
    import numpy as np

    label = "\x1f".join(f"{type(part).__name__}:{part}" for part in name)
    key = int.from_bytes(hashlib.blake2b(label.encode(), digest_size=16).digest())
    return np.random.default_rng(np.random.SeedSequence(entropy=(world, key)))
