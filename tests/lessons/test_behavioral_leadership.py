"""The Behavioral and leadership lesson: dilemmas, proper scores, private stories."""

from __future__ import annotations

import json
import random
import re
import shutil
import stat
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace

import numpy as np
import pytest
from nbgrader.utils import ignore_patterns
from tests.fixtures.behavioral_leadership import (
    ITEMS,
    NULL,
    UNKNOWABLE,
    WORLDS,
    answers,
    solver,
)
from tests.modules.modules import graded
from traitlets.config import Config

from skillmap import open_module
from skillmap.answers import AnswerSheet
from skillmap.bank import questions
from skillmap.cohort.bridge import configure
from skillmap.cohort.submission import read_folder
from skillmap.errors import AnswerError, SheetError, UnknownItemError
from skillmap.lessons import fill, lesson
from skillmap.lessons.behavioral_leadership import LABS, briefing, desk, evidence_card, facts
from skillmap.lessons.behavioral_leadership import private as own
from skillmap.lessons.behavioral_leadership.boards import (
    blame_card,
    blamed,
    dashboard_grid,
    ending_card,
    flip_costs,
    flip_picture,
    log_grid,
)
from skillmap.lessons.behavioral_leadership.case import (
    QUANTITIES,
    act_worth,
    case,
    chance,
    flips,
    is_null,
)
from skillmap.lessons.behavioral_leadership.incident import (
    CHANGES,
    METRICS,
    exposed,
    incident,
    spared,
)
from skillmap.lessons.behavioral_leadership.tales import (
    ANCHORS,
    CRITERIA,
    FEATURES,
    anchors,
    polished,
)
from skillmap.widgets.flipping_number import FlippingNumber
from skillmap.widgets.story_file import StoryFile

MODULE = "behavioral-leadership"
MANY = [*WORLDS, *random.Random(7).sample(range(1000, 2**31), 80)]
MARKER = "Quibblewick"


# --- the curriculum's rows ------------------------------------------------------------------------


def test_house_estimates_are_those_of_the_curriculum() -> None:
    r = solver().references(10)
    assert r["e1"]["exact"] == pytest.approx(28, abs=0.5)
    repair = case(10).repair
    paid = repair.affected * repair.reachable * repair.claim * repair.compensation
    assert paid == pytest.approx(9_700, rel=0.01)
    assert r["e3"]["value"] == pytest.approx(paid + repair.hours * repair.wage)


def test_about_four_in_ten_sound_decisions_end_badly() -> None:
    found, ended = [], []
    for world in MANY:
        week = case(world).week
        p = chance(week)
        worth = act_worth(week, p)
        act = max(worth, key=worth.__getitem__)
        found.append(1 - p if act == "hold" else p)
        fault = week.ends_badly < p
        ended.append(not fault if act == "hold" else fault)
    assert 0.35 <= fmean(found) <= 0.5
    assert 0.25 <= fmean(ended) <= 0.6


def test_worlds_differ_in_what_is_right() -> None:
    r = {world: solver().references(world) for world in MANY}
    acts = Counter(max(v["l1"]["values"], key=v["l1"]["values"].__getitem__) for v in r.values())
    assert set(acts) == {"ship", "partial", "hold"}
    assert min(acts.values()) >= 0.15 * len(MANY)
    crux = Counter(v["l2"]["crux"] for v in r.values())
    assert set(crux) == {*QUANTITIES, "none"}
    assert min(crux.values()) >= 0.1 * len(MANY)
    assert len({tuple(v["l3"]["changes"]["at"]) for v in r.values()}) >= 6
    for name in ("e1", "e2", "e3"):
        said = Counter(v[name]["decision"][0] for v in r.values())
        assert len(said) == 2
        assert min(said.values()) >= 0.2 * len(MANY), (name, said)
    assert len({v["e2"]["ships"] for v in r.values()}) == 2


