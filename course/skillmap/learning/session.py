"""A sitting at the terminal: a few questions said aloud, scored by oneself, and a quiz of traps.

Input and output are two functions, so that a test can sit in for the learner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import fill, indent
from typing import TYPE_CHECKING

from skillmap.bank.traps import ANSWERS, quiz
from skillmap.errors import AnswerError
from skillmap.learning.calibrating import Agreement, agreement, levels_of
from skillmap.learning.calls import Call
from skillmap.learning.practice import Deck, in_words, percent_of

if TYPE_CHECKING:
    from datetime import datetime

    from skillmap.bank import Criterion, Question
    from skillmap.bank.anchors import Anchor

__all__ = ["Sitting", "ask_anchors", "ask_one", "ask_quiz"]

Ask = Callable[[str], str]
Tell = Callable[[str], None]
_WIDTH = 88
_STOP = ("q", "quit", "stop")
_HOW = {"1": 0.0, "2": 50.0, "3": 75.0, "4": 100.0}
"""What a learner says of an answer without a rubric, and the percent it stands for."""
_GUESS = 25
"""Percent that a guess among the quiz's four answers deserves."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """The deck after one question, and the score; ``percent`` is ``None`` if it was left."""

    deck: Deck
    percent: float | None


def ask_one(found: Question, deck: Deck, now: datetime, *, ask: Ask, tell: Tell) -> Sitting:
    """Put one question, then its follow-ups, then the rubric; return the deck with the score.

    Leaving with ``q`` at any prompt changes nothing.
    """
    tell("")
    tell(_wrapped(f"{found.id} · {'★' * found.stars} · {found.minutes} minutes"))
    tell(_wrapped(found.text))
    if _left(ask("Answer aloud, with your numbers. Enter when done, q to stop. ")):
        return Sitting(deck, None)
    for follow_up in (*found.follow_ups, found.twist, found.boundary):
        if follow_up:
            tell(_wrapped(follow_up))
            if _left(ask("Answer, then Enter. ")):
                return Sitting(deck, None)
    levels = _levels(found.criteria, ask, tell) if found.criteria else None
    if found.criteria and levels is None:
        return Sitting(deck, None)
    percent = percent_of(levels) if levels is not None else _overall(found, ask, tell)
    if percent is None:
        return Sitting(deck, None)
    after = deck.reviewed(found.id, percent, now)
    again = in_words(after.next_at(found.id), now)
    tell(_wrapped(f"{percent:.0f} percent by your own reading. It comes back {again}."))
    return Sitting(after, percent)


def _levels(criteria: Sequence[Criterion], ask: Ask, tell: Tell) -> list[int] | None:
    tell("Now the rubric. What did you say, not what did you mean?")
    levels = []
    for number, criterion in enumerate(criteria, start=1):
        tell(_wrapped(f"{number} of {len(criteria)} · {criterion.name}"))
        for level, words in enumerate(criterion.levels):
            tell(indent(_wrapped(f"{level}  {words}"), "   "))
        given = _one_of(("0", "1", "2"), ask, "0, 1 or 2? ")
        if given is None:
            return None
        levels.append(int(given))
        if given != "2" and criterion.strong:
            tell(indent(_wrapped(f"For instance: {criterion.strong}"), "   "))
    return levels


def _overall(found: Question, ask: Ask, tell: Tell) -> float | None:
    for title, lines in (("Strong answers say", found.strong), ("Weak ones say", found.weak)):
        for line in lines:
            tell(_wrapped(f"{title}: {line}"))
    tell("1  I had nothing   2  parts of it, with effort   3  most of it   4  all, with numbers")
    given = _one_of(tuple(_HOW), ask, "1, 2, 3 or 4? ")
    return None if given is None else _HOW[given]


def _one_of(allowed: Sequence[str], ask: Ask, prompt: str) -> str | None:
    """Ask until one of ``allowed`` is given; ``None`` if the learner leaves."""
    while True:
        given = ask(prompt).strip().casefold()
        if given in allowed:
            return given
        if given in _STOP:
            return None


def _left(given: str) -> bool:
    return given.strip().casefold() in _STOP


def ask_quiz(
    seed: int, now: datetime, *, length: int = 6, ask: Ask, tell: Tell
) -> tuple[Call, ...]:
    """Put the two-minute quiz and return the calls with their chances; ``q`` ends it."""
    calls: list[Call] = []
    keys = {str(number): answer for number, answer in enumerate(ANSWERS, start=1)}
    tell("   ".join(f"{key}  {answer}" for key, answer in keys.items()))
    for card in quiz(seed, now.date(), length=length):
        tell("")
        tell(_wrapped(card.statement.text))
        given = _one_of(tuple(keys), ask, "1, 2, 3 or 4? ")
        sure = None if given is None else _percent(ask)
        if given is None or sure is None:
            break
        right = keys[given] == card.statement.answer
        calls.append(Call(card.trap.id, sure / 100, right, now))
        tell(_wrapped(card.told(keys[given])))
    tell("")
    tell(_wrapped(_tally(calls)))
    return tuple(calls)


def ask_anchors(
    found: Question, four: Sequence[Anchor], *, ask: Ask, tell: Tell
) -> Agreement | None:
    """Put four answers to be graded by the rubric; ``None`` if the learner leaves with ``q``."""
    tell(_wrapped(f"{found.id} · Grade four answers by the rubric, then see the reference."))
    tell(_wrapped(found.text))
    for number, criterion in enumerate(found.criteria, start=1):
        tell(f"{number}  {criterion.name}")
        for level, words in enumerate(criterion.levels):
            tell(indent(_wrapped(f"{level}  {words}"), "   "))
    given: list[dict[str, int]] = []
    for letter, one in zip("ABCD", four, strict=True):
        tell("")
        tell(_wrapped(f"{letter}: {one.text}"))
        levels = _typed_levels(found, ask, tell)
        if levels is None:
            return None
        given.append(levels)
    result = agreement(found, four, given)
    tell("")
    for name, cells in result.rows:
        shown = "   ".join(
            f"{mine} ({ref})" if mine != ref else f"{mine} ✓  " for mine, ref in cells
        )
        tell(f"{name:28.28} {shown}")
    tell(_wrapped(f"Yours, and in brackets the reference where it differs. {result.words}"))
    return result


def _typed_levels(found: Question, ask: Ask, tell: Tell) -> dict[str, int] | None:
    while True:
        text = ask(f"{len(found.criteria)} levels in the rubric's order, such as 2 1 0 2 1: ")
        if _left(text):
            return None
        try:
            return levels_of(text, found)
        except AnswerError as error:
            tell(str(error))


def _percent(ask: Ask) -> float | None:
    """Ask how sure the learner is; with four answers even a guess has 25 percent."""
    while True:
        given = ask(f"How sure, {_GUESS} to 100 percent? ").strip().rstrip("%").strip()
        if _left(given):
            return None
        if given.isascii() and given.isdigit() and _GUESS <= int(given) <= 100:
            return float(given)


def _tally(calls: Sequence[Call]) -> str:
    if not calls:
        return "Nothing answered."
    right, sure = sum(c.right for c in calls), sum(c.chance for c in calls) / len(calls)
    return (
        f"{right} of {len(calls)} right, {right / len(calls):.0%}; you were {sure:.0%} sure on "
        "average. So few say little: skillmap status adds them up."
    )


def _wrapped(text: str) -> str:
    return fill(text, _WIDTH)
