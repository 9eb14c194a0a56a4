"""The source notebook of Evals: its cells, its marks and its prose."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from skillmap.lessons import lesson

SOURCE = Path(__file__).parents[2] / "source" / "evals" / "evals.ipynb"
GUIDE = [f"EV-{n}" for n in range(1, 9)] + [f"EV-B{n}" for n in range(1, 10)]
TASKS = [
    *(f"EV-L{n}" for n in range(1, 5)),
    *(f"EV-E{n}" for n in range(1, 4)),
    *(f"EV-R{n}" for n in range(1, 5)),
    *(f"EV-Q{n}" for n in (1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13)),
]
BANNED = re.compile(r"\b(simply|just|leverag\w*|delv\w*|utiliz\w*|robust|seamless\w*)\b", re.I)


@pytest.fixture(scope="module")
def book() -> nbformat.NotebookNode:
    return nbformat.read(SOURCE, as_version=4)


def _marks(cell: nbformat.NotebookNode) -> dict:
    return cell.metadata.get("skillmap", {})


def test_every_guide_point_is_taught_and_every_task_is_set(book) -> None:
    taught = {
        p for c in book.cells if c.cell_type == "markdown" for p in _marks(c).get("curriculum", [])
    }
    assert set(GUIDE) <= taught
    set_ = {p for c in book.cells if c.cell_type == "code" for p in _marks(c).get("curriculum", [])}
    assert set(TASKS) <= set_


def test_graded_cells_stand_at_the_end_and_match_the_items(book) -> None:
    items = {item.id: item for item in lesson("evals").items if item.points}
    awards = [c for c in book.cells if c.metadata.nbgrader.grade]
    assert book.cells[-len(awards) :] == awards
    assert [_marks(c)["item"] for c in awards] == list(items)
    assert all(c.metadata.nbgrader.points == items[_marks(c)["item"]].points for c in awards)
    assert sum(c.metadata.nbgrader.points for c in awards) == 100


def test_every_part_is_asked_and_each_item_before_it_is_checked(book) -> None:
    asked = "\n".join(c.source for c in book.cells if c.cell_type == "code")
    order = [(_marks(c).get("role"), _marks(c).get("item")) for c in book.cells]
    for item in lesson("evals").items:
        whole = f'm.ask("{item.id}")' in asked
        parts = [part.id for part in item.parts if part.id != "ev.l1.plan"]
        assert whole or all(f'm.ask("{part}")' in asked for part in parts), item.id
        if item.points:
            places = [order.index((role, item.id)) for role in ("answer", "hint", "check", "award")]
            assert places == sorted(places), item.id


def test_answer_cells_hide_the_solver_and_hold_no_number(book) -> None:
    answers = [c for c in book.cells if _marks(c).get("role") == "answer"]
    assert {_marks(c)["item"] for c in answers} == {i.id for i in lesson("evals").items}
    for cell in answers:
        kept, solution = cell.source.split("### BEGIN SOLUTION")
        desk = _marks(cell)["item"] == "ev.l1"  # its plan is written on the sampling desk
        assert kept.endswith("sampling_desk(m)\n" if desk else '")\n')
        assert desk or kept.startswith(f'm.ask("{_marks(cell)["item"]}')
        assert "reference_answers(m.world)" in solution
        assert not re.search(r"\d{3}", solution)
    others = [c for c in book.cells if c not in answers and c.cell_type == "code"]
    assert all("solver" not in c.source and len(c.source.splitlines()) <= 4 for c in others)


def test_prose(book) -> None:
    texts = [c.source for c in book.cells if c.cell_type == "markdown"]
    for text in texts:
        assert not (found := BANNED.findall(text)), (found, text[:60])
    sources = next(text for text in texts if text.startswith("### Sources"))
    cited = {key for text in texts for key in re.findall(r"\[(S\d{1,2})\b", text)}
    assert cited
    assert all(re.search(rf"\b{key}\b", sources) for key in cited)
    assert sum(len(text.split()) for text in texts) < 5_400


def test_item_texts_keep_the_same_rules() -> None:
    for item in lesson("evals").items:
        for text in (
            item.title,
            item.looked_for,
            *item.hints,
            *(p.prompt.label for p in item.parts),
        ):
            assert not BANNED.search(text), text
            assert "$" not in text
