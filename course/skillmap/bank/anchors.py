"""Four answers to a question with their levels, for a learner to grade before their own.

Two are the worked answers of the bank, two were chosen from the labeled set by
``grader/anchors.py``; a language model wrote and leveled all of them.
"""

from __future__ import annotations

import random
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter, ValidationError

from skillmap import yaml_text
from skillmap.bank import Level, Question, _Authored, question
from skillmap.errors import AuthoringError, Fault, UnknownItemError

__all__ = ["Anchor", "anchor_questions", "anchors"]

_SOURCE = "anchors.yaml"


class Anchor(_Authored):
    """An answer and its level by criterion. ``answer`` is its id in the labeled set, if any."""

    text: str
    levels: dict[str, Level]
    answer: str = ""
    author: str = ""


@cache
def _middling() -> dict[str, tuple[Anchor, ...]]:
    raw: Any = yaml_text.load(files("skillmap.bank").joinpath(_SOURCE).read_text(encoding="utf-8"))
    try:
        return TypeAdapter(dict[str, tuple[Anchor, ...]]).validate_python(raw)
    except ValidationError as error:
        raise AuthoringError(
            [
                Fault(f"bank/{_SOURCE} {'.'.join(map(str, one['loc']))}", one["msg"])
                for one in error.errors()
            ]
        ) from error


def anchor_questions() -> tuple[str, ...]:
    """Return the ids of the questions that have anchors."""
    return tuple(_middling())


def anchors(id_: str, seed: int | str = 0) -> tuple[Question, tuple[Anchor, ...]]:
    """Return a question and its four anchors, in an order that ``seed`` decides.

    Raises ``UnknownItemError`` for a question without a rubric.

    >>> found, four = anchors("ps.q2")
    >>> len(four), sorted({level for one in four for level in one.levels.values()})
    (4, [0, 1, 2])
    """
    if id_ not in _middling():
        known = ", ".join(anchor_questions())
        raise UnknownItemError(f"{id_!r:.60}", "has no anchors", f"These have: {known}.")
    found = question(id_)
    worked = (found.worked_weak, found.worked_strong)
    four = [
        *(Anchor(text=one.text, levels=one.levels) for one in worked if one is not None),
        *_middling()[id_],
    ]
    random.Random(f"{seed}/{id_}").shuffle(four)
    return found, tuple(four)
