"""What was measured, what of it counts for the map, and why the rest does not.

One :class:`Evidence` is one result: a graded item, a self-scored answer, a mock round, an anchor
exercise. :func:`record` keeps it on the learner's own disk; :func:`weigh` decides what counts.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import skillmap
from skillmap.errors import AnswerError, SkillMapError
from skillmap.ids import ItemId, ModuleId
from skillmap.learning.assessment import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from skillmap.answers import AnswerSheet
    from skillmap.lessons.schema import Item

__all__ = [
    "HALF_LIFE",
    "WEIGHTS",
    "Counted",
    "Evidence",
    "Kind",
    "Left",
    "Weighed",
    "decayed",
    "from_item",
    "kind_of",
    "record",
    "shape_of",
    "weigh",
]


class Kind(StrEnum):
    """Where a result comes from."""

    LAB = "lab"
    ESTIMATION = "estimation"
    MOCK = "mock round"
    RUBRIC = "rubric"
    SELF = "self-scored"
    DRILL = "drill"
    ANCHOR = "anchor"
    MEASURE = "measure"


WEIGHTS: Mapping[Kind, float] = MappingProxyType(
    {
        Kind.LAB: 1.5,
        Kind.ESTIMATION: 1.0,
        Kind.MOCK: 2.0,
        Kind.RUBRIC: 1.0,
        Kind.SELF: 0.7,
        Kind.DRILL: 0.5,
        Kind.ANCHOR: 0.0,
        Kind.MEASURE: 0.0,
    }
)
"""How much one fresh result weighs. A drill or a log is half an estimation exercise: this course's
choice. Anchors correct self-scores; a measure feeds predictions and coverage and no level."""

HALF_LIFE = 30.0
"""Days after which a result weighs half."""
_AHEAD = timedelta(days=1)
_FOR_BEING_COMPLETE = frozenset({"es.l1"})
"""Items that give points for being complete: they measure calibration and say nothing of skill."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One result. ``score`` and ``predicted`` are 0 to 100; ``at`` is when the answer was given.

    ``chance`` is the learner's stated probability of passing (0 to 1) and ``passed`` whether they
    did. ``held`` of ``ranges`` 80% ranges held the truth. ``answered`` of ``parts`` parts have an
    answer; ``settled`` is false while a person still has to read it. ``reference`` is the right
    score of an anchor that the learner scored. ``shape`` is a fingerprint of the item as it was
    asked, ``version`` the library's.

    >>> Evidence("ev.l1", Kind.LAB, 40, datetime(2026, 3, 1, tzinfo=UTC), "ada").competency.title
    'Evals'
    """

    id: str
    kind: Kind
    score: float
    at: datetime
    learner: str
    predicted: float | None = None
    chance: float | None = None
    passed: bool | None = None
    answered: int = 1
    parts: int = 1
    settled: bool = True
    held: int = 0
    ranges: int = 0
    reference: float | None = None
    shape: str = ""
    version: str = ""

    @property
    def competency(self) -> ModuleId:
        """The competency that the id belongs to."""
        return ItemId.parse(self.id).module

    def checked(self) -> Evidence:
        """Return itself; raise ``AnswerError`` with the first field that cannot be."""
        place = f"Result {self.id!r:.60}"
        _ = self.competency
        for name in ("score", "predicted", "reference"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 100:
                raise AnswerError(place, f"{name} is {value:g}", "It is a percent, 0 to 100.")
        if self.chance is not None and not 0 <= self.chance <= 1:
            raise AnswerError(place, f"chance is {self.chance:g}", "A chance is from 0 to 1.")
        if not 0 <= self.held <= self.ranges or not 0 <= self.answered <= self.parts:
            raise AnswerError(place, "more held or answered than there were", "Count again.")
        if self.at.tzinfo is None:
            raise AnswerError(place, "its time has no zone", "Give a time in UTC.")
        return self


@dataclass(frozen=True, slots=True)
class Counted:
    """A result that counts: ``x`` after correction (0 to 100), ``weight`` after decay."""

    evidence: Evidence
    x: float
    weight: float


@dataclass(frozen=True, slots=True)
class Left:
    """A result that does not count, and why. It stays in the file."""

    evidence: Evidence
    why: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What counts, what does not, and the learner's generosity as a rater.

    ``shift`` is how many points higher than the reference the anchors were scored, ``anchors`` on
    how many; ``first_tries`` holds the first complete result of each item, before any feedback on
    it, which is what a prediction is about.
    """

    counted: tuple[Counted, ...] = ()
    left: tuple[Left, ...] = ()
    shift: float = 0.0
    anchors: int = 0
    first_tries: tuple[Evidence, ...] = ()

    def of(self, competency: ModuleId) -> tuple[Counted, ...]:
        """Return what counts for one competency."""
        return tuple(c for c in self.counted if c.evidence.competency is competency)

    def notes(self) -> tuple[str, ...]:
        """Say what does not count and why, one line a reason."""
        names: dict[str, list[str]] = defaultdict(list)
        latest = {c.evidence.id: c.evidence.at for c in self.counted}
        tally: Counter[str] = Counter()
        for one in self.left:
            later = latest.get(one.evidence.id)
            if one.why in _GROUPED:
                tally[one.why] += 1
            elif one.why.startswith(_ON_THE_WAY) and later and one.evidence.at < later:
                tally[_REPLACED] += 1
            else:
                names[one.why].append(one.evidence.id)
        lines = [f"{', '.join(dict.fromkeys(ids))}: {why}." for why, ids in names.items()]
        lines += [f"{n} × {why}." for why, n in tally.items()]
        if any(c.evidence.kind is Kind.SELF for c in self.counted):
            if self.anchors:
                lines.append(
                    f"Your self-scores are moved by {-self.shift:+.0f}: on {self.anchors} anchors "
                    f"you were {'above' if self.shift > 0 else 'below'} the reference by "
                    f"{abs(self.shift):.0f}."
                )
            else:
                lines.append(
                    "Your self-scores count as you gave them: you have scored no anchors yet, so "
                    "nobody knows whether you are strict or generous."
                )
        return tuple(dict.fromkeys(lines))


