"""One day of Lantern: every component once, in the order in which the world meets them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.confidence import recalibrated
from skillmap.lantern.desk import desk_day
from skillmap.lantern.index import recall_table
from skillmap.lantern.ledger import CLAIM_SHARE, inference_dollars, prefix_prices
from skillmap.lantern.luck import uniform
from skillmap.lantern.market import bookings_day
from skillmap.lantern.numbers import item_uniform, sigmoid
from skillmap.lantern.people import dice, leave_chance, react
from skillmap.lantern.review import review_day
from skillmap.lantern.rollout import exposed, treated
from skillmap.lantern.router import route
from skillmap.lantern.serving import load_of, storm_steps, waits
from skillmap.lantern.settings import Settings
from skillmap.lantern.surfaces import notes_day, rebook_day
from skillmap.lantern.tiers import HISTORY_TOKENS, QUESTION_TOKENS
from skillmap.lantern.traffic import cell_segments, draw_questions
from skillmap.lantern.trust import demand_factor, effort_seconds, reliance, settled_trust, tomorrow
from skillmap.lantern.updates import behavior_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skillmap.lantern.desk import DeskDay
    from skillmap.lantern.index import RecallTable
    from skillmap.lantern.numbers import Bools, Floats
    from skillmap.lantern.review import Reviewed
    from skillmap.lantern.router import Answers
    from skillmap.lantern.serving import Load
    from skillmap.lantern.surfaces import SurfaceDay
    from skillmap.lantern.traffic import Questions
    from skillmap.lantern.updates import Behavior
    from skillmap.lantern.world import World

__all__ = ["FLAGS", "OUTCOMES", "Carry", "Columns", "DayRecord", "live", "question_shift"]

OUTCOMES = ("answered", "abstained", "withheld", "left", "unexposed")
"""What became of a question: code 0 to 4 in :class:`Columns`."""
ANSWERED, ABSTAINED, WITHHELD, LEFT, UNEXPOSED = range(5)
FLAGS = ("malformed", "uncited", "rechecked", "contacted", "reasked", "complained", "clarified")
"""Bits of ``Columns.flags``, the lowest first."""
CLARIFY_STAYS, CLARIFY_LIFT = 0.80, 1.0
"""Share of people who answer a question put back to them, and the logit that this is worth."""


@dataclass(frozen=True, slots=True)
class Carry:
    """What one day leaves to the next: trust by segment, backlog, demand and its usual effort."""

    trust: NDArray[np.float64] | None = None
    review_backlog: float = 0.0
    demand: float = 1.0
    usual_effort: float | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The day's Ask questions, one row each. ``right``, ``chance`` are the hidden truth."""

    cell: NDArray[np.int16]
    minute: NDArray[np.int16]
    user: NDArray[np.uint32]
    arm: NDArray[np.int8]
    tier: NDArray[np.int8]
    outcome: NDArray[np.int8]
    confidence: Floats
    tokens_in: NDArray[np.uint16]
    tokens_out: NDArray[np.uint16]
    first: Floats
    total: Floats
    dollars: Floats
    flags: NDArray[np.uint8]
    thumb: NDArray[np.int8]
    right: Bools
    chance: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.cell)

    def flag(self, name: str) -> Bools:
        """Return one of ``FLAGS`` as booleans."""
        return np.asarray((self.flags >> FLAGS.index(name)) & 1, dtype=bool)


@dataclass(frozen=True)
class DayRecord:
    """Everything that happened on a day; Notes and Rebook when somebody asks for them."""

    world: World
    day: int
    settings: Settings
    behavior: Behavior
    demand: float
    ask: Columns
    load: Load
    desk: DeskDay
    reviewed: Reviewed
    bookings: float
    harm: float
    claims: float

    @property
    def reviewed_rows(self) -> NDArray[np.int64]:
        """Rows of ``ask`` that people read."""
        return np.flatnonzero(self.ask.outcome == ANSWERED)[self.reviewed.row]

    @cached_property
    def wrong_given(self) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Expected wrong answers among those given, and answers given, for S1 to S5."""
        given = self.ask.outcome == ANSWERED
        where = cell_segments().astype(np.intp).take(self.ask.cell)
        chance = self.ask.chance.astype(np.float32).astype(float)
        wrong = np.where(given, 1 - chance, 0.0)
        wrongs = np.asarray(np.bincount(where, weights=wrong, minlength=5), dtype=float)
        return wrongs, np.bincount(where[given], minlength=5)

    @cached_property
    def notes(self) -> SurfaceDay:
        """The day of Notes, which answers nobody's question and holds up none."""
        return notes_day(self.world, self.settings, self.day, self.behavior)

    @cached_property
    def rebook(self) -> SurfaceDay:
        """The day of Rebook."""
        return rebook_day(self.world, self.settings, self.day, self.behavior)


