"""What the PM of one world can read: memos, price sheets, traces, a replay, a trial.

A memo names its source and its fault. Numbers that an exercise tells you to use are exact; ranges
blur what an estimate asks for. Everything is invented for this course, prices excepted: they lie
where public price lists lay in November 2026 (``lantern/data/market-facts.yaml``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skillmap.errors import UnknownItemError
from skillmap.lantern.people import LEAVERS_PHONE
from skillmap.lantern.surfaces import _NOTE_ERROR as NOTE_ERROR
from skillmap.lantern.tiers import HISTORY_TOKENS, QUESTION_TOKENS
from skillmap.lantern.world import MONTH, SEGMENT_NAMES, SEGMENT_TITLES, TIERS
from skillmap.lessons.cost_latency_routing.bench import (
    DAY_ZERO_BAR,
    POLICIES,
    Measured,
    found_tokens,
    measure,
)
from skillmap.lessons.cost_latency_routing.case import HOURS, PEAK, Case, case
from skillmap.lessons.exhibits import Card, Grid
from skillmap.worlds import per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "SIZES",
    "STRETCHES",
    "desk",
    "facts",
    "funnel",
    "hours",
    "ledger",
    "prompt_blocks",
]

SIZES = (8, 12, 18, 28, 42)
"""Slots that the provider reserves."""
STRETCHES = {name: f"{4 * k:02d}:00 to {4 * k + 4:02d}:00" for k, name in enumerate(HOURS)}
"""The six stretches of a day, in words."""


def _n(value: float, digits: int = 3) -> str:
    """Write a number the way a memo does.

    >>> _n(16_824_000), _n(432_700), _n(0.0316)
    ('16.8 million', '433,000', '0.0316')
    """
    rounded = float(f"{value:.{digits}g}")
    if abs(rounded) >= 1e6:
        return f"{rounded / 1e6:.{digits}g} million"
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.{digits}g}"


def _around(rng: Generator, value: float, near: float, far: float) -> tuple[str, str]:
    """Return two ends around a value, which is seldom in the middle."""
    return _n(value / rng.uniform(near, far)), _n(value * rng.uniform(near, far))


@per_world
def facts(world: int) -> dict[str, str | float]:
    """Return what a learner is told, by name. Floats are exact inputs; strings are for reading."""
    c = case(world)
    return {**_ask(c), **_ledger(c), **_memos(c), **_storm(c), **_notes(c)}


def _ask(c: Case) -> dict[str, str | float]:
    w = c.world
    found: dict[str, str | float] = {
        "questions": w.scale.questions,
        "calls_per_question": w.scale.calls_per_question,
        "hand_off": round(w.desk.hand_off, 2),
        "read_prefix": w.serving.prefix,
        "read_found": float(round(found_tokens(c.world.id))),
        "read_talk": HISTORY_TOKENS,
        "read_question": QUESTION_TOKENS,
        "written": float(round(w.written_tokens)),
        "cache_write": c.cache.write,
        "cache_write_hour": c.cache.write_hour,
        "cache_read": c.cache.back,
        "streams": c.cache.streams,
    }
    for tier in w.tiers:
        found[f"price_{tier.name}"] = tier.price_in
        found[f"price_{tier.name}_out"] = tier.price_out
        found[f"hidden_{tier.name}"] = float(round(tier.hidden_share * tier.hidden))
    for segment in w.segments:
        found[f"harm_{segment.name}"] = segment.harm
        found[f"patience_{segment.name}"] = segment.patience
        found[f"share_{segment.name}"] = f"{100 * segment.share:.1f}"
    for name, rate in zip(HOURS, c.hours, strict=True):
        found[f"rate_{name}"] = rate
    for block in c.blocks:
        found[f"block_{block.key}"] = block.label
    return found


def ledger(world: int) -> dict[str, Measured]:
    """Return what the replay says of each tier at the bar of day 0.

    >>> sorted(ledger(10))
    ['condor', 'heron', 'wren']
    """
    return {tier: measure(world, POLICIES[tier], (DAY_ZERO_BAR,) * 5) for tier in TIERS}


def _ledger(c: Case) -> dict[str, str | float]:
    """What became of a thousand questions under each tier, rounded as the table shows it."""
    found: dict[str, str | float] = {}
    for tier, m in ledger(c.world.id).items():
        found[f"answered_{tier}"] = round(1000 * m.mean(m.answered), 1)
        found[f"contacts_{tier}"] = round(1000 * m.contacts, 1)
        found[f"right_{tier}"] = round(1000 * m.mean(m.answered - m.wrong), 1)
        found[f"rar_{tier}"] = round(1000 * m.right_and_acted, 1)
        found[f"harmed_{tier}"] = float(round(1000 * m.mean(m.harm)))
    return found


def _memos(c: Case) -> dict[str, str | float]:
    """Blurred memos for the three estimates."""
    w, s = c.world, c.storm
    rng = stream(w.id, "cost-latency-routing", "memos")
    canceled = rng.uniform(0.03, 0.08)
    changes = int(rng.binomial(80, min(0.98, w.scale.notes_per_trip - 1)))
    traces = sorted(
        int(min(9, max(4, round(x)))) for x in rng.normal(w.scale.calls_per_session, 1.1, size=8)
    )
    growth = rng.uniform(0.02, 0.06)
    found: dict[str, str | float] = {
        "trips_counted": _n(w.scale.trips / (1 - canceled)),
        "canceled_low": f"{100 * canceled * rng.uniform(0.6, 0.9):.0f}",
        "canceled_high": f"{100 * canceled * rng.uniform(1.15, 1.6):.0f}",
        "sample_one": str(80 - changes),
        "sample_two": str(changes),
        "traces": ", ".join(map(str, traces)),
        "contact": w.desk.notes_contact,
        "old_questions": _n(w.scale.questions / MONTH / (1 + growth) ** 2),
        "growth_low": f"{100 * growth * rng.uniform(0.55, 0.85):.1f}",
        "growth_high": f"{100 * growth * rng.uniform(1.15, 1.5):.1f}",
        "peak": f"{100 * PEAK:.0f}",
        "plan_price": f"{c.plan.price:.2f}",
        "plan_margin": f"{100 * c.plan.margin:.0f}",
        "use": f"{c.plan.use:g}",
        "heavy_share": "5",
        "heavy_calls": "40",
        **{f"size_{k}": str(size) for k, size in enumerate(SIZES, start=1)},
    }
    for name, value, near, far in (
        ("note_read", w.notes.note_read, 1.02, 1.10),
        ("note_cached", w.notes.note_cached, 1.04, 1.15),
        ("note_written", w.notes.note_written, 1.05, 1.25),
        ("rebook_read", w.notes.rebook_read, 1.03, 1.15),
        ("rebook_written", w.notes.rebook_written, 1.04, 1.2),
        ("cut", 100 * w.notes.contact_cut, 1.1, 1.4),
        ("ask_written", w.written_tokens, 1.04, 1.18),
        ("forecast", s.worst, 1.03, 1.15),
    ):
        found[f"{name}_low"], found[f"{name}_high"] = _around(rng, value, near, far)
    for tier in w.tiers:
        found[f"ttft_{tier.name}"] = f"{tier.ttft:.2f}"
        found[f"speed_{tier.name}"] = f"{tier.speed:.0f}"
    thinks = c.world.tier("condor").hidden
    found["thinking"] = (
        f"Condor also writes about {_n(thinks, 2)} hidden tokens on 85 of 100 Ask and Rebook "
        "calls; they are billed and they take time."
        if thinks
        else "In this contract Condor runs without hidden reasoning."
    )
    return found


def _storm(c: Case) -> dict[str, str | float]:
    s = c.storm
    return {
        "slots": s.slots,
        "storm_first": s.first,
        "storm_worst": s.worst,
        "busy_hour": s.per_hour,
        "seconds": s.seconds,
        "seconds_short": s.short,
        "seconds_wren": s.wren,
        "cv": s.cv,
        "explains": f"{100 * s.explains:.1f}",
    }


def _notes(c: Case) -> dict[str, str | float]:
    w, t = c.world, c.notes
    return {
        "plan_notes": t.notes,
        "plan_notes_text": _n(t.notes),
        "plan_read": w.notes.note_read,
        "plan_cached": float(round(w.notes.note_cached)),
        "plan_written": w.notes.note_written,
        "plan_cut": float(f"{100 * w.notes.contact_cut:.3g}"),
        "note_harm": round(100 * t.harm, 2),
        "opened": round(100 * t.opened),
        "keeps": round(100 * t.keeps),
        **{f"note_error_{name}": 100 * NOTE_ERROR[name] for name in TIERS},
    }


# --- exhibits -------------------------------------------------------------------------------------


def desk(world: int, *keys: str) -> Card:
    """Return memos by key, or all of them.

    >>> print(desk(10, "money").lines[0][0])
    Desk and Safety
    """
    memos = _desk(world)
    for key in keys:
        if key not in memos:
            raise UnknownItemError(
                "The desk", f"there is no memo {key!r}", f"Choose from {', '.join(memos)}."
            )
    return Card("On your desk", tuple(memos[key] for key in keys or memos))


def _desk(world: int) -> dict[str, tuple[str, str]]:
    f = facts(world)
    groups = zip(SEGMENT_NAMES, SEGMENT_TITLES, strict=True)
    money = "; ".join(
        f"{title} {f[f'share_{name}']}% of questions, ${f[f'harm_{name}']:g} for a wrong answer "
        f"acted on, half leave at {f[f'patience_{name}']:g} s"
        for name, title in groups
    )
    prices = "; ".join(
        f"{tier.title()} {f[f'price_{tier}']:g} read and {f[f'price_{tier}_out']:g} written"
        for tier in TIERS
    )
    speeds = "; ".join(
        f"{tier.title()} starts after {f[f'ttft_{tier}']} s and writes {f[f'speed_{tier}']} "
        "tokens a second"
        for tier in TIERS
    )
    return {
        "money": (
            "Desk and Safety",
            f"A hand-off costs ${f['hand_off']:.2f}, wait included. By group: {money}. Four in "
            "five who leave phone the desk. Take these as given.",
        ),
        "prices": ("Price sheet, dollars a million tokens", f"{prices}. {f['thinking']}"),
        "tokens": (
            "Ask, tokens of one call",
            f"Reads {f['read_prefix']:,} of shared instructions, {f['read_found']:,.0f} of "
            f"passages, {f['read_talk']} of talk and what is picked for the person, "
            f"{f['read_question']} of clock and question. Writes {f['written']:.0f} that people "
            f"see. Hidden, on average: Wren 0, Heron 0, Condor {f['hidden_condor']:.0f}. One "
            f"question makes {f['calls_per_question']:g} calls.",
        ),
        "cache": (
            "Our contract, caching",
            f"Writing a prefix token costs {f['cache_write']:g} times the read price for five "
            f"minutes, {f['cache_write_hour']:g} times for an hour; reading it back "
            f"{f['cache_read']:g} times. The prefix is kept apart for {f['streams']} streams "
            "(variants times shards); a hit needs an earlier question in the same stream inside "
            "the time to live: 1 minus e to the power of minus (questions an hour, divided by "
            "streams, times hours to live).",
        ),
        "trips": (
            "Analytics, trips",
            f"{f['trips_counted']} trips in the last 30 days. It counts canceled trips, "
            f"{f['canceled_low']} to {f['canceled_high']} percent, which get no note.",
        ),
        "batch": (
            "Notes batch, 80 trips",
            f"{f['sample_one']} trips got one note, {f['sample_two']} got two. One call a note. "
            "Eighty trips are few.",
        ),
        "note": (
            "Notes traces, eight calls in ten",
            f"A note reads {f['note_read_low']} to {f['note_read_high']} tokens, of these "
            f"{f['note_cached_low']} to {f['note_cached_high']} cached (billed at a tenth), and "
            f"writes {f['note_written_low']} to {f['note_written_high']}. No hidden tokens.",
        ),
        "trial": (
            "Trial of notes",
            f"With notes on, people phoned less: {f['cut_low']} to {f['cut_high']} contacts fewer "
            f"for each hundred notes. A contact costs ${f['contact']:g}. Finance lets a bill take "
            "a quarter of what it brings.",
        ),
        "rebook": (
            "Rebook traces",
            f"Model calls in eight sessions: {f['traces']}. A call reads {f['rebook_read_low']} to "
            f"{f['rebook_read_high']} tokens and writes {f['rebook_written_low']} to "
            f"{f['rebook_written_high']}. Eight sessions are few.",
        ),
        "plan": (
            "Rebook plan, Dara",
            f"${f['plan_price']} a month at {f['plan_margin']} percent gross margin. In the pilot "
            f"a payer held {f['use']} sessions a month on average; the heaviest {f['heavy_share']} "
            f"percent of payers made {f['heavy_calls']} percent of the calls.",
        ),
        "serving": (
            "Serving, Ilse",
            f"{speeds}. An Ask answer is {f['ask_written_low']} to {f['ask_written_high']} tokens "
            f"long, eight in ten. The busiest hour has {f['peak']} percent of a day's questions.",
        ),
        "forecast": (
            "Storm forecast",
            f"Demand in the worst hour {f['forecast_low']} to {f['forecast_high']} times the "
            f"busiest hour. Questions: {f['old_questions']} a day two months ago, "
            f"{f['growth_low']} to {f['growth_high']} percent more each month since.",
        ),
        "storm": (
            "Storm room",
            f"{f['slots']} slots, and no more today. A busy hour has {f['busy_hour']:g} questions. "
            f"First the storm brings {f['storm_first']:g} times that, at its worst "
            f"{f['storm_worst']:g} times. One answer takes {f['seconds']:g} s of a slot on Heron, "
            f"{f['seconds_short']:g} s if it drops prose and sources, {f['seconds_wren']:g} s on "
            f"Wren. Service time has a coefficient of variation of {f['cv']:g}. Without prose and "
            f"sources {f['explains']} percent of people phone to be sure. Whoever has waited 45 s "
            "gives up. One in ten who leave unserved is harmed as by a wrong answer.",
        ),
        "next": (
            "Journey Notes, next month",
            f"{f['plan_notes_text']} notes. One reads {f['plan_read']:g} tokens, of these "
            f"{f['plan_cached']:.0f} cached at a tenth of the price, and writes "
            f"{f['plan_written']:g}. Batch costs half and writes a note for every trip overnight. "
            f"On demand pays full price, only for the {f['opened']} percent that people open. "
            f"Notes save {f['plan_cut']} contacts for each hundred notes planned, opened or not, "
            f"at ${f['contact']:g}; half-length notes keep {f['keeps']} percent of that. Wrong "
            f"notes: Wren {f['note_error_wren']:.1f}, Heron {f['note_error_heron']:.1f}, Condor "
            f"{f['note_error_condor']:.1f} percent. A wrong note that is opened costs "
            f"{f['note_harm']:g} cents.",
        ),
    }


def funnel(world: int) -> Grid:
    """Return what became of a thousand questions under each tier, at the bar of day 0."""
    f = facts(world)
    rows = []
    for tier in TIERS:
        rows.append(
            (
                tier.title(),
                f"{1000 * float(f['calls_per_question']):,.0f}",
                f"{f[f'answered_{tier}']:g}",
                f"{f[f'right_{tier}']:g}",
                f"{f[f'rar_{tier}']:g}",
                f"{f[f'contacts_{tier}']:g}",
                f"${f[f'harmed_{tier}']:,.0f}",
            )
        )
    return Grid(
        "A thousand questions, replayed on each tier (one bar of .60; 10,000 labeled; simulated)",
        (
            "Tier",
            "model calls",
            "answered",
            "right",
            "right and acted on",
            f"contacts (hand-offs, and {LEAVERS_PHONE:.0%} of leavers)",
            "harm of wrong answers",
        ),
        tuple(rows),
    )


def prompt_blocks(world: int) -> Grid:
    """Return Ask's prompt as it is sent today, block by block."""
    c, f = case(world), facts(world)
    sizes = {"passages": int(float(f["read_found"]))}
    return Grid(
        "Ask's prompt as it is sent today, in order",
        ("Block", "tokens"),
        tuple((b.label, f"{sizes.get(b.key, b.tokens):,}") for b in c.blocks),
    )


def hours(world: int) -> Grid:
    """Return questions an hour by stretch of the day."""
    c = case(world)
    return Grid(
        "Questions an hour, an average day",
        ("Stretch", "questions an hour"),
        tuple((STRETCHES[n], f"{r:g}") for n, r in zip(HOURS, c.hours, strict=True)),
    )
