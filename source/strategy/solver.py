"""What is right in one world of the Strategy module. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read).
Everything is an expectation under rules that the memos state. House figures are those of the
course specification.
"""

from __future__ import annotations

import math
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from skillmap.bank import question
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.lessons.strategy.boards import BET_WORDS, GROUP_WORDS, PLANS, measured
from skillmap.lessons.strategy.case import BETS, GROUPS, KEYS, LEVELS, SCENARIOS, Case, case
from skillmap.lessons.strategy.facts import LAYER_WORDS, facts
from skillmap.lessons.strategy.market import (
    UNITS,
    allocation_worth,
    lost,
    payoff,
    response_worth,
    units_of,
)
from skillmap.lessons.strategy.memo import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["reference_answers", "references", "worked"]

WRITTEN = ("q1", "q4", "q6", "q10")


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _about(value: float, times: float) -> Range:
    return between(_tidy(value / times, 4), _tidy(value * times, 4), median=_tidy(value, 5))


def _factor(name: str, span: Range, unit: str) -> Factor:
    return Factor(name, span, Unit.parse(unit), "*")


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


# --- ST-L1 ----------------------------------------------------------------------------------------


def placings() -> list[tuple[int, ...]]:
    """Every way to place three units in four layers.

    >>> len(placings())
    20
    """
    return [u for u in product(range(UNITS + 1), repeat=4) if sum(u) == UNITS]


def _audit(c: Case) -> dict[str, Any]:
    best = max(placings(), key=lambda u: allocation_worth(c, u))
    start = 100 * c.lantern.market.share
    losses = {key: {"points": start - mean} for key, (mean, _) in measured(c.world).items()}

    def worth(table: Any) -> float | None:
        units = units_of(table)
        return None if units is None else allocation_worth(c, units)

    def margins(answers: Mapping[str, Any]) -> dict[str, dict[str, float]] | None:
        own = {row.get("row"): row.get("points") for row in answers["losses"]}
        if any(not isinstance(own.get(key), int | float) for key in KEYS):
            return None
        return {
            key: {"dollars": float(own[key]) * c.point * months}
            for key, months in zip(KEYS, c.months, strict=True)
        }

    return {
        "value": worth,
        "best": allocation_worth(c, best),
        "default": max(allocation_worth(c, u) for u in ((3, 0, 0, 0), (1, 1, 1, 0))),
        "at": [{"row": key, "units": float(n)} for key, n in zip(KEYS, best, strict=True)],
        "losses": losses,
        "margins": margins,
    }


# --- ST-L2 ----------------------------------------------------------------------------------------


def group_points(c: Case) -> dict[str, float]:
    """Points of our share that each group's gap costs by month 6."""
    r = c.rival
    return {
        g: r.bookings[k] * r.pull[k] * max(0, r.theirs[k] - r.ours[k]) for k, g in enumerate(GROUPS)
    }


def _rival(c: Case) -> dict[str, Any]:
    values, points = response_worth(c), group_points(c)
    total = sum(points.values())
    ranked = sorted(points, key=lambda g: -points[g])
    group = [ranked[0]] if total >= 0.1 else ["none"]
    if total >= 0.1 and points[ranked[1]] > 0.9 * points[ranked[0]]:
        group = ranked[:2]
    order = sorted(values.values(), reverse=True)
    rest = [v for v in order if v < order[0]]
    return {
        "values": values,
        "default": next(n for n, v in values.items() if v == rest[0]),
        "gap": total,
        "group": group,
    }


def _forecast(c: Case) -> dict[str, float]:
    start = 100 * c.lantern.market.share
    names = ("nothing", "swap", "fix", "price", "feed")
    return {f"st.forecast.{name}": start - lost(c, name)[-1] for name in names}


# --- ST-L3 ----------------------------------------------------------------------------------------


def yearly(c: Case) -> dict[str, float]:
    """Dollars a year of each level of evaluation, as a negative: crew, upkeep, lag."""
    w = c.swap
    daily = w.benefit * w.questions * w.releases
    return {
        level: -(w.crew * w.releases + daily) * float(np.mean(days)) - keep
        for level, days, keep in zip(LEVELS, w.drills, w.yearly, strict=True)
    }


