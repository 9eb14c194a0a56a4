"""The engine from outside: files, layers, faults, papermill, and what remains when it dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from skillmap.cohort.engine import EngineFault, Layer, SandboxEngine, layering, layers
from skillmap.cohort.engine.sandbox import package_folder
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator

complete = all(layer.present for layer in layers() if layer.required)
needs_sandbox = pytest.mark.skipif(not complete, reason="this machine cannot isolate")


@pytest.fixture(scope="module")
def engine() -> Iterator[SandboxEngine]:
    with SandboxEngine(sandboxed=complete) as made:
        yield made


def test_files_go_in_and_come_back(engine: SandboxEngine) -> None:
    result = engine.execute(
        [
            "print(open('data/a.csv').read())",
            "import os; os.makedirs('b'); open('b/c', 'w').write('d')",
        ],
        {"data/a.csv": b"x,y", "answers.json": b"{}"},
        ["answers.json", "b/c", "nowhere.txt"],
    )
    assert result.cells[0].outputs[0]["text"] == "x,y\n"
    assert result.files == {"answers.json": b"{}", "b/c": b"d"}
    assert result.problems == ()
    assert result.cpu_seconds > 0
    assert result.peak_bytes > 10**7


def test_layers_are_named_in_order() -> None:
    found = layers()
    assert [layer.name for layer in found] == list(layering.LAYERS)
    assert all(layer.seen for layer in found)


def test_a_missing_layer_is_refused_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Layer("seccomp", "a filter on system calls", present=False, seen="no")
    monkeypatch.setattr(layering, "_probe", lambda: (absent,))
    with pytest.raises(EnvironmentLacksError, match="seccomp"):
        layering.refuse_missing()
    assert layering.refuse_missing(["seccomp"]) == {"seccomp"}
    with pytest.raises(ValueError, match="no layer is called moat"):
        layering.refuse_missing(["moat"])


def test_without_bubblewrap_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    layering._probe.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    try:
        with SandboxEngine() as made, pytest.raises(EnvironmentLacksError, match="bubblewrap"):
            made.execute(["print(1)"])
    finally:
        layering._probe.cache_clear()


@needs_sandbox
@pytest.mark.parametrize("missing", [{"nested"}, {"seccomp"}, {"nproc"}, {"network"}])
def test_it_runs_without_a_layer_that_was_given_up(missing: set[str]) -> None:
    with SandboxEngine(options={"load": ["json"]}) as made:
        made._missing = frozenset(missing)
        for _ in range(2):
            result = made.execute(["open('a', 'w').write('x'); 6 * 7"], wanted=["a"])
            assert result.ended == "done"
            assert result.files == {"a": b"x"}


@needs_sandbox
def test_a_fault_before_the_first_cell_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    # five bytes are no instruction: the kernel refuses the filter, and the child says so
    monkeypatch.setattr("skillmap.cohort.engine.zygotes.assemble", lambda: b"\x06\0\0\0\0")
    with SandboxEngine(options={"load": []}) as made:
        made._missing = frozenset()
        with pytest.raises(EngineFault, match="did not get ready"):
            made.execute(["print(1)"])


@needs_sandbox
def test_folders_can_be_hidden(tmp_path: Path) -> None:
    place = Path(sys.prefix) / "share"
    with SandboxEngine(hidden=[place], options={"load": []}) as made:
        made._missing = frozenset()
        result = made.execute([f"import os; print(os.listdir({str(place)!r}))"])
    assert result.cells[0].outputs[0]["text"] == "[]\n"


def notebook(*sources: str) -> Any:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    made.metadata["papermill"] = {}
    for cell in made.cells:
        cell.metadata["tags"] = []
    return made


@needs_sandbox
def test_papermill_runs_a_notebook(tmp_path: Path) -> None:
    from papermill.engines import papermill_engines

    from skillmap.cohort.engine.papermill import SkillMapEngine, close_shared
    from skillmap.cohort.run import Limits, execute

    papermill_engines.register("skillmap", SkillMapEngine)
    for name in ("work", "home", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "work" / "answers.json").write_text("{}")
    (tmp_path / "work" / "gone.txt").write_text("stays")
    source = notebook("open('answers.json', 'a').write(' ')", "1/0", "", "print('on')")
    source.cells.insert(0, nbformat.v4.new_markdown_cell("text"))
    try:
        done, outcome = execute(source, tmp_path, "skillmap", Limits())
    finally:
        close_shared()
    assert (outcome.ended, outcome.ran, outcome.cells) == ("done", 3, 3)
    assert [error.name for error in outcome.errors] == ["ZeroDivisionError"]
    assert (tmp_path / "work" / "answers.json").read_text() == "{} "
    assert done.cells[4].outputs[0].text == "on\n"
    nbformat.validate(done)


@needs_sandbox
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_remains_of_a_killed_coordinator(ending: signal.Signals, tmp_path: Path) -> None:
    marker = f"remains-{os.getpid()}-{ending}"
    script = tmp_path / "coordinate.py"
    script.write_text(
        textwrap.dedent(
            f"""
            from skillmap.cohort.engine import SandboxEngine
            with SandboxEngine(options={{"load": []}}) as engine:
                engine.execute(["import os; os.system('sleep 60; : {marker}')"])
            """
        )
    )
    child = subprocess.Popen([sys.executable, str(script)], start_new_session=True)
    try:
        assert _wait(lambda: len(_with(marker)) > 0), "the cell did not begin"
        child.send_signal(ending)
        child.wait(timeout=10)
        assert _wait(lambda: not _with(marker)), "a process remains"
    finally:
        child.kill()
        child.wait(timeout=10)


def _wait(done: Any, seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(0.05)
    return False


def _with(marker: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if f": {marker}".encode() in (entry / "cmdline").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


@pytest.fixture
def clone() -> Iterator[Path]:
    """A clone in /tmp with an environment of its own, its files shared with the real one."""
    with tempfile.TemporaryDirectory(prefix="skillmap-clone-", dir="/tmp") as name:
        place = Path(name)
        venv.create(place / ".venv", with_pip=False, symlinks=True)
        (site,) = place.glob(".venv/lib/python*/site-packages")
        site.rmdir()
        real = Path(nbformat.__file__).parents[1]
        try:
            shutil.copytree(
                real,
                site,
                copy_function=os.link,
                ignore=shutil.ignore_patterns(
                    "__pycache__", "playwright", "sklearn*", "scipy*", "_virtualenv*", "*editable*"
                ),
            )
        except (OSError, shutil.Error):
            pytest.skip("the environment is on another disk than /tmp")
        shutil.copytree(package_folder(), place / "course" / "skillmap")
        (site / "clone.pth").write_text(f"{place / 'course'}\n")
        yield place


@needs_sandbox
@pytest.mark.slow
def test_a_clone_in_tmp_has_its_libraries_and_no_more(clone: Path) -> None:
    (clone / "course" / "key.yaml").write_text("secret")
    cells = [
        "import papermill, skillmap.stats; skillmap.stats.__file__",
        f"import os; sorted(os.listdir({str(clone)!r})), os.listdir({str(clone / 'course')!r})",
        f"import os; os.statvfs({str(clone / 'course' / 'skillmap')!r}).f_flag & os.ST_RDONLY",
        "open('/tmp/mine', 'w').write('ok')",
    ]
    script = f"""
import skillmap.cohort.engine.host as host
from skillmap.cohort.engine.sandbox import package_folder
assert str(package_folder()).startswith({str(clone)!r}), package_folder()
with host.SandboxEngine() as engine:
    result = engine.execute({cells!r}, {{}})
for cell in result.cells:
    print(cell.status, cell.outputs[0].get("data", {{}}).get("text/plain"),
          cell.outputs[0].get("ename"))
"""
    done = subprocess.run(
        [clone / ".venv" / "bin" / "python", "-c", script],
        capture_output=True, text=True, timeout=200, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("ok ")
    assert str(clone) in lines[0]
    assert lines[1] == "ok (['.venv', 'course'], ['skillmap']) None", "the key is not there"
    assert lines[2] == "ok 1 None", "read-only"
    assert lines[3] == "ok 2 None"
