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
from skillmap.lessons.render import saved_line
from skillmap.widgets.base import FIELD, PromptBox, described, html_safe, later, refusal, text_field
from skillmap.worlds import stream

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skillmap.answers import Answer

__all__ = ["ChainBox", "figure_html"]

_OWN = "my own factor"
_NONE, _FREE = "?", "+"
"""Values of the factor list for nothing chosen and for a factor of the learner's own."""
_OPS = [("× times", "*"), ("÷ divided by", "/"), ("+ plus", "+"), ("− minus", "-")]
_DRAWS = 4_000
_DRAW_SECONDS = 0.02
"""How long the picture waits, so that a burst of changes is drawn once."""


def figure_html(figure: Figure, alt: str) -> str:
    """Return a figure as an image with a text alternative, which a plot output would not have."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" '
        'style="max-width:100%;height:auto">'
    )


def _three(value: float) -> str:
    """Write a result of chance with three digits: more would not come out the same twice."""
    return format_number(float(f"{value:.3g}"))


class _Row:
    """One factor: operator, name, low, best, high, unit, and buttons to move or remove it."""

    def __init__(self, box: ChainBox) -> None:
        self.box = box
        self.offered: dict[str, str] = {}
        shelf = [(card.label, key) for key, card in box.prompt.shelf.items()]
        own = [(f"{_OWN} (type its name)", _FREE)] if box.prompt.free or not shelf else []
        self.op = w.Dropdown(
            options=_OPS, **described("Operator"), style=FIELD, layout=w.Layout(width="auto")
        )
        self.pick = w.Dropdown(
            options=[("choose a factor", _NONE), *shelf, *own],
            description="Factor",
            style=FIELD,
            layout=w.Layout(width="auto", max_width="100%"),
        )
        self.name = text_field("Name", wide=True)
        self.low, self.point, self.high = text_field("Low"), text_field("Best"), text_field("High")
        self.unit = text_field("Unit")
        self.up, self.down, self.remove = (
            w.Button(icon=icon, layout=w.Layout(width="40px"))
            for icon in ("arrow-up", "arrow-down", "trash")
        )
        self.labels = (
            (self.op, "Operator"),
            (self.name, "Name"),
            (self.low, "Low"),
            (self.point, "Best"),
            (self.high, "High"),
            (self.unit, "Unit"),
        )
        self.name.layout.display = "none"
        self.pick.observe(self._picked, "value")
        for field in (self.op, self.name, self.low, self.point, self.high, self.unit):
            field.observe(box.commit, "value")
        self.up.on_click(lambda _: box.move(self, -1))
        self.down.on_click(lambda _: box.move(self, +1))
        self.remove.on_click(lambda _: box.drop(self))
        wrap = w.Layout(flex_flow="row wrap", align_items="center", max_width="100%")
        first = w.Box([self.op, self.pick, self.name], layout=wrap)
        second = w.Box([self.low, self.point, self.high, self.unit], layout=wrap)
        buttons = w.Box([self.up, self.down, self.remove])
        second.children = (*second.children, buttons)
        self.view = w.VBox(
            [first, second],
            layout=w.Layout(
                border_left="3px solid #8a97a8",
                padding="2px 8px",
                margin="3px 0",
                max_width="100%",
            ),
        )

        self.view.add_class("skillmap-factor")

    def number(self, at: int, last: int) -> None:
        """Name the row's controls by its place, for a screen reader."""
        self.op.layout.display = "none" if at == 0 else ""
        label = f"factor {at + 1}"
        self.pick.description = f"Factor {at + 1}"
        for field, text in self.labels:
            field.description = described(text, label)["description"]
        for button, act in (
            (self.up, "Move up"),
            (self.down, "Move down"),
            (self.remove, "Remove"),
        ):
            button.tooltip = f"{act}: {label}"
        self.up.disabled, self.down.disabled = at == 0, at == last

    def _picked(self, change: Any) -> None:
        """Offer the card's numbers; what an earlier card offered and nobody changed goes."""
        key = change["new"]
        self.name.layout.display = "" if key == _FREE else "none"
        if self.box.quiet:
            return
        card = self.box.prompt.shelf.get(key)
        with self.box.hold():
            for field, trait in (
                (self.unit, "unit"),
                (self.low, "low"),
                (self.point, "point"),
                (self.high, "high"),
            ):
                value = getattr(card, trait, None) or ""
                text = value if isinstance(value, str) else show_number(value)
                if field.value in ("", self.offered.get(trait)):
                    field.value = text
                self.offered[trait] = text
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
                spot = f"{place}, {self.box.label(name) if name else 'a factor'}, {key}"
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
        self._timer: Any = None
        self.list = w.VBox(layout=w.Layout(max_width="100%"))
        self.result = w.HTML()
        self.picture = w.HTML()
        add = w.Button(
            description="Add a factor", icon="plus", tooltip=f"Add a factor: {self.prompt.label}"
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
        same, other = (row.up, row.down) if by < 0 else (row.down, row.up)
        (other if same.disabled else same).focus()

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
            row.number(at, len(self.rows) - 1)
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
            self.status.say(refusal(error, self.place), good=False)
            self._redraw()
            return
        if value and (open_ := self._unfinished(value)):
            self.status.say(f"Not saved yet: {open_}.")
        else:
            super().commit(keep_earlier=keep_earlier)
        self._redraw()

    def _unfinished(self, value: dict[str, Any]) -> str:
        for number, factor in enumerate(value["factors"], start=1):
            if not factor["name"]:
                return f"factor {number} has no name"
            if "point" not in factor and not {"low", "high"} <= set(factor):
                return f"{self.label(factor['name'])} needs a best number, or a low and a high"
        return ""

    def label(self, name: str) -> str:
        """Return a factor's name as the learner sees it."""
        card = self.prompt.shelf.get(name)
        return card.label if card else name

    def show(self, value: Any) -> None:
        """Show a saved chain."""
        with self.hold():
            self.rows.clear()
            for saved in value["factors"]:
                self._add().fill(saved)
        self._redraw()

    def line(self, answer: Answer | None) -> str:
        """Say how many factors are saved; the rows show them."""
        text = saved_line(self.prompt, answer)
        if answer is None or not isinstance(answer.value, dict):
            return text
        count = len(answer.value["factors"])
        return f"{text.partition(' · ')[0]} · {count} {'factor' if count == 1 else 'factors'}"

    def _finished(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the factors that have a number, and the labels of those that do not yet."""
        whole: list[dict[str, Any]] = []
        open_: list[str] = []
        for number, row in enumerate(self.rows, start=1):
            if not row.started:
                continue
            try:
                value = row.value()
            except SkillMapError:
                open_.append(f"factor {number}")
                continue
            if value["name"] and ("point" in value or {"low", "high"} <= set(value)):
                whole.append(value)
            else:
                open_.append(self.label(value["name"]) if value["name"] else f"factor {number}")
        return whole, open_

    def _redraw(self) -> None:
        """Show the result of the factors that are complete, saved or not; the picture follows."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        chain, words = self._preview()
        self.result.value = f'<p style="line-height:1.4;margin:4px 0">{words}</p>' if words else ""
        if chain is None:
            self.picture.value = ""
        else:
            self._timer = later(_DRAW_SECONDS, lambda: self._draw(chain))

    def _preview(self) -> tuple[Chain | None, str]:
        """Return the chain if it has a result, and the result, or what is amiss, in words."""
        whole, open_ = self._finished()
        without = f" Without {' and '.join(open_)}, not complete yet." if open_ else ""
        if not whole:
            return None, ""
        try:
            chain = Chain.from_answer({"factors": whole}, unit=self.prompt.unit, place="Your chain")
            if fault := chain.unit_fault():
                return None, (
                    f"<strong>Units do not end up right.</strong> {html_safe(fault + without)}"
                )
            low, high = chain.interval(0.8, rng=stream(0, "chain-preview"), n=_DRAWS)
            result = chain.quantity()
        except SkillMapError as error:
            return None, html_safe(f"{error}{without}")
        width = f" The high is {high / low:.1f} times the low." if low > 0 else ""
        units = "" if chain.unitless else f" Units end in {chain.unit.spoken}."
        return chain, (
            f"<strong>{html_safe(str(result))}</strong> from your best numbers; 80% of draws fall "
            f"between {_three(low)} and {_three(high)} "
            f"{html_safe(f'{chain.unit}.{width}{units}{without}')}"
        )

    def _draw(self, chain: Chain) -> None:
        """Draw the tornado."""
        self._timer = None
        names = {name: self.label(name) for name in chain.names}
        self.picture.value = figure_html(
            tornado_figure(chain, names=names), tornado_alt_text(chain, names=names)
        )


class _Hold:
    """Keeps a box quiet for the length of a ``with`` block."""

    def __init__(self, box: ChainBox) -> None:
        self.box = box

    def __enter__(self) -> None:
        self.before = self.box._quiet
        self.box._quiet = True

    def __exit__(self, *_: object) -> None:
        self.box._quiet = self.before
