"""Everything a PM can set, as one frozen value; each check refuses in words a PM would use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np

from skillmap.errors import ActionRefusedError
from skillmap.lantern.retrieval import IndexConfig
from skillmap.lantern.world import SEGMENT_NAMES, TIERS

__all__ = [
    "CACHES",
    "FALLBACKS",
    "MONITORS",
    "REVIEWS",
    "STORM_PLANS",
    "Policy",
    "Settings",
    "named",
    "names_of",
    "one_of",
    "per_segment",
    "plain",
    "whole",
    "within",
    "yes_or_no",
]

Kind = Literal["direct", "router", "cascade"]
KINDS: tuple[Kind, ...] = ("direct", "router", "cascade")
FALLBACKS = ("desk", "article", "clarify")
"""Where a question goes that gets no answer: a person, an article link, or one question back."""
CACHES = ("off", "5min", "1h")
REVIEWS = ("random", "lowest confidence", "stratified", "risk-weighted")
STORM_PLANS = ("queue", "short answers", "downgrade", "priority")
"""What to do when slots run short: wait in line, write less, use Wren, or serve S5 first."""
MONITORS = (
    "input mix",
    "length",
    "refusals",
    "format",
    "citations",
    "latency",
    "thumbs",
    "re-asks",
    "hand-offs",
    "accuracy",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which model answers.

    ``direct``: ``first`` answers everything. ``router``: questions that look easier than ``bar``
    (in units of difficulty, 0 is average) go to ``first``, the others to ``second``. ``cascade``:
    ``first`` answers, and ``second`` takes over where confidence is under ``bar``. ``careful``
    names segments that go straight to ``second``.

    >>> Policy("cascade", "wren", "heron", 0.85).says
    'Wren answers; Heron takes over under 0.85 confidence'
    """

    kind: Kind = "direct"
    first: str = "heron"
    second: str = "condor"
    bar: float = 0.85
    careful: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        one_of("policy", self.kind, KINDS)
        one_of("first tier", self.first, TIERS)
        one_of("second tier", self.second, TIERS)
        if self.kind != "direct" and self.first == self.second:
            raise ActionRefusedError(f"A {self.kind} needs two different tiers.")
        if self.kind == "cascade":
            within("The confidence bar of a cascade", self.bar, 0.0, 1.0)
        else:
            within("The difficulty bar of a router", self.bar, -4.0, 4.0)
        names_of("segment", self.careful, SEGMENT_NAMES)

    @property
    def says(self) -> str:
        """The policy in a sentence."""
        first, second = self.first.title(), self.second.title()
        if self.kind == "direct":
            return f"{first} answers everything"
        if self.kind == "router":
            return f"{first} takes what looks easier than {self.bar:g}; {second} the rest"
        return f"{first} answers; {second} takes over under {self.bar:g} confidence"

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that may be called, the first one first."""
        direct = self.kind == "direct" and not self.careful
        return (self.first,) if direct else (self.first, self.second)


@dataclass(frozen=True, slots=True)
class Settings:
    """The state of every lever. The defaults are those of day 0.

    ``thresholds`` confidence below which a segment gets no answer; ``slopes`` and ``intercepts``
    recalibrate confidence on the logit scale; ``exposure`` share of each segment's people who see
    Lantern; ``agents`` and ``reviewers`` multiply base staffing; ``answer_length`` multiplies
    tokens written; ``slots`` multiplies serving capacity; ``label_days`` labels bought each day
    for the accuracy monitor.
    """

    policy: Policy = field(default_factory=Policy)
    thresholds: tuple[float, ...] = (0.6,) * 5
    slopes: tuple[float, ...] = (1.0,) * 5
    intercepts: tuple[float, ...] = (0.0,) * 5
    index: IndexConfig = field(default_factory=IndexConfig)
    reindexed_on: int | None = None
    fallback: str = "desk"
    cache: tuple[str, ...] = ("off",) * 24
    storm_plan: str = "queue"
    pinned: bool = False
    exposure: tuple[float, ...] = (1.0,) * 5
    style: str = "A"
    trial: tuple[str, float, int] | None = None
    agents: float = 1.0
    reviewers: float = 1.0
    review: str = "lowest confidence"
    monitors: frozenset[str] = frozenset({"accuracy"})
    label_days: int = 0
    answer_length: float = 1.0
    slots: float = 1.0
    notes_tier: str = "heron"
    notes_batch: bool = False
    notes_length: float = 1.0
    invested: tuple[str, ...] = ()


def plain(value: Any) -> Any:
    """Return a value as it can be written down: arrays and frames' columns become lists.

    >>> import numpy as np
    >>> plain({"S5": np.float64(0.5), "items": np.array([3, 4])})
    {'S5': 0.5, 'items': [3, 4]}
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    return repr(value)


