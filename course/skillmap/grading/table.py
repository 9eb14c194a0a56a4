"""Grader ``table``: cells of a table with fixed rows; the share of them that is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.number import tolerances
from skillmap.grading.pieces import (
    Graded,
    Piece,
    cut,
    in_lines,
    judged,
    main_part,
    part_name,
    read,
    refused,
)
from skillmap.lessons.render import table_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skillmap.answers import Answer
    from skillmap.grading.keys import TableKey
    from skillmap.lessons.schema import Column, Item, Part

__all__ = ["grade", "table_piece"]


def grade(item: Item, key: TableKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Grade an item that is a table."""
    piece, measures = table_piece(item, key, main_part(item, key), answers, reference)
    return Graded((piece,), {piece.name: measures} if measures else {})


def table_piece(
    item: Item,
    key: TableKey,
    part: Part | None,
    answers: Mapping[str, Answer],
    reference: Mapping[str, Mapping[str, Any]],
) -> tuple[Piece, dict[str, Any]]:
    """Grade one table; an empty cell is not right."""
    name = part_name(item, key, part)
    prompt: Any = part.prompt if part is not None else None
    columns: dict[str, Column] = {c.name: c for c in prompt.columns} if prompt else {}
    wanted = key.looked_for or _looked_for(key)
    secret = _secret(prompt, reference) if prompt else ""
    reading = read(part, answers)
    if not reading.given:
        return refused(name, key.weight, reading, wanted, secret), {}
    given = {row["row"]: row for row in reading.value if "row" in row}
    off: list[tuple[str, str]] = []
    cells = 0
    for row, values in reference.items():
        for column, value in values.items():
            cells += 1
            if not _right(key, columns[column], given.get(row, {}).get(column), value):
                off.append((row, column))
    right = (cells - len(off)) / cells
    share = min(1.0, max(0.0, (right - key.floor) / (key.full - key.floor)))
    piece = judged(
        name,
        key.weight,
        1.0 if share > 1 - 1e-9 else share,
        seen=f"{cells - len(off)} of {cells} cells right: {reading.seen}",
        looked_for=wanted,
        advice=key.advice or _advice(off, prompt.rows, columns, given),
        key=secret,
    )
    return piece, {"cells": cells, "right": cells - len(off)}


def _right(key: TableKey, column: Column, given: Any, value: Any) -> bool:
    if given is None:
        return False
    if column.kind == "number":
        reference, error = (
            (float(value["value"]), float(value.get("se", 0.0)))
            if isinstance(value, Mapping)
            else (float(value), 0.0)
        )
        relative, absolute = tolerances(
            key.rule, column.unit, _for(key.within, column), _for(key.absolute, column), error=error
        )
        return rules.within(float(given), reference, relative, absolute)
    accepted = [value] if isinstance(value, str) else [str(option) for option in value]
    if column.kind == "choice":
        return given in accepted
    return _plain(str(given)) in {_plain(text) for text in accepted}


def _for(setting: float | Mapping[str, float] | None, column: Column) -> float | None:
    return setting.get(column.name) if isinstance(setting, Mapping) else setting


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(".,;:!?\"'")


def _looked_for(key: TableKey) -> str:
    if key.full < 1:
        return f"At least {100 * key.full:.0f} percent of the cells right."
    return "Every cell filled and right."


def _secret(prompt: Any, reference: Mapping[str, Mapping[str, Any]]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return float(value["value"])
        return value if isinstance(value, str | int | float) else next(iter(value), "")

    rows = [{"row": row, **{c: plain(v) for c, v in cells.items()}}
            for row, cells in reference.items()]  # fmt: skip
    return in_lines(table_text(prompt, rows))


def _advice(
    off: Sequence[tuple[str, str]],
    rows: Mapping[str, str],
    columns: Mapping[str, Column],
    given: Mapping[str, Mapping[str, Any]],
) -> str:
    """Say where to look: empty cells, the column that is off most, rows of numbers."""
    empty = sum(given.get(row, {}).get(column) is None for row, column in off)
    if empty:
        return f"{empty} cell{' is' if empty == 1 else 's are'} empty; a rough answer is better."
    if not off:
        return ""
    worst, count = Counter(column for _, column in off).most_common(1)[0]
    label = columns[worst].label
    if columns[worst].kind != "number":
        return f"Look again at “{cut(label, 60)}”: not every row of it fits what its row shows."
    names = [cut(rows.get(row, row), 40) for row, column in off if column == worst]
    listed = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
    several = "are" if count > 1 else "is"
    return f"In “{cut(label, 60)}”, {listed} {several} off: write the steps for one row with units."
