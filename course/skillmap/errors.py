"""Every error that Skill Map raises on purpose.

The family::

    SkillMapError                 what a person can act on; printed without a traceback
    ├── AnswerError               a learner's value: place, what was seen, next step
    │   ├── UnitError             a unit that does not fit, and why
    │   └── UnknownItemError      an id that no module knows
    ├── SheetError                answers.json could not be read or written
    ├── AuthoringError            a key, item, bank file or notebook of ours is faulty
    ├── SubmissionError           a submission that cannot be graded as it stands
    ├── EnvironmentLacksError     something is not installed or not allowed here
    └── ActionRefusedError        Lantern refuses an action; its state is unchanged
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ActionRefusedError",
    "AnswerError",
    "AuthoringError",
    "EnvironmentLacksError",
    "Fault",
    "SheetError",
    "SkillMapError",
    "SubmissionError",
    "UnitError",
    "UnknownItemError",
]


class SkillMapError(Exception):
    """Base of the family: the message is written for the person at the keyboard."""

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message alone: a traceback helps nobody act on it."""
        return [f"{type(self).__name__}: {self}"]


class AnswerError(SkillMapError, ValueError):
    """A value that a learner gave and that cannot be taken.

    >>> print(AnswerError("Estimation, calls a day", "low (90) is above high (40)", "Swap them."))
    Estimation, calls a day: low (90) is above high (40). Swap them.
    """

    def __init__(self, place: str, seen: str, next_step: str) -> None:
        self.place, self.seen, self.next_step = place, seen, next_step
        super().__init__(f"{place}: {seen.rstrip('.')}. {next_step}")


class UnitError(AnswerError):
    """A unit that does not fit the question; the message explains the mismatch."""


class UnknownItemError(AnswerError, KeyError):
    """An item id that the module does not have."""

    __str__ = Exception.__str__


class SheetError(SkillMapError):
    """The answer sheet on disk could not be read or written."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in authored material: where it is and what is wrong with it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class AuthoringError(SkillMapError):
    """Authored material is faulty; carries every fault found, not only the first.

    >>> fault = Fault("bank/es.yaml questions[4].points", "got -1, needs 0 or more")
    >>> print(AuthoringError([fault]))
    1 fault in the course's own material:
      bank/es.yaml questions[4].points: got -1, needs 0 or more
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(faults) == 1 else "faults"
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"{len(faults)} {noun} in the course's own material:\n{lines}")


class SubmissionError(SkillMapError):
    """A submission that cannot be read or run as it stands."""


class EnvironmentLacksError(SkillMapError):
    """This machine lacks something the task needs; the message says what to install."""


class ActionRefusedError(SkillMapError):
    """Lantern refused an action. Nothing changed."""
