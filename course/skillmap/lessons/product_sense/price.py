"""PS-L2: what a wrong answer costs each group, and where confidence stops being worth an answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lessons.product_sense.case import SEGMENTS, case
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BANDS", "Book", "Row", "book", "cost", "harms_of", "singles"]

BANDS = (0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.82, 0.87, 0.92, 0.97)
"""Middles of the bands of confidence; an answer counts as having its band's middle."""


@dataclass(frozen=True, slots=True)
class Row:
    """What followed ``n`` wrong answers that one group acted on. Sums in dollars."""

    n: int
    contacts: int
    goodwill: int
    tickets: int
    margin: int

    def harm(self, hand_off: float) -> float:
        """Dollars of one wrong answer acted on."""
        paid = self.contacts * hand_off + self.goodwill + self.tickets + self.margin
        return paid / self.n


@dataclass(frozen=True, slots=True)
class Book:
    """One world's event data, confidence bands and recalibration price. Money in dollars.

    ``volume`` has questions a month by group and band, ``right`` the share right of the labeled
    ones. ``handling`` and ``waiting`` add up to a hand-off.
    """

    rows: dict[str, Row]
    handling: float
    waiting: float
    volume: dict[str, tuple[float, ...]]
    right: dict[str, tuple[float, ...]]
    project: float

    @property
    def hand_off(self) -> float:
        """Dollars of one hand-off."""
        return round(self.handling + self.waiting, 2)

    def harms(self) -> dict[str, float]:
        """Dollars of one wrong answer acted on, by group."""
        return {key: row.harm(self.hand_off) for key, row in self.rows.items()}


@per_world
def book(world: int) -> Book:
    """Return the book of a world.

    >>> b = book(10)
    >>> [round(1 - b.hand_off / h, 2) for h in b.harms().values()]
    [0.3, 0.58, 0.81, 0.84, 0.95]
    """
    c = case(world)
    rng = stream(world, "product-sense", "price")
    waiting = round(float(c.lantern.desk.wait_cost), 2)
    handling = round(c.hand_off - waiting, 2)
    rows = {}
    for key in SEGMENTS:
        n = int(rng.integers(140, 420))
        contacts = round(n * float(rng.uniform(0.3, 0.6)))
        rest = max(c.groups[key].harm * n - contacts * c.hand_off, 30.0)
        parts = rng.dirichlet([4, 6, 3])
        goodwill, tickets = round(rest * float(parts[0])), round(rest * float(parts[1]))
        rows[key] = Row(n, contacts, goodwill, tickets, round(rest - goodwill - tickets))
    weak = c.lantern.weakness.segment
    volume, right = {}, {}
    for key in SEGMENTS:
        spread = float(rng.uniform(0.9, 1.1))
        middle = float(rng.uniform(2.8, 3.3))
        logits = np.log(np.array(BANDS) / (1 - np.array(BANDS)))
        density = np.exp(-0.5 * ((logits - middle) / spread) ** 2)
        density = density / density.sum()
        all_ = c.questions * c.groups[key].share
        volume[key] = tuple(float(round(all_ * d, -1)) for d in density)
        if key == weak:
            off = 0.7 if world == HOUSE else float(rng.uniform(0.5, 1.3))
        else:
            off = float(rng.uniform(-0.06, 0.06))
        true = 1 / (1 + np.exp(-(logits - off)))
        right[key] = tuple(round(float(t), 3) for t in true)
    return Book(rows, handling, waiting, volume, right, round(float(rng.uniform(4e3, 12e3)), -2))


def cost(b: Book, harms: Mapping[str, float], hand_off: float, bars: Mapping[str, float]) -> float:
    """Dollars a month when a group is answered at or above its bar and handed off below it."""
    total = 0.0
    for key, volumes in b.volume.items():
        for middle, n, right in zip(BANDS, volumes, b.right[key], strict=True):
            total += n * ((1 - right) * harms[key] if middle >= bars[key] else hand_off)
    return total


def singles(b: Book, harms: Mapping[str, float], hand_off: float) -> dict[float, float]:
    """Cost a month of one bar for everybody, at the lower edge of each band and above all."""
    edges = (0.0, *(round((x + y) / 2, 3) for x, y in pairwise(BANDS)), 0.995)
    return {bar: cost(b, harms, hand_off, dict.fromkeys(SEGMENTS, bar)) for bar in edges}


def harms_of(table: Any, column: str) -> dict[str, float] | None:
    """Read one number for each group from a saved table; ``None`` if one is missing.

    >>> harms_of([{"row": s, "h": 10} for s in SEGMENTS], "h")["S5"]
    10.0
    """
    if not isinstance(table, list):
        return None
    rows = {row.get("row"): row.get(column) for row in table if isinstance(row, dict)}
    found = {}
    for key in SEGMENTS:
        value = rows.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        found[key] = float(value)
    return found
