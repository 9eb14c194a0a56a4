"""What counts, what does not and why; the rater's shift; results from graded items."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.learning.learner import NOW, days_ago, result

from skillmap.answers import AnswerSheet
from skillmap.errors import AnswerError
from skillmap.learning.evidence import (
    Evidence,
    Kind,
    Weighed,
    from_item,
    kind_of,
    shape_of,
    weigh,
)
from skillmap.lessons import lesson


def weighed(*entries: Evidence) -> Weighed:
    return weigh(entries, learner="ada", now=NOW)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"learner": "bo"}, "by bo, and this is the map of ada"),
        ({"at": NOW + timedelta(days=2)}, "still to come"),
        ({"settled": False}, "waiting for a person"),
        ({"answered": 3, "parts": 7}, "half-finished, 3 of 7 parts answered"),
        ({"shape": "0123456789ab"}, "an earlier version of this item"),
    ],
)
def test_what_does_not_count_is_told_with_its_reason(more: dict[str, Any], why: str) -> None:
    found = weighed(result("ev.l1", 40, **more))
    assert found.counted == ()
    assert found.first_tries == ()
    assert why in found.left[0].why
    assert found.notes()[0].startswith("ev.l1: ")


def test_an_item_that_is_no_more_does_not_count() -> None:
    found = weighed(result("ev.l77", 40, shape="0123456789ab"))
    assert found.left[0].why == "not an item of this version of the course"


def test_the_same_result_twice_counts_once() -> None:
    found = weighed(result("ev.l1", 40), result("ev.l1", 40))
    assert [c.x for c in found.counted] == [40]
    assert "the same result once more" in found.notes()[0]


def test_a_later_result_replaces_an_earlier_one_and_the_first_try_is_kept_for_predictions() -> None:
    late, early = result("ev.l1", 90), result("ev.l1", 40, at=days_ago(2))
    found = weighed(late, early)
    assert [c.x for c in found.counted] == [90]
    assert found.first_tries == (early,)
    assert "replaced by a later result" in found.notes()[0]


def test_the_same_answers_graded_again_by_a_corrected_key_count_as_graded_last() -> None:
    found = weighed(result("ev.l1", 90), result("ev.l1", 40))
    assert [c.x for c in found.counted] == [40]


def test_a_half_finished_earlier_try_is_not_named_once_the_item_is_complete() -> None:
    early = result("ev.l1", 20, at=days_ago(2), answered=3, parts=7)
    assert weighed(early, result("ev.l1", 90)).notes() == (
        "1 × earlier tries, replaced by a later result of the same item.",
    )
    others = result("ev.l1", 20, at=days_ago(2), learner="bo")
    assert "by bo" in weighed(others, result("ev.l1", 90)).notes()[0]


def test_a_half_finished_later_try_takes_nothing_away() -> None:
    found = weighed(result("ev.l1", 40, at=days_ago(2)), result("ev.l1", 0, answered=1, parts=3))
    assert [c.x for c in found.counted] == [40]


def test_a_question_and_a_graded_item_of_one_name_are_two_results() -> None:
    found = weighed(result("ev.q1", 60, Kind.SELF), result("ev.q1", 80, Kind.RUBRIC))
    assert {c.x for c in found.counted} == {60, 80}


def test_self_scores_lose_the_raters_shift() -> None:
    found = weighed(
        result("ev.q4", 50, Kind.SELF),
        result("bl.l4.anchors", 70, Kind.ANCHOR, reference=60),
        result("ev.q1.weak", 40, Kind.ANCHOR, reference=20),
    )
    assert (found.shift, found.anchors) == (15, 2)
    assert {c.evidence.id: c.x for c in found.counted}["ev.q4"] == 35
    assert "moved by -15" in found.notes()[0]
    assert "above the reference by 15" in found.notes()[0]
    assert found.of(found.counted[0].evidence.competency)


def test_without_anchors_self_scores_stand_and_that_is_said() -> None:
    found = weighed(result("ev.q4", 50, Kind.SELF))
    assert found.counted[0].x == 50
    assert "no anchors yet" in found.notes()[0]


def test_a_corrected_score_stays_inside_0_to_100() -> None:
    anchor = result("bl.l4.anchors", 10, Kind.ANCHOR, reference=60)
    found = weighed(anchor, result("ev.q4", 90, Kind.SELF))
    assert max(c.x for c in found.counted) == 100


@given(st.permutations(range(6)))
def test_order_does_not_matter(order: list[int]) -> None:
    entries = [
        result("ev.l1", 40), result("ev.l1", 50, at=days_ago(9)), result("ev.l1", 40),
        result("ev.l2", 70, learner="bo"), result("ev.q4", 50, Kind.SELF),
        result("ev.q1.weak", 40, Kind.ANCHOR, reference=20),
    ]  # fmt: skip
    assert weighed(*(entries[i] for i in order)) == weighed(*entries)


@given(
    st.lists(
        st.builds(
            result, st.sampled_from(["ev.l1", "ev.l2", "ps.l1"]), st.integers(0, 100),
            learner=st.sampled_from(["ada", "bo"]), settled=st.booleans(),
            at=st.integers(-3, 90).map(days_ago), answered=st.integers(0, 1),
        ), max_size=15,
    )
)  # fmt: skip
def test_every_result_either_counts_or_is_told(entries: list[Evidence]) -> None:
    found = weighed(*entries)
    assert len(found.counted) + len(found.left) == len(entries)
    assert all(one.why for one in found.left)


@pytest.mark.parametrize(
    "odd",
    [
        {"score": 101}, {"score": float("nan")}, {"predicted": -1}, {"chance": 2},
        {"held": 3, "ranges": 2}, {"answered": 2, "parts": 1}, {"id": "zz.l1"}, {"id": "nonsense"},
        {"at": NOW.replace(tzinfo=None)},
    ],
)  # fmt: skip
def test_a_result_that_cannot_be_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        replace(result("ev.l1", 40), **odd).checked()


# From graded items --------------------------------------------------------------------------------


def filled(parts: int) -> AnswerSheet:
    made, item = AnswerSheet(module="estimation", learner="ada"), lesson("estimation").item("es.l2")
    for number, part in enumerate(item.parts[:parts]):
        made.put(part.id, "anything", at=days_ago(9 - number))
    return made


def test_a_graded_item_becomes_a_result_of_the_day_it_was_answered() -> None:
    item, made = lesson("estimation").item("es.l2"), filled(3)
    made.predict("es.l2", 70)
    one = from_item(item, made, percent=55, settled=True, learner="ada", now=NOW)
    assert one is not None
    assert (one.kind, one.score, one.predicted) == (Kind.LAB, 55, 70)
    assert one.at == days_ago(7)
    assert (one.answered, one.parts, one.shape) == (3, 3, shape_of(item))


def test_blank_items_and_items_without_points_give_no_result() -> None:
    es, rest = lesson("estimation"), {"percent": 0, "settled": True, "learner": "ada", "now": NOW}
    assert from_item(es.item("es.l2"), filled(0), **rest) is None
    made = AnswerSheet(module="estimation")
    made.put("es.predict.calls", 5)
    assert from_item(es.item("es.predict"), made, **rest) is None
    assert from_item(es.item("es.l2"), filled(1), **rest).answered == 1


def test_ranges_are_counted_only_at_eighty_percent() -> None:
    item, rest = lesson("estimation").item("es.l2"), {"percent": 50, "settled": True}
    for level, ranges in ((0.8, 12), (0.9, 0)):
        found = {"intervals": [], "n": 12, "hits": 7, "level": level}
        one = from_item(item, filled(3), learner="ada", now=NOW, measures=found, **rest)
        assert one is not None
        assert one.ranges == ranges


def test_every_graded_item_is_evidence_of_some_kind() -> None:
    kinds = {i.id: kind_of(i) for i in lesson("estimation").items if i.points}
    assert kinds["es.l1"] is Kind.MEASURE
    assert kinds["es.l1-again"] is kinds["es.l2"] is Kind.LAB
    assert kinds["es.e1"] is Kind.ESTIMATION
    assert kinds["es.q2"] is Kind.RUBRIC
    assert kind_of(lesson("execution").item("ex.drill")) is Kind.DRILL
