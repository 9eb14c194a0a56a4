"""What a notebook cell shows: inert HTML with a text twin, said in words and not by color alone."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from skillmap.grading.feedback import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skillmap.grading.feedback import Feedback

__all__ = [
    "COLORS",
    "SIGNS",
    "Panel",
    "feedback_panel",
    "folded_html",
    "folded_panel",
    "list_panel",
    "note_panel",
    "plain_dollars",
]

COLORS = {
    Outcome.MET: "#0a5c36",
    Outcome.PARTLY: "#7a4b00",
    Outcome.NOT_YET: "#9b1c31",
    Outcome.BLANK: "#55606f",
    Outcome.NEEDS_REVIEW: "#4b3a8c",
}
SIGNS = {
    Outcome.MET: "✓",
    Outcome.PARTLY: "◐",
    Outcome.NOT_YET: "✗",
    Outcome.BLANK: "–",
    Outcome.NEEDS_REVIEW: "…",
}
_INFO = "#0b5394"


def plain_dollars(html: str) -> str:
    """Put each dollar sign into a tag of its own: notebooks read two of them as mathematics.

    >>> plain_dollars("<p>$2 to $3</p>")
    '<p><span>$</span>2 to <span>$</span>3</p>'
    """
    return html.replace("$", "<span>$</span>")


@dataclass(frozen=True, slots=True)
class Panel:
    """A box with a heading. Notebooks show ``html``; a terminal or a test reads ``text``."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return plain_dollars(self.html)

    def __repr__(self) -> str:
        return self.text


def _box(color: str, heading: str, body: str, text: str) -> Panel:
    html = (
        f'<div role="status" style="border:1px solid #d5dbe3;border-left:6px solid {color};'
        'border-radius:4px;padding:8px 14px;margin:4px 0;max-width:820px;line-height:1.5">'
        f'<p style="margin:0 0 4px"><strong style="color:{color}">{heading}</strong></p>'
        f"{body}</div>"
    )
    return Panel(html, text)


def note_panel(heading: str, *lines: str, html: str = "") -> Panel:
    """Return a plain note. ``lines`` are escaped; ``html`` is ours and goes in as it is."""
    body = "".join(f'<p style="margin:2px 0">{escape(line)}</p>' for line in lines) + html
    return _box(_INFO, escape(heading), body, "\n".join((heading, *lines)))


def list_panel(heading: str, rows: Iterable[tuple[str, str]], *after: str) -> Panel:
    """Return a note with a list of name and text."""
    pairs = list(rows)
    items = "".join(f"<li><strong>{escape(n)}:</strong> {escape(t)}</li>" for n, t in pairs)
    body = f'<ul style="margin:2px 0 2px 18px;padding:0">{items}</ul>'
    body += "".join(f'<p style="margin:2px 0">{escape(line)}</p>' for line in after)
    text = "\n".join((heading, *(f"- {n}: {t}" for n, t in pairs), *after))
    return _box(_INFO, escape(heading), body, text)


_FOLD = (
    "border:1px solid #d5dbe3;border-radius:4px;padding:6px 14px;margin:4px 0;max-width:820px;"
    "line-height:1.5"
)


def folded_panel(layers: Sequence[tuple[str, str]], *, empty: str) -> Panel:
    """Return texts folded away one inside the other; this needs no script and no kernel."""
    if not layers:
        return note_panel(empty)
    html = ""
    for title, text in reversed(layers):
        html = (
            f'<details style="{_FOLD}"><summary style="cursor:pointer;color:{_INFO}">'
            f"<strong>{escape(title)}</strong></summary><p>{escape(text)}</p>{html}</details>"
        )
    return Panel(html, "\n".join(f"{title}: {text}" for title, text in layers))


