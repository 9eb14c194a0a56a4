"""Runs a notebook's cells in an IPython shell and keeps the outputs as nbformat wants them.

The same as an ordinary kernel for what a notebook shows: streams, results, displays and their
updates, figures, tracebacks, widgets with their state. There is no ZMQ, no kernel and no thread.
"""

from __future__ import annotations

import asyncio
import binascii
import builtins
import getpass
import inspect
import io
import os
import signal
import subprocess
import sys
import threading
import time
import types
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from IPython.core.autocall import ExitAutocall
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type, default
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Collector", "CourseShell", "make_shell", "run_cells"]

_CUT = "… the rest of this output was cut off: it was longer than a notebook may keep\n"


class Collector:
    """Outputs of the cells, each a dictionary of nbformat 4, within a bound on their size."""

    def __init__(self, most_bytes: int) -> None:
        self.cells: dict[int, list[dict[str, Any]]] = {}
        self.changed: set[int] = set()
        self.now = 0
        self._left = most_bytes
        self._clear_next = False
        self._shown: dict[str, list[dict[str, Any]]] = {}
        self._sinks: list[list[dict[str, Any]]] = []
        self._lock = threading.RLock()
        self._cut: set[int] = set()
        self._descriptors: tuple[int, ...] = ()
        self._read = [0, 0]

    def watch(self, descriptors: tuple[int, ...]) -> None:
        """Add what subprocesses and C code write into these files, standard output and error."""
        self._descriptors = descriptors

    def drain(self) -> None:
        """Take in what has been written to the watched files since the last look."""
        for k, number in enumerate(self._descriptors):
            text = _new_text(number, self._read[k])
            if text:
                self._read[k] += len(text)
                self._stream(("stdout", "stderr")[k], text.decode("utf-8", "replace"))

    def begin(self, index: int) -> None:
        """Take outputs for cell ``index`` from now on."""
        with self._lock:
            self.now, self.cells[index], self._clear_next = index, [], False
            self._sinks.clear()

    @contextmanager
    def into(self, sink: list[dict[str, Any]]) -> Iterator[None]:
        """Take outputs into ``sink``, as an Output widget does."""
        self._sinks.append(sink)
        try:
            yield
        finally:
            if sink in self._sinks:
                self._sinks.remove(sink)

    def _target(self) -> list[dict[str, Any]]:
        target = self._sinks[-1] if self._sinks else self.cells.setdefault(self.now, [])
        if self._clear_next:
            target.clear()
            self._clear_next = False
        return target

    def _room(self, size: int) -> bool:
        self._left -= size
        return self._left >= 0

    def stream(self, name: str, text: str) -> None:
        """Add text to the stream ``stdout`` or ``stderr``."""
        if text:
            with self._lock:
                self.drain()
                self._stream(name, text)

    def _stream(self, name: str, text: str) -> None:
        target = self._target()
        if not self._room(len(text)):
            if self.now in self._cut:
                return
            self._cut.add(self.now)
            kept = max(0, len(text) + self._left)
            text = text[:kept] + "\n" * bool(kept) + _CUT
            self._left = 0
        last = target[-1] if target else None
        if last and last["output_type"] == "stream" and last["name"] == name:
            last["parts"].append(text)
        else:
            target.append({"output_type": "stream", "name": name, "parts": [text]})

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Add a result, display or error."""
        with self._lock:
            self.drain()
            if not self._room(_size(output)):
                self._stream("stderr", _CUT)
                return
            self._target().append(output)
            if display_id:
                self._shown.setdefault(display_id, []).append(output)

    def update(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Change every display with this id, in whichever cell it stands."""
        with self._lock:
            if not self._room(_size(data)):
                return
            for output in self._shown.get(display_id, ()):
                output["data"], output["metadata"] = data, metadata
                for index, outputs in self.cells.items():
                    if any(output is one for one in outputs):
                        self.changed.add(index)

    def clear(self, wait: bool) -> None:
        """Clear the current outputs, at once or when the next one comes."""
        with self._lock:
            self.drain()
            if wait:
                self._clear_next = True
            else:
                self._target().clear()

    def failed(self, index: int) -> bool:
        """Whether a cell shows an error, one while showing its value included."""
        return any(one["output_type"] == "error" for one in self.cells.get(index, ()))

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return a cell's outputs as plain nbformat data."""
        with self._lock:
            return plain(self.cells.get(index, []))


