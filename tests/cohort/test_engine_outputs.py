"""The engine's outputs beside those of an ordinary kernel, cell for cell."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from skillmap.cohort.engine import SandboxEngine, layers

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # jupyter_client and zmq warn about loops and sockets
]

NOTEBOOKS = {
    "text": ["print('a')\nprint('b')", "'last'", "x = 3; x", "None", "x;", "print('a', end='')"],
    "html": [
        "from IPython.display import HTML, Markdown, display, JSON\nHTML('<b>x</b>')",
        "display(Markdown('# t'))",
        "display(1, 'two')",
        "JSON({'a': [1, {'b': None}]})",
        "display({'text/plain': 'q'}, raw=True)",
        "class R:\n    def _repr_html_(self): return '<i>r</i>'\nR()",
    ],
    "pandas": [
        "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
        "pd.Series([1.5, 2])",
        "pd.DataFrame({'a': [1]}).style",
        "pd.DataFrame({'a': [1]})['b']",
    ],
    "inline figures": [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 3])",
        "fig, ax = plt.subplots(figsize=(3, 2)); ax.bar(['a', 'b'], [1, 2]); fig",
        "plt.plot([1]); plt.show(); print('after')",
        "fig",
    ],
    "figures without the magic": [
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 2)); plt.plot([1, 2]);",
        "from matplotlib.figure import Figure\nf = Figure(figsize=(2, 1)); f.subplots(); f",
    ],
    "errors": [
        "1/0",
        "def f(x):\n    return g(x)\ndef g(x):\n    raise ValueError('bad ' + str(x))\nf(3)",
        "print('still')",
        "x = (",
        "raise KeyError('k') from ValueError('v')",
        "undefined",
        "import sys; sys.exit(3)",
        "assert 1 == 2, 'no'",
        "class B:\n    def __repr__(self): raise TypeError('r')\nB()",
    ],
    "streams": [
        "import sys\nprint('o1'); print('e1', file=sys.stderr); print('o2')",
        "sys.stdout.write('x'); 5",
        "import warnings; warnings.warn('careful')",
    ],
    "display handles": [
        "h = display('first', display_id='me')",
        "h.update('second')",
        "from IPython.display import update_display\nupdate_display('third', display_id='me')\n1",
        "d = display(display_id=True); d.display('x'); d.update('y')",
    ],
    "clear output": [
        "from IPython.display import clear_output\nprint('a'); clear_output(); print('b')",
        "print('a'); clear_output(wait=True); print('b')",
        "print('gone'); clear_output()",
    ],
    "magics": [
        "%%capture c\nprint('hid')",
        "c.stdout",
        "%whos",
        "%%writefile f.txt\nhello",
        "y = !echo got\ny",
        "%nosuchmagic",
        "%history -n 1-2",
        "_, __, In[0], Out",
    ],
    "await": [
        "import asyncio\nawait asyncio.sleep(0.01)\n7",
        "async def f():\n    return 8\nawait f()",
        "t = asyncio.create_task(f())",
        "await t",
        "async def bad():\n    1/0\nawait bad()",
        "asyncio.get_running_loop() is not None",
    ],
    "threads": [
        "import threading\n"
        "t = threading.Thread(target=lambda: print('from thread')); t.start(); t.join()",
        "print('end')",
    ],
    "widgets": [
        "import ipywidgets as w\ns = w.IntSlider(value=3); s",
        "out = w.Output(); display(out)\nwith out:\n    print('inside'); display(4)",
        "s.value = 7",
        "panel = w.interactive(lambda x: print('got', x), x=5); panel",
        "with out:\n    1/0",
        "out.clear_output()",
    ],
}


@pytest.fixture(scope="module")
def engine() -> Iterator[SandboxEngine]:
    complete = all(layer.present for layer in layers() if layer.required)
    with SandboxEngine(sandboxed=complete) as made:
        yield made


def by_kernel(cells: list[str], folder: Path) -> Any:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    logging.disable(logging.WARNING)
    try:
        NotebookClient(
            notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        ).execute()
    finally:
        logging.disable(logging.NOTSET)
    return notebook


def comparable(outputs: Any) -> str:
    """Outputs as text: streams joined by name, identities and cell file names made equal."""
    joined: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in json.loads(json.dumps(outputs)):
        if output["output_type"] != "stream":
            joined.append(output)
        elif output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
        else:
            streams[output["name"]] = output
            joined.append(output)
    text = json.dumps(joined, sort_keys=True, indent=1)
    for pattern, name in (
        (r"\b[0-9a-f]{32}\b", "ID"),
        (r"0x[0-9a-f]+", "0x0"),
        (r"/tmp/ipykernel_\d+/", ""),
        (r"\b\d{5,}\.py", "CELL.py"),
        (r"T_[0-9a-f]{5}", "T_ID"),
        (r"Output\(.*", "Output"),  # the state behind a repr arrives there at another moment
    ):
        text = re.sub(pattern, name, text)
    return text


def state(widgets: Any) -> list[str]:
    models = (widgets or {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    return sorted(
        re.sub(r"[0-9a-f]{32}", "ID", json.dumps([m["model_name"], m["state"]], sort_keys=True))
        for m in models.values()
    )


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_outputs_are_those_of_a_kernel(
    engine: SandboxEngine, cells: list[str], tmp_path: Path
) -> None:
    theirs = by_kernel(cells, tmp_path)
    ours = engine.execute(cells)
    assert ours.ended == "done", ours.problems
    for source, cell, ran in zip(cells, theirs.cells, ours.cells, strict=True):
        assert comparable(ran.outputs) == comparable(cell.outputs), source
        assert ran.execution_count == cell.execution_count, source
        if ran.status == "ok":
            assert not any(o.output_type == "error" for o in cell.outputs), source
    assert state(ours.widgets) == state(theirs.metadata.get("widgets"))


COURSE = sorted((Path(__file__).parents[2] / "release").glob("*/*.ipynb"))


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_the_courses_notebooks_look_the_same(
    engine: SandboxEngine, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMAP_STATIC", "1")
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    notebook = nbformat.read(path, 4)
    cells = [
        cell.source.replace('learner = ""', 'learner = "ada"')
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    theirs = by_kernel(cells, tmp_path)
    ours = engine.execute(cells, wanted=["answers.json"])
    assert ours.ended == "done", ours.problems
    for source, cell, ran in zip(cells, theirs.cells, ours.cells, strict=True):
        assert comparable(ran.outputs) == comparable(cell.outputs), source
    left = tmp_path / "answers.json"
    assert ("answers.json" in ours.files) == left.exists()


def test_cells_that_want_a_person_fail_in_words(engine: SandboxEngine) -> None:
    ran = engine.execute(["input('? ')", "import getpass; getpass.getpass()", "print('on')"]).cells
    assert [cell.status for cell in ran] == ["error", "error", "ok"]
    assert {cell.outputs[0]["ename"] for cell in ran[:2]} == {"StdinNotImplementedError"}


def test_output_of_subprocesses_stands_where_it_was_written(engine: SandboxEngine) -> None:
    cell = "import os, sys\nprint('a'); os.system('echo b'); print('c', file=sys.stderr)\n!echo d"
    (ran,) = engine.execute([cell]).cells
    texts = [(o["name"], o["text"]) for o in ran.outputs]
    assert texts == [("stdout", "a\nb\n"), ("stderr", "c\n"), ("stdout", "d\n")]


def test_exit_ends_the_notebook(engine: SandboxEngine) -> None:
    result = engine.execute(["print(1)", "exit()", "print(2)"])
    assert [cell.status for cell in result.cells] == ["ok", "ok", "not run"]
    assert "exit" in result.problems[0]


def test_a_slow_cell_is_interrupted_and_the_rest_runs(engine: SandboxEngine) -> None:
    from skillmap.cohort.engine import Limits

    for slow in ("import time; time.sleep(9)", "import asyncio; await asyncio.sleep(9)"):
        result = engine.execute([slow, "print('on')"], limits=Limits(cell_seconds=0.5))
        assert result.ended == "done"
        assert [cell.status for cell in result.cells] == ["timeout", "ok"]
        assert result.cells[0].outputs[-1]["ename"] == "CellTimeout"


def test_two_submissions_do_not_share_their_chance(engine: SandboxEngine) -> None:
    code = "import random, numpy, uuid\nprint(random.random(), numpy.random.rand(), uuid.uuid4())"
    first, second = (engine.execute([code]).cells[0].outputs[0]["text"] for _ in range(2))
    assert not set(first.split()) & set(second.split())


def test_a_submission_starts_from_nothing(engine: SandboxEngine) -> None:
    names = "print([n for n in ('plt', 'frame', 'np', 'inner', 'x') if n in globals()], _, Out)"
    (ran,) = engine.execute([names]).cells
    assert ran.outputs[0]["text"] == "[]  {}\n"
    assert ran.execution_count == 1
