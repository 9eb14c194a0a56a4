"""The estimate, its error, the labels and what is hidden: the curriculum's formulas."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.learning.learner import EV, NOW, WORKED_EXAMPLE, days_ago, result, told

from skillmap.ids import ModuleId
from skillmap.learning.assessment import PRIORS, Claim
from skillmap.learning.evidence import WEIGHTS, Counted, Kind, decayed, weigh
from skillmap.learning.mastery import (
    Standing,
    estimate,
    label_of,
    map_of,
    months_since,
    score_that_costs,
    score_that_moves,
    standing,
)

SCORES = st.floats(0, 100)
RESULTS = st.lists(st.tuples(SCORES, st.floats(0.001, 2)), max_size=12)


def test_the_curriculums_worked_example() -> None:
    weighed = weigh(WORKED_EXAMPLE, learner="ada", now=NOW)
    found = next(s for s in map_of(told(), weighed) if s.competency is EV)
    assert found.weight == pytest.approx(4.7)
    assert found.m == pytest.approx(63, abs=0.5)
    assert found.se == pytest.approx(6.5, abs=0.05)
    assert found.measured == pytest.approx(53, abs=0.5)
    assert found.prior - found.measured == pytest.approx(27, abs=0.5)
    assert found.label is Claim.DEVELOPING
    assert found.hidden_gap
    assert not found.hidden_strength
    assert not found.unproven
    assert found.words == "Developing, hidden gap"


def test_weights_are_the_curriculums() -> None:
    wanted = {Kind.LAB: 1.5, Kind.ESTIMATION: 1, Kind.MOCK: 2, Kind.RUBRIC: 1, Kind.SELF: 0.7}
    assert {kind: WEIGHTS[kind] for kind in wanted} == wanted


def test_a_claim_alone_is_a_prior_of_weight_three() -> None:
    for claim, prior in PRIORS.items():
        found = standing(EV, claim, ())
        assert (found.m, found.weight, found.measured) == (prior, 0, None)
        assert found.se == pytest.approx(18 / math.sqrt(3))
        assert found.unproven
        assert found.label is claim


@pytest.mark.parametrize(
    ("m", "se", "label"),
    [
        (44.99, 1, Claim.BLIND_SPOT),
        (45, 1, Claim.DEVELOPING),
        (74.99, 1, Claim.DEVELOPING),
        (75, 1, Claim.STRONG),
        (75, 10 / 1.28, Claim.STRONG),
        (75, 10 / 1.28 + 0.01, Claim.DEVELOPING),
        (90, 25 / 1.28 + 0.01, Claim.DEVELOPING),
    ],
)
def test_labels_at_their_borders(m: float, se: float, label: Claim) -> None:
    assert label_of(m, se) is label


@pytest.mark.parametrize(("weight", "unproven"), [(2.99, True), (3.0, False)])
def test_a_label_is_unproven_until_three(weight: float, unproven: bool) -> None:
    counted = [Counted(result("ev.l1", 80), 80, weight)]
    assert standing(EV, Claim.STRONG, counted).unproven is unproven


@pytest.mark.parametrize(
    ("claim", "score", "weight", "gap", "strength"),
    [
        (Claim.STRONG, 60, 4.0, True, False),
        (Claim.STRONG, 60.1, 4.0, False, False),
        (Claim.STRONG, 40, 3.9, False, False),
        (Claim.BLIND_SPOT, 50, 4.0, False, True),
        (Claim.BLIND_SPOT, 49.9, 4.0, False, False),
        (Claim.BLIND_SPOT, 90, 3.9, False, False),
    ],
)
def test_what_is_hidden_needs_weight_four_and_twenty_points(
    claim: Claim, score: float, weight: float, gap: bool, strength: bool
) -> None:
    found = standing(EV, claim, [Counted(result("ev.l1", score), score, weight)])
    assert (found.hidden_gap, found.hidden_strength) == (gap, strength)


@pytest.mark.parametrize(("days", "share"), [(0, 1), (15, 0.5**0.5), (30, 0.5), (90, 0.125)])
def test_weights_halve_every_thirty_days(days: float, share: float) -> None:
    weighed = weigh([result("ev.l1", 40, at=days_ago(days))], learner="ada", now=NOW)
    assert weighed.counted[0].weight == pytest.approx(1.5 * share)
    assert decayed(2, -1) == 2


def test_months_since_evidence() -> None:
    assert months_since(days_ago(45), NOW) == pytest.approx(1.5)
    assert months_since(None, NOW) == 3


@given(SCORES, RESULTS)
def test_the_estimate_lies_between_its_parts_and_its_error_only_shrinks(
    prior: float, results: list[tuple[float, float]]
) -> None:
    m, se = estimate(prior, results)
    scores = [prior, *(x for x, _ in results)]
    assert min(scores) - 1e-6 <= m <= max(scores) + 1e-6
    assert se <= 18 / math.sqrt(3) + 1e-12
    assert estimate(prior, [*results, (50, 1)])[1] < se


@given(SCORES, RESULTS, SCORES)
def test_new_evidence_pulls_toward_itself(
    prior: float, results: list[tuple[float, float]], score: float
) -> None:
    before, _ = estimate(prior, results)
    after, _ = estimate(prior, [*results, (score, 1.0)])
    assert (after - before) * (score - before) >= -1e-6


@given(st.sampled_from(list(Claim)), st.lists(SCORES, max_size=8))
def test_the_score_that_moves_a_label_moves_it_and_one_less_does_not(
    claim: Claim, scores: list[float]
) -> None:
    def after(more: list[int], weight: float) -> Standing:
        counted = [Counted(result("ev.l1", x), x, 1.0) for x in scores]
        return standing(
            EV, claim, [*counted, *(Counted(result("ev.l2", x), x, weight) for x in more)]
        )

    now, order = after([], 1), list(Claim)[::-1]
    up = score_that_moves(now, 1.5)
    if up is not None:
        assert order.index(after([up], 1.5).label) > order.index(now.label)
        assert up == 0 or order.index(after([up - 1], 1.5).label) <= order.index(now.label)
    down = score_that_costs(now, 1.0)
    if down is not None:
        assert order.index(after([down], 1.0).label) < order.index(now.label)
        assert down == 100 or order.index(after([down + 1], 1.0).label) >= order.index(now.label)


def test_all_eight_stand_on_the_map_without_any_evidence() -> None:
    found = map_of(told(Claim.DEVELOPING), weigh([], learner="ada", now=NOW))
    assert [s.competency for s in found] == list(ModuleId)
