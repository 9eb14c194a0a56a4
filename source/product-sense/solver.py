"""What is right in one world of the Product sense module. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read).
Decisions are valued in expected dollars a month from the hidden shares; what a learner works out
from labels or tags of their own is computed again on those.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from skillmap.bank import question
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.lessons.product_sense.case import SEGMENTS, TITLES, Case, case
from skillmap.lessons.product_sense.complaints import (
    CAUSES,
    TOTAL,
    counted,
    pile,
    shares,
    tags_of,
)
from skillmap.lessons.product_sense.cuts import NAMES, bets
from skillmap.lessons.product_sense.goals import goals
from skillmap.lessons.product_sense.price import BANDS, book, cost, harms_of, singles
from skillmap.lessons.product_sense.variants import (
    ARMS,
    ENOUGH,
    OUTCOMES,
    arms,
    bought,
    plan_of,
    prices,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["reference_answers", "references", "worked"]

MONTH = 30
WRITTEN = ("q2", "q5", "q6", "q10")


def _runner_up(values: Mapping[str, float], usual: str) -> str:
    """The default of a decision: the usual option, or the second best where that is best."""
    ranked = sorted(values, key=lambda name: -values[name])
    return ranked[1] if ranked[0] == usual else usual


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


# --- PS-L1 ----------------------------------------------------------------------------------------


def rates(world: int, plan: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """Percent of questions assigned, both groups weighted by traffic, from the labels bought.

    >>> sorted(rates(10, dict.fromkeys(ARMS, 300))["a"])
    ['rar', 'reliance', 'war']
    """
    assisted = case(world).groups["S5"].share
    seen = bought(world, dict(plan))
    found = {}
    for arm in ("a", "b"):
        pooled = dict.fromkeys(OUTCOMES, 0.0)
        for row, (own, group) in ARMS.items():
            if own == arm:
                weight = assisted if group == "assisted" else 1 - assisted
                for name, n in seen[row].items():
                    pooled[name] += weight * n / plan[row]
        found[arm] = _three(pooled)
    return found


def _three(pooled: Mapping[str, float]) -> dict[str, float]:
    right = pooled["right_acted"] + pooled["right_checked"]
    wrong = pooled["wrong_acted"] + pooled["wrong_checked"]
    act_wrong = pooled["wrong_acted"] / wrong if wrong else 0.0
    return {
        "rar": 100 * pooled["right_acted"],
        "war": 100 * pooled["wrong_acted"],
        "reliance": 100 * (pooled["right_acted"] / right - act_wrong),
    }


def variant_values(world: int) -> dict[str, float]:
    """Expected dollars a question of each way to ship, as costs with a minus."""
    hidden = arms(world)
    return ship_values(
        world, {row: dict(zip(OUTCOMES, hidden[row].shares(), strict=True)) for row in ARMS}
    )


def ship_values(world: int, shares: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Dollars a question of each way to ship, as costs with a minus, from shares of the endings."""
    c = case(world)
    p, assisted = prices(c), c.groups["S5"].share
    costs = {
        row: sum(p[group][name] * shares[row][name] for name in OUTCOMES)
        for row, (_, group) in ARMS.items()
    }
    found = {}
    for arm in ("a", "b"):
        others = (1 - assisted) * costs[f"{arm}_others"]
        found[arm] = -(others + assisted * costs[f"{arm}_assisted"])
        found[f"{arm}_desk"] = -(others + assisted * c.hand_off)
    return found


def _variants(world: int) -> dict[str, Any]:
    values = variant_values(world)
    default = _runner_up(values, "a")

    def ship(answers: Mapping[str, Any]) -> dict[str, Any]:
        """What is true; an honest reading of enough labels is worth as much, for it was unlucky."""
        plan = plan_of(answers["plan"]) if "plan" in answers else None
        if plan is None or min(plan.values()) < ENOUGH:
            return {"values": values, "default": values[default]}
        seen = bought(world, plan)
        own = _best(
            ship_values(
                world,
                {row: {k: n / plan[row] for k, n in seen[row].items()} for row in ARMS},
            )
        )
        return {"values": values | {own: max(values.values())}, "default": values[default]}

    def of(answers: Mapping[str, Any]) -> dict[str, dict[str, float]] | None:
        plan = plan_of(answers["plan"]) if "plan" in answers else None
        return None if plan is None else rates(world, plan)

    return {"values": values, "default": default, "ship": ship, "rates": of}


