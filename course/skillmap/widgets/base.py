"""What every prompt shares: a heading, fields, a Save button and a line that says what is saved."""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import AnswerError, SkillMapError
from skillmap.lessons.render import saved_line, saved_text
from skillmap.lessons.values import clean_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from skillmap.answers import Answer
    from skillmap.lessons.schema import Prompt
    from skillmap.module import Module

__all__ = [
    "FIELD",
    "PromptBox",
    "Status",
    "described",
    "field_label",
    "html_safe",
    "later",
    "refusal",
    "save_button",
    "text_field",
]

FIELD = {"description_width": "initial"}
_WRAP = {"flex_flow": "row wrap", "align_items": "center"}
_HEARD = (
    "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
)
_CHIPS = {True: ("✓ ", "#0a5c36", "#e8f4ec"), False: ("✗ ", "#8c1428", "#fdecee")}
_PLAIN = ("", "#3d4653", "#eef1f5")
"""Sign, ink and paper of a status line; ink on paper is readable in a light and a dark theme."""


def html_safe(text: str) -> str:
    """Escape a text for an HTML field, where two dollar signs would be read as mathematics.

    >>> html_safe("$2 < $3")
    '<span>$</span>2 &lt; <span>$</span>3'
    """
    return escape(text).replace("$", "<span>$</span>")


def refusal(error: SkillMapError, place: str) -> str:
    """Say why something was not saved; the place is left out where the fields show it.

    >>> seen = "low (90) is above high (40)"
    >>> refusal(AnswerError("Calls", seen, "Swap them and run this cell again."), "Calls")
    'Not saved: low (90) is above high (40). Swap them.'
    >>> refusal(AnswerError("Calls (low)", "it is empty", "Type it."), "Calls")
    'Not saved: low: it is empty. Type it.'
    """
    text = str(error)
    if isinstance(error, AnswerError) and error.place.startswith(place):
        spot = error.place.removeprefix(place).strip(" ,")
        if spot.startswith("(") and spot.endswith(")"):
            spot = spot[1:-1]
        text = f"{spot + ': ' if spot else ''}{error.seen.rstrip('.')}. {error.next_step}"
    return f"Not saved: {text}".replace(" and run this cell again", "")


class Status(w.HTML):  # type: ignore[misc]
    """One line that a screen reader announces when it changes."""

    def __init__(self) -> None:
        super().__init__(layout=w.Layout(max_width="100%"))
        self.add_class("skillmap-status")

    def say(self, text: str, *, good: bool | None = None) -> None:
        """Show ``text``; ``good`` is True for saved, False for refused, None for neither."""
        sign, ink, paper = _PLAIN if good is None else _CHIPS[good]
        self.value = (
            f'<span style="display:inline-block;color:{ink};background:{paper};line-height:1.4;'
            f'padding:2px 8px;border-radius:4px">{sign}{html_safe(text)}</span>'
        )


def described(label: str, more: str = "") -> dict[str, Any]:
    """Return the traits for a label tied to its field; ``more`` is heard and not seen.

    >>> described("High", "Calls a day")["description"]
    'High<span style="position:absolute;width:1px;height:1px;overflow:hidden;\
clip-path:inset(50%);white-space:nowrap">, Calls a day</span>'
    """
    hidden = f'<span style="{_HEARD}">, {html_safe(more)}</span>' if more else ""
    text = (html_safe(label) + hidden).replace("$", "&#36;")  # labels look for mathematics early
    return {"description": text, "description_allow_html": True}


def text_field(label: str, value: str = "", *, of: str = "", wide: bool = False) -> w.Text:
    """Return a one-line field with a visible label tied to it; it reports on Enter or leaving.

    ``of`` says, to a screen reader, whose field it is.
    """
    field = w.Text(
        value=value,
        **described(label, of),
        continuous_update=False,
        style=FIELD,
        layout=w.Layout(max_width="100%"),
    )
    field.add_class("skillmap-field")
    if wide:
        field.add_class("skillmap-wide")
    return field


