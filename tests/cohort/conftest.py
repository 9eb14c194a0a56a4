"""Fixtures of the cohort tests: a fresh small course, and hand-ins put into it."""

from __future__ import annotations

import importlib
import shutil
from typing import TYPE_CHECKING

import nbformat
import pytest
from tests.cohort.small_course import FIXTURE, HandIn, cold, load_what_keeps_its_own, patches

from skillmap.cohort.course import Course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """A fresh small course in a temporary folder; lesson and graders are those above."""
    import skillmap.cohort.assess as assess_module

    load_what_keeps_its_own()
    root = tmp_path / "course"
    shutil.copytree(FIXTURE, root, ignore=shutil.ignore_patterns("make.py", "__pycache__"))
    for name, value in patches().items():
        monkeypatch.setattr(name, value, raising=False)
    assess_module._materials.cache_clear()
    yield Course.at(root)
    assess_module._materials.cache_clear()


@pytest.fixture
def hand_in(course: Course) -> HandIn:
    """Put a submission in place: ``cells`` maps grade ids to new text, ``answers`` are bytes."""
    from skillmap.cohort.build import learner_notebook

    def put(
        student: str,
        answers: bytes | None = None,
        cells: dict[str, str] | None = None,
        edit: Callable[[nbformat.NotebookNode], None] | None = None,
        notebook: bytes | None = None,
        stamp: str = "2026-11-20 10:00:00.000000 UTC",
    ) -> Path:
        folder = course.folder("submitted", "estimation", student)
        folder.mkdir(parents=True, exist_ok=True)
        book = learner_notebook(course, "estimation")
        for cell in book.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in (cells or {}):
                cell.source = (cells or {})[name]
        if edit is not None:
            edit(book)
        data = notebook if notebook is not None else nbformat.writes(book).encode()
        (folder / "estimation.ipynb").write_bytes(data)
        if answers is not None:
            (folder / "answers.json").write_bytes(answers)
        (folder / "timestamp.txt").write_text(stamp)
        return folder

    return put


@pytest.fixture
def cold_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Engines that load nothing ahead: the small course needs nothing, and they start at once."""
    papermill = importlib.import_module("skillmap.cohort.engine.papermill")
    papermill.close_shared()
    monkeypatch.setattr(papermill, "SandboxEngine", cold())
    yield
    papermill.close_shared()