# --- PS-L2 ----------------------------------------------------------------------------------------


def mending(world: int) -> dict[str, float]:
    """Dollars a month that calibrated scores are worth at the right bars, by group."""
    b = book(world)
    h = b.harms()
    found = {}
    for key in SEGMENTS:
        bar, total = max(0.0, 1 - b.hand_off / h[key]), 0.0
        for middle, n, right in zip(BANDS, b.volume[key], b.right[key], strict=True):
            if (middle >= bar) != (right >= bar):
                total += n * abs((1 - right) * h[key] - b.hand_off)
        found[key] = total
    return found


def _price(world: int) -> dict[str, Any]:
    b = book(world)
    h = b.harms()
    bars = {key: max(0.0, 1 - b.hand_off / h[key]) for key in SEGMENTS}
    single = singles(b, h, b.hand_off)
    gains = mending(world)

    def own(answers: Mapping[str, Any]) -> float | None:
        """What the bench says at the learner's own prices and bars."""
        if not {"harm", "desk", "bars"} <= set(answers):
            return None
        mine, set_at = harms_of(answers["harm"], "h"), harms_of(answers["bars"], "bar")
        if mine is None or set_at is None:
            return None
        desk = float(answers["desk"])
        if min(desk, *mine.values()) <= 0:  # nothing is saved where nothing costs anything
            return None
        return min(singles(b, mine, desk).values()) - cost(b, mine, desk, set_at)

    values = {"none": 0.0} | {k.lower(): gains[k] - b.project for k in ("S3", "S4", "S5")}
    return {
        "harm": {key: {"h": h[key]} for key in SEGMENTS},
        "desk": b.hand_off,
        "bars": {key: {"bar": bars[key]} for key in SEGMENTS},
        "saving": min(single.values()) - cost(b, h, b.hand_off, bars),
        "own": own,
        "single": min(single, key=lambda bar: single[bar]),
        "values": values,
        "default": _runner_up(values, "none"),
    }