def one_of(what: str, value: object, options: tuple[str, ...]) -> None:
    """Refuse a value that is not among the options."""
    if not isinstance(value, str) or value not in options:
        raise ActionRefusedError(f"There is no {what} {value!r}. Choose {', '.join(options)}.")


def within(what: str, value: object, low: float, high: float) -> float:
    """Return a number between two ends, or refuse it.

    >>> within("The threshold", 1.2, 0, 1)
    Traceback (most recent call last):
    skillmap.errors.ActionRefusedError: The threshold is 1.2: it has to be from 0 to 1.
    """
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else None
    if number is None or not low <= number <= high:
        said = value if number is None else number
        raise ActionRefusedError(f"{what} is {said!r:.40}: it has to be from {low:g} to {high:g}.")
    return number


def whole(what: str, value: object, low: int, high: int | None = None) -> int:
    """Return a whole number at or above ``low``, or refuse it.

    >>> whole("The number of days", 2.5, 1)
    Traceback (most recent call last):
    skillmap.errors.ActionRefusedError: The number of days is 2.5: give a whole number, 1 or more.
    """
    fits = isinstance(value, Integral) and not isinstance(value, bool)
    if not fits or int(value) < low or (high is not None and int(value) > high):  # type: ignore[call-overload]
        span = f"{low} or more" if high is None else f"{low} to {high}"
        raise ActionRefusedError(f"{what} is {value!r:.40}: give a whole number, {span}.")
    return int(value)  # type: ignore[call-overload, no-any-return]


def yes_or_no(what: str, value: object) -> bool:
    """Return a yes or a no, or refuse what is neither."""
    if not isinstance(value, bool | np.bool_):
        raise ActionRefusedError(f"{what} is {value!r:.40}: it is True or False.")
    return bool(value)


def names_of(what: str, value: object, options: tuple[str, ...]) -> tuple[str, ...]:
    """Return names, each once; one name may stand alone. Refuse any that is not an option.

    >>> names_of("segment", "S3", SEGMENT_NAMES)
    ('S3',)
    """
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, Iterable):
        raise ActionRefusedError(f"{value!r:.40} is no {what}. Choose {', '.join(options)}.")
    found = tuple(names)
    for name in found:
        one_of(what, name, options)
    return tuple(dict.fromkeys(found))


def named(what: str, given: Mapping[str, Any], options: tuple[str, ...]) -> dict[str, Any]:
    """Return what was said by name, as it can be written down; refuse a name nobody knows."""
    for name in given:
        one_of(what, name, options)
    return {name: plain(value) for name, value in given.items()}


def per_segment(
    what: str, old: tuple[float, ...], new: object, low: float, high: float
) -> tuple[float, ...]:
    """Return five numbers: one number sets all, a mapping sets the segments that it names.

    >>> per_segment("The threshold", (0.6,) * 5, {"S5": 0.95}, 0, 1)
    (0.6, 0.6, 0.6, 0.6, 0.95)
    """
    if not isinstance(new, Mapping):
        return (within(what, new, low, high),) * 5
    for name in new:
        one_of("segment", name, SEGMENT_NAMES)
    return tuple(
        within(f"{what} of {name}", new.get(name, kept), low, high)
        for name, kept in zip(SEGMENT_NAMES, old, strict=True)
    )
