"""Prompts own nothing: what is typed goes to the sheet, and the line under it says so."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from skillmap import widgets
from skillmap.errors import SheetError
from skillmap.ids import LearnerId, ModuleId
from skillmap.lessons import Lesson
from skillmap.lessons.schema import LessonFile
from skillmap.module import Module
from skillmap.widgets import chain, fields

if TYPE_CHECKING:
    from pathlib import Path

PROMPTS: dict[str, dict[str, Any]] = {
    "number": {"label": "Calls", "unit": "calls/day", "lowest": 0},
    "range": {"label": "Your range", "unit": "calls/day"},
    "choice": {"label": "Tier", "options": {"w": "Wren", "h": "Heron"}},
    "choices": {"label": "Two drivers", "options": {"a": "A", "b": "B", "c": "C"}, "pick": 2},
    "ranking": {"label": "Order", "options": {"a": "A", "b": "B", "c": "C"}},
    "table": {
        "label": "Costs",
        "columns": [{"name": "cost", "label": "Cost", "kind": "number", "unit": "$"}],
        "rows": {"w": "Wren", "h": "Heron"},
    },
    "chain": {
        "label": "Chain",
        "unit": "notes/day",
        "shelf": {"trips": {"label": "Trips", "unit": "trips/day"}},
    },
    "text": {"label": "Why", "words": [5, 40]},
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do at once what waits in a kernel; a browser test before may have left a loop running."""
    for room in (chain, fields):
        monkeypatch.setattr(room, "later", lambda _, action: action())


@pytest.fixture
def module(tmp_path: Path) -> Module:
    parts = [
        {"id": f"es.e1.{kind}", "prompt": {"kind": kind, **spec}} for kind, spec in PROMPTS.items()
    ]
    file = LessonFile.model_validate(
        {
            "module": "estimation",
            "items": [{"id": "es.e1", "title": "T", "points": 5, "parts": parts}],
        }
    )
    return Module(
        ModuleId.ESTIMATION,
        LearnerId.parse("ada"),
        tmp_path,
        lesson_=Lesson(file.module, file.items),
    )


def box(module: Module, kind: str) -> Any:
    return widgets.prompt(module, f"es.e1.{kind}")


def said(widget: Any) -> str:
    return re.sub(r"<[^>]+>", "", widget.status.value)


def saved(module: Module, kind: str) -> Any:
    module.sheet.reload()
    answer = module.sheet.get(f"es.e1.{kind}")
    return None if answer is None else answer.value


def test_a_number_is_saved_as_typed_by_people(module: Module) -> None:
    number = box(module, "number")
    assert said(number) == "Not answered yet."
    number.box.value = "14,000"
    assert saved(module, "number") == 14_000
    assert re.fullmatch(r"✓ Saved \d\d:\d\d · 14,000 calls/day", said(number))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("many", "is not a number"), ("-3", "below 0"), ("1,5", "two ways")],
)
def test_a_bad_number_stays_in_the_field_and_the_old_one_in_the_sheet(
    module: Module, typed: str, reason: str
) -> None:
    number = box(module, "number")
    number.box.value = "7"
    number.box.value = typed
    assert number.box.value == typed
    assert saved(module, "number") == 7
    assert said(number).startswith("✗ Not saved: ")
    assert reason in said(number)
    assert "run this cell" not in said(number)


def test_a_range_waits_for_both_ends(module: Module) -> None:
    widget = box(module, "range")
    widget.boxes["low"].value = "90"
    assert saved(module, "range") is None
    assert said(widget) == "Not saved yet: the high is missing."
    widget.boxes["high"].value = "40"
    assert said(widget) == "✗ Not saved: low (90) is above high (40). Swap them."
    widget.boxes["high"].value = "1.2k"
    widget.boxes["point"].value = "100"
    assert saved(module, "range") == {"low": 90, "point": 100, "high": 1200}


def test_an_emptied_field_loses_nothing(module: Module) -> None:
    widget = box(module, "range")
    widget.boxes["low"].value, widget.boxes["high"].value = "1", "2"
    widget.boxes["high"].value = ""
    assert "the high is missing. Until then this counts: Saved" in said(widget)
    widget.boxes["low"].value = ""
    assert "Nothing is entered here; this still counts: Saved" in said(widget)
    assert saved(module, "range") == {"low": 1, "high": 2}


