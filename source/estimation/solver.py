"""What is right in one world of the Estimation module. For instructors; never released.

``references`` is what graders compare with, ``worked`` the text shown once an item is closed,
``reference_answers`` an answer sheet that earns everything (except what a person must read).
House figures are those of the course specification; where rounding makes ours differ, the tests
say so.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, Literal

from skillmap.bank import question
from skillmap.estimation import Chain, Factor, Range, Unit, between
from skillmap.lantern.oracle import error_by_segment, harm_dollars
from skillmap.lantern.world import SEGMENT_NAMES, parameters
from skillmap.lessons.estimation import elastic, plus_eight
from skillmap.lessons.estimation.case import DAYS, MIXES, Case, Step, case, effort
from skillmap.lessons.estimation.facts import SEGMENTS, shelf
from skillmap.lessons.estimation.ladder import FIRST, Rung, first_round
from skillmap.lessons.estimation.runs import TO_A_MONTH, group_month, today
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from skillmap.lantern import Lantern

__all__ = ["SECOND", "reference_answers", "references", "worked"]

PLANS = {"wren-notes": MIXES[0], "heron": MIXES[1], "condor-live": MIXES[2], "condor": MIXES[3]}
SIZES = ("size-1", "size-2", "size-3", "size-4")

SECOND: dict[str, Rung] = {
    "es.l1-again.b1": Rung(
        "Ask on Condor",
        "$/month",
        lambda c: c.ask_calls * c.ask.dollars(c.prices["condor"], reasons=True),
    ),
    "es.l1-again.b2": Rung(
        "Notes on Wren", "$/month", lambda c: c.note_calls * c.note.dollars(c.prices["wren"])
    ),
    "es.l1-again.b3": Rung(
        "Ask questions from assisted travelers",
        "questions/day",
        lambda c: c.questions * c.shares["S5"] / DAYS,
    ),
    "es.l1-again.b4": Rung(
        "Ask questions for a thousand active users",
        "questions/month",
        lambda c: 1000 * c.questions / c.mau,
    ),
    "es.l1-again.b5": Rung(
        "One Rebook session on Heron",
        "cents/session",
        lambda c: 100 * c.calls_per_session * c.rebook.dollars(c.prices["heron"]),
    ),
    "es.l1-again.b6": Rung(
        "Rebook model calls on one storm day",
        "calls/day",
        lambda c: c.sessions * c.storm_share / c.storm_days * c.calls_per_session,
    ),
    "es.l1-again.b7": Rung(
        "Ask and Rebook, share of a Heron month's dollars",
        "%",
        lambda c: 100 * (1 - _notes_month(c) / c.month(*MIXES[1])),
    ),
    "es.l1-again.b8": Rung(
        "A Heron month for each active user",
        "cents/person",
        lambda c: 100 * c.month(*MIXES[1]) / c.mau,
    ),
    "es.l1-again.b9": Rung(
        "Active users who meet a disruption in a year", "people", lambda c: c.mau * c.disrupted
    ),
    "es.l1-again.b10": Rung(
        "Labels for 85 percent within three points, five groups",
        "$",
        lambda c: 5 * 1.96**2 * 0.85 * 0.15 / 0.03**2 * c.label_cost,
    ),
    "es.l1-again.b11": Rung(
        "Tokens read and written by Notes",
        "billion tokens/month",
        lambda c: c.note_calls * (c.note.read + c.note.written) / 1e9,
    ),
    "es.l1-again.b12": Rung(
        "Rebook on Heron",
        "$/month",
        lambda c: c.rebook_calls * c.rebook.dollars(c.prices["heron"]),
    ),
}


def _notes_month(c: Case) -> float:
    return c.note_calls * c.note.dollars(c.prices["heron"])


def _factor(name: str, span: Range, unit: str, op: Literal["*", "/", "+", "-"] = "*") -> Factor:
    return Factor(name, span, Unit.parse(unit), op)


def _about(value: float, times: float) -> Range:
    """A range of a factor ``times`` either way."""
    return between(_tidy(value / times, 3), _tidy(value * times, 3), median=_tidy(value, 4))


# --- the chains ---------------------------------------------------------------------------------


def calls_chain(c: Case) -> Chain:
    """ES-E1: model calls a day over the three surfaces."""
    return Chain.of(
        _factor("ask_questions", _about(c.questions, 1.08), "questions/month"),
        _factor("ask_calls", _about(c.calls_per_question, 1.08), "calls/question"),
        _factor("trips", _about(c.trips, 1.05), "trips/month", "+"),
        _factor("notes", _about(c.notes_per_trip, 1.1), "calls/trip"),
        _factor("rebook_sessions", _about(c.sessions, 1.12), "sessions/month", "+"),
        _factor("rebook_calls", _about(c.calls_per_session, 1.15), "calls/session"),
        unit="calls/day",
    )


def month_chain(c: Case) -> Chain:
    """ES-E2: dollars for a month with Heron on every surface."""
    heron = c.prices["heron"]
    return Chain.of(
        _factor("ask_calls", _about(c.ask_calls, 1.12), "calls/month"),
        _factor("ask_cost", _about(1000 * c.ask.dollars(heron), 1.2), "$/thousand calls"),
        _factor("note_calls", _about(c.note_calls, 1.1), "calls/month", "+"),
        _factor("note_cost", _about(1000 * c.note.dollars(heron), 1.2), "$/thousand calls"),
        _factor("rebook_calls", _about(c.rebook_calls, 1.15), "calls/month", "+"),
        _factor("rebook_cost", _about(1000 * c.rebook.dollars(heron), 1.2), "$/thousand calls"),
        unit="$/month",
    )


def step_terms(c: Case) -> dict[str, float]:
    """ES-E3: reliance, right-and-acted, wrong-and-acted and dollars, before and after."""
    step: Step = c.step
    asked = c.questions * step.share
    before, after = (step.trust.reliance(e) for e in (step.error_before, step.error_after))
    rar = (1 - step.error_after) * after - (1 - step.error_before) * before
    war = step.error_after * after - step.error_before * before
    saving, harm = rar * asked * step.would_call * step.desk, war * asked * step.harm
    return {
        "asked": asked,
        "before": before,
        "after": after,
        "rar": rar,
        "war": war,
        "saving": saving,
        "harm": harm,
        "net": saving - harm,
    }


def saving_chain(c: Case) -> Chain:
    """ES-E3: dollars of contacts saved a month."""
    terms = step_terms(c)
    return Chain.of(
        _factor("questions", _about(c.questions, 1.08), "questions/month"),
        _factor("share", _about(c.step.share, 1.12), "share"),
        _factor("rar_gain", _about(terms["rar"], 1.3), "share"),
        _factor("would_call", _about(c.step.would_call, 1.1), "contacts/question"),
        _factor("desk", _about(c.step.desk, 1.1), "$/contact"),
        unit="$/month",
    )


def language_chain(c: Case) -> Chain:
    """ES-E4: person-weeks to add a language."""
    lang = c.language
    return Chain.of(
        _factor("articles", _about(lang.articles, 1.02), "articles"),
        _factor("article_days", _about(lang.days_per_article, 1.3), "person-days/article"),
        _factor("glossary", _about(lang.glossary, 1.3), "person-days", "+"),
        _factor("phrasings", _about(lang.phrasings, 1.02), "phrasings", "+"),
        _factor(
            "phrasing_minutes", _about(lang.minutes_per_phrasing, 1.3), "person-minutes/phrasing"
        ),
        _factor("labels", _about(lang.labels, 1.02), "labels", "+"),
        _factor("label_minutes", _about(lang.minutes_per_label, 1.3), "person-minutes/label"),
        _factor("judge", _about(lang.judge, 1.3), "person-days", "+"),
        _factor("legal", _about(lang.legal, 1.3), "person-days", "+"),
        _factor("engineering", _about(lang.engineering, 1.3), "person-days", "+"),
        unit="person-weeks",
    )


def payers_chain(c: Case) -> Chain:
    """ES-E5: people who pay for Rebook."""
    return Chain.of(
        _factor("mau", _about(c.mau, 1.05), "people"),
        _factor("disrupted", _about(c.disrupted, 1.12), "share"),
        _factor("take_up", _about(c.plan.take_up, 1.4), "share"),
        unit="people",
    )


def shop_chain(c: Case) -> Chain:
    """ES-L2: the Notes bill from the cards on the shelf."""
    cards = shelf(c.world)
    units = {
        "trips": "million trips/month",
        "notes_per_trip": "notes/trip",
        "calls_per_note": "calls/note",
        "tokens_per_call": "tokens/call",
        "blended_price": "$/million tokens",
    }
    return Chain.of(
        *(
            _factor(name, between(card["low"], card["high"], median=card["point"]), units[name])
            for name, card in cards.items()
        ),
        unit="$/month",
    )


# --- decisions ----------------------------------------------------------------------------------


def _near(value: float, width: float) -> tuple[float, float, float]:
    return value / (1 + width), value, value * (1 + width)


def reservation(c: Case, calls: float) -> str:
    """The smallest reservation that holds an average day."""
    return next(
        (size for size, room in zip(SIZES, c.reservations, strict=True) if room >= calls), SIZES[-1]
    )


def affordable(c: Case, scale: float = 1.0) -> str:
    """The most capable plan under the ceiling when costs are ``scale`` times the truth."""
    inside = [name for name, mix in PLANS.items() if c.month(*mix) * scale <= c.ceiling]
    return inside[-1] if inside else next(iter(PLANS))


def shipping(saving: float, harm: float) -> str:
    """Ship, ship guarded, or hold, from the two terms in dollars a month."""
    if saving - harm < 0:
        return "hold"
    return "guard" if harm > 0 else "ship"


def packaging(ratio: float) -> str:
    """Charge, pilot or bundle, from the plan's contribution over its fixed cost."""
    return "charge" if ratio >= 3 else "pilot" if ratio >= 1 else "bundle"


