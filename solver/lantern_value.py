"""What decisions are worth in one world of Lantern: expected values, best choice, regret.

For instructors and graders; never released, never in a learner's installation. Expectations are
computed with the functions that the simulator draws from: over difficulty by quadrature, over the
noise of confidence in closed form, over intents by their rates. Storm plans alone are simulated,
on twelve evaluation streams.

The price of a question is the curriculum's: a right answer costs nothing, a wrong one shown costs
h of its segment (as if it were acted on), a hand-off costs H, four in five who leave phone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from skillmap.lantern.confidence import NOISE
from skillmap.lantern.day import ANSWERED
from skillmap.lantern.index import recall_table
from skillmap.lantern.ledger import CLAIM_SHARE
from skillmap.lantern.market import defended_margin, share_path
from skillmap.lantern.numbers import logit
from skillmap.lantern.people import LEAVERS_PHONE, leave_chance
from skillmap.lantern.retrieval import IndexConfig
from skillmap.lantern.serving import prefix_factor
from skillmap.lantern.settings import CACHES, STORM_PLANS, Policy, Settings
from skillmap.lantern.surfaces import NOTE_HARM, note_dollars
from skillmap.lantern.tiers import HISTORY_TOKENS, QUESTION_TOKENS, READABLE, chances
from skillmap.lantern.traffic import CELLS, HOUR_SHARE, cell_segments, is_disruption, rates
from skillmap.lantern.trust import reliance, settled_trust
from skillmap.lantern.updates import behavior_on
from skillmap.lantern.world import DAYS, LAYERS, MONTH, SEGMENT_NAMES, TIERS, World, parameters
from skillmap.worlds import per_world

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Decision", "Segmented", "ask_value", "decisions", "quality", "settled_day"]

_NODES = np.linspace(-4.5, 4.5, 37)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
POLICIES = (
    Policy("direct", "wren"),
    Policy("direct", "heron"),
    Policy("direct", "condor"),
    *(Policy("cascade", "wren", "heron", bar) for bar in (0.75, 0.8, 0.85, 0.9, 0.95)),
    *(Policy("cascade", "wren", "condor", bar) for bar in (0.7, 0.8, 0.9)),
    *(Policy("cascade", "heron", "condor", bar) for bar in (0.7, 0.8, 0.9)),
    *(Policy("router", "wren", "heron", bar) for bar in (0.0, 1.0)),
    *(Policy("router", "heron", "condor", bar) for bar in (1.0, 2.0)),
)
DEFAULT = Settings()
ACCEPT_BOTH = 0.02
"""Dollars a question: where the second best is closer than this, both are accepted."""


@dataclass(frozen=True)
class Decision:
    """The table of one decision: dollars for each option (higher is better), by name."""

    name: str
    unit: str
    values: dict[str, float]
    default: str
    close: float = 0.0

    @property
    def best(self) -> str:
        """The option with the highest expected value."""
        return max(self.values, key=lambda option: self.values[option])

    @property
    def accepted(self) -> tuple[str, ...]:
        """The best option, and those too close to tell from it."""
        top = self.values[self.best]
        return tuple(o for o, v in self.values.items() if v >= top - self.close)

    def regret(self, option: str) -> float:
        """What an option gives away against the best one."""
        return self.values[self.best] - self.values[option]

    def score(self, option: str) -> float:
        """G4: 100·(V - V_default)/(V* - V_default), between 0 and 100."""
        if option in self.accepted:
            return 100.0
        low, top = self.values[self.default], self.values[self.best]
        if top - low < 1e-9:
            return 100.0
        return float(np.clip(100 * (self.values[option] - low) / (top - low), 0, 100))


@dataclass(frozen=True)
class Segmented:
    """Expected figures by segment: shares of all questions of the segment, and dollars each."""

    answered: NDArray[np.float64]
    error: NDArray[np.float64]
    handed: NDArray[np.float64]
    left: NDArray[np.float64]
    inference: NDArray[np.float64]
    cost: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Dollars for a question, over all segments."""
        return float((self.cost * self.share).sum())

    @property
    def right(self) -> NDArray[np.float64]:
        """Share right of all that a segment asks and stays for: an abstention is not right."""
        return self.answered * (1 - self.error) / (1 - self.left)

    @property
    def accuracy(self) -> float:
        """Share right over all segments, abstentions counted as not right."""
        return float((self.right * self.share).sum())

    @property
    def accuracy_of_answers(self) -> float:
        """Share right of what is answered, over all segments."""
        answered = self.answered * self.share
        return float((answered * (1 - self.error)).sum() / answered.sum())


