"""What is right in one world of Cost, latency and routing. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read).
Decisions are worth expected values; what the bench and the storm show a learner are samples.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

import skillmap
from skillmap.bank import question
from skillmap.errors import AuthoringError
from skillmap.estimation import Chain, Factor, Unit, between
from skillmap.grading.keys import shared_solver
from skillmap.lantern.confidence import NOISE
from skillmap.lantern.settings import CACHES, Policy, Settings
from skillmap.lantern.surfaces import note_dollars, rebook_dollars
from skillmap.lantern.traffic import cell_segments, is_disruption, rates
from skillmap.lantern.world import MONTH, SEGMENT_NAMES, SEGMENT_TITLES, TIERS, parameters
from skillmap.lessons.cost_latency_routing.bench import (
    DAY_ZERO_BAR,
    POLICIES,
    by_group,
    measure,
)
from skillmap.lessons.cost_latency_routing.case import HOURS, Case, case
from skillmap.lessons.cost_latency_routing.facts import SIZES, facts
from skillmap.lessons.cost_latency_routing.notes import LENGTHS, MODES, NoteMonth, note_month
from skillmap.lessons.cost_latency_routing.storm import (
    GIVES,
    ORDERS,
    Watched,
    first_hour,
    labeled,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

__all__ = ["reference_answers", "references", "worked"]


def _shared(name: str) -> ModuleType:
    """Load a shared solver; a copy of this folder elsewhere finds the course by the library."""
    try:
        return shared_solver(name, near=__file__)
    except AuthoringError:
        return shared_solver(name, near=skillmap.__file__)


lantern_value = _shared("lantern_value")

TIE = 0.02
"""Dollars a question: differences below this count as none."""
GRID = tuple(round(0.02 * k, 2) for k in range(10, 50))
WRITTEN = ("cl.q1", "cl.q5", "cl.q6", "cl.q12")


def _tidy(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")


# --- expected values of Ask -----------------------------------------------------------------------


@lru_cache(maxsize=4096)
def cost_of_route(world: int, policy: Policy, bars: tuple[float, ...]) -> tuple[float, ...]:
    """Expected dollars of one question in each group, all costs."""
    seen = lantern_value.ask_value(parameters(world), Settings(policy=policy, thresholds=bars))
    return tuple(float(x) for x in seen.cost)


def harm_of_route(world: int, policy: Policy, bars: tuple[float, ...]) -> tuple[float, ...]:
    """Expected dollars of harm in one question of each group."""
    w = parameters(world)
    seen = lantern_value.ask_value(w, Settings(policy=policy, thresholds=bars))
    pairs = zip(seen.answered * seen.error, w.segments, strict=True)
    return tuple(float(wrong) * s.harm for wrong, s in pairs)


def kinds_of_answer(world: int, tier: str, bar: float) -> tuple[Any, Any]:
    """Expected shares answered and answered wrong: five groups by everyday and disruption."""
    w = parameters(world)
    at = lantern_value.settled_day(w)
    chosen = lantern_value._tiers(world, at, Settings())[0][TIERS.index(tier)]
    said = (1 - chosen.abstains) * ndtr((chosen.mean - log(bar / (1 - bar))) / NOISE)
    weight = rates(w, at)[0]
    kind = 2 * cell_segments().astype(int) + is_disruption().astype(int)
    whole = np.bincount(kind, weights=weight, minlength=10)

    def by_kind(values: Any) -> Any:
        rows = weight * (values * lantern_value._WEIGHTS[None, :]).sum(axis=1)
        return (np.bincount(kind, weights=rows, minlength=10) / whole).reshape(5, 2)

    return by_kind(said), by_kind(said * (1 - chosen.right))


# --- L1, ledger -----------------------------------------------------------------------------------


def call_dollars(c: Case, tier: str) -> float:
    """One call without a cache, from the token sheet as the learner reads it."""
    f = facts(c.world.id)
    read = sum(float(f[k]) for k in ("read_prefix", "read_found", "read_talk", "read_question"))
    written = float(f["written"]) + float(f[f"hidden_{tier}"])
    return (read * float(f[f"price_{tier}"]) + written * float(f[f"price_{tier}_out"])) / 1e6


def ledger(c: Case) -> dict[str, dict[str, float]]:
    """Cents a call, model cents and all dollars for a right-and-acted answer, by tier."""
    f = facts(c.world.id)
    found = {}
    for tier in TIERS:
        each = call_dollars(c, tier)
        model = 1000 * float(f["calls_per_question"]) * each
        all_of_it = (
            model + float(f[f"contacts_{tier}"]) * float(f["hand_off"]) + float(f[f"harmed_{tier}"])
        )
        acted = float(f[f"rar_{tier}"])
        found[tier] = {
            "call": 100 * each,
            "rar": 100 * model / acted,
            "whole": all_of_it / acted,
            "share": 100 * model / all_of_it,
        }
    return found


def even_rate(c: Case) -> tuple[float, float]:
    """Hit rate in percent, and questions an hour, at which a five-minute cache breaks even."""
    hit = (c.cache.write - 1) / (c.cache.write - c.cache.back)
    return 100 * hit, -log(1 - hit) * c.cache.streams * 12


def ttl_month(c: Case, rows: Any) -> float:
    """Dollars a month that a time to live by stretch saves against no cache, on Heron."""
    w = c.world
    chosen = {row["row"]: row["ttl"] for row in rows}
    tokens = w.serving.prefix * w.scale.calls_per_question * w.tier("heron").price_in / 1e6
    return sum(
        4 * MONTH * rate * tokens * (1 - c.cache.factor(rate, chosen[name]))
        for name, rate in zip(HOURS, c.hours, strict=True)
    )


def best_ttl(c: Case) -> dict[str, str]:
    """The best time to live for each stretch."""
    return {
        name: min(CACHES, key=lambda ttl: c.cache.factor(rate, ttl))
        for name, rate in zip(HOURS, c.hours, strict=True)
    }


def _ttl_rows(chosen: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"row": name, "ttl": ttl} for name, ttl in chosen.items()]


def _ttl(c: Case) -> dict[str, Any]:
    best = _ttl_rows(best_ttl(c))
    top = ttl_month(c, best)
    alike = [ttl_month(c, _ttl_rows(dict.fromkeys(HOURS, ttl))) for ttl in CACHES]
    usual = max(alike)  # one setting around the clock; what is asked is to choose by stretch
    if top - usual < 0.02 * abs(top) + 2.0:  # one setting is right: the next best is the floor
        usual = max((value for value in alike if value < top - 2.0), default=top - 5.0)
    return {"value": lambda rows: ttl_month(c, rows), "best": top, "default": usual, "at": best}


# --- L2, frontier ---------------------------------------------------------------------------------


def route_total(c: Case, policy: str, bars: tuple[float, ...]) -> float:
    """Expected dollars of a question over all groups."""
    costs = cost_of_route(c.world.id, POLICIES[policy], bars)
    share = measure(c.world.id, POLICIES["heron"], c.world.thresholds).share
    return float(sum(x * s for x, s in zip(costs, share, strict=True)))


def policies(c: Case) -> dict[str, Any]:
    """Each policy at 1 - H/h, as worth: minus dollars a question."""
    values = {name: -route_total(c, name, c.world.thresholds) for name in POLICIES}
    top = max(values.values())
    default = "heron"
    if top - values["heron"] < TIE:  # Heron is right: the second best direct tier is the floor
        default = max(("wren", "condor"), key=lambda name: values[name])
    return {"values": values, "default": default}


def own_total(c: Case, rows: Any) -> float:
    """Expected dollars of a question with a tier and a bar for each group."""
    share = measure(c.world.id, POLICIES["heron"], c.world.thresholds).share
    chosen = {row["row"]: row for row in rows}
    total = 0.0
    for at, group in enumerate(SEGMENT_NAMES):
        bar = min(1.0, max(0.0, round(float(chosen[group]["bar"]), 3)))
        tier = chosen[group]["tier"]
        total += share[at] * cost_of_route(c.world.id, POLICIES[tier], (bar,) * 5)[at]
    return float(total)


@lru_cache(maxsize=64)
def best_groups(world: int) -> tuple[tuple[str, float], ...]:
    """The cheapest tier and bar for each group, on a grid of bars."""
    found = []
    table = {
        (tier, bar): cost_of_route(world, POLICIES[tier], (bar,) * 5)
        for tier in TIERS
        for bar in GRID
    }
    for at in range(5):
        found.append(min(table, key=lambda choice: table[choice][at]))
    return tuple(found)


def _group_rows(chosen: Any) -> list[dict[str, Any]]:
    return [
        {"row": g, "tier": tier, "bar": bar}
        for g, (tier, bar) in zip(SEGMENT_NAMES, chosen, strict=True)
    ]


def _own(c: Case) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def groups(answers: Mapping[str, Any]) -> dict[str, Any]:
        best = _group_rows(best_groups(c.world.id))
        return {
            "value": lambda rows: -own_total(c, rows),
            "best": -own_total(c, best),
            "default": -own_total(c, _group_rows([("heron", DAY_ZERO_BAR)] * 5)),
            "at": best,
        }

    return groups


def _cost(c: Case) -> Callable[[Mapping[str, Any]], float]:
    """All costs of a question under the learner's policy, recomputed on the bench's sample."""

    def cost(answers: Mapping[str, Any]) -> float:
        return measure(c.world.id, POLICIES[answers["policy"]], c.world.thresholds).total

    return cost


def veto_room(c: Case, policy: str, group: str) -> tuple[float, float] | None:
    """Limits between which a veto lets the policy pass and stops another one; from the bench."""
    harm = {
        name: measure(c.world.id, p, c.world.thresholds).of(group, "harm")
        for name, p in POLICIES.items()
    }
    low, high = harm[policy], max(v for name, v in harm.items() if name != policy)
    return (low, high) if high > low * 1.02 else None


def _veto(c: Case) -> Callable[[Mapping[str, Any]], float | None]:
    def veto(answers: Mapping[str, Any]) -> float | None:
        room = veto_room(c, answers["policy"], answers["veto-group"])
        if room is None:
            return -1.0  # no limit works for this group: any number is off
        return min(max(float(answers["veto"]), 0.995 * room[0]), 0.999 * room[1])

    return veto


def _saving(c: Case) -> Callable[[Mapping[str, Any]], float]:
    """Dollars a month that the learner's setting saves, recomputed on the bench's sample."""

    def saving(answers: Mapping[str, Any]) -> float:
        rows = {row["row"]: row for row in answers["groups"]}
        tiers = tuple(rows[g]["tier"] for g in SEGMENT_NAMES)
        bars = tuple(round(float(rows[g]["bar"]), 3) for g in SEGMENT_NAMES)
        before = measure(c.world.id, POLICIES["heron"], (DAY_ZERO_BAR,) * 5)
        gain = before.total - by_group(c.world.id, tiers, bars).total
        return c.world.scale.questions * gain

    return saving


# --- L3, storm ------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def storm_plans(world: int) -> dict[tuple[str, str], Watched]:
    """Every plan in the same storm, with expected answers instead of replayed ones."""
    tables = {t: kinds_of_answer(world, t, DAY_ZERO_BAR) for t in ("wren", "heron")}
    return {(o, g): watch(world, o, g, tables) for o in ORDERS for g in GIVES}


def storm_value(world: int, rows: Any) -> float:
    """Minus thousands of dollars; a plan that makes assisted travelers wait longer is the worst."""
    row = next(row for row in rows if row["row"] == "plan")
    plans = storm_plans(world)
    seen = plans[row["order"], row["give"]]
    worst = max(w.dollars for w in plans.values())
    return -(seen.dollars if seen.is_fair else worst) / 1e3


def storm_best(world: int) -> tuple[str, str]:
    """The cheapest fair plan; where one with assisted travelers first is as good, that one."""
    plans = storm_plans(world)
    fair = [k for k in plans if plans[k].is_fair]
    best = min(fair, key=lambda k: plans[k].dollars)
    first = ("assisted", best[1])
    return first if first in fair and plans[first].dollars <= 1.005 * plans[best].dollars else best


def _storm_rows(plan: tuple[str, str]) -> list[dict[str, str]]:
    return [{"row": "plan", "order": plan[0], "give": plan[1]}]


def _storm(c: Case) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def plan(answers: Mapping[str, Any]) -> dict[str, Any]:
        plans = storm_plans(c.world.id)
        best = storm_best(c.world.id)
        top = -plans[best].dollars / 1e3
        usual = -plans["line", "nothing"].dollars / 1e3
        if top - usual < 0.02 * abs(top):  # nothing has to give: the mean of what does is the floor
            others = [-w.dollars / 1e3 for (_, give), w in plans.items() if give != "nothing"]
            usual = min(sum(others) / len(others), top - 0.025 * abs(top))
        return {
            "value": lambda rows: _near_top(storm_value(c.world.id, rows), top),
            "best": top,
            "default": usual,
            "at": _storm_rows(best),
        }

    return plan


def _near_top(value: float, top: float) -> float:
    """Within a hundredth of the best plan's dollars no storm could tell two plans apart."""
    return top if value >= top - 0.01 * abs(top) else value


