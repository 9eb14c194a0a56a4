"""The sandbox around the zygote: bubblewrap's command line, and the account it runs under.

Only what the interpreter needs is visible inside, read-only: ``/usr``, the environment that holds
the libraries, the interpreter's own folder and this package. There is no home, no course folder,
no gradebook and no ``source/``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ENVIRONMENT", "Launch", "bubblewrap", "exposed", "kept", "launch", "package_folder"]

_UNUSED_ACCOUNTS = 1_879_048_192
"""Accounts from here on belong to nobody (systemd.io/UIDS-GIDS); used when we run as root."""

_NAMESPACES = {
    "pid": "--unshare-pid",
    "network": "--unshare-net",
    "ipc": "--unshare-ipc",
    "uts": "--unshare-uts",
}

ENVIRONMENT = {
    "HOME": "/tmp/home",
    "IPYTHONDIR": "/tmp/home/.ipython",
    "LANG": "C.UTF-8",
    "LOGNAME": "learner",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "SKILLMAP_PICTURES": "words",
    "SKILLMAP_STATIC": "1",
    "USER": "learner",
}
"""All that the zygote knows of its surroundings."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command and the file descriptors it inherits."""

    command: tuple[str, ...]
    descriptors: tuple[int, ...]


def bubblewrap() -> str:
    """Return the path of ``bwrap``; raise ``EnvironmentLacksError`` if it is not installed."""
    found = shutil.which("bwrap")
    if not found:
        raise EnvironmentLacksError(
            "Other people's notebooks run inside bubblewrap, which is not installed. "
            "On Debian or Ubuntu: apt-get install bubblewrap."
        )
    return found


def package_folder() -> Path:
    """Return the folder of this library."""
    spec = importlib.util.find_spec("skillmap.cohort.engine")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))).parents[1]


@contextlib.contextmanager
def launch(
    inner: Sequence[str],
    *,
    missing: frozenset[str] = frozenset(),
    hidden: Sequence[Path] = (),
    descriptors: Sequence[int] = (),
    info: int,
    scratch_bytes: int,
) -> Iterator[Launch]:
    """Yield the command that runs ``inner`` inside the sandbox, with descriptors to inherit.

    ``missing`` names layers to leave out; ``hidden`` are folders that must not be seen even if
    they lie in one that is; bubblewrap writes about itself to the descriptor ``info``. The
    descriptors made here close when the context ends.
    """
    opened: list[int] = []
    try:
        command = [bubblewrap(), "--die-with-parent", "--new-session", "--clearenv"]
        command += ["--info-fd", str(info)]
        command += [flag for layer, flag in _NAMESPACES.items() if layer not in missing]
        command += _account(opened, missing)
        command += ["--cap-drop", "ALL"]
        if "nested" not in missing:
            # inside the user namespace only: to give each submission namespaces of its own
            command += ["--cap-add", "CAP_SYS_ADMIN"]
        command += _files(opened, hidden)
        if "nested" in missing:
            command += _one_scratch(scratch_bytes)
        for name, value in ENVIRONMENT.items():
            command += ["--setenv", name, value]
        if os.environ.get("TZ"):
            command += ["--setenv", "TZ", os.environ["TZ"]]
        command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--", *inner]
        yield Launch(tuple(command), (*opened, *descriptors, info))
    finally:
        for number in opened:
            os.close(number)


def _account(opened: list[int], missing: frozenset[str]) -> list[str]:
    if "user" in missing:
        return []
    if os.geteuid() == 0 and "nproc" not in missing:
        inside = _UNUSED_ACCOUNTS + os.getpid() % 65536
        opened.append(_namespace_of_root())
        return ["--userns", str(opened[-1]), "--uid", str(inside), "--gid", str(inside)]
    return ["--unshare-user", "--uid", "1000", "--gid", "1000"]


def _namespace_of_root() -> int:
    """Make a user namespace that has every account, moved by one, and return its descriptor.

    The kernel does not count the processes of account 0, so a sandbox that root starts has to be
    another account for real. Inside, root is number 1 and has no privilege of its own.
    """
    holder = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            "import ctypes,sys;print(ctypes.CDLL(None).unshare(0x10000000),flush=True);"
            "sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        if holder.stdout.readline() != b"0\n":
            raise EnvironmentLacksError("The kernel gives no user namespace here.")
        try:
            for table in ("gid_map", "uid_map"):
                Path(f"/proc/{holder.pid}/{table}").write_text("1 0 4294967294")
            return os.open(f"/proc/{holder.pid}/ns/user", os.O_RDONLY)
        except OSError as error:
            raise EnvironmentLacksError(
                f"This container has no spare account for the sandbox ({error.strerror})."
            ) from error
    finally:
        holder.stdin.close()
        holder.wait(timeout=10)
        holder.stdout.close()


