"""Stream or wait: four kinds of text, a checker that needs the whole text, and who saw what.

Log rows are drawn; percentiles are those of the log that the learner reads. All costs invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.help_center import SEGMENTS
from skillmap.lantern.tiers import READABLE
from skillmap.lessons.technical_depth.case import case, leaving, sig
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["KINDS", "PROGRESS", "ROWS", "WAYS", "Kind", "exposed", "kinds", "left_of", "log",
           "perceived"]  # fmt: skip

ROWS = 400
WAYS = {
    "stream": "Stream as it is written",
    "whole": "Whole after the check, progress shown",
    "mixed": "Facts whole after their check, the rest streams",
}
PROGRESS = 1.7
"""How many times as long people wait while progress is shown. Stylized."""
TIER_OF = {"prose": "heron", "money": "heron", "action": "condor", "reason": "condor"}
KINDS = {
    "prose": "Ask: how something works",
    "money": "Ask: what you get back",
    "action": "Rebook: the booking it makes",
    "reason": "Rebook: the explanation after it",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of text: texts a day, tokens, share retracted by the checker, cost of being seen.

    ``acts``: share of those who read a retracted sentence and act on it before it is gone.
    ``facts``: share of the text (its facts) that ``mixed`` holds back until checked.
    ``people``: groups who read it.
    """

    key: str
    daily: float
    tokens: float
    retracted: float
    acts: float
    harm: float
    facts: float
    leave_cost: float
    people: tuple[int, ...]


@per_world
def kinds(world: int) -> dict[str, Kind]:
    """Return the four kinds of a world.

    >>> list(kinds(10))
    ['prose', 'money', 'action', 'reason']
    """
    c = case(world)
    w = c.lantern
    rng = stream(world, "technical-depth", "streams")
    u = rng.uniform
    rebook = w.scale.sessions / 30
    everyone = tuple(range(len(SEGMENTS)))
    share = 0.14 if world == HOUSE else float(u(0.10, 0.2))
    rate = 0.02 if world == HOUSE else float(u(0.010, 0.030))
    return {
        "prose": Kind("prose", sig(c.daily * 0.9 * (1 - share), 2), w.written_tokens,
                      sig(rate * float(u(0.3, 0.8)), 2), sig(float(u(0.02, 0.1)), 2),
                      sig(float(u(4, 12)), 2), sig(float(u(0.3, 0.6)), 1), w.desk.hand_off,
                      everyone),
        "money": Kind("money", sig(c.daily * 0.9 * share, 2), w.written_tokens * 0.8,
                      sig(rate, 2), sig(float(u(0.2, 0.6)), 2), sig(float(u(30, 90)), 2),
                      sig(float(u(0.2, 0.5)), 1), w.desk.hand_off, everyone),
        "action": Kind("action", sig(rebook, 2), w.notes.rebook_written,
                       sig(rate, 2), sig(float(u(0.5, 0.9)), 2), sig(float(u(40, 140)), 2),
                       0.9, sig(w.desk.hand_off * 1.6, 3), (0, 1, 2, 4)),
        "reason": Kind("reason", sig(rebook, 2), w.notes.rebook_written * 1.3,
                       sig(rate * float(u(0.3, 0.8)), 2), sig(float(u(0.02, 0.08)), 2),
                       sig(float(u(5, 15)), 2), sig(float(u(0.3, 0.6)), 1),
                       sig(w.desk.hand_off * 1.2, 3), (0, 1, 2, 4)),
    }  # fmt: skip


@per_world
def log(world: int) -> DataFrame:
    """Return 400 rows of the serving log for each kind: seconds and tokens, raw.

    >>> list(log(10).columns)
    ['kind', 'first', 'hidden', 'tokens', 'per_token', 'check']
    """
    import pandas as pd

    c = case(world)
    frames = []
    for key, kind in kinds(world).items():
        tier = c.lantern.tier(TIER_OF[key])
        rng = stream(world, "technical-depth", "log", key)
        think = tier.hidden if tier.hidden_share else 0.0
        thinks = rng.random(ROWS) < tier.hidden_share
        spread = rng.uniform(0.5, 1.5, ROWS)
        frames.append(
            pd.DataFrame(
                {
                    "kind": key,
                    "first": np.round(tier.ttft * np.exp(rng.normal(0, 0.35, ROWS)), 2),
                    "hidden": np.round(think * thinks * spread).astype(int),
                    "tokens": np.maximum(
                        np.round(kind.tokens * np.exp(rng.normal(-0.06, 0.4, ROWS))), READABLE
                    ).astype(int),
                    "per_token": np.round(np.exp(rng.normal(0, 0.12, ROWS)) / tier.speed, 4),
                    "check": np.round(rng.gamma(4, 0.25, ROWS), 2),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


@per_world
def perceived(world: int, kind: str, way: str) -> tuple[float, ...]:
    """Seconds until something that stays can be read, for each row of the log.

    Streamed: first token, then hidden tokens and about 40 visible ones. Whole: everything
    and the check. Mixed: the facts are written first, checked and shown at once.

    >>> fast, slow = (sum(perceived(10, "prose", way)) for way in ("stream", "whole"))
    >>> fast < slow
    True
    """
    rows = log(world)
    rows = rows[rows["kind"] == kind]
    share = kinds(world)[kind].facts
    visible = {
        "stream": np.full(len(rows), float(READABLE)),
        "whole": rows["tokens"].to_numpy(dtype=float),
        "mixed": np.maximum(share * rows["tokens"].to_numpy(dtype=float), READABLE),
    }[way]
    waits = rows["first"] + (rows["hidden"] + visible) * rows["per_token"]
    if way != "stream":
        waits = waits + rows["check"] * (share if way == "mixed" else 1.0)
    return tuple(float(x) for x in waits)


def exposed(kind: Kind, way: str) -> float:
    """People a day who see text that the checker takes back.

    Three in four retractions concern the facts of a text; mixed holds those back.
    """
    return kind.daily * kind.retracted * {"stream": 1.0, "whole": 0.0, "mixed": 0.25}[way]


@per_world
def left_of(world: int, kind: str, way: str) -> float:
    """Share of people who leave and phone while they wait; progress makes them wait longer."""
    c, k = case(world), kinds(world)[kind]
    patient = PROGRESS if way == "whole" else 1.0
    waits = np.array(perceived(world, kind, way)) / patient
    return float(np.mean([leaving(c.lantern, wait, k.people) for wait in waits]))
