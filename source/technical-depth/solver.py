"""What is right in one world of the Technical depth module. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read).
Retrieval is measured on the real index; the best setup is looked for by coordinate ascent from
day 0's, so a learner may find a slightly better one and has full points for it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from skillmap.bank import question
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.lantern.tiers import STALE_RIGHT
from skillmap.lessons.technical_depth.bench import (
    CHUNKS,
    DAY_ZERO_SETUP,
    GROUPS,
    WHOLE,
    Measured,
    Setup,
    as_row,
    measure,
    setup_of,
)
from skillmap.lessons.technical_depth.boundary import boundary
from skillmap.lessons.technical_depth.case import WEIGHTS, Case, case, draft_right
from skillmap.lessons.technical_depth.fixes import failures, fixes
from skillmap.lessons.technical_depth.rebook import chain_of_steps
from skillmap.lessons.technical_depth.replays import CAUSES, failed_share, plan_of, sample, shares
from skillmap.lessons.technical_depth.streams import (
    KINDS,
    WAYS,
    exposed,
    kinds,
    left_of,
    log,
    perceived,
)
from skillmap.lessons.technical_depth.ten import ten
from skillmap.lessons.technical_depth.versions import behaviors, panel, terms, truly
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["best_setup", "reference_answers", "references", "worked"]

MONTH = 30
WRITTEN = ("q3", "q5", "q6", "q13")


# --- TD-L1: the retrieval bench -------------------------------------------------------------------


def cost(c: Case, setup: Setup, measured: Measured | None = None) -> float:
    """Dollars a question under a setup, from the price list and what the bench measured.

    >>> c = case(10)
    >>> cost(c, Setup(k=1)) > cost(c, Setup())
    True
    """
    m, p = measured or measure(c.world, setup), c.prices
    cases = zip(c.shares, m.found, m.outdated, m.missed, p.found, p.outdated, p.missed, strict=True)
    total = sum(s * (f * a + o * b + x * d) for s, f, o, x, a, b, d in cases)
    cents = (p.glossary if setup.glossary else 0.0) + (p.dates if setup.dates else 0.0)
    if setup.words == WHOLE:
        cents += p.whole + p.long
    else:
        cents += p.passage * m.beyond + p.tokens * m.tokens / 1000
    return float(total + cents / 100)


def allowed(c: Case, setup: Setup) -> bool:
    """Whether a setup keeps to the budget of retrieved tokens; the cached whole corpus does."""
    return setup.words == WHOLE or measure(c.world, setup).tokens <= c.prices.budget


def _worth(c: Case, setup: Setup) -> float:
    return -cost(c, setup) if allowed(c, setup) else -math.inf


@per_world
def best_setup(world: int) -> Setup:
    """Return the best setup that coordinate ascent finds from day 0, or the whole help center."""
    c = case(world)
    best = replace(DAY_ZERO_SETUP, dates=True)
    if _worth(c, best) < _worth(c, DAY_ZERO_SETUP):
        best = DAY_ZERO_SETUP
    for _ in range(2):
        before = best
        moves = [[replace(best, words=w, k=k) for w in CHUNKS for k in range(1, 13)]]
        best = max([best, *moves[0]], key=lambda s: _worth(c, s))
        for name, options in (
            ("glossary", (False, True)),
            ("dates", (False, True)),
            ("method", ("bm25", "vectors", "fusion")),
            ("overlap", (0.0, 0.25, 0.5)),
        ):
            found = [replace(best, **{name: option}) for option in options]
            best = max([best, *found], key=lambda s: _worth(c, s))
        if best == before:
            break
    whole = [Setup(words=WHOLE, dates=dates) for dates in (False, True)]
    return max([best, *whole], key=lambda s: _worth(c, s))


def _bench(c: Case) -> dict[str, Any]:
    rows = ten(c.world)
    ranks = [t.rank if 0 < t.rank <= 4 else 0 for t in rows]
    plain = measure(c.world, DAY_ZERO_SETUP)
    glossary = measure(c.world, replace(DAY_ZERO_SETUP, glossary=True))

    def own(answers: Mapping[str, Any]) -> Setup | None:
        setup = setup_of(answers["decision"])
        if setup is not None and not allowed(c, setup):
            raise ValueError(
                f"{measure(c.world, setup).tokens:,.0f} retrieved tokens a question are more than "
                f"the budget of {c.prices.budget:,}"
            )
        return setup

    def worth(table: Any) -> float | None:
        setup = own({"decision": table})
        return None if setup is None else -cost(c, setup)

    def dollars(answers: Mapping[str, Any]) -> float | None:
        setup = own(answers)
        return None if setup is None else cost(c, setup)

    def worst(answers: Mapping[str, Any]) -> list[str] | None:
        setup = own(answers)
        if setup is None:
            return None
        found = measure(c.world, setup).found
        low = min(found)
        return [g for g, f in zip(GROUPS, found, strict=True) if f < low + 0.005]

    best = best_setup(c.world)
    return {
        "value": worth,
        "best": -cost(c, best),
        "default": -cost(c, DAY_ZERO_SETUP),
        "at": [as_row(best)],
        "recall": 100 * sum(r > 0 for r in ranks) / len(ranks),
        "mrr": sum(1 / r for r in ranks if r) / len(ranks),
        "ndcg": sum(1 / math.log2(1 + r) for r in ranks if r) / len(ranks),
        "glossary": 100 * (glossary.found[c.position] - plain.found[c.position]),
        "dollars": dollars,
        "worst": worst,
    }


# --- TD-L2: whose error? --------------------------------------------------------------------------


def _whose(c: Case) -> dict[str, Any]:
    def own(answers: Mapping[str, Any]) -> dict[str, float] | None:
        plan = plan_of(answers["plan"])
        if plan is None:
            return None
        mine, others = (shares(part) for part in sample(c.world, plan))
        found = {k: mine[k] for k in CAUSES}
        found["gap"] = mine["miss"] + mine["stale"] - others["miss"] - others["stale"]
        return found

    return {
        "cause": _cause(c),
        "own": own,
        "fix": {"values": fix_values(c), "default": "leave"},
    }


FAINT = 0.04
"""Difference in failed drafts that 600 labels of each cannot tell from nothing (1.7 errors)."""


def _cause(c: Case) -> str | list[str]:
    """What sets the group apart; where it hardly shows, *nothing* is as good an answer."""
    named = _mechanism(c)
    own, others = failed_share(c.world)
    return [named, "nothing"] if named != "nothing" and own - others < FAINT else named


def _mechanism(c: Case) -> str:
    return {
        "vocabulary gap": "miss",
        "stale cluster": "stale",
        "constraint errors": "generation",
        "overconfidence": "generation",
        None: "nothing",
    }[c.lantern.weakness.mechanism]


def failing(world: int) -> dict[str, float]:
    """Failed drafts of the suspected group as a share of its questions, by cause, expected.

    >>> sorted(failing(10))
    ['generation', 'miss', 'stale']
    """
    c = case(world)
    m, place = measure(world, DAY_ZERO_SETUP), c.position
    heron, group = c.lantern.tier("heron"), c.lantern.segments[place]
    wrong = float((WEIGHTS * (1 - draft_right(heron, group))).sum())
    missed = heron.abstains + (1 - heron.abstains) * (1 - heron.lucky)
    return {
        "miss": m.missed[place] * missed,
        "stale": m.outdated[place] * (1 - STALE_RIGHT),
        "generation": m.found[place] * wrong,
    }


def fix_values(c: Case) -> dict[str, float]:
    """Dollars a month of each fix for the suspected group, its price taken off."""
    rate, dollars, price = failing(c.world), failures(c.world).dollars, fixes(c.world)
    monthly = c.daily * MONTH * c.shares[c.position]
    saved = {
        name: monthly * sum(rate[kind] * fix.removes[kind] * dollars[kind] for kind in rate)
        for name, fix in price.items()
    }
    return {name: saved[name] - price[name].dollars for name in price} | {"leave": 0.0}


# --- TD-L3: what changed? -------------------------------------------------------------------------


def paired_p(lost: int, gained: int) -> float:
    """Two-sided p of a paired comparison by McNemar's normal form, no continuity correction.

    >>> round(paired_p(9, 25), 4)
    0.0061
    """
    pairs = lost + gained
    return math.erfc(abs(gained - lost) / math.sqrt(pairs) / math.sqrt(2)) if pairs else 1.0


def response_values(world: int) -> dict[str, float]:
    """Dollars over thirty days of each response, beside leaving it as it is."""
    c, t, changed = case(world), terms(world), truly(world)
    rows = {b.key: b for b in behaviors(world)}
    part = "format" if "format" in changed else "citation" if "citation" in changed else None
    share = rows[part].after - rows[part].before if part else 0.0
    broken = t.answered * share * t.broken_cost
    longer = t.answered * t.longer_worth if "length" in changed else 0.0
    assert c.world == world
    return {
        "accept": 0.0,
        "pin": t.pin_days * (broken - longer) - t.pin_cost,
        "patch": (MONTH - t.patch_days) * broken * {"citation": 0.8, "format": 0.4, None: 0.0}[part]
        - t.patch_cost,
        "parser": (MONTH - t.parser_days) * broken * (0.9 if part == "format" else 0.0)
        - t.parser_cost,
        "back": -t.back_cost,
    }


def _changed(c: Case) -> dict[str, Any]:
    rows = {b.key: b for b in behaviors(c.world)}
    moved = sorted(truly(c.world)) or ["none"]
    return {
        "moved": moved,
        "bound": 5 / len(panel(c.world)),
        "p": 100 * paired_p(rows["accuracy"].lost, rows["accuracy"].gained),
        "decision": {"values": response_values(c.world), "default": "accept"},
    }


# --- TD-L4: stream or wait ------------------------------------------------------------------------


@per_world
def stream_value(world: int, kind: str, way: str) -> float:
    """Dollars a day of showing a kind of text this way: people who leave, and what is acted on.

    >>> stream_value(10, "action", "whole") > stream_value(10, "action", "stream")
    True
    """
    k = kinds(world)[kind]
    left = k.daily * left_of(world, kind, way) * k.leave_cost
    return -(left + exposed(k, way) * k.acts * k.harm)


def _streams(c: Case) -> dict[str, Any]:
    streamed, whole = (np.array(perceived(c.world, "money", way)) for way in ("stream", "whole"))
    rows = log(c.world)
    money = rows[rows["kind"] == "money"]
    writing = (money["hidden"] + money["tokens"]) * money["per_token"]
    parts = sum(float(np.percentile(s, 95)) for s in (money["first"], writing, money["check"]))
    values = {kind: {way: stream_value(c.world, kind, way) for way in WAYS} for kind in KINDS}
    habits = [sum(v[way] for v in values.values()) for way in WAYS]
    best = {kind: max(v, key=lambda way: v[way]) for kind, v in values.items()}

    def worth(table: Any) -> float | None:
        chosen = {row["row"]: row.get("way") for row in table}
        if set(chosen) != set(KINDS) or not set(chosen.values()) <= set(WAYS):
            return None
        return sum(values[kind][way] for kind, way in chosen.items())

    return {
        "p50": float(np.percentile(streamed, 50)),
        "whole50": float(np.percentile(whole, 50)),
        "p95": float(np.percentile(whole, 95)),
        "sum": parts,
        "exposed": exposed(kinds(c.world)["action"], "stream"),
        "values": values,
        "decision": {
            "value": worth,
            "best": sum(values[k][w] for k, w in best.items()),
            "default": max(habits),
            "at": [{"row": k, "way": w} for k, w in best.items()],
        },
        "best_way": best,
    }


# --- exercises ------------------------------------------------------------------------------------


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _factor(name: str, span: Range, unit: str, op: Literal["*", "/", "+", "-"] = "*") -> Factor:
    return Factor(name, span, Unit.parse(unit), op)


def _about(value: float, times: float) -> Range:
    return between(_tidy(value / times, 5), _tidy(value * times, 5), median=_tidy(value, 6))


def _tokens(c: Case) -> dict[str, Any]:
    e = c.exercise
    fixed = e.system + e.history + e.query
    total = fixed + e.k * e.passage
    other = e.tokenizer * (total + (e.language - 1) * e.query)
    exact = 1.00001
    return {
        "value": float(total),
        "unit": "tokens",
        "chain": Chain.of(
            _factor("passages", _about(e.k, exact), "passages"),
            _factor("passage", _about(e.passage, exact), "tokens/passage"),
            _factor("system", _about(e.system, exact), "tokens", "+"),
            _factor("history", _about(e.history, exact), "tokens", "+"),
            _factor("query", _about(e.query, exact), "tokens", "+"),
            unit="tokens",
        ),
        "drivers": ["passages", "system"],
        "tokenizer": e.tokenizer * total,
        "language": other,
    }


def _bill(c: Case) -> dict[str, Any]:
    e, s = c.exercise, c.lantern.scale
    total = e.system + e.history + e.query + e.k * e.passage
    extra = (e.tokenizer - 1) * total
    price = c.lantern.tier("heron").price_in
    calls = s.questions * s.calls_per_question
    value = calls * extra * price / 1e6
    ratio = value / e.reserve
    decision = ["move" if ratio <= 1 else "cut"]
    if 0.87 < ratio < 1.15:  # as far as the memo's ends can mislead
        decision = ["move", "cut"]
    return {
        "value": value,
        "unit": "$/month",
        "chain": Chain.of(
            _factor("questions", _about(s.questions, 1.08), "questions/month"),
            _factor("calls", _about(s.calls_per_question, 1.1), "calls/question"),
            _factor("extra", _about(extra, 1.05), "tokens/call"),
            _factor("price", _about(price / 1e6, 1.0001), "$/token"),
            unit="$/month",
        ),
        "drivers": ["questions", "calls"],
        "decision": decision,
        "break-even": 1 + e.reserve / (calls * total * price / 1e6),
    }


def _steps(c: Case) -> dict[str, Any]:
    e = c.exercise
    p, d = e.success, e.caught
    each = p + (1 - p) * d * p
    goal = e.target ** (1 / e.steps)
    s = chain_of_steps(c.world)
    values = {
        name: step.sessions * step.fails * step.caught * step.dollars - step.sessions * step.confirm
        for name, step in s.items()
    } | {"none": 0.0}
    return {
        "plain": 100 * p**e.steps,
        "guarded": 100 * each**e.steps,
        "needed": 100 * (goal - p) / ((1 - p) * p),
        "values": values,
        "default": "none",
    }


def _edit(c: Case) -> dict[str, Any]:
    e = c.exercise
    n = math.log(0.05) / math.log(1 - e.bound)
    hours = n / e.pace
    value = e.author + e.review + e.reindex + hours + e.cache
    gain = e.affected / 24 * (e.outdated_share * e.outdated_cost - e.send_cost)
    even = e.switch_cost / gain if gain > 0 else 1e6
    ratio = value / even
    decision = ["hold" if ratio >= 1 else "answer"]
    if 0.85 < ratio < 1.18:
        decision = ["answer", "hold"]

    def arriving(answers: Mapping[str, Any]) -> float | None:
        """Affected questions in the learner's own hours: their point, or the middle of the ends."""
        span = answers["range"]
        hours_ = span.get("point") or math.sqrt(max(span["low"] * span["high"], 0.0))
        return e.affected / 24 * hours_ if 0 < hours_ < 10_000 else None

    spans = {
        "author": _about(e.author, 1.5),
        "review": _about(e.review, 1.6),
        "reindex": _about(e.reindex, 1.2),
        "eval": _about(hours, 1.2),
        "cache": _about(e.cache, 1.0001),
    }
    swing = {k: float(v.high - v.low) for k, v in spans.items()}
    return {
        "value": value,
        "unit": "hours",
        "chain": Chain.of(
            _factor("author", spans["author"], "hours"),
            *(_factor(k, spans[k], "hours", "+") for k in ("review", "reindex", "eval", "cache")),
            unit="hours",
        ),
        "drivers": sorted(swing, key=lambda k: -swing[k])[:2],
        "decision": decision,
        "break-even": even,
        "questions": n,
        "affected": e.affected / 24 * value,
        "affected_in": arriving,
        "gain": gain,
    }


