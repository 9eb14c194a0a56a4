"""What a lab shows in a notebook: pictures, tables, memos and cards, each with its words.

Every exhibit has a plain-text form (papermill, terminals, screen readers) and an HTML form in which
dollar signs are kept apart, so that JupyterLab does not read two of them as mathematics.
"""

from __future__ import annotations

import base64
import io
import os
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Card", "Grid", "Picture", "Unrun", "html_text"]

PICTURES = "SKILLMAP_PICTURES"
"""Environment variable: with ``words`` pictures are not drawn and labs are not run.

Grading sets it: a re-run is for answers, and drawing figures and running Lantern are most of what
a notebook computes. Words stand in their place.
"""


def html_text(text: object) -> str:
    """Escape a text for HTML, its dollar signs kept apart.

    >>> html_text("a < $2")
    'a &lt; <span>$</span>2'
    """
    return escape(str(text)).replace("$", "<span>$</span>")


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A figure, or a function that draws one, with its content in words.

    ``words`` is the alternative text: it says what a reader should take from the picture.
    """

    figure: Figure | Callable[[], Figure]
    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        if os.environ.get(PICTURES) == "words":
            return f'<p class="skillmap-words">{html_text(self.words)}</p>'
        buffer = io.BytesIO()
        figure = self.figure() if callable(self.figure) else self.figure
        figure.savefig(buffer, format="png", dpi=100)
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        alt = escape(self.words, quote=True)
        return f'<img alt="{alt}" src="data:image/png;base64,{data}" style="max-width:100%">'


class Unrun:
    """What stands for a lab in grading: its words. Anything asked of it runs the lab after all.

    >>> lab = Unrun("The bench", lambda: 40 + 2j)
    >>> lab
    The bench (a lab is not run again in grading)
    >>> lab.real
    40.0
    """

    def __init__(self, words: str, run: Callable[[], Any]) -> None:
        self._words, self._run = f"{words} (a lab is not run again in grading)", run

    def __repr__(self) -> str:
        return self._words

    def _repr_html_(self) -> str:
        return f'<p class="skillmap-words">{html_text(self._words)}</p>'

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # IPython asks for forms of display that an object may not have
            raise AttributeError(name)
        return getattr(self._run(), name)


@dataclass(frozen=True, slots=True)
class Card:
    """Lines of a card: what was asked and what is said."""

    title: str
    lines: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {name}: {text}" for name, text in self.lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr><th scope='row' style='text-align:left;vertical-align:top'>"
            f"{html_text(name)}</th><td style='text-align:left'>{html_text(text)}</td></tr>"
            for name, text in self.lines
        )
        head = f"<caption>{html_text(self.title)}</caption>"
        return f"<table>{head}<tbody>{rows}</tbody></table>"


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table: a caption, column names, and rows of ready-made text.

    >>> print(Grid("Prices", ("tier", "cents"), (("Wren", "0.02"), ("Heron", "0.31"))))
    Prices
      tier   cents
      Wren   0.02
      Heron  0.31
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        table = (self.columns, *self.rows)
        wide = [max(len(row[k]) for row in table) for k in range(len(self.columns))]
        lines = [
            "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([self.caption, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th scope='col' style='text-align:left'>{html_text(c)}</th>" for c in self.columns
        )
        body = "".join(
            "<tr>"
            + f"<th scope='row' style='text-align:left'>{html_text(first)}</th>"
            + "".join(f"<td style='text-align:left'>{html_text(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        return (
            f"<table><caption>{html_text(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