def plain(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the parts of streams."""
    return [
        {"output_type": "stream", "name": one["name"], "text": "".join(one["parts"])}
        if "parts" in one
        else one
        for one in outputs
    ]


def _size(value: Any) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(k) + _size(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    return 8


def _jsonable(data: dict[str, Any]) -> dict[str, Any]:
    """Bytes become base64, other values pass if JSON has them and become text if not."""
    return {str(kind): _clean(value) for kind, value in data.items()}


def _clean(value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return binascii.b2a_base64(value, newline=False).decode("ascii")
    if depth < 50 and isinstance(value, dict):
        return {str(k): _clean(v, depth + 1) for k, v in value.items()}
    if depth < 50 and isinstance(value, list | tuple):
        return [_clean(v, depth + 1) for v in value]
    return repr(value)[:1000]


class _Stream(io.TextIOBase):
    """Standard output or error of a notebook."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, name: str, collector: Collector) -> None:
        self.name, self._collector = f"<{name}>", collector
        self._stream, self._number = name, 1 if name == "stdout" else 2

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._collector.stream(self._stream, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number


class _Hook(DisplayHook):  # type: ignore[misc]
    """The value of a cell's last line."""

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        if format_dict:
            self.shell.collector.add(
                {
                    "output_type": "execute_result",
                    "data": _jsonable(format_dict),
                    "metadata": _jsonable(md_dict or {}),
                    "execution_count": self.prompt_count,
                }
            )

    def finish_displayhook(self) -> None:
        pass


class _Publisher(DisplayPublisher):  # type: ignore[misc]
    """What ``display`` shows."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *_: Any,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        display_id = (transient or {}).get("display_id")
        body, notes = _jsonable(data), _jsonable(metadata or {})
        if update:
            if display_id:
                self.shell.collector.update(display_id, body, notes)
            return
        self.shell.collector.add(
            {"output_type": "display_data", "data": body, "metadata": notes}, display_id
        )

    def clear_output(self, wait: bool = False) -> None:
        self.shell.collector.clear(wait)


class _Exit(ExitAutocall):  # type: ignore[misc]
    """``exit`` and ``quit``: the run ends after this cell, as a kernel's would."""

    def __call__(self, keep_kernel: bool = False) -> None:
        if not keep_kernel:
            self._ip.ask_exit()


class _Compiler(CachingCompiler):  # type: ignore[misc]
    """Names a cell as a kernel does: a file that is not there. Tracebacks look the same then."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"/tmp/ipykernel_{os.getpid()}/{zlib.crc32(raw_code.encode('utf-8', 'replace'))}.py"


class CourseShell(InteractiveShell):  # type: ignore[misc]
    """An IPython shell whose outputs go to a collector."""

    compiler_class = Type(_Compiler)
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    collector: Collector

    def __init__(self, **options: Any) -> None:
        self.collector = Collector(1 << 24)
        super().__init__(**options)

    @default("exiter")  # type: ignore[untyped-decorator]
    def _course_exit(self) -> _Exit:
        return _Exit(self)

    def ask_exit(self) -> None:
        """End the run after the current cell."""
        self.exit_now = True

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.collector.add(
            {
                "output_type": "error",
                "ename": str(etype.__name__),
                "evalue": _text(evalue),
                "traceback": [str(line) for line in stb],
            }
        )

    def init_virtualenv(self) -> None:
        """Leave the environment alone."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window system here; inline figures need none."""

    def system_piped(self, cmd: str) -> None:
        """Run a shell command (``!ls``), its output in the cell."""
        done = subprocess.run(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.collector.stream("stdout", done.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = done.returncode

    system = system_piped


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:  # an exception class of a learner's own
        return f"<no message: its __str__ raised {type(error).__name__}>"


def _no_input(*_: Any, **__: Any) -> str:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _no_password(*_: Any, **__: Any) -> str:
    raise StdinNotImplementedError(
        "getpass was called, but this frontend does not support input requests."
    )


def quicken_tracebacks() -> None:
    """Find the module of a frame by its name.

    ``inspect.getmodule`` looks through all loaded modules for every frame of a traceback, which
    was half the cost of a failing cell. The answer is the same; a cell has none.
    """
    thorough = inspect.getmodule

    def getmodule(thing: Any, _filename: str | None = None) -> Any:
        if isinstance(thing, types.FrameType | types.TracebackType):
            frame = thing if isinstance(thing, types.FrameType) else thing.tb_frame
            name = frame.f_globals.get("__name__")
            if name == "__main__":
                return None
            found = sys.modules.get(name) if isinstance(name, str) else None
            if found is not None and found.__dict__ is frame.f_globals:
                return found
        return thorough(thing, _filename)

    inspect.getmodule = getmodule  # type: ignore[assignment]


def make_shell() -> CourseShell:
    """Make the one shell of this process, with figures inline and no history on disk."""
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.HistoryManager.hist_file = ":memory:"
    shell: CourseShell = CourseShell.instance(config=settings)
    builtins.input = _no_input
    getpass.getpass = _no_password
    return shell


def adopt_widgets() -> None:
    """Let Output widgets take outputs in, as they do with a kernel."""
    module = sys.modules.get("ipywidgets.widgets.widget_output")
    if module is None:
        return

    def enter(self: Any) -> Any:
        shell = InteractiveShell.instance()
        sink = [dict(one) for one in self.outputs]
        context = shell.collector.into(sink)
        context.__enter__()
        self.__dict__.setdefault("_skillmap", []).append((context, sink))
        return self

    def leave(self: Any, etype: Any, evalue: Any, tb: Any) -> bool | None:
        context, sink = self.__dict__["_skillmap"].pop()
        shown = None
        if etype is not None:
            InteractiveShell.instance().showtraceback((etype, evalue, tb), tb_offset=0)
            shown = True
        context.__exit__(None, None, None)
        self.outputs = tuple(plain(sink))
        return shown

    def clear(self: Any, *_: Any, **__: Any) -> None:
        entered = self.__dict__.get("_skillmap")
        if entered:
            entered[-1][1].clear()
        self.outputs = ()

    module.Output.__enter__, module.Output.__exit__ = enter, leave
    module.Output.clear_output = clear


def widget_state() -> dict[str, Any] | None:
    """Return the state of all widgets, for ``metadata.widgets``; ``None`` if there are none."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    if module is None or not getattr(module, "_instances", None):
        return None
    state: dict[str, Any] = _clean(module.Widget.get_manager_state())
    return {"application/vnd.jupyter.widget-state+json": state}


def run_cells(
    shell: CourseShell,
    cells: list[str],
    send: Callable[[dict[str, Any]], None],
    *,
    most_bytes: int,
    descriptors: tuple[int, int] | None = None,
) -> None:
    """Run cells one after another; send ``start`` and ``cell`` messages as they go.

    A cell that fails does not stop the rest. ``descriptors`` are files that stand behind file
    descriptors 1 and 2, from which text of subprocesses and C code is added to the cell.
    """
    shell.collector = Collector(most_bytes)
    shell.collector.watch(descriptors or ())
    sys.stdout = _Stream("stdout", shell.collector)
    sys.stderr = _Stream("stderr", shell.collector)
    shell.exit_now = False
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with suppress(KeyboardInterrupt):
        loop.run_until_complete(_all(shell, cells, send))


async def _all(
    shell: CourseShell,
    cells: list[str],
    send: Callable[[dict[str, Any]], None],
) -> None:
    collector = shell.collector
    for index, source in enumerate(cells):
        if not source.strip():
            continue
        collector.begin(index)
        send({"kind": "start", "cell": index})
        count = shell.execution_count
        begun = time.perf_counter()
        failed = await _one(shell, source)
        seconds = time.perf_counter() - begun
        collector.drain()
        collector.changed.discard(index)
        for other in sorted(collector.changed):
            send({"kind": "update", "cell": other, "outputs": collector.outputs(other)})
        collector.changed.clear()
        send(
            {
                "kind": "cell",
                "cell": index,
                "status": "error" if failed or collector.failed(index) else "ok",
                "execution_count": count,
                "seconds": seconds,
                "outputs": collector.outputs(index),
            }
        )
        if shell.exit_now:
            send({"kind": "exit"})
            return


def _new_text(number: int, start: int) -> bytes:
    try:
        size = os.fstat(number).st_size
        return os.pread(number, min(size - start, 1 << 22), start) if size > start else b""
    except OSError:
        return b""


async def _one(shell: CourseShell, source: str) -> bool:
    """Run one cell as a kernel does, inside the running loop; return whether it failed."""
    transformed, problem = source, None
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        problem = sys.exc_info()
    prepared = {"transformed_cell": transformed, "preprocessing_exc_tuple": problem}
    try:
        if not shell.should_run_async(source, **prepared):
            return not _at_once(shell, source, prepared).success
        return not await _awaited(shell, source, prepared)
    except (Exception, KeyboardInterrupt, asyncio.CancelledError):
        shell.showtraceback(running_compiled_code=True)
        return True


def _at_once(shell: CourseShell, source: str, prepared: dict[str, Any]) -> Any:
    """Run a cell that awaits nothing: ``run_cell`` without transforming the cell once more."""
    result = None
    running = shell.run_cell_async(source, store_history=True, **prepared)
    try:
        running.send(None)
    except StopIteration as end:
        result = end.value
    else:
        running.close()
        raise RuntimeError("A cell that seemed to await nothing does.")
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return result


async def _awaited(shell: CourseShell, source: str, prepared: dict[str, Any]) -> bool:
    """Run a cell that awaits; an interrupt cancels it."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(shell.run_cell_async(source, store_history=True, **prepared))
    before = signal.signal(
        signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel) and None
    )
    result = None
    try:
        result = await task
    finally:
        signal.signal(signal.SIGINT, before)
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return bool(result.success)