def test_in_the_null_world_nothing_is_wrong() -> None:
    c, r = case(NULL), solver().references(NULL)
    assert is_null(NULL)
    assert not any(look.alarm for look in c.week.looks)
    assert max(r["l1"]["values"], key=r["l1"]["values"].__getitem__) == "ship"
    assert (r["l2"]["crux"], r["l2"]["evpi"]) == ("none", 0.0)
    assert 0.08 <= fmean(is_null(w) for w in MANY) <= 0.3


# --- the pressure week ----------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_the_chance_is_what_a_count_over_many_releases_gives(world: int) -> None:
    """Bayes by simulation: releases that looked like this one, and how many had the fault."""
    week = case(world).week
    rng = np.random.default_rng(3)
    n = 3_000_000
    fault = rng.random(n) < week.faulty / week.past
    same = np.ones(n, dtype=bool)
    for k, look in enumerate(week.looks):
        if k == 2 and week.echo:
            continue
        share = np.where(
            fault, look.in_faulty / week.faulty, look.in_sound / (week.past - week.faulty)
        )
        same &= (rng.random(n) < share) == look.alarm
    assert fault[same].mean() == pytest.approx(chance(week), abs=0.01)


@pytest.mark.parametrize("p", [0.1, 0.37, 0.8])
def test_the_expected_brier_score_is_proper(p: float) -> None:
    grid = np.linspace(0, 1, 101)
    scores = [solver().expected_brier(float(f), p) for f in grid]
    assert grid[int(np.argmin(scores))] == pytest.approx(p, abs=0.01)


@pytest.mark.parametrize("world", WORLDS)
def test_only_one_own_chance_earns_the_forecast_in_full(world: int) -> None:
    """50 percent, the base rate and certainty earn nothing; the chance itself earns all."""
    item, week = lesson(MODULE).item("bl.l1"), case(world).week

    def points(percent: float) -> float:
        found = graded(MODULE, item, world, {"bl.l1.forecast": {"value": percent, "unit": "%"}})
        return next(c.points for c in found.criteria if c.name.startswith("forecast"))

    assert points(100 * chance(week)) == pytest.approx(4)
    assert points(round(100 * chance(week))) == pytest.approx(4)
    assert min(points(50), points(100 * week.faulty / week.past)) == 0
    assert points(100) == 0


def test_luck_moves_no_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draw of the ending is read by the ending's card and by nothing that grades."""
    source = Path(solver().__file__).read_text()
    assert "ends_badly" not in source


@pytest.mark.parametrize("world", WORLDS)
def test_costs_and_luck_follow_ones_own_chance(world: int) -> None:
    item = lesson(MODULE).item("bl.l1")
    l1 = solver().references(world)["l1"]
    told = {"forecast": 40.0, "decision": "hold"}
    rows = [{"row": k, "dollars": round(v["dollars"])} for k, v in l1["costs"](told).items()]
    parts = {
        "bl.l1.forecast": {"value": 40.0, "unit": "%"},
        "bl.l1.costs": {"value": rows},
        "bl.l1.decision": {"value": "hold"},
        "bl.l1.luck": {"value": 60.0},
    }
    found = {c.name: c for c in graded(MODULE, item, world, parts).criteria}
    assert found["expected costs"].points == pytest.approx(3.5)
    assert found["odds of a bad end"].points == pytest.approx(1.5)
    del parts["bl.l1.forecast"]
    found = {c.name: c for c in graded(MODULE, item, world, parts).criteria}
    assert found["expected costs"].points == found["odds of a bad end"].points == 0


def test_counting_a_repeated_look_twice_costs_the_forecast() -> None:
    worlds = [w for w in MANY if case(w).week.echo]
    assert len(worlds) >= 10
    item = lesson(MODULE).item("bl.l1")
    for world in worlds[:6]:
        twice = 100 * chance(case(world).week, count_echo=True)
        found = graded(MODULE, item, world, {"bl.l1.forecast": {"value": twice, "unit": "%"}})
        assert next(c for c in found.criteria if c.name.startswith("forecast")).points < 4


