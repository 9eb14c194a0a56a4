"""The one writer: gradebook, ``autograded/`` and the ledger of what has been graded.

A person's score and comment are never touched. What we propose goes into nbgrader's automatic
columns, and an item is put before a person when it needs one or when its answer changed after a
person had scored it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.cohort.gradebooks import auto_scores, gradebook, one_commit
from skillmap.cohort.marks import read_marks, write_marks, write_timestamp
from skillmap.cohort.notebooks import notebook_text
from skillmap.cohort.panel import comment_text
from skillmap.cohort.result import SubmissionResult
from skillmap.errors import AuthoringError, Fault, SubmissionError
from skillmap.grading.feedback import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbgrader.api import Gradebook
    from traitlets.config import Config

    from skillmap.cohort.assess import Assessment
    from skillmap.cohort.course import Course
    from skillmap.cohort.marks import Marks

__all__ = [
    "RESULT",
    "Ledger",
    "auto_scores",
    "ensure_assignment",
    "gradebook",
    "load_result",
    "one_commit",
    "record",
    "record_files",
    "record_grades",
    "record_rows",
    "refresh",
    "refreshed",
    "result_of",
    "take_off_late",
    "write_atomically",
]

RESULT = "feedback.json"


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write beside and rename: a reader sees the old file or the new one, never half of it.

    What stands under ``/dev`` is written to: renaming a file over a device would destroy it.
    """
    content = data.encode() if isinstance(data, str) else data
    if path.absolute().is_relative_to("/dev"):
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of one submission."""

    stamp: str = ""
    prints: Mapping[str, str] = field(default_factory=dict)
    round: str = ""
    """The regrade that wrote it (``rounds``), '' if none did."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What has been graded, one small file for each submission under ``.skillmap/ledger/``."""

    course: Course

    def _path(self, module: str, student: str) -> Path:
        return self.course.root / ".skillmap" / "ledger" / module / f"{student}.json"

    def read(self, module: str, student: str) -> Entry | None:
        """Return the entry, ``None`` if there is none or it cannot be read."""
        try:
            raw = json.loads(self._path(module, student).read_text(encoding="utf-8"))
            prints = {str(k): str(v) for k, v in raw["prints"].items()}
            return Entry(str(raw["stamp"]), prints, str(raw.get("round", "")))
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None

    def write(self, assessment: Assessment, round_name: str = "") -> None:
        """Note that this assessment has been recorded, and by which regrade."""
        sub = assessment.submission
        raw = {"stamp": assessment.stamp, "prints": dict(assessment.prints), "round": round_name}
        write_atomically(
            self._path(sub.module, sub.student), json.dumps(raw, sort_keys=True, indent=1)
        )


def ensure_assignment(course: Course, book: Gradebook, module: str) -> None:
    """Enter the module into the gradebook as ``nbgrader generate_assignment`` does.

    Raises ``AuthoringError`` if the gradebook has other grade cells for it than the notebook.
    """
    from nbgrader.api import MissingEntry
    from nbgrader.preprocessors import SaveCells

    from skillmap.cohort.assess import materials

    master = materials(course, module).master
    wanted = {c.award: c.points for c in materials(course, module).cells.values()}
    try:
        known = {c.name: c.max_score for c in book.find_notebook(module, module).grade_cells}
    except MissingEntry:
        known = None
    if known == wanted:
        return
    if known is not None and book.find_notebook(module, module).submissions:
        raise AuthoringError(
            [
                Fault(
                    f"gradebook {module}",
                    f"has the items {_told(known)}, the notebook has {_told(wanted)}. Items and "
                    "points cannot change once work is handed in; restore the notebook, or "
                    "remove the assignment with nbgrader db assignment remove.",
                )
            ]
        )
    book.update_or_create_assignment(module)
    resources = {"nbgrader": {"notebook": module, "assignment": module, "db_url": course.db_url}}
    SaveCells().preprocess(master.copy(), resources)
    book.db.expire_all()


def _told(cells: Mapping[str, float]) -> str:
    return ", ".join(f"{name} ({points:g})" for name, points in sorted(cells.items())) or "none"


def record_grades(book: Gradebook, assessment: Assessment, before: Entry | None) -> None:
    """Write score and comment of every item in one transaction."""
    sub = assessment.submission
    marks = read_marks(book, sub.module, sub.student)
    grades: list[dict[str, Any]] = []
    comments: list[dict[str, Any]] = []
    for feedback in assessment.feedbacks:
        name = str(feedback.item)
        cells = assessment.cells.get(name)
        if cells is None:
            continue
        row = marks.grades.get(cells.award) if marks else None
        if marks is None or row is None:
            raise AuthoringError(
                [
                    Fault(
                        f"gradebook {sub.module} {cells.award}",
                        "is not there. Run nbgrader generate_assignment after changing items.",
                    )
                ]
            )
        if row.manual_score is None:
            needs = feedback.outcome is Outcome.NEEDS_REVIEW
        else:
            mine = assessment.prints.get(name)
            needs = row.needs_manual_grade or before is None or before.prints.get(name) != mine
        grades.append({"id": row.key, "auto_score": feedback.points, "needs_manual_grade": needs})
        for number, answer in enumerate(cells.answers):
            if answer in marks.comments:
                text = comment_text(feedback) if number == 0 else None
                comments.append({"id": marks.comments[answer][0], "auto_comment": text})
    write_marks(book, grades, comments)
    book.db.commit()


