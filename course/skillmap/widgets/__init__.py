"""Prompts as ipywidgets. They own nothing: they edit the answer sheet and show what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from skillmap.widgets.chain import ChainBox
from skillmap.widgets.fields import (
    ChoiceBox,
    ChoicesBox,
    NumberBox,
    PredictionBox,
    RangeBox,
    RankingBox,
    TableBox,
    TextBox,
)
from skillmap.widgets.ladder import LadderBox
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from skillmap.lessons import Item
    from skillmap.module import Module
    from skillmap.widgets.base import PromptBox

__all__ = ["BOXES", "LadderBox", "prompt", "prompts"]

BOXES: dict[str, type[PromptBox]] = {
    "number": NumberBox,
    "range": RangeBox,
    "choice": ChoiceBox,
    "choices": ChoicesBox,
    "ranking": RankingBox,
    "table": TableBox,
    "chain": ChainBox,
    "text": TextBox,
}
"""The box for each kind of prompt."""


_LADDER = 4
"""From this many plain ranges on, an item is shown as a ladder."""


def prompt(module: Module, name: str, *, note: str = "") -> PromptBox:
    """Return the widget of one part. ``note`` is put after the line that says what is saved."""
    spec = module.prompt(name)
    return BOXES[spec.kind](module, name, spec, note=note)


def prompts(module: Module, item: Item, parts: tuple[str, ...]) -> w.VBox:
    """Return the widgets of some parts of an item, the prediction first where one is asked.

    The sheet is read again first; an answer that another notebook changed says so.
    """
    notes = _news(module, parts)
    children: list[w.Widget] = []
    if item.predict and item.points and parts[0] == item.parts[0].id:
        children.append(PredictionBox(module, item))
    specs = [module.prompt(name) for name in parts]
    if len(parts) >= _LADDER and all(s.kind == "range" and not s.point for s in specs):
        children.append(LadderBox(module, item, parts, notes))
    else:
        children += [prompt(module, name, note=notes.get(name, "")) for name in parts]
    box = w.VBox([*children, Manners()], layout=w.Layout(max_width="860px"))
    box.add_class("skillmap-prompts")
    return box


def _news(module: Module, parts: tuple[str, ...]) -> dict[str, str]:
    """Read the sheet again; return a note for each answer that is not the one this kernel had."""
    before = {name: module.sheet.get(name) for name in parts}
    module.sheet.reload()
    after = {name: module.sheet.get(name) for name in parts}
    return {
        name: " (changed in another notebook)"
        for name, now in after.items()
        if now is not None and now.given and (before[name] is None or before[name] != now)
    }
