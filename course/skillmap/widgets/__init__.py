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

if TYPE_CHECKING:
    from skillmap.lessons import Item
    from skillmap.module import Module
    from skillmap.widgets.base import PromptBox

__all__ = ["BOXES", "prompt", "prompts"]

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


def prompt(module: Module, name: str) -> PromptBox:
    """Return the widget of one part."""
    spec = module.prompt(name)
    return BOXES[spec.kind](module, name, spec)


def prompts(module: Module, item: Item, parts: tuple[str, ...]) -> w.VBox:
    """Return the widgets of some parts of an item, the prediction first where one is asked."""
    children: list[w.Widget] = []
    if item.predict and item.points and parts[0] == item.parts[0].id:
        children.append(PredictionBox(module, item))
    children += [prompt(module, name) for name in parts]
    return w.VBox(children, layout=w.Layout(max_width="860px"))
