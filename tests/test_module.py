"""The façade: saving, asking without a front end, and a check that never raises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import skillmap
from skillmap.errors import AnswerError, UnknownItemError
from skillmap.ids import LearnerId, ModuleId
from skillmap.lessons import Lesson, lesson_from
from skillmap.module import Module, open_module
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALL = Path(__file__).parent / "fixtures" / "lesson" / "items.yaml"


class SmallLesson(Lesson):
    """The fixture's lesson with facts of its own."""

    def facts(self, world: int) -> Mapping[str, Any]:
        return {"town": "Vessby", "people": 12_000}


@pytest.fixture
def m(tmp_path: Path) -> Module:
    found = lesson_from(SMALL)
    small = SmallLesson(found.module, found.items)
    return Module(found.module, LearnerId.parse("ada"), tmp_path, lesson_=small)


def test_what_is_answered_in_code_is_saved_and_shown(m: Module) -> None:
    shown = m.answer("es.t1.range", {"low": "10k", "high": "20k", "point": 14_000}, "trips/day")
    assert "14,000, 80% range 10,000 to 20,000 trips/day" in repr(shown)
    m.predict("es.t1", 70)
    asked = m.ask("es.t1")._repr_mimebundle_()
    for kind in ("text/plain", "text/html"):
        assert "The town of Vessby has 12,000 people." in asked[kind]
        assert "14,000, 80% range 10,000 to 20,000" in asked[kind]
        assert "You expect 70 percent" in asked[kind]
    assert "everything" not in repr(m.award("es.t1"))
    assert "1 of 3 parts answered" in repr(m.award("es.t1"))
    assert "10 points: blank" not in repr(m.award("es.t1"))


def test_a_wrong_answer_is_refused_and_costs_nothing(m: Module) -> None:
    m.answer("es.t2", 12)
    with pytest.raises(AnswerError, match="Estimation, One number: 140 % is above 100"):
        m.answer("es.t2", 140)
    assert m.value("es.t2") == 12.0
    with pytest.raises(UnknownItemError, match="Did you mean"):
        m.answer("es.t1.rang", 3)


