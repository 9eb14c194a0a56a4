"""A saved answer as text and as HTML, for pages where no widget lives."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from skillmap.lessons.numbers import show_number
from skillmap.lessons.schema import (
    ChainPrompt,
    ChoicePrompt,
    ChoicesPrompt,
    Prompt,
    RankingPrompt,
    TablePrompt,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skillmap.answers import Answer

__all__ = ["saved_html", "saved_line", "saved_text", "table_text"]


def saved_text(prompt: Prompt, answer: Answer | None) -> str:
    """Write a saved answer in words, or say that there is none.

    Values come from a file that a learner can edit, so whatever does not fit the prompt is shown
    as it stands and never trusted.
    """
    if answer is None or not answer.given:
        return "No answer yet."
    try:
        return _words(prompt, answer.value, answer.unit)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return f"{answer.value!r:.400}"


def saved_line(prompt: Prompt, answer: Answer | None) -> str:
    """Return the line under a field: when it was saved (local time) and what."""
    if answer is None or not answer.given:
        return "Not answered yet."
    clock = _clock(answer.saved_at)
    text = saved_text(prompt, answer)
    if prompt.kind == "text":
        text = f"{len(text.split())} words"
    return f"Saved {clock} · {text}" if clock else f"Saved · {text}"


def saved_html(label: str, prompt: Prompt, answer: Answer | None) -> str:
    """Return one prompt with its saved answer as inert HTML."""
    text = escape(saved_text(prompt, answer)).replace("\n", "<br>")
    return f"<p><strong>{escape(label)}</strong><br>{text}</p>"


def _words(prompt: Prompt, value: Any, unit: str | None) -> str:
    tail = _tail(unit)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return show_number(value) + tail
    if isinstance(prompt, ChoicePrompt):
        return prompt.options[value]
    if isinstance(prompt, ChoicesPrompt):
        return "; ".join(prompt.options[v] for v in value)
    if isinstance(prompt, RankingPrompt):
        return ", ".join(f"{n}. {prompt.options[v]}" for n, v in enumerate(value, start=1))
    if isinstance(prompt, ChainPrompt):
        return _chain(prompt, value)
    if isinstance(prompt, TablePrompt):
        return table_text(prompt, value)
    if isinstance(value, dict):
        low, high = show_number(value["low"]), show_number(value["high"])
        point = f"{show_number(value['point'])}, " if "point" in value else ""
        return f"{point}80% range {low} to {high}{tail}"
    return str(value)


def _chain(prompt: ChainPrompt, value: Mapping[str, Any]) -> str:
    signs = {"*": "×", "/": "÷", "+": "+", "-": "−"}
    lines = []
    for number, row in enumerate(value["factors"]):
        card = prompt.shelf.get(row["name"])
        name = card.label if card else row["name"]
        sign = f"{signs[row.get('op') or '*']} " if number else ""
        spread = f" ({show_number(row['low'])} to {show_number(row['high'])})"
        unit = f" {row['unit']}" if row.get("unit") else ""
        lines.append(f"{sign}{name}: {show_number(row['point'])}{spread}{unit}")
    return "\n".join(lines)


def table_text(prompt: TablePrompt, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write a saved table, a line for each row: its name, then what its cells hold.

    >>> from skillmap.lessons.schema import Column
    >>> share = Column(name="p", label="Chance", kind="number", unit="%")
    >>> causes = TablePrompt(label="Why?", columns=(share,), rows={"stale": "Stale article"})
    >>> table_text(causes, [{"row": "stale", "p": 60.0}])
    'Stale article. Chance: 60%'
    """
    return "\n".join(_row(prompt, row) for row in rows)


def _row(prompt: TablePrompt, row: Mapping[str, Any]) -> str:
    name = prompt.rows.get(row.get("row", ""), "")
    cells = []
    for column in prompt.columns:
        value = row.get(column.name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = _with_unit(show_number(value), column.unit)
        else:
            text = column.options.get(str(value), str(value)) if value not in (None, "") else "–"
        cells.append(f"{column.label}: {text}")
    return (f"{name}. " if name else "") + "; ".join(cells)


def _with_unit(number: str, unit: str) -> str:
    """Write a cell with its unit: 60%, $1.20, 3 days."""
    if unit.startswith("$"):
        sign, digits = ("−", number[1:]) if number[:1] in {"-", "−"} else ("", number)
        return f"{sign}${digits}{unit[1:]}"
    return f"{number}{_tail(unit)}"


def _tail(unit: str | None) -> str:
    return "" if not unit else unit if unit == "%" else f" {unit}"


def _clock(saved_at: str) -> str:
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(saved_at).astimezone()
    except ValueError:
        return ""
    today = datetime.now(moment.tzinfo).date()
    return moment.strftime("%H:%M" if moment.date() == today else "%d %b %H:%M")
