"""PS-L4: six candidates and capacity for two. Effects are bets, not promises."""

from __future__ import annotations

from dataclasses import dataclass

from skillmap.lessons.product_sense.case import case, two
from skillmap.worlds import per_world, stream

__all__ = ["NAMES", "Bet", "bets"]

_Span = tuple[float, float]

NAMES = {
    "withdraw": "Take fare guesses out of answers and link to the fare page",
    "dated": "Show the date of the article an answer rests on",
    "glossary": "Glossary for people who write in a second language",
    "auto": "Rebook without asking for confirmation",
    "notes": "Delay forecast in Journey Notes",
    "calculator": "Calculator for group fares",
}


@dataclass(frozen=True, slots=True)
class Bet:
    """One candidate. ``reach`` questions a month; ``works`` and ``fails`` chances; ``gain`` more
    right-and-acted and ``loss`` more wrong-and-acted of the reach; dollars each; ``price`` a
    month."""

    reach: float
    works: float
    gain: float
    worth: float
    fails: float
    loss: float
    harm: float
    price: float

    @property
    def upside(self) -> float:
        """Dollars a month if it works, before chances and cost."""
        return self.reach * self.gain * self.worth

    @property
    def tail(self) -> float:
        """Expected dollars a month lost to its backfiring."""
        return self.fails * self.reach * self.loss * self.harm

    @property
    def expected(self) -> float:
        """Expected dollars a month, all in.

        >>> Bet(1_000, 0.5, 0.1, 10, 0.1, 0.05, 20, 50).expected
        350.0
        """
        return self.works * self.upside - self.tail - self.price


@per_world
def bets(world: int) -> dict[str, Bet]:
    """Return the six candidates of a world.

    >>> b = bets(10)
    >>> max(b, key=lambda k: b[k].upside)
    'auto'
    """
    c = case(world)
    rng = stream(world, "product-sense", "cuts")
    g = c.groups

    def of(
        reach: float, works: _Span, gain: _Span, backfires: tuple[_Span, _Span], harm: float
    ) -> Bet:
        fails, loss = backfires
        return Bet(
            two(reach),
            two(float(rng.uniform(*works))),
            two(float(rng.uniform(*gain))),
            c.hand_off,
            two(float(rng.uniform(*fails))),
            two(float(rng.uniform(*loss))),
            round(harm, 1),
            two(float(rng.uniform(1_500, 6_000))),
        )

    q, mean = c.questions, c.mean_harm
    pair = (g["S4"].share * g["S4"].harm + g["S5"].share * g["S5"].harm) / (
        g["S4"].share + g["S5"].share
    )
    return {
        "withdraw": of(0.22 * q, (0.4, 0.8), (0.03, 0.08), ((0.1, 0.3), (0.002, 0.008)), mean),
        "dated": of(q, (0.35, 0.75), (0.006, 0.02), ((0.05, 0.2), (0.0005, 0.002)), mean),
        "glossary": of(
            g["S3"].share * q,
            (0.4, 0.85),
            (0.03, 0.11),
            ((0.05, 0.15), (0.001, 0.005)),
            g["S3"].harm,
        ),
        "auto": of(0.12 * q, (0.5, 0.8), (0.14, 0.22), ((0.2, 0.45), (0.015, 0.05)), pair),
        "notes": of(0.3 * q, (0.3, 0.7), (0.01, 0.04), ((0.02, 0.1), (0.0005, 0.002)), mean),
        "calculator": of(
            g["S4"].share * q, (0.5, 0.9), (0.03, 0.1), ((0.03, 0.12), (0.001, 0.006)), g["S4"].harm
        ),
    }
