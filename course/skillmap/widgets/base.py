"""What every prompt shares: a heading, fields, and a line that says what is saved."""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.lessons.render import saved_line, saved_text
from skillmap.lessons.values import clean_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from skillmap.answers import Answer
    from skillmap.lessons.schema import Prompt
    from skillmap.module import Module

__all__ = ["FIELD", "PromptBox", "Status", "field_label", "later", "text_field"]

FIELD = {"description_width": "initial"}
_RED, _GREEN, _GREY = "#9b1c31", "#0a5c36", "#55606f"


class Status(w.HTML):  # type: ignore[misc]
    """One line that a screen reader announces when it changes."""

    def say(self, text: str, *, good: bool | None = None) -> None:
        """Show ``text``; ``good`` is True for saved, False for refused, None for neither."""
        color = _GREY if good is None else _GREEN if good else _RED
        sign = "" if good is None else "✓ " if good else "✗ "
        self.value = (
            f'<span role="status" aria-live="polite" style="color:{color};line-height:1.4">'
            f"{sign}{escape(text)}</span>"
        )


def text_field(label: str, value: str = "", *, width: str = "15em", tip: str = "") -> w.Text:
    """Return a one-line field with a visible label tied to it; it reports on Enter or leaving."""
    return w.Text(
        value=value,
        description=label,
        tooltip=tip or label,
        continuous_update=False,
        style=FIELD,
        layout=w.Layout(width=width, max_width="100%"),
    )


def field_label(prompt: Prompt) -> w.HTML:
    """Return the prompt's label and help above its fields."""
    note = getattr(prompt, "help", "")
    below = f'<br><span style="color:{_GREY}">{escape(note)}</span>' if note else ""
    return w.HTML(
        f'<div style="line-height:1.4;margin-top:6px"><strong>{escape(prompt.label)}</strong>'
        f"{below}</div>"
    )


def later(seconds: float, action: Callable[[], None]) -> Any:
    """Call ``action`` after a pause where an event loop runs, and at once where none does."""
    try:
        return asyncio.get_running_loop().call_later(seconds, action)
    except RuntimeError:
        action()
        return None


class PromptBox(w.VBox):  # type: ignore[misc]
    """One part of an item: it shows the saved answer, saves a new one, and says which it is.

    Subclasses make their fields in :meth:`fields`, read them in :meth:`entered` (``None`` while
    there is nothing to save) and fill them in :meth:`show`.
    """

    prompt: Any
    """The prompt; each box knows the kind that it was made for."""

    def __init__(self, module: Module, name: str, prompt: Prompt) -> None:
        self.module, self.name, self.prompt = module, name, prompt
        self.place = module.lesson.place(name)
        self.status = Status()
        self._quiet = False
        self._mine: Answer | None = None
        children = [field_label(prompt), *self.fields(), self.status]
        super().__init__(children, layout=w.Layout(margin="0 0 10px 0"))
        self.add_class("skillmap-prompt")
        self.restore()

    def fields(self) -> list[w.Widget]:
        """Return the widgets between the label and the status line."""
        raise NotImplementedError

    def entered(self) -> Any:
        """Return what the fields hold, or ``None`` while there is nothing to save."""
        raise NotImplementedError

    def show(self, value: Any) -> None:
        """Fill the fields with a saved value."""
        raise NotImplementedError

    def restore(self) -> None:
        """Show what the sheet has; fields that cannot show it stay empty and the line tells."""
        answer = self.module.sheet.get(self.name)
        self._mine = answer
        if answer is not None and answer.given:
            self._quiet = True
            try:
                self.show(answer.value)
            except (AttributeError, KeyError, TypeError, ValueError):
                self.status.say(f"Saved, but not in a form these fields know: {answer.value!r:.80}")
                return
            finally:
                self._quiet = False
        self.status.say(
            saved_line(self.prompt, answer), good=True if answer and answer.given else None
        )

    def commit(self, *_: Any, keep_earlier: bool = True) -> None:
        """Check what was entered and save it; what was typed stays in the fields either way."""
        if self._quiet:
            return
        value = self.entered()
        if value is None:
            self.status.say(saved_line(self.prompt, self.module.sheet.get(self.name)))
            return
        try:
            clean, unit = clean_value(self.prompt, value, place=self.place)
            note = self._other_notebook(clean)
            self._mine = self.module.sheet.put(self.name, clean, unit, keep_earlier=keep_earlier)
        except SkillMapError as error:
            self.status.say(
                f"Not saved. {error}".replace(" and run this cell again", ""), good=False
            )
            return
        self.status.say(saved_line(self.prompt, self._mine) + note, good=True)

    def _other_notebook(self, clean: Any) -> str:
        """Say so when the answer on disk is not the one these fields last showed."""
        before = self._mine
        self.module.sheet.reload()
        now = self.module.sheet.get(self.name)
        if now is None or not now.given or now.value == clean:
            return ""
        if before is not None and before.value == now.value:
            return ""
        return (
            f" (another notebook had saved {saved_text(self.prompt, now):.80}; it is kept in the "
            "history)"
        )
