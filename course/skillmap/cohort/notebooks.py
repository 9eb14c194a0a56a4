"""Notebooks as values: the cells that matter to grading, found by our own metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

__all__ = [
    "ItemCells",
    "data_files",
    "grade_id",
    "item_cells",
    "notebook_text",
    "role",
    "writable",
]


@dataclass(frozen=True, slots=True)
class ItemCells:
    """The cells of one graded item, by nbgrader's ``grade_id``.

    ``award`` carries the points, ``answers`` are the solution cells; the first takes the comment.
    """

    item: str
    award: str
    points: float
    answers: tuple[str, ...]


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook of format 4 as its file's text, one cell to a line.

    The content is what ``nbformat.writes`` writes; that copies and indents it, which takes as long
    as scoring it. nbformat reads sources that are one string, as its schema allows.

    >>> from nbformat import reads
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> book = new_notebook(cells=[new_code_cell("a = 1\\nb = 2")])
    >>> reads(notebook_text(book), 4) == book
    True
    """
    head = {k: v for k, v in notebook.items() if k not in {"cells", *_PASSING}}
    head["metadata"] = {k: v for k, v in notebook.metadata.items() if k not in _PASSING}
    lines = ",\n".join(map(_line, notebook.cells))
    return f'{{"cells": [\n{lines}\n],\n{_line(head)[1:]}\n'


_PASSING = ("orig_nbformat", "orig_nbformat_minor", "signature")


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _ours(cell: NotebookNode) -> dict[str, Any]:
    ours = cell.get("metadata", {}).get("skillmap", {})
    return ours if isinstance(ours, dict) else {}


def _theirs(cell: NotebookNode) -> dict[str, Any]:
    theirs = cell.get("metadata", {}).get("nbgrader", {})
    return theirs if isinstance(theirs, dict) else {}


def role(cell: NotebookNode) -> str:
    """Return what the cell is for: ``parameters``, ``open``, ``answer``, ``award`` or ''."""
    return str(_ours(cell).get("role", ""))


def grade_id(cell: NotebookNode) -> str:
    """Return nbgrader's id of the cell, or ''."""
    found = _theirs(cell).get("grade_id", "")
    return found if isinstance(found, str) else ""


def writable(cell: NotebookNode) -> bool:
    """Whether a learner may write here; asked of our own notebook, never of a submitted one."""
    return bool(_theirs(cell).get("solution", False))


def item_cells(master: NotebookNode) -> dict[str, ItemCells]:
    """Return the graded items of a notebook of ours, in the order of their grade cells."""
    answers: dict[str, list[str]] = {}
    for cell in master.cells:
        item = str(_ours(cell).get("item", ""))
        if item and writable(cell) and grade_id(cell):
            answers.setdefault(".".join(item.split(".")[:2]), []).append(grade_id(cell))
    found: dict[str, ItemCells] = {}
    for cell in master.cells:
        meta, item = _theirs(cell), str(_ours(cell).get("item", ""))
        if meta.get("grade") and item:
            found[item] = ItemCells(
                item, grade_id(cell), float(meta["points"]), tuple(answers.get(item, ()))
            )
    return found


def data_files(master: NotebookNode) -> tuple[str, ...]:
    """Return the data files that the notebook declares (metadata ``skillmap.data``)."""
    declared = master.get("metadata", {}).get("skillmap", {}).get("data", [])
    return tuple(str(name) for name in declared)
