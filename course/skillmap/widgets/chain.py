"""The factor chain: pick factors, give each a range, watch the result and its tornado."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.estimation import Chain, format_number
from skillmap.estimation_figures import tornado_alt_text, tornado_figure
from skillmap.lessons.numbers import parse_number, show_number
from skillmap.widgets.base import FIELD, PromptBox, text_field
from skillmap.worlds import stream

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ChainBox", "figure_html"]

_OWN = "my own factor"
_NONE, _FREE = "?", "+"
"""Values of the factor list for nothing chosen and for a factor of the learner's own."""
_OPS = [("× times", "*"), ("÷ divided by", "/"), ("+ plus", "+"), ("− minus", "-")]
_DRAWS = 4_000


def figure_html(figure: Figure, alt: str) -> str:
    """Return a figure as an image with a text alternative, which a plot output would not have."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" '
        'style="max-width:100%;height:auto">'
    )


class _Row:
    """One factor: operator, name, low, best, high, unit, and buttons to move or remove it."""

    def __init__(self, box: ChainBox) -> None:
        self.box = box
        shelf = [(card.label, key) for key, card in box.prompt.shelf.items()]
        own = [(f"{_OWN} (type its name)", _FREE)] if box.prompt.free or not shelf else []
        self.op = w.Dropdown(
            options=_OPS, description="Operator", style=FIELD, layout=w.Layout(width="12em")
        )
        self.pick = w.Dropdown(
            options=[("choose a factor", _NONE), *shelf, *own],
            description="Factor",
            style=FIELD,
            layout=w.Layout(width="34em", max_width="100%"),
        )
        self.name = text_field("Name", width="16em")
        self.low = text_field("Low", width="9em")
        self.point = text_field("Best", width="9em")
        self.high = text_field("High", width="9em")
        self.unit = text_field("Unit", width="15em")
        self.up = w.Button(icon="arrow-up", layout=w.Layout(width="40px"))
        self.down = w.Button(icon="arrow-down", layout=w.Layout(width="40px"))
        self.remove = w.Button(icon="trash", layout=w.Layout(width="40px"))
        self.name.layout.display = "none"
        self.pick.observe(self._picked, "value")
        for field in (self.op, self.name, self.low, self.point, self.high, self.unit):
            field.observe(box.commit, "value")
        self.up.on_click(lambda _: box.move(self, -1))
        self.down.on_click(lambda _: box.move(self, +1))
        self.remove.on_click(lambda _: box.drop(self))
        first = w.Box([self.op, self.pick, self.name], layout=w.Layout(flex_flow="row wrap"))
        second = w.Box(
            [self.low, self.point, self.high, self.unit, self.up, self.down, self.remove],
            layout=w.Layout(flex_flow="row wrap"),
        )
        self.view = w.VBox(
            [first, second],
            layout=w.Layout(border_left="3px solid #d5dbe3", padding="2px 8px", margin="3px 0"),
        )

    def number(self, at: int) -> None:
        """Name the row's controls by its place, for a screen reader."""
        self.op.layout.display = "none" if at == 0 else ""
        label = f"factor {at + 1}"
        self.pick.description = f"Factor {at + 1}"
        for field, name in ((self.low, "low"), (self.point, "best"), (self.high, "high")):
            field.tooltip = f"{label}, {name}"
        self.unit.tooltip, self.op.tooltip = f"{label}, unit", f"{label}, operator"
        for button, act in (
            (self.up, "Move up"),
            (self.down, "Move down"),
            (self.remove, "Remove"),
        ):
            button.tooltip = f"{act}: {label}"

    def _picked(self, change: Any) -> None:
        key = change["new"]
        self.name.layout.display = "" if key == _FREE else "none"
        card = self.box.prompt.shelf.get(key)
        if card is None or self.box.quiet:
            return
        with self.box.hold():
            self.unit.value = card.unit
            for field, value in (
                (self.low, card.low),
                (self.point, card.point),
                (self.high, card.high),
            ):
                if value is not None and not field.value:
                    field.value = value if isinstance(value, str) else show_number(value)
        self.box.commit()

    @property
    def started(self) -> bool:
        """Whether anything stands in the row."""
        fields = (self.name, self.low, self.point, self.high)
        return self.pick.value != _NONE or any(f.value.strip() for f in fields)

    def value(self) -> dict[str, Any]:
        """Return the factor as the sheet has it; raise ``AnswerError`` for what is no number."""
        place = self.box.place
        name = (
            self.pick.value if self.pick.value in self.box.prompt.shelf else self.name.value.strip()
        )
        found: dict[str, Any] = {
            "name": name,
            "unit": self.unit.value.strip(),
            "op": self.op.value if self.op.layout.display != "none" else "*",
        }
        for key, field in (("low", self.low), ("point", self.point), ("high", self.high)):
            if field.value.strip():
                spot = f"{place}, {name or 'a factor'}, {key}"
                found[key] = parse_number(field.value, unit=found["unit"], place=spot)
        return found

    def fill(self, saved: dict[str, Any]) -> None:
        """Show a saved factor."""
        known = saved["name"] in self.box.prompt.shelf
        self.pick.value = saved["name"] if known else _FREE
        self.name.value = "" if known else saved["name"]
        self.unit.value, self.op.value = saved.get("unit", ""), saved.get("op") or "*"
        for field, key in ((self.low, "low"), (self.point, "point"), (self.high, "high")):
            field.value = show_number(float(saved[key])) if key in saved else ""


