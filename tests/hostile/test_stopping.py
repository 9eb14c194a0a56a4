"""Hand-ins that would stop the run, and hand-ins that are merely broken.

What was earned before counts where that is possible, a clear line says what happened, and the
others lose nothing. ``EARNED`` is worth 10 by the saved sheet and 5 by a cell that computes.
"""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tests.hostile.cohort import HONEST, MODULE, RIGHT, Hostile, Place, graded_cohort
from tests.hostile.judge import grade_is_fair, nothing_came_of_it

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.hostile.cohort import Cohort

EARNED: dict[str, Any] = {
    "sheet": {"es.e1.calls": RIGHT},
    "plain": {"es-e2-answer": 'answer("es.e2.model", "heron")'},
    "worth": (10, 5, 0),
}


def last(name: str, does: str, code: str, says: str, **more: Any) -> Hostile:
    """An attack in the last cell, after everything was earned."""
    return Hostile(name, does, cells={"es-w1-answer": code}, says=says, **{**EARNED, **more})


def first(name: str, does: str, code: str, says: str, **more: Any) -> Hostile:
    """An attack in the first cell, so that what a later cell computes never comes about."""
    lost = {"worth": (10, 0, 0), "twin": (10, 5, 0)}
    return Hostile(name, does, code, says=says, **{**EARNED, **lost, **more})


def handed(name: str, does: str, place: Any = None, **more: Any) -> Hostile:
    """A hand-in whose files are the attack."""
    return Hostile(name, does, place=place, **{**EARNED, **more})


# what runs


def sleeping(seconds: int) -> str:
    return f"import time; time.sleep({seconds})"


DEEP_C = """import sys
sys.setrecursionlimit(10**9)
def deep(n): return deep(n + 1) + 1
deep(0)"""

FORKS = """import os, time
while True:
    try: os.fork()
    except OSError: time.sleep(0.01)"""

THREADS = """import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    except RuntimeError: break
print("no more threads")"""

FLOOD = """import os
block = b"x" * 2**20
for _ in range(500):
    os.write(1, block)"""

LINE = """import os, stat
lines = []
for n in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(n).st_mode): lines.append(n)
    except OSError: pass
"""

BOMB_REPR = """class Slow:
    def __repr__(self):
        while True: pass
Slow()"""

BOMB_ERROR = """class Bad(Exception):
    def __str__(self): raise Bad()
    __repr__ = __str__
raise Bad()"""

NESTED_OUTPUT = """deep = []
for _ in range(10**4): deep = [deep]
display({"application/json": deep, "text/plain": "deep"}, raw=True)
print("shown")"""

SHELL_BROKEN = """ip = get_ipython()
ip.run_cell = ip.run_cell_async = ip.transform_cell = None
import builtins
builtins.print = builtins.len = builtins.str = None"""

# what is handed in


def cells_of(folder: Path) -> tuple[Path, dict[str, Any]]:
    path = folder / f"{MODULE}.ipynb"
    return path, json.loads(path.read_text())


def id_of(cell: Any) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def rewriting(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path, Place], None]:
    def place(folder: Path, _: Place) -> None:
        path, book = cells_of(folder)
        changed = change(book)
        path.write_text(json.dumps(book if changed is None else changed))

    return place


def doubled(book: dict[str, Any]) -> None:
    book["cells"] = [cell for cell in book["cells"] for _ in range(2)]


def doubled_differently(book: dict[str, Any]) -> None:
    mine = next(c for c in book["cells"] if id_of(c) == "es-e2-answer")
    book["cells"].append({**mine, "source": "1/0"})


def deleted(book: dict[str, Any]) -> None:
    book["cells"] = [c for c in book["cells"] if id_of(c) not in ("es-e2-answer", "es-e1", "es-w1")]


def reordered(book: dict[str, Any]) -> None:
    book["cells"].reverse()


def renamed(book: dict[str, Any]) -> None:
    for cell in book["cells"]:
        if id_of(cell):
            cell["metadata"]["nbgrader"]["grade_id"] += "-copy"


