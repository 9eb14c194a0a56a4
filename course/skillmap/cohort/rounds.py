"""What stood in the gradebook before a ``--regrade``, kept until that regrade has ended.

A regrade of a large cohort may be stopped half way. The same command then goes on with the rest,
and its table still has before and after of everybody: ``.skillmap/regrade.jsonl`` has a line for
each submission, written before its rows change.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from skillmap.cohort.course import Course
    from skillmap.cohort.result import SubmissionResult

__all__ = ["Round", "Was", "open_round"]


@dataclass(frozen=True, slots=True)
class Was:
    """A grade as it was: points in all and by item and criterion, and what was taken off."""

    total: float
    late_penalty: float = 0.0
    items: Mapping[str, tuple[float, Mapping[str, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, result: SubmissionResult) -> Was:
        """Return what a later run has to know of a result."""
        return cls(
            result.total,
            result.late_penalty,
            {
                str(f.item): (f.points, {c.name: c.points for c in f.criteria})
                for f in result.feedbacks
            },
        )

    def to_data(self) -> list[Any]:
        """Return plain data for JSON."""
        items = {name: [points, dict(parts)] for name, (points, parts) in self.items.items()}
        return [self.total, self.late_penalty, items]

    @classmethod
    def from_data(cls, data: Sequence[Any]) -> Was:
        """Read what ``to_data`` gave.

        >>> was = Was(9.0, 1.0, {"es.e1": (10.0, {"value": 4.0})})
        >>> Was.from_data(was.to_data()) == was
        True
        """
        total, late, items = data
        return cls(
            float(total),
            float(late),
            {
                str(k): (float(p), {str(n): float(v) for n, v in c.items()})
                for k, (p, c) in items.items()
            },
        )


@dataclass(slots=True)
class Round:
    """One regrade, from its first start to its end. ``name`` is in the ledger of what it did.

    ``known`` has, by module and student, what was noted before this process began; ``None`` for
    a submission that had no grade.
    """

    name: str
    path: Path
    known: dict[tuple[str, str], Was | None] = field(default_factory=dict)
    _file: IO[str] | None = None

    def before(self, module: str, student: str, now: SubmissionResult | None) -> Was | None:
        """Return what was there when the round began; note it, if it is asked the first time."""
        key = (module, student)
        if key in self.known:
            return self.known[key]
        was = Was.of(now) if now else None
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8")
        self._file.write(json.dumps([module, student, was and was.to_data()]) + "\n")
        self.known[key] = was
        return was

    def flush(self) -> None:
        """Have everything noted on disk: to be called before a row changes."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Stop noting; what is noted stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def end(self) -> None:
        """Forget it all: everybody has been shown."""
        self.close()
        self.path.unlink(missing_ok=True)


def open_round(course: Course, modules: Sequence[str], students: Sequence[str] | None) -> Round:
    """Go on with the round that was stopped, if it was for the same hand-ins, or begin one."""
    path = course.root / ".skillmap" / "regrade.jsonl"
    wanted = [sorted(modules), None if students is None else sorted(students)]
    lines = _lines(path)
    head = lines[0] if lines else None
    if isinstance(head, dict) and head.get("of") == wanted and isinstance(head.get("round"), str):
        return Round(head["round"], path, _noted(lines[1:]))
    path.parent.mkdir(parents=True, exist_ok=True)
    name = uuid.uuid4().hex
    path.write_text(json.dumps({"round": name, "of": wanted}) + "\n", encoding="utf-8")
    return Round(name, path)


def _lines(path: Path) -> list[Any]:
    """Read whole lines; what a kill left of the last one is cut off, so that it takes no other."""
    try:
        content = path.read_bytes()
    except OSError:
        return []
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)
    found = []
    for line in whole.decode("utf-8", errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            found.append(None)
    return found


def _noted(lines: Sequence[Any]) -> dict[tuple[str, str], Was | None]:
    found: dict[tuple[str, str], Was | None] = {}
    for line in lines:
        try:
            module, student, was = line
            found.setdefault((str(module), str(student)), was and Was.from_data(was))
        except (TypeError, ValueError, AttributeError):
            continue
    return found
