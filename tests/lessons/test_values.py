"""One check for fields and for code: what is taken, what is said, and nothing else is raised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillmap.errors import AnswerError, UnitError
from skillmap.estimation import Chain, Factor, Quantity, between
from skillmap.lessons import lesson_from
from skillmap.lessons.values import clean_value

SMALL = lesson_from(Path(__file__).parents[1] / "fixtures" / "lesson" / "items.yaml")
PLACE = "Estimation, bikes a day"
CHAIN, RANGE, DRIVERS = "es.t1.chain", "es.t1.range", "es.t1.drivers"
SHARE, CHOICE, ORDER, TABLE, WHY = (
    "es.t2",
    "es.t3.choice",
    "es.t3.order",
    "es.t3.table",
    "es.t3.why",
)
FACTOR = {"name": "people", "low": 1.0, "point": 2.0, "high": 4.0, "unit": "trips/day", "op": "*"}


def clean(part: str, value: object, unit: object = None) -> tuple[object, str | None]:
    return clean_value(SMALL.prompt(part), value, unit, place=PLACE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "given_", "kept"),
    [
        (SHARE, 12, 12.0),
        (SHARE, "12.5", 12.5),
        (SHARE, "12%", 12.0),
        (SHARE, np.float64(12), 12.0),
        (
            RANGE,
            {"low": "10k", "high": "1.2M".replace("1.2M", "20,000")},
            {"low": 1e4, "high": 2e4},
        ),
        (RANGE, (1, 3), {"low": 1.0, "high": 3.0}),
        (RANGE, np.array([1, 2, 3]), {"low": 1.0, "point": 2.0, "high": 3.0}),
        (RANGE, {"low": 1, "point": "", "high": 3}, {"low": 1.0, "high": 3.0}),
        (RANGE, {"low": 3, "high": 3}, {"low": 3.0, "high": 3.0}),
        (RANGE, between(1, 4), {"low": 1.0, "point": 2.0, "high": 4.0}),
        (CHOICE, "yes-please", "yes-please"),
        (DRIVERS, ["c", "a", "c"], ["a", "c"]),
        (DRIVERS, {"c", "a"}, ["a", "c"]),
        (ORDER, ("c", "a", "b"), ["c", "a", "b"]),
        (CHAIN, {"factors": [FACTOR]}, {"factors": [FACTOR]}),
        (
            TABLE,
            [{"row": "wren", "cost": "$1.50", "sure": "y", "note": 3}, {"row": "heron"}],
            [{"row": "wren", "cost": 1.5, "sure": "y", "note": "3"}, {"row": "heron"}],
        ),
        (
            TABLE,
            pd.DataFrame({"cost": [1, 2]}),
            [{"row": "wren", "cost": 1.0}, {"row": "heron", "cost": 2.0}],
        ),
        (WHY, "Because it rains.", "Because it rains."),
    ],
)
def test_what_is_taken(part: str, given_: object, kept: object) -> None:
    assert clean(part, given_)[0] == kept


def test_the_sheet_always_holds_the_unit_that_was_asked() -> None:
    assert clean(RANGE, [30, 60], "trips/month") == ({"low": 1.0, "high": 2.0}, "trips/day")
    assert clean(RANGE, [1, 2], " trips/day ") == ({"low": 1.0, "high": 2.0}, "trips/day")
    assert clean(SHARE, Quantity(5, "%")) == (5.0, "%")
    share = Chain.of(Factor("people", between(1, 4), "trips/day"), unit="trips/day")
    value, unit = clean(CHAIN, share)
    assert unit == "trips/day"
    assert Chain.from_answer(value, unit="trips/day").point() == share.point()


def test_the_bounds_are_in_the_unit_that_was_asked() -> None:
    assert clean(RANGE, [0, 20_000_000], "trips/month")[0]["high"] < 1_000_000  # type: ignore[index]
    with pytest.raises(AnswerError, match="above 1,000,000"):
        clean(RANGE, [0, 40_000_000], "trips/month")


def test_the_message_says_place_what_was_seen_and_the_next_step() -> None:
    with pytest.raises(AnswerError) as caught:
        clean(RANGE, {"low": 90, "high": 40})
    assert str(caught.value) == (
        "Estimation, bikes a day: low (90) is above high (40). Swap them and run this cell again."
    )


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        (SHARE, "many", "'many' is not a number"),
        (SHARE, True, "True is not a number"),
        (SHARE, "", "the field is empty"),
        (SHARE, None, "None is not a number"),
        (SHARE, float("nan"), "nan is not a usable number"),
        (SHARE, 10**400, "larger than any"),
        (SHARE, "9" * 400, "not a usable number"),
        (SHARE, 101, "above 100, which cannot be"),
        (SHARE, -1, "below 0, which cannot be"),
        (SHARE, np.arange(3), "is not a number"),
        (RANGE, 5, "5 is not a range"),
        (RANGE, {"low": 5}, "is not a range"),
        (RANGE, {"low": 5, "high": None}, "the high is missing"),
        (RANGE, {"low": 1, "mid": 2, "high": 3}, "'mid' is no field"),
        (RANGE, {"low": 1, "high": 3, 4: 5}, "'4' is no field"),
        (RANGE, {"low": 1, "point": 9, "high": 3}, "the point .9. is not between 1 and 3"),
        (CHOICE, "maybe", "They are yes-please, no-thanks"),
        (CHOICE, ["yes-please"], "is not one of the options"),
        (DRIVERS, ["a"], "1 chosen. Choose exactly 2"),
        (DRIVERS, "ab", "is not a list"),
        (DRIVERS, {3}, "3 is not one of the options"),
        (ORDER, ["a", "b"], "'c' is missing"),
        (ORDER, ["a", "b", "c", "a"], "stands there twice"),
        (ORDER, {"a"}, "a set has no order"),
        (TABLE, {"cost": 1}, "is not a list"),
        (TABLE, [3], "row 1 is no row"),
        (TABLE, [{"price": 1}], "row 1 has an unknown column 'price'. Use cost, sure, note"),
        (TABLE, [{1: 2, "b": 3}], "unknown column"),
        (TABLE, [{"row": "condor"}], "row 1: 'condor' is not one of the options"),
        (TABLE, [{"row": "wren"}, {"row": "wren"}], "row 'wren' stands there twice"),
        (TABLE, [{"row": "wren"}, {"cost": 3}], "row 2 has no name. Its row is one of wren"),
        (TABLE, [{}, {}, {}], "row 1 has no name"),
        (TABLE, [{}, {"cost": "x"}], "row 2, Cost: 'x' is not a number"),
        (TABLE, [{"note": {}}, {"note": {"a": 1}}], "row 1, Note: {} is not a text"),
        (TABLE, [{}] * 41, "41 rows"),
        (CHAIN, 5, "there are no factors"),
        (CHAIN, {"factors": [{**FACTOR, "low": 9}]}, "factor 1 .people.: low .9. is above high"),
        (WHY, "  ", "the text is empty"),
        (WHY, 3, "3 is not a text"),
    ],
    ids=str,
)
def test_what_is_refused_says_why(part: str, value: object, said: str) -> None:
    with pytest.raises(AnswerError, match=said) as caught:
        clean(part, value)
    assert str(caught.value).startswith(PLACE)


@pytest.mark.parametrize(
    ("part", "unit", "said"),
    [
        (RANGE, "dollars", "Answer in trips/day"),
        (RANGE, "furlongs", "is not a unit of this course"),
        (RANGE, 5, "the unit 5 is not a text"),
        (CHOICE, "trips/day", "Leave the unit out"),
    ],
)
def test_a_unit_that_does_not_fit_is_explained(part: str, unit: object, said: str) -> None:
    value = "yes-please" if part == CHOICE else [1, 2]
    with pytest.raises(UnitError, match=said):
        clean(part, value, unit)


PARTS = sorted(part.id for item in SMALL.items for part in item.parts)
KEYS = st.sampled_from(
    ["low", "high", "point", "factors", "name", "unit", "op", "row", "cost", "a"]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["a", "b", "c", "*", "/", "trips/day", "wren", "1k", "5%"]),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(KEYS | st.integers(), x, max_size=5),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PARTS), ANYTHING, st.none() | st.text(max_size=8) | st.just("trips/month"))
def test_nothing_but_an_answer_error_comes_out(part: str, value: object, unit: str | None) -> None:
    try:
        kept, kept_unit = clean(part, value, unit)
    except AnswerError as error:
        said = str(error)
    else:
        said = ""
        assert clean(part, kept, kept_unit) == (kept, kept_unit), "a clean value stays as it is"
    assert len(said) < 500
