"""The choice of the engine: sandboxed, or refused, unless somebody says otherwise."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest

import skillmap.cohort.engine as engine_package
from skillmap.cohort import engines
from skillmap.cohort.engine import Layer, layers
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from pathlib import Path


def pretend(monkeypatch: pytest.MonkeyPatch, *, present: bool) -> None:
    found = (Layer("user", "an account of its own", present, seen="no user namespaces"),)
    monkeypatch.setattr(engine_package, "layers", lambda: found, raising=False)


def test_auto_is_the_sandbox_where_every_layer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, present=True)
    assert engines.chosen("auto") == engines.chosen_for_own("auto") == "skillmap"


def test_auto_refuses_other_peoples_work_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, present=False)
    with pytest.raises(EnvironmentLacksError, match="no user namespaces") as caught:
        engines.chosen("auto")
    assert "--without-sandbox" in str(caught.value)
    assert engines.chosen("plain") == "plain"
    assert engines.chosen_for_own("auto") == "plain"


def test_papermill_knows_the_engines() -> None:
    from papermill.engines import PapermillEngines

    known = PapermillEngines()
    engines.register(known)
    assert known.get_engine("plain") is not None
    assert known.get_engine(engines.unboxed()) is not None


needs_sandbox = pytest.mark.skipif(
    not all(layer.present for layer in layers() if layer.required), reason="no sandbox here"
)


def by_command_line(folder: Path, *cells: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run a notebook with these cells as somebody would who has papermill and this library."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "x"}
    book.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(book, folder / "in.ipynb")
    out = folder / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "--engine", "skillmap", "-p", "calls", "41"]
    done = subprocess.run(
        [*command, str(folder / "in.ipynb"), str(out)],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done, out


@needs_sandbox
@pytest.mark.slow
def test_papermills_command_line_finds_the_engine_and_stays_inside(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("for nobody")
    done, out = by_command_line(
        tmp_path, "calls = 1", f"import os; os.path.exists({str(tmp_path)!r})", "calls + 1"
    )
    assert done.returncode == 0, done.stderr
    *_, inside, last = nbformat.read(out, 4).cells
    assert inside.outputs[0].data["text/plain"] == "False"
    assert last.outputs[0].data["text/plain"] == "42"


@needs_sandbox
@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "told"), [("1/0", "ZeroDivisionError"), ("import os; os._exit(0)", "ended early")]
)
def test_papermills_command_line_fails_with_the_notebook(
    tmp_path: Path, cell: str, told: str
) -> None:
    done, out = by_command_line(tmp_path, "calls = 1", cell, "calls + 1")
    assert done.returncode != 0
    assert told in done.stderr
    assert out.is_file(), "what ran is kept"


def test_the_entry_point_loads_neither_papermill_nor_the_engine() -> None:
    code = (
        "import sys; from skillmap.cohort.engine.papermill_entry import engine; "
        "heavy = {'papermill', 'nbformat', 'IPython', 'skillmap.cohort.engine.host'}; "
        "assert not heavy & set(sys.modules); assert engine; "
        "print(engine.execute_notebook.__qualname__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "Engine.execute_notebook"
