"""What a learner is told about their world: memos, and facts by name for labels and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.errors import UnknownItemError
from skillmap.lessons.behavioral_leadership.case import Case, case
from skillmap.lessons.behavioral_leadership.incident import METRICS, SURFACES, incident
from skillmap.lessons.behavioral_leadership.tales import polished
from skillmap.lessons.estimation.facts import Desk, Memo
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["METRIC_WORDS", "briefing", "desk", "facts"]

METRIC_WORDS = {
    "reask": "Asked again within an hour, per 1,000",
    "handoff": "Handed to the desk, per 1,000",
    "letters": "Letters that mention a promise",
    "wrong": "Wrong promises, per 1,000 (first counted in the review)",
}


@per_world
def facts(world: int) -> Mapping[str, Any]:
    """Return the facts of a world by the names that items and memos use.

    >>> facts(10)["delay"], facts(10)["incident"], facts(10)["affected_low"]
    ('86,000', '310,000', '2,350')
    """
    c = case(world)
    return {**_week(c), **_flip(c), **_inputs(c), **_holdout(c), **_repair(c), **_log(world)}


def _n(value: float) -> str:
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _around(c: Case, name: str, value: float, spread: float, scale: float = 1.0) -> dict[str, str]:
    """Ends whose geometric mean misses the value by little; three figures at most."""
    rng = stream(c.world, "behavioral", "around", name)
    off = 1.0 if c.world == HOUSE else float(rng.uniform(0.96, 1.04))
    ends = (scale * value * off / spread, scale * value * off * spread)
    low, high = (float(f"{end:.3g}") for end in ends)
    return {f"{name}_low": _n(low), f"{name}_high": _n(high)}


def _week(c: Case) -> dict[str, Any]:
    w = c.week
    found: dict[str, Any] = {
        "past": w.past,
        "faulty": w.faulty,
        "sound": w.past - w.faulty,
        "delay": _n(w.delay),
        "incident": _n(w.incident),
        "mends": f"{100 * w.mends:.0f}",
        "setup": _n(w.setup),
        "reach": f"{100 * w.reach:.0f}",
        "catch": f"{100 * w.catch:.0f}",
        "third": "It read the same conversations as the second look, by the same rubric. Where two "
        "such looks were ever compared, they agreed."
        if w.echo
        else "It read fresh conversations, by other readers.",
    }
    for n, look in enumerate(w.looks, start=1):
        found |= {
            f"look_{n}": "an alarm" if look.alarm else "quiet",
            f"hits_{n}": look.in_faulty,
            f"false_{n}": look.in_sound,
        }
    return found


def _flip(c: Case) -> dict[str, Any]:
    f = c.flip
    return {
        "p_dara": f"{100 * f.p[0]:.0f}",
        "p_rafael": f"{100 * f.p[1]:.0f}",
        "incident_dara": _n(f.incident[0]),
        "incident_rafael": _n(f.incident[1]),
        "delay_dara": _n(f.delay[0]),
        "delay_rafael": _n(f.delay[1]),
        "weight": f"{100 * f.weight:.0f}",
        "weight_dara": f"{100 - 100 * f.weight:.0f}",
    }


def _inputs(c: Case) -> dict[str, Any]:
    i = c.inputs
    return {
        **_around(c, "bookings", i.bookings, 1.25),
        **_around(c, "commission", i.commission, 1.05),
        **_around(c, "exposed", i.exposed, 1.3),
        **_around(c, "acted", i.acted, 1.5, 100),
        **_around(c, "harm", i.harm, 1.2),
        "feared": f"{100 * i.feared:.0f}",
    }


def _holdout(c: Case) -> dict[str, Any]:
    h = c.holdout
    return {
        **_around(c, "h_p", h.p, 1.15, 100),
        **_around(c, "h_incident", h.incident, 1.04),
        **_around(c, "h_delay", h.delay, 1.04),
        **_around(c, "verdict", h.verdict, 1.12, 100),
        "h_price": _n(h.price),
    }


def _repair(c: Case) -> dict[str, Any]:
    r = c.repair
    return {
        **_around(c, "affected", r.affected, 1.107),
        **_around(c, "reachable", r.reachable, 1.08, 100),
        **_around(c, "claim", r.claim, 1.5, 100),
        **_around(c, "compensation", r.compensation, 1.1),
        **_around(c, "desk_hours", r.hours, 1.3),
        "wage": f"{r.wage:.0f}",
        "surfaces": f"{100 * r.surfaces:.0f}",
        "scandal": _n(r.scandal),
    }


def _hours(value: float) -> str:
    return f"{value:g}"


def _log(world: int) -> dict[str, Any]:
    i = incident(world)
    found: dict[str, Any] = {
        "ahead": "shows the same time as the others"
        if i.ahead == 0
        else f"runs {i.ahead} hour{'s' if i.ahead > 1 else ''} ahead of the others",
        "story": polished(world).text,
    }
    for name, people, faulty in zip(SURFACES, i.people, i.faulty, strict=True):
        found[f"people_{name}"] = _n(people)
        found[f"faulty_{name}"] = f"{100 * faulty:.1f}"
    for name, bound in zip(METRICS, i.bounds, strict=True):
        found[f"bound_{name}"] = f"{bound:.1f}"
    return found | {f"cut_{name}": _hours(hours) for name, hours in i.cuts.items()}


@per_world
def briefing(world: int) -> Mapping[str, Memo]:
    """Return every memo of a world by key."""
    f = facts(world)
    looks = " ".join(
        f"Look {n}: {f[f'look_{n}']}. In the {f['faulty']} with an incident such a look raised an "
        f"alarm {f[f'hits_{n}']} times, in the {f['sound']} without one {f[f'false_{n}']} times."
        for n in (1, 2, 3)
    )
    memos = (
        Memo(
            "past",
            "Past releases, Ilse",
            f"Of the last {f['past']} releases like this one, {f['faulty']} had an incident "
            "within 14 days.",
            "An incident is what our own log calls one. A fault that is there leads to one.",
        ),
        Memo("looks", "Three looks at the release, Tomas", looks, f"About look 3: {f['third']}"),
        Memo(
            "dara",
            "Dara, commercial",
            "Three operators put our promise on their posters for Friday. A week's hold costs "
            f"{f['delay']} dollars in bookings and posters, and I have to make three calls that I "
            "will make only once this year.",
            "Her figure was checked by finance.",
        ),
        Memo(
            "rafael",
            "Rafael, safety",
            "If the fault is there, people stand on a platform at night with a promise in their "
            f"hand. An incident costs {f['incident']} dollars, with what we owe them. A week of "
            f"work removes {f['mends']} percent of the chance.",
            "His figure was checked by finance.",
        ),
        Memo(
            "ilse",
            "Ilse, engineering",
            f"There is a middle way. We show it to {f['reach']} percent of people behind a "
            f"switch. Building that costs {f['setup']} dollars. If the fault is there, three days "
            f"catch it with a chance of {f['catch']} percent: then only those people are hit, so "
            f"{f['reach']} percent of the incident's cost, and the week's hold is paid after all. "
            "If it is not caught, all of it hits.",
            "My crew is tired. That is not in the figures.",
        ),
        Memo(
            "memo_dara",
            "Dara on the second operator",
            f"Ship. The chance of an incident is {f['p_dara']} percent, an incident costs "
            f"{f['incident_dara']} dollars, and a week's hold costs {f['delay_dara']} dollars.",
            "She counts what she has seen in twelve years of launches.",
        ),
        Memo(
            "memo_rafael",
            "Rafael on the second operator",
            f"Hold. The chance is {f['p_rafael']} percent, an incident costs "
            f"{f['incident_rafael']} dollars, and a week's hold costs {f['delay_rafael']} dollars.",
            "He counts what he has read in a year of complaints.",
        ),
        Memo(
            "memo_finance",
            "Finance on both memos",
            f"We give Rafael's figures a weight of {f['weight']} percent and Dara's "
            f"{f['weight_dara']}, in each of the three. Our own figure is the weighted mean. A "
            "week's hold removes the incident, and each day of it costs a seventh.",
            "Neither of the two has been wrong more often than the other.",
        ),
        Memo(
            "inputs",
            "What a week and an incident are made of, finance",
            f"Without the promise we miss {f['bookings_low']} to {f['bookings_high']} bookings a "
            f"day, each worth {f['commission_low']} to {f['commission_high']} dollars to us. With "
            f"the fault {f['exposed_low']} to {f['exposed_high']} people would get a wrong "
            f"promise, {f['acted_low']} to {f['acted_high']} percent of them would act on it, at "
            f"{f['harm_low']} to {f['harm_high']} dollars each.",
            "This is the third operator, and these are not the week's figures.",
        ),
        Memo(
            "holdout",
            "A three-day holdout, Tomas",
            f"The chance that the fault is there is {f['h_p_low']} to {f['h_p_high']} percent. It "
            f"would cost {f['h_incident_low']} to {f['h_incident_high']} dollars; holding the "
            f"launch costs {f['h_delay_low']} to {f['h_delay_high']} and removes it. A holdout of "
            f"three days gives a clear verdict with a chance of {f['verdict_low']} to "
            f"{f['verdict_high']} percent and otherwise says nothing. It costs {f['h_price']} "
            "dollars.",
            "Without it you would do whatever looks better today.",
        ),
        Memo(
            "repair",
            "Making it right, Nkechi",
            f"{f['affected_low']} to {f['affected_high']} people got a wrong promise. We can reach "
            f"{f['reachable_low']} to {f['reachable_high']} percent of them; of those, "
            f"{f['claim_low']} to {f['claim_high']} percent will claim, "
            f"{f['compensation_low']} to {f['compensation_high']} dollars each. My desk needs "
            f"{f['desk_hours_low']} to {f['desk_hours_high']} hours at {f['wage']} dollars.",
            "From two earlier letters to customers.",
        ),
        Memo(
            "silence",
            "If we say nothing, Dara",
            f"It comes out by itself with a chance of about {f['surfaces']} percent. Then it costs "
            f"{f['scandal']} dollars, mostly in lost contracts.",
            "I would tell them. You asked for the figure.",
        ),
        Memo(
            "clocks",
            "Clocks and terms of the log",
            f"The desk's tool {f['ahead']}. Detected: a person on the team says that something is "
            "wrong. Decided: the switch-off is decided, and not proposed. Mitigated: the last "
            "surface is clean.",
            "An alert that nobody reads has detected nothing.",
        ),
        Memo(
            "people",
            "Who saw it, Ilse",
            "; ".join(
                f"{name} {f[f'people_{name}']} people a day, {f[f'faulty_{name}']} percent of them "
                "with a wrong promise"
                for name in SURFACES
            )
            + ".",
            "Evenly over the day; nobody counted twice.",
        ),
        Memo(
            "rule",
            "The rule that stood before",
            "A dashboard metric that is above its bound on two days in a row is looked at on the "
            f"second of them. Bounds: {METRIC_WORDS['reask'].lower()} {f['bound_reask']}; "
            f"{METRIC_WORDS['handoff'].lower()} {f['bound_handoff']}; "
            f"{METRIC_WORDS['letters'].lower()} {f['bound_letters']}.",
            "Wrong promises were counted by nobody before the review.",
        ),
        Memo(
            "changes",
            "Eight proposals for the review",
            f"An alarm that pages a person: time to detect {f['cut_page']} hours. Thirty answers "
            f"read by hand each morning: time to detect {f['cut_read']} hours. One named person "
            f"may switch off alone: time to decide {f['cut_alone']} hours. A bound that switches "
            f"off without a meeting: {f['cut_rule']} hours. One switch for all surfaces: each is "
            f"clean {f['cut_switch']} hours after the decision. A rollback drill each month: "
            f"{f['cut_drill']} hours. A reminder to read the channel and a talk with the engineer "
            "who deployed: after five earlier ones no time changed.",
            "Where the old time was shorter, it stays. In one phase the stronger change counts.",
        ),
    )
    return {memo.key: memo for memo in memos}


def desk(world: int, *keys: str) -> Desk:
    """Return the memos of these keys, in this order; all of them without keys."""
    memos = briefing(world)
    if unknown := [key for key in keys if key not in memos]:
        raise UnknownItemError(
            "The desk", f"there is no memo {unknown[0]!r}", f"Choose from {', '.join(memos)}."
        )
    return Desk(tuple(memos[key] for key in (keys or memos)))
