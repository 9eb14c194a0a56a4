"""Calibrate the trained grader, and say from which confidence a criterion settles alone.

Needs no torch: it runs what ``skillmap.written`` ships over the labelled answers.

    python -m grader.fit
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from grader.labelled import HERE, Labelled, load, near_duplicates, training
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from skillmap.bank import question, questions
from skillmap.ids import ModuleId
from skillmap.stats import wilson_interval
from skillmap.written import scoring
from skillmap.written.head import fingerprint
from skillmap.written.levels import judge
from skillmap.written.rubric import criterion_texts
from skillmap.written.words import content_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

DATA = HERE.parent / "course" / "skillmap" / "written" / "data"
PROMISED = 0.85
"""Exact agreement that a settled criterion has; measured on test, or nothing settles."""
WANTED = 0.89
"""What is asked for on dev, where the bar is picked: the promise and four points to spare.

Dev has picked the epoch as well, so it is kind: with two points to spare the test split came to
0.851, which is the promise and no more.
"""
NEVER = 9.0
LEAST_COUNT = 40
"""Fewer settled levels than this prove nothing."""
TRUST = 0.6
"""How much of its log odds counts for the confidence on a question that nobody trained on."""


@dataclass(frozen=True)
class Row:
    """One criterion of one answer: the measures, and what readers said."""

    answer: Labelled
    criterion: str
    inputs: tuple[float, ...]
    gold: int
    reached: tuple[float, float]


def kappa(gold: ArrayLike, found: ArrayLike) -> float:
    """Quadratic weighted kappa; 0 where one side never varies.

    With squared weights it is Lin's concordance: one less the mean square of the differences
    over what it would be by chance (Fleiss and Cohen 1973).

    >>> round(kappa([0, 1, 2, 2], [0, 1, 1, 2]), 4)
    0.8
    """
    x, y = np.asarray(gold, dtype=float), np.asarray(found, dtype=float)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    chance = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    return float(1.0 - np.mean((x - y) ** 2) / chance)


def rows(answers: Sequence[Labelled], kind: str) -> list[Row]:
    """Measure answers; ``kind`` is ``known``, ``new`` or ``lexical``."""
    found = []
    for answer in answers:
        asked = question(answer.question)
        seen = scoring.look(asked, answer.text, as_new=kind == "new", lexical=kind == "lexical")
        found += [
            Row(answer, c.id, inputs, answer.gold(c.id), answer.reached(c.id))
            for c, inputs in zip(asked.criteria, seen.inputs, strict=True)
        ]
    return found


def fit(learn: Sequence[Row], strength: float) -> list[list[float]]:
    """Return weights for the log odds of level 1 or more, and of level 2.

    The inputs are put on one scale first; the weights returned are for inputs as they are. The
    input that is 1 throughout carries the constant.
    """
    x = np.asarray([row.inputs for row in learn])
    scale = np.maximum(x.std(axis=0), 1e-6)
    constant = x.shape[1] - 1 if np.ptp(x[:, -1]) == 0 else int(np.argmin(x.std(axis=0)))
    middle = x.mean(axis=0)
    z = (x - middle) / scale
    z[:, constant] = 0.0
    found = []
    for n in (0, 1):
        share = np.asarray([row.reached[n] for row in learn])
        model = LogisticRegression(C=strength, max_iter=2_000)
        model.fit(
            np.concatenate([z, z]),
            np.repeat([1, 0], len(z)),
            sample_weight=np.concatenate([share, 1 - share]) + 1e-9,
        )
        w = model.coef_[0] / scale
        w[constant] = 0.0
        w[constant] = model.intercept_[0] - float(w @ middle)
        found.append([round(float(value), 6) for value in w])
    return found


def apply(weights: Sequence[Sequence[float]], some: Sequence[Row]) -> list[tuple[int, float]]:
    """Return level and confidence for each row."""
    x = np.asarray([row.inputs for row in some])
    odds: NDArray[np.float64] = x @ np.asarray(weights).T
    judged = [judge((float(a), float(b))) for a, b in odds]
    return [(one.level, one.confidence) for one in judged]


def crossed(some: Sequence[Row], strength: float, folds: int = 5) -> list[tuple[int, float]]:
    """Return level and confidence of rows whose families were not fitted on."""
    groups = [row.answer.family for row in some]
    found: list[tuple[int, float]] = [(0, 0.0)] * len(some)
    for learn, held in GroupKFold(folds).split(groups, groups=groups):
        weights = fit([some[n] for n in learn], strength)
        for n, got in zip(held, apply(weights, [some[n] for n in held]), strict=True):
            found[n] = got
    return found


def bar(some: Sequence[Row], got: Sequence[tuple[int, float]]) -> tuple[float, float, float]:
    """Return the lowest confidence whose rows agree often enough, their agreement and share.

    The agreement above the bar, and the lower end of its 80 percent interval less two points,
    must reach ``WANTED``: a bar found on few rows would be luck.
    """
    order = sorted(range(len(some)), key=lambda n: -got[n][1])
    right, best = 0, (NEVER, 0.0, 0.0)
    for count, n in enumerate(order, start=1):
        right += got[n][0] == some[n].gold
        low, _ = wilson_interval(right, count, 0.8)
        if count >= LEAST_COUNT and right / count >= WANTED and low >= WANTED - 0.02:
            best = (round(got[n][1], 4), right / count, count / len(some))
    return best


def main() -> None:
    """Write ``calibration.json`` beside the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE)
    parser.add_argument("--out", type=Path, default=DATA / "calibration.json")
    parser.add_argument("--strength", type=float, default=1.0)
    options = parser.parse_args()
    answers = load(options.data)
    wanted = set(training(answers, near_duplicates(answers)))
    learn = [a for a in answers if a.id in wanted]
    dev = [a for a in answers if a.split == "dev"]
    rates = _rates(learn)
    base = {"rates": rates, "rarity": rarity(), "trust": {"new": TRUST}}
    _write(options.out, {"weights": {}, "bars": {}, "off_topic": 0.0, **base})
    weights, bars = {}, {}
    for kind in ("known", "new"):
        here = rows(dev, kind)
        got = crossed(here, options.strength)
        weights[kind] = fit(here, options.strength)
        exact = np.mean([g[0] == r.gold for g, r in zip(got, here, strict=True)])
        print(f"{kind}: {len(here)} levels, exact {exact:.3f} on families held out of the fit")
        if kind == "known":
            bars[kind], agreed, share = bar(here, got)
            print(f"settles from {bars[kind]}: agreement {agreed:.3f} on {share:.1%}")
    test = rows([a for a in answers if a.split == "test"], "known")
    alone = [
        (row, level)
        for row, (level, sure) in zip(test, apply(weights["known"], test), strict=True)
        if sure >= bars["known"]
    ]
    agreed = float(np.mean([row.gold == level for row, level in alone])) if alone else 0.0
    print(f"test: {len(alone)} of {len(test)} levels settle, agreement {agreed:.3f}")
    if agreed < PROMISED:
        print("that is below the promise: nothing settles alone")
        bars["known"] = NEVER
    # inputs of a new question: two odds, the measures; of the fallback: the measures, two rates
    weights["lexical"] = fit(rows(learn, "lexical"), 1.0)
    weights["new"] = [
        [round((w + v) / 2, 6) for w, v in zip(row, [0.0, 0.0, *words[:-2]], strict=True)]
        for row, words in zip(weights["new"], weights["lexical"], strict=True)
    ]
    near = [scoring.look(question(a.question), a.text).nearness for a in (*learn, *dev)]
    off_topic = round(float(np.quantile(near, 0.01)), 3)
    print(f"off topic below {off_topic}")
    _write(options.out, {"weights": weights, "bars": bars, "off_topic": off_topic, **base})


