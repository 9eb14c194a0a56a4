import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmap.errors import UnitError
from skillmap.estimation import Quantity, Unit, format_number

SPELLINGS = [
    ("calls/day", "calls/day"),
    ("calls per day", "calls/day"),
    ("calls a day", "calls/day"),
    ("Inference calls / day", "calls/day"),
    ("call/d", "calls/day"),
    ("$/month", "$/month"),
    ("USD per month", "$/month"),
    ("$ per million tokens", "$/M tokens"),
    ("$/M tokens", "$/M tokens"),
    ("$/Mtok", "$/M tokens"),
    ("k calls/day", "k calls/day"),
    ("person-weeks", "person-weeks"),
    ("person weeks", "person-weeks"),
    ("FTE-days/article", "person-days/article"),
    ("min/phrasing", "minutes/phrasing"),
    ("$/user/month", "$/person/month"),
    ("MAU", "people"),
    ("%", "%"),
    ("percentage points", "%"),
    ("share", ""),
    ("", ""),
    ("1/day", "1/day"),
    ("$^2 / user", "$^2/person"),
]


@pytest.mark.parametrize(("typed", "shown"), SPELLINGS)
def test_people_write_units_in_many_ways(typed, shown):
    assert str(Unit.parse(typed)) == shown


@pytest.mark.parametrize("typed", [row[0] for row in SPELLINGS])
def test_what_is_shown_can_be_read_again(typed):
    unit = Unit.parse(typed)
    again = Unit.parse(str(unit))
    assert again.compatible(unit)
    assert math.isclose(again.scale, unit.scale)


CONVERSIONS = [
    (300, "calls/month", "calls/day", 10),
    (1, "$/M tokens", "$/token", 1e-6),
    (48, "%", "share", 0.48),
    (0.48, "", "%", 48),
    (5, "person-days", "person-weeks", 1),
    (12, "$/year", "$/month", 1),
    (2, "k calls/day", "calls/day", 2000),
    (90, "min", "hours", 1.5),
    (687, "cents/contact", "$/contact", 6.87),
]


@pytest.mark.parametrize(("value", "have", "want", "result"), CONVERSIONS)
def test_conversions(value, have, want, result):
    assert Unit.parse(have).convert(value, want) == pytest.approx(result)


EXPLANATIONS = [
    ("calls/day", "calls a day", ""),
    ("calls/month", "calls/day", "Divide by 30."),
    ("calls/day", "calls/month", "Multiply by 30."),
    ("", "%", "Multiply by 100."),
    ("notes/month", "calls/day", "A factor in calls per note is missing."),
    ("day/calls", "calls/day", "upside down"),
    ("calls", "calls/day", "Say over which period"),
    ("calls/day", "calls", "multiply by the length of the period"),
    ("days", "person-weeks", "Effort is counted in"),
    ("$/month", "$/user/month", "divide by something counted in"),
    ("users", "$·users", "A factor in $ is missing"),
]


@pytest.mark.parametrize(("have", "want", "says"), EXPLANATIONS)
def test_a_mismatch_is_explained(have, want, says):
    text = Unit.parse(have).explain(want)
    assert says in text
    assert bool(text) == bool(says)


REFUSED = [
    ("furlongs", "not a unit"),
    ("cals/day", "Did you mean"),
    ("calls//day", "two slashes"),
    ("calls/", "ends after the slash"),
    ("m", "Write min or M"),
    ("€", "not a unit"),
    ("calls" * 40, "very long"),
    (None, "not text"),
]


@pytest.mark.parametrize(("typed", "says"), REFUSED)
def test_an_unknown_unit_says_what_to_write(typed, says):
    with pytest.raises(UnitError, match=says):
        Unit.parse(typed, place="Question 1")


@given(st.text(max_size=120))
def test_no_text_breaks_the_parser(text):
    try:
        unit = Unit.parse(text)
    except UnitError:
        return
    assert unit.explain(unit) == ""


def test_quantities_add_in_the_first_unit_and_multiply_units():
    notes = Quantity(16.8e6, "trips/month") * Quantity(1, "note/trip")
    assert str(notes.unit) == "notes/month"
    total = Quantity(18_900, "calls/day") + (notes * Quantity(1, "call/note"))
    assert total.value == pytest.approx(578_900)
    assert (total - total).value == 0
    assert (-total).value == -total.value
    assert str(Quantity(6.87, "$/contact")) == "$6.87/contact"
    assert (Quantity(10, "$") / Quantity(4, "calls")).to("$/call").value == 2.5
    assert (2 * Quantity(3, "calls") / 3).value == 2
    with pytest.raises(UnitError, match=r"notes/month and calls/day do not add up.*calls per note"):
        notes + Quantity(1, "call/day")


def test_numbers_are_written_without_false_precision():
    assert [format_number(x) for x in (0, 1234.5, 0.1, 7, -2500, math.inf)] == [
        "0", "1,234", "0.1", "7", "-2,500", "inf",
    ]  # fmt: skip
