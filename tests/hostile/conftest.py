"""Fixtures of the hostile tests: one warmed engine, and secrets it must not give away."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from skillmap.cohort.engine import SandboxEngine, layers

pytest.register_assert_rewrite("tests.hostile.judge", "tests.hostile.cohort")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def engine() -> Iterator[SandboxEngine]:
    """The engine as it grades other people's work; skipped where the machine cannot do that."""
    absent = [layer.name for layer in layers() if layer.required and not layer.present]
    if absent:
        pytest.skip(f"this machine lacks {', '.join(absent)}")
    before = dict(os.environ)
    os.environ["SKILLMAP_TEST_TOKEN"] = "token-2718281828"
    with SandboxEngine() as made:
        made.start()
        yield made
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course with a key and a gradebook, as a grading machine has them."""
    for name in ("source/estimation/key.yaml", "gradebook.db", "submitted/bob/estimation/a.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret-3141592653")
    return tmp_path
