"""An answer of the queue for a terminal: evidence marked by style and by brackets, nothing active.

A learner's text may hold escape sequences, markup and our own brackets. All of it is shown as
characters: ``rich.text.Text`` reads no markup, controls become a sign, brackets are exchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from skillmap.cohort.evidence import segments
from skillmap.cohort.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from skillmap.cohort.review import Queued, Rung

__all__ = ["MOST", "head", "marked", "plain_lines", "rung_lines", "whole_answer"]

MOST = 12_000
"""Characters of an answer that are shown; nobody reads more at a terminal."""
_OPEN, _CLOSE = "⟦", "⟧"
_EVIDENCE = "bold underline"


def plain_lines(text: str) -> str:
    """Return text with its line ends and nothing else that a terminal acts on.

    >>> plain_lines("a\\x1b[2Jb\\r\\n⟦c1⟧")
    'a�[2Jb\\n[c1]'
    """
    lines = text.replace("\r\n", "\n").replace("\t", " ").split("\n")
    return "\n".join(map(printable, lines)).replace(_OPEN, "[").replace(_CLOSE, "]")


def marked(answer: Queued, *, only: str = "", most: int = MOST) -> Text:
    """Return the answer with its evidence marked, of one criterion (``only``) or of all."""
    text = answer.text[:most]
    spans = [
        (start, end, rung.id)
        for rung in answer.rungs
        if only in ("", rung.id)
        for start, end in rung.evidence
    ]
    shown = Text()
    for piece, labels in segments(text, spans):
        if labels:
            shown.append(f"{_OPEN}{','.join(labels)} ", style="bold")
            shown.append(plain_lines(piece), style=_EVIDENCE)
            shown.append(_CLOSE, style="bold")
        else:
            shown.append(plain_lines(piece))
    if len(answer.text) > most:
        shown.append(f"\n… {len(answer.text) - most:,} more characters are not shown.", "italic")
    return shown


def head(answer: Queued, *, blind: bool = False) -> list[RenderableType]:
    """Return what is asked, the answer with its evidence, and what a reader should know."""
    who = "" if blind else f" · {printable(answer.student)}"
    words = len(answer.text.split())
    lines: list[RenderableType] = [Text(f"{answer.id} · {answer.title}{who}", style="bold")]
    if answer.asked:
        lines.append(Text(answer.asked, style="italic"))
    if answer.text:
        lines += [
            Text(f"The answer, {words:,} word{'' if words == 1 else 's'}:"),
            Padding(marked(answer), (0, 2)),
        ]
    lines += [Text(f"Seen: {plain_lines(note)[:500]}") for note in answer.notes]
    lines += [Text(f"Flag: {plain_lines(flag)[:500]}", style="bold") for flag in answer.flags]
    if answer.standing is not None:
        why = "; the answer has changed since" if answer.waits else ""
        lines.append(Text(f"A person gave it {answer.standing:g} of {answer.maximum:g}{why}."))
    if answer.grader:
        lines.append(Text(f"Proposed by {printable(answer.grader)}, {printable(answer.version)}."))
    elif answer.rungs:
        lines.append(Text("No levels are proposed."))
    return lines


def rung_lines(rung: Rung, *, decided: int | None = None) -> Text:
    """Return one criterion: its levels, the proposed one marked, and how sure that is."""
    sure = (
        "nothing is proposed"
        if rung.proposed is None
        else f"proposed {rung.proposed}, {rung.confidence:.0%} sure"
    )
    shown = Text()
    shown.append(f"{rung.id} {rung.name}", style="bold")
    shown.append(f": {sure}" + ("" if rung.evidence else ", no sentence speaks for it"))
    for level, told in enumerate(rung.levels):
        sign = ">" if level == rung.proposed else " "
        set_ = " (yours)" if level == decided else ""
        shown.append(f"\n {sign} {level}  {told}{set_}", "bold" if sign == ">" else "")
    return shown


def whole_answer(
    answer: Queued, *, near: Mapping[str, str] | None = None, blind: bool = False
) -> list[RenderableType]:
    """Return everything about one answer; ``near`` is what was given before, by criterion."""
    lines = head(answer, blind=blind)
    for rung in answer.rungs:
        lines.append(Padding(rung_lines(rung), (1, 0, 0, 0)))
        if told := (near or {}).get(rung.id):
            lines.append(Text(f"   {plain_lines(told)}"))
    if answer.cap_percent is not None:
        lines.append(Padding(Text(f"Cap {answer.cap_percent}%: {answer.cap_when}"), (1, 0, 0, 0)))
    return lines
