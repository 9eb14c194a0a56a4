"""Written answers that are near-copies of each other.

Two answers of the same item share few runs of five words unless one was made from the other:
the question's own words aside, independent answers of this course share almost none.

>>> a = "The slide is on one group, so I would hold that group back and look at forty of its misses"
>>> b = "the slide is on one group, so i'd hold that group back and look at forty of its misses."
>>> pair, = near_copies("ex.q5", {"ada": a, "bob": b, "eve": "Roll back, then read the logs"})
>>> pair.one, pair.other, pair.share, pair.passage
('ada', 'bob', 0.67, 'hold that group back and look at forty of its misses')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Pair", "near_copies"]

RUN = 5
"""Words in a run. Broder, On the resemblance and containment of documents, 1997, calls them
shingles."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two learners whose answers overlap.

    ``share`` is the part of the shorter answer's runs of five words that the longer one has too
    (containment), 0 to 1; ``passage`` the longest stretch of words they have in common.
    """

    item: str
    one: str
    other: str
    share: float
    passage: str


def near_copies(
    item: str, texts: Mapping[str, str], *, least: float = 0.3, words: int = 12
) -> list[Pair]:
    """Return the pairs of learners whose answers share at least ``least`` of their runs.

    ``texts`` are the answers to ``item`` by learner; those of fewer than ``words`` words are
    left out. What is asked of everybody in the same words counts for nobody: a run that more than
    a third of at least six answers have is not counted.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    split = {who: _words(text) for who, text in texts.items()}
    people = sorted(who for who, found in split.items() if len(found) >= words)
    if len(people) < 2:
        return []
    counter = CountVectorizer(
        analyzer=lambda who: [" ".join(run) for run in _runs(split[who])], binary=True
    )
    table = csr_matrix(counter.fit_transform(people), dtype=float)
    if len(people) >= 6:
        common = np.asarray(table.sum(axis=0)).ravel()
        table = table[:, common <= max(2, len(people) / 3)]
    sizes = np.asarray(table.sum(axis=1)).ravel()
    shared = (table @ table.T).tocoo()
    found = []
    for a, b, both in zip(shared.row, shared.col, shared.data, strict=True):
        if a >= b or not min(sizes[a], sizes[b]):
            continue
        share = both / min(sizes[a], sizes[b])
        if share >= least:
            one, other = people[a], people[b]
            passage = _longest(split[one], split[other])
            found.append(Pair(item, one, other, round(float(share), 2), passage))
    return sorted(found, key=lambda pair: (-pair.share, pair.one, pair.other))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'’%.]*\w", text.casefold())


def _runs(words: list[str]) -> list[list[str]]:
    return [words[i : i + RUN] for i in range(len(words) - RUN + 1)]


def _longest(one: list[str], other: list[str]) -> str:
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    match = matcher.find_longest_match()
    return " ".join(one[match.a : match.a + match.size])
