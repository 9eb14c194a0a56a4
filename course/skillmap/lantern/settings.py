"""Everything a PM can set, as one frozen value; each check refuses in words a PM would use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
    "one_of",
    "per_segment",
    "within",
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
        if self.kind == "router":
            within("The difficulty bar of a router", self.bar, -4.0, 4.0)
        for name in self.careful:
            one_of("segment", name, SEGMENT_NAMES)

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


def one_of(what: str, value: object, options: tuple[str, ...]) -> None:
    """Refuse a value that is not among the options."""
    if value not in options:
        raise ActionRefusedError(f"There is no {what} {value!r}. Choose {', '.join(options)}.")


def within(what: str, value: object, low: float, high: float) -> float:
    """Return a number between two ends, or refuse it.

    >>> within("The threshold", 1.2, 0, 1)
    Traceback (most recent call last):
    skillmap.errors.ActionRefusedError: The threshold is 1.2: it has to be from 0 to 1.
    """
    fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not fits:
        raise ActionRefusedError(f"{what} is {value!r}: it has to be from {low:g} to {high:g}.")
    assert isinstance(value, int | float)
    return float(value)


def per_segment(
    what: str, old: tuple[float, ...], new: object, low: float, high: float
) -> tuple[float, ...]:
    """Return five numbers: one number sets all, a mapping sets the segments that it names.

    >>> per_segment("The threshold", (0.6,) * 5, {"S5": 0.95}, 0, 1)
    (0.6, 0.6, 0.6, 0.6, 0.95)
    """
    if not isinstance(new, dict):
        return (within(what, new, low, high),) * 5
    for name in new:
        one_of("segment", name, SEGMENT_NAMES)
    return tuple(
        within(f"{what} of {name}", new.get(name, kept), low, high)
        for name, kept in zip(SEGMENT_NAMES, old, strict=True)
    )
