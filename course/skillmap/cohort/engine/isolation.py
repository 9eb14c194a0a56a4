"""What a forked child does to itself before the first line of a submission: namespaces to filter.

This runs inside the sandbox, in a process that has done nothing but import libraries. It talks to
the kernel through ctypes because Python 3.11 has no wrappers for these calls.

Sources: Linux manual pages unshare(2), setns(2), user_namespaces(7), capabilities(7), mount(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Namespaces", "OwnFaultError", "enter", "readings"]

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND = 1, 2, 4, 8, 4096
_RECURSIVE = 16384
_PDEATHSIG, _NO_NEW_PRIVS, _CAPBSET_DROP, _SET_SECCOMP = 1, 38, 24, 22
_FILTER_MODE = 2
_SIGKILL = 9
_CAPABILITY_VERSION_3 = 0x20080522

SCRATCH = "/scratch"


class OwnFaultError(Exception):
    """Our own preparation failed; the submission has not begun."""


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OwnFaultError(f"{name} failed: {os.strerror(number)}")


def _prctl(option: int, value: Any = 0, extra: Any = 0) -> None:
    zero = ctypes.c_ulong(0)
    _call(
        "prctl",
        option,
        ctypes.c_ulong(value) if isinstance(value, int) else value,
        extra,
        zero,
        zero,
    )


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _prctl(_PDEATHSIG, _SIGKILL)


class Namespaces:
    """The zygote's hold on process namespaces: each child becomes number 1 of one of its own.

    Needs CAP_SYS_ADMIN inside the sandbox's user namespace. The child gives that up.
    """

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def next_child(self) -> None:
        """Let the next fork open a fresh process namespace."""
        _call("setns", self._own, _NEWPID)
        _call("unshare", _NEWPID)


def enter(
    limits: dict[str, Any],
    program: bytes,
    *,
    nested: bool,
    base_bytes: int,
    kept: Sequence[str] = (),
) -> int:
    """Isolate this process; return a file descriptor of its scratch folder.

    ``program`` is the seccomp filter, empty for none. ``base_bytes`` is the address space of the
    warmed interpreter, on top of which the memory limit counts. ``kept`` are folders of libraries
    that lie where the scratch is put, and stay visible. Raises ``OwnFaultError``.
    """
    Path("/proc/self/oom_score_adj").write_text("1000")
    status = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
    if nested:
        _new_user()
        _private_files(int(limits["scratch_bytes"]), kept)
    folder = os.open(SCRATCH, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    os.chdir(f"{SCRATCH}/work")
    for capability in range(64):
        if _libc.prctl(_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    _prctl(_NO_NEW_PRIVS, 1)
    bound(limits, base_bytes)
    if program:
        steps = _Program(len(program) // 8, program)
        _prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(steps))
    _verify(status, bool(program))
    os.close(status)
    return folder


def _new_user() -> None:
    """A user namespace with this one account, so that its processes are counted alone."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEWUSER | _NEWNS | _NEWIPC)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")


def _private_files(size: int, kept: Sequence[str]) -> None:
    """One bounded tmpfs for everything a submission writes; no view of any process.

    It covers whatever lies in ``/tmp`` and the like. Libraries that are kept there are bound back
    from descriptors; they bring their flags, read-only among them, and what covers parts of them.
    """
    held = [(os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC), name) for name in kept]
    options = f"size={size},nr_inodes=20000,mode=700".encode()
    _call("mount", b"scratch", SCRATCH.encode(), b"tmpfs", _NOSUID | _NODEV, options)
    for name, target in (("work", ""), ("home", ""), ("tmp", "/tmp"), ("shm", "/dev/shm")):
        place = f"{SCRATCH}/{name}"
        os.mkdir(place, 0o700)  # noqa: PTH102
        if target:
            _call("mount", place.encode(), target.encode(), None, _BIND, None)
    for number, name in held:
        Path(name).mkdir(mode=0o755, parents=True, exist_ok=True)
        source = f"/proc/self/fd/{number}".encode()
        _call("mount", source, name.encode(), None, _BIND | _RECURSIVE, None)
        os.close(number)
    flags = _RDONLY | _NOSUID | _NODEV | _NOEXEC
    _call("mount", b"none", b"/proc", b"tmpfs", flags, b"size=4k,nr_inodes=2,mode=555")


def bound(limits: dict[str, Any], base_bytes: int, *, processes: bool = True) -> None:
    """Set the resource limits of this process and all that come from it."""
    memory = base_bytes + int(limits["memory_bytes"])
    cpu = int(limits["cpu_seconds"])
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, int(limits["file_bytes"])),
        (resource.RLIMIT_NOFILE, int(limits["open_files"])),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_MEMLOCK, 65536),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NPROC, int(limits["processes"]) if processes else -1),
    ):
        if value < 0:
            continue
        hard = resource.getrlimit(kind)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (least, least))


def readings(text: str) -> dict[str, str]:
    """Turn the kernel's status of a process into a table.

    >>> readings("Seccomp:\\t2\\nNoNewPrivs:\\t1\\n")
    {'Seccomp': '2', 'NoNewPrivs': '1'}
    """
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name: value.strip() for name, value in pairs}


def _verify(status: int, filtered: bool) -> None:
    """Read back what the kernel says about this process; believe nothing else."""
    now = readings(os.pread(status, 65536, 0).decode())
    wanted = {"NoNewPrivs": "1", "Threads": "1"}
    if filtered:
        wanted["Seccomp"] = str(_FILTER_MODE)
    for name, value in wanted.items():
        if now.get(name) != value:
            raise OwnFaultError(f"{name} is {now.get(name)}, not {value}")
    for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
        if int(now.get(name, "1"), 16):
            raise OwnFaultError(f"{name} is {now.get(name)}, not 0")
