"""The card a learner takes away: their own numbers, named as coming from a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.lantern import parameters
from skillmap.lessons.cost_latency_routing.bench import DAY_ZERO_BAR, POLICIES, by_group, measure
from skillmap.lessons.cost_latency_routing.facts import facts
from skillmap.lessons.cost_latency_routing.labs import POLICY_NAMES, group_rows
from skillmap.lessons.exhibits import Card

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["evidence_card"]

_OPEN = "not answered yet"


def _number(value: Any, form: str) -> str:
    return form.format(value) if isinstance(value, int | float) else _OPEN


def _chosen(part: str, values: Mapping[str, Any], world: int) -> str:
    """Write a chosen option in the words that the learner saw."""
    from skillmap.lessons import fill, lesson

    options = getattr(lesson("cost-latency-routing").prompt(part), "options", {})
    key = values.get(part)
    return fill(options[key], facts(world)) if key in options else _OPEN


def _row(value: Any, *columns: str) -> str:
    for row in value if isinstance(value, list) else []:
        if isinstance(row, dict) and all(row.get(name) for name in columns):
            return ", ".join(str(row[name]) for name in columns)
    return _OPEN


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) and value.strip() else _OPEN


def evidence_card(world: int, values: Mapping[str, Any]) -> Card:
    """Fill the card from answers by part id.

    >>> print(evidence_card(10, {"cl.l2.policy": "heron"}).lines[2][1])
    Heron answers everything: $2.62 a question on the bench
    """
    f, w = facts(world), parameters(world)
    policy = values.get("cl.l2.policy")
    route = _OPEN
    if isinstance(policy, str) and policy in POLICIES:
        m = measure(world, POLICIES[policy], w.thresholds)
        route = f"{POLICY_NAMES[policy]}: ${m.total:.2f} a question on the bench"
    setting = group_rows(values.get("cl.l2.groups"))
    own = _OPEN
    if setting is not None:
        now = by_group(world, *setting)
        before = measure(world, POLICIES["heron"], (DAY_ZERO_BAR,) * 5)
        groups = "; ".join(
            f"{s.title} {tier.title()} from {bar:g}"
            for s, tier, bar in zip(w.segments, *setting, strict=True)
        )
        own = (
            f"{groups}. ${now.total:.2f} a question against ${before.total:.2f} on day 0; "
            f"${now.total / now.right_and_acted:.2f} a right-and-acted answer"
        )
    guess = _number(values.get("cl.predict.share"), "{:g} percent")
    share = _number(values.get("cl.l1.share"), "{:.3g} percent")
    slow = _number(values.get("cl.l3.slow"), "{:.3g} s")
    veto = _number(values.get("cl.l2.veto"), "${:.2f} of harm a question")
    return Card(
        "Cost, latency and routing on Lantern, a simulated product",
        (
            ("Model's share of what a question costs", f"guessed {guess}, worked out {share}"),
            ("Cheapest right-and-acted answer", _chosen("cl.l1.cheapest", values, world)),
            ("Routing", route),
            ("Veto", f"{veto}, {_chosen('cl.l2.veto-group', values, world)}"),
            ("By group", own),
            ("Saved a month, all costs", _number(values.get("cl.l2.saving"), "${:,.0f}")),
            (
                "Storm",
                f"{f['storm_worst']:g} times the busy hour on {f['slots']} slots; p95 predicted at "
                f"the first level {slow}; plan {_row(values.get('cl.l3.plan'), 'order', 'give')}",
            ),
            ("Slots reserved", _chosen("cl.e3.decision", values, world)),
            ("Notes", _row(values.get("cl.l4.plan"), "tier", "mode", "length")),
            ("Rebook plan", _chosen("cl.e2.decision", values, world)),
            ("What would reverse it", _text(values.get("cl.log.trigger"))),
        ),
    )
