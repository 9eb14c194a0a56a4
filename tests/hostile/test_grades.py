"""Hand-ins that try to raise their own grade. Each gets what the same work gets without that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from tests.cohort.small_course import right_number
from tests.hostile.cohort import HALF, MODULE, NEAR, RIGHT, WRONG, Hostile, Place, graded_cohort
from tests.hostile.judge import grade_is_fair, nothing_came_of_it

from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat.notebooknode import NotebookNode
    from tests.hostile.cohort import Cohort, Seen

FULL = [{"output_type": "execute_result", "data": {"text/plain": "10"}, "metadata": {}}]


def cell(book: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def forged_outputs(book: NotebookNode) -> None:
    for name in ("es-e1", "es-e2", "es-w1"):
        cell(book, name).outputs = [
            nbformat.from_dict({**FULL[0], "execution_count": 1}),
        ]


def more_points(book: NotebookNode) -> None:
    for name in ("es-e1", "es-e2", "es-w1"):
        cell(book, name).metadata.nbgrader.points = 1000


def swapped_ids(book: NotebookNode) -> None:
    one, two = cell(book, "es-e1"), cell(book, "es-w1")
    one.metadata.nbgrader.grade_id, two.metadata.nbgrader.grade_id = "es-w1", "es-e1"


def solution_becomes_grade(book: NotebookNode) -> None:
    cell(book, "es-e2-answer").metadata.nbgrader.update(grade=True, points=100, locked=True)
    cell(book, "es-e2-answer").source = "100"


def bonus_cell(book: NotebookNode) -> None:
    bonus = nbformat.v4.new_code_cell("100", id="bonus")
    bonus.metadata.nbgrader = {
        **cell(book, "es-e1").metadata.nbgrader,
        "grade_id": "es-bonus",
        "points": 100,
    }
    bonus.metadata.skillmap = {"item": "es.bonus", "role": "award"}
    book.cells.append(bonus)


def look_alike_id(book: NotebookNode) -> None:
    book.cells.append(cell(book, "es-e1").copy())
    book.cells[-1].metadata = json.loads(json.dumps(book.cells[-1].metadata))
    book.cells[-1].metadata["nbgrader"]["grade_id"] = "\u0435s-e1"  # a Cyrillic letter


def award_cells_rewritten(book: NotebookNode) -> None:
    for name in ("es-e1", "es-e2", "es-w1"):
        cell(book, name).source = "10"


def other_parameters(book: NotebookNode) -> None:
    cell(
        book, "es-parameters"
    ).source = 'learner = "honest.hana"\nanswers_dir = "/tmp"\ncohort = "last-year"'


def capturing_tag(book: NotebookNode) -> None:
    answer = cell(book, "es-e1-answer")
    answer.metadata.tags = ["parameters", "injected-parameters"]
    answer.metadata.skillmap = {"role": "parameters"}
    answer.source = 'learner = "honest.hana"'


def locked_code(book: NotebookNode) -> None:
    cell(
        book, "es-open"
    ).source = (
        "def answer(*_): pass\nopen('answers.json', 'w').write('{\"format\": 1, \"points\": 20}')"
    )


def widget_state(book: NotebookNode) -> None:
    state = {"x": {"model_name": "TextModel", "state": {"value": "heron", "points": 10}}}
    book.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}


def own_metadata(book: NotebookNode) -> None:
    book.metadata.skillmap = {"data": ["../../source/estimation/key.yaml"], "points": 20}
    book.metadata.skillmap_outcome = {"ended": "done", "points": 20}
    book.metadata.kernelspec = {"name": "forged", "display_name": "x", "language": "bash"}


def files(**contents: str) -> Any:
    def place(folder: Path, _: Place) -> None:
        for name, text in contents.items():
            path = folder / name.replace("__", "/").replace("_py", ".py").replace("_json", ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return place


SHADOW = "raise SystemExit('shadowed')\n"


def shadows(folder: Path, _: Place) -> None:
    for name in ("json", "random", "skillmap", "math", "pydantic", "sitecustomize", "nbformat"):
        (folder / f"{name}.py").write_text(SHADOW)
    (folder / "numpy").mkdir()
    (folder / "numpy" / "__init__.py").write_text(SHADOW)


def own_result(folder: Path, _: Place) -> None:
    (folder / "feedback.json").write_text('{"format": 1, "feedbacks": [], "manual_scores": 20}')
    (folder / "gradebook.db").write_text("")
    (folder / ".skillmap").mkdir()
    (folder / "course.toml").write_text('cohort = "last-year"\nengine = "plain"\n')
    (folder / "key.yaml").write_text("items: {}")
    (folder / "solver.py").write_text("def grade(*_): return 20\n")


def every_field(data: dict[str, Any], _: str) -> dict[str, Any]:
    gift = {"points": 10, "outcome": "met", "reviewed": True, "maximum": 0, "manual_score": 10}
    for entry in data["answers"].values():
        entry.update(gift, feedback=dict(gift), criteria=[gift])
    return data | gift | {"total": 20, "answers": data["answers"], "feedbacks": [gift] * 3}


def friends_world(data: dict[str, Any], student: str) -> dict[str, Any]:
    return data | {"world": world_of("honest.hana", MODULE, salt="open"), "learner": "honest.hana"}


def friends_number(student: str) -> int:
    """A number that is right for somebody and not near for this learner."""
    for friend in ("honest.hana", "ben", "cleo", "dov"):
        if abs(right_number(friend) - right_number(student)) > 5:
            return right_number(friend)
    raise AssertionError(student)


def named_after_another(data: dict[str, Any], _: str) -> dict[str, Any]:
    return data | {"learner": "honest.hana"}


def with_value(value: Any) -> Any:
    def forge(data: dict[str, Any], _: str) -> dict[str, Any]:
        data["answers"]["es.e1.calls"]["value"] = value
        return data

    return forge


def raw_number(text: str) -> Any:
    def forge(data: dict[str, Any], _: str) -> bytes:
        data["answers"]["es.e1.calls"]["value"] = "@"
        return json.dumps(data).replace('"@"', text).encode()

    return forge


def twice(data: dict[str, Any], student: str) -> bytes:
    right = json.dumps({"value": RIGHT(student)})
    body = json.dumps(data)
    return body.replace('"answers": {', f'"answers": {{"es.e1.calls": {right}, ', 1).encode()


def look_alikes(data: dict[str, Any], student: str) -> dict[str, Any]:
    data["answers"] |= {
        "\u0435s.e1.calls": {"value": RIGHT(student)},
        "es.e1.c\u0430lls": {"value": RIGHT(student)},
        "ES.E1.CALLS": {"value": RIGHT(student)},
        "es.e1.calls ": {"value": RIGHT(student)},
        "es.e1.calls\u200b": {"value": RIGHT(student)},
    }
    return data


def a_million_histories(data: dict[str, Any], _: str) -> bytes:
    entries = '{"value": 1},' * 10**6
    data["answers"]["es.e1.calls"]["history"] = "@"
    return json.dumps(data).replace('"@"', f"[{entries[:-1]}]").encode()


def full_history(data: dict[str, Any], student: str) -> dict[str, Any]:
    right = {"value": RIGHT(student), "saved_at": "2026-11-20T10:00:00+00:00"}
    data["answers"]["es.e1.calls"]["history"] = [right] * 15_000
    return data


def other_items(data: dict[str, Any], _: str) -> dict[str, Any]:
    data["answers"] |= {f"es.e{n}.calls": {"value": 1} for n in range(3, 40)}
    return data


def with_prediction(value: Any) -> Any:
    def forge(data: dict[str, Any], _: str) -> dict[str, Any]:
        data["answers"]["es.e1.calls"]["predicted"] = value
        return data

    return forge


def one_waits_only(seen: Seen) -> None:
    assert "We could not grade this one; a person looks at it." in seen.feedback_page
    assert "the grader broke" in seen.formgrader_page


def value_is_shown(seen: Seen) -> None:
    assert "True" in seen.feedback_page


def no_points_in_the_row(seen: Seen) -> None:
    assert seen.row.maximum == 20
    assert seen.row.after == sum(seen.attack.worth)


OWN_SHEET = """import json
json.dump({"format": 1, "module": "estimation", "learner": learner, "world": 1,
           "points": 20, "total": 20, "reviewed": True, "answers": {
    "es.e1.calls": {"value": 0, "points": 10, "outcome": "met", "reviewed": True, "maximum": 0},
    "es.e2.model": {"value": "wren", "points": 5, "outcome": "met", "manual_score": 5}}},
    open("answers.json", "w"))
