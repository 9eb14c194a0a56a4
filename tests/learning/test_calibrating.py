"""Grading four answers before one's own: what is compared, what is kept, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from skillmap.bank import question
from skillmap.bank.anchors import anchor_questions, anchors
from skillmap.errors import AnswerError, UnknownItemError
from skillmap.ids import ModuleId
from skillmap.learning.calibrating import agreement, levels_of, shift_evidence
from skillmap.learning.evidence import Evidence, Kind, weigh
from skillmap.learning.session import ask_anchors
from skillmap.learning.shelf import Shelf
from skillmap.learning.sitting import anchors_aloud
from skillmap.module import open_module
from skillmap.widgets.anchor_desk import AnchorDesk
from skillmap.workspace import Workspace, write_workspace
from skillmap.written.scoring import score

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("id_", anchor_questions())
def test_every_question_has_four_different_anchors_that_level_each_criterion(id_: str) -> None:
    found, four = anchors(id_)
    assert len({one.text for one in four}) == 4
    assert all(set(one.levels) == {c.id for c in found.criteria} for one in four)
    totals = sorted(sum(one.levels.values()) for one in four)
    assert totals[0] <= totals[1] < totals[2] < totals[3], "weak, two between, strong"


def test_each_module_has_four_such_questions_and_the_order_is_the_learners() -> None:
    modules = [question(id_).id[:2] for id_ in anchor_questions()]
    assert sorted(modules) == sorted(m.prefix for m in ModuleId for _ in range(4))
    orders = {tuple(one.text for one in anchors("ev.q6", seed)[1]) for seed in range(20)}
    assert len(orders) > 5
    with pytest.raises(UnknownItemError, match="has no anchors"):
        anchors("ev.q4")


def test_a_copied_anchor_waits_for_a_person() -> None:
    for one in anchors("ps.q5")[1]:
        found = score(question("ps.q5"), one.text)
        assert found.needs_review
        assert any(flag.startswith("copied") for flag in found.flags)


def test_generous_strict_and_even_learners_hear_so() -> None:
    found, four = anchors("st.q4")
    right = [one.levels for one in four]
    even = agreement(found, four, right)
    assert (even.exact, even.adjacent, even.shift) == (1, 1, 0)
    assert "neither strict nor generous" in even.words
    high = agreement(found, four, [dict.fromkeys(levels, 2) for levels in right])
    assert high.shift > 20
    assert "an answer could mean" in high.words
    low = agreement(found, four, [dict.fromkeys(levels, 0) for levels in right])
    assert low.shift < -20
    assert "points of a hundred fewer" in low.words


def test_the_shift_moves_self_scores_and_no_competency() -> None:
    found, four = anchors("ev.q1")
    high = agreement(found, four, [dict.fromkeys(one.levels, 2) for one in four])
    shift = shift_evidence(found, high, NOW, "ada")
    own = Evidence("ev.q4", Kind.SELF, 90, NOW, "ada")
    both = weigh([shift, own], learner="ada", now=NOW)
    assert [c.weight for c in both.counted if c.evidence is shift] == [0]
    (counted,) = [c for c in both.counted if c.weight]
    assert counted.x == pytest.approx(90 - high.shift, abs=0.1)


@pytest.mark.parametrize("text", ["", "2101", "210120", "2 1 0 3 1", "two one", "٢١٠٢١"])
def test_levels_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(AnswerError, match="Type 5 digits"):
        levels_of(text, question("ps.q2"))


class Learner:
    def __init__(self, *replies: str) -> None:
        self.replies, self.heard = list(replies), ""

    def ask(self, prompt: str) -> str:
        self.heard += prompt
        return self.replies.pop(0)

    def tell(self, text: str) -> None:
        self.heard += text + "\n"


def test_at_the_terminal_a_slip_is_asked_again_and_the_result_is_kept(tmp_path: Path) -> None:
    who = Learner("21", "22222", "2 2 2 2 2", "11111", "0,0,0,0,0")
    result = anchors_aloud(tmp_path, "cl.q5", ask=who.ask, tell=who.tell)
    assert result is not None
    assert "Type 5 digits" in who.heard
    (kept,) = Shelf.open(tmp_path / "results.json").entries
    assert (kept.id, kept.kind, kept.score) == (
        "cl.q5.anchors",
        Kind.ANCHOR,
        round(result.given, 2),
    )


def test_leaving_keeps_nothing(tmp_path: Path) -> None:
    who = Learner("22222", "q")
    assert anchors_aloud(tmp_path, "cl.q5", ask=who.ask, tell=who.tell) is None
    assert not (tmp_path / "results.json").exists()
    found, four = anchors("cl.q5")
    assert ask_anchors(found, four, ask=Learner("stop").ask, tell=print) is None


def test_the_desk_shows_no_reference_before_every_level_is_given(tmp_path: Path) -> None:
    write_workspace(tmp_path, Workspace(learner="ada"))
    (tmp_path / "evals").mkdir()
    module = open_module("evals", learner="ada", answers_dir=tmp_path / "evals")
    desk = AnchorDesk(module, "ev.q6")
    desk.compare.click()
    assert "AnchorDesk" in repr(desk)
    assert "open: A, B, C, D" in desk.status.value
    assert desk.table.value == ""
    for fields in desk.levels:
        for field in fields.values():
            field.value = 2
    desk.compare.click()
    assert "reference" in desk.table.value
    assert "points of a hundred more" in desk.status.value
    (kept,) = Shelf.open(tmp_path / "results.json").entries
    assert kept.id == "ev.q6.anchors"


def test_outside_a_notebook_and_in_grading_it_is_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = open_module("evals", learner="ada", answers_dir=tmp_path)
    assert "Answer D" in str(module.anchors("ev.q6"))
    with pytest.raises(UnknownItemError):
        module.anchors("ev.q4")
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    assert "not run again in grading" in repr(module.anchors("ev.q6"))
