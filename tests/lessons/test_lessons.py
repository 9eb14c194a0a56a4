"""Lessons: what items.yaml may say, every fault at once, and facts put into texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmap.errors import AnswerError, AuthoringError, UnknownItemError
from skillmap.lessons import Lesson, fill, lesson, lesson_from
from skillmap.lessons.schema import ChainPrompt, RangePrompt

SMALL = Path(__file__).parents[1] / "fixtures" / "lesson" / "items.yaml"


@pytest.fixture(scope="module")
def small() -> Lesson:
    return lesson_from(SMALL)


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "estimation" / "items.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with pytest.raises(AuthoringError) as caught:
        lesson_from(path)
    return [str(fault) for fault in caught.value.faults]


def test_items_and_parts_are_found_by_id(small: Lesson) -> None:
    assert small.item("es.t1").title == "Bikes a day"
    assert small.item("es.t1.range") is small.item("es.t1")
    assert isinstance(small.prompt("es.t1.chain"), ChainPrompt)
    assert isinstance(small.prompt("es.t1.range"), RangePrompt)
    assert small.points == 15
    assert {"es.t1", "es.t1.chain", "es.t2"} <= small.ids


def test_an_item_of_one_part_answers_for_it(small: Lesson) -> None:
    assert small.part("es.t2").prompt.kind == "number"
    assert small.place("es.t2") == "Estimation, One number"
    assert small.place("es.t1.range") == "Estimation, Bikes a day, range"
    with pytest.raises(UnknownItemError, match=r"several parts.*es\.t1\.chain, es\.t1\.range"):
        small.part("es.t1")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("es.t1.rnage", r"Did you mean es\.t1\.range"),
        ("nothing like it", r"Its items are es\.t1, es\.t2, es\.t3\."),
        ("", "there is no item ''"),
    ],
)
def test_an_unknown_id_names_its_neighbors(small: Lesson, name: str, said: str) -> None:
    with pytest.raises(UnknownItemError, match=said):
        small.item(name)


def test_a_module_that_is_not_there_is_said_plainly() -> None:
    with pytest.raises(AnswerError, match="there is no module 'estimatoin'"):
        lesson("estimatoin")
    assert lesson("estimation") is lesson("estimation")


def test_every_fault_of_a_file_is_told_at_once_with_its_path(tmp_path: Path) -> None:
    told = faults_of(
        tmp_path,
        """
module: estimation
items:
  - id: es.t1
    title: ""
    points: -1
    color: red
    parts:
      - id: es.t1.a
        prompt: {kind: slider, label: A}
      - id: NOT AN ID
        prompt: {kind: number}
      - id: es.t1.c
        prompt: {kind: choice, label: C, options: {a: only one}}
      - id: es.t1.c2
        prompt: {kind: choice, label: C, label: D, options: {a: A, b: B}}
""",
    )
    text = "\n".join(told)
    for path in (
        "lessons/estimation/items.yaml items[0].title",
        "items[0].points",
        "items[0].color",
        "items[0].parts[0].prompt",
        "items[0].parts[1].id",
        "items[0].parts[1].prompt.number.label",
        "items[0].parts[2].prompt.choice.options",
        "line 16: 'label' is given twice",
    ):
        assert path in text
    assert len(told) == 8


def test_faults_between_fields_are_told_together(tmp_path: Path) -> None:
    told = faults_of(
        tmp_path,
        """
module: estimation
items:
  - id: ev.t1
    title: Another module's
    parts: [{id: ev.t1.a, prompt: {kind: text, label: A, words: [9, 3]}}]
  - id: es.t2
    title: Twice
    parts:
      - {id: es.t2.a, prompt: {kind: number, label: A, lowest: 5, highest: 5}}
      - {id: es.t2.a, prompt: {kind: chain, label: A, unit: $, free: false}}
      - {id: es.t9.a, prompt: {kind: choices, label: A, options: {a: A, b: B}, pick: 3}}
  - id: es.t2
    title: Twice
    parts:
      - id: es.t2.b
        prompt:
          kind: table
          label: A
          columns: [{name: a, label: A, kind: choice}, {name: a, label: A}]
""",
    )
    wheres = [fault.split(" ", 1)[1].split(":")[0] for fault in told]
    assert wheres == [
        "items[0].id",
        "items[0].parts[0].prompt.words",
        "items[1].parts[0].prompt.lowest",
        "items[1].parts[1].id",
        "items[1].parts[1].prompt.shelf",
        "items[1].parts[2].id",
        "items[1].parts[2].prompt.pick",
        "items[2].id",
        "items[2].parts[0].prompt.columns[0].options",
        "items[2].parts[0].prompt.columns[1].name",
    ]


@pytest.mark.parametrize("text", ["", "[", "items: 3", "module: cooking\nitems: []", "a: &a [*a]"])
def test_a_file_that_is_no_lesson_is_an_authoring_error(tmp_path: Path, text: str) -> None:
    assert faults_of(tmp_path, text)


def test_a_missing_file_is_an_authoring_error(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError, match=r"items\.yaml"):
        lesson_from(tmp_path / "items.yaml")


def test_facts_go_into_texts() -> None:
    facts = {"town": "Vessby", "people": 12_000, "share": 0.25}
    assert fill("{town}: {people:,} people, {share:.0%}", facts) == "Vessby: 12,000 people, 25%"
    assert fill('{nobody} {} {0} {"a": 1} {town.upper} {town:,}', facts) == (
        '{nobody} {} {0} {"a": 1} {town.upper} {town:,}'
    )


@given(st.text("{}ab:.!, 0", max_size=30))
def test_no_text_breaks_filling(text: str) -> None:
    assert isinstance(fill(text, {"a": 1, "b": "x"}), str)
