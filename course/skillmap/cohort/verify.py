"""What is wrong with a module's own material: every fault at once, each with its path."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import nbformat

from skillmap.cohort.build import release_text, source_faults
from skillmap.cohort.notebooks import grade_id, item_cells, role, writable
from skillmap.errors import AuthoringError, Fault, SkillMapError
from skillmap.ids import BesideId
from skillmap.worlds import HOUSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat.notebooknode import NotebookNode

    from skillmap.cohort.course import Course

__all__ = ["ROLES", "WORLDS", "verify"]

WORLDS = (HOUSE, 1000, 31_337, 813_452, 2**31 - 1)
"""Worlds that a solver is tried in: the house's, both ends, and two between."""

ROLES = frozenset(
    {"", "parameters", "open", "text", "show", "answer", "hint", "check", "reveal", "award"}
)


def verify(course: Course, module: str) -> list[Fault]:
    """Return every fault of one module; an empty list means it can be released and graded."""
    faults = source_faults(course.folder("source", module))
    notebook = _notebook(course, module, faults)
    lesson = _lesson(module, faults)
    graded = module not in set(BesideId)
    key = _key(course, module, faults) if graded else None
    if notebook is not None:
        faults += _cells(notebook, module)
        if lesson is not None:
            faults += _agreement(notebook, lesson, module)
            if not graded:
                faults += _ungraded(notebook, lesson, module)
        faults += _builds(course, module)
    if key is not None and lesson is not None:
        faults += _solver(key, lesson, module)
    return list(dict.fromkeys(faults))


def _notebook(course: Course, module: str, faults: list[Fault]) -> NotebookNode | None:
    path = course.notebook("source", module)
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        return None
    except Exception as error:
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        faults.append(Fault(f"source/{module}/{module}.ipynb", message))
        return None


def _lesson(module: str, faults: list[Fault]) -> Any:
    from skillmap.lessons import lesson

    try:
        return lesson(module)
    except AuthoringError as error:
        faults += error.faults
    except SkillMapError as error:
        faults.append(Fault(f"lessons/{module.replace('-', '_')}", str(error)))
    return None


def _key(course: Course, module: str, faults: list[Fault]) -> Any:
    from skillmap.grading.keys import load_key

    try:
        return load_key(course.folder("source", module))
    except AuthoringError as error:
        faults += error.faults
    except SkillMapError as error:
        faults.append(Fault(f"source/{module}/key.yaml", str(error)))
    return None


def _cells(notebook: NotebookNode, module: str) -> Iterator[Fault]:
    """What can be said of the notebook alone."""
    where = f"source/{module}/{module}.ipynb"
    parameters = [cell for cell in notebook.cells if role(cell) == "parameters"]
    if len(parameters) != 1:
        yield Fault(where, f"{len(parameters)} cells have the role parameters, needs 1")
    for cell in parameters:
        names = [line.split("=")[0].strip() for line in cell.source.splitlines() if "=" in line]
        for name in ("learner", "answers_dir", "cohort"):
            if name not in names:
                yield Fault(f"{where} cells[{cell.id}]", f"does not set {name}")
        if not cell.metadata.get("nbgrader", {}).get("locked"):
            yield Fault(f"{where} cells[{cell.id}]", "the parameters cell is not locked")
    for name, count in Counter(filter(None, map(grade_id, notebook.cells))).items():
        if count > 1:
            yield Fault(f"{where} {name}", f"{count} cells have this grade_id")
    graded = False
    for cell in notebook.cells:
        at = f"{where} cells[{cell.get('id', '?')}]"
        if role(cell) not in ROLES:
            yield Fault(f"{at} skillmap.role", f"got {role(cell)!r}, no such role")
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count):
            yield Fault(at, "has stored output; clear all outputs before committing")
        is_award = bool(cell.metadata.get("nbgrader", {}).get("grade")) and not writable(cell)
        graded = graded or is_award
        if graded and writable(cell):
            yield Fault(at, "an answer stands below a grade cell; grade cells come last")
        if writable(cell) and not cell.metadata.get("skillmap", {}).get("item"):
            yield Fault(f"{at} skillmap.item", "a solution cell must name its item")


def _agreement(notebook: NotebookNode, lesson: Any, module: str) -> Iterator[Fault]:
    """Whether the notebook's points and ids are those of items.yaml."""
    where = f"source/{module}/{module}.ipynb"
    cells = item_cells(notebook)
    items = {str(item.id): item for item in lesson.items}
    for name, item in items.items():
        found = cells.get(name)
        dashed = name.replace(".", "-")
        if found is None:
            if not item.points:
                continue
            yield Fault(where, f"item {name} of items.yaml has no grade cell {dashed}")
            continue
        if found.points != float(item.points):
            yield Fault(
                f"{where} {found.award}.points",
                f"got {found.points:g}, items.yaml says {item.points:g}",
            )
        if found.award != dashed:
            yield Fault(f"{where} {found.award}", f"the grade cell must be called {dashed}")
        if f"{dashed}-answer" not in found.answers:
            yield Fault(where, f"item {name} has no solution cell {dashed}-answer")
    for name in sorted(set(cells) - set(items)):
        yield Fault(f"{where} {cells[name].award}", f"{name} is not an item of items.yaml")


def _ungraded(notebook: NotebookNode, lesson: Any, module: str) -> Iterator[Fault]:
    """Whether a notebook beside the modules keeps out of the gradebook and asks every item."""
    where = f"source/{module}/{module}.ipynb"
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("grade") or meta.get("solution") or meta.get("task"):
            yield Fault(f"{where} cells[{cell.get('id', '?')}]", f"{module} is never graded")
    asked = {cell.metadata.get("skillmap", {}).get("item", "") for cell in notebook.cells}
    for item in lesson.items:
        if item.points:
            yield Fault(f"lessons/{module} {item.id}.points", f"{module} is never graded")
        if item.id not in asked:
            yield Fault(where, f"item {item.id} of items.yaml is asked by no cell")


def _builds(course: Course, module: str) -> Iterator[Fault]:
    where = f"source/{module}/{module}.ipynb"
    try:
        release_text(course.notebook("source", module), course.cohort)
    except AuthoringError as error:
        yield from error.faults
    except Exception as error:
        yield Fault(where, f"cannot be released: {str(error).splitlines()[0]}")


def _solver(key: Any, lesson: Any, module: str) -> Iterator[Fault]:
    """Whether references exist and can be graded in several worlds, blank and right."""
    from skillmap.answers import AnswerSheet
    from skillmap.grading import grade_item

    where = f"source/{module}/solver.py"
    seen: list[str] = []
    for world in WORLDS:
        try:
            seen.append(re.sub(r" at 0x[0-9a-f]+", "", repr(key.references(world))))
        except Exception as error:
            yield Fault(f"{where} references({world})", f"{type(error).__name__}: {error}")
            continue
        blank = AnswerSheet.parse(b'{"format": 1, "answers": {}}')
        for item in lesson.items:
            at = f"source/{module}/key.yaml items[{item.id}]"
            try:
                feedback = grade_item(item, key, blank, world)
            except Exception as error:
                yield Fault(at, f"a blank sheet in world {world}: {type(error).__name__}: {error}")
                continue
            if feedback.points:
                yield Fault(at, f"a blank sheet earns {feedback.points:g} points")
            if feedback.maximum != item.points:
                yield Fault(at, f"grades out of {feedback.maximum:g}, the item has {item.points:g}")
    if len(seen) > 1 and len(set(seen)) == 1:
        yield Fault(f"{where} references", f"the same answers in all {len(seen)} worlds tried")
