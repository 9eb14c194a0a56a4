"""Priorities, ties, the three lines and what they say would move a label."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.learning.learner import EV, NOW, WORKED_EXAMPLE, days_ago, result, told

from skillmap.ids import ModuleId
from skillmap.learning.assessment import Claim, Said, weights_of
from skillmap.learning.evidence import Evidence, Kind, weigh
from skillmap.learning.mastery import map_of, standing
from skillmap.learning.plan import Plan, missed, plan_of, priority, ranked

if TYPE_CHECKING:
    from pathlib import Path

BLIND, DEV, STRONG = Claim.BLIND_SPOT, Claim.DEVELOPING, Claim.STRONG
PS, TD, CL, EX = (ModuleId.from_prefix(p) for p in ("ps", "td", "cl", "ex"))


def plan(said: Said, *entries: Evidence, workspace: Path | None = None) -> Plan:
    weighed = weigh(entries, learner="ada", now=NOW)
    return plan_of(map_of(said, weighed), said, weighed, NOW, workspace=workspace)


def order(said: Said, *entries: Evidence) -> list[str]:
    weighed = weigh(entries, learner="ada", now=NOW)
    return [s.competency.prefix for s, _ in ranked(map_of(said, weighed), said, NOW)]


def test_the_worked_example_comes_first() -> None:
    now, after, warm = plan(told(STRONG, "platform"), *WORKED_EXAMPLE).lines
    assert now.competencies[0] is EV
    assert [a.kind for a in now.actions] == ["lab", "question", "question", "reading"]
    assert now.actions[0].id == "ev.l3", "a lab that was not done yet"
    assert after.competencies == ()
    assert len(warm.competencies) == 7


@pytest.mark.parametrize(
    ("scores", "months", "weight", "wanted"),
    [
        ((), 0, 1, 50),
        ((), 3, 1, 50 * 1.45),
        ((), 9, 1, 50 * 1.45),
        ((), 1, 1.5, 1.5 * 50 * 1.15),
        ((100,) * 9, 0, 1, 0),
    ],
)
def test_priority(scores: tuple[float, ...], months: float, weight: float, wanted: float) -> None:
    entries = [result(f"ev.l{n}", x) for n, x in enumerate(scores)]
    found = standing(EV, BLIND, weigh(entries, learner="ada", now=NOW).counted)
    assert priority(found, weight, months) == pytest.approx(wanted)


def test_a_hidden_gap_pulls_a_quarter_more() -> None:
    found = standing(EV, STRONG, weigh(WORKED_EXAMPLE, learner="ada", now=NOW).counted)
    assert found.hidden_gap
    assert priority(found, 1, 0) == pytest.approx(1.25 * (80 - found.m))


def test_the_worst_blind_spot_comes_first() -> None:
    assert order(told(DEV, st=BLIND))[0] == "st"
    low = [result(f"td.l{n}", 20) for n in (1, 2, 3)]
    assert order(told(BLIND), *low)[0] != "td", "fresh evidence is less urgent than none"
    old = [result(f"td.l{n}", 20, at=days_ago(95)) for n in (1, 2, 3)]
    assert order(told(BLIND), *old)[0] == "td"


@given(st.sampled_from([BLIND, DEV]))
def test_ties_go_by_what_builds_on_what(claim: Claim) -> None:
    found = order(told(claim))
    for first, then in (("td", "ev"), ("ev", "cl"), ("ps", "ex")):
        assert found.index(first) < found.index(then)
    assert sorted(found) == sorted(c.prefix for c in ModuleId)


def test_a_role_breaks_a_tie() -> None:
    assert set(order(told(BLIND, "regulated"))[:3]) == {"ev", "ex", "bl"}
    own = Said(dict.fromkeys(ModuleId, BLIND), weights=weights_of("even", {CL: 2.0}))
    assert order(own)[0] == "cl"


def test_a_weight_of_nothing_leaves_a_competency_out() -> None:
    own = Said(
        dict.fromkeys(ModuleId, BLIND), weights=weights_of("even", dict.fromkeys(ModuleId, 0))
    )
    left = plan(Said(own.claims, weights={**own.weights, PS: 1.0}))
    assert [c for line in left.lines for c in line.competencies] == [PS]


def test_hours_go_60_30_10() -> None:
    lines = plan(told(DEV, ev=STRONG, td=BLIND)).lines
    assert [line.name for line in lines] == ["now", "next", "keep warm"]
    assert [line.minutes for line in lines] == pytest.approx([180, 90, 30])
    assert [len(line.competencies) for line in lines] == [1, 6, 1]
    assert lines[0].competencies == (TD,)
    assert [a.kind for a in lines[2].actions] == ["question"], "never none and never more"


def test_two_that_pull_alike_share_the_first_line() -> None:
    lines = plan(told(STRONG, td=BLIND, ev=BLIND)).lines
    assert lines[0].competencies == (TD, EV)
    assert lines[1].competencies == ()
    assert lines[0].minutes == pytest.approx(270)


def test_with_everything_strong_the_first_line_proves_something() -> None:
    now, after, warm = plan(told(STRONG)).lines
    assert len(now.competencies) == 1
    assert "unproven" in now.moves[0]
    assert after.competencies == ()
    assert len(warm.competencies) == 7


@given(
    st.lists(st.sampled_from([BLIND, DEV, STRONG]), min_size=8, max_size=8),
    st.sampled_from(["even", "platform", "early"]),
)
def test_every_competency_stands_on_one_line_and_the_minutes_add_up(
    claims: list[Claim], role: str
) -> None:
    said = Said(dict(zip(ModuleId, claims, strict=True)), role=role, weights=weights_of(role))
    lines = plan(said).lines
    assert sorted(c for line in lines for c in line.competencies) == sorted(ModuleId)
    assert sum(line.minutes for line in lines) == pytest.approx(300)
    assert lines[0].competencies
    assert len(lines[0].competencies) <= 2
    pulls = [p for _, p in plan(said).priorities]
    assert pulls == sorted(pulls, reverse=True)
    for line in lines[:2]:
        assert all(line.moves) or not line.competencies


def test_the_points_missed_most_choose_the_questions_and_the_reading() -> None:
    wrong, right = result("es.e3", 0, Kind.ESTIMATION), result("es.e1", 100, Kind.ESTIMATION)
    weighed = weigh([wrong, right], learner="ada", now=NOW)
    lost = missed(ModuleId.ESTIMATION, weighed.counted)
    worst = max(lost, key=lambda p: (lost[p], p))
    actions = plan(told(STRONG, es=BLIND), wrong, right).lines[0].actions
    assert actions[-1].id == worst
    asked = [a.id for a in actions if a.kind == "question"]
    assert asked[0] == "es.q4", "it carries ES-B4, which was missed"
    assert len(asked) == 2


def test_the_reading_takes_its_title_from_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "technical-depth").mkdir()
    cell = {
        "cell_type": "markdown", "source": ["## 4 · What is asked\n", "More."],
        "metadata": {"skillmap": {"curriculum": ["TD-1"]}},
    }  # fmt: skip
    path = tmp_path / "technical-depth" / "technical-depth.ipynb"
    said = told(STRONG, td=BLIND)
    for text, title in ((json.dumps({"cells": [cell]}), "4 · What is asked"), ("{", "TD-1")):
        path.write_text(text)
        assert title in plan(said, workspace=tmp_path).lines[0].actions[-1].title


def test_what_would_move_a_label_is_true() -> None:
    said = told(STRONG, td=BLIND)
    assert plan(said).lines[0].moves == (
        "Technical depth: one lab at 75 or more makes it Developing.",
    )
    lifted = map_of(said, weigh([result("td.l1", 75)], learner="ada", now=NOW))
    assert next(s for s in lifted if s.competency is TD).label is DEV


def test_what_would_take_strong_away_is_true() -> None:
    proven = [result(f"ev.l{n}", 82) for n in (1, 2)]
    (moves,) = [m for m in plan(told(DEV, ev=STRONG), *proven).lines[2].moves if "Evals" in m]
    score = int(moves.split(" at ")[1].split(" or")[0])
    for x, label in ((score, DEV), (score + 1, STRONG)):
        lost = weigh([*proven, result("ev.q1", x, Kind.RUBRIC)], learner="ada", now=NOW)
        assert standing(EV, STRONG, lost.of(EV)).label is label


def test_a_changed_result_changes_the_plan() -> None:
    said = told(DEV, td=BLIND)
    before = plan(said).lines[0].competencies
    after = plan(said, *(result(f"td.l{n}", 95) for n in (1, 2, 3))).lines
    assert before == (TD,)
    assert TD not in after[0].competencies
    assert EX in {c for line in after[:2] for c in line.competencies}