def test_a_live_front_end_gets_fields_and_the_saved_answer_beside_them(
    m: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillmap.module._front_end", lambda: True)
    m.answer("es.t2", 12)
    bundle = m.ask("es.t2")._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "12%" in data["text/html"]


def test_fields_that_break_leave_the_question(m: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skillmap.module._front_end", lambda: True)
    monkeypatch.setattr("skillmap.widgets.prompts", lambda *_: 1 / 0)
    html = m.ask("es.t2")._repr_mimebundle_()["text/html"]
    assert "A share" in html
    assert "m.answer(&quot;es.t2&quot;, your value)" in html


def test_check_says_how_it_stands_and_never_raises(
    m: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Blank" in repr(m.check("es.t2"))
    assert 'role="status"' in m.check("es.t2")._repr_html_()
    m.answer("es.t2", 12)
    assert "Complete" in repr(m.check("es.t2"))
    assert "after hand-in" in repr(m.check("es.t2"))
    m.answer("es.t3.choice", "yes-please")
    assert "Not complete yet" in repr(m.check("es.t3"))
    for odd in ("es.zz", "", 3, None):
        assert "cannot be checked" in repr(m.check(odd))
    monkeypatch.setattr("skillmap.grading.check_own", lambda *_: 1 / 0, raising=False)
    assert "that is our fault" in repr(m.check("es.t2"))


def test_reveal_wants_an_attempt_and_a_key(m: Module) -> None:
    assert "Try it first" in repr(m.reveal("es.t2"))
    m.answer("es.t2", 12)
    assert "once the item is closed" in repr(m.reveal("es.t2"))


def test_hints_have_this_worlds_facts(m: Module) -> None:
    assert "Think of Vessby." in repr(m.hint("es.t1"))
    assert "no hint" in repr(m.hint("es.t2"))


def test_in_grading_a_lab_runs_only_if_something_is_asked_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []

    class WithLab(SmallLesson):
        labs: Mapping[str, Any] = {"bench": lambda m: ran.append(m.world) or "twelve rows"}

    small = lesson_from(SMALL)
    m = Module(
        small.module, LearnerId.parse("ada"), tmp_path, lesson_=WithLab(small.module, small.items)
    )
    assert m.lab("bench") == "twelve rows"
    assert ran == [m.world]
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    shown = m.lab("bench")
    assert "'bench'" in repr(shown)
    assert "not run again" in shown._repr_html_()
    assert ran == [m.world]
    assert shown.upper() == "TWELVE ROWS"
    assert ran == [m.world] * 2
    assert "not filled in" in repr(m.hint("es.t1"))
    with pytest.raises(UnknownItemError, match="bench"):
        m.lab("bunch")


def test_in_grading_words_are_not_read_inside_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = open_module("evals", learner="ada", answers_dir=tmp_path)
    m.answer("ev.q1", "For assisted travelers I gate on an upper bound for strandings. " * 8)
    assert "a person settles them" in repr(m.check("ev.q1"))
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    assert "a person settles them" not in repr(m.check("ev.q1"))


def test_a_lab_that_is_not_there_names_those_that_are(m: Module) -> None:
    with pytest.raises(UnknownItemError, match="no lab is called 'x'"):
        m.lab("x")


def test_the_cohort_is_the_salt_and_the_workspace_fills_in(tmp_path: Path) -> None:
    from skillmap.workspace import Workspace, write_workspace

    write_workspace(tmp_path, Workspace("ben", "spring"))
    found = open_module("estimation", answers_dir=tmp_path, cohort="open", learner="ada")
    assert found.world == world_of("ada", "estimation", salt="spring")
    other = open_module("estimation", answers_dir=tmp_path, cohort="fall", learner="ada")
    assert other.world == world_of("ada", "estimation", salt="fall")


def test_a_module_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match="there is no module 'nope'"):
        skillmap.open_module("nope", answers_dir=tmp_path)


def test_a_written_answer_waits_and_is_not_held_against_a_forecast(tmp_path: Path) -> None:
    """A check in a self-paced workspace, on an item that a person reads."""
    from skillmap.workspace import Workspace, write_workspace

    source = Path(__file__).parents[1] / "source"
    write_workspace(tmp_path, Workspace(learner="ada", mode="self-paced", source=str(source)))
    m = open_module("estimation", answers_dir=tmp_path)
    m.predict("es.q2", 80)
    m.answer("es.q2", "I take all three surfaces and one month, and I start from trips. " * 8)
    said = repr(m.check("es.q2"))
    assert "Saved, for a person to read" in said
    assert "You predicted" not in said
    m.predict("es.e1", 80)
    m.answer("es.e1.range", {"low": 100, "high": 200}, unit="thousand calls/day")
    assert "You predicted 80%" in repr(m.check("es.e1"))


@pytest.mark.parametrize("name", [m.value for m in ModuleId])
def test_facts_survive_the_way_into_a_grading_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillmap.workspace import write_facts

    told = dict(open_module(name, learner="ana", answers_dir=tmp_path).facts)
    world = open_module(name, learner="ana", answers_dir=tmp_path).world
    assert {type(value) for value in told.values()} <= {str, int, float}
    write_facts(tmp_path, name, world, told)
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    again = open_module(name, learner="ana", answers_dir=tmp_path)
    monkeypatch.setattr(type(again.lesson), "facts", lambda *_: pytest.fail("worked out again"))
    assert again.facts == told
    assert [type(again.facts[key]) for key in told] == [type(value) for value in told.values()]


def test_facts_in_a_file_count_in_grading_only(tmp_path: Path) -> None:
    from skillmap.workspace import write_facts

    module = open_module("estimation", learner="ana", answers_dir=tmp_path)
    write_facts(tmp_path, "estimation", module.world, {"own": "made up"})
    assert "own" not in open_module("estimation", learner="ana", answers_dir=tmp_path).facts