@lru_cache(maxsize=64)
def launch_trust(world: World) -> NDArray[np.float64]:
    """Trust that dogfood and the settings of day 0 have left in each segment."""
    plain = Settings()
    q = draw_questions(world, 0)
    behavior = behavior_on(world, 0)
    table = recall_table(world, 0, plain.index)
    shift = question_shift(world, q, table, behavior, np.zeros(len(q), dtype=bool))
    a = route(world, plain, 0, q=q, table=table, behavior=behavior, shift=shift)
    given = ~a.abstains & (sigmoid(a.score) >= plain.thresholds[0])
    return settled_trust(world.trust, _wrong_share(q.segment, a.chance, given))


def question_shift(
    world: World, q: Questions, table: RecallTable, behavior: Behavior, style_b: Bools
) -> Floats:
    """Return the logit that segment, distraction, update and style add for each question."""
    segment_shift = np.array([s.shift for s in world.segments], dtype=np.float32)
    shift = segment_shift.take(q.segment) + table.distraction.take(q.at)
    shift += np.float32(behavior.shift)
    if style_b.any():
        shift = np.where(style_b, shift + np.float32(world.variant.shift), shift)
    return np.asarray(shift)


def live(  # noqa: PLR0915  # one day from morning to night reads best in its order
    world: World, settings: Settings, day: int, carry: Carry, *, demand_responds: bool = False
) -> tuple[DayRecord, Carry]:
    """Live through one day and return its record and what it leaves to the next."""
    q = draw_questions(world, day, carry.demand)
    n = len(q)
    behavior = behavior_on(world, day, pinned=settings.pinned)
    table = recall_table(world, day, settings.index, settings.reindexed_on)
    segment, step, hour = q.segment, q.step, q.hour
    sees = exposed(world, q.user, np.array(settings.exposure), segment)
    arm = np.zeros(n, dtype=np.int8)
    if settings.trial is not None:
        arm = treated(world, q.user, settings.trial)
    style_b = (arm == 1) | (settings.style == "B")
    window = storm_steps(world, day)
    hasty = window[step] if window.any() else None
    shift = question_shift(world, q, table, behavior, style_b)
    a = route(world, settings, day, q=q, table=table, behavior=behavior, shift=shift, hasty=hasty)

    seen = slice(None) if sees.all() else sees
    load = load_of(world, settings, day, step[seen], a.total[seen], length=behavior.length)
    queue = waits(world, settings, day, step=step, load=load, s5=segment == 4)
    first, total = a.first + queue, a.total + queue
    rolls = dice(world, day, n)
    patience = np.array([s.patience for s in world.segments], dtype=np.float32).take(segment)
    left = sees & (rolls[0] < leave_chance(first, patience))

    confidence = recalibrated(
        a.score,
        np.array(settings.slopes, dtype=np.float32).take(segment),
        np.array(settings.intercepts, dtype=np.float32).take(segment),
    )
    bar = np.array(settings.thresholds, dtype=np.float32).take(segment)
    outcome = np.where(confidence < bar, np.int8(WITHHELD), np.int8(ANSWERED))
    outcome = np.where(a.abstains, np.int8(ABSTAINED), outcome)
    outcome = np.where(left, np.int8(LEFT), outcome)
    outcome = np.where(sees, outcome, np.int8(UNEXPOSED)).astype(np.int8)
    right, chance = a.right, a.chance
    clarified = np.zeros(n, dtype=bool)
    if settings.fallback == "clarify":
        outcome, right, chance, clarified = _clarify(world, day, a, outcome, sees)
    answered = outcome == ANSWERED
    handed = (outcome == ABSTAINED) | (outcome == WITHHELD)

    wrong_share = _wrong_share(segment, chance, answered)
    level = carry.trust
    if level is None:
        level = launch_trust(world)
    v = world.variant
    relied = reliance(world.trust, level).astype(np.float32).take(segment)
    acts = np.where(right, np.float32(1), np.float32(1 - v.notices))
    if style_b.any():
        style = np.where(right, np.float32(v.act_right), np.float32(v.act_wrong))
        acts = np.where(style_b, acts * style, acts)
    malformed, uncited = _format(world, day, n, behavior)
    r = react(
        world,
        rolls,
        segment=segment,
        answered=answered,
        left=left,
        sent_to_desk=handed & (settings.fallback != "article"),
        sent_to_article=handed & (settings.fallback == "article"),
        right=right,
        relies=np.minimum(relied * acts, np.float32(0.995)),
        malformed=malformed,
    )
    contacted = r.contacted | (~sees & (rolls[2] < world.desk.would_call))

    per_hour = np.bincount(hour[seen], minlength=24)
    retrieved = table.tokens.take(q.at)
    dollars = inference_dollars(
        world,
        retrieved=retrieved,
        prefix_price=prefix_prices(world, settings.cache, per_hour),
        hour=hour,
        price_in=a.price_in,
        written_dollars=a.dollars,
    )
    dollars = np.where(sees, dollars, np.float32(0))
    desk = desk_day(
        world, day, np.bincount(hour[contacted], minlength=24).astype(float), settings.agents
    )
    harms = np.array([s.harm for s in world.segments])
    harm = float(harms[segment[r.acted & ~right]].sum())

    people = world.reviewers.capacity * settings.reviewers
    reviewed = review_day(
        world,
        day,
        settings.review,
        capacity=people,
        backlog=carry.review_backlog,
        answered=answered,
        confidence=confidence,
        cell=q.cell,
        right=right,
    )
    flags = np.zeros(n, dtype=np.uint8)
    facts = (
        malformed & answered,
        uncited & answered,
        r.rechecked,
        contacted,
        r.reasked,
        r.complained,
        clarified,
    )
    for bit, fact in enumerate(facts):
        flags |= fact.astype(np.uint8) << np.uint8(bit)
    spoken = np.minimum(a.visible + a.hidden, 65_000)
    tokens_in = retrieved + world.serving.prefix + HISTORY_TOKENS + QUESTION_TOKENS
    columns = Columns(
        cell=q.cell,
        minute=q.minute,
        user=q.user,
        arm=arm,
        tier=a.tier,
        outcome=outcome,
        confidence=confidence.astype(np.float32),
        tokens_in=tokens_in.astype(np.uint16),
        tokens_out=spoken.astype(np.uint16),
        first=first.astype(np.float32),
        total=total.astype(np.float32),
        dollars=dollars.astype(np.float32),
        flags=flags,
        thumb=r.thumb,
        right=right,
        chance=chance.astype(np.float16),
    )
    record = DayRecord(
        world=world,
        day=day,
        settings=settings,
        behavior=behavior,
        demand=carry.demand,
        ask=columns,
        load=load,
        desk=desk,
        reviewed=reviewed,
        bookings=bookings_day(world, day, settings.invested),
        harm=harm,
        claims=CLAIM_SHARE * harm,
    )
    effort = effort_seconds(
        float(first.mean()) if n else 1.0,
        float(a.visible.mean()) if n else 1.0,
        float(relied.mean()) if n else 0.5,
    )
    usual = carry.usual_effort or effort
    demand = demand_factor(effort, usual, world.market.elasticity) if demand_responds else 1.0
    after = Carry(
        trust=tomorrow(world.trust, level, wrong_share),
        review_backlog=reviewed.backlog,
        demand=0.8 * carry.demand + 0.2 * demand if demand_responds else 1.0,
        usual_effort=usual,
    )
    return record, after