def test_the_ending_waits_for_the_commitment() -> None:
    assert "Not yet" in str(ending_card(10, {}))
    assert "Not yet" in str(ending_card(10, {"bl.l1.decision": "ship", "bl.l1.forecast": 30.0}))
    whole = {"bl.l1.decision": "ship", "bl.l1.forecast": 30.0, "bl.l1.luck": 30.0}
    ends = {str(ending_card(w, whole)) for w in MANY}
    assert any("Nothing happened" in text for text in ends)
    assert any("incident came" in text for text in ends)
    for act in ("partial", "hold"):
        assert "A bad end?" in str(ending_card(10, whole | {"bl.l1.decision": act}))


# --- the flipping number --------------------------------------------------------------------------


@pytest.mark.parametrize("world", MANY[:30])
def test_one_quantity_flips_or_none(world: int) -> None:
    flip = case(world).flip
    assert flips(flip) == ([] if flip.crux == "none" else [flip.crux])
    for name in QUANTITIES:
        worth = solver().knowing(flip, name)
        assert (worth > 1) == (name == flip.crux), name


def test_each_memo_advises_what_its_own_figures_say() -> None:
    for world in MANY:
        flip = case(world).flip
        ships, holds = zip(flip.p, flip.incident, flip.delay, strict=True)
        assert ships[0] * ships[1] <= ships[2], "Dara says ship"
        assert holds[0] * holds[1] > holds[2], "Rafael says hold"


def test_the_room_in_dollars_is_never_wider_than_the_percent_that_is_told() -> None:
    item, worlds = lesson(MODULE).item("bl.l2"), [w for w in MANY if case(w).flip.crux != "none"]
    least = min(worlds, key=lambda world: solver().references(world)["l2"]["evpi"])
    worth = solver().references(least)["l2"]["evpi"]
    for share, whole in ((1.04, True), (1.07, False)):
        parts = {"bl.l2.evpi": {"value": share * worth, "unit": "$"}}
        found = {c.name: c for c in graded(MODULE, item, least, parts).criteria}
        assert (found["worth of knowing"].points == pytest.approx(4)) is whole


@pytest.mark.parametrize("world", WORLDS)
def test_knowing_is_worth_most_where_the_act_changes(world: int) -> None:
    grid = np.linspace(0, 1, 201)
    worth = [flip_costs(world, float(p))[1] for p in grid]
    assert worth[0] == pytest.approx(0, abs=1)
    assert worth[-1] == pytest.approx(0, abs=1)
    top = float(grid[int(np.argmax(worth))])
    near = {
        min(c, key=c.__getitem__)
        for c in (flip_costs(world, min(1, max(0, top + d)))[0] for d in (-0.02, 0.02))
    }
    assert len(near) == 2


def test_the_widget_draws_and_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKILLMAP_PICTURES", raising=False)
    widget = FlippingNumber()
    assert "image/png" in widget.shown.value
    before = widget.said.value
    widget.slider.value = 5.0
    assert "5 percent" in widget.said.value != before
    assert "Ship to everybody".lower() in repr(widget)
    assert "worth" in flip_picture(10, 0.3).words


# --- the review -----------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_the_times_can_be_read_off_the_log(world: int) -> None:
    """Read the shown log as a learner would: shown clocks, first to say it, the decision, last."""
    i, shown = incident(world), log_grid(world).rows
    off = {"desk": i.ahead}

    def when(text: str, *, last: bool = False) -> float:
        rows = [row for row in shown if text in row[2]]
        day, hour, minute = map(int, re.findall(r"\d+", rows[-1 if last else 0][0]))
        return 24 * day + hour + minute / 60 - off.get(rows[0][1], 0)

    start = when("Release 4.1 live")
    seen = (
        when("promises a connection")
        if i.log and any("promises a connection" in e.says for e in i.log)
        else when("four promise a connection")
    )
    decided = when("decided, promises go off")
    assert seen - start == pytest.approx(i.detect, abs=0.02)
    assert decided - seen == pytest.approx(i.decide, abs=0.02)
    assert when("Promises off on", last=True) - decided == pytest.approx(i.mitigate, abs=0.02)