def _unique(*options: str) -> list[str]:
    return list(dict.fromkeys(options))


# --- labs on Lantern ----------------------------------------------------------------------------


@per_world
def plus_eight_effects(world: int) -> dict[str, float]:
    """ES-L3: a month with the change less a month without, as Lantern ran; hidden truth is used.

    ``error_before`` and ``error_after`` are shares of the answers given in the group.
    """
    w, found = parameters(world), plus_eight.change(world)
    old, new = today(world), plus_eight.improved(world)
    at = SEGMENT_NAMES.index(found.segment)
    before, after = group_month(old, found.segment), group_month(new, found.segment)
    harm = TO_A_MONTH * (harm_dollars(new) - harm_dollars(old))
    wrong = harm / w.segment(found.segment).harm  # nobody else's answers have changed
    return {
        "rar": after.acted - before.acted - wrong,
        "wrong": wrong,
        "harm": harm,
        "contacts": after.contacts - before.contacts,
        "cost": TO_A_MONTH * (_booked(new) - _booked(old)),
        "error_before": error_by_segment(old)[at],
        "error_after": error_by_segment(new)[at],
        "relied_before": before.acted / before.answered,
        "relied_after": after.acted / after.answered,
        "answered": after.answered,
    }


def _booked(lantern: Lantern) -> float:
    """Dollars that the ledger books for Ask's model calls and the desk."""
    frame = lantern.logs.ledger
    ask = frame[(frame["surface"] == "ask") & frame["line"].isin(["inference", "desk"])]
    return float(ask["dollars"].sum())


