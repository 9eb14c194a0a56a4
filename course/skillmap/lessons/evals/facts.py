"""What the PM of one world is told in the Evals module. Nothing here is hidden truth."""

from __future__ import annotations

from skillmap.lantern.world import SEGMENT_NAMES, SEGMENT_TITLES, parameters
from skillmap.lessons.evals.cases import around, claims, noticing, sizing, yearly
from skillmap.lessons.evals.desk import ODDS_OTHER, ODDS_SUSPECT
from skillmap.lessons.evals.gates import GATE_TEXTS, gates
from skillmap.lessons.evals.samples import (
    BUDGET,
    CHECKED,
    LEAST,
    READ_BY_JUDGE,
    SCORED,
    answers_in_trial,
    judge_passes,
    suspect,
)
from skillmap.worlds import per_world, stream

__all__ = ["TITLES", "facts"]

TITLES = dict(zip(SEGMENT_NAMES, SEGMENT_TITLES, strict=True))
"""Each group in a word or two."""


@per_world
def facts(world: int) -> dict[str, str | float]:
    """Return the learner-visible numbers of a world by name; prompts quote them.

    >>> facts(10)["suspect"], facts(10)["pilot"]
    ('S3', '27 of 36')
    """
    return {**_trial(world), **_sizing(world), **_noticing(world), **_yearly(world),
            **_claims(world)}  # fmt: skip


def _trial(world: int) -> dict[str, str | float]:
    w = parameters(world)
    doubted = suspect(world)
    found: dict[str, str | float] = {
        "suspect": doubted,
        "suspect_title": TITLES[doubted],
        "pilot": f"{w.pilot.right} of {w.pilot.n}",
        "label_price": f"{w.reviewers.label_cost:.2f}",
        "noise": f"{100 * w.reviewers.noise:.1f}",
        "budget": str(BUDGET),
        "least": str(LEAST),
        "checked": str(CHECKED),
        "scored": str(SCORED),
        "judge_read": f"{READ_BY_JUDGE:,}",
        "judge_passed": f"{judge_passes(world):,}",
        "odds_suspect": f"{100 * ODDS_SUSPECT:.0f}",
        "odds_other": f"{100 * ODDS_OTHER:.0f}",
        "hand_off": f"{w.desk.hand_off:.2f}",
        "would_call": f"{100 * w.desk.would_call:.0f}",
        "questions": f"{w.scale.questions:,.0f}",
        "reviewers": str(w.reviewers.people),
    }
    found |= {f"gate_{k}": GATE_TEXTS[name] for k, name in enumerate(gates(world), start=1)}
    counts = answers_in_trial(world)
    for segment, n in zip(w.segments, counts, strict=True):
        found[f"title_{segment.name}"] = TITLES[segment.name]
        found[f"answers_{segment.name}"] = f"{n:,}"
        found[f"share_{segment.name}"] = f"{100 * n / sum(counts):.1f}"
        found[f"harm_{segment.name}"] = f"{segment.harm:.2f}"
    return found


def _sizing(world: int) -> dict[str, str | float]:
    case = sizing(world)
    rng = stream(world, "evals", "sizing", "memo")
    share, price = around(rng, case.smallest, 1.06, 1.2), around(rng, case.price, 1.1, 1.3)
    return {
        "size_right": f"{100 * case.p:.0f}",
        "size_half": f"{100 * case.half:g}",
        "size_share_low": f"{100 * share[0]:.1f}",
        "size_share_high": f"{100 * share[1]:.1f}",
        "size_price_low": f"{price[0]:.2f}",
        "size_price_high": f"{price[1]:.2f}",
        "size_budget": f"{case.budget:,.0f}",
    }


def _noticing(world: int) -> dict[str, str | float]:
    case = noticing(world)
    return {
        "notice_error": f"{100 * case.error:.0f}",
        "notice_drop": f"{100 * case.drop:g}",
        "notice_labels": str(case.labels),
        "notice_window": str(case.window),
    }


def _yearly(world: int) -> dict[str, str | float]:
    case = yearly(world)
    rng = stream(world, "evals", "yearly", "memo")
    found: dict[str, str | float] = {
        "year_labels": str(case.labels),
        "year_wage": f"{case.wage:.0f}",
        "year_answers": f"{case.answers:,.0f}",
        "year_drop": f"{100 * case.drop:g}",
        "year_sooner": str(case.sooner),
        "year_regressions": f"{case.regressions:g}",
    }
    for name, value, digits in (
        ("minutes", case.minutes, 2),
        ("acted", 100 * case.acted, 2),
        ("harm", case.harm, 2),
    ):
        low, high = around(rng, value, 1.08, 1.25)
        found[f"year_{name}_low"] = f"{low:.{digits}g}"
        found[f"year_{name}_high"] = f"{high:.{digits}g}"
    return found


def _claims(world: int) -> dict[str, str | float]:
    case = claims(world)
    return {
        "claim_n": str(case.n),
        "claim_passed": str(case.passed),
        "claim_tries": str(case.tries),
        "claim_bound": f"{100 * case.bound:g}",
        "claim_harm": f"{case.harm:.2f}",
    }