# --- PS-L3 ----------------------------------------------------------------------------------------


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 percent Wilson interval.

    >>> [round(end, 3) for end in wilson(12, 40)]
    [0.181, 0.454]
    """
    z, p = 1.959964, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def _complaints(world: int) -> dict[str, Any]:
    p = pile(world)
    true = tuple(letter.cause for letter in p.letters)
    share = shares(p, true)
    values = {c: p.harm * share[c] * p.works[c] - p.price[c] for c in CAUSES} | {"none": 0.0}

    def mine(answers: Mapping[str, Any]) -> tuple[str, ...] | None:
        return tags_of(answers["tags"]) if "tags" in answers else None

    def weighed(answers: Mapping[str, Any]) -> dict[str, dict[str, float]] | None:
        tags = mine(answers)
        if tags is None:
            return None
        return {cause: {"share": 100 * s} for cause, s in shares(p, tags).items()}

    def end(which: int) -> Any:
        def of(answers: Mapping[str, Any]) -> float | None:
            tags = mine(answers)
            if tags is None:
                return None
            totals = dict.fromkeys(CAUSES, 0)
            for (cause, _), n in counted(p, tags).items():
                totals[cause] += n
            return 100 * wilson(max(totals.values()), TOTAL)[which]

        return of

    return {
        "tags": {f"c{n}": {"cause": cause} for n, cause in enumerate(true, start=1)},
        "low": end(0),
        "high": end(1),
        "shares": weighed,
        "decision": {"values": values, "default": _runner_up(values, "none")},
        "true": share,
    }


# --- PS-L4 ----------------------------------------------------------------------------------------


def _cuts(world: int) -> dict[str, Any]:
    found = bets(world)
    worth = {name: bet.expected for name, bet in found.items()}

    def of(names: Any) -> float | None:
        if not isinstance(names, list) or len(set(names)) != 2 or not set(names) <= set(found):
            return None
        return sum(worth[name] for name in names)

    pairs = {pair: worth[pair[0]] + worth[pair[1]] for pair in combinations(found, 2)}
    top = max(pairs, key=lambda pair: pairs[pair])
    bold = sorted(found, key=lambda name: -found[name].upside)[:2]
    default = sum(worth[name] for name in bold)
    if default > pairs[top] - 1:
        default = sorted(pairs.values())[-2]
    auto = found["auto"]
    return {
        "value": of,
        "best": pairs[top],
        "default": default,
        "at": list(top),
        "expected": {name: {"worth": value} for name, value in worth.items()},
        "edge": 100
        * (auto.works * auto.upside - auto.price)
        / (auto.reach * auto.loss * auto.harm),
    }


# --- estimation -----------------------------------------------------------------------------------


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _factor(name: str, span: Range, unit: str, op: Literal["*", "/"] = "*") -> Factor:
    return Factor(name, span, Unit.parse(unit), op)


def _about(value: float, times: float) -> Range:
    return between(_tidy(value / times, 5), _tidy(value * times, 5), median=_tidy(value, 6))


def _either(ratio: float, above: str, below: str) -> list[str]:
    """The option on the right side of one, or both where it is close."""
    if 0.8 < ratio < 1.25:
        return [above, below] if ratio >= 1 else [below, above]
    return [above if ratio >= 1 else below]


def _wrong(c: Case) -> dict[str, Any]:
    w, g = c.wrong, c.groups[c.wrong.group]
    value = c.questions * g.share * w.answered * w.error * w.acted
    edge = c.hand_off / (w.error * w.acted)
    return {
        "value": value,
        "unit": "answers/month",
        "chain": Chain.of(
            _factor("questions", _about(c.questions, 1.04), "questions/month"),
            _factor("share", _about(g.share, 1.01), "share"),
            _factor("answered", _about(w.answered, 1.01), "answers/question"),
            _factor("error", _about(w.error, 1.2), "share"),
            _factor("acted", _about(w.acted, 1.14), "share"),
            unit="answers/month",
        ),
        "drivers": ["error", "acted"],
        "decision": _either(g.harm / edge, "desk", "keep"),
        "break-even": edge,
    }


def _stale(c: Case) -> dict[str, Any]:
    s = c.stale
    a_day = c.daily * s.intent * s.stale * s.acted
    return {
        "value": a_day * s.days,
        "unit": "questions",
        "chain": Chain.of(
            _factor("daily", _about(c.daily, 1.04), "questions/day"),
            _factor("intent", _about(s.intent, 1.01), "share"),
            _factor("stale", _about(s.stale, 1.12), "share"),
            _factor("acted", _about(s.acted, 1.18), "share"),
            _factor("days", _about(s.days, 1.001), "days"),
            unit="questions",
        ),
        "drivers": ["acted", "stale"],
        "decision": _either(s.budget / (a_day * s.days * s.letter), "letter", "banner"),
        "break-even": s.budget / s.letter / a_day,
    }


def _clarify(c: Case) -> dict[str, Any]:
    k = c.clarify
    gross = k.cut * k.acted * k.harm
    return {
        "value": c.questions * k.ambiguous * gross,
        "unit": "$/month",
        "chain": Chain.of(
            _factor("questions", _about(c.questions, 1.04), "questions/month"),
            _factor("ambiguous", _about(k.ambiguous, 1.02), "share"),
            _factor("cut", _about(k.cut, 1.3), "share"),
            _factor("acted", _about(k.acted, 1.15), "share"),
            _factor("harm", _about(k.harm, 1.03), "$/question"),
            unit="$/month",
        ),
        "drivers": ["cut", "acted"],
        "decision": _either(gross / (k.dropped * c.hand_off), "ask", "skip"),
        "break-even": 100 * gross / c.hand_off,
        "net": 100 * k.ambiguous * (gross - k.dropped * c.hand_off),
        "lost": 100 * k.ambiguous * k.dropped * c.hand_off,
    }


# --- references -----------------------------------------------------------------------------------


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in one world."""
    c = case(world)
    return {
        "drill": {f"g{n}": {"kind": kind} for n, (_, kind) in enumerate(goals(world), start=1)},
        "e1": _wrong(c),
        "e2": _stale(c),
        "e3": _clarify(c),
        "l1": _variants(world),
        "l2": _price(world),
        "l3": _complaints(world),
        "l4": _cuts(world),
        **{name: question(f"ps.{name}") for name in WRITTEN},
    }


