"""From a check to the learner's record: what ``m.check`` and ``skillmap check`` call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from skillmap.answers import MAX_BYTES, AnswerSheet
from skillmap.errors import SkillMapError
from skillmap.learning.evidence import Evidence, Kind, from_item, record
from skillmap.learning.shelf import shelf_path
from skillmap.lessons import lesson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from skillmap.workspace import Workspace

__all__ = ["keep"]

_ANCHORS = "bl.l4"
"""The item in which a learner scores anchors."""


class _Result(Protocol):
    """What a graded item says of itself; :class:`skillmap.grading.Feedback` does."""

    @property
    def item(self) -> Any: ...
    @property
    def outcome(self) -> Any: ...
    @property
    def percent(self) -> float: ...
    @property
    def measures(self) -> Mapping[str, Any]: ...


def keep(
    module: str, folder: Path, workspace: Workspace, results: Iterable[_Result], learner: str
) -> str:
    """Add graded items to the learner's record; return why it could not be done, else "".

    ``folder`` holds ``answers.json``, which says when each answer was given and by whom. Never
    raises: a map that cannot be written must not cost a learner their check.
    """
    try:
        path = folder / "answers.json"
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            sheet = AnswerSheet.parse(file.read(MAX_BYTES + 1))
        found = list(_evidence(module, sheet, results, sheet.learner or learner))
        record(shelf_path(workspace, folder), *found)
    except (SkillMapError, OSError) as error:
        return f"Your map was not updated: {error}"
    except Exception as error:  # a fault of ours must not cost a learner their check
        return f"Your map was not updated ({type(error).__name__}: {str(error)[:200]})."
    return ""


def _evidence(
    module: str, sheet: AnswerSheet, results: Iterable[_Result], learner: str
) -> Iterable[Evidence]:
    now, here = datetime.now(UTC), lesson(module)
    for result in results:
        one = from_item(
            here.item(result.item),
            sheet,
            percent=result.percent,
            settled=str(result.outcome) != "needs review",
            learner=learner,
            now=now,
            measures=result.measures,
        )
        if one is None:
            continue
        yield one
        if one.id == _ANCHORS and one.answered == one.parts:
            yield from _anchors(sheet, one)


def _anchors(sheet: AnswerSheet, one: Evidence) -> Iterable[Evidence]:
    """Return how generously the anchors were scored, in percent beside the reference."""
    from skillmap.lessons.behavioral_leadership.private import shift
    from skillmap.lessons.behavioral_leadership.tales import anchors

    answers = (sheet.get(part.id) for part in lesson(one.competency).item(one.id).parts)
    for answer in answers:
        apart = shift(sheet.world, answer.value if answer else None)
        if apart:
            levels = [level for anchor in anchors(sheet.world) for level in anchor.levels]
            reference = 50 * sum(levels) / len(levels)
            given = reference + 50 * sum(apart.values()) / len(apart)
            yield Evidence(
                f"{one.id}.anchors", Kind.ANCHOR, round(given, 2), one.at, one.learner,
                reference=round(reference, 2), version=one.version,
            )  # fmt: skip
