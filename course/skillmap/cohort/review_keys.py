"""Single keys from a terminal: none is lost between two readings, and none is echoed."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["one_by_one", "single_keys"]

INTERRUPT_SECONDS = 0.2
"""Longest wait until an interrupt that came between two readings is noticed."""

_KEY = re.compile(r"\x1b[\[O][0-9;]*[ -/]*[@-~]|.", re.DOTALL)


def one_by_one(read: Callable[[], str]) -> Callable[[], str]:
    """Return keys one at a time from what a terminal hands over, which is several if typed fast.

    An arrow or another key that sends an escape sequence stays whole.

    >>> keys = one_by_one(iter(["12", "3\\x1b[A"]).__next__)
    >>> [keys() for _ in range(4)]
    ['1', '2', '3', '\\x1b[A']
    """
    waiting: list[str] = []

    def key() -> str:
        if not waiting:
            waiting.extend(_KEY.findall(read()))
        pressed = waiting.pop(0) if waiting else ""
        if pressed == "\x03":
            raise KeyboardInterrupt
        if pressed == "\x04":
            raise EOFError
        return pressed

    return key


@contextmanager
def single_keys() -> Iterator[tuple[Callable[[], str], Callable[[str], str]]]:
    """Set the terminal to single keys; yields (next key, ask for a line) and sets it back.

    ``click.getchar`` switches for each key and throws away what was typed meanwhile, so it serves
    only where there is no ``termios``.
    """
    if sys.platform == "win32":
        import click

        yield one_by_one(click.getchar), input
        return
    import select
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def read() -> str:
        # A signal that comes just before a blocking read would wait for the next key.
        while not select.select([terminal], [], [], INTERRUPT_SECONDS)[0]:
            pass
        data = os.read(terminal, 64)
        if not data:
            raise EOFError
        return data.decode("utf-8", "replace")

    def ask(prompt: str) -> str:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        try:
            return input(prompt)
        finally:
            tty.setcbreak(terminal, termios.TCSADRAIN)

    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield one_by_one(read), ask
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
