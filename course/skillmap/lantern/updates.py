"""C12, updates: how the model behaves on a day, whether or not anybody deployed anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skillmap.lantern.world import World

__all__ = ["BASE_MALFORMED", "BASE_UNCITED", "RETIRES", "Behavior", "behavior_on", "has_moved"]

BASE_MALFORMED, BASE_UNCITED = 0.006, 0.02
"""Share of answers whose fare card does not parse, and without a citation line, before any move."""
RETIRES = 110
"""Day on which the pinned snapshot stops answering, 30 days after the notice."""


@dataclass(frozen=True, slots=True)
class Behavior:
    """``length`` factor on tokens written; shares of broken parts; changes against day 0.

    ``refusals`` is a change in share, ``shift`` in logits of a right answer. ``version`` is what
    the response's version field says; ``bullets`` and ``cold`` describe the new style.
    """

    version: str
    length: float
    malformed: float
    uncited: float
    refusals: float
    shift: float
    bullets: bool
    price_factor: float

    @property
    def cold(self) -> bool:
        """Whether the tone has changed, which the judge notices and punishes."""
        return self.bullets


def has_moved(world: World, day: int, *, pinned: bool = False) -> bool:
    """Whether the model in use is the new one. A pin holds until the snapshot retires."""
    if day < world.calendar.alias_move:
        return False
    return world.update.real and (not pinned or day >= RETIRES)


def behavior_on(world: World, day: int, *, pinned: bool = False) -> Behavior:
    """Return the model's behavior on a day."""
    price = world.calendar.price_factor if day >= world.calendar.price_day else 1.0
    if not has_moved(world, day, pinned=pinned):
        return Behavior("2026-01", 1.0, BASE_MALFORMED, BASE_UNCITED, 0.0, 0.0, False, price)
    u = world.update
    card = u.broken == "fare card"
    return Behavior(
        version="2026-04",
        length=u.length,
        malformed=u.malformed if card else BASE_MALFORMED,
        uncited=BASE_UNCITED if card else u.malformed,
        refusals=u.refusals,
        shift=u.accuracy * 9.0,  # a point of accuracy near 88% is about 0.09 logit
        bullets=True,
        price_factor=price,
    )
