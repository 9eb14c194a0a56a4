"""The parameters of one Lantern world: everything that differs from learner to learner.

Each component draws from its own stream, so a parameter added to one leaves the others alone.
All values are invented for this course unless ``data/market-facts.yaml`` gives a source. World
``HOUSE`` (10) carries the numbers that the guide quotes; no learner is given it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillmap.lantern.market_facts import market_facts, value_of
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "DAYS",
    "LAYERS",
    "MECHANISMS",
    "MONTH",
    "SEGMENT_NAMES",
    "SEGMENT_TITLES",
    "TIERS",
    "Calendar",
    "Desk",
    "JudgeTraits",
    "Market",
    "Notes",
    "Pilot",
    "Reviewers",
    "Scale",
    "Segment",
    "Serving",
    "Tier",
    "Trust",
    "Update",
    "Variant",
    "Weakness",
    "World",
    "parameters",
]

DAYS = 120
"""Days in a run."""
MONTH = 30
"""Days in the course's month."""
SEGMENT_NAMES = ("S1", "S2", "S3", "S4", "S5")
SEGMENT_TITLES = ("regulars", "leisure", "visitors", "arrangers", "assisted travelers")
TIERS = ("wren", "heron", "condor")
"""Small, mid and large model, cheapest first."""
MECHANISMS = ("vocabulary gap", "stale cluster", "constraint errors", "overconfidence")
LAYERS = ("model quality", "workflow", "operator data", "trust")


@dataclass(frozen=True, slots=True)
class Scale:
    """Size of the business. Volumes are per month of 30 days; money is US dollars."""

    mau: float
    bookings_each: float
    commission: float
    contacts_before: float
    questions: float
    calls_per_question: float
    trips: float
    notes_per_trip: float
    sessions: float
    calls_per_session: float
    storm_session_share: float
    rebook_price: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One group of people.

    ``share`` of Ask questions; ``harm`` dollars for a wrong answer acted on; ``patience`` seconds
    of perceived wait at which half leave; ``golden_share`` of the launch test set; ``shift`` logit
    added to the odds of a right answer; ``bias`` logit added to the model's stated confidence.
    """

    name: str
    title: str
    share: float
    harm: float
    patience: float
    golden_share: float
    shift: float
    bias: float


@dataclass(frozen=True, slots=True)
class Tier:
    """One model. Prices in dollars a million tokens; ``ttft`` seconds; ``speed`` tokens/second.

    ``ability`` is the logit of a right answer at difficulty 0 with the evidence at hand. Without
    it the model abstains with probability ``abstains`` and is otherwise right with ``lucky``.
    ``hidden_share`` of its answers spend about ``hidden`` reasoning tokens, billed as written.
    """

    name: str
    price_in: float
    price_out: float
    ttft: float
    speed: float
    ability: float
    abstains: float
    lucky: float
    hidden_share: float
    hidden: float


@dataclass(frozen=True, slots=True)
class Weakness:
    """What is wrong, if anything: a segment and a mechanism, or ``None`` twice in a null world."""

    segment: str | None
    mechanism: str | None

    @property
    def position(self) -> int | None:
        """The segment's place among S1 to S5."""
        return None if self.segment is None else SEGMENT_NAMES.index(self.segment)


