"""Each grader: blank, wrong, partly, right, and answers that are not what was asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillmap.answers import Answer, AnswerSheet
from skillmap.errors import AnswerError
from skillmap.grading import GRADERS, check_own, grade_item, grade_sheet
from skillmap.grading.feedback import Outcome
from skillmap.grading.registry import grade_answers

BLANK, NOT_YET, PARTLY, MET, REVIEW = (
    Outcome.BLANK,
    Outcome.NOT_YET,
    Outcome.PARTLY,
    Outcome.MET,
    Outcome.NEEDS_REVIEW,
)


def by_name(feedback):
    return {criterion.name: criterion for criterion in feedback.criteria}


NUMBERS = [
    # the reference is 1,400 calls/day
    ({}, 0, BLANK, "Nothing was saved"),
    ({"n": 1400}, 4, MET, ""),
    ({"n": 1413}, 4, MET, ""),
    ({"n": (42_000, "calls/month")}, 4, MET, ""),
    ({"n": 1450}, 2, PARTLY, "Close"),
    ({"n": 42_000}, 1, PARTLY, "30 days"),
    ({"n": 1.4}, 1, PARTLY, "thousands"),
    ({"n": -1400}, 0, NOT_YET, "sign"),
    ({"n": 9}, 0, NOT_YET, "unit"),
    ({"n": "many"}, 0, NOT_YET, "is not a number"),
    ({"n": [3]}, 0, NOT_YET, "is not a number"),
    ({"n": (1400, "notes/day")}, 0, NOT_YET, "calls per note is missing"),
    ({"n": (1400, "furlongs")}, 0, NOT_YET, "not a unit"),
    ({"n": "  "}, 0, BLANK, "Nothing was saved"),
]


@pytest.mark.parametrize(("parts", "points", "outcome", "advice"), NUMBERS)
def test_number(grade, parts, points, outcome, advice):
    feedback = grade("es.a1", **parts)
    assert (feedback.points, feedback.outcome) == (points, outcome)
    assert advice in feedback.advice
    assert "1,400" not in feedback.advice
    assert feedback.criteria[0].key == "1,400 calls/day"
    assert feedback.worked


CHOICES = [
    ({}, 0, BLANK),
    ({"one": "x"}, 3, MET),
    ({"one": "y"}, 1.5, PARTLY),
    ({"one": "z"}, 0, NOT_YET),
    ({"one": "w"}, 0, NOT_YET),
    ({"one": 3}, 0, NOT_YET),
]


@pytest.mark.parametrize(("parts", "points", "outcome"), CHOICES)
def test_choice(grade, parts, points, outcome):
    feedback = grade("es.a2", **parts)
    assert (feedback.points, feedback.outcome) == (points, outcome)
    assert "Ex" not in feedback.advice


@pytest.mark.parametrize(
    ("kind", "part", "value", "share"),
    [
        ("choices", "some", ["x", "y"], 1),
        ("choices", "some", ["x"], 0.5),
        ("choices", "some", ["x", "y", "z"], 0.5),
        ("choices", "some", ["z"], 0),
        ("choices", "some", [], 0),
        ("ranking", "order", ["z", "y", "x"], 1),
        ("ranking", "order", ["y", "z", "x"], 1 / 3),
        ("ranking", "order", ["x", "y", "z"], 0),
        ("ranking", "order", ["x", "y"], 0),
    ],
)
def test_choices_and_ranking(small_lesson, small_key, kind, part, value, share):
    key = small_key.items["es.a2"].model_copy(
        update={"grader": kind, "part": part, "reference": part}
    )
    reference = small_key.references(14)["a2"][part]
    item = small_lesson.item("es.a2")
    feedback = grade_answers(item, key, {f"es.a2.{part}": Answer(value)}, reference)
    assert feedback.points == pytest.approx(3 * share, abs=0.01)


def factor(name, point, unit, op="*", times=1.2):
    return {"name": name, "low": point / times, "point": point, "high": point * times,
            "unit": unit, "op": op}  # fmt: skip


GOOD_CHAIN = {
    "factors": [
        factor("ask", 14_000, "questions/day"),
        factor("ask_calls", 1.35, "calls/question"),
        factor("trips", 14e6, "trips/month", "+"),
        factor("notes", 1.2, "calls/trip"),
    ]
}
GOOD = {
    "chain": GOOD_CHAIN,
    "range": {"low": 400_000, "point": 579_000, "high": 900_000},
    "drivers": ["notes", "trips"],
    "decision": "small",
    "break_even": 12,
    "mind": "If trips pass 20 million in the log",
}
WITH_SEATS = {"factors": [*GOOD_CHAIN["factors"], factor("seats", 900, "calls/day", "+")]}
WITH_LABELS = {
    "factors": [
        {**f, "name": n}
        for f, n in zip(
            GOOD_CHAIN["factors"],
            ["Ask questions", "calls a question", "TRIPS", "Calls, a trip"],
            strict=True,
        )
    ]
}
UNITS_MISSING = {"factors": [{**f, "unit": ""} for f in GOOD_CHAIN["factors"]]}
NO_NOTES = {"factors": GOOD_CHAIN["factors"][:2]}
CLASH = {"factors": [*GOOD_CHAIN["factors"][:2], factor("trips", 14e6, "trips/month", "+")]}

ESTIMATES = [
    ({}, 14, ()),
    ({"chain": WITH_LABELS}, 14, ()),
    ({"chain": WITH_SEATS}, 14 - 0.5, ("factors",)),
    ({"chain": NO_NOTES}, 11, ("factors", "arithmetic")),
    ({"chain": CLASH}, 11.5, ("factors", "arithmetic")),
    ({"chain": UNITS_MISSING}, 12, ("arithmetic",)),
    ({"chain": "none"}, 10, ("factors", "arithmetic")),
    ({"range": {"low": 9e6, "high": 2e7}}, 8, ("arithmetic", "interval")),
    ({"range": {"low": 2, "high": 1}}, 8, ("arithmetic", "interval")),
    ({"drivers": ["ask", "trips"]}, 13, ("drivers",)),
    ({"drivers": ["ask"]}, 12, ("drivers",)),
    ({"decision": "large"}, 13, ("decision",)),
    ({"break_even": 12e6}, 13, ("break-even",)),
    ({"break_even": (12e6, "trips/month")}, 14, ()),
    ({"mind": "Depends."}, 12, ("mind",)),
    ({"mind": "If many more trips than that come"}, 13, ("mind",)),
]


@pytest.mark.parametrize(("change", "points", "open_"), ESTIMATES)
def test_estimate(grade, change, points, open_):
    feedback = grade("es.a3", **(GOOD | change))
    assert feedback.points == pytest.approx(points)
    assert tuple(c.name for c in feedback.criteria if c.outcome is not MET) == open_
    for criterion in feedback.criteria:
        assert bool(criterion.advice) == (criterion.outcome is not MET)
        assert criterion.looked_for
        assert "578,900" not in criterion.advice
    assert sum(c.maximum for c in feedback.criteria) == pytest.approx(14)


def test_estimate_measures_are_there_for_plots(grade):
    measures = grade("es.a3", **GOOD).measures
    assert measures["low"] < measures["reference"] < measures["high"]
    assert measures["computed"] == pytest.approx(578_900)
    assert measures["tornado"][0]["name"] in {"trips", "notes"}


def test_estimate_explains_units_and_slips(grade):
    clash = by_name(grade("es.a3", **(GOOD | {"chain": CLASH})))["arithmetic"]
    assert "A factor in calls per trip is missing" in clash.advice
    month = {"low": 9e6, "point": 17.37e6, "high": 3e7}
    slipped = by_name(grade("es.a3", **(GOOD | {"range": month})))
    assert "30 days" in slipped["arithmetic"].advice
    assert "30 days" in slipped["interval"].advice
    assert (
        "recognized"
        in by_name(
            grade("es.a3", **(GOOD | {"chain": {"factors": [factor("magic", 5, "calls/day")]}}))
        )["factors"].advice
    )


def test_a_blank_estimate_is_blank_and_a_part_of_one_is_not(grade):
    assert grade("es.a3").outcome is BLANK
    alone = grade("es.a3", decision="small")
    assert (alone.outcome, alone.points) == (PARTLY, 1)


def test_own_drivers_count_when_the_chain_is_complete(grade):
    chain = {"factors": [
        factor("ask", 300_000, "questions/day", times=2), *GOOD_CHAIN["factors"][1:]
    ]}  # fmt: skip
    answers = GOOD | {"chain": chain, "drivers": ["ask", "ask_calls"]}
    assert by_name(grade("es.a3", **answers))["drivers"].points > 0
    short = {"factors": chain["factors"][:2]}
    assert by_name(grade("es.a3", **(answers | {"chain": short})))["drivers"].points == 0


def spans(p, q, r, s):
    return {"p": p, "q": q, "r": r, "s": s}


def span(low, high):
    return {"low": low, "high": high}


HOLDS = spans(span(80, 120), span(4, 6), span(30, 50), span(6, 8))
LADDERS = [
    ({}, 0, BLANK),
    (HOLDS, 10, MET),
    (HOLDS | {"q": span(6, 7)}, 10, MET),
    (HOLDS | {"r": span(0.001, 1e9), "q": span(0, 1e9)}, 7, PARTLY),
    (HOLDS | {"p": span(200, 210), "q": span(50, 60), "r": span(90, 91)}, 2, PARTLY),
    ({"p": HOLDS["p"]}, 2.4, PARTLY),
    ({"p": "wide"}, 0, NOT_YET),
]


@pytest.mark.parametrize(("parts", "points", "outcome"), LADDERS)
def test_interval_set(grade, parts, points, outcome):
    feedback = grade("es.a4", **parts)
    assert feedback.outcome is outcome
    assert feedback.points == pytest.approx(points, abs=1.2 if 0 < points < 10 else 0.01)
    if outcome is not BLANK:
        assert feedback.measures["n"] == 4
        assert "ranges held the truth" in feedback.evidence[0]


SHOP = {
    "chain": {
        "factors": [
            factor("trips", 10, "million trips/month"),
            factor("cost", 2, "$/thousand trips", times=2),
        ]
    },
    "bill": 20_000,
    "drivers": ["cost"],
}
SHOPS = [
    ({}, 12, ()),
    ({"bill": 20}, 10, ("arithmetic",)),
    ({"drivers": ["trips"]}, 10, ("drivers",)),
    ({"chain": {"factors": SHOP["chain"]["factors"][:1]}}, 4, ("factors", "arithmetic", "value")),
    (
        {"chain": {"factors": [*SHOP["chain"]["factors"], factor("seats", 5_000, "$/month", "+")]}},
        4,
        ("factors", "arithmetic", "value"),
    ),
]


@pytest.mark.parametrize(("change", "points", "open_"), SHOPS)
def test_chain(grade, change, points, open_):
    feedback = grade("es.a5", **(SHOP | change))
    assert tuple(c.name for c in feedback.criteria if c.outcome is not MET) == open_
    assert feedback.points == pytest.approx(points)


WRITTEN = [
    ({}, BLANK, 0),
    ({"text": " \n "}, BLANK, 0),
    ({"text": "Around thirty thousand dollars a month, twenty to sixty."}, REVIEW, 0),
    ({"text": "Much."}, REVIEW, 1),
    ({"text": "cost " * 50}, REVIEW, 1),
    ({"text": "What does it cost? What does it cost?"}, REVIEW, 1),
    ({"text": 3}, NOT_YET, 0),
]


@pytest.mark.parametrize(("parts", "outcome", "flags"), WRITTEN)
def test_written(grade, parts, outcome, flags):
    feedback = grade("es.a6", **parts)
    assert (feedback.outcome, feedback.points, len(feedback.flags) > 0) == (outcome, 0, flags > 0)
    assert [c.name for c in feedback.criteria] == ["Scope", "Chain"]


def test_a_sheet_in_order_with_predictions(small_lesson, small_key):
    sheet = AnswerSheet()
    sheet.put("es.a1.n", 1400)
    sheet.predict("es.a1", 80)
    found = grade_sheet(small_lesson, small_key, sheet, 14)
    assert [str(f.item) for f in found] == [f"es.a{i}" for i in range(1, 8)]
    assert found[0].predicted == 80
    assert found[0].percent == 100
    assert all(f.outcome is BLANK for f in found[1:])
    assert grade_sheet(small_lesson, small_key, sheet, 15)[0].points < 4


def test_an_item_without_a_key_waits_for_a_person(small_lesson, small_key):
    sheet = AnswerSheet()
    item = small_lesson.item("es.open")
    assert grade_item(item, small_key, sheet, 14).outcome is BLANK
    sheet.put("es.open.n", 3)
    feedback = grade_item(item, small_key, sheet, 14)
    assert feedback.outcome is REVIEW
    assert feedback.flags


def test_without_a_key_only_what_is_the_learners_own(small_lesson):
    item = small_lesson.item("es.a3")
    answers = {f"es.a3.{k.replace('_', '-')}": Answer(v) for k, v in GOOD.items()}
    good = check_own(item, answers)
    assert (good.outcome, good.points, good.maximum) == (MET, 0, 0)
    assert "578,900" in str(good)
    worse = check_own(item, answers | {"es.a3.range": Answer({"low": 1, "high": 4})})
    assert "arithmetic" in {c.name for c in worse.criteria if c.outcome is NOT_YET}
    clash = check_own(item, answers | {"es.a3.chain": Answer(CLASH)})
    assert "calls per trip" in clash.advice
    assert check_own(item, {}).outcome is BLANK


def test_every_grader_is_documented():
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "graders.md").read_text(encoding="utf-8")
    for name in GRADERS:
        assert f"`{name}`" in text


WORDS = st.sampled_from(
    ["factors", "name", "low", "high", "point", "unit", "op", "x", "y", "*", "/", "+", "trips",
     "ask", "calls/day", "a", "notes", "{size}", "{0}", "{a.b}"]
)  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(max_size=12)
    | WORDS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=15,
)
SPAN = st.fixed_dictionaries({"low": st.floats(-1e30, 1e30), "high": st.floats(-1e30, 1e30)})
FACTOR = st.fixed_dictionaries(
    {
        "name": WORDS,
        "low": st.floats(-1e18, 1e18),
        "high": st.floats(-1e18, 1e18),
        "op": st.sampled_from(["*", "/", "+", "-"]),
        "unit": st.sampled_from(["", "calls/day", "%", "trips/month", "$"]),
    }
)
CHAINS = st.fixed_dictionaries({"factors": st.lists(FACTOR, max_size=5)})


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_answer_breaks_a_grader(small_lesson, small_key, data):
    sheet = AnswerSheet()
    for item in small_lesson.items:
        for part in item.parts:
            value = data.draw(JSON | SPAN | CHAINS)
            unit = data.draw(st.none() | WORDS)
            try:
                sheet.put(part.id, value, unit)
            except AnswerError:
                continue
    for feedback in grade_sheet(small_lesson, small_key, sheet, 14):
        assert 0 <= feedback.points <= feedback.maximum
        assert sum(c.points for c in feedback.criteria) == pytest.approx(feedback.points, abs=0.1)
    for item in small_lesson.items:
        check_own(item, {p.id: a for p in item.parts if (a := sheet.get(p.id))})
