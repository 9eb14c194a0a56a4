"""The Technical depth module: its measurements, its labs, its items, over many worlds."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import replace
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from tests.fixtures import technical_depth as samples
from tests.fixtures.shared_sheets import copied_share
from tests.fixtures.technical_depth import (
    ITEMS,
    NULL,
    UNCHANGED,
    WORLDS,
    WRITTEN,
    answers,
    solver,
)

from skillmap.answers import AnswerSheet
from skillmap.bank import questions
from skillmap.grading import grade_item
from skillmap.grading.feedback import Outcome
from skillmap.grading.keys import load_key
from skillmap.lantern.evidence import ndcg_at
from skillmap.lantern.help_center import help_center
from skillmap.lantern.retrieval import TODAY, search
from skillmap.lantern.world import parameters
from skillmap.lessons import lesson
from skillmap.lessons.technical_depth import LABS, desk, evidence_card, facts
from skillmap.lessons.technical_depth.bench import (
    DAY_ZERO_SETUP,
    GROUPS,
    WHOLE,
    Setup,
    as_row,
    measure,
    setup_of,
    state_of,
    table_of,
    trace,
)
from skillmap.lessons.technical_depth.boundary import boundary
from skillmap.lessons.technical_depth.case import case
from skillmap.lessons.technical_depth.fixes import fixes
from skillmap.lessons.technical_depth.grids import (
    fixes_grids,
    groups_grid,
    prices_grid,
    responses_grid,
    steps_grid,
)
from skillmap.lessons.technical_depth.replays import cause_of, labels, plan_of, sample, shares
from skillmap.lessons.technical_depth.streams import KINDS, WAYS, kinds, log, perceived
from skillmap.lessons.technical_depth.ten import ten
from skillmap.lessons.technical_depth.versions import behaviors, panel, truly
from skillmap.lessons.technical_depth.views import (
    bench_view,
    heat,
    replay_rows,
    streams_view,
    ten_grid,
    traces_view,
    versions_grid,
)
from skillmap.worlds import HOUSE

MANY = (HOUSE, *range(5000, 5060))
GAP, STALE = 1001, 2009
"""Worlds of a vocabulary gap and of a stale cluster."""
PLAN = [{"row": "group", "n": 60.0}, {"row": "others", "n": 60.0}]


@pytest.fixture(scope="module")
def key() -> Any:
    return load_key(solver().__file__.rsplit("/", 1)[0])


def graded(item: str, parts: dict, key: Any, world: int) -> Any:
    text = json.dumps({"format": 1, "answers": parts})
    sheet = AnswerSheet.parse(text.encode())
    return grade_item(lesson("technical-depth").item(item), key, sheet, world)


def criterion(feedback: Any, name: str) -> Any:
    return next(c for c in feedback.criteria if c.name == name)


# --- the house world is the specification's -------------------------------------------------------


def test_house_figures_are_those_of_the_specification() -> None:
    r = solver().references(HOUSE)
    assert r["e1"]["value"] == 2_860
    assert r["e1"]["tokenizer"] == pytest.approx(3_860, rel=0.002)
    assert r["e2"]["plain"] == pytest.approx(85, abs=0.2)
    assert r["e2"]["guarded"] == pytest.approx(94, abs=0.5)
    assert 9 <= r["e3"]["value"] <= 14
    assert case(HOUSE).exercise.affected == 450


def test_figures_that_the_texts_quote_are_the_house_worlds() -> None:
    r = solver().references(HOUSE)
    assert r["bill"]["value"] == pytest.approx(568, abs=1)
    assert r["e3"]["value"] == pytest.approx(10.5, abs=0.05)
    own, others = (shares(part) for part in sample(HOUSE, (60, 60)))
    quoted = (own["miss"], own["generation"], others["miss"])
    assert [round(x) for x in quoted] == [18, 62, 48]
    six, day0 = measure(HOUSE, replace(DAY_ZERO_SETUP, k=6)), measure(HOUSE, DAY_ZERO_SETUP)
    mix = case(HOUSE).shares
    assert round(100 * float(np.dot(mix, six.found))) == 96
    assert round(100 * float(np.dot(mix, day0.found))) == 92
    assert [round(100 * day0.found[n]) for n in (2, 3)] == [94, 88]
    assert case(HOUSE).prices.long == 72
    assert round(six.tokens - day0.tokens, -1) == 960
    assert solver().cost(case(HOUSE), Setup(method="vectors")) < solver().cost(case(HOUSE), Setup())
    values = solver().response_values(HOUSE)
    quoted = [round(values[name] / 1000) for name in ("pin", "parser", "patch")]
    assert quoted == [28, 18, 11]
    assert round(r["l3"]["p"]) == 68
    wrong = next(b for b in behaviors(HOUSE) if b.key == "accuracy")
    assert (wrong.lost, wrong.lost + wrong.gained) == (13, 24)
    streams = [round(r["l4"][name], 1) for name in ("p50", "whole50", "p95", "sum")]
    assert streams == [1.1, 3.8, 5.9, 6.9]


# --- TD-L1: measured on the real index ------------------------------------------------------------


def test_a_trace_is_what_the_search_returns() -> None:
    """Outside gap and stale worlds a trace and a free search find the same passages."""
    state = state_of(HOUSE)
    for intent, column in ((0, 4), (17, 0), (40, 9)):
        t = trace(HOUSE, intent, column)
        free = search(t.question, DAY_ZERO_SETUP.config, as_of=state.as_of)
        assert [p.article for p in t.passages] == [chunk.article.id for chunk in free]
        assert [p.text for p in t.passages] == [chunk.text for chunk in free]


def test_found_agrees_with_reading_the_passages() -> None:
    """A question with one needed sentence is found exactly if that sentence stands in a passage."""
    state = state_of(HOUSE)
    table = table_of(state, DAY_ZERO_SETUP)
    by_id = help_center().by_id
    for intent, entry in enumerate(help_center().intents):
        if len(entry.evidence) > 1 or len(entry.evidence[0]) > 1 or state.as_of != TODAY:
            continue
        article, mark = entry.evidence[0][0]
        words = by_id[article].marked[mark]
        for column in range(0, 10, 3):
            seen = any(
                p.article == article and words in p.text
                for p in trace(HOUSE, intent, column).passages
            )
            assert seen == table.found[intent, column], (entry.id, column)


def test_recall_by_group_meets_the_specification() -> None:
    """At k 5 healthy groups find .88 to .96; the glossary returns half or more of a gap."""
    five = replace(DAY_ZERO_SETUP, k=5)
    for world in (HOUSE, NULL, 2005):
        table = table_of(state_of(world), five)
        assert 0.88 <= table.recall.mean() <= 0.96
    gap = table_of(state_of(GAP), five)
    group = gap.for_segment(case(GAP).group)
    others = [gap.for_segment(s) for s in GROUPS if s != case(GAP).group]
    lost = fmean(float(gap.recall[:, part].mean()) for part in others) - gap.recall[:, group].mean()
    with_words = table_of(state_of(GAP), replace(five, glossary=True))
    assert 0.1 <= lost <= 0.25
    assert (with_words.recall[:, group] - gap.recall[:, group]).mean() >= 0.5 * lost


def test_the_winner_over_all_loses_for_the_group_with_words_of_its_own() -> None:
    """Without the glossary the best setup for everybody leaves this group far below the rest."""
    c = case(GAP)
    options = [
        Setup(words=w, k=k, method=m)
        for w in (240, 400)
        for k in (4, 5, 6)
        for m in ("bm25", "vectors", "fusion")
    ]
    winner = min(options, key=lambda s: solver().cost(c, s))
    found = measure(GAP, winner).found
    others = [f for n, f in enumerate(found) if n != c.position]
    assert found[c.position] < min(others) - 0.02
    assert solver().cost(c, replace(winner, glossary=True)) < solver().cost(c, winner)


def test_the_date_filter_repairs_stale_worlds_and_only_costs_in_others() -> None:
    plain, dated = DAY_ZERO_SETUP, replace(DAY_ZERO_SETUP, dates=True)
    assert max(measure(STALE, plain).outdated) > 0.08
    assert max(measure(STALE, dated).outdated) == 0
    assert solver().cost(case(STALE), dated) < solver().cost(case(STALE), plain) - 0.3
    assert solver().cost(case(NULL), dated) > solver().cost(case(NULL), plain)


def test_metrics_of_ten_traces_agree_with_the_library() -> None:
    for world in WORLDS:
        r, ranks = solver().references(world)["l1"], [t.rank for t in ten(world)]
        gains = np.zeros((10, 50), dtype=np.int64)
        for row, rank in enumerate(ranks):
            if rank:
                gains[row, rank - 1] = 1
        ideal = np.zeros((10, 50), dtype=np.int64)
        ideal[:, 0] = 1
        assert r["ndcg"] == pytest.approx(ndcg_at(4, gains, ideal).mean())
        assert r["recall"] == pytest.approx(100 * (gains[:, :4].sum(axis=1)).mean())
        assert 20 <= r["recall"] <= 95, "the ten questions hold misses and finds"


def test_no_nearby_setup_beats_the_reference_by_much() -> None:
    """Coordinate ascent may stop early; 40 random setups within budget gain under 5 percent."""
    rng = np.random.default_rng(7)
    for world in (HOUSE, GAP, STALE):
        c = case(world)
        best, base = (
            -solver().cost(c, solver().best_setup(world)),
            -solver().cost(c, DAY_ZERO_SETUP),
        )
        for _ in range(40):
            tried = Setup(
                int(rng.choice([240, 400, 800])),
                float(rng.choice([0.0, 0.25, 0.5])),
                int(rng.integers(3, 8)),
                str(rng.choice(["vectors", "fusion"])),
                bool(rng.random() < 0.5),
                bool(rng.random() < 0.5),
            )
            if solver().allowed(c, tried):
                assert -solver().cost(c, tried) <= best + 0.05 * (best - base), tried


def test_best_setups_differ_between_worlds() -> None:
    found = {solver().best_setup(w) for w in WORLDS}
    assert len(found) >= 3
    assert any(s.glossary for s in found)
    assert any(s.dates for s in found)
    assert any(not s.dates for s in found)


def test_a_setup_over_budget_or_out_of_range_is_not_yet(key: Any) -> None:
    over = as_row(Setup(800, 0.5, 12))
    feedback = graded("td.l1", {"td.l1.decision": {"value": [over]}}, key, HOUSE)
    assert criterion(feedback, "the setup").points == 0
    assert setup_of([{**over, "k": 13.0}]) is None
    assert setup_of([{**over, "k": 2.5}]) is None
    assert setup_of([{**over, "words": "100"}]) is None
    assert setup_of("nothing") is None
    row = as_row(Setup(words=WHOLE, dates=True))
    assert setup_of([row]) == Setup(words=WHOLE, dates=True)


def test_dollars_follow_from_what_the_learner_reads(key: Any) -> None:
    """Price list and bench, as printed, give the dollars that the grader expects."""
    for world in WORLDS:
        setup = Setup(400, 0.25, 4, "vectors", glossary=True)
        shown = bench_view(world, [as_row(setup)]).parts[1]
        total = 0.0
        for (_, share, *dollars), (_, *cells) in zip(
            prices_grid(world).rows, shown.rows, strict=True
        ):
            for price, cell in zip(dollars, cells, strict=True):
                asked, part = float(share.rstrip("%")) / 100, float(cell.rstrip("%")) / 100
                total += asked * float(price.lstrip("$")) * part
        tokens, beyond = re.findall(
            r"([\d,]+) retrieved tokens a question; ([\d.]+)", shown.caption
        )[0]
        upkeep = str(desk(world, "upkeep"))
        passage = float(re.findall(r"third: ([\d.]+) cents", upkeep)[0])
        thousand = float(re.findall(r"tokens: ([\d.]+) cents", upkeep)[0])
        words = float(re.findall(r"Glossary ([\d.]+) cents", upkeep)[0])
        cents = passage * float(beyond) + thousand * float(tokens.replace(",", "")) / 1000 + words
        parts = {
            "td.l1.decision": {"value": [as_row(setup)]},
            "td.l1.dollars": {"value": total + cents / 100, "unit": "$"},
        }
        dollars_a_question = criterion(graded("td.l1", parts, key, world), "dollars a question")
        assert dollars_a_question.points == dollars_a_question.maximum, world


# --- TD-L2: replays -------------------------------------------------------------------------------


def test_the_rule_of_the_lab_is_a_partition() -> None:
    named = Counter(cause_of(a, b) for a in range(6) for b in range(6))
    assert sum(named.values()) == 36
    assert set(named) == {"miss", "stale", "generation", "ambiguous"}


@pytest.mark.parametrize(
    ("world", "cause"), [(GAP, "miss"), (STALE, "stale"), (2005, "generation")]
)
def test_replays_find_what_the_world_did(world: int, cause: str) -> None:
    own, others = (shares(part) for part in sample(world, (60, 60)))
    assert own[cause] > others[cause] + 10
    assert solver().references(world)["l2"]["cause"] == cause


def test_a_draft_that_no_evidence_reached_is_called_a_miss_by_replay() -> None:
    """The replay's verdict agrees with the trace, which never looks at the model."""
    agree = []
    for draft in sample(GAP, (60, 10))[0]:
        verdict = cause_of(draft.indexed, draft.today)
        if verdict in {"miss", "generation"}:
            table = table_of(state_of(GAP), DAY_ZERO_SETUP)
            missed = not table.found[draft.intent, draft.column]
            agree.append(missed == (verdict == "miss"))
    assert len(agree) > 30
    assert fmean(agree) > 0.85