def _assisted(c: Case) -> Callable[[Mapping[str, Any]], str]:
    def assisted(answers: Mapping[str, Any]) -> str:
        row = next(row for row in answers["plan"] if row["row"] == "plan")
        return "fair" if storm_plans(c.world.id)[row["order"], row["give"]].is_fair else "longer"

    return assisted


def _saved(c: Case) -> Callable[[Mapping[str, Any]], float]:
    """Dollars that the learner's plan saves in the run that they saw."""

    def saved(answers: Mapping[str, Any]) -> float:
        row = next(row for row in answers["plan"] if row["row"] == "plan")
        today = labeled(c.world.id, "line", "nothing")
        return today.dollars - labeled(c.world.id, row["order"], row["give"]).dollars

    return saved


# --- L4, notes ------------------------------------------------------------------------------------


def notes_value(c: Case, rows: Any) -> float:
    """Dollars a month that a setting leaves: value less bill less harm."""
    row = next(row for row in rows if row["row"] == "notes")
    return note_month(c, row["tier"], row["mode"], row["length"]).net


def _all_notes(c: Case) -> dict[tuple[str, str, str], NoteMonth]:
    return {
        (tier, mode, length): note_month(c, tier, mode, length)
        for tier in TIERS
        for mode in MODES
        for length in LENGTHS
    }