def _sign_near(effects: dict[str, float]) -> list[str]:
    """Both directions where the change is too small to tell from none."""
    if abs(effects["wrong"]) < 0.003 * effects["answered"]:
        return ["falls", "rises"]
    return ["rises" if effects["wrong"] > 0 else "falls"]


@per_world
def elastic_bill(world: int) -> dict[str, Any]:
    """ES-L4: the bill with and without response, from the figures that the lab prints."""
    old, new = elastic.trial(world)
    epsilon = parameters(world).market.elasticity
    effort, price = new.effort / old.effort, new.per_thousand / old.per_thousand
    ratio = price * effort**epsilon
    return {
        "flat": new.quarter,
        "effort": 100 * effort,
        "bill": {"value": elastic.with_response(world, epsilon), "se": 0.0},
        "break-even": -log(price) / log(effort),
        "decision": _unique(*(_direction(ratio * x) for x in (1.0, 0.99, 1.01))),
        "today": old.quarter,
        "price": price,
        "volume": effort**epsilon,
        "elasticity": epsilon,
    }


def _direction(ratio: float) -> str:
    return "falls" if ratio < 0.95 else "rises" if ratio > 1.05 else "same"


# --- references ---------------------------------------------------------------------------------


def references(world: int) -> dict[str, Any]:
    """Return what each item is compared with, in the units of the prompts."""
    c = case(world)
    terms = step_terms(c)
    heron = c.month(*MIXES[1])
    live = (c.ask_calls + c.rebook_calls) / DAYS
    lang, plan = c.language, c.plan
    weeks = effort(lang)
    articles = lang.articles * lang.days_per_article / 5
    payers = c.mau * c.disrupted * plan.take_up
    margin = plan.price - plan.serving
    ratio = payers * margin / plan.fixed
    asked, step = terms["asked"], c.step
    effects = plus_eight_effects(world)
    return {
        "l1": first_round(world),
        "l1-again": {part: rung.value(c) for part, rung in SECOND.items()},
        "l2": {
            "value": shop_chain(c).point(),
            "unit": "$/month",
            "chain": shop_chain(c),
            "drivers": [swing.name for swing in shop_chain(c).top_drivers(2)],
        },
        "e1": {
            "value": c.calls_a_day,
            "unit": "calls/day",
            "chain": calls_chain(c),
            "drivers": ["trips", "notes"],
            "decision": _unique(*(reservation(c, x) for x in _near(c.calls_a_day, 0.06))),
            "break-even": (c.reservations[1] - live) * DAYS / c.notes_per_trip / 1e6,
        },
        "e2": {
            "value": heron,
            "unit": "$/month",
            "chain": month_chain(c),
            "drivers": ["note_calls", "note_cost"],
            "decision": _unique(*(affordable(c, x) for x in _near(1.0, 0.12))),
            "break-even": c.ceiling / heron,
            "demand": 100 * ((1 + c.effort_change) ** c.elasticity - 1),
        },
        "l3": {f"es.l3.{name}": effects[name] for name in ("rar", "harm", "contacts", "cost")},
        "l3-sign": _sign_near(effects),
        "l4": elastic_bill(world),
        "e3": {
            "value": terms["saving"],
            "unit": "$/month",
            "chain": saving_chain(c),
            "drivers": ["rar_gain"],
            "rar-sign": "rises" if terms["rar"] > 0 else "falls",
            "war-sign": "rises" if terms["war"] > 0 else "falls",
            "harm": terms["harm"],
            "decision": _shipping_near(terms),
            "break-even": max(0.0, 100 * terms["harm"] / (terms["rar"] * asked * step.desk)),
        },
        "e4": {
            "value": weeks,
            "unit": "person-weeks",
            "chain": language_chain(c),
            "drivers": _language_drivers(c),
            "decision": ["fits" if weeks <= lang.people * lang.weeks else "late"],
            "break-even": max(
                0.0, 5 * (lang.people * lang.weeks - (weeks - articles)) / lang.articles
            ),
        },
        "e5": {
            "value": payers,
            "unit": "people",
            "chain": payers_chain(c),
            "drivers": ["disrupted", "take_up"],
            "decision": _unique(*(packaging(x) for x in _near(ratio, 0.2))),
            "break-even": 100 * plan.fixed / (c.mau * c.disrupted * margin),
        },
        "q2": question("es.q2"),
        "q4": question("es.q4"),
    }


