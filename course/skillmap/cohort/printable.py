"""Words from outside made fit for a table, a terminal and a file: no escapes, no half characters.

A file name or an error message of a learner's may hold sequences that clear a terminal, zero bytes
that a database refuses, and surrogates that no UTF-8 file can hold.
"""

from __future__ import annotations

import re

__all__ = ["printable", "whole"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def whole(text: str) -> str:
    """Replace lone surrogates, so that the text can be written down.

    >>> whole("a\\ud800b")
    'a?b'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def printable(text: str) -> str:
    """Return one line that does nothing but say what it says.

    >>> printable("clear \\x1b[2J and\\nbell\\x07")
    'clear �[2J and�bell�'
    """
    return _CONTROL.sub("�", whole(text))