def _note_rows(choice: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"row": "notes", "tier": choice[0], "mode": choice[1], "length": choice[2]}]


def _notes(c: Case) -> dict[str, Any]:
    every = _all_notes(c)
    best = max(every, key=lambda k: every[k].net)
    usual = every["heron", "demand", "full"].net
    if every[best].net - usual < 0.01 * abs(every[best].net):
        usual = every["condor", "demand", "full"].net
    return {
        "value": lambda rows: notes_value(c, rows),
        "best": every[best].net,
        "default": usual,
        "at": _note_rows(best),
    }


def notes_even(c: Case) -> float:
    """Cents of harm for a wrong opened note from which Heron beats Wren, both in batch."""
    wren, heron = (note_month(c, t, "batch", "full") for t in ("wren", "heron"))
    return 100 * (heron.bill - wren.bill) / (wren.wrong - heron.wrong)


# --- estimates ------------------------------------------------------------------------------------


def _about(name: str, value: float, times: float, unit: str, op: Any = "*") -> Factor:
    span = between(_tidy(value / times, 3), _tidy(value * times, 3), median=_tidy(value, 4))
    return Factor(name, span, Unit.parse(unit), op)


def _heron(c: Case) -> Any:
    return c.world.tier("heron")


def weighted_tokens(c: Case) -> float:
    """Tokens of a note in units of the read price."""
    n = c.world.notes
    return n.note_read - 0.9 * n.note_cached + 5 * n.note_written


