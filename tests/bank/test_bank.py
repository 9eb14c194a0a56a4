"""Open questions: the loader, and what a rubric must have."""

from __future__ import annotations

import pytest

from skillmap.bank import Question, question, questions
from skillmap.errors import UnknownItemError
from skillmap.ids import ModuleId


def test_every_question_of_estimation_loads_in_order() -> None:
    found = questions("estimation")
    assert [q.id for q in found] == [f"es.q{n}" for n in range(1, 14)]
    assert all(q.follow_ups for q in found)


def test_a_module_without_a_bank_has_no_questions_yet() -> None:
    assert questions("behavioral-leadership") == () or questions("behavioral-leadership")


@pytest.mark.parametrize("id_", ["es.q2", "es.q4", "es.q8", "es.q10"])
def test_a_rubric_is_whole(id_: str) -> None:
    q = question(id_)
    assert [c.id for c in q.criteria] == ["c1", "c2", "c3", "c4", "c5"]
    assert all(len(set(c.levels)) == 3 for c in q.criteria)
    assert len(q.strong) == len(q.weak) == 2
    assert q.cap is not None


@pytest.mark.parametrize("id_", ["es.q2", "es.q4"])
def test_worked_answers_say_what_they_earn(id_: str) -> None:
    q = question(id_)
    assert q.worked_strong is not None
    assert q.worked_weak is not None
    assert sum(q.worked_strong.levels.values()) == 10
    assert sum(q.worked_weak.levels.values()) <= 5
    for worked in (q.worked_strong, q.worked_weak):
        earned: dict[str, int] = {}
        for part in worked.parts:
            for name, level in part.earns.items():
                earned[name] = max(level, earned.get(name, 0))
        assert all(worked.levels[name] == level for name, level in earned.items())
    assert 120 <= len(q.worked_strong.text.split()) <= 400


def test_an_unknown_question_names_the_known_ones() -> None:
    with pytest.raises(UnknownItemError, match=r"es\.q13"):
        question("es.q99")


def test_a_rubric_without_criteria_is_refused() -> None:
    with pytest.raises(ValueError, match="needs criteria"):
        Question(id="es.q1", stars=1, text="How many calls?", follow_ups=(), rubric="ES-R1")


@pytest.mark.parametrize("module", list(ModuleId))
def test_the_bank_of_a_module_is_whole(module: ModuleId) -> None:
    """Thirteen questions with all that practice asks; four of them with a rubric."""
    found = questions(module)
    assert len(found) == 13
    assert sum(bool(q.criteria) for q in found) == 4
    for q in found:
        assert len(q.follow_ups) == 2, q.id
        assert all((q.twist, q.boundary, q.strong, q.weak)), q.id
        assert sum(len(line.split()) for line in q.strong) >= 8, q.id
        if q.criteria:
            assert all((q.cap, q.worked_strong, q.worked_weak)), q.id
            assert all(c.strong and c.weak for c in q.criteria), q.id
        else:
            assert 25 <= sum(len(line.split()) for line in q.strong) <= 80, q.id


def test_no_line_stands_twice_in_the_bank() -> None:
    lines = [
        " ".join(line.lower().split())
        for module in ModuleId
        for q in questions(module)
        for line in (q.text, *q.follow_ups, q.twist, q.boundary, *q.strong, *q.weak)
    ]
    twice = {line for line in lines if lines.count(line) > 1}
    assert not twice
    assert len([q for module in ModuleId for q in questions(module)]) == 104