@pytest.mark.parametrize("world", MANY[:40])
def test_the_knowable_day_follows_from_the_rule_and_the_screen(world: int) -> None:
    i = incident(world)
    hits = [
        i.first_day + n
        for n in range(1, len(i.levels))
        for k in range(3)
        if i.levels[n][k] > i.bounds[k] and i.levels[n - 1][k] > i.bounds[k]
    ]
    seen = int(i.seen // 24)
    assert min([*hits, seen]) == i.knowable
    assert int(i.start // 24) < i.knowable <= seen
    assert len(METRICS) == 4
    assert "none then" in str(dashboard_grid(world))


def test_in_some_worlds_nothing_could_be_known_earlier() -> None:
    assert incident(UNKNOWABLE).signal == "none"
    assert incident(UNKNOWABLE).knowable == int(incident(UNKNOWABLE).seen // 24)
    assert 0.1 <= fmean(incident(w).signal == "none" for w in MANY) <= 0.4


@pytest.mark.parametrize("world", WORLDS)
def test_changes_spare_people_and_reminders_do_not(world: int) -> None:
    i = incident(world)
    own_times = tuple(at - i.decided for at in i.fixed)
    everybody = exposed(i, detect=i.detect, decide=i.decide, fixed=own_times)
    assert spared(i, {"remind", "talk"}) == 0
    for names in combinations(CHANGES, 3):
        assert 0 <= spared(i, names) < everybody
    assert spared(i, {"page", "read"}) == max(spared(i, {"page"}), spared(i, {"read"}))


def test_words_of_blame_are_named_and_not_graded() -> None:
    assert blamed("She forgot, and clearly did not look.") == ["forgot", "clearly"]
    assert "Not yet" in str(blame_card(None))
    assert "forgot" in str(blame_card("She forgot."))
    assert "None found" in str(blame_card("Tests had passed and no alert reached her."))


# --- stories of others ----------------------------------------------------------------------------


def test_the_polished_story_differs_by_world() -> None:
    assert all(len(polished(w).missing) == 3 for w in MANY)
    assert len({polished(w).missing for w in MANY}) > 15
    assert all(set(polished(w).missing) <= set(FEATURES) for w in MANY)


def test_anchors_span_the_levels() -> None:
    for k in range(len(CRITERIA)):
        assert {anchor.levels[k] for anchor in ANCHORS} == {0, 1, 2}
    assert len({anchors(w) for w in MANY}) > 40


def test_scoring_everything_alike_earns_little() -> None:
    item = lesson(MODULE).item("bl.l4")
    for level in "012":
        row = dict.fromkeys(CRITERIA, level)
        table = [{"row": letter, **row} for letter in "abcd"]
        got = [
            graded(MODULE, item, w, {"bl.l4.levels": {"value": table}}).points for w in MANY[:25]
        ]
        assert fmean(got) < 0.2 * item.points, level


# --- stories of one's own -------------------------------------------------------------------------

STORY = f"""## Story 1

### Stake
{MARKER}: 600 people would have lost their refund.

### What I did not know
[About the data.]

### Options

### Their best argument
Each day without it meant 200 calls, and that was true.

### My call
I moved the launch to two topics.

### What it cost
Support worked two Saturdays because of it.

### Still unresolved
Whether two topics were too few, I cannot say.

### My levels
- Stakes: 2
- Other side: 2
- Uncertainty: 0
- Action: 1
- Aftermath: 1

## Story 3

### Stake
It was an important launch with high visibility.
"""


@pytest.fixture
def taken(tmp_path: Path):
    folder = tmp_path / "course" / MODULE
    folder.mkdir(parents=True)
    return open_module(MODULE, learner="ada", answers_dir=folder)


def test_an_empty_template_holds_no_story() -> None:
    assert own.parse(own.template()) == ()
    assert own.template().count("\n## Story ") == own.STORIES


def test_marks_are_presence_and_fewer_than_three_are_too_tidy() -> None:
    first, third = own.parse(STORY)
    assert all(first.marks.values())
    assert not first.too_tidy
    assert first.fields["What I did not know"] == ""
    assert first.levels == {"stakes": 2, "other": 2, "unknown": 0, "action": 1, "after": 1}
    assert (third.number, sum(third.marks.values()), third.too_tidy) == (3, 0, True)
    assert third.levels == {}


def test_the_file_stands_outside_the_hand_in_and_only_its_owner_reads_it(taken) -> None:
    path = own.place(taken.sheet.path)
    assert taken.sheet.path.parent not in path.parents
    assert own.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(STORY)
    assert not own.create(path)
    assert path.read_text() == STORY
    assert own.place(None) is None


def test_a_file_that_is_no_text_is_told_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    assert own.read(tmp_path / "my-stories.md") == ()
    (tmp_path / "my-stories.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SheetError, match="UTF-8"):
        own.read(tmp_path / "my-stories.md")
    with pytest.raises(SheetError):
        own.create(tmp_path / "nowhere" / "my-stories.md")


def test_a_grading_run_reads_nobodys_stories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my-stories.md").write_text(STORY)
    assert len(own.read(tmp_path / "my-stories.md")) == 2
    monkeypatch.setenv("SKILLMAP_STATIC", "1")
    assert own.read(tmp_path / "my-stories.md") == ()


def test_opening_the_widget_makes_no_file_and_shows_no_word(taken) -> None:
    path = own.place(taken.sheet.path)
    box = StoryFile(taken)
    assert not path.exists()
    box.make.click()
    path.write_text(STORY)
    box.again.click()
    assert "lost their refund" not in _everything_kept(box)
    assert MARKER not in _everything_kept(box)
    assert box.table.value.count("Too tidy") == 1
    assert "Your levels: 6 of 10" in box.table.value
    assert not taken.sheet.path.exists()


def test_a_story_is_handed_in_only_behind_a_tick_and_can_be_taken_back(taken) -> None:
    path = own.place(taken.sheet.path)
    path.write_text(STORY)
    box = StoryFile(taken)
    assert box.copy.disabled
    box.copy.click()
    box._copy()
    assert taken.value("bl.share.story") is None
    box.willing.value = True
    box.which.value = 3
    assert not box.willing.value, "a tick is for one story"
    box.which.value = 1
    box.willing.value = True
    box.copy.click()
    assert MARKER in taken.sheet.path.read_text()
    assert MARKER not in _everything_kept(box)
    taken.answer("bl.share.story", "A shorter version of it, without the name.")
    box.withdraw.click()
    kept = taken.sheet.path.read_text()
    assert MARKER not in kept, "earlier versions go, too"
    assert "shorter version" not in kept
    again = open_module(MODULE, learner="ada", answers_dir=taken.sheet.path.parent)
    assert again.value("bl.share.story") is None
    box.which.value = 5
    box.willing.value = True
    box.copy.click()
    assert "no story 5" in box.status.value


def _everything_kept(box: StoryFile) -> str:
    """What JupyterLab could save of a cell: its text and the state of every widget in it."""
    states, open_ = [repr(box)], [box]
    while open_:
        widget = open_.pop()
        states.append(json.dumps(widget.get_state(), default=str))
        open_ += [w for w in getattr(widget, "children", ()) if w is not None]
    assert "Your stories, in marks" in "".join(states)
    return "".join(states)


def test_neither_nbgrader_nor_the_reader_takes_a_story_along(tmp_path: Path, taken) -> None:
    """Even a file that somebody moved into the folder stays behind."""
    folder = taken.sheet.path.parent
    taken.answer("bl.l1.forecast", 30)
    (folder / f"{MODULE}.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4}')
    for name in ("my-stories.md", "my-stories.txt", ".my-stories.md.swp"):
        (folder / name).write_text(MARKER)
    c = Config()
    configure(c, tmp_path)
    left_out = ignore_patterns(exclude=c.CourseDirectory.ignore)
    shutil.copytree(folder, tmp_path / "inbound", ignore=left_out)
    assert {p.name for p in (tmp_path / "inbound").iterdir()} >= {"answers.json", f"{MODULE}.ipynb"}
    assert not [p for p in (tmp_path / "inbound").rglob("*") if MARKER in p.read_text()]
    assert MARKER not in repr(read_folder(folder, MODULE, "ada"))


def test_the_shift_waits_for_every_cell_and_moves_ones_own_levels(taken) -> None:
    world = taken.world
    reference = solver().references(world)["l4"]
    table = [{"row": k, **cells} for k, cells in reference.items()]
    assert own.shift(world, table) == dict.fromkeys(CRITERIA, 0.0)
    assert own.shift(world, table[:3]) is None
    assert own.shift(world, "no table") is None
    generous = [{"row": r["row"], **dict.fromkeys(CRITERIA, "2")} for r in table]
    moved = own.shift(world, generous)
    assert moved is not None
    assert all(0 <= v <= 2 for v in moved.values())
    own.place(taken.sheet.path).write_text(STORY)
    box = StoryFile(taken)
    assert "Score the four answers" in box.table.value
    taken.answer("bl.l4.levels", generous)
    box.again.click()
    assert "above the reference" in box.table.value


def test_stories_by_number() -> None:
    stories = own.parse(STORY)
    assert own.story_text(stories, 1).startswith(f"Stake: {MARKER}")
    with pytest.raises(AnswerError, match="no story 2"):
        own.story_text(stories, 2)


# --- what is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_memos_and_labels_are_filled(world: int) -> None:
    told = facts(world)
    for item in lesson(MODULE).items:
        for part in item.parts:
            assert "{" not in fill(part.prompt.label, told)
    for memo in briefing(world).values():
        assert "{" not in memo.markdown
        assert "$" not in memo.markdown
        assert "e+0" not in memo.markdown
    assert "Ilse" in str(desk(world, "ilse"))
    with pytest.raises(UnknownItemError, match="no memo"):
        desk(world, "gossip")


def test_the_memos_do_not_print_what_is_asked() -> None:
    for world in WORLDS:
        text = " ".join(memo.markdown for memo in briefing(world).values())
        r = solver().references(world)
        asked = [r["l3"]["exposed"]["value"], *(r[n]["value"] for n in ("e2", "e3"))]
        for value in asked:
            assert f"{value:,.0f}" not in text


@pytest.mark.parametrize("name", sorted(LABS))
def test_every_lab_shows_words_and_html(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMAP_PICTURES", "words")
    sheet = AnswerSheet(module=MODULE, world=10)
    monkeypatch.setattr(AnswerSheet, "reload", lambda _: None)
    shown = LABS[name](SimpleNamespace(world=10, sheet=sheet))
    assert len(str(shown)) > 40
    assert "<" in shown._repr_html_()


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
    found = questions(MODULE)
    assert [q.id for q in found] == [f"bl.q{n}" for n in range(1, 14)]
    assert [q.stars for q in found] == [1] * 4 + [2] * 6 + [3] * 3
    for q in found:
        assert len(q.follow_ups) == 2
        assert q.twist
        assert q.boundary
    assert [q.rubric for q in found if q.rubric] == ["BL-R1", "BL-R2", "BL-R3", "BL-R4"]
    assert [q.cap.percent for q in found if q.cap] == [50, 50, 60, 60]


def test_items_add_up() -> None:
    items = lesson(MODULE).items
    own_items = [item for item in items if item.points]
    assert {item.id for item in own_items} == set(ITEMS)
    assert sum(item.points for item in own_items) == 100
    assert sum(item.points for item in own_items if item.kind == "written") == 24
    assert sum(item.minutes for item in items) == 105
    assert all(len(item.hints) >= 3 and item.looked_for for item in own_items)


def _points(sheet: int, world: int) -> float:
    mine = [item for item in lesson(MODULE).items if item.points and item.kind != "written"]
    return sum(
        graded(MODULE, item, world, answers(item.id, "right", sheet)).points for item in mine
    )


def test_a_copied_sheet_earns_less_than_forty_percent() -> None:
    worlds = (*WORLDS[1:], 31_337, 4242)
    totals = [_points(mine, other) for mine in worlds for other in worlds if mine != other]
    assert fmean(totals) < 0.4 * 76, sorted(totals)
    assert max(totals) < 0.7 * 76, sorted(totals)