def _shipping_near(terms: dict[str, float]) -> list[str]:
    """Accept both neighbors where the sign is within what the memos can tell."""
    saving, harm = terms["saving"], terms["harm"]
    scale = max(saving, abs(harm))
    found = [shipping(saving, harm)]
    if abs(saving - harm) < 0.25 * scale:
        found += [shipping(1.3 * saving, harm), shipping(0.7 * saving, harm)]
    if abs(harm) < 0.08 * saving:
        found += ["ship", "guard"]
    return _unique(*found)


def _language_drivers(c: Case) -> list[str]:
    work = {
        "article_work": c.language.articles * c.language.days_per_article,
        "glossary": c.language.glossary,
        "phrasing_work": c.language.phrasings * c.language.minutes_per_phrasing / 480,
        "label_work": c.language.labels * c.language.minutes_per_label / 480,
        "judge": c.language.judge,
        "legal": c.language.legal,
        "engineering": c.language.engineering,
    }
    return sorted(work, key=lambda name: -work[name])[:2]


# --- worked answers -----------------------------------------------------------------------------


def worked(world: int) -> dict[str, str]:
    """Return the text shown once an item is closed, with this world's own numbers."""
    c = case(world)
    r = references(world)
    return {
        "es.l1": _ladder_text(FIRST, c),
        "es.l1-again": _ladder_text(SECOND, c),
        "es.l2": _shop_text(c, r["l2"]),
        "es.e1": _calls_text(c, r["e1"]),
        "es.e2": _month_text(c, r["e2"]),
        "es.l4": _elastic_text(c, r["l4"]),
        "es.e3": _step_text(c, r["e3"]),
        "es.l3": _plus_eight_text(c),
        "es.e4": _language_text(c, r["e4"]),
        "es.e5": _payers_text(c, r["e5"]),
        "es.q2": _written_text("es.q2"),
        "es.q4": _written_text("es.q4"),
    }


