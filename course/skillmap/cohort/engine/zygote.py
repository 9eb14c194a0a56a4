"""The zygote: a process with the libraries loaded that forks a child for every submission.

It runs inside the sandbox and never runs a line of a submission itself. The engine outside tells
it what to do through one socket: ``spawn`` (with a second socket for the child), ``interrupt``,
``memory`` and ``reap``. Started as ``python -m skillmap.cohort.engine.zygote FD OPTIONS``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from skillmap.cohort.engine import isolation
from skillmap.cohort.engine.isolation import OwnFaultError, readings
from skillmap.cohort.engine.wire import HEADER, receive_exactly, send

__all__ = ["Zygote", "main"]

_LOADED = (
    "numpy",
    "pandas",
    "scipy.special",
    "ipywidgets",
    "yaml",
    "skillmap",
    "skillmap.module",
    "skillmap.widgets",
)
"""Imported before the first fork. One that is missing is left to fail in the learner's cell."""

_PLOTTING = "matplotlib.pyplot"
"""Imported as well, and rehearsed, if anybody plots: it is a third of the time that all takes."""

_REHEARSAL = (
    "import json, math, random, statistics, itertools, collections, datetime, re, textwrap\n"
    "import numpy as np, pandas as pd\n"
    "rng = np.random.default_rng(1)\n"
    "frame = pd.DataFrame({'a': np.repeat(np.arange(5), 4), 'b': rng.gamma(2, 1, 20)})\n"
    "frame['c'] = ['x', 'y'] * 10\nframe.head()",
    "by = frame.groupby('a')['b'].agg(['sum', 'mean', 'count'])\nby.describe()",
    "frame.sort_values('b').reset_index().merge(frame, on='a').query('b_x > 1')\n"
    "frame.pivot_table(index='a', columns='c', values='b')",
    "print(frame['c'].value_counts(), np.percentile(rng.choice(by['sum'], (9, 9)), [10, 90]))",
    "def inner(x):\n    return {}['missing']\ninner(1)",
    "1/0",
    "x = (",
    "nothing",
    "float('one')",
    "frame['missing']",
    "frame.missing",
    "np.ones(2) + np.ones(3)",
    "from IPython.display import HTML, Markdown, display\ndisplay(HTML('<b>b</b>'), Markdown('m'))",
    "async def wait():\n    return 1",
)
"""Cells that are run once, so that formatters and tracebacks are ready in every child."""

_REHEARSED_PLOTS = (
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(1, 2, figsize=(5, 3))\n"
    "ax[0].plot([1, 2], label='one'); ax[0].legend(); ax[0].set_title('t $x$')\n"
    "ax[1].bar(['p', 'q'], [1, 2]); ax[1].set_xlabel('u'); fig.tight_layout()\nplt.show()",
    "by['sum'].plot();",
    "plt.close('all')",
)
"""The same for fonts and figures."""

_LESSON = """import os, skillmap, skillmap.lessons
m = skillmap.open_module({name!r}, learner="rehearsal", answers_dir=os.environ["HOME"])
lesson = skillmap.lessons.lesson(skillmap.ModuleId({name!r})); skillmap.lessons.lesson({name!r})
m
for item in lesson.items:
    m.ask(str(item.id)); m.check(str(item.id))
"""
"""A module opened once, so that its items and pictures are read and drawn before the fork."""


