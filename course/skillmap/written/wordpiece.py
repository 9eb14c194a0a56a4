"""WordPiece as BERT cuts words, in plain Python: lower case, no accents, longest piece first.

The cutting is described in Devlin et al. (2019), "BERT", and Wu et al. (2016), section 4.1.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["WordPiece"]

_LONGEST = 100
"""A longer word is unknown as a whole."""


class WordPiece:
    """Turns text into token ids of one vocabulary.

    >>> cut = WordPiece(["[UNK]", "[CLS]", "[SEP]", "cost", "##s", "."])
    >>> cut.ids("Costs. Tóken")
    [3, 4, 5, 0]
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._ids: Mapping[str, int] = {word: n for n, word in enumerate(vocabulary)}
        self.unknown = self._ids["[UNK]"]
        self.first = self._ids["[CLS]"]
        self.last = self._ids["[SEP]"]
        self._word = lru_cache(maxsize=20_000)(self._cut)

    def ids(self, text: str) -> list[int]:
        """Return the ids of a text, without the marks of beginning and end."""
        found: list[int] = []
        for word in _words(text):
            found.extend(self._word(word))
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST:
            return (self.unknown,)
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else "##" + word[start:end]
                if piece in self._ids:
                    found.append(self._ids[piece])
                    start = end
                    break
            else:
                return (self.unknown,)
        return tuple(found)


def _words(text: str) -> Iterator[str]:
    for chunk in _spaced(text).split():
        plain = unicodedata.normalize("NFD", chunk.lower())
        word = ""
        for char in plain:
            if unicodedata.category(char) == "Mn":
                continue
            if _is_mark(char):
                if word:
                    yield word
                yield char
                word = ""
            else:
                word += char
        if word:
            yield word


def _spaced(text: str) -> str:
    out = []
    for char in text:
        kind = unicodedata.category(char)
        if char in "\t\n\r" or kind == "Zs":
            out.append(" ")
        elif char in "\x00\ufffd" or kind.startswith("C"):
            continue
        elif _is_ideograph(ord(char)):
            out.append(f" {char} ")
        else:
            out.append(char)
    return "".join(out)


def _is_mark(char: str) -> bool:
    code = ord(char)
    ascii_mark = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_mark or unicodedata.category(char).startswith("P")


def _is_ideograph(code: int) -> bool:
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    )
