"""Answers put together from sentences that were each written for one criterion at one level.

``sentences/<module>.jsonl`` holds them. A composed answer takes a level for each criterion by
chance and a sentence written for it, so that it is known which words carry which level; in
answers that somebody wrote whole, strong rows come together and hide one another. Composed
answers are for training alone: nothing is ever measured on them.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from grader.labelled import HERE, INTENT, Labelled, SentenceLine, sentences, triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

STYLE = "composed"
COMPOSED = 80
"""Answers composed for each question in the training of what is shipped."""
_SHARES = (0.32, 0.36, 0.32)
_ABSENT = 0.5
"""How often a criterion at level 0 has no sentence at all."""
_SHARED = 0.5


def usable(measured: Iterable[Labelled], folder: Path = HERE) -> list[SentenceLine]:
    """Return the sentences that no answer we measure on has more or less word for word.

    A sentence goes if half of its runs of three words stand in an answer of the dev, test or
    left-out split to the same question.
    """
    seen: dict[str, set[tuple[str, ...]]] = {}
    for answer in measured:
        if answer.split != "train":
            seen.setdefault(answer.question, set()).update(triples(answer.text))
    return [
        line
        for line in sentences(folder)
        if not (own := triples(line.text))
        or len(own & seen.get(line.question, set())) < _SHARED * len(own)
    ]


def composed(
    each: int, seed: int, measured: Iterable[Labelled] = (), folder: Path = HERE
) -> list[Labelled]:
    """Return ``each`` answers to every question that has sentences, the same for the same seed."""
    chance = random.Random(seed)
    pools: dict[str, dict[tuple[str, int], list[str]]] = {}
    for line in usable(measured, folder):
        pools.setdefault(line.question, {}).setdefault((line.criterion, line.level), []).append(
            line.text
        )
    found = []
    for id_, pool in sorted(pools.items()):
        criteria = sorted({criterion for criterion, _ in pool})
        for n in range(1, each + 1):
            levels = dict(
                zip(criteria, chance.choices(range(3), _SHARES, k=len(criteria)), strict=True)
            )
            parts = [
                chance.choice(pool[c, level])
                for c, level in levels.items()
                if level or chance.random() > _ABSENT
            ]
            if not parts:
                parts = [chance.choice(pool[criteria[0], 0])]
            found.append(
                Labelled(
                    id=f"{id_}-{STYLE}-{n:03}",
                    question=id_,
                    family=STYLE,
                    style=STYLE,
                    author="composed from sentences by a language model",
                    text=_typed(_ordered(parts, chance), chance),
                    levels={INTENT: levels},
                )
            )
    return found


def _ordered(parts: Sequence[str], chance: random.Random) -> list[str]:
    """Return the parts in the rubric's order, or in any other."""
    ordered = list(parts)
    if chance.random() < 0.5:
        chance.shuffle(ordered)
    return ordered


def _typed(parts: Iterable[str], chance: random.Random) -> str:
    """Return one text as people type: with or without capitals, paragraphs and full stops."""
    text = chance.choice((" ", " ", "\n", "\n\n")).join(
        part if part.endswith((".", "?", "!")) else part + "." for part in parts
    )
    return text.lower() if chance.random() < 0.15 else text
