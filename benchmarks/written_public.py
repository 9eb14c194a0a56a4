"""The grader on human-graded public sets, beside a baseline of shared words.

Each question's reference stands in for a rubric of one criterion that nobody trained on. The
sets stay where they are: only figures are kept.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from grader.fit import kappa
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from skillmap.bank import Question
from skillmap.written.levels import calibration
from skillmap.written.scoring import look
from skillmap.written.words import content_words

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["measure"]

SETS = {"scientsbank": "macro-F1", "beetle": "macro-F1", "saf": "QWK by question"}
MOST = 500
"""Answers taken of a set's training split, and of its other splits each: every n-th."""


def measure(folder: Path) -> dict[str, Any]:
    """Return the figures of every set and split."""
    rows = []
    for name, kind in SETS.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as stream:
            answers = [json.loads(line) for line in stream]
        splits: dict[str, list[dict[str, Any]]] = {}
        for one in answers:
            splits.setdefault(one["split"], []).append(one)
        learn = next(split for split in splits if "train" in split)
        known = _taken(splits.pop(learn))
        for split, every in splits.items():
            some = _taken(every)
            figures = [
                _figure(kind, known, some, [f(a) for a in known], [f(a) for a in some])
                for f in (_ours, _shared)
            ]
            rows.append(
                {
                    "set": f"{name}, {split}",
                    "answers": len(some),
                    "measure": kind,
                    "grader": round(figures[0], 3),
                    "baseline": round(figures[1], 3),
                }
            )
    return {"version": calibration().version, "rows": rows}


def _taken(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return some[:: max(1, len(some) // MOST)][:MOST]


def _ours(one: dict[str, Any]) -> float:
    """The expected level as if on a question of the bank, over its span."""
    reference = (one["references"][0] or "-").ljust(8, ".")
    asked = Question.model_validate(
        {
            "id": "xx.q1".replace("xx", "ev"),
            "stars": 1,
            "text": one["question"].ljust(8, "."),
            "follow_ups": [],
            "criteria": [
                {
                    "id": "c1",
                    "name": "Answer",
                    "levels": [
                        "Wrong, or says something else.",
                        "Says a part of it.",
                        reference,
                    ],
                    "strong": reference,
                }
            ],
        }
    )
    found = look(asked, one["answer"])
    some, full = (1 / (1 + np.exp(-x)) for x in calibration().odds(found.kind[0], found.inputs[0]))
    return float(some + full)


def _shared(one: dict[str, Any]) -> float:
    """The share of the reference's words that the answer has."""
    mine = set(content_words(one["answer"]))
    best = 0.0
    for reference in one["references"]:
        theirs = set(content_words(reference))
        best = max(best, len(mine & theirs) / len(theirs) if theirs else 0.0)
    return best


def _figure(
    kind: str,
    known: list[dict[str, Any]],
    some: list[dict[str, Any]],
    learn: list[float],
    test: list[float],
) -> float:
    gold = np.asarray([a["score"] for a in some])
    if kind == "macro-F1":
        model = LogisticRegression(class_weight="balanced")
        model.fit(np.reshape(learn, (-1, 1)), [int(a["score"] >= 0.5) for a in known])
        return float(
            f1_score(gold >= 0.5, model.predict(np.reshape(test, (-1, 1))) == 1, average="macro")
        )
    graded = np.asarray([a["score"] for a in known])
    cuts = np.quantile(learn, [np.mean(graded < 0.34), np.mean(graded < 0.67)])
    found, levels = np.digitize(test, cuts), _thirds(gold)
    ids = np.asarray([a["question_id"] for a in some])
    return float(np.mean([kappa(levels[ids == i], found[ids == i]) for i in sorted(set(ids))]))


def _thirds(score: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.digitize(score, [0.34, 0.67])
