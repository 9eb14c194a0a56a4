"""The execution engine: submissions run in forks of a warmed process, inside a sandbox.

``SandboxEngine`` runs cells and returns data; ``layers`` says what this machine can isolate. It
knows nothing of grading: the rest of ``skillmap.cohort`` reaches it through papermill's engine
``skillmap`` or through ``SandboxEngine.execute``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmap.cohort.engine.faults import EngineFault
    from skillmap.cohort.engine.host import SandboxEngine
    from skillmap.cohort.engine.layering import Layer, layers
    from skillmap.cohort.engine.limits import Limits
    from skillmap.cohort.engine.results import CellResult, RunResult

__all__ = ["CellResult", "EngineFault", "Layer", "Limits", "RunResult", "SandboxEngine", "layers"]

_HOMES = {
    "CellResult": "results",
    "EngineFault": "faults",
    "Layer": "layering",
    "Limits": "limits",
    "RunResult": "results",
    "SandboxEngine": "host",
    "layers": "layering",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"skillmap.cohort.engine.{_HOMES[name]}"), name)
