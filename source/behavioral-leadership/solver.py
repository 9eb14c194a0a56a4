"""What is right in one world of Behavioral and leadership. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read).
Forecasts are graded by the expected Brier score under what the looks allow, so that luck moves no
point. House figures are those of the course specification.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from skillmap.bank import question
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.lessons.behavioral_leadership.boards import ACT_WORDS
from skillmap.lessons.behavioral_leadership.case import (
    QUANTITIES,
    Case,
    Flip,
    Week,
    act_worth,
    case,
    chance,
)
from skillmap.lessons.behavioral_leadership.facts import METRIC_WORDS, facts
from skillmap.lessons.behavioral_leadership.incident import (
    CHANGES,
    Incident,
    exposed,
    incident,
    spared,
)
from skillmap.lessons.behavioral_leadership.tales import CRITERIA, anchors, polished

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["reference_answers", "references", "worked"]

WRITTEN = ("q2", "q5", "q6", "q12")


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _about(value: float, times: float) -> Range:
    return between(_tidy(value / times, 4), _tidy(value * times, 4), median=_tidy(value, 5))


def _factor(name: str, value: float, times: float, unit: str, op: Any = "*") -> Factor:
    return Factor(name, _about(value, times), Unit.parse(unit), op)


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


# --- BL-L1 ----------------------------------------------------------------------------------------


def expected_brier(forecast: float, p: float) -> float:
    """Expected Brier score of a forecast when the chance is ``p``; smaller is better.

    >>> round(expected_brier(0.3, 0.3), 4), round(expected_brier(0.5, 0.3), 4)
    (0.21, 0.25)
    """
    return p * (1 - forecast) ** 2 + (1 - p) * forecast**2


def _own_chance(answers: Mapping[str, Any]) -> float | None:
    given = float(answers["forecast"])
    return given / 100 if 0 <= given <= 100 else None


def _pressure(week: Week) -> dict[str, Any]:
    p = chance(week)
    values = act_worth(week, p)
    ranked = sorted(values, key=lambda name: -values[name])
    base = week.faulty / week.past

    def skill(percent: Any) -> float | None:
        given = float(percent) / 100
        return -expected_brier(given, p) if 0 <= given <= 1 else None

    def costs(answers: Mapping[str, Any]) -> dict[str, dict[str, float]] | None:
        own = _own_chance(answers)
        if own is None:
            return None
        return {name: {"dollars": -value} for name, value in act_worth(week, own).items()}

    def luck(answers: Mapping[str, Any]) -> float | None:
        own, act = _own_chance(answers), answers["decision"]
        if own is None or act not in values:
            return None
        return 100 * (1 - own if act == "hold" else own)

    return {
        "values": values,
        "default": ranked[1],
        "p": p,
        "forecast": {
            "value": skill,
            "best": -expected_brier(p, p),
            "default": max(-expected_brier(0.5, p), -expected_brier(base, p)),
            "at": round(100 * p),
        },
        "costs": costs,
        "luck": luck,
    }


# --- BL-L2 ----------------------------------------------------------------------------------------


def knowing(flip: Flip, name: str) -> float:
    """Dollars that it is worth to know one quantity (two values, finance's weights)."""
    mean = {other: flip.mean(other) for other in QUANTITIES}
    after = 0.0
    weights = (1 - flip.weight, flip.weight)
    for figure, weight in zip(getattr(flip, name), weights, strict=True):
        at = mean | {name: figure}
        after += weight * min(at["p"] * at["incident"], at["delay"])
    return min(mean["p"] * mean["incident"], mean["delay"]) - after


def _memos(flip: Flip) -> dict[str, Any]:
    worth = {name: max(0.0, knowing(flip, name)) for name in QUANTITIES}
    worth["none"] = 0.0
    day = flip.mean("delay") / 7

    def days(answers: Mapping[str, Any]) -> float | None:
        own = float(answers["evpi"])
        return own / day if own >= 0 else None

    return {
        "crux": flip.crux,
        "edge": 100 * flip.mean("delay") / flip.mean("incident"),
        "evpi": worth[flip.crux],
        "days": days,
        "day": day,
    }


# --- BL-L3 ----------------------------------------------------------------------------------------


def triples() -> list[tuple[str, ...]]:
    """Every set of three changes.

    >>> len(triples())
    56
    """
    return list(combinations(CHANGES, 3))


def _review(i: Incident) -> dict[str, Any]:
    ranked = sorted(triples(), key=lambda names: -spared(i, names))
    own = tuple(at - i.decided for at in i.fixed)

    def people(chosen: Any) -> float | None:
        known = {name for name in chosen if name in CHANGES}
        return spared(i, known) if len(known) == 3 else None

    return {
        "times": {
            "detect": {"hours": i.detect},
            "decide": {"hours": i.decide},
            "mitigate": {"hours": i.mitigate},
        },
        "exposed": {
            "value": exposed(i, detect=i.detect, decide=i.decide, fixed=own),
            "se": 0.0,
        },
        "knowable": i.knowable,
        "changes": {
            "value": people,
            "best": spared(i, ranked[0]),
            "default": spared(i, ranked[len(ranked) // 2]),
            "at": sorted(ranked[0]),
        },
    }


# --- estimation -----------------------------------------------------------------------------------


def _break_even(c: Case) -> dict[str, Any]:
    i = c.inputs
    week, hit = 7 * i.bookings * i.commission, i.exposed * i.acted * i.harm
    edge = week / hit
    decision = ["hold" if i.feared > edge else "ship"]
    return {
        "value": edge,
        "chain": Chain.of(
            _factor("bookings", i.bookings, 1.25, "bookings/day"),
            _factor("days", 7.0, 1.0, "days"),
            _factor("commission", i.commission, 1.05, "$/booking"),
            _factor("exposed", i.exposed, 1.3, "people", "/"),
            _factor("acted", i.acted, 1.5, "share", "/"),
            _factor("harm", i.harm, 1.2, "$/person", "/"),
            unit="share",
        ),
        "drivers": ["acted", "exposed"],
        "decision": decision,
        "break-even": i.feared * hit / (week / 7),
        "exact": 100 * c.week.delay / c.week.incident,
    }


def _three_days(c: Case) -> dict[str, Any]:
    h = c.holdout
    ships = h.p * h.incident < h.delay
    odds, saves = (h.p, h.incident - h.delay) if ships else (1 - h.p, h.delay)
    worth = odds * saves * h.verdict
    return {
        "value": worth,
        "ships": ships,
        "chain": Chain.of(
            _factor("there" if ships else "absent", odds, 1.15, "share"),
            _factor("spared" if ships else "delay", saves, 1.06, "$"),
            _factor("verdict", h.verdict, 1.12, "share"),
            unit="$",
        ),
        "decision": ["run" if worth > h.price else "skip"],
        "break-even": 100 * h.price / (odds * saves),
    }


def _make_right(c: Case) -> dict[str, Any]:
    r = c.repair
    paid = r.affected * r.reachable * r.claim * r.compensation
    total = paid + r.hours * r.wage
    chain = Chain.of(
        _factor("affected", r.affected, 1.107, "people"),
        _factor("reachable", r.reachable, 1.08, "share"),
        _factor("claim", r.claim, 1.5, "share"),
        _factor("compensation", r.compensation, 1.1, "$/person"),
        _factor("hours", r.hours, 1.3, "hours", "+"),
        _factor("wage", r.wage, 1.001, "$/hour"),
        unit="$",
    )
    return {
        "value": total,
        "chain": chain,
        "drivers": sorted(swing.name for swing in chain.top_drivers(2)),
        "decision": ["cheaper" if total < r.surfaces * r.scandal else "dearer"],
        "break-even": 100 * total / r.scandal,
    }


# --- references -----------------------------------------------------------------------------------


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in one world."""
    c = case(world)
    return {
        "drill": list(polished(world).missing),
        "l1": _pressure(c.week),
        "l2": _memos(c.flip),
        "l3": _review(incident(world)),
        "l4": {
            letter: {name: str(level) for name, level in zip(CRITERIA, a.levels, strict=True)}
            for letter, a in zip("abcd", anchors(world), strict=True)
        },
        "e1": _break_even(c),
        "e2": _three_days(c),
        "e3": _make_right(c),
        **{name: question(f"bl.{name}") for name in WRITTEN},
    }


_UNITS = {"e1": ("share", "days"), "e2": ("$", "%"), "e3": ("$", "%")}


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
    if "exact" in ref:
        found["exact"] = {"value": _tidy(ref["exact"], 4), "unit": "%"}
    return found


def _log(c: Case, r: Mapping[str, Any]) -> dict[str, Any]:
    week, p = c.week, r["l1"]["p"]
    act = _best(r["l1"]["values"])
    other = sorted(r["l1"]["values"], key=lambda name: -r["l1"]["values"][name])[1]
    fields = {
        "decision": f"{ACT_WORDS[act]}; riders with a night connection get no promise either way.",
        "rejected": f"{ACT_WORDS[other]}: dearer by "
        f"{r['l1']['values'][act] - r['l1']['values'][other]:,.0f} dollars on average; "
        "the one who wanted it loses the posters or the quiet week.",
        "number": f"A chance of {100 * p:.0f} percent, against costs of {week.delay:,.0f} dollars "
        f"for a week and {week.incident:,.0f} for an incident.",
        "trigger": "Two wrong promises in the first 500 that we read by hand.",
        "owner": "Tomas, research",
        "review": "Day 14 after the launch, at ten.",
    }
    return {part: {"value": text} for part, text in fields.items()}


def _dissent(c: Case, act: str) -> str:
    week = c.week
    if act == "ship":
        return (
            "Rafael: an incident leaves people on a platform at night, costs "
            f"{week.incident:,.0f} dollars, and a week of work would remove most of it."
        )
    return (
        f"Dara: a week costs {week.delay:,.0f} dollars for certain, three operators have printed "
        "it, and she can make those calls only once this year."
    )


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns everything: item → part → ``value`` and ``unit``."""
    c, r = case(world), references(world)
    act = _best(r["l1"]["values"])
    percent = round(100 * r["l1"]["p"], 1)
    told = {"forecast": percent, "decision": act}
    evpi = round(r["l2"]["evpi"])
    found: dict[str, dict[str, Any]] = {
        "bl.predict": {
            "bad": {"value": 20.0, "unit": "%"},
            "edge": {"value": 50.0, "unit": "%"},
            "story": {"value": 1.0},
        },
        "bl.drill": {"lacks": {"value": r["drill"]}},
        "bl.l1": {
            "forecast": {"value": percent, "unit": "%"},
            "costs": {
                "value": [
                    {"row": name, "dollars": round(cell["dollars"])}
                    for name, cell in r["l1"]["costs"](told).items()
                ]
            },
            "decision": {"value": act},
            "dissent": {"value": _dissent(c, act)},
            "luck": {"value": round(r["l1"]["luck"](told))},
        },
        "bl.log": _log(c, r),
        "bl.l2": {
            "crux": {"value": r["l2"]["crux"]},
            "edge": {"value": round(r["l2"]["edge"], 1), "unit": "%"},
            "evpi": {"value": float(evpi), "unit": "$"},
            "days": {"value": round(r["l2"]["days"]({"evpi": evpi}), 2), "unit": "days"},
            "sentence": {
                "value": f"I would pay {evpi / r['l2']['day']:.1f} days for it, because above the "
                "break-even we hold and below it we ship."
            },
        },
        "bl.l3": {
            "times": {"value": [{"row": k, **cell} for k, cell in r["l3"]["times"].items()]},
            "exposed": {"value": round(r["l3"]["exposed"]["value"]), "unit": "people"},
            "knowable": {"value": float(r["l3"]["knowable"])},
            "decision": {"value": r["l3"]["changes"]["at"]},
            "said": {
                "value": "Ilse deployed after all tests had passed, and the dashboard in front of "
                "her showed latency only. No alert reached a person, and no rule asked her to look."
            },
        },
        "bl.l4": {"levels": {"value": [{"row": k, **cells} for k, cells in r["l4"].items()]}},
        "bl.share": {},  # nobody has to hand a story in
    }
    for name, width in (("e1", 1.9), ("e2", 1.4), ("e3", 1.6)):
        found[f"bl.{name}"] = _estimate(name, r[name], width)
    for name in WRITTEN:
        strong = question(f"bl.{name}").worked_strong
        assert strong is not None
        found[f"bl.{name}"] = {"answer": {"value": strong.text}}
    return {
        item: {f"{item}.{part}": answer for part, answer in parts.items()}
        for item, parts in found.items()
    }


# --- worked answers -------------------------------------------------------------------------------


_LACKS = {
    "stake": "a stake",
    "unknown": "an unknown of the system",
    "dissent": "the other side's argument",
    "own": "a call in the first person",
    "cost": "a cost",
    "open": "something unresolved",
    "practice": "a changed practice",
}
_CRUX = {
    "p": "the chance of an incident",
    "incident": "what an incident costs",
    "delay": "what a week's hold costs",
    "none": "none of the three",
}
_CHANGED = {
    "remind": "a reminder",
    "page": "an alarm that pages a person",
    "talk": "a talk",
    "alone": "one person may switch off alone",
    "switch": "one switch for all surfaces",
    "read": "thirty answers read each morning",
    "rule": "a bound that switches off",
    "drill": "a rollback drill each month",
}


def _week_words(week: Week, r: Mapping[str, Any]) -> str:
    values, p = r["l1"]["values"], r["l1"]["p"]
    rows = "\n".join(
        f"| {ACT_WORDS[name]} | {-value:,.0f} |"
        for name, value in sorted(values.items(), key=lambda pair: -pair[1])
    )
    echo = (
        " The third look repeats the second one, so it counts once; counted twice, the chance "
        f"would read {100 * chance(week, count_echo=True):.0f} percent."
        if week.echo
        else ""
    )
    return (
        f"Before the looks: {week.faulty} of {week.past}, or {100 * week.faulty / week.past:.0f} "
        f"percent. After them {100 * p:.0f} percent.{echo}\n\n| Act | Expected cost, dollars |\n"
        f"|---|---:|\n{rows}\n\nThe outcome tells you little about this: a chance of "
        f"{100 * p:.0f} percent is wrong often and still the right number. What would change it: "
        "a look with fresh conversations, or a cheaper week."
    )


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c, r, f, i = case(world), references(world), facts(world), incident(world)
    e1, e2, e3 = r["e1"], r["e2"], r["e3"]
    signal = (
        "No dashboard metric was above its bound on two days in a row before the day on which a "
        "person saw it. Earlier knowledge is hindsight."
        if i.signal == "none"
        else f"{METRIC_WORDS[i.signal]}: above the bound on days {i.knowable - 1} and {i.knowable}."
    )
    rows = "\n".join(
        f"| {letter.upper()} | " + " | ".join(cells.values()) + " |"
        for letter, cells in r["l4"].items()
    )
    pair = c.flip
    l2_more = (
        "Both memos lead to the same act on each quantity, so knowing is worth nothing. Say so, "
        "and spend the days elsewhere."
        if pair.crux == "none"
        else f"Knowing it is worth {r['l2']['evpi']:,.0f} dollars, or "
        f"{r['l2']['evpi'] / r['l2']['day']:.1f} days."
    )
    found = {
        "bl.drill": "It lacks " + ", ".join(_LACKS[name] for name in r["drill"]) + ".",
        "bl.l1": _week_words(c.week, r),
        "bl.log": "\n\n".join(f"**{k.capitalize()}.** {v['value']}" for k, v in _log(c, r).items()),
        "bl.l2": f"It turns on {_CRUX[pair.crux]}. On finance's figures the break-even chance is "
        f"{r['l2']['edge']:.0f} percent and theirs is {100 * pair.mean('p'):.0f}. {l2_more}",
        "bl.l3": f"Detected after {i.detect:g} hours, decided after {i.decide:g} more, mitigated "
        f"after {i.mitigate:g} more. {r['l3']['exposed']['value']:,.0f} people got a wrong "
        f"promise.\n\nKnowable on day {i.knowable}. {signal}\n\nThree changes that spare most, "
        f"{r['l3']['changes']['best']:,.0f} people: "
        + "; ".join(_CHANGED[name] for name in r["l3"]["changes"]["at"])
        + ".",
        "bl.l4": "Levels in the reference, set by the course with the help of a language model:"
        "\n\n| Answer | Stakes | Other side | Uncertainty | Action | Aftermath |\n"
        f"|---|---|---|---|---|---|\n{rows}",
        "bl.e1": f"The given week: {f['delay']} divided by {f['incident']} is {e1['exact']:.0f} "
        f"percent. The third operator: {100 * e1['value']:.0f} percent. Rafael's "
        f"{f['feared']} percent is worth {e1['break-even']:.1f} days of delay, against seven.",
        "bl.e2": f"Without it you would {'ship' if e2['ships'] else 'hold'}. Chance of changing "
        "your mind times what that saves times the chance of a verdict is "
        f"{e2['value']:,.0f} dollars; it costs {f['h_price']}. It pays from a verdict chance of "
        f"{e2['break-even']:.0f} percent on.",
        "bl.e3": f"Telling costs {e3['value']:,.0f} dollars. Silence costs "
        f"{c.repair.surfaces * c.repair.scandal:,.0f} on average, and as much as telling at a "
        f"chance of {e3['break-even']:.0f} percent. You tell them in either case. The comparison "
        "is for the person who asks what it costs.",
    }
    for name in WRITTEN:
        strong = question(f"bl.{name}").worked_strong
        assert strong is not None
        found[f"bl.{name}"] = strong.text
    return {item: text.replace("$", "\\$") for item, text in found.items()}
