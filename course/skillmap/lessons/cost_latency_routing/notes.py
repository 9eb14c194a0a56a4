"""Journey Notes as a ledger: what a month of notes brings, costs and spoils."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.lantern.surfaces import _NOTE_ERROR, note_dollars

if TYPE_CHECKING:
    from skillmap.lessons.cost_latency_routing.case import Case

__all__ = ["LENGTHS", "MODES", "NoteMonth", "note_month"]

MODES = ("demand", "batch")
LENGTHS = ("full", "half")


@dataclass(frozen=True, slots=True)
class NoteMonth:
    """Dollars a month: ``value`` of contacts saved, ``bill``, ``harm``; ``wrong`` opened notes."""

    value: float
    bill: float
    wrong: float
    harm: float

    @property
    def net(self) -> float:
        """What is left."""
        return self.value - self.bill - self.harm


def note_month(c: Case, tier: str, mode: str, length: str) -> NoteMonth:
    """Return next month's ledger under one setting.

    Batch writes every note at half the price; on demand writes the opened share at the full price.

    >>> from skillmap.lessons.cost_latency_routing.case import case
    >>> round(note_month(case(10), "wren", "batch", "full").bill, -2)
    1500.0
    """
    w, t = c.world, c.notes
    each = note_dollars(w, w.tier(tier), length=0.5 if length == "half" else 1.0)
    share = 0.5 if mode == "batch" else t.opened
    value = t.notes * w.notes.contact_cut * w.desk.notes_contact
    wrong = t.notes * t.opened * _NOTE_ERROR[tier]
    return NoteMonth(
        value=value * (t.keeps if length == "half" else 1.0),
        bill=t.notes * share * each,
        wrong=wrong,
        harm=wrong * t.harm,
    )
