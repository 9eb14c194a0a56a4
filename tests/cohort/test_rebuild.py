"""What a learner may write is taken by id; everything else in a submission is ignored."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from skillmap.cohort.build import learner_notebook
from skillmap.cohort.notebooks import grade_id, item_cells
from skillmap.cohort.rebuild import LARGEST_CELL, inject_parameters, parse_notebook, rebuild
from skillmap.errors import SubmissionError

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

    from skillmap.cohort.course import Course


@pytest.fixture
def master(course: Course) -> NotebookNode:
    return learner_notebook(course, "estimation")


def handed(master: NotebookNode, **sources: str) -> dict[str, Any]:
    book = copy.deepcopy(master)
    for cell in book.cells:
        if grade_id(cell).replace("-", "_") in sources:
            cell.source = sources[grade_id(cell).replace("-", "_")]
    return json.loads(nbformat.writes(book))


def find(book: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in book.cells if grade_id(cell) == name)


def test_only_solution_cells_are_taken(master: NotebookNode) -> None:
    sub = handed(master, es_e1_answer="answer('es.e1.calls', 3)", es_e1="9999", es_open="import os")
    sub["cells"][0]["source"] = "# Mine"
    sub["metadata"]["kernelspec"]["name"] = "bash"
    done = rebuild(master, sub)
    assert find(done.notebook, "es-e1-answer").source == "answer('es.e1.calls', 3)"
    for name in ("es-e1", "es-open"):
        assert find(done.notebook, name).source == find(master, name).source
    assert done.notebook.cells[0].source == master.cells[0].source
    assert done.notebook.metadata.kernelspec.name == "python3"
    assert done.problems == ()
    assert len(done.notebook.cells) == len(master.cells)


def test_a_deleted_cell_is_put_back_and_told(master: NotebookNode) -> None:
    sub = handed(master)
    sub["cells"] = [
        c
        for c in sub["cells"]
        if c["metadata"].get("nbgrader", {}).get("grade_id") not in ("es-e1-answer", "es-e2")
    ]
    done = rebuild(master, sub)
    assert len(done.notebook.cells) == len(master.cells)
    assert "Cell es-e1-answer missing" in done.problems[0]


def test_of_doubled_cells_the_edited_one_counts(master: NotebookNode) -> None:
    sub = handed(master, es_e1_answer="answer('es.e1.calls', 1)")
    blank = next(
        c
        for c in handed(master)["cells"]
        if c["metadata"].get("nbgrader", {}).get("grade_id") == "es-e1-answer"
    )
    sub["cells"].append(blank)
    done = rebuild(master, sub)
    assert find(done.notebook, "es-e1-answer").source == "answer('es.e1.calls', 1)"
    assert done.problems == ()
    sub["cells"].append({**blank, "source": ["answer('es.e1.calls', 2)"]})
    done = rebuild(master, sub)
    assert find(done.notebook, "es-e1-answer").source == "answer('es.e1.calls', 2)"
    assert "2 times" in done.problems[0] or "3 times" in done.problems[0]


def test_moved_cells_run_in_our_order(master: NotebookNode) -> None:
    sub = handed(master, es_e2_answer="2")
    sub["cells"] = sub["cells"][::-1]
    order = [grade_id(c) for c in rebuild(master, sub).notebook.cells]
    assert order == [grade_id(c) for c in master.cells]


def test_an_oversized_or_odd_cell_is_left_out_and_told(master: NotebookNode) -> None:
    sub = handed(master, es_e1_answer="x" * (LARGEST_CELL + 1))
    for cell in sub["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "es-e2-answer":
            cell["source"] = {"not": "text"}
    sub["cells"] += [7, {"metadata": 3}, {"metadata": {"nbgrader": "x"}}]
    done = rebuild(master, sub)
    assert find(done.notebook, "es-e1-answer").source == find(master, "es-e1-answer").source
    assert len([p for p in done.problems if "left out" in p]) == 2


def test_no_notebook_leaves_ours(master: NotebookNode) -> None:
    assert rebuild(master, None).notebook == master


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"cells": 3}', b"\xff\xfe\x00", b"[" * 100_000, b"null"]
)
def test_a_damaged_notebook_is_a_submission_error(data: bytes) -> None:
    with pytest.raises(SubmissionError):
        parse_notebook(data)


def test_parameters_are_injected_by_role_and_not_by_tag(master: NotebookNode) -> None:
    sub = handed(master, es_e1_answer="learner = 'mallory'")
    for cell in sub["cells"]:
        cell["metadata"]["tags"] = ["injected-parameters", "parameters"]
    book = inject_parameters(rebuild(master, sub).notebook, {"learner": 'a"da', "cohort": "x"})
    at = next(i for i, c in enumerate(book.cells) if grade_id(c) == "es-parameters")
    assert book.cells[at + 1].id == "injected-parameters"
    scope: dict[str, str] = {}
    exec(book.cells[at + 1].source, scope)
    assert (scope["learner"], scope["cohort"]) == ('a"da', "x")
    tagged = [c for c in book.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1


def test_items_are_read_from_our_notebook(master: NotebookNode) -> None:
    cells = item_cells(master)
    assert list(cells) == ["es.e1", "es.e2", "es.w1"]
    assert (cells["es.e1"].award, cells["es.e1"].points) == ("es-e1", 10.0)
    assert cells["es.e1"].answers == ("es-e1-answer",)
