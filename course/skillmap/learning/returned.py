"""Feedback that came back from an instructor, read into the learner's record.

In a cohort the key stays with the instructor, so a learner's own checks measure nothing. What
measures is the feedback page that ``nbgrader fetch_feedback`` puts beside the notebook,
``MODULE/feedback/TIME/MODULE.html``. Its table carries each item's share of points as data
attributes; nothing else of the page is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from skillmap.answers import MAX_BYTES, AnswerSheet
from skillmap.errors import SkillMapError
from skillmap.ids import ModuleId
from skillmap.learning.evidence import Evidence, from_item, record
from skillmap.lessons import lesson

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Returned", "read_page", "take_in"]

MAX_PAGE = 16 * 2**20
"""Bytes of a feedback page that is read; ours have pictures and stay under two million."""
MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Returned:
    """What one feedback page says: percent by item, and the items that wait for a person."""

    module: str
    learner: str
    percent: dict[str, float]
    waiting: frozenset[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.module = self.learner = ""
        self.percent: dict[str, float] = {}
        self.waiting: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "main" and "data-module" in found and not self.module:
            self.module, self.learner = found["data-module"], found.get("data-learner", "")
        elif tag == "tr" and "data-item" in found:
            name = found["data-item"]
            self.percent[name] = float(found.get("data-percent", "nan"))
            if found.get("data-waiting") == "yes":
                self.waiting.add(name)


def read_page(text: str) -> Returned | None:
    """Return what a feedback page says; ``None`` for a page that is not ours.

    >>> page = '<main data-module="evals" data-learner="ada"><tr data-item="ev.l1" '
    >>> read_page(page + 'data-percent="62.5" data-waiting="no">').percent
    {'ev.l1': 62.5}
    """
    reader = _Reader()
    try:
        reader.feed(text)
    except ValueError:
        return None
    if not reader.module or any(not 0 <= p <= 100 for p in reader.percent.values()):
        return None
    return Returned(reader.module, reader.learner, reader.percent, frozenset(reader.waiting))


def take_in(
    folder: Path, results: Path, *, learner: str, now: datetime | None = None
) -> tuple[str, ...]:
    """Add what feedback pages under ``folder`` say to ``results``; return what could not be read.

    Pages are taken in the order of their times, so that a later one, a person's score perhaps,
    replaces an earlier one. A page that was taken in before adds nothing. Never raises.
    """
    problems = []
    for module in ModuleId:
        place = folder / module.value / "feedback"
        try:
            pages = sorted(place.glob(f"*/{module.value}.html"))[-MOST_PAGES:]
            if not pages:
                continue
            sheet = _sheet(folder / module.value / "answers.json")
            found: list[Evidence] = []
            for path in pages:
                page = _page(path)
                if page is None or page.module != module.value:
                    problems.append(f"{path} is not a feedback page of {module.title}.")
                elif page.learner != learner:
                    problems.append(f"{path} is for {page.learner!r:.40} and does not count here.")
                else:
                    found += _evidence(page, sheet, learner, now or datetime.now(UTC))
            record(results, *found)
        except (SkillMapError, OSError) as error:
            problems.append(f"Feedback on {module.title} was not read: {error}")
    return tuple(problems)


def _evidence(page: Returned, sheet: AnswerSheet, learner: str, now: datetime) -> list[Evidence]:
    items = {item.id: item for item in lesson(page.module).items}
    found = [
        from_item(
            items[name],
            sheet,
            percent=percent,
            settled=name not in page.waiting,
            learner=learner,
            now=now,
        )
        for name, percent in page.percent.items()
        if name in items
    ]
    return [one for one in found if one is not None]


def _page(path: Path) -> Returned | None:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_PAGE:
        return None
    return read_page(path.read_text("utf-8", errors="replace"))


def _sheet(path: Path) -> AnswerSheet:
    if path.is_symlink() or not path.is_file():
        return AnswerSheet()
    with path.open("rb") as file:
        return AnswerSheet.parse(file.read(MAX_BYTES + 1))
