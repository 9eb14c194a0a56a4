"""From a submission to feedback: outside the kernel, on data alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skillmap.answers import AnswerSheet
from skillmap.errors import SheetError
from skillmap.grading.feedback import Feedback, Outcome
from skillmap.ids import ItemId

if TYPE_CHECKING:
    from collections.abc import Collection

    from skillmap.cohort.notebooks import ItemCells

__all__ = ["Sheet", "is_foreign", "item_prints", "merge", "open_sheet", "salvage", "score"]

_ENTRY = re.compile(r'(?<!\\)"([a-z]{2}(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){1,3})"\s*:\s*(?=\{)')


@dataclass(frozen=True, slots=True)
class Sheet:
    """A submitted sheet as far as it could be read; ``raw`` is its JSON as plain data."""

    raw: Mapping[str, Any]
    problems: tuple[str, ...] = ()
    damaged: bool = False

    @property
    def answers(self) -> dict[str, Any]:
        """The entries by id."""
        found = self.raw.get("answers", {})
        return dict(found) if isinstance(found, Mapping) else {}

    def data(self) -> bytes:
        """Return the sheet as the file has it."""
        return json.dumps(self.raw, sort_keys=True, ensure_ascii=False, indent=1).encode()


def empty(module: str, learner: str, world: int) -> dict[str, Any]:
    """Return the JSON of a sheet without answers."""
    return {"format": 1, "module": module, "learner": learner, "world": world, "answers": {}}


def open_sheet(
    data: bytes | None,
    *,
    module: str,
    learner: str,
    world: int,
    known: Collection[str] | None = None,
    whose: str = "answers.json",
) -> Sheet:
    """Read an untrusted sheet; what cannot be read is reported, what can be is kept.

    A sheet that names another learner or world is graded in its own learner's and flagged.
    """
    if data is None:
        return Sheet(empty(module, learner, world))
    try:
        sheet = AnswerSheet.parse(data, known=known)
    except SheetError as error:
        return _rescued(data, str(error), {"module": module, "learner": learner, "world": world})
    problems = list(sheet.problems)
    if sheet.module not in ("", module):
        problems.append(f"{whose} belongs to the module {sheet.module}; its answers were read.")
    if sheet.world not in (0, world):
        problems.append(
            f"{whose} was made in another world ({sheet.world}, by {sheet.learner or 'nobody'}); "
            f"graded in {learner}'s own, {world}."
        )
    elif sheet.learner not in ("", learner):
        problems.append(f"{whose} names {sheet.learner}; graded as {learner}.")
    return Sheet(sheet.as_dict(), tuple(problems))


def _rescued(data: bytes, reason: str, who: Mapping[str, Any]) -> Sheet:
    """Keep the entries of a damaged sheet that are still whole."""
    found = salvage(data)
    try:
        sheet = AnswerSheet.parse(json.dumps({"format": 1, **who, "answers": found}).encode())
    except SheetError:
        found, sheet = {}, None
    entries = "1 answer" if len(found) == 1 else f"{len(found)} answers"
    kept = (
        f"{entries} in it could still be read and count"
        if found
        else ("what the notebook computes again counts")
    )
    raw = sheet.as_dict() if sheet else {"format": 1, **who, "answers": {}}
    return Sheet(raw, (f"{reason.rstrip('.')}: {kept}.",), damaged=True)


def salvage(data: bytes) -> dict[str, Any]:
    """Return the entries of a damaged sheet that are still whole.

    >>> sorted(salvage(b'{"answers": {"es.e1.a": {"value": 3}, "es.e1.b": {"val'))
    ['es.e1.a']
    """
    text = data[: 2**20].decode("utf-8", errors="replace")
    decoder, found, position = json.JSONDecoder(), {}, 0
    while match := _ENTRY.search(text, position):
        position = match.end()
        try:
            entry, position = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and ("value" in entry or "predicted" in entry):
            found[match[1]] = entry
    return found


def is_foreign(problem: str) -> bool:
    """Whether a problem says that the sheet was made in another learner's world."""
    return " was made in another world (" in problem


def merge(saved: Sheet, again: Sheet) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the sheet that is graded: saved answers count, the re-run fills in what is missing.

    Where the re-run came to something else, the saved value stands and the difference is told.
    """
    answers, notes = saved.answers, []
    for name, entry in sorted(again.answers.items()):
        mine = answers.get(name)
        if mine is None:
            answers[name] = entry
            continue
        if not isinstance(mine, Mapping) or not isinstance(entry, Mapping):
            continue
        if "value" not in mine and "value" in entry:
            answers[name] = {**mine, **entry}
        elif not _same(mine.get("value"), entry.get("value")):
            notes.append(
                f"{name}: the notebook now gives {_told(entry.get('value'))}, saved was "
                f"{_told(mine.get('value'))}. What you saved counts."
            )
    return {**saved.raw, "answers": answers}, tuple(notes)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    return bool(a == b)


def _told(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def score(
    module: str,
    sheet: Mapping[str, Any],
    cells: Mapping[str, ItemCells],
    *,
    key: Any,
    lesson: Any,
    world: int,
    notes: tuple[str, ...] = (),
) -> tuple[Feedback, ...]:
    """Grade a merged sheet and fit the result to the notebook's points.

    A grader that breaks is a fault of ours: the item waits for a person, with the fault as a
    flag, and the other items keep their points.
    """
    from skillmap.grading import grade_sheet

    parsed = AnswerSheet.parse(json.dumps(dict(sheet)).encode())
    try:
        found = grade_sheet(lesson, key, parsed, world)
    except Exception:  # find out which item it is
        found = _one_by_one(lesson, key, parsed, world)
    return tuple(
        _fit(feedback, cells[str(feedback.item)], notes)
        for feedback in found
        if str(feedback.item) in cells
    )


def _one_by_one(lesson: Any, key: Any, sheet: AnswerSheet, world: int) -> tuple[Feedback, ...]:
    from skillmap.grading import grade_item

    found = []
    for item in lesson.items:
        try:
            found.append(grade_item(item, key, sheet, world))
        except Exception as error:
            found.append(
                Feedback(
                    item=ItemId.parse(str(item.id)),
                    outcome=Outcome.NEEDS_REVIEW,
                    points=0.0,
                    maximum=float(item.points),
                    advice="We could not grade this one; a person looks at it.",
                    flags=(f"the grader broke: {type(error).__name__}: {error}",),
                )
            )
    return tuple(found)


def _fit(feedback: Feedback, cells: ItemCells, notes: tuple[str, ...]) -> Feedback:
    points = min(max(0.0, feedback.points), cells.points)
    flags = feedback.flags
    if points != feedback.points:
        flags = (*flags, f"points {feedback.points:g} were clipped to 0..{cells.points:g}")
    mine = tuple(n for n in notes if n.startswith((f"{feedback.item}.", f"{feedback.item}:")))
    return replace(
        feedback,
        points=points,
        maximum=cells.points,
        flags=flags,
        evidence=(*feedback.evidence, *mine),
    )


def item_prints(sheet: Mapping[str, Any]) -> dict[str, str]:
    """Return a fingerprint of each item's answers: has it changed since a person scored it?"""
    import hashlib

    groups: dict[str, dict[str, Any]] = {}
    for name, entry in sheet.get("answers", {}).items():
        if isinstance(entry, Mapping):
            groups.setdefault(".".join(name.split(".")[:2]), {})[name] = (
                entry.get("value"),
                entry.get("unit"),
            )
    return {
        item: hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=8).hexdigest()
        for item, parts in groups.items()
    }
