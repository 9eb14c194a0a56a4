"""The notebook that is graded: ours, with what the learner may write put into it and no more.

Tags, metadata, outputs, locked cells and the order of cells come from our notebook. From the
submitted one we take the text of solution cells, found by ``grade_id``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from skillmap.cohort.notebooks import grade_id, role, writable
from skillmap.cohort.printable import whole
from skillmap.errors import SubmissionError

__all__ = [
    "LARGEST_CELL",
    "LARGEST_NOTEBOOK",
    "Rebuilt",
    "inject_parameters",
    "learner_sources",
    "parse_notebook",
    "rebuild",
]

LARGEST_NOTEBOOK = 20 * 2**20
"""Bytes; with its pictures a finished module has about 1 MiB."""

LARGEST_CELL = 100_000
"""Characters of one solution cell."""

INJECTED = "injected-parameters"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Our notebook with the learner's cells; ``problems`` say what did not fit."""

    notebook: NotebookNode
    problems: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


def parse_notebook(data: bytes) -> dict[str, Any]:
    """Return a submitted notebook as plain data; raise ``SubmissionError`` if it is none."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SubmissionError("The notebook is not text that JSON allows (UTF-8).") from None
    except ValueError as error:
        raise SubmissionError(f"The notebook is damaged: {error}.") from None
    except RecursionError:
        raise SubmissionError("The notebook is damaged: it is nested too deeply.") from None
    if isinstance(found, dict) and "cells" not in found:
        found["cells"] = _cells_of_format_3(found)
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise SubmissionError("The notebook is damaged: it has no list of cells.")
    return found


def _cells_of_format_3(found: Mapping[str, Any]) -> list[Any] | None:
    """Return the cells of a notebook from before 2015, which had them in worksheets."""
    sheets = found.get("worksheets")
    if not isinstance(sheets, list):
        return None
    cells = [s["cells"] for s in sheets if isinstance(s, dict) and isinstance(s.get("cells"), list)]
    return [
        {"source": cell.get("input", ""), **cell}
        for one in cells
        for cell in one
        if isinstance(cell, dict)
    ]


def learner_sources(
    submitted: Mapping[str, Any], wanted: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the text of each wanted solution cell by ``grade_id``, and what was odd.

    ``wanted`` maps ids to the text that was released. Of two cells with one id the learner's
    edited one counts; of two edited ones the last, as nbgrader does.
    """
    found: dict[str, list[str]] = {}
    problems: list[str] = []
    for cell in submitted["cells"]:
        if not isinstance(cell, Mapping) or not isinstance(cell.get("metadata"), Mapping):
            continue
        theirs = cell["metadata"].get("nbgrader")
        name = theirs.get("grade_id") if isinstance(theirs, Mapping) else None
        if not isinstance(name, str) or name not in wanted:
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            problems.append(f"Cell {name}: its content is not text; it was left out.")
        elif len(source) > LARGEST_CELL:
            problems.append(
                f"Cell {name}: {len(source):,} characters, at most {LARGEST_CELL:,} are read; "
                "it was left out."
            )
        else:
            found.setdefault(name, []).append(whole(source))
    chosen = {}
    for name, texts in found.items():
        edited = [text for text in texts if text.strip() != wanted[name].strip()]
        chosen[name] = (edited or texts)[-1]
        if len(set(edited)) > 1:
            problems.append(
                f"Cell {name} is there {len(texts)} times with different content; the last counts."
            )
    return chosen, tuple(problems)


def rebuild(master: NotebookNode, submitted: Mapping[str, Any] | None) -> Rebuilt:
    """Put the learner's solution cells into a copy of our notebook.

    ``None`` stands for a submission whose notebook is missing or cannot be read.
    """
    notebook = copy.deepcopy(master)
    released = {grade_id(cell): cell.source for cell in notebook.cells if writable(cell)}
    if submitted is None:
        return Rebuilt(notebook)
    sources, odd = learner_sources(submitted, released)
    problems = list(odd)
    for cell in notebook.cells:
        name = grade_id(cell)
        if writable(cell) and name in sources:
            cell.source = sources[name]
    missing = sorted(set(released) - set(sources) - _named_in(problems, released))
    if missing:
        problems.append(
            f"{'Cell' if len(missing) == 1 else 'Cells'} {', '.join(missing)} missing from the "
            "notebook; saved answers count all the same."
        )
    return Rebuilt(notebook, tuple(problems), tuple(sorted(sources)))


def _named_in(problems: list[str], names: Mapping[str, str]) -> set[str]:
    return {name for name in names if any(f"Cell {name}:" in text for text in problems)}


def inject_parameters(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Return the notebook with papermill's parameters cell after the locked one of ours.

    The list of cells is new; the cells are the given ones.

    The place is found by our own role metadata, which a learner cannot write: papermill itself
    would follow a tag, and a learner's cell with that tag would capture the parameters.
    """
    from papermill.translators import papermill_translators

    fresh = NotebookNode({**notebook, "cells": list(notebook.cells)})
    at = [i for i, cell in enumerate(fresh.cells) if role(cell) == "parameters"]
    if len(at) != 1:
        raise SubmissionError("Our own notebook has no parameters cell; run skillmap verify.")
    kernel = fresh.metadata.get("kernelspec", {}).get("name", "python3")
    translator = papermill_translators.find_translator(kernel, "python")
    source = translator.codify(dict(parameters), "Parameters of this run")
    cell = nbformat.v4.new_code_cell(source=source, id=INJECTED)
    cell.metadata["tags"] = [INJECTED]
    cell.metadata["skillmap"] = {"role": "injected"}
    fresh.cells.insert(at[0] + 1, cell)
    return fresh