def result_of(assessment: Assessment, now: datetime | None = None) -> SubmissionResult:
    """Return the assessment as the value that is kept and shown."""
    sub = assessment.submission
    return SubmissionResult(
        learner=assessment.learner,
        module=sub.module,
        world=assessment.world,
        feedbacks=assessment.feedbacks,
        submitted_at=sub.submitted_at.isoformat() if sub.submitted_at else "",
        graded_at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        problems=assessment.problems,
    )


def refresh(
    result: SubmissionResult,
    book: Gradebook,
    student: str,
    cells: Mapping[str, Any],
    now: datetime | None = None,
) -> SubmissionResult:
    """Bring in what the gradebook knows today: a person's scores, comments, penalty, due date."""
    return refreshed(result, read_marks(book, result.module, student), cells, now)


def refreshed(
    result: SubmissionResult,
    marks: Marks | None,
    cells: Mapping[str, Any],
    now: datetime | None = None,
) -> SubmissionResult:
    """Bring in what has been read from the gradebook; ``None`` if it has nothing."""
    if marks is None:
        return replace(result, closed=False)
    scores = {i: marks.grades[c.award] for i, c in cells.items() if c.award in marks.grades}
    said = {
        item: [marks.comments[a][1] for a in c.answers if a in marks.comments]
        for item, c in cells.items()
    }
    comments = {item: "\n\n".join(filter(None, words)) for item, words in said.items()}
    moment = (now or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    return replace(
        result,
        manual_scores={i: g.manual_score for i, g in scores.items() if g.manual_score is not None},
        manual_comments={item: words for item, words in comments.items() if words},
        extra_credit={i: g.extra_credit for i, g in scores.items() if g.extra_credit},
        late_penalty=float(marks.late_penalty or 0.0),
        closed=marks.due is None or moment > marks.due,
    )


def load_result(course: Course, module: str, student: str) -> SubmissionResult | None:
    """Return the kept result, ``None`` if it has not been graded; raises ``SubmissionError``."""
    path = course.folder("autograded", module, student) / RESULT
    try:
        return SubmissionResult.from_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SubmissionError(f"{path}: {error.strerror or error}") from None


def record(course: Course, book: Gradebook, assessment: Assessment, config: Config) -> None:
    """Write everything about one submission: rows, then files, then the ledger.

    Killed at any point, the ledger does not know the submission yet and it is graded again.
    """
    record_rows(course, book, assessment, config)
    record_files(course, book, assessment, notebook_text(assessment.notebook))


def record_rows(course: Course, book: Gradebook, assessment: Assessment, config: Config) -> None:
    """Write the rows of one submission: scores, comments, penalty."""
    sub = assessment.submission
    stamp = sub.submitted_at.replace(tzinfo=None) if sub.submitted_at else None
    known = read_marks(book, sub.module, sub.student)
    if known is None:
        book.update_or_create_student(sub.student)
        with book.db.no_autoflush:
            book.update_or_create_submission(
                sub.module, sub.student, **({"timestamp": stamp} if stamp else {})
            )
    elif stamp and known.handed_in != stamp:
        write_timestamp(book, known.submission, stamp)
    record_grades(book, assessment, Ledger(course).read(sub.module, sub.student))
    take_off_late(book, sub.module, sub.student, config)


def record_files(
    course: Course,
    book: Gradebook,
    assessment: Assessment,
    notebook: str,
    round_name: str = "",
) -> tuple[SubmissionResult, int]:
    """Write ``autograded/`` and, last of all, the ledger, once the rows are committed.

    Returns what is kept, and how many items a person must look at.
    """
    sub = assessment.submission
    marks = read_marks(book, sub.module, sub.student)
    result = refreshed(result_of(assessment), marks, assessment.cells)
    _write_autograded(course, assessment, notebook, result)
    Ledger(course).write(assessment, round_name)
    return result, marks.waiting if marks else 0


def take_off_late(book: Gradebook, module: str, student: str, config: Config) -> None:
    """Take off what nbgrader's configured late plugin says, as ``AssignLatePenalties`` does."""
    from nbgrader.preprocessors import AssignLatePenalties

    marks = read_marks(book, module, student)
    if marks is None or (not marks.seconds_late and marks.late_penalty is None):
        return
    assign = AssignLatePenalties(config=config)
    assign.init_plugin()
    notebook = book.find_submission_notebook(module, module, student)
    book.db.refresh(notebook)
    notebook.late_submission_penalty = None
    if marks.seconds_late:
        points = assign.plugin_inst.late_submission_penalty(
            student, notebook.score, marks.seconds_late
        )
        if points is not None:
            notebook.late_submission_penalty = assign._check_late_penalty(notebook, points)
    book.db.commit()


def _write_autograded(
    course: Course, assessment: Assessment, notebook: str, result: SubmissionResult
) -> None:
    sub = assessment.submission
    source = course.folder("submitted", sub.module, sub.student)
    target = course.folder("autograded", sub.module, sub.student)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{sub.module}."))
    try:
        (fresh / f"{sub.module}.ipynb").write_text(notebook, encoding="utf-8")
        if sub.answers is not None:
            (fresh / "answers.json").write_bytes(sub.answers)
        for name in ("timestamp.txt", "submission_secret.txt"):
            path = source / name
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 4096:
                (fresh / name).write_bytes(path.read_bytes())
        (fresh / RESULT).write_text(result.to_json(), encoding="utf-8")
        for path in fresh.iterdir():
            path.chmod(0o644)
        fresh.chmod(0o755)
        _swap(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _swap(fresh: Path, target: Path) -> None:
    """Put a finished folder in the place of an old one: never half of either under that name."""
    old = fresh.with_name(f"{fresh.name}.old")
    with suppress(FileNotFoundError):
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
