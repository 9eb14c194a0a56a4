"""A throw-away PostgreSQL server in a folder, run by an account without privileges."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["needs_postgres", "postgres_server"]


def _programs() -> Path | None:
    """The folder with initdb and postgres: Debian keeps them off PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _driver() -> bool:
    try:
        import psycopg
    except ImportError:
        return False
    return bool(psycopg.__version__)


PROGRAMS = _programs()
needs_postgres = pytest.mark.skipif(
    PROGRAMS is None or not _driver(), reason="no PostgreSQL server or driver here"
)


def _unprivileged() -> list[str]:
    """How to start a program as nobody, which PostgreSQL asks of root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server on a free port of 127.0.0.1; yields the address of its first database."""
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(prefix="skillmap-pg-"))
    folder.chmod(0o777)
    data, port = folder / "data", _free_port()
    run = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
    server = None
    try:
        subprocess.run(
            [*_unprivileged(), PROGRAMS / "initdb", "-D", data, "-A", "trust", "-U", "skillmap",
             "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, **run,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*_unprivileged(), PROGRAMS / "postgres", "-D", data, "-p", str(port),
                 "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"],
                stdout=log, stderr=log, **run,
            )  # fmt: skip
        url = f"postgresql+psycopg://skillmap@127.0.0.1:{port}/postgres"
        _wait(url, server, folder / "log")
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # do not wait for clients
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=10)
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        with suppress(Exception):
            ask(url, "SELECT 1")
            return
        time.sleep(0.1)
    pytest.fail(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def ask(url: str, sql: str) -> list[tuple[object, ...]]:
    """Run one statement outside any transaction."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []
