"""The retrieval bench: what a setup of the index finds for the questions of this world.

Everything here is measured on the real text of the help center: which passages a search returns,
whether the marked sentences are in them, whether an outdated one comes first. Nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern.evidence import EvidenceTable, evidence_table
from skillmap.lantern.help_center import SEGMENTS, help_center
from skillmap.lantern.index import index_state
from skillmap.lantern.retrieval import (
    METHODS,
    IndexConfig,
    build_index,
    questions,
    rank_chunks,
    whole_corpus_tokens,
)
from skillmap.lantern.traffic import rates
from skillmap.lantern.world import parameters

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skillmap.lantern.world import World

__all__ = [
    "CHUNKS",
    "DAY_ZERO_SETUP",
    "GROUPS",
    "OVERLAPS",
    "WHOLE",
    "Measured",
    "Setup",
    "State",
    "measure",
    "setup_of",
    "state_of",
    "suspect",
    "table_of",
    "trace",
    "weights",
]

CHUNKS = (80, 160, 240, 400, 800)
OVERLAPS = {"none": 0.0, "quarter": 0.25, "half": 0.5}
WHOLE = 0
"""Words of a chunk in a setup that pastes the whole help center into every prompt."""
GROUPS = dict(
    zip(
        SEGMENTS,
        ("regulars", "leisure travelers", "visitors", "arrangers", "assisted travelers"),
        strict=True,
    )
)
_HALF = 0.5
"""Share of cases in which the outdated text is the one used, when a prompt holds both."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How text is cut, searched and put into the prompt. ``words`` 0 is the whole help center."""

    words: int = 400
    overlap: float = 0.0
    k: int = 4
    method: str = "fusion"
    glossary: bool = False
    dates: bool = False

    @property
    def config(self) -> IndexConfig:
        """The same for Lantern's index."""
        return IndexConfig(
            chunk_words=self.words,
            overlap=self.overlap,
            k=self.k,
            method=self.method,  # type: ignore[arg-type]
            glossary=self.glossary,
            date_filter=self.dates,
        )


DAY_ZERO_SETUP = Setup()
"""What Lantern launched with."""


@dataclass(frozen=True, slots=True)
class State:
    """What the index holds and who speaks in other words: all that a search depends on."""

    gap: str | None
    leftovers: tuple[str, ...]
    as_of: dt.date


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares by group (S1 to S5), weighed by what each group asks; tokens and passages by mean.

    ``found``: every needed sentence is in the prompt and no outdated one comes before it.
    ``outdated``: an outdated rule comes first. The rest is missed. ``beyond``: irrelevant
    passages beyond the third, a question.
    """

    found: tuple[float, ...]
    outdated: tuple[float, ...]
    beyond: float
    tokens: float

    @property
    def missed(self) -> tuple[float, ...]:
        """Neither found nor outdated."""
        return tuple(1 - f - o for f, o in zip(self.found, self.outdated, strict=True))


def suspect(world: int) -> str:
    """Return the group whose answers look worse in the pilot labels: S3, S4 or S5.

    >>> suspect(10)
    'S3'
    """
    return parameters(world).pilot.segment


def bench_day(world: World) -> int:
    """Return the day of the bench: exposure is complete, the edit is behind, no alias has moved."""
    c = world.calendar
    return min(c.alias_move - 1, c.policy_edit + c.cleanup_days + 1)


def state_of(world: int) -> State:
    """Return what the index holds on the day of the bench."""
    w = parameters(world)
    as_of, leftovers = index_state(w, bench_day(w))
    gap = w.weakness.segment if w.weakness.mechanism == "vocabulary gap" else None
    return State(gap, leftovers, as_of)


@lru_cache(maxsize=16)
def weights(world: int) -> NDArray[np.float64]:
    """Return how often each of 640 phrasings is asked, within its group: rows intents, columns 10.

    >>> weights(10)[:, 4:6].sum().round(6).item()
    1.0
    """
    w = parameters(world)
    flow = rates(w, bench_day(w))[0].reshape(5, 64, 2)
    made = (flow / flow.sum(axis=(1, 2), keepdims=True)).transpose(1, 0, 2).reshape(64, 10)
    made.setflags(write=False)
    return np.asarray(made, dtype=np.float64)


def table_of(state: State, setup: Setup) -> EvidenceTable:
    """Return the evidence table of a setup; the library keeps the last 256."""
    return evidence_table(
        setup.config, vocabulary_gap=state.gap, leftovers=state.leftovers, as_of=state.as_of
    )


@lru_cache(maxsize=2048)
def _columns(state: State, setup: Setup) -> tuple[NDArray[Any], ...]:
    """Return what is measured for 640 phrasings, 3 kB: found, outdated, passages too many, tokens.

    Worlds share a handful of states of the index, so a cohort's setups are searched once.
    """
    table = table_of(state, setup)
    return (
        table.found & ~table.stale,
        table.stale,
        np.maximum(table.irrelevant - 3, 0).astype(np.int8),
        table.tokens.astype(np.int32),
    )


@lru_cache(maxsize=4096)
def measure(world: int, setup: Setup) -> Measured:
    """Measure a setup on all 640 phrasings.

    >>> m = measure(10, Setup())
    >>> 0.8 < m.found[0] < 1.0, sum(m.outdated)
    (True, 0.0)
    """
    state, asked = state_of(world), weights(world)
    shares = np.array([s.share for s in parameters(world).segments])
    if setup.words == WHOLE:
        late = _versioned(state.leftovers)[:, None] * np.ones(10) * (0 if setup.dates else _HALF)
        outdated = _by_group(late * asked)
        tokens = float(whole_corpus_tokens(state.as_of, state.leftovers))
        return Measured(tuple(1 - x for x in outdated), outdated, 0.0, tokens)
    is_found, is_old, too_many, tokens_read = _columns(state, setup)
    found, outdated = _by_group(is_found * asked), _by_group(is_old * asked)
    beyond, used = _by_group(too_many * asked), _by_group(tokens_read * asked)
    return Measured(found, outdated, float(np.dot(beyond, shares)), float(np.dot(used, shares)))


def _by_group(values: NDArray[Any]) -> tuple[float, ...]:
    """Add up over intents and the two phrasings of each group."""
    return tuple(float(x) for x in values.sum(axis=0).reshape(5, 2).sum(axis=1))


@lru_cache(maxsize=8)
def _versioned(leftovers: tuple[str, ...]) -> NDArray[np.bool_]:
    """Flag the intents that an outdated article in the index would answer differently."""
    center = help_center()
    return np.array(
        [
            any(
                article in leftovers
                and mark in center.older[article].marked
                and center.older[article].marked[mark] != center.by_id[article].marked[mark]
                for alternatives in intent.evidence
                for article, mark in alternatives
            )
            for intent in center.intents
        ]
    )


def setup_of(table: Any) -> Setup | None:
    """Read a setup from a saved table of one row; ``None`` if it is incomplete or out of range.

    >>> setup_of([{"row": "index", "words": "400", "overlap": "none", "k": 4.0,
    ...            "method": "fusion", "glossary": "no", "dates": "no"}]) == Setup()
    True
    """
    if not isinstance(table, list) or not table or not isinstance(table[0], dict):
        return None
    row = table[0]
    words, k = str(row.get("words", "")), row.get("k")
    switches = {"yes": True, "no": False}
    glossary, dates = switches.get(str(row.get("glossary"))), switches.get(str(row.get("dates")))
    if glossary is None or dates is None:
        return None
    if words == "whole":
        return Setup(words=WHOLE, glossary=glossary, dates=dates)
    known = words in map(str, CHUNKS) and row.get("overlap") in OVERLAPS
    if not known or row.get("method") not in METHODS:
        return None
    if isinstance(k, bool) or not isinstance(k, int | float) or not 1 <= k <= 12 or k % 1:
        return None
    return Setup(int(words), OVERLAPS[row["overlap"]], int(k), str(row["method"]), glossary, dates)


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage in the prompt. ``holds`` is ``yes``, ``outdated`` or ``no``.

    ``sentences`` are those of the evidence that it holds, in the passage's own version.
    """

    rank: int
    article: str
    title: str
    since: dt.date
    text: str
    holds: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """One question from the words a person typed to the passages in the prompt."""

    intent: int
    column: int
    group: str
    question: str
    rank: int
    passages: tuple[Passage, ...]
    evidence: tuple[tuple[str, str], ...]

    @property
    def state(self) -> str:
        """``found``, ``outdated`` or ``missed`` within the first four passages."""
        if not self.rank or self.rank > len(self.passages):
            old = any(p.holds == "outdated" for p in self.passages)
            return "outdated" if old else "missed"
        before = any(p.holds == "outdated" for p in self.passages[: self.rank - 1])
        return "outdated" if before else "found"