def bill_chain(c: Case) -> Chain:
    """CL-E1."""
    s = c.world.scale
    return Chain.of(
        _about("trips", s.trips, 1.05, "trips/month"),
        _about("notes", s.notes_per_trip, 1.09, "calls/trip"),
        _about("tokens", weighted_tokens(c), 1.15, "tokens/call"),
        _about("price", _heron(c).price_in, 1.0, "$/million tokens"),
        unit="$/month",
    )


def plan_chain(c: Case) -> Chain:
    """CL-E2."""
    return Chain.of(
        _about("price", c.plan.price, 1.0, "$"),
        _about("allowance", 1 - c.plan.margin, 1.0, "share"),
        _about("calls", c.world.scale.calls_per_session, 1.15, "calls/session", "/"),
        _about("cost", 1000 * rebook_dollars(c.world, _heron(c)), 1.15, "$/thousand calls", "/"),
        unit="sessions",
    )


def slots_chain(c: Case) -> Chain:
    """CL-E3."""
    return Chain.of(
        _about("questions", c.storm.per_hour, 1.06, "questions/hour"),
        _about("storm", c.storm.worst, 1.1, "times"),
        _about("seconds", c.storm.seconds, 1.1, "seconds/question"),
        unit="seconds/second",
    )


def _unique(*options: str) -> list[str]:
    return list(dict.fromkeys(options))


def _near(value: float, width: float) -> tuple[float, float, float]:
    return value, value / (1 + width), value * (1 + width)


def affordable(c: Case, scale: float = 1.0) -> str:
    """The most capable tier whose bill is under a quarter of the notes' value."""
    n, w = c.world.scale.trips * c.world.scale.notes_per_trip, c.world
    room = 0.25 * w.notes.contact_cut * w.desk.notes_contact * scale
    inside = [t.name for t in w.tiers if note_dollars(w, t) <= room]
    return inside[-1] if inside and n else "none"


def packaging(carries: float, mean: float, heavy: float) -> str:
    """Unlimited, cap or reprice."""
    return "unlimited" if heavy <= carries else "cap" if mean <= carries else "reprice"


def reservation(busy: float) -> str:
    """The smallest size that is at most 70 percent busy."""
    return next(
        (f"size-{k}" for k, size in enumerate(SIZES, 1) if busy <= 0.7 * size), f"size-{len(SIZES)}"
    )


def condor_seconds(c: Case) -> float:
    """Seconds of a slot for one answer on Condor, hidden tokens included."""
    t = c.world.tier("condor")
    return t.ttft + (c.world.written_tokens + t.hidden_share * t.hidden) / t.speed


