"""Choose two middling anchor answers for each question with a rubric; writes bank/anchors.yaml.

A question's anchors are four: the two worked answers of the bank and the two chosen here. Chosen
are answers on whose levels every reader agrees, never one of the dev or test split, about a third
and two thirds of the way up, with levels as unlike each other as there are.

Run: ``PYTHONPATH=.:course python -m grader.anchors``
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from grader.labelled import BORDERLINE, Labelled, load

from skillmap.bank import questions
from skillmap.ids import ModuleId
from skillmap.written.guards import guards

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGET = Path(__file__).parents[1] / "course" / "skillmap" / "bank" / "anchors.yaml"
SPLITS = ("train", "left out", "anchor")
WORDS = (35, 170)
PLACES = (0.38, 0.66)
"""Shares of the rubric's points that the two aim at."""


def agreed(one: Labelled) -> bool:
    """Whether the writer and every reader gave the same levels."""
    first, *others = one.levels.values()
    return all(levels == first for levels in others)


def fitting(answers: Sequence[Labelled], question: str, text: str) -> list[Labelled]:
    """Return the answers that may stand as anchors of ``question``."""
    found = [a for a in answers if a.question == question and a.split in SPLITS]
    return [
        a
        for a in found
        if agreed(a)
        and a.style != BORDERLINE
        and WORDS[0] <= len(a.text.split()) <= WORDS[1]
        and not guards(a.text, least=WORDS[0], question=text)
    ]


def spread(levels: Sequence[int]) -> int:
    """How many different levels there are."""
    return len(set(levels))


def chosen(answers: Sequence[Labelled], place: float, taken: Sequence[Labelled]) -> Labelled | None:
    """Return the answer nearest to ``place``, preferring mixed levels; of another family."""

    def key(one: Labelled) -> tuple[float, int, str]:
        levels = list(next(iter(one.levels.values())).values())
        return abs(sum(levels) / (2 * len(levels)) - place), -spread(levels), one.id

    families = {t.family for t in taken}
    return min((a for a in answers if a.family not in families), key=key, default=None)


def main() -> None:
    """Choose, say where a question has too few, and write the file at once."""
    answers, out = load(), {}
    for module in ModuleId:
        for q in questions(module):
            if not q.criteria:
                continue
            fit, picked = fitting(answers, q.id, q.text), []
            for place in PLACES:
                one = chosen(fit, place, picked)
                if one is None:
                    print(f"{q.id}: no answer near {place:.0%}")
                    continue
                picked.append(one)
            out[q.id] = [
                {
                    "answer": one.id,
                    "author": one.author,
                    "text": " ".join(one.text.split()),
                    "levels": dict(next(iter(one.levels.values()))),
                }
                for one in picked
            ]
    temporary = TARGET.with_suffix(".tmp")
    text = yaml.safe_dump(out, sort_keys=True, allow_unicode=True, width=100)
    head = "# Chosen by grader/anchors.py from grader/answers; a language model wrote them.\n"
    temporary.write_text(head + text, encoding="utf-8")
    temporary.replace(TARGET)


if __name__ == "__main__":
    main()