_REPLACED = "earlier tries, replaced by a later result of the same item"
_TWICE = "the same result once more; it counts once"
_GROUPED = (_REPLACED, _TWICE)
_ON_THE_WAY = ("half-finished", "waiting for a person")


def decayed(weight: float, days: float) -> float:
    """Return the weight after some days: half every thirty; a result from today weighs in full.

    >>> decayed(1.5, 30), decayed(1.0, 0), decayed(1.0, 60)
    (0.75, 1.0, 0.25)
    """
    return float(weight * 0.5 ** (max(0.0, days) / HALF_LIFE))


def weigh(entries: Iterable[Evidence], *, learner: str, now: datetime) -> Weighed:
    """Decide for each result whether it counts; what was recorded later wins at equal times.

    The latest complete, settled result of an item counts. Results of another learner, of an
    earlier version of the item, half-finished ones and those dated ahead of ``now`` do not.
    """
    left: list[Left] = []
    whole: dict[tuple[str, Kind], list[Evidence]] = defaultdict(list)
    for one in sorted(entries, key=_order):
        why = _why_not(one, learner, now)
        if why:
            left.append(Left(one, why))
        elif one in whole[one.id, one.kind]:
            left.append(Left(one, _TWICE))
        else:
            whole[one.id, one.kind].append(one)
    tries = [group for group in whole.values() if group]
    left += [Left(old, _REPLACED) for group in tries for old in group[:-1]]
    latest = [group[-1] for group in tries]
    apart = [
        one.score - one.reference
        for one in latest
        if one.kind is Kind.ANCHOR and one.reference is not None
    ]
    shift = sum(apart) / len(apart) if apart else 0.0
    counted = []
    for one in latest:
        x = one.score - shift if one.kind is Kind.SELF else one.score
        days = (now - one.at) / timedelta(days=1)
        counted.append(Counted(one, min(100.0, max(0.0, x)), decayed(WEIGHTS[one.kind], days)))
    return Weighed(
        tuple(counted), tuple(left), shift, len(apart), tuple(group[0] for group in tries)
    )


def _order(one: Evidence) -> tuple[datetime, str, str]:
    """Sort by time; at equal times the file's order stays: a corrected key grades later."""
    return one.at, one.id, one.kind.value


