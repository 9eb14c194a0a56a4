"""Run one submission: our notebook with the learner's cells, in a private folder, by papermill.

What comes back is data: the executed notebook and the bytes of ``answers.json`` that the run left
behind. Nothing of the learner's is imported or evaluated in this process.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.cohort.course import read_bounded
from skillmap.cohort.notebooks import grade_id, role, writable
from skillmap.cohort.rebuild import inject_parameters, rebuild
from skillmap.errors import EnvironmentLacksError, SkillMapError
from skillmap.workspace import Workspace, write_facts, write_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbformat.notebooknode import NotebookNode

__all__ = [
    "ANSWERS",
    "LARGEST_SHEET",
    "CellError",
    "EngineFaultError",
    "Limits",
    "Outcome",
    "Run",
    "child_environment",
    "execute",
    "run_submission",
    "scratch_folder",
]

ANSWERS = "answers.json"
LARGEST_SHEET = 2**20
"""Bytes of an answer sheet (DESIGN: at most 1 MiB)."""


class EngineFaultError(SkillMapError):
    """The engine did not start or broke: our fault, so the submission goes back to the queue."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use: seconds for a cell and in all, bytes of output for a cell."""

    cell_seconds: float = 30.0
    total_seconds: float = 300.0
    output_bytes: int = 2 * 2**20
    start_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that ended with an error: its ``grade_id`` (or cell id), the error, its message.

    ``theirs`` is true for a cell that the learner may write.
    """

    cell: str
    name: str
    message: str
    theirs: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. ``ended`` is ``done``, ``timeout``, ``died`` or ``out of time``.

    A cell error is a learner's ordinary day and leaves ``ended`` at ``done``.
    """

    ended: str = "done"
    seconds: float = 0.0
    ran: int = 0
    cells: int = 0
    errors: tuple[CellError, ...] = ()
    detail: str = ""

    def problems(self) -> tuple[str, ...]:
        """Return sentences for learner and instructor on what went wrong in the run."""
        theirs = [e for e in self.errors if e.theirs]
        after = len(self.errors) - len(theirs)
        found = [
            f"Cell {e.cell} stopped with {e.name}{f': {e.message}' if e.message else ''}"
            for e in theirs[:5]
        ]
        if len(theirs) > 5:
            found.append(f"{len(theirs) - 5} more cells stopped with an error.")
        if after:
            cells = "1 of the course's own cells" if after == 1 else f"{after} of the course's own"
            found.append(f"{cells} stopped with an error after that.")
        if self.ended == "died":
            found.append(
                f"The notebook's kernel stopped after {self.ran} of {self.cells} cells; "
                "answers saved by then count."
            )
        if self.ended == "out of time":
            found.append(
                f"The notebook used up its time after {self.ran} of {self.cells} cells; "
                "answers saved by then count."
            )
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Run:
    """What running a submission came to. ``answers`` are the bytes found after the run."""

    notebook: NotebookNode
    answers: bytes | None
    outcome: Outcome
    problems: tuple[str, ...] = ()


def execute(
    notebook: NotebookNode,
    scratch: Path,
    engine: str,
    limits: Limits,
    hidden: Sequence[Path] = (),
) -> tuple[NotebookNode, Outcome]:
    """Execute ``notebook`` in ``scratch`` with the named engine.

    ``scratch`` holds ``work`` (the current folder of the run), ``home`` and ``tmp``. Any engine
    of papermill's entry points can be named; ``plain`` is ours (``plain.py``) and has no sandbox.
    Engines leave the outcome of the run in ``nb.metadata.skillmap_outcome``. Raises
    ``EngineFaultError`` if the first cell was never reached.
    """
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillException

    from skillmap.cohort.engines import register

    register(papermill_engines)
    try:
        papermill_engines.get_engine(engine)
    except PapermillException:
        raise EnvironmentLacksError(
            f"No engine is called {engine!r}. Set engine in course.toml (plain is always there)."
        ) from None
    notebook.metadata.setdefault("papermill", {})
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    try:
        done = papermill_engines.execute_notebook_with_engine(
            engine,
            notebook,
            kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
            input_path=None,
            progress_bar=False,
            scratch=str(scratch),
            limits=limits,
            hidden=tuple(map(str, hidden)),
            timed=False,
        )
    except SkillMapError:
        raise
    except Exception as error:
        raise EngineFaultError(f"The engine {engine} broke: {type(error).__name__}: {error}") from (
            error
        )
    raw = done.metadata.pop("skillmap_outcome", None)
    if raw is None:
        raise EngineFaultError(f"The engine {engine} did not say how the run ended.")
    done.metadata.pop("papermill", None)
    for cell in done.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)
    return done, _outcome(raw, done)


