"""A graded item in a few lines: as text for nbgrader's comment, as HTML for the formgrader."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import nbformat

from skillmap.cohort.evidence import named_spans, segments
from skillmap.grading.feedback import Outcome

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

    from skillmap.grading.feedback import Feedback

__all__ = ["comment_text", "panel_html", "panel_output"]

_COLORS = {
    Outcome.MET: "#1b6e3c",
    Outcome.PARTLY: "#8a5a00",
    Outcome.NOT_YET: "#a3262a",
    Outcome.BLANK: "#555c66",
    Outcome.NEEDS_REVIEW: "#0b5394",
}

_CELL = '<td style="padding:2px 10px 2px 0;vertical-align:top">'


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _standing(feedback: Feedback) -> str:
    points = f"{_number(feedback.points)} of {_number(feedback.maximum)}"
    if feedback.outcome is Outcome.NEEDS_REVIEW:
        return f"Needs review: a person reads this one; {points} points until then."
    return f"{feedback.outcome.value.capitalize()}: {points} points."


def comment_text(feedback: Feedback) -> str:
    """Return the automatic comment: how it stands, what was seen, what to look at next.

    It never has the key: nbgrader shows comments while the item may still be open.
    """
    lines = [_standing(feedback)]
    for c in feedback.criteria:
        line = f"- {c.name}: {c.outcome.value}, {_number(c.points)} of {_number(c.maximum)}"
        line += f". You gave {c.seen}" if c.seen else ""
        if c.outcome is not Outcome.MET and c.advice:
            line += f". {c.advice}"
        lines.append(line)
    lines += [f"- {line}" for line in feedback.evidence]
    if feedback.advice:
        lines.append(f"Next: {feedback.advice}")
    return "\n".join(lines)


def panel_html(feedback: Feedback, problems: tuple[str, ...] = ()) -> str:
    """Return the panel an instructor sees under the grade cell; everything in it is escaped."""
    color = _COLORS[feedback.outcome]
    rows = "".join(
        f"<tr>{_CELL}{escape(c.name)}</td>{_CELL}{escape(c.outcome.value)}</td>"
        f"{_CELL}{_number(c.points)} / {_number(c.maximum)}</td>{_CELL}{escape(c.seen)}</td>"
        f"{_CELL}{escape(c.key)}</td></tr>"
        for c in feedback.criteria
    )
    table = (
        '<table><thead><tr><th scope="col">Looked for</th><th scope="col">Stands</th>'
        '<th scope="col">Points</th><th scope="col">Answer</th><th scope="col">Key</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
        if rows
        else ""
    )
    text = str(feedback.measures.get("text", ""))
    shown = "".join(_piece(*piece) for piece in segments(text, named_spans(feedback)))
    answer = f'<blockquote style="white-space:pre-wrap">{shown}</blockquote>' if text else ""
    notes = [*feedback.evidence, *(f"Flag: {flag}" for flag in feedback.flags)]
    notes += [f"Hand-in: {problem}" for problem in problems]
    if feedback.outcome is Outcome.NEEDS_REVIEW and feedback.measures.get("proposal"):
        notes.append("To settle it by criterion: skillmap review.")
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return (
        f'<section style="border-left:4px solid {color};padding:.3em .8em">'
        f"<p><strong>{escape(str(feedback.item))}</strong> · proposal · "
        f"{escape(_standing(feedback))}</p>{answer}{table}{f'<ul>{listed}</ul>' if listed else ''}"
        f"{f'<p>{escape(feedback.advice)}</p>' if feedback.advice else ''}</section>"
    )


def _piece(text: str, names: tuple[str, ...]) -> str:
    """A stretch of the answer; evidence is marked by color and by brackets with what it is for."""
    shown = escape(text.replace("⟦", "[").replace("⟧", "]"))
    if not names:
        return shown
    label = escape(", ".join(names))
    return (
        f'<mark style="background:#fff3c4;color:#1c2430"><strong>⟦{label}:</strong> {shown}'
        "<strong>⟧</strong></mark>"
    )


def panel_output(feedback: Feedback, problems: tuple[str, ...] = ()) -> NotebookNode:
    """Return the panel as a notebook output."""
    return nbformat.v4.new_output(
        "display_data",
        data={"text/plain": comment_text(feedback), "text/html": panel_html(feedback, problems)},
    )