def test_stale_drafts_are_stale_in_the_index() -> None:
    table = table_of(state_of(STALE), DAY_ZERO_SETUP)
    verdicts = [d for d in sample(STALE, (60, 10))[0] if cause_of(d.indexed, d.today) == "stale"]
    assert len(verdicts) >= 10
    assert fmean(bool(table.stale[d.intent, d.column]) for d in verdicts) > 0.9


def test_where_nothing_sets_the_group_apart_labels_say_so() -> None:
    nulls = [w for w in MANY if parameters(w).is_null]
    assert len(nulls) >= 5
    gaps = [(labels(w)[0] - labels(w)[1]) / 600 for w in nulls]
    assert max(gaps) < 0.1
    assert abs(fmean(gaps)) < 0.05
    assert all(solver()._cause(case(w)) == "nothing" for w in nulls)


def test_faint_mechanisms_accept_nothing_too() -> None:
    accepted = [solver()._cause(case(w)) for w in MANY]
    assert any(isinstance(c, list) and "nothing" in c for c in accepted)
    assert {c for c in accepted if isinstance(c, str)} == {"miss", "stale", "generation", "nothing"}


def test_plans_keep_to_the_budget(key: Any) -> None:
    with pytest.raises(ValueError, match="at most 120"):
        plan_of([{"row": "group", "n": 100.0}, {"row": "others", "n": 100.0}])
    assert plan_of([{"row": "group", "n": 100.0}]) is None
    small = {"td.l2.plan": {"value": [{"row": "group", "n": 5.0}, {"row": "others", "n": 60.0}]}}
    feedback = graded("td.l2", small | {"td.l2.miss": {"value": 50.0, "unit": "%"}}, key, HOUSE)
    assert criterion(feedback, "not found").points == 0


