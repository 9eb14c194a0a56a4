"""The help center reads as one, and everything that points into it points at something."""

from __future__ import annotations

import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skillmap.errors import AuthoringError
from skillmap.lantern.chunking import sentences_of, windows
from skillmap.lantern.help_center import CORPUS, SEGMENTS, help_center, load_help_center
from skillmap.lantern.retrieval import swap_words, terms

if TYPE_CHECKING:
    from pathlib import Path

CENTER = help_center()


def test_counts_and_words() -> None:
    words = [article.words for article in CENTER.articles]
    assert len(CENTER.articles) == 72
    assert len(CENTER.superseded) == 9
    assert len(CENTER.intents) == 64
    assert 25_000 <= sum(words) <= 27_500
    assert min(words) >= 150
    assert max(words) <= 800


def test_every_intent_has_ten_phrasings_of_its_own() -> None:
    asked = [text for intent in CENTER.intents for text in intent.phrasings]
    assert len(asked) == 640
    assert len({" ".join(text.casefold().split()) for text in asked}) == 640


def test_evidence_resolves_to_a_sentence_with_content() -> None:
    for intent in CENTER.intents:
        for alternatives in intent.evidence:
            for article, mark in alternatives:
                assert len(CENTER.by_id[article].marked[mark].split()) >= 3, (intent.id, mark)


def test_no_mark_is_left_in_the_text() -> None:
    for article in (*CENTER.articles, *CENTER.superseded):
        assert not any("[[" in sentence.text for sentence in article.sentences)


def test_superseded_versions_end_before_the_current_one_begins() -> None:
    for old in CENTER.superseded:
        new = CENTER.by_id[old.id]
        assert old.until is not None
        assert old.since < old.until < new.since
        assert set(old.marked) == set(new.marked)
        assert any(old.marked[mark] != new.marked[mark] for mark in old.marked)


def test_each_cluster_has_three_articles_and_intents_that_depend_on_them() -> None:
    assert {segment: len(ids) for segment, ids in CENTER.clusters().items()} == {
        "S3": 3,
        "S4": 3,
        "S5": 3,
    }
    dependent = [intent for intent in CENTER.intents if CENTER.depends_on_version(intent)]
    asked_about = {pair[0] for i in dependent for needed in i.evidence for pair in needed}
    assert asked_about == {article.id for article in CENTER.superseded}


def test_disruption_intents_are_marked() -> None:
    assert sum(intent.disruption for intent in CENTER.intents) == 12


def test_no_two_articles_are_nearly_the_same() -> None:
    bags = [{*terms(" ".join(s.text for s in a.sentences))} for a in CENTER.articles]
    shared = np.array([[len(a & b) / len(a | b) for b in bags] for a in bags])
    np.fill_diagonal(shared, 0)
    assert shared.max() < 0.35


@pytest.mark.parametrize("segment", SEGMENTS[2:])
def test_a_vocabulary_gap_changes_most_of_a_segments_questions(segment: str) -> None:
    column = SEGMENTS.index(segment) * 2
    own = [t for intent in CENTER.intents for t in intent.phrasings[column : column + 2]]
    assert sum(swap_words(text, segment) != text for text in own) > 0.75 * len(own)


def test_swaps_keep_articles_and_capitals() -> None:
    assert swap_words("A scooter needs a permit", "S3") == "An electric cart needs an authorization"
    assert swap_words("Brightwater pays", "S4") == "BWR pays"


def test_sentences_of_lists_tables_and_abbreviated_times() -> None:
    body = "# Title\n\n1. One. [[s1]] Two at 9 am sharp.\n   goes on\n\n"
    body += "| a | b |\n|---|---|\n| x | 1 |"
    assert [s.text for s in sentences_of(body)] == [
        "Title",
        "One.",
        "Two at 9 am sharp. goes on",
        "a b",
        "x 1",
    ]


@pytest.mark.parametrize("size", [80, 160, 240, 400, 800])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("total", [1, 79, 80, 81, 377, 800])
def test_windows_cover_every_word_and_none_is_contained_in_another(
    size: int, overlap: float, total: int
) -> None:
    made = windows(total, size, overlap)
    assert {n for w in made for n in range(w.start, w.stop)} == set(range(total))
    assert all(a.stop < b.stop and a.start < b.start for a, b in pairwise(made))


def test_windows_refuse_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows(10, 5, 1.0)


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    broken = tmp_path / "corpus"
    shutil.copytree(CORPUS, broken)
    (broken / "articles" / "pets.md").unlink()
    receipts = broken / "articles" / "receipts.md"
    receipts.write_text(receipts.read_text().replace("[[s2]]", "[[s1]]"))
    intents = broken / "intents.yaml"
    intents.write_text(intents.read_text().replace("harm: bother", "harm: none", 1))
    vouchers = broken / "articles" / "vouchers.md"
    vouchers.write_text("no front matter")
    with pytest.raises(AuthoringError) as caught:
        load_help_center(broken)
    told = str(caught.value)
    for part in ("receipts.md [[s1]]", "vouchers.md", ".harm", "no article is called 'pets'"):
        assert part in told
