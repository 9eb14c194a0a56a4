"""The case of one world: prices of a found and of a missed question, and what exercises ask.

Invented for this course. Prices of questions are expectations under day-0 settings (Heron, one
threshold of .60), rounded as a finance team would round them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtr

from skillmap.lantern.confidence import NOISE
from skillmap.lantern.help_center import SEGMENTS
from skillmap.lantern.numbers import logit
from skillmap.lantern.people import LEAVERS_PHONE, leave_chance
from skillmap.lantern.tiers import READABLE, STALE_RIGHT, UNSEEN
from skillmap.lantern.world import MONTH, parameters
from skillmap.lessons.technical_depth.bench import suspect
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from skillmap.lantern.world import Segment, Tier, World

__all__ = ["Case", "Exercise", "PriceList", "case", "sig"]

NODES = np.linspace(-4.5, 4.5, 37)
WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()
BAR = 0.60
"""Day-0 threshold of confidence, for every group."""
PREFILL = 9_000.0
"""Prompt tokens a second that a model reads before its first word. Invented."""
STEP = 0.05
"""Logit that one irrelevant passage beyond three takes; as in Lantern."""


def sig(value: float, digits: int = 3) -> float:
    """Round to significant digits, as a memo would.

    >>> sig(1234.5), sig(0.012345, 2)
    (1230.0, 0.012)
    """
    return float(f"{value:.{digits}g}")


@dataclass(frozen=True, slots=True)
class PriceList:
    """Dollars a question by group (S1 to S5), and what a prompt costs.

    ``passage``: cents for one irrelevant passage beyond three; ``tokens``: cents for a thousand
    prompt tokens, waiting included; ``glossary`` and ``dates``: cents a question of upkeep;
    ``whole``: cents a question for the whole help center from the cache; ``long``: cents a
    question that the long prompt costs in wrong answers; ``budget``: retrieved tokens at most.
    """

    found: tuple[float, ...]
    outdated: tuple[float, ...]
    missed: tuple[float, ...]
    passage: float
    tokens: float
    glossary: float
    dates: float
    whole: float
    long: float
    long_drop: float
    budget: int


@dataclass(frozen=True, slots=True)
class Exercise:
    """Numbers of the three estimation exercises."""

    system: int
    history: int
    query: int
    k: int
    passage: int
    tokenizer: float
    language: float
    reserve: float
    steps: int
    success: float
    caught: float
    target: float
    author: float
    review: float
    reindex: float
    bound: float
    pace: float
    cache: float
    affected: float
    outdated_share: float
    outdated_cost: float
    switch_cost: float
    send_cost: float


@dataclass(frozen=True, slots=True)
class Case:
    """One world of this module."""

    world: int
    lantern: World
    group: str
    daily: float
    prices: PriceList
    exercise: Exercise

    @property
    def position(self) -> int:
        """The suspected group's place among S1 to S5."""
        return SEGMENTS.index(self.group)

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of Ask questions by group."""
        return tuple(s.share for s in self.lantern.segments)


@per_world
def case(world: int) -> Case:
    """Return the case of a world.

    >>> c = case(10)
    >>> c.group, round(c.daily)
    ('S3', 14000)
    """
    w = parameters(world)
    return Case(
        world,
        w,
        suspect(world),
        w.scale.questions / MONTH,
        _prices(world, w),
        _exercise(world, w),
    )


def draft_right(tier: Tier, segment: Segment, shift: float = 0.0) -> np.ndarray:
    """Chance of a right draft at each difficulty, with the evidence at hand."""
    return np.asarray(expit(tier.ability + segment.shift + shift - NODES), dtype=float)


def question_costs(
    w: World, segment: Segment, tier: Tier, shift: float = 0.0
) -> tuple[float, float, float]:
    """Return dollars of a question whose evidence was found, outdated, or missed."""
    bar, h, hand = float(logit(np.array([BAR]))[0]), segment.harm, w.desk.hand_off
    odds = tier.ability + segment.shift + shift - NODES
    shown = ndtr((odds + segment.bias - bar) / NOISE)
    right = draft_right(tier, segment, shift)
    found = float((WEIGHTS * (shown * (1 - right) * h + (1 - shown) * hand)).sum())
    late = float((WEIGHTS * (shown * (1 - STALE_RIGHT) * h + (1 - shown) * hand)).sum())
    blind = float(ndtr((float(logit(np.array([UNSEEN]))[0]) + segment.bias - bar) / NOISE))
    guess = blind * (1 - tier.lucky) * h + (1 - blind) * hand
    missed = tier.abstains * hand + (1 - tier.abstains) * guess
    return found, late, missed


def _prices(world: int, w: World) -> PriceList:
    rng = stream(world, "technical-depth", "prices")
    heron = w.tier("heron")
    rows = [question_costs(w, s, heron) for s in w.segments]
    shares = np.array([s.share for s in w.segments])
    step = [question_costs(w, s, heron, -STEP)[0] for s in w.segments]
    passage = float((shares * (np.array(step) - np.array([r[0] for r in rows]))).sum())
    drop = 0.35 if world == HOUSE else float(rng.uniform(0.05, 0.6))
    far = [question_costs(w, s, heron, -drop)[0] for s in w.segments]
    long = float((shares * (np.array(far) - np.array([r[0] for r in rows]))).sum())
    wait = heron.ttft + READABLE / heron.speed
    waited = float(leaving(w, wait + 1000 / PREFILL) - leaving(w, wait)) * w.desk.hand_off
    daily = w.scale.questions / MONTH
    corpus = 36_000
    hit = float(rng.uniform(0.75, 0.95))
    cached = corpus * heron.price_in / 1e6 * (hit * 0.1 + (1 - hit) * 1.25)
    return PriceList(
        found=tuple(sig(r[0]) for r in rows),
        outdated=tuple(sig(r[1]) for r in rows),
        missed=tuple(sig(r[2]) for r in rows),
        passage=sig(100 * passage, 2),
        tokens=sig(100 * (heron.price_in / 1000 + waited), 2),
        glossary=sig(100 * float(rng.uniform(150, 450)) / daily, 2),
        dates=sig(100 * float(rng.uniform(120, 380)) / daily, 2),
        whole=sig(100 * (cached + 1.5 * waited), 2),
        long=sig(100 * long, 2),
        long_drop=drop,
        budget=int(rng.integers(20, 37)) * 100,
    )


def leaving(w: World, wait: float, groups: tuple[int, ...] = (0, 1, 2, 3, 4)) -> float:
    """Share of people who leave before they can read, and phone, at a perceived wait in seconds."""
    shares = np.array([w.segments[g].share for g in groups])
    patience = np.array([w.segments[g].patience for g in groups])
    gone = leave_chance(np.full(len(groups), wait), patience)
    return float((shares * gone).sum() / shares.sum()) * LEAVERS_PHONE


def _exercise(world: int, w: World) -> Exercise:
    if world == HOUSE:
        return Exercise(
            system=1400, history=300, query=60, k=5, passage=220, tokenizer=1.35, language=1.6,
            reserve=620.0, steps=8, success=0.98, caught=0.6, target=0.95, author=2.0, review=3.0,
            reindex=0.75, bound=0.02, pace=40.0, cache=1.0, affected=450.0, outdated_share=0.25,
            outdated_cost=24.0, switch_cost=420.0, send_cost=2.4,
        )  # fmt: skip
    rng = stream(world, "technical-depth", "exercise")
    u = rng.uniform
    return Exercise(
        system=w.serving.prefix,
        history=int(u(200, 420)),
        query=int(u(45, 90)),
        k=int(rng.integers(3, 8)),
        passage=int(u(160, 320)),
        tokenizer=round(float(u(1.15, 1.45)), 2),
        language=round(float(u(1.3, 2.1)), 1),
        reserve=sig(float(u(0.55, 1.7)) * w.scale.questions * w.scale.calls_per_question * 0.3
                    * (w.serving.prefix + 1600) * w.tier("heron").price_in / 1e6, 2),
        steps=int(rng.integers(5, 11)),
        success=round(float(u(0.965, 0.992)), 3),
        caught=round(float(u(0.45, 0.8)), 2),
        target=round(float(u(0.93, 0.97)), 2),
        author=round(float(u(0.6, 7.0)), 1),
        review=round(float(u(1.0, 12.0)), 1),
        reindex=round(float(u(0.5, 1.5)), 2),
        bound=round(float(u(0.012, 0.04)), 3),
        pace=round(float(u(15, 90))),
        cache=float(rng.choice([0.1, 1.0, 4.0, 12.0, 24.0])),
        affected=sig(float(u(250, 700)), 2),
        outdated_share=round(float(u(0.12, 0.4)), 2),
        outdated_cost=sig(float(u(14, 40)), 2),
        switch_cost=sig(float(u(300, 3000)), 2),
        send_cost=sig(w.desk.hand_off * 0.35, 2),
    )  # fmt: skip
