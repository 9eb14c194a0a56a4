"""Merging what was saved with what the run gives, and reading damaged sheets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmap.cohort.scoring import Sheet, item_prints, merge, open_sheet, salvage

WHO: dict[str, Any] = {"module": "estimation", "learner": "ada", "world": 1234}


def raw(**values: Any) -> dict[str, Any]:
    entries = {k.replace("_", "."): {"value": v} for k, v in values.items()}
    return {"format": 1, **WHO, "answers": entries}


def test_saved_counts_and_the_run_fills_in() -> None:
    merged, notes = merge(Sheet(raw(es_e1_a=7, es_e1_b=1)), Sheet(raw(es_e1_a=5, es_e2_a=3)))
    assert {k: v["value"] for k, v in merged["answers"].items()} == {
        "es.e1.a": 7,
        "es.e1.b": 1,
        "es.e2.a": 3,
    }
    assert notes == ("es.e1.a: the notebook now gives 5, saved was 7. What you saved counts.",)


def test_a_prediction_alone_does_not_hide_an_answer_of_the_run() -> None:
    mine = Sheet({**WHO, "answers": {"es.e1": {"predicted": 60.0}}})
    merged, notes = merge(mine, Sheet(raw(es_e1=4)))
    assert merged["answers"]["es.e1"] == {"predicted": 60.0, "value": 4}
    assert notes == ()


def test_rounding_is_no_difference() -> None:
    assert merge(Sheet(raw(es_e1_a=0.1 + 0.2)), Sheet(raw(es_e1_a=0.3)))[1] == ()
    assert merge(Sheet(raw(es_e1_a={"low": 1})), Sheet(raw(es_e1_a={"low": 2})))[1] != ()


def test_another_world_is_flagged_and_graded_in_ones_own() -> None:
    other = {**raw(es_e1_a=1), "world": 999, "learner": "bo"}
    sheet = open_sheet(json.dumps(other).encode(), **WHO)
    assert "made in another world (999, by bo); graded in ada's own, 1234" in sheet.problems[0]
    named = {**raw(es_e1_a=1), "learner": "bo"}
    assert "names bo; graded as ada" in open_sheet(json.dumps(named).encode(), **WHO).problems[0]


@pytest.mark.parametrize("cut", [10, 60, 120, 150])
def test_a_truncated_sheet_keeps_its_whole_entries(cut: int) -> None:
    data = json.dumps(raw(es_e1_a=1, es_e1_b="two", es_e2_a=[1, 2], es_e2_b=4)).encode()
    sheet = open_sheet(data[:-cut], **WHO)
    assert sheet.damaged
    assert len(sheet.problems) == 1
    for name, entry in sheet.answers.items():
        assert entry["value"] == json.loads(data)["answers"][name]["value"]
    assert len(open_sheet(data[:-10], **WHO).answers) == 3


def test_text_that_looks_like_an_entry_is_not_one() -> None:
    trap = json.dumps(raw(es_e1_a='"es.e2.a": {"value": 99}')).encode()[:-2]
    assert "es.e2.a" not in salvage(trap)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    sheet = open_sheet(data, **WHO)
    assert isinstance(sheet.answers, dict)
    json.loads(sheet.data())


def test_prints_change_with_the_value_and_not_with_the_time() -> None:
    one = {"answers": {"es.e1.a": {"value": 1, "saved_at": "x"}, "es.e2.a": {"value": 2}}}
    two = {"answers": {"es.e1.a": {"value": 1, "saved_at": "y"}, "es.e2.a": {"value": 3}}}
    assert item_prints(one)["es.e1"] == item_prints(two)["es.e1"]
    assert item_prints(one)["es.e2"] != item_prints(two)["es.e2"]
