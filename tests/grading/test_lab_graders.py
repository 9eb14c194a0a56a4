"""Decisions, diagnoses, tables, logs, G2, and references that are functions of the answers."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.grading.lab_lesson import ITEMS, KEY, SOLVER
from tests.grading.small_lesson import write

from skillmap.answers import AnswerSheet
from skillmap.errors import AnswerError, AuthoringError
from skillmap.grading import check_own, grade_item, grade_sheet, load_key
from skillmap.grading.feedback import Outcome
from skillmap.lessons import lesson_from

BLANK, NOT_YET, PARTLY, MET = Outcome.BLANK, Outcome.NOT_YET, Outcome.PARTLY, Outcome.MET
WORLD = 14


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    path = tmp_path_factory.mktemp("lesson") / "items.yaml"
    path.write_text(ITEMS, encoding="utf-8")
    return lesson_from(path)


@pytest.fixture(scope="module")
def key(tmp_path_factory, labs):
    folder = write(tmp_path_factory.mktemp("source") / "estimation", KEY, SOLVER)
    return load_key(folder, lesson=labs)


@pytest.fixture
def grade(labs, key):
    def run(item, **parts):
        sheet = AnswerSheet()
        for name, value in parts.items():
            sheet.put(f"{item}.{name}", value)
        return grade_item(labs.item(item), key, sheet, WORLD)

    return run


def named(feedback):
    return {criterion.name: criterion for criterion in feedback.criteria}


def cells(column, **rows):
    return [{"row": row, column: value} for row, value in rows.items()]


CHOICES = [
    ({}, 0, BLANK, ""),
    ({"decision": "b"}, 4, PARTLY, ""),  # the two numbers of the item are still blank
    ({"decision": "a"}, 4 / 3, PARTLY, "Better than the default"),
    ({"decision": "none"}, 0, NOT_YET, "no more than the default"),
    ({"decision": "c"}, 0, NOT_YET, "not one of the options"),
    ({"decision": ["b"]}, 0, NOT_YET, "not one of the options"),
    ({"decision": "b", "wait": 40, "gain": 12}, 10, MET, ""),
]


@pytest.mark.parametrize(("parts", "points", "outcome", "advice"), CHOICES)
def test_a_decision_among_options(grade, parts, points, outcome, advice):
    feedback = grade("es.c1", **parts)
    assert (feedback.points, feedback.outcome) == (pytest.approx(points, abs=0.01), outcome)
    found = named(feedback)["decision"]
    assert advice in found.advice
    assert "Ship B" not in found.advice
    assert found.key == "Ship B"


def test_options_within_a_tie_are_best_and_the_default_may_be(grade):
    first = {choice: named(grade("es.c3", first=choice))["first"] for choice in ("look", "wait")}
    assert all(c.outcome is MET and c.key == "Look or Wait" for c in first.values())
    worse = named(grade("es.c3", first="fix"))["first"]
    assert (worse.outcome, worse.points) == (NOT_YET, 0)
    assert "less than changing nothing" in worse.advice


BARS = [
    ({}, 0, BLANK),
    ({"s1": 0.6, "s2": 0.8}, 6, MET),
    ({"s1": 0.62, "s2": 0.75}, 6, MET),
    ({"s1": 0.6, "s2": 0.68}, 3.84, PARTLY),
    ({"s1": 0.6, "s2": 0.6}, 0, NOT_YET),
    ({"s1": 0.1, "s2": 0.1}, 0, NOT_YET),
    ({"s1": 0.6}, 0, NOT_YET),  # the other setting is missing: no value follows
    ({"s1": 1e30, "s2": 1e30}, 0, NOT_YET),
]


@pytest.mark.parametrize(("bars", "points", "outcome"), BARS)
def test_a_decision_about_settings(grade, bars, points, outcome):
    parts = {"decision": cells("bar", **bars)} if bars else {}
    feedback = grade("es.c2", **parts)
    assert (feedback.points, feedback.outcome) == (pytest.approx(points, abs=0.01), outcome)
    found = feedback.criteria[0]
    assert found.key == "Visitors. Bar: 0.6 ·\nLocals. Bar: 0.8"
    if bars:
        assert found.seen.startswith("Visitors. Bar: ")
        assert "0.8" not in found.advice
        assert bool(found.advice) == (outcome is not MET)


CAUSES = [
    # stale, judge, mix, nothing; share of four points
    ((10, 10, 20, 60), 1, MET, ""),
    ((0, 0, 50, 50), 1, MET, ""),
    ((20, 20, 20, 40), 0.5085, PARTLY, "tells your first two causes apart"),
    ((25, 25, 25, 25), 0, NOT_YET, "even spread says nothing"),
    ((100, 0, 0, 0), 0, NOT_YET, "which segment"),
    ((10, 10, 20, 61), 1, MET, ""),
    ((10, 10, 20, 62), 0, NOT_YET, "They add up to 102 percent"),
    ((0.1, 0.1, 0.2, 0.6), 0, NOT_YET, "They add up to 1: write percent"),
    ((-50, 50, 40, 60), 0, NOT_YET, "-50 percent cannot be"),
    ((1e30, 0, 0, 0), 0, NOT_YET, "cannot be"),
]


@pytest.mark.parametrize(("p", "share", "outcome", "advice"), CAUSES)
def test_a_diagnosis(grade, p, share, outcome, advice):
    table = cells("p", **dict(zip(("stale", "judge", "mix", "nothing"), p, strict=True)))
    found = named(grade("es.c3", causes=table))["causes"]
    assert found.points == pytest.approx(4 * share, abs=0.01)
    assert found.outcome is outcome
    assert advice in found.advice
    assert found.key == "Nothing"
    if outcome is MET:
        assert found.seen.startswith(("Nothing ", "New questions 50%"))


def test_a_diagnosis_with_its_numbers(grade):
    table = cells("p", mix=30, nothing=70)
    feedback = grade("es.c3", causes=table, share=0.31, first="look")
    assert (feedback.points, feedback.outcome) == (9, MET)
    assert feedback.measures["causes"]["on_true"] == 70
    assert grade("es.c3").outcome is BLANK
    twice = grade("es.c3", causes=[*table, *table])
    assert "stands there twice" in twice.advice


TABLES = [
    # rate s1, fails s1, rate s2, fails s2; cells right of four
    ((60, "y", 90, "n"), 4, ""),
    ((62.9, "y", 86, "n"), 4, ""),
    ((64, "y", 90, "n"), 3, "In “Pass rate”, Visitors is off"),
    ((60, "n", 90, "n"), 3, "“Below the bar”"),
    ((20, "n", 20, "y"), 0, "off"),
    ((60, "", 90, None), 2, "2 cells are empty"),
]


@pytest.mark.parametrize(("values", "right", "advice"), TABLES)
def test_a_table(grade, values, right, advice):
    rows = [
        {"row": row, "rate": rate, "fails": fails}
        for row, rate, fails in (("s1", *values[:2]), ("s2", *values[2:]))
    ]
    feedback = grade("es.c4", table=rows)
    found = feedback.criteria[0]
    assert feedback.points == pytest.approx(2 * right)
    assert found.outcome is (MET if right == 4 else PARTLY if right else NOT_YET)
    assert found.seen.startswith(f"{right} of 4 cells right: Visitors. Pass rate: ")
    assert "Pass rate: 60%; Below the bar: Yes" in found.key
    assert advice in found.advice
    assert "60" not in found.advice


def test_a_table_may_want_less_than_all_and_more_than_chance(labs, key):
    from skillmap.answers import Answer
    from skillmap.grading.registry import grade_answers

    item, reference = labs.item("es.c4"), key.reference("es.c4", WORLD)
    easier = key.items["es.c4"].model_copy(update={"floor": 0.25, "full": 0.75})
    points = []
    for right in range(5):
        rates = [60 if right > 0 else 1, 90 if right > 1 else 1]
        marks = ["y" if right > 2 else "n", "n" if right > 3 else "y"]
        rows = [
            {"row": row, "rate": rate, "fails": mark}
            for row, rate, mark in zip(("s1", "s2"), rates, marks, strict=True)
        ]
        answers = {"es.c4.table": Answer(rows)}
        points.append(grade_answers(item, easier, answers, reference).points)
    assert points == [0, 0, 4, 8, 8]
    assert grade_answers(item, easier, {}, reference).outcome is BLANK


FULL = {
    "decision": "ship",
    "rejected": "Hold until March",
    "deciding": 72_000,
    "trigger": "Harm above half of the saving for a week",
    "owner": "Ilse",
    "review": "day 42",
}
LOGS = [
    ({}, 6, MET, ""),
    ({"owner": None}, 2.5, PARTLY, "one person"),
    ({"deciding": "much"}, 2.5, PARTLY, "is not a number"),
    ({"rejected": "Ship"}, 2.5, PARTLY, "another one than you chose"),
    ({"review": "when we can"}, 2.5, PARTLY, "a day"),
    ({"review": "soon", "trigger": "Ilse"}, 2, PARTLY, "Also open: review"),
]


@pytest.mark.parametrize(("change", "points", "outcome", "advice"), LOGS)
def test_a_log(grade, change, points, outcome, advice):
    parts = {name: value for name, value in (FULL | change).items() if value is not None}
    feedback = grade("es.c5", **parts)
    assert (feedback.points, feedback.outcome) == (pytest.approx(points), outcome)
    assert advice in feedback.advice
    assert "deciding" not in feedback.criteria[0].seen


def test_a_blank_log_is_blank_and_one_text_everywhere_is_hardly_a_log(grade):
    assert grade("es.c5").outcome is BLANK
    same = dict.fromkeys(("rejected", "trigger", "owner", "review"), "On 3 May it depends")
    assert grade("es.c5", decision="ship", deciding=3, **same).points <= 2


SIMULATED = [(40, 3, MET), (46, 3, MET), (34, 3, MET), (46.1, 1.5, PARTLY), (52.1, 0, NOT_YET)]


@pytest.mark.parametrize(("wait", "points", "outcome"), SIMULATED)
def test_g2_allows_three_standard_errors(grade, wait, points, outcome):
    found = named(grade("es.c1", wait=wait))["wait"]
    assert (found.points, found.outcome) == (pytest.approx(points), outcome)
    assert found.key == "40 seconds"
    assert "three standard errors" in found.looked_for


@pytest.mark.parametrize(
    ("gain", "points"), [(12, 3), (12.5, 3), (12.6, 1.5), (14.4, 1.5), (15, 0), (0.12, 0.75)]
)
def test_g3_in_percent_is_half_a_point(grade, gain, points):
    found = named(grade("es.c1", gain=gain))["gain"]
    assert found.points == pytest.approx(points)
    assert found.looked_for == "A number within 0.5 points."


@pytest.mark.parametrize(
    ("value", "share"), [(50, 1), (60, 0.5), (416, 0.25), (424, 0), (208, 0.25), (212, 0), (2.4, 0)]
)
def test_a_wide_tolerance_does_not_widen_a_slip_of_units(labs, key, value, share):
    from skillmap.answers import Answer
    from skillmap.grading.registry import grade_answers

    wide = key.items["es.c3"].also["share"].model_copy(update={"within": 0.25, "part": "share"})
    answers = {"es.c3.share": Answer(value)}
    feedback = grade_answers(labs.item("es.c3"), wide, answers, 40.0)
    assert feedback.points == pytest.approx(9 * share)


# --- references that are functions ----------------------------------------------------------------

PLAN = cells("n", s1=90, s2=90)
RIGHT = {"plan": PLAN, "rate": 0.84, "worst": "s1", "again": 0.84,
         "groups": cells("rate", s1=0.79, s2=0.89)}  # fmt: skip


def test_a_reference_is_worked_out_from_the_learners_own_answers(grade):
    assert grade("es.c6", **RIGHT).points == 10
    other = grade("es.c6", **(RIGHT | {"plan": cells("n", s1=10, s2=10)}))
    assert other.points < 5
    assert named(other)["rate"].key == "0.8"
    assert other.flags == ()
    by_order = grade("es.c6", **(RIGHT | {"plan": [{"n": 90}, {"n": 90}]}))
    assert by_order.points == 10


def test_without_the_answer_that_it_needs_a_criterion_says_which(grade):
    parts = {name: value for name, value in RIGHT.items() if name != "plan"}
    feedback = grade("es.c6", **parts)
    assert (feedback.points, feedback.outcome, feedback.flags) == (0, NOT_YET, ())
    for criterion in feedback.criteria:
        assert "first answer “Labels bought”" in criterion.advice
        assert criterion.key == ""
    assert grade("es.c6").outcome is BLANK
    only_plan = grade("es.c6", plan=PLAN)
    assert {c.outcome for c in only_plan.criteria} == {BLANK}


ODD_PLANS = [
    cells("n", s1=90),
    cells("n", s1=-10, s2=30),
    cells("n", s1=-90, s2=-90),
    cells("n", s1=9e29, s2=9e29),
    [{"row": "s1"}],
]


@pytest.mark.parametrize("plan", ODD_PLANS)
def test_odd_answers_cost_their_criterion_and_nothing_else(grade, plan):
    feedback = grade("es.c6", **(RIGHT | {"plan": plan}))
    assert feedback.points == 0
    assert "check “Labels bought”" in feedback.advice
    assert "could not be worked out" in feedback.flags[0]


@pytest.mark.parametrize("plan", ["all", 3, [3], {"s1": 3}, [{"row": "s9", "n": 1}]])
def test_answers_of_the_wrong_shape_count_as_missing(grade, plan):
    feedback = grade("es.c6", **(RIGHT | {"plan": plan}))
    assert feedback.points == 0
    assert "first answer “Labels bought”" in feedback.advice


def test_an_item_of_components_waits_as_a_whole(grade):
    chain = {"factors": [{"name": "calls", "low": 1, "high": 4, "unit": "calls/day"}]}
    waits = grade("es.c7", chain=chain)
    assert (waits.outcome, waits.points, waits.maximum) == (NOT_YET, 0, 4)
    assert "first answer “Bill”" in waits.advice
    assert grade("es.c7", chain=chain, bill=2).points > 0
    assert grade("es.c7").outcome is BLANK


def test_a_function_cannot_change_the_answers(labs, key):
    from skillmap.answers import Answer
    from skillmap.grading.recompute import settle

    def greedy(answers):
        answers["plan"].clear()
        return float(len(answers["plan"]))

    plan = Answer(PLAN)
    found = settle(greedy, labs.item("es.c6"), {"es.c6.plan": plan}, lambda _: "")
    assert found == 2
    assert plan.value == PLAN


# --- faults of the key ----------------------------------------------------------------------------

FAULTS = [
    (KEY, "reference: c1\n", "reference: c4\n", "a function under value"),
    (KEY, "weights: {decision: 4}", "weights: {choice: 4}", "the only component is decision"),
    (KEY, "reference: c2}", "reference: c1}", "give a function under value"),
    (KEY, "reference: c3.cause", "reference: c3.share", "needs a cause"),
    (KEY, "reference: c3.cause", "reference: c3.cause\n    column: q", "no number column 'q'"),
    (KEY, "{rate: 0.05}", "{rate: 0}", "within"),
    (KEY, "reference: c4,", "reference: c3,", "needs a mapping from rows"),
    (KEY, "{number: deciding}", "{nomber: deciding}", "has no part 'number'"),
    (KEY, "{number: deciding}", "{number: deciding, mood: owner}", "is no field of a log"),
    (KEY, "reference: c6.worst", "reference: c6.best", "references have no 'best'"),
    (KEY, "reference: c6_whole.rate", "reference: c6_whole.mean", "KeyError: 'mean'"),
    (KEY, "rule: G2, reference: wait", "rule: G1, reference: wait", "needs a number"),
    (KEY, "grader: diagnosis", "grader: table", "needs a mapping from rows"),
    (KEY, "also:\n      wait: {grader: number", "also:\n      wait: {grader: table", "not table"),
    (SOLVER, '{"a": 1.0', '{"z": 1.0', "values and the options differ in a, z"),
    (SOLVER, '"default": "none"', '"default": "nix"', "neither one of the options nor a number"),
    (SOLVER, '"best": 10.0, ', "", "a number under best"),
    (SOLVER, '"best": 10.0, ', '"best": 1.0, ', "must not be worth less"),
    (SOLVER, '"se": 2.0', '"sd": 2.0', "one under se"),
    (SOLVER, '"cause": "nothing"', '"cause": "none"', "'none' is no row"),
    (SOLVER, '"fails": "y"', '"fails": "yes"', "'yes' is no option"),
    (SOLVER, '"s2": {"rate": 90.0', '"s3": {"rate": 90.0', "'s3' is no row"),
    (SOLVER, "labels[\"s1\"] + 10)", "labels[\"s1\"] - 90)", "ZeroDivisionError"),
    (SOLVER, "<= 400", "<= 40", "more labels than the budget"),
    (SOLVER, "plan is None", "plan is not None", "gives nothing for the solver's own"),
    (SOLVER, "def reference_answers(world):", "def reference_answers():", "reference_answers(10)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "says"), FAULTS)
def test_a_fault_is_found_when_the_key_is_loaded(tmp_path, labs, text, old, new, says):
    assert old in text
    changed = text.replace(old, new, 1)
    files = (changed, SOLVER) if text is KEY else (KEY, changed)
    with pytest.raises(AuthoringError) as caught:
        load_key(write(tmp_path / "estimation", *files), lesson=labs)
    assert says in str(caught.value)


PATHS = [
    ("c3.first, weight: 3", "c3.first, weight: -3", "items[es.c3].also.first.weight"),
    ("gain: {", "choice: {part: gain, tie: 3, ", "items[es.c1].also.choice.tie"),
    ("tie: 0.02", "tie: -1", "items[es.c1].tie"),
    ("within: {rate: 0.05}", "floor: 0.5, full: 0.4", "items[es.c4]"),
]


@pytest.mark.parametrize(("old", "new", "path"), PATHS)
def test_a_fault_has_its_path_also_where_a_part_is_called_like_a_grader(
    tmp_path, labs, old, new, path
):
    assert old in KEY
    with pytest.raises(AuthoringError) as caught:
        load_key(write(tmp_path / "estimation", KEY.replace(old, new, 1), SOLVER), lesson=labs)
    assert f"estimation/key.yaml {path}:" in str(caught.value)


def test_a_solver_without_answers_of_its_own_is_trusted(tmp_path, labs):
    solver = SOLVER[: SOLVER.index("def reference_answers")]
    assert load_key(write(tmp_path / "estimation", KEY, solver), lesson=labs).items


# --- anything at all ------------------------------------------------------------------------------

NAMES = ["row", "p", "n", "bar", "rate", "fails", "s1", "s2", "stale", "nothing", "a", "b",
         "ship", "y", "n/a", "2026-01-01", "{x}", "low", "high"]  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from(NAMES)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=15,
)


def rows_of(part):
    """Tables that nearly fit their prompt."""
    prompt = part.prompt
    cell = st.floats(-1e30, 1e30) | st.floats(0, 120) | st.sampled_from(["y", "n", "", None, "7%"])
    row = st.fixed_dictionaries(
        {}, optional={"row": st.sampled_from([*prompt.rows]), **{c.name: cell
                                                                 for c in prompt.columns}}
    )  # fmt: skip
    return st.lists(row, max_size=len(prompt.rows) + 1)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_answer_breaks_a_grader(labs, key, data):
    sheet = AnswerSheet()
    for item in labs.items:
        for part in item.parts:
            near = rows_of(part) if part.prompt.kind == "table" else SCALARS
            try:
                sheet.put(part.id, data.draw(JSON | near), data.draw(st.none() | SCALARS))
            except AnswerError:
                continue
    for feedback in grade_sheet(labs, key, sheet, WORLD):
        assert 0 <= feedback.points <= feedback.maximum
        assert sum(c.points for c in feedback.criteria) == pytest.approx(feedback.points, abs=0.1)
        for criterion in feedback.criteria:
            assert criterion.seen or criterion.outcome is not MET
            assert len(criterion.seen) < 1000
    for item in labs.items:
        check_own(item, {p.id: a for p in item.parts if (a := sheet.get(p.id))})
