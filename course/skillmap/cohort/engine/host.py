"""The engine: give it cells and files, get outputs and files back, as data.

One engine runs one submission at a time; a grading worker owns one. Everything that bounds a
submission from outside is here: time for a cell, time for all, output, memory of all processes.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import stat
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from skillmap.cohort.engine.faults import EngineFault
from skillmap.cohort.engine.layering import refuse_missing
from skillmap.cohort.engine.limits import Limits
from skillmap.cohort.engine.results import (
    Cell,
    CellResult,
    Done,
    Ended,
    Exit,
    Findings,
    Message,
    OwnFault,
    RunResult,
    Start,
    Update,
    outputs_of,
    parse_message,
)
from skillmap.cohort.engine.wire import HEADER
from skillmap.cohort.engine.zygotes import Zygote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SandboxEngine"]

_WATCH_SECONDS = 0.25
_READ_BYTES = 1 << 16
"""Read at once from a child; a buffer of a megabyte costs more to get than what it holds."""

_INSIDE = {"HOME": "/scratch/home", "MPLCONFIGDIR": "/scratch/home/.matplotlib"}


class SandboxEngine:
    """Runs submissions in forks of one warmed, sandboxed process.

    ``allow_missing`` names layers that may be absent (see ``layers``); without it a missing layer
    raises ``EnvironmentLacksError`` at the first run. ``sandboxed=False`` runs with no isolation
    at all, for one's own work. ``hidden`` are folders to cover even if the libraries lie in them.
    Keep it in the thread that made it.
    """

    def __init__(
        self,
        *,
        sandboxed: bool = True,
        allow_missing: Sequence[str] = (),
        hidden: Sequence[Path] = (),
        options: dict[str, Any] | None = None,
    ) -> None:
        self._sandboxed, self._hidden, self._options = sandboxed, tuple(hidden), options
        self._allow = tuple(allow_missing)
        self._missing: frozenset[str] | None = None
        self._zygote: Zygote | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> SandboxEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Warm the engine now rather than at the first run."""
        with self._lock:
            self._ready(Limits())

    def close(self) -> None:
        """End the zygote and all that came from it."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def _ready(self, limits: Limits) -> Zygote:
        if self._zygote is not None and self._zygote.process.poll() is not None:
            self._stop()
        if self._zygote is None:
            if self._missing is None:
                self._missing = refuse_missing(self._allow) if self._sandboxed else frozenset()
            self._zygote = Zygote(
                sandboxed=self._sandboxed,
                missing=self._missing,
                hidden=self._hidden,
                scratch_bytes=limits.scratch_bytes,
                options=self._options,
            )
        return self._zygote

    def execute(
        self,
        cells: Sequence[str],
        files: Mapping[str, bytes] | None = None,
        wanted: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        """Run the sources of code cells in a fresh process with ``files`` beside it.

        Returns outputs for each cell and the ``wanted`` files it left. Raises ``EngineFault`` if
        anything of ours failed: that says nothing about the submission.
        """
        bounds = limits or Limits()
        given = {_safe_name(name): content for name, content in (files or {}).items()}
        names = [_safe_name(name) for name in wanted]
        with self._lock:
            zygote = self._ready(bounds)
            run = _Run(zygote, [str(c) for c in cells], bounds)
            try:
                return run.result(given, names)
            except EngineFault:
                self._stop()
                raise
            finally:
                run.close()
                if zygote.sandboxed and not zygote.nested:
                    self._stop()


def _safe_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise ValueError(f"{name!r} is not a path inside the run's folder")
    return str(path)


@dataclass
class _Run:
    """One submission from fork to reaping."""

    zygote: Zygote
    sources: list[str]
    limits: Limits
    ended: Ended = "done"
    problems: list[str] = field(default_factory=list)
    widgets: dict[str, Any] | None = None
    found: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cells = {k: CellResult() for k in range(len(self.sources))}
        self.line, self._theirs = socket.socketpair()
        self._scratch = -1
        self._folder: str | None = None
        self._now: int | None = None
        self._late: set[int] = set()
        self._done = False

    def close(self) -> None:
        """Let go of the sockets and of the scratch folder."""
        self.line.close()
        self._theirs.close()
        if self._scratch >= 0:
            os.close(self._scratch)
            self._scratch = -1
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def result(self, files: Mapping[str, bytes], wanted: Sequence[str]) -> RunResult:
        """Run and collect."""
        begun = time.perf_counter()
        self._spawn()
        setup = time.perf_counter() - begun
        try:
            if self._send_job(files):
                self._listen()
        finally:
            used = self.zygote.ask("reap")
        self._explain(used)
        collected = {}
        for name in wanted:
            content = self._collect(name)
            if content is not None:
                collected[name] = content
        return RunResult(
            cells=tuple(self.cells[k] for k in range(len(self.sources))),
            ended=self.ended,
            files=collected,
            problems=tuple(self.problems),
            widgets=self.widgets,
            seconds=time.perf_counter() - begun,
            cpu_seconds=used["cpu_seconds"],
            peak_bytes=used["peak_bytes"],
            setup_seconds=setup,
        )

    def _spawn(self) -> None:
        """Fork and wait for the handshake: until it comes, every failure is ours."""
        asked = asdict(self.limits)
        if not self.zygote.sandboxed:
            self._folder = tempfile.mkdtemp(prefix=f"skillmap-run-{os.getpid()}-")
            for name in ("work", "home", "tmp"):
                (Path(self._folder) / name).mkdir()
            asked["folder"] = self._folder
        self.zygote.ask("spawn", self._theirs.fileno(), limits=asked)
        self._theirs.close()
        self.line.settimeout(self.limits.ready_seconds)
        try:
            first, given, _, _ = socket.recv_fds(self.line, 1, 1)
            if first == b"R" and given:
                self._scratch = given[0]
                return
            rest = self.line.recv(1 << 16)[HEADER.size - 1 :]
        except OSError as error:
            raise EngineFault(f"A forked process did not get ready: {error}") from error
        message = parse_message(rest)
        said = message.message if isinstance(message, OwnFault) else "it ended without a word"
        raise EngineFault(f"A forked process did not get ready: {said}")

    def _send_job(self, files: Mapping[str, bytes]) -> bool:
        environment = {} if self._folder else _INSIDE
        body = json.dumps(
            {
                "cells": self.sources,
                "files": [[name, len(content)] for name, content in files.items()],
                "environment": environment,
            }
        ).encode("utf-8", "surrogatepass")
        try:
            self.line.sendall(HEADER.pack(len(body)) + body)
            for content in files.values():
                self.line.sendall(content)
        except OSError:
            self.ended = "died"
            self.problems.append("The files of this submission could not be unpacked for the run.")
            return False
        return True

    def _listen(self) -> None:
        """Take messages until the end, a limit, or silence."""
        self.line.setblocking(False)
        begun = self._begun = time.monotonic()
        wall = begun + self.limits.wall_seconds
        watch = begun + 2 * _WATCH_SECONDS
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        waiting = bytearray()
        left = 6 * self.limits.output_bytes + (4 << 20)
        while True:
            now = time.monotonic()
            if now >= wall:
                self.ended = "out of time"
                return
            if now >= watch:
                watch = now + _WATCH_SECONDS
                if self.zygote.sandboxed and self._too_large():
                    return
            if not self._in_time(now):
                return
            until = min(wall, watch, self._deadline or wall)
            if not poll.poll(1000 * max(0.0, until - now)):
                continue
            try:
                got = self.line.recv(_READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                got = b""
            if not got:
                self.ended = "died"
                return
            left -= len(got)
            waiting += got
            if left < 0:
                self.ended = "too much output"
                return
            if self._take(waiting):
                return

    _begun = 0.0
    _deadline: float | None = None

    def _in_time(self, now: float) -> bool:
        """Interrupt a cell at its limit; say no when it has not stopped a moment later."""
        if self._now is None or self._deadline is None or now < self._deadline:
            return True
        if self._now in self._late:
            self.ended = "out of time"
            return False
        self._late.add(self._now)
        self._deadline = now + self.limits.interrupt_seconds
        self.zygote.ask("interrupt")
        return True

    def _too_large(self) -> bool:
        if self.zygote.ask("memory")["bytes"] <= self.limits.memory_bytes:
            return False
        self.ended = "out of memory"
        return True

    def _take(self, waiting: bytearray) -> bool:
        """Handle the whole frames in ``waiting``; return whether the run is over."""
        while len(waiting) >= HEADER.size:
            (size,) = HEADER.unpack_from(waiting)
            if len(waiting) < HEADER.size + size:
                return False
            message = parse_message(bytes(waiting[HEADER.size : HEADER.size + size]))
            del waiting[: HEADER.size + size]
            if message is None or self._handle(message) is False:
                self.ended = "garbled"
                return True
            if self._done:
                return True
        return False

    def _handle(self, message: Message) -> bool:
        if isinstance(message, Done):
            self._done, self.widgets = True, message.widgets
        elif isinstance(message, Exit):
            self.ended, self._done = "died", True
            self.problems.append(
                "A cell ended the notebook with exit; the cells after it did not run."
            )
        elif isinstance(message, Findings):
            self.found = message.found
        elif isinstance(message, OwnFault) or message.cell not in self.cells:
            return False
        elif isinstance(message, Start):
            self._now = message.cell
            self._deadline = time.monotonic() + self.limits.cell_seconds
        elif isinstance(message, Update):
            self.cells[message.cell] = replace(
                self.cells[message.cell], outputs=outputs_of(message)
            )
        else:
            self._finish(message)
        return True

    def _finish(self, message: Cell) -> None:
        late = message.cell in self._late
        outputs = outputs_of(message)
        if late:
            outputs = (*(o for o in outputs if o["output_type"] != "error"), self._timeout())
        self.cells[message.cell] = CellResult(
            "timeout" if late else message.status,
            outputs,
            message.execution_count,
            message.seconds,
        )
        self._now = self._deadline = None

    def _timeout(self) -> dict[str, Any]:
        return _error("CellTimeout", f"no end after {self.limits.cell_seconds:g} seconds")

    def _explain(self, used: Mapping[str, Any]) -> None:
        """Say how the run ended, in the cell where it did and in a sentence."""
        ended_by_clock = used["cpu_seconds"] >= self.limits.cpu_seconds - 1
        if self.ended == "died" and not self.problems and ended_by_clock:
            self.ended = "out of time"
        if self.ended == "done" or (self.ended == "died" and self.problems):
            return
        reason = {
            "died": "the process ended here",
            "out of time": "the time was used up here",
            "out of memory": "the memory was used up here",
            "too much output": "more output came than a notebook may have",
            "garbled": "something that is not an output came back",
        }[self.ended]
        if self._now is not None and self.cells[self._now].status == "not run":
            output = self._timeout() if self._now in self._late else _error("RunEnded", reason)
            self.cells[self._now] = CellResult("stopped", (output,))
        where = "" if self._now is None else f" (code cell {self._now + 1})"
        self.problems.append(f"The run did not reach its end: {reason}{where}.")

    def _collect(self, name: str) -> bytes | None:
        """Read a file the run left; nothing but a regular file of bounded size is touched."""
        folder = number = -1
        try:
            folder = os.open(
                "work", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._scratch
            )
            for part in PurePosixPath(name).parts[:-1]:
                deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = deeper
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            number = os.open(PurePosixPath(name).name, flags, dir_fd=folder)
            about = os.fstat(number)
            if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
                self.problems.append(f"{name} was left as something that is not a plain file.")
                return None
            with os.fdopen(number, "rb", closefd=False) as file:
                content = file.read(self.limits.wanted_bytes + 1)
            if len(content) > self.limits.wanted_bytes:
                self.problems.append(
                    f"{name} was left with more than {self.limits.wanted_bytes:,} bytes."
                )
                return None
            return content
        except FileNotFoundError:
            return None
        except OSError as error:
            self.problems.append(f"{name} could not be read after the run: {error.strerror}.")
            return None
        finally:
            for opened in (folder, number):
                if opened >= 0:
                    os.close(opened)


def _error(name: str, message: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": []}
