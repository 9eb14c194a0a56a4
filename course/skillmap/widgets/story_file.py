"""A learner's private stories: make the file, read marks off it, hand one in on purpose.

No word of a story gets into a widget's state or into a cell's output, because both are saved in
the notebook and the notebook is handed in. What is shown are counts, marks and levels. Only the
button behind the tick box copies a story into the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.lessons.behavioral_leadership import private
from skillmap.panels import Panel, list_panel
from skillmap.widgets.base import Status
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from skillmap.module import Module

__all__ = ["StoryFile"]

SHARED = "bl.share.story"
_WRAP = {"flex_flow": "row wrap", "align_items": "center"}
_AUTO = {"width": "auto"}


class StoryFile(w.VBox):  # type: ignore[misc]
    """Buttons over ``my-stories.md``, which stands one folder above the hand-in."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.path = private.place(module.sheet.path)
        self.make = w.Button(description="Make my-stories.md", layout=w.Layout(**_AUTO))
        self.again = w.Button(description="Read it again", layout=w.Layout(**_AUTO))
        self.table, self.status = w.HTML(), Status()
        self.which = w.Dropdown(
            options=[(f"Story {n}", n) for n in range(1, private.STORIES + 1)],
            description="Hand in",
            layout=w.Layout(width="16em"),
        )
        self.willing = w.Checkbox(
            value=False,
            indent=False,
            description="I want my instructor to read this story.",
            layout=w.Layout(width="auto"),
        )
        self.copy = w.Button(
            description="Copy it into my answers", disabled=True, layout=w.Layout(**_AUTO)
        )
        self.withdraw = w.Button(description="Take it back", layout=w.Layout(**_AUTO))
        self.make.on_click(lambda _: self._make())
        self.again.on_click(lambda _: self.reread())
        self.copy.on_click(lambda _: self._copy())
        self.withdraw.on_click(lambda _: self._withdraw())
        self.willing.observe(self._may_copy, names="value")
        self.which.observe(self._ask_again, names="value")
        row = w.Layout(**_WRAP)
        super().__init__(
            [
                w.HBox([self.make, self.again], layout=row),
                self.table,
                w.HBox([self.which, self.willing], layout=row),
                w.HBox([self.copy, self.withdraw], layout=row),
                self.status,
                Manners(),
            ]
        )
        self.add_class("skillmap-prompts")
        self.add_class("skillmap-stories")
        self.reread()

    def reread(self) -> None:
        """Read the file and show marks and levels, and no words."""
        self.module.sheet.reload()
        try:
            stories = private.read(self.path) if self.path is not None else ()
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        shift = private.shift(self.module.world, self.module.value("bl.l4.levels"))
        self.table.value = marks_list(stories, shift)._repr_html_()
        there = self.path is not None and self.path.exists()
        where = self._where() if there else "no file yet"
        handed = self.module.value(SHARED) is not None
        self.status.say(f"Private: {where}. {'One story' if handed else 'No story'} is handed in.")

    def _where(self) -> str:
        """The file with its folder; the whole path would be saved in the notebook."""
        return f"{self.path.parent.name}/{self.path.name}" if self.path is not None else ""

    def _make(self) -> None:
        if self.path is None:
            self.status.say("There is no folder to put it in.", good=False)
            return
        try:
            made = private.create(self.path)
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        said = "Made" if made else "It was there already, and nothing was changed"
        self.status.say(
            f"{said}: {self._where()}. Open it from the file browser, one folder up, and write.",
            good=True,
        )

    def _may_copy(self, _: Any = None) -> None:
        self.copy.disabled = not self.willing.value

    def _ask_again(self, _: Any = None) -> None:
        """A tick is for one story: another story needs another tick."""
        self.willing.value = False

    def _copy(self) -> None:
        if not self.willing.value or self.path is None:
            return
        try:
            text = private.story_text(private.read(self.path), int(self.which.value))
            self.module.answer(SHARED, text)
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        self.willing.value = False
        self.status.say(
            f"Story {self.which.value} is in your answers now and will be handed in. "
            "Take it back removes it, earlier versions too.",
            good=True,
        )

    def _withdraw(self) -> None:
        try:
            self.module.sheet.forget(SHARED)
        except SkillMapError as error:
            self.status.say(str(error), good=False)
            return
        self.status.say(
            "No story is in your answers. Run the cell of that field again and save the "
            "notebook: its output may still show it.",
            good=True,
        )

    def __repr__(self) -> str:
        return "Your stories: run this cell to see marks and levels, never words."


def marks_list(stories: tuple[private.Story, ...], shift: dict[str, float] | None) -> Panel:
    """Marks, own levels and the level after the shift on the anchors, for each story begun."""
    rows = []
    for story in stories:
        there = [name for name, found in story.marks.items() if found]
        missing = [name for name, found in story.marks.items() if not found]
        said = f"has {', '.join(there) or 'no mark yet'}"
        if missing:
            said += f"; lacks {', '.join(missing)}"
        said += ". Too tidy." if story.too_tidy else "."
        rows.append((f"Story {story.number}", f"{said} {_scored(story, shift)}"))
    if not rows:
        rows = [("None begun", "replace a line in brackets, save the file, and read it again")]
    after = []
    if shift is not None:
        mean = sum(shift.values()) / len(shift)
        side = "above" if mean > 0 else "below"
        after = [f"On the four answers you were {abs(mean):.1f} levels {side} the reference."]
    return list_panel("Your stories, in marks (words stay in your file)", rows, *after)


def _scored(story: private.Story, shift: dict[str, float] | None) -> str:
    if not story.levels:
        return "Not scored by you."
    most = 2 * len(story.levels)
    own = f"Your levels: {sum(story.levels.values())} of {most}"
    if shift is None:
        return f"{own}. Score the four answers to see your shift."
    moved = sum(min(2.0, max(0.0, level - shift[k])) for k, level in story.levels.items())
    return f"{own}; after your shift {moved:.1f}."
