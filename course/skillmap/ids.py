"""Typed ids: parsed once at the edge, never handled as bare strings after that."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from skillmap.errors import AnswerError

__all__ = ["BesideId", "ItemId", "LearnerId", "ModuleId", "notebook_id"]

_ITEM = re.compile(r"[a-z]{2}(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){1,3}")
_LEARNER = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?")


class ModuleId(StrEnum):
    """The eight modules, named by their folder under ``source/``.

    >>> ModuleId("estimation").prefix
    'es'
    >>> ModuleId.from_prefix("cl")
    <ModuleId.COST_LATENCY_ROUTING: 'cost-latency-routing'>
    """

    PRODUCT_SENSE = "product-sense"
    EVALS = "evals"
    COST_LATENCY_ROUTING = "cost-latency-routing"
    STRATEGY = "strategy"
    EXECUTION = "execution"
    ESTIMATION = "estimation"
    BEHAVIORAL_LEADERSHIP = "behavioral-leadership"
    TECHNICAL_DEPTH = "technical-depth"

    @property
    def prefix(self) -> str:
        """Two letters that open every id of the module."""
        return _PREFIXES[self]

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name a person reads."""
        return _TITLES[self]

    @classmethod
    def from_prefix(cls, prefix: str) -> ModuleId:
        """Return the module whose ids open with ``prefix``; raise ``AnswerError`` if none does."""
        for module, letters in _PREFIXES.items():
            if letters == prefix:
                return module
        known = ", ".join(sorted(_PREFIXES.values()))
        raise AnswerError("item id", f"no module has the prefix {prefix!r}", f"Use one of {known}.")


_PREFIXES = {
    ModuleId.PRODUCT_SENSE: "ps",
    ModuleId.EVALS: "ev",
    ModuleId.COST_LATENCY_ROUTING: "cl",
    ModuleId.STRATEGY: "st",
    ModuleId.EXECUTION: "ex",
    ModuleId.ESTIMATION: "es",
    ModuleId.BEHAVIORAL_LEADERSHIP: "bl",
    ModuleId.TECHNICAL_DEPTH: "td",
}
_TITLES = {
    ModuleId.PRODUCT_SENSE: "Product sense",
    ModuleId.EVALS: "Evals",
    ModuleId.COST_LATENCY_ROUTING: "Cost, latency and routing",
    ModuleId.STRATEGY: "Strategy",
    ModuleId.EXECUTION: "Execution",
    ModuleId.ESTIMATION: "Estimation",
    ModuleId.BEHAVIORAL_LEADERSHIP: "Behavioral and leadership",
    ModuleId.TECHNICAL_DEPTH: "Technical depth",
}


class BesideId(StrEnum):
    """Notebooks beside the modules: opened, built and verified like them, and never graded.

    >>> BesideId("start").prefix
    'sa'
    """

    START = "start"

    @property
    def prefix(self) -> str:
        """Two letters that open every id of the notebook."""
        return _BESIDE[self][0]

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name a person reads."""
        return _BESIDE[self][1]


_BESIDE = {BesideId.START: ("sa", "Start")}


def notebook_id(name: str) -> ModuleId | BesideId:
    """Return the module or the notebook beside the modules; raise ``ValueError`` if neither.

    >>> notebook_id("start"), notebook_id("evals")
    (<BesideId.START: 'start'>, <ModuleId.EVALS: 'evals'>)
    """
    return BesideId(name) if name in set(BesideId) else ModuleId(name)


@dataclass(frozen=True, slots=True, order=True)
class ItemId:
    """An item or a part of one: ``es.e1`` is an item, ``es.e1.range`` one of its parts.

    >>> ItemId.parse("ev.l2.judge-rate").module.title
    'Evals'
    >>> ItemId.parse("es.e1.range").item
    ItemId(text='es.e1')
    """

    text: str

    @classmethod
    def parse(cls, text: str | ItemId) -> ItemId:
        """Parse lower-case dotted text; raise ``AnswerError`` with the form that is wanted."""
        if isinstance(text, ItemId):
            return text
        if not isinstance(text, str) or len(text) > 80 or not _ITEM.fullmatch(text):
            raise AnswerError(
                "item id", f"{text!r} is not an id", "Ids look like es.e1 or es.e1.range."
            )
        if all(text[:2] != beside.prefix for beside in BesideId):
            ModuleId.from_prefix(text[:2])
        return cls(text)

    @property
    def module(self) -> ModuleId:
        """The module the id belongs to; ``AnswerError`` for an id of a notebook beside them."""
        return ModuleId.from_prefix(self.text[:2])

    @property
    def item(self) -> ItemId:
        """The graded item: the first two segments."""
        return ItemId(".".join(self.text.split(".")[:2]))

    @property
    def part(self) -> str | None:
        """What follows the item, or ``None`` for the item itself."""
        return ".".join(self.text.split(".")[2:]) or None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class LearnerId:
    """A learner's name in its one normal form: the Hub's user is nbgrader's student.

    >>> LearnerId.parse("  Ada ")
    LearnerId(text='ada')
    """

    text: str

    @classmethod
    def parse(cls, name: str | LearnerId) -> LearnerId:
        """Normalise (NFKC, case, surrounding space) and check; raise ``AnswerError``."""
        if isinstance(name, LearnerId):
            return name
        text = unicodedata.normalize("NFKC", str(name)).strip().casefold()
        if not _LEARNER.fullmatch(text):
            raise AnswerError(
                "learner name",
                f"{name!r} cannot be used as a name",
                "Use letters, digits and . _ @ + - (at most 64).",
            )
        return cls(text)

    def __str__(self) -> str:
        return self.text
