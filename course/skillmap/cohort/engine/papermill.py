"""papermill's engine ``skillmap``: a notebook through ``SandboxEngine``, outputs put back in.

papermill gets it through ``papermill_entry``. It takes what ``cohort.run`` passes to any
engine, ``scratch`` (a folder with ``work``) and ``limits``, and says how the run ended in
``nb.metadata.skillmap_outcome``. Each process keeps one warmed engine between notebooks.
"""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from papermill.engines import Engine
from papermill.exceptions import PapermillException

from skillmap.cohort.engine.faults import EngineFault
from skillmap.cohort.engine.host import SandboxEngine
from skillmap.cohort.engine.limits import Limits
from skillmap.cohort.engine.sandbox import exposed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skillmap.cohort.engine.results import RunResult

__all__ = ["OpenEngine", "SkillMapEngine", "close_shared", "rehearse", "shared"]

_LARGEST_FILE = 16 * 1024 * 1024
_WANTED = ("answers.json",)
_UNSHOWN: dict[str, Any] = {
    "ename": "CellError",
    "evalue": "the cell failed, and its error could not be shown",
    "traceback": [],
}

_engines: dict[tuple[Any, ...], SandboxEngine] = {}
_rehearsed: dict[str, Any] = {}


def rehearse(modules: Sequence[str] | None, *, plots: bool = True) -> None:
    """Say which modules engines open once before their first fork; ``None`` is all of them.

    Without ``plots`` they do not load matplotlib. Any engine can run any module and any plot;
    what was not rehearsed takes longer each time.
    """
    global _rehearsed  # noqa: PLW0603  # one setting for a process, like its engines
    _rehearsed = {} if plots else {"plots": False}
    if modules is not None:
        _rehearsed["lessons"] = sorted(set(modules))


def shared(
    *, sandboxed: bool = True, allow_missing: Sequence[str] = (), hidden: Sequence[str] = ()
) -> SandboxEngine:
    """Return this thread's warmed engine with these settings, making it on first use."""
    key = (
        os.getpid(),
        threading.get_ident(),
        sandboxed,
        tuple(allow_missing),
        tuple(map(str, hidden)),
    )
    if key not in _engines:
        _engines[key] = SandboxEngine(
            sandboxed=sandboxed,
            allow_missing=allow_missing,
            hidden=[Path(h) for h in hidden],
            options=dict(_rehearsed),
        )
    return _engines[key]


def warm(*, sandboxed: bool, hidden: Sequence[Path] = ()) -> None:
    """Start this thread's engine now, with what a submission's run will ask for."""
    shared(sandboxed=sandboxed, hidden=exposed(hidden)).start()


@atexit.register
def close_shared() -> None:
    """End the warmed engines that this process made."""
    for key in [k for k in _engines if k[0] == os.getpid()]:
        _engines.pop(key).close()


class SkillMapEngine(Engine):  # type: ignore[misc]
    """Runs the notebook in a sandboxed fork."""

    sandboxed = True

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        scratch: str = "",
        limits: Any = None,
        execution_timeout: float | None = None,
        allow_missing: Sequence[str] = (),
        hidden: Sequence[str] = (),
        wanted: Sequence[str] = _WANTED,
        timed: bool = True,
        **_: Any,
    ) -> None:
        """Run every code cell; put outputs, and files that were asked for, where they belong.

        Without ``timed``, papermill's own notes of when each cell began and ended are left out.
        """
        from skillmap.cohort.run import EngineFaultError

        bounds = _limits(limits, execution_timeout)
        work = Path(scratch) / "work" if scratch else None
        code = [
            (index, cell) for index, cell in enumerate(nb_man.nb.cells) if cell.cell_type == "code"
        ]
        engine = shared(
            sandboxed=cls.sandboxed, allow_missing=allow_missing, hidden=exposed(hidden)
        )
        try:
            result = engine.execute(
                ["".join(cell.source) for _, cell in code],
                _files(work) if work else {},
                wanted if work else (),
                bounds,
            )
        except EngineFault as fault:
            raise EngineFaultError(str(fault)) from fault
        _put_back(nb_man, code, result, timed=timed)
        if work:
            _hand_back(work, wanted, result.files)
        elif result.ended != "done":
            # papermill itself asked, which reports nothing but the errors of cells
            raise PapermillException(
                f"The run ended early ({result.ended}). {' '.join(result.problems)}".rstrip()
            )


class OpenEngine(SkillMapEngine):
    """The same without isolation, for one's own work and for measuring."""

    sandboxed = False


def _limits(given: Any, cell_seconds: float | None) -> Limits:
    """Take over what the caller bounds; our own limits stay for the rest."""
    if isinstance(given, Limits):
        return given
    settings: dict[str, Any] = {}
    for ours, theirs in (
        ("cell_seconds", "cell_seconds"),
        ("wall_seconds", "total_seconds"),
        ("ready_seconds", "start_seconds"),
    ):
        value = getattr(given, theirs, None)
        if value:
            settings[ours] = float(value)
    if cell_seconds and cell_seconds > 0:
        settings["cell_seconds"] = float(cell_seconds)
    if "wall_seconds" in settings:
        settings["cpu_seconds"] = max(1, round(settings["wall_seconds"]))
    return Limits(**settings)


def _files(work: Path) -> dict[str, bytes]:
    """Read the folder of the run, which holds what we put there and nothing of a learner's own."""
    found = {}
    for path in sorted(work.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if path.stat().st_size > _LARGEST_FILE:
            raise EngineFault(f"{path.name} is larger than {_LARGEST_FILE:,} bytes.")
        found[path.relative_to(work).as_posix()] = path.read_bytes()
    return found


def _hand_back(work: Path, wanted: Sequence[str], files: Mapping[str, bytes]) -> None:
    for name in wanted:
        target = work / name
        if name in files:
            target.write_bytes(files[name])
        else:
            target.unlink(missing_ok=True)


def _put_back(
    nb_man: Any, code: Sequence[tuple[int, Any]], result: RunResult, *, timed: bool
) -> None:
    from nbformat import from_dict
    from nbformat.v4 import new_output

    for (index, cell), ran in zip(code, result.cells, strict=True):
        cell.outputs = []
        cell.execution_count = None
        if ran.status == "not run":
            continue
        if timed:
            nb_man.cell_start(cell, index)
        cell.outputs = [from_dict(output) for output in ran.outputs]
        cell.execution_count = ran.execution_count
        if ran.status == "error" and not any(o.output_type == "error" for o in cell.outputs):
            cell.outputs.append(new_output("error", **_UNSHOWN))
        if timed and ran.status != "ok":
            nb_man.cell_exception(cell, cell_index=index)
        if timed:
            nb_man.cell_complete(cell, cell_index=index)
    if result.widgets is not None:
        nb_man.nb.metadata["widgets"] = from_dict(result.widgets)
    written = [
        ran for (_, cell), ran in zip(code, result.cells, strict=True) if cell.source.strip()
    ]
    nb_man.nb.metadata["skillmap_outcome"] = {
        "ended": result.ended if result.ended in ("done", "died", "out of time") else "died",
        "seconds": result.seconds,
        "ran": sum(ran.status in ("ok", "error", "timeout") for ran in written),
        "cells": len(written),
        "detail": " ".join(result.problems),
    }