def field_label(prompt: Prompt) -> w.HTML:
    """Return the prompt's label and help above its fields."""
    note = getattr(prompt, "help", "")
    below = f'<br><span style="opacity:.85">{html_safe(note)}</span>' if note else ""
    return w.HTML(
        '<div style="line-height:1.4;margin-top:6px"><strong class="skillmap-name">'
        f"{html_safe(prompt.label)}</strong>{below}</div>"
    )


def save_button(of: str, action: Callable[..., None]) -> w.Button:
    """Return a Save button for ``of``, which a screen reader hears after the word."""
    button = w.Button(
        description="Save", tooltip=f"Save: {of}", layout=w.Layout(width="auto", flex="0 0 auto")
    )
    button.on_click(action)
    return button


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
    there is nothing to save) and fill them in :meth:`show`. Entering a field and leaving it saves,
    Enter saves, and so does the Save button.
    """

    prompt: Any
    """The prompt; each box knows the kind that it was made for."""

    def __init__(self, module: Module, name: str, prompt: Prompt, *, note: str = "") -> None:
        self.module, self.name, self.prompt = module, name, prompt
        self.place = module.lesson.place(name)
        self.status = Status()
        self.save = save_button(prompt.label, self.commit)
        self.when_saved: Callable[[], None] | None = None
        self._quiet = False
        self._mine: Answer | None = None
        self.heading = field_label(prompt)
        children = [self.heading, *self.fields(), self.foot()]
        super().__init__(children, layout=w.Layout(margin="0 0 12px 0", max_width="100%"))
        self.add_class("skillmap-prompt")
        self.add_class("skillmap-group")
        self.restore(note)

    def fields(self) -> list[w.Widget]:
        """Return the widgets between the label and the status line."""
        raise NotImplementedError

    def foot(self) -> w.Widget:
        """Return what stands under the fields: Save, and what is saved."""
        return w.Box([self.save, self.status], layout=w.Layout(**_WRAP))

    def entered(self) -> Any:
        """Return what the fields hold, or ``None`` while there is nothing to save."""
        raise NotImplementedError

    def missing(self) -> str:
        """Say what is still missing where something was entered; "" where nothing was."""
        return ""

    def show(self, value: Any) -> None:
        """Fill the fields with a saved value."""
        raise NotImplementedError

    def line(self, answer: Answer | None) -> str:
        """Return the line for what is saved."""
        return saved_line(self.prompt, answer)

    def restore(self, note: str = "") -> None:
        """Show what the sheet has; fields that cannot show it stay empty and the line tells."""
        answer = self.module.sheet.get(self.name)
        self._mine = answer
        given = answer is not None and answer.given
        if answer is not None and given:
            self._quiet = True
            try:
                self.show(answer.value)
            except (AttributeError, KeyError, TypeError, ValueError):
                self.status.say(f"Saved, but not in a form these fields know: {answer.value!r:.80}")
                return
            finally:
                self._quiet = False
        self.status.say(self.line(answer) + note, good=True if given else None)

    def commit(self, *_: Any, keep_earlier: bool = True) -> None:
        """Check what was entered and save it; what was typed stays in the fields either way."""
        if self._quiet:
            return
        value = self.entered()
        if value is None:
            self._unsaved()
            return
        try:
            clean, unit = clean_value(self.prompt, value, place=self.place)
            note = self._other_notebook(clean)
            self._mine = self.module.sheet.put(self.name, clean, unit, keep_earlier=keep_earlier)
        except SkillMapError as error:
            self.status.say(refusal(error, self.place), good=False)
            return
        self.status.say(self.line(self._mine) + note, good=True)
        if self.when_saved is not None:
            self.when_saved()

    def _unsaved(self) -> None:
        """Say what is missing, and that an earlier answer stands."""
        answer, missing = self.module.sheet.get(self.name), self.missing()
        saved = answer is not None and answer.given
        if missing:
            still = f" Until then this counts: {self.line(answer)}" if saved else ""
            self.status.say(f"Not saved yet: {missing}.{still}")
        elif saved:
            self.status.say(f"Nothing is entered here; this still counts: {self.line(answer)}")
        else:
            self.status.say(self.line(answer))

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