def _money(value: float) -> str:
    sign = "−" if value < 0 else ""
    return f"{sign}\\${abs(value):,.0f}"


def _three(value: float) -> str:
    """Three figures, as a person writes them: 7.6 million, 14,000, 4.76."""
    rounded = float(f"{value:.3g}")
    return f"{rounded / 1e6:g} million" if rounded >= 1e6 else f"{rounded:,g}"


def _ladder_text(rungs: Any, c: Case) -> str:
    rows = "\n".join(
        f"| {rung.name} | {_three(rung.value(c))} | {rung.unit} |".replace("$", "\\$")
        for rung in rungs.values()
    )
    return (
        f"| Quantity | Your world | Unit |\n|---|---:|---|\n{rows}\n\n"
        "Count how many of your ranges hold these. Nine to eleven of twelve fits 80 percent; so "
        "few trials cannot tell 80 from 65."
    )


def _shop_text(c: Case, r: dict[str, Any]) -> str:
    cards = shelf(c.world)
    product = " × ".join(f"{card['point']:g}" for card in cards.values())
    ratios = ", ".join(
        f"{name.replace('_', ' ')} {card['high'] / card['low']:.2f}" for name, card in cards.items()
    )
    first, second = (name.replace("_", " ") for name in r["drivers"])
    return (
        f"{product} = **{_money(r['value'])} a month** (millions of trips and dollars a million "
        "tokens cancel).\n\nSeats, training, actives, contacts and Ask questions do not change "
        "when one more note is written, so they stay on the shelf.\n\nHigh divided by low: "
        f"{ratios}. The widest bars are **{first}** and **{second}**. In a plain product every "
        "factor has elasticity 1, so width decides."
    )


def _calls_text(c: Case, r: dict[str, Any]) -> str:
    ask, notes, rebook = (x / DAYS for x in (c.ask_calls, c.note_calls, c.rebook_calls))
    room = dict(zip(SIZES, c.reservations, strict=True))[reservation(c, c.calls_a_day)]
    return (
        f"Ask {c.questions / DAYS:,.0f} × {c.calls_per_question:g} = {ask:,.0f}. Notes "
        f"{c.trips / 1e6:.3g} million × {c.notes_per_trip:g} ÷ 30 = {notes:,.0f}. Rebook "
        f"{c.sessions:,.0f} × {c.calls_per_session:g} ÷ 30 = {rebook:,.0f}. Sum "
        f"**{r['value']:,.0f} calls a day**, {100 * notes / r['value']:.0f} percent of it notes "
        "that nobody asked for.\n\nTrips and notes for each trip carry the answer. Double Ask "
        f"and the sum moves by {100 * ask / r['value']:.1f} percent.\n\nThe smallest reservation "
        f"that holds an average day is **{room:,}**. A reservation of {c.reservations[1]:,} fills "
        f"at **{r['break-even']:.1f} million trips** a month. A storm day or a holiday peak can "
        "pass an average; notes can wait hours, Rebook cannot."
    )


def _month_text(c: Case, r: dict[str, Any]) -> str:
    heron = c.prices["heron"]
    rows = "\n".join(
        f"| {name} | {calls:,.0f} | \\${1000 * t.dollars(heron):.2f} "
        f"| {_money(calls * t.dollars(heron))} |"
        for name, calls, t in (
            ("Ask", c.ask_calls, c.ask),
            ("Notes", c.note_calls, c.note),
            ("Rebook", c.rebook_calls, c.rebook),
        )
    )
    plans = "; ".join(f"{name} {_money(c.month(*mix))}" for name, mix in PLANS.items())
    return (
        f"| Surface | Calls | For a thousand | Month on Heron |\n|---|---:|---:|---:|\n{rows}\n\n"
        f"**{_money(r['value'])} a month** on Heron, {100 * c.month(*MIXES[1]) / c.mau:.1f} cents "
        f"an active user.\n\nPlans: {plans}. Ceiling {_money(c.ceiling)}: the most capable that "
        f"fits is **{affordable(c)}**. Headroom on Heron {r['break-even']:.2f} times.\n\nDemand: "
        f"(1 − {-c.effort_change:g}) to the power {c.elasticity:g} is "
        f"**{r['demand']:+.0f} percent** questions. On Ask's bill that is real; on the whole bill "
        "it is small, because notes do not depend on patience. A lower price a token can still "
        "raise the bill when it brings more use."
    )


