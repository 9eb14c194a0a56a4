"""Rules of the labs: G4 for a decision, G5 for a diagnosis, G7 for a decision log."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from skillmap.grading.ruling import Check, Ruling

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["LOG_FIELDS", "PASS", "g4", "g5", "g7"]

PASS = 0.8
"""From this share of the way from the default to the best, a decision passes."""
LOG_FIELDS = ("decision", "rejected", "number", "trigger", "owner", "review")
_EMPTY = frozenset(
    {"", "na", "none", "nothing", "tbd", "todo", "unknown", "later", "x", "xx", "xxx"}
)
_DAY = re.compile(
    r"\d|\b(mon|tues|wednes|thurs|fri|satur|sun)day|\btomorrow\b"
    r"|\b(january|february|april|june|july|august|september|october|november|december)\b"
    r"|\b(next|each|every|a|one|two|three|four|five|six) (day|week|month|quarter)s?\b",
    re.IGNORECASE,
)


def g4(value: float, default: float, best: float, *, tie: float = 0.0) -> Ruling:
    """Decision by expected value: 100·(V−V_default)/(V*−V_default), clipped; 80 passes.

    The share is the score over 100 below the bar, and 1 from the bar on. What is within ``tie``
    of the best passes. Where the default is itself the best, nothing else earns anything.

    >>> g4(9, 5, 10).passed, g4(7, 5, 10).share
    (True, 0.4)
    >>> g4(5, 5, 5).passed, g4(4.9, 5, 5).share, g4(4.9, 5, 5, tie=0.2).passed
    (True, 0.0, True)
    """
    if best < default:
        raise ValueError("the best decision must not be worth less than the default")
    room = 1e-9 * max(abs(best), abs(default))
    if value >= best - tie - room:
        score = 1.0
    elif best - default <= room:
        score = 0.0
    else:
        score = min(1.0, max(0.0, (value - default) / (best - default)))
    return Ruling("G4", (Check("expected value", 1.0 if score >= PASS - 1e-12 else score),))


def g5(
    beliefs: Mapping[str, float],
    cause: str | Collection[str],
    supported: int = 0,
    supports: int = 2,
) -> Ruling:
    """Diagnosis: half or more on the true cause, and two supporting numbers within tolerance.

    Below a half the belief earns by its log score: nothing at an even spread over all causes,
    three quarters just under a half. ``cause`` may be several, of which each is true.

    >>> g5({"stale": 0.6, "nothing": 0.4}, "stale", supported=2).passed
    True
    >>> five = dict.fromkeys("abcde", 0.2)
    >>> g5(five, "a")["belief"], round(g5(five | {"a": 0.4, "b": 0.0}, "a")["belief"], 2)
    (0.0, 0.57)
    """
    true = {cause} if isinstance(cause, str) else set(cause)
    total, n = sum(beliefs.values()), len(beliefs)
    belief = sum(beliefs.get(c, 0.0) for c in true) / total if total > 0 else 0.0
    even = len(true) / n if n else 1.0
    if belief >= 0.5 - 1e-12:
        share = 1.0
    elif belief <= even or even >= 0.5:
        share = 0.0
    else:
        share = 0.75 * math.log(belief / even) / math.log(0.5 / even)
    return Ruling("G5", (Check("belief", share), Check("support", min(1.0, supported / supports))))


def g7(log: Mapping[str, object], fields: Sequence[str] = LOG_FIELDS) -> Ruling:
    """Decision log: decision, rejected option, deciding number, trigger, owner, review date.

    A field counts if it says something that no field before it says; the number needs a digit,
    the review a date or a day. One missing field, and the log has not passed.

    >>> g7({"decision": "ship", "owner": "Ilse"}).failed
    ('rejected', 'number', 'trigger', 'review')
    """
    checks, before = [], set()
    for name in fields:
        given = log.get(name)
        text = "" if given is None else str(given).strip()
        plain = "".join(letter for letter in text.casefold() if letter.isalnum())
        filled = plain not in _EMPTY and plain not in before
        before.add(plain)
        if name == "number":
            filled = filled and any(letter.isdigit() for letter in text)
        elif name == "review":
            filled = filled and bool(_DAY.search(text))
        checks.append(Check(name, float(filled)))
    return Ruling("G7", tuple(checks))