@dataclass(frozen=True, slots=True)
class Pilot:
    """Labels that Lantern's PM inherits: ``right`` of ``n`` in one suspicious segment."""

    segment: str
    n: int
    right: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The human desk. Money for one hand-off, and the queue (Erlang-A).

    ``handling`` and ``wait_cost`` dollars; ``minutes`` a contact takes; ``patience`` minutes a
    person waits on average before giving up; ``occupancy`` at base staffing in a normal week.
    """

    handling: float
    wait_cost: float
    minutes: float
    patience: float
    occupancy: float
    would_call: float
    notes_contact: float

    @property
    def hand_off(self) -> float:
        """H: dollars for one hand-off, the wait included."""
        return self.handling + self.wait_cost


@dataclass(frozen=True, slots=True)
class JudgeTraits:
    """The model judge: P(pass | right), P(fail | wrong), and what misleads it."""

    sensitivity: float
    specificity: float
    weak_specificity: float
    long_penalty: float
    tone_penalty: float


@dataclass(frozen=True, slots=True)
class Reviewers:
    """People who label and review. Money in dollars; ``noise`` is the share of wrong labels."""

    people: int
    items_per_hour: float
    hours: float
    hourly: float
    label_cost: float
    noise: float
    flagged_share: float

    @property
    def capacity(self) -> float:
        """Items a day."""
        return self.people * self.items_per_hour * self.hours


@dataclass(frozen=True, slots=True)
class Trust:
    """Stylized. Trust rises by ``up`` of the gap after a right answer, falls after a noticed wrong.

    ``ratio`` fall over rise; ``notice`` share of wrong answers noticed; reliance is a logistic
    step in trust with ``steepness`` and ``knee``.
    """

    up: float
    ratio: float
    notice: float
    steepness: float
    knee: float


@dataclass(frozen=True, slots=True)
class Market:
    """Stylized. ``share_loss`` points if a rival gains a layer; ``months`` it takes to copy it."""

    share: float
    share_loss: tuple[float, float, float, float]
    months: tuple[float, float, float, float]
    elasticity: float
    discount: float


@dataclass(frozen=True, slots=True)
class Serving:
    """Model serving: ``slots`` in parallel, ``cv`` of service time, utilization at a normal peak.

    ``rho_storm`` is the utilization the provider's elastic capacity leaves in a storm; ``retries``
    extra tries of an impatient client; ``prefix`` tokens that every prompt shares; ``streams``
    separate caches that must each stay warm.
    """

    slots: int
    cv: float
    rho_normal: float
    rho_storm: float
    retries: float
    prefix: int
    streams: int


@dataclass(frozen=True, slots=True)
class Update:
    """What the provider's silent alias move changes.

    ``length`` factor on tokens written; ``malformed`` share of answers whose ``broken`` part
    (citation or fare card) no longer parses; ``refusals`` and ``accuracy`` change in share.
    ``real`` is False where nothing moves and a fare change explains the complaints.
    """

    real: bool
    length: float
    broken: str
    malformed: float
    refusals: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Variant:
    """Answer style B (shows its source and hedges) beside style A, which Lantern launched with.

    ``shift`` logit added to the odds of a right answer; ``act_right`` and ``act_wrong`` multiply
    the chance that a person acts on a right and on a wrong answer. ``notices`` is the share by
    which people already act less on a wrong answer in style A.
    """

    shift: float
    act_right: float
    act_wrong: float
    notices: float


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days on which the world acts. ``price_factor`` multiplies list prices from ``price_day``."""

    policy_edit: int
    cleanup_days: int
    memo: int
    alias_move: int
    storm: tuple[int, int]
    storm_days: tuple[int, ...]
    storm_hours: tuple[int, ...]
    storm_start: tuple[int, ...]
    storm_factor: tuple[float, ...]
    notice: int
    rival: int
    price_day: int
    price_factor: float
    renewal: int
    review: int


@dataclass(frozen=True, slots=True)
class Notes:
    """Journey Notes and Rebook: tokens of one call (read, of these cached, written)."""

    note_read: float
    note_cached: float
    note_written: float
    contact_cut: float
    rebook_read: float
    rebook_written: float
    step_success: float


@dataclass(frozen=True, slots=True)
class World:
    """All parameters of one world. Frozen; see :func:`parameters`."""

    id: int
    scale: Scale
    segments: tuple[Segment, ...]
    tiers: tuple[Tier, ...]
    weakness: Weakness
    pilot: Pilot
    desk: Desk
    judge: JudgeTraits
    reviewers: Reviewers
    trust: Trust
    market: Market
    serving: Serving
    update: Update
    variant: Variant
    calendar: Calendar
    notes: Notes
    written_tokens: float
    disruption_before: float
    disruption_after: float
    disruption_shift: float
    router_noise: float
    assignment_bug: float
    replicate: int = 0

    def luck(self, *name: str | int) -> Generator:
        """Return the random stream of one component on one day of this world.

        ``replicate`` 0 is what a learner lives. Any other number gives the same world other luck,
        for graders who need a mean over many runs (``dataclasses.replace(world, replicate=3)``).
        """
        more = ("replicate", self.replicate) if self.replicate else ()
        return stream(self.id, "lantern", *name, *more)

    def segment(self, name: str) -> Segment:
        """Return a segment by its name, S1 to S5."""
        return self.segments[SEGMENT_NAMES.index(name)]

    def tier(self, name: str) -> Tier:
        """Return a tier by its name: wren, heron or condor."""
        return self.tiers[TIERS.index(name)]

    @property
    def is_null(self) -> bool:
        """Whether the suspicious segment is in truth as good as the others."""
        return self.weakness.segment is None

    @property
    def thresholds(self) -> tuple[float, ...]:
        """t* = 1 - H/h for each segment: answer at or above it, on calibrated confidence.

        >>> [round(t, 2) for t in parameters(10).thresholds]
        [0.3, 0.58, 0.81, 0.84, 0.95]
        """
        return tuple(max(0.0, 1.0 - self.desk.hand_off / s.harm) for s in self.segments)


