"""What ``key.yaml`` may hold: one model for each grader. ``docs/graders.md`` is for authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "ChainKey",
    "ChoiceItem",
    "ChoiceKey",
    "DecisionItem",
    "DecisionKey",
    "DiagnosisItem",
    "DiagnosisKey",
    "EstimateKey",
    "IntervalSetKey",
    "ItemKey",
    "LogItem",
    "LogKey",
    "NumberItem",
    "NumberKey",
    "PartKey",
    "PresenceItem",
    "PresenceKey",
    "TableItem",
    "TableKey",
    "WrittenKey",
]

Weight = Annotated[float, Field(ge=0, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
Tolerance = Annotated[float, Field(gt=0)]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# One part -------------------------------------------------------------------------------------


class _PartKey(_Authored):
    """Fields of every part: which part, its weight, and the author's own words.

    ``part`` is the id after the item (``demand`` for ``es.e2.demand``); an item with one part
    needs none. ``looked_for`` and ``advice`` replace the general sentences.
    """

    main: ClassVar[str] = ""
    """The part that is meant where an item has several and the key names none."""

    part: str = ""
    name: str = ""
    weight: Weight = 1.0
    looked_for: str = ""
    advice: str = ""

    @model_validator(mode="before")
    @classmethod
    def _by_component(cls, raw: Any) -> Any:
        """Take ``weights: {decision: 4}`` for ``weight: 4`` where there is one component."""
        if not cls.main or not isinstance(raw, Mapping):
            return raw
        plain = dict(raw)
        for field, single in (
            ("weights", "weight"),
            ("advice", "advice"),
            ("looked_for", "looked_for"),
        ):
            value = plain.get(field)
            if isinstance(value, Mapping):
                if set(value) != {cls.main}:
                    raise ValueError(f"{field}: the only component is {cls.main}")
                del plain[field]
                plain[single] = value[cls.main]
        return plain


class NumberKey(_PartKey):
    """One number. Rule EC ±2%, G1 ±1% (``rate``: ±0.001 at least), G2, G3 ±0.005.

    G2 takes a reference ``{"value", "se"}`` and allows the larger of 2% and three standard
    errors. ``within`` sets another relative tolerance, ``absolute`` another absolute one (under
    G2: at least that). Five times the tolerance is close (half); a usual slip of units earns a
    quarter and is explained. In a prompt that asks for % the absolute ones of ``rate`` and G3 are
    percentage points: 0.1 and 0.5.
    """

    grader: Literal["number"]
    reference: str
    rule: Literal["EC", "G1", "G2", "G3"] = "G1"
    rate: bool = False
    within: float | None = Field(None, gt=0, lt=1)
    absolute: float | None = Field(None, gt=0)


class ChoiceKey(_PartKey):
    """An option, a set of options or an order; the reference is one key or a list of them.

    ``choice``: a list means any of them. ``choices``: all of them, a wrong one takes one away.
    ``ranking``: the order; pairs in the right order count. ``partial`` gives shares to options.
    """

    grader: Literal["choice", "choices", "ranking"]
    reference: str
    partial: dict[str, Share] = Field(default_factory=dict)


class PresenceKey(_PartKey):
    """A short text that is credited for being there: enough words, and a number if asked."""

    grader: Literal["presence"]
    words: int = Field(5, ge=1)
    number: bool = False


class TableKey(_PartKey):
    """Cells of a table with fixed rows; the reference is ``{row: {column: value}}``.

    Choice and text columns have to fit exactly, number columns by ``rule`` or by ``within`` and
    ``absolute``, each one number or one for each column. Points go from 0 at ``floor`` to full
    at ``full``, both shares of cells right.
    """

    grader: Literal["table"]
    main: ClassVar[str] = "table"
    reference: str
    rule: Literal["EC", "G1", "G2", "G3"] = "EC"
    within: Tolerance | dict[str, Tolerance] | None = None
    absolute: Tolerance | dict[str, Tolerance] | None = None
    floor: float = Field(0.0, ge=0, lt=1)
    full: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> TableKey:
        if self.floor >= self.full:
            raise ValueError(f"floor {self.floor:g} is not below full {self.full:g}")
        return self


class DecisionKey(_PartKey):
    """A decision by its expected value, rule G4.

    Reference of a choice: ``{"values": {option: V}, "default": option}``; of anything else
    ``{"value": function(settings) -> V, "best": V*, "default": V_default}``. Whatever is within
    ``tie`` of the best counts as best, in the unit of the values.
    """

    grader: Literal["decision"]
    main: ClassVar[str] = "decision"
    reference: str
    tie: float = Field(0.0, ge=0)


class DiagnosisKey(_PartKey):
    """Probabilities over causes, rule G5: a table with a number column ``column`` in percent.

    The reference is the row of the true cause, or a list of rows of which each is true.
    """

    grader: Literal["diagnosis"]
    main: ClassVar[str] = "causes"
    reference: str
    column: str = "p"


class LogKey(_PartKey):
    """A decision log, rule G7: six parts, of which none may be missing.

    ``parts`` renames a field: ``{number: deciding-number}``.
    """

    grader: Literal["log"]
    parts: dict[str, str] = Field(default_factory=dict)


PartKey = Annotated[
    NumberKey | ChoiceKey | PresenceKey | TableKey | DecisionKey | DiagnosisKey | LogKey,
    Field(discriminator="grader"),
]


class _WithParts(_Authored):
    """``also`` grades further parts of the item beside the first one."""

    also: dict[str, PartKey] = Field(default_factory=dict)


class NumberItem(_WithParts, NumberKey):
    """An item whose first part is a number."""


class ChoiceItem(_WithParts, ChoiceKey):
    """An item whose first part is options."""


class PresenceItem(_WithParts, PresenceKey):
    """An item whose first part is a short text."""


class TableItem(_WithParts, TableKey):
    """An item whose first part is a table."""


class DecisionItem(_WithParts, DecisionKey):
    """An item about a decision; its numbers go under ``also``."""


class DiagnosisItem(_WithParts, DiagnosisKey):
    """An item about a diagnosis; the numbers that support it go under ``also``."""


class LogItem(_WithParts, LogKey):
    """An item that is a decision log."""


# Several components ---------------------------------------------------------------------------


class _Composite(_WithParts):
    """Fields of every item with several components.

    ``weights`` by component; ``parts`` when a part has another name than its component;
    ``also`` grades further parts; ``advice`` and ``looked_for`` by component.
    """

    reference: str
    weights: dict[str, Weight] = Field(default_factory=dict)
    parts: dict[str, str] = Field(default_factory=dict)
    advice: dict[str, str] = Field(default_factory=dict)
    looked_for: dict[str, str] = Field(default_factory=dict)


class _Factored(_Composite):
    """What is expected of a chain: ``required`` groups (one of each), ``decoys``, ``aliases``.

    Without ``required``, every factor of the reference chain is. ``drivers`` maps an option to
    the factors of the chain it stands for, if names differ; ``drivers_by`` says how the top
    ones are found: by ``swing`` over their ranges or by ``elasticity`` alone.
    """

    required: tuple[tuple[str, ...] | str, ...] = ()
    decoys: tuple[str, ...] = ()
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    drivers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    drivers_by: Literal["swing", "elasticity"] = "swing"
    naming: int = Field(2, ge=1, le=5)


class EstimateKey(_Factored):
    """An estimate under rule EA or EB.

    The reference is a mapping: ``value``, ``chain`` and as far as asked ``drivers``,
    ``decision`` (all acceptable options) and ``break-even``.
    """

    grader: Literal["estimate"]
    rule: Literal["EA", "EB"] = "EA"
    break_even_within: float = Field(0.25, gt=0, lt=1)
    break_even_beyond: float | None = None


class ChainKey(_Factored):
    """A chain from given numbers, rule EC. The reference is a mapping: ``value``, ``chain``."""

    grader: Literal["chain"]


class IntervalSetKey(_Composite):
    """Ranges for several quantities, rule G6. The reference maps part ids to true values.

    ``mode: complete`` credits being complete and only measures the rest.
    """

    grader: Literal["interval-set"]
    mode: Literal["scored", "complete"] = "scored"
    level: float = Field(0.8, gt=0, lt=1)
    sharp: float = Field(1.0, gt=0)
    loose: float = Field(5.0, gt=0)


class WrittenKey(_Authored):
    """Prose for a person to settle. The reference is a question of the bank with its criteria."""

    grader: Literal["written"]
    reference: str = ""
    part: str = ""
    least: int = Field(25, ge=1)


ItemKey = Annotated[
    NumberItem
    | ChoiceItem
    | PresenceItem
    | TableItem
    | DecisionItem
    | DiagnosisItem
    | LogItem
    | EstimateKey
    | ChainKey
    | IntervalSetKey
    | WrittenKey,
    Field(discriminator="grader"),
]
