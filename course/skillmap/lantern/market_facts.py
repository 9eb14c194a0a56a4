"""Facts that age: prices, notice periods, laws. One dated file, each entry with its source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from skillmap.errors import AuthoringError, Fault

__all__ = ["AMBER_AFTER", "FactThatAges", "market_facts", "value_of"]

AMBER_AFTER = dt.timedelta(days=90)
"""Unseen for longer than this, an entry has to be looked up again."""

_FILE = Path(__file__).parent / "data" / "market-facts.yaml"


@dataclass(frozen=True, slots=True)
class FactThatAges:
    """One entry: ``low`` equals ``high`` for a single number; ``unit`` says of what."""

    key: str
    low: float
    high: float
    unit: str
    says: str
    source: str
    checked_on: dt.date

    def is_amber(self, today: dt.date) -> bool:
        """Whether nobody has looked for more than 90 days.

        >>> market_facts()["cache-read"].is_amber(dt.date(2026, 12, 1))
        False
        """
        return today - self.checked_on > AMBER_AFTER


@cache
def market_facts() -> dict[str, FactThatAges]:
    """Read and check the file; raise ``AuthoringError`` with every fault."""
    from skillmap import yaml_text

    rows = yaml_text.load(_FILE.read_text(encoding="utf-8"))["facts"]
    faults: list[Fault] = []
    found: dict[str, FactThatAges] = {}
    for key, row in rows.items():
        place = f"market-facts.yaml {key}"
        ends = row.get("value")
        pair = ends if isinstance(ends, list) else [ends, ends]
        if len(pair) != 2 or not all(isinstance(end, int | float) for end in pair):
            faults.append(Fault(f"{place}.value", f"got {ends!r}, needs a number or [low, high]"))
            continue
        if not isinstance(row.get("checked_on"), dt.date):
            faults.append(Fault(f"{place}.checked_on", "needs a date"))
            continue
        if not row.get("source") or not row.get("unit"):
            faults.append(Fault(place, "needs a unit and a source"))
            continue
        low, high = map(float, pair)
        says, source = str(row.get("says", "")), str(row["source"])
        found[key] = FactThatAges(key, low, high, row["unit"], says, source, row["checked_on"])
    if faults:
        raise AuthoringError(faults)
    return found


def value_of(key: str) -> float:
    """Return a single-valued fact, such as the price of reading a cached prefix.

    >>> value_of("cache-write")
    1.25
    """
    return market_facts()[key].low
