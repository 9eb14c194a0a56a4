"""The agreement record: every decision of a person on a written answer, one JSON line each.

``review/decisions.jsonl`` has no text and no name of a learner. ``review/exemplars.jsonl`` has the
answers with the levels that a person gave, and can be switched off. A line is added in one write
that is on the disk before anything else happens; a line that cannot be read is named, skipped and
left where it is.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from skillmap.cohort.course import read_bounded
from skillmap.cohort.review_schema import DecisionIn, ExemplarIn
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pydantic import BaseModel

    from skillmap.cohort.course import Course

__all__ = [
    "DECISIONS",
    "EXEMPLARS",
    "CriterionAgreement",
    "agreement",
    "append_line",
    "decisions",
    "exemplars",
    "latest",
    "weighted_kappa",
]

DECISIONS = "decisions.jsonl"
EXEMPLARS = "exemplars.jsonl"
_MAX_BYTES = 200_000_000
_MAX_LINE = 200_000

_Line = TypeVar("_Line", bound="BaseModel")


def _path(course: Course, name: str) -> Path:
    return course.root / "review" / name


def decisions(course: Course) -> tuple[list[DecisionIn], list[str]]:
    """Return every decision in the order it was made, and what could not be read."""
    return _read(_path(course, DECISIONS), DecisionIn)


def exemplars(course: Course, question: str = "") -> tuple[list[ExemplarIn], list[str]]:
    """Return the answers that a person has read, and what could not be read.

    Of an answer that was decided twice only the later reading is there.
    """
    found, problems = _read(_path(course, EXEMPLARS), ExemplarIn)
    by_answer = {(e.answer, e.text): e for e in found if question in ("", e.question)}
    return list(by_answer.values()), problems


def _read(path: Path, shape: type[_Line]) -> tuple[list[_Line], list[str]]:
    from pydantic import ValidationError

    try:
        data = read_bounded(path, _MAX_BYTES)
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [f"{path}: {error.strerror or error}. Nothing of it is used."]
    found, problems = [], []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            if len(line) > _MAX_LINE:
                raise ValueError(f"it has {len(line):,} bytes")
            found.append(shape.model_validate(json.loads(line)))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in first["loc"]) or "it"
            problems.append(_told(path, number, f"{place}: {first['msg']}"))
        except (ValueError, RecursionError) as error:
            problems.append(_told(path, number, str(error)))
    return found, problems


def _told(path: Path, number: int, why: str) -> str:
    return f"review/{path.name} line {number}: {why[:160]}. It is skipped and stays in the file."


def append_line(course: Course, name: str, line: BaseModel) -> None:
    """Add one line in one write and wait until it is on the disk.

    A half line that a power cut left at the end is closed first, so that it spoils only itself.
    Raises ``EnvironmentLacksError`` if the file cannot be written.
    """
    text = json.dumps(line.model_dump(mode="json", exclude_defaults=False), ensure_ascii=True)
    path = _path(course, name)
    try:
        new = not path.parent.is_dir()
        path.parent.mkdir(parents=True, exist_ok=True)
        if new:
            (path.parent / ".gitignore").write_text("# answers of learners\n*\n")
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file, _alone(file):
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
            half = b"\n" if end and file.read(1) != b"\n" else b""
            content = half + text.encode() + b"\n"
            if file.write(content) != len(content):
                raise OSError("the disk is full")
            os.fsync(file.fileno())
    except OSError as error:
        raise EnvironmentLacksError(
            f"{path} cannot be written: {error.strerror or error}. The score was not changed."
        ) from error


@contextmanager
def _alone(file: Any) -> Iterator[None]:
    """Hold a file against other writers; where the system has no such lock, go on without."""
    if sys.platform == "win32":
        yield
        return
    import fcntl
    from contextlib import suppress

    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)
    yield


def latest(found: Iterable[DecisionIn]) -> list[DecisionIn]:
    """Return the last decision on each answer as it then stood."""
    return list({(d.answer, d.digest): d for d in found}.values())


@dataclass(frozen=True, slots=True)
class CriterionAgreement:
    """Proposed levels beside a person's on one criterion; ``criterion`` '' is the whole question.

    ``same`` and ``far`` count levels that are equal and two apart. ``kappa`` is quadratic weighted
    kappa (Cohen, Psychological Bulletin 70, 1968), ``nan`` with fewer than two levels on a side.
    ``confidence`` is what the grader expected ``same`` to be, as a mean.
    """

    question: str
    criterion: str
    compared: int
    same: int
    far: int
    kappa: float
    confidence: float


def agreement(found: Iterable[DecisionIn]) -> tuple[CriterionAgreement, ...]:
    """Return the agreement by question and by criterion, the whole question first."""
    pairs: dict[tuple[str, str], list[tuple[int, int, float]]] = defaultdict(list)
    for decision in latest(found):
        for row in decision.criteria:
            if row.proposed is not None:
                pair = (row.proposed, row.decided, row.confidence)
                pairs[decision.question, ""].append(pair)
                pairs[decision.question, row.id].append(pair)
    return tuple(
        CriterionAgreement(
            question,
            criterion,
            len(rows),
            sum(p == d for p, d, _ in rows),
            sum(abs(p - d) == 2 for p, d, _ in rows),
            weighted_kappa([(p, d) for p, d, _ in rows]),
            sum(c for _, _, c in rows) / len(rows),
        )
        for (question, criterion), rows in sorted(pairs.items())
    )


def weighted_kappa(pairs: list[tuple[int, int]]) -> float:
    """Return quadratic weighted kappa of two lists of levels.

    >>> weighted_kappa([(0, 0), (1, 1), (2, 1), (2, 2)])
    0.8
    """
    first, second = [p for p, _ in pairs], [d for _, d in pairs]
    if len(set(first)) < 2 or len(set(second)) < 2:
        return float("nan")
    seen = sum((p - d) ** 2 for p, d in pairs) / len(pairs)
    by_chance = sum((p - d) ** 2 for p in first for d in second) / len(pairs) ** 2
    return round(1 - seen / by_chance, 10)
