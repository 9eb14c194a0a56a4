"""Grading: pure functions of answers, a key and a world that return feedback.

``rules`` holds the acceptance rules, one file each grader, ``keys`` loads the instructor's key,
``own`` says what can be said without one. Nothing here prints, writes or runs learners' code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.grading.feedback import Criterion, Feedback, Outcome

if TYPE_CHECKING:
    from skillmap.grading.keys import Key, load_key
    from skillmap.grading.own import check_own
    from skillmap.grading.registry import GRADERS, grade_item, grade_sheet

__all__ = [
    "GRADERS",
    "Criterion",
    "Feedback",
    "Key",
    "Outcome",
    "check_own",
    "grade_item",
    "grade_sheet",
    "load_key",
]

_HOMES = {
    "GRADERS": "registry",
    "Key": "keys",
    "check_own": "own",
    "grade_item": "registry",
    "grade_sheet": "registry",
    "load_key": "keys",
}


def __getattr__(name: str) -> Any:
    """Load graders when they are asked for: the feedback types alone stay light."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
