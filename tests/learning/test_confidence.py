"""When a lean may be spoken of, in which words, and what comes first."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.learning.learner import EV, NOW, days_ago, result, told

from skillmap.ids import ModuleId
from skillmap.learning.assessment import Claim, Said
from skillmap.learning.confidence import (
    FEWEST,
    Confidence,
    Lean,
    brier_skill,
    by_urgency,
    confidence,
    confidence_of,
    first_labs,
    held,
    lean,
)
from skillmap.learning.evidence import weigh

PAIRS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=20)


def test_the_curriculums_sentence() -> None:
    assert Lean(9, 18, 7).words == "over by 18 ± 7 on nine items"


@pytest.mark.parametrize(
    ("n", "bias", "se", "words"),
    [
        (8, 18, 7, "over by 18 ± 7 on eight items"),
        (7, 18, 7, "not enough evidence"),
        (9, -18, 7, "under by 18 ± 7 on nine items"),
        (9, 1.64 * 7, 7, "not enough evidence"),
        (9, 1.64 * 7 + 0.01, 7, "over by 11 ± 7 on nine items"),
        (40, 12, 2, "over by 12 ± 2 on 40 items"),
        (0, 0, math.inf, "not enough evidence"),
    ],
)
def test_wording_rules(n: int, bias: float, se: float, words: str) -> None:
    assert Lean(n, bias, se).words == words


def test_one_sentence_of_advice_for_each_sign() -> None:
    over, under, none = (Lean(9, bias, 7).advice for bias in (18, -18, 1))
    assert over.startswith("Widen")
    assert "test" in over
    assert under.startswith("Claim it")
    assert "number first" in under
    assert none == ""
    assert over.count(".") == under.count(".") == 1


@given(PAIRS)
def test_nothing_is_said_from_few_items_or_small_leans(pairs: list[tuple[float, float]]) -> None:
    found = lean(pairs)
    if len(pairs) < FEWEST:
        assert found.sign == 0
    assert (found.words == "not enough evidence") == (found.sign == 0) == (found.advice == "")
    assert lean([(a, p) for p, a in pairs]).sign == -found.sign


def test_lean_of_pairs() -> None:
    found = lean([(80, 60)] * 4 + [(60, 44)] * 4)
    assert found.bias == 18
    assert found.se == pytest.approx(2.138 / math.sqrt(8), abs=1e-3)
    assert lean([(80, 60)]).sign == 0


def test_brier_skill_against_ones_own_base_rate() -> None:
    assert brier_skill([0.5, 0.5], [True, False]) == 0
    assert brier_skill([1.0, 0.0], [True, False]) == 1
    assert brier_skill([0.0, 1.0], [True, False]) < 0
    assert brier_skill([0.9], [True]) is brier_skill([], []) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=20))
def test_brier_skill_never_exceeds_one(pairs: list[tuple[float, bool]]) -> None:
    found = brier_skill([c for c, _ in pairs], [p for _, p in pairs])
    assert found is None or found <= 1


@pytest.mark.parametrize(
    ("hits", "n", "says"),
    [(6, 12, "too narrow"), (8, 10, "which fits 80%"), (40, 40, "wider than they need")],
)
def test_coverage_says_no_more_than_its_band(hits: int, n: int, says: str) -> None:
    found = held(hits, n)
    assert found is not None
    assert says in found.words
    assert f"{hits} of {n}" in found.words
    assert found.low <= hits / n <= found.high + 1e-9


def test_no_ranges_no_coverage() -> None:
    assert held(0, 0) is None


def test_only_the_first_try_is_held_against_a_prediction() -> None:
    entries = [
        result("ev.l1", 20, predicted=80, at=days_ago(2)),
        result("ev.l1", 100, predicted=100),
        result("ev.l2", 50, predicted=60),
        result("ev.l3", 50),
    ]
    found = confidence_of(weigh(entries, learner="ada", now=NOW).first_tries, EV)
    assert (found.lean.n, found.lean.bias) == (2, 35)


@pytest.mark.parametrize(
    ("made", "predicted", "n"), [(3, None, 1), (1, None, 0), (3, 70.0, 1), (1, 70.0, 1)]
)
def test_the_self_assessment_predicts_the_first_lab(
    made: float, predicted: float | None, n: int
) -> None:
    said = Said(predicted={EV: (90.0, days_ago(made))})
    entries = [
        result("ev.l2", 50, predicted=predicted, at=days_ago(2)),
        result("ev.l1", 10, at=days_ago(1)),
    ]
    found = confidence_of(weigh(entries, learner="ada", now=NOW).first_tries, EV, said)
    assert found.lean.n == n
    if n:
        assert found.lean.bias == (40 if predicted is None else 20)


def test_a_first_lab_is_shown_beside_what_was_predicted_before_it() -> None:
    said = Said(predicted={EV: (90.0, days_ago(3)), ModuleId.STRATEGY: (50.0, days_ago(1))})
    entries = [result("ev.l2", 40, at=days_ago(2)), result("ev.l1", 10), result("st.l1", 60,
               at=days_ago(2))]  # fmt: skip
    tries = weigh(entries, learner="ada", now=NOW).first_tries
    assert first_labs(tries, said) == ((EV, 90, 40),)


def test_chances_and_ranges_are_gathered() -> None:
    entries = [
        result("ev.l1", 20, chance=0.9, passed=False),
        result("ev.l2", 90, chance=0.8, passed=True),
        result("es.l3", 90, held=3, ranges=5),
        result("es.l1-again", 90, held=10, ranges=12),
    ]
    weighed = weigh(entries, learner="ada", now=NOW)
    every, *each = confidence(weighed, told())
    assert every.chances == 2
    assert every.coverage is not None
    assert (every.coverage.held, every.coverage.n) == (13, 17)
    assert [c.competency for c in each] == list(ModuleId)


def test_an_overconfident_strong_is_most_urgent() -> None:
    said = told(Claim.DEVELOPING, ev=Claim.STRONG)

    def one(prefix: str, bias: float) -> Confidence:
        return Confidence(ModuleId.from_prefix(prefix), Lean(9, bias, 3), None, 0, None)

    found = by_urgency([one("ps", -40), one("td", 30), one("ev", 10), one("es", 2)], said)
    assert [c.competency.prefix for c in found if c.competency] == ["ev", "td", "ps"]