class Zygote:
    """State of the zygote: its shell, its hold on namespaces, its children by number."""

    def __init__(self, control: socket.socket, options: dict[str, Any], program: bytes) -> None:
        self.control, self.options, self.program = control, options, program
        self.shell: Any = None
        self.spaces: isolation.Namespaces | None = None
        self.base_bytes = 0
        self._anonymous = 0

    def prepare(self) -> dict[str, Any]:
        """Load everything, rehearse, and return what the engine wants to know."""
        plots = self.options.get("plots", True)
        missing = _load(self.options.get("load", (*_LOADED, *([_PLOTTING] if plots else ()))))
        if self.options.get("shell", True):
            rehearsal = [*_REHEARSAL, *(_REHEARSED_PLOTS if plots else ())]
            rehearsal += _lessons(self.options.get("lessons"))
            self.shell = _rehearsed_shell(rehearsal if self.options.get("rehearse", True) else [])
        if self.options["nested"]:
            self.spaces = isolation.Namespaces()
        gc.collect()
        gc.freeze()
        status = readings(Path("/proc/self/status").read_text())
        if status["Threads"] != "1":
            raise OwnFaultError(f"{status['Threads']} threads before the fork")
        self.base_bytes = 1024 * int(status["VmSize"].split()[0])
        self._anonymous = 1024 * int(status["RssAnon"].split()[0])
        return {"kind": "ready", "missing": missing, "bytes": self._anonymous}

    def serve(self) -> None:
        """Answer the engine until it closes the socket."""
        child = 0
        while True:
            raw, given, _, _ = socket.recv_fds(self.control, 65536, 1)
            if not raw:
                return
            asked = json.loads(raw)
            try:
                if asked["op"] == "spawn":
                    child = self._spawn(given[0], asked["limits"])
                    answer: dict[str, Any] = {"pid": child}
                elif asked["op"] == "interrupt":
                    os.kill(child, signal.SIGINT)
                    answer = {}
                elif asked["op"] == "memory":
                    answer = {"bytes": self._memory()}
                else:
                    answer, child = _reap(child, self.options["sandboxed"]), 0
            except (OSError, OwnFaultError) as error:
                answer = {"fault": f"{asked['op']}: {error}"}
            finally:
                for number in given:
                    os.close(number)
            self.control.sendall(json.dumps(answer).encode())

    def _spawn(self, descriptor: int, limits: dict[str, Any]) -> int:
        if self.spaces is not None:
            self.spaces.next_child()
        child = os.fork()
        if child:
            return child
        try:
            self._be_child(descriptor, limits)
        finally:
            os._exit(70)

    def _be_child(self, descriptor: int, limits: dict[str, Any]) -> None:
        isolation.die_with_parent()
        with contextlib.suppress(OSError):
            os.setsid()
        line = socket.socket(fileno=os.dup(descriptor))
        _close_others({0, 1, 2, line.fileno()})
        try:
            outputs = _redirect()
            folder = self._isolate(limits)
        except Exception as error:
            send(line, {"kind": "fault", "message": f"{type(error).__name__}: {error}"})
            return
        socket.send_fds(line, [b"R"], [folder])
        os.close(folder)
        _run(self.shell, line, limits, outputs)

    def _isolate(self, limits: dict[str, Any]) -> int:
        if self.options["sandboxed"]:
            return isolation.enter(
                limits,
                self.program,
                nested=self.options["nested"],
                base_bytes=self.base_bytes,
                kept=self.options.get("kept", ()),
            )
        scratch = Path(limits["folder"])
        os.environ["HOME"] = str(scratch / "home")
        os.environ["TMPDIR"] = tempfile.tempdir = str(scratch / "tmp")
        os.chdir(scratch / "work")
        isolation.bound(limits, self.base_bytes, processes=False)
        return os.open(scratch, os.O_PATH | os.O_DIRECTORY)

    def _memory(self) -> int:
        """Bytes of all processes of the submission, less what each shares with the zygote."""
        total = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (1, os.getpid()):
                continue
            with contextlib.suppress(OSError, KeyError, ValueError):
                own = readings((entry / "status").read_text())
                total += max(0, 1024 * int(own["RssAnon"].split()[0]) - self._anonymous)
        return total


def _load(names: list[str] | tuple[str, ...]) -> list[str]:
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    with contextlib.suppress(
        ImportError
    ):  # its progress bars start a watching thread; a fork wants none
        from tqdm import tqdm  # type: ignore[import-untyped]

        tqdm.monitor_interval = 0
    return missing


