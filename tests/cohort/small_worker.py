"""Preloaded by a Dask worker of the tests, so that the small course's lesson holds there, too.

Nothing happens on import: test collection imports this file, and other tests want the real lesson.
"""

from __future__ import annotations

import importlib
from typing import Any

from tests.cohort.small_course import cold, load_what_keeps_its_own, patches


def dask_setup(worker: Any) -> None:
    """Put the small course's lesson and graders in place of the real ones."""
    load_what_keeps_its_own()
    for name, value in patches().items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    importlib.import_module("skillmap.cohort.engine.papermill").SandboxEngine = cold()
