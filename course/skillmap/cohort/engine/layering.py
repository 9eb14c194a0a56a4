"""Which layers of isolation this machine gives, found by trying them."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from skillmap.cohort.engine.faults import EngineFault
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LAYERS", "Layer", "layers", "refuse_missing"]

LAYERS = {
    "bubblewrap": "starts the sandbox",
    "user": "an account of its own, with no privilege",
    "pid": "sees no process but its own",
    "network": "no network but an unused loopback",
    "ipc": "no shared memory or queue of another",
    "uts": "a host name of its own",
    "nested": "namespaces and scratch of its own for each submission, from one warmed process",
    "nproc": "a working limit on the number of processes",
    "seccomp": "a filter on system calls",
    "cgroup": "memory and processes counted by the kernel for the whole sandbox",
}
"""The layers, in the order they are built on each other."""

_OPTIONAL = frozenset({"cgroup"})


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: whether it is here, whether it is needed, and what was seen."""

    name: str
    purpose: str
    present: bool
    required: bool = True
    seen: str = ""


def layers() -> tuple[Layer, ...]:
    """Try every layer on this machine, in about half a second; nothing is assumed.

    The list is for ``skillmap doctor``; ``refuse_missing`` turns it into a decision.
    """
    return _probe()


@cache
def _probe() -> tuple[Layer, ...]:
    seen: dict[str, tuple[bool, str]] = {"bubblewrap": _version()}
    if seen["bubblewrap"][0]:
        for name, flags in (
            ("user", ["--unshare-user"]),
            ("pid", ["--unshare-pid"]),
            ("network", ["--unshare-net"]),
            ("ipc", ["--unshare-ipc"]),
            ("uts", ["--unshare-uts"]),
        ):
            seen[name] = _starts(flags)
        seen |= _inside(frozenset(n for n, (ok, _) in seen.items() if not ok))
    seen["cgroup"] = _cgroup()
    return tuple(
        Layer(name, purpose, *_first(seen.get(name)), name not in _OPTIONAL, _second(seen, name))
        for name, purpose in LAYERS.items()
    )


def _first(found: tuple[bool, str] | None) -> tuple[bool]:
    return (bool(found and found[0]),)


def _second(seen: dict[str, tuple[bool, str]], name: str) -> str:
    return seen.get(name, (False, "not tried: bubblewrap does not start"))[1]


def _version() -> tuple[bool, str]:
    if platform.system() != "Linux":
        return False, f"{platform.system()} has no bubblewrap"
    try:
        done = subprocess.run(
            ["bwrap", "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False, "not installed (apt-get install bubblewrap)"
    return True, done.stdout.strip()


def _starts(flags: list[str]) -> tuple[bool, str]:
    user = [] if os.geteuid() == 0 or "--unshare-user" in flags else ["--unshare-user"]
    try:
        done = subprocess.run(
            ["bwrap", "--ro-bind", "/", "/", *user, *flags, "/bin/true"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, str(error)
    return done.returncode == 0, done.stderr.strip()[:200] or "starts"


def _inside(missing: frozenset[str]) -> dict[str, tuple[bool, str]]:
    """Fork a probe in the sandbox, as a submission; leave layers out until one starts."""
    trouble = ""
    out: dict[str, tuple[bool, str]] = {}
    tries: tuple[set[str], ...] = (set(), {"nested"}, {"nproc"}, {"nested", "nproc"})
    for without in tries:
        try:
            found = _probe_run(missing | without)
        except (EngineFault, EnvironmentLacksError, OSError) as error:
            trouble = trouble or str(error)[:300]
            continue
        out["nested"] = ("nested" not in without, trouble or "tried")
        for name, holds in found.items():
            out[name] = (holds and name not in without, "tried" if holds else trouble or "no")
        return out
    return dict.fromkeys(("nested", "nproc", "seccomp"), (False, trouble))


def _probe_run(missing: frozenset[str]) -> dict[str, bool]:
    from skillmap.cohort.engine.host import _Run
    from skillmap.cohort.engine.limits import Limits
    from skillmap.cohort.engine.zygotes import Zygote

    bounds = Limits(processes=12, wall_seconds=10, cell_seconds=10)
    with Zygote(missing=missing, options={"load": [], "shell": False}) as zygote:
        run = _Run(zygote, [], bounds)
        try:
            run.result({}, [])
            return run.found
        finally:
            run.close()


def _cgroup() -> tuple[bool, str]:
    """Whether this account may make a cgroup; without it limits count each process alone."""
    for base in (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")):
        place = base / f"skillmap-probe-{os.getpid()}"
        try:
            place.mkdir()
        except OSError:
            continue
        usable = (place / "memory.limit_in_bytes").exists() or (place / "memory.max").exists()
        place.rmdir()
        if usable:
            return True, f"{base} (seen, not needed: memory is watched from outside)"
    return False, "not for this account; memory is watched from outside instead"


def refuse_missing(allowed: Sequence[str] = ()) -> frozenset[str]:
    """Return the layers that are missing and allowed to be; raise for one that is not.

    Raises ``ValueError`` for a layer that does not exist and ``EnvironmentLacksError`` with the
    way out for every layer that is missing without permission.
    """
    unknown = set(allowed) - set(LAYERS)
    if unknown:
        raise ValueError(f"no layer is called {', '.join(sorted(unknown))}")
    absent = [layer for layer in layers() if layer.required and not layer.present]
    refused = [layer for layer in absent if layer.name not in allowed]
    if refused:
        lines = "\n".join(f"  {one.name} ({one.purpose}): {one.seen}" for one in refused)
        raise EnvironmentLacksError(
            "This machine cannot isolate other people's notebooks:\n"
            f"{lines}\n"
            "Grade on a machine where `skillmap doctor` shows every layer, or name the layers you "
            "accept to do without."
        )
    return frozenset(layer.name for layer in absent)
