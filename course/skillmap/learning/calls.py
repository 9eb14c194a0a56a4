"""What a learner called right and how sure they were, in ``calls.json`` of their workspace.

Each answer of the quiz of traps comes with a chance of being right. Only the first call on a trap
counts towards Brier skill: after it the learner has read the answer.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skillmap.errors import SkillMapError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["FILE", "Call", "first_calls", "load", "save"]

FILE = "calls.json"
FORMAT = 1
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One answer: the trap's id, the stated chance (0 to 1), whether it was right, and when."""

    trap: str
    chance: float
    right: bool
    at: datetime


def first_calls(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return the earliest call on each trap, in order of time.

    >>> early, late = (datetime(2026, 11, day, tzinfo=UTC) for day in (3, 9))
    >>> found = first_calls([Call("T1", 0.9, True, late), Call("T1", 0.6, False, early)])
    >>> [call.chance for call in found]
    [0.6]
    """
    found: dict[str, Call] = {}
    for call in sorted(calls, key=lambda c: c.at):
        found.setdefault(call.trap, call)
    return tuple(found.values())


def load(folder: Path) -> tuple[tuple[Call, ...], str]:
    """Return the calls of a workspace and a note on what could not be read, empty if all could."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(_MAX_BYTES))
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']}, this version reads {FORMAT}")
        return tuple(map(_call, raw["calls"])), ""
    except FileNotFoundError:
        return (), ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return (
            (),
            f"{path} could not be read ({error}). Its chances do not count; it stays.",
        )


def _call(raw: Any) -> Call:
    chance, at = float(raw["chance"]), datetime.fromisoformat(raw["at"])
    if not 0 <= chance <= 1:
        raise ValueError(f"chance is {chance:g}, needs 0 to 1")
    if not isinstance(raw["right"], bool):
        raise TypeError(f"right is {raw['right']!r}, needs true or false")
    return Call(str(raw["trap"]), chance, raw["right"], at if at.tzinfo else at.replace(tzinfo=UTC))


def save(more: Iterable[Call], folder: Path) -> Path:
    """Add calls to the file at once (a temporary file, then a rename) and return its path.

    Raises ``SkillMapError`` if what is there cannot be read: it is not written over.
    """
    path = folder / FILE
    before, problem = load(folder)
    if problem:
        raise SkillMapError(f"{problem} Rename it, then practice on.")
    calls = [
        {"trap": c.trap, "chance": c.chance, "right": c.right, "at": c.at.isoformat()}
        for c in (*before, *more)
    ]
    temporary = path.with_name(f".{FILE}.{os.getpid()}.tmp")
    text = json.dumps({"format": FORMAT, "calls": calls}, indent=1, sort_keys=True)
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)
    return path
