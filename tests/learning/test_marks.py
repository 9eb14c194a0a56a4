"""``m.check`` and ``skillmap check`` update the learner's record, and never break over it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.modules.modules import MODULES, samples

from skillmap.learning.evidence import Kind
from skillmap.learning.shelf import Shelf
from skillmap.module import Module, open_module
from skillmap.workspace import Workspace, write_workspace

SOURCE = Path(__file__).parents[2] / "source"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SKILLMAP_STATIC", raising=False)
    write_workspace(tmp_path, Workspace(learner="ada", mode="self-paced", source=str(SOURCE)))
    return tmp_path


def answered(home: Path, module: str, item: str, kind: str) -> Module:
    m = open_module(module, answers_dir=home / module)
    for part, answer in samples(module).answers(item, kind, m.world).items():
        m.sheet.put(part, answer["value"], answer.get("unit"))
    return m


def test_a_check_is_kept_once_with_its_prediction(home: Path) -> None:
    m = answered(home, "estimation", "es.l2", "right")
    m.predict("es.l2", 60)
    m.check("es.l2")
    m.check("es.l2")
    (one,) = Shelf.open(home / "results.json").entries
    assert (one.id, one.kind, one.score, one.predicted) == ("es.l2", Kind.LAB, 100, 60)
    assert (one.learner, one.settled, one.answered) == ("ada", True, one.parts)


def test_a_second_try_is_kept_beside_the_first(home: Path) -> None:
    answered(home, "estimation", "es.l2", "wrong").check("es.l2")
    m = answered(home, "estimation", "es.l2", "right")
    m.check("es.l2")
    scores = [one.score for one in Shelf.open(home / "results.json").entries]
    assert len(scores) == 2
    assert scores[0] < scores[1] == 100


def test_blank_and_open_items_are_not_kept(home: Path) -> None:
    m = open_module("estimation", answers_dir=home / "estimation")
    m.check("es.l2")
    m.answer("es.predict.calls", 5)
    m.check("es.predict")
    assert Shelf.open(home / "results.json").entries == ()


def test_ranges_are_counted(home: Path) -> None:
    answered(home, "estimation", "es.l1-again", "right").check("es.l1-again")
    (one,) = Shelf.open(home / "results.json").entries
    assert one.ranges == 12
    assert 0 < one.held <= 12


def test_without_a_key_nothing_is_kept(home: Path) -> None:
    write_workspace(home, Workspace(learner="ada", mode="course"))
    answered(home, "estimation", "es.l2", "right").check("es.l2")
    assert not (home / "results.json").exists()


def test_a_run_without_a_person_keeps_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMAP_STATIC", "1")
    answered(home, "estimation", "es.l2", "right").check("es.l2")
    assert not (home / "results.json").exists()


def test_a_friends_sheet_keeps_the_friends_name(home: Path) -> None:
    m = answered(home, "estimation", "es.l2", "right")
    path = home / "estimation" / "answers.json"
    path.write_text(path.read_text().replace('"ada"', '"bo"'))
    m.check("es.l2")
    (one,) = Shelf.open(home / "results.json").entries
    assert one.learner == "bo"


def test_a_record_that_cannot_be_written_costs_one_line_and_not_the_check(home: Path) -> None:
    (home / "elsewhere.json").write_text("{}")
    (home / "results.json").symlink_to(home / "elsewhere.json")
    said = repr(answered(home, "estimation", "es.l2", "right").check("es.l2"))
    assert "Met" in said
    assert "Your map was not updated" in said
    assert "symbolic link" in said


@pytest.mark.skipif("behavioral-leadership" not in MODULES, reason="the module is not here yet")
def test_scoring_anchors_measures_the_rater(home: Path) -> None:
    answered(home, "behavioral-leadership", "bl.l4", "right").check("bl.l4")
    kinds = {one.kind: one for one in Shelf.open(home / "results.json").entries}
    assert set(kinds) == {Kind.LAB, Kind.ANCHOR}
    anchor = kinds[Kind.ANCHOR]
    assert anchor.reference is not None
    assert abs(anchor.score - anchor.reference) < 15