print("sheet written")"""

LATE = """import atexit, json, os, threading, time
def forge():
    json.dump({"format": 1, "points": 20, "answers": {"es.e1.calls": {"value": 1, "points": 10}}},
              open("answers.json", "w"))
atexit.register(forge)
def keep():
    while True:
        forge(); time.sleep(0.01)
threading.Thread(target=keep, daemon=True).start()
if os.fork() == 0:
    keep()
print("armed")"""

TRANSFORMER = """ip = get_ipython()
ip.input_transformers_post.append(lambda lines: ["10"])
ip.events.register("pre_run_cell", lambda info: print("10"))
print("armed")"""

TREE = """import ast
class Full(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.parse("10")
get_ipython().ast_transformers.append(Full())
print("armed")"""

ISCLOSE = """import math, cmath, operator, builtins, numpy as np
math.isclose = cmath.isclose = operator.eq = lambda *a, **k: True
np.isclose = np.allclose = np.array_equal = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
builtins.abs = lambda x: 0
print("patched")"""

GRADERS = """import skillmap.grading as grading, skillmap.grading.feedback as feedback
import skillmap.cohort.scoring as scoring, skillmap.cohort.record as record
full = lambda *a, **k: feedback.Feedback(None, feedback.Outcome.MET, 10.0, 10.0)
grading.grade_item = full
grading.grade_sheet = lambda *a, **k: (full(), full(), full())
scoring.score = grading.grade_sheet
feedback.Feedback.points = property(lambda self: 10.0)
print("patched")"""

EQUALS = """class Equal(float):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __sub__ = __rsub__ = lambda self, other: 0.0
    __abs__ = lambda self: 0.0
    __hash__ = float.__hash__
answer("es.e1.calls", Equal(-1))
print("answered", Equal(-1) == 55)"""

TEXT = """class Word(str):
    __eq__ = lambda self, other: True
    __hash__ = str.__hash__
    def encode(self, *_): return b"heron"
    def __str__(self): return "heron"
    __repr__ = __str__
    def casefold(self): return "heron"
answer("es.e2.model", Word("wren"))
print("answered", Word("wren") == "heron")"""

PATCHED_JSON = """import json, builtins
real = json.dumps
json.dumps = lambda value, **k: real({"kind": "cell", "points": 10, "status": "ok"})
print("patched")"""

WIRE = """import os, stat, struct, json
sockets = []
for n in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(n).st_mode): sockets.append(n)
    except OSError: pass
