"""Skill Map: operate one AI product, answer for it, and find out how sure you should be.

Notebooks need one name::

    from skillmap import open_module
    m = open_module("estimation")

The first import is light; everything else is loaded when it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmap.errors import AnswerError, SkillMapError
    from skillmap.ids import ItemId, LearnerId, ModuleId
    from skillmap.module import Module, open_module

__all__ = [
    "AnswerError",
    "ItemId",
    "LearnerId",
    "Module",
    "ModuleId",
    "SkillMapError",
    "__version__",
    "open_module",
]

__version__ = "0.1.0"

_HOMES = {
    "AnswerError": "errors",
    "ItemId": "ids",
    "LearnerId": "ids",
    "Module": "module",
    "ModuleId": "ids",
    "SkillMapError": "errors",
    "open_module": "module",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"skillmap.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'skillmap' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
