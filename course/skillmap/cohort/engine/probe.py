"""What a submission could do, tried out inside the sandbox. Each finding is true if it holds."""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path

__all__ = ["findings"]


def findings() -> dict[str, bool]:
    """Try each layer from the inside, as a hostile submission would."""
    return {
        "pid": os.getpid() == 1 and not [p for p in Path("/proc").iterdir() if p.name.isdigit()],
        "user": os.getuid() != 0,
        "network": _only_loopback(),
        "read-only": not _can_write(),
        "seccomp": _refused_socket(),
        "nproc": _forks_end(),
    }


def _only_loopback() -> bool:
    return {name for _, name in socket.if_nameindex()} <= {"lo"} if _inet() else True


def _inet() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError:
        return False
    return True


def _refused_socket() -> bool:
    return not _inet()


def _can_write() -> bool:
    places = ("/", "/usr", "/dev", os.path.dirname(os.__file__))  # noqa: PTH120
    for place in places:
        try:
            Path(place, "skillmap-probe").write_text("x")
        except OSError:
            continue
        return True
    return False


def _forks_end() -> bool:
    """Fork more often than allowed; the kernel has to say no."""
    most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    for _ in range(min(most, 100) + 1):
        try:
            child = os.fork()
        except OSError:
            return True
        if child == 0:
            import time

            time.sleep(2)
            os._exit(0)
    return False
