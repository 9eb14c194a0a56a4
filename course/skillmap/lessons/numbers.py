"""Numbers as people write them."""

from __future__ import annotations

import re

from skillmap.errors import AnswerError

__all__ = ["parse_number", "show_number"]

_SCALES = {
    "": 1.0,
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
}
_NUMBER = re.compile(
    r"(?P<sign>[-+−–]?)\s*\$?\s*"
    r"(?P<digits>\d{1,3}(?:[,_' \u00a0\u202f]\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)"
    r"(?:[eE](?P<power>[-+]?\d{1,2}))?\s*(?P<scale>[A-Za-z]*)\s*(?P<percent>%?)"
)


def parse_number(text: str | float, *, unit: str = "", place: str = "Your number") -> float:
    """Read a number as a person writes it: separators, ``k``, ``M``, ``bn``, ``$`` and ``%``.

    ``35%`` is 35 where percent is asked for, and 0.35 everywhere else. Raises ``AnswerError``.

    >>> parse_number("14,000"), parse_number("1.2M"), parse_number("1e6"), parse_number("$33k")
    (14000.0, 1200000.0, 1000000.0, 33000.0)
    >>> parse_number("35%"), parse_number("35%", unit="%"), parse_number("-2.5")
    (0.35, 35.0, -2.5)
    """
    if isinstance(text, bool):
        raise AnswerError(place, f"{text} is not a number", "Type a number such as 14,000.")
    if isinstance(text, int | float):
        return float(text)
    cleaned = str(text).strip()
    if not cleaned:
        raise AnswerError(place, "the field is empty", "Type a number such as 14,000 or 1.2M.")
    match = _NUMBER.fullmatch(cleaned)
    if match is None and re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}", cleaned):
        raise AnswerError(
            place, f"{cleaned!r} can be read in two ways", "Write decimals with a point: 1.5."
        )
    if match is None or match["scale"].lower() not in _SCALES:
        raise AnswerError(
            place, f"{cleaned[:40]!r} is not a number", "Write 14,000 or 14k or 1.2M or 35%."
        )
    value = float(re.sub(r"[^\d.]", "", match["digits"]))
    value *= 10.0 ** int(match["power"] or 0) * _SCALES[match["scale"].lower()]
    if match["percent"] and unit.strip() not in {"%", "percent"}:
        value /= 100
    return -value if match["sign"] in {"-", "−", "–"} else value


def show_number(value: float) -> str:
    """Write a number for reading: thousands separated, no more digits than it has.

    >>> show_number(588000.0), show_number(0.0365), show_number(1234.5), show_number(7)
    ('588,000', '0.0365', '1,234.5', '7')
    """
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.6g}"
