"""How often ``skillmap review`` finds a precedent, and whether it got the same level.

Answers and levels are those of ``grader/``: a language model wrote and labeled them. An answer's
evidence is compared with that of answers to the same question built on other ideas (families).

    PYTHONPATH=. python -m benchmarks.precedents            # some seconds
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skillmap.bank import question
from skillmap.cohort.review_near import alike
from skillmap.written import score

FOLDER = Path(__file__).parents[1] / "grader"
QUESTIONS = (("estimation", "es.q2"), ("evals", "ev.q1"), ("product-sense", "ps.q5"))
MOST = 36
"""Answers to each question."""


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measure(module: str, name: str) -> tuple[int, int, int, int]:
    """Return criteria with evidence, those with a precedent, same levels, levels two apart."""
    levels = {
        row["id"]: row["levels"] for row in rows(FOLDER / "labels/intent" / f"{module}.jsonl")
    }
    answers = [r for r in rows(FOLDER / "answers" / f"{module}.jsonl") if r["question"] == name]
    read = []
    for answer in [a for a in answers if a["id"] in levels][:MOST]:
        found = score(question(name), answer["text"])
        sentences = {c.id: [e.text for e in c.evidence] for c in found.criteria}
        read.append((levels[answer["id"]], answer["family"], sentences))
    asked = near = same = far = 0
    for own_levels, family, sentences in read:
        for criterion, own in sentences.items():
            others = [
                (text, given[criterion])
                for given, other, said in read
                if other != family
                for text in said[criterion]
            ]
            if not own or not others:
                continue
            asked += 1
            likeness, bar = alike(own, [text for text, _ in others])
            best = int(likeness.argmax())
            if likeness[best] >= bar:
                gap = abs(own_levels[criterion] - others[best][1])
                near, same, far = near + 1, same + (gap == 0), far + (gap == 2)
    return asked, near, same, far


def main() -> None:
    """Print a line for each question."""
    print("question   criteria  precedent  same level  two apart")
    for module, name in QUESTIONS:
        asked, near, same, far = measure(module, name)
        print(f"{name:10} {asked:8} {near:10} {same:11} {far:10}")


if __name__ == "__main__":
    main()
