"""Units of this course: what is counted, money, time, effort and shares.

The numbers of a product estimate carry nouns, not meters: calls, trips, notes, dollars. The
algebra is that of any unit library. The reason for having our own is at both ends of it: the
spellings people type ("$ per million tokens", "calls a day", "person-weeks") and an explanation
of a mismatch that says which factor is missing.

Declared conversions: a week is 7 days, a month 30 days, a quarter 3 months, a year 12 months
(360 days). Effort is not elapsed time: a person-day is 8 person-hours, a person-week 5
person-days, a person-month 4 person-weeks.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, field
from functools import lru_cache

from skillmap.errors import UnitError

__all__ = ["Quantity", "Unit", "format_number"]

_COUNTED = {
    "answer": "replies reply responses response",
    "article": "documents document docs doc",
    "booking": "reservations reservation",
    "call": "requests request",
    "case": "",
    "chunk": "passages passage",
    "contact": "escalations escalation hand-offs hand-off handoffs handoff",
    "disruption": "storms storm incidents incident",
    "error": "mistakes mistake",
    "item": "",
    "label": "annotations annotation",
    "language": "",
    "note": "",
    "page": "",
    "person": "people persons users user visitors visitor customers customer travelers traveler "
    "travellers traveller riders rider passengers passenger subscribers subscriber mau dau "
    "members member learners learner payers payer",
    "phrasing": "paraphrases paraphrase",
    "question": "queries query",
    "release": "",
    "reviewer": "",
    "run": "",
    "seat": "licenses license licences licence",
    "session": "conversations conversation",
    "sentence": "",
    "server": "slots slot",
    "surface": "",
    "team": "",
    "token": "tok toks",
    "trip": "journeys journey",
    "word": "",
}
_TIME = {  # seconds
    "second": (1.0, "s sec secs"),
    "minute": (60.0, "min mins"),
    "hour": (3600.0, "h hr hrs"),
    "day": (86_400.0, "d"),
    "week": (7 * 86_400.0, "wk wks"),
    "month": (30 * 86_400.0, "mo mth mths"),
    "quarter": (90 * 86_400.0, ""),
    "year": (360 * 86_400.0, "yr yrs annum"),
}
_EFFORT = {  # person-hours
    "person-minute": 1 / 60,
    "person-hour": 1.0,
    "person-day": 8.0,
    "person-week": 40.0,
    "person-month": 160.0,
    "person-year": 1920.0,
}
_PURE = {
    "share": (1.0, "shares fraction fractions ratio ratios x times factor proportion probability"),
    "%": (0.01, "percent pct pp points point"),
    "thousand": (1e3, "k"),
    "million": (1e6, "mn mio mm"),
    "billion": (1e9, "bn b"),
}
_ADJECTIVES = (
    "inference model llm api input output prompt hidden visible reasoning active monthly paying "
    "paid human inbound upcoming unique percentage"
)
_SHORT = {"thousand": "k", "million": "M", "billion": "B"}


@dataclass(frozen=True, slots=True)
class _Atom:
    """One word of the vocabulary: its dimension ("" for pure numbers) and size in base units."""

    name: str
    plural: str
    dimension: str
    scale: float


def _vocabulary() -> tuple[dict[str, _Atom], dict[str, str]]:
    atoms: dict[str, _Atom] = {}
    spellings: dict[str, str] = {}

    def add(name: str, plural: str, dimension: str, scale: float, synonyms: str = "") -> None:
        atoms[name] = _Atom(name, plural, dimension, scale)
        for spelling in (name, plural, *synonyms.split()):
            spellings[spelling] = name

    for name, synonyms in _COUNTED.items():
        add(name, {"person": "people"}.get(name, f"{name}s"), name, 1.0, synonyms)
    for name, (scale, synonyms) in _TIME.items():
        add(name, f"{name}s", "time", scale, synonyms)
    for name, scale in _EFFORT.items():
        add(name, f"{name}s", "effort", scale)
    for name, (scale, synonyms) in _PURE.items():
        add(name, name, "", scale, synonyms)
    add("$", "$", "$", 1.0, "usd dollars dollar")
    add("cent", "cents", "$", 0.01)
    return atoms, spellings


_ATOMS, _SPELLINGS = _vocabulary()
_EFFORT_WORDS = re.compile(
    r"\b(?:person|persons|people|fte|work|staff|man|engineer)[\s-]+"
    r"(minute|min|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"\s*([$€£%/*×·()]|\^[1-9]|-?\d[\d.,]*|[^\W\d_](?:[\w'’-]*\w)?)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of words of the vocabulary with whole exponents.

    >>> str(Unit.parse("calls per day"))
    'calls/day'
    >>> Unit.parse("$ per million tokens") == Unit.parse("$/M tok")
    True
    >>> Unit.parse("calls/month").convert(300, "calls/day")
    10.0
    >>> str(Unit.parse("trips/month") * Unit.parse("notes/trip"))
    'notes/month'
    """

    parts: tuple[tuple[str, int], ...] = ()

    @classmethod
    def parse(cls, text: str | Unit, *, place: str = "Unit") -> Unit:
        """Read a unit as people write it; "" is a pure number.

        Raises ``UnitError`` that names the word it did not know and the nearest ones.
        """
        if isinstance(text, Unit):
            return text
        if not isinstance(text, str):
            raise UnitError(place, f"{text!r} is not text", 'Write a unit such as "calls/day".')
        return _parse(text, place)

    @property
    def dimensions(self) -> dict[str, int]:
        """What is measured, without sizes: calls/month and calls/day have the same."""
        totals: dict[str, int] = {}
        for name, exponent in self.parts:
            dimension = _ATOMS[name].dimension
            if dimension:
                totals[dimension] = totals.get(dimension, 0) + exponent
        return {name: exponent for name, exponent in sorted(totals.items()) if exponent}

    @property
    def scale(self) -> float:
        """Size of one of this unit in base units (seconds, person-hours, dollars, counts)."""
        return math.prod(_ATOMS[name].scale ** exponent for name, exponent in self.parts)

    @property
    def is_pure(self) -> bool:
        """Whether this is a bare number, a share or a multiplier."""
        return not self.dimensions

    def compatible(self, other: Unit | str) -> bool:
        """Whether a value in this unit can be stated in the other one."""
        return self.dimensions == Unit.parse(other).dimensions

    def factor(self, other: Unit | str) -> float:
        """By what to multiply a value in this unit to state it in the other; needs `compatible`."""
        ratio = self.scale / Unit.parse(other).scale
        near = round(ratio)
        return float(near) if near and math.isclose(ratio, near, rel_tol=1e-12) else ratio

    def convert(self, value: float, other: Unit | str, *, place: str = "Unit") -> float:
        """State ``value`` in the other unit; raise ``UnitError`` with the explanation."""
        other = Unit.parse(other, place=place)
        if not self.compatible(other):
            seen, _, step = self.explain(other).partition(". ")
            raise UnitError(place, seen, step)
        up, down = self.factor(other), other.factor(self)
        return value / down if down > 1 else value * up

    def explain(self, other: Unit | str) -> str:
        """Say how to get from this unit to the one that is asked; "" if they agree.

        >>> print(Unit.parse("calls/month").explain("calls/day"))
        You gave calls/month; the question asks calls/day. Divide by 30.
        >>> print(Unit.parse("notes/month").explain("calls/day"))
        You gave notes/month; the question asks calls/day. A factor in calls per note is missing.
        """
        other = Unit.parse(other)
        if self.compatible(other) and math.isclose(self.scale, other.scale):
            return ""
        opening = f"You gave {self.spoken}; the question asks {other.spoken}. "
        if self.compatible(other):
            up, down = self.factor(other), other.factor(self)
            if up > 1:
                return f"{opening}Multiply by {format_number(up)}."
            return f"{opening}Divide by {format_number(down)}."
        return opening + _gap(self, other)

    @property
    def spoken(self) -> str:
        """The unit in words fit for a sentence."""
        return str(self) or "a bare number"

    def __mul__(self, other: Unit) -> Unit:
        return _collect((*self.parts, *other.parts))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other.inverse

    @property
    def inverse(self) -> Unit:
        """One over this unit."""
        return _collect(tuple((name, -exponent) for name, exponent in self.parts))

    @property
    def simplified(self) -> Unit:
        """Without parts that cancel by a constant, such as days/month in calls·days/month/day."""
        totals = self.dimensions
        kept: dict[str, tuple[str, int]] = {}
        for name, _ in self.parts:
            dimension = _ATOMS[name].dimension
            if dimension in totals and dimension not in kept:
                kept[dimension] = (name, totals[dimension])
        return _collect(tuple(kept.values()))

    def __str__(self) -> str:
        above = [(name, power) for name, power in self.parts if power > 0]
        below = [(name, -power) for name, power in self.parts if power < 0]
        if not above and below:
            top = "1"
        else:
            last = len(above) - 1
            top = "·".join(_show(name, power, i == last) for i, (name, power) in enumerate(above))
            top = re.sub(r"(^|·)([kMB])·", r"\1\2 ", top).replace("$·", "$ ")
        bottom = "".join(f"/{_show(name, power, False)}" for name, power in below)
        return re.sub(r"/([kMB])/(\w+)", lambda m: f"/{m[1]} {_ATOMS[m[2]].plural}", top + bottom)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit; + − × ÷ keep the unit right.

    >>> trips = Quantity(16_800_000, "trips/month")
    >>> print((trips * Quantity(1, "call/trip")).to("calls/day"))
    560,000 calls/day
    >>> print(Quantity(2, "hours") + Quantity(30, "min"))
    2.5 hours
    """

    value: float
    unit: Unit = field(default_factory=Unit)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit.parse(self.unit))

    def to(self, unit: Unit | str) -> Quantity:
        """State the quantity in another unit; raise ``UnitError`` that explains a mismatch."""
        unit = Unit.parse(unit)
        return Quantity(self.unit.convert(self.value, unit), unit)

    def __add__(self, other: Quantity) -> Quantity:
        if not other.unit.compatible(self.unit):
            seen = f"{self.unit.spoken} and {other.unit.spoken} do not add up"
            raise UnitError("Sum", seen, _gap(self.unit, other.unit))
        return Quantity(self.value + other.to(self.unit).value, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + -other

    def __mul__(self, other: Quantity | float) -> Quantity:
        if isinstance(other, Quantity):
            return Quantity(self.value * other.value, self.unit * other.unit)
        return Quantity(self.value * other, self.unit)

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | float) -> Quantity:
        if isinstance(other, Quantity):
            return Quantity(self.value / other.value, self.unit / other.unit)
        return Quantity(self.value / other, self.unit)

    def __neg__(self) -> Quantity:
        return Quantity(-self.value, self.unit)

    def __str__(self) -> str:
        text, number = str(self.unit), format_number(self.value)
        if text.startswith("$"):
            return f"-${number[1:]}{text[1:]}" if number.startswith("-") else f"${number}{text[1:]}"
        return f"{number}{'' if text.startswith('%') else ' '}{text}".rstrip()


def format_number(value: float, digits: int = 4) -> str:
    """Write a number for reading: separators, no false precision, no exponents in daily sizes.

    >>> [format_number(x) for x in (588123.4, 0.04212, 30.0, 1.5e13)]
    ['588,123', '0.04212', '30', '1.5e+13']
    """
    size = abs(value)
    if value == 0:
        return "0"
    if not math.isfinite(value) or size >= 1e13 or size < 1e-5:
        return f"{value:.{digits}g}"
    if size >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    places = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _show(name: str, power: int, plural: bool) -> str:
    word = _SHORT.get(name) or (_ATOMS[name].plural if plural else name)
    return word if power == 1 else f"{word}^{power}"


def _collect(parts: tuple[tuple[str, int], ...]) -> Unit:
    totals: dict[str, int] = {}
    for name, exponent in parts:
        totals[name] = totals.get(name, 0) + exponent
    pure = {"share"}
    return Unit(tuple((n, e) for n, e in totals.items() if e and n not in pure))


@lru_cache(maxsize=1024)
def _parse(text: str, place: str) -> Unit:
    if len(text) > 100:
        raise UnitError(place, "the unit is very long", 'Write a unit such as "calls/day".')
    words = _EFFORT_WORDS.sub(lambda m: f" person-{m[1].lower()} ", text.strip())
    words = words.replace("person-min ", "person-minute ")
    parts: list[tuple[str, int]] = []
    sign, at, expects = 1, 0, True
    while at < len(words.rstrip()):
        match = _TOKENS.match(words, at)
        token = match[1] if match else words[at:].strip()[:1]
        at = match.end() if match else at + 1
        low = token.lower()
        if low in {"/", "per"} or (low in {"a", "an", "each", "every"} and not expects):
            if expects and parts:
                raise UnitError(place, f"{text!r} has two slashes in a row", "Write calls/day.")
            sign, expects = -1, True
        elif low in {"*", "×", "·"}:
            sign, expects = 1, True
        elif low[0] == "^" and parts and len(low) == 2:
            parts += [parts[-1]] * (int(low[1]) - 1)
        elif low == "1" and expects:
            expects = False
        else:
            names = _read_word(token, text, place)
            parts += [(name, sign) for name in names]
            expects = expects and not names
    if expects and sign == -1:
        raise UnitError(place, f"{text!r} ends after the slash", "Write what it is per: calls/day.")
    return _collect(tuple(parts))


def _read_word(token: str, text: str, place: str) -> tuple[str, ...]:
    """Return the vocabulary words that one typed word stands for (none for an adjective)."""
    if token == "M":
        return ("million",)
    if token == "m":
        raise UnitError(place, '"m" can be minutes or a million', "Write min or M.")
    word = token.lower().replace("’", "'")
    if word in _SPELLINGS:
        return (_SPELLINGS[word],)
    if word in _ADJECTIVES.split():
        return ()
    prefixes = {"k": "thousand", "m": "million", "b": "billion"}
    if word[:1] in prefixes and word[1:] in _SPELLINGS and token[:1] in "kKMB":
        return (prefixes[word[0]], _SPELLINGS[word[1:]])
    near = difflib.get_close_matches(word, _SPELLINGS, n=2, cutoff=0.7)
    step = f"Did you mean {' or '.join(near)}?" if near else 'Write a unit such as "calls/day".'
    raise UnitError(place, f"{token!r} in {text[:40]!r} is not a unit of this course", step)


def _gap(have: Unit, want: Unit) -> str:
    """Say which factor is missing between two units that measure different things."""
    mine, asked = have.dimensions, want.dimensions
    upside_down = {name: -power for name, power in asked.items()}
    if asked and mine == upside_down:
        return "Yours is upside down: divide the other way round."
    if {"effort", "time"} <= set(mine) | set(asked) and ("effort" in mine) != ("effort" in asked):
        return "Effort is counted in person-days or person-weeks, elapsed time in days or weeks."
    gap = {name: asked.get(name, 0) - mine.get(name, 0) for name in {*mine, *asked}}
    above = sorted(name for name, power in gap.items() if power > 0)
    below = sorted(name for name, power in gap.items() if power < 0)
    if (above, below) == ([], ["time"]):
        return "Say over which period: yours is a total, the question asks a rate."
    if (above, below) == (["time"], []):
        return "Yours is a rate, the question asks a total: multiply by the length of the period."
    return _missing(have, want, above, below)


def _missing(have: Unit, want: Unit, above: list[str], below: list[str]) -> str:
    top = " and ".join(_word(name, have, want, plural=True) for name in above)
    bottom = " and ".join(_word(name, have, want, plural=False) for name in below)
    if top and bottom:
        return f"A factor in {top} per {bottom} is missing."
    if top:
        return f"A factor in {top} is missing."
    return f"A factor is left over: divide by something counted in {bottom}."


def _word(dimension: str, have: Unit, want: Unit, *, plural: bool) -> str:
    for unit in (want, have):
        for name, _ in unit.parts:
            if _ATOMS[name].dimension == dimension:
                return _ATOMS[name].plural if plural else name
    return dimension
