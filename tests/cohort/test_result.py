"""feedback.json: there and back, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from skillmap.cohort.result import SubmissionResult
from skillmap.errors import SubmissionError
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.ids import ItemId

RESULT = SubmissionResult(
    learner="ada",
    module="estimation",
    world=4711,
    feedbacks=(
        Feedback(
            ItemId("es.e1"), Outcome.PARTLY, 6.0, 12.0,
            (Criterion("range", Outcome.MET, 6.0, 6.0, seen="3 to 12", key="7"),),
            evidence=("one",), flags=("two",), predicted=70.0, measures={"gap": 1.5},
        ),
        Feedback(ItemId("es.q2"), Outcome.NEEDS_REVIEW, 3.0, 10.0),
    ),
    late_penalty=2.0,
    problems=("a <b>",),
    manual_comments={"es.e1": "Good."},
    extra_credit={"es.e1": 1.0},
)  # fmt: skip


def test_there_and_back() -> None:
    assert SubmissionResult.from_json(RESULT.to_json()) == RESULT
    assert SubmissionResult.from_json(RESULT.to_json()).to_json() == RESULT.to_json()


def test_totals() -> None:
    assert (RESULT.total, RESULT.maximum) == (8.0, 22.0)
    assert [str(i) for i in RESULT.waiting] == ["es.q2"]
    scored = SubmissionResult(
        "ada", "estimation", 1, RESULT.feedbacks, manual_scores={"es.q2": 10.0}, late_penalty=99.0
    )
    assert (scored.total, scored.waiting) == (0.0, ())
    assert scored.earned("es.q2") == 10.0


def test_numpy_values_become_plain() -> None:
    fb = Feedback(
        ItemId("es.e1"),
        Outcome.MET,
        1.0,
        1.0,
        measures={"a": np.float64(2.5), "b": np.array([1, 2]), "c": {3, 1}},
    )
    data = json.loads(SubmissionResult("ada", "estimation", 1, (fb,)).to_json())
    assert data["feedbacks"][0]["measures"] == {"a": 2.5, "b": [1, 2], "c": [1, 3]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(format=2), "format is not 1"),
        (lambda d: d.update(world="x"), "feedback.json world"),
        (lambda d: d["feedbacks"][0].update(points="many"), r"feedbacks\.0\.points"),
        (lambda d: d["feedbacks"][0].update(outcome="great"), r"feedbacks\.0\.outcome"),
        (lambda d: d.update(more=1), "more"),
        (lambda d: d.update(late_penalty=float("nan")), "late_penalty"),
    ],
)
def test_faults_are_named(change: object, message: str) -> None:
    data = json.loads(RESULT.to_json())
    change(data)  # type: ignore[operator]
    with pytest.raises(SubmissionError, match=message):
        SubmissionResult.from_json(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(SubmissionError):
        SubmissionResult.from_json(text)
