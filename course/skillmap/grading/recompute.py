"""References that are worked out from the learner's own answers.

A solver may give a function in the place of a reference: it is called with the item's answers by
part suffix (``"plan"`` for ``ev.l1.plan``), as their prompts take them. It returns the reference,
or ``None`` when an answer that it needs is missing. Learners' values are data from outside, so
whatever such a function raises on odd ones becomes a sentence that names the answers it used.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillmap.errors import SkillMapError
from skillmap.grading.pieces import read

if TYPE_CHECKING:
    from skillmap.answers import Answer
    from skillmap.lessons.schema import Item

__all__ = ["ODD_INPUT", "Unsettled", "learners_values", "settle"]

ODD_INPUT = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    SkillMapError,
    TypeError,
    ValueError,
)
"""What a function of the course may raise on a learner's values without being at fault."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A reference that cannot be worked out yet: why, in words for the learner."""

    advice: str
    flag: str = ""
    """For the instructor, where the function failed although it had all that it asked for."""


class _Asked(Mapping[str, Any]):
    """Answers by part suffix that remember which of them were looked at."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.names: list[str] = []

    def __getitem__(self, name: str) -> Any:
        if isinstance(name, str) and name not in self.names:
            self.names.append(name)
        return copy.deepcopy(self._values[name])

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str) and name not in self.names:
            self.names.append(name)
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def learners_values(item: Item, answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Return an item's answers by part suffix, as far as their prompts can take them."""
    found = {}
    for part in item.parts:
        reading = read(part, answers)
        if reading.given:
            found[part.id.removeprefix(item.id).strip(".") or "answer"] = reading.value
    return found


def settle(
    reference: Any, item: Item, answers: Mapping[str, Answer], misfit: Callable[[Any], str]
) -> Any:
    """Return the reference itself; a function is called with the learner's answers.

    Returns :class:`Unsettled` where it gives nothing, fails, or gives what ``misfit`` objects to.
    """
    if not callable(reference):
        return reference
    asked = _Asked(learners_values(item, answers))
    fault = ""
    try:
        found = reference(asked)
        if found is not None and not (fault := misfit(found)):
            return found
    except ODD_INPUT as error:
        fault = f"{type(error).__name__}: {error}"
        if isinstance(error, KeyError) and error.args and error.args[0] in _suffixes(item):
            asked.names.append(error.args[0])
    missing = [name for name in dict.fromkeys(asked.names) if name not in asked._values]
    if not missing and not fault:
        missing = [n for n in _suffixes(item) if n not in asked._values and n not in asked.names]
    if missing:
        return Unsettled(
            f"This is worked out from your own answers: first answer {_labels(item, missing)}."
        )
    used = _labels(item, asked.names or _suffixes(item))
    flag = f"a reference of {item.id} could not be worked out ({fault or 'nothing'})"
    return Unsettled(
        f"This is worked out from your own answers, and as they stand nothing follows from them: "
        f"check {used}.",
        flag[:300],
    )


def _suffixes(item: Item) -> list[str]:
    return [part.id.removeprefix(item.id).strip(".") or "answer" for part in item.parts]


def _labels(item: Item, names: list[str]) -> str:
    """Name parts as the learner sees them: by label, or by id where that is long."""
    labels = dict(zip(_suffixes(item), (part.prompt.label for part in item.parts), strict=True))
    shown = [labels.get(name, name) for name in names[:3]]
    return " and ".join(
        f"“{label}”" if len(label) <= 80 else f"“{name}”"
        for name, label in zip(names, shown, strict=False)
    )
