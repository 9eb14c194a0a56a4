"""The ladder: many 80% ranges in one table, with how many are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from skillmap.lessons.render import saved_line
from skillmap.widgets.base import Status, html_safe, save_button
from skillmap.widgets.fields import RangeBox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.lessons import Item
    from skillmap.module import Module

__all__ = ["LadderBox"]


class _Rung(RangeBox):
    """One range of the ladder; its row shows the numbers, so its line says only the time."""

    def line(self, answer: Answer | None) -> str:
        """Return "Saved 14:32", or that nothing is."""
        return saved_line(self.prompt, answer).partition(" · ")[0]

    def fields(self) -> list[w.Widget]:
        """Make the two fields; the unit stands beside the quantity."""
        self.make_boxes(units=False)
        unit = f" ({self.prompt.unit})" if self.prompt.unit else ""
        self.heading.value = (
            '<div style="line-height:1.4"><span class="skillmap-name">'
            f"{html_safe(self.prompt.label)}</span>"
            f'<span style="opacity:.8">{html_safe(unit)}</span></div>'
        )
        self.heading.layout = w.Layout(flex="1 1 20em")
        return []

    def foot(self) -> w.Widget:
        """Return fields and state; the ladder has one Save button for all rungs."""
        return w.Box(
            [*self.boxes.values(), self.status],
            layout=w.Layout(flex_flow="row wrap", align_items="center", flex="1 1 30em"),
        )

    def lay_flat(self) -> None:
        """Put quantity, fields and state in one row that wraps on a narrow screen."""
        self.layout = w.Layout(
            flex_flow="row wrap",
            align_items="center",
            border_top="1px solid #c9d0d9",
            padding="3px 0",
            max_width="100%",
        )


class LadderBox(w.VBox):  # type: ignore[misc]
    """Several ranges in rows; each saves by itself, and a line counts how many are in."""

    def __init__(
        self, module: Module, item: Item, parts: tuple[str, ...], notes: Mapping[str, str]
    ) -> None:
        self.module, self.item = module, item
        self.rungs = {
            name: _Rung(module, name, module.prompt(name), note=notes.get(name, ""))
            for name in parts
        }
        for rung in self.rungs.values():
            rung.lay_flat()
            rung.when_saved = self._count
        self.status = Status()
        self.bar = w.HTML()
        self.save = save_button(f"all ranges of {item.title}", self.commit)
        foot = w.Box(
            [self.save, self.bar, self.status],
            layout=w.Layout(flex_flow="row wrap", align_items="center", margin="6px 0"),
        )
        super().__init__([*self.rungs.values(), foot], layout=w.Layout(max_width="100%"))
        self.add_class("skillmap-ladder")
        self._count()

    @property
    def held(self) -> int:
        """How many ranges are saved."""
        found = (self.module.sheet.get(name) for name in self.rungs)
        return sum(answer is not None and answer.given for answer in found)

    def commit(self, *_: object) -> None:
        """Save every rung that is complete; each says its own state."""
        for rung in self.rungs.values():
            if rung.entered() is not None or rung.missing():
                rung.commit()
        self._count()

    def _count(self) -> None:
        held, most = self.held, len(self.rungs)
        self.bar.value = (
            f'<progress value="{held}" max="{most}" aria-label="Ranges saved" '
            'style="width:9em;margin:0 6px"></progress>'
        )
        done = "All are in; you can still change them." if held == most else "Low and high in each."
        self.status.say(
            f"{held} of {most} ranges are in. {done}", good=True if held == most else None
        )
