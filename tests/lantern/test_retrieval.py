"""Retrieval is real: known cases by hand, scikit-learn as the second opinion, recall measured."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from skillmap.errors import ActionRefusedError
from skillmap.lantern.evidence import (
    evidence_table,
    ndcg_at,
    recall_at,
    reciprocal_rank,
    retrieval_report,
)
from skillmap.lantern.help_center import SEGMENTS, help_center
from skillmap.lantern.retrieval import (
    IndexConfig,
    build_index,
    expand,
    fuse,
    questions,
    rank_chunks,
    search,
    terms,
    versions,
    whole_corpus_tokens,
)

HOUSE = IndexConfig(k=5)
GAPS = SEGMENTS[2:]


def found(config: IndexConfig, segment: str, gap: str | None = None) -> float:
    table = evidence_table(config, vocabulary_gap=gap)
    return float(table.found[:, table.for_segment(segment)].mean())


def test_ndcg_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    gains = rng.integers(0, 3, size=(40, 12))
    gains[:, 0] += 1
    for k in (1, 3, 5, 12):
        ours = ndcg_at(k, gains)
        theirs = [ndcg_score([row], [np.arange(12, 0, -1)], k=k) for row in gains]
        assert ours == pytest.approx(np.array(theirs))


def test_metrics_by_hand() -> None:
    gains = np.array([[0, 1, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    assert recall_at(3, gains, 2).tolist() == [0.5, 0.5, 0.0]
    assert reciprocal_rank(np.array([2, 1, 0])).mean() == pytest.approx(0.5)
    assert ndcg_at(5, gains)[2] == 0.0


def test_fusion_prefers_what_both_rank_well() -> None:
    fused = fuse(np.array([[1, 2, 3]]), np.array([[3, 1, 2]]))
    assert fused.argmax() == 1
    assert fused[0, 1] == pytest.approx(1 / 62 + 1 / 61)


def test_bm25_agrees_with_the_formula() -> None:
    index = build_index(400, 0.0)
    bags = [terms(chunk.indexed) for chunk in index.chunks]
    average = np.mean([len(bag) for bag in bags])
    wanted = np.zeros(len(bags))
    for term in terms("dog muzzle"):
        holding = sum(term in bag for bag in bags)
        idf = np.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
        counts = np.array([bag.count(term) for bag in bags])
        lengths = np.array([len(bag) for bag in bags])
        wanted += idf * counts / (counts + 1.5 * (1 - 0.75 + 0.75 * lengths / average))
    assert index.bm25(["dog muzzle"])[0] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_recall_of_healthy_segments(segment: str) -> None:
    table = evidence_table(HOUSE)
    recall = table.recall[:, table.for_segment(segment)].mean()
    assert 0.88 <= recall <= 0.96


@pytest.mark.parametrize("segment", GAPS)
def test_the_vocabulary_gap_costs_and_the_glossary_gives_half_back(segment: str) -> None:
    healthy, gap = found(HOUSE, segment), found(HOUSE, segment, segment)
    mended = found(IndexConfig(k=5, glossary=True), segment, segment)
    assert 0.14 <= healthy - gap <= 0.24
    assert mended - gap >= 0.5 * (healthy - gap)
    others = [s for s in SEGMENTS if s != segment]
    assert [found(HOUSE, s, segment) for s in others] == [found(HOUSE, s) for s in others]


@pytest.mark.parametrize("segment", GAPS)
def test_the_gap_holds_when_questions_count_as_often_as_they_are_asked(segment: str) -> None:
    position = SEGMENTS.index(segment)
    weights = [intent.mix[position] for intent in help_center().intents]
    tables = [evidence_table(HOUSE), evidence_table(HOUSE, vocabulary_gap=segment)]
    healthy, gap = (
        np.average(t.found[:, t.for_segment(segment)].mean(axis=1), weights=weights) for t in tables
    )
    assert 0.14 <= healthy - gap <= 0.24


@pytest.mark.parametrize("segment", GAPS)
def test_a_gap_does_not_vanish_with_other_chunks(segment: str) -> None:
    for config in (IndexConfig(), IndexConfig(240, 0.25, 5), IndexConfig(160, 0.25, 5)):
        assert found(config, segment) - found(config, segment, segment) > 0.12


def test_the_glossary_does_little_harm_where_nothing_is_wrong() -> None:
    for segment in SEGMENTS:
        assert found(IndexConfig(k=5, glossary=True), segment) > found(HOUSE, segment) - 0.03


@pytest.mark.parametrize("segment", GAPS)
def test_leftovers_make_their_own_segment_stale(segment: str) -> None:
    table = evidence_table(HOUSE, leftovers=help_center().clusters()[segment])
    mix = np.array([intent.mix for intent in help_center().intents])
    shares = {}
    for position, name in enumerate(SEGMENTS):
        stale = table.stale[:, table.for_segment(name)].mean(axis=1)
        shares[name] = np.average(stale, weights=mix[:, position])
    assert 0.12 <= shares.pop(segment) <= 0.21
    assert max(shares.values()) < 0.04


def test_the_date_filter_removes_what_is_stale() -> None:
    old = help_center().clusters()["S5"]
    filtered = evidence_table(IndexConfig(k=5, date_filter=True), leftovers=old)
    assert evidence_table(HOUSE, leftovers=old).stale.any()
    assert not filtered.stale.any()


def test_before_a_rule_changes_its_older_version_is_the_truth() -> None:
    in_force, old = versions(dt.date(2026, 3, 2), ("group-refunds",))
    group = next(article for article in in_force if article.id == "group-refunds")
    assert group.until == dt.date(2026, 3, 31)
    assert not old
    early = evidence_table(HOUSE, as_of=dt.date(2026, 3, 2))
    assert not early.stale.any()
    assert early.found.mean() > 0.88


def test_overlap_saves_sentences_that_small_chunks_cut() -> None:
    cut, saved = IndexConfig(80, 0.0, 12), IndexConfig(80, 0.5, 12)
    assert evidence_table(saved).found.mean() > evidence_table(cut).found.mean() + 0.1


def test_more_chunks_find_more_and_cost_more() -> None:
    one, many = evidence_table(IndexConfig(k=1)), evidence_table(IndexConfig(k=12))
    assert (many.found >= one.found).all()
    assert (many.tokens > one.tokens).all()
    assert (many.irrelevant >= one.irrelevant).all()
    assert many.tokens.max() < whole_corpus_tokens()


def test_the_simulated_reranker_lifts_the_evidence() -> None:
    plain, lifted = evidence_table(HOUSE), evidence_table(IndexConfig(k=5, reranker=True))
    assert reciprocal_rank(lifted.rank).mean() > reciprocal_rank(plain.rank).mean()


def test_rank_and_found_agree() -> None:
    table = evidence_table(HOUSE)
    assert ((table.rank > 0) & (table.rank <= 5))[table.found].all()
    assert table.found.shape == (64, 10)
    assert not table.found.flags.writeable


def test_the_same_config_gives_the_same_ranking() -> None:
    first = rank_chunks(HOUSE).copy()
    rank_chunks.cache_clear()
    build_index.cache_clear()
    assert (rank_chunks(HOUSE) == first).all()


def test_a_cached_table_is_instant() -> None:
    evidence_table(HOUSE)
    start = time.perf_counter()
    evidence_table(IndexConfig(k=5))
    assert time.perf_counter() - start < 0.01


def test_report_has_a_row_for_each_segment_and_one_for_all() -> None:
    report = retrieval_report(evidence_table(HOUSE))
    assert list(report.index) == [*SEGMENTS, "all"]
    assert report.loc["all", "found"] == pytest.approx(report.loc[list(SEGMENTS), "found"].mean())


def test_search_answers_any_question() -> None:
    ids = [chunk.article.id for chunk in search("lost my umbrella on the train")]
    assert "lost-property" in ids
    assert len(search("", IndexConfig(k=2))) == 2


def test_expand_appends_the_help_centers_words() -> None:
    assert expand("my valise is lost").endswith(" bag")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"chunk_words": 100}, "chunk_words"),
        ({"overlap": 0.9}, "overlap"),
        ({"k": 0}, "k is 0"),
        ({"method": "magic"}, "method"),
    ],
)
def test_settings_that_do_not_exist_are_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(ActionRefusedError, match=told):
        IndexConfig(**change)  # type: ignore[arg-type]


def test_unknown_gaps_are_refused() -> None:
    with pytest.raises(ActionRefusedError, match="vocabulary_gap"):
        questions("S1")
