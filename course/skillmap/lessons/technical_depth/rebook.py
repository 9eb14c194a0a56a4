"""The steps of Rebook at which a person could confirm, with what a confirmation costs and saves."""

from __future__ import annotations

from dataclasses import dataclass

from skillmap.lessons.technical_depth.case import case, sig
from skillmap.worlds import HOUSE, per_world, stream

__all__ = ["STEPS", "Step", "chain_of_steps"]

STEPS = {
    "read": "Read the disrupted trip",
    "seats": "Hold the seats",
    "fare": "Work out the fare difference",
    "pay": "Charge or refund",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``fails`` share of sessions; ``caught`` share a person who confirms notices."""

    sessions: float
    fails: float
    caught: float
    dollars: float
    confirm: float


@per_world
def chain_of_steps(world: int) -> dict[str, Step]:
    """Return the steps of a world; ``dollars`` is what an uncaught failure costs.

    >>> list(chain_of_steps(10))
    ['read', 'seats', 'fare', 'pay']
    """
    c = case(world)
    u = stream(world, "technical-depth", "steps").uniform
    base = 1 - c.exercise.success
    sessions = sig(c.lantern.scale.sessions, 2)
    confirm = sig(float(u(0.2, 1.1)), 2)
    spans = {"read": (5, 35), "seats": (15, 80), "fare": (8, 45), "pay": (15, 90)}
    if c.world == HOUSE:
        spans |= {"seats": (70, 80), "pay": (40, 60)}
    return {
        name: Step(
            sessions,
            sig(base * float(u(0.5, 1.9)), 2),
            sig(float(u(0.55, 0.9)), 2),
            sig(float(u(*ends)), 2),
            confirm,
        )
        for name, ends in spans.items()
    }