def test_shares_are_those_of_the_learners_own_plan(key: Any) -> None:
    """Another plan has other shares, and each is graded on its own."""
    for own in (20.0, 90.0):
        plan = [{"row": "group", "n": own}, {"row": "others", "n": 30.0}]
        frame = replay_rows(HOUSE, plan).frame  # type: ignore[union-attr]
        group = frame[frame["sample"] == "group"]
        right = ((group["indexed"] >= 4) & (group["today"] >= 4)).mean() * 100
        parts = {
            "td.l2.plan": {"value": plan},
            "td.l2.miss": {"value": float(right), "unit": "%"},
        }
        found = criterion(graded("td.l2", parts, key, HOUSE), "not found")
        assert found.points == found.maximum


def test_the_first_fix_follows_from_what_the_learner_reads(key: Any) -> None:
    """Labels, own sample and the two tables, as shown, lead to a fix with most of the points."""
    earned = []
    for world in (*WORLDS, *MANY[1:15]):
        own = shares(sample(world, (90, 30))[0])
        dollars, offers = fixes_grids(world)
        costs = [float(cell.lstrip("$")) for cell in dollars.rows[0]]
        asked = re.findall(r"asks ([\d,]+) questions", str(desk(world, "fixes")))[0]
        failed = float(asked.replace(",", "")) * labels(world)[0] / 600
        sampled = [own[kind] / 100 for kind in ("miss", "stale", "generation")]
        worth = {"leave": 0.0}
        for name, row in zip(("glossary", "dates", "condor", "tune"), offers.rows, strict=True):
            removed = [
                float(cell.removeprefix("adds ").rstrip("%"))
                / 100
                * (-1 if cell.startswith("adds") else 1)
                for cell in row[1:4]
            ]
            saved = sum(failed * s * r * d for s, r, d in zip(sampled, removed, costs, strict=True))
            worth[name] = saved - float(row[4].lstrip("$").replace(",", ""))
        best = max(worth, key=lambda name, w=worth: w[name])
        feedback = graded("td.l2", {"td.l2.fix": {"value": best}}, key, world)
        part = criterion(feedback, "first fix")
        earned.append(part.points / part.maximum)
    assert fmean(earned) > 0.85, earned


