"""The Strategy lesson: facts, labs, and the curriculum's rows about labs and estimates."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from statistics import fmean
from types import SimpleNamespace

import numpy as np
import pytest
from tests.fixtures.strategy import ITEMS, NULL, WORLDS, answers, solver
from tests.modules.modules import graded

from skillmap.answers import AnswerSheet
from skillmap.bank import questions
from skillmap.errors import UnknownItemError
from skillmap.lessons import fill, lesson
from skillmap.lessons.strategy import LABS, briefing, desk, evidence_card, facts
from skillmap.lessons.strategy.boards import PLANS, measured, path_picture
from skillmap.lessons.strategy.case import BETS, KEYS, case
from skillmap.lessons.strategy.market import (
    allocation_worth,
    lost,
    response_worth,
    units_of,
)
from skillmap.lessons.strategy.memo import SENTENCES

MANY = [*WORLDS, *random.Random(4).sample(range(1000, 2**31), 60)]


def test_house_layers_are_those_of_the_curriculum() -> None:
    c = case(10)
    worth = [loss * c.point * m / 1e6 for loss, m in zip(c.losses, c.months, strict=True)]
    assert worth == pytest.approx([0.4, 2.9, 3.4, 3.7], abs=0.09)


def test_house_estimates_are_those_of_the_curriculum() -> None:
    r = solver().references(10)
    assert r["e1"]["value"] == pytest.approx(3.4e6, rel=0.02)
    assert r["e2"]["value"] == pytest.approx(277_000, rel=0.002)
    assert r["e3"]["flat"] == pytest.approx(32, abs=0.5)
    assert r["e3"]["break-even"] == pytest.approx(26, abs=0.5)


@pytest.mark.parametrize("discount", [0.25, 0.3, 0.35])
@pytest.mark.parametrize("growth", [1.0, 1.3, 2.2, 3.0])
def test_the_losing_decline_agrees_with_a_sum_over_days(discount: float, growth: float) -> None:
    decline = solver().losing_decline(discount, growth)
    t = (np.arange(7200) + 0.5) / 3600
    usage = growth**t
    assert (usage * (1 - decline) ** t).sum() == pytest.approx(
        (1 - discount) * usage.sum(), rel=1e-5
    )


def test_model_parity_matters_less_than_another_layer_in_most_worlds() -> None:
    less = [case(w).losses[0] < max(case(w).losses[1:]) for w in MANY]
    assert np.mean(less) >= 0.6


def test_worlds_differ_in_what_is_right() -> None:
    best = Counter(max(v, key=v.__getitem__) for v in map(response_worth, map(case, MANY)))
    assert {"nothing", "fix", "swap", "feed"} <= set(best)
    assert best["nothing"] >= 0.1 * len(MANY)
    placed = {tuple(row["units"] for row in solver()._audit(case(w))["at"]) for w in MANY}
    assert len(placed) >= 5
    levels = Counter(max(v, key=v.__getitem__) for v in map(solver().yearly, map(case, MANY)))
    assert len(levels) == 3
    assert min(levels.values()) >= 0.05 * len(MANY)
    for name in ("e1", "e2", "e3"):
        said = Counter(solver().references(w)[name]["decision"][0] for w in MANY[:30])
        assert min(said.values()) >= 4, (name, said)
        assert len(said) == 2, name


def test_in_the_null_world_the_rival_exposes_nothing() -> None:
    c = case(NULL)
    assert all(t <= o for t, o in zip(c.rival.theirs, c.rival.ours, strict=True))
    values = response_worth(c)
    assert max(values, key=values.__getitem__) == "nothing"


@pytest.mark.parametrize("world", WORLDS)
def test_measured_points_stay_within_the_tolerance(world: int) -> None:
    c = case(world)
    start = 100 * c.lantern.market.share
    for loss, (mean, se) in zip(c.losses, measured(world).values(), strict=True):
        assert abs(start - mean - loss) <= 0.3
        assert 0 < se < 0.12


@pytest.mark.parametrize("world", WORLDS)
def test_share_only_falls_and_remedies_do_not_hurt(world: int) -> None:
    c = case(world)
    nothing = lost(c, "nothing")
    assert list(nothing) == sorted(nothing)
    for name in ("fix", "price", "feed"):
        assert all(a <= b + 1e-9 for a, b in zip(lost(c, name), nothing, strict=True))


@pytest.mark.parametrize("world", WORLDS)
def test_the_sums_in_the_hints_are_the_rules(world: int) -> None:
    """What a learner works out with the factors 2.5 and four months is what is graded."""
    c, r = case(world), case(world).rival
    k = r.weak
    part = r.bookings[k] * r.pull[k] * min(r.lift, max(0, r.theirs[k] - r.ours[k]))
    values = response_worth(c)
    assert values["fix"] == pytest.approx(2.5 * part * c.point - r.fix_cost)
    feed = 4 * r.feed_chance * c.losses[2] * c.point - r.feed_cost
    assert values["feed"] == pytest.approx(feed)


def test_units_must_be_three_whole_ones() -> None:
    assert units_of([{"row": k, "units": 0.75} for k in KEYS]) is None
    assert units_of([{"row": "model", "units": 4}, {"row": "data", "units": -1}]) is None
    assert units_of([{"row": "model", "units": 2}]) is None
    assert units_of("all on the model") is None
    assert units_of([{"row": "model", "units": 3.0}]) == (3, 0, 0, 0)


@pytest.mark.parametrize("world", WORLDS)
def test_further_units_in_a_layer_add_less(world: int) -> None:
    c = case(world)
    worth = [allocation_worth(c, (n, 0, 0, 0)) for n in range(4)]
    steps = np.diff(worth)
    assert worth[0] == 0
    assert all(a >= b for a, b in pairwise(steps))


@pytest.mark.parametrize("world", WORLDS)
def test_regrets(world: int) -> None:
    s, c = solver(), case(world)
    for bets in PLANS.values():
        assert all(v >= 0 for v in s.regrets(c, bets).values())
        assert s.worst(c, bets) >= min(s.worst(c, b) for b in s.sets())
    assert len(s.sets()) == 70
    assert set(c.bets) == set(BETS)
    assert sum(c.odds) == pytest.approx(1)


def test_three_sentences_rest_on_the_model_and_their_places_move() -> None:
    assert sum(named for named, _ in SENTENCES) == 3
    assert len({tuple(solver().references(w)["drill"]) for w in MANY[:20]}) > 8


@pytest.mark.parametrize("world", WORLDS)
def test_memos_and_labels_are_filled(world: int) -> None:
    told = facts(world)
    for item in lesson("strategy").items:
        for part in item.parts:
            assert "{" not in fill(part.prompt.label, told)
    for memo in briefing(world).values():
        assert "{" not in memo.markdown
        assert "$" not in memo.markdown
        assert "e+0" not in memo.markdown
    assert "Ilse" in str(desk(world, "drills"))
    with pytest.raises(UnknownItemError, match="no memo"):
        desk(world, "gossip")


def test_the_memos_do_not_print_what_is_asked() -> None:
    for world in WORLDS:
        text = " ".join(memo.markdown for memo in briefing(world).values())
        r = solver().references(world)
        for value in (r["e1"]["value"], r["e2"]["value"], r["e3"]["value"]):
            assert f"{value:,.0f}" not in text


@pytest.mark.parametrize("name", sorted(LABS))
def test_every_lab_shows_words_and_html(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    sheet = AnswerSheet(module="strategy", world=10)
    monkeypatch.setattr(AnswerSheet, "reload", lambda _: None)
    shown = LABS[name](SimpleNamespace(world=10, sheet=sheet))
    assert len(str(shown)) > 40
    assert "<" in shown._repr_html_()


def test_the_path_follows_the_ticked_layers_and_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKILLMAP_PICTURES", raising=False)
    none, two = path_picture(10, None), path_picture(10, ["data", "model"])
    assert "42.0, 42.0, 42.0 and 42.0 percent" in none.words
    assert "model quality, operator data" in two.words or "operator data" in two.words
    assert "image/png" in two._repr_html_()


def test_the_card_says_what_is_missing_and_what_was_chosen() -> None:
    empty = evidence_card(10, {})
    assert all(text == "not answered yet" for _, text in empty.lines)
    right = {
        part: answer["value"]
        for parts in solver().reference_answers(10).values()
        for part, answer in parts.items()
    }
    full = evidence_card(10, right)
    assert not any(text == "not answered yet" for _, text in full.lines)
    assert "simulated" in full.title


def test_the_bank_has_thirteen_questions_of_three_difficulties() -> None:
    found = questions("strategy")
    assert [q.id for q in found] == [f"st.q{n}" for n in range(1, 14)]
    assert [q.stars for q in found] == [1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3]
    for q in found:
        assert len(q.follow_ups) == 2
        assert q.twist
        assert q.boundary
    assert [q.rubric for q in found if q.rubric] == ["ST-R1", "ST-R2", "ST-R3", "ST-R4"]


def test_items_add_up() -> None:
    items = lesson("strategy").items
    own = [item for item in items if item.points]
    assert {item.id for item in own} == set(ITEMS)
    assert sum(item.points for item in own) == 100
    assert sum(item.points for item in own if item.kind == "written") == 24
    assert 90 <= sum(item.minutes for item in items) <= 100
    assert all(len(item.hints) >= 3 and item.looked_for for item in own)


def _points(sheet: int, world: int) -> float:
    own = [item for item in lesson("strategy").items if item.points and item.kind != "written"]
    return sum(
        graded("strategy", item, world, answers(item.id, "right", sheet)).points for item in own
    )


def test_a_copied_sheet_earns_less_than_half() -> None:
    totals = [_points(own, other) for own in WORLDS[1:4] for other in WORLDS[1:] if own != other]
    assert fmean(totals) < 76 / 2, sorted(totals)
    assert max(totals) < 0.75 * 76, sorted(totals)


def test_margins_and_worth_of_speed_follow_ones_own_numbers() -> None:
    item = lesson("strategy").item("st.l1")
    parts = answers("st.l1", "right", 1001)
    alone = {"st.l1.margins": parts["st.l1.margins"]}
    found = {c.name: c for c in graded("strategy", item, 1001, alone).criteria}
    assert found["margins"].points == 0
    shifted = [{**row, "points": row["points"] + 0.2} for row in parts["st.l1.losses"]["value"]]
    c = case(1001)
    own = [
        {"row": row["row"], "dollars": row["points"] * c.point * months}
        for row, months in zip(shifted, c.months, strict=True)
    ]
    both = {"st.l1.losses": {"value": shifted}, "st.l1.margins": {"value": own}}
    found = {c.name: c for c in graded("strategy", item, 1001, both).criteria}
    assert found["margins"].points == pytest.approx(3.5)
    assert found["points lost"].points == pytest.approx(3.5)
