"""Sentences with their places in the text, and words as the lexical measures see them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Sentence", "content_words", "fold", "sentences", "stem"]

_END = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\s*\n\s*|(?<=;)\s+")
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_NUMBER = re.compile(r"^\d")
_SHORT = frozenset({"e.g.", "i.e.", "vs.", "approx.", "etc.", "no.", "mr.", "ms.", "dr.", "st."})

_SMALL = (
    "a about after all also am an and any are as at be because been before being both but by "
    "can could did do does doing down during each few for from further had has have having he "
    "her here him his how i if in into is it its itself just me more most my no nor not now of "
    "off on once only or other our out over own per same she should so some such than that the "
    "their them then there these they this those through to too under until up very was we were "
    "what when where which while who whom why will with would you your "
)
STOP = frozenset(_SMALL.split())


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the answer: ``text[start:end]`` of the text it was cut from."""

    start: int
    end: int
    text: str


def sentences(text: str, *, most: int = 400) -> tuple[Sentence, ...]:
    """Cut a text into sentences; a fragment of one or two words stays with its neighbor.

    Line breaks and semicolons end a sentence too, because answers are typed in lists. At most
    ``most`` are returned.

    >>> [s.text for s in sentences("First, e.g. the cost. Then I ask who pays; it matters.")]
    ['First, e.g. the cost.', 'Then I ask who pays;', 'it matters.']
    """
    cuts = [0]
    for match in _END.finditer(text):
        before = text[: match.start()].rsplit(maxsplit=1)
        if before and before[-1].casefold() in _SHORT:
            continue
        cuts.append(match.end())
    cuts.append(len(text))
    found: list[Sentence] = []
    for low, high in pairwise(cuts):
        piece = text[low:high].strip()
        if not piece:
            continue
        start = low + text[low:high].index(piece[0])
        if found and (len(piece.split()) < 2 or len(found[-1].text.split()) < 2):
            start = found.pop().start
        end = start + len(text[start:high].rstrip())
        found.append(Sentence(start, end, text[start:end]))
        if len(found) == most:
            break
    return tuple(found)


def fold(text: str) -> str:
    """Lower the case, drop accents and characters without width, and join white space.

    >>> fold("Caf\\u00e9\\u200b  COST")
    'cafe cost'
    """
    plain = unicodedata.normalize("NFKD", text)
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join("".join(kept).casefold().split())


def stem(word: str) -> str:
    """Take common endings off a word, roughly.

    >>> [stem(w) for w in ("costs", "priced", "rollback", "testing", "queries")]
    ['cost', 'pric', 'rollback', 'test', 'query']
    """
    for ending, instead, least in (
        ("ies", "y", 3), ("ing", "", 4), ("ed", "", 3), ("es", "", 4), ("s", "", 3), ("e", "", 4),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return word[: -len(ending)] + instead
    return word


def content_words(text: str) -> tuple[str, ...]:
    """Return the stems of the words that carry meaning; every number becomes ``#``.

    >>> content_words("It costs 300 dollars and the users pay.")
    ('cost', '#', 'dollar', 'user', 'pay')
    """
    words = _WORD.findall(fold(text))
    return tuple("#" if _NUMBER.match(w) else stem(w) for w in words if w not in STOP)
