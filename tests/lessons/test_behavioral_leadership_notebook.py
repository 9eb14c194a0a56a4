"""The source notebook of Behavioral and leadership: its cells, its marks and its prose."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from skillmap.lessons import lesson

SOURCE = (
    Path(__file__).parents[2] / "source" / "behavioral-leadership" / "behavioral-leadership.ipynb"
)
GUIDE = [f"BL-{n}" for n in range(1, 7)] + [f"BL-B{n}" for n in range(1, 9)]
TASKS = [
    *(f"BL-L{n}" for n in range(1, 5)),
    *(f"BL-E{n}" for n in range(1, 4)),
    *(f"BL-R{n}" for n in range(1, 5)),
    *(f"BL-Q{n}" for n in (2, 5, 6, 12)),
]
BANNED = re.compile(
    r"\b(simply|just|leverag\w*|delv\w*|utiliz(?:e|es|ed|ing)|robust|seamless\w*)\b", re.I
)


@pytest.fixture(scope="module")
def book() -> nbformat.NotebookNode:
    return nbformat.read(SOURCE, as_version=4)


def _marks(cell: nbformat.NotebookNode) -> dict:
    return cell.metadata.get("skillmap", {})


def test_it_is_valid_and_clean(book) -> None:
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", cell.id) for cell in book.cells)
    grade_ids = [cell.metadata.nbgrader.grade_id for cell in book.cells]
    assert len(grade_ids) == len(set(grade_ids))
    assert all(cell.metadata.nbgrader.schema_version == 3 for cell in book.cells)


def test_every_guide_point_is_taught_and_every_task_is_set(book) -> None:
    taught = {
        p for c in book.cells if c.cell_type == "markdown" for p in _marks(c).get("curriculum", [])
    }
    assert set(GUIDE) <= taught
    set_ = {p for c in book.cells if c.cell_type == "code" for p in _marks(c).get("curriculum", [])}
    assert set(TASKS) <= set_


def test_graded_cells_stand_at_the_end_and_match_the_items(book) -> None:
    items = {item.id: item for item in lesson("behavioral-leadership").items if item.points}
    awards = [c for c in book.cells if c.metadata.nbgrader.grade]
    assert book.cells[-len(awards) :] == awards
    assert [_marks(c)["item"] for c in awards] == list(items)
    for cell in awards:
        item = items[_marks(cell)["item"]]
        assert cell.metadata.nbgrader.points == item.points
        assert cell.metadata.nbgrader.grade_id == item.id.replace(".", "-")
        assert cell.metadata.nbgrader.locked
        assert not cell.metadata.nbgrader.solution
        assert cell.source == f'm.award("{item.id}")'
    assert sum(c.metadata.nbgrader.points for c in awards) == 100


def test_answer_cells_keep_the_ask_and_hide_the_solver(book) -> None:
    answers = [c for c in book.cells if _marks(c).get("role") == "answer"]
    assert {_marks(c)["item"] for c in answers} == {
        i.id for i in lesson("behavioral-leadership").items
    }
    for cell in answers:
        meta = cell.metadata.nbgrader
        assert meta.solution
        assert not meta.grade
        assert not meta.locked
        kept, solution = cell.source.split("### BEGIN SOLUTION")
        assert kept == f'm.ask("{_marks(cell)["item"]}")\n'
        assert "reference_answers(m.world)" in solution
        assert not re.search(r"\d{3}", solution), "a solution holds no number"
    others = [c for c in book.cells if c not in answers and c.cell_type == "code"]
    assert all("solver" not in c.source and len(c.source.splitlines()) <= 4 for c in others)


def test_each_item_is_asked_before_it_is_checked(book) -> None:
    order = [(_marks(c).get("role"), _marks(c).get("item")) for c in book.cells]
    for item in lesson("behavioral-leadership").items:
        if item.points:
            places = [order.index((role, item.id)) for role in ("answer", "hint", "check", "award")]
            assert places == sorted(places), item.id


def test_prose(book) -> None:
    texts = [c.source for c in book.cells if c.cell_type == "markdown"]
    for text in texts:
        assert not (found := BANNED.findall(text)), (found, text[:60])
        assert not re.search(r"(?<!\\)\$", text), f"an open dollar sign is read as TeX: {text[:60]}"
    words = sum(len(text.split()) for text in texts)
    assert words < 4_000
    sources = next(text for text in texts if text.startswith("### Sources"))
    cited = {key for text in texts for key in re.findall(r"\bS\d{1,2}\b", text)}
    assert all(re.search(rf"\b{key}\b", sources) for key in cited)


def test_it_says_what_is_handed_in_and_what_is_not(book) -> None:
    cells = {cell.id: cell.source for cell in book.cells}
    assert "one folder *above*" in cells["private-text"]
    assert "These fields are handed in" in cells["written-text"]
    assert "my-stories.md` is not in the folder" in cells["close"]
    order = list(cells)
    assert (
        order.index("private-text") < order.index("stories-widget") < order.index("bl-share-answer")
    )
    assert order.index("bl-log-answer") < order.index("ending-show")


def test_item_texts_keep_the_same_rules() -> None:
    for item in lesson("behavioral-leadership").items:
        for text in (
            item.title,
            item.looked_for,
            *item.hints,
            *(p.prompt.label for p in item.parts),
        ):
            assert not BANNED.search(text), text