def _rehearsed_shell(cells: list[str]) -> Any:
    """Run the rehearsal in one shell, put everything back, and return another, untouched one."""
    import asyncio

    from skillmap.cohort.engine import shell as running

    plotting: Any = sys.modules.get("matplotlib")
    settings = plotting.rcParams.copy() if plotting else {}
    streams = sys.stdout, sys.stderr
    running.adopt_widgets()
    running.quicken_tracebacks()
    rehearsal = running.make_shell()
    running.run_cells(rehearsal, cells, lambda _: None, most_bytes=1 << 24)
    asyncio.get_event_loop_policy().get_event_loop().close()
    asyncio.set_event_loop(None)
    sys.stdout, sys.stderr = streams
    rehearsal.reset(new_session=True)
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    widgets = sys.modules.get("ipywidgets.widgets.widget")
    if widgets is not None:
        widgets.Widget.close_all()
    running.CourseShell.clear_instance()
    if plotting or "matplotlib" in sys.modules:  # a lesson may have brought it
        import matplotlib as plotting

        _forget_figures(plotting, settings or plotting.rcParamsOrig)
    return running.make_shell()


def _lessons(wanted: list[str] | None = None) -> list[str]:
    """Return a cell for every module, or every wanted one, whose items are in this library."""
    import skillmap

    folder = Path(next(iter(skillmap.__path__))) / "lessons"
    found = [path.parent.name.replace("_", "-") for path in sorted(folder.glob("*/items.yaml"))]
    return [_LESSON.format(name=name) for name in found if wanted is None or name in wanted]


def _forget_figures(plotting: Any, settings: Any) -> None:
    """Leave matplotlib as freshly imported: the first figure connects it to the shell, as ever."""
    from matplotlib import pyplot
    from matplotlib_inline.config import InlineBackend

    pyplot.close("all")
    plotting.interactive(False)
    plotting.rcParams.update(settings)
    pyplot._backend_mod = None
    InlineBackend.clear_instance()
    sys.modules.pop("matplotlib_inline.backend_inline", None)


def _close_others(kept: set[int]) -> None:
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if number not in kept:
            with contextlib.suppress(OSError):
                os.close(number)


def _redirect() -> tuple[int, int]:
    """Point descriptors 1 and 2 at files in memory, so that no write there goes anywhere else."""
    made = os.memfd_create("stdout"), os.memfd_create("stderr")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(made[0], 1)
    os.dup2(made[1], 2)
    return made


def _run(shell: Any, line: socket.socket, limits: dict[str, Any], outputs: tuple[int, int]) -> None:
    """Take the job, then run it. From the first cell on this process is not ours any more."""
    size = HEADER.unpack(receive_exactly(line, HEADER.size))[0]
    job = json.loads(receive_exactly(line, size))
    for name, length in job["files"]:
        target = Path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(receive_exactly(line, length))
    if shell is None:  # a probe of the layers
        from skillmap.cohort.engine.probe import findings

        send(line, {"kind": "findings", "found": findings()})
        send(line, {"kind": "done"})
        return
    os.environ.update(job["environment"])
    sys.path.insert(0, "")
    _reseed()
    gc.enable()
    from skillmap.cohort.engine import shell as running

    def tell(message: dict[str, Any]) -> None:
        send(line, message)

    running.run_cells(
        shell, job["cells"], tell, most_bytes=int(limits["output_bytes"]), descriptors=outputs
    )
    send(line, {"kind": "done", "widgets": running.widget_state()})


def _reseed() -> None:
    """Children of one zygote must not share their chance."""
    import random

    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _reap(child: int, sandboxed: bool) -> dict[str, Any]:
    """End a child with all its processes and say how much it used."""
    if not child:
        return {"fault": "reap: there is no child"}
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if not sandboxed:
            os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    return {
        "status": status,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * 1024,
    }


def main() -> None:
    """Prepare, say so, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[2])
    program = bytes.fromhex(options.pop("program"))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    zygote = Zygote(control, options, program)
    try:
        ready = zygote.prepare()
    except Exception as error:
        ready = {"kind": "fault", "message": f"{type(error).__name__}: {error}"}
    control.sendall(json.dumps(ready).encode())
    if ready["kind"] == "ready":
        with contextlib.suppress(KeyboardInterrupt, ConnectionError):
            zygote.serve()


if __name__ == "__main__":
    main()
