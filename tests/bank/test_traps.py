"""The factual traps and the quiz that is drawn from them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillmap.bank.traps import ANSWERS, quiz, trap, traps
from skillmap.errors import UnknownItemError

TODAY = date(2026, 11, 23)


def test_there_are_thirty_with_sources_and_dates() -> None:
    assert [t.id for t in traps()] == [f"t{n}" for n in range(1, 31)]
    assert all(t.checked_on <= TODAY for t in traps())
    ages = {t.id for t in traps() if t.ages}
    assert ages == {"t2", "t3", "t13", "t14", "t17", "t23", "t26", "t27", "t30"}


def test_no_answer_is_a_good_guess() -> None:
    counts = Counter(s.answer for t in traps() for s in t.statements)
    assert set(counts) == set(ANSWERS)
    assert max(counts.values()) < 0.5 * sum(counts.values()), counts


def test_only_what_moves_turns_amber_and_only_after_ninety_days() -> None:
    moving, fixed = trap("t13"), trap("t10")
    last = moving.checked_on + timedelta(days=90)
    assert not moving.amber(last)
    assert moving.amber(last + timedelta(days=1))
    assert not fixed.amber(date(2040, 1, 1))


def test_the_answer_to_an_old_fact_says_that_it_is_old() -> None:
    later = date(2027, 6, 1)
    card = next(c for seed in range(40) for c in quiz(seed, later) if c.trap.ages)
    assert "more than 90 days ago" in card.told(card.statement.answer)
    assert card.told(card.statement.answer).startswith("Yes. ")
    wrong = next(a for a in ANSWERS if a != card.statement.answer)
    assert card.told(wrong).startswith(f"We would say: {card.statement.answer}. ")
    fresh = next(c for seed in range(40) for c in quiz(seed, TODAY) if c.trap.ages)
    assert "more than 90 days ago" not in fresh.told("true")


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), length=st.integers(1, 30))
def test_a_quiz_never_asks_the_same_twice_and_is_the_same_again(seed: int, length: int) -> None:
    cards = quiz(seed, TODAY, length=length)
    assert len({card.trap.id for card in cards}) == length
    assert cards == quiz(seed, TODAY, length=length)
    if length >= 4:
        assert {card.statement.answer for card in cards} == set(ANSWERS)


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(UnknownItemError, match="t1 to t30"):
        trap("t31")
    with pytest.raises(UnknownItemError, match="1 to 30"):
        quiz(1, TODAY, length=31)
