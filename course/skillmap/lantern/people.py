"""What people do: leave, act, check, phone, complain. Their dice are their own.

P(leave) = σ((ln wait - ln t50)/0.45) in perceived seconds; four in five who leave phone the desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.luck import uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.world import World

__all__ = ["LEAVERS_PHONE", "SPREAD", "Reactions", "leave_chance", "react"]

SPREAD = 0.45
LEAVERS_PHONE = 0.8
_COMPLAINS = np.array([0.055, 0.050, 0.018, 0.075, 0.040], dtype=np.float32)
"""Share of harmed people who write in, by segment: visitors least of all."""
_REASK_RIGHT, _REASK_WRONG = 0.05, 0.22
_THUMBS = 0.03
ARTICLE_PHONES = 0.55
"""Share of people sent to an article who phone in the end."""


@dataclass(frozen=True, slots=True)
class Reactions:
    """For each question: what the person did. ``thumb`` is 1, -1, or 0 for none."""

    acted: Bools
    rechecked: Bools
    contacted: Bools
    reasked: Bools
    complained: Bools
    thumb: NDArray[np.int8]


def leave_chance(wait: Floats, patience: Floats) -> Floats:
    """Return the chance that a person leaves before something can be read.

    >>> leave_chance(np.array([8.0]), np.array([8.0])).tolist()
    [0.5]
    """
    ratio = np.maximum(wait, 1e-3) / patience
    return np.asarray(1.0 / (1.0 + ratio ** np.float32(-1 / SPREAD)))


def dice(world: World, day: int, n: int) -> Floats:
    """Return four uniform numbers for each question, from the people's own stream."""
    return uniform(world, "people", day, rows=4, n=n)


def react(
    world: World,
    rolls: Floats,
    *,
    segment: NDArray[np.intp],
    answered: Bools,
    left: Bools,
    sent_to_desk: Bools,
    sent_to_article: Bools,
    right: Bools,
    relies: Floats,
    malformed: Bools,
) -> Reactions:
    """Draw reactions; ``relies`` is each person's chance to act on the answer as it is."""
    _, act, phone, voice = rolls
    acted = answered & (act < relies)
    checks = answered & ~acted
    would_call = np.float32(world.desk.would_call)
    wrong = answered & ~right
    contacted = (
        sent_to_desk
        | (left & (phone < LEAVERS_PHONE))
        | (sent_to_article & (phone < ARTICLE_PHONES))
        | (checks & (phone < would_call))
    )
    harmed = acted & wrong
    odds = np.where(right, np.float32(_REASK_RIGHT), np.float32(_REASK_WRONG))
    seven = phone * np.float32(7)
    reasked = answered & (seven - np.floor(seven) < odds)
    mishap = answered & malformed
    complained = (harmed & (voice < _COMPLAINS.take(segment))) | (mishap & (voice < 0.012))
    complained |= answered & ~harmed & (voice < 0.0006)
    tells = answered & (voice > 1 - _THUMBS)
    mood = (voice - np.float32(1 - _THUMBS)) / np.float32(_THUMBS)
    pleased = mood < np.where(right, np.float32(0.85), np.float32(0.45))
    thumb = np.where(tells, np.where(pleased, 1, -1), 0).astype(np.int8)
    return Reactions(acted, checks & ~contacted, contacted, reasked, complained, thumb)
