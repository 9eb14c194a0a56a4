"""The learner's files together: the map, the plan, the terminal, and bad input."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.learning.learner import NOW, WORKED_EXAMPLE, days_ago, result
from typer.testing import CliRunner

from skillmap.answers import AnswerSheet
from skillmap.cli import app
from skillmap.learning.calls import Call
from skillmap.learning.calls import save as save_calls
from skillmap.learning.evidence import Kind, record
from skillmap.learning.overview import Overview, overview_at
from skillmap.learning.shelf import Shelf
from skillmap.learning.sitting import practice_aloud
from skillmap.module import open_module
from skillmap.workspace import Workspace, write_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace of Ada's: evals claimed strong, the worked example measured."""
    write_workspace(tmp_path, Workspace(learner="ada"))
    (tmp_path / "start").mkdir()
    claims(tmp_path / "start" / "answers.json", "ada")
    record(tmp_path / "results.json", *WORKED_EXAMPLE)
    return tmp_path


def claims(path: Path, learner: str) -> None:
    made = AnswerSheet.open(path, module="start", learner=learner, world=0)
    for prefix in ("ps", "cl", "st", "ex", "es", "bl", "td", "ev"):
        made.put(f"sa.{prefix}.claim", "strong", at=days_ago(9))
    made.put("sa.ev.score", 85, at=days_ago(9))
    made.put("sa.role.preset", "platform", at=days_ago(9))


def look(home: Path) -> Overview:
    return overview_at(home, now=NOW)


def evals(found: Overview) -> dict[str, Any]:
    (one,) = [row for row in found.to_data()["map"] if row["competency"] == "evals"]
    return dict(one)


def test_the_worked_example_from_the_learners_files(home: Path) -> None:
    found = look(home)
    data = json.loads(json.dumps(found.to_data()))
    one = evals(found)
    assert (one["m"], one["se"], one["weight"]) == (63.31, 6.49, 4.7)
    assert (one["label"], one["hidden_gap"], one["unproven"]) == ("developing", True, False)
    assert one["predicted_first_lab"] == 85
    assert data["plan"][0]["competencies"] == ["evals"]
    assert data["role"] == "platform"
    assert data["notes"] == [found.notes[0]]
    assert "no anchors yet" in found.notes[0]


def test_a_module_inside_the_workspace_finds_the_same(home: Path) -> None:
    assert look(home / "start").to_data() == look(home).to_data()


def test_nothing_at_all_is_said(tmp_path: Path) -> None:
    found = overview_at(tmp_path, learner="ada", now=NOW)
    assert "neither a self-assessment nor a result" in found.notes[0]
    assert {s.label.value for s in found.standings} == {"blind"}


# Bad input ----------------------------------------------------------------------------------------


def test_results_that_do_not_count_are_each_told_and_none_is_lost(home: Path) -> None:
    before = evals(look(home))
    record(
        home / "results.json",
        result("ev.l3", 0, answered=2, parts=9),
        result("ev.l3", 99, learner="bo"),
        result("ev.l1", 39, at=days_ago(1)),
        result("ev.l4", 99, shape="0123456789ab"),
        result("ev.q1", 0, Kind.RUBRIC, settled=False),
    )
    found = look(home)
    assert evals(found) == before
    told = "\n".join(found.notes)
    for why in ("half-finished", "by bo", "replaced", "earlier version", "waiting for a person"):
        assert why in told
    assert len(json.loads((home / "results.json").read_text())["entries"]) == 9
    assert len(found.to_data()["not_counted"]) == 5


def test_a_friends_whole_file_counts_for_nothing_and_says_whose_it_is(home: Path) -> None:
    write_workspace(home, Workspace(learner="bo"))
    found = look(home)
    assert evals(found)["results"] == 0
    assert evals(found)["claim"] is None
    told = "\n".join(found.notes)
    assert "by ada, and this is the map of bo" in told
    assert "The self-assessment names ada" in told


def test_a_results_file_doubled_by_hand_counts_once(home: Path) -> None:
    before = evals(look(home))
    raw = json.loads((home / "results.json").read_text())
    raw["entries"] *= 2
    (home / "results.json").write_text(json.dumps(raw))
    found = look(home)
    assert evals(found) == before
    assert any("4 × the same result once more" in note for note in found.notes)


