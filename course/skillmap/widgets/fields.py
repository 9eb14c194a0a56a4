"""Fields for numbers, ranges, choices, rankings, tables and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as w

from skillmap.errors import SkillMapError
from skillmap.lessons.numbers import parse_number, show_number
from skillmap.lessons.render import saved_line
from skillmap.widgets.base import (
    FIELD,
    PromptBox,
    Status,
    described,
    html_safe,
    later,
    refusal,
    save_button,
    text_field,
)

if TYPE_CHECKING:
    from skillmap.answers import Answer
    from skillmap.lessons import Item
    from skillmap.module import Module

__all__ = [
    "ChoiceBox",
    "ChoicesBox",
    "NumberBox",
    "PredictionBox",
    "RangeBox",
    "RankingBox",
    "TableBox",
    "TextBox",
]

_PAUSE_SECONDS = 1.2
"""How long a writer rests before the text is saved."""


def _is(things: list[str]) -> str:
    return "is" if len(things) == 1 else "are"


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


class NumberBox(PromptBox):
    """One number with its unit."""

    def fields(self) -> list[w.Widget]:
        """Return one field labelled with the unit."""
        self.box = text_field(_with_unit("Number", self.prompt.unit), of=self.prompt.label)
        self.box.observe(self.commit, "value")
        return [self.box]

    def entered(self) -> str | None:
        """Return the text of the field."""
        return self.box.value.strip() or None

    def show(self, value: Any) -> None:
        """Show the number with separators."""
        self.box.value = show_number(float(value))


class RangeBox(PromptBox):
    """Low, point (if asked) and high."""

    NAMES: ClassVar[dict[str, str]] = {"low": "Low", "point": "Best single number", "high": "High"}

    def fields(self) -> list[w.Widget]:
        """Return two or three fields in a row that wraps on a narrow screen."""
        self.make_boxes(units=True)
        return [w.Box(list(self.boxes.values()), layout=w.Layout(flex_flow="row wrap"))]

    def make_boxes(self, *, units: bool) -> None:
        """Make the fields; the first carries the unit where ``units`` is true."""
        keys = ("low", "point", "high") if self.prompt.point else ("low", "high")
        self.boxes: dict[str, w.Text] = {}
        for key in keys:
            label = _with_unit(self.NAMES[key], self.prompt.unit if units and key == "low" else "")
            self.boxes[key] = text_field(label, of=self.prompt.label)
            self.boxes[key].observe(self.commit, "value")

    def _filled(self) -> dict[str, str]:
        return {k: box.value.strip() for k, box in self.boxes.items() if box.value.strip()}

    def entered(self) -> dict[str, str] | None:
        """Return what is there, once both ends are."""
        found = self._filled()
        return found if {"low", "high"} <= set(found) else None

    def missing(self) -> str:
        """Say which end is missing."""
        found = self._filled()
        open_ = [key for key in ("low", "high") if key not in found]
        return f"the {' and the '.join(open_)} {_is(open_)} missing" if found and open_ else ""

    def show(self, value: Any) -> None:
        """Show the range."""
        if not isinstance(value, dict):
            raise TypeError("not a range")
        for key, box in self.boxes.items():
            box.value = show_number(float(value[key])) if key in value else ""


class ChoiceBox(PromptBox):
    """One of some options."""

    def fields(self) -> list[w.Widget]:
        """Return radio buttons."""
        self.box = w.RadioButtons(
            options=[(text, key) for key, text in self.prompt.options.items()],
            index=None,
            tooltip=self.prompt.label,
            layout=w.Layout(width="auto", max_width="100%"),
        )
        self.box.observe(self.commit, "index")
        return [self.box]

    def entered(self) -> str | None:
        """Return the key of the option chosen."""
        value: str | None = self.box.value
        return value

    def show(self, value: Any) -> None:
        """Mark the saved option."""
        self.box.value = value


class ChoicesBox(PromptBox):
    """Several of some options."""

    def fields(self) -> list[w.Widget]:
        """Return a checkbox for each option."""
        self.boxes = {
            key: w.Checkbox(
                value=False,
                **(described(text) if text.count("$") > 1 else {"description": text}),
                indent=False,
                style=FIELD,
                layout=w.Layout(width="auto", max_width="100%"),
            )
            for key, text in self.prompt.options.items()
        }
        for box in self.boxes.values():
            box.observe(self.commit, "value")
        return list(self.boxes.values())

    def entered(self) -> list[str] | None:
        """Return the keys that are ticked, once there are as many as are asked."""
        found = [key for key, box in self.boxes.items() if box.value]
        few = self.prompt.pick is not None and len(found) < self.prompt.pick
        return None if few else found or None

    def missing(self) -> str:
        """Say how many more to choose; choosing the first of two is no mistake."""
        found = sum(box.value for box in self.boxes.values())
        more = (self.prompt.pick or 0) - found
        return f"choose {more} more" if found and more > 0 else ""

    def show(self, value: Any) -> None:
        """Tick the saved options."""
        for key, box in self.boxes.items():
            box.value = key in value


class RankingBox(PromptBox):
    """Options in order; each moves by an up and a down button, and the focus moves with it."""

    def fields(self) -> list[w.Widget]:
        """Return one row for each place, and a button that saves the order as it stands."""
        self.order = list(self.prompt.options)
        self.labels = [w.HTML(layout=w.Layout(flex="1 1 auto")) for _ in self.order]
        self.up = [w.Button(icon="arrow-up", layout=w.Layout(width="44px")) for _ in self.order]
        self.down = [w.Button(icon="arrow-down", layout=w.Layout(width="44px")) for _ in self.order]
        rows = []
        for place, label in enumerate(self.labels):
            self.up[place].on_click(lambda _, at=place: self.move(at, at - 1))
            self.down[place].on_click(lambda _, at=place: self.move(at, at + 1))
            rows.append(
                w.HBox(
                    [self.up[place], self.down[place], label],
                    layout=w.Layout(align_items="center"),
                )
            )
        self.up[0].disabled = self.down[-1].disabled = True
        self.save.description = "Save this order"
        self.save.tooltip = f"Save this order: {self.prompt.label}"
        self._paint()
        return rows

    def move(self, start: int, end: int) -> None:
        """Move the option at one place to a neighbouring one, save, and keep the focus on it."""
        if not 0 <= end < len(self.order):
            return
        self.order.insert(end, self.order.pop(start))
        self._paint()
        self.commit()
        same, other = (self.up, self.down) if end < start else (self.down, self.up)
        (other if same[end].disabled else same)[end].focus()

    def _paint(self) -> None:
        for place, key in enumerate(self.order):
            text = self.prompt.options[key]
            self.labels[
                place
            ].value = f'<div style="line-height:1.4">{place + 1}. {html_safe(text)}</div>'
            self.up[place].tooltip = f"Move up: {text}"
            self.down[place].tooltip = f"Move down: {text}"

    def entered(self) -> list[str]:
        """Return the order."""
        return list(self.order)

    def show(self, value: Any) -> None:
        """Take over a saved order."""
        if sorted(value) != sorted(self.prompt.options):
            raise ValueError("not an order of these options")
        self.order = list(value)
        self._paint()


class TableBox(PromptBox):
    """A small table; every cell has a label of its own for a screen reader."""

    def fields(self) -> list[w.Widget]:
        """Return a grid of fields, and a button for one more row where rows are free."""
        self.rows: list[dict[str, w.Widget]] = []
        self.grid = w.VBox(layout=w.Layout(max_width="100%"))
        self.fixed = list(self.prompt.rows)
        longest = max((len(title) for title in self.prompt.rows.values()), default=6)
        self.title_width = f"{min(30.0, max(6.0, 0.58 * longest)):.1f}em"
        for _ in self.fixed or range(2):
            self._add()
        if self.fixed:
            return [self.grid]
        tip = f"Add a row: {self.prompt.label}"
        more = w.Button(description="Add a row", icon="plus", tooltip=tip)
        more.on_click(self._more)
        return [self.grid, more]

    def _more(self, _: Any) -> None:
        number = len(self.rows)
        self._add()
        if len(self.rows) > number:
            next(iter(self.rows[-1].values())).focus()

    def _add(self) -> None:
        number = len(self.rows)
        if not self.fixed and number >= self.prompt.most:
            self.status.say(f"{self.prompt.most} rows are the most.", good=False)
            return
        title = self.prompt.rows[self.fixed[number]] if self.fixed else f"Row {number + 1}"
        cells: dict[str, w.Widget] = {}
        for column in self.prompt.columns:
            label = _with_unit(column.label, column.unit)
            if column.kind == "choice":
                cells[column.name] = w.Dropdown(
                    options=[("choose", ""), *((t, k) for k, t in column.options.items())],
                    **described(label, title),
                    style=FIELD,
                    layout=w.Layout(width="auto", max_width="100%"),
                )
            else:
                wide = column.kind == "text"
                cells[column.name] = text_field(label, of=title, wide=wide)
            cells[column.name].observe(self.commit, "value")
        self.rows.append(cells)
        row = w.Box(
            [
                w.HTML(
                    f'<strong class="skillmap-name" style="display:block;line-height:1.3">'
                    f"{html_safe(title)}</strong>",
                    layout=w.Layout(flex="0 0 auto", width=self.title_width),
                ),
                *cells.values(),
            ],
            layout=w.Layout(flex_flow="row wrap", align_items="center", max_width="100%"),
        )
        row.add_class("skillmap-group")
        self.grid.children = (*self.grid.children, row)

    def line(self, answer: Answer | None) -> str:
        """Say how many rows are saved; the fields show what is in them."""
        text = saved_line(self.prompt, answer)
        if answer is None or not isinstance(answer.value, list):
            return text
        rows = len(answer.value)
        return f"{text.partition(' · ')[0]} · {rows} {'row' if rows == 1 else 'rows'}"

    def entered(self) -> list[dict[str, str]] | None:
        """Return the rows that hold something."""
        found = []
        for number, cells in enumerate(self.rows):
            row = {n: c.value.strip() for n, c in cells.items() if c.value and c.value.strip()}
            if row and self.fixed:
                row["row"] = self.fixed[number]
            if row:
                found.append(row)
        return found or None

    def show(self, value: Any) -> None:
        """Fill the table from saved rows."""
        for number, saved in enumerate(value):
            at = self.fixed.index(saved["row"]) if self.fixed else number
            while at >= len(self.rows):
                self._add()
            for name, cell in self.rows[at].items():
                held = saved.get(name, "")
                cell.value = show_number(held) if isinstance(held, int | float) else str(held)


class TextBox(PromptBox):
    """Words, with their count; saved when the writer rests."""

    def fields(self) -> list[w.Widget]:
        """Return a text area, the count and a Save button."""
        self.box = w.Textarea(
            **described("Your answer", self.prompt.label),
            rows=self.prompt.lines,
            continuous_update=True,
            style=FIELD,
            layout=w.Layout(width="98%", max_width="820px"),
        )
        self.count = w.HTML()
        self.save.on_click(self.commit, remove=True)
        self.save.on_click(self._save_now)
        self.box.observe(self._typed, "value")
        self._timer: Any = None
        self._burst = False
        self._recount()
        return [self.box, self.count]

    def _typed(self, _: Any) -> None:
        self._recount()
        if self._quiet:
            return
        if self._timer is not None:
            self._timer.cancel()
        self.status.say("Not saved yet; it is saved when you rest.")
        self._timer = later(_PAUSE_SECONDS, self._rested)

    def _rested(self) -> None:
        """Save; a pause inside one stretch of writing is no earlier answer worth keeping."""
        self._timer = None
        self.commit(keep_earlier=not self._burst)
        self._burst = True

    def _save_now(self, _: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.commit(keep_earlier=not self._burst)
        self._burst = False

    def _recount(self) -> None:
        n = len(self.box.value.split())
        usual = self.prompt.words
        tail = f", {usual[0]} to {usual[1]} is usual" if usual else ""
        self.count.value = f'<span style="opacity:.85">{n} words{tail}</span>'

    def entered(self) -> str | None:
        """Return the text unless it is empty."""
        return self.box.value if self.box.value.strip() else None

    def show(self, value: Any) -> None:
        """Show the saved text."""
        self.box.value = str(value)


class PredictionBox(w.VBox):  # type: ignore[misc]
    """The learner's forecast of their own score on an item."""

    def __init__(self, module: Module, item: Item) -> None:
        self.module, self.item = module, item
        self.box = text_field("Your predicted score, 0 to 100 (%)", of=item.title)
        self.status = Status()
        saved = module.sheet.get(item.id)
        if saved is not None and saved.predicted is not None:
            self.box.value = f"{saved.predicted:g}"
            self.status.say(f"Saved · you expect {saved.predicted:g}%", good=True)
        else:
            self.status.say("Before you answer: how much of the points will you get?")
        self.box.observe(self.commit, "value")
        self.save = save_button(f"prediction for {item.title}", self.commit)
        foot = w.Box([self.save, self.status], layout=w.Layout(flex_flow="row wrap"))
        super().__init__([self.box, foot], layout=w.Layout(margin="0 0 12px 0"))
        self.add_class("skillmap-prediction")

    def commit(self, *_: Any) -> None:
        """Save the forecast, or say what was wrong with it."""
        place = f"{self.item.id}, your prediction"
        try:
            percent = parse_number(self.box.value, unit="%", place=place)
            self.module.sheet.predict(self.item.id, percent)
        except SkillMapError as error:
            self.status.say(refusal(error, place), good=False)
            return
        self.status.say(f"Saved · you expect {percent:g}%", good=True)
