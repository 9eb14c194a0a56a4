"""Composed answers say what they are made of, and nothing we measure on is among it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from grader.compose import STYLE, composed, usable
from grader.labelled import HERE, INTENT, Labelled, load, sentences, triples

from skillmap.bank import question
from skillmap.errors import AuthoringError


@pytest.fixture(scope="module")
def answers() -> list[Labelled]:
    return load()


def test_every_row_we_train_has_sentences_at_every_level_and_no_other_has(answers) -> None:
    trained = {a.question for a in answers if a.split == "train"}
    have = Counter((s.question, s.criterion, s.level) for s in sentences())
    wanted = {(id_, c.id, n) for id_ in trained for c in question(id_).criteria for n in range(3)}
    assert set(have) == wanted
    assert min(have.values()) >= 3


def test_no_sentence_stands_twice() -> None:
    seen = Counter((s.question, " ".join(s.text.lower().split())) for s in sentences())
    assert [text for text, n in seen.items() if n > 1] == []


def test_each_row_of_a_composed_answer_has_a_sentence_of_its_level(answers) -> None:
    levels = {
        (s.question, s.criterion, s.text.rstrip(".").lower()): s.level for s in usable(answers)
    }
    for answer in composed(6, 7, answers):
        text, given = answer.text.lower(), answer.levels[INTENT]
        assert set(given) == {c.id for c in question(answer.question).criteria}
        for criterion, level in given.items():
            there = {
                n
                for (id_, c, sentence), n in levels.items()
                if (id_, c) == (answer.question, criterion) and sentence in text
            }
            assert level in there or (level == 0 and not there), (answer.id, criterion)


def test_the_same_seed_composes_the_same_and_another_one_others(answers) -> None:
    assert composed(3, 1, answers) == composed(3, 1, answers)
    assert composed(3, 1, answers) != composed(3, 2, answers)


def test_composed_answers_are_for_training_alone(answers) -> None:
    made = composed(2, 1, answers)
    assert {a.split for a in made} == {"train"}
    assert {a.style for a in made} == {STYLE}
    assert STYLE not in {a.style for a in answers}


def test_a_sentence_that_a_measured_answer_has_is_not_used(answers) -> None:
    one = next(s for s in sentences() if len(triples(s.text)) > 8)
    found = next(a for a in answers if a.question == one.question and a.split == "test")
    copied = replace(found, text=f"Well. {one.text} So much for that.")
    assert one in usable(answers)
    assert one not in usable([copied])
    assert one in usable([replace(copied, split="train")])


def test_faults_in_the_sentences_are_told_all_at_once(tmp_path) -> None:
    folder = tmp_path / "sentences"
    folder.mkdir()
    good = {"question": "ev.q1", "criterion": "c1", "level": 2, "author": "a", "text": "t"}
    lines = [
        good,
        {**good, "level": 3},
        {**good, "criterion": "c9"},
        {**good, "question": "ev.q99"},
    ]
    (folder / "evals.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\nnot json\n")
    with pytest.raises(AuthoringError) as caught:
        sentences(tmp_path)
    told = str(caught.value)
    assert "line 2" in told
    assert "c9" in told
    assert "ev.q99" in told
    assert "line 5" in told
    assert (HERE / "sentences").is_dir()