def no_metadata(book: dict[str, Any]) -> None:
    for cell in book["cells"]:
        cell["metadata"] = {}


def odd_shapes(book: dict[str, Any]) -> None:
    book["cells"][:0] = [None, 5, "x", [], {}, {"metadata": None}, {"metadata": {"nbgrader": [1]}}]
    book["cells"].append({"metadata": {"nbgrader": {"grade_id": {"a": 1}}}, "source": {"a": 1}})
    book["cells"].append({"metadata": {"nbgrader": {"grade_id": "es-w1-answer"}}, "source": 5})
    book["metadata"] = book["nbformat"] = None


def a_million_cells(book: dict[str, Any]) -> None:
    book["cells"] += [{}] * 10**6


def huge_cell(book: dict[str, Any]) -> None:
    for cell in book["cells"]:
        if id_of(cell) == "es-w1-answer":
            cell["source"] = "x = '" + "y" * 200_000 + "'"


def attachment(megabytes: int) -> Callable[[dict[str, Any]], None]:
    def change(book: dict[str, Any]) -> None:
        book["cells"][0]["attachments"] = {"x.png": {"image/png": "A" * megabytes * 2**20}}

    return change


def format_3(book: dict[str, Any]) -> dict[str, Any]:
    """The notebook as IPython 2 wrote it: worksheets, ``input`` instead of ``source``."""
    cells = []
    for cell in book["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {"input": cell["source"], "language": "python", "outputs": []}
        else:
            old["source"] = cell["source"]
        cells.append(old)
    worksheets = [{"cells": cells, "metadata": {}}]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": worksheets}


def format_4_5(book: dict[str, Any]) -> None:
    book["nbformat"], book["nbformat_minor"] = 4, 5
    for n, cell in enumerate(book["cells"]):
        cell["id"] = "same" if n % 2 else "x" * 100


def format_4_0(book: dict[str, Any]) -> None:
    book["nbformat_minor"] = 0
    for cell in book["cells"]:
        cell.pop("id", None)


def format_99(book: dict[str, Any]) -> None:
    book["nbformat"], book["nbformat_minor"] = 99, "x"


def content(data: bytes) -> Callable[[Path, Place], None]:
    def place(folder: Path, _: Place) -> None:
        (folder / f"{MODULE}.ipynb").write_bytes(data)

    return place


def broken_in_the_middle(folder: Path, _: Place) -> None:
    path = folder / f"{MODULE}.ipynb"
    path.write_bytes(path.read_bytes()[:1500])


def two_hundred_megabytes(folder: Path, _: Place) -> None:
    with (folder / f"{MODULE}.ipynb").open("r+b") as file:
        file.truncate(200 * 2**20)


def second_notebook(folder: Path, _: Place) -> None:
    (folder / "Untitled.ipynb").write_text("{}")
    (folder / "estimation-Copy1.ipynb").write_text('{"cells": []}')


def many_files(folder: Path, _: Place) -> None:
    for n in range(2000):
        (folder / f"{n}.txt").write_text("x")
    (folder / "deep").mkdir()
    inner = folder / "deep"
    for _ in range(60):
        inner = inner / "d"
        inner.mkdir()


def huge_file(folder: Path, _: Place) -> None:
    with (folder / "data.bin").open("wb") as file:
        file.truncate(2**33)


def emptied(folder: Path, _: Place) -> None:
    for path in folder.iterdir():
        path.unlink()


def instead(name: str, make: Callable[[Path], object]) -> Callable[[Path, Place], None]:
    """Put something that is no plain file in the place of a file."""

    def place(folder: Path, _: Place) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return place


def a_socket(path: Path) -> None:
    before = os.getcwd()  # noqa: PTH109
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def a_device(path: Path) -> None:
    """A device where the account may make one, else what also reads without end."""
    try:
        os.mknod(path, 0o20666, os.makedev(1, 5))
    except OSError:
        path.symlink_to("/dev/zero")


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def sheet_bytes(data: bytes) -> Callable[[dict[str, Any], str], bytes]:
    return lambda *_: data


def cut(data: dict[str, Any], student: str) -> bytes:
    data["answers"]["es.e2.model"] = {"value": "heron"}
    data["answers"]["es.w1.text"] = {"value": "words that stop"}
    return json.dumps(data).encode()[:-25]


def nested_value(data: dict[str, Any], _: str) -> bytes:
    raw = json.dumps({**data, "answers": {**data["answers"], "es.e2.model": {"value": "@"}}})
    return raw.replace('"@"', "[" * 50_000 + "]" * 50_000).encode()


def odd_stamp(text: str) -> Callable[[Path, Place], None]:
    def place(folder: Path, _: Place) -> None:
        (folder / "timestamp.txt").write_text(text)

    return place


LOST: dict[str, Any] = {"worth": (10, 0, 0), "twin": (10, 5, 0)}
NO_SHEET: dict[str, Any] = {"worth": (0, 5, 0), "twin": (10, 5, 0)}

RUNS = (
    last("sleeps", "sleeps for an hour", sleeping(3600), "es-w1-answer stopped with CellTimeout"),
    first(
        "sleeps first",
        "sleeps before a cell that computes",
        sleeping(3600),
        "es-e1-answer stopped with CellTimeout",
        worth=(10, 5, 0),
        twin=(10, 5, 0),
    ),
    first(
        "ignores the interrupt",
        "loops with the interrupt ignored",
        "import signal\nsignal.signal(2, signal.SIG_IGN)\nwhile 1: pass",
        "used up its time",
    ),
    first(
        "swallows the interrupt",
        "loops and catches everything",
        "import time\nwhile 1:\n    try:\n        while 1: time.sleep(0.01)\n"
        "    except BaseException: pass",
        "used up its time",
    ),
    last(
        "hangs in C code",
        "hangs in a regular expression",
        "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')",
        "es-w1-answer stopped with CellTimeout",
    ),
    last(
        "hangs while it is shown",
        "hangs in __repr__",
        BOMB_REPR,
        "es-w1-answer stopped with CellTimeout",
    ),
    last(
        "stops the clock",
        "patches the clocks and sleeps",
        "import time\ntime.monotonic = time.perf_counter = time.time = lambda: 0\nwhile 1: pass",
        "es-w1-answer stopped with CellTimeout",
    ),
    last("fork bomb", "forks without end", FORKS, "es-w1-answer stopped with"),
    last("threads", "starts threads without end", THREADS, "", shows="no more threads"),
    last(
        "eats memory",
        "appends without end",
        "x = []\nwhile 1: x.append(bytes(10**7))",
        "es-w1-answer stopped with MemoryError",
    ),
    last(
        "eats memory in other processes",
        "forks, and each takes memory",
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        x = bytearray(600 * 2**20); time.sleep(60)\ntime.sleep(60)",
        "es-w1-answer stopped with",
    ),
    last(
        "prints 500 MB",
        "prints 500 MB",
        "for _ in range(500): print('x' * 2**20)",
        "",
        shows="cut off",
    ),
    last("floods standard output", "writes 500 MB below Python", FLOOD, "es-w1-answer stopped"),
    last(
        "prints for ever",
        "prints short lines without end",
        "while 1: print('x' * 100)",
        "es-w1-answer stopped with CellTimeout",
    ),
    last("shows 100 MB", "shows 100 MB of HTML",
         "display({'text/html': 'x' * 10**8}, raw=True)", "", shows="cut off"),
    last("nested output", "shows a list 10,000 deep", NESTED_OUTPUT, "", shows="shown"),
    first("exits", "calls exit", "exit()", "kernel stopped"),
    last("exits late", "calls exit at the end", "exit()", "kernel stopped"),
    first("system exit", "raises SystemExit", "raise SystemExit(0)", "SystemExit",
          worth=(10, 5, 0), twin=(10, 5, 0)),
    first("ends at once", "calls os._exit", "import os; os._exit(0)", "kernel stopped"),
    last("ends at once, late", "calls os._exit at the end", "import os; os._exit(0)", "RunEnded"),
    last("kills itself", "sends itself SIGKILL", "import os; os.kill(os.getpid(), 9)", ""),
    last("crashes", "reads address 0", "import ctypes; ctypes.string_at(0)", "RunEnded"),
    last("aborts", "calls abort", "import os; os.abort()", "RunEnded"),
    last("stops itself", "sends itself SIGSTOP", "import os; os.kill(os.getpid(), 19)\n"
         "import time; time.sleep(60)", "es-w1-answer stopped with"),
    last("recursion", "recurses without end", "def f(): f()\nf()", "RecursionError"),
    last("recursion in C", "recurses past every limit", DEEP_C, "es-w1-answer stopped with"),
    last("error in an error", "raises an error that cannot be shown", BOMB_ERROR, "es-w1-answer"),
    last("interrupts itself", "raises KeyboardInterrupt", "raise KeyboardInterrupt", "KeyboardInt"),
    last("closes the line", "closes every descriptor",
         "import os; os.closerange(3, 256)", "es-w1-answer"),
    last("garbles the line", "writes noise to the engine",
         LINE + "os.write(min(lines), b'\\xff' * 1000)", "es-w1-answer"),
    last("floods the line", "writes noise to the engine without end",
         LINE + "while 1: os.write(min(lines), b'x' * 10**6)", "es-w1-answer"),
    last("own fault", "says that the fault is the engine's",
         LINE + "raw = b'{\"kind\":\"fault\",\"message\":\"grader!\"}'\n"
         "os.write(min(lines), len(raw).to_bytes(4) + raw)", "es-w1-answer"),
    first("breaks the shell", "takes the shell apart", SHELL_BROKEN, "stopped"),
    last("stops the loop", "stops the event loop",
         "import asyncio; asyncio.get_event_loop().stop()", ""),
)  # fmt: skip

FILES = (
    handed("doubled cells", "has every cell twice", rewriting(doubled)),
    handed("doubled with another content", "has one cell twice, the second broken",
           rewriting(doubled_differently), says="with different content; the last counts", **LOST),
    handed("deleted cells", "deleted cells, grade cells too", rewriting(deleted),
           says="es-e2-answer missing from the notebook", **LOST),
    handed("reordered cells", "has its cells in reverse", rewriting(reordered)),
    handed("renamed cells", "renamed every cell", rewriting(renamed), says="missing from the",
           **LOST),
    handed("no metadata", "removed all metadata", rewriting(no_metadata), says="missing from the",
           **LOST),
    handed("odd shapes", "has numbers and lists for cells", rewriting(odd_shapes),
           says="es-w1-answer: its content is not text"),
    handed("a million cells", "adds a million cells", rewriting(a_million_cells)),
    handed("huge cell", "has 200,000 characters in a cell", rewriting(huge_cell),
           says="at most 100,000 are read"),
    handed("attachment of 15 MB", "attaches 15 MB", rewriting(attachment(15))),
    handed("attachment of 100 MB", "attaches 100 MB", rewriting(attachment(100)),
           says="estimation.ipynb is larger than 20 MiB", **LOST),
    handed("200 MB", "is 200 MB long", two_hundred_megabytes,
           says="estimation.ipynb is larger than 20 MiB", **LOST),
    handed("format 3", "is a notebook of format 3", rewriting(format_3)),
    handed("format 4.5", "is of format 4.5, with ids that clash", rewriting(format_4_5)),
    handed("format 4.0", "is of format 4.0, without ids", rewriting(format_4_0)),
    handed("format 99", "says that it is of format 99", rewriting(format_99)),
    handed("broken notebook", "ends in the middle", broken_in_the_middle,
           says="The notebook is damaged", **LOST),
    handed("nested notebook", "is 100,000 lists deep", content(b'{"cells": ' + b"[" * 10**5),
           says="nested too deeply", **LOST),
    handed("notebook of brackets", "is 10 MB of empty lists",
           content(b'{"cells": [' + b"[]," * 3 * 10**6 + b"[]]}"), says="missing from", **LOST),
    handed("empty notebook", "has no bytes", content(b""), says="is damaged", **LOST),
    handed("notebook of zeros", "is a million zero bytes", content(bytes(10**6)),
           says="is damaged", **LOST),
    handed("utf-16 notebook", "is UTF-16", content("\ufeff{}".encode("utf-16")),
           says="is not text that JSON allows", **LOST),
    handed("huge number in the notebook", "has a number of 10,000 digits",
           content(b'{"cells": [], "nbformat": ' + b"9" * 10**4 + b"}"), says="is damaged", **LOST),
    handed("a list for a notebook", "is a JSON list", content(b"[1, 2]"), says="no list of cells",
           **LOST),
    handed("second notebook", "brings two more notebooks", second_notebook),
    handed("2,000 files", "brings 2,000 files and deep folders", many_files),
    handed("huge file", "brings a file of 8 GB", huge_file),
    handed("notebook is a folder", "has a folder for a notebook",
           instead(f"{MODULE}.ipynb", lambda p: p.mkdir()), says="Is a directory", **LOST),
    handed("notebook is a pipe", "has a pipe for a notebook",
           instead(f"{MODULE}.ipynb", os.mkfifo), says="not an ordinary file", **LOST),
    handed("notebook is a device", "has a device for a notebook",
           instead(f"{MODULE}.ipynb", a_device), says="estimation.ipynb", **LOST),
    handed("notebook links to itself", "is a link to itself",
           instead(f"{MODULE}.ipynb", a_loop), says="is a link", **LOST),
    handed("sheet is a folder", "has a folder for a sheet",
           instead("answers.json", lambda p: p.mkdir()), says="Is a directory", **NO_SHEET),
    handed("sheet is a pipe", "has a pipe for a sheet", instead("answers.json", os.mkfifo),
           says="not an ordinary file", **NO_SHEET),
    handed("sheet is a socket", "has a socket for a sheet", instead("answers.json", a_socket),
           says="answers.json", **NO_SHEET),
    handed("time stamp is a pipe", "has a pipe for a time stamp",
           instead("timestamp.txt", os.mkfifo)),
    handed("odd time stamp", "was handed in on the 99th", odd_stamp("2026-99-99 \x1b[2J <b>"),
           says="is not a time"),
    handed("year 9999", "was handed in in 9999", odd_stamp("9999-12-31 23:59:59")),
    handed("broken sheet", "has a sheet that ends in the middle", forged=cut,
           says="could still be read and count"),
    handed("nested sheet", "has a sheet 50,000 lists deep", forged=nested_value,
           says="nested too deeply"),
    handed("sheet of brackets", "has a megabyte of brackets for a sheet",
           forged=sheet_bytes(b"[" * 2**20), says="answers.json", **NO_SHEET),
    handed("sheet of zeros", "has zero bytes for a sheet", forged=sheet_bytes(bytes(1000)),
           says="is not JSON", **NO_SHEET),
    handed("sheet too large", "has a sheet of 2 MB",
           forged=sheet_bytes(b'{"format": 1}' + b" " * 2**21), says="larger than 1 MiB",
           **NO_SHEET),
    handed("empty folder", "is an empty folder", emptied, says="There is no estimation.ipynb",
           worth=(0, 0, 0), twin=(10, 5, 0)),
)  # fmt: skip

ATTACKS = (*RUNS, *FILES)


@pytest.fixture(scope="module")
def graded() -> Iterator[Cohort]:
    yield from graded_cohort(ATTACKS, cell_seconds=2.0, total_seconds=8.0)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_points_already_earned_count(graded: Cohort, attack: Hostile) -> None:
    grade_is_fair(graded.seen(attack))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_comes_of_it(graded: Cohort, attack: Hostile) -> None:
    nothing_came_of_it(graded.seen(attack))


def test_nobody_was_put_back_and_the_run_came_to_its_end(graded: Cohort) -> None:
    states = {row.student: row.state for row in graded.rows.values() if row.student != HONEST}
    assert set(states.values()) == {"graded"}
    assert len(states) == len(ATTACKS) + len(set(graded.twins.values()))
    assert graded.seconds < 150


def test_what_is_kept_is_bounded(graded: Cohort) -> None:
    for path in (graded.course.root / "autograded").rglob("*"):
        assert path.stat().st_size < 2**23, path
