"""The fourth lab: the golden set holds steady and complaints rise. One of three things is going on.

In some worlds people have begun to ask what nobody asked at launch; in some the update broke how a
right answer is shown; in some far more people see Lantern and nothing else has changed. The logs,
the golden runs and 600 bought labels are all that a PM has to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from skillmap.lantern.help_center import help_center
from skillmap.lantern.world import parameters
from skillmap.lessons.evals.samples import FIRST_DAY, eve
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import Series

    from skillmap.lantern.product import Lantern
    from skillmap.lantern.world import World

__all__ = ["LABELS_EACH", "TOPICS", "Complaints", "Window", "case_of", "complaints", "topic_of"]

LABELS_EACH = 300
"""Random answers labeled before, and after."""
_TOPICS = (
    ("fares and tickets", ("flex-", "off-peak", "child-")),
    ("refunds", ("refund-", "free-cancel")),
    ("changes", ("change-", "missed-train")),
    ("delay pay", ("delay-brightwater", "claim-", "delay-pass")),
    ("passes", ("pass-",)),
    ("groups", ("group-",)),
    ("bags, bikes, dogs", ("bags-", "bike-", "ebike-", "dog-")),
    ("assistance", ("assist-", "coach-", "companion-", "wheelchair-", "scooter-", "hearing-")),
)
TOPICS = (*(name for name, _ in _TOPICS), "other", "storms, works, strikes")
"""Ten topics of questions. The last one holds everything about disruption."""


@cache
def topic_of() -> Mapping[str, str]:
    """Return the topic of each intent.

    >>> topic_of()["storm-red-refund"], topic_of()["bike-peak"]
    ('storms, works, strikes', 'bags, bikes, dogs')
    """
    found = {}
    for intent in help_center().intents:
        if intent.disruption:
            found[intent.id] = TOPICS[-1]
            continue
        found[intent.id] = next(
            (name for name, starts in _TOPICS if intent.id.startswith(starts)), "other"
        )
    return found


@dataclass(frozen=True, slots=True)
class Window:
    """A few days of the log, with what was bought about them.

    ``topics`` counts the labeled answers by topic; ``known`` and ``new`` are (labels, right) for
    topics that the golden set holds, and for disruption, which it does not; ``golden`` is (items,
    right) of a run on the last day; ``broken`` the share of answers that failed the format check.
    """

    first: int
    last: int
    exposure: float
    answers: int
    complaints: int
    broken: float
    golden: tuple[int, int]
    topics: tuple[int, ...]
    known: tuple[int, int]
    new: tuple[int, int]

    @property
    def per_thousand(self) -> float:
        """Complaints for each 1,000 answers."""
        return 1000 * self.complaints / self.answers

    @property
    def accuracy(self) -> float:
        """Share labeled right among random answers."""
        return (self.known[1] + self.new[1]) / (self.known[0] + self.new[0])

    @property
    def known_accuracy(self) -> float:
        """The same without the topics that the golden set does not hold."""
        return self.known[1] / self.known[0]


@dataclass(frozen=True, slots=True)
class Complaints:
    """The two windows that are compared."""

    before: Window
    now: Window


@per_world
def case_of(world: int) -> str:
    """Return what is going on: ``mix``, ``card`` or ``reach``. For the simulator and the key.

    >>> case_of(10)
    'mix'
    """
    if world == HOUSE:
        return "mix"
    roll = stream(world, "evals", "complaints").random()
    if roll < 0.5:
        return "mix"
    update = parameters(world).update
    breaks = update.real and update.broken == "fare card"
    return "card" if breaks and roll < 0.85 else "reach"


@lru_cache(maxsize=8)
def complaints(world: int) -> Complaints:
    """Return what the log, the golden runs and the labels show."""
    w = parameters(world)
    kind = case_of(world)
    lantern = eve(world).fork()
    if kind == "card":
        days, later = 4, w.calendar.alias_move + 1
    elif kind == "reach":
        lantern.pin_model().stage_rollout(0.25)
        days, later = 7, FIRST_DAY + 7
    else:
        lantern.pin_model()
        days, later = 7, w.calendar.storm[0]
    lantern.run(days)
    before = _window(lantern, w, FIRST_DAY)
    if kind == "reach":
        lantern.stage_rollout(1.0)
    lantern.run(later - lantern.day + days)
    return Complaints(before, _window(lantern, w, later))


def _window(lantern: Lantern, world: World, first: int) -> Window:
    twin = lantern.fork()
    last = lantern.day - 1
    labeled = twin.buy_labels(LABELS_EACH, since=first, until=lantern.day)
    golden = twin.run_golden()
    golden = golden[~golden["abstained"]]
    logged = lantern.logs.days_since(first)
    answers = int(logged["answered"].sum())
    topic = labeled["intent"].astype(str).map(topic_of())
    right = labeled["label"].eq("right")
    new = topic.eq(TOPICS[-1])
    counts = topic.value_counts()
    return Window(
        first=first,
        last=last,
        exposure=lantern.settings.exposure[0],
        answers=answers,
        complaints=int(logged["complaints"].sum()),
        broken=float((logged["malformed_rate"] * logged["answered"]).sum() / answers),
        golden=(len(golden), int(golden["passed"].sum())),
        topics=tuple(int(counts.get(name, 0)) for name in TOPICS),
        known=_counted(right[~new]),
        new=_counted(right[new]),
    )


def _counted(right: Series[bool]) -> tuple[int, int]:
    values = right.to_numpy()
    return len(values), int(values.sum())
