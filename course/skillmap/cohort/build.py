"""From an author's notebook to the released one, by nbgrader's own steps and without a gradebook.

``skillmap build`` and ``nbgrader generate_assignment`` give the same bytes: both run the list in
``STEPS``; nbgrader's ``SaveCells`` is the one step that needs a gradebook, and it changes nothing
in the notebook.
"""

from __future__ import annotations

import difflib
import hashlib
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)
from traitlets import Unicode
from traitlets.config import Config

from skillmap.cohort.course import KEPT_BACK, Course
from skillmap.cohort.notebooks import data_files, role
from skillmap.errors import AuthoringError, Fault

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

__all__ = [
    "CODE_STUB",
    "STEPS",
    "TEXT_STUB",
    "Built",
    "StampRelease",
    "build",
    "drift",
    "learner_notebook",
    "release_text",
    "source_faults",
    "write_release",
]

CODE_STUB = "# Your answer: use the widgets above, or write it here."
TEXT_STUB = "Write your answer here."

_IGNORED = (".ipynb_checkpoints", "__pycache__")


def source_faults(folder: Path) -> list[Fault]:
    """Return what in ``source/<module>/`` must not be there, each with its path.

    A stray ``answers.json`` would be released, and would replace each learner's own at grading.
    Anything else that is neither the notebook, nor the instructor's, nor declared as data, would
    be handed out by nbgrader without anyone having meant it.
    """
    module = folder.name
    notebook = folder / f"{module}.ipynb"
    if not notebook.is_file():
        return [Fault(f"source/{module}/{module}.ipynb", "there is no such notebook")]
    try:
        declared = data_files(nbformat.read(notebook, as_version=4))
    except Exception as error:
        return [Fault(f"source/{module}/{module}.ipynb", f"cannot be read: {_first_line(error)}")]
    faults = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        where = f"source/{module}/{name}"
        if path.is_dir() or any(part in _IGNORED for part in path.relative_to(folder).parts):
            continue
        if path.name.startswith("answers.") and path.suffix == ".json":
            faults.append(
                Fault(where, "an answer sheet would be released to everyone. Move it away.")
            )
        elif name not in (notebook.name, *KEPT_BACK) and name not in declared:
            faults.append(
                Fault(
                    where,
                    "would be released. Declare it in the notebook's metadata "
                    f'("skillmap": {{"data": ["{name}"]}}) or move it away.',
                )
            )
    faults += [
        Fault(f"source/{module}/{name}", "declared as data, but there is no such file")
        for name in declared
        if not (folder / name).is_file()
    ]
    return faults


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class StampRelease(NbGraderPreprocessor):  # type: ignore[misc]
    """Writes the cohort into the parameters cell and refuses a source folder with strays."""

    cohort = Unicode("open", help="Salt of the learners' worlds.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Stamp; runs before checksums are taken."""
        where = resources.get("metadata", {}).get("path")
        if where and (faults := source_faults(Path(where).resolve())):
            raise AuthoringError(faults)
        cells = [cell for cell in nb.cells if role(cell) == "parameters"]
        if len(cells) != 1:
            raise AuthoringError(
                [Fault("notebook", f"{len(cells)} cells have the role parameters, needs 1")]
            )
        cells[0].source = _stamp(cells[0].source, self.cohort)
        for number, cell in enumerate(nb.cells):
            cell.metadata.pop("execution", None)
            if "id" not in cell:
                cell["id"] = hashlib.blake2b(f"{number}".encode(), digest_size=4).hexdigest()
        nb.metadata.pop("papermill", None)
        nb.metadata.pop("widgets", None)
        return nb, resources


def _stamp(source: str, cohort: str) -> str:
    """Replace the ``cohort = …`` line.

    >>> _stamp('learner = ""\\ncohort = "open"', "spring")
    'learner = ""\\ncohort = "spring"'
    """
    quoted = cohort.replace("\\", "\\\\").replace('"', '\\"')
    lines = source.splitlines()
    found = [i for i, line in enumerate(lines) if line.split("=")[0].strip() == "cohort"]
    if len(found) != 1:
        raise AuthoringError([Fault("parameters cell", 'needs one line like cohort = "open"')])
    lines[found[0]] = f'cohort = "{quoted}"'
    return "\n".join(lines)


STEPS: tuple[type[NbGraderPreprocessor], ...] = (
    StampRelease,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)
"""nbgrader's list with our stamp in front, and without its header and its test templates."""


def release_config(cohort: str) -> Config:
    """Return the settings that ``skillmap build`` and nbgrader share."""
    c = Config()
    c.StampRelease.cohort = cohort
    c.ClearSolutions.code_stub = {"python": CODE_STUB}
    c.ClearSolutions.text_stub = TEXT_STUB
    return c


def release_text(notebook: Path, cohort: str) -> str:
    """Return the released notebook's bytes as text; the same input gives the same output."""
    config = release_config(cohort)
    config.Exporter.default_preprocessors = []
    exporter = NotebookExporter(config=config)
    for step in STEPS:
        if step is not SaveCells:
            exporter.register_preprocessor(step(config=config, parent=exporter), enabled=True)
    text, _ = exporter.from_filename(str(notebook))
    return str(text)


@lru_cache(maxsize=32)
def _learner_text(notebook: str, stamp: tuple[int, int], cohort: str) -> str:
    return release_text(Path(notebook), cohort)


def learner_notebook(course: Course, module: str) -> NotebookNode:
    """Return what learners were given, built from source: the master that grading starts from."""
    path = course.notebook("source", module)
    stat = path.stat()
    text = _learner_text(str(path), (stat.st_mtime_ns, stat.st_size), course.cohort)
    return nbformat.reads(text, as_version=4)


@dataclass(frozen=True, slots=True)
class Built:
    """What building one module came to; ``changes`` are the lines of a unified diff."""

    module: str
    path: Path
    changes: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether the released files already were what the source gives."""
        return not self.changes


def drift(course: Course, module: str) -> Built:
    """Compare ``release/<module>/`` with what the source gives; writes nothing."""
    source, release = course.folder("source", module), course.folder("release", module)
    if faults := source_faults(source):
        raise AuthoringError(faults)
    notebook = source / f"{module}.ipynb"
    try:
        wanted = {f"{module}.ipynb": release_text(notebook, course.cohort).encode()}
    except AuthoringError as error:
        raise AuthoringError(
            [Fault(f"source/{module}/{module}.ipynb {f.path}", f.message) for f in error.faults]
        ) from None
    except Exception as error:
        raise AuthoringError(
            [Fault(f"source/{module}/{module}.ipynb", _first_line(error))]
        ) from error
    for name in data_files(nbformat.read(notebook, as_version=4)):
        wanted[name] = (source / name).read_bytes()
    changes: list[str] = []
    present = {
        p.relative_to(release).as_posix()
        for p in (release.rglob("*") if release.is_dir() else ())
        if p.is_file() and not any(part in _IGNORED for part in p.relative_to(release).parts)
    }
    changes += [f"extra: release/{module}/{name}" for name in sorted(present - set(wanted))]
    for name, data in wanted.items():
        old = (release / name).read_bytes() if name in present else b""
        if old != data:
            changes += _diff(old, data, f"release/{module}/{name}")
    return Built(module, release / f"{module}.ipynb", tuple(changes))


def _diff(old: bytes, new: bytes, name: str) -> list[str]:
    try:
        before, after = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        return [f"differs: {name}"]
    lines = list(difflib.unified_diff(before, after, name, f"{name} (built)", lineterm="", n=1))
    return lines or [f"differs: {name} (line ends)"]


def build(course: Course, module: str) -> Built:
    """Bring ``release/<module>/`` up to date and say what changed."""
    found = drift(course, module)
    if not found.current:
        write_release(course, module)
    return found


def write_release(course: Course, module: str) -> None:
    """Replace ``release/<module>/`` in one move; a failed build leaves the old one standing."""
    source, release = course.folder("source", module), course.folder("release", module)
    fresh = release.with_name(f".{module}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    notebook = source / f"{module}.ipynb"
    (fresh / notebook.name).write_text(release_text(notebook, course.cohort), encoding="utf-8")
    for name in data_files(nbformat.read(notebook, as_version=4)):
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, fresh / name)
    shutil.rmtree(release, ignore_errors=True)
    fresh.rename(release)