def test_fixes_repair_what_they_say() -> None:
    best = Counter()
    for world in MANY:
        values = solver().fix_values(case(world))
        best[max(values, key=lambda name: values[name])] += 1
    assert {"glossary", "dates", "condor", "leave"} <= set(best)
    assert max(best.values()) < 0.6 * len(MANY)
    assert fixes(STALE)["glossary"].removes["stale"] == 0
    assert fixes(GAP)["glossary"].removes["miss"] > 0.3
    assert solver().failing(STALE)["stale"] > 0.05
    assert solver().failing(NULL)["stale"] == 0


# --- TD-L3: versions ------------------------------------------------------------------------------


def test_what_changed_can_be_told_from_the_table() -> None:
    for world in (*WORLDS, *MANY[1:30]):
        bound = 0.05 / len(panel(world))
        seen = {b.key for b in behaviors(world) if 2 * norm.sf(abs(b.z)) < bound}
        assert seen == set(truly(world)), world
        assert parameters(world).update.real == bool(seen)


def test_the_paired_p_is_mcnemars() -> None:
    z = (25 - 9) / math.sqrt(34)
    assert solver().paired_p(9, 25) == pytest.approx(2 * norm.sf(z))
    assert solver().paired_p(0, 0) == 1.0


def test_responses_vary_and_unchanged_worlds_are_left_alone() -> None:
    best = Counter()
    for world in MANY:
        values = solver().response_values(world)
        best[max(values, key=lambda name: values[name])] += 1
    assert {"accept", "pin", "patch", "parser"} <= set(best)
    assert "back" not in best
    values = solver().response_values(UNCHANGED)
    assert max(values, key=lambda name: values[name]) == "accept"
    assert not truly(UNCHANGED)


