"""A real JupyterLab on a workspace of its own, and a real browser that may reach nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests stay on one worker, one after the other: each waits for a page."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("browser"))


class Lab:
    """A running ``skillmap start``."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def notebook(self, path: str) -> str:
        base, token = self.url.split("/lab", 1)[0], re.search(r"token=(\w+)", self.url)
        assert token
        return f"{base}/lab/tree/{path}?reset&token={token[1]}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("workspace") / "ada"
    command = [sys.executable, "-m", "skillmap.cli", "start", "--dir", str(folder)]
    command += ["--learner", "ada", "--no-browser", "--port", str(free_port())]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "SKILLMAP"))}
    env |= {"JUPYTER_PLATFORM_DIRS": "1", "HOME": str(folder.parent)}
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env,
        start_new_session=True,
    )  # fmt: skip
    lines: list[str] = []

    def listen() -> None:
        assert running.stdout is not None
        with running.stdout as stream:
            lines.extend(iter(stream.readline, ""))

    threading.Thread(target=listen, daemon=True).start()
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:\S+token=\w+", "".join(lines))):
            assert running.poll() is None, "".join(lines)
            assert time.monotonic() < deadline, "".join(lines)
            time.sleep(0.2)
        yield Lab(folder, found[0])
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(timeout=15)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "Chromium is missing. On Debian: apt-get install chromium"
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})

    def only_here(route: object) -> None:
        url = route.request.url  # type: ignore[attr-defined]
        if re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]", url) or url.startswith(
            ("data:", "blob:", "file:")
        ):
            route.continue_()  # type: ignore[attr-defined]
        else:
            route.abort()  # type: ignore[attr-defined]

    context.route("**/*", only_here)
    opened = context.new_page()
    yield opened
    context.close()
