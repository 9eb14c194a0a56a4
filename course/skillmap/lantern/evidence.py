"""What the search found, measured against the marked sentences.

A question is *found* if every sentence it needs is whole inside one of the first ``k`` chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.help_center import SEGMENTS, help_center
from skillmap.lantern.retrieval import (
    DEPTH,
    TODAY,
    IndexConfig,
    build_index,
    rank_chunks,
    versions,
)

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray
    from pandas import DataFrame

    from skillmap.lantern.retrieval import Index

__all__ = [
    "EvidenceTable",
    "evidence_table",
    "ndcg_at",
    "recall_at",
    "reciprocal_rank",
    "retrieval_report",
]

_PER_SEGMENT = 2


@dataclass(frozen=True)
class EvidenceTable:
    """One cell for each intent (row, 64) and phrasing (column, 10; two for each of S1 to S5).

    ``found``: every needed sentence is in the first k chunks. ``recall``: share of the needed
    sentences there. ``rank``: place of the first chunk that holds one, 0 if none within 50.
    ``stale``: a superseded sentence with another content comes first within k, so a model reads
    the old rule. ``tokens``: prompt tokens of the k chunks. ``irrelevant``: chunks among the k
    that hold no needed sentence. ``gains``: needed sentences in each of the first 50 chunks
    (third axis); ``ideal``: the same in the best possible order.
    """

    config: IndexConfig
    found: NDArray[np.bool_]
    recall: NDArray[np.float64]
    rank: NDArray[np.int64]
    stale: NDArray[np.bool_]
    tokens: NDArray[np.int64]
    irrelevant: NDArray[np.int64]
    gains: NDArray[np.int64]
    ideal: NDArray[np.int64]

    def for_segment(self, segment: str) -> slice:
        """Return the columns in the manner of a segment.

        >>> evidence_table(IndexConfig()).for_segment("S3")
        slice(4, 6, None)
        """
        start = SEGMENTS.index(segment) * _PER_SEGMENT
        return slice(start, start + _PER_SEGMENT)


@lru_cache(maxsize=256)
def evidence_table(
    config: IndexConfig,
    *,
    vocabulary_gap: str | None = None,
    leftovers: tuple[str, ...] = (),
    as_of: dt.date = TODAY,
) -> EvidenceTable:
    """Search all 640 phrasings with one index configuration. Cached; the arrays are read-only.

    ``vocabulary_gap`` names the segment (S3, S4 or S5) that speaks in words of its own.
    ``leftovers`` names articles whose superseded version is still in the index (see
    ``HelpCenter.clusters``), ``as_of`` the day.
    """
    index = build_index(config.chunk_words, config.overlap, as_of, leftovers)
    order = rank_chunks(config, vocabulary_gap, as_of, leftovers)
    needed, old = _holders(index, as_of, leftovers)
    intents = help_center().intents
    top = order[:, : config.k]
    shape = (len(intents), len(SEGMENTS) * _PER_SEGMENT)
    recall = np.zeros(shape)
    gains = np.zeros((*shape, DEPTH), dtype=np.int64)
    ideal = np.zeros((*shape, DEPTH), dtype=np.int64)
    first_old = np.zeros(shape, dtype=np.int64)
    for i in range(len(intents)):
        rows = order[i * 10 : i * 10 + 10]
        per_need = needed[i][:, rows] & (rows >= 0)
        recall[i] = per_need[:, :, : config.k].any(axis=2).mean(axis=0)
        gains[i] = per_need.sum(axis=0)
        best = np.sort(needed[i].sum(axis=0))[::-1][:DEPTH]
        ideal[i, :, : len(best)] = best
        first_old[i] = _first(old[i][rows] & (rows >= 0))
    rank = _first(gains > 0)
    late = config.k + 1
    old_rank = np.where(first_old > 0, first_old, late)
    tokens = np.where(top >= 0, index.tokens[top], 0).sum(axis=1).reshape(shape)
    used = (top >= 0).sum(axis=1).reshape(shape)
    table = EvidenceTable(
        config=config,
        found=recall == 1.0,
        recall=recall,
        rank=rank,
        stale=(old_rank <= config.k) & (old_rank < np.where(rank > 0, rank, late)),
        tokens=tokens,
        irrelevant=used - (gains[:, :, : config.k] > 0).sum(axis=2),
        gains=gains,
        ideal=ideal,
    )
    for name in ("found", "recall", "rank", "stale", "tokens", "irrelevant", "gains", "ideal"):
        getattr(table, name).setflags(write=False)
    return table


def recall_at(k: int, gains: NDArray[np.int64], needed: int) -> NDArray[np.float64]:
    """Share of ``needed`` sentences held by the first k chunks, for one sentence in one chunk each.

    >>> recall_at(2, np.array([[0, 1, 1]]), 2).tolist()
    [0.5]
    """
    return np.asarray(np.minimum(gains[..., :k].sum(axis=-1), needed) / needed)


def reciprocal_rank(rank: NDArray[np.int64]) -> NDArray[np.float64]:
    """1/rank of the first useful chunk; 0 where there is none (rank 0). Its mean is MRR.

    >>> reciprocal_rank(np.array([1, 4, 0])).tolist()
    [1.0, 0.25, 0.0]
    """
    return np.where(rank > 0, 1.0 / np.maximum(rank, 1), 0.0)


def ndcg_at(
    k: int, gains: NDArray[np.int64], ideal: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Discounted gain of the first k chunks over the best possible one, with *linear* gain.

    gain/log2(1 + rank), Jarvelin and Kekalainen 2002; linear as in ``sklearn.metrics.ndcg_score``.
    Without ``ideal`` the given gains in their best order are the ideal.

    >>> ndcg_at(3, np.array([0, 1, 0])).round(4).item()
    0.6309
    """
    best = np.flip(np.sort(gains, axis=-1), axis=-1) if ideal is None else ideal
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    width = min(k, gains.shape[-1])
    top = (gains[..., :width] * discount[:width]).sum(axis=-1)
    limit = (best[..., :width] * discount[:width]).sum(axis=-1)
    return np.asarray(np.divide(top, limit, out=np.zeros_like(top), where=limit > 0))


