"""C3, model tiers: simulated generation. Retrieval is real; whether an answer is right is drawn.

P(right | evidence) = σ(ability - difficulty + shift). An outdated passage is answered right 3% of
the time, and no passage leads to an abstention or a lucky guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.numbers import logit, sigmoid

if TYPE_CHECKING:
    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.world import Tier

__all__ = ["HISTORY_TOKENS", "QUESTION_TOKENS", "READABLE", "STALE_RIGHT", "Chances", "chances"]

STALE_RIGHT = 0.03
"""P(right) when the prompt's first rule is an outdated one."""
READABLE = 40
"""Tokens that have to appear before a person has something to read."""
HISTORY_TOKENS, QUESTION_TOKENS = 300, 60
UNSEEN = 0.45
"""What a model believes of its answer when nothing useful was retrieved."""


@dataclass(frozen=True, slots=True)
class Chances:
    """For each question: P(right | answered), P(abstains), and what the model itself believes."""

    right: Floats
    abstains: Floats
    believes: Floats


def chances(
    tier: Tier,
    *,
    difficulty: Floats,
    shift: Floats,
    found: Bools,
    stale: Bools,
    refusals: float = 0.0,
    missed: float = 0.08,
) -> Chances:
    """Return the chances of one tier; arrays broadcast against each other.

    ``shift`` logits of segment, style, update and distraction together. ``refusals`` is a change
    in the overall share of abstentions: more of them hit everyone, fewer come off the questions
    without evidence, which are a share ``missed`` of all.
    """
    odds = np.float32(tier.ability) - difficulty + shift
    seen = sigmoid(odds)
    outdated = stale
    held = found | stale
    right = np.where(
        held, np.where(outdated, np.float32(STALE_RIGHT), seen), np.float32(tier.lucky)
    )
    without = float(np.clip(tier.abstains + min(refusals, 0.0) / max(missed, 0.01), 0.05, 1.0))
    extra = max(refusals, 0.0)
    abstains = np.where(held, np.float32(extra), np.float32(without + extra * (1 - without)))
    believes = np.where(held, odds, np.float32(logit(np.array(UNSEEN))))
    return Chances(right, abstains, believes)


def token_counts(
    tier: Tier, written: float, noise: Floats, thought: Floats
) -> tuple[Floats, Floats]:
    """Return visible and hidden tokens: ``noise`` is standard normal, ``thought`` uniform."""
    visible = np.float32(written) * np.exp(np.float32(0.35) * noise - np.float32(0.06))
    if not tier.hidden:
        return visible, np.zeros(1, dtype=np.float32)
    thinks = thought < tier.hidden_share
    spread = 0.5 + thought / max(tier.hidden_share, 1e-6)
    return visible, np.where(thinks, np.float32(tier.hidden) * spread, np.float32(0.0))