def test_a_broken_results_file_is_kept_and_told(home: Path) -> None:
    (home / "results.json").write_text('{"format": 1, "entr')
    found = look(home)
    (aside,) = home.glob("results.broken-*.json")
    assert aside.read_text() == '{"format": 1, "entr'
    assert any(aside.name in note for note in found.notes)
    assert evals(found)["results"] == 0


def test_a_broken_self_assessment_stays_where_it_is_and_is_told(home: Path) -> None:
    path = home / "start" / "answers.json"
    path.write_text("[")
    found = look(home)
    assert path.read_text() == "["
    assert any("No claim counts" in note for note in found.notes)
    assert evals(found)["results"] == 4


# Terminal and notebook ----------------------------------------------------------------------------


@pytest.fixture
def fresh(home: Path) -> Path:
    """The same workspace with its results of this minute, for what asks the clock itself."""
    (home / "results.json").unlink()
    today = datetime.now(UTC)
    record(home / "results.json", *(replace(one, at=today) for one in WORKED_EXAMPLE))
    return home


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_terminal_shows_the_same(fresh: Path) -> None:
    said = run("status", "--dir", str(fresh))
    assert "Developing, hidden gap" in said
    assert "not enough evidence" in said
    assert "no anchors yet" in said
    data = json.loads(run("status", "--dir", str(fresh), "--json"))
    assert {row["competency"]: row["claim"] for row in data["map"]}["evals"] == "strong"
    text = run("plan", "--dir", str(fresh))
    assert text.index("Now: Evals") < text.index("Next: ") < text.index("Keep warm: ")
    lines = json.loads(run("plan", "--dir", str(fresh), "--json"))["plan"]
    assert [line["line"] for line in lines] == ["now", "next", "keep warm"]
    assert lines[0]["actions"][0]["id"] in text


def test_the_notebook_shows_the_same(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKILLMAP_STATIC", raising=False)
    m = open_module("start", answers_dir=fresh / "start")
    assert "Nothing here is graded" in repr(m)
    assert "claimed Strong" in repr(m.lab("map"))
    assert '<img alt="Your map' in m.lab("map")._repr_html_()
    assert "Developing, hidden gap" in str(m.lab("table"))
    assert "Evals" in str(m.lab("plan"))
    assert "not enough evidence" in str(m.lab("sure"))
    for competency in ("ps", "ev", "cl", "st", "ex", "es", "bl", "td"):
        assert "tomorrow" in str(m.lab("sample", competency=competency))


def test_a_run_without_a_person_reads_nobodys_results(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMAP_STATIC", "1")
    m = open_module("start", answers_dir=home / "start")
    assert "on 4 results" not in repr(m.lab("map"))


def test_answers_given_in_the_notebook_move_the_map(home: Path) -> None:
    shutil.rmtree(home / "start")
    m = open_module("start", answers_dir=home / "start")
    m.answer("sa.ev.claim", "blind")
    assert "Evals: claimed Blind spot" in repr(m.lab("map"))
    assert evals(look(home))["claim"] == "blind"


def test_practice_feeds_the_map(home: Path) -> None:
    given = iter(["", *[""] * 9, *["2"] * 9])
    practice_aloud(
        home, ["technical-depth"], 1, ask=lambda _: next(given, "2"), tell=lambda _: None
    )
    (one,) = [e for e in Shelf.open(home / "results.json").entries if e.kind is Kind.SELF][1:]
    assert one.id.startswith("td.q")
    assert one.learner == "ada"
    assert overview_at(home).weighed.of(one.competency)[0].weight == pytest.approx(0.7, rel=1e-3)


def test_chances_of_the_quiz_make_a_brier_skill(home: Path) -> None:
    calls = [Call(f"trap-{n}", 0.9 if n % 3 else 0.4, n % 3 > 0, days_ago(2)) for n in range(9)]
    save_calls(calls[:4], home)
    assert dict(look(home).sure)["Chances"].startswith("4 stated so far; from 8 on")
    save_calls(calls[4:], home)
    found = look(home)
    assert "knows more than your own share" in dict(found.sure)["Chances"]
    assert found.to_data()["confidence"][0]["chances"] == 9
    assert found.to_data()["confidence"][0]["brier_skill"] > 0.5
    (home / "calls.json").write_text("{}")
    assert any("chances do not count" in note for note in look(home).notes)