# --- reference answers ----------------------------------------------------------------------------

_PLAN = [{"row": row, "n": 600.0} for row in ARMS]
_YOURS = (
    "Visitors who ask which platform they need act on the answer and board the train they meant, "
    "90 of 100, within the hour; guardrail: fewer than 2 of 100 board the wrong one."
)
_BACK = (
    "Boarding the train they meant follows recall at five on platform questions. Recall can rise "
    "on long articles while the short platform notice is cut off, and more people miss the train."
)


def _table(reference: Mapping[str, Mapping[str, Any]], digits: int = 4) -> dict[str, Any]:
    def cell(value: Any) -> Any:
        return value if isinstance(value, str) else round(value, digits)

    rows = [
        {"row": row, **{name: cell(value) for name, value in cells.items()}}
        for row, cells in reference.items()
    ]
    return {"value": rows}


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return, by item and part, an answer sheet that earns everything in this world."""
    r = references(world)
    tags = _table(r["l3"]["tags"])
    own = {"tags": tags["value"]}
    found: dict[str, dict[str, Any]] = {
        "ps.predict": {
            "hump": {"value": "more"},
            "variant": {"value": "b"},
            "success": {"value": _YOURS},
        },
        "ps.drill": {
            "goals": _table(r["drill"]),
            "yours": {"value": _YOURS},
            "back": {"value": _BACK},
        },
        "ps.l1": {
            "plan": {"value": _PLAN},
            "rates": _table(r["l1"]["rates"]({"plan": _PLAN})),
            "decision": {"value": _best(r["l1"]["values"])},
        },
        "ps.l2": {
            "harm": _table(r["l2"]["harm"]),
            "desk": {"value": r["l2"]["desk"], "unit": "$"},
            "bars": _table(r["l2"]["bars"]),
            "saving": {"value": round(r["l2"]["saving"]), "unit": "$/month"},
            "decision": {"value": _best(r["l2"]["values"])},
        },
        "ps.l3": {
            "tags": tags,
            "low": {"value": round(r["l3"]["low"](own), 2), "unit": "%"},
            "high": {"value": round(r["l3"]["high"](own), 2), "unit": "%"},
            "shares": _table(r["l3"]["shares"](own)),
            "decision": {"value": _best(r["l3"]["decision"]["values"])},
        },
        "ps.l4": {
            "expected": _table(r["l4"]["expected"]),
            "edge": {"value": _tidy(r["l4"]["edge"], 5), "unit": "%"},
            "decision": {"value": r["l4"]["at"]},
        },
        "ps.log": _log(world, r),
    }
    for name in ("e1", "e2", "e3"):
        found[f"ps.{name}"] = _estimate(name, r[name])
    for name in WRITTEN:
        strong = question(f"ps.{name}").worked_strong
        assert strong is not None
        found[f"ps.{name}"] = {"answer": {"value": strong.text}}
    return {
        item: {f"{item}.{part}": answer for part, answer in parts.items()}
        for item, parts in found.items()
    }


def _estimate(name: str, ref: Mapping[str, Any]) -> dict[str, Any]:
    unit, value = ref["unit"], ref["value"]
    answers: dict[str, Any] = {
        "chain": {"value": ref["chain"].to_answer(), "unit": unit},
        "range": {
            "value": {
                "low": _tidy(value / 1.35, 3),
                "point": _tidy(value, 4),
                "high": _tidy(value * 1.35, 3),
            },
            "unit": unit,
        },
        "drivers": {"value": sorted(ref["drivers"])},
        "decision": {"value": ref["decision"][0]},
        "break-even": {
            "value": _tidy(ref["break-even"], 4),
            "unit": {"e1": "$", "e2": "days", "e3": "%"}[name],
        },
    }
    if name == "e3":
        answers["net"] = {"value": _tidy(ref["net"], 4)}
    return answers


def _log(world: int, r: Mapping[str, Any]) -> dict[str, Any]:
    found = bets(world)
    one, other = (NAMES[name] for name in r["l4"]["at"])
    cut = sorted(set(found) - set(r["l4"]["at"]), key=lambda name: -found[name].expected)[0]
    return {
        "decision": {"value": f"We build two: “{one}” and “{other}”."},
        "rejected": {"value": f"{NAMES[cut]}: worth less per month, all in."},
        "number": {"value": f"{r['l4']['best']:,.0f} dollars a month expected from the pair."},
        "trigger": {
            "value": f"“{NAMES[cut]}” comes back if a trial with 500 people brings half of its "
            "right-and-acted, two weeks running, and wrong-and-acted dollars stay where they are."
        },
        "owner": {"value": "Tomas, research lead"},
        "review": {"value": "Day 84, at the weekly review."},
    }


# --- worked answers -------------------------------------------------------------------------------


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c, r = case(world), references(world)
    found = {
        "ps.drill": _drill_text(world),
        "ps.e1": _wrong_text(c, r["e1"]),
        "ps.e2": _stale_text(c, r["e2"]),
        "ps.e3": _clarify_text(c, r["e3"]),
        "ps.l1": _variant_text(world, r["l1"]),
        "ps.l2": _price_text(world, r["l2"]),
        "ps.l3": _pile_text(world, r["l3"]),
        "ps.l4": _cut_text(world, r["l4"]),
        "ps.log": "\n\n".join(
            f"**{k.capitalize()}.** {v['value']}" for k, v in _log(world, r).items()
        ),
        **{f"ps.{name}": _written_text(f"ps.{name}") for name in WRITTEN},
    }
    return {item: text.replace("$", "\\$") for item, text in found.items()}


def _ranked(values: Mapping[str, float], names: Mapping[str, str], unit: str, digits: int) -> str:
    ranked = sorted(values.items(), key=lambda pair: -pair[1])
    rows = "\n".join(f"| {names.get(k, k)} | {v + 0.0:,.{digits}f} |" for k, v in ranked)
    return f"| Option | {unit} |\n|---|---:|\n{rows}".replace("| -", "| −")


def _drill_text(world: int) -> str:
    rows = "\n".join(f"| {text} | {kind} |" for text, kind in goals(world))
    return (
        f"| Goal | About |\n|---|---|\n{rows}\n\nA goal of your own: {_YOURS}\n\nAnd back: {_BACK}"
        "\n\nSilence counts "
        "whoever went away, activity whoever came again because it had not worked."
    )


def _wrong_text(c: Case, r: Mapping[str, Any]) -> str:
    w, g = c.wrong, c.groups[c.wrong.group]
    return (
        f"{c.questions:,.0f} × {g.share:.3f} × {w.answered} × {w.error} × {w.acted} = "
        f"**{r['value']:,.0f} a month** for {g.title.lower()}, about "
        f"{r['value'] * g.harm:,.0f} dollars. Handing over pays where one costs more than "
        f"{c.hand_off:.2f} ÷ ({w.error} × {w.acted}) = **{r['break-even']:.1f} dollars**; here it "
        f"costs {g.harm:.1f}: **{' or '.join(r['decision'])}**.\n\nA bar by confidence does "
        "better than either: hand over the doubtful ones only."
    )


def _stale_text(c: Case, r: Mapping[str, Any]) -> str:
    s = c.stale
    return (
        f"{c.daily:,.0f} × {s.intent} × {s.stale} × {s.acted} × {s.days:.0f} = "
        f"**{r['value']:,.0f}**. Letters for all cost {r['value'] * s.letter:,.0f} dollars; "
        f"{s.budget:,.0f} are set aside, enough for **{r['break-even']:.1f} days**: "
        f"**{' or '.join(r['decision'])}**.\n\nThe days are yours to shorten. A check of articles "
        "against their dates may cost less than the letters."
    )


def _clarify_text(c: Case, r: Mapping[str, Any]) -> str:
    k = c.clarify
    return (
        f"{c.questions:,.0f} × {k.ambiguous} × {k.cut} × {k.acted} × {k.harm} = "
        f"**{r['value']:,.0f} dollars a month** avoided. Drop-off loses {r['lost']:.1f} cents a "
        f"question, so the net is **{r['net']:.1f} cents**, {r['net'] * c.questions / 100:,.0f} "
        f"dollars a month: **{' or '.join(r['decision'])}**. It turns negative where "
        f"**{r['break-even']:.1f} percent** drop off.".replace("is **-", "is **−")
    )


_SHIP = {
    "a": "A for everybody",
    "b": "B for everybody",
    "a_desk": "A, assisted travelers to the desk",
    "b_desk": "B, assisted travelers to the desk",
}


def _variant_text(world: int, r: Mapping[str, Any]) -> str:
    hidden = arms(world)
    rows = "\n".join(
        f"| {arm.upper()}, {group} | {100 * hidden[row].right:.1f} | "
        f"{100 * hidden[row].act_right:.0f} | {100 * hidden[row].act_wrong:.0f} | "
        f"{100 * hidden[row].left:.1f} |"
        for row, (arm, group) in ARMS.items()
    )
    return (
        "What the labels estimate, in percent:\n\n| Arm | Right | Acts when right | Acts when "
        f"wrong | Left |\n|---|---:|---:|---:|---:|\n{rows}\n\n"
        f"{_ranked(r['values'], _SHIP, 'Dollars a question', 2)}\n\nAccuracy decides none of this "
        "alone. What counts is whether people can tell a right answer from a wrong one, who went "
        "away before they could, and what a mistake costs the group."
    )


def _price_text(world: int, r: Mapping[str, Any]) -> str:
    b = book(world)
    rows = "\n".join(
        f"| {TITLES[k]} | {r['harm'][k]['h']:.2f} | {r['bars'][k]['bar']:.3f} |" for k in SEGMENTS
    )
    names = {"none": "Nobody's", "s3": TITLES["S3"], "s4": TITLES["S4"], "s5": TITLES["S5"]}
    return (
        f"H = {b.handling:.2f} + {b.waiting:.2f} = **{r['desk']:.2f} dollars**.\n\n| Who | h, "
        f"dollars | Bar 1 − H/h |\n|---|---:|---:|\n{rows}\n\nAgainst the cheapest single bar "
        f"({r['single']:.3f}) five bars save **{r['saving']:,.0f} dollars a month**.\n\n"
        f"{_ranked(r['values'], names, 'Dollars a month from mending scores', 0)}\n\nBars are "
        "only as good as the scores that they cut. A group whose labeled share right lies far "
        "under its scores gets answers that should have gone to the desk."
    )


def _pile_text(world: int, r: Mapping[str, Any]) -> str:
    p = pile(world)
    tags = "; ".join(f"{n} {x.cause}" for n, x in enumerate(p.letters, start=1))
    weights = "; ".join(f"{TITLES[g]} {p.weight(g):,.0f}" for g in SEGMENTS)
    rows = "; ".join(f"{cause} {100 * share:.0f}" for cause, share in r["true"].items())
    return (
        f"Tags: {tags}.\n\nDollars of harm behind one letter: {weights}. Shares of harm, percent: "
        f"{rows}.\n\n{_ranked(r['decision']['values'], {}, 'Dollars a month', 0)}\n\nThe group "
        "that writes least may be hurt most. Counting letters gives it the smallest voice. And "
        "twelve to forty letters leave wide intervals: name the one you would check next."
    )


def _cut_text(world: int, r: Mapping[str, Any]) -> str:
    found = bets(world)
    rows = {name: bet.expected for name, bet in found.items()}
    auto = found["auto"]
    return (
        f"{_ranked(rows, NAMES, 'Dollars a month, all in', 0)}\n\nThe boldest brings "
        f"{auto.upside:,.0f} dollars if it works, and loses "
        f"{auto.reach * auto.loss * auto.harm:,.0f} if it backfires. It breaks even at a chance "
        f"of backfiring of **{r['edge']:.1f} percent**; the estimate is "
        f"{100 * auto.fails:.2g}.".replace("of **-", "of **−")
        + "\n\nA mean hides a tail that a few people pay for. Say whom you cut, and what would "
        "bring it back."
    )


def _written_text(id_: str) -> str:
    q = question(id_)
    assert q.worked_strong is not None
    assert q.worked_weak is not None
    strong, weak = q.worked_strong, q.worked_weak
    levels = ", ".join(f"{name.upper()} {level}" for name, level in weak.levels.items())
    return (
        f"House world, strong: “{strong.text}” {strong.why}\n\nHouse world, tidy but weak: "
        f"“{weak.text}” ({levels}.) {weak.why}"
    )