def _outcome(raw: Mapping[str, Any], notebook: NotebookNode) -> Outcome:
    errors = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                where = grade_id(cell) or role(cell) or str(cell.get("id", ""))
                message = " ".join(str(output.evalue).split())[:200]
                errors.append(CellError(where, str(output.ename)[:80], message, writable(cell)))
                break
    return Outcome(
        ended=str(raw.get("ended", "done")),
        seconds=float(raw.get("seconds", 0.0)),
        ran=int(raw.get("ran", 0)),
        cells=int(raw.get("cells", 0)),
        errors=tuple(errors),
        detail=str(raw.get("detail", ""))[:500],
    )


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a private folder with ``work``, ``home`` and ``tmp``; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"skillmap-run-{os.getpid()}-"))
    try:
        for name in ("work", "home", "tmp"):
            (folder / name).mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder even if the run took its own write permission away."""

    def unlock(function: Any, path: str, _: object) -> None:
        try:
            Path(path).parent.chmod(stat.S_IRWXU)
            Path(path).chmod(stat.S_IRWXU)
            function(path)
        except OSError:
            return

    shutil.rmtree(folder, onerror=unlock)


_PASSED = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "VIRTUAL_ENV")


def child_environment(scratch: Path) -> dict[str, str]:
    """Return the environment of a run: a short list of harmless names, homes in the scratch.

    No token, password or address of this process reaches the learner's code.
    """
    home = scratch / "home"
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    return {
        **passed,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(scratch / "tmp"),
        "IPYTHONDIR": str(home / ".ipython"),
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_DATA_DIR": str(home / ".jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(home / ".jupyter-runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "MPLCONFIGDIR": str(home / ".matplotlib"),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "SKILLMAP_PICTURES": "words",
        "SKILLMAP_STATIC": "1",
    }


@cache
def _font_lists() -> tuple[tuple[str, bytes], ...]:
    """matplotlib's list of fonts, so that a fresh home does not spend seconds on making it."""
    import matplotlib

    folder = Path(matplotlib.get_cachedir())
    if not list(folder.glob("fontlist-*.json")):
        import matplotlib.font_manager
    return tuple((p.name, p.read_bytes()) for p in folder.glob("fontlist-*.json"))


def run_submission(
    master: NotebookNode,
    submitted: Mapping[str, Any] | None,
    answers: bytes | None,
    *,
    learner: str,
    cohort: str,
    data: Mapping[str, bytes] | None = None,
    facts: tuple[str, int, Mapping[str, Any]] | None = None,
    engine: str = "plain",
    hidden: Sequence[Path] = (),
    limits: Limits | None = None,
) -> Run:
    """Rebuild, inject the parameters, execute, and collect what is left.

    ``answers`` are the submitted sheet's bytes if it can be read, else ``None``; ``data`` are the
    module's own data files by name; ``facts`` are module, world and what the learner is told of it,
    which the run would else work out again; ``hidden`` are folders that a sandbox must not show.
    Raises ``EngineFaultError`` for a fault of ours.
    """
    rebuilt = rebuild(master, submitted)
    ready = inject_parameters(
        rebuilt.notebook, {"learner": learner, "answers_dir": ".", "cohort": cohort}
    )
    with scratch_folder() as scratch:
        work = scratch / "work"
        write_workspace(work, Workspace(learner=learner, cohort=cohort, mode="course"))
        if facts is not None:
            write_facts(work, *facts)
        for name, content in (data or {}).items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(content)
        if answers is not None:
            (work / ANSWERS).write_bytes(answers)
        fonts = scratch / "home" / ".matplotlib"
        fonts.mkdir()
        for name, content in _font_lists():
            (fonts / name).write_bytes(content)
        executed, outcome = execute(ready, scratch, engine, limits or Limits(), hidden)
        _check_ours(executed)
        left, odd = _left_behind(work / ANSWERS)
    problems = (*rebuilt.problems, *outcome.problems(), *odd)
    return Run(_tidy(executed), left, outcome, problems)


def _check_ours(executed: NotebookNode) -> None:
    """Raise ``EngineFaultError`` if a cell of ours failed before any cell of the learner's ran."""
    for cell in executed.cells:
        if writable(cell):
            return
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise EngineFaultError(
                    f"The course's own cell {grade_id(cell) or cell.get('id')} failed: "
                    f"{output.ename}: {' '.join(str(output.evalue).split())[:300]}"
                )


def _left_behind(path: Path) -> tuple[bytes | None, Sequence[str]]:
    try:
        return read_bounded(path, LARGEST_SHEET), ()
    except FileNotFoundError:
        return None, ()
    except OSError as error:
        return None, (f"The run left an answer sheet that was not read: {error}.",)


def _tidy(notebook: NotebookNode) -> NotebookNode:
    from skillmap.cohort.outputs import clean_outputs

    clean_outputs(notebook)
    return notebook


def limits_of(cell_seconds: float, total_seconds: float) -> Limits:
    """Return limits with a course's settings."""
    return replace(Limits(), cell_seconds=cell_seconds, total_seconds=total_seconds)
