"""The sampling desk of Evals with live fields: type labels, see what they are expected to show.

The fields are those of the plan itself: what is typed is saved as the answer, and the table under
it follows. Buying is another cell, so that looking costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.module import _front_end
from skillmap.widgets import prompts
from skillmap.widgets.base import Status

if TYPE_CHECKING:
    from skillmap.module import Module

__all__ = ["SamplingDesk", "sampling_desk"]

PLAN, TABLE = "ev.l1.plan", "sampling"


class SamplingDesk(w.VBox):  # type: ignore[misc]
    """The plan's fields above the desk's table; the table is drawn again after each save."""

    def __init__(self, module: Module) -> None:
        self.module = module
        asked = prompts(module, module.lesson.item(PLAN), (PLAN,))
        self.plan = next(box for box in asked.children if getattr(box, "name", "") == PLAN)
        self.plan.when_saved = self.redraw
        self.sum = Status()
        self.table = w.HTML(layout=w.Layout(max_width="100%"))
        asked.children = (*asked.children, self.sum, self.table)
        asked.layout = w.Layout(max_width="100%")
        super().__init__([asked], layout=w.Layout(max_width="1000px"))
        self.redraw()

    def redraw(self) -> None:
        """Show what the saved plan is expected to buy, and say its last line aloud."""
        grid = self.module.lab(TABLE)
        _, labels, *_, dollars = grid.rows[-1]
        self.sum.say(f"{labels} labels; wrong calls cost {dollars} a month on average.")
        self.table.value = grid._repr_html_()


def sampling_desk(module: Module) -> Any:
    """Return the desk with fields where a front end is there, and its table elsewhere.

    Fields that break must not hide the question: then the prompt alone is shown.
    """
    if not _front_end():
        return module.lab(TABLE)
    try:
        return SamplingDesk(module)
    except Exception:
        return module.ask(PLAN)