def _step_text(c: Case, r: dict[str, Any]) -> str:
    t, s = step_terms(c), c.step
    verdict = {"ship": "ship", "guard": "ship behind a stop rule", "hold": "hold"}
    return (
        f"Reliance goes from {t['before']:.2f} at {s.error_before:.0%} error to {t['after']:.2f} "
        f"at {s.error_after:.0%}. Right and acted on: change {t['rar']:+.3f}. Wrong and acted on: "
        f"change {t['war']:+.3f}; it **{r['war-sign']}**, because checking "
        f"{'drops faster than' if t['war'] > 0 else 'does not drop as fast as'} error.\n\n"
        f"{t['asked']:,.0f} questions × {t['rar']:.3f} × {s.would_call:g} × \\${s.desk:.2f}"
        f" = **{_money(t['saving'])} saved**. {t['asked']:,.0f} × "
        f"{t['war']:+.3f} × {_money(s.harm)} = **{_money(t['harm'])} of harm**. Net "
        f"**{_money(t['net'])} a month**: {verdict[shipping(t['saving'], t['harm'])]}.\n\nThe net "
        f"is zero when {r['break-even']:.0f} percent would have phoned. These people follow a "
        f"stylized curve; the sign for real {SEGMENTS[s.segment]} has to be measured."
    )


def _plus_eight_text(c: Case) -> str:
    found, known, e = plus_eight.change(c.world), plus_eight.signs(c.world), plus_eight_effects
    t, step = e(c.world), c.step
    kept = (t["error_before"] - t["error_after"]) / plus_eight.POINTS
    turn = "checking drops faster than error" if t["wrong"] > 0 else "error drops faster"
    past = ", ".join(f"{gain / points:.2f}" for points, gain in known.past)
    return (
        f"**Carry over.** Earlier changes kept {past} of their eval points; this one kept "
        f"{kept:.2f}. In production error goes from {t['error_before']:.1%} to "
        f"{t['error_after']:.1%} of answers given to {SEGMENTS[found.segment]}.\n\n"
        f"**People.** {t['relied_before']:.0%} of answers were acted on unchecked, then "
        f"{t['relied_after']:.0%}. Right and acted on: **{t['rar']:+,.0f} a month**. Wrong and "
        f"acted on: {t['wrong']:+,.0f} a month, because {turn}; at {_money(step.harm)} each that "
        f"is **{_money(t['harm'])} of harm**.\n\n**Desk and ledger.** Contacts "
        f"**{t['contacts']:+,.0f}**, at \\${step.desk:.2f} each; model calls "
        f"stay where they were, so the ledger moves by **{_money(t['cost'])} a month**. Set the "
        "harm beside it: the ledger does not book what nobody claims.\n\n"
        "Lantern ran both builds on the same three weeks of questions. Its people follow a "
        "stylized curve."
    )


def _elastic_text(c: Case, r: dict[str, Any]) -> str:
    old, new = elastic.trial(c.world)
    bill, verdict = r["bill"]["value"], {"falls": "falls", "same": "stays", "rises": "rises"}
    return (
        f"Volume held: {new.questions:,.0f} × \\${new.per_thousand:g} ÷ 1,000 × 3 = "
        f"**{_money(r['flat'])}** for the quarter, against {_money(r['today'])} with Heron today."
        f"\n\nEffort: {old.wait:g} + {old.tokens:g} ÷ 4 + {old.checked / 100:.3f} × 60 = "
        f"{old.effort:.1f} seconds; new {new.wait:g} + {new.tokens:g} ÷ 4 + "
        f"{new.checked / 100:.3f} × 60 = {new.effort:.1f}. That is **{r['effort']:.1f} percent** "
        f"of today's.\n\nVolume: {r['effort'] / 100:.3f} to the power {r['elasticity']:g} is "
        f"{r['volume']:.3f}, so the bill is **{_money(bill)}** and it "
        f"**{verdict[r['decision'][0]]}**.\n\nBreak-even: −ln {r['price']:.3f} ÷ ln "
        f"{r['effort'] / 100:.3f} = **{r['break-even']:.2f}**. Closer to zero than that and the "
        "new build saves; further from zero and easier use eats the saving. Waiting is the "
        "smallest part of effort here; reading and checking carry it."
    )


