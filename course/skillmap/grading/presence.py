"""Grader ``presence``: a short text that is credited for being there, with its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.grading.pieces import Graded, Piece, judged, main_part, part_name, read, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import PresenceKey
    from skillmap.lessons.schema import Item, Part

__all__ = ["grade", "presence_piece"]


def grade(item: Item, key: PresenceKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade an item that is one short text."""
    return Graded((presence_piece(item, key, main_part(item, key), answers),))


def presence_piece(
    item: Item, key: PresenceKey, part: Part | None, answers: Mapping[str, Answer]
) -> Piece:
    """Credit enough different words, and a figure where one was asked for."""
    reading = read(part, answers)
    name = part_name(item, key, part)
    figure = " with a number in it" if key.number else ""
    wanted = key.looked_for or f"A sentence of {key.words} words or more{figure}."
    if not reading.given:
        return refused(name, key.weight, reading, wanted)
    words = {word.strip(".,;:!?\"'()").casefold() for word in str(reading.value).split()}
    words.discard("")
    long_enough = len(words) >= key.words
    numbered = not key.number or any(letter.isdigit() for letter in str(reading.value))
    share = (long_enough + numbered) / 2 if long_enough or key.number else 0.0
    if not long_enough and len(words) < 3:
        share = 0.0
    advice = key.advice or ("Name the number." if long_enough else "Say it in a full sentence.")
    return judged(name, key.weight, share, seen=reading.seen, looked_for=wanted, advice=advice)
