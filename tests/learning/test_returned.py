"""Feedback pages that an instructor released move the map, once, and only their own learner's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.cohort.test_page import feedback
from tests.learning.learner import NOW, days_ago

from skillmap.answers import AnswerSheet
from skillmap.cohort.page import render_page
from skillmap.cohort.result import SubmissionResult
from skillmap.grading.feedback import Outcome
from skillmap.learning.evidence import Kind
from skillmap.learning.overview import overview_at
from skillmap.learning.returned import read_page, take_in
from skillmap.learning.shelf import Shelf
from skillmap.lessons import lesson
from skillmap.workspace import Workspace, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

RESULT = SubmissionResult(
    "ada",
    "estimation",
    77,
    (
        feedback("es.e1", Outcome.PARTLY, 6, 90),
        feedback("es.q2", Outcome.NEEDS_REVIEW, 3, 70),
        feedback("es.e5", Outcome.BLANK, 0),
    ),
    graded_at="2026-02-22T12:00:00+00:00",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Ada's workspace with a finished es.e1 and es.q2, and no key anywhere."""
    write_workspace(tmp_path, Workspace(learner="ada"))
    folder = tmp_path / "estimation"
    folder.mkdir()
    sheet = AnswerSheet.open(folder / "answers.json", module="estimation", learner="ada", world=77)
    for name in ("es.e1", "es.q2"):
        for part in lesson("estimation").item(name).parts:
            sheet.put(part.id, "something", at=days_ago(8))
    sheet.predict("es.e1", 90)
    return tmp_path


def hand_back(home: Path, result: SubmissionResult, when: str) -> None:
    place = home / "estimation" / "feedback" / when
    place.mkdir(parents=True)
    (place / "estimation.html").write_text(render_page(result))


def test_a_page_says_what_it_shows() -> None:
    page = read_page(render_page(RESULT))
    assert page is not None
    assert (page.module, page.learner) == ("estimation", "ada")
    assert page.percent == {"es.e1": 50.0, "es.q2": 25.0, "es.e5": 0.0}
    assert page.waiting == {"es.q2"}


def test_released_feedback_moves_the_map_and_only_once(home: Path) -> None:
    assert not overview_at(home, now=NOW).weighed.counted
    hand_back(home, RESULT, "2026-02-22 12:00:00 UTC")
    for _ in range(2):
        found = overview_at(home, now=NOW)
        (one,) = found.weighed.counted
        assert (one.evidence.id, one.evidence.kind, one.x) == ("es.e1", Kind.ESTIMATION, 50.0)
        assert one.evidence.predicted == 90
    assert any("waiting for a person" in note and "es.q2" in note for note in found.notes)
    assert len(Shelf.open(home / "results.json").entries) == 2


def test_a_persons_later_score_replaces_the_proposal(home: Path) -> None:
    hand_back(home, RESULT, "2026-02-22 12:00:00 UTC")
    overview_at(home, now=NOW)
    read = replace(RESULT, manual_scores={"es.q2": 9.0, "es.e1": 12.0})
    hand_back(home, read, "2026-02-24 12:00:00 UTC")
    counted = {c.evidence.id: c.x for c in overview_at(home, now=NOW).weighed.counted}
    assert counted == {"es.e1": 100.0, "es.q2": 75.0}


def test_what_is_not_theirs_or_no_page_is_said_and_costs_nothing(home: Path) -> None:
    hand_back(home, replace(RESULT, learner="bob"), "2026-02-20 12:00:00 UTC")
    broken = home / "estimation" / "feedback" / "2026-02-21 12:00:00 UTC"
    broken.mkdir()
    (broken / "estimation.html").write_text(
        '<main data-module="estimation"><tr data-item="es.e1" data-percent="1e9">'
    )
    hand_back(home, RESULT, "2026-02-22 12:00:00 UTC")
    found = overview_at(home, now=NOW)
    assert [c.evidence.id for c in found.weighed.counted] == ["es.e1"]
    assert any("bob" in note for note in found.notes)
    assert any("is not a feedback page" in note for note in found.notes)


def test_a_link_to_a_page_is_not_followed(home: Path, tmp_path: Path) -> None:
    hand_back(home, RESULT, "2026-02-22 12:00:00 UTC")
    page = home / "estimation" / "feedback" / "2026-02-22 12:00:00 UTC" / "estimation.html"
    page.rename(tmp_path / "elsewhere.html")
    page.symlink_to(tmp_path / "elsewhere.html")
    assert take_in(home, home / "results.json", learner="ada", now=NOW + timedelta(days=1))
    assert not Shelf.open(home / "results.json").entries
