"""A small server on this machine that answers like an OpenAI-compatible one, or misbehaves."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Act = "Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]"


def completion(content: Any, **more: Any) -> dict[str, Any]:
    """The body of a reply."""
    return {
        "choices": [{"message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 700, "completion_tokens": 60},
        **more,
    }


def verdict(criterion: str, level: Any, *quotes: Any, **more: Any) -> str:
    """The text of a reply."""
    return json.dumps(
        {"criterion": criterion, "level": level, "quotes": quotes, "reason": "so", **more}
    )


def asked_about(body: dict[str, Any]) -> str:
    """The criterion that a request is about."""
    return str(body["messages"][1]["content"]).split("\nCriterion ")[1].split(",")[0]


def send(handler: BaseHTTPRequestHandler, body: Any, status: int = 200, **headers: str) -> None:
    """Send a whole reply; ``body`` is JSON data, text or bytes."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
    if not isinstance(body, (bytes, str)):
        data = json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    with contextlib.suppress(OSError):
        handler.wfile.write(data)


class Served:
    """A server and what it was asked: ``bodies`` and ``keys`` in order."""

    def __init__(self, act: Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(size))
                outer.bodies.append(body)
                outer.keys.append(self.headers.get("Authorization", ""))
                outer.paths.append(self.path)
                act(self, body)

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@contextlib.contextmanager
def serving(
    act: Callable[[BaseHTTPRequestHandler, dict[str, Any]], None],
) -> Iterator[Served]:
    """Serve until the block ends."""
    served = Served(act)
    thread = threading.Thread(target=served.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()
        thread.join(5)


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promise a long reply and break the connection in the middle."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
