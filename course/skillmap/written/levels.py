"""From log odds to calibrated probabilities of level 0, 1 and 2, and to what may settle alone."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Calibration", "Judged", "calibration", "judge"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A level with the probability of each of the three."""

    level: int
    probabilities: tuple[float, float, float]

    @property
    def confidence(self) -> float:
        """The probability of the level that was chosen."""
        return self.probabilities[self.level]


def judge(odds: tuple[float, float], trust: float = 1.0) -> Judged:
    """Choose the level nearest to the expected one, from the log odds of 1 or more and of 2.

    ``trust`` below 1 makes the probabilities more modest and leaves the level as it is.

    >>> judged = judge((3.0, -1.0))
    >>> judged.level, round(judged.confidence, 2)
    (1, 0.68)
    >>> judged = judge((3.0, -1.0), trust=0.5)
    >>> judged.level, round(judged.confidence, 2)
    (1, 0.44)
    """
    _, middle, full = _chances(odds)
    level = int(middle + 2 * full + 0.5)
    return Judged(level, _chances((odds[0] * trust, odds[1] * trust)))


def _chances(odds: tuple[float, float]) -> tuple[float, float, float]:
    some, full = (1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, x)))) for x in odds)
    full = min(some, full)
    return 1.0 - some, some - full, full


@dataclass(frozen=True, slots=True)
class Calibration:
    """The numbers of ``calibration.json``; every one comes from ``grader/fit.py``.

    ``weights`` hold two rows, for level 1 or more and for level 2. ``bar`` is the confidence from
    which a criterion settles alone; 1.01 or more means never. ``rates`` are the shares of answers
    in training that reached level 1 and level 2, ``rarity`` the log of how rare a word is.
    """

    version: str
    weights: Mapping[str, Sequence[Sequence[float]]]
    bars: Mapping[str, float]
    rates: Mapping[str, tuple[float, float]]
    off_topic: float
    rarity: Mapping[str, float]
    trust: Mapping[str, float]

    def judged(self, kind: str, values: Sequence[float]) -> Judged:
        """Return the level and its probabilities; ``kind`` as for :meth:`odds`."""
        return judge(self.odds(kind, values), self.trust.get(kind, 1.0))

    def odds(self, kind: str, values: Sequence[float]) -> tuple[float, float]:
        """Return the two log odds; ``kind`` is ``known``, ``new`` or ``lexical``."""
        first, second = (
            sum(w * x for w, x in zip(row, values, strict=True)) for row in self.weights[kind]
        )
        return float(first), float(second)

    def bar(self, kind: str) -> float:
        """Return the confidence from which a criterion settles alone."""
        return self.bars.get(kind, 9.0)


@cache
def calibration() -> Calibration:
    """Return the calibration that is shipped."""
    source = files("skillmap.written").joinpath("data", "calibration.json")
    raw: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return Calibration(
        raw["version"],
        raw["weights"],
        raw["bars"],
        {row: (low, high) for row, (low, high) in raw["rates"].items()},
        raw["off_topic"],
        raw["rarity"],
        raw["trust"],
    )
