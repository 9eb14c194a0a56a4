"""A table of cases for each acceptance rule."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmap.grading import rules
from skillmap.grading.rules import EA, EB, Estimate, Target

NUMBERS = [
    # rule, value, reference, share
    (rules.ec, 100, 100, 1),
    (rules.ec, 102, 100, 1),
    (rules.ec, 98, 100, 1),
    (rules.ec, 102.1, 100, 0.5),
    (rules.ec, 110, 100, 0.5),
    (rules.ec, 110.1, 100, 0),
    (rules.ec, -100, 100, 0),
    (rules.ec, 0, 0, 1),
    (rules.ec, 1, 0, 0),
    (rules.ec, -98, -100, 1),
    (rules.g1, 101, 100, 1),
    (rules.g1, 101.1, 100, 0.5),
    (rules.g1, 106, 100, 0),
    (rules.g3, 0.125, 0.120, 1),
    (rules.g3, 0.1251, 0.120, 0.5),
    (rules.g3, 0.15, 0.120, 0),
]


@pytest.mark.parametrize(("rule", "value", "reference", "share"), NUMBERS)
def test_rules_for_one_number(rule, value, reference, share):
    ruling = rule(value, reference)
    assert ruling.share == share
    assert ruling.passed == (share == 1)
    assert ruling.failed == (() if share == 1 else ("value",))


@pytest.mark.parametrize(
    ("value", "rate", "passed"),
    [(0.0060, True, True), (0.0060, False, False), (0.0040, True, True), (0.0039, True, False)],
)
def test_g1_gives_rates_a_thousandth(value, rate, passed):
    assert rules.g1(value, 0.005, rate=rate).passed is passed


@pytest.mark.parametrize(
    ("value", "error", "passed"), [(102, 0, True), (103, 0, False), (103, 1, True), (104, 1, False)]
)
def test_g2_takes_the_larger_of_two_percent_and_three_errors(value, error, passed):
    assert rules.g2(value, 100, error).passed is passed


SLIPS = [
    (300, 10, 30),
    (10, 300, 1 / 30),
    (5_880, 5_880_000, 1e-3),
    (0.26, 26, 0.01),
    (7, 1, 7),
    (11, 10, None),
    (0, 10, None),
    (10, 0, None),
    (-300, 10, None),
]
WIDE_SLIPS = [(104, 10), (106, None), (120, 12), (56, None), (52, 5)]


@pytest.mark.parametrize(("value", "reference", "factor"), SLIPS)
def test_usual_slips_of_units(value, reference, factor):
    assert rules.slip(value, reference) == factor


@pytest.mark.parametrize(("value", "factor"), WIDE_SLIPS)
def test_a_wide_tolerance_explains_no_more_than_five_percent(value, factor):
    assert rules.slip(value, 10, tolerance=0.25) == factor


INTERVALS = [
    # band, low, high, point, reference, share
    (EA, 50, 300, None, 100, 1),  # six times wide, holds
    (EA, 49, 300, None, 100, 1),  # wider, but its middle is within a factor of two
    (EA, 90, 1000, None, 100, 0.5),  # holds, wide, middle 300
    (EA, 150, 300, 199, 100, 1),  # misses, point within a factor of two
    (EA, 150, 300, None, 100, 0.25),  # misses, middle 212 within four
    (EA, 500, 900, None, 100, 0),
    (EA, 20, 40, 50, 100, 1),
    (EA, None, None, None, 100, 0),
    (EA, None, None, 60, 100, 1),
    (EB, 60, 180, None, 100, 1),  # three times wide
    (EB, 40, 180, 85, 100, 1),  # too wide, point within a quarter
    (EB, 80, 300, None, 100, 0.5),
    (EB, 130, 200, 126, 100, 0.25),
    (EB, 10, 20, 125, 100, 1),
    (EB, 10, 20, 75, 100, 1),
    (EB, 10, 20, 74, 100, 0.25),
    (EA, -100, 300, 100, 100, 1),  # around zero: width within five times the truth
    (EA, -300, -50, None, -100, 1),
    (EA, -1000, 1000, None, 0, 1),
    (EA, 5, 9, None, 0, 0),
    (EA, 100, 100, 100, 100, 1),
]


@pytest.mark.parametrize(("band", "low", "high", "point", "reference", "share"), INTERVALS)
def test_interval_of_an_estimate(band, low, high, point, reference, share):
    assert rules.interval_share(band, low, high, point, reference) == share


RIGHT = Estimate(
    factors={"trips", "notes", "ask"},
    computed=590,
    point=588,
    low=400,
    high=900,
    drivers={"trips", "notes"},
    decision="size-2",
    break_even=16,
)
GOAL = Target(
    value=600,
    required=[{"trips"}, {"notes", "note_calls"}, {"ask"}],
    decoys={"seats"},
    drivers={"trips", "notes"},
    decisions={"size-2", "size-3"},
    break_even=15,
)
CHANGES = [
    ({}, ()),
    ({"factors": {"trips", "note_calls", "ask"}}, ()),
    ({"factors": {"trips", "notes"}}, ("factors",)),
    ({"factors": {"trips", "notes", "ask", "seats"}}, ("factors",)),
    ({"computed": 700}, ("arithmetic",)),
    ({"computed": None}, ("arithmetic",)),
    ({"low": 3_000, "high": 9_000, "point": 5_000, "computed": 5_000}, ("interval",)),
    ({"drivers": {"ask", "notes"}}, ("drivers",)),
    ({"drivers": ()}, ("drivers",)),
    ({"decision": "size-1"}, ("decision",)),
    ({"decision": None}, ("decision",)),
    ({"break_even": 30}, ("break-even",)),
    ({"break_even": None}, ("break-even",)),
]


@pytest.mark.parametrize(("change", "failed"), CHANGES)
def test_ea_says_which_component_failed(change, failed):
    from dataclasses import replace

    assert rules.ea(replace(RIGHT, **change), GOAL).failed == failed


def test_eb_is_stricter_than_ea():
    from dataclasses import replace

    wide = replace(RIGHT, low=200, high=1200, point=400, computed=400)
    assert rules.ea(wide, GOAL).passed
    assert rules.eb(wide, GOAL).failed == ("interval",)
    assert rules.eb(RIGHT, GOAL).passed


def test_a_blank_estimate_fails_everywhere():
    assert rules.ea(Estimate(), GOAL).share == 0


BREAK_EVENS = [
    (15, 15, math.inf, 1),
    (18.7, 15, math.inf, 1),
    (19, 15, math.inf, 0.5),
    (23, 15, math.inf, 0),
    (None, 15, math.inf, 0),
    (0, 0, math.inf, 1),
    (3, 0, math.inf, 0),
    (500, 130, 100, 1),
    (90, 130, 100, 0.5),
]


@pytest.mark.parametrize(("given", "reference", "beyond", "share"), BREAK_EVENS)
def test_break_even(given, reference, beyond, share):
    assert rules.break_even_share(given, reference, beyond=beyond) == share


COVERAGES = [(12, 1.0), (10, 1.0), (9, 1.0), (8, 0.7), (7, 0.7), (6, 0.4375), (0, 0.0)]


@pytest.mark.parametrize(("hits", "share"), COVERAGES)
def test_g6_coverage_of_twelve(hits, share):
    found = rules.forecasts([(0.9, 1.1)] * 12, [1.0] * hits + [1.2] * (12 - hits))
    assert rules.g6(found)["coverage"] == pytest.approx(share)


SCORES = [
    ((0.9, 1.1), 1.0, 1.0),  # sharp and right
    ((0.001, 1000), 1.0, 0.0),  # holds anything, says nothing
    ((0.5, 2.5), 1.0, math.log(5 / 2) / math.log(5)),
    ((3, 4), 1.0, 0.0),  # far off
]


@pytest.mark.parametrize(("interval", "truth", "share"), SCORES)
def test_g6_interval_score(interval, truth, share):
    found = rules.forecasts([interval] * 3, [truth] * 3)
    assert rules.g6(found)["interval score"] == pytest.approx(share)


def test_g6_units_do_not_matter():
    small = rules.forecasts([(0.9, 1.4), (2, 3)], [1, 4])
    large = rules.forecasts([(900, 1400), (2e6, 3e6)], [1000, 4e6])
    assert small.scores == pytest.approx(large.scores)


DECISIONS = [(10, 1.0), (9, 1.0), (8.9, 0.78), (5, 0.0), (0, 0.0), (20, 1.0)]


@pytest.mark.parametrize(("value", "share"), DECISIONS)
def test_g4(value, share):
    ruling = rules.g4(value, 5, 10)
    assert ruling.share == pytest.approx(share)
    assert ruling.passed == (share == 1)


def test_g4_where_the_default_is_best_only_it_passes():
    assert rules.g4(5, 5, 5).passed
    assert rules.g4(4.99, 5, 5).share == 0
    assert rules.g4(4.99, 5, 5, tie=0.02).passed
    assert rules.g4(9.99, 5, 10, tie=0.02).passed
    with pytest.raises(ValueError, match="less than the default"):
        rules.g4(1, 5, 4)


DIAGNOSES = [
    ({"stale": 0.5, "nothing": 0.5}, 2, ()),
    ({"stale": 0.4, "nothing": 0.6}, 2, ("belief",)),
    ({"stale": 50, "nothing": 50}, 2, ()),
    ({"stale": 0.9}, 1, ("support",)),
    ({}, 0, ("belief", "support")),
    ({"nothing": 1.0}, 2, ("belief",)),
]


@pytest.mark.parametrize(("beliefs", "supported", "failed"), DIAGNOSES)
def test_g5(beliefs, supported, failed):
    assert rules.g5(beliefs, "stale", supported).failed == failed


BELIEFS = [
    # belief in the true one of four causes, share
    (1.0, 1.0),
    (0.5, 1.0),
    (0.4999, 0.75),
    (0.25 * 2**0.5, 0.375),
    (0.25, 0.0),
    (0.1, 0.0),
    (0.0, 0.0),
]


@pytest.mark.parametrize(("belief", "share"), BELIEFS)
def test_g5_by_log_score(belief, share):
    beliefs = {"stale": belief} | dict.fromkeys("abc", (1 - belief) / 3)
    assert rules.g5(beliefs, "stale")["belief"] == pytest.approx(share, abs=0.001)


def test_g5_with_two_causes_adds_what_is_on_both():
    beliefs = {"stale": 30, "judge": 30, "nothing": 40}
    assert rules.g5(beliefs, ["stale", "judge"])["belief"] == 1
    assert rules.g5({"a": 50, "b": 50, "c": 0}, "c")["belief"] == 0


FULL_LOG = {
    "decision": "ship to half",
    "rejected": "ship to all",
    "number": "net $72k",
    "trigger": "harm above half of the saving",
    "owner": "Ilse",
    "review": "day 42",
}


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, ()),
        ({"owner": "  "}, ("owner",)),
        ({"owner": None}, ("owner",)),
        ({"number": "large"}, ("number",)),
        ({"number": 72_000}, ()),
        ({"rejected": "Ship to half."}, ("rejected",)),
        ({"rejected": "n/a"}, ("rejected",)),
        ({"rejected": "None"}, ("rejected",)),
        ({"trigger": "?"}, ("trigger",)),
        ({"review": "when we may"}, ("review",)),
        ({"review": "next Friday"}, ()),
        ({"review": "in two weeks"}, ()),
        ({"review": "1 December"}, ()),
    ],
)
def test_g7(change, failed):
    assert rules.g7(FULL_LOG | change).failed == failed
    assert not rules.g7({}).passed


numbers = st.none() | st.floats(-1e12, 1e12)


@given(st.sampled_from([EA, EB]), numbers, numbers, numbers, st.floats(-1e12, 1e12))
def test_an_interval_share_is_a_share(band, low, high, point, reference):
    if low is not None and high is not None and low > high:
        low, high = high, low
    assert rules.interval_share(band, low, high, point, reference) in (0, 0.25, 0.5, 1)