def _estimates(c: Case) -> dict[str, Any]:
    w = c.world
    notes = w.scale.trips * w.scale.notes_per_trip
    bill, carries = bill_chain(c).point(), plan_chain(c).point()
    busy = slots_chain(c).point()
    condor = (1 - c.plan.margin) * c.plan.price
    condor /= w.scale.calls_per_session * rebook_dollars(w, w.tier("condor"))
    return {
        "e1": {
            "value": bill,
            "unit": "$/month",
            "chain": bill_chain(c),
            "drivers": ["tokens", "notes"],
            "decision": _unique(*(affordable(c, x) for x in _near(1.0, 0.25))),
            "break-even": 100 * bill / (notes * w.desk.notes_contact),
        },
        "e2": {
            "value": carries,
            "unit": "sessions",
            "chain": plan_chain(c),
            "drivers": ["calls", "cost"],
            "decision": _unique(
                *(packaging(x, c.plan.use, c.plan.heavy) for x in _near(carries, 0.15))
            ),
            "break-even": condor,
        },
        "e3": {
            "value": busy,
            "unit": "seconds/second",
            "chain": slots_chain(c),
            "drivers": ["storm", "seconds"],
            "decision": _unique(*(reservation(x) for x in _near(busy, 0.12))),
            "break-even": 0.7 * SIZES[1] / c.storm.load(1.0),
            "condor": busy * condor_seconds(c) / c.storm.seconds,
        },
    }


