"""Precedents: what a person gave to a sentence much like this one, shown before they decide.

A person's own readings are the exemplars that keep them consistent. They are shown and change no
proposal: points that nobody has read must not depend on which answers were read before.

On 381 criteria of 108 labeled answers (written and labeled by a language model) 13 had a precedent
in an answer built on another idea, and all 13 the same level (``benchmarks/precedents.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.written.encoder import encoder
from skillmap.written.words import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skillmap.cohort.review import Queued, Rung
    from skillmap.cohort.review_schema import ExemplarIn

__all__ = ["Precedent", "alike", "precedent"]

_MOST = 40
"""The latest readings of a question that are looked at."""
_NEAR = {True: 0.8, False: 0.5}
"""From where two sentences count as alike: cosine of their vectors; without the encoder, the share
of the words that either has which both have."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """A sentence that a person read, the level they gave on this criterion, and when."""

    level: int
    text: str
    at: str
    likeness: float

    def told(self, proposed: int | None) -> str:
        """Say it in a line; a level other than the proposed one is pointed out."""
        other = "" if proposed in (None, self.level) else ", not the proposed level"
        text = " ".join(self.text.split())
        shown = text if len(text) <= 160 else f"{text[:160]}…"
        return f"Read before as level {self.level}{other} ({self.at[:10]}): “{shown}”"


def precedent(answer: Queued, rung: Rung, readings: Iterable[ExemplarIn]) -> Precedent | None:
    """Return the nearest sentence that spoke for this criterion in an answer read before."""
    own = [answer.text[start:end] for start, end in rung.evidence]
    known = [
        (exemplar.levels[rung.id], exemplar.text[place.start : place.end], exemplar.at)
        for exemplar in list(readings)[-_MOST:]
        if exemplar.question == answer.question
        and exemplar.answer != answer.id
        and rung.id in exemplar.levels
        for place in exemplar.evidence.get(rung.id, ())
    ]
    if not own or not known:
        return None
    likeness, near = alike(own, [text for _, text, _ in known])
    best = int(likeness.argmax())
    if likeness[best] < near:
        return None
    level, text, at = known[best]
    return Precedent(level, text, at, float(likeness[best]))


def alike(own: Sequence[str], others: Sequence[str]) -> tuple[Any, float]:
    """Return how alike each of ``others`` is to the nearest of ``own``, and from where it counts.

    >>> found, near = alike(["We pay per call."], ["We pay per call.", "Dogs bark."])
    >>> bool(found[0] >= near), bool(found[1] >= near)
    (True, False)
    """
    if encoder() is not None:
        with np.errstate(all="ignore"):  # some builds of BLAS raise flags on sums that are sound
            sums = np.stack([_vector(t) for t in others]) @ np.stack([_vector(t) for t in own]).T
        return sums.max(axis=1), _NEAR[True]
    bags = [frozenset(content_words(text)) for text in own]
    shares = [
        max(len(bag & words) / max(1, len(bag | words)) for bag in bags)
        for words in (frozenset(content_words(text)) for text in others)
    ]
    return np.asarray(shares), _NEAR[False]


@lru_cache(maxsize=2_000)
def _vector(text: str) -> Any:
    reader = encoder()
    assert reader is not None
    return reader.texts([text])[0]
