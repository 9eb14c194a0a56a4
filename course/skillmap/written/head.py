"""From vectors to levels: the trained head in NumPy, the same sums as ``grader/model.py``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.written.rubric import criterion_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skillmap.written.rubric import RubricCriterion

    Floats = NDArray[np.float32]

__all__ = ["Head", "Raw", "fingerprint", "head"]


@dataclass(frozen=True, slots=True)
class Raw:
    """What the head says of one criterion.

    ``odds`` are the log odds of level 1 or more and of level 2; ``weights`` say how much each
    sentence counted; ``known`` is whether this very rubric row was trained on.
    """

    odds: tuple[float, float]
    weights: Floats
    known: bool


def fingerprint(question: str, criterion: RubricCriterion) -> str:
    """Name a rubric row by its question, its id and its texts: a reworded row is a new one.

    >>> from skillmap.bank import question
    >>> fingerprint("es.q2", question("es.q2").criteria[0]).startswith("es.q2/c1/")
    True
    """
    texts = "\n".join(criterion_texts(criterion))
    digest = blake2b(texts.encode("utf-8"), digest_size=6).hexdigest()
    return f"{question}/{criterion.id}/{digest}"


class Head:
    """The weights of ``head.npz``; ``rows`` are the fingerprints of the criteria in training."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self._w = {
            name: np.asarray(weights[name], dtype=np.float32)
            for name in ("mix", "heat", "up", "up0", "down", "down0", "query", "own", "base")
        }
        self._rows = {str(name): n for n, name in enumerate(weights["rows"])}

    def knows(self, row: str) -> bool:
        """Whether a criterion with this fingerprint was trained on."""
        return row in self._rows

    def level(self, parts: Floats, texts: Floats, row: str) -> Raw:
        """Judge one criterion: ``parts`` (sentences, 384) against its ``texts`` (5, 384)."""
        w, n = self._w, self._rows.get(row)
        cosines = parts @ texts.T
        pull = math.exp(float(w["heat"])) * (cosines @ w["mix"])
        if n is not None:
            pull = pull + parts @ w["query"][n]
        pull = np.exp(pull - pull.max())
        weights = pull / pull.sum()
        evidence = weights @ parts
        length = min(3.0, len(parts) / 10.0)
        x = np.concatenate(
            [
                evidence * texts[2] * 10,
                evidence * texts[3] * 10,
                evidence * (texts[3] - texts[4]) * 10,
                evidence * 3,
                cosines.max(axis=0),
                cosines.mean(axis=0),
                texts @ evidence,
                [length, math.log1p(length)],
            ]
        )
        odds = w["down"] @ _gelu(w["up"] @ x + w["up0"]) + w["down0"]
        if n is not None:
            whole = parts.mean(axis=0)
            odds = odds + w["own"][n] @ np.concatenate([evidence, whole]) * 3 + w["base"][n]
        return Raw((float(odds[0]), float(odds[1])), weights, n is not None)


def _gelu(x: Floats) -> Floats:
    erf = np.asarray([math.erf(float(value) / math.sqrt(2.0)) for value in x], dtype=np.float32)
    value: Floats = x * 0.5 * (1.0 + erf)
    return value


@cache
def head() -> Head | None:
    """Return the head that is shipped, or ``None`` where it is missing."""
    source = files("skillmap.written").joinpath("data", "head.npz")
    if not source.is_file():
        return None
    with source.open("rb") as stream, np.load(stream, allow_pickle=False) as weights:
        return Head(weights)
