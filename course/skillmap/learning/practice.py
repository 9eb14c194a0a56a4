"""What to practice today: spaced repetition over the questions of the bank.

When a question comes back is decided by FSRS (package ``fsrs``), which models how fast one forgets;
how the answer went is a learner's own score against the rubric. The deck is one file in the
workspace, written atomically; it holds dates and scores and never what a learner said.

>>> from datetime import datetime, UTC
>>> deck = Deck()
>>> now = datetime(2026, 11, 23, 9, tzinfo=UTC)
>>> deck = deck.reviewed("es.q1", 100, now).reviewed("es.q2", 20, now)
>>> deck.due(datetime(2026, 11, 24, 9, tzinfo=UTC))
('es.q2',)
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from skillmap.bank import Question, question, questions
from skillmap.errors import SkillMapError, UnknownItemError
from skillmap.ids import ModuleId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from fsrs import Card

__all__ = ["FILE", "Deck", "Review", "choose", "load", "percent_of", "save"]

FILE = "practice.json"
FORMAT = 1
_MAX_BYTES = 4_000_000
_BOUNDS = (38, 63, 88)
"""Percent below which an answer counts as failed, hard and good: the halves between levels."""


@dataclass(frozen=True, slots=True)
class Review:
    """One answer given: the learner's own score in percent and when."""

    question: str
    percent: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Deck:
    """The state of every question that was practiced; ``cards`` are FSRS's own data by id."""

    cards: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    reviews: tuple[Review, ...] = ()

    def due(self, now: datetime) -> tuple[str, ...]:
        """Return the ids whose time has come, longest overdue first."""
        when = {id_: self.next_at(id_) for id_ in self.cards}
        return tuple(sorted((id_ for id_ in when if when[id_] <= now), key=lambda i: (when[i], i)))

    def next_at(self, id_: str) -> datetime:
        """Return when a question is due again; raise ``UnknownItemError`` if it is not in here."""
        if id_ not in self.cards:
            raise UnknownItemError("question", f"{id_} was never practiced", "Practice it first.")
        return _card(self.cards[id_]).due

    def last(self, id_: str) -> Review | None:
        """Return the latest review of a question, ``None`` if there is none."""
        found = [r for r in self.reviews if r.question == id_]
        return max(found, key=lambda r: r.at) if found else None

    def reviewed(self, id_: str, percent: float, now: datetime) -> Deck:
        """Return the deck after an answer that its giver scored at ``percent`` (0 to 100)."""
        from fsrs import Card, Rating, Scheduler

        question(id_)
        if not 0 <= percent <= 100:
            raise SkillMapError(f"{id_}: a score of {percent:g} percent; it must be 0 to 100.")
        rating = Rating(1 + sum(percent >= bound for bound in _BOUNDS))
        # In days, not minutes: nobody answers an interview question twice in a sitting.
        scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
        old = _card(self.cards[id_]) if id_ in self.cards else Card(card_id=_number(id_), due=now)
        card, _ = scheduler.review_card(old, rating, review_datetime=now)
        cards = {**self.cards, id_: dict(card.to_dict())}
        review = Review(id_, float(percent), now)
        return replace(self, cards=MappingProxyType(cards), reviews=(*self.reviews, review))


def _number(id_: str) -> int:
    return int.from_bytes(id_.encode(), "big")


def _card(data: Mapping[str, Any]) -> Card:
    from fsrs import Card

    return Card.from_dict(dict(data))  # type: ignore[arg-type]


def percent_of(levels: Iterable[int]) -> float:
    """Return the score of levels 0 to 2 in percent.

    >>> percent_of([2, 1, 0, 1])
    50.0
    """
    found = list(levels)
    if not found or any(level not in (0, 1, 2) for level in found):
        raise SkillMapError(f"levels {found}: give one level, 0, 1 or 2, for each criterion.")
    return 100 * sum(found) / (2 * len(found))


def choose(
    deck: Deck,
    now: datetime,
    *,
    modules: Sequence[ModuleId] = tuple(ModuleId),
    length: int = 3,
    new: int = 2,
) -> tuple[Question, ...]:
    """Return what to practice now: what is due, then up to ``new`` questions never practiced.

    New ones come from ``modules`` in turn, the easiest of each first: put what the plan says
    comes first at the front.
    """
    prefixes = {module.prefix for module in modules}
    due = [question(i) for i in deck.due(now) if i.split(".")[0] in prefixes][:length]
    waiting = [
        sorted((q for q in questions(m) if q.id not in deck.cards), key=lambda q: q.stars)
        for m in modules
    ]
    fresh = [row[turn] for turn in range(13) for row in waiting if turn < len(row)]
    return (*due, *fresh[: min(new, length - len(due))])


def load(folder: Path) -> tuple[Deck, str]:
    """Return the deck of a workspace and a note on what could not be read, empty if all could.

    A file that cannot be read is set aside under its date and nothing of it is lost; entries of
    questions that the bank does not have any more are kept and never asked.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(_MAX_BYTES))
        return _deck(raw), ""
    except FileNotFoundError:
        return Deck(), ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = path.with_name(f"practice.broken-{stamp}.json")
        try:
            path.rename(aside)
        except OSError as failed:
            raise SkillMapError(f"{path} cannot be read ({failed}).") from None
        return Deck(), f"{path} could not be read ({error}). It is kept as {aside.name}."


def _deck(raw: Any) -> Deck:
    if raw["format"] != FORMAT:
        raise ValueError(f"format {raw['format']}, this version reads {FORMAT}")
    cards = {str(id_): dict(data) for id_, data in raw["cards"].items()}
    for data in cards.values():
        _card(data)
    reviews = tuple(
        Review(str(r["question"]), float(r["percent"]), _moment(r["at"])) for r in raw["reviews"]
    )
    return Deck(MappingProxyType(cards), reviews)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def save(deck: Deck, folder: Path) -> Path:
    """Write the deck at once (a temporary file, then a rename) and return its path."""
    path = folder / FILE
    data = {
        "format": FORMAT,
        "cards": {id_: dict(card) for id_, card in sorted(deck.cards.items())},
        "reviews": [
            {"question": r.question, "percent": r.percent, "at": r.at.isoformat()}
            for r in deck.reviews
        ],
    }
    temporary = path.with_name(f".{FILE}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(path)
    return path


def in_words(moment: datetime, now: datetime) -> str:
    """Say how far off a moment is.

    >>> now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    >>> in_words(now + timedelta(days=3), now), in_words(now - timedelta(hours=2), now)
    ('in 3 days', 'now')
    """
    days = (moment - now) / timedelta(days=1)
    if days <= 0:
        return "now"
    whole = max(1, round(days))
    return "tomorrow" if whole == 1 else f"in {whole} days"
