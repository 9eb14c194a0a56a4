"""Spaced practice: what is due, what is kept, and what a learner is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from skillmap.bank import question, questions
from skillmap.bank.traps import ANSWERS, quiz
from skillmap.errors import SkillMapError, UnknownItemError
from skillmap.ids import ModuleId
from skillmap.learning.calls import FILE as CALLS
from skillmap.learning.calls import Call, first_calls
from skillmap.learning.calls import load as load_calls
from skillmap.learning.calls import save as save_calls
from skillmap.learning.practice import FILE, Deck, choose, load, percent_of, save
from skillmap.learning.session import ask_one, ask_quiz

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_poor_answer_comes_back_sooner_than_a_good_one() -> None:
    gaps = [Deck().reviewed("es.q1", p, NOW).next_at("es.q1") - NOW for p in (20, 50, 75, 100)]
    assert gaps == sorted(gaps)
    assert gaps[0] <= DAY < gaps[2] < gaps[3]


def test_intervals_grow_while_answers_stay_good_and_shrink_after_a_lapse() -> None:
    deck, moment, gaps = Deck(), NOW, []
    for _ in range(4):
        deck = deck.reviewed("ev.q1", 80, moment)
        gaps.append(deck.next_at("ev.q1") - moment)
        moment = deck.next_at("ev.q1")
    assert gaps == sorted(gaps)
    assert gaps[-1] > 20 * DAY
    lapsed = deck.reviewed("ev.q1", 0, moment)
    assert lapsed.next_at("ev.q1") - moment < gaps[-1] / 10


def test_due_ones_come_first_then_new_ones_of_the_modules_in_turn() -> None:
    deck = Deck().reviewed("es.q2", 100, NOW).reviewed("es.q1", 10, NOW)
    later = NOW + 2 * DAY
    found = choose(deck, later, modules=(ModuleId.EVALS, ModuleId.ESTIMATION), length=3, new=2)
    assert found[0].id == "es.q1"
    assert {q.id.split(".")[0] for q in found[1:]} == {"ev", "es"}
    assert all(q.stars == 1 for q in found[1:]), "the easiest first"
    assert not {q.id for q in found} & {"es.q2"}, "known well and not due"
    assert choose(deck, later, modules=(ModuleId.EVALS,), new=0) == ()


def test_every_question_of_the_bank_can_come_up() -> None:
    deck, seen = Deck(), set()
    module = ModuleId.ESTIMATION
    for _ in range(13):
        (found,) = choose(deck, NOW, modules=(module,), length=1, new=1)
        seen.add(found.id)
        deck = deck.reviewed(found.id, 100, NOW)
    assert seen == {q.id for q in questions(module)}
    assert choose(deck, NOW, modules=(module,), length=3, new=3) == ()


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    deck = Deck().reviewed("es.q1", 62.5, NOW).reviewed("ev.q3", 100, NOW)
    path = save(deck, tmp_path)
    again, note = load(tmp_path)
    assert note == ""
    assert again.reviews == deck.reviews
    assert again.next_at("es.q1") == deck.next_at("es.q1")
    assert again.last("es.q1") == deck.reviews[0]
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "no temporary file is left"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 9}', '{"format": 1, "cards": 3, "reviews": []}',
     '{"format": 1, "cards": {"es.q1": {"due": "soon"}}, "reviews": []}', "[" * 100_000],
)  # fmt: skip
def test_a_broken_file_is_set_aside_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    deck, note = load(tmp_path)
    assert deck == Deck()
    assert "kept as practice.broken-" in note
    kept = [p for p in tmp_path.iterdir() if "broken" in p.name]
    assert [p.read_text() for p in kept] == [text]


def test_a_question_that_left_the_bank_is_kept_and_not_asked(tmp_path: Path) -> None:
    path = save(Deck().reviewed("es.q1", 10, NOW), tmp_path)
    raw = json.loads(path.read_text())
    raw["cards"]["zz.q9"] = raw["cards"]["es.q1"]
    path.write_text(json.dumps(raw))
    deck, _ = load(tmp_path)
    found = choose(deck, NOW + 9 * DAY, new=0, length=9)
    assert [q.id for q in found] == ["es.q1"]
    save(deck, tmp_path)
    assert "zz.q9" in json.loads(path.read_text())["cards"]


def test_bad_scores_and_names_are_refused() -> None:
    with pytest.raises(SkillMapError, match="0 to 100"):
        Deck().reviewed("es.q1", 101, NOW)
    with pytest.raises(UnknownItemError):
        Deck().reviewed("es.q99", 50, NOW)
    with pytest.raises(UnknownItemError, match="never practiced"):
        Deck().next_at("es.q1")
    with pytest.raises(SkillMapError, match="0, 1 or 2"):
        percent_of([3])


class Learner:
    """Types the lines given, and keeps what was said."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.heard = list(lines), ""

    def ask(self, prompt: str) -> str:
        self.heard += prompt
        return self.lines.pop(0)

    def tell(self, text: str) -> None:
        self.heard += text + "\n"


