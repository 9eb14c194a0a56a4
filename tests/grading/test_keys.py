from textwrap import dedent

import pytest
from tests.grading.small_lesson import KEY, SOLVER, write

from skillmap.errors import AuthoringError
from skillmap.grading import load_key
from skillmap.grading.keys import resolve


def test_a_good_key_loads(small_key):
    assert small_key.items["es.a3"].rule == "EA"
    assert small_key.reference("es.a1", 3) == 300
    assert small_key.worked("es.a1", 3) == "It is 300."
    assert small_key.worked("es.a2", 3) == ""
    assert small_key.references(3) is small_key.references(3)


FAULTS = [
    ("grader: number, reference: a1", "grader: numbr, reference: a1", "did you mean number?"),
    ("grader: number, reference: a1", "reference: a1", "needs one of"),
    ("rule: G1}", "rule: G9}", "items[es.a1].rule"),
    ("rule: G1}", "rule: G1, tolerance: 3}", "items[es.a1].tolerance"),
    ("reference: a1,", "reference: a9,", "references have no 'a9'"),
    ("reference: a1,", "reference: a4,", "needs a number"),
    ("reference: a2.one", "reference: a1", "needs an option"),
    ("part: one", "part: two", "has no part 'two'; it has one, some, order"),
    ("part: one", "part: some", "es.a2.some asks for choices, not choice"),
    ("es.a1:", "es.a11:", "did you mean es.a1?"),
    ("es.a1:", "es.a11:", "es.a1 has 4 points and no key"),
    ("reference: a3", "reference: a1", "a number under value"),
    ("mind: {", "mood: {", "has no part 'mood'"),
    ("words: 5", "words: 0", "also.mind.presence.words"),
    ("reference: a4}", "reference: a7}", "part ids differ"),
    ("module: estimation", "module: estimates", "needs one of product-sense"),
    ("solver: solver.py", "solver: ../solver.py", "a Python file beside it"),
    ("solver: solver.py", "solver: none.py", "a Python file beside it"),
    ("solver: solver.py", "solvr: solver.py", "is not a field"),
]


@pytest.mark.parametrize(("old", "new", "says"), FAULTS)
def test_a_fault_has_its_path(tmp_path, small_lesson, old, new, says):
    assert old in KEY
    folder = write(tmp_path / "estimation", KEY.replace(old, new, 1))
    with pytest.raises(AuthoringError) as caught:
        load_key(folder, lesson=small_lesson)
    text = str(caught.value)
    assert says.replace("also.mind.presence", "also.mind") in text.replace(
        "also.mind.presence", "also.mind"
    )
    assert "estimation/key.yaml" in text


def test_all_faults_come_at_once(tmp_path, small_lesson):
    key = KEY
    for old, new, _ in FAULTS[3], FAULTS[4], FAULTS[7], FAULTS[13]:
        key = key.replace(old, new, 1)
    with pytest.raises(AuthoringError) as caught:
        load_key(write(tmp_path / "estimation", key), lesson=small_lesson)
    assert len(caught.value.faults) >= 3


BROKEN_SOLVERS = [
    ("1 / 0", "ZeroDivisionError"),
    ("x = 3", "no function references"),
    ("def references(world):\n    raise KeyError('mau')", "references(10) fails"),
    (SOLVER.replace('"trips/month"', '"notes/month"'), "per"),
    (SOLVER.replace('"chain": shop', '"chain": 3'), "chain is not a Chain"),
]


@pytest.mark.parametrize(("solver", "says"), BROKEN_SOLVERS)
def test_a_broken_solver_is_a_fault_of_the_material(tmp_path, small_lesson, solver, says):
    with pytest.raises(AuthoringError) as caught:
        load_key(write(tmp_path / "estimation", KEY, solver), lesson=small_lesson)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["[1, 2", "- a", "", "items: 3", "!!python/object:os.system {}"])
def test_a_file_that_is_no_key(tmp_path, small_lesson, text):
    with pytest.raises(AuthoringError):
        load_key(write(tmp_path / "estimation", dedent(text)), lesson=small_lesson)


def test_a_missing_key(tmp_path):
    with pytest.raises(AuthoringError, match="No such file"):
        load_key(tmp_path)


def test_resolve_names_the_step_that_fails():
    with pytest.raises(KeyError, match="b"):
        resolve({"a": {}}, "a.b")