def _language_text(c: Case, r: dict[str, Any]) -> str:
    lang = c.language
    days = {
        "articles": lang.articles * lang.days_per_article,
        "glossary": lang.glossary,
        "phrasings": lang.phrasings * lang.minutes_per_phrasing / 480,
        "labels": lang.labels * lang.minutes_per_label / 480,
        "judge": lang.judge,
        "legal": lang.legal,
        "engineering": lang.engineering,
    }
    lines = ", ".join(f"{name} {value:.1f}" for name, value in days.items())
    fits = "it fits" if r["decision"] == ["fits"] else "it does not fit"
    return (
        f"Person-days: {lines}. Sum {sum(days.values()):.0f}, which is **{r['value']:.1f} "
        f"person-weeks** against {lang.people * lang.weeks}: **{fits}**.\n\nCode is "
        f"{days['engineering'] / sum(days.values()):.0%} of the work. It would fill the time at "
        f"**{r['break-even']:.2f} days an article**.\n\nIf something has to go, cut articles by "
        "traffic, not labels: without labels you cannot tell whether the language works."
    )


def _payers_text(c: Case, r: dict[str, Any]) -> str:
    plan = c.plan
    margin = plan.price - plan.serving
    gain = r["value"] * margin
    return (
        f"Chance of a disruption in a year: 1 − (1 − {plan.per_booking:.3g}) to the power "
        f"{12 * c.bookings_each:.1f} = {c.disrupted:.0%}. {c.mau / 1e6:.3g} million × "
        f"{c.disrupted:.2f} × {plan.take_up:.1%} = **{r['value']:,.0f} payers**, "
        f"{_money(r['value'] * plan.price)} a month.\n\nContribution {_money(gain)} against "
        f"{_money(plan.fixed)} fixed, a ratio of {gain / plan.fixed:.1f}: "
        f"**{packaging(gain / plan.fixed)}**. Break-even take-up **{r['break-even']:.2f} percent**."
        "\n\nFrom the other side: a plan that more than a tenth of all actives pay for would be "
        "odd for a monthly add-on, and this is well under that. Serving cost is a mean; the "
        "people who pay are the ones who will use it most."
    )


def _written_text(id_: str) -> str:
    q = question(id_)
    assert q.worked_strong is not None
    assert q.worked_weak is not None
    strong, weak = q.worked_strong, q.worked_weak
    levels = ", ".join(f"{name.upper()} {level}" for name, level in weak.levels.items())
    text = (
        f"House world, strong: “{strong.text}” {strong.why}\n\nHouse world, tidy but weak: "
        f"“{weak.text}” ({levels}.) {weak.why}"
    )
    return text.replace("$", "\\$")


# --- reference answers --------------------------------------------------------------------------


