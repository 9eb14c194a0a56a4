"""What the report says of a cohort that was made to have something to say."""

from __future__ import annotations

import csv
import io
import math
import random

import pytest

from skillmap.cohort.likeness import near_copies
from skillmap.cohort.report import report_of
from skillmap.cohort.report_page import as_data, render_csv, render_report
from skillmap.cohort.result import SubmissionResult
from skillmap.grading.feedback import Feedback, Outcome
from skillmap.ids import ItemId

TEXT = (
    "I would hold the visitors back at one percent, read forty of their misses by hand and only "
    "then decide whether the slide is retrieval or the model, since the two cost different weeks"
)
OTHER = (
    "Roll back today. Pocock says the third look is beyond its bound, the split of users is sound "
    "and every hour at this exposure strands about two travelers more than the old version did"
)


def feedback(item: str, share: float, maximum: float = 10, **more: object) -> Feedback:
    outcome = Outcome.MET if share >= 1 else Outcome.PARTLY if share > 0 else Outcome.NOT_YET
    kwargs: dict[str, object] = {"outcome": outcome, "points": share * maximum, **more}
    return Feedback(ItemId.parse(item), maximum=maximum, **kwargs)  # type: ignore[arg-type]


def cohort(size: int = 40) -> list[SubmissionResult]:
    """Skill moves es.l1 and es.e1; es.e2 is a coin; es.e4 is hard; es.q2 waits for a person."""
    dice = random.Random(5)
    results = []
    for number in range(size):
        skill = number / (size - 1)
        shares = {
            "es.l1": min(1, max(0, skill + dice.gauss(0, 0.1))),
            "es.e1": min(1, max(0, skill + dice.gauss(0, 0.1))),
            "es.e2": float(dice.random() < 0.5),
            "es.e4": 0.05,
        }
        over = 25.0 if number == 0 else 0.0
        rows = [
            feedback(
                i,
                s,
                2 if i == "es.e2" else 10,
                predicted=min(100, 100 * s + over + dice.gauss(0, 1)),
            )
            for i, s in shares.items()
        ]
        rows += [feedback("es.e5", 0.5, predicted=50 + over + dice.gauss(0, 3)) for _ in range(1)]
        rows.append(
            feedback("es.q2", 0, outcome=Outcome.NEEDS_REVIEW, measures={"text": f"{TEXT} {number}"}
                     if number in (3, 4) else {"text": f"{number} {OTHER[number:]}"[:40]})
        )  # fmt: skip
        results.append(SubmissionResult(f"ada{number:02}", "estimation", 7, tuple(rows)))
    return results


def test_items_are_told_apart_by_difficulty_and_discrimination() -> None:
    found = report_of(cohort())
    rows = {row.item: row for row in found.items}
    assert rows["es.e4"].mean == pytest.approx(5)
    assert found.hardest(1)[0].item == "es.e4"
    assert rows["es.l1"].discrimination > 0.6 > 0.2 > rows["es.e2"].discrimination
    assert [row.item for row in found.least_discriminating()] == ["es.e2"]
    assert math.isnan(rows["es.e4"].discrimination), "no spread, nothing to correlate"
    assert rows["es.q2"].settled == 0
    assert math.isnan(rows["es.q2"].mean), "what waits for a person has no mean yet"
    assert dict(found.waiting) == {"es.q2": 40}


def test_few_learners_are_not_enough_to_call_an_item_poor() -> None:
    assert not report_of(cohort(9)).least_discriminating()


def test_a_lean_needs_eight_predictions_and_more_than_chance() -> None:
    results = cohort()
    assert not report_of(results).leaning, "five predictions are not enough"
    twice = [
        SubmissionResult(r.learner, module, 7, r.feedbacks)
        for r in results
        for module in ("estimation",) * 2
    ]
    leaning = report_of(twice).leaning
    assert [row.learner for row in leaning if row.bias > 10] == ["ada00"]
    assert leaning[0].predictions == 10


def test_a_persons_points_count_and_are_compared() -> None:
    results = cohort(12)
    first = results[0]
    scored = SubmissionResult(
        first.learner, first.module, 7, first.feedbacks, manual_scores={"es.q2": 6.0, "es.e4": 0.5}
    )
    found = report_of([scored, *results[1:]])
    rows = {row.item: row for row in found.agreement}
    assert rows["es.q2"].difference == pytest.approx(-60)
    assert rows["es.e4"].close == 1
    assert {row.item: row.settled for row in found.items}["es.q2"] == 1


def test_copies_and_foreign_worlds_are_shown() -> None:
    results = cohort()
    foreign = "answers.json was made in another world (9, by eve); graded in ada's own, 7."
    results[5] = SubmissionResult(
        "ada05", "estimation", 7, results[5].feedbacks, problems=(foreign,)
    )
    found = report_of(results)
    assert [(p.one, p.other) for p in found.pairs] == [("ada03", "ada04")]
    assert [(s.learner, s.what) for s in found.spotted] == [("ada05", foreign)]
    page = render_report(found, name="<b>Autumn</b>")
    assert "ada03 and ada04" in page
    assert "eve" in page
    assert "<script" not in page
    assert "<b>Autumn" not in page


def test_hostile_text_is_inert_on_the_page_and_in_the_table() -> None:
    bad = '=cmd|"/c calc"!A1 <script>alert(1)</script> ' + TEXT
    rows = (feedback("es.q2", 0, outcome=Outcome.NEEDS_REVIEW, measures={"text": bad}),)
    found = report_of([SubmissionResult(who, "estimation", 7, rows) for who in ("=ada", "bob")])
    assert found.pairs
    assert "<script" not in render_report(found)
    for line in csv.reader(io.StringIO(render_csv(found))):
        assert not any(cell.startswith(("=", "+", "@")) for cell in line), line


def test_the_table_has_the_figures_of_the_page() -> None:
    found = report_of(cohort())
    lines = list(csv.DictReader(io.StringIO(render_csv(found))))
    mean = [x for x in lines if x["item"] == "es.e4" and x["measure"] == "mean"]
    assert [x["value"] for x in mean] == ["5.000"]
    assert as_data(found)["items"][3]["discrimination"] is None


def test_nobody_and_one_learner_make_a_page_too() -> None:
    assert "Nothing." in render_report(report_of([]))
    assert "not enough to say" in render_report(report_of(cohort(2)))


def test_a_phrase_that_everybody_uses_makes_no_pair() -> None:
    asked = "evaluate ask before the first outside user and say which gate holds which decision"
    own = [
        "lift and ramp answers first because stranding costs most of all",
        "dogfood with employees until sixty rainy day questions are read",
        "no launch for visitors while the judge misses their errors",
        "phone transcripts give strata that golden sets never have",
        "two hundred labels split where judge and checks disagree",
        "an upper bound for promises and plain rates elsewhere",
    ]
    texts = {f"p{n}": f"{asked}: {words}" for n, words in enumerate(own)}
    assert near_copies("ev.q1", texts) == []