@per_world
def parameters(world: int) -> World:
    """Return the parameters of a world; the same number gives the same world anywhere.

    >>> parameters(10).scale.questions
    420000.0
    >>> parameters(11) == parameters(11), parameters(11) == parameters(12)
    (True, False)
    """
    if world == HOUSE:
        from skillmap.lantern.house import house

        return house()
    return _drawn(world)


def _drawn(world: int) -> World:
    weakness = _weakness(world)
    segments = _segments(world, weakness)
    odds = stream(world, "lantern", "traffic")
    return World(
        id=world,
        scale=_scale(world),
        segments=segments,
        tiers=_tiers(world),
        weakness=weakness,
        pilot=_pilot(world, weakness),
        desk=_desk(world),
        judge=_judge(world),
        reviewers=_reviewers(world),
        trust=_trust(world),
        market=_market(world),
        serving=_serving(world),
        update=_update(world),
        variant=_variant(world),
        calendar=_calendar(world),
        notes=_notes(world),
        written_tokens=_pick(odds, 190, 270),
        disruption_before=_pick(odds, 0.031, 0.048),
        disruption_after=_pick(odds, 0.145, 0.195),
        disruption_shift=_pick(odds, 2.2, 3.2),
        router_noise=_pick(odds, 0.9, 1.9),
        assignment_bug=_pick(odds, 0.06, 0.14) if odds.random() < 0.15 else 0.0,
    )


def _pick(rng: Generator, low: float, high: float, digits: int = 3) -> float:
    """Draw evenly between two ends, rounded as a person would write it."""
    return float(f"{rng.uniform(low, high):.{digits}g}")


def _scale(world: int) -> Scale:
    rng = stream(world, "lantern", "scale")
    return Scale(
        mau=_pick(rng, 1.4e6, 2.6e6),
        bookings_each=1.6,
        commission=_pick(rng, 1.9, 3.2),
        contacts_before=_pick(rng, 240e3, 420e3),
        questions=_pick(rng, 300e3, 600e3),
        calls_per_question=_pick(rng, 1.12, 1.6),
        trips=_pick(rng, 9e6, 18e6),
        notes_per_trip=_pick(rng, 1.0, 1.4),
        sessions=_pick(rng, 20e3, 60e3),
        calls_per_session=_pick(rng, 4.5, 8.5),
        storm_session_share=_pick(rng, 0.55, 0.65),
        rebook_price=3.5,
    )


_SHARES = ((0.34, 0.42), (0.24, 0.31), (0.13, 0.19), (0.09, 0.15), (0.05, 0.10))
_HARMS = ((8, 16), (15, 30), (24, 48), (33, 66), (95, 200))
PATIENCE = (8.0, 16.0, 10.0, 35.0, 20.0)
GOLDEN = (0.46, 0.34, 0.08, 0.08, 0.04)


def _weakness(world: int) -> Weakness:
    rng = stream(world, "lantern", "weakness")
    null = rng.random() < 0.2
    segment = str(rng.choice(SEGMENT_NAMES[2:]))
    mechanism = str(rng.choice(MECHANISMS))
    return Weakness(None, None) if null else Weakness(segment, mechanism)


