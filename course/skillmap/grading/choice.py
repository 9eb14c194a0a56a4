"""Graders ``choice``, ``choices`` and ``ranking``: options by their keys."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from skillmap.grading.pieces import Graded, Piece, judged, main_part, part_name, read, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skillmap.answers import Answer
    from skillmap.grading.keys import ChoiceKey
    from skillmap.lessons.schema import Item, Part

__all__ = ["choice_piece", "choices_share", "grade", "ranking_share"]

_LOOKED_FOR = {
    "choice": "The option that follows from the numbers.",
    "choices": "All the options that hold and no other.",
    "ranking": "The order, best first.",
}


def grade(item: Item, key: ChoiceKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade an item that is one choice, several, or an order."""
    return Graded((choice_piece(item, key, main_part(item, key), answers, reference),))


def choice_piece(
    item: Item,
    key: ChoiceKey,
    part: Part | None,
    answers: Mapping[str, Answer],
    reference: Any,
) -> Piece:
    """Grade one part; the reference is an option or a list of options."""
    reading = read(part, answers)
    options = getattr(part.prompt, "options", {}) if part else {}
    right = [reference] if isinstance(reference, str) else [str(x) for x in reference]
    name = part_name(item, key, part)
    wanted = key.looked_for or _LOOKED_FOR[key.grader]
    joint = " or " if key.grader == "choice" else "; "
    secret = joint.join(options.get(x, x) for x in right)
    if not reading.given:
        return refused(name, key.weight, reading, wanted, secret)
    given = reading.value
    if key.grader == "choice":
        share = 1.0 if given in right else key.partial.get(given, 0.0)
        seen = options.get(given, given)
        advice = "Go back to your number: which option does it lead to?"
    elif key.grader == "choices":
        share = choices_share(given, right)
        seen = "; ".join(options.get(x, x) for x in given)
        advice = "Take the options one at a time and say for each what would change without it."
    else:
        share = ranking_share(given, right)
        seen = "; ".join(options.get(x, x) for x in given)
        advice = "Compare neighbors: for each pair ask which of the two comes first, and why."
    return judged(
        name,
        key.weight,
        share,
        seen=seen,
        looked_for=wanted,
        advice=key.advice or advice,
        key=secret,
    )


def choices_share(given: Sequence[str], right: Sequence[str]) -> float:
    """Share of the right options given; each wrong one takes one away.

    >>> choices_share(["a", "x"], ["a", "b"]), choices_share(["a"], ["a", "b"])
    (0.0, 0.5)
    """
    if not right:
        return float(not given)
    hits = len(set(given) & set(right))
    return max(0.0, (hits - len(set(given) - set(right))) / len(set(right)))


def ranking_share(given: Sequence[str], right: Sequence[str]) -> float:
    """Share of pairs in the right order, from chance (a half, worth 0) to all (worth 1).

    >>> ranking_share("abc", "abc"), ranking_share("bac", "abc"), ranking_share("cba", "abc")
    (1.0, 0.33333333333333326, 0.0)
    """
    place = {option: i for i, option in enumerate(given)}
    pairs = list(combinations(right, 2))
    good = sum(place.get(a, 10**6) < place.get(b, 10**6) for a, b in pairs)
    return max(0.0, 2 * good / len(pairs) - 1) if pairs else float(list(given) == list(right))
