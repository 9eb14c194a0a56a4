"""Cutting help-center text into sentences, and articles into chunks.

A sentence is the unit that evidence is marked on; a chunk is the unit that a search finds.
Chunks are windows of words that never cross from one article into the next. A window may
cut a sentence in two, which is why overlap matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CHUNK_WORDS",
    "OVERLAPS",
    "TOKENS_PER_WORD",
    "Sentence",
    "Window",
    "sentences_of",
    "windows",
    "words_of",
]

CHUNK_WORDS = (80, 160, 240, 400, 800)
"""Chunk sizes on offer, in words."""

OVERLAPS = (0.0, 0.25, 0.5)
"""Shares of a chunk that the next one repeats."""

TOKENS_PER_WORD = 1.375
"""Tokens for one English word: 160 words make 220 tokens. Invented for this course, within the
range of current tokenizers."""

_MARK = re.compile(r"\[\[(\w+)\]\]\s*")
_LIST_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s+")
_RULE_ROW = re.compile(r"\|[\s|:-]+\|")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')*]*\s+(?=[A-Z\[\"'(*$0-9\u201c])")
_FORMATTING = re.compile(r"\*+|^#+\s*|\s*\|\s*|(?<!\w)_|_(?!\w)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, list line, heading or table row; ``mark`` names it if an author did."""

    text: str
    mark: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words, split at spaces."""
        return words_of(self.text)


@dataclass(frozen=True, slots=True)
class Window:
    """A run of words: ``start`` and ``stop`` count words from the beginning of the text."""

    start: int
    stop: int


def words_of(text: str) -> tuple[str, ...]:
    """Split at spaces, the way a word count does.

    >>> words_of("Bring the  ticket.")
    ('Bring', 'the', 'ticket.')
    """
    return tuple(text.split())


def sentences_of(body: str) -> tuple[Sentence, ...]:
    """Split Markdown into sentences; a mark such as ``[[s1]]`` names the sentence it stands in.

    >>> [s.mark for s in sentences_of("It is free. [[s1]] Ask until 9:30 am on the day.")]
    [None, 's1']
    >>> sentences_of("| Saver | [[s2]] $12 |")[0]
    Sentence(text='Saver $12', mark='s2')
    """
    found: list[Sentence] = []
    for block in _blocks(body):
        for part in _SENTENCE_END.split(block) if not block.startswith("|") else [block]:
            mark = _MARK.search(part)
            text = " ".join(_FORMATTING.sub(" ", _MARK.sub("", part)).split())
            if text:
                found.append(Sentence(text, mark.group(1) if mark else None))
    return tuple(found)


def windows(total: int, size: int, overlap: float) -> tuple[Window, ...]:
    """Cover ``total`` words with windows of ``size`` words; each repeats a share of the last.

    A window that would add nothing new is not made. Raises ``ValueError`` for a size below 1
    or an overlap outside 0 to 0.9.

    >>> windows(100, 80, 0.5)
    (Window(start=0, stop=80), Window(start=40, stop=100))
    """
    if size < 1 or not 0 <= overlap <= 0.9:
        raise ValueError(f"chunk of {size} words with overlap {overlap}: use 1 or more, 0 to 0.9")
    step = max(1, round(size * (1 - overlap)))
    made: list[Window] = []
    for start in range(0, max(total, 1), step):
        made.append(Window(start, min(start + size, total)))
        if start + size >= total:
            break
    return tuple(made)


def _blocks(body: str) -> Sequence[str]:
    """Join the lines of a paragraph; keep headings, list items and table rows apart."""
    blocks: list[str] = []
    open_paragraph = False
    for line in body.splitlines():
        text = line.strip()
        if not text or _RULE_ROW.fullmatch(text):
            open_paragraph = False
        elif text.startswith(("#", "|")):
            blocks.append(text)
            open_paragraph = False
        elif item := _LIST_ITEM.match(line):
            blocks.append(line[item.end() :].strip())
            open_paragraph = True
        elif open_paragraph:
            blocks[-1] += " " + text
        else:
            blocks.append(text)
            open_paragraph = True
    return blocks