def rarity() -> dict[str, float]:
    """Return the log of how rare a word is among the bank's rubric rows."""
    seen: Counter[str] = Counter()
    count = 0
    for module in ModuleId:
        for asked in questions(module):
            for criterion in asked.criteria:
                count += 1
                seen.update(set(content_words(" ".join(criterion_texts(criterion)))))
    return {word: round(math.log((count + 1) / (n + 0.5)), 3) for word, n in sorted(seen.items())}


def _rates(learn: Sequence[Labelled]) -> dict[str, tuple[float, float]]:
    """The shares of answers in training that reached level 1 and level 2, by rubric row."""
    shares: dict[str, list[tuple[float, float]]] = {}
    for answer in learn:
        for c in question(answer.question).criteria:
            shares.setdefault(fingerprint(answer.question, c), []).append(answer.reached(c.id))
    return {
        row: (
            round((sum(a for a, _ in got) + 1) / (len(got) + 2), 3),
            round((sum(b for _, b in got) + 1) / (len(got) + 2), 3),
        )
        for row, got in sorted(shares.items())
    }


def _write(path: Path, data: dict[str, object]) -> None:
    digest = blake2b(digest_size=5)
    for name in ("model.onnx", "head.npz"):
        if path.with_name(name).is_file():
            digest.update(path.with_name(name).read_bytes())
    digest.update(json.dumps(data, sort_keys=True).encode())
    body = {"version": f"1+{digest.hexdigest()}", **data}
    scratch = path.with_suffix(".part")
    scratch.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    scratch.replace(path)
    scoring.calibration.cache_clear()


if __name__ == "__main__":
    main()
