import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmap.errors import AnswerError, UnitError
from skillmap.estimation import Chain, Factor, between, quadrature, rescale

HOUSE = [
    ("Questions", "*", 12_000, 14_000, 16_000, "questions/day"),
    ("Calls a question", "*", 1.2, 1.35, 1.5, "calls/question"),
    ("Trips", "+", 14e6, 16.8e6, 20e6, "trips/month"),
    ("Notes a trip", "*", 1, 1, 1, "notes/trip"),
    ("Calls a note", "*", 1, 1, 1, "calls/note"),
    ("Days", "/", 30, 30, 30, "days/month"),
    ("Sessions", "+", 30_000, 42_000, 60_000, "sessions/month"),
    ("Calls a session", "*", 4, 6.5, 9, "calls/session"),
    ("Days", "/", 30, 30, 30, "days/month"),
]


def answer(rows=HOUSE):
    names = ("name", "op", "low", "point", "high", "unit")
    return {"factors": [dict(zip(names, row, strict=True)) for row in rows]}


@pytest.fixture
def house():
    return Chain.from_answer(answer(), unit="calls/day")


def test_a_sum_of_three_products(house):
    assert house.point() == pytest.approx(18_900 + 560_000 + 9_100)
    assert [len(term) for term in house.terms] == [2, 4, 3]
    assert house.unit_fault() == ""
    assert str(house.quantity()) == "588,000 calls/day"


def test_the_month_is_divided_out_by_the_units_when_the_thirty_is_left_out():
    rows = [row for row in HOUSE if row[0] != "Days"]
    assert Chain.from_answer(answer(rows), unit="calls/day").point() == pytest.approx(588_000)


def test_notes_drive_the_result_and_ask_hardly_matters(house):
    assert house.top_drivers(1)[0].name == "Trips"
    elasticities = house.elasticities()
    assert elasticities["Trips"] == pytest.approx(560 / 588, abs=0.001)
    assert elasticities["Questions"] == pytest.approx(18.9 / 588, abs=0.001)
    widths = [swing.width for swing in house.tornado()]
    assert widths == sorted(widths, reverse=True)


def test_a_repeated_factor_is_one_unknown(house):
    assert house.names.count("Days") == 1
    twice = Chain.of(Factor("a", between(1, 9)), Factor("a", between(1, 9), op="/"))
    assert np.allclose(twice.sample(np.random.default_rng(1), 100), 1)


def test_samples_agree_with_quadrature_for_a_product():
    ranges = between(1, 4), between(10, 90)
    chain = Chain.of(*(Factor(str(i), item) for i, item in enumerate(ranges)))
    low, high = chain.interval(0.8, rng=np.random.default_rng(3), n=200_000)
    rule = quadrature(*ranges)
    assert (low, high) == pytest.approx((rule.low, rule.high), rel=0.02)
    assert chain.interval() == chain.interval()


def test_a_chain_survives_the_sheet(house):
    again = Chain.from_answer(house.to_answer(), unit="calls/day")
    assert again == house


def test_missing_factor_is_named():
    chain = Chain.from_answer(answer(HOUSE[2:4]), unit="calls/day")
    assert "calls per note is missing" in chain.unit_fault()
    with pytest.raises(UnitError, match="calls per note"):
        chain.point()


def test_numbers_without_units_are_taken_in_the_unit_asked():
    rows = [(*row[:5], "") for row in HOUSE]
    assert Chain.from_answer(answer(rows), unit="calls/day").point() == pytest.approx(588_000)


def test_rescale_moves_a_factor_with_its_range(house):
    half = rescale(house, Trips=8.4e6)
    assert half.point() == pytest.approx(308_000)
    assert half.factors[2].range.ratio == pytest.approx(house.factors[2].range.ratio)


def test_benefit_minus_harm():
    chain = Chain.of(
        Factor("saved", between(100, 140), "k $/month"),
        Factor("harm", between(40, 60), "k $/month", "-"),
        unit="$/month",
    )
    assert 60_000 < chain.point() < 80_000
    assert chain.elasticities()["harm"] < 0


