"""The one piece of front end that is ours: names and roles for a screen reader, and safe keys."""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as w

__all__ = ["Manners"]

_HERE = Path(__file__).parent


class Manners(anywidget.AnyWidget):
    """An invisible neighbour of some prompts that looks after what ipywidgets has no words for.

    ipywidgets 8 cannot set ``role`` or ``aria-label``, and JupyterLab 4 takes plain keys on lists,
    radio buttons and buttons for commands of its own: an arrow leaves the cell, an ``x`` cuts it.
    ``manners.js`` gives groups and fields their names and keeps such keys with the field.
    """

    _esm = _HERE / "manners.js"
    _css = _HERE / "manners.css"

    def __init__(self) -> None:
        super().__init__(layout=w.Layout(display="none"))
