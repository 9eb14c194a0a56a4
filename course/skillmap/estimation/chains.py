"""Ranges and factor chains: how an estimate is built, sampled and taken apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

from skillmap.errors import AnswerError, UnitError
from skillmap.estimation.units import Quantity, Unit, format_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["Chain", "Factor", "Range", "Swing", "between", "quadrature"]

Shape = Literal["lognormal", "normal", "share"]
Op = Literal["*", "/", "+", "-"]

_Z80 = NormalDist().inv_cdf(0.9)
_LIMIT = 1e18
_MOST_FACTORS = 40


@dataclass(frozen=True, slots=True)
class Range:
    """An uncertain number by its 10th, 50th and 90th percentiles.

    Below the median it is one half of a (log)normal curve, above it another, so an off-center
    median is kept as stated. Shape ``share`` is a normal curve cut to 0..1.
    """

    low: float
    median: float
    high: float
    shape: Shape = "lognormal"

    def quantile(self, probability: float) -> float:
        """Value that is exceeded with chance ``1 - probability``."""
        return float(self._at(NormalDist().inv_cdf(probability)))

    def sample(self, rng: Generator, n: int) -> NDArray[np.float64]:
        """Draw ``n`` values."""
        import numpy as np

        z = rng.standard_normal(n) / _Z80
        with np.errstate(over="ignore"):
            if self.shape == "lognormal":
                down, up = math.log(self.median / self.low), math.log(self.high / self.median)
                return np.asarray(self.median * np.exp(np.where(z < 0, z * down, z * up)))
            down, up = self.median - self.low, self.high - self.median
            drawn = self.median + np.where(z < 0, z * down, z * up)
        return np.clip(drawn, 0.0, 1.0) if self.shape == "share" else np.asarray(drawn)

    @property
    def ratio(self) -> float:
        """High over low: 4 reads "a factor of two either way". Infinite when low is not positive.

        >>> between(3, 12).ratio
        4.0
        """
        return self.high / self.low if self.low > 0 else math.inf

    def _at(self, z: float) -> float:
        part = z / _Z80
        if self.shape == "lognormal":
            end = self.low if part < 0 else self.high
            return self.median * math.pow(end / self.median, abs(part))
        end = self.low if part < 0 else self.high
        value = self.median + abs(part) * (end - self.median)
        return min(1.0, max(0.0, value)) if self.shape == "share" else value


def between(
    low: float,
    high: float,
    *,
    median: float | None = None,
    shape: Shape | None = None,
    place: str = "Your range",
) -> Range:
    """Read "between 3 and 12" as an 80% range: one time in ten lower, one in ten higher.

    Lognormal unless asked otherwise (or unless low is zero or below, which a lognormal cannot
    be); without a median it takes the geometric mean, for the other shapes the middle.

    >>> between(3, 12).median
    6.0
    >>> between(0.4, 0.6, shape="share").median
    0.5
    >>> between(12, 3)
    Traceback (most recent call last):
    skillmap.errors.AnswerError: Your range: low (12) is above high (3). Swap them.
    """
    if not all(math.isfinite(x) for x in (low, high)):
        raise AnswerError(place, "one end is not a number", "Give two finite numbers.")
    if low > high:
        seen = f"low ({format_number(low)}) is above high ({format_number(high)})"
        raise AnswerError(place, seen, "Swap them.")
    if shape is None:
        shape = "lognormal" if low > 0 else "normal"
    if shape == "lognormal" and low <= 0:
        raise AnswerError(place, f"low is {format_number(low)}", "Give a low above zero.")
    if shape == "share" and not 0 <= low <= high <= 1:
        raise AnswerError(place, "a share lies between 0 and 1", "Write 45% as 0.45.")
    if median is None:
        median = math.sqrt(low) * math.sqrt(high) if shape == "lognormal" else (low + high) / 2
        median = min(high, max(low, round(median, 12 - _magnitude(median))))
    if not low <= median <= high:
        seen = f"the middle ({format_number(median)}) is outside {_span(low, high)}"
        raise AnswerError(place, seen, "Widen the range or move the middle.")
    return Range(float(low), float(median), float(high), shape)


@dataclass(frozen=True, slots=True)
class Factor:
    """One step of a chain: a named, uncertain quantity and how it joins what stands before it."""

    name: str
    range: Range
    unit: Unit = field(default_factory=Unit)
    op: Op = "*"

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit.parse(self.unit, place=self.name))

    def __str__(self) -> str:
        span = f" ({_span(self.range.low, self.range.high)})" if self.range.ratio != 1 else ""
        return f"{self.name}: {Quantity(self.range.median, self.unit)}{span}"


@dataclass(frozen=True, slots=True)
class Swing:
    """What happens to the result when one factor moves from its low to its high."""

    name: str
    low: float
    high: float
    at_low: float
    at_high: float
    elasticity: float
    unit: Unit = field(default_factory=Unit)

    @property
    def width(self) -> float:
        """Distance between the two results, in the unit of the chain."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Chain:
    """An estimate as a sum of products: ``a * b / c + d * e``.

    ``*`` and ``/`` continue a product, ``+`` and ``-`` open the next one. Results are in
    ``unit``: the one that was asked, or that of the first product. A factor that appears twice
    under one name with one range is one unknown, and is drawn once.

    >>> calls = Chain.of(
    ...     Factor("questions", between(12_000, 16_000), "questions/day"),
    ...     Factor("calls a question", between(1.2, 1.5), "calls/question"),
    ...     Factor("trips", between(14e6, 20e6), "trips/month", "+"),
    ...     Factor("notes", between(1.0, 1.2), "notes/trip"),
    ...     Factor("calls a note", between(1, 1), "calls/note"),
    ...     unit="calls/day",
    ... )
    >>> round(calls.point(), -3)
    630000.0
    >>> [swing.name for swing in calls.top_drivers(2)]
    ['trips', 'notes']
    """

    factors: tuple[Factor, ...]
    asked: Unit | None = None

    @classmethod
    def of(cls, *factors: Factor, unit: Unit | str | None = None) -> Chain:
        """Build a chain from factors, with the unit the result should be in."""
        return cls(factors, None if unit is None else Unit.parse(unit))

    @classmethod
    def from_answer(
        cls, value: Any, *, unit: Unit | str | None = None, place: str = "Your chain"
    ) -> Chain:
        """Read the value of a ``chain`` answer; raise ``AnswerError`` at the first thing amiss.

        ``{"factors": [{"name", "point", "low", "high", "unit", "op"}]}``; ``low`` and ``high``
        may be left out (a fixed number), and so may ``point`` when both are there.
        """
        rows = value.get("factors") if isinstance(value, Mapping) else None
        if not isinstance(rows, list) or not rows:
            raise AnswerError(place, "there are no factors", "Add the first factor of the chain.")
        if len(rows) > _MOST_FACTORS:
            seen = f"{len(rows)} factors"
            raise AnswerError(place, seen, f"Keep to {_MOST_FACTORS}; four to seven is usual.")
        factors = tuple(_factor(row, i, place) for i, row in enumerate(rows))
        if factors[0].op == "/":
            raise AnswerError(place, "the first factor divides", "Start with what is multiplied.")
        return cls.of(*factors, unit=unit)

    def to_answer(self) -> dict[str, Any]:
        """Return the chain as the value of a ``chain`` answer."""
        return {
            "factors": [
                {
                    "name": factor.name,
                    "low": factor.range.low,
                    "point": factor.range.median,
                    "high": factor.range.high,
                    "unit": str(factor.unit),
                    "op": factor.op,
                }
                for factor in self.factors
            ]
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the factors, each once, in order."""
        return tuple(dict.fromkeys(factor.name for factor in self.factors))

    @cached_property
    def terms(self) -> tuple[tuple[Factor, ...], ...]:
        """The products that are added up."""
        starts = [i for i, factor in enumerate(self.factors) if i == 0 or factor.op in "+-"]
        return tuple(self.factors[a:b] for a, b in pairwise([*starts, len(self.factors)]))

    @cached_property
    def unit(self) -> Unit:
        """Unit of the result."""
        return self.asked or self._product_unit(self.terms[0]).simplified

    @property
    def unitless(self) -> bool:
        """Whether no factor names a unit: then numbers are taken to be in the unit asked."""
        return not any(factor.unit.parts for factor in self.factors)

    def unit_fault(self) -> str:
        """Explain why the products do not add up to the unit asked; "" when they do.

        >>> short = Chain.of(
        ...     Factor("trips", between(14e6, 20e6), "trips/month"),
        ...     Factor("notes", between(1, 1.2), "notes/trip"), unit="calls/day")
        >>> print(short.unit_fault())
        trips/month × notes/trip gives notes/month; calls/day is needed. \
A factor in calls per note is missing.
        """
        if self.unitless:
            return ""
        for term in self.terms:
            unit = self._product_unit(term)
            if not unit.compatible(self.unit):
                steps = "".join(
                    f"{'' if i == 0 else ' ÷ ' if f.op == '/' else ' × '}{f.unit or 1}"
                    for i, f in enumerate(term)
                )
                gap = unit.simplified.explain(self.unit).partition(". ")[2]
                reached = unit.simplified.spoken
                return f"{steps} gives {reached}; {self.unit.spoken} is needed. {gap}"
        return ""

    def point(self) -> float:
        """Result with every factor at its median, in ``unit``; raise ``UnitError`` on a clash."""
        return self._result({})

    def quantity(self) -> Quantity:
        """The point result with its unit."""
        return Quantity(self.point(), self.unit)

    def sample(self, rng: Generator, n: int = 10_000) -> NDArray[np.float64]:
        """Draw ``n`` results; factors are independent, repeated ones move together."""
        import numpy as np

        scales = self._scales
        drawn: dict[tuple[str, Range], NDArray[np.float64]] = {}
        total = np.zeros(n)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            for term, scale in zip(self.terms, scales, strict=True):
                product = np.full(n, scale if term[0].op != "-" else -scale)
                for factor in term:
                    key = (factor.name, factor.range)
                    if key not in drawn:
                        drawn[key] = factor.range.sample(rng, n)
                    product = product / drawn[key] if factor.op == "/" else product * drawn[key]
                total = total + product
        return total

    def interval(
        self, level: float = 0.8, *, rng: Generator | None = None, n: int = 20_000
    ) -> tuple[float, float]:
        """Central interval of the sampled results, in ``unit``."""
        import numpy as np

        draws = self.sample(rng if rng is not None else np.random.default_rng(80), n)
        tail = (1 - level) / 2
        low, high = np.quantile(draws, [tail, 1 - tail])
        return float(low), float(high)

    def elasticities(self) -> dict[str, float]:
        """Percent change of the result for one percent more of each factor, at the medians.

        In a plain product each is 1 or −1; in a sum it is the share of the result that runs
        through the factor. That is why a large product hides errors in a small one.
        """
        base = self.point()
        found = {}
        for name in self.names:
            up, down = self._result({name: 1.01}), self._result({name: 1 / 1.01})
            found[name] = (up - down) / (2 * math.log(1.01) * base) if base else 0.0
        return found

    def tornado(self) -> tuple[Swing, ...]:
        """One swing for each factor, widest first: low to high, the others at their medians."""
        elasticity = self.elasticities()
        swings = []
        for name in self.names:
            first = next(factor for factor in self.factors if factor.name == name)
            ends = (self._result({}, {name: "low"}), self._result({}, {name: "high"}))
            span = first.range
            swings.append(Swing(name, span.low, span.high, *ends, elasticity[name], first.unit))
        return tuple(sorted(swings, key=lambda swing: -swing.width))

    def top_drivers(self, n: int = 2) -> tuple[Swing, ...]:
        """The ``n`` factors that move the result most over their own range."""
        return self.tornado()[:n]

    def __str__(self) -> str:
        signs = {"*": " × ", "/": " ÷ ", "+": " + ", "-": " − "}
        return "".join(
            f"{'' if i == 0 else signs[f.op]}{f.name}" for i, f in enumerate(self.factors)
        )

    def _product_unit(self, term: tuple[Factor, ...]) -> Unit:
        unit = term[0].unit
        for factor in term[1:]:
            unit = unit / factor.unit if factor.op == "/" else unit * factor.unit
        return unit

    @cached_property
    def _scales(self) -> tuple[float, ...]:
        if self.unitless:
            return (1.0,) * len(self.terms)
        fault = self.unit_fault()
        if fault:
            seen, _, step = fault.partition(". ")
            raise UnitError("Your chain", seen, step)
        target = self.unit
        return tuple(self._product_unit(term).factor(target) for term in self.terms)

    def _result(
        self, nudge: Mapping[str, float], ends: Mapping[str, Literal["low", "high"]] | None = None
    ) -> float:
        total = 0.0
        for term, scale in zip(self.terms, self._scales, strict=True):
            product = -scale if term[0].op == "-" else scale
            for factor in term:
                end = (ends or {}).get(factor.name)
                value = getattr(factor.range, end) if end else factor.range.median
                value *= nudge.get(factor.name, 1.0)
                product = product / value if factor.op == "/" else product * value
            total += product
        if not math.isfinite(total):
            raise AnswerError("Your chain", "the result is too large to hold", "Check the sizes.")
        return total


def quadrature(*ranges: Range) -> Range:
    """Range of a product by the rule of thumb: errors of logarithms add in quadrature.

    For independent lognormal factors this is exact: ``ln(high/low)`` of the product is the root
    of the sum of squares, and the median is the product of medians. Multiplying lows with lows
    and highs with highs gives a range that is far too wide.

    >>> product = quadrature(between(1, 4), between(1, 4))
    >>> round(product.median, 6), round(product.ratio, 2)
    (4.0, 7.1)
    """
    if any(item.low <= 0 for item in ranges):
        raise AnswerError("Quadrature", "a low is not above zero", "Give lows above zero.")
    middle = math.prod(item.median for item in ranges)
    half = math.sqrt(sum(math.log(item.ratio) ** 2 for item in ranges)) / 2
    return Range(middle / math.exp(half), middle, middle * math.exp(half))


def rescale(chain: Chain, **values: float) -> Chain:
    """Return the chain with factors, by name, moved to new medians (ranges move along)."""

    def moved(factor: Factor) -> Factor:
        if factor.name not in values:
            return factor
        times, span = values[factor.name] / factor.range.median, factor.range
        new = Range(span.low * times, span.median * times, span.high * times, span.shape)
        return replace(factor, range=new)

    return Chain(tuple(moved(factor) for factor in chain.factors), chain.asked)


def _factor(row: Any, index: int, place: str) -> Factor:
    spot = f"{place}, factor {index + 1}"
    if not isinstance(row, Mapping):
        raise AnswerError(spot, "it is not a factor", "Give it a name, a number and a unit.")
    name = row.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        raise AnswerError(spot, "it has no usable name", "Name what the number counts.")
    name = name.strip()
    spot = f"{spot} ({name})"
    numbers = {key: _number(row.get(key), key, spot) for key in ("low", "point", "high")}
    low, point, high = numbers["low"], numbers["point"], numbers["high"]
    if point is None and (low is None or high is None):
        raise AnswerError(spot, "it has no number", "Give a point, or a low and a high.")
    if low is None and high is None:
        low = high = point
    elif low is None or high is None:
        raise AnswerError(spot, "only one end is given", "Give both a low and a high, or neither.")
    assert low is not None
    assert high is not None
    op = row.get("op") or "*"
    if not isinstance(op, str) or op not in {"*", "/", "+", "-"}:
        raise AnswerError(spot, f"{str(op)[:20]!r} is not an operation", "Use *, /, + or -.")
    span = between(low, high, median=point, place=spot)
    if op == "/" and span.low <= 0 <= span.high:
        raise AnswerError(spot, "its range contains zero and it divides", "Keep it above zero.")
    unit = row.get("unit") or ""
    return Factor(name, span, Unit.parse(unit, place=spot), op)  # type: ignore[arg-type]


def _number(value: Any, key: str, spot: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerError(spot, f"{key} is {str(value)[:30]!r}", "Give a number.")
    if not abs(value) <= _LIMIT or 0 < abs(value) < 1 / _LIMIT:
        raise AnswerError(spot, f"{key} is out of any useful size", "Check the zeros.")
    return float(value)


def _span(low: float, high: float) -> str:
    return f"{format_number(low)} to {format_number(high)}"


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) + 1 if value else 0
