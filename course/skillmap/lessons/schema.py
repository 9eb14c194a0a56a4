"""What ``items.yaml`` may hold: items, their parts, and a prompt for each part."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from skillmap.ids import BesideId, ItemId, ModuleId

__all__ = [
    "ChainPrompt",
    "ChoicePrompt",
    "ChoicesPrompt",
    "Column",
    "Item",
    "LessonFile",
    "NumberPrompt",
    "Part",
    "Prompt",
    "RangePrompt",
    "RankingPrompt",
    "ShelfCard",
    "TablePrompt",
    "TextPrompt",
]

Text = Annotated[str, Field(min_length=1, max_length=4_000)]
Options = Annotated[dict[str, Text], Field(min_length=2, max_length=30)]
Figure = float | str
"""A number, or text with a fact in braces that gives one."""


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class _Prompt(_Authored):
    """``label`` stands above the field, ``help`` under it; both may name ``{facts}``."""

    label: Text
    help: str = ""


class NumberPrompt(_Prompt):
    """One number. ``unit`` is asked for; ``lowest`` and ``highest`` bound what makes sense."""

    kind: Literal["number"] = "number"
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None


class RangePrompt(_Prompt):
    """A low and a high, and a point if ``point`` is true."""

    kind: Literal["range"] = "range"
    unit: str = ""
    point: bool = True
    lowest: float | None = None
    highest: float | None = None


class ChoicePrompt(_Prompt):
    """One of some options, by key."""

    kind: Literal["choice"] = "choice"
    options: Options


class ChoicesPrompt(_Prompt):
    """Several of some options; exactly ``pick`` of them if it is given."""

    kind: Literal["choices"] = "choices"
    options: Options
    pick: int | None = Field(None, ge=1)


class RankingPrompt(_Prompt):
    """All options in order, the best first."""

    kind: Literal["ranking"] = "ranking"
    options: Options


class Column(_Authored):
    """One column of a small table: text, or a number with a unit, or a choice."""

    name: str
    label: Text
    kind: Literal["text", "number", "choice"] = "text"
    unit: str = ""
    options: dict[str, Text] = Field(default_factory=dict)


class TablePrompt(_Prompt):
    """A small table. ``rows`` names fixed rows; without it, up to ``most`` free rows."""

    kind: Literal["table"] = "table"
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=8)]
    rows: dict[str, Text] = Field(default_factory=dict)
    most: int = Field(10, ge=1, le=40)


class ShelfCard(_Authored):
    """A factor that may be picked for a chain; numbers are offered, not imposed."""

    label: Text
    unit: str = ""
    low: Figure | None = None
    point: Figure | None = None
    high: Figure | None = None


class ChainPrompt(_Prompt):
    """A chain of factors in ``unit``; ``free`` lets the learner add factors of their own."""

    kind: Literal["chain"] = "chain"
    unit: str
    shelf: dict[str, ShelfCard] = Field(default_factory=dict)
    free: bool = True


class TextPrompt(_Prompt):
    """Words; ``words`` is the usual length (least, most), shown by the count and not enforced."""

    kind: Literal["text"] = "text"
    words: tuple[int, int] | None = None
    lines: int = Field(6, ge=1, le=40)


Prompt = Annotated[
    NumberPrompt
    | RangePrompt
    | ChoicePrompt
    | ChoicesPrompt
    | RankingPrompt
    | TablePrompt
    | ChainPrompt
    | TextPrompt,
    Field(discriminator="kind"),
]


class Part(_Authored):
    """One answer of an item."""

    id: str
    prompt: Prompt

    @field_validator("id")
    @classmethod
    def _is_an_id(cls, text: str) -> str:
        return ItemId.parse(text).text


class Item(_Authored):
    """One graded item (``points`` above 0) or an open one (0), as the learner sees it.

    ``kind`` names how it is graded, ``looked_for`` is the visible rubric in a sentence, ``hints``
    go from a nudge to nearly the way. ``predict`` asks the learner to forecast their own score.
    """

    id: str
    title: Text
    points: float = Field(0, ge=0)
    minutes: float = Field(0, ge=0)
    kind: str = ""
    curriculum: tuple[str, ...] = ()
    looked_for: str = ""
    hints: tuple[Text, ...] = ()
    predict: bool = True
    question: str = ""
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    @field_validator("id")
    @classmethod
    def _is_an_item_id(cls, text: str) -> str:
        if ItemId.parse(text).part is not None:
            raise ValueError(f"{text} has more than two segments; parts go under `parts`")
        return text


class LessonFile(_Authored):
    """The whole file."""

    module: ModuleId | BesideId
    items: Annotated[tuple[Item, ...], Field(min_length=1)]

    def disagreements(self) -> list[tuple[str, str]]:
        """Return every fault that no single field has: ids that clash, options that are missing."""
        found: list[tuple[str, str]] = []
        seen: set[str] = set()
        for number, item in enumerate(self.items):
            where = f"items[{number}]"
            if item.id[:2] != self.module.prefix:
                found.append((f"{where}.id", f"{item.id} does not belong to {self.module.value}"))
            if item.id in seen:
                found.append((f"{where}.id", f"{item.id} is used twice"))
            seen.add(item.id)
            own: set[str] = set()
            for index, part in enumerate(item.parts):
                spot = f"{where}.parts[{index}]"
                if str(ItemId.parse(part.id).item) != item.id:
                    found.append((f"{spot}.id", f"{part.id} does not belong to item {item.id}"))
                elif part.id in own or (part.id in seen and part.id != item.id):
                    found.append((f"{spot}.id", f"{part.id} is used twice"))
                own.add(part.id)
                found += [(f"{spot}.prompt.{p}".rstrip("."), m) for p, m in _odd(part.prompt)]
            seen |= own
        return found


def _odd(prompt: _Prompt) -> list[tuple[str, str]]:
    """Return what does not go together inside one prompt."""
    found: list[tuple[str, str]] = []
    if isinstance(prompt, NumberPrompt | RangePrompt):
        low, high = prompt.lowest, prompt.highest
        if low is not None and high is not None and low >= high:
            found.append(("lowest", f"{low:g} is not below highest, {high:g}"))
    elif isinstance(prompt, ChoicesPrompt):
        if prompt.pick is not None and prompt.pick > len(prompt.options):
            found.append(("pick", f"got {prompt.pick}, there are {len(prompt.options)} options"))
    elif isinstance(prompt, TablePrompt):
        names = [column.name for column in prompt.columns]
        for index, column in enumerate(prompt.columns):
            if names.index(column.name) != index or column.name == "row":
                found.append((f"columns[{index}].name", f"{column.name!r} is taken"))
            if column.kind == "choice" and not column.options:
                found.append((f"columns[{index}].options", "a choice needs options"))
    elif isinstance(prompt, ChainPrompt):
        if not prompt.free and not prompt.shelf:
            found.append(("shelf", "it is empty, and free factors are not allowed"))
    elif isinstance(prompt, TextPrompt) and prompt.words and prompt.words[0] > prompt.words[1]:
        found.append(("words", f"{prompt.words[0]} is above {prompt.words[1]}"))
    return found
