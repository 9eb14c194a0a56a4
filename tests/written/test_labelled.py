"""The labelled answers are well-formed, split by family and question, and no split leaks."""

from __future__ import annotations

import json

import pytest
from grader.fit import Row, bar, fit, kappa
from grader.labelled import (
    ANCHOR,
    BORDERLINE,
    Labelled,
    load,
    near_duplicates,
    splits,
    training,
)

from skillmap.bank import question
from skillmap.bank.anchors import anchor_questions
from skillmap.errors import AuthoringError
from skillmap.written.head import fingerprint, head

SPLITS = {"train", "dev", "test", "left out"}


@pytest.fixture(scope="module")
def answers() -> list[Labelled]:
    return load()


def test_every_split_is_there_and_no_family_or_question_is_in_two(answers) -> None:
    assert {a.split for a in answers} == SPLITS | {ANCHOR}
    answers = [a for a in answers if a.split != ANCHOR]
    places: dict[tuple[str, str], set[str]] = {}
    for a in answers:
        places.setdefault((a.question, a.family), set()).add(a.split)
    assert all(len(found) == 1 for found in places.values())
    left_out = {a.question for a in answers if a.split == "left out"}
    assert left_out
    assert not left_out & {a.question for a in answers if a.split != "left out"}


def test_the_shipped_weights_know_every_row_they_should_and_no_other(answers) -> None:
    """A rubric reworded after training is graded as a new one: train again, see its README."""
    trained = head()
    assert trained is not None
    dealt = [a for a in answers if a.split != ANCHOR]
    for id_, split in sorted({(a.question, a.split == "left out") for a in dealt}):
        for criterion in question(id_).criteria:
            assert trained.knows(fingerprint(id_, criterion)) != split, (id_, criterion.id)


def test_borderline_answers_and_anchors_are_never_trained_on(answers) -> None:
    hard = [a for a in answers if a.style == BORDERLINE]
    assert {a.split for a in hard} <= {"dev", "test", "left out"}
    shown = {a.id for a in answers if a.split == ANCHOR}
    assert len(shown) == 2 * len(anchor_questions()) == 64
    assert not shown & set(training(answers, near_duplicates(answers)))


def test_training_never_sees_other_splits_or_their_twins(answers) -> None:
    pairs = near_duplicates(answers)
    learn = set(training(answers, pairs))
    assert learn <= {a.id for a in answers if a.split == "train"}
    assert not learn & {one.id for pair in pairs for one in pair[:2]}


def test_a_near_duplicate_is_seen() -> None:
    text = "First I find the traveler and ask what it cost them, then I hand the topic to people."
    one = Labelled("ps.q2-001", "ps.q2", "f1", "plain", "a", text, split="train")
    twin = Labelled("ps.q2-002", "ps.q2", "f2", "plain", "a", text + " Done.", split="test")
    other = Labelled(
        "ps.q2-003", "ps.q2", "f3", "plain", "a", "We ship it on Monday.", split="test"
    )
    pairs = near_duplicates([one, twin, other])
    assert [(a.id, b.id) for a, b, _ in pairs] == [("ps.q2-001", "ps.q2-002")]
    assert training([one, twin, other], pairs) == []


@pytest.mark.parametrize(
    ("levels", "gold"),
    [
        ({"intent": 2}, 2),
        ({"intent": 2, "first": 1, "second": 1}, 1),
        ({"intent": 2, "first": 0, "second": 1}, 1),
        ({"intent": 0, "first": 0, "second": 2}, 0),
        ({"first": 0, "second": 2}, 1),
    ],
)
def test_the_reference_is_what_readers_agree_on_else_the_middle(levels, gold) -> None:
    a = Labelled("x", "q", "f", "s", "a", "t", levels={k: {"c1": v} for k, v in levels.items()})
    assert a.gold("c1") == gold


def test_faults_are_all_named_with_their_places(tmp_path) -> None:
    good = {
        "id": "ps.q2-001", "question": "ps.q2", "family": "f", "style": "s", "author": "a",
        "text": "t",
    }  # fmt: skip
    (tmp_path / "answers").mkdir()
    (tmp_path / "labels" / "intent").mkdir(parents=True)
    lines = [json.dumps(good), json.dumps(good), "{", json.dumps(good | {"question": "ps.q99"})]
    (tmp_path / "answers" / "a.jsonl").write_text("\n".join(lines))
    label = {"id": "ps.q2-001", "reader": "intent", "levels": {"c1": 3}, "cap": False}
    rows = [json.dumps(label), json.dumps(label | {"id": "ps.q2-777"})]
    (tmp_path / "labels" / "intent" / "a.jsonl").write_text("\n".join(rows))
    with pytest.raises(AuthoringError) as caught:
        load(tmp_path)
    told = str(caught.value)
    for piece in ("line 2", "line 3", "line 4", "twice", "ps.q99", "0 to 2", "ps.q2-777"):
        assert piece in told


def test_families_are_dealt_out_evenly() -> None:
    dealt = splits({"es.q2": [f"f{n}" for n in range(20)]})
    counts = {split: list(dealt.values()).count(split) for split in ("train", "dev", "test")}
    assert counts == {"train": 12, "dev": 4, "test": 4}


def test_kappa_is_the_textbooks() -> None:
    from sklearn.metrics import cohen_kappa_score

    gold, found = [0, 1, 2, 2, 1, 0, 2], [0, 2, 2, 1, 1, 0, 0]
    theirs = cohen_kappa_score(gold, found, weights="quadratic")
    assert kappa(gold, found) == pytest.approx(theirs)
    assert kappa([1, 1], [0, 2]) == 0


def rows(count: int, right: float) -> tuple[list[Row], list[tuple[int, float]]]:
    one = Labelled("x", "q", "f", "s", "a", "t")
    some = [Row(one, "c1", (0.0,), 1, (1.0, 0.0)) for _ in range(count)]
    return some, [(1 if n < right * count else 0, 1 - n / count) for n in range(count)]


def test_a_bar_needs_agreement_and_enough_levels() -> None:
    assert bar(*rows(400, 1.0))[2] == 1.0
    level, agreed, share = bar(*rows(400, 0.5))
    assert 0.4 < level < 0.6
    assert agreed >= 0.85
    assert 0.45 < share < 0.65
    assert bar(*rows(400, 0.0)) == (9.0, 0.0, 0.0)
    assert bar(*rows(20, 1.0)) == (9.0, 0.0, 0.0)


def test_the_fit_finds_what_counts() -> None:
    one = Labelled("x", "q", "f", "s", "a", "t")
    some = [
        Row(one, "c1", (float(n % 7), float(n % 3), 1.0), 0, (float(n % 3 >= 1), float(n % 3 == 2)))
        for n in range(200)
    ]
    low, high = fit(some, 1.0)
    assert low[1] > 0.5
    assert high[1] > 0.5
    assert abs(low[0]) < 0.2
