"""C5, router: which tier answers, and what an escalation costs in waiting.

A direct tier, an up-front router that sees difficulty through noise, or a cascade: the first tier
answers, and a second takes over where confidence is low. A cascade cannot stream its first pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.confidence import confidence_logit, recalibrated
from skillmap.lantern.luck import normal_and_uniform
from skillmap.lantern.tiers import READABLE, chances, token_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.index import RecallTable
    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.settings import Policy, Settings
    from skillmap.lantern.traffic import Questions
    from skillmap.lantern.updates import Behavior
    from skillmap.lantern.world import Tier, World

__all__ = ["Answers", "answer_with", "expected_seconds", "looks_easy", "route"]

JITTER = 0.25
"""Spread of the time to the first token, in logs."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One answer for each question, in columns.

    ``chance`` P(right | answered); ``right`` and ``abstains`` as drawn; ``score`` confidence on the
    logit scale; ``visible`` and ``hidden`` tokens; ``first`` seconds until something can be read
    and ``total`` seconds of model time, without any queue; ``dollars`` for written tokens and
    ``price_in`` dollars a million tokens read, summed over the calls made.
    """

    tier: NDArray[np.int8]
    chance: Floats
    right: Bools
    abstains: Bools
    score: Floats
    visible: Floats
    hidden: Floats
    first: Floats
    total: Floats
    dollars: Floats
    price_in: Floats


def answer_with(
    world: World,
    tier_number: int,
    day: int,
    *,
    q: Questions,
    table: RecallTable,
    shift: Floats,
    written: Floats | float,
    behavior: Behavior,
) -> Answers:
    """Let one tier answer every question of a day, from the tier's own stream."""
    tier: Tier = world.tiers[tier_number]
    n = len(q)
    normal, uniform = normal_and_uniform(world, "answers", tier.name, day, rows=3, n=n)
    bias = np.array([s.bias for s in world.segments], dtype=np.float32).take(q.segment)
    found = table.evidence_found.take(q.at)
    c = chances(
        tier,
        difficulty=q.difficulty,
        shift=shift,
        found=found,
        stale=table.stale.take(q.at),
        refusals=behavior.refusals,
    )
    visible, hidden = token_counts(tier, 1.0, normal[1], uniform[2])
    visible = visible * np.asarray(written, dtype=np.float32)
    price = behavior.price_factor
    start = np.float32(tier.ttft) * np.exp(np.float32(JITTER) * normal[2])
    return Answers(
        tier=np.full(n, tier_number, dtype=np.int8),
        chance=c.right,
        right=uniform[0] < c.right,
        abstains=uniform[1] < c.abstains,
        score=confidence_logit(c.believes, bias, normal[0]),
        visible=visible,
        hidden=np.broadcast_to(hidden, n),
        first=start + (hidden + np.float32(READABLE)) / np.float32(tier.speed),
        total=start + (visible + hidden) / np.float32(tier.speed),
        dollars=(visible + hidden) * np.float32(tier.price_out * price / 1e6),
        price_in=np.full(n, tier.price_in * price, dtype=np.float32),
    )


def looks_easy(world: World, policy: Policy, day: int, q: Questions) -> Bools:
    """Say for each question whether the up-front router takes it for an easy one."""
    noise = world.luck("router", day).standard_normal(len(q), dtype=np.float32)
    return np.asarray(q.difficulty + np.float32(world.router_noise) * noise < policy.bar)


def route(
    world: World,
    settings: Settings,
    day: int,
    *,
    q: Questions,
    table: RecallTable,
    behavior: Behavior,
    shift: Floats,
    hasty: Bools | None = None,
) -> Answers:
    """Return the answer that each person would see under the policy in force.

    ``hasty`` marks questions in a storm's window; the storm plan may shorten or downgrade them.
    """
    policy, plan = settings.policy, settings.storm_plan
    written: Floats | float = world.written_tokens * settings.answer_length * behavior.length
    if hasty is not None and plan == "short answers":
        written = np.where(hasty, np.float32(world.written_tokens * 0.3), np.float32(written))
    names = [tier.name for tier in world.tiers]

    def ask(name: str) -> Answers:
        return answer_with(
            world,
            names.index(name),
            day,
            q=q,
            table=table,
            shift=shift,
            written=written,
            behavior=behavior,
        )

    first = ask(policy.first)
    if hasty is not None and plan == "downgrade" and policy.first != "wren":
        first = _choose(hasty, ask("wren"), first)
    if policy.kind == "direct" and not policy.careful:
        return first
    careful = np.isin(q.segment, [int(name[1]) - 1 for name in policy.careful])
    if policy.kind == "direct":
        return _choose(careful, ask(policy.second), first) if careful.any() else first
    second = ask(policy.second)
    if policy.kind == "router":
        return _choose(looks_easy(world, policy, day, q) & ~careful, first, second)
    slope = np.array(settings.slopes, dtype=np.float32).take(q.segment)
    intercept = np.array(settings.intercepts, dtype=np.float32).take(q.segment)
    sure = recalibrated(first.score, slope, intercept) >= policy.bar
    stays = sure & ~first.abstains & ~careful
    whole = replace(first, first=first.total)
    both = replace(
        second,
        first=np.where(careful, second.first, first.total + second.first),
        total=np.where(careful, second.total, first.total + second.total),
        dollars=np.where(careful, second.dollars, first.dollars + second.dollars),
        price_in=np.where(careful, second.price_in, first.price_in + second.price_in),
    )
    return _choose(stays, whole, both)


def expected_seconds(world: World, tier: Tier, settings: Settings) -> float:
    """Seconds of model time that a tier takes on average for one answer."""
    written = world.written_tokens * settings.answer_length
    return tier.ttft + (written + tier.hidden_share * tier.hidden) / tier.speed


def _choose(mask: Bools, yes: Answers, no: Answers) -> Answers:
    return Answers(
        *(
            np.where(mask, getattr(yes, name), getattr(no, name))
            for name in Answers.__dataclass_fields__
        )
    )
