"""Frames between the engine and a submission's process: four bytes of length, then JSON or bytes.

Only JSON and plain bytes cross; nothing is ever unpickled.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

__all__ = ["HEADER", "frame", "receive_exactly", "send"]

HEADER = struct.Struct("!I")


def frame(message: dict[str, Any]) -> bytes:
    """Return a message as one frame.

    >>> frame({"kind": "done"})
    b'\\x00\\x00\\x00\\x0f{"kind":"done"}'
    """
    try:
        body = _dumps(message)
    except ValueError:
        body = _dumps(_without_nan(message))
    raw = body.encode("utf-8", "replace")  # a half character is no JSON
    return HEADER.pack(len(raw)) + raw


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _without_nan(value: Any) -> Any:
    """JSON has no NaN and no infinity; they travel as ``null``."""
    if isinstance(value, dict):
        return {str(k): _without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124
        return None
    return value


def send(to: socket.socket, message: dict[str, Any]) -> None:
    """Send one message."""
    to.sendall(frame(message))


def receive_exactly(source: socket.socket, size: int) -> bytes:
    """Return exactly ``size`` bytes; raise ``EOFError`` if the other side ends early."""
    parts = bytearray()
    while len(parts) < size:
        got = source.recv(min(1 << 20, size - len(parts)))
        if not got:
            raise EOFError("the other side closed")
        parts += got
    return bytes(parts)