# --- TD-L4: streams -------------------------------------------------------------------------------


def test_streaming_moves_the_first_words_and_not_the_last() -> None:
    for world in WORLDS[:3]:
        for kind in KINDS:
            early, late = (np.array(perceived(world, kind, way)) for way in ("stream", "whole"))
            assert (early <= late).all()
    rows = log(HOUSE)
    money = rows[rows["kind"] == "money"]
    total = money["first"] + (money["hidden"] + money["tokens"]) * money["per_token"]
    whole = np.array(perceived(HOUSE, "money", "whole"))
    assert np.allclose(whole, (total + money["check"]).to_numpy())


def test_percentiles_of_stages_do_not_add_up() -> None:
    for world in WORLDS:
        r = solver().references(world)["l4"]
        assert r["sum"] > 1.05 * r["p95"]


def test_log_and_memo_give_the_waits_and_the_exposure(key: Any) -> None:
    """A learner's own arithmetic on what is shown earns the four numbers."""
    for world in WORLDS:
        rows = streams_view(world).frame
        rows = rows[rows["kind"] == "money"]
        early = rows["first"] + (rows["hidden"] + 40) * rows["per_token"]
        late = rows["first"] + (rows["hidden"] + rows["tokens"]) * rows["per_token"] + rows["check"]
        booking = re.findall(
            r"booking: ([\d,]+) a day, ([\d.]+) percent", str(desk(world, "surfaces"))
        )[0]
        people = float(booking[0].replace(",", "")) * float(booking[1]) / 100
        parts = {
            "td.l4.p50": {"value": float(early.median()), "unit": "seconds"},
            "td.l4.whole50": {"value": float(late.median()), "unit": "seconds"},
            "td.l4.p95": {"value": float(late.quantile(0.95)), "unit": "seconds"},
            "td.l4.exposed": {"value": people, "unit": "people/day"},
        }
        feedback = graded("td.l4", parts, key, world)
        for name in ("streamed median", "whole median", "95th percentile", "people who see it"):
            assert criterion(feedback, name).points == criterion(feedback, name).maximum, world


