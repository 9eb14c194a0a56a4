"""What travels to another machine and back: JSON with the bytes of files in it, nothing else.

To the machine goes what grading one module needs, and one learner's cells and answers. Back come
feedback, the executed notebook as text, and problems. Nothing that ran a learner's code is ever
unpickled; both ends check what they read.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from skillmap.cohort.assess import Assessment, materials, stamp_of
from skillmap.cohort.course import Course
from skillmap.cohort.record import result_of
from skillmap.cohort.result import SubmissionResult
from skillmap.cohort.run import CellError, Outcome
from skillmap.cohort.submission import Submission
from skillmap.cohort.workers import Graded

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "pack_module",
    "pack_result",
    "pack_submission",
    "unpack_module",
    "unpack_result",
    "unpack_submission",
]

_SETTINGS = ("course_id", "cohort", "engine", "cell_seconds", "total_seconds")


def _dump(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _coded(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()


def _decoded(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def pack_module(course: Course, module: str) -> bytes:
    """Return what another machine needs to grade one module: settings and instructor's files."""
    folder = course.folder("source", module)
    names = [f"{module}.ipynb", "key.yaml", "solver.py", *materials(course, module).data]
    files = {n: _coded((folder / n).read_bytes()) for n in names if (folder / n).is_file()}
    settings = {name: getattr(course, name) for name in _SETTINGS}
    return _dump({"module": module, "settings": settings, "files": files})


def unpack_module(data: bytes, place: Path) -> tuple[Course, str]:
    """Write a module's files under ``place``; return the course they make and the module."""
    raw = json.loads(data)
    module = str(raw["module"])
    course = Course(root=place, **{name: raw["settings"][name] for name in _SETTINGS})
    folder = course.folder("source", module)
    for name, text in raw["files"].items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"{name!r} is not a path inside a module's folder")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(_decoded(text) or b"")
    return course, module


def pack_submission(number: int, submission: Submission, library: str) -> bytes:
    """Return one hand-in: of its notebook the text of named cells, which is all that is read."""
    notebook = submission.notebook
    cells = None if notebook is None else list(_named_cells(notebook["cells"]))
    when = submission.submitted_at
    return _dump(
        {
            "number": number,
            "library": library,
            "student": submission.student,
            "module": submission.module,
            "cells": cells,
            "answers": _coded(submission.answers),
            "submitted_at": when.isoformat() if when else None,
            "digest": submission.digest,
            "problems": submission.problems,
        }
    )


def _named_cells(cells: Iterable[Any]) -> Iterable[dict[str, Any]]:
    """The cells that ``rebuild`` looks at, without outputs and the rest of their metadata."""
    for cell in cells:
        if not isinstance(cell, Mapping) or not isinstance(cell.get("metadata"), Mapping):
            continue
        theirs = cell["metadata"].get("nbgrader")
        name = theirs.get("grade_id") if isinstance(theirs, Mapping) else None
        if not isinstance(name, str):
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        text = source if isinstance(source, str) else None
        yield {"metadata": {"nbgrader": {"grade_id": name}}, "source": text}


@dataclass(frozen=True, slots=True)
class Parcel:
    """A hand-in as it arrived, and the version of the library that sent it."""

    number: int
    library: str
    submission: Submission


def unpack_submission(data: bytes) -> Parcel:
    """Return what ``pack_submission`` packed."""
    raw = json.loads(data)
    when = raw["submitted_at"]
    cells = raw["cells"]
    submission = Submission(
        str(raw["student"]),
        str(raw["module"]),
        None if cells is None else {"cells": cells},
        _decoded(raw["answers"]),
        datetime.fromisoformat(when) if when else None,
        str(raw["digest"]),
        tuple(map(str, raw["problems"])),
    )
    return Parcel(int(raw["number"]), str(raw["library"]), submission)


def pack_result(graded: Graded) -> bytes:
    """Return the outcome of one submission."""
    found = graded.assessment
    if found is None:
        return _dump({"problem": graded.problem, "ours": graded.ours, "seconds": graded.seconds})
    return _dump(
        {
            "result": result_of(found).to_json(),
            "outcome": asdict(found.outcome),
            "prints": dict(found.prints),
            "stamp": found.stamp,
            "notebook": graded.notebook,
            "notebook_digest": _digest(graded.notebook),
            "seconds": graded.seconds,
        }
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def unpack_result(data: bytes, number: int, course: Course, submission: Submission) -> Graded:
    """Return the outcome of ``submission`` as a pool gives it.

    ``submission`` is the one that was sent: who and what is graded is not taken from the answer.
    A result for something else is a fault of ours.
    """
    raw = json.loads(data)
    if "result" not in raw:
        problem, ours = str(raw["problem"]), bool(raw["ours"])
        return Graded(number, problem=problem, ours=ours, seconds=float(raw["seconds"]))
    result = SubmissionResult.from_json(str(raw["result"]))
    material = materials(course, submission.module)
    stamp = stamp_of(course, material, submission)
    intact = raw["notebook_digest"] == _digest(str(raw["notebook"]))
    if raw["stamp"] != stamp or result.module != submission.module or not intact:
        problem = "A machine of the cluster graded something else than what was sent."
        return Graded(number, problem=problem, ours=True)
    outcome = raw["outcome"]
    errors = tuple(CellError(**error) for error in outcome.pop("errors"))
    assessment = Assessment(
        submission=submission,
        learner=result.learner,
        world=result.world,
        notebook=None,
        feedbacks=result.feedbacks,
        cells=material.cells,
        problems=result.problems,
        prints={str(k): str(v) for k, v in raw["prints"].items()},
        outcome=Outcome(errors=errors, **outcome),
        stamp=stamp,
    )
    return Graded(number, assessment, str(raw["notebook"]), seconds=float(raw["seconds"]))