def _clarify(
    world: World, day: int, a: Answers, outcome: NDArray[np.int8], sees: Bools
) -> tuple[NDArray[np.int8], Bools, Floats, Bools]:
    """Ask one question back where no answer would have been given; some people drop off."""
    asked = ((outcome == ABSTAINED) | (outcome == WITHHELD)) & sees
    rolls = world.luck("clarify", day).random((2, len(asked)), dtype=np.float32)
    stays = asked & (rolls[0] < CLARIFY_STAYS)
    odds = a.chance / np.maximum(1 - a.chance, 1e-6)
    better = sigmoid(np.log(np.maximum(odds, 1e-6)) + np.float32(CLARIFY_LIFT))
    outcome = np.where(stays, np.int8(ANSWERED), np.where(asked, np.int8(LEFT), outcome))
    chance = np.where(stays, better, a.chance)
    right = np.where(stays, rolls[1] < better, a.right)
    return outcome.astype(np.int8), right, chance, stays


def _format(world: World, day: int, n: int, behavior: Behavior) -> tuple[Bools, Bools]:
    rolls = uniform(world, "format", day, rows=2, n=n)
    return rolls[0] < behavior.malformed, rolls[1] < behavior.uncited


def _wrong_share(segment: NDArray[np.intp], chance: Floats, given: Bools) -> NDArray[np.float64]:
    """Return the expected share of wrong ones among the answers given, for each segment."""
    count = np.maximum(np.bincount(segment[given], minlength=5), 1)
    wrong = np.where(given, 1 - chance.astype(np.float64), 0.0)
    return np.asarray(np.bincount(segment, weights=wrong, minlength=5) / count)


def rerolled(world: World, name: str, items: NDArray[np.int64]) -> Floats:
    """Return one uniform number for each item, for a second look at the same question."""
    return item_uniform(world.id, name, items).astype(np.float32)
