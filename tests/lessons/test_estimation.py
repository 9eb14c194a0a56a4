"""The Estimation module: its figures, its items, its answers over many worlds."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.fixtures.estimation import ITEMS, NAIVE, WORLDS, answers, careful, solver

from skillmap.answers import AnswerSheet
from skillmap.grading import grade_item
from skillmap.grading.keys import load_key
from skillmap.lessons import lesson
from skillmap.lessons.estimation import (
    desk,
    evidence_card,
    facts,
    first_round,
    hump_picture,
    ladder_look,
    ladder_picture,
)
from skillmap.lessons.estimation.case import MIXES, case, effort
from skillmap.lessons.estimation.facts import shelf
from skillmap.lessons.estimation.figures import hump_figure, hump_table
from skillmap.worlds import HOUSE

MANY = (HOUSE, *range(5000, 5050))
WRITTEN = {"es.q2", "es.q4"}


# --- the house world is the specification's -------------------------------------------------------


def test_house_figures_are_those_of_the_specification() -> None:
    c = case(HOUSE)
    r = solver().references(HOUSE)
    terms = solver().step_terms(c)
    assert c.ask_calls / 30 == pytest.approx(18_900)
    assert c.note_calls / 30 == pytest.approx(560_000)
    assert c.rebook_calls / 30 == pytest.approx(9_100)
    assert r["e1"]["value"] == pytest.approx(588_000)
    # The specification says $33k and $174k; with Lantern's own tokens it is $34.1k and $181k.
    assert r["e2"]["value"] == pytest.approx(33_000, rel=0.035)
    assert c.month(*MIXES[3]) == pytest.approx(174_000, rel=0.045)
    assert r["e2"]["demand"] == pytest.approx(26, abs=0.5)
    assert terms["before"] == pytest.approx(0.24, abs=0.005)
    assert terms["after"] == pytest.approx(0.74, abs=0.005)
    assert terms["rar"] == pytest.approx(0.48, abs=0.005)
    assert terms["war"] == pytest.approx(0.021, abs=0.0005)
    # The specification rounds .4785 to .48 and cuts to $121k; unrounded it is $121.5k.
    assert terms["saving"] == pytest.approx(121_000, rel=0.01)
    # The specification rounds .02104 to .021 and h to $35: $49.4k there, $49.8k here.
    assert terms["harm"] == pytest.approx(49_000, rel=0.02)
    assert terms["net"] == pytest.approx(72_000, rel=0.005)
    assert 15 <= effort(c.language) <= 20
    assert r["e5"]["value"] == pytest.approx(30_600, rel=0.005)
    assert r["e5"]["value"] * c.plan.price == pytest.approx(107_000, rel=0.005)


def test_the_hump_of_the_guide() -> None:
    wrong = {error: row[2] for error, row in hump_table().items()}
    assert wrong[0.16] == pytest.approx(0.038, abs=0.001)
    assert wrong[0.12] == pytest.approx(0.054, abs=0.001)
    assert wrong[0.08] == pytest.approx(0.059, abs=0.001)
    assert wrong[0.04] == pytest.approx(0.037, abs=0.001)
    assert len(hump_figure().axes) == 2
    assert "data:image/png" in hump_picture()._repr_html_()


# --- worlds differ, and so do right answers -------------------------------------------------------


def test_answers_vary_over_worlds() -> None:
    refs = {world: solver().references(world) for world in MANY}
    for item in ("l2", "e1", "e2", "e3", "e4", "e5"):
        values = [ref[item]["value"] for ref in refs.values()]
        assert len({round(value, 6) for value in values}) > 45, item
        assert max(values) > 1.5 * min(values), item

    def share(of: Counter[str]) -> float:
        return of.most_common(1)[0][1] / of.total()

    for item in ("e1", "e2", "e3", "e4", "e5"):
        chosen = Counter(ref[item]["decision"][0] for ref in refs.values())
        assert len(chosen) >= 2, item
        assert share(chosen) < 0.67, (item, chosen)
    assert 0.3 < sum(ref["e3"]["war-sign"] == "rises" for ref in refs.values()) / len(refs) < 0.85
    for item in ("l2", "e4"):
        drivers = Counter(",".join(sorted(ref[item]["drivers"])) for ref in refs.values())
        assert len(drivers) >= 3, item
        assert share(drivers) < 0.75, (item, drivers)


def test_no_fact_prints_an_answer() -> None:
    """A learner who copies a memo has copied no reference, first ladder included."""
    for world in MANY:
        refs = solver().references(world)
        wanted = [refs[i]["value"] for i in ("l2", "e1", "e2", "e3", "e4", "e5")]
        wanted += [*first_round(world).values(), *refs["l1-again"].values()]
        shown = set()
        for text in facts(world).values():
            number = str(text).replace(",", "").replace(" million", "e6").split()[0]
            try:
                shown.add(f"{float(number):.3g}")
            except ValueError:
                continue
        printed = [value for value in wanted if f"{value:.3g}" in shown]
        assert len(printed) <= 3, (world, printed)  # chance meetings of small numbers


def test_memos_hold_the_truth_inside_what_they_say() -> None:
    for world in MANY:
        c, f = case(world), facts(world)

        def span(name: str, f: dict[str, str | float] = f) -> tuple[float, float]:
            ends = [str(f[f"{name}_{end}"]).replace(",", "") for end in ("low", "high")]
            low, high = (float(end.replace(" million", "e6").split()[0]) for end in ends)
            return low * 0.97, high * 1.03

        for name, truth in {
            "note_read": c.note.read,
            "note_written": c.note.written,
            "harm": c.step.harm,
            "article_days": c.language.days_per_article,
            "engineering": c.language.engineering,
            "odds": 1 / c.plan.per_booking,
            "label": c.label_cost,
        }.items():
            low, high = span(name)
            assert low <= truth <= high, (world, name)


def test_shelf_cards_leave_no_doubt_about_the_two_widest() -> None:
    for world in MANY:
        cards = shelf(world)
        widths = sorted((card["high"] / card["low"] for card in cards.values()), reverse=True)
        assert widths[1] > 1.15 * widths[2]
        assert all(card["low"] < card["point"] < card["high"] for card in cards.values())
        assert cards["notes_per_trip"]["low"] >= 1
        assert cards["calls_per_note"]["low"] >= 1


def test_worked_answers_carry_the_worlds_own_numbers() -> None:
    for world in WORLDS:
        worked = solver().worked(world)
        assert set(worked) == set(ITEMS)
        assert f"{case(world).calls_a_day:,.0f}" in worked["es.e1"]
        assert all("$" not in text.replace("\\$", "") for text in worked.values())


# --- the lesson -----------------------------------------------------------------------------------


def test_items_add_up() -> None:
    items = lesson("estimation").items
    graded = [item for item in items if item.points]
    assert {item.id for item in graded} == set(ITEMS)
    assert sum(item.points for item in graded) == 100
    assert 85 <= sum(item.minutes for item in items) <= 95
    assert all(len(item.hints) == 3 and item.looked_for for item in graded)


def test_desk_and_card_read_as_text_and_html() -> None:
    assert "Finance pack" in str(desk(HOUSE, "finance"))
    assert "<table>" in desk(HOUSE)._repr_html_()
    given = {
        part: answer["value"]
        for item in (*ITEMS, "es.predict")
        for part, answer in solver().reference_answers(HOUSE)[item].items()
    }
    card = evidence_card(HOUSE, given)
    assert "12 of 12" not in str(card)
    assert "10 of 12 ranges held" in str(card)
    assert "not answered yet" in str(evidence_card(HOUSE, {}))
    assert "10 of 12 held" in str(ladder_look(HOUSE, given))
    assert "10 hold the truth" in repr(ladder_picture(HOUSE, given))
    assert "0 of 12" in str(ladder_picture(HOUSE, {}))
    assert "<script" not in evidence_card(HOUSE, {"es.e3.mind": "<script>"})._repr_html_()


# --- graded ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key():
    from pathlib import Path

    return load_key(Path(__file__).parents[2] / "source" / "estimation")


def _sheet(tmp_path, world, parts):
    sheet = AnswerSheet.open(
        tmp_path / "answers.json", module="estimation", learner="ada", world=world
    )
    for part, answer in parts.items():
        sheet.put(part, answer["value"], answer.get("unit"))
    return sheet


def _grade(tmp_path, key, item, world, parts):
    folder = tmp_path / f"{item}-{world}-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    return grade_item(lesson("estimation").item(item), key, _sheet(folder, world, parts), world)


@pytest.mark.parametrize("name", NAIVE)
@pytest.mark.parametrize("world", WORLDS)
def test_naive_strategies_stay_under_half(tmp_path, key, name, world) -> None:
    sheet = NAIVE[name](world)
    scored = [_grade(tmp_path, key, item, world, parts) for item, parts in sheet.items()]
    machine_graded = 80  # the written answers wait for a person
    total = sum(feedback.points for feedback in scored)
    assert total < machine_graded / 2, [(str(f.item), f.points) for f in scored]


def test_a_careful_reader_of_the_memos_does_well(tmp_path, key) -> None:
    """What the key wants can be reached from what the learner is told."""
    percents: dict[str, list[float]] = {}
    for world in MANY[:25]:
        for item, parts in careful(world).items():
            percents.setdefault(item, []).append(_grade(tmp_path, key, item, world, parts).percent)
    for item, found in percents.items():
        assert sum(found) / len(found) > 90, item  # the one-line reason is left blank here
        assert min(found) >= 70, item  # one miss of a break-even is a quarter of es.e4


def test_another_worlds_answers_do_not_transfer(tmp_path, key) -> None:
    own, other = WORLDS[1], WORLDS[2]
    total = sum(
        _grade(tmp_path, key, item, own, answers(item, "right", other)).points
        for item in ITEMS
        if item not in WRITTEN
    )
    assert total < 40  # of 80; over more pairs in test_estimation_copying