def test_ways_vary_by_kind_and_world() -> None:
    best = {
        kind: Counter(
            max(WAYS, key=lambda way, w=world, k=kind: solver().stream_value(w, k, way))
            for world in MANY[:30]
        )
        for kind in KINDS
    }
    assert best["prose"].most_common(1)[0][0] == "stream"
    assert best["action"].most_common(1)[0][0] == "whole"
    assert len(best["money"]) >= 2
    assert len(best["reason"]) >= 2


def test_the_grid_hides_the_number_that_is_asked() -> None:
    for world in WORLDS:
        k = kinds(world)["action"]
        rows = [row for row in streams_view(world).grid.rows if row[0] == KINDS["action"]]
        assert rows[0][3] == "your answer above"
        assert f"{k.daily * k.retracted:,.1f}" not in [row[3] for row in rows]


# --- grading --------------------------------------------------------------------------------------


def test_a_copied_sheet_earns_less_than_half(key: Any) -> None:
    totals = []
    for own in WORLDS[1:]:
        for other in WORLDS[1:]:
            if own != other:
                items = [item for item in ITEMS if item not in WRITTEN]
                points = (graded(i, answers(i, "right", own), key, other).points for i in items)
                totals.append(sum(points))
    assert fmean(totals) < 80 / 2, sorted(totals)
    assert max(totals) < 0.7 * 80, sorted(totals)


def test_right_answers_are_met_in_drawn_worlds(key: Any) -> None:
    for world in MANY[1:8]:
        for item in ITEMS:
            if item in WRITTEN:
                continue
            feedback = graded(item, answers(item, "right", world), key, world)
            assert feedback.outcome is Outcome.MET, (world, item, feedback)


def test_items_add_up() -> None:
    items = lesson("technical-depth").items
    assert sum(item.points for item in items) == 100
    assert 90 <= sum(item.minutes for item in items) + 27 <= 150
    assert all(len(item.hints) >= 3 for item in items if item.points)


def test_weights_add_up_to_points(key: Any) -> None:
    for item in lesson("technical-depth").items:
        if item.points and item.id not in WRITTEN | {"td.drill"}:
            own = key.items[item.id]
            weights = sum(getattr(own, "weights", {}).values()) or own.weight
            weights += sum(part.weight for part in own.also.values())
            assert weights == item.points, item.id


def test_no_fact_prints_an_answer() -> None:
    for world in WORLDS:
        r, shown = solver().references(world), set()
        for text in (*facts(world).values(), str(desk(world))):
            shown |= {float(x.replace(",", "")) for x in re.findall(r"\d[\d,]*\.?\d*", str(text))}
        wanted = [r["e1"][n] for n in ("value", "tokenizer", "language")]
        wanted += [r["bill"]["value"], r["e3"]["value"], r["e2"]["plain"], r["e2"]["guarded"]]
        wanted += [r["l1"]["mrr"], r["l1"]["ndcg"], r["l4"]["p95"], r["l4"]["exposed"]]
        assert not [w for w in wanted if w in shown], world


def test_memos_hold_the_truth_inside_what_they_say() -> None:
    for world in MANY:
        c, f = case(world), facts(world)
        for name, true in (
            ("questions", c.lantern.scale.questions),
            ("calls", c.lantern.scale.calls_per_question),
            ("author", c.exercise.author),
            ("review", c.exercise.review),
            ("reindex", c.exercise.reindex),
        ):
            low, high = (float(f[f"{name}_{end}"].replace(",", "")) for end in ("low", "high"))
            assert low <= true <= high, (world, name)
        grids = (prices_grid(world), *fixes_grids(world), steps_grid(world), streams_view(world))
        shown = "\n".join(map(str, (desk(world), responses_grid(world), *grids)))
        assert not re.search(r"\de[+-]\d", shown), world


def test_no_learner_text_holds_the_truth() -> None:
    """Mechanisms, leftovers and oracle words never reach a memo or a lab."""
    for world in WORLDS:
        shown = " ".join(
            [str(desk(world)), str(versions_grid(world)), str(replay_rows(world, PLAN))]
        )
        for secret in ("vocabulary gap", "stale cluster", "overconfidence", "constraint errors"):
            assert secret not in shown


