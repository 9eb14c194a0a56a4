"""Odd answers in every part: no grader and no solver breaks, and none of them takes long.

Solvers work some references out from a learner's own answers, so the values below reach them.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.modules.modules import MODULES, earned, graded_items, is_written, key_of, samples

from skillmap.answers import AnswerSheet
from skillmap.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from skillmap.lessons.schema import Prompt

SECONDS = 5.0
"""For one item; a solver that draws as many labels as it is told takes longer."""


def _number(value: float) -> Callable[[Prompt], Any]:
    def fill(prompt: Prompt) -> Any:
        """One number everywhere that takes one; options and words as usual."""
        if prompt.kind == "number":
            return value
        if prompt.kind == "range":
            return {"low": value, "high": value}
        if prompt.kind == "table":
            names = list(prompt.rows) or [""]
            return [({"row": n} if n else {}) | _row(prompt, value) for n in names]
        if prompt.kind == "chain":
            row = {"name": "x", "low": value, "point": value, "high": value, "unit": prompt.unit}
            return {"factors": [row]}
        return _option(prompt)

    return fill


def _row(prompt: Any, value: float) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in prompt.columns:
        if column.kind == "choice":
            cells[column.name] = next(iter(column.options))
        else:
            cells[column.name] = value if column.kind == "number" else "Words"
    return cells


def _option(prompt: Any) -> Any:
    if prompt.kind == "choice":
        return next(iter(prompt.options))
    if prompt.kind in {"choices", "ranking"}:
        return list(prompt.options)[: getattr(prompt, "pick", None)]
    return "Words of no meaning, 3 of them."


def _half_a_table(prompt: Prompt) -> Any:
    if prompt.kind != "table":
        return _number(3.0)(prompt)
    return [{"row": name} for name in list(prompt.rows)[:1]] or [{}]


ODD: dict[str, Callable[[Prompt], Any]] = {
    "huge": _number(1e29),
    "hugely negative": _number(-1e29),
    "zero": _number(0.0),
    "minus one": _number(-1.0),
    "a tenth": _number(0.1),
    "a billion": _number(1e9),
    "tiny": _number(1e-29),
    "half a table": _half_a_table,
    "a text": lambda _: "seven",
    "a number": lambda _: 3,
    "an empty list": lambda _: [],
    "a list of lists": lambda _: [[1, "a"], {"row": "x"}],
    "a mapping": lambda _: {"row": "nothing", "low": 2, "high": 1, "factors": 3},
    "true": lambda _: True,
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("module", MODULES)
def test_odd_answers_break_nothing(module: str, odd: str) -> None:
    world = samples(module).WORLDS[0]
    key_of(module).references(world)  # not part of what an answer costs
    for item in graded_items(module):
        written = is_written(module, item.id)
        right = {} if written else samples(module).answers(item.id, "right", world)
        whole = {part.id: {"value": ODD[odd](part.prompt)} for part in item.parts}
        one_by_one = [right | {name: answer} for name, answer in whole.items()]
        for parts in (whole, *one_by_one):
            start = time.process_time()
            feedback = earned(module, item, world, _kept(parts))
            assert time.process_time() - start < SECONDS, (item.id, parts)
            assert 0 <= feedback.points <= feedback.maximum, (item.id, parts)


def _kept(parts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leave out what no answer sheet would hold."""
    found = {}
    for name, answer in parts.items():
        with contextlib.suppress(AnswerError):
            AnswerSheet().put(name, answer["value"])
            found[name] = answer
    return found
