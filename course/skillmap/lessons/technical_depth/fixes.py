"""Fixes on offer for the suspected group: what each removes, and what it takes.

How often each cause strikes is for the learner's own sample to say. Memos round a pilot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from skillmap.lantern.confidence import NOISE
from skillmap.lantern.numbers import logit
from skillmap.lantern.tiers import READABLE, UNSEEN
from skillmap.lantern.world import MONTH
from skillmap.lessons.technical_depth.bench import DAY_ZERO_SETUP, measure
from skillmap.lessons.technical_depth.case import (
    BAR,
    NODES,
    PREFILL,
    WEIGHTS,
    Case,
    case,
    draft_right,
    leaving,
    sig,
)
from skillmap.worlds import per_world, stream

__all__ = ["FIXES", "KINDS", "Failures", "Fix", "failures", "fixes"]

KINDS = ("miss", "stale", "generation")
FIXES = {
    "glossary": "A glossary between people's words and ours",
    "dates": "A date filter, and the old texts out of the index",
    "condor": "Condor, the large model, for this group",
    "tune": "Fine-tune Heron on two thousand good answers",
}


@dataclass(frozen=True, slots=True)
class Failures:
    """Of one group: dollars of a failed draft by cause."""

    dollars: dict[str, float]


@dataclass(frozen=True, slots=True)
class Fix:
    """``removes``: share of the failures of each kind; ``dollars`` a month, waiting included."""

    removes: dict[str, float]
    dollars: float


@per_world
def failures(world: int) -> Failures:
    """Return what a failed draft of the suspected group costs under day 0, by cause.

    >>> sorted(failures(10).dollars)
    ['generation', 'miss', 'stale']
    """
    c = case(world)
    w, s = c.lantern, c.lantern.segments[c.position]
    heron, hand = w.tier("heron"), w.desk.hand_off
    bar = float(logit(np.array([BAR]))[0])
    right = draft_right(heron, s)
    shown = ndtr((heron.ability + s.shift - NODES + s.bias - bar) / NOISE)
    paid = shown * s.harm + (1 - shown) * hand
    wrong = float((WEIGHTS * (1 - right)).sum())
    blind = float(ndtr((float(logit(np.array([UNSEEN]))[0]) + s.bias - bar) / NOISE))
    guess = (1 - heron.abstains) * (1 - heron.lucky)
    missed = heron.abstains + guess
    return Failures(
        {
            "miss": sig(
                (heron.abstains * hand + guess * (blind * s.harm + (1 - blind) * hand)) / missed
            ),
            "stale": sig(float((WEIGHTS * paid).sum())),
            "generation": sig(float((WEIGHTS * (1 - right) * paid).sum()) / wrong),
        },
    )


@per_world
def fixes(world: int) -> dict[str, Fix]:
    """Return the fixes of a world, as their memo has them.

    >>> list(fixes(10)) == list(FIXES)
    True
    """
    c = case(world)
    w, s = c.lantern, c.lantern.segments[c.position]
    rng = stream(world, "technical-depth", "fixes")
    plain = measure(world, DAY_ZERO_SETUP)
    with_words = measure(world, replace(DAY_ZERO_SETUP, glossary=True))
    place = c.position
    found = with_words.found[place] - plain.found[place]
    recovered = max(0.0, found / max(plain.missed[place], 0.01))
    wrong = [float((WEIGHTS * (1 - draft_right(w.tier(t), s))).sum()) for t in ("heron", "condor")]
    monthly = c.daily * MONTH
    return {
        "glossary": Fix(
            {"miss": sig(recovered, 2), "stale": 0.0, "generation": 0.0},
            sig(c.prices.glossary / 100 * monthly + float(rng.uniform(1500, 4000)), 2),
        ),
        "dates": Fix(
            {"miss": 0.0, "stale": 0.95, "generation": 0.0},
            sig(c.prices.dates / 100 * monthly + float(rng.uniform(1000, 3000)), 2),
        ),
        "condor": Fix(
            {"miss": 0.0, "stale": 0.0, "generation": sig(1 - wrong[1] / wrong[0], 2)},
            sig(_condor_extra(c) * monthly * c.shares[place] + float(rng.uniform(500, 1500)), 2),
        ),
        "tune": Fix(
            {"miss": -0.05, "stale": 0.0, "generation": sig(float(rng.uniform(0.03, 0.09)), 1)},
            sig(float(rng.uniform(5000, 14_000)), 2),
        ),
    }


def _condor_extra(c: Case) -> float:
    """Dollars a question of Condor beside Heron: tokens, and people who leave while it thinks."""
    w = c.lantern
    read = measure(c.world, DAY_ZERO_SETUP).tokens + w.serving.prefix + 360
    bills, waits = [], []
    for name in ("heron", "condor"):
        t = w.tier(name)
        hidden = t.hidden * t.hidden_share
        bills.append((read * t.price_in + (w.written_tokens + hidden) * t.price_out) / 1e6)
        first = t.ttft + read / PREFILL
        plain = leaving(w, first + READABLE / t.speed, (c.position,))
        thought = leaving(w, first + (t.hidden + READABLE) / t.speed, (c.position,))
        waits.append((1 - t.hidden_share) * plain + t.hidden_share * thought)
    return bills[1] - bills[0] + (waits[1] - waits[0]) * w.desk.hand_off