@dataclass(frozen=True)
class _Tier:
    right: NDArray[np.float64]
    abstains: NDArray[np.float64]
    mean: NDArray[np.float64]
    first: NDArray[np.float64]
    total: float
    dollars: float
    price_in: float


def settled_day(world: World) -> int:
    """A day when staged exposure is over and nothing has moved: after the edit, before the alias.

    In a stale world the outdated cluster is in force by then; elsewhere it is cleaned up.
    """
    c = world.calendar
    return min(c.alias_move - 1, c.policy_edit + c.cleanup_days + 1)


@per_world
def _tiers(world_id: int, day: int, settings: Settings) -> tuple[tuple[_Tier, ...], object]:
    world = parameters(world_id)
    behavior = behavior_on(world, day, pinned=settings.pinned)
    table = recall_table(world, day, settings.index, settings.reindexed_on)
    segment = cell_segments()
    shift = np.array([s.shift for s in world.segments])[segment] + table.distraction
    shift = shift + behavior.shift + (world.variant.shift if settings.style == "B" else 0.0)
    bias = np.array([s.bias for s in world.segments])[segment]
    difficulty = _NODES[None, :] + world.disruption_shift * is_disruption()[:, None]
    slopes = np.array(settings.slopes)[segment][:, None]
    intercepts = np.array(settings.intercepts)[segment][:, None]
    tiers = []
    for tier in world.tiers:
        c = chances(
            tier,
            difficulty=difficulty,
            shift=shift[:, None],
            found=table.evidence_found[:, None],
            stale=table.stale[:, None],
            refusals=behavior.refusals,
        )
        shape = (CELLS, len(_NODES))
        mean = slopes * (c.believes + bias[:, None]) + intercepts
        written = world.written_tokens * settings.answer_length * behavior.length
        hidden = np.array([0.0, *(tier.hidden * np.linspace(0.55, 1.45, 5))])
        weight = np.array([1 - tier.hidden_share, *([tier.hidden_share / 5] * 5)])
        first = tier.ttft + (hidden + READABLE) / tier.speed
        mean_hidden = float((hidden * weight).sum())
        tiers.append(
            _Tier(
                right=np.broadcast_to(c.right, shape),
                abstains=np.broadcast_to(c.abstains, shape),
                mean=np.broadcast_to(mean, shape),
                first=np.stack([first, weight]),
                total=tier.ttft + (written + mean_hidden) / tier.speed,
                dollars=(written + mean_hidden) * tier.price_out * behavior.price_factor / 1e6,
                price_in=tier.price_in * behavior.price_factor,
            )
        )
    return tuple(tiers), table


