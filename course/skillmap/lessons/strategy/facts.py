"""What a learner is told about their world: memos, and facts by name for labels and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.errors import UnknownItemError
from skillmap.lessons.estimation.facts import Desk, Memo
from skillmap.lessons.strategy.case import KEYS, Case, case
from skillmap.lessons.strategy.memo import SENTENCES
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["briefing", "desk", "facts"]

LAYER_WORDS = {
    "model": "Model quality",
    "workflow": "Workflow: acting inside the booking",
    "data": "Operator data",
    "trust": "Trust",
}


@per_world
def facts(world: int) -> Mapping[str, Any]:
    """Return the facts of a world by the names that items and memos use.

    >>> facts(10)["share"], facts(10)["months_data"]
    ('42.0', '11')
    """
    c = case(world)
    return {**_market(c), **_rival(c), **_swap(c), **_later(c), **_memo(c)}


def _around(c: Case, name: str, value: float, spread: float, digits: int = 3) -> dict[str, str]:
    """Ends whose geometric mean misses the value by little."""
    rng = stream(c.world, "strategy", "around", name)
    off = 1.0 if c.world == HOUSE else float(rng.uniform(0.95, 1.05))
    low, high = value * off / spread, value * off * spread
    if value >= 1e5:
        low, high = round(low, -4), round(high, -4)
    elif value >= 1e3:
        low, high = round(low, -2), round(high, -2)
    if value >= 1e3:
        return {f"{name}_low": f"{low:,.0f}", f"{name}_high": f"{high:,.0f}"}
    return {f"{name}_low": f"{low:.{digits}g}", f"{name}_high": f"{high:.{digits}g}"}


def _market(c: Case) -> dict[str, Any]:
    s = c.lantern.scale
    found: dict[str, Any] = {
        "share": f"{100 * c.lantern.market.share:.1f}",
        "feed_price": f"{c.feed_price:,.0f}",
        "bookings_each": f"{s.bookings_each:.1f}",
        **_around(c, "mau", s.mau, 1.08),
        **_around(c, "commission", s.commission, 1.06),
        "point": f"{c.point:,.0f}",
    }
    for key, months, factor in zip(KEYS, c.months, c.slowdown, strict=True):
        found[f"months_{key}"] = f"{months:g}"
        found[f"factor_{key}"] = f"{factor:.2f}"
    return found


def _rival(c: Case) -> dict[str, Any]:
    r = c.rival
    return {
        "novelty": f"{r.novelty:.2f}",
        "lift": r.lift,
        "weak_name": ("regulars", "leisure", "visitors", "arrangers", "assisted")[r.weak],
        "swap_cost": f"{r.swap_cost:,.0f}",
        "fix_cost": f"{r.fix_cost:,.0f}",
        "feed_chance": f"{100 * r.feed_chance:.0f}",
        "feed_cost": f"{r.feed_cost:,.0f}",
        "price_cents": f"{r.price_cents:.0f}",
        "price_keeps": f"{100 * r.price_keeps:.0f}",
    }


def _swap(c: Case) -> dict[str, Any]:
    w = c.swap
    return {
        "crew": f"{w.crew:,.0f}",
        "golden_cost": f"{w.yearly[1]:,.0f}",
        "suite_cost": f"{w.yearly[2]:,.0f}",
        "benefit": f"{w.benefit:.3g}",
        **_around(c, "benefit", w.benefit, 1.3, 2),
        **_around(c, "daily", w.questions, 1.07),
        "releases": f"{w.releases:g}",
        **_around(c, "releases", w.releases, 1.25, 2),
        "daily": f"{w.questions:,.0f}",
        "slow": f"{w.slow:.0f}",
        "fast": f"{w.fast:.0f}",
        "e2_cost": f"{w.e2_cost:,.0f}",
    }


def _later(c: Case) -> dict[str, Any]:
    e = c.exclusive
    found: dict[str, Any] = {
        "bill": f"{e.bill:,.0f}",
        "growth": f"{e.growth:.1f}",
        "discount": f"{100 * e.discount:.0f}",
        "past_1": f"{100 * e.past[0]:.0f}",
        "past_2": f"{100 * e.past[1]:.0f}",
    }
    for name, p in zip(("cheap", "stall", "dear"), c.odds, strict=True):
        found[f"odds_{name}"] = f"{100 * p:.0f}"
    return found


def _memo(c: Case) -> dict[str, Any]:
    return {f"line_{n + 1}": SENTENCES[k][1] for n, k in enumerate(c.drill)}


@per_world
def briefing(world: int) -> Mapping[str, Memo]:
    """Return every memo of a world by key."""
    f = facts(world)
    months = "; ".join(f"{LAYER_WORDS[k].lower()} {f[f'months_{k}']}" for k in KEYS)
    factors = "; ".join(f"{LAYER_WORDS[k].lower()} {f[f'factor_{k}']}" for k in KEYS)
    memos = (
        Memo(
            "market",
            "Market, Dara",
            f"Our share of bookings is {f['share']} percent. A point is one percent of all those "
            f"bookings, ours and others'; for one month it is {f['point']} dollars of commission.",
            "Stylized: a teaching model of choice, not a forecast of a market.",
        ),
        Memo(
            "copy",
            "Months a rival needs to copy, Ilse and Dara",
            f"{months}. Count 24 months from the launch and no more.",
            "Judgments from what rivals have shipped so far.",
        ),
        Memo(
            "units",
            "What a unit of investment does",
            f"You have three units. The first one in a layer multiplies its months to copy by: "
            f"{factors}. A second unit adds half of what the first added, a third half of that.",
            "Same price for each unit; months beyond 24 are worth nothing here.",
        ),
        Memo(
            "launch",
            "What reviewers say about the rival, and what they cannot know",
            f"Reviews alone cost us about {f['novelty']} points of share by month 6, whatever we "
            "do about answers. Where the rival is ahead for a group, we lose by month 6 part of "
            "that group's bookings: the gap in points times the number in the table's last "
            "column. It builds evenly. Where we are ahead, nobody comes back.",
            "From last year's two launches. Multiply by the group's share of bookings.",
        ),
        Memo(
            "options",
            "Five responses, as priced by the team",
            f"Nothing. Swap the model: {f['swap_cost']} dollars, at work from month 3. Fix the "
            f"answers for {f['weak_name']}: {f['fix_cost']} dollars, plus {f['lift']} points for "
            f"them, at work from month 2. Cut the fee by {f['price_cents']} cents a booking (on "
            "our own bookings, six months, from day one): keeps "
            f"{f['price_keeps']} percent of all those who would leave over answers or reviews. "
            "Renew the operator feed early, for these six months only, from day one: "
            f"{f['feed_cost']} dollars.",
            "What left before a remedy works stays away.",
        ),
        Memo(
            "feed",
            "Operators, Dara",
            f"The rival gets the feed in month 3 with a chance of {f['feed_chance']} percent, "
            "unless we sign first. Then we lose the operator-data layer's points from month 3 on.",
            "Two conversations and one draft contract.",
        ),
        Memo(
            "drills",
            "Swap drills, Ilse",
            f"Twenty drills at each level of evaluation. A drill day costs {f['crew']} dollars of "
            f"crew. A golden set costs {f['golden_cost']} dollars a year to keep, the behavior "
            f"suite {f['suite_cost']} dollars. {f['releases']} releases a year are worth adopting; "
            f"each day earlier is worth {f['benefit']} dollars a question.",
            "Simulated on our own change log.",
        ),
        Memo(
            "futures",
            "Three futures, chances that the leads gave",
            f"Cheap capability {f['odds_cheap']} percent; progress stalls {f['odds_stall']} "
            f"percent; the frontier gets dearer {f['odds_dear']} percent.",
            "Each lead wrote down three chances; this is the mean. Nobody knows.",
        ),
        Memo(
            "scale",
            "Scale, finance",
            f"Between {f['mau_low']} and {f['mau_high']} people in our five provinces book in a "
            f"month, with us or with anybody else, {f['bookings_each']} bookings each; we earn "
            f"{f['commission_low']} to {f['commission_high']} dollars a booking. An operator whose "
            f"disruption feed we already use asks {f['feed_price']} dollars to sell it to nobody "
            "else, until rivals have built their own.",
            "Two month-ends old.",
        ),
        Memo(
            "lag",
            "What lag costs, Tomas",
            f"A release that we adopt is worth {f['benefit_low']} to {f['benefit_high']} dollars a "
            f"question. {f['daily_low']} to {f['daily_high']} questions a day; "
            f"{f['releases_low']} to {f['releases_high']} such releases a year. By hand a swap "
            f"takes {f['slow']} days, with the suite {f['fast']}. The vendor of an evaluation "
            f"service asks {f['e2_cost']} dollars a year for the difference.",
            "Not every release is worth adopting.",
        ),
        Memo(
            "renewal",
            "Renewal offer",
            f"{f['discount']} percent off today's list price for 24 months, if all traffic stays "
            f"with one provider. The bill is {f['bill']} dollars a month. Each year usage "
            f"is {f['growth']} times the year before. The same mix of work got {f['past_1']} and "
            f"{f['past_2']} percent cheaper in the last two years.",
            "The discount is fixed on today's prices: it does not follow the list down.",
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