def _segments(world: int, weakness: Weakness) -> tuple[Segment, ...]:
    rng = stream(world, "lantern", "segments")
    while True:  # until the shares add up to one inside their ranges
        raw = [rng.uniform(*ends) for ends in _SHARES]
        shares = [share / sum(raw) for share in raw]
        if all(low <= s <= high for s, (low, high) in zip(shares, _SHARES, strict=True)):
            break
    harms = [_pick(rng, *ends) for ends in _HARMS]
    shifts = rng.normal(0.06, 0.10, 5)
    biases = rng.normal(0.0, 0.12, 5)
    constraint, over = rng.uniform(1.1, 1.7), rng.uniform(1.0, 1.35)
    confident = rng.uniform(1.1, 1.7)
    weak = weakness.position
    if weak is not None and weakness.mechanism == "constraint errors":
        shifts[weak] -= constraint
    if weak is not None and weakness.mechanism == "overconfidence":
        shifts[weak] -= over
        biases[weak] += confident
    return tuple(
        Segment(
            name,
            SEGMENT_TITLES[i],
            shares[i],
            harms[i],
            PATIENCE[i],
            GOLDEN[i],
            float(shifts[i]),
            float(biases[i]),
        )
        for i, name in enumerate(SEGMENT_NAMES)
    )


def _tiers(world: int) -> tuple[Tier, ...]:
    rng = stream(world, "lantern", "tiers")
    small = rng.uniform(2.3, 3.2)
    mid = small + rng.uniform(0.05, 0.9)
    large = mid + rng.uniform(0.05, 0.7)
    facts = market_facts()
    prices = [
        _pick(rng, facts[key].low, facts[key].high)
        for key in ("price-small", "price-mid", "price-large")
    ]
    hidden = float(rng.choice([0.0, 1.0], p=[0.35, 0.65])) * rng.uniform(200, 900)
    written = value_of("written-to-read")
    rows = zip(
        TIERS,
        prices,
        (0.35, 0.6, 1.4),
        (140.0, 80.0, 55.0),
        (small, mid, large),
        (0.30, 0.45, 0.60),
        (0.08, 0.14, 0.20),
        (0.0, 0.0, hidden),
        strict=True,
    )
    return tuple(
        Tier(
            name,
            price,
            round(price * written, 4),
            round(ttft * rng.uniform(0.85, 1.15), 3),
            round(speed * rng.uniform(0.88, 1.12), 1),
            float(ability),
            abstains,
            lucky,
            0.85 if think else 0.0,
            float(think),
        )
        for name, price, ttft, speed, ability, abstains, lucky, think in rows
    )


def _pilot(world: int, weakness: Weakness) -> Pilot:
    """Draw the inherited sample: low either because something is wrong or by bad luck."""
    rng = stream(world, "lantern", "pilot")
    suspect = weakness.segment or str(rng.choice(SEGMENT_NAMES[2:]))
    n = int(rng.integers(28, 45))
    return Pilot(suspect, n, int(rng.binomial(n, rng.uniform(0.70, 0.78))))


def _desk(world: int) -> Desk:
    rng = stream(world, "lantern", "desk")
    return Desk(
        handling=_pick(rng, 4.5, 8.0),
        wait_cost=_pick(rng, 1.0, 2.5),
        minutes=_pick(rng, 5.0, 8.0),
        patience=_pick(rng, 8.0, 20.0),
        occupancy=_pick(rng, 0.82, 0.90),
        would_call=_pick(rng, 0.4, 0.65),
        notes_contact=_pick(rng, 5.0, 8.0),
    )


def _judge(world: int) -> JudgeTraits:
    rng = stream(world, "lantern", "judge")
    return JudgeTraits(
        sensitivity=_pick(rng, 0.93, 0.97),
        specificity=_pick(rng, 0.70, 0.82),
        weak_specificity=_pick(rng, 0.40, 0.55),
        long_penalty=0.12,
        tone_penalty=_pick(rng, 0.03, 0.07),
    )


def _reviewers(world: int) -> Reviewers:
    rng = stream(world, "lantern", "reviewers")
    return Reviewers(
        people=int(rng.integers(4, 9)),
        items_per_hour=_pick(rng, 10, 14),
        hours=6.2,
        hourly=_pick(rng, 26, 36),
        label_cost=_pick(rng, 0.70, 1.40),
        noise=_pick(rng, 0.04, 0.08),
        flagged_share=_pick(rng, 0.03, 0.055),
    )


