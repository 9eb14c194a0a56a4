"""A handle on the zygote from outside: start it, have it fork, interrupt and reap."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.cohort.engine import sandbox
from skillmap.cohort.engine.faults import EngineFault
from skillmap.cohort.engine.limits import Limits
from skillmap.cohort.engine.seccomp import assemble

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Zygote"]

_ANSWER_SECONDS = 20.0
_START_SECONDS = 120.0


def _readable(descriptor: int) -> bool:
    """Wait for a descriptor, however high its number."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(1000 * _ANSWER_SECONDS))


class Zygote:
    """A warmed process, inside the sandbox if ``sandboxed``. Close it, or use it in a ``with``.

    It lives no longer than the thread that started it: the kernel ends it with that thread.
    Raises ``EngineFault`` if it does not get ready.
    """

    def __init__(
        self,
        *,
        sandboxed: bool = True,
        missing: frozenset[str] = frozenset(),
        hidden: Sequence[Path] = (),
        scratch_bytes: int = Limits().scratch_bytes,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.sandboxed = sandboxed
        self.nested = sandboxed and "nested" not in missing
        begun = time.perf_counter()
        filtered = sandboxed and "seccomp" not in missing
        settings = {
            "sandboxed": sandboxed,
            "nested": self.nested,
            "program": assemble().hex() if filtered else "",
            "kept": sandbox.kept() if self.nested else [],
            **(options or {}),
        }
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._home: str | None = None
        self._first = -1
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(_START_SECONDS)
        inner = [
            sys.executable,
            "-s",
            "-P",
            "-m",
            "skillmap.cohort.engine.zygote",
            str(theirs.fileno()),
            json.dumps(settings),
        ]
        try:
            self.process = self._start(inner, theirs.fileno(), missing, hidden, scratch_bytes)
        except BaseException:
            self.control.close()
            self._log.close()
            raise
        finally:
            theirs.close()
        try:
            ready = self._receive("start")
            if ready.get("kind") != "ready":
                raise EngineFault(f"The engine did not get ready: {ready.get('message')}")
        except BaseException:
            self.close()
            raise
        self.control.settimeout(_ANSWER_SECONDS)
        self.not_loaded: tuple[str, ...] = tuple(ready["missing"])
        self.start_seconds = time.perf_counter() - begun

    def _start(
        self,
        inner: list[str],
        control: int,
        missing: frozenset[str],
        hidden: Sequence[Path],
        scratch_bytes: int,
    ) -> subprocess.Popen[bytes]:
        streams: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": self._log,
            "stderr": self._log,
        }
        if not self.sandboxed:
            self._home = tempfile.mkdtemp(prefix=f"skillmap-zygote-{os.getpid()}-")
            folders = {n: f"{self._home}/{n}" for n in ("HOME", "IPYTHONDIR", "MPLCONFIGDIR")}
            for name in folders.values():
                Path(name).mkdir()
            for fonts in sandbox._font_lists():
                shutil.copy(fonts, folders["MPLCONFIGDIR"])
            return subprocess.Popen(
                inner,
                env={**sandbox.ENVIRONMENT, "PATH": os.environ.get("PATH", ""), **folders},
                pass_fds=(control,),
                start_new_session=True,
                **streams,
            )
        read, write = os.pipe()
        try:
            with sandbox.launch(
                inner,
                missing=missing,
                hidden=hidden,
                descriptors=(control,),
                info=write,
                scratch_bytes=scratch_bytes,
            ) as ready:
                process = subprocess.Popen(
                    ready.command, pass_fds=ready.descriptors, env={}, **streams
                )
        finally:
            os.close(write)
        with os.fdopen(read, "rb") as file, contextlib.suppress(ValueError, OSError):
            if _readable(file.fileno()):
                self._first = os.pidfd_open(json.loads(file.read(4096))["child-pid"])
        return process

    def _receive(self, what: str) -> dict[str, Any]:
        try:
            raw = self.control.recv(1 << 16)
        except TimeoutError:
            raise EngineFault(f"The engine gave no answer to {what}. {self.log()}") from None
        except OSError as error:
            raise EngineFault(f"The engine is gone: {error}. {self.log()}") from error
        if not raw:
            raise EngineFault(f"The engine ended at {what}. {self.log()}")
        answer: dict[str, Any] = json.loads(raw)
        return answer

    def ask(self, operation: str, descriptor: int | None = None, **more: Any) -> dict[str, Any]:
        """Ask for one operation and return the answer; raise ``EngineFault`` on any fault."""
        raw = json.dumps({"op": operation, **more}).encode()
        try:
            socket.send_fds(self.control, [raw], [] if descriptor is None else [descriptor])
        except OSError as error:
            raise EngineFault(f"The engine is gone: {error}. {self.log()}") from error
        answer = self._receive(operation)
        if "fault" in answer:
            raise EngineFault(f"The engine failed at {answer['fault']}")
        return answer

    def log(self) -> str:
        """Return the end of what the zygote and bubblewrap wrote."""
        with contextlib.suppress(OSError, ValueError):
            size = self._log.seek(0, os.SEEK_END)
            self._log.seek(max(0, size - 2000))
            return self._log.read().decode("utf-8", "replace").strip()
        return ""

    def close(self) -> None:
        """End the zygote and everything in it."""
        self.control.close()
        self.kill()
        process = getattr(self, "process", None)
        if process is not None:
            if not self.sandboxed:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=1)
            process.kill()
            process.wait(timeout=20)
        self._log.close()
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)

    def kill(self) -> None:
        """Kill the sandbox's first process, and with it all that are inside."""
        first, self._first = self._first, -1
        if first >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(first, signal.SIGKILL)
            _readable(first)  # until it has ended
            os.close(first)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
