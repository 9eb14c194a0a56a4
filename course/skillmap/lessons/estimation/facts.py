"""What the PM of one world can read: memos, a price sheet, samples and quotes.

Each memo names its source and is honest about its fault: two closes old, counts canceled trips,
ten traces only. The truth behind them is in :mod:`skillmap.lessons.estimation.case`; a memo
never prints a quantity that an exercise asks for. Everything is invented for this course.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.errors import UnknownItemError
from skillmap.lessons.estimation.case import Case, case
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["SEGMENTS", "Desk", "Memo", "briefing", "desk", "facts", "shelf"]

SEGMENTS = {
    "S1": "regulars with a season pass",
    "S2": "occasional leisure travelers",
    "S3": "visitors who write in a second language",
    "S4": "arrangers who book for groups",
    "S5": "assisted travelers",
}
_SHORT = {"S1": "regulars", "S2": "leisure", "S3": "visitors", "S4": "arrangers", "S5": "assisted"}
_MONTHS_OLD = 2


@dataclass(frozen=True, slots=True)
class Memo:
    """One source on the PM's desk: who says so, what it says, and what to mind about it."""

    key: str
    source: str
    says: str
    mind: str = ""

    @property
    def markdown(self) -> str:
        """The memo as a bullet."""
        return f"- **{self.source}.** {self.says}" + (f" *{self.mind}*" if self.mind else "")


def _n(value: float, digits: int = 3) -> str:
    """Write a number the way a memo does: three figures, thousands or millions spelled out.

    >>> _n(16_824_000), _n(432_700), _n(0.0316)
    ('16.8 million', '433,000', '0.0316')
    """
    rounded = float(f"{value:.{digits}g}")
    if abs(rounded) >= 1e6:
        return f"{rounded / 1e6:.{digits}g} million"
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.{digits}g}"


def _span(rng: Generator, value: float, near: float, far: float) -> tuple[float, float]:
    """Return two ends around a value; the value is seldom in the middle."""
    return value / rng.uniform(near, far), value * rng.uniform(near, far)


@per_world
def facts(world: int) -> dict[str, str | float]:
    """Return the learner-visible numbers of a world by name; prompts quote them.

    Strings are ready to read. Floats are exact inputs that an exercise tells the learner to use.
    """
    c = case(world)
    return {
        **_volumes(c),
        **_tokens(c),
        **_groups(c),
        **_language(c),
        **_plan(c),
        **_shelf_facts(c),
    }


def _volumes(c: Case) -> dict[str, str | float]:
    rng = stream(c.world, "estimation", "memos", "volumes")
    growth = 0.04 if c.world == HOUSE else float(rng.uniform(0.02, 0.07))
    canceled = 0.05 if c.world == HOUSE else float(rng.uniform(0.03, 0.08))
    changes = int(rng.binomial(80, min(0.98, c.notes_per_trip - 1)))
    three = 0.06
    two = max(0.0, c.calls_per_question - 1 - 2 * three)
    one, twice, thrice = rng.multinomial(400, [1 - two - three, two, three])
    stormy = c.sessions * c.storm_share / c.storm_days
    quiet = c.sessions * (1 - c.storm_share) / (30 - c.storm_days)
    traces = sorted(
        int(min(9, max(4, round(x)))) for x in rng.normal(c.calls_per_session, 1.2, size=8)
    )
    low_mau, high_mau = _span(rng, c.mau, 1.02, 1.08)
    return {
        "old_questions": _n(c.questions / (1 + growth) ** _MONTHS_OLD),
        "growth_low": f"{100 * growth * rng.uniform(0.55, 0.85):.1f}",
        "growth_high": f"{100 * growth * rng.uniform(1.15, 1.5):.1f}",
        "trips_counted": _n(c.trips / (1 - canceled)),
        "canceled_low": f"{100 * canceled * rng.uniform(0.6, 0.9):.0f}",
        "canceled_high": f"{100 * canceled * rng.uniform(1.15, 1.6):.0f}",
        "sample_one_note": str(80 - changes),
        "sample_two_notes": str(changes),
        "log_one": str(one),
        "log_two": str(twice),
        "log_three": str(thrice),
        "storm_days": str(c.storm_days),
        "storm_sessions": _n(stormy * rng.uniform(0.96, 1.04), 2),
        "quiet_sessions": _n(quiet * rng.uniform(0.96, 1.04), 2),
        "traces": ", ".join(map(str, traces)),
        "mau_low": _n(low_mau),
        "mau_high": _n(high_mau),
        "bookings_each": f"{c.bookings_each:g}",
        "commission": f"{c.commission:.2f}",
        "contacts_pack": _n(c.contacts, 2),
        "size_1": _n(c.reservations[0]),
        "size_2": _n(c.reservations[1]),
        "size_3": _n(c.reservations[2]),
        "size_4": _n(c.reservations[3]),
    }


