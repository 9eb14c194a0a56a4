"""A learner's own side: a workspace with the notebooks, JupyterLab on it, and checking alone."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import skillmap
from skillmap.cohort.course import Course
from skillmap.errors import EnvironmentLacksError
from skillmap.ids import BesideId
from skillmap.workspace import Workspace, find_workspace, who_am_i, write_workspace

if TYPE_CHECKING:
    from skillmap.cohort.result import SubmissionResult

__all__ = ["Checked", "Prepared", "check", "lab_command", "nearest_course", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workspace: what was put in, and what was there and left alone."""

    folder: Path
    learner: str
    added: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()


def nearest_course(start: Path | str = ".") -> Course:
    """Return the course around ``start``, else the one this library was installed from."""
    try:
        return Course.find(start)
    except EnvironmentLacksError:
        home = Path(skillmap.__file__).resolve().parent
        try:
            return Course.find(home)
        except EnvironmentLacksError:
            raise EnvironmentLacksError(
                "No course material found here. Change to the folder that has source/ and "
                "release/, or get the course's repository."
            ) from None


def prepare(course: Course, folder: Path, learner: str = "") -> Prepared:
    """Make or complete a workspace in ``folder``; a file of the learner's is never replaced.

    A released notebook that differs from the learner's is put beside it with the release's date
    only if the release is newer; nothing else is written where something was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    here = find_workspace(folder)
    if here.folder != folder.resolve():
        source = course.root / "source"
        here = Workspace(
            learner=str(who_am_i(learner)),
            cohort=course.cohort,
            mode="self-paced",
            source=str(source) if source.is_dir() else "",
        )
        write_workspace(folder, here)
    added, kept, updates = [], [], []
    for released in sorted((course.root / "release").glob("*/*")):
        if released.is_dir() or released.name.startswith("."):
            continue
        name = released.relative_to(course.root / "release").as_posix()
        mine = folder / name
        if not mine.exists():
            mine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(released, mine)
            added.append(name)
        else:
            kept.append(name)
            if released.stat().st_mtime > mine.stat().st_mtime:
                updates.append(name)
    if not added and not kept:
        raise EnvironmentLacksError(
            f"{course.root / 'release'} has no notebooks yet. Run: skillmap build"
        )
    return Prepared(folder, here.learner, tuple(added), tuple(kept), tuple(updates))


def lab_command(folder: Path, *, browser: bool = True, port: int | None = None) -> list[str]:
    """Return the command that opens JupyterLab on a workspace, without its news question."""
    settings = folder / ".skillmap" / "lab"
    settings.mkdir(parents=True, exist_ok=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
    }
    (settings / "overrides.json").write_text(json.dumps(overrides), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}"]
    command += [f"--LabApp.app_settings_dir={settings.resolve()}"]
    begin = folder / BesideId.START.value / f"{BesideId.START.value}.ipynb"
    first = begin if begin.is_file() else next(iter(sorted(folder.glob("*/*.ipynb"))), None)
    if first is not None:
        command.append(f"--LabApp.default_url=/lab/tree/{first.relative_to(folder).as_posix()}")
    if not browser:
        command.append("--no-browser")
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


@dataclass(frozen=True, slots=True)
class Checked:
    """One's own work, graded here: the result and the page that was written."""

    result: SubmissionResult
    page: Path


def check(folder: Path, module: str) -> Checked:
    """Grade one's own work in a self-paced workspace and write ``feedback.html`` beside it.

    Raises ``EnvironmentLacksError`` where there is no key: in a cohort, points come after hand-in.
    """
    from skillmap.cohort.assess import assess
    from skillmap.cohort.engines import chosen_for_own
    from skillmap.cohort.page import render_page
    from skillmap.cohort.record import result_of, write_atomically
    from skillmap.cohort.submission import read_folder
    from skillmap.learning.marks import keep

    place = folder / module if (folder / module).is_dir() else folder
    if not (place / f"{module}.ipynb").exists() and not (place / "answers.json").exists():
        raise EnvironmentLacksError(
            f"{place} has neither {module}.ipynb nor answers.json. Run this in your workspace, or "
            "name it with --dir; skillmap start makes one."
        )
    workspace = find_workspace(place)
    key = workspace.key_folder(module)
    if key is None:
        raise EnvironmentLacksError(
            "There is no key in this workspace, so points come after you hand in. In the notebook, "
            "m.check shows whether your answers are complete and agree with each other."
        )
    course = Course.at(key.parent.parent)
    course = replace(
        course, cohort=workspace.cohort or "open", engine=chosen_for_own(course.engine)
    )
    learner = str(who_am_i("", workspace))
    assessment = assess(course, read_folder(place, module, learner))
    result = replace(result_of(assessment, datetime.now(UTC)), closed=True)
    unkept = keep(module, place, workspace, result.feedbacks, learner)
    if unkept:
        result = replace(result, problems=(*result.problems, unkept))
    page = place / "feedback.html"
    write_atomically(page, render_page(result))
    return Checked(result, page)
