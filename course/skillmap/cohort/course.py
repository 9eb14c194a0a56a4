"""Where a course lies on disk and what it is called: the folder layout and ``course.toml``."""

from __future__ import annotations

import os
import shutil
import stat
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillmap.errors import AuthoringError, EnvironmentLacksError, Fault
from skillmap.ids import BesideId, ModuleId

__all__ = ["KEPT_BACK", "Course", "read_bounded", "scripts_on_path"]

KEPT_BACK = ("key.yaml", "solver.py", "README.md")
"""Files of ``source/<module>/`` that belong to the instructor and are never released."""

_SETTINGS: dict[str, tuple[type | tuple[type, ...], Any]] = {
    "course_id": (str, "skill-map"),
    "cohort": (str, "open"),
    "engine": (str, "auto"),
    "db_url": (str, ""),
    "cell_seconds": ((int, float), 30),
    "total_seconds": ((int, float), 300),
    "late_percent_a_day": ((int, float), 0),
    "late_percent_at_most": ((int, float), 100),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One course directory with its settings; every path of the loop is asked of it.

    ``cohort`` is the salt of the learners' worlds. ``cell_seconds`` and ``total_seconds`` bound
    the run of one submission. ``late_percent_a_day`` is taken off for each day begun after the
    due date, ``late_percent_at_most`` in all; 0 takes nothing. ``db_url`` is the gradebook:
    ``SKILLMAP_DB`` in the environment, else the setting, else ``gradebook.db`` beside it.
    """

    root: Path
    course_id: str = "skill-map"
    cohort: str = "open"
    engine: str = "auto"
    cell_seconds: float = 30.0
    total_seconds: float = 300.0
    late_percent_a_day: float = 0.0
    late_percent_at_most: float = 100.0
    db_url: str = ""

    @classmethod
    def at(cls, root: Path | str, *, db_url: str = "") -> Course:
        """Read ``course.toml`` in ``root``; without one the defaults hold.

        Raises ``AuthoringError`` with every faulty setting.
        """
        folder = Path(root).resolve()
        path = folder / "course.toml"
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise AuthoringError([Fault("course.toml", str(error))]) from None
        faults = [
            Fault(f"course.toml {name}", f"no such setting; there are {', '.join(_SETTINGS)}")
            for name in raw
            if name not in _SETTINGS
        ]
        values: dict[str, Any] = {}
        for name, (kind, default) in _SETTINGS.items():
            value = raw.get(name, default)
            if not isinstance(value, kind) or isinstance(value, bool):
                faults.append(Fault(f"course.toml {name}", f"got {value!r}, needs a {_word(kind)}"))
            elif isinstance(value, int | float) and value < 0:
                faults.append(Fault(f"course.toml {name}", f"got {value}, needs 0 or more"))
            else:
                values[name] = value
        if faults:
            raise AuthoringError(faults)
        said = db_url or os.environ.get("SKILLMAP_DB", "") or values.pop("db_url")
        values["db_url"] = said or f"sqlite:///{folder / 'gradebook.db'}"
        return cls(root=folder, **values)

    @classmethod
    def find(cls, start: Path | str = ".") -> Course:
        """Return the course that ``start`` lies in; raise ``EnvironmentLacksError`` if none."""
        here = Path(start).resolve()
        for folder in (here, *here.parents):
            if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
                return cls.at(folder)
        raise EnvironmentLacksError(
            f"{here} is not in a course directory (one with nbgrader_config.py and source/). "
            "Change to the course directory, or name it with --course DIR."
        )

    def folder(self, step: str, module: str, student: str = ".") -> Path:
        """Return nbgrader's folder of one step (``source``, ``submitted``, ``feedback``, …)."""
        return self.root / step / module if student == "." else self.root / step / student / module

    def notebook(self, step: str, module: str, student: str = ".") -> Path:
        """Return the path of the module's notebook in one step."""
        return self.folder(step, module, student) / f"{module}.ipynb"

    def modules(self) -> tuple[str, ...]:
        """Return the modules that have a source notebook, in the order of the guide."""
        return tuple(m.value for m in ModuleId if self.notebook("source", m.value).is_file())

    def beside(self) -> tuple[str, ...]:
        """Return the notebooks beside the modules that have a source: built and never graded."""
        return tuple(b.value for b in BesideId if self.notebook("source", b.value).is_file())

    def chosen(
        self, names: list[str] | tuple[str, ...] | None, *, beside: bool = False
    ) -> tuple[str, ...]:
        """Return ``names`` checked, or all modules; raise ``EnvironmentLacksError`` on others.

        ``beside`` admits the notebooks that are built and never graded.
        """
        known = self.modules() + (self.beside() if beside else ())
        unknown = [name for name in names or () if name.rstrip("/") not in known]
        if unknown:
            raise EnvironmentLacksError(
                f"No module {', '.join(unknown)} under {self.root / 'source'}. "
                f"There are: {', '.join(known) or 'none yet'}."
            )
        return tuple(name.rstrip("/") for name in names) if names else known

    def students(self, module: str) -> tuple[str, ...]:
        """Return who has a folder for this module under ``submitted/``, sorted."""
        base = self.root / "submitted"
        if not base.is_dir():
            return ()
        return tuple(sorted(p.name for p in base.iterdir() if p.is_dir() and (p / module).is_dir()))


def _word(kind: type | tuple[type, ...]) -> str:
    return "text" if kind is str else "number"


def read_bounded(path: Path, most: int) -> bytes:
    """Read a regular file of at most ``most`` bytes; a link or a larger file raises ``OSError``.

    The file is opened without following a link, so that it cannot be swapped in between.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if path.is_symlink() or path.parent.is_symlink():
        raise OSError(f"{path.name} is a link to another file")
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name} is not an ordinary file")
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(f"{path.name} is larger than {most / 2**20:.0f} MiB")
    return data


def scripts_on_path() -> None:
    """Put this environment's commands on PATH if they are not.

    nbgrader starts ``alembic`` by name when it makes a gradebook, which fails if the environment
    is used without having been activated.
    """
    if shutil.which("alembic") is None:
        scripts = sysconfig.get_path("scripts")
        os.environ["PATH"] = os.pathsep.join(filter(None, (scripts, os.environ.get("PATH", ""))))