def _tokens(c: Case) -> dict[str, str | float]:
    rng = stream(c.world, "estimation", "memos", "tokens")
    found: dict[str, str | float] = {
        "price_wren": f"{c.prices['wren']:.2f}",
        "price_heron": f"{c.prices['heron']:.2f}",
        "price_condor": f"{c.prices['condor']:.2f}",
        "price_wren_out": f"{5 * c.prices['wren']:.2f}",
        "price_heron_out": f"{5 * c.prices['heron']:.2f}",
        "price_condor_out": f"{5 * c.prices['condor']:.2f}",
        "ceiling": _n(c.ceiling),
        "effort_drop": f"{-100 * c.effort_change:.0f}",
        "elasticity": f"{c.elasticity:g}",
    }
    for name, tokens in (("ask", c.ask), ("note", c.note), ("rebook", c.rebook)):
        for kind, value in (("read", tokens.read), ("written", tokens.written)):
            low, high = _span(rng, value, 1.08, 1.35)
            found[f"{name}_{kind}_low"] = _n(low, 2)
            found[f"{name}_{kind}_high"] = _n(high, 2)
    cached = c.note.cached / c.note.read
    found["note_cached_low"] = f"{100 * cached * rng.uniform(0.85, 0.97):.0f}"
    found["note_cached_high"] = f"{100 * cached * rng.uniform(1.03, 1.15):.0f}"
    low, high = _span(rng, c.ask.hidden, 1.05, 1.25)
    found["hidden_low"], found["hidden_high"] = _n(low, 2), _n(high, 2)
    return found


def _groups(c: Case) -> dict[str, str | float]:
    rng = stream(c.world, "estimation", "memos", "groups")
    step = c.step
    found: dict[str, str | float] = {
        "group": SEGMENTS[step.segment],
        "group_short": _SHORT[step.segment],
        "before": f"{100 * step.error_before:.0f}",
        "after": f"{100 * step.error_after:.0f}",
        "desk_handling": f"{step.desk * 0.78:.2f}",
        "desk_wait_low": f"{step.desk * 0.22 * rng.uniform(0.6, 0.85):.2f}",
        "desk_wait_high": f"{step.desk * 0.22 * rng.uniform(1.2, 1.5):.2f}",
        "would_call_yes": str(int(rng.binomial(240, step.would_call))),
        "label_low": f"{c.label_cost / rng.uniform(1.1, 1.3):.2f}",
        "label_high": f"{c.label_cost * rng.uniform(1.1, 1.3):.2f}",
    }
    for name, share in c.shares.items():
        found[f"share_{name}_low"] = f"{100 * share * rng.uniform(0.86, 0.95):.0f}"
        found[f"share_{name}_high"] = f"{100 * share * rng.uniform(1.06, 1.18):.0f}"
    low, high = _span(rng, step.harm, 1.15, 1.45)
    found["harm_low"], found["harm_high"] = _n(low, 2), _n(high, 2)
    for percent in (4, 8, 12, 16, 20):
        seen = rng.binomial(900, step.trust.reliance(percent / 100))
        found[f"relied_{percent}"] = f"{100 * seen / 900:.0f}"
    return found


