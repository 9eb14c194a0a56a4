"""Claims, predictions, roles and hours are read from the sheet as data."""

from __future__ import annotations

import pytest
from tests.learning.learner import EV, sheet

from skillmap.ids import ItemId, ModuleId
from skillmap.learning.assessment import HOURS, PRESETS, PRIORS, Claim, said, weights_of
from skillmap.lessons import lesson


def test_the_three_claims_open_at_30_55_and_80() -> None:
    assert [PRIORS[Claim(c)] for c in ("blind", "developing", "strong")] == [30, 55, 80]


def test_what_is_answered_is_read() -> None:
    rows = [{"row": "ev", "weight": 2}]
    found = said(
        sheet(ev_claim="strong", ev_score=85.0, role_preset="platform", role_hours=6.0,
              role_weights=rows), learner="ada",
    )  # fmt: skip
    assert found.claim(EV) is Claim.STRONG
    assert found.predicted[EV][0] == 85
    assert (found.role, found.hours, found.problems) == ("platform", 6, ())
    assert found.weight(EV) == 2
    assert found.weight(ModuleId.TECHNICAL_DEPTH) == 1.5


def test_not_knowing_is_a_blind_spot() -> None:
    found = said(sheet(), learner="ada")
    assert {found.claim(c) for c in ModuleId} == {Claim.BLIND_SPOT}
    assert (found.claims, found.hours) == ({}, HOURS)


def test_another_learners_claims_do_not_count_and_that_is_said() -> None:
    found = said(sheet(ev_claim="strong"), learner="bo")
    assert found.claims == {}
    assert "names ada" in found.problems[0]
    assert "bo" in found.problems[0]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"ev_claim": "superb"}, "sa.ev.claim"),
        ({"ev_claim": [1]}, "sa.ev.claim"),
        ({"role_preset": "astronaut"}, "sa.role.preset"),
    ],
)
def test_odd_values_are_told_and_passed_over(values: dict[str, object], problem: str) -> None:
    found = said(sheet(**values), learner="ada")
    assert found.claims == {}
    assert found.role == "even"
    assert problem in found.problems[0]


def test_odd_numbers_are_passed_over() -> None:
    rows = [{"row": "ev", "weight": 99}, "ev", {"row": "nobody", "weight": 1}]
    found = said(sheet(ev_score=900, role_hours=-1, role_weights=rows), learner="ada")
    assert (found.predicted, found.hours, found.weight(EV)) == ({}, HOURS, 1)


@pytest.mark.parametrize(
    ("role", "heavy"),
    [
        ("consumer", {"ps", "ev", "ex"}),
        ("platform", {"td", "cl", "ev"}),
        ("regulated", {"ev", "ex", "bl"}),
        ("early", {"ps", "st", "es"}),
        ("even", set()),
    ],
)
def test_a_role_leans_on_its_three(role: str, heavy: set[str]) -> None:
    assert {c.prefix for c, w in weights_of(role).items() if w > 1} == heavy


def test_the_notebook_asks_what_is_read() -> None:
    start = lesson("start")
    assert {i.id for i in start.items} == {f"sa.{c.prefix}" for c in ModuleId} | {"sa.role"}
    for competency in ModuleId:
        assert set(start.prompt(f"sa.{competency.prefix}.claim").options) == set(Claim)
        assert start.prompt(f"sa.{competency.prefix}.score").highest == 100
    assert set(start.prompt("sa.role.preset").options) == set(PRESETS)
    assert set(start.prompt("sa.role.weights").rows) == {c.prefix for c in ModuleId}
    assert start.points == 0
    assert ItemId.parse("sa.role").text == "sa.role"
