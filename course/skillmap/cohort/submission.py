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
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Submission", "read_folder", "read_submission"]


_NAMED = re.compile(rb'"learner"\s*:\s*"([^"\\]{1,64})"')


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in. ``notebook`` is plain data, ``None`` if missing or unreadable.

    ``submitted_at`` is UTC, ``None`` without a time stamp; ``digest`` covers all that is read.
    """

    student: str
    module: str
    notebook: Mapping[str, Any] | None
    answers: bytes | None
    submitted_at: datetime | None
    digest: str
    problems: tuple[str, ...] = ()


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
    return read_folder(folder, module, student)


def read_folder(folder: Path, module: str, student: str) -> Submission:
    """Read a folder with a notebook and an answer sheet, wherever it lies."""
    problems: list[str] = []
    notebook_bytes = _notebook_bytes(folder, module, problems)
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
    )


def _notebook_bytes(folder: Path, module: str, problems: list[str]) -> bytes | None:
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
    return _read(path, LARGEST_NOTEBOOK, problems)


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