def _drills(c: Case) -> dict[str, Any]:
    w, values = c.swap, yearly(c)
    days = {
        level: {"days": {"value": float(np.mean(d)), "se": 0.0}}
        for level, d in zip(LEVELS, w.drills, strict=True)
    }

    def option(answers: Mapping[str, Any]) -> float | None:
        own = {row.get("row"): row.get("days") for row in answers["days"]}
        if any(not isinstance(own.get(key), int | float) for key in ("hand", "suite")):
            return None
        saved = float(own["hand"]) - float(own["suite"])
        return saved * w.benefit * w.questions * w.releases

    ranked = sorted(values, key=lambda n: -values[n])
    return {"values": values, "default": ranked[1], "days": days, "option": option}


# --- ST-L4 ----------------------------------------------------------------------------------------


def sets() -> list[tuple[str, ...]]:
    """Every set of four bets."""
    return list(combinations(BETS, 4))


def best_sums(c: Case) -> dict[str, float]:
    """The best worth of four bets in each future."""
    return {
        name: sum(sorted((c.bets[b][k] for b in BETS), reverse=True)[:4])
        for k, name in enumerate(SCENARIOS)
    }


def regrets(c: Case, bets: Sequence[str]) -> dict[str, float]:
    """Regret of a set in each future, thousands of dollars."""
    best, own = best_sums(c), payoff(c, bets)
    return {name: best[name] - own[name] for name in SCENARIOS}


def worst(c: Case, bets: Sequence[str]) -> float:
    """Largest regret of a set."""
    return max(regrets(c, bets).values())


def expected(c: Case, bets: Sequence[str]) -> float:
    """Expected worth of a set at the chances the leads gave."""
    return sum(p * v for p, v in zip(c.odds, payoff(c, bets).values(), strict=True))


