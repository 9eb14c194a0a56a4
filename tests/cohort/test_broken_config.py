"""A course whose settings cannot be read: nbgrader must stop, not go on with its own steps."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("course", "config", "told"),
    [
        ("late_percent_per_day = 5", "", "late_percent_per_day"),
        ("", "import no_such_skillmap", "no_such_skillmap"),
    ],
    ids=["a setting that is none", "a library that is missing"],
)
def test_a_broken_course_runs_nobodys_code(
    tmp_path: Path, course: str, config: str, told: str
) -> None:
    (tmp_path / "source" / "estimation").mkdir(parents=True)
    shutil.copyfile(
        ROOT / "release" / "estimation" / "estimation.ipynb",
        tmp_path / "source" / "estimation" / "estimation.ipynb",
    )
    (tmp_path / "course.toml").write_text(f'course_id = "x"\n{course}\n')
    text = (ROOT / "nbgrader_config.py").read_text()
    (tmp_path / "nbgrader_config.py").write_text(text.replace("try:\n", f"try:\n    {config}\n"))
    handed_in = tmp_path / "submitted" / "ada" / "estimation"
    handed_in.mkdir(parents=True)
    mark = tmp_path / "ran"
    cell = nbformat.v4.new_code_cell(f"open({str(mark)!r}, 'w').write('x')")
    book = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(book, handed_in / "estimation.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "estimation", "--create"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "nothing was run" in said
    assert told in said
    assert "Traceback" not in said
    assert not mark.exists()
    assert not (tmp_path / "autograded").exists()