def retrieval_report(table: EvidenceTable) -> DataFrame:
    """Return recall@k, found, MRR, nDCG@k, stale share and tokens: a row per segment, and all.

    Phrasings count alike; how often each intent is asked plays no part.
    """
    import pandas as pd

    k = table.config.k
    columns = {
        f"recall@{k}": table.recall,
        "found": table.found,
        "MRR": reciprocal_rank(table.rank),
        f"nDCG@{k}": ndcg_at(k, table.gains, table.ideal),
        "stale": table.stale,
        "tokens": table.tokens,
    }
    parts = {segment: table.for_segment(segment) for segment in SEGMENTS} | {"all": slice(None)}
    rows = {
        name: {title: float(values[:, part].mean()) for title, values in columns.items()}
        for name, part in parts.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("segment")


def _first(hits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Place of the first hit along the last axis, counting from 1; 0 if there is none."""
    return np.where(hits.any(axis=-1), hits.argmax(axis=-1) + 1, 0)


@lru_cache(maxsize=32)
def _holders(
    index: Index, as_of: dt.date, leftovers: tuple[str, ...]
) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
    """For each intent: which chunks hold each needed sentence, and which hold an outdated one."""
    in_force, _ = versions(as_of, leftovers)
    today = {article.id: article for article in in_force}
    current: dict[tuple[str, str], list[int]] = {}
    outdated: dict[tuple[str, str], list[int]] = {}
    for number, chunk in enumerate(index.chunks):
        for mark in chunk.marks:
            pair = (chunk.article.id, mark)
            if chunk.in_force:
                current.setdefault(pair, []).append(number)
            elif chunk.article.marked[mark] != today[chunk.article.id].marked.get(mark):
                outdated.setdefault(pair, []).append(number)
    needed_by_intent, old_by_intent = [], []
    for intent in help_center().intents:
        needed = np.zeros((len(intent.evidence), len(index.chunks)), dtype=bool)
        old = np.zeros(len(index.chunks), dtype=bool)
        for row, alternatives in enumerate(intent.evidence):
            for pair in alternatives:
                needed[row, current.get(pair, [])] = True
                old[outdated.get(pair, [])] = True
        needed_by_intent.append(needed)
        old_by_intent.append(old)
    return needed_by_intent, old_by_intent
