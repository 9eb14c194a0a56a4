"""C14, market. STYLIZED: a logit choice over Corvane, a rival app, a general assistant, the phone.

A layer that the rival gains adds to its utility. What each layer is worth in points of share is a
parameter of the world; the utilities are solved from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skillmap.errors import ActionRefusedError
from skillmap.lantern.settings import one_of
from skillmap.lantern.world import LAYERS, MONTH, parameters
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from skillmap.lantern.world import World

__all__ = ["CHOICES", "STYLIZED", "defended_margin", "share_path", "share_with", "utilities"]

STYLIZED = "Stylized: a teaching model of choice, not a forecast of a market."
CHOICES = ("Corvane", "rival app", "general assistant", "phone")
_REST = np.array([0.55, 0.25, 0.20])
SLOWDOWN = 1.8
"""How much longer a rival takes to copy a layer in which Corvane has invested."""


@per_world
def utilities(world: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the four base utilities and what each layer adds to the rival's."""
    w = parameters(world).market
    shares = np.concatenate([[w.share], (1 - w.share) * _REST])
    base = np.log(shares)
    # the rival's odds have to grow by a factor x so that Corvane's share falls to s
    lowered = w.share - np.array(w.share_loss) / 100
    needed = (w.share / lowered - 1 + shares[1]) / shares[1]
    return base, np.log(needed)


def share_with(world: World, layers: Collection[str]) -> float:
    """Corvane's share once the rival has these layers.

    >>> w = parameters(10)
    >>> round(100 * (share_with(w, ()) - share_with(w, ("model quality",))), 1)
    2.6
    """
    for layer in layers:
        one_of("layer", layer, LAYERS)
    base, adds = utilities(world.id)
    u = base.copy()
    u[1] += sum(adds[LAYERS.index(layer)] for layer in set(layers))
    odds = np.exp(u)
    return float(odds[0] / odds.sum())


def defended_margin(world: World, layer: str) -> float:
    """Dollars that a layer defends until it is copied: points × bookings × commission × months.

    >>> round(defended_margin(parameters(10), "operator data") / 1e6, 1)
    3.4
    """
    one_of("layer", layer, LAYERS)
    at = LAYERS.index(layer)
    s, m = world.scale, world.market
    return m.share_loss[at] / 100 * s.mau * s.bookings_each * s.commission * m.months[at]


def share_path(
    world: World,
    months: int = 24,
    *,
    invested: Collection[str] = (),
    given: Collection[str] = LAYERS,
) -> NDArray[np.float64]:
    """Return share at the end of each month after the rival's launch.

    The rival works on the layers ``given`` at once and gains each over its time to copy, along a
    logistic curve; ``invested`` layers take it longer.
    """
    if not 1 <= months <= 60:
        raise ActionRefusedError(f"{months} months: look 1 to 60 months ahead.")
    base, adds = utilities(world.id)
    t = np.arange(1, months + 1)[:, None]
    names = [layer for layer in LAYERS if layer in given]
    if not names:
        return np.full(months, world.market.share)
    at = [LAYERS.index(layer) for layer in names]
    copy = np.array(world.market.months)[at]
    copy = copy * np.where([layer in invested for layer in names], SLOWDOWN, 1.0)
    gained = 1 / (1 + np.exp(-4 * (t / copy - 1)))
    u = np.tile(base, (months, 1))
    u[:, 1] += gained @ adds[at]
    odds = np.exp(u)
    return np.asarray(odds[:, 0] / odds.sum(axis=1))


def bookings_day(world: World, day: int, invested: Collection[str]) -> float:
    """Expected bookings of a day, after the rival's launch included."""
    usual = world.scale.mau * world.scale.bookings_each / MONTH
    months = (day - world.calendar.rival) / MONTH
    if months <= 0:
        return usual
    path = np.concatenate([[world.market.share], share_path(world, 2, invested=invested)])
    share = float(np.interp(months, np.arange(3), path))
    return usual * share / world.market.share
