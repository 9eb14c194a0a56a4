"""What is installed, what this machine can do, and what is missing."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from skillmap.cohort.course import Course, scripts_on_path
from skillmap.cohort.engines import AUTO
from skillmap.errors import AuthoringError, SkillMapError

__all__ = ["Check", "examine"]

_NEEDED = ("nbgrader", "papermill", "jupyterlab", "notebook", "ipywidgets", "ipykernel")
_NEEDED_TOO = ("numpy", "scipy", "pandas", "matplotlib", "pydantic", "PyYAML", "typer")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: ``state`` is ``ok``, ``note`` (works without) or ``missing``."""

    name: str
    state: str
    detail: str
    next_step: str = ""


def examine(course_dir: Path | str = ".") -> list[Check]:
    """Return every finding; changes nothing."""
    found = [_python(), *_packages(), _alembic(), _kernel(), _engines(), *_sandbox()]
    try:
        course = Course.find(course_dir)
    except AuthoringError as error:
        step = "Nothing can be graded until this is corrected."
        return [*found, Check("course", "missing", str(error), step)]
    except SkillMapError as error:
        return [*found, Check("course", "note", str(error))]
    return [*found, *_course(course)]


def _python() -> Check:
    text = ".".join(str(n) for n in sys.version_info[:3])
    return Check("python", "ok", f"{text}, {sys.executable}")


def _packages() -> list[Check]:
    found, lacking = [], []
    for name in (*_NEEDED, *_NEEDED_TOO):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lacking.append(name)
    checks = [Check("packages", "ok", ", ".join(found))] if found else []
    if lacking:
        step = f"{sys.executable} -m pip install {' '.join(lacking)}"
        checks.append(Check("packages", "missing", ", ".join(lacking), step))
    return checks


def _alembic() -> Check:
    scripts_on_path()
    where = shutil.which("alembic")
    if where is None:
        step = "Put this environment's commands on PATH (source .venv/bin/activate)."
        return Check("alembic", "missing", "nbgrader starts it to make a gradebook", step)
    return Check("alembic", "ok", where)


def _kernel() -> Check:
    from jupyter_client.kernelspec import KernelSpecManager

    specs = KernelSpecManager().find_kernel_specs()
    if "python3" not in specs:
        step = f"{sys.executable} -m ipykernel install --sys-prefix"
        return Check("kernel", "missing", "no kernel is called python3", step)
    return Check("kernel", "ok", f"python3 in {specs['python3']}")


def _engines() -> Check:
    return Check("engines", "ok", ", ".join(_known_engines()))


def _known_engines() -> list[str]:
    from papermill.engines import papermill_engines

    from skillmap.cohort.engines import register

    register(papermill_engines)
    return sorted(name for name in papermill_engines._engines if name)


def _sandbox() -> list[Check]:
    """Every layer of the sandbox, tried on this machine."""
    from skillmap.cohort.engine import layers

    found = []
    for layer in layers():
        state = "ok" if layer.present or not layer.required else "note"
        step = "" if state == "ok" else "Without it, engine = auto refuses other people's work."
        detail = f"{layer.purpose}; {layer.seen}" if layer.seen else layer.purpose
        found.append(Check(f"sandbox {layer.name}", state, detail, step))
    return found


def _course(course: Course) -> list[Check]:
    modules = course.modules()
    listed = ", ".join(modules) or "none"
    found = [Check("course", "ok" if modules else "note", f"{course.root}; modules: {listed}")]
    if not os.access(course.root, os.W_OK):
        step = "Grading writes gradebook.db and autograded/ there."
        found.append(Check("course folder", "missing", "cannot be written", step))
    if course.db_url.startswith("sqlite"):
        path = Path(course.db_url.removeprefix("sqlite:///"))
        state = "exists" if path.exists() else "is made with the first grading"
        found.append(Check("gradebook", "ok", f"{path} {state}"))
    else:
        found.append(Check("gradebook", "ok", course.db_url.split("@")[-1]))
    if course.engine not in {AUTO, *_known_engines()}:
        names = ", ".join([AUTO, *_known_engines()])
        detail = f"course.toml names the engine {course.engine!r:.40}, which is not here"
        found.append(Check("engine", "missing", detail, f"Use one of {names}."))
    if course.engine == "plain":
        detail = "engine = plain: submitted code runs with your rights and your network"
        found.append(Check("engine", "note", detail, "Grade work you trust, or use a sandbox."))
    return found
