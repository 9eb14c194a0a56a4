"""``skillmap practice``: the deck of a workspace, and a sitting with it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skillmap.bank.anchors import anchors
from skillmap.errors import SkillMapError, UnknownItemError
from skillmap.ids import ModuleId
from skillmap.learning.calibrating import shift_evidence
from skillmap.learning.calls import save as save_calls
from skillmap.learning.evidence import Evidence, Kind, record
from skillmap.learning.practice import Deck, choose, in_words, load, save
from skillmap.learning.session import ask_anchors, ask_one, ask_quiz
from skillmap.learning.shelf import FILE as RESULTS
from skillmap.workspace import find_workspace, who_am_i

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from skillmap.learning.calibrating import Agreement
    from skillmap.learning.calls import Call
    from skillmap.learning.session import Ask, Tell

__all__ = ["anchors_aloud", "due_rows", "practice_aloud", "quiz_aloud"]


def _home(folder: Path) -> Path:
    """Return the workspace's folder; ``folder`` itself where there is no workspace."""
    return find_workspace(folder).folder or folder


def _modules(names: Sequence[str] | None) -> tuple[ModuleId, ...]:
    try:
        return tuple(ModuleId(name) for name in names or ()) or tuple(ModuleId)
    except ValueError:
        unknown = ", ".join(n for n in names or () if n not in set(ModuleId))
        known = ", ".join(m.value for m in ModuleId)
        raise UnknownItemError("module", f"there is no {unknown}", f"There are: {known}.") from None


def due_rows(folder: Path, modules: Sequence[str] | None, length: int) -> list[dict[str, Any]]:
    """Return what a sitting would ask, with when each is due; nothing is written."""
    now = datetime.now(UTC)
    deck, _ = load(_home(folder))
    return [
        {
            "question": found.id,
            "due": in_words(deck.next_at(found.id), now) if found.id in deck.cards else "new",
            "stars": found.stars,
            "minutes": found.minutes,
            "text": found.text,
        }
        for found in choose(deck, now, modules=_modules(modules), length=length, new=length)
    ]


def practice_aloud(
    folder: Path, modules: Sequence[str] | None, length: int, *, ask: Ask, tell: Tell
) -> Deck:
    """Hold a sitting, saving after each question: whatever happens, what was answered is kept."""
    home, now = _home(folder), datetime.now(UTC)
    wanted = _modules(modules)
    deck, note = load(home)
    if note:
        tell(note)
    found = choose(deck, now, modules=wanted, length=length, new=length)
    if not found:
        soonest = min((deck.next_at(i) for i in deck.cards), default=None)
        when = f" The next is due {in_words(soonest, now)}." if soonest else ""
        tell(f"Nothing is due.{when}")
        return deck
    minutes = sum(q.minutes for q in found)
    count = f"{len(found)} question{'' if len(found) == 1 else 's'}"
    tell(f"{count}, about {minutes} minutes. Say your answers aloud; nothing you say is kept.")
    for one in found:
        sitting = ask_one(one, deck, now, ask=ask, tell=tell)
        if sitting.percent is None:
            tell("Stopped. What you scored is kept.")
            break
        deck = sitting.deck
        save(deck, home)
        _feed_the_map(home, one.id, sitting.percent, now, tell)
    return deck


def _feed_the_map(home: Path, id_: str, percent: float, now: datetime, tell: Tell) -> None:
    """Keep a self-scored answer as evidence; a map that cannot be written stops no sitting."""
    learner = str(who_am_i("", find_workspace(home)))
    try:
        record(home / RESULTS, Evidence(id_, Kind.SELF, percent, now, learner))
    except SkillMapError as error:
        tell(f"Your map was not updated: {error}")


def anchors_aloud(folder: Path, id_: str, *, ask: Ask, tell: Tell) -> Agreement | None:
    """Let the learner grade four answers to a question, and keep the shift for their map."""
    home = _home(folder)
    learner = str(who_am_i("", find_workspace(home)))
    found, four = anchors(id_, learner)
    result = ask_anchors(found, four, ask=ask, tell=tell)
    if result is not None:
        now = datetime.now(UTC)
        try:
            record(home / RESULTS, shift_evidence(found, result, now, learner))
        except SkillMapError as error:
            tell(f"Your map was not updated: {error}")
    return result


def quiz_aloud(folder: Path, *, ask: Ask, tell: Tell) -> tuple[Call, ...]:
    """Put a quiz of traps and keep how sure the learner was of each answer."""
    made = ask_quiz(random.SystemRandom().getrandbits(32), datetime.now(UTC), ask=ask, tell=tell)
    try:
        if made:
            save_calls(made, _home(folder))
    except (OSError, SkillMapError) as error:
        tell(f"Your chances were not kept: {error}")
    return made