def folded_html(title: str, html: str, text: str) -> Panel:
    """Return one fold around ``html`` of ours; ``text`` is what a terminal shows instead."""
    shown = (
        f'<details style="{_FOLD}"><summary style="cursor:pointer;color:{_INFO}">'
        f"<strong>{escape(title)}</strong></summary>{html}</details>"
    )
    return Panel(shown, f"{title}\n{text}")


def feedback_panel(title: str, feedback: Feedback, *after: str) -> Panel:
    """Return how one item stands: outcome and points, each criterion, what to look at next."""
    standing = feedback.outcome.value.capitalize()
    if feedback.maximum:
        standing += f", {_points(feedback.points)} of {_points(feedback.maximum)} points"
    elif feedback.outcome is Outcome.MET:
        standing = "Complete, as far as can be said before hand-in"
    elif feedback.outcome is Outcome.PARTLY:
        standing = "Not complete yet"
    if feedback.outcome is Outcome.NEEDS_REVIEW:
        standing = "Saved, for a person to read"
    elif feedback.outcome is Outcome.BLANK:
        standing = "Blank"
    heading = f"{SIGNS[feedback.outcome]} {title}: {standing}"
    if feedback.outcome is Outcome.BLANK:
        return _nothing_yet(heading, feedback, *after)
    rows = "".join(
        f'<li style="margin:3px 0"><strong style="color:{COLORS[c.outcome]}">{SIGNS[c.outcome]} '
        f"{escape(c.name)}: {_word(feedback, c.outcome)}</strong>{_points_of(c.points, c.maximum)}"
        f"{_more(c.seen, c.looked_for, c.advice, met=c.outcome is Outcome.MET)}</li>"
        for c in feedback.criteria
    )
    body = f'<ul style="list-style:none;margin:0;padding:0">{rows}</ul>' if rows else ""
    tail = [*feedback.evidence, *([f"Next: {feedback.advice}"] if feedback.advice else []), *after]
    body += "".join(f'<p style="margin:4px 0">{escape(line)}</p>' for line in tail)
    lines = [heading]
    for c in feedback.criteria:
        lines.append(f"  {SIGNS[c.outcome]} {c.name}: {_word(feedback, c.outcome)}")
        if c.outcome is not Outcome.MET and c.advice:
            lines.append(f"    {c.advice}")
    return _box(COLORS[feedback.outcome], escape(heading), body, "\n".join([*lines, *tail]))


def _nothing_yet(heading: str, feedback: Feedback, *after: str) -> Panel:
    """A blank item: what will be looked for, and that a start is worth more than nothing."""
    wanted = [f"{c.name}: {c.looked_for}" for c in feedback.criteria if c.looked_for]
    tail = ["Nothing is saved here yet; a rough answer earns more than none.", *after]
    rows = "".join(f'<li style="margin:2px 0">{escape(line)}</li>' for line in wanted)
    body = f"<p style='margin:4px 0'>{escape(tail[0])}</p>"
    if rows:
        body += f'Looked for:<ul style="margin:2px 0;padding-left:18px">{rows}</ul>'
    body += "".join(f'<p style="margin:4px 0">{escape(line)}</p>' for line in after)
    lines = [heading, *(f"  {line}" for line in wanted), *tail]
    return _box(COLORS[Outcome.BLANK], escape(heading), body, "\n".join(lines))


def _word(feedback: Feedback, outcome: Outcome) -> str:
    """Without points nothing is judged: an answer is saved, not met."""
    if outcome is Outcome.MET and not feedback.maximum:
        return "saved"
    return outcome.value


def _more(seen: str, looked_for: str, advice: str, *, met: bool) -> str:
    parts: Sequence[tuple[str, str]] = (
        ("You gave", seen),
        ("Looked for", "" if met else looked_for),
        ("Next", "" if met else advice),
    )
    return "".join(
        f'<br><span style="color:#55606f">{label}:</span> {escape(text)}'
        for label, text in parts
        if text
    )


def _points_of(points: float, maximum: float) -> str:
    return f" · {_points(points)} / {_points(maximum)}" if maximum else ""


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
