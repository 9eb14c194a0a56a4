"""A cohort of any size, made from a seed: hand-ins that differ in answers and in what is broken."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from tests.cohort.small_course import HandIn, right_number, sheet

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

__all__ = ["KINDS", "generate"]

TEXTS = (
    "Because the range is wide.",
    "",
    "Ça dépend — 40 à 60 €.",
    "x" * 3000,
    "<b>bold</b> & $5$",
)
MODELS = ("heron", "wren", "", None, 7)
BAD_CODE = (
    "1/0",
    "raise SystemExit",
    "def broken(:",
    "import os; os._exit(3)",
    "print('x' * 3_000_000)",
    "answers_dir = '/nowhere'",
)


def _cell_index(book: NotebookNode, name: str) -> int:
    names = [c.metadata.get("nbgrader", {}).get("grade_id", "") for c in book.cells]
    return names.index(name)


def _answers(dice: random.Random, student: str) -> dict[str, Any]:
    right = right_number(student)
    numbers = (right, right + 3, right - 5, right + 40, float(right), -1, 1e300, "twelve", None)
    found: dict[str, Any] = {}
    if dice.random() < 0.8:
        found["es_e1_calls"] = dice.choice(numbers[:5] if dice.random() < 0.8 else numbers)
    if dice.random() < 0.8:
        found["es_e2_model"] = dice.choice(MODELS)
    if dice.random() < 0.7:
        found["es_w1_text"] = dice.choice(TEXTS)
    return found


def _in_cells(answers: dict[str, Any]) -> dict[str, str]:
    cells = {"es_e1_calls": "es-e1-answer", "es_e2_model": "es-e2-answer"}
    cells["es_w1_text"] = "es-w1-answer"
    return {
        cells[name]: f"answer({name.replace('_', '.')!r}, {value!r})"
        for name, value in answers.items()
    }


def _saved(hand_in: HandIn, student: str, dice: random.Random) -> None:
    hand_in(student, sheet(student, **_answers(dice, student)))


def _coded(hand_in: HandIn, student: str, dice: random.Random) -> None:
    hand_in(student, cells=_in_cells(_answers(dice, student)))


def _both(hand_in: HandIn, student: str, dice: random.Random) -> None:
    hand_in(student, sheet(student, **_answers(dice, student)), _in_cells(_answers(dice, student)))


def _blank(hand_in: HandIn, student: str, dice: random.Random) -> None:
    hand_in(student)


def _raising(hand_in: HandIn, student: str, dice: random.Random) -> None:
    name = dice.choice(["es-e1-answer", "es-e2-answer", "es-w1-answer"])
    cells = {**_in_cells(_answers(dice, student)), name: dice.choice(BAD_CODE)}
    hand_in(student, sheet(student, **_answers(dice, student)), cells)


def _torn_sheet(hand_in: HandIn, student: str, dice: random.Random) -> None:
    whole = sheet(student, **_answers(dice, student))
    hand_in(student, whole[: dice.randrange(10, len(whole))], _in_cells(_answers(dice, student)))


def _torn_notebook(hand_in: HandIn, student: str, dice: random.Random) -> None:
    torn = dice.choice([b'{"cells": [{"cel', b"", b"[]", b"\xff\xfe\x00", b'{"cells": 3}'])
    hand_in(student, sheet(student, **_answers(dice, student)), notebook=torn)


def _edited_cells(hand_in: HandIn, student: str, dice: random.Random) -> None:
    """Cells deleted, doubled, moved, renamed, or with other points."""
    what = dice.choice(["delete", "double", "reverse", "rename", "points", "source"])

    def edit(book: NotebookNode) -> None:
        at = _cell_index(book, dice.choice(["es-e1-answer", "es-e2-answer", "es-e1", "es-open"]))
        if what == "delete":
            del book.cells[at]
        elif what == "double":
            twin = json.loads(json.dumps(book.cells[at]))
            twin["source"] = "answer('es.e2.model', 'wren')"
            book.cells.insert(at, type(book.cells[at])(twin))
            book.cells[at]["id"] = "twin"
        elif what == "reverse":
            book.cells.reverse()
        elif what == "rename":
            book.cells[at].metadata.nbgrader["grade_id"] = "es-other"
        elif what == "points":
            book.cells[_cell_index(book, "es-e1")].metadata.nbgrader["points"] = 1000
        else:
            book.cells[at]["source"] = "pass"

    hand_in(student, None, _in_cells(_answers(dice, student)), edit)


def _somebody_elses(hand_in: HandIn, student: str, dice: random.Random) -> None:
    hand_in(student, sheet("s0000", **_answers(dice, "s0000")))


def _late(hand_in: HandIn, student: str, dice: random.Random) -> None:
    day = dice.randrange(21, 30)
    stamp = dice.choice([f"2026-11-{day} 10:00:00.000000 UTC", ""])
    hand_in(student, sheet(student, **_answers(dice, student)), stamp=stamp)


KINDS = (_saved, _coded, _both, _raising, _torn_sheet, _edited_cells, _late)
RARE = (_blank, _torn_notebook, _somebody_elses)


def generate(hand_in: HandIn, number: int, *, seed: int = 1, calm: bool = False) -> list[str]:
    """Hand in ``number`` submissions named ``s0000``…; the same seed gives the same cohort.

    Every kind comes once before chance decides. ``calm`` leaves out code that breaks the run.
    """
    dice = random.Random(seed)
    students = [f"s{k:04d}" for k in range(number)]
    kinds = (_saved, _coded, _both, _blank, _late) if calm else (*KINDS, *RARE)
    for k, student in enumerate(students):
        kind = kinds[k] if k < len(kinds) else dice.choice(kinds)
        kind(hand_in, student, dice)
    return students
