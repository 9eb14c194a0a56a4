"""One submission from start to feedback: read, run, merge, score. Writes nothing.

``nbgrader autograde``, the formgrader's button, ``skillmap grade`` and a learner's own
``skillmap check`` all come through here, which is why they agree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from skillmap.cohort.build import learner_notebook, source_faults
from skillmap.cohort.engines import chosen
from skillmap.cohort.notebooks import ItemCells, data_files, grade_id, item_cells
from skillmap.cohort.panel import panel_output
from skillmap.cohort.printable import printable
from skillmap.cohort.run import Limits, Outcome, limits_of, run_submission
from skillmap.cohort.scoring import Sheet, item_prints, merge, open_sheet, score
from skillmap.cohort.stamps import make_stamp
from skillmap.errors import AnswerError, SubmissionError
from skillmap.ids import LearnerId
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat.notebooknode import NotebookNode

    from skillmap.cohort.course import Course
    from skillmap.cohort.submission import Submission
    from skillmap.grading.feedback import Feedback

__all__ = ["Assessment", "Materials", "assess", "materials", "stamp_of"]


@dataclass(frozen=True, slots=True)
class Materials:
    """What grading one module needs from the instructor's side."""

    module: str
    master: NotebookNode
    cells: Mapping[str, ItemCells]
    key: Any
    lesson: Any
    data: Mapping[str, bytes]
    digest: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """A graded submission, not yet written anywhere."""

    submission: Submission
    learner: str
    world: int
    notebook: NotebookNode
    feedbacks: tuple[Feedback, ...]
    cells: Mapping[str, ItemCells]
    problems: tuple[str, ...]
    prints: Mapping[str, str]
    outcome: Outcome
    stamp: str
    """Hand-in, key, library and limits (``stamps``): equal stamps need no second grading."""


def materials(course: Course, module: str) -> Materials:
    """Load notebook, lesson and key of a module; raises ``AuthoringError`` with every fault."""
    folder = course.folder("source", module)
    names = (f"{module}.ipynb", "key.yaml", "solver.py")
    seen = tuple(
        (p.stat().st_mtime_ns, p.stat().st_size) if (p := folder / name).is_file() else (0, 0)
        for name in names
    )
    return _materials(course, module, seen)


@lru_cache(maxsize=16)
def _materials(course: Course, module: str, seen: tuple[tuple[int, int], ...]) -> Materials:
    from skillmap.errors import AuthoringError
    from skillmap.grading.keys import load_key
    from skillmap.lessons import lesson

    folder = course.folder("source", module)
    if faults := source_faults(folder):
        raise AuthoringError(faults)
    master = learner_notebook(course, module)
    digest = hashlib.blake2b(digest_size=16)
    for name in (f"{module}.ipynb", "key.yaml", "solver.py"):
        digest.update((folder / name).read_bytes() if (folder / name).is_file() else b"")
    digest.update(_items_yaml(module))
    digest.update(course.cohort.encode())
    data = {name: (folder / name).read_bytes() for name in data_files(master)}
    for name, content in sorted(data.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return Materials(
        module,
        master,
        item_cells(master),
        load_key(folder),
        lesson(module),
        data,
        digest.hexdigest(),
    )


def _items_yaml(module: str) -> bytes:
    path = files("skillmap.lessons").joinpath(module.replace("-", "_"), "items.yaml")
    return path.read_bytes() if path.is_file() else b""


def known_ids(lesson: Any) -> frozenset[str]:
    """Return every item and part id of a lesson."""
    found = set()
    for item in lesson.items:
        found.add(str(item.id))
        found |= {str(part.id) for part in getattr(item, "parts", ())}
    return frozenset(found)


def stamp_of(course: Course, material: Materials, submission: Submission) -> str:
    """Return the text that says whether a submission must be graded again."""
    return make_stamp(course, submission.digest, material.digest)


def assess(course: Course, submission: Submission, *, limits: Limits | None = None) -> Assessment:
    """Run and score one submission.

    Raises ``SubmissionError`` if it cannot be graded at all and ``EngineFaultError`` if the fault
    is ours; a learner's error is a problem in the result, not an exception.
    """
    module = submission.module
    material = materials(course, module)
    try:
        learner = str(LearnerId.parse(submission.student))
    except AnswerError as error:
        raise SubmissionError(str(error)) from None
    world = world_of(learner, module, salt=course.cohort)
    who: dict[str, Any] = {"module": module, "learner": learner, "world": world}
    known = known_ids(material.lesson)
    saved = open_sheet(submission.answers, **who, known=known)
    own = Sheet({**saved.raw, **who})
    run = run_submission(
        material.master,
        submission.notebook,
        own.data() if own.answers else None,
        learner=learner,
        cohort=course.cohort,
        data=material.data,
        facts=(module, world, material.lesson.facts(world)),
        engine=chosen(course.engine),
        hidden=(course.root,),
        limits=limits or limits_of(course.cell_seconds, course.total_seconds),
    )
    again = open_sheet(run.answers, **who, known=known, whose="The sheet after the run")
    merged, notes = merge(own, again)
    feedbacks = score(
        module,
        merged,
        material.cells,
        key=material.key,
        lesson=material.lesson,
        world=world,
        notes=notes,
    )
    told = (*submission.problems, *saved.problems, *run.problems, *again.problems, *notes)
    problems = tuple(dict.fromkeys(map(printable, told)))
    notebook = run.notebook
    show_feedback(notebook, feedbacks, material.cells, problems)
    return Assessment(
        submission,
        learner,
        world,
        notebook,
        feedbacks,
        material.cells,
        problems,
        item_prints(merged),
        run.outcome,
        stamp_of(course, material, submission),
    )


def show_feedback(
    notebook: NotebookNode,
    feedbacks: tuple[Feedback, ...],
    cells: Mapping[str, ItemCells],
    problems: tuple[str, ...],
) -> None:
    """Put each item's panel under its grade cell, so that the formgrader shows the proposal."""
    by_award = {c.award: item for item, c in cells.items()}
    by_item = {str(f.item): f for f in feedbacks}
    first = True
    for cell in notebook.cells:
        feedback = by_item.get(by_award.get(grade_id(cell), ""))
        if feedback is not None:
            cell.outputs = [panel_output(feedback, problems if first else ())]
            first = False