# --- what is shown --------------------------------------------------------------------------------


def test_labs_read_as_text_and_html() -> None:
    assert set(LABS) == {
        "bench", "card", "desk", "fixes", "prices", "replays", "responses", "steps", "streams",
        "ten", "traces", "versions",
    }  # fmt: skip
    assert "<table>" in desk(HOUSE)._repr_html_()
    shown = [
        ten_grid(HOUSE),
        bench_view(HOUSE, None),
        replay_rows(HOUSE, None),
        replay_rows(HOUSE, PLAN),
        traces_view(HOUSE, None),
        traces_view(STALE, PLAN, 1, 3),
        versions_grid(HOUSE),
        streams_view(HOUSE),
        prices_grid(HOUSE),
        *fixes_grids(HOUSE),
        responses_grid(HOUSE),
        steps_grid(HOUSE),
        groups_grid(HOUSE),
    ]
    for exhibit in shown:
        assert str(exhibit)
        assert "<table>" in exhibit._repr_html_() or "<details>" in exhibit._repr_html_()
        assert "<script" not in exhibit._repr_html_()
    assert traces_view(STALE, PLAN, 1, 3)._repr_html_().count("<details>") == 3
    assert "Not yet" in str(traces_view(HOUSE, None))


def test_the_heat_map_draws_and_has_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKILLMAP_PICTURES", raising=False)
    picture = heat(HOUSE, DAY_ZERO_SETUP)
    assert "visitors" in picture.words
    assert "data:image/png" in picture._repr_html_()
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    assert "data:image/png" not in picture._repr_html_()


def test_the_drill_has_two_that_overclaim() -> None:
    seen = Counter()
    for world in MANY:
        b = boundary(world)
        assert len(set(b.sentences)) == 6
        assert len(b.overclaims) == 2
        seen.update(b.overclaims)
    assert max(seen.values()) < 0.5 * len(MANY), "the right options keep no place"


def test_worked_answers_carry_the_worlds_own_numbers() -> None:
    for world in WORLDS:
        worked, r = solver().worked(world), solver().references(world)
        assert set(worked) == set(ITEMS)
        assert f"{r['l1']['mrr']:.3f}" in worked["td.l1"]
        assert f"{r['bill']['value']:,.0f}" in worked["td.bill"]
        assert all("$" not in text.replace("\\$", "") for text in worked.values())


def test_the_card_is_full_of_the_learners_own_numbers() -> None:
    given = {
        part: answer["value"]
        for item in (*ITEMS, "td.predict")
        for part, answer in solver().reference_answers(HOUSE)[item].items()
    }
    assert "not answered yet" not in str(evidence_card(HOUSE, given))
    assert str(evidence_card(HOUSE, {})).count("not answered yet") == 14


# --- the bank -------------------------------------------------------------------------------------


def test_the_bank_has_thirteen_questions_and_four_whole_rubrics() -> None:
    found = questions("technical-depth")
    assert [q.id for q in found] == [f"td.q{n}" for n in range(1, 14)]
    assert all(len(q.follow_ups) == 2 and q.twist and q.boundary for q in found)
    rubrics = [q for q in found if q.rubric]
    assert [q.rubric for q in rubrics] == [f"TD-R{n}" for n in range(1, 5)]
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


# --- figures that have to agree with the learner's own answers, and copied sheets -----------------


def test_affected_questions_follow_the_own_hours(key: Any) -> None:
    for point in (10.46, 24.0):
        parts = {
            "td.e3.range": {"value": {"low": 6, "point": point, "high": 30}, "unit": "hours"},
            "td.e3.affected": {"value": 450 / 24 * point, "unit": "questions"},
        }
        found = graded("td.e3", parts, key, HOUSE)
        assert criterion(found, "questions until then").points == 1.25
        parts["td.e3.affected"]["value"] *= 1.5
        assert criterion(graded("td.e3", parts, key, HOUSE), "questions until then").points == 0


def test_a_sheet_copied_from_another_world_earns_less_than_two_fifths(key: Any) -> None:
    assert copied_share("technical-depth", samples, key, samples.WORLDS) < 0.4