def reference_answers(world: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return an answer sheet that earns everything: item → part → ``value`` and ``unit``."""
    c = case(world)
    r = references(world)
    answers: dict[str, dict[str, dict[str, Any]]] = {
        "es.predict": {
            "es.predict.scope": {
                "value": "Calls on all three surfaces, on an average day of this month."
            },
            "es.predict.calls": {"value": 500_000.0, "unit": "calls/day"},
            "es.predict.hits": {"value": 8.0},
        },
        "es.l1": _ladder_answers(FIRST, r["l1"]),
        "es.l1-again": _ladder_answers(SECOND, r["l1-again"]),
        "es.l2": {
            "es.l2.chain": {"value": shop_chain(c).to_answer(), "unit": "$/month"},
            "es.l2.bill": {"value": _tidy(r["l2"]["value"], 5), "unit": "$/month"},
            "es.l2.drivers": {"value": sorted(r["l2"]["drivers"])},
        },
    }
    minds = {
        "es.e1": "Notes for each trip from 2,000 trips, read in the batch log. Above 1.35 I would "
        "take the next size, because notes carry the total.",
        "es.e2": "Tokens written for each note in a week of traces. Above 2 times what the "
        "sample says I would move Notes to the small tier.",
        "es.e3": "Reliance and refunds in both arms by week three. If refunds pass half of the "
        "contacts saved, I turn the change off.",
        "es.e5": "At a third of the take-up I bundle it as a retention feature and stop selling "
        "it; the target becomes people kept, not payers.",
    }
    ranges = {"es.e1": 1.12, "es.e2": 1.25, "es.e3": 1.4, "es.e4": 1.25, "es.e5": 1.4}
    for item, width in ranges.items():
        ref = r[item.removeprefix("es.")]
        unit, point = ref["unit"], _tidy(ref["value"], 3)
        drivers = list(ref["drivers"])
        if item == "es.e3":
            drivers = [swing.name for swing in ref["chain"].top_drivers(2)]
        parts: dict[str, dict[str, Any]] = {
            f"{item}.chain": {"value": ref["chain"].to_answer(), "unit": unit},
            f"{item}.range": {
                "value": {
                    "low": _tidy(ref["value"] / width, 3),
                    "point": point,
                    "high": _tidy(ref["value"] * width, 3),
                },
                "unit": unit,
            },
            f"{item}.drivers": {"value": sorted(drivers)},
            f"{item}.decision": {"value": ref["decision"][0]},
            f"{item}.break-even": {"value": _tidy(ref["break-even"], 4), "unit": _UNITS[item]},
        }
        if item in minds:
            parts[f"{item}.mind"] = {"value": minds[item]}
        answers[item] = parts
    l4, signs = r["l4"], r["l3-sign"]
    answers["es.l3"] = {"es.l3.sign": {"value": signs[0]}} | {
        part: {"value": _around(value), "unit": _FORECAST_UNITS[part]}
        for part, value in r["l3"].items()
    }
    answers["es.l4"] = {
        "es.l4.flat": {"value": _tidy(l4["flat"], 4), "unit": "$/quarter"},
        "es.l4.effort": {"value": _tidy(l4["effort"], 4), "unit": "%"},
        "es.l4.bill": {"value": _tidy(l4["bill"]["value"], 4), "unit": "$/quarter"},
        "es.l4.break-even": {"value": round(l4["break-even"], 3)},
        "es.l4.decision": {"value": l4["decision"][0]},
        "es.l4.mind": {
            "value": "Questions a day beside the weeks before, in the logs. If volume is up by "
            "less than half of 1 minus my ratio, elasticity is nearer zero than I took it."
        },
    }
    answers["es.e2"]["es.e2.demand"] = {"value": _tidy(r["e2"]["demand"], 4), "unit": "%"}
    answers["es.e3"] |= {
        "es.e3.rar-sign": {"value": r["e3"]["rar-sign"]},
        "es.e3.war-sign": {"value": r["e3"]["war-sign"]},
        "es.e3.harm": {"value": _tidy(r["e3"]["harm"], 3), "unit": "$/month"},
    }
    for id_ in ("es.q2", "es.q4"):
        strong = question(id_).worked_strong
        assert strong is not None
        answers[id_] = {f"{id_}.answer": {"value": strong.text}}
    return answers


_UNITS = {
    "es.e1": "million trips/month",
    "es.e2": "times",
    "es.e3": "%",
    "es.e4": "person-days/article",
    "es.e5": "%",
}


_FORECAST_UNITS = {
    "es.l3.rar": "answers/month",
    "es.l3.harm": "$/month",
    "es.l3.contacts": "contacts/month",
    "es.l3.cost": "$/month",
}


def _around(value: float) -> dict[str, float]:
    """A range of a third of the value either way."""
    ends = sorted((_tidy(0.7 * value, 3), _tidy(1.35 * value, 3)))
    return {"low": ends[0], "high": ends[1]}


def _tidy(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _ladder_answers(rungs: Any, truth: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Ten of twelve ranges hold the truth, as a calibrated person's would."""
    found = {}
    for number, (part, value) in enumerate(truth.items()):
        off = 1.3 if number in (3, 8) else 1.0
        found[part] = {
            "value": {"low": _tidy(off * value / 1.15, 4), "high": _tidy(off * value * 1.2, 4)},
            "unit": rungs[part].unit,
        }
    return found