def _why_not(one: Evidence, learner: str, now: datetime) -> str:
    if one.learner != learner:
        return f"by {one.learner or 'nobody'}, and this is the map of {learner}"
    if one.at > now + _AHEAD:
        return f"dated {one.at:%Y-%m-%d}, which is still to come; check this machine's clock"
    if not one.settled:
        return "waiting for a person to read it"
    if one.answered < one.parts:
        return f"half-finished, {one.answered} of {one.parts} parts answered"
    return _outdated(one)


def _outdated(one: Evidence) -> str:
    """Say so when the item has changed since; results that carry no shape are taken as they are."""
    from skillmap.lessons import lesson

    if not one.shape:
        return ""
    try:
        item = lesson(one.competency).item(one.id)
    except SkillMapError:
        return "not an item of this version of the course"
    if shape_of(item) != one.shape:
        return "graded on an earlier version of this item; check it again"
    return ""


# From a graded item to a result -----------------------------------------------------------------


def kind_of(item: Item) -> Kind:
    """Return what a module's graded item is evidence of.

    >>> from skillmap.lessons import lesson
    >>> es = lesson("estimation")
    >>> [kind_of(es.item(name)).value for name in ("es.l1", "es.l2", "es.e1", "es.q2")]
    ['measure', 'lab', 'estimation', 'rubric']
    """
    name = item.id.split(".")[1]
    if item.id in _FOR_BEING_COMPLETE:
        return Kind.MEASURE
    if re.match(r"l\d", name):
        return Kind.LAB
    if re.match(r"e\d", name):
        return Kind.ESTIMATION
    return Kind.RUBRIC if item.kind == "written" else Kind.DRILL


def shape_of(item: Item) -> str:
    """Return a fingerprint of what is asked and for how much; better wording leaves it alone."""
    parts = "|".join(
        f"{part.id}:{part.prompt.kind}:{getattr(part.prompt, 'unit', '')}" for part in item.parts
    )
    text = f"{item.id} {item.kind} {item.points:g} {parts}"
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def from_item(
    item: Item,
    sheet: AnswerSheet,
    *,
    percent: float,
    settled: bool,
    learner: str,
    now: datetime,
    measures: Mapping[str, Any] | None = None,
) -> Evidence | None:
    """Return the result of a graded item; ``None`` if it has no points or nothing was answered.

    Its time is when the answers were last saved: checking old answers again proves nothing new.
    """
    given = [answer for p in item.parts if (answer := sheet.get(p.id)) and answer.given]
    if not item.points or not given:
        return None
    times = [when for answer in given if (when := moment(answer.saved_at)) and when <= now]
    told = sheet.get(item.id)
    found = measures or {}
    n, hits = found.get("n", 0), found.get("hits", 0)
    ranges = n if "intervals" in found and found.get("level") == 0.8 else 0
    return Evidence(
        id=item.id,
        kind=kind_of(item),
        score=round(min(100.0, max(0.0, percent)), 2),
        at=max(times, default=now).astimezone(UTC),
        learner=learner,
        predicted=told.predicted if told else None,
        answered=len(given),
        parts=len(item.parts),
        settled=settled,
        held=int(hits) if ranges else 0,
        ranges=int(ranges),
        shape=shape_of(item),
        version=skillmap.__version__,
    )


def record(path: Path, *results: Evidence) -> int:
    """Keep results in the learner's ``results.json`` at ``path``; return how many were new.

    The file is locked, read, and replaced at once; nothing in it is ever taken out. A result that
    is there already is not written twice. Raises ``AnswerError`` for a value that cannot be and
    ``SheetError`` when the file cannot be written.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "results.json"
    >>> one = Evidence("ev.q4", Kind.SELF, 60, datetime(2026, 3, 1, tzinfo=UTC), "ada")
    >>> record(path, one), record(path, one)
    (1, 0)
    """
    from skillmap.learning.shelf import Shelf

    return Shelf.open(path).add(_checked(results))


def _checked(results: Sequence[Evidence]) -> list[Evidence]:
    """Check each, its time in UTC to the second, as the file has it."""
    return [
        replace(one.checked(), at=one.at.astimezone(UTC).replace(microsecond=0)) for one in results
    ]
