"""Measures that need no model: how the answer's words meet the rubric's."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from skillmap.written.levels import calibration
from skillmap.written.rubric import criterion_texts
from skillmap.written.words import content_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skillmap.written.rubric import RubricCriterion
    from skillmap.written.words import Sentence

__all__ = ["MEASURES", "Lexical", "measures"]

MEASURES = (
    "nearest to level 0",
    "nearest to level 1",
    "nearest to level 2",
    "nearest to strong",
    "nearest to weak",
    "covers level 2",
    "covers strong",
    "words, log",
    "sentences, log",
    "numbers, log",
    "reasons, log",
    "bias",
)
"""What ``measures`` returns, in order."""

_REASONS = ("because", " so ", "since", " if ", "therefore", "which means", "unless", "would ")


class Lexical:
    """One answer's words, counted once for all criteria."""

    def __init__(self, text: str, parts: Sequence[Sentence]) -> None:
        self.bags = [_weighed(content_words(part.text)) for part in parts] or [{}]
        self.words = frozenset(content_words(text))
        low = f" {text.casefold()} "
        self.shape = (
            math.log1p(len(text.split())),
            math.log1p(len(parts)),
            math.log1p(sum(char.isdigit() for char in text)),
            math.log1p(sum(low.count(word) for word in _REASONS)),
        )


def measures(answer: Lexical, criterion: RubricCriterion) -> NDArray[np.float64]:
    """Return the measures of one criterion, in the order of ``MEASURES``."""
    texts = [content_words(text) for text in criterion_texts(criterion)]
    bags = [_weighed(words) for words in texts]
    nearest = [max(_cosine(part, bag) for part in answer.bags) for bag in bags]
    covered = [_covered(bags[n], answer.words) for n in (2, 3)]
    return np.asarray([*nearest, *covered, *answer.shape, 1.0])


def nearest(answer: Lexical, criterion: RubricCriterion) -> list[float]:
    """Return each sentence's likeness to what level 2 asks for, for evidence."""
    wanted = [_weighed(content_words(text)) for text in criterion_texts(criterion)[2:4]]
    return [max(_cosine(part, bag) for bag in wanted) for part in answer.bags]


def _weighed(words: Sequence[str]) -> dict[str, float]:
    rarity = calibration().rarity
    most = math.log(len(rarity) + 1.0)
    return {w: n * rarity.get(w, most) for w, n in Counter(words).items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = sum(weight * other[word] for word, weight in one.items() if word in other)
    if not dot:
        return 0.0
    return dot / math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))


def _covered(wanted: Mapping[str, float], given: frozenset[str]) -> float:
    total = sum(wanted.values())
    return sum(w for word, w in wanted.items() if word in given) / total if total else 0.0
