"""The flipping number: move the chance of the fault, watch the best act and the worth of knowing.

It shows the house week and not the learner's own: their expected costs are asked for in a lab. It
only forwards: figure and words come from ``lessons.behavioral_leadership.boards``. Arrow keys move
the slider by one percent; the words are a live region, so that a screen reader says what changed.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from skillmap.lessons.behavioral_leadership.boards import flip_picture, flip_words
from skillmap.widgets.manners import Manners
from skillmap.worlds import HOUSE

__all__ = ["FlippingNumber"]


class FlippingNumber(w.VBox):  # type: ignore[misc]
    """A slider of chance in percent over the house week's expected costs."""

    def __init__(self, percent: float = 30.0) -> None:
        self.world = HOUSE
        self.slider = w.FloatSlider(
            value=percent,
            min=0.0,
            max=100.0,
            step=1.0,
            description="Chance of the fault, %",
            continuous_update=False,
            readout_format=".0f",
            style={"description_width": "initial"},
            layout=w.Layout(width="30em", max_width="100%"),
        )
        self.shown, self.said = w.HTML(), w.HTML()
        self.slider.observe(self._draw, names="value")
        self._draw()
        super().__init__([self.slider, self.shown, self.said, Manners()])
        self.add_class("skillmap-prompts")

    def _draw(self, _: Any = None) -> None:
        chance = float(self.slider.value) / 100
        self.shown.value = flip_picture(self.world, chance)._repr_html_()
        words = flip_words(self.world, chance)
        self.said.value = f'<p role="status" aria-live="polite">{words}</p>'

    def __repr__(self) -> str:
        return flip_words(self.world, float(self.slider.value) / 100)
