"""What a grade depends on, as one text: while none of it has changed, nothing is graded again.

A stamp has four parts: the hand-in, the key (notebook, key, solver, data, items, cohort), the
library, and the limits of a run. Which engine ran the notebook is no part of it: tests hold the
engines to the same outputs, and what was graded without a sandbox stays as it was graded.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import skillmap

if TYPE_CHECKING:
    from skillmap.cohort.course import Course

__all__ = ["library_version", "make_stamp", "what_changed"]

_NO_PART_OF_A_SCORE = ("cli.py", "widgets")
_CONTENT = frozenset({".json", ".py", ".yaml"})
_REASONS = ("changed", "key changed", "library changed", "limits changed")


@cache
def library_version() -> str:
    """Return the version and a digest of the library's own files, once for each process.

    The number alone would not do: a course kept as a repository is updated by ``git pull``,
    which changes graders without changing the number.
    """
    root = Path(skillmap.__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.suffix in _CONTENT and inside.parts[0] not in _NO_PART_OF_A_SCORE:
            content = path.read_bytes()
            digest.update(f"{inside.as_posix()}\0{len(content)}\0".encode() + content)
    return f"{version('ai-pm-skill-map')}+{digest.hexdigest()}"


def make_stamp(course: Course, submission: str, key: str) -> str:
    """Return the stamp of a hand-in and a module's material, given by their digests."""
    limits = f"{course.cell_seconds:g}/{course.total_seconds:g}"
    return ":".join((submission, key, library_version(), limits))


def what_changed(then: str, now: str) -> str:
    """Return why a submission has to be graded again, '' if it has not.

    >>> what_changed("a:k:1:30/300", "a:k:1:30/300"), what_changed("a:k:1:30/300", "a:j:2:30/300")
    ('', 'key changed')
    >>> what_changed("of an older kind", "a:k:1:30/300")
    'changed'
    """
    if then == now:
        return ""
    parts = list(zip(then.split(":"), now.split(":"), _REASONS, strict=False))
    if len(parts) < len(_REASONS):
        return _REASONS[0]
    return next((reason for old, new, reason in parts if old != new), _REASONS[0])
