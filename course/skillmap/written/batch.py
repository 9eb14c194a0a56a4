"""Many answers from a file of JSON lines, scored in order; a bad line costs only itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from skillmap.bank import Question, question
from skillmap.errors import AnswerError, SkillMapError
from skillmap.written.scoring import Scored, score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["answers_in", "read_text", "rubric_of", "score_lines", "score_one"]

MAX_BYTES = 4_000_000
"""More than this is no answer; it is not read."""


def rubric_of(question_id: str) -> Question:
    """Return a question with a rubric; raise if the bank has none of this name or no rubric."""
    asked = question(question_id)
    if not asked.criteria:
        raise AnswerError(
            f"Question {asked.id}", "it has no rubric", "Pick one that has: see the bank."
        )
    return asked


def score_one(question_id: str, text: str) -> Scored:
    """Score one answer; raise if the bank has no such question or no rubric for it."""
    return score(rubric_of(question_id), text)


def read_text(data: bytes, place: str) -> str:
    """Return the text of a file's bytes; what is not text becomes the mark that says so.

    >>> read_text(b"caf\\xc3\\xa9", "answer.txt")
    'café'
    """
    if len(data) > MAX_BYTES:
        raise AnswerError(
            place, f"{len(data):,} bytes", f"Hand in at most {MAX_BYTES:,}: an answer is a page."
        )
    return data.decode("utf-8-sig", errors="replace")


def answers_in(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Return the answers that a file of JSON lines holds; lines that are none are left out.

    >>> answers_in(['{"question_id": "es.q2", "answer": "four", "who": "ada"}', "{"])
    [('es.q2', 'four')]
    """
    found = []
    for line in lines:
        try:
            _, asked, text = _parsed(line)
            found.append((rubric_of(asked).id, text))
        except SkillMapError:
            continue
    return found


def score_lines(
    lines: Iterable[str], by: Callable[[str, str], Scored] = score_one
) -> Iterator[dict[str, Any]]:
    """Score JSON lines with ``question_id`` and ``answer``; other fields are passed through.

    A line that cannot be scored gives its ``line`` and ``error`` instead.

    >>> found = list(score_lines(['{"question_id": "es.q2", "answer": "", "who": "ada"}', "{"]))
    >>> found[0]["who"], found[0]["score"], found[1]["line"]
    ('ada', 0, 2)
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        extra: dict[str, Any] = {}
        try:
            extra, asked, text = _parsed(line)
            yield {**extra, **by(asked, text).as_data()}
        except SkillMapError as error:
            yield {**extra, "line": number, "error": str(error)}


def _parsed(line: str) -> tuple[dict[str, Any], str, str]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AnswerError(
            "This line", f"is not JSON ({error})", "Write one object a line."
        ) from None
    if not isinstance(entry, dict):
        raise AnswerError("This line", "is not an object", 'Write {"question_id": …, "answer": …}.')
    extra = {key: value for key, value in entry.items() if key != "answer"}
    asked, text = entry.get("question_id"), entry.get("answer")
    if not isinstance(asked, str) or not isinstance(text, str):
        raise AnswerError(
            "This line", "question_id or answer is missing or no text", "Give both as strings."
        )
    return extra, asked, text