def _language(c: Case) -> dict[str, str | float]:
    rng = stream(c.world, "estimation", "memos", "language")
    lang = c.language
    found: dict[str, str | float] = {
        "articles": str(lang.articles),
        "phrasings": str(lang.phrasings),
        "labels": f"{lang.labels:,}",
        "people": str(lang.people),
        "weeks": str(lang.weeks),
        "capacity": str(lang.people * lang.weeks),
    }
    ranges = {
        "article_days": (lang.days_per_article, 1.15, 1.5),
        "glossary": (lang.glossary, 1.1, 1.4),
        "phrasing_minutes": (lang.minutes_per_phrasing, 1.1, 1.5),
        "label_minutes": (lang.minutes_per_label, 1.1, 1.5),
        "judge": (lang.judge, 1.1, 1.5),
        "legal": (lang.legal, 1.1, 1.6),
        "engineering": (lang.engineering, 1.15, 1.6),
    }
    for name, (value, near, far) in ranges.items():
        low, high = _span(rng, value, near, far)
        found[f"{name}_low"], found[f"{name}_high"] = _n(low, 2), _n(high, 2)
    return found


def _plan(c: Case) -> dict[str, str | float]:
    rng = stream(c.world, "estimation", "memos", "plan")
    plan = c.plan
    odds = 1 / plan.per_booking
    finish = float(rng.uniform(0.4, 0.6))
    taps = plan.take_up / finish
    return {
        "odds_low": f"{odds / rng.uniform(1.05, 1.25):.0f}",
        "odds_high": f"{odds * rng.uniform(1.05, 1.25):.0f}",
        "taps": f"{100 * taps:.1f}",
        "finish_low": f"{100 * finish * rng.uniform(0.6, 0.85):.0f}",
        "finish_high": f"{100 * finish * rng.uniform(1.15, 1.5):.0f}",
        "plan_price": f"{plan.price:.2f}",
        "plan_serving": f"{plan.serving:.2f}",
        "plan_fixed": _n(plan.fixed),
    }


@per_world
def shelf(world: int) -> dict[str, dict[str, float]]:
    """Return the number cards of the chain shop: low, point and high, to be used as printed.

    The point of each card is given, so the arithmetic is exact. Which two cards drive the bill
    depends on the widths, and these differ from world to world.
    """
    import numpy as np

    c = case(world)
    rng = stream(world, "estimation", "shelf")
    names = ["trips", "notes_per_trip", "calls_per_note", "tokens_per_call", "blended_price"]
    points = {
        "trips": c.trips / 1e6,
        "tokens_per_call": c.note.read + c.note.written,
        "blended_price": (1e6 * c.note.dollars(c.prices["heron"]) / (c.note.read + c.note.written)),
    }
    cards = {}
    for name, width in zip(rng.permutation(names), (1.9, 1.62, 1.3, 1.18, 1.08), strict=True):
        half = float(np.sqrt(width * rng.uniform(0.98, 1.03)))
        floor = float(rng.uniform(1.0, 1.06))  # nobody gets less than one note, or one call
        point = points.get(str(name), floor * half)
        cards[str(name)] = {
            "low": _three(point / half),
            "point": _three(point),
            "high": _three(point * half),
        }
    return {name: cards[name] for name in names}


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _shelf_facts(c: Case) -> dict[str, str | float]:
    found: dict[str, str | float] = {}
    for name, card in shelf(c.world).items():
        found[f"card_{name}"] = card["point"]
        found[f"card_{name}_low"] = card["low"]
        found[f"card_{name}_high"] = card["high"]
    rng = stream(c.world, "estimation", "shelf", "decoys")
    found["card_seats"] = float(rng.integers(40, 90) * rng.integers(18, 45))
    found["card_training"] = float(rng.integers(20, 90)) * 1e6
    return found