def ask_value(  # noqa: PLR0915  # the day of the simulator again, in its order, by expectation
    world: World, settings: Settings = DEFAULT, day: int | None = None
) -> Segmented:
    """Return expected figures of Ask in a calm hour under these settings."""
    at = settled_day(world) if day is None else day
    key = replace(Settings(), index=settings.index, reindexed_on=settings.reindexed_on,
                  slopes=settings.slopes, intercepts=settings.intercepts, style=settings.style,
                  pinned=settings.pinned, answer_length=settings.answer_length)  # fmt: skip
    tiers, table = _tiers(world.id, at, key)
    segment = cell_segments()
    low = np.array(settings.thresholds)
    bar = np.asarray(logit(low), dtype=np.float64)[segment][:, None]
    bar = np.where(low[segment][:, None] <= 0, -50.0, bar)
    spread = NOISE * np.array(settings.slopes)[segment][:, None]
    policy = settings.policy
    first = tiers[TIERS.index(policy.first)]
    second = tiers[TIERS.index(policy.second)]
    careful = np.isin(segment, [SEGMENT_NAMES.index(n) for n in policy.careful])[:, None]

    def shown(t: _Tier, low: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        says = (1 - t.abstains) * ndtr((t.mean - low) / spread)
        return says, says * (1 - t.right)

    if policy.kind == "direct":
        p_first = np.where(careful, 0.0, 1.0) * np.ones_like(first.right)
        said1, wrong1 = (p_first * part for part in shown(first, bar))
        waits1, waits2 = first.first, second.first
        calls1, calls2 = p_first, 1 - p_first
    elif policy.kind == "router":
        difficulty = _NODES[None, :] + world.disruption_shift * is_disruption()[:, None]
        p_first = np.where(careful, 0.0, ndtr((policy.bar - difficulty) / world.router_noise))
        said1, wrong1 = (p_first * part for part in shown(first, bar))
        waits1, waits2 = first.first, second.first
        calls1, calls2 = p_first, 1 - p_first
    else:
        accept = float(logit(np.array([policy.bar]))[0])
        keeps = (1 - first.abstains) * ndtr((first.mean - accept) / spread)
        p_first = np.where(careful, 0.0, keeps)
        high = np.maximum(bar, accept)
        said1 = np.where(careful, 0.0, (1 - first.abstains) * ndtr((first.mean - high) / spread))
        wrong1 = said1 * (1 - first.right)
        waits1 = np.stack([np.array([first.total]), np.ones(1)])
        waits2 = np.stack([first.total + second.first[0], second.first[1]])
        calls1 = np.where(careful, 0.0, np.ones_like(first.right))
        calls2 = 1 - p_first
    said2, wrong2 = ((1 - p_first) * part for part in shown(second, bar))
    weights = rates(world, at)[0][:, None] * _WEIGHTS[None, :]

    def by_segment(values: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = (weights * values).sum(axis=1)
        return np.asarray(np.bincount(segment, weights=rows, minlength=5), dtype=np.float64)

    everyone = by_segment(np.ones_like(first.right))
    patience = np.array([s.patience for s in world.segments])

    def leaves(waits: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((leave_chance(waits[0][None], patience[:, None]) * waits[1]).sum(axis=1))

    straight = np.isin(SEGMENT_NAMES, list(policy.careful))  # careful segments skip the first model
    leave = (leaves(waits1), np.where(straight, leaves(second.first), leaves(waits2)))
    tokens = table.tokens + world.serving.prefix + HISTORY_TOKENS + QUESTION_TOKENS  # type: ignore[attr-defined]
    tokens = tokens[:, None]
    per_call = calls1 * (first.dollars + tokens * first.price_in / 1e6) + calls2 * (
        second.dollars + tokens * second.price_in / 1e6
    )
    inference = by_segment(per_call) / everyone * world.scale.calls_per_question
    mass, said, bad = (
        tuple(by_segment(part) / everyone for part in parts)
        for parts in ((p_first, 1 - p_first), (said1, said2), (wrong1, wrong2))
    )

    def both(parts: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
        """Add the two paths; who waits longer leaves more often, so each has its own share."""
        return sum(
            ((1 - gone) * part for gone, part in zip(leave, parts, strict=True)), np.zeros(5)
        )

    answered, wrong, stays = both(said), both(bad), both(mass)
    left, handed = 1 - stays, stays - answered
    harm = np.array([s.harm for s in world.segments])
    hand = world.desk.hand_off
    cost = left * LEAVERS_PHONE * hand + handed * hand + wrong * harm + inference
    return Segmented(
        answered=answered,
        error=wrong / np.maximum(answered, 1e-12),
        handed=handed,
        left=left,
        inference=inference,
        cost=cost,
        share=everyone / everyone.sum(),
    )


def quality(world: World, tier: str = "heron", day: int | None = None) -> Segmented:
    """Return figures of a tier that answers whatever it does not abstain from."""
    return ask_value(world, Settings(policy=Policy("direct", tier), thresholds=(0.0,) * 5), day)


# --- the decisions that are graded ---------------------------------------------------------------


def thresholds(world: World) -> tuple[Decision, dict[str, tuple[float, ...]]]:
    """Five thresholds beside the best single one, and what each option means."""
    single = {t: ask_value(world, Settings(thresholds=(t,) * 5)).total for t in _GRID}
    best = min(single, key=lambda t: single[t])
    options = {
        "default .60": (0.6,) * 5,
        "best single": (best,) * 5,
        "t* = 1 - H/h": world.thresholds,
        "best five": _best_five(world),
    }
    values = {n: -ask_value(world, Settings(thresholds=t)).total for n, t in options.items()}
    return Decision("thresholds", "$/question", values, "default .60", ACCEPT_BOTH), options


_GRID = tuple(float(t) for t in np.round(np.linspace(0.2, 0.98, 40), 3))


def _best_five(world: World) -> tuple[float, ...]:
    table = np.array([ask_value(world, Settings(thresholds=(t,) * 5)).cost for t in _GRID])
    return tuple(_GRID[at] for at in table.argmin(axis=0))


def routing(world: World) -> Decision:
    """Every policy at t*, dollars a question."""
    values = {
        p.says: -ask_value(world, Settings(policy=p, thresholds=world.thresholds)).total
        for p in POLICIES
    }
    return Decision("routing", "$/question", values, POLICIES[1].says, ACCEPT_BOTH)


def index(world: World) -> Decision:
    """Index configurations: errors, tokens and hand-offs together, with thresholds at t*."""
    options = {
        "400 words, k 4": IndexConfig(),
        "400 words, k 5": IndexConfig(k=5),
        "240 words, overlap, k 6": IndexConfig(240, 0.25, 6),
        "k 5, glossary": IndexConfig(k=5, glossary=True),
        "k 5, date filter": IndexConfig(k=5, date_filter=True),
        "k 5, glossary and date filter": IndexConfig(k=5, glossary=True, date_filter=True),
        "800 words, k 8": IndexConfig(800, 0.0, 8),
    }
    values = {
        name: -ask_value(world, Settings(index=config, thresholds=world.thresholds)).total
        for name, config in options.items()
    }
    return Decision("index", "$/question", values, "400 words, k 4", ACCEPT_BOTH)


def cache_hours(world: World) -> dict[int, Decision]:
    """The cache's time to live for each hour of the day, dollars an hour."""
    found = {}
    tier = world.tier("heron")
    per_hour = world.scale.questions / MONTH * HOUR_SHARE
    for hour, n in enumerate(per_hour):
        tokens = n * world.serving.prefix * world.scale.calls_per_question
        values = {
            ttl: -prefix_factor(n, world.serving.streams, ttl) * tokens * tier.price_in / 1e6
            for ttl in CACHES
        }
        found[hour] = Decision(f"cache at {hour}", "$/hour", values, "off", 0.0005)
    return found


def notes(world: World) -> Decision:
    """Tier and batch for Journey Notes, dollars a month."""
    from skillmap.lantern.surfaces import _NOTE_ERROR

    volume = world.scale.trips * world.scale.notes_per_trip
    value = volume * world.notes.contact_cut * world.desk.notes_contact
    values = {
        f"{tier.name}, {'batch' if batch else 'on demand'}": value
        - volume * (note_dollars(world, tier, batch=batch) + _NOTE_ERROR[tier.name] * NOTE_HARM)
        for tier in world.tiers
        for batch in (False, True)
    }
    return Decision("notes", "$/month", values, "heron, on demand")


def style(world: World) -> Decision:
    """Style A or B: right-and-acted saves a contact, wrong-and-acted costs h."""
    values = {}
    for name in ("A", "B"):
        seen = ask_value(world, Settings(style=name))
        trust = reliance(world.trust, settled_trust(world.trust, seen.error))
        v = world.variant
        right = np.minimum(trust * (v.act_right if name == "B" else 1.0), 1.0)
        wrong = np.minimum(trust * (1 - v.notices) * (v.act_wrong if name == "B" else 1.0), 1.0)
        h = np.array([s.harm for s in world.segments])
        saved = seen.answered * (1 - seen.error) * right * world.desk.would_call
        hurt = seen.answered * seen.error * wrong * h
        worth = saved * world.desk.hand_off - hurt
        values[name] = float((worth * seen.share).sum())
    return Decision("style", "$/question", values, "A", ACCEPT_BOTH)


def update(world: World) -> Decision:
    """What to do about the silent update, dollars from the move to the board review."""
    days = DAYS - world.calendar.alias_move
    daily = world.scale.questions / MONTH
    u = world.update
    broken = (u.malformed if u.real else 0.0) * daily * 0.9 * 0.55
    tokens = daily * world.written_tokens * world.tier("heron").price_out / 1e6
    longer = (u.length - 1 if u.real else 0.0) * tokens
    refused = (u.refusals if u.real else 0.0) * daily * world.desk.hand_off
    values = {
        "accept": -days * (broken + longer + refused),
        "pin": -300.0 - (DAYS - 110) * (broken + longer + refused),
        "parser patch": -6_000.0 - 5 * broken - days * (longer + refused),
        "roll back our code": -4_000.0 - days * (broken + longer + refused),
    }
    return Decision("update", "$", values, "accept", 500.0)


def queue(world: World) -> Decision:
    """Steering the review queue, dollars a month: staff, and bad answers that stay unseen."""
    r = world.reviewers
    daily = world.scale.questions / MONTH
    flagged = r.flagged_share * 0.95 * daily
    seen = ask_value(world)
    harm = float((seen.share * np.array([s.harm for s in world.segments])).sum())
    worth = 0.25 * CLAIM_SHARE * harm  # a caught answer can still be corrected for a quarter
    values = {}
    for name, people, share in (
        ("leave it", r.people, 1.0),
        ("raise the bar", r.people, 0.68),
        ("hire two", r.people + 2, 1.0),
        ("hire four", r.people + 4, 1.0),
        ("sample at random", r.people, 1.0),
    ):
        capacity = people * r.items_per_hour * r.hours
        read = min(capacity, flagged * share)
        rate = 0.30 if name != "sample at random" else 1 - seen.accuracy_of_answers
        stale = 0.5 if flagged * share > capacity else 1.0
        gain = read * rate * 0.85 * worth * stale
        values[name] = MONTH * (gain - people * r.hours * r.hourly)
    return Decision("queue", "$/month", values, "leave it", 1_000.0)


def moat(world: World) -> Decision:
    """Three units of investment, by how many go where; dollars of margin over 24 months."""
    s = world.scale
    monthly = s.mau * s.bookings_each * s.commission
    base = share_path(world, 24).sum()
    gains = {
        layer: float(share_path(world, 24, invested=(layer,)).sum() - base) * monthly
        for layer in LAYERS
    }
    values = {f"invest in {layer}": gain for layer, gain in gains.items()}
    values["invest in nothing"] = 0.0
    defended = {layer: defended_margin(world, layer) for layer in LAYERS}
    close = 0.05 * max(defended.values())
    return Decision("moat", "$", values, "invest in nothing", close)


def rollout_plan(world: World) -> Decision:
    """How fast to widen: days at each of 1, 5, 25, 50 percent before 100; dollars over 60 days.

    A severe fault (probability 15%, 0.3% of users, found at the first sighting) weighs against
    the value of each exposed question.
    """
    daily = world.scale.questions / MONTH
    seen = ask_value(world, Settings(thresholds=world.thresholds))
    gain = max(0.05, world.desk.would_call * world.desk.hand_off - seen.total * 0.5)
    plans = {
        "all at once": (0, 0, 0, 0),
        "two days each": (2, 2, 2, 2),
        "a week, then three days each": (7, 3, 3, 3),
        "two weeks each": (14, 14, 14, 14),
    }
    values = {}
    for name, dwell in plans.items():
        shares = np.repeat((0.01, 0.05, 0.25, 0.5), dwell)
        path = np.concatenate([shares, np.ones(60 - len(shares))])
        exposed = np.concatenate([[0.0], np.cumsum(path * daily)])
        unseen = np.exp(-0.003 * exposed)
        caught = np.array([a - b for a, b in pairwise(unseen)])
        hurt = 0.003 * (exposed[1:] + path * daily) * 400.0  # one more day to react
        fault = float((caught * hurt).sum())
        values[name] = 0.85 * gain * path.sum() * daily - 0.15 * fault
    return Decision("rollout", "$", values, "all at once", 0.01 * abs(max(values.values())))


EVALUATION_STREAMS = 12


def storm_costs(world: World, streams: int = EVALUATION_STREAMS) -> dict[str, NDArray[np.float64]]:
    """Dollars of each storm plan in the storm week, one number for each evaluation stream.

    Every stream is the same world with other luck (``World.replicate``), and all plans meet the
    same luck. Trust at the start is what two weeks at t* leave. Harm is taken by expectation: what
    people act on, times its chance to be wrong.
    """
    from skillmap.lantern.day import Carry, live

    first, last = world.calendar.storm
    calm = Settings(thresholds=world.thresholds)
    harm = np.array([s.harm for s in world.segments])
    carry = Carry()
    for day in range(max(0, first - 14), first):
        _, carry = live(world, calm, day, carry)
    costs = {}
    for plan in STORM_PLANS:
        settings = replace(calm, storm_plan=plan)
        week = []
        for number in range(1, streams + 1):
            luck, now, dollars = replace(world, replicate=number), carry, 0.0
            for day in range(first, last + 1):
                record, now = live(luck, settings, day, now)
                ask = record.ask
                given = ask.outcome == ANSWERED
                acted = given & ~ask.flag("rechecked") & ~ask.flag("contacted")
                wrong = 1 - ask.chance[acted].astype(np.float64)
                hurt = float((harm[cell_segments()[ask.cell[acted]]] * wrong).sum())
                dollars += hurt + float(ask.flag("contacted").sum()) * world.desk.hand_off
                dollars += float(ask.dollars.sum())
            week.append(dollars)
        costs[plan] = np.array(week)
    return costs


def storm(world: World) -> Decision:
    """Storm plans, dollars in the storm week, mean of twelve evaluation streams.

    Two plans are taken as equal when they differ by less than twice the standard error of their
    difference, or by 2,000 dollars.
    """
    costs = storm_costs(world)
    values = {plan: -float(cost.mean()) for plan, cost in costs.items()}
    best = max(values, key=lambda plan: values[plan])
    gaps = [cost - costs[best] for plan, cost in costs.items() if plan != best]
    noise = max(float(gap.std(ddof=1)) / len(gap) ** 0.5 for gap in gaps)
    return Decision("storm", "$", values, "queue", max(2_000.0, 2 * noise))


def decisions(world_id: int, *, simulate: bool = False) -> dict[str, Decision]:
    """Return the table of every graded decision of a world; ``simulate`` adds the storm plan."""
    world = parameters(world_id)
    made = [
        thresholds(world)[0],
        routing(world),
        index(world),
        notes(world),
        style(world),
        update(world),
        queue(world),
        moat(world),
        rollout_plan(world),
        *cache_hours(world).values(),
    ]
    if simulate:
        made.append(storm(world))
    return {decision.name: decision for decision in made}