BROKEN = [
    (None, "no factors"),
    ({"factors": []}, "no factors"),
    ({"factors": [3]}, "not a factor"),
    ({"factors": [{"name": "", "point": 3}]}, "no usable name"),
    ({"factors": [{"name": "a"}]}, "no number"),
    ({"factors": [{"name": "a", "point": "3"}]}, "Give a number"),
    ({"factors": [{"name": "a", "point": True}]}, "Give a number"),
    ({"factors": [{"name": "a", "point": 10**400}]}, "useful size"),
    ({"factors": [{"name": "a", "point": math.nan}]}, "useful size"),
    ({"factors": [{"name": "a", "low": 1}]}, "no number"),
    ({"factors": [{"name": "a", "low": 1, "point": 2}]}, "only one end"),
    ({"factors": [{"name": "a", "low": 3, "high": 1}]}, "Swap them"),
    ({"factors": [{"name": "a", "low": 1, "point": 9, "high": 3}]}, "outside 1 to 3"),
    ({"factors": [{"name": "a", "point": 1, "op": "^"}]}, "not an operation"),
    ({"factors": [{"name": "a", "point": 1, "op": "/"}]}, "first factor divides"),
    ({"factors": [{"name": "a", "point": 1}, {"name": "b", "point": 0, "op": "/"}]}, "zero"),
    ({"factors": [{"name": "a", "point": 1, "unit": "cals"}]}, "Did you mean"),
    ({"factors": [{"name": "a", "point": 1}] * 41}, "Keep to 40"),
]


@pytest.mark.parametrize(("value", "says"), BROKEN)
def test_a_broken_chain_says_where_and_what_to_do(value, says):
    with pytest.raises(AnswerError, match=says):
        Chain.from_answer(value)


def test_only_ends_take_the_geometric_mean():
    chain = Chain.from_answer({"factors": [{"name": "a", "low": 3, "high": 12}]})
    assert chain.point() == 6


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["factors", "name", "low", "point", "high", "unit", "op"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_breaks_a_chain(value):
    try:
        chain = Chain.from_answer(value)
        chain.point()
        chain.tornado()
    except AnswerError:
        pass


@given(
    st.floats(1e-6, 1e6),
    st.floats(1, 50),
    st.floats(0, 1),
    st.sampled_from(["lognormal", "normal"]),
)
def test_a_range_returns_what_it_was_given(low, ratio, at, shape):
    high = low * ratio
    median = min(high, max(low, low + at * (high - low)))
    span = between(low, high, median=median, shape=shape)
    assert span.quantile(0.1) == pytest.approx(low)
    assert span.quantile(0.5) == pytest.approx(median)
    assert span.quantile(0.9) == pytest.approx(high)


def test_samples_of_a_range_have_its_quantiles():
    for span in (
        between(3, 12),
        between(3, 12, median=4),
        between(-2, 9),
        between(0.7, 0.95, shape="share"),
    ):
        draws = span.sample(np.random.default_rng(5), 100_000)
        assert np.quantile(draws, [0.1, 0.5, 0.9]) == pytest.approx(
            [span.low, span.median, span.high], rel=0.03
        )
    assert draws.max() <= 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"low": 12, "high": 3}, "Swap them"),
        ({"low": math.inf, "high": 3}, "finite"),
        ({"low": 0, "high": 3, "shape": "lognormal"}, "above zero"),
        ({"low": 0.5, "high": 45, "shape": "share"}, "Write 45% as 0.45"),
        ({"low": 1, "high": 3, "median": 4}, "outside"),
    ],
)
def test_a_range_that_cannot_be(arguments, says):
    with pytest.raises(AnswerError, match=says):
        between(**arguments)


def test_quadrature_needs_positive_lows():
    with pytest.raises(AnswerError, match="above zero"):
        quadrature(between(0, 3))
