"""The Execution module: its figures, its labs, its items and its answers over many worlds."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any

import pytest
from scipy.stats import chi2
from tests.fixtures import execution as samples
from tests.fixtures.execution import ITEMS, KINDS, NULL, WORLDS, WRITTEN, answers, naive, solver
from tests.fixtures.shared_sheets import copied_share

from skillmap.answers import AnswerSheet
from skillmap.bank import questions
from skillmap.grading import grade_item
from skillmap.grading.feedback import Outcome
from skillmap.grading.keys import load_key
from skillmap.lessons import lesson
from skillmap.lessons.execution import LABS, desk, evidence_card, facts, wall
from skillmap.lessons.execution.boards import (
    BOUNDS,
    futures_grid,
    logs_opened,
    looks_picture,
    readings_grid,
)
from skillmap.lessons.execution.case import CAUSES, case, drawn_cause
from skillmap.lessons.execution.incident import BEFORE, LATER, LOGS, NIGHT, frame, opened
from skillmap.lessons.execution.looks import POCOCK, aa_table, trial
from skillmap.lessons.execution.queue import BANDS, queue, reading_plan, sample
from skillmap.lessons.execution.rollout import SHARES, futures, plan_of
from skillmap.worlds import HOUSE

MANY = (HOUSE, *range(5000, 5090))
BY_CAUSE = {"alias": 5000, "app": 5001, "index": 5002, "mix": 5004, "outside": NULL}


@pytest.fixture(scope="module")
def key() -> Any:
    return load_key(solver().__file__.rsplit("/", 1)[0])


def graded(item: str, parts: dict, key: Any, world: int) -> Any:
    text = json.dumps({"format": 1, "answers": parts})
    return grade_item(lesson("execution").item(item), key, AnswerSheet.parse(text.encode()), world)


def table(days: tuple[int, ...], stops: tuple[int, ...], who: str = "all") -> list[dict[str, Any]]:
    return [
        {"row": row, "who": who, "days": float(d), "stop": float(k)}
        for row, d, k in zip(SHARES, days, stops, strict=True)
    ]


# --- the house world is the specification's -------------------------------------------------------


def test_house_figures_are_those_of_the_specification() -> None:
    s, c = solver(), case(HOUSE)
    r = s.references(HOUSE)
    assert math.ceil(s.needed(0.003)) == 998
    assert r["e1"]["value"] == pytest.approx(7.1, abs=0.05)
    assert r["e1"]["quiet"] == pytest.approx(43, abs=0.5)
    assert r["l2"]["alarms"] == pytest.approx(19.3, abs=0.2)
    assert r["l2"]["bound"] == pytest.approx(2.555, abs=0.002)
    assert r["l4"]["load"] == pytest.approx(146, abs=0.5)
    assert r["l4"]["backlog"] == pytest.approx(2590)
    assert r["e2"]["value"] == pytest.approx(8.6, abs=0.05)
    assert r["e2"]["whole"] == 9
    assert r["e3"]["value"] == pytest.approx(1_008)
    assert r["e3"]["slow"] == pytest.approx(21_168)
    assert c.broken_a_day == pytest.approx(1_008)
    assert r["l3"]["exposed"]["value"] == pytest.approx(1_008, rel=0.03)
    assert r["l3"]["day"] == 55


@pytest.mark.parametrize(("looks", "bound"), POCOCK.items())
def test_bounds_and_false_alarms_by_integration(looks: int, bound: float) -> None:
    assert solver().pocock(looks) == pytest.approx(bound, abs=0.002)
    assert solver().crossing(1.96, 1) == pytest.approx(0.05, abs=0.0005)
    assert solver().crossing(1.96, 5) == pytest.approx(0.142, abs=0.001)


# --- EX-L1 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "days", "stops", "who"),
    [
        (HOUSE, (0, 7, 2, 0), (1, 3, 5, 1), "all"),
        (5006, (5, 5, 3, 2), (1, 2, 4, 9), "wide"),
        (5010, (3, 3, 3, 3), (2, 4, 10, 20), "all"),
        (5010, (40, 40, 40, 40), (3, 9, 60, 90), "all"),
    ],
)
def test_expected_values_agree_with_the_futures(
    world: int, days: tuple[int, ...], stops: tuple[int, ...], who: str
) -> None:
    plan = plan_of(table(days, stops, who))
    assert plan is not None
    expected = solver().plan_value(case(world), plan)
    seen = futures(world, plan, 3_000)
    for name in ("harm", "full", "gain"):
        values = [getattr(f, name) for f in seen]
        error = pstdev(values) / math.sqrt(len(values))
        assert fmean(values) == pytest.approx(getattr(expected, name), abs=4 * error), name
        if name == "gain":
            continue
        se = getattr(expected, f"{name}_se")
        assert se == pytest.approx(pstdev(values) / math.sqrt(200), rel=0.2), name


def test_the_futures_that_a_learner_reads_give_full_points(key: Any) -> None:
    """A mean over the 200 futures shown is within the tolerance of the expectation."""
    short = 0
    for world in WORLDS:
        plan = table((0, 5, 3, 1), (1, 3, 8, 16))
        seen = futures(world, plan_of(plan) or ())
        parts = {
            "ex.l1.decision": {"value": plan},
            "ex.l1.harm": {"value": fmean(f.harm for f in seen), "unit": "$"},
            "ex.l1.full": {"value": fmean(f.full for f in seen), "unit": "days"},
        }
        feedback = graded("ex.l1", parts, key, world)
        met = {c.name for c in feedback.criteria if c.outcome is Outcome.MET}
        short += not {"expected harm", "day of full exposure"} <= met
    assert short <= 1  # three standard errors


def test_plans_are_worth_different_things_in_different_worlds() -> None:
    best = [solver().best_plan(world) for world in (HOUSE, *range(5000, 5010))]
    assert len({tuple((s.days, s.stop) for s in plan if s.days) for plan in best}) >= 6
    habits = [r["default"] / r["best"] for r in map(_l1, (HOUSE, 5003, 5006, 5008))]
    assert max(habits) < 0.8, "three habits leave something to be gained"


def _l1(world: int) -> Any:
    return solver().references(world)["l1"]


def test_a_plan_with_a_hole_has_no_value() -> None:
    value = solver().references(HOUSE)["l1"]["value"]
    assert value(table((1, 1, 1, 1), (1, 1, 1, 1))[:3]) is None
    assert value([]) is None
    assert plan_of(table((1, 1, 1, 99), (1, 1, 1, 1))) is None


# --- EX-L2 ----------------------------------------------------------------------------------------


def test_trials_split_into_three_kinds_and_broken_ones_show_it() -> None:
    best = Counter()
    for world in MANY:
        t = trial(world)
        values = solver().trial_values(t)
        best[max(values, key=lambda name: values[name])] += 1
        p = chi2.sf(solver().chi_square(*t.arms), 1)
        assert (p < 0.001) == solver().broken(t), world
        assert not 1e-3 < p < 0.02, f"{world}: a split that nobody could call"
        assert t.z > 1.96
        assert all(abs(z) < 1.96 for z in t.path[:-1])
        assert len(t.path) == t.at < t.looks
        beyond = t.z > POCOCK[t.looks]
        wanted = "restart" if solver().broken(t) else "stop" if beyond else "continue"
        assert max(values, key=lambda name: values[name]) == wanted, world
        assert sorted(values.values())[-2] < values[wanted] - 0.02 * t.error, world
    assert set(best) == {"restart", "stop", "continue"}
    assert 0.1 < best["restart"] / len(MANY) < 0.3
    assert max(best.values()) < 0.6 * len(MANY)


def test_the_broken_platform_can_be_told_from_the_table() -> None:
    for world in MANY:
        t = trial(world)
        if solver().broken(t):
            chis = sorted(solver().chi_square(*pair) for pair in t.people)
            assert chis[-1] > 10.8 > chis[-2], world


def test_a_learner_can_read_alarms_and_bound_off_the_table(key: Any) -> None:
    """Reading between the rows of the table earns full points."""
    for world in WORLDS:
        t = trial(world)
        rows = list(aa_table(world, t.looks, BOUNDS).items())

        def between(x: float, points: list[tuple[float, float]]) -> float:
            for (x0, y0), (x1, y1) in pairwise(points):
                if min(x0, x1) <= x <= max(x0, x1):
                    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
            raise AssertionError(x)

        parts = {
            "ex.l2.alarms": {"value": 100 * between(1.96, rows), "unit": "%"},
            "ex.l2.bound": {"value": round(between(0.05, [(y, x) for x, y in rows]), 2)},
        }
        feedback = graded("ex.l2", parts, key, world)
        met = {c.name for c in feedback.criteria if c.outcome is Outcome.MET}
        assert {"false alarms at 1.96", "corrected bound"} <= met, (world, parts)


# --- EX-L3 ----------------------------------------------------------------------------------------


def test_causes_and_remedies_vary() -> None:
    causes = Counter(drawn_cause(world) for world in MANY)
    assert set(causes) == set(CAUSES)
    assert 0.1 < causes["outside"] / len(MANY) < 0.25
    best = Counter()
    for world in MANY:
        values = solver().remedies(case(world))
        best[max(values, key=lambda name: values[name])] += 1
    assert {"pin", "patch", "app", "index", "brief"} <= set(best)
    assert max(best.values()) < 0.5 * len(MANY)
    tonight = Counter()
    for world in MANY:
        values = solver().tonight(case(world))
        tonight[max(values, key=lambda name: values[name])] += 1
    assert 0.3 < tonight["watch"] / len(MANY) < 0.7
    assert tonight["plain"] > 0.3 * len(MANY)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_wall_shows_what_the_cause_does_and_nothing_else(cause: str) -> None:
    world = BY_CAUSE[cause]
    c, rows = case(world), frame(world)
    assert c.incident.cause == cause
    assert len(rows) == BEFORE + LATER + 1
    assert set(solver().moved(c)) == set(c.incident.moved)
    complaints = wall(world).panels[0]
    assert complaints.outside(-1) or complaints.outside(-2), "the wave is on the first wall"
    night = str(wall(world))
    assert f"day {c.incident.day + NIGHT}" in night
    assert "Fare cards" not in night
    assert "Input mix" in str(wall(world, later=True))


def test_the_log_that_tells_a_cause_apart_does() -> None:
    def cell(world: int, key: str, row: int, column: int) -> float:
        return float(re.sub(r"[^\d.]", "", opened(world, key)[row][column]))

    alias, app, index, mix, outside = (BY_CAUSE[cause] for cause in CAUSES)
    assert opened(alias, "metadata")[2][1] != opened(alias, "metadata")[1][1].replace("01", "00")
    for world in (app, index, mix, outside):
        assert "2026-01" in opened(world, "metadata")[2][1]
    assert "2026-04" in opened(alias, "metadata")[2][1]
    assert cell(alias, "shape", 2, 1) > 1.15 * cell(alias, "shape", 1, 1)
    assert cell(app, "parts", 1, 1) > 3 * cell(app, "parts", 3, 1)
    assert cell(index, "topics", 2, 2) > 3 * cell(index, "topics", 1, 2)
    assert cell(mix, "who", 3, 2) > 1.3 * cell(mix, "who", 3, 1)
    assert cell(outside, "letters", 2, 1) > 15
    for world in (alias, app, index, mix, outside):
        assert [row[-1] for row in opened(world, "suite")[1:]] == ["passed", "passed"]
        released = [row[0] for row in opened(world, "releases")[1:] if row[0]]
        assert str(case(world).incident.decoy) in released


def test_the_second_wall_waits_for_a_diagnosis() -> None:
    class Taken:
        world = HOUSE
        sheet = AnswerSheet.parse(b'{"format": 1, "answers": {}}')

    Taken.sheet.reload = lambda: None  # type: ignore[method-assign]
    assert "Commit" in str(LABS["later"](Taken()))
    assert LABS["night"](Taken()).name == "first"
    assert "Choose three" in str(LABS["logs"](Taken()))
    assert len(LOGS) == 8
    three = logs_opened(HOUSE, ["letters", "parts", "shape"])
    assert len(three.parts) == 3  # type: ignore[union-attr]


def test_the_wall_is_inert_html_that_steps_by_radio_buttons() -> None:
    html = wall(HOUSE, later=True)._repr_html_()
    assert "<script" not in html
    assert html.count('type="radio"') == 9
    assert html.count(" checked") == 1
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'for="([^"]+)"', html)) == set(ids)
    assert html.count('role="img"') == 12
    assert "◆" in html


# --- EX-L4 ----------------------------------------------------------------------------------------


def test_weighted_estimate_is_unbiased_and_the_plain_share_is_not() -> None:
    gaps, ratios = [], []
    for world in range(5000, 5050):
        q = queue(world)
        truth = sum(b.answers * b.error for b in q.bands.values())
        truth /= sum(b.answers for b in q.bands.values())
        low = int(q.capacity / 2)
        plan = dict(zip(BANDS, (low, low // 2, low // 6, low // 8, low // 8), strict=True))
        reads = sample(world, plan)
        total = sum(r.answers for r in reads)
        weighted = sum(r.answers * r.bad / r.read for r in reads) / total
        gaps.append(weighted - truth)
        ratios.append(sum(r.bad for r in reads) / sum(r.read for r in reads) / truth)
    assert abs(fmean(gaps)) < 3 * pstdev(gaps) / math.sqrt(len(gaps))
    assert fmean(ratios) > 1.7


def test_queue_options_vary_and_a_queue_may_be_fine() -> None:
    best = Counter()
    for world in MANY:
        q = queue(world)
        values = solver().queue_options(q)
        top = max(values, key=lambda name: values[name])
        best[top] += 1
        assert (top == "leave") == (q.utilization < 1), world
    assert {"leave", "risk", "raise", "hire"} <= set(best)
    assert max(best.values()) < 0.7 * len(MANY)


def test_a_reading_plan_must_fit_the_day() -> None:
    rows = [{"row": b, "read": 50.0} for b in BANDS]
    assert reading_plan(rows, HOUSE) is not None
    assert reading_plan(rows[1:], HOUSE) is None
    assert reading_plan([{**r, "read": 500.0} for r in rows], HOUSE) is None
    assert "not" not in readings_grid(HOUSE, rows).caption.lower()  # type: ignore[union-attr]


# --- grading over worlds --------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_blank_wrong_partly_and_right_in_every_world(world: int, key: Any) -> None:
    for item in ITEMS:
        points = {k: graded(item, answers(item, k, world), key, world) for k in KINDS}
        most = lesson("execution").item(item).points
        assert points["blank"].points == 0
        assert points["blank"].outcome is Outcome.BLANK
        if item in WRITTEN:
            assert points["right"].outcome is Outcome.NEEDS_REVIEW
            continue
        assert points["right"].points == pytest.approx(most), item
        assert points["wrong"].points <= 0.2 * most, item
        if item == "ex.drill":  # one of two, which is not shown to be enough
            assert points["partly"].points < most
        else:
            assert points["wrong"].points < points["partly"].points < most, item
        assert all(c.advice for c in points["wrong"].criteria if c.outcome is not Outcome.MET)


@pytest.mark.parametrize("habit", ["cautious", "hasty"])
def test_habits_do_not_pass(habit: str, key: Any) -> None:
    for world in WORLDS:
        sheet = naive(habit, world)
        total = sum(graded(item, parts, key, world).points for item, parts in sheet.items())
        assert total < 0.4 * 76, (habit, world)


def test_numbers_of_ones_own_plan_wait_for_the_plan(key: Any) -> None:
    parts = {"ex.l1.harm": {"value": 5000.0, "unit": "$"}}
    feedback = graded("ex.l1", parts, key, HOUSE)
    harm = next(c for c in feedback.criteria if c.name == "expected harm")
    assert harm.points == 0
    assert "first answer" in harm.advice


def test_a_copied_sheet_earns_less_than_half(key: Any) -> None:
    totals = []
    for own in WORLDS[1:]:
        for other in WORLDS[1:]:
            if own != other:
                items = [item for item in ITEMS if item not in WRITTEN]
                points = (graded(i, answers(i, "right", own), key, other).points for i in items)
                totals.append(sum(points))
    assert fmean(totals) < 76 / 2, sorted(totals)
    assert max(totals) < 0.75 * 76, sorted(totals)


# --- figures that have to agree with the learner's own answers ------------------------------------


def test_the_number_of_the_log_is_that_of_the_two_options_in_it(key: Any) -> None:
    for world in WORLDS:
        values = solver().remedies(case(world))
        best, *others = sorted(values, key=lambda name: -values[name])
        for other in others:
            gap = values[best] - values[other]
            parts = {f"ex.log.{k}": v for k, v in answers_of_log(best, other, gap).items()}
            assert graded("ex.log", parts, key, world).points == 3, (world, other)
            parts["ex.log.number"]["value"] = gap + 0.5 * abs(gap) + 40 * 1_000
            assert graded("ex.log", parts, key, world).points < 1.5, (world, other)
        same = {f"ex.log.{k}": v for k, v in answers_of_log(best, best, 0.0).items()}
        assert graded("ex.log", same, key, world).points < 1


def answers_of_log(decision: str, rejected: str, gap: float) -> dict[str, dict[str, Any]]:
    return {
        "decision": {"value": decision},
        "rejected": {"value": rejected},
        "number": {"value": gap, "unit": "$"},
        "trigger": {"value": "Broken parts above 1 percent two days in a row."},
        "owner": {"value": "Ilse, on-call lead"},
        "review": {"value": "Day 75"},
    }


def test_the_bound_of_the_first_gate_is_worked_out_from_the_own_plan(key: Any) -> None:
    c = case(HOUSE)
    rows = table((0, 4, 2, 0), (1, 3, 9, 1), who="wide")
    shown = 14_000 * 0.05 * (1 - c.group_shares["assisted"]) * 4
    parts = {
        "ex.l1.decision": {"value": rows},
        "ex.l1.bound": {"value": shown * 0.001 * 0.5, "unit": "cases"},
    }
    right = graded("ex.l1", parts, key, HOUSE)
    name = "gate: reports without a fault"
    assert next(c for c in right.criteria if c.name == name).points == 1.25
    parts["ex.l1.bound"]["value"] *= 2.5
    wrong = graded("ex.l1", parts, key, HOUSE)
    assert next(c for c in wrong.criteria if c.name == name).points == 0


def test_what_waits_in_a_storm_follows_the_own_head_count(key: Any) -> None:
    q, e = queue(HOUSE), case(HOUSE).exposed
    for point, people in ((8.58, 9), (11.0, 11)):
        left = max(0.0, q.flagged * e.storm_factor - people * q.per_person)
        parts = {
            "ex.e2.range": {"value": {"low": 7, "point": point, "high": 12}, "unit": "reviewers"},
            "ex.e2.unread": {"value": left, "unit": "items"},
        }
        found = graded("ex.e2", parts, key, HOUSE)
        assert next(c for c in found.criteria if c.name == "left unread").points == 1.25


def test_a_sheet_copied_from_another_world_earns_less_than_two_fifths(key: Any) -> None:
    assert copied_share("execution", samples, key, WORLDS) < 0.4


# --- the lesson -----------------------------------------------------------------------------------


def test_items_add_up() -> None:
    items = lesson("execution").items
    own = [item for item in items if item.points]
    assert {item.id for item in own} == set(ITEMS)
    assert sum(item.points for item in own) == 100
    assert sum(item.points for item in own if item.id in WRITTEN) == 24
    assert 90 <= sum(item.minutes for item in items) <= 100
    assert all(len(item.hints) >= 3 and item.looked_for for item in own)


def test_weights_add_up_to_points(key: Any) -> None:
    for item in lesson("execution").items:
        if item.points and item.id not in WRITTEN | {"ex.drill"}:
            own = key.items[item.id]
            weights = sum(getattr(own, "weights", {}).values()) or own.weight
            weights += sum(part.weight for part in own.also.values())
            assert weights == item.points, item.id


def test_no_fact_prints_an_answer() -> None:
    for world in WORLDS:
        r, shown = solver().references(world), set()
        for text in facts(world).values():
            shown |= {float(x.replace(",", "")) for x in re.findall(r"[\d,]*\d\.?\d*", str(text))}
        wanted = [r[e]["value"] for e in ("e1", "e2", "e3")]
        wanted += [r["e1"]["quiet"], r["e1"]["silent"], r["e3"]["slow"]]
        wanted += [r["l2"]["bound"], r["l2"]["chi"], r["l3"]["exposed"]["value"]]
        assert not [w for w in wanted if w in shown], world


def test_memos_hold_the_truth_inside_what_they_say() -> None:
    for world in MANY:
        c, f = case(world), facts(world)
        assert float(f["one_in_low"]) <= 1 / c.exposed.harm_rate <= float(f["one_in_high"])
        assert float(f["pace_low"]) <= queue(world).per_person / queue(world).hours
        assert queue(world).per_person / queue(world).hours <= float(f["pace_high"])
        week = [float(n.replace(",", "")) for n in re.findall(r"[\d,]{5,}", f["daily_log"])]
        assert fmean(week) == pytest.approx(c.daily, rel=0.03)


def test_worked_answers_carry_the_worlds_own_numbers() -> None:
    for world in WORLDS:
        worked = solver().worked(world)
        assert set(worked) == set(ITEMS)
        assert f"{trial(world).z:.2f}" in worked["ex.l2"]
        assert str(case(world).incident.day) in worked["ex.l3"]
        assert all("$" not in text.replace("\\$", "") for text in worked.values())


def test_desk_boards_and_card_read_as_text_and_html() -> None:
    assert "Risk register" in str(desk(HOUSE, "register"))
    assert "<table>" in desk(HOUSE)._repr_html_()
    grid = futures_grid(HOUSE, table((0, 7, 2, 0), (1, 3, 5, 1)))
    assert sum(int(row[2]) for row in grid.rows) == 200  # type: ignore[union-attr]
    off, on = looks_picture(HOUSE, None), looks_picture(5001, 2.5, lit=True)
    assert "light: off" in off.words
    assert "light: red" in on.words
    assert "data:image/png" in off._repr_html_()
    given = {
        part: answer["value"]
        for item in (*ITEMS, "ex.predict")
        for part, answer in solver().reference_answers(HOUSE)[item].items()
    }
    assert "not answered yet" not in str(evidence_card(HOUSE, given))
    assert str(evidence_card(HOUSE, {})).count("not answered yet") == 12


# --- the bank -------------------------------------------------------------------------------------


def test_the_bank_has_thirteen_questions_and_four_whole_rubrics() -> None:
    found = questions("execution")
    assert [q.id for q in found] == [f"ex.q{n}" for n in range(1, 14)]
    assert all(len(q.follow_ups) == 2 and q.twist and q.boundary for q in found)
    rubrics = [q for q in found if q.rubric]
    assert [q.rubric for q in rubrics] == [f"EX-R{n}" for n in range(1, 5)]
    for q in rubrics:
        assert [c.id for c in q.criteria] == ["c1", "c2", "c3", "c4", "c5"]
        assert all(c.strong and c.weak and len(set(c.levels)) == 3 for c in q.criteria)
        assert len(q.strong) == len(q.weak) == 2
        assert q.cap is not None
        assert q.worked_strong is not None
        assert q.worked_weak is not None
        assert sum(q.worked_strong.levels.values()) == 10
        assert sum(q.worked_weak.levels.values()) <= 5
        assert 120 <= len(q.worked_strong.text.split()) <= 350
        for worked in (q.worked_strong, q.worked_weak):
            earned: dict[str, int] = {}
            for part in worked.parts:
                for name, level in part.earns.items():
                    earned[name] = max(level, earned.get(name, 0))
            assert all(worked.levels[name] == level for name, level in earned.items())
