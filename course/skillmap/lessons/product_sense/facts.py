"""What a learner is told about their world: memos, and facts by name for labels and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.errors import UnknownItemError
from skillmap.lessons.estimation.facts import Desk, Memo
from skillmap.lessons.product_sense.case import TITLES, Case, case
from skillmap.lessons.product_sense.complaints import pile
from skillmap.lessons.product_sense.goals import goals
from skillmap.lessons.product_sense.price import book
from skillmap.lessons.product_sense.variants import BUDGET, LEAST, prices
from skillmap.worlds import per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["briefing", "desk", "facts"]


def week(world: int, name: str, mean: float) -> tuple[int, ...]:
    """Return seven days of counts around a mean, as a log has them.

    >>> abs(sum(week(10, "questions", 14_000)) / 7 / 14_000 - 1) < 0.03
    True
    """
    rng = stream(world, "product-sense", "log", name)
    days = (0.93, 0.96, 0.99, 1.01, 1.06, 1.04, 1.01)
    return tuple(round(float(mean * d * rng.normal(1, 0.012))) for d in days)


def _around(world: int, name: str, value: float, spread: float) -> tuple[float, float]:
    """Ends of a range whose geometric mean misses the value by little."""
    off = float(stream(world, "product-sense", "range", name).uniform(0.96, 1.04))
    return value * off / spread, value * off * spread


@per_world
def facts(world: int) -> Mapping[str, Any]:
    """Return the facts of a world by the names that items and memos use.

    >>> f = facts(10)
    >>> f["group"], f["desk_cost"]
    ('visitors', '6.87')
    """
    c = case(world)
    found: dict[str, Any] = {
        "desk_cost": f"{c.hand_off:.2f}",
        "log": ", ".join(f"{n:,}" for n in week(world, "questions", c.daily)),
        "budget": f"{BUDGET:,}",
        "least": LEAST,
        "project": f"{book(world).project:,.0f}",
        "pile_harm": f"{pile(world).harm:,.0f}",
        **_estimates(c),
    }
    for n, (text, _) in enumerate(goals(world), start=1):
        found[f"goal_{n}"] = text
    for n, letter in enumerate(pile(world).letters, start=1):
        found[f"letter_{n}"] = f"{n}. {TITLES[letter.group]}: “{letter.says}”"
    return found


def _estimates(c: Case) -> dict[str, Any]:
    w, s, k = c.wrong, c.stale, c.clarify
    g = c.groups[w.group]
    rng = stream(c.world, "product-sense", "counts")
    read, wrong_seen = 620, 240
    found: dict[str, Any] = {
        "group": g.title.lower(),
        "group_share": f"{100 * g.share:.1f}",
        "group_harm": f"{g.harm:.0f}",
        "answered": f"{100 * w.answered:.0f}",
        "labels": read,
        "labels_wrong": round(read * w.error + float(rng.uniform(-4, 4))),
        "wrong_seen": wrong_seen,
        "wrong_acted": round(wrong_seen * w.acted + float(rng.uniform(-5, 5))),
        "intent": f"{100 * s.intent:.1f}",
        "days": f"{s.days:.0f}",
        "letter": f"{s.letter:.2f}",
        "letter_budget": f"{s.budget:,.0f}",
        "ambiguous": f"{100 * k.ambiguous:.0f}",
        "mean_harm": f"{k.harm:.0f}",
        "dropped": f"{100 * k.dropped:.1f}",
    }
    for name, value, spread in (
        ("stale", s.stale, 1.12),
        ("relied", s.acted, 1.18),
        ("cut", k.cut, 1.3),
        ("followed", k.acted, 1.15),
    ):
        low, high = _around(c.world, name, value, spread)
        found[f"{name}_low"], found[f"{name}_high"] = f"{100 * low:.3g}", f"{100 * high:.3g}"
    return found


def briefing(world: int) -> tuple[Memo, ...]:
    """Return the memos of this module, in the order in which the notebook shows them."""
    f, c = facts(world), case(world)
    p, pl, b = prices(c), pile(world), book(world)
    o, a = p["others"], p["assisted"]
    return (
        Memo("log", "Question log, the last seven days", f"{f['log']} questions.", "No storm."),
        Memo(
            "group",
            "Tomas (research) on one group",
            f"{f['group'].capitalize()} ask {f['group_share']} percent of questions, and "
            f"{f['answered']} percent of theirs get an answer. Of {f['labels']} labeled answers "
            f"{f['labels_wrong']} were wrong. Of {f['wrong_seen']} people who got a wrong answer, "
            f"{f['wrong_acted']} acted on it. One such answer costs about {f['group_harm']} "
            "dollars.",
            "Labels and interviews come from last month.",
        ),
        Memo(
            "handoff",
            "Nkechi (support desk)",
            f"One question handed to the desk costs {f['desk_cost']} dollars, the wait included.",
            "On a storm day it is more.",
        ),
        Memo(
            "stale",
            "Ilse (engineering) on an article that had changed",
            f"{f['intent']} percent of questions are of this kind. The old text was handed over "
            f"in {f['stale_low']} to {f['stale_high']} percent of them. People act on "
            f"{f['relied_low']} to {f['relied_high']} percent of such answers without checking. "
            f"It took {f['days']} days to notice. A letter with a voucher costs {f['letter']} "
            f"dollars a person; {f['letter_budget']} dollars are set aside.",
            "Whoever asked twice is counted twice.",
        ),
        Memo(
            "clarify",
            "Pilot of one clarifying question",
            f"{f['ambiguous']} percent of questions can be read in two ways. Asking back lowers "
            f"the error on them by {f['cut_low']} to {f['cut_high']} percentage points, those who "
            "gave up counted in. People "
            f"act on {f['followed_low']} to {f['followed_high']} percent of answers. A wrong one "
            f"that is acted on costs {f['mean_harm']} dollars on average. Asked back, "
            f"{f['dropped']} percent give up and call the desk.",
            "Two weeks, employees and volunteers.",
        ),
        Memo(
            "variants",
            "Two variants side by side for one week, people assigned by lot",
            "A answers and stops. B shows the sentence it rests on and says how sure it is. On "
            "the golden set A is the more accurate. You may buy labels of questions as they were "
            f"assigned, not only of answers read: {f['budget']} in all, {f['least']} or more in "
            "each row. "
            f"Assisted travelers ask {100 * c.groups['S5'].share:.1f} percent of questions.",
            "Counting only those who read an answer leaves out those who went away.",
        ),
        Memo(
            "prices",
            "What each ending costs, in dollars",
            f"Right and acted on: nothing. Right but checked: {o['right_checked']:.2f}. Wrong but "
            f"checked: {o['wrong_checked']:.2f}. Left before the answer: {o['left']:.2f}. Handed "
            f"to the desk: {o['desk']:.2f}. Wrong and acted on: {o['wrong_acted']:.1f} for most "
            f"people, {a['wrong_acted']:.0f} for assisted travelers.",
            "Harm figures are invented, and they deserve review by people who live with them.",
        ),
        Memo(
            "events",
            "What a hand-off is made of",
            f"Handling {b.handling:.2f} dollars, the person's wait {b.waiting:.2f}. A reviewer's "
            f"hour costs {c.lantern.reviewers.hourly:.2f}.",
            "A later contact costs what a hand-off costs, the wait included. Count it inside the "
            "price of the wrong answer, once.",
        ),
        Memo(
            "recalibrate",
            "Ilse on mending the scores of one group",
            f"It takes {f['project']} dollars a month to keep one group's scores calibrated.",
            "The gap moves with every index and every new model. A bar moved by hand instead is "
            "out of date within days, so bars stay where harm and hand-off put them.",
        ),
        Memo(
            "complaints",
            "Who complains",
            "; ".join(
                f"{TITLES[g]}: {100 * pl.rate[g]:.2g} of 100 people harmed write, and a wrong "
                f"answer costs them {pl.severity[g]:.1f} dollars"
                for g in pl.rate
            )
            + ".",
            "So a letter stands for many who did not write, and not for equally many. Every letter "
            "counts at its group's price, whatever its cause: they acted, and it went badly.",
        ),
        Memo(
            "fixes",
            "What each fix takes and removes",
            "; ".join(
                f"{cause}: {100 * pl.works[cause]:.0f} percent of its harm, "
                f"{pl.price[cause]:,.0f} dollars a month"
                for cause in pl.works
            )
            + f". All harm behind these complaints: {f['pile_harm']} dollars a month.",
            "Estimates by the people who would do the work.",
        ),
    )


def desk(world: int, *keys: str) -> Desk:
    """Return the memos with these keys, or all of them.

    >>> "Ilse" in str(desk(10, "stale"))
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