def _futures(c: Case) -> dict[str, Any]:
    def four(chosen: Any) -> tuple[str, ...] | None:
        known = {b for b in chosen if b in BETS} if isinstance(chosen, list | tuple) else set()
        return tuple(sorted(known)) if len(known) == 4 else None

    def least(chosen: Any) -> float | None:
        bets = four(chosen)
        return None if bets is None else -worst(c, bets)

    def most(chosen: Any) -> float | None:
        bets = four(chosen)
        return None if bets is None else expected(c, bets)

    calm = min(sets(), key=lambda b: worst(c, b))
    rich = max(sets(), key=lambda b: expected(c, b))
    table = {name: regrets(c, bets) for name, bets in PLANS.items()}
    calms = sorted(-worst(c, b) for b in sets())
    riches = sorted(expected(c, b) for b in sets())
    return {
        "regret": {
            "value": least,
            "best": -worst(c, calm),
            "default": calms[len(calms) // 2],
            "at": list(calm),
        },
        "expected": {
            "value": most,
            "best": expected(c, rich),
            "default": riches[len(riches) // 2],
            "at": list(rich),
        },
        "regrets": table,
    }


# --- estimation -----------------------------------------------------------------------------------


def _feed(c: Case) -> dict[str, Any]:
    s, share, months = c.lantern.scale, c.losses[2] / 100, c.months[2]
    value = share * s.mau * s.bookings_each * s.commission * months
    even = c.feed_price / (value / months)
    return {
        "value": value,
        "chain": Chain.of(
            _factor("share", _about(share, 1.3), "share"),
            _factor("mau", _about(s.mau, 1.08), "people"),
            _factor("bookings", _about(s.bookings_each, 1.001), "bookings/person/month"),
            _factor("commission", _about(s.commission, 1.06), "$/booking"),
            _factor("months", _about(months, 1.5), "months"),
            unit="$",
        ),
        "drivers": ["months", "share"],
        "decision": ["sign" if value > c.feed_price else "pass"],
        "break-even": even,
    }


def _sooner(c: Case) -> dict[str, Any]:
    w = c.swap
    days = w.slow - w.fast
    each = w.benefit * w.questions * days
    return {
        "value": each * w.releases,
        "chain": Chain.of(
            _factor("benefit", _about(w.benefit, 1.3), "$/question"),
            _factor("daily", _about(w.questions, 1.07), "questions/day"),
            _factor("days", _about(days, 1.05), "days/release"),
            _factor("releases", _about(w.releases, 1.25), "releases/year"),
            unit="$/year",
        ),
        "drivers": ["benefit", "releases"],
        "decision": ["buy" if each * w.releases > w.e2_cost else "leave"],
        "break-even": w.e2_cost / each,
    }


def losing_decline(discount: float, growth: float) -> float:
    """Yearly decline of prices at which a 24-month discount loses.

    Usage and prices move evenly: the integral over two years of growth and decline against the
    integral of growth alone.

    >>> round(losing_decline(0.3, 1.0), 2), round(losing_decline(0.3, 2.2), 2)
    (0.32, 0.26)
    """

    def total(rate: float) -> float:
        return 2.0 if abs(rate) < 1e-9 else math.expm1(2 * rate) / rate

    g = math.log(growth)
    paid = (1 - discount) * total(g)
    return float(brentq(lambda d: total(g + math.log1p(-d)) - paid, 1e-6, 0.95))


def _exclusive(c: Case) -> dict[str, Any]:
    e = c.exclusive
    usage = (e.growth**2 - 1) / (2 * math.log(e.growth))
    growing = losing_decline(e.discount, e.growth)
    past = sum(e.past) / 2
    decision = ["sign" if past < growing else "refuse"]
    if abs(past - growing) < 0.02:
        decision = ["refuse", "sign"]
    return {
        "value": e.bill * 24 * usage * e.discount,
        "chain": Chain.of(
            _factor("bill", _about(e.bill, 1.01), "$/month"),
            _factor("months", _about(24.0, 1.0001), "months"),
            _factor("usage", _about(usage, 1.3), "times"),
            _factor("discount", _about(e.discount, 1.0001), "share"),
            unit="$",
        ),
        "decision": decision,
        "break-even": 100 * growing,
        "flat": 100 * losing_decline(e.discount, 1.0),
    }


# --- references -----------------------------------------------------------------------------------


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in one world."""
    c = case(world)
    return {
        "drill": [f"line-{n + 1}" for n, k in enumerate(c.drill) if SENTENCES[k][0]],
        "l1": _audit(c),
        "forecast": _forecast(c),
        "l2": _rival(c),
        "l3": _drills(c),
        "l4": _futures(c),
        "e1": _feed(c),
        "e2": _sooner(c),
        "e3": _exclusive(c),
        **{name: question(f"st.{name}") for name in WRITTEN},
    }


_UNITS = {"e1": ("$", "months"), "e2": ("$/year", "releases/year"), "e3": ("$", "%")}


def _estimate(name: str, ref: Mapping[str, Any], width: float) -> dict[str, Any]:
    unit, edge = _UNITS[name]
    point = _tidy(ref["value"], 4)
    span = {"low": _tidy(point / width, 3), "point": point, "high": _tidy(point * width, 3)}
    found: dict[str, Any] = {
        "chain": {"value": ref["chain"].to_answer(), "unit": unit},
        "range": {"value": span, "unit": unit},
        "decision": {"value": ref["decision"][0]},
        "break-even": {"value": _tidy(ref["break-even"], 4), "unit": edge},
    }
    if "drivers" in ref:
        found["drivers"] = {"value": sorted(ref["drivers"])}
    if "flat" in ref:
        found["flat"] = {"value": _tidy(ref["flat"], 4), "unit": "%"}
    return found


_SHORT = {
    "agent": "the agent",
    "chains": "prompt chains",
    "feed": "operator data contracts",
    "suite": "the evaluation suite",
    "small": "our own small model",
    "desk": "desk tools",
    "search": "search and upkeep",
    "trust": "the pledge",
}


_SIGNALS = {
    "cheap": "The price of the same score on our suite halves twice by day 210.",
    "stall": "Two releases in a row that move our own suite by less than 1 point.",
    "dear": "The price of the model that we need rises by 20 percent within two quarters.",
}
"""For each future the earliest signal that a set is hurt by it."""


def _log(c: Case, r: Mapping[str, Any]) -> dict[str, Any]:
    calm = [_SHORT[b] for b in r["l4"]["regret"]["at"]]
    rich = [_SHORT[b] for b in r["l4"]["expected"]["at"]]
    left = [name for name in _SHORT.values() if name not in calm]
    hurt = regrets(c, r["l4"]["regret"]["at"])
    fields = {
        "decision": f"We take {', '.join(calm)}; we do not fund {', '.join(left)}.",
        "rejected": f"The set {', '.join(rich)}: worth more on average, dearer to be wrong with."
        if set(rich) != set(calm)
        else f"The plan with the wave: its largest regret is {worst(c, PLANS['one']):,.0f}.",
        "number": f"Largest regret {worst(c, r['l4']['regret']['at']):,.0f} thousand dollars.",
        "trigger": _SIGNALS[max(SCENARIOS, key=lambda name: hurt[name])],
        "owner": "Tomas, research",
        "review": "Day 150, with the quarter's plan.",
    }
    return {part: {"value": text} for part, text in fields.items()}


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns everything: item → part → ``value`` and ``unit``."""
    c, r = case(world), references(world)
    points = [{"row": k, "points": round(v["points"], 2)} for k, v in r["l1"]["losses"].items()]
    margins = r["l1"]["margins"]({"losses": points})
    days = [{"row": k, "days": round(v["days"]["value"], 2)} for k, v in r["l3"]["days"].items()]
    low = min(r["l1"]["at"], key=lambda row: row["units"])["row"]
    found: dict[str, dict[str, Any]] = {
        "st.predict": {
            "layer": {"value": "model"},
            "points": {"value": 8.0, "unit": "%"},
            "stop": {"value": "Prompt chains that work around what a model cannot do yet."},
        },
        "st.toggle": {"given": {"value": ["data", "model"]}},
        "st.drill": {"lines": {"value": r["drill"]}},
        "st.l1": {
            "losses": {"value": points},
            "margins": {
                "value": [{"row": k, "dollars": round(v["dollars"])} for k, v in margins.items()]
            },
            "decision": {"value": r["l1"]["at"]},
            "less": {
                "value": f"{LAYER_WORDS[low]} gets less: it defends "
                f"{margins[low]['dollars']:,.0f} dollars and a unit there adds little."
            },
        },
        "st.forecast": {
            name.removeprefix("st.forecast."): {
                "value": {"low": round(v - 0.15, 2), "high": round(v + 0.15, 2)},
                "unit": "%",
            }
            for name, v in r["forecast"].items()
        },
        "st.l2": {
            "gap": {"value": round(r["l2"]["gap"], 3), "unit": "%"},
            "group": {"value": r["l2"]["group"][0]},
            "decision": {"value": _best(r["l2"]["values"])},
        },
        "st.l3": {
            "days": {"value": days},
            "option": {"value": round(r["l3"]["option"]({"days": days})), "unit": "$/year"},
            "decision": {"value": _best(r["l3"]["values"])},
        },
        "st.l4": {
            "regrets": {"value": [{"row": k, **v} for k, v in r["l4"]["regrets"].items()]},
            "decision": {"value": sorted(r["l4"]["regret"]["at"])},
            "expected": {"value": sorted(r["l4"]["expected"]["at"])},
            "signal": {
                "value": "Gain of the next two releases on our own suite, under 1 point by day 210."
            },
        },
        "st.log": _log(c, r),
    }
    for name, width in (("e1", 1.8), ("e2", 1.6), ("e3", 1.3)):
        found[f"st.{name}"] = _estimate(name, r[name], width)
    for name in WRITTEN:
        strong = question(f"st.{name}").worked_strong
        assert strong is not None
        found[f"st.{name}"] = {"answer": {"value": strong.text}}
    return {
        item: {f"{item}.{part}": answer for part, answer in parts.items()}
        for item, parts in found.items()
    }


# --- worked answers -------------------------------------------------------------------------------


_GROUPS = dict(zip(GROUPS, GROUP_WORDS, strict=True)) | {"none": "no group"}
_WORDS = {
    "nothing": "Change nothing and name a trigger",
    "swap": "Swap to the newer model",
    "fix": "Fix the answers for the group that was named",
    "price": "Cut the fee",
    "feed": "Renew the operator feed early",
    "hand": "Read by hand",
    "golden": "Golden set",
    "suite": "Behavior suite and shadow run",
    "one": "With the wave",
    "two": "Against it",
    "three": "Dara's mix",
}


def _ranked(values: Mapping[str, float], unit: str) -> str:
    named = {_WORDS[name]: value for name, value in values.items()}
    rows = sorted(named.items(), key=lambda pair: -pair[1])
    lines = "\n".join(f"| {k} | {v + 0.0:,.0f} |".replace("| -", "| −") for k, v in rows)
    return f"| Option | {unit} |\n|---|---:|\n{lines}"


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c, r, f = case(world), references(world), facts(world)
    start = 100 * c.lantern.market.share
    audit = "\n".join(
        f"| {LAYER_WORDS[k]} | {loss:.1f} | {m:g} | {loss * c.point * m / 1e6:.1f} "
        f"| {n['units']:.0f} |"
        for k, loss, m, n in zip(KEYS, c.losses, c.months, r["l1"]["at"], strict=True)
    )
    lines = [text for k in c.drill for named, text in (SENTENCES[k],) if named]
    fore = "; ".join(
        f"{_WORDS[k.rsplit('.', 1)[-1]].lower()} {v:.2f}" for k, v in r["forecast"].items()
    )
    means = ", ".join(
        f"{_WORDS[k].lower()} {v['days']['value']:.1f}" for k, v in r["l3"]["days"].items()
    )
    calm, rich = r["l4"]["regret"]["at"], r["l4"]["expected"]["at"]
    table = "\n".join(
        f"| {_WORDS[name]} | " + " | ".join(f"{v:,.0f}" for v in row.values()) + " |"
        for name, row in r["l4"]["regrets"].items()
    )
    e1, e2, e3 = r["e1"], r["e2"], r["e3"]
    found = {
        "st.drill": "These stop making sense without somebody else's model:\n\n- "
        + "\n- ".join(lines)
        + "\n\nThe other five would be true with any model of the same class, named or not.",
        "st.l1": "| Layer | Points lost | Months | Million dollars defended | Units |\n"
        f"|---|---:|---:|---:|---:|\n{audit}\n\nThe placing counts months gained up to month 24, "
        f"so a long copy time gains less than its factor says. It adds {r['l1']['best']:,.0f} "
        "dollars. What would change this: a rival that hires an operator's integration team.",
        "st.forecast": f"Today {start:.1f} percent. Expected at month 6: {fore}.",
        "st.l2": f"Gaps in answers cost {r['l2']['gap']:.2f} points by month 6; the largest part: "
        f"{' or '.join(_GROUPS[g] for g in r['l2']['group'])}.\n\n"
        f"{_ranked(r['l2']['values'], 'dollars in six months')}"
        "\n\nGraded on what was known before the launch.",
        "st.l3": f"Mean days: {means}. A year of each level, crew, upkeep and lag:\n\n"
        f"{_ranked(r['l3']['values'], 'dollars a year')}\n\n"
        + (
            "More releases worth adopting, or a larger gain from each,"
            if _best(r["l3"]["values"]) == "hand"
            else "Fewer releases worth adopting, or a smaller gain from each,"
        )
        + " would turn it round.",
        "st.l4": "Regret, thousands of dollars:\n\n| Plan | Cheap | Stall | Dear |\n"
        f"|---|---:|---:|---:|\n{table}\n\nLeast regret ({worst(c, calm):,.0f}): "
        f"{'; '.join(BET_WORDS[b] for b in calm)}.\n\nLargest expected worth "
        f"({expected(c, rich):,.0f}): {'; '.join(BET_WORDS[b] for b in rich)}.",
        "st.log": "\n\n".join(f"**{k.capitalize()}.** {v['value']}" for k, v in _log(c, r).items()),
        "st.e1": f"Share times people times bookings times commission times months is "
        f"{e1['value']:,.0f} dollars. The price of {f['feed_price']} dollars pays from "
        f"{e1['break-even']:.1f} months on.",
        "st.e2": f"Dollars a question times questions a day times days saved times releases is "
        f"{e2['value']:,.0f} dollars a year. The offer pays from {e2['break-even']:.1f} releases "
        "a year on.",
        "st.e3": f"If prices stay, the discount saves {e3['value']:,.0f} dollars. It loses once "
        f"prices fall by {e3['flat']:.0f} percent a year with flat usage, and by "
        f"{e3['break-even']:.0f} percent with yours: growth puts most of the bill into the late "
        "months, when others pay less. If the discount wins on price, subtract the releases that "
        "you could not adopt: that may turn it round.",
    }
    for name in WRITTEN:
        strong = question(f"st.{name}").worked_strong
        assert strong is not None
        found[f"st.{name}"] = strong.text
    return {item: text.replace("$", "\\$") for item, text in found.items()}
