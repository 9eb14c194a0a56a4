"""Preloaded by a Dask worker of the tests, so that the small course's lesson holds there, too."""

from __future__ import annotations

import importlib

from tests.cohort.small_course import cold, load_what_keeps_its_own, patches

load_what_keeps_its_own()
for _name, _value in patches().items():
    _module, _, _attribute = _name.rpartition(".")
    setattr(importlib.import_module(_module), _attribute, _value)
importlib.import_module("skillmap.cohort.engine.papermill").SandboxEngine = cold()