def briefing(world: int) -> tuple[Memo, ...]:
    """Return the memos on the PM's desk, in the order in which the guide refers to them."""
    f = facts(world)
    storm = f"{f['storm_days']} storm days last month, about {f['storm_sessions']} sessions each"
    return (
        Memo(
            "finance",
            "Finance pack, Ask",
            f"{f['old_questions']} questions in the month that closed two months ago. Volume has "
            f"grown {f['growth_low']} to {f['growth_high']} percent a month since.",
            "Stale. It counts questions; the bill counts calls.",
        ),
        Memo(
            "log",
            "Engineering log, footnote",
            f"Of 400 questions, {f['log_one']} took one model call, {f['log_two']} took two and "
            f"{f['log_three']} took three (timeouts, rewrites, retries).",
            "One afternoon.",
        ),
        Memo(
            "analytics",
            "Analytics page, trips",
            f"{f['trips_counted']} trips in the last 30 days.",
            f"Counts canceled trips, {f['canceled_low']} to {f['canceled_high']} percent of it, "
            "and canceled trips get no note.",
        ),
        Memo(
            "batch",
            "Notes batch, a sample of 80 trips",
            f"{f['sample_one_note']} trips got one note, {f['sample_two_notes']} got two because "
            "they have a change.",
            "Eighty trips. One call writes one note.",
        ),
        Memo(
            "rebook",
            "Rebook operations",
            f"{storm}; other days about {f['quiet_sessions']}. Model calls in eight traces: "
            f"{f['traces']}.",
            "Sessions are rounded, and eight traces are few.",
        ),
        Memo(
            "prices",
            "Price sheet, dollars a million tokens read / written",
            f"Wren {f['price_wren']} / {f['price_wren_out']}, Heron {f['price_heron']} / "
            f"{f['price_heron_out']}, Condor {f['price_condor']} / {f['price_condor_out']}.",
            "No batch discount. A token read from a cache costs a tenth. "
            + (
                f"Condor reasons unseen on Ask and Rebook: {f['hidden_low']} to "
                f"{f['hidden_high']} tokens a call on average, billed as written; none on notes."
                if case(world).ask.hidden
                else "Condor was traced too and reasons nothing unseen here."
            ),
        ),
        Memo(
            "tokens",
            "Token traces, tokens a call, eight calls in ten",
            f"Ask reads {f['ask_read_low']} to {f['ask_read_high']}, writes "
            f"{f['ask_written_low']} to {f['ask_written_high']}. A note reads "
            f"{f['note_read_low']} to {f['note_read_high']}, {f['note_cached_low']} to "
            f"{f['note_cached_high']} percent of it from a cache, and writes "
            f"{f['note_written_low']} to {f['note_written_high']}. A Rebook call reads "
            f"{f['rebook_read_low']} to {f['rebook_read_high']}, writes "
            f"{f['rebook_written_low']} to {f['rebook_written_high']}.",
            "Only notes use a cache.",
        ),
        Memo(
            "board",
            "Board pack",
            f"{f['mau_low']} to {f['mau_high']} monthly actives, depending on whose login counts. "
            f"{f['bookings_each']} bookings per active a month, ${f['commission']} commission "
            f"each. About {f['contacts_pack']} human contacts a month before launch.",
        ),
        Memo(
            "groups",
            "Research, share of Ask by group, percent",
            "; ".join(
                f"{SEGMENTS[s]} {f[f'share_{s}_low']} to {f[f'share_{s}_high']}" for s in SEGMENTS
            )
            + ".",
            "From a survey wave of 900 people.",
        ),
        Memo(
            "trust",
            "Research, reliance study",
            "Share of people who acted on an answer without checking, by the error rate they "
            f"lived with: {f['relied_4']} percent at 4 percent error, {f['relied_8']} at 8, "
            f"{f['relied_12']} at 12, {f['relied_16']} at 16, {f['relied_20']} at 20.",
            "900 people in each cell. A stylized teaching curve made these people.",
        ),
        Memo(
            "step",
            "Evals, the change under discussion",
            f"For {f['group']}, production error would go from {f['before']} percent to "
            f"{f['after']} percent of answered questions.",
            "Taken as given in Exercise 3; the written question doubts it.",
        ),
        Memo(
            "desk",
            "Support desk, Nkechi",
            f"A contact costs ${f['desk_handling']} to handle, and the wait costs "
            f"${f['desk_wait_low']} to ${f['desk_wait_high']} more. Of 240 people asked, "
            f"{f['would_call_yes']} would have phoned had Ask not existed.",
            "What people say they would have done.",
        ),
        Memo(
            "harm",
            "Safety and policy, Rafael",
            f"A wrong answer that one of the {f['group_short']} acts on costs ${f['harm_low']} to "
            f"${f['harm_high']}: goodwill, a new ticket, the complaint, margin lost.",
            "He does not give a middle.",
        ),
        Memo(
            "language",
            "Quotes for a second language",
            f"{f['articles']} articles at {f['article_days_low']} to {f['article_days_high']} "
            f"person-days; glossary {f['glossary_low']} to {f['glossary_high']} person-days; "
            f"{f['phrasings']} phrasings at {f['phrasing_minutes_low']} to "
            f"{f['phrasing_minutes_high']} minutes; {f['labels']} labels at "
            f"{f['label_minutes_low']} to {f['label_minutes_high']} minutes; checking the judge "
            f"again {f['judge_low']} to {f['judge_high']} person-days; legal {f['legal_low']} to "
            f"{f['legal_high']}; engineering {f['engineering_low']} to {f['engineering_high']}.",
            f"{f['people']} people are free for {f['weeks']} weeks: {f['capacity']} person-weeks.",
        ),
        Memo(
            "plan",
            "Paid Rebook plan, notes of Dara",
            f"One booking in {f['odds_low']} to {f['odds_high']} meets a disruption of an hour or "
            f"more. In a painted-door test among people who had met one, {f['taps']} percent "
            f"tapped buy; {f['finish_low']} to {f['finish_high']} percent of people who tap go "
            f"on to pay. Price ${f['plan_price']} a month; serving a payer ${f['plan_serving']} a "
            f"month; fixed cost ${f['plan_fixed']} a month.",
            "Nobody has paid yet.",
        ),
        Memo(
            "labels",
            "Label vendor",
            f"${f['label_low']} to ${f['label_high']} a label, by volume.",
        ),
    )


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """Memos laid out for reading in a notebook."""

    memos: tuple[Memo, ...]

    def __str__(self) -> str:
        return "\n".join(memo.markdown for memo in self.memos)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left;vertical-align:top'>{memo.source}</th>"
            f"<td style='text-align:left;vertical-align:top'>{memo.says}</td>"
            f"<td style='text-align:left;vertical-align:top'><em>{memo.mind}</em></td></tr>"
            for memo in self.memos
        )
        left = "<th scope='col' style='text-align:left'>"
        head = f"<tr>{left}Source</th>{left}What it says</th>{left}What to mind</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
        return table.replace("$", "<span>$</span>")  # kept apart, so that it is not read as TeX


def desk(world: int, *keys: str) -> Desk:
    """Return the memos with these keys, or all of them; show it by naming it last in a cell.

    >>> print(desk(10, "labels"))
    - **Label vendor.** $0.79 to $1.19 a label, by volume.
    """
    memos = briefing(world)
    known = {memo.key: memo for memo in memos}
    for key in keys:
        if key not in known:
            raise UnknownItemError(
                "The desk", f"there is no memo {key!r}", f"Choose from {', '.join(known)}."
            )
    return Desk(tuple(known[key] for key in keys) if keys else memos)
