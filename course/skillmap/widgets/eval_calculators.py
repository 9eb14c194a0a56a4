"""Pocket calculators of Evals with fields: they forward numbers and show what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.lessons.evals.calculators import corrected_card, interval_card
from skillmap.module import _front_end
from skillmap.widgets.base import FIELD
from skillmap.widgets.manners import Manners

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Calculator", "interval_calculator", "judge_corrector"]

INTERVAL: Mapping[str, tuple[str, float]] = {
    "right": ("Labeled right", 186.0),
    "n": ("Labels", 200.0),
}
CORRECTOR: Mapping[str, tuple[str, float]] = {
    "passed": ("Judge passes, percent", 90.0),
    "tpr": ("TPR, percent", 92.0),
    "tnr": ("TNR, percent", 70.0),
    "rights": ("Labels called right", 220.0),
    "wrongs": ("Labels called wrong", 30.0),
    "read": ("Answers that the judge read", 2_000.0),
}


class Calculator(w.VBox):  # type: ignore[misc]
    """Numbers in, a card out; it saves nothing."""

    def __init__(self, fields: Mapping[str, tuple[str, float]], work: Callable[..., Any]) -> None:
        self.work = work
        self.fields = {
            name: w.FloatText(
                value=value,
                description=label,
                style=FIELD,
                layout=w.Layout(width="19em", max_width="100%"),
            )
            for name, (label, value) in fields.items()
        }
        self.card = w.HTML(layout=w.Layout(max_width="100%"))
        for field in self.fields.values():
            field.observe(self.redraw, "value")
        row = w.Box([*self.fields.values()], layout=w.Layout(flex_flow="row wrap"))
        self.card.add_class("skillmap-status")
        super().__init__([row, self.card, Manners()], layout=w.Layout(max_width="860px"))
        self.add_class("skillmap-prompts")
        self.add_class("skillmap-calculator")
        self.redraw()

    def redraw(self, _: Any = None) -> None:
        """Work it out again; a screen reader hears the new card."""
        found = self.work(**{name: field.value for name, field in self.fields.items()})
        self.card.value = found._repr_html_()


def interval_calculator() -> Any:
    """Return the calculator for a count; without a front end, its first example."""
    return _shown(INTERVAL, interval_card)


def judge_corrector() -> Any:
    """Return the judge corrector; without a front end, its first example."""
    return _shown(CORRECTOR, corrected_card)


def _shown(fields: Mapping[str, tuple[str, float]], work: Callable[..., Any]) -> Any:
    if _front_end():
        return Calculator(fields, work)
    return work(**{name: value for name, (_, value) in fields.items()})
