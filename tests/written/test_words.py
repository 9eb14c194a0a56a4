"""Sentences keep their places; words are cut as the encoder was taught."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from skillmap.written.encoder import WINDOW, layout
from skillmap.written.guards import guards
from skillmap.written.wordpiece import WordPiece
from skillmap.written.words import sentences

TEXTS = st.text(st.sampled_from(list("abc .!?;\n,é\u200b😀東0")), max_size=120)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_sentences_are_stretches_of_the_text_in_order(text: str) -> None:
    end = 0
    for part in sentences(text):
        assert text[part.start : part.end] == part.text
        assert part.start >= end
        end = part.end
    assert "".join(p.text for p in sentences(text)).split() == [] or text.strip()
    kept = "".join("".join(p.text.split()) for p in sentences(text))
    assert kept == "".join(text.split())


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_guards_and_cutting_take_anything(text: str) -> None:
    guards(text, question="What does it cost?", model_texts=["cost"], rubric="cost and quality")
    cut = WordPiece(["[UNK]", "[CLS]", "[SEP]", "a", "##b", "b", "."])
    assert all(0 <= n < 7 for n in cut.ids(text))


@given(st.lists(st.integers(1, WINDOW), max_size=40))
def test_windows_hold_every_sentence_once(lengths: list[int]) -> None:
    windows = layout(lengths)
    assert [n for window in windows for n in window] == list(range(len(lengths)))
    assert all(sum(lengths[n] for n in window) <= WINDOW for window in windows)


def test_word_pieces() -> None:
    cut = WordPiece(["[UNK]", "[CLS]", "[SEP]", "token", "##s", ",", "東", "cafe", "'", "t", "don"])
    assert cut.ids("Tokens, 東café") == [3, 4, 5, 6, 7]
    assert cut.ids("don't") == [10, 8, 9]
    assert cut.ids("x" * 101 + " zebra") == [0, 0]