# --- references -----------------------------------------------------------------------------------


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in the units of the prompts."""
    c = case(world)
    book = ledger(c)
    shared = [b.key for b in c.blocks if b.shared]
    whole = {tier: row["whole"] for tier, row in book.items()}
    hit, rate = even_rate(c)
    s = c.storm
    seen = first_hour(world)
    return {
        "l1": {
            "front": shared,
            "tokens": c.world.serving.prefix,
            "cost": {t: {k: row[k] for k in ("call", "rar", "whole")} for t, row in book.items()},
            "cheapest": [t for t, x in whole.items() if x <= 1.01 * min(whole.values())],
            "share": book["heron"]["share"],
            "even": hit,
            "rate": rate,
            "ttl": _ttl(c),
        },
        "l2": {
            "tstar": c.world.thresholds[2],
            "policy": policies(c),
            "cost": _cost(c),
            "veto": _veto(c),
            "groups": _own(c),
            "saving": _saving(c),
        },
        "l3": {
            "use": 100 * s.utilization(s.first),
            "mean": seen.mean,
            "slow": seen.slow,
            "plan": _storm(c),
            "assisted": _assisted(c),
            "saved": _saved(c),
        },
        "l4": {
            "bill": {
                tier: {mode: note_month(c, tier, mode, "full").bill for mode in MODES}
                for tier in TIERS
            },
            "even": notes_even(c),
            "plan": _notes(c),
        },
        "log": {"number": lambda answers: _cost(c)({"policy": answers["decision"]})},
        **_estimates(c),
        **{name.removeprefix("cl."): question(name) for name in WRITTEN},
    }


# --- worked answers -------------------------------------------------------------------------------


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c, r = case(world), references(world)
    texts = {
        "cl.l1": _ledger_text(c, r["l1"]),
        "cl.l2": _frontier_text(c, r["l2"]),
        "cl.l3": _storm_text(c, r["l3"]),
        "cl.l4": _notes_text(c, r["l4"]),
        "cl.e1": _bill_text(c, r["e1"]),
        "cl.e2": _plan_text(c, r["e2"]),
        "cl.e3": _slots_text(c, r["e3"]),
        "cl.log": (
            "A log is worth what it lets somebody check later. A trigger such as “if quality "
            "drops” "
            "reverses nothing; “if harm a question for assisted travelers passes the veto for a "
            "week” does. The owner is one person, and the review has a day."
        ),
    }
    return {name: text.replace("$", "\\$") for name, text in texts.items()} | {
        name: _written_text(name) for name in WRITTEN
    }


def _money(value: float) -> str:
    sign = "−" if value < 0 else ""
    return f"{sign}${abs(value):,.0f}"


_TITLE = dict(zip(SEGMENT_NAMES, SEGMENT_TITLES, strict=True))


def _ledger_text(c: Case, r: Mapping[str, Any]) -> str:
    rows = "\n".join(
        f"| {tier.title()} | {x['call']:.3g} | {x['rar']:.3g} | {x['whole']:.2f} |"
        for tier, x in r["cost"].items()
    )
    best = best_ttl(c)
    f = facts(c.world.id)
    quiet = [name for name, ttl in best.items() if ttl == "off"]
    if len(quiet) == len(best):
        verdict = (
            "Best here: **no cache at all**. Too many streams share too little traffic, and five "
            "minutes around the clock pays for writes that nobody reads back."
        )
    else:
        where = f"off in {len(quiet)} of six stretches ({', '.join(quiet)}), " if quiet else ""
        verdict = (
            f"Best here: {where}an hour otherwise, worth **{_money(r['ttl']['best'])} a month**. "
            "Beside the desk's bill that is nothing: do it because it is free, and do not spend a "
            "sprint on it."
        )
    k = c.cache
    hour_even = -log(1 - (k.write_hour - 1) / (k.write_hour - k.back)) * k.streams
    return (
        f"**In front:** {', '.join(r['front'])}, {r['tokens']:,} tokens. The clock stood second, "
        f"so "
        "only the first block could be shared.\n\n"
        "| Tier | model cents a call | model cents a right-and-acted answer | all dollars |\n"
        f"|---|---:|---:|---:|\n{rows}\n\n"
        f"Ranked by the call, Wren wins by far. Ranked by the right-and-acted answer, "
        f"**{' or '.join(x.title() for x in r['cheapest'])}** does: on Heron the model is "
        f"{r['share']:.2f} percent of what a question costs, and the rest is the desk and people "
        f"who "
        "acted on something wrong.\n\n"
        f"**Cache.** ({f['cache_write']:g} − 1) ÷ ({f['cache_write']:g} − {f['cache_read']:g}) = "
        f"**{r['even']:.1f} percent** hits, which takes −ln(1 − {r['even'] / 100:.3f}) × "
        f"{f['streams']} × 12 = "
        f"**{r['rate']:,.0f} questions an hour**. An hour's write is dearer and needs more hits, "
        f"and gets them from {hour_even:,.0f} questions an hour on, at less traffic than five "
        f"minutes need.\n\n{verdict}"
    )


def _frontier_text(c: Case, r: Mapping[str, Any]) -> str:
    values = r["policy"]["values"]
    ranked = sorted(values, key=lambda name: -values[name])
    rows = "\n".join(
        f"| {name} | {-values[name]:.2f} | "
        f"{measure(c.world.id, POLICIES[name], c.world.thresholds).total:.2f} | "
        f"{harm_of_route(c.world.id, POLICIES[name], c.world.thresholds)[4]:.2f} |"
        for name in ranked
    )
    own = best_groups(c.world.id)
    groups = "; ".join(
        f"{_TITLE[g]} {tier.title()} from {bar:.2f}"
        for g, (tier, bar) in zip(SEGMENT_NAMES, own, strict=True)
    )
    before = own_total(c, _group_rows([("heron", DAY_ZERO_BAR)] * 5))
    after = own_total(c, _group_rows(own))
    saved = c.world.scale.questions * (before - after)
    return (
        f"Bars from prices: {', '.join(f'{t:.2f}' for t in c.world.thresholds)} for S1 to S5.\n\n"
        "| Policy | expected dollars a question | the bench showed | harm, assisted |\n"
        f"|---|---:|---:|---:|\n{rows}\n\n"
        f"**{ranked[0]}** is cheapest. The cascade calls the small model first, and people wait "
        "through a first pass that they cannot read; escalated ones wait twice. What differs by "
        "group is patience and the price of an error, and both are known before anything is "
        f"generated. So route by group.\n\n**By group:** {groups}. That is {after:.2f} a question "
        f"against {before:.2f} on day 0, **{_money(saved)} a month**. A bar far above 1 − H/h "
        f"marks "
        "a group in which the model is too sure of itself; one far below it, the opposite.\n\n"
        "A difference of two or three cents is inside the bench's error. Nothing should be shipped "
        "for it."
    )


def _storm_text(c: Case, r: Mapping[str, Any]) -> str:
    plans, best = storm_plans(c.world.id), storm_best(c.world.id)
    rows = "\n".join(
        f"| {order}, {give} | {w.utilization:.2f} | {w.slow:.1f} | {w.assisted:.1f} | "
        f"{w.dollars:,.0f} | {'yes' if w.is_fair else 'no'} |"
        for (order, give), w in sorted(plans.items(), key=lambda item: item[1].dollars)
    )
    s = c.storm
    use = s.utilization(s.worst)
    regime = (
        "Above 1 there is no steady state: the line grows until people give up."
        if use >= 1
        else "The slots carry it."
        if use < 0.8
        else "It is past the knee."
    )
    return (
        f"{s.per_hour:,.0f} × {s.first:g} ÷ 3,600 × {s.seconds:g} ÷ {s.slots} = "
        f"**{r['use']:.1f} percent**. Simulated at that level for a day: mean wait "
        f"**{r['mean']:.1f} s**, 95th percentile **{r['slow']:.1f} s**. At the worst, utilization "
        f"is "
        f"{use:.2f}. {regime}\n\n"
        "| Plan | utilization | p95 in line | p95 assisted | harm and contacts, two hours | fair "
        "|\n"
        f"|---|---:|---:|---:|---:|---|\n{rows}\n\n"
        f"Best fair plan: **{best[0]}, {best[1]}**. Letting pass holders go first can look "
        f"cheapest, "
        "because they are many and impatient; where it makes people who need a ramp wait longer, "
        "it "
        "is not on the list."
    )


def _notes_text(c: Case, r: Mapping[str, Any]) -> str:
    best = r["plan"]["at"][0]
    month = note_month(c, best["tier"], best["mode"], best["length"])
    rows = "\n".join(
        f"| {tier.title()} | {x['demand']:,.0f} | {x['batch']:,.0f} |"
        for tier, x in r["bill"].items()
    )
    ask = max(policies(c)["values"].items(), key=lambda item: item[1])[0]
    return (
        "| Tier | on demand | batch |\n|---|---:|---:|\n"
        f"{rows}\n\nBatch beats on demand when more than half of the notes are opened; here "
        f"{100 * c.notes.opened:.0f} percent are. Heron overtakes Wren from **{r['even']:.2f} "
        f"cents** "
        f"of harm a wrong note; yours costs {100 * c.notes.harm:.2g} cents.\n\nBest: "
        f"**{best['tier'].title()}, {best['mode']}, {best['length']}**: value "
        f"{_money(month.value)} "
        f"less bill {_money(month.bill)} less harm {_money(month.harm)} leaves "
        f"**{_money(month.net)}**. On Ask the same world asks for **{ask}**. Here the tier "
        "moves the bill by tens of thousands of dollars and nobody waits; there the model is a "
        "rounding error and everybody waits."
    )


def _bill_text(c: Case, r: Mapping[str, Any]) -> str:
    s, w = c.world.scale, c.world
    notes = s.trips * s.notes_per_trip
    worth = notes * w.notes.contact_cut * w.desk.notes_contact
    bills = ", ".join(f"{t.name.title()} {_money(notes * note_dollars(w, t))}" for t in w.tiers)
    return (
        f"{s.trips / 1e6:.3g} million trips × {s.notes_per_trip:g} = {notes / 1e6:.3g} million "
        f"notes. {weighted_tokens(c):,.0f} weighted tokens × ${w.tier('heron').price_in:g} a "
        f"million = ${1000 * note_dollars(w, w.tier('heron')):.2f} a thousand notes: "
        f"**{_money(r['value'])} a month**. Bills: {bills}. The notes bring {_money(worth)}, a "
        f"quarter is {_money(worth / 4)}: **{r['decision'][0]}**. Heron is paid for from "
        f"**{r['break-even']:.3f} contacts** saved for each hundred notes."
    )


def _plan_text(c: Case, r: Mapping[str, Any]) -> str:
    w, p = c.world, c.plan
    each = w.scale.calls_per_session * rebook_dollars(w, w.tier("heron"))
    return (
        f"${p.price:.2f} × {1 - p.margin:.0%} = ${p.price * (1 - p.margin):.2f} for serving. A "
        f"session is {w.scale.calls_per_session:g} calls, {100 * each:.1f} cents on Heron: "
        f"**{r['value']:.0f} sessions**, and {r['break-even']:.1f} on Condor. Mean use is "
        f"{p.use:g}, "
        f"the heavy twentieth {p.heavy:.0f}: **{r['decision'][0]}**. People who will use it most "
        f"are "
        "the first to buy, so expect the mean to rise after launch."
    )


def _slots_text(c: Case, r: Mapping[str, Any]) -> str:
    s = c.storm
    size = dict(zip((f"size-{k}" for k in range(1, 6)), SIZES, strict=True))[r["decision"][0]]
    return (
        f"{s.per_hour:,.0f} questions × {s.worst:g} ÷ 3,600 = {s.per_hour * s.worst / 3600:.2f} a "
        f"second × {s.seconds:g} s = **{r['value']:.1f} slots busy**. At 70 percent that takes "
        f"{r['value'] / 0.7:.1f}: reserve **{size}**. Condor holds a slot for "
        f"{condor_seconds(c):.1f} s, so **{r['condor']:.0f} slots**. {SIZES[1]} slots are 70 "
        f"percent "
        f"busy at a storm of **{r['break-even']:.1f} times**. The average is where the line "
        f"starts, "
        "not where it ends: arrivals come in bunches."
    )


def _written_text(id_: str) -> str:
    q = question(id_)
    if q.worked_strong is None or q.worked_weak is None:
        strong = " ".join(f"“{text}”" for text in q.strong)
        weak = " ".join(f"“{text}”" for text in q.weak)
        return f"Strong: {strong}\n\nWeak: {weak}".replace("$", "\\$")
    levels = ", ".join(f"{name.upper()} {level}" for name, level in q.worked_weak.levels.items())
    text = (
        f"House world, strong: “{q.worked_strong.text}” {q.worked_strong.why}\n\nHouse world, tidy "
        f"but weak: “{q.worked_weak.text}” ({levels}.) {q.worked_weak.why}"
    )
    return text.replace("$", "\\$")


# --- reference answers ----------------------------------------------------------------------------


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns everything: item → part → ``value`` and ``unit``."""
    c, r = case(world), references(world)
    policy = max(r["l2"]["policy"]["values"].items(), key=lambda item: item[1])[0]
    group, room = next(
        (g, room) for g in ("S5", "S3", "S4", "S2", "S1") if (room := veto_room(c, policy, g))
    )
    rows = _group_rows(best_groups(world))
    plan = _storm_rows(storm_best(world))
    return {
        "cl.predict": _parts(
            "cl.predict", share={"value": 40.0, "unit": "%"}, tier="wren", wait=(2.0, "times")
        ),
        "cl.l1": _parts(
            "cl.l1",
            front=sorted(r["l1"]["front"]),
            tokens=(float(r["l1"]["tokens"]), "tokens"),
            cost=[
                {"row": t, **{k: _tidy(v) for k, v in x.items()}}
                for t, x in r["l1"]["cost"].items()
            ],
            cheapest=r["l1"]["cheapest"][0],
            share=(_tidy(r["l1"]["share"]), "%"),
            even=(_tidy(r["l1"]["even"], 3), "%"),
            rate=(_tidy(r["l1"]["rate"]), "questions/hour"),
            ttl=r["l1"]["ttl"]["at"],
        ),
        "cl.l2": _parts(
            "cl.l2",
            tstar=_tidy(r["l2"]["tstar"]),
            policy=policy,
            cost=(_tidy(r["l2"]["cost"]({"policy": policy})), "$/question"),
            veto_group=group,
            veto=(_tidy(0.5 * sum(room)), "$/question"),
            groups=rows,
            saving=(_tidy(r["l2"]["saving"]({"groups": rows})), "$/month"),
            mind="Harm a question for assisted travelers, from 300 labels in three weeks. Above "
            "the "
            "veto for a week I send them back to Condor.",
        ),
        "cl.l3": _parts(
            "cl.l3",
            use=(_tidy(r["l3"]["use"], 3), "%"),
            mean=(_tidy(r["l3"]["mean"], 3), "seconds"),
            slow=(_tidy(r["l3"]["slow"], 3), "seconds"),
            plan=plan,
            assisted=r["l3"]["assisted"]({"plan": plan}),
            saved=(round(r["l3"]["saved"]({"plan": plan}), 0), "$"),
            mind="Utilization in the first half hour. Under 75 percent I give the prose back; over "
            "95 percent I also send everyday questions to articles.",
        ),
        "cl.l4": _parts(
            "cl.l4",
            bill=[
                {"row": t, **{k: _tidy(v) for k, v in x.items()}}
                for t, x in r["l4"]["bill"].items()
            ],
            even=(_tidy(r["l4"]["even"]), "cents"),
            plan=r["l4"]["plan"]["at"],
            mind="The harm of a wrong note, twice or half of what Safety says, from 200 "
            "complaints; "
            "then the break-even is passed.",
        ),
        **_estimate_answers(r),
        "cl.log": _parts(
            "cl.log",
            decision=policy,
            rejected="Wren for everything: cheapest a call and dearer a question.",
            number=(_tidy(r["log"]["number"]({"decision": policy})), "$/question"),
            trigger="Harm for assisted travelers above the veto in any week.",
            owner="Ilse for the router, me for the veto.",
            review="Day 60",
        ),
        **{name: _said(name) for name in WRITTEN},
    }


