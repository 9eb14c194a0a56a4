"""One learner's hand-in as it lies on disk: untrusted bytes, read with bounds, links refused."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skillmap.cohort.course import Course, read_bounded
from skillmap.cohort.printable import printable
from skillmap.cohort.rebuild import LARGEST_NOTEBOOK, parse_notebook
from skillmap.cohort.run import ANSWERS, LARGEST_SHEET
from skillmap.errors import AnswerError, SubmissionError
from skillmap.ids import LearnerId

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Submission", "read_folder", "read_submission"]


_PLOTS = re.compile(rb"matplotlib|pyplot|pylab|seaborn|\.plot\b|\.hist\b")
_NAMED = re.compile(rb'"learner"\s*:\s*"([^"\\]{1,64})"')


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in. ``notebook`` is plain data, ``None`` if missing or unreadable.

    ``submitted_at`` is UTC, ``None`` without a time stamp; ``digest`` covers all that is read.
    ``plots`` is a guess from its words, by which an engine makes ready: nothing depends on it.
    """

    student: str
    module: str
    notebook: Mapping[str, Any] | None
    answers: bytes | None
    submitted_at: datetime | None
    digest: str
    problems: tuple[str, ...] = ()
    plots: bool = False


def read_submission(course: Course, module: str, student: str) -> Submission:
    """Read ``submitted/<student>/<module>/``; what cannot be read is a problem, not an error.

    Raises ``SubmissionError`` if there is nothing at all that could be graded.
    """
    folder = course.folder("submitted", module, student)
    if any(p.is_symlink() for p in (folder, folder.parent)):
        raise SubmissionError(
            f"submitted/{student}/{module} is a link to somewhere else; it was not followed."
        )
    if not folder.is_dir():
        raise SubmissionError(f"There is no folder submitted/{student}/{module}.")
    return read_folder(folder, module, student, course)


def read_folder(
    folder: Path, module: str, student: str, course: Course | None = None
) -> Submission:
    """Read a folder with a notebook and an answer sheet, wherever it lies.

    With ``course`` a notebook is left out that is a hard link to somebody else's in there.
    """
    problems: list[str] = []
    notebook_bytes = _notebook_bytes(folder, module, problems, course)
    notebook = None
    if notebook_bytes is not None:
        try:
            notebook = parse_notebook(notebook_bytes)
        except SubmissionError as error:
            problems.append(f"{error} What was saved in {ANSWERS} counts.")
    answers = _read(folder / ANSWERS, LARGEST_SHEET, problems)
    if answers is not None and _is_anothers(folder / ANSWERS, answers, student):
        problems.append(
            f"Not read: {ANSWERS} is a second name (a hard link) of a file that is not {student}'s."
        )
        answers = None
    stamp = _read(folder / "timestamp.txt", 200, []) or b""
    digest = hashlib.blake2b(digest_size=16)
    for part in (notebook_bytes, answers, stamp):
        digest.update(b"\0" if part is None else len(part).to_bytes(8) + part)
    return Submission(
        student,
        module,
        notebook,
        answers,
        _time(stamp, problems),
        digest.hexdigest(),
        tuple(map(printable, problems)),
        plots=bool(_PLOTS.search(notebook_bytes or b"")),
    )


def _notebook_bytes(
    folder: Path, module: str, problems: list[str], course: Course | None
) -> bytes | None:
    path = folder / f"{module}.ipynb"
    if not path.exists() and not path.is_symlink():
        others = sorted(p for p in folder.glob("*.ipynb") if not p.is_symlink())
        if len(others) != 1:
            problems.append(
                f"There is no {module}.ipynb in the hand-in. What was saved in {ANSWERS} counts."
            )
            return None
        path = others[0]
        problems.append(f"The notebook is called {path.name}, not {module}.ipynb; it was read.")
    found = _read(path, LARGEST_NOTEBOOK, problems)
    if found is not None and course is not None and (whose := _linked_to(course, module, path)):
        problems.append(
            f"Not read: {path.name} is a second name (a hard link) of {whose}. "
            f"What was saved in {ANSWERS} counts."
        )
        return None
    return found


def _linked_to(course: Course, module: str, path: Path) -> str:
    """Say whose notebook this is a hard link to, '' if it is this learner's own.

    A file with several names does not say which came first. It belongs to the account whose
    folder it lies in; if that does not tell, to the folder that has been as it is for longest,
    because a new name changes the folder it is put into. Other names, as a backup makes them,
    are nobody's business.
    """
    own = path.stat()
    if own.st_nlink < 2:
        return ""
    if any(_same(own, p) for p in course.folder("source", module).glob("*")):
        return "a file of the instructor's"
    here = path.parent.stat()
    others = [
        other.parent.stat()
        for other in (course.root / "submitted").glob(f"*/{module}/*.ipynb")
        if _same(own, other) and not _same(here, other.parent.resolve())
    ]
    if here.st_uid != own.st_uid and any(o.st_uid == own.st_uid for o in others):
        return "another learner's notebook"
    rivals = [o for o in others if (o.st_uid == own.st_uid) == (here.st_uid == own.st_uid)]
    if any(o.st_ctime_ns <= here.st_ctime_ns for o in rivals):
        return "another learner's notebook"
    return ""


def _same(one: os.stat_result, path: Path) -> bool:
    try:
        other = path.lstat()
    except OSError:
        return False
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _read(path: Path, most: int, problems: list[str]) -> bytes | None:
    try:
        return read_bounded(path, most)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        named = reason if path.name in reason else f"{path.name}: {reason}"
        problems.append(f"Not read: {named}.")
        return None


def _is_anothers(path: Path, sheet: bytes, student: str) -> bool:
    """Whether the sheet is a hard link to a file that does not name this learner.

    The one whose file it is has a hard link then, too, and must lose nothing by it.
    """
    if path.stat().st_nlink < 2:
        return False
    named = _NAMED.search(sheet)
    try:
        return named is None or str(LearnerId.parse(named[1].decode())) != str(
            LearnerId.parse(student)
        )
    except (AnswerError, UnicodeDecodeError):
        return True


def _time(stamp: bytes, problems: list[str]) -> datetime | None:
    from nbgrader.utils import parse_utc

    text = stamp.decode("utf-8", errors="replace").strip()
    if not text:
        return None
    try:
        found: datetime = parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        problems.append(f"The time stamp {text[:40]!r} is not a time; the hand-in has none.")
        return None
    return found.replace(tzinfo=UTC)