@per_world
def references(world: int) -> dict[str, Any]:
    """Return what is right in a world, by the paths of key.yaml."""
    c = case(world)
    return {
        "boundary": list(boundary(world).overclaims),
        "l1": _bench(c),
        "l2": _whose(c),
        "l3": _changed(c),
        "l4": _streams(c),
        "e1": _tokens(c),
        "bill": _bill(c),
        "e2": _steps(c),
        "e3": _edit(c),
        **{name: question(f"td.{name}") for name in WRITTEN},
    }


# --- reference answers ----------------------------------------------------------------------------

_PLAN = [{"row": "group", "n": 60.0}, {"row": "others", "n": 60.0}]
_BOUNDARY = (
    "I know which share of their questions finds its evidence; why the rest does not I cannot "
    "say, and I would ask Tomas for the ranks of twenty of them."
)


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns every point that needs no person."""
    r = references(world)
    bench, whose, changed, streams = r["l1"], r["l2"], r["l3"], r["l4"]
    table = [as_row(best_setup(world))]
    own = whose["own"]({"plan": _PLAN})
    causes = ("miss", "stale", "generation", "nothing")
    found: dict[str, dict[str, dict[str, Any]]] = {
        "td.predict": {
            "found": {"value": 80.0, "unit": "%"},
            "retrieval": {"value": 40.0, "unit": "%"},
            "boundary": {"value": _BOUNDARY},
        },
        "td.drill": {"over": {"value": sorted(r["boundary"])}},
        "td.e1": {
            "chain": {"value": r["e1"]["chain"].to_answer(), "unit": "tokens"},
            "bill": {"value": r["e1"]["value"], "unit": "tokens"},
            "tokenizer": {"value": round(r["e1"]["tokenizer"], 1), "unit": "tokens"},
            "language": {"value": round(r["e1"]["language"], 1), "unit": "tokens"},
        },
        "td.l1": {
            "recall": {"value": round(bench["recall"], 3), "unit": "%"},
            "mrr": {"value": round(bench["mrr"], 5)},
            "ndcg": {"value": round(bench["ndcg"], 5)},
            "glossary": {"value": round(bench["glossary"], 2)},
            "decision": {"value": table},
            "dollars": {"value": round(bench["dollars"]({"decision": table}), 4), "unit": "$"},
            "worst": {"value": bench["worst"]({"decision": table})[0]},
        },
        "td.l2": {
            "plan": {"value": _PLAN},
            **{name: {"value": round(own[name], 2), "unit": "%"} for name in CAUSES},
            "gap": {"value": round(own["gap"], 2)},
            "causes": {
                "value": [
                    {"row": k, "p": 97.0 if k == _mechanism(case(world)) else 1.0} for k in causes
                ]
            },
            "fix": {"value": _best(whose["fix"]["values"])},
        },
        "td.l3": {
            "moved": {"value": changed["moved"]},
            "bound": {"value": round(changed["bound"], 4), "unit": "%"},
            "p": {"value": _tidy(changed["p"], 4), "unit": "%"},
            "decision": {"value": _best(changed["decision"]["values"])},
        },
        "td.l4": {
            "p50": {"value": round(streams["p50"], 3), "unit": "seconds"},
            "whole50": {"value": round(streams["whole50"], 3), "unit": "seconds"},
            "p95": {"value": round(streams["p95"], 3), "unit": "seconds"},
            "exposed": {"value": round(streams["exposed"], 2), "unit": "people/day"},
            "decision": {"value": streams["decision"]["at"]},
        },
        "td.e2": {
            **{n: {"value": round(r["e2"][n], 3), "unit": "%"} for n in _STEP_PARTS},
            "decision": {"value": _best(r["e2"]["values"])},
        },
        "td.bill": _estimate(r["bill"], "$/month", "", 1.18),
        "td.e3": _estimate(r["e3"], "hours", "hours", 1.5),
    }
    for name in WRITTEN:
        strong = question(f"td.{name}").worked_strong
        assert strong is not None
        found[f"td.{name}"] = {"answer": {"value": strong.text}}
    return {
        item: {f"{item}.{part}": answer for part, answer in parts.items()}
        for item, parts in found.items()
    }


_STEP_PARTS = ("plain", "guarded", "needed")


def _estimate(ref: Mapping[str, Any], unit: str, edge: str, width: float) -> dict[str, Any]:
    even: dict[str, Any] = {"value": _tidy(ref["break-even"], 4)}
    more: dict[str, Any] = {}
    if "affected_in" in ref:
        own = ref["affected_in"]({"range": {"point": _tidy(ref["value"], 4)}})
        more["affected"] = {"value": round(own, 2), "unit": "questions"}
    return more | {
        "chain": {"value": ref["chain"].to_answer(), "unit": unit},
        "range": {
            "value": {
                "low": _tidy(ref["value"] / width, 3),
                "point": _tidy(ref["value"], 4),
                "high": _tidy(ref["value"] * width, 3),
            },
            "unit": unit,
        },
        "drivers": {"value": sorted(ref["drivers"])},
        "decision": {"value": ref["decision"][0]},
        "break-even": even | ({"unit": edge} if edge else {}),
    }


# --- worked answers -------------------------------------------------------------------------------

_FIX = {
    "glossary": "the glossary",
    "dates": "date filter and clean-up",
    "condor": "Condor for this group",
    "tune": "fine-tuning",
    "leave": "none of these",
}
_RESPONSE = {
    "accept": "leave it",
    "pin": "pin",
    "patch": "prompt patch",
    "parser": "parser patch",
    "back": "roll back our release",
}
_SETS_APART = {
    "miss": "their questions do not find the text. They say the same things in other words, and "
    "a search that has never seen those words cannot rank for them. A larger model would read "
    "the same wrong passages.",
    "stale": "they are given text that is out of date. The edit was published; the index kept the "
    "old version beside the new one, and their questions are the ones it answers. No model can "
    "know.",
    "generation": "the model gets their questions wrong with the right text in front of it. "
    "Search and articles are as good as for the others.",
    "nothing": "nothing. They fail as often as the others, within what 600 labels can show. The "
    "older sample was small and had bad luck.",
}


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c, r = case(world), references(world)
    found = {
        "td.drill": _drill_text(world),
        "td.e1": _tokens_text(c, r["e1"]),
        "td.l1": _bench_text(c, r["l1"]),
        "td.l2": _whose_text(c, r["l2"]),
        "td.bill": _bill_text(c, r["bill"]),
        "td.l3": _changed_text(c, r["l3"]),
        "td.l4": _streams_text(c, r["l4"]),
        "td.e2": _steps_text(c, r["e2"]),
        "td.e3": _edit_text(c, r["e3"]),
        **{f"td.{name}": _written_text(f"td.{name}") for name in WRITTEN},
    }
    return {item: text.replace("$", "\\$") for item, text in found.items()}


def _ranked(values: Mapping[str, float], names: Mapping[str, str], unit: str) -> str:
    """Options from best to worst with their values."""
    ranked = sorted(values.items(), key=lambda pair: -pair[1])
    rows = "\n".join(f"| {names.get(k, k)} | {v:,.0f} |" for k, v in ranked)
    return f"| Option | {unit} |\n|---|---:|\n{rows}"


def _drill_text(world: int) -> str:
    b = boundary(world)
    texts = [b.sentences[int(name[1:]) - 1] for name in b.overclaims]
    return (
        "The two that claim too much:\n\n- "
        + "\n- ".join(texts)
        + "\n\nThe other four say what was seen, where that stops, and who could tell more."
    )


def _tokens_text(c: Case, r: Mapping[str, Any]) -> str:
    e = c.exercise
    return (
        f"{e.k} × {e.passage} + {e.system:,} + {e.history} + {e.query} = **{r['value']:,.0f} "
        f"tokens**. With the new tokenizer × {e.tokenizer:g} = **{r['tokenizer']:,.0f}**. In the "
        f"other language only the question grows, by {e.language - 1:.1f} × {e.query} × "
        f"{e.tokenizer:g}: **{r['language']:,.0f}**.\n\nThe list price a token did not move. The "
        "price of the same text did."
    )


def _setup_words(setup: Setup) -> str:
    on = [n for n, flag in (("the glossary", setup.glossary), ("the date filter", setup.dates))
          if flag]  # fmt: skip
    extra = f", with {' and '.join(on)}" if on else ""
    if setup.words == WHOLE:
        return f"the whole help center{extra}"
    return f"{setup.words} words, overlap {setup.overlap:g}, k {setup.k}, {setup.method}{extra}"


def _bench_text(c: Case, r: Mapping[str, Any]) -> str:
    best = best_setup(c.world)
    plain, now = measure(c.world, DAY_ZERO_SETUP), measure(c.world, best)
    rows = "\n".join(
        f"| {name} | {100 * a:.1f} | {100 * b:.1f} |"
        for name, a, b in zip(GROUPS.values(), plain.found, now.found, strict=True)
    )
    tries = {
        "day 0": DAY_ZERO_SETUP,
        "day 0 with the glossary": replace(DAY_ZERO_SETUP, glossary=True),
        "day 0 with the date filter": replace(DAY_ZERO_SETUP, dates=True),
        "the whole help center": Setup(words=WHOLE, dates=best.dates),
    }
    others = "; ".join(f"{name} {cost(c, s):.3f}" for name, s in tries.items())
    return (
        f"Ten traces: recall **{r['recall']:.0f} percent**, MRR **{r['mrr']:.3f}**, nDCG "
        f"**{r['ndcg']:.3f}**. The glossary adds **{r['glossary']:.1f} points** for "
        f"{GROUPS[c.group]}.\n\nA best setup: **{_setup_words(best)}**, "
        f"**{cost(c, best):.3f} dollars** a question. Beside it: {others}.\n\n"
        f"| Found, percent | Day 0 | This setup |\n|---|---:|---:|\n{rows}\n\nOther setups come "
        "close, and the grade is of dollars, not of switches. A mean over everybody hides the "
        "group with the lowest row, and it is not always the one that people talk about."
    )


def _whose_text(c: Case, r: Mapping[str, Any]) -> str:
    own = r["own"]({"plan": _PLAN})
    group, others = failed_share(c.world)
    faint = (
        " The difference is so small that 600 labels can miss it; nothing was as good an answer."
        if isinstance(r["cause"], list)
        else ""
    )
    return (
        f"On a plan of 60 and 60: not found **{own['miss']:.0f}**, out of date "
        f"**{own['stale']:.0f}**, the model **{own['generation']:.0f}**, cannot be told "
        f"**{own['ambiguous']:.0f}** percent; gap to the others **{own['gap']:.0f} points**. Your "
        "plan draws other drafts and has other figures.\n\nBehind the labels: "
        f"{100 * group:.1f} percent of this group's drafts fail, {100 * others:.1f} of the "
        f"others'. What sets {GROUPS[c.group]} apart: {_SETS_APART[_mechanism(c)]}{faint}\n\n"
        f"{_ranked(r['fix']['values'], _FIX, 'Dollars a month')}\n\nThe largest cause of failure "
        "and what sets a group apart are two questions. The first chooses the fix, the second "
        "tells you whether it is a problem of this group at all."
    )


def _bill_text(c: Case, r: Mapping[str, Any]) -> str:
    e = c.exercise
    return (
        f"Extra {e.tokenizer - 1:.2f} of a prompt, times questions, calls and price: "
        f"**{r['value']:,.0f} dollars a month**, against {e.reserve:,.0f} in reserve: "
        f"**{' or '.join(r['decision'])}**. The reserve is used up at a factor of "
        f"**{r['break-even']:.2f}**.\n\nBeside the cost of one wrong answer this is small. Say so "
        "before you cut passages: one fewer may cost more in misses than the tokenizer."
    )


def _changed_text(c: Case, r: Mapping[str, Any]) -> str:
    rows = {b.key: b for b in behaviors(c.world)}
    a = rows["accuracy"]
    seen = ", ".join(r["moved"]) if r["moved"] != ["none"] else "nothing"
    return (
        f"{len(rows)} rows, so one counts under **{r['bound']:.2f} percent**. Changed: **{seen}**."
        f" Wrong answers: {a.lost} pairs only before, {a.gained} only now, z {a.z:.2f}, p "
        f"**{r['p']:.2g} percent**.\n\n"
        f"{_ranked(r['decision']['values'], _RESPONSE, 'Dollars over 30 days')}\n\nAccuracy "
        "measures what it asks. Nobody asked whether the card opens. And where nothing changed, "
        "every response costs its price and cures nothing."
    )


def _streams_text(c: Case, r: Mapping[str, Any]) -> str:
    rows = "\n".join(
        f"| {label} | "
        + " | ".join(f"{r['values'][kind][way]:,.0f}" for way in WAYS)
        + f" | {r['best_way'][kind]} |"
        for kind, label in KINDS.items()
    )
    return (
        f"What you get back: streamed median **{r['p50']:.2f} s**, whole **{r['whole50']:.2f} s**, "
        f"95th percentile of the sums **{r['p95']:.2f} s** (the stages' own add up to "
        f"{r['sum']:.2f}). Rebook's booking, streamed: **{r['exposed']:.1f} people a day** read "
        f"what is taken back.\n\n| Dollars a day | stream | whole | mixed | best |\n"
        f"|---|---:|---:|---:|---|\n{rows}\n\nNo one habit fits all four. What decides is whether "
        "somebody acts on the first sentence before the checker has read the last."
    )


def _steps_text(c: Case, r: Mapping[str, Any]) -> str:
    e = c.exercise
    names = {"read": "read", "seats": "seats", "fare": "fare", "pay": "pay", "none": "nobody"}
    return (
        f"{e.success:g} to the power {e.steps}: **{r['plain']:.1f} percent**. A guarded step: "
        f"{e.success:g} + {1 - e.success:.3g} × {e.caught:g} × {e.success:g}, to the power "
        f"{e.steps}: **{r['guarded']:.1f} percent**. For {100 * e.target:g} percent of tasks "
        f"**{r['needed']:.0f} percent** of failed steps must be caught.\n\n"
        f"{_ranked(r['values'], names, 'Dollars a month of a person at this step')}\n\nThe "
        "product assumes that steps fail independently. Steps that read one feed do not."
    )


def _edit_text(c: Case, r: Mapping[str, Any]) -> str:
    e = c.exercise
    return (
        f"{e.author:g} + {e.review:g} + {e.reindex:g} + {r['questions']:.0f} ÷ {e.pace:.0f} + "
        f"{e.cache:g} = **{r['value']:.1f} hours**, in which {r['affected']:.0f} affected "
        f"questions arrive. Holding saves {r['gain']:.0f} dollars an hour and costs "
        f"{e.switch_cost:,.0f} once: it pays from **{r['break-even']:.1f} hours**, so "
        f"**{' or '.join(r['decision'])}**.\n\nFreshness is a property of the whole path. The "
        "article is done long before the last cached answer is gone."
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