def _files(opened: list[int], hidden: Sequence[Path]) -> list[str]:
    out: list[str] = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        place = Path(name)
        if place.is_symlink():
            out += ["--symlink", os.readlink(place), name]  # noqa: PTH115
        elif place.is_dir():
            out += ["--ro-bind", name, name]
    for name in ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"):
        out += ["--ro-bind-try", name, name]
    out += ["--dir", "/run", "--dir", "/scratch", "--proc", "/proc", "--tmpfs", "/tmp"]
    out += ["--dir", "/tmp/home"]
    out += ["--tmpfs", "/dev", "--dir", "/dev/shm"]
    for name in ("null", "zero", "full", "random", "urandom"):
        out += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    seen = _roots()
    for root in seen:
        out += ["--ro-bind", str(root), str(root)]
    # nbgrader and JupyterHub keep their configuration here, database passwords included
    settings = [root / "etc" for root in (*seen, Path("/usr"), Path("/usr/local"))]
    for folder in exposed((*hidden, *(place for place in settings if place.is_dir()))):
        inside = Path(folder).resolve()
        out += ["--tmpfs", str(inside)]
        for needed in _needed():
            if needed == inside:
                raise EnvironmentLacksError(
                    f"{inside} holds both the libraries and what a notebook must not see. "
                    "Move the course to a folder of its own."
                )
            if needed.is_relative_to(inside):
                out += ["--ro-bind", str(needed), str(needed)]
        out += ["--remount-ro", str(inside)]
    passwd = "learner:x:{0}:{0}:learner:/scratch/home:/bin/sh\n"
    account = _UNUSED_ACCOUNTS + os.getpid() % 65536 if os.geteuid() == 0 else 1000
    opened.append(_in_memory(passwd.format(account).encode()))
    out += ["--ro-bind-data", str(opened[-1]), "/etc/passwd"]
    for fonts in _font_lists():
        out += ["--ro-bind", str(fonts), f"/tmp/matplotlib/{fonts.name}"]
    return out


def exposed(folders: Sequence[Path | str]) -> tuple[str, ...]:
    """Return those folders that lie in one that the sandbox shows, and so must be covered."""
    shown = (*_roots(), Path("/usr"))
    return tuple(
        str(folder)
        for folder in folders
        if any(Path(folder).resolve().is_relative_to(root) for root in shown)
    )


def _roots() -> list[Path]:
    """Folders with the interpreter and the libraries, outermost first, none inside another."""
    kept: list[Path] = []
    for path in sorted(_needed(), key=lambda p: len(p.parts)):
        if not any(path.is_relative_to(k) for k in (*kept, Path("/usr"))):
            kept.append(path)
    return kept


def kept() -> list[str]:
    """Return the folders of ``_roots`` that lie where each submission gets a folder of its own.

    Somebody who tries the course in a clone under ``/tmp`` has all the libraries there.
    """
    covered = ("/tmp", "/dev/shm", "/scratch")
    return [str(r) for r in _roots() if any(r.is_relative_to(place) for place in covered)]


def _needed() -> set[Path]:
    """Folders that a run cannot do without."""
    named = {Path(p) for p in (sys.base_prefix, sys.prefix)}
    return named | {p.resolve() for p in named} | {package_folder()}


def _font_lists() -> list[Path]:
    """matplotlib's list of fonts, if this account has one: making it takes seconds."""
    base = os.environ.get("MPLCONFIGDIR")
    cache = (
        Path(base)
        if base
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
    )
    return sorted(cache.glob("fontlist-*.json")) if cache.is_dir() else []


def _one_scratch(size: int) -> list[str]:
    """Folders for the one submission of a sandbox that cannot make namespaces of its own."""
    out = ["--size", str(size), "--tmpfs", "/scratch"]
    for name in ("work", "home"):
        out += ["--dir", f"/scratch/{name}"]
    return [*out, "--size", str(size), "--tmpfs", "/dev/shm"]


def _in_memory(content: bytes) -> int:
    number = os.memfd_create("skillmap")
    os.write(number, content)
    os.lseek(number, 0, os.SEEK_SET)
    return number