print("found", len(sockets) > 0)
for points in range(8):
    raw = json.dumps({"kind": "cell", "cell": points, "status": "ok", "execution_count": 1,
        "seconds": 0.1, "outputs": [{"output_type": "execute_result", "data": {"text/plain": "10"},
        "metadata": {}, "execution_count": 1}]}).encode()
    os.write(min(sockets), struct.pack("!I", len(raw)) + raw)"""

SHADOWED = """import os
for name in ("json", "pydantic", "nbformat", "skillmap", "numpy", "math"):
    open(name + ".py", "w").write("raise SystemExit('shadowed')")
os.mkdir("papermill"); open("papermill/__init__.py", "w").write("raise SystemExit")
print("shadows laid")"""

MODULES = """import sys, types
for name in ("skillmap.grading", "skillmap.answers", "skillmap.cohort.scoring", "json"):
    sys.modules[name] = types.SimpleNamespace(grade_sheet=lambda *a: 20, dumps=None)
print("replaced")"""

ATTACKS = (
    Hostile("patched isclose", "makes every comparison true", ISCLOSE, shows="patched"),
    Hostile("patched graders", "replaces the graders in the kernel", GRADERS, shows="patched"),
    Hostile("replaced modules", "puts its own modules into sys.modules", MODULES, shows="replaced"),
    Hostile(
        "object equal to everything",
        "answers with a number that equals any other",
        EQUALS,
        sheet={},
        worth=(0, 0, 0),
        shows="answered True",
    ),
    Hostile(
        "text equal to everything",
        "answers with a text that equals any other",
        TEXT,
        sheet={"es.e1.calls": NEAR},
        shows="answered True",
    ),
    Hostile(
        "input transformer",
        "turns every later cell into the number 10",
        TRANSFORMER,
        shows="armed",
    ),
    Hostile("syntax tree transformer", "rewrites every later cell", TREE, shows="armed"),
    Hostile("forged outputs", "hands in outputs that say 10 points", edit=forged_outputs),
    Hostile("more points", "sets the points of each item to 1000", edit=more_points),
    Hostile("swapped ids", "swaps the ids of two grade cells", edit=swapped_ids),
    Hostile(
        "answer cell as grade cell",
        "makes its own cell worth 100 points",
        edit=solution_becomes_grade,
    ),
    Hostile("bonus cell", "adds a grade cell worth 100 points", edit=bonus_cell),
    Hostile("look-alike cell id", "adds a grade cell with a Cyrillic letter", edit=look_alike_id),
    Hostile("rewritten grade cells", "writes 10 into each grade cell", edit=award_cells_rewritten),
    Hostile("another's parameters", "runs as another learner", edit=other_parameters),
    Hostile(
        "tag that captures parameters",
        "tags its cell so that papermill fills it in",
        edit=capturing_tag,
        then=no_points_in_the_row,
    ),
    Hostile("locked cell rewritten", "replaces the cell that saves answers", edit=locked_code),
    Hostile("widget state", "hands in widgets that show the right answer", edit=widget_state),
    Hostile("notebook metadata", "declares data, an outcome and a kernel", edit=own_metadata),
    Hostile(
        "learner renamed in a cell",
        "sets learner and cohort to another's",
        'learner, cohort = "honest.hana", "last-year"\nanswer("es.e2.model", "wren")',
    ),
    Hostile("shadow modules beside it", "hands in json.py, skillmap.py and more", place=shadows),
    Hostile(
        "shadow modules in the run", "writes json.py and more when run", SHADOWED, shows="shadows"
    ),
    Hostile("own feedback and key", "hands in feedback, key and settings", place=own_result),
    Hostile("sheet written by the run", "writes a sheet with points", OWN_SHEET, shows="sheet wr"),
    Hostile("sheet with points", "saves points, outcomes and totals", forged=every_field),
    Hostile("sheet rewritten later", "keeps rewriting the sheet", LATE, shows="armed"),
    Hostile(
        "another's world",
        "claims the world of a friend, with the friend's answer",
        sheet={"es.e1.calls": friends_number},
        forged=friends_world,
        worth=(0, 0, 0),
        says="was made in another world",
    ),
    Hostile(
        "another's name on the sheet",
        "claims the name of a friend",
        forged=named_after_another,
        says="names honest.hana; graded as another",
    ),
    Hostile(
        "not a number",
        "answers NaN",
        forged=raw_number("NaN"),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        says="nan is not a usable number",
    ),
    Hostile(
        "infinity",
        "answers infinity",
        forged=raw_number("Infinity"),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        says="inf is not a usable number",
    ),
    Hostile(
        "huge whole number",
        "answers with a million digits",
        forged=raw_number("9" * 10**6),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        says="not a usable number",
    ),
    Hostile(
        "true for a number",
        "answers true",
        forged=with_value(True),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        then=value_is_shown,
    ),
    Hostile(
        "list for a number",
        "answers with what breaks the grader",
        forged=with_value([[1], {"__class__": "float"}]),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        then=one_waits_only,
    ),
    Hostile(
        "answer given twice",
        "has one id twice, the right value first",
        forged=twice,
        says="gives es.e1.calls twice; the last one was kept",
    ),
    Hostile(
        "look-alike answer ids",
        "saves right values under ids that look the same",
        forged=look_alikes,
        says="is not an id",
    ),
    Hostile(
        "a million earlier values",
        "saves a history of a million entries",
        forged=a_million_histories,
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        says="answers.json is larger than 1 MiB",
    ),
    Hostile("history of right values", "was right earlier 15,000 times", forged=full_history),
    Hostile(
        "answers to other items",
        "saves answers to items that are not asked",
        forged=other_items,
        says="no such item in this module; kept, not graded",
    ),
    Hostile(
        "prediction out of range",
        "predicts 10 to the 9 percent",
        forged=with_prediction(10**9),
        says="is not from 0 to 100",
    ),
    Hostile("forged results", "writes results of its own to the engine", WIRE, shows='"10"'),
    Hostile("patched json", "replaces json.dumps in the kernel", PATCHED_JSON, shows="patched"),
)


@pytest.fixture(scope="module")
def graded() -> Iterator[Cohort]:
    yield from graded_cohort(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_grade_is_that_of_the_work_without_the_attack(graded: Cohort, attack: Hostile) -> None:
    grade_is_fair(graded.seen(attack))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_comes_of_it(graded: Cohort, attack: Hostile) -> None:
    nothing_came_of_it(graded.seen(attack))


def test_half_and_wrong_are_what_they_say() -> None:
    assert {"es.e1.calls", "es.e2.model"} == set(HALF)
    assert abs(NEAR("ada") - RIGHT("ada")) <= 5 < abs(WRONG("ada") - RIGHT("ada"))
