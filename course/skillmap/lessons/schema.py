"""What ``items.yaml`` may hold: items, their parts, and a prompt for each part."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from skillmap.ids import ItemId, ModuleId

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

    @model_validator(mode="after")
    def _parts_belong(self) -> Item:
        own = ItemId.parse(self.id)
        if own.part is not None:
            raise ValueError(f"{self.id} has more than two segments; parts go under `parts`")
        for part in self.parts:
            if ItemId.parse(part.id).item != own:
                raise ValueError(f"part {part.id} does not belong to item {self.id}")
        return self


class LessonFile(_Authored):
    """The whole file."""

    module: ModuleId
    items: Annotated[tuple[Item, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> LessonFile:
        seen: set[str] = set()
        for item in self.items:
            if ItemId.parse(item.id).module is not self.module:
                raise ValueError(f"{item.id} does not belong to {self.module.value}")
            for id_ in (item.id, *(p.id for p in item.parts if p.id != item.id)):
                if id_ in seen:
                    raise ValueError(f"the id {id_} is used twice")
                seen.add(id_)
        return self
