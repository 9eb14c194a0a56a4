"""Scores of written answers: the contract, evidence, sureness, and what happens to bad input."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from tests.written.test_guards import HONEST
from typer.testing import CliRunner

from skillmap.bank import Question, question
from skillmap.cli import app
from skillmap.errors import AnswerError
from skillmap.written import encoder, head, score, scoring
from skillmap.written.batch import read_text, score_lines, score_one
from skillmap.written.levels import calibration, judge
from skillmap.written.lexical import MEASURES

WEAK = "It is fine. These things happen with AI and people should expect it. We move on with work."
ALIEN = Question.model_validate(
    {
        "id": "bl.q99",
        "stars": 1,
        "text": "How do you brew a pot of tea for a guest?",
        "follow_ups": [],
        "criteria": [
            {
                "id": "c1",
                "name": "Water",
                "levels": [
                    "Says nothing of the water.",
                    "Boils water.",
                    "Boils fresh water and warms the pot first.",
                ],
                "strong": "I boil fresh water and warm the pot before the leaves go in.",
                "weak": "I put a bag into a cup.",
            }
        ],
    }
)


@pytest.fixture
def without_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "encoder", lambda: None)


def test_a_better_answer_scores_higher() -> None:
    asked = question("ps.q2")
    good, weak = score(asked, HONEST), score(asked, WEAK)
    assert good.score > weak.score
    assert good.grader == "embedded"
    assert good.max_score == 2 * len(asked.criteria) == 10
    assert good.score == sum(c.level for c in good.criteria)


def test_the_document_is_the_contract() -> None:
    data = score(question("ps.q2"), HONEST).as_data()
    assert list(data) == [
        "question", "score", "max_score", "criteria", "flags", "needs_review", "grader"
    ]  # fmt: skip
    assert set(data["grader"]) == {"name", "version"}
    for criterion in data["criteria"]:
        assert list(criterion) == ["id", "level", "confidence", "evidence", "advice"]
        assert 0 <= criterion["confidence"] <= 1
        for found in criterion["evidence"]:
            assert HONEST[found["start"] : found["end"]] == found["text"]
        assert bool(criterion["advice"]) == (criterion["level"] < 2)
    assert json.loads(json.dumps(data)) == data


def test_evidence_points_at_the_right_sentence() -> None:
    asked = question("ps.q2")
    quoted = {c.id: [e.text for e in c.evidence] for c in score(asked, HONEST).criteria}
    assert any("traveler" in text for text in quoted["c1"])


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "…", "x", "word " * 50_000, "\ud800 lone"])
def test_bad_input_has_an_outcome_and_no_score_from_nothing(text: str) -> None:
    found = score(question("es.q2"), text)
    assert found.needs_review
    assert found.flags
    assert found.score <= 4
    if not text.strip(" \x00\x01…"):
        assert found.score == 0
        assert all(c.confidence == 0 and not c.evidence for c in found.criteria)


def test_saying_it_again_earns_nothing() -> None:
    asked = question("ps.q2")
    once, again = score(asked, HONEST), score(asked, f"{HONEST} {HONEST} {HONEST}")
    assert [c.level for c in again.criteria] == [c.level for c in once.criteria]
    assert [c.evidence for c in again.criteria] == [c.evidence for c in once.criteria]
    assert again.flags


def test_a_new_question_is_scored_from_its_rubric_and_waits_for_a_person() -> None:
    good = score(
        ALIEN, "I boil fresh water, and while it heats I warm the pot with a little of it."
    )
    off = score(ALIEN, "The match went to extra time after the keeper dropped a simple ball.")
    assert good.criteria[0].level >= off.criteria[0].level
    assert good.criteria[0].probabilities[2] > off.criteria[0].probabilities[2]
    assert good.needs_review
    assert off.needs_review
    asked = question("ps.q2")
    told = {kind: scoring.look(asked, HONEST, as_new=kind).judged for kind in (False, True)}
    sure = {kind: sum(j.confidence for j in judged) for kind, judged in told.items()}
    assert sure[True] < sure[False]


def test_a_reworded_row_is_a_new_one() -> None:
    asked = question("ps.q2")
    row = asked.criteria[0]
    other = row.model_copy(update={"strong": "Another sentence that shows the same."})
    trained = head.head()
    assert trained is not None
    assert trained.knows(head.fingerprint(asked.id, row))
    assert not trained.knows(head.fingerprint(asked.id, other))


@pytest.mark.usefixtures("without_encoder")
def test_the_lexical_fallback_says_so_and_never_settles() -> None:
    asked = question("ps.q2")
    good, weak = score(asked, HONEST), score(asked, WEAK)
    assert good.grader.startswith("lexical")
    assert good.score >= weak.score
    assert good.needs_review
    assert not any(c.settled for c in good.criteria)


def test_the_calibration_fits_the_code() -> None:
    numbers = calibration()
    assert {k: {len(row) for row in rows} for k, rows in numbers.weights.items()} == {
        "known": {2 + len(MEASURES)},
        "new": {2 + len(MEASURES)},
        "lexical": {len(MEASURES) + 2},
    }
    assert set(numbers.bars) <= {"known"}


def test_levels_follow_the_odds() -> None:
    assert [judge(odds).level for odds in ((-5, -5), (5, -5), (5, 5))] == [0, 1, 2]
    assert sum(judge((0.3, 2.0)).probabilities) == pytest.approx(1)
    assert min(judge((0.3, 2.0)).probabilities) >= 0


def test_twenty_answers_a_second_on_one_core() -> None:
    asked = question("ps.q2")
    score(asked, WEAK)
    begun = time.process_time()
    for n in range(20):
        score(asked, f"{HONEST} That is number {n}.")
    assert time.process_time() - begun < 1.0


def test_import_takes_no_model_and_no_torch() -> None:
    program = (
        "import sys, skillmap.written; "
        "print(sorted({'torch', 'onnxruntime', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_batch_passes_fields_through_and_keeps_going() -> None:
    lines = [
        json.dumps({"question_id": "ps.q2", "answer": HONEST, "label": [1, 2], "id": "a"}),
        "not json",
        json.dumps({"question_id": "ps.q999", "answer": "x", "id": "b"}),
        json.dumps(["a list"]),
        json.dumps({"question_id": "ps.q2", "id": "c"}),
        "",
        json.dumps({"question_id": "ps.q2", "answer": ""}),
    ]
    found = list(score_lines(lines))
    assert len(found) == 6
    assert (found[0]["label"], found[0]["id"], found[0]["question"]) == ([1, 2], "a", "ps.q2")
    assert [row.get("line") for row in found] == [None, 2, 3, 4, 5, None]
    assert found[2]["id"] == "b"
    assert "ps.q999" in found[2]["error"]
    assert found[5]["score"] == 0


def test_questions_without_a_rubric_are_refused() -> None:
    with pytest.raises(AnswerError, match="no rubric"):
        score_one("es.q1", HONEST)
    with pytest.raises(AnswerError, match="at most"):
        read_text(b"x" * 5_000_000, "big.txt")


def test_the_command(tmp_path) -> None:
    run = CliRunner().invoke
    answer = tmp_path / "answer.txt"
    answer.write_text(HONEST, encoding="utf-8")
    told = run(app, ["score", "ps.q2", str(answer), "--json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout) == score_one("ps.q2", HONEST).as_data()
    assert run(app, ["score", "ps.q2", "-", "--json"], input=HONEST).stdout == told.stdout
    plain = run(app, ["score", "ps.q2", str(answer)])
    assert "of 10" in plain.stdout
    lines = tmp_path / "answers.jsonl"
    lines.write_text(json.dumps({"question_id": "ps.q2", "answer": HONEST, "who": 7}) + "\nbad\n")
    done = run(app, ["score", "--batch", str(lines), "--json"])
    assert done.exit_code == 1
    rows = json.loads(done.stdout)
    assert (rows[0]["who"], rows[1]["line"]) == (7, 2)
    assert run(app, ["score"]).exit_code == 2
    assert run(app, ["score", "ps.q2", str(tmp_path / "none.txt")]).exit_code == 2
