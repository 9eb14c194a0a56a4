"""Every source and release notebook runs from top to bottom, each in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(
    path
    for folder in ("source", "release", "docs")
    for path in (ROOT / folder).rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)


def test_there_are_notebooks() -> None:
    assert {p.parts[-3] for p in NOTEBOOKS} >= {"source", "release"}
    assert ROOT / "docs" / "lantern-tour.ipynb" in NOTEBOOKS


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_nbval_runs_it(notebook: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(notebook.parent, tmp_path / notebook.parent.name)
    command = [
        *(sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=60", "-q"),
        *("-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, "--rootdir", str(folder)),
        notebook.name,
    ]
    env = {**os.environ, "SKILLMAP_STATIC": "1", "JUPYTER_PLATFORM_DIRS": "1"}
    ran = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=180, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    cells = [c for c in json.loads(notebook.read_text())["cells"] if c["cell_type"] == "code"]
    assert f"{len(cells)} passed" in ran.stdout, "nbval did not run every cell"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_output_is_committed_and_ids_are_stable(notebook: Path) -> None:
    book = json.loads(notebook.read_text())
    ids = [cell["id"] for cell in book["cells"]]
    assert len(ids) == len(set(ids))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], cell["id"]
            assert cell["execution_count"] is None, cell["id"]
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_text_cell_has_a_dollar_sign(notebook: Path) -> None:
    """JupyterLab reads two of them as mathematics, escaped or not: amounts are in words."""
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "markdown":
            assert "$" not in "".join(cell["source"]), cell["id"]