def trace(world: int, intent: int, column: int, setup: Setup = DAY_ZERO_SETUP) -> Trace:
    """Follow one phrasing through a setup: what was found at which rank, and what was needed.

    >>> t = trace(10, 0, 4)
    >>> len(t.passages), t.group
    (4, 'S3')
    """
    state = state_of(world)
    index = build_index(setup.words, setup.overlap, state.as_of, state.leftovers)
    order = rank_chunks(replace(setup.config, k=1), state.gap, state.as_of, state.leftovers)
    wanted = help_center().intents[intent].evidence
    needed = {pair for alternatives in wanted for pair in alternatives}
    current = {c.article.id: c.article for c in index.chunks if c.in_force}
    found = []
    for place, number in enumerate(order[10 * intent + column][: setup.k], start=1):
        chunk = index.chunks[int(number)]
        marks = [mark for mark in chunk.marks if (chunk.article.id, mark) in needed]
        old = not chunk.in_force and any(
            chunk.article.marked[m] != current[chunk.article.id].marked.get(m) for m in marks
        )
        holds = "outdated" if old else "yes" if marks and chunk.in_force else "no"
        a = chunk.article
        said = tuple(a.marked[mark] for mark in sorted(marks))
        found.append(Passage(place, a.id, a.title, a.since, chunk.text, holds, said))
    table = table_of(state, setup)
    return Trace(
        intent,
        column,
        SEGMENTS[column // 2],
        questions(state.gap)[10 * intent + column],
        int(table.rank[intent, column]),
        tuple(found),
        tuple(
            (current[article].title, current[article].marked.get(mark, ""))
            for alternatives in wanted
            for article, mark in alternatives[:1]
        ),
    )


def as_row(setup: Setup) -> dict[str, Any]:
    """Return the row that a learner would save for a setup; the inverse of :func:`setup_of`."""
    overlap: Mapping[float, str] = {share: name for name, share in OVERLAPS.items()}
    return {
        "row": "index",
        "words": "whole" if setup.words == WHOLE else str(setup.words),
        "overlap": overlap[setup.overlap],
        "k": float(setup.k),
        "method": setup.method,
        "glossary": "yes" if setup.glossary else "no",
        "dates": "yes" if setup.dates else "no",
    }