def _parts(item: str, **values: Any) -> dict[str, dict[str, Any]]:
    found = {}
    for name, value in values.items():
        part = f"{item}.{name.replace('_', '-')}"
        if isinstance(value, tuple):
            found[part] = {"value": value[0], "unit": value[1]}
        else:
            found[part] = value if isinstance(value, dict) else {"value": value}
    return found


def _estimate_answers(r: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    units = {"e1": "%", "e2": "sessions", "e3": "times"}
    found = {}
    for name, unit in units.items():
        ref = r[name]
        value = ref["value"]
        found[f"cl.{name}"] = _parts(
            f"cl.{name}",
            chain=({**ref["chain"].to_answer()}, ref["unit"]),
            range=(
                {
                    "low": _tidy(value / 1.25, 3),
                    "point": _tidy(value, 3),
                    "high": _tidy(value * 1.25, 3),
                },
                ref["unit"],
            ),
            drivers=sorted(swing.name for swing in ref["chain"].top_drivers(2)),
            decision=ref["decision"][0],
            break_even=(_tidy(ref["break-even"]), unit),
        )
    found["cl.e3"]["cl.e3.condor"] = {
        "value": _tidy(r["e3"]["condor"], 3),
        "unit": "seconds/second",
    }
    return found


def _said(id_: str) -> dict[str, dict[str, Any]]:
    q = question(id_)
    text = q.worked_strong.text if q.worked_strong else " ".join((*q.strong, *q.strong, *q.strong))
    return {f"{id_}.answer": {"value": text or "No answer written yet."}}
