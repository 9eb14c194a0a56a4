"""One writer for a course: a lock that dies with its process, and what killed runs left behind."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skillmap.cohort.course import Course

__all__ = ["only_writer", "sweep"]

_SCRATCH = re.compile(r"skillmap-(?:run|zygote|course)-(\d+)-")


@contextmanager
def only_writer(course: Course) -> Iterator[None]:
    """Hold the course for writing; raise ``EnvironmentLacksError`` if another process does.

    The lock belongs to this process alone. Workers forked from it do not inherit it, and the
    system lifts it when the process ends, however it ends.
    """
    path = course.root / ".skillmap" / "grading.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _locked(file):
            file.seek(0)
            who = file.read(20).strip() or "unknown"
            raise EnvironmentLacksError(
                f"Another skillmap grade is writing to {course.root} (process {who}). "
                "Wait until it has ended, then run the same command again."
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        # a file system without locks: nbgrader's own commands do without one, too
    return True


def sweep(course: Course) -> None:
    """Remove what runs that were killed left: half-written folders and files, and scratch.

    Call it as the only writer.
    """
    for path in (course.root / "autograded").glob("*/.*"):
        if path.is_dir() and path.name.startswith(_fresh(course)):
            shutil.rmtree(path, ignore_errors=True)
    for path in (course.root / ".skillmap" / "ledger").glob("*/.*.tmp"):
        path.unlink(missing_ok=True)
    for path in Path(tempfile.gettempdir()).glob("skillmap-*"):
        owner = _SCRATCH.match(path.name)
        with suppress(OSError):
            mine = os.name == "posix" and path.lstat().st_uid == os.getuid()
            if owner and mine and path.is_dir() and not _alive(int(owner[1])):
                shutil.rmtree(path, ignore_errors=True)


def _fresh(course: Course) -> tuple[str, ...]:
    return tuple(f".{module}." for module in course.modules())


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
