"""The map and the plan in words, for the terminal and for cells without pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skillmap.learning.mastery import Standing
    from skillmap.learning.overview import Overview
    from skillmap.learning.plan import Line

__all__ = ["line_words", "plan_text", "status_rows"]


def status_rows(found: Overview) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of the map as a table of text."""
    head = ["Competency", "Claimed", "Now", "80% band", "Results", "Stands", "First lab, predicted"]
    return head, [_row(s, found) for s in found.standings]


def _row(one: Standing, found: Overview) -> list[str]:
    low, high = one.band
    predicted = found.said.predicted.get(one.competency)
    return [
        one.competency.title,
        one.claim.words if one.claimed else "not said",
        f"{one.m:.0f}",
        f"{low:.0f} to {high:.0f}",
        str(one.results),
        one.words,
        f"{predicted[0]:.0f}" if predicted else "",
    ]


def line_words(line: Line) -> list[tuple[str, str]]:
    """Return one line of the plan as pairs of a name and a text, its heading first."""
    names = ", ".join(c.title for c in line.competencies)
    minutes = f"{line.minutes:.0f} minutes a week"
    head = f"{names} · {minutes}" if names else line.note
    rows = [(line.name.capitalize(), head)]
    rows += [
        (a.kind.capitalize(), f"{a.id}, {a.title} ({a.minutes:.0f} min)") for a in line.actions
    ]
    rows += [("Moves it", text) for text in line.moves]
    return rows + [("Note", line.note)] * bool(names and line.note)


def plan_text(found: Overview) -> str:
    """Return the three lines, and what does not count."""
    blocks = []
    for line in found.plan.lines:
        (name, said), *rest = line_words(line)
        blocks.append("\n".join([f"{name}: {said}", *(f"  {a:9} {b}" for a, b in rest)]))
    notes = "\n".join(found.notes)
    role = f"{found.learner} · {found.role} · {found.said.hours:g} hours a week"
    return "\n\n".join([role, *blocks, *([notes] if notes else [])])
