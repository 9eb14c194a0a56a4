"""What the notebook ``start`` shows: the map, the plan, how sure one is, and the two questions."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from skillmap.bank import questions
from skillmap.ids import ModuleId
from skillmap.learning.overview import Overview, overview
from skillmap.learning.returned import take_in
from skillmap.learning.shelf import shelf_path
from skillmap.learning.words import line_words, status_rows
from skillmap.lessons.exhibits import Card, Grid, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skillmap.answers import AnswerSheet
    from skillmap.ids import LearnerId
    from skillmap.workspace import Workspace

__all__ = ["LABS"]

MOST_NOTES = 6


class _Taken(Protocol):
    """What a lab needs of the notebook as a learner takes it."""

    learner: LearnerId
    sheet: AnswerSheet
    workspace: Workspace


def _overview(module: _Taken) -> Overview:
    module.sheet.reload()
    assert module.sheet.path is not None
    path = shelf_path(module.workspace, module.sheet.path.parent)
    if os.environ.get("SKILLMAP_STATIC"):  # a run without a person reads nobody's results
        path = module.sheet.path.with_name("no-results.json")
        return overview(module.sheet, path, learner=str(module.learner))
    unread = take_in(path.parent, path, learner=str(module.learner))
    found = overview(module.sheet, path, learner=str(module.learner))
    return replace(found, problems=(*found.problems, *unread))


def _short(notes: tuple[str, ...]) -> tuple[str, ...]:
    if len(notes) <= MOST_NOTES:
        return notes
    more = len(notes) - MOST_NOTES
    return (*notes[:MOST_NOTES], f"{more} more; skillmap status lists them all.")


def _map(module: _Taken) -> Picture:
    """The map: claimed and measured, hatched while unproven; below it what does not count."""
    from skillmap.learning.figures import map_alt_text, map_figure

    found = _overview(module)
    notes = _short(found.notes)
    return Picture(lambda: map_figure(found.standings, notes), map_alt_text(found.standings, notes))


def _table(module: _Taken) -> Grid:
    """The same as a table."""
    head, rows = status_rows(_overview(module))
    return Grid("Your map in numbers", tuple(head), tuple(tuple(row) for row in rows))


def _plan(module: _Taken) -> Card:
    """What to do now, what next and what to keep warm."""
    found = _overview(module)
    lines: list[tuple[str, str]] = []
    for line in found.plan.lines:
        (name, said), *rest = line_words(line)
        lines.append((name.upper(), said))
        lines += rest
    return Card(f"Your plan · {found.role} · {found.said.hours:g} hours a week", tuple(lines))


def _sure(module: _Taken) -> Card:
    """How sure you were and should be, the most urgent first."""
    return Card("How sure you should be", _overview(module).sure)


def _sample(module: _Taken, competency: str) -> Card:
    """Two level-2 questions of a competency: what a claim to be strong in it is measured by."""
    chosen = [q for q in questions(ModuleId.from_prefix(competency)) if q.stars == 2][:2]
    title = ModuleId.from_prefix(competency).title
    if not chosen:
        return Card(f"{title}: no sample questions yet", ())
    return Card(
        f"{title}: could you answer these tomorrow, follow-ups included?",
        tuple((str(n), q.text) for n, q in enumerate(chosen, start=1)),
    )


LABS: Mapping[str, Callable[..., Any]] = {
    "map": _map,
    "plan": _plan,
    "sample": _sample,
    "sure": _sure,
    "table": _table,
}
"""What ``m.lab(name)`` can show in ``start``."""
