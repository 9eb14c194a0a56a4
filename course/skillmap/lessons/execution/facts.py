"""What a learner is told about their world: memos, and facts by name for labels and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.errors import UnknownItemError
from skillmap.lessons.estimation.facts import Desk, Memo
from skillmap.lessons.execution.case import Case, case
from skillmap.lessons.execution.incident import LATER, NIGHT
from skillmap.lessons.execution.looks import trial
from skillmap.lessons.execution.queue import queue
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["briefing", "desk", "facts", "log_days"]

BREAKS = {
    "format": "fare cards that do not parse",
    "citations": "answers without their source line",
    "": "",
}


def log_days(world: int, name: str, mean: float, days: int = 7) -> tuple[int, ...]:
    """Return a week of counts around a mean, as a log has them.

    >>> abs(sum(log_days(10, "questions", 14_000)) / 7 / 14_000 - 1) < 0.05
    True
    """
    rng = stream(world, "execution", "log", name)
    weekday = [0.93, 0.96, 0.99, 1.01, 1.06, 1.04, 1.01]
    total = sum(weekday[:days])
    return tuple(
        round(float(mean * days * w / total * rng.normal(1, 0.012))) for w in weekday[:days]
    )


@per_world
def facts(world: int) -> Mapping[str, Any]:
    """Return the facts of a world by the names that items and memos use.

    >>> f = facts(10)
    >>> f["looks"], f["look"], f["night"]
    (10, 3, 56)
    """
    c = case(world)
    return {**_rollout(c), **_trial(c), **_incident(c), **_queue(c), **_exposed(c), **_drill(c)}


def _rollout(c: Case) -> dict[str, Any]:
    r, s = c.risks, c.group_shares
    return {
        "gain_steady": f"{100 * r.gain['steady']:.0f}",
        "gain_wide": f"{100 * r.gain['wide']:.0f}",
        "gain_assisted": f"{100 * r.gain['assisted']:.0f}",
        "share_steady": f"{100 * s['steady']:.0f}",
        "share_wide": f"{100 * s['wide']:.0f}",
        "share_assisted": f"{100 * s['assisted']:.0f}",
        "fault": f"{100 * r.chance:.0f}",
        "fault_rate": f"{100 * r.rate:.2g}",
        "fault_cost": f"{r.cost:,.0f}",
        "assisted_fault": f"{100 * r.assisted_chance:.0f}",
        "assisted_rate": f"{100 * r.assisted_rate:.2g}",
        "assisted_cost": f"{r.assisted_cost:,.0f}",
        "noticed": f"{100 * r.noticed:.0f}",
        "background": f"{10_000 * r.background:.0f}",
        "react": "1 day" if r.react == 1 else f"{r.react} days",
        "fix": r.fix,
        "inquiry": r.inquiry,
        "daily_log": ", ".join(f"{n:,}" for n in log_days(c.world, "questions", c.daily)),
        "daily_round": f"{float(f'{c.daily:.2g}'):,.0f}",
    }


def _trial(c: Case) -> dict[str, Any]:
    t = trial(c.world)
    a, b = t.arms
    return {
        "looks": t.looks,
        "look": t.at,
        "z": f"{t.z:.2f}",
        "people_a": f"{a:,}",
        "people_b": f"{b:,}",
        "trial_benefit": f"{t.benefit:.2g}",
        "trial_spread": f"{t.spread:.2g}",
        "trial_error": f"{t.error:.2g}",
        "trial_after": f"{t.after:.0f}",
        "trial_again": f"{t.again:.1g}",
    }


def _incident(c: Case) -> dict[str, Any]:
    i = c.incident
    return {
        "night": i.day + NIGHT,
        "later": i.day + LATER,
        "worth_broken": f"{i.worth_broken:.2f}",
        "plain_cost": f"{i.plain_cost:,.0f}",
        "outage_cost": f"{i.outage_cost:,.0f}",
        "pin_cost": f"{i.pin_cost:,.0f}",
        "pin_days": i.pin_days,
        "patch_cost": f"{i.patch_cost:,.0f}",
        "patch_days": i.patch_days,
        "app_cost": f"{i.app_cost:,.0f}",
        "index_cost": f"{i.index_cost:,.0f}",
        "brief_cost": f"{i.brief_cost:,.0f}",
        "brief_gain": f"{i.brief_gain:,.0f}",
        "hand_off": f"{c.lantern.desk.hand_off:.2f}",
        "price_out": f"{c.lantern.tier('heron').price_out:.2f}",
    }


def _queue(c: Case) -> dict[str, Any]:
    q = queue(c.world)
    found: dict[str, Any] = {
        "flagged": f"{q.flagged:,.0f}",
        "reviewers": q.people,
        "per_person": f"{q.per_person:.1f}",
        "queue_days": q.days,
        "caught": f"{100 * q.caught:.0f}",
        "hourly": f"{q.hourly:.2f}",
        "hours": f"{q.hours:.1f}",
        "capacity": f"{q.capacity:,.0f}",
        "hires": q.hires,
        "narrow": f"{100 * q.narrow_share:.0f}",
        "load": f"{100 * q.utilization:.0f}",
    }
    for name, (share, bad, saved) in q.classes.items():
        found[f"{name}_share"] = f"{100 * share:.0f}"
        found[f"{name}_bad"] = f"{100 * bad:.2g}"
        found[f"{name}_saved"] = f"{float(f'{saved:.2g}'):g}"
    return found


def _exposed(c: Case) -> dict[str, Any]:
    e, q = c.exposed, queue(c.world)
    rng = stream(c.world, "execution", "ranges")

    def around(value: float, spread: float) -> tuple[float, float]:
        """Ends whose geometric mean misses the value by little."""
        off = 1.0 if c.world == HOUSE else float(rng.uniform(0.95, 1.05))
        return value * off / spread, value * off * spread

    seldom = around(1 / e.harm_rate, 1.25)
    pace = around(c.lantern.reviewers.items_per_hour, 1.12)
    hours = {n: around(24 * getattr(e, n), 1.3) for n in ("detect", "decide", "revert")}
    found: dict[str, Any] = {
        "canary": f"{100 * e.canary_share:g}",
        "one_in_low": f"{seldom[0]:.0f}",
        "one_in_high": f"{seldom[1]:.0f}",
        "quiet": e.quiet_days,
        "voice": f"{100 * e.voice:.0f}",
        "pace_low": f"{pace[0]:.1f}",
        "pace_high": f"{pace[1]:.1f}",
        "flagged_log": ", ".join(f"{n:,}" for n in log_days(c.world, "flagged", q.flagged)),
        "storm_times": f"{e.storm_factor:.1f}",
        "storm_days": e.storm_days,
        "affected": f"{100 * e.affected:.2g}",
        "answered_share": "88 to 92",
        "slow_days": e.slow_days,
        "mail_limit": f"{e.answers_limit:,.0f}",
    }
    for name, (low, high) in hours.items():
        found[f"{name}_low"], found[f"{name}_high"] = (
            f"{end:.0f}" if end >= 10 else f"{end:.1f}" for end in (low, high)
        )
    return found


def _drill(c: Case) -> dict[str, Any]:
    return {f"step_{n}": text for n, (_, text) in enumerate(c.drill.steps, start=1)}


def briefing(world: int) -> tuple[Memo, ...]:
    """Return the memos of this module, in the order in which the notebook shows them."""
    f = facts(world)
    return (
        Memo(
            "register",
            "Risk register, Rafael and Ilse",
            f"Two faults may be there. A general one: {f['fault']} percent likely, hits "
            f"{f['fault_rate']} percent of all questions shown, ${f['fault_cost']} a case. One "
            f"that only assisted travelers meet: {f['assisted_fault']} percent likely, hits "
            f"{f['assisted_rate']} percent of their questions, ${f['assisted_cost']} a case.",
            "Judgments of two people, before any customer has seen it.",
        ),
        Memo(
            "value",
            "What a shown question is worth, net of ordinary errors",
            f"Regulars and leisure {f['gain_steady']} cents ({f['share_steady']} percent of "
            f"questions); visitors and arrangers {f['gain_wide']} cents ({f['share_wide']} "
            f"percent); assisted travelers {f['gain_assisted']} cents ({f['share_assisted']} "
            "percent).",
            "Contacts saved less the errors you know of. The two faults are not in it.",
        ),
        Memo(
            "desk",
            "Support desk, Nkechi",
            f"{f['noticed']} percent of cases reach us within the day. Of 10,000 questions shown, "
            f"{f['background']} look like harm and turn out to be something else; the same "
            "share of those is reported.",
            "A bound of one report stops you for these too.",
        ),
        Memo(
            "stop",
            "What a stop takes, Ilse",
            f"{f['react']} from the stop until nothing is shown. {f['fix']} days to fix a "
            f"fault, {f['inquiry']} to find that there is none. Then the next stage begins. At "
            "100 percent, a fault that is left is found after three days.",
            "The inquiry follows up the reports that made the stop, as many as the bound. A fault "
            "behind none of them stays.",
        ),
        Memo(
            "log",
            "Question log, the last seven days",
            f"{f['daily_log']} questions.",
            "One week; no storm in it.",
        ),
        Memo(
            "trial",
            "Trial plan, signed before the start",
            f"Style B against style A, half and half, {f['looks']} equal looks. The guardrail is "
            f"harm in cents a question. B saves {f['trial_benefit']} cents a question. In past "
            f"trials true harm had a standard deviation of {f['trial_spread']} cents around 0; "
            f"after all looks the error of the estimate is {f['trial_error']} cents. B would then "
            f"serve {f['trial_after']} times as many questions as the trial. Starting again costs "
            f"{f['trial_again']} cents for each question of a trial.",
            "It says nothing about the bound at a look. Somebody typed 1.96 into the page rule.",
        ),
        Memo(
            "tonight",
            "What can be done tonight, Ilse",
            "Plain answers for everybody, without cards and links: "
            f"${f['plain_cost']} a day in contacts. Lantern off: ${f['outage_cost']} a day. An "
            f"answer with a broken part costs ${f['worth_broken']}. The next meeting that can "
            "decide more is in two days.",
            "Plain answers remove nine tenths of the loss from broken parts, whatever broke them.",
        ),
        Memo(
            "remedies",
            "What can be done for good",
            f"Pin the old snapshot: ${f['pin_cost']}; the provider keeps it for {f['pin_days']} "
            f"days more. A parser that takes both forms: ${f['patch_cost']} and "
            f"{f['patch_days']} days, removes nine tenths of the loss from broken parts. Take the "
            f"app release back: ${f['app_cost']}, two days. Rebuild the index: "
            f"${f['index_cost']}, one day. Brief the desk and the marketing team with prepared "
            f"answers: ${f['brief_cost']}, and where the wave does not come from Lantern it saves "
            f"${f['brief_gain']} a day.",
            f"Count thirty days. An answer with a broken part costs ${f['worth_broken']}, a "
            f"refused question ${f['hand_off']}, a million written tokens ${f['price_out']}.",
        ),
        Memo(
            "queue",
            "Review queue",
            f"{f['flagged']} answers flagged a day. {f['reviewers']} reviewers, "
            f"{f['per_person']} answers a day each. The queue was empty {f['queue_days']} days "
            "ago.",
            "A correction helps if it comes within three days. Readers take the oldest first.",
        ),
        Memo(
            "classes",
            "What is in the queue, from an audit",
            "; ".join(
                f"{name} risk {f[f'{name}_share']} percent of the flagged, {f[f'{name}_bad']} "
                f"percent of them bad, ${f[f'{name}_saved']} saved by a correction in time"
                for name in ("high", "mid", "low")
            )
            + f". Readers notice {f['caught']} percent of bad ones.",
            "From planted items. They notice fewer when bad ones are rare.",
        ),
        Memo(
            "options",
            "What each option takes",
            "Raise the bar: flag no low risk any more. Sample: read a random part, as many as 85 "
            "percent of capacity. Risk first: read by risk up to capacity, a tenth of it at "
            "random, and let what waits a day expire. Hire: "
            f"{f['hires']} more at ${f['hourly']} an hour, {f['hours']} hours a day. Narrow: send "
            f"the questions behind {f['narrow']} percent of the flagged, all high risk, to the "
            f"desk; three questions for every two flagged answers, ${f['hand_off']} each. Any "
            "change costs $40 a day to run.",
        ),
        Memo(
            "canary",
            "Canary, as engineering set it up",
            f"{f['canary']} percent of people. Rafael fears a harm in one question out of "
            f"{f['one_in_low']} to {f['one_in_high']}. {f['quiet']} quiet days so far. Of people "
            f"harmed, {f['voice']} percent say so.",
            "Quiet means that nobody said anything.",
        ),
        Memo(
            "staff",
            "Staffing notes for reviewers",
            f"Flagged in the last seven days: {f['flagged_log']}. A reviewer reads "
            f"{f['pace_low']} to {f['pace_high']} an hour for {f['hours']} hours. On "
            f"{f['storm_days']} days of a storm month {f['storm_times']} times as many are "
            f"flagged. ${f['hourly']} an hour, time and a half for extra shifts.",
            "What is not read on a storm day is an average part of the flagged.",
        ),
        Memo(
            "rollback",
            "Last year's rollbacks, with the format monitor on",
            f"Detect {f['detect_low']} to {f['detect_high']} hours, decide {f['decide_low']} to "
            f"{f['decide_high']}, revert {f['revert_low']} to {f['revert_high']}. The fault in "
            f"question hits {f['affected']} percent of answers; {f['answered_share']} percent of "
            f"questions are answered. The accuracy review runs every {f['slow_days']} days. The "
            f"desk can write to {f['mail_limit']} people after an incident.",
            "Reverting code takes minutes. Reverting prompts, index and caches takes the rest.",
        ),
    )


def desk(world: int, *keys: str) -> Desk:
    """Return the memos with these keys, or all of them.

    >>> "Ilse" in str(desk(10, "stop"))
    True
    """
    memos = briefing(world)
    known = {memo.key: memo for memo in memos}
    for key in keys:
        if key not in known:
            raise UnknownItemError(
                "The desk", f"there is no memo {key!r}", f"Choose from {', '.join(known)}."
            )
    return Desk(tuple(known[key] for key in keys) if keys else memos)
