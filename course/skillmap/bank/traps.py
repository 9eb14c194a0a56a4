"""Factual traps: what is often taught, what holds, since when, and whether that was checked lately.

>>> from datetime import date
>>> trap("t2").topic, trap("t2").amber(date(2026, 11, 23)), trap("t2").amber(date(2027, 3, 1))
('Temperature 0', False, True)
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from skillmap import yaml_text
from skillmap.bank import _Authored
from skillmap.errors import AuthoringError, Fault, UnknownItemError

__all__ = ["ANSWERS", "Card", "Statement", "Trap", "quiz", "trap", "traps"]

AGES_AFTER = timedelta(days=90)
"""How long a fact that moves is trusted after it was last checked."""

Verdict = Literal["true", "false", "it depends", "since when"]

ANSWERS: tuple[Verdict, ...] = ("true", "false", "it depends", "since when")
"""What one may say of a statement; "since when" if it holds, or held, for a time only."""


class Statement(_Authored):
    """One sentence of the quiz and what to say of it."""

    text: Annotated[str, Field(min_length=8)]
    answer: Verdict


class Trap(_Authored):
    """One trap. ``right`` is what holds; ``ages`` says that it may cease to.

    ``sources`` are keys of the course's list of sources; ``checked_on`` is when they were read.
    """

    id: Annotated[str, Field(pattern=r"^t[1-9][0-9]?$")]
    topic: str
    right: Annotated[str, Field(min_length=20)]
    ages: bool = False
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    checked_on: date
    statements: Annotated[tuple[Statement, ...], Field(min_length=2)]

    def amber(self, today: date) -> bool:
        """Whether the fact moves and was last checked more than 90 days before ``today``."""
        return self.ages and today - self.checked_on > AGES_AFTER


class _File(_Authored):
    traps: tuple[Trap, ...]

    @model_validator(mode="after")
    def _ids_once(self) -> _File:
        ids = [trap.id for trap in self.traps]
        twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
        if twice:
            raise ValueError(f"ids used twice: {', '.join(twice)}")
        return self


@cache
def traps() -> tuple[Trap, ...]:
    """Return the traps in order; raise ``AuthoringError`` with every fault."""
    loaded: Any = yaml_text.load(
        files("skillmap.bank").joinpath("traps.yaml").read_text(encoding="utf-8")
    )
    try:
        return _File.model_validate(loaded).traps
    except ValidationError as error:
        raise AuthoringError(
            [
                Fault(f"bank/traps.yaml {'.'.join(map(str, fault['loc']))}", fault["msg"])
                for fault in error.errors()
            ]
        ) from error


def trap(id_: str) -> Trap:
    """Return one trap; raise ``UnknownItemError`` naming the ids that there are."""
    for found in traps():
        if found.id == id_:
            return found
    raise UnknownItemError("trap", f"no trap is called {id_}", f"Known: t1 to t{len(traps())}.")


@dataclass(frozen=True, slots=True)
class Card:
    """One question of a quiz: a statement, the trap behind it, and whether its facts are old."""

    trap: Trap
    statement: Statement
    amber: bool

    def told(self, answer: str) -> str:
        """Say whether ``answer`` was right, what holds, from where and as of when."""
        right = answer == self.statement.answer
        opening = "Yes" if right else f"We would say: {self.statement.answer}"
        source = ", ".join("recomputed here" if s == "C" else s for s in self.trap.sources)
        checked = f"checked {self.trap.checked_on.isoformat()}"
        old = " That is more than 90 days ago: look it up before you say it." if self.amber else ""
        return f"{opening}. {self.trap.right} ({source}; {checked}.){old}"


def quiz(seed: int, today: date, *, length: int = 6) -> tuple[Card, ...]:
    """Return ``length`` statements of as many traps, the same for the same ``seed``.

    Six take about two minutes. No trap comes twice, and with four or more each of the four
    answers is the right one at least once.

    >>> cards = quiz(7, date(2026, 11, 23))
    >>> len({card.trap.id for card in cards}), sorted({c.statement.answer for c in cards})
    (6, ['false', 'it depends', 'since when', 'true'])
    """
    if not 1 <= length <= len(traps()):
        raise UnknownItemError("quiz", f"length is {length}", f"Choose 1 to {len(traps())}.")
    dice = random.Random(seed)
    left = list(traps())
    wanted: list[str | None] = list(ANSWERS) if length >= len(ANSWERS) else []
    wanted += [None] * (length - len(wanted))
    cards = []
    for answer in wanted:
        fitting = [
            (t, s) for t in left for s in t.statements if answer is None or s.answer == answer
        ]
        chosen, statement = dice.choice(fitting)
        left.remove(chosen)
        cards.append(Card(chosen, statement, chosen.amber(today)))
    dice.shuffle(cards)
    return tuple(cards)
