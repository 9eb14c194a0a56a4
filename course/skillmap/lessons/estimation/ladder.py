"""The first round of the ladder: twelve quantities, revealed once twelve ranges are in.

The truth of this round lives here, because the reveal belongs to the lesson: everybody may look
afterwards, and the round earns its points by being complete. The second round's truth stays with
the solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.lessons.estimation.case import DAYS, Case, case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FIRST", "Rung", "first_round"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One quantity: its name in words, its unit, and its value in a case."""

    name: str
    unit: str
    value: Callable[[Case], float]


FIRST: Mapping[str, Rung] = {
    "es.l1.a1": Rung("Ask questions", "questions/day", lambda c: c.questions / DAYS),
    "es.l1.a2": Rung("Ask model calls", "calls/day", lambda c: c.ask_calls / DAYS),
    "es.l1.a3": Rung("Notes written", "notes/day", lambda c: c.note_calls / DAYS),
    "es.l1.a4": Rung("Rebook model calls", "calls/day", lambda c: c.rebook_calls / DAYS),
    "es.l1.a5": Rung(
        "Ask and Rebook together, share of all calls",
        "%",
        lambda c: 100 * (c.ask_calls + c.rebook_calls) / (DAYS * c.calls_a_day),
    ),
    "es.l1.a6": Rung(
        "Ask questions from visitors", "questions/month", lambda c: c.questions * c.shares["S3"]
    ),
    "es.l1.a7": Rung("Bookings", "bookings/month", lambda c: c.mau * c.bookings_each),
    "es.l1.a8": Rung("Commission", "$/month", lambda c: c.mau * c.bookings_each * c.commission),
    "es.l1.a9": Rung(
        "Ask on Heron", "$/month", lambda c: c.ask_calls * c.ask.dollars(c.prices["heron"])
    ),
    "es.l1.a10": Rung(
        "A thousand notes on Heron",
        "$/thousand notes",
        lambda c: 1000 * c.note.dollars(c.prices["heron"]),
    ),
    "es.l1.a11": Rung(
        "Tokens of Rebook on one storm day",
        "million tokens/day",
        lambda c: (
            c.sessions
            * c.storm_share
            / c.storm_days
            * c.calls_per_session
            * (c.rebook.read + c.rebook.written)
            / 1e6
        ),
    ),
    "es.l1.a12": Rung(
        "Human contacts for a thousand bookings, before launch",
        "contacts/thousand bookings",
        lambda c: 1000 * c.contacts / (c.mau * c.bookings_each),
    ),
}


def first_round(world: int) -> dict[str, float]:
    """Return the true values of the first round by part id, in the units of ``FIRST``.

    >>> first_round(10)["es.l1.a1"]
    14000.0
    """
    c = case(world)
    return {part: rung.value(c) for part, rung in FIRST.items()}
