"""What is left out to start sooner changes nothing that anyone can see."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import nbgrader.api
import pytest

from skillmap.cohort.engine import SandboxEngine
from skillmap.cohort.gradebooks import _know_the_schema
from skillmap.cohort.submission import read_folder

if TYPE_CHECKING:
    from pathlib import Path


def said(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_the_schemas_version_is_the_one_that_nbgrader_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nbgrader.api, "get_alembic_version", nbgrader.api.get_alembic_version)
    _know_the_schema()
    theirs = said("from nbgrader.api import get_alembic_version as v; print(v())")
    assert nbgrader.api.get_alembic_version() == theirs
    assert theirs


def test_the_grammar_that_is_not_loaded_can_still_be() -> None:
    pytest.importorskip("rfc3987_syntax")
    told = said(
        "import sys, skillmap.cohort; "
        "print('jsonschema' in sys.modules, 'rfc3987_syntax' in sys.modules); "
        "import rfc3987_syntax; print(rfc3987_syntax.__name__)"
    )
    assert told.split() == ["True", "False", "rfc3987_syntax"]


PLOTTING = [
    "import sys\nprint('matplotlib' in sys.modules)",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);",
    "import pandas as pd\npd.Series([1, 2]).plot();",
    "fig, ax = plt.subplots(figsize=(3, 2)); ax.bar(['a', 'b'], [1, 2]); fig",
    "print(plt.get_backend(), plt.isinteractive(), len(plt.get_fignums()))",
]


@pytest.mark.slow
def test_plots_look_the_same_if_nobody_was_expected_to_plot() -> None:
    def ran(plots: bool) -> list[tuple[str, ...]]:
        with SandboxEngine(sandboxed=False, options={"plots": plots, "lessons": []}) as engine:
            cells = engine.execute(PLOTTING).cells
        assert {cell.status for cell in cells} == {"ok"}
        return [tuple(str(output) for output in cell.outputs) for cell in cells]

    ready, late = ran(True), ran(False)
    assert "True" in ready[0][0]
    assert "False" in late[0][0]
    assert late[1:] == ready[1:]


@pytest.mark.parametrize(
    ("source", "plots"),
    [
        ("print(1)", False),
        ("m.ask('es.e1')  # a plot of land", False),
        ("import matplotlib.pyplot as plt", True),
        ("frame['a'].plot(kind='bar')", True),
        ("frame.hist()", True),
    ],
)
def test_who_plots_is_guessed_from_the_words(tmp_path: Path, source: str, plots: bool) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(notebook, tmp_path / "estimation.ipynb")
    assert read_folder(tmp_path, "estimation", "ada").plots is plots