def test_a_question_with_a_rubric_is_scored_by_criterion() -> None:
    found = question("es.q2")
    extra = sum(bool(t) for t in (*found.follow_ups, found.twist, found.boundary))
    who = Learner("", *[""] * extra, "2", "maybe", "1", *["2"] * (len(found.criteria) - 2))
    sitting = ask_one(found, Deck(), NOW, ask=who.ask, tell=who.tell)
    top = 2 * len(found.criteria)
    assert sitting.percent == pytest.approx(100 * (top - 1) / top)
    assert sitting.deck.last("es.q2") is not None
    assert found.criteria[1].name in who.heard
    flat = " ".join(who.heard.split())
    assert " ".join(found.criteria[1].strong.split()) in flat, "shown where the level was short"
    assert " ".join(found.criteria[0].strong.split()) not in flat
    assert not who.lines


def test_leaving_at_any_prompt_changes_nothing() -> None:
    found = question("es.q2")
    extra = sum(bool(t) for t in (*found.follow_ups, found.twist, found.boundary))
    for before in range(1 + extra + len(found.criteria)):
        lines = ["" if n < 1 + extra else "1" for n in range(before)]
        who = Learner(*lines, "q")
        sitting = ask_one(found, Deck(), NOW, ask=who.ask, tell=who.tell)
        assert sitting.percent is None
        assert sitting.deck == Deck()


def test_a_question_without_a_rubric_shows_what_strong_and_weak_answers_say() -> None:
    found = next(q for q in questions(ModuleId.ESTIMATION) if not q.criteria)
    extra = sum(bool(t) for t in (*found.follow_ups, found.twist, found.boundary))
    who = Learner(*[""] * (1 + extra), "5", "3")
    sitting = ask_one(found, Deck(), NOW, ask=who.ask, tell=who.tell)
    assert sitting.percent == 75
    assert "It comes back in 2 days" in who.heard


def test_the_quiz_counts_and_tells() -> None:
    said = [card.statement.answer for card in quiz(4, NOW.date())]
    keys = [str(ANSWERS.index(answer) + 1) for answer in said]
    keys[1] = "2" if keys[1] == "1" else "1"
    script = [reply for key in keys for reply in (key, "80 %")]
    script[1:2] = ["20", "101", "sure", "100"]  # asked again until it is 25 to 100
    who = Learner(*script)
    calls = ask_quiz(4, NOW, ask=who.ask, tell=who.tell)
    assert [c.right for c in calls] == [True, False, True, True, True, True]
    assert [c.chance for c in calls] == [1.0, 0.8, 0.8, 0.8, 0.8, 0.8]
    assert len({c.trap for c in calls}) == 6
    assert " ".join(who.heard.split()).count("checked 2026-11-05") == 6
    assert "5 of 6 right, 83%; you were 83% sure on average." in " ".join(who.heard.split())
    early = Learner("1", "60", "1", "q")
    assert len(ask_quiz(4, NOW, ask=early.ask, tell=early.tell)) == 1


def test_chances_are_kept_and_only_the_first_on_a_trap_counts(tmp_path: Path) -> None:
    first = Call("trap-1", 0.9, False, NOW)
    again = Call("trap-1", 1.0, True, NOW + timedelta(days=1))
    save_calls([first], tmp_path)
    save_calls([again], tmp_path)
    calls, problem = load_calls(tmp_path)
    assert (calls, problem) == ((first, again), "")
    assert first_calls(calls) == (first,)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 2, "calls": []}', '{"format": 1, "calls": [{"chance": 2}]}']
)
def test_chances_that_cannot_be_read_count_for_nothing_and_stay(tmp_path: Path, text: str) -> None:
    (tmp_path / CALLS).write_text(text)
    assert load_calls(tmp_path)[0] == ()
    assert "Its chances do not count" in load_calls(tmp_path)[1]
    with pytest.raises(SkillMapError, match="Rename it"):
        save_calls([Call("trap-1", 0.5, True, NOW)], tmp_path)
    assert (tmp_path / CALLS).read_text() == text