class ChainBox(PromptBox):
    """The chain with its live result."""

    def fields(self) -> list[w.Widget]:
        """Return the rows, a button to add one, and the place of the result."""
        self.rows: list[_Row] = []
        self.list = w.VBox()
        self.result = w.HTML()
        self.picture = w.HTML()
        add = w.Button(
            description="Add a factor", icon="plus", tooltip="Add a factor to the end of the chain"
        )
        add.on_click(lambda _: self._add(focus=True))
        with self.hold():
            self._add()
            self._add()
        return [self.list, add, self.result, self.picture]

    @property
    def quiet(self) -> bool:
        """Whether fields are being filled by us, so that nothing is saved."""
        return self._quiet

    def hold(self) -> _Hold:
        """Keep fields from saving while they are filled."""
        return _Hold(self)

    def _add(self, *, focus: bool = False) -> _Row:
        row = _Row(self)
        self.rows.append(row)
        self._lay_out()
        if focus:
            row.pick.focus()
        return row

    def move(self, row: _Row, by: int) -> None:
        """Move a factor one place, keeping the focus on its button."""
        at = self.rows.index(row)
        if not 0 <= at + by < len(self.rows):
            return
        self.rows.insert(at + by, self.rows.pop(at))
        self._lay_out()
        self.commit()
        (row.up if by < 0 else row.down).focus()

    def drop(self, row: _Row) -> None:
        """Remove a factor; the focus goes to the one that takes its place."""
        at = self.rows.index(row)
        self.rows.remove(row)
        if not self.rows:
            self._add()
        self._lay_out()
        self.commit()
        self.rows[min(at, len(self.rows) - 1)].remove.focus()

    def _lay_out(self) -> None:
        for at, row in enumerate(self.rows):
            row.number(at)
        self.list.children = [row.view for row in self.rows]

    def entered(self) -> dict[str, Any] | None:
        """Return the chain of the rows that were started."""
        factors = [row.value() for row in self.rows if row.started]
        return {"factors": factors} if factors else None

    def commit(self, *args: Any, keep_earlier: bool = True) -> None:
        """Save the chain and redraw; half a factor is not saved and nothing typed is lost."""
        if self._quiet:
            return
        try:
            value = self.entered()
        except SkillMapError as error:
            self.status.say(f"Not saved. {error}", good=False)
            return
        if value and (open_ := self._unfinished(value)):
            self.status.say(f"Not saved yet: {open_}.")
            return
        super().commit(keep_earlier=keep_earlier)
        self._redraw()

    def _unfinished(self, value: dict[str, Any]) -> str:
        for number, factor in enumerate(value["factors"], start=1):
            if not factor["name"]:
                return f"factor {number} has no name"
            if "point" not in factor and not {"low", "high"} <= set(factor):
                return f"{self._label(factor['name'])} needs a best number, or a low and a high"
        return ""

    def _label(self, name: str) -> str:
        card = self.prompt.shelf.get(name)
        return card.label if card else name

    def show(self, value: Any) -> None:
        """Show a saved chain."""
        with self.hold():
            self.rows.clear()
            for saved in value["factors"]:
                self._add().fill(saved)
        self._redraw()

    def _redraw(self) -> None:
        answer = self.module.sheet.get(self.name)
        if answer is None or not answer.given:
            return
        try:
            chain = Chain.from_answer(answer.value, unit=self.prompt.unit, place=self.place)
            fault = chain.unit_fault()
            if fault:
                self.result.value = (
                    f"<p><strong>Units do not end up right.</strong> {escape(fault)}</p>"
                )
                self.picture.value = ""
                return
            low, high = chain.interval(0.8, rng=stream(0, "chain-preview"), n=_DRAWS)
        except SkillMapError as error:
            self.result.value = f"<p>{escape(str(error))}</p>"
            self.picture.value = ""
            return
        width = f", {high / low:.1f} times wide" if low > 0 else ""
        self.result.value = (
            f'<p role="status" style="line-height:1.4"><strong>{escape(str(chain.quantity()))}'
            f"</strong> from your best numbers; 80% of draws fall between {format_number(low)} and "
            f"{format_number(high)} {escape(str(chain.unit))}{width}.</p>"
        )
        names = {name: self._label(name) for name in chain.names}
        figure = tornado_figure(chain, names=names)
        self.picture.value = figure_html(figure, tornado_alt_text(chain, names=names))


class _Hold:
    """Keeps a box quiet for the length of a ``with`` block."""

    def __init__(self, box: ChainBox) -> None:
        self.box = box

    def __enter__(self) -> None:
        self.before = self.box._quiet
        self.box._quiet = True

    def __exit__(self, *_: object) -> None:
        self.box._quiet = self.before
