"""The acceptance rules of the course, as pure functions of numbers and names.

EC, G1, G2 and G3 judge one number; EA and EB an estimate; G6 a set of forecasts; G4, G5 and G7,
which stand in ``lab_rules``, a decision, a diagnosis and a decision log. Each returns a
:class:`Ruling`: what was checked, how much of it holds, and which checks failed. No text here is
meant for learners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.grading.lab_rules import LOG_FIELDS, g4, g5, g7
from skillmap.grading.ruling import Check, Ruling
from skillmap.stats import Coverage, coverage, interval_score

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = [
    "EA",
    "EB",
    "LOG_FIELDS",
    "Band",
    "Check",
    "Estimate",
    "Forecasts",
    "Ruling",
    "Target",
    "arithmetic_share",
    "break_even_share",
    "drivers_share",
    "ea",
    "eb",
    "ec",
    "factors_share",
    "forecasts",
    "g1",
    "g2",
    "g3",
    "g4",
    "g5",
    "g6",
    "g7",
    "interval_share",
    "slip",
    "within",
]

EC_TOLERANCE = 0.02
CLOSE = 5.0
"""Up to this many tolerances off counts as close, for half."""
SLIP_TOLERANCE = 0.05
"""A slip of units is one that explains the number closely; a wide estimate explains anything."""
_SLIPS = (10.0, 30.0, 7.0, 12.0, 24.0, 60.0, 100.0, 1e3, 1e6, 360.0, 5.0, 8.0, 40.0)


def within(value: float, reference: float, relative: float, absolute: float = 0.0) -> bool:
    """Whether a value is inside the larger of two tolerances (with room for rounding errors).

    >>> within(101, 100, 0.01), within(101.1, 100, 0.01)
    (True, False)
    """
    room = max(relative * abs(reference), absolute)
    return abs(value - reference) <= room * (1 + 1e-9) + 1e-12 * abs(reference)


def slip(value: float, reference: float, tolerance: float = 0.02) -> float | None:
    """Return the factor of a usual slip (30 days, a zero, 1,000, percent) between two numbers.

    Above 1: the value is that many times too large; below 1: too small; ``None``: no such slip.

    The nearest one is named, so that a wide tolerance does not call a zero too many "twelve
    months". Tolerances above 5% are cut to that: thirteen factors with wide edges would cover
    every number.

    >>> slip(300, 10), slip(0.48, 48), slip(11, 10)
    (30.0, 0.01, None)
    >>> slip(104, 10, tolerance=0.25), slip(106, 10, tolerance=0.25)
    (10.0, None)
    """
    if value == 0 or reference == 0:
        return None
    signed = [s for factor in _SLIPS for s in (factor, 1 / factor)]
    near = min(signed, key=lambda s: abs(value / (s * reference) - 1))
    return near if within(value, near * reference, min(tolerance, SLIP_TOLERANCE)) else None


def _number(
    rule: str, value: float, reference: float, relative: float, absolute: float = 0.0
) -> Ruling:
    if within(value, reference, relative, absolute):
        share = 1.0
    elif within(value, reference, CLOSE * relative, CLOSE * absolute):
        share = 0.5
    else:
        share = 0.0
    return Ruling(rule, (Check("value", share),))


def ec(value: float, reference: float) -> Ruling:
    """Exact arithmetic on given numbers: ±2%.

    >>> ec(102, 100).passed, ec(108, 100).share, ec(120, 100).failed
    (True, 0.5, ('value',))
    """
    return _number("EC", value, reference, EC_TOLERANCE)


def g1(value: float, reference: float, *, rate: bool = False) -> Ruling:
    """Formula: ±1%, and for rates at least ±0.001.

    >>> g1(0.0061, 0.0052, rate=True).passed, g1(0.0061, 0.0052).share
    (True, 0.0)
    """
    return _number("G1", value, reference, 0.01, 0.001 if rate else 0.0)


def g2(value: float, reference: float, standard_error: float) -> Ruling:
    """Simulated quantity: the larger of 2% and three Monte-Carlo standard errors.

    >>> g2(105, 100, 2).passed, g2(107, 100, 2).passed
    (True, False)
    """
    return _number("G2", value, reference, 0.02, 3 * standard_error)


def g3(value: float, recomputed: float) -> Ruling:
    """Estimate from the learner's own sample, recomputed on that sample: ±0.005.

    >>> g3(0.123, 0.120).passed
    True
    """
    return _number("G3", value, recomputed, 0.0, 0.005)


# Estimates ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Band:
    """How wide an estimate may be: high/low of its range, or a factor around the point."""

    rule: str
    ratio: float
    up: float
    down: float


EA = Band("EA", 6.0, 2.0, 2.0)
EB = Band("EB", 3.0, 1.25, 1 / 0.75)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a learner gave; ``None`` and empty where they gave nothing."""

    factors: Collection[str] = ()
    computed: float | None = None
    point: float | None = None
    low: float | None = None
    high: float | None = None
    drivers: Collection[str] = ()
    decision: str | None = None
    break_even: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What an estimate is compared with.

    ``required`` holds groups of factor names: one of each group has to be there. ``drivers`` are
    all that count as right among the ``naming`` asked for.
    """

    value: float
    required: Sequence[Collection[str]] = ()
    decoys: Collection[str] = ()
    drivers: Collection[str] = ()
    naming: int = 2
    decisions: Collection[str] = ()
    break_even: float | None = None
    break_even_within: float = 0.25
    break_even_beyond: float = math.inf


def ea(estimate: Estimate, target: Target) -> Ruling:
    """Estimate with unknown factors: high/low at most 6 or the point within ×/÷2.

    >>> full = Estimate({"trips"}, 99, 100, 60, 200, {"trips"}, "small", 9)
    >>> goal = Target(120, [{"trips"}], drivers={"trips"}, naming=1, decisions={"small"},
    ...               break_even=10)
    >>> ea(full, goal).passed
    True
    """
    return _estimate(EA, estimate, target)


def eb(estimate: Estimate, target: Target) -> Ruling:
    """As EA with high/low at most 3 or the point within ±25%."""
    return _estimate(EB, estimate, target)


def _estimate(band: Band, estimate: Estimate, target: Target) -> Ruling:
    checks = [
        Check("factors", factors_share(estimate.factors, target.required, target.decoys)),
        Check("arithmetic", arithmetic_share(estimate.computed, estimate.point)),
        Check(
            "interval",
            interval_share(band, estimate.low, estimate.high, estimate.point, target.value),
        ),
        Check("drivers", drivers_share(estimate.drivers, target.drivers, target.naming)),
    ]
    if target.decisions:
        checks.append(Check("decision", float(estimate.decision in target.decisions)))
    if target.break_even is not None:
        share = break_even_share(
            estimate.break_even,
            target.break_even,
            target.break_even_within,
            target.break_even_beyond,
        )
        checks.append(Check("break-even", share))
    return Ruling(band.rule, tuple(checks))


def factors_share(
    present: Collection[str],
    required: Sequence[Collection[str]],
    decoys: Collection[str] = (),
) -> float:
    """Share of the required groups that are present, less one group for each decoy.

    >>> factors_share({"a", "x"}, [{"a"}, {"b", "c"}], {"x"})
    0.0
    """
    if not required:
        return float(not set(present) & set(decoys)) if present else 0.0
    found = sum(bool(set(group) & set(present)) for group in required)
    wrong = len(set(present) & set(decoys))
    return max(0.0, (found - wrong) / len(required))


def arithmetic_share(computed: float | None, stated: float | None) -> float:
    """Whether the stated number follows from the chain: full inside ±2%, half inside ±10%.

    A chain that comes to nothing earns nothing: zero equals zero in every world.
    """
    if not computed or stated is None:
        return 0.0
    return ec(stated, computed).share


def interval_share(
    band: Band,
    low: float | None,
    high: float | None,
    point: float | None,
    reference: float,
) -> float:
    """How well a range (or the point) meets the band.

    Full: it holds the reference and is not too wide, or the point is near enough. Half: it holds
    the reference and is too wide. A quarter: the point is within the squared band.

    >>> interval_share(EA, 50, 200, None, 100), interval_share(EA, 1, 1000, None, 100)
    (1.0, 0.5)
    """
    holds = low is not None and high is not None and low <= reference <= high
    if point is None and low is not None and high is not None:
        point = math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2
    if holds and low is not None and high is not None and _narrow(band, low, high, reference):
        return 1.0
    ratio = point / reference if point is not None and reference else None
    if reference == 0:
        ratio = 1.0 if point == 0 else None
    if ratio is not None and 1 / band.down <= ratio * (1 + 1e-9) and ratio <= band.up * (1 + 1e-9):
        return 1.0
    if holds:
        return 0.5
    if ratio is not None and 1 / band.down**2 <= ratio <= band.up**2:
        return 0.25
    return 0.0


def _narrow(band: Band, low: float, high: float, reference: float) -> bool:
    if low > 0:
        return high / low <= band.ratio * (1 + 1e-9)
    if high < 0:
        return low / high <= band.ratio * (1 + 1e-9)
    return high - low <= (band.ratio - 1) * abs(reference)


def drivers_share(named: Collection[str], right: Collection[str], naming: int = 2) -> float:
    """Share of the drivers asked for that were named; each wrong one beyond them takes one away.

    >>> drivers_share({"a", "b"}, {"a", "c"}), drivers_share({"a", "b", "c"}, {"a", "c"})
    (0.5, 0.5)
    """
    hits = len(set(named) & set(right))
    extra = max(0, len(set(named)) - naming)
    return min(1.0, max(0.0, (min(hits, naming) - extra) / naming))


def break_even_share(
    given: float | None, reference: float, tolerance: float = 0.25, beyond: float = math.inf
) -> float:
    """Full inside the tolerance, half inside twice of it; past ``beyond`` all means "never"."""
    if given is None:
        return 0.0
    if reference >= beyond and given >= beyond:
        return 1.0
    slack = 0.01 if reference == 0 else 0.0
    if within(given, reference, tolerance, slack):
        return 1.0
    return 0.5 if reference and within(given, reference, 2 * tolerance) else 0.0


# Forecasts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forecasts:
    """A set of ranges beside what came true."""

    coverage: Coverage
    scores: tuple[float, ...]
    """Interval score of each range over the size of the truth, cut at ``ceiling``."""
    held: tuple[bool, ...]

    @property
    def mean_score(self) -> float:
        """Mean relative interval score; 0 is perfect, 1 is usual for a good guesser."""
        return sum(self.scores) / len(self.scores)


def forecasts(
    intervals: Sequence[tuple[float, float]],
    truths: Sequence[float],
    level: float = 0.8,
    ceiling: float = 10.0,
) -> Forecasts:
    """Score ranges of different units: coverage, and interval scores relative to the truth."""
    scores = tuple(
        min(ceiling, interval_score(low, high, truth, level) / (abs(truth) or 1.0))
        for (low, high), truth in zip(intervals, truths, strict=True)
    )
    held = tuple(low <= truth <= high for (low, high), truth in zip(intervals, truths, strict=True))
    return Forecasts(coverage(intervals, truths, level), scores, held)


def g6(found: Forecasts, *, sharp: float = 1.0, loose: float = 5.0) -> Ruling:
    """Forecasts: coverage that fits the level, and ranges no wider than they have to be.

    Coverage is full from one standard deviation under the expected number of hits, 0.7 while
    the Wilson band still holds the level, and falls to 0 below. The interval score is full up
    to ``sharp`` and 0 from ``loose``, linear in its logarithm.

    >>> g6(forecasts([(0.9, 1.2)] * 10, [1.0] * 8 + [1.25] * 2)).passed
    True
    """
    cover, level = found.coverage, found.coverage.level
    expected = level * cover.n
    if cover.hits >= expected - math.sqrt(expected * (1 - level)):
        share = 1.0
    elif cover.high >= level:
        share = 0.7
    else:
        share = 0.7 * cover.hits / expected
    mean = found.mean_score
    if mean <= sharp:
        width = 1.0
    elif mean >= loose:
        width = 0.0
    else:
        width = math.log(loose / mean) / math.log(loose / sharp)
    return Ruling("G6", (Check("coverage", share), Check("interval score", width)))
