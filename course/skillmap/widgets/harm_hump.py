"""The harm hump of the Product sense lesson: move the error, watch what people act on.

It only forwards: figure and words come from ``lessons.product_sense.boards``. Arrow keys move the
slider by half a percent; the words are a live region, so that a screen reader says what changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.lessons.product_sense.boards import hump_picture, hump_words
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from skillmap.module import Module

__all__ = ["HarmHump"]


class HarmHump(w.VBox):  # type: ignore[misc]
    """A slider of error in percent over the picture of every group's hump. Stylized."""

    def __init__(self, module: Module, error: float = 12.0) -> None:
        self.world = module.world
        self.slider = w.FloatSlider(
            value=error,
            min=1.0,
            max=25.0,
            step=0.5,
            description="Error, %",
            continuous_update=False,
            readout_format=".1f",
        )
        self.shown, self.said = w.HTML(), w.HTML()
        self.slider.observe(self._draw, names="value")
        self._draw()
        super().__init__([self.slider, self.shown, self.said, Manners()])
        self.add_class("skillmap-prompts")

    def _draw(self, _: Any = None) -> None:
        error = float(self.slider.value)
        self.shown.value = hump_picture(self.world, error)._repr_html_()
        words = hump_words(self.world, error)
        self.said.value = f'<p role="status" aria-live="polite">{words}</p>'

    def __repr__(self) -> str:
        return hump_words(self.world, float(self.slider.value))