def _trust(world: int) -> Trust:
    rng = stream(world, "lantern", "trust")
    flat = rng.random() < 0.15  # so that nobody takes the hump for a law
    return Trust(
        up=_pick(rng, 0.03, 0.07),
        ratio=_pick(rng, 4.0, 8.0),
        notice=_pick(rng, 0.6, 0.9),
        steepness=_pick(rng, 2.5, 4.0) if flat else _pick(rng, 10.0, 14.0),
        knee=_pick(rng, 0.55, 0.68),
    )


def _market(world: int) -> Market:
    rng = stream(world, "lantern", "market")
    months = (
        _pick(rng, 1, 4, 2),
        _pick(rng, 5, 12, 2),
        _pick(rng, 6, 18, 2),
        _pick(rng, 9, 24, 2),
    )
    losses = (
        _pick(rng, 1.5, 5.0, 2),
        _pick(rng, 2.0, 6.0, 2),
        _pick(rng, 2.0, 6.0, 2),
        _pick(rng, 2.0, 5.0, 2),
    )
    return Market(
        share=_pick(rng, 0.34, 0.50),
        share_loss=losses,
        months=months,
        elasticity=-_pick(rng, 0.3, 1.2, 2),
        discount=0.30,
    )


def _serving(world: int) -> Serving:
    rng = stream(world, "lantern", "serving")
    return Serving(
        slots=int(rng.integers(6, 25)),
        cv=_pick(rng, 0.6, 1.2),
        rho_normal=_pick(rng, 0.45, 0.65),
        rho_storm=_pick(rng, 0.895, 0.925),
        retries=float(rng.integers(0, 3)),
        prefix=int(rng.integers(1400, 1901)),
        streams=int(rng.integers(1, 101)),
    )


def _update(world: int) -> Update:
    rng = stream(world, "lantern", "update")
    return Update(
        length=_pick(rng, 1.25, 1.6),
        broken=str(rng.choice(["citation", "fare card"])),
        malformed=_pick(rng, 0.06, 0.12),
        refusals=_pick(rng, -0.03, 0.03),
        accuracy=_pick(rng, -0.01, 0.01),
        real=bool(rng.random() >= 0.15),
    )


def _variant(world: int) -> Variant:
    rng = stream(world, "lantern", "variant")
    helps = rng.random() < 0.7
    return Variant(
        shift=-_pick(rng, 0.08, 0.22),
        act_right=_pick(rng, 1.08, 1.30) if helps else _pick(rng, 0.72, 0.98),
        act_wrong=_pick(rng, 0.60, 0.85) if helps else _pick(rng, 0.80, 1.05),
        notices=_pick(rng, 0.06, 0.18),
    )


def _calendar(world: int) -> Calendar:
    rng = stream(world, "lantern", "calendar")
    first = 70
    count = int(rng.integers(4, 7))
    days = sorted(first + rng.choice(7, size=count, replace=False))
    down = rng.random() < 0.7
    return Calendar(
        policy_edit=int(rng.integers(22, 31)),
        cleanup_days=int(rng.integers(5, 13)),
        memo=38,
        alias_move=int(rng.integers(47, 64)),
        storm=(first, first + 6),
        storm_days=tuple(int(day) for day in days),
        storm_hours=tuple(int(h) for h in rng.integers(3, 7, count)),
        storm_start=tuple(int(h) for h in rng.integers(6, 17, count)),
        storm_factor=tuple(_pick(rng, 4, 7) for _ in range(count)),
        notice=80,
        rival=90,
        price_day=95,
        price_factor=_pick(rng, 0.4, 0.7, 2) if down else 1.0,
        renewal=110,
        review=120,
    )


def _notes(world: int) -> Notes:
    rng = stream(world, "lantern", "notes")
    read = _pick(rng, 1500, 2300)
    return Notes(
        note_read=read,
        note_cached=_pick(rng, 0.4, 0.6) * read,
        note_written=_pick(rng, 100, 200),
        contact_cut=_pick(rng, 0.0005, 0.0025),
        rebook_read=_pick(rng, 2600, 4200),
        rebook_written=_pick(rng, 190, 320),
        step_success=_pick(rng, 0.965, 0.99),
    )