def test_the_save_button_saves_again_after_a_failure(
    module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = box(module, "number")
    with monkeypatch.context() as patch:

        def busy(*_: Any, **__: Any) -> None:
            raise SheetError("answers.json is in use elsewhere. Nothing was saved.")

        patch.setattr(module.sheet, "put", busy)
        number.box.value = "5"
        assert said(number) == "✗ Not saved: answers.json is in use elsewhere. Nothing was saved."
    assert number.save.tooltip == "Save: Calls"
    number.save.click()
    assert saved(module, "number") == 5


def test_choices(module: Module) -> None:
    one = box(module, "choice")
    assert one.box.index is None
    one.box.index = 1
    assert saved(module, "choice") == "h"
    several = box(module, "choices")
    several.boxes["a"].value = True
    assert said(several) == "Not saved yet: choose 1 more."
    several.boxes["c"].value = True
    assert saved(module, "choices") == ["a", "c"]


def test_a_ranking_moves_by_buttons(module: Module) -> None:
    ranking = box(module, "ranking")
    ranking.down[0].click()
    ranking.up[2].click()
    assert saved(module, "ranking") == ["b", "c", "a"]
    ranking.up[0].click()
    assert saved(module, "ranking") == ["b", "c", "a"]
    assert ranking.up[1].tooltip == "Move up: C"


def test_a_table_keeps_the_row_it_belongs_to(module: Module) -> None:
    table = box(module, "table")
    table.rows[1]["cost"].value = "2.5"
    assert saved(module, "table") == [{"row": "h", "cost": 2.5}]
    assert box(module, "table").rows[1]["cost"].value == "2.5"


def test_words_are_counted_and_saved_when_the_writer_rests(module: Module) -> None:
    text = box(module, "text")
    text.box.value = "Notes make"
    text.box.value = "Notes make most of the calls"
    assert "6 words, 5 to 40 is usual" in text.count.value
    answer = module.sheet.get("es.e1.text")
    assert answer is not None
    assert answer.value == "Notes make most of the calls"
    assert answer.history == ()


def fill_chain(widget: Any) -> None:
    first, second = widget.rows[:2]
    first.pick.value = "trips"
    first.low.value, first.high.value = "400k", "600k"
    second.pick.value = "+"
    second.name.value, second.unit.value = "notes each", "notes/trip"
    second.point.value = "1.2"


def test_a_chain_shows_its_result_and_its_tornado(module: Module) -> None:
    widget = box(module, "chain")
    fill_chain(widget)
    value = saved(module, "chain")
    assert [f["name"] for f in value["factors"]] == ["trips", "notes each"]
    assert value["factors"][0]["unit"] == "trips/day"
    assert "notes/day" in widget.result.value
    assert re.search('alt="[^"]*Trips from 400,000', widget.picture.value)
    again = box(module, "chain")
    assert [row.point.value for row in again.rows][1] == "1.2"
    assert "img" in again.picture.value


def test_a_unit_that_does_not_end_up_right_is_explained(module: Module) -> None:
    widget = box(module, "chain")
    fill_chain(widget)
    widget.rows[1].unit.value = "trips"
    assert "Units do not end up right" in widget.result.value
    assert widget.picture.value == ""


def test_half_a_factor_is_not_saved_and_a_dropped_one_is_gone(module: Module) -> None:
    widget = box(module, "chain")
    widget.rows[0].pick.value = "trips"
    assert "Trips needs a best number" in said(widget)
    assert saved(module, "chain") is None
    fill_chain(widget)
    widget.rows[1].up.click()
    assert [f["name"] for f in saved(module, "chain")["factors"]] == ["notes each", "trips"]
    widget.rows[0].remove.click()
    assert [f["name"] for f in saved(module, "chain")["factors"]] == ["trips"]


def test_the_result_is_live_while_a_factor_is_open(module: Module) -> None:
    widget = box(module, "chain")
    fill_chain(widget)
    before = saved(module, "chain")
    widget.rows[1].point.value = "many"
    assert "is not a number" in said(widget)
    assert "Without factor 2, not complete yet." in widget.result.value
    assert "Units do not end up right" in widget.result.value
    assert saved(module, "chain") == before
    widget.rows[1].point.value = "1.4"
    assert "Units end in notes/day" in widget.result.value
    assert "2 factors" in said(widget)


def test_another_card_takes_the_numbers_of_the_first_along(tmp_path: Path) -> None:
    shelf = {
        "trips": {"label": "Trips", "unit": "trips/day", "low": 1, "point": "2k", "high": 3_000},
        "notes": {"label": "Notes", "unit": "notes/trip"},
    }
    spec = {"kind": "chain", "label": "C", "unit": "notes/day", "shelf": shelf}
    parts = [{"id": "es.e1.chain", "prompt": spec}]
    items = [{"id": "es.e1", "title": "T", "points": 5, "parts": parts}]
    file = LessonFile.model_validate({"module": "estimation", "items": items})
    lesson = Lesson(file.module, file.items)
    module = Module(ModuleId.ESTIMATION, LearnerId.parse("ada"), tmp_path, lesson_=lesson)
    row = box(module, "chain").rows[0]
    row.pick.value = "trips"
    row.high.value = "4k"
    row.pick.value = "notes"
    texts = [field.value for field in (row.low, row.point, row.high, row.unit)]
    assert texts == ["", "", "4k", "notes/trip"]


@pytest.fixture
def ladder(tmp_path: Path) -> Any:
    parts = [
        {
            "id": f"es.l1.a{n}",
            "prompt": {"kind": "range", "label": f"Q{n}", "unit": "$/month", "point": False},
        }
        for n in range(1, 5)
    ]
    items = [{"id": "es.l1", "title": "Ladder", "points": 4, "parts": parts}]
    file = LessonFile.model_validate({"module": "estimation", "items": items})
    lesson = Lesson(file.module, file.items)
    module = Module(ModuleId.ESTIMATION, LearnerId.parse("ada"), tmp_path, lesson_=lesson)
    shown = widgets.prompts(module, lesson.items[0], tuple(str(p["id"]) for p in parts))
    return next(c for c in shown.children if isinstance(c, widgets.LadderBox))


def test_a_ladder_counts_what_is_in(ladder: Any) -> None:
    assert "0 of 4 ranges are in" in said(ladder)
    for n, rung in enumerate(ladder.rungs.values(), start=1):
        rung.boxes["low"].value, rung.boxes["high"].value = "1", "2k"
        assert f"{n} of 4 ranges are in" in said(ladder)
    assert said(ladder).startswith("✓ ")
    rung.boxes["low"].value = "3k"
    assert said(rung) == "✗ Not saved: low (3,000) is above high (2,000). Swap them."
    ladder.save.click()
    assert said(rung).startswith("✗ ")
    assert ladder.held == 4


def test_a_change_elsewhere_shows_when_the_prompts_are_shown_again(module: Module) -> None:
    box(module, "number").box.value = "1"
    folder = module.sheet.path.parent  # type: ignore[union-attr]
    other = Module(module.id, module.learner, folder, lesson_=module.lesson)
    other.answer("es.e1.number", 2)
    shown = widgets.prompts(module, module.lesson.items[0], ("es.e1.number",))
    number = shown.children[1]
    assert number.box.value == "2"
    assert "2 calls/day (changed in another notebook)" in said(number)
    again = widgets.prompts(module, module.lesson.items[0], ("es.e1.number",))
    assert "another notebook" not in said(again.children[1])


def test_labels_say_whose_field_it_is_and_keep_their_dollars(module: Module) -> None:
    table = box(module, "table")
    heard = re.sub(r"<[^>]+>", "", table.rows[1]["cost"].description)
    assert heard == "Cost (&#36;), Heron"
    assert "$" not in table.rows[1]["cost"].description
    chain = box(module, "chain")
    assert "factor 2" in chain.rows[1].high.description
    chain.rows[1].up.click()
    assert "factor 1" in chain.rows[0].high.description
    assert (chain.rows[0].up.disabled, chain.rows[1].down.disabled) == (True, True)


def test_prompts_mind_their_manners_and_the_script_is_found(module: Module) -> None:
    shown = widgets.prompts(module, module.lesson.items[0], ("es.e1.number",))
    manners = shown.children[-1]
    assert "data-lm-suppress-shortcuts" in str(manners._esm)
    assert ":focus-visible" in str(manners._css)
    assert "skillmap-prompts" in shown._dom_classes


def test_an_answer_takes_under_a_tenth_of_a_second(module: Module) -> None:
    chain, number = box(module, "chain"), box(module, "number")
    fill_chain(chain)
    draws: list[Any] = []
    chain._draw = draws.append  # the picture follows the words; it is not waited for
    times = []
    for n in range(5):
        start = time.perf_counter()
        chain.rows[0].high.value = f"{700 + n}k"
        number.box.value = str(n)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1
    assert len(draws) == 5


def test_another_notebook_is_noticed_and_nothing_is_lost(module: Module) -> None:
    number = box(module, "number")
    number.box.value = "1"
    other = Module(
        module.id,
        module.learner,
        module.sheet.path.parent,
        lesson_=module.lesson,  # type: ignore[union-attr]
    )
    other.answer("es.e1.number", 2)
    number.box.value = "3"
    assert "another notebook had saved 2 calls/day" in said(number)
    answer = module.sheet.get("es.e1.number")
    assert answer is not None
    assert [e.value for e in answer.history] == [1, 2]


def test_a_value_the_fields_cannot_show_is_named_and_kept(module: Module) -> None:
    module.sheet.put("es.e1.range", "lots")
    widget = box(module, "range")
    assert "Saved, but not in a form" in said(widget)
    assert saved(module, "range") == "lots"


def test_every_control_has_a_name(module: Module) -> None:
    shown = widgets.prompts(module, module.lesson.items[0], tuple(f"es.e1.{k}" for k in PROMPTS))

    def controls(widget: Any) -> Any:
        for child in getattr(widget, "children", ()):
            yield child
            yield from controls(child)

    names = {"TextModel", "TextareaModel", "CheckboxModel", "DropdownModel", "ButtonModel"}
    found = [c for c in controls(shown) if c._model_name in names]
    assert len(found) > 25
    for control in found:
        assert control.description or control.tooltip, control


def test_a_prediction_is_bound_to_the_sheet(module: Module) -> None:
    shown = widgets.prompts(module, module.lesson.items[0], ("es.e1.number",))
    prediction = shown.children[0]
    prediction.box.value = "120"
    assert "Not saved" in said(prediction)
    prediction.box.value = "70%"
    assert module.sheet.get("es.e1").predicted == 70  # type: ignore[union-attr]
    again = widgets.prompts(module, module.lesson.items[0], ("es.e1.number",)).children[0]
    assert again.box.value == "70"
