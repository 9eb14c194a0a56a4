"""Four answers to grade before one's own: levels in, then the reference and one's shift beside it.

It forwards: answers come from ``bank.anchors``, the comparison from ``learning.calibrating``. The
reference is not in the page until every level has been given.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import ipywidgets as w

from skillmap.bank.anchors import anchors
from skillmap.errors import SkillMapError
from skillmap.learning.calibrating import agreement, shift_evidence
from skillmap.learning.evidence import record
from skillmap.learning.shelf import shelf_path
from skillmap.lessons.exhibits import Grid
from skillmap.widgets.base import Status, html_safe
from skillmap.widgets.manners import Manners
from skillmap.workspace import find_workspace

if TYPE_CHECKING:
    from skillmap.learning.calibrating import Agreement
    from skillmap.module import Module

__all__ = ["AnchorDesk"]

_LETTERS = "ABCD"
_OPTIONS = [("choose", None), ("0", 0), ("1", 1), ("2", 2)]


class AnchorDesk(w.VBox):  # type: ignore[misc]
    """The four answers to ``question_id``, a list for each criterion, and a button to compare."""

    def __init__(self, module: Module, question_id: str) -> None:
        self.module = module
        self.found, self.four = anchors(question_id, module.world)
        self.levels = [
            {
                c.id: w.Dropdown(
                    options=_OPTIONS,
                    description=c.name,
                    style={"description_width": "13em"},
                    layout=w.Layout(width="22em", max_width="100%"),
                )
                for c in self.found.criteria
            }
            for _ in self.four
        ]
        self.compare = w.Button(description="Compare with the reference", button_style="primary")
        self.compare.layout.width = "auto"
        self.compare.on_click(lambda _: self._look_up())
        self.table, self.status = w.HTML(), Status()
        boxes = [
            self._answer(letter, one.text, fields)
            for letter, one, fields in zip(_LETTERS, self.four, self.levels, strict=True)
        ]
        head = w.HTML(
            f"<p><strong>{html_safe(self.found.text)}</strong> Four answers, written by a language "
            "model. Give each criterion a level before you see the reference. Not graded.</p>"
        )
        rubric = Grid(
            "Levels",
            ("Criterion", "0", "1", "2"),
            tuple((c.name, *c.levels) for c in self.found.criteria),
        )
        folded = w.HTML(f"<details><summary>The rubric</summary>{rubric._repr_html_()}</details>")
        super().__init__([head, folded, *boxes, self.compare, self.status, self.table, Manners()])
        self.layout.max_width = "860px"
        self.add_class("skillmap-prompts")
        self.add_class("skillmap-anchors")

    @staticmethod
    def _answer(letter: str, text: str, fields: dict[str, w.Dropdown]) -> w.VBox:
        told = w.HTML(
            f'<p style="line-height:1.5"><strong class="skillmap-name">Answer {letter}</strong> '
            f"{html_safe(text)}</p>"
        )
        row = w.Box([*fields.values()], layout=w.Layout(flex_flow="row wrap"))
        box = w.VBox([told, row])
        box.add_class("skillmap-group")
        return box

    def _look_up(self) -> None:
        open_ = [
            letter
            for letter, fields in zip(_LETTERS, self.levels, strict=True)
            if any(field.value is None for field in fields.values())
        ]
        if open_:
            self.status.say(f"Choose every level first; open: {', '.join(open_)}.", good=False)
            return
        given = [{name: field.value for name, field in fields.items()} for fields in self.levels]
        result = agreement(self.found, self.four, given)
        self.table.value = _grid(result)._repr_html_()
        self.status.say(result.words + self._kept(result), good=True)

    def _kept(self, result: Agreement) -> str:
        """Keep the shift for the map; say so if that could not be done."""
        if self.module.sheet.path is None:
            return " There is no folder to keep it in."
        folder, learner = self.module.sheet.path.parent, str(self.module.learner)
        try:
            path = shelf_path(find_workspace(folder), folder)
            record(path, shift_evidence(self.found, result, datetime.now(UTC), learner))
        except (SkillMapError, OSError) as error:
            return f" Your map was not updated: {error}"
        return ""


def _grid(result: Agreement) -> Grid:
    rows = tuple(
        (
            name,
            *(f"{mine} ✓" if mine == ref else f"{mine} (reference {ref})" for mine, ref in cells),
        )
        for name, cells in result.rows
    )
    return Grid("Your levels beside the reference", ("Criterion", *_LETTERS), rows)
