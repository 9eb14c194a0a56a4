"""The review queue: who waits, what a decision writes, and what no decision may lose."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.cohort.postgres import ask, needs_postgres, postgres_server
from tests.cohort.reviewed import (
    CELL,
    FIRST,
    ITEM,
    MODULE,
    QUESTION,
    TEXT,
    lines,
    marks,
    open_gradebook,
    put,
    written,
)
from tests.cohort.small_course import HandIn, SmallLesson, api, sheet, small_item
from tests.cohort.test_cli import run

import skillmap.cohort.review_record as record
from skillmap.bank import question
from skillmap.cohort.course import Course
from skillmap.cohort.feedback import write_pages
from skillmap.cohort.grade import grade
from skillmap.cohort.panel import panel_html
from skillmap.cohort.record import gradebook, load_result
from skillmap.cohort.report import gather, report_of
from skillmap.cohort.report_page import render_csv, render_report
from skillmap.cohort.review import find, points_of, queue
from skillmap.cohort.review_near import precedent
from skillmap.cohort.review_record import agreement, decisions, exemplars, latest
from skillmap.cohort.review_write import TakenError, Verdict, settle
from skillmap.errors import AnswerError, EnvironmentLacksError, SkillMapError

if TYPE_CHECKING:
    from skillmap.cohort.review import Queued

PROPOSED = {"c1": 2, "c2": 1, "c3": 1, "c4": 0, "c5": 2}


@pytest.fixture
def three(course: Course, hand_in: HandIn) -> Course:
    """Ada, bo and cy wait; bo's answer is the least certain, cy's the most."""
    put(course, hand_in, "ada", written(TEXT))
    put(course, hand_in, "bo", written(f"Bo. {TEXT}", sure=(0.4, 0.9, 0.9, 0.9, 0.9)))
    put(course, hand_in, "cy", written(f"Cy. {TEXT}", sure=(0.9,) * 5, flags=("short: 9 words",)))
    return course


def of(course: Course, student: str) -> Queued:
    found = queue(course, [MODULE], students=[student], everything=True)
    assert len(found.answers) == 1, found
    return found.answers[0]


def test_the_least_certain_comes_first(three: Course) -> None:
    found = queue(three, [MODULE])
    assert [(a.student, a.confidence) for a in found.answers] == [
        ("bo", 0.4),
        ("ada", 0.5),
        ("cy", 0.9),
    ]
    assert found.problems == ()
    ada = found.answers[1]
    assert (ada.item, ada.question, ada.proposed) == (ITEM, QUESTION, PROPOSED)
    assert ada.text == TEXT
    assert ada.rungs[0].evidence == ((0, len(FIRST)),)
    assert ada.cap_percent == 40
    assert [a.student for a in queue(three, [MODULE], students=["cy"]).answers] == ["cy"]


def test_an_id_names_the_answer_and_not_the_learner(three: Course) -> None:
    found = queue(three, [MODULE])
    ids = [a.id for a in found.answers]
    assert len(set(ids)) == 3
    assert all(i.startswith("es.w1-") for i in ids)
    assert [a.id for a in queue(three, [MODULE]).answers] == ids
    other = queue(replace(three, cohort="next"), [MODULE])
    assert not {a.id for a in other.answers} & set(ids)
    assert find(found, ids[0].rpartition("-")[2]).id == ids[0]
    with pytest.raises(AnswerError, match="stands for 3"):
        find(found, "es.w1")
    with pytest.raises(AnswerError, match="there is none"):
        find(found, "es.w1-nothing")


def test_confirming_writes_score_comment_record_and_exemplar(three: Course) -> None:
    ada = of(three, "ada")
    done = settle(three, ada, Verdict(ada.proposed, note="Name who pays."), by="ben")
    assert (done.action, done.points, done.maximum) == ("confirm", 3.0, 5.0)
    score, needs, comment, total = marks(three, "ada")
    assert (score, needs, total) == (3.0, False, 18.0)
    assert comment.startswith("Name who pays.\n\nA person read this: 6 of 10 rubric points.")
    assert "- Scope: level 2 of 2\n" in comment
    assert "- AI terms: level 0 of 2. Next: Says that spend follows use." in comment
    (line,) = lines(three)
    assert (line["by"], line["action"], line["item"], line["question"]) == (
        "ben",
        "confirm",
        ITEM,
        QUESTION,
    )
    assert line["criteria"][2] == {"id": "c3", "proposed": 1, "confidence": 0.5, "decided": 1}
    assert line["grader"] == {"name": "embedded", "version": "test"}
    assert "ada" not in json.dumps(line)
    assert FIRST not in json.dumps(line)
    (kept,) = lines(three, "exemplars")
    assert (kept["levels"], kept["text"]) == (PROPOSED, TEXT)
    assert [a.student for a in queue(three, [MODULE]).answers] == ["bo", "cy"]
    write_pages(three, [MODULE], ["ada"])
    page = (three.folder("feedback", MODULE, "ada") / f"{MODULE}.html").read_text()
    assert "Name who pays." in page
    assert "A person reads this one" not in page
    assert "needs review" not in page, "the person's levels stand in the place of the proposal"
    write_pages(three, [MODULE], ["bo"])
    waiting = (three.folder("feedback", MODULE, "bo") / f"{MODULE}.html").read_text()
    assert waiting.count("needs review") >= 5


def test_overriding_keeps_what_was_not_named_and_a_cap_bounds_points(three: Course) -> None:
    ada = of(three, "ada")
    done = settle(three, ada, Verdict({**ada.proposed, "c4": 2}), keep_text=False)
    assert (done.action, done.points) == ("override", 4.0)
    assert lines(three, "exemplars") == []
    bo = of(three, "bo")
    assert settle(three, bo, Verdict(bo.proposed, capped=True)).points == 2.0
    assert "Capped at 40 percent" in marks(three, "bo")[2]
    assert [line["capped"] for line in lines(three)] == [False, True]
    assert points_of({"c1": 0, "c2": 1}, 8.0, 40) == 2.0, "a cap takes nothing from less"


def test_a_verdict_that_does_not_fit_writes_nothing(three: Course) -> None:
    ada = of(three, "ada")
    for verdict in (
        Verdict({**ada.proposed, "c9": 1}),
        Verdict({"c1": 1}),
        Verdict({**ada.proposed, "c1": 3}),
        Verdict(ada.proposed, points=3.0),
    ):
        with pytest.raises(AnswerError):
            settle(three, ada, verdict)
    with pytest.raises(AnswerError, match="no cap"):
        settle(three, replace(ada, cap_percent=None), Verdict(ada.proposed, capped=True))
    assert marks(three, "ada")[:3] == (None, True, "")
    assert not (three.root / "review").exists()


def test_a_dry_run_writes_nothing(three: Course) -> None:
    ada = of(three, "ada")
    done = settle(three, ada, Verdict(ada.proposed), dry_run=True)
    assert (done.points, done.written) == (3.0, False)
    assert marks(three, "ada")[:3] == (None, True, "")
    assert not (three.root / "review").exists()


def test_a_second_decision_is_asked_for(three: Course) -> None:
    first, second = of(three, "ada"), of(three, "ada")
    settle(three, first, Verdict(first.proposed), by="ben")
    with pytest.raises(TakenError, match=r"3 of 5 points, by ben on .* say --again"):
        settle(three, second, Verdict({**first.proposed, "c1": 0}), by="ann")
    assert marks(three, "ada")[0] == 3.0
    settle(three, second, Verdict({**first.proposed, "c1": 0}), by="ann", again=True)
    score, needs, comment, _ = marks(three, "ada")
    assert (score, needs) == (2.0, False)
    assert comment.count("A person read this") == 1, "our own comment is replaced"
    assert [(d["by"], d["points"]) for d in lines(three)] == [("ben", 3.0), ("ann", 2.0)]
    assert [d.by for d in latest(decisions(three)[0])] == ["ann"]
    assert [e.levels["c1"] for e in exemplars(three, QUESTION)[0]] == [0]


def test_a_score_and_words_from_the_formgrader_stay(three: Course) -> None:
    shown = of(three, "ada")
    with gradebook(three) as book:
        row = book.find_grade(CELL, MODULE, MODULE, "ada")
        row.manual_score, row.needs_manual_grade = 4.5, False
        book.find_comment(f"{CELL}-answer", MODULE, MODULE, "ada").manual_comment = "See me."
        book.db.commit()
    with pytest.raises(TakenError, match=r"4\.5 of 5 points, in the formgrader"):
        settle(three, shown, Verdict(shown.proposed))
    assert marks(three, "ada")[0] == 4.5
    settle(three, shown, Verdict(shown.proposed), again=True)
    assert marks(three, "ada")[2].startswith("See me.\n\nA person read this")


def test_of_two_who_write_at_once_one_is_told(three: Course) -> None:
    shown = of(three, "ada")
    start, said = threading.Barrier(2), []

    def decide(by: str, level: int) -> None:
        start.wait()
        try:
            settle(three, shown, Verdict({**shown.proposed, "c1": level}), by=by)
            said.append(("wrote", by))
        except TakenError:
            said.append(("told", by))

    people = [threading.Thread(target=decide, args=who) for who in (("ann", 0), ("ben", 1))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(word for word, _ in said) == ["told", "wrote"]
    winner = next(by for word, by in said if word == "wrote")
    assert marks(three, "ada")[0] == {"ann": 2.0, "ben": 2.5}[winner]
    assert [d["by"] for d in lines(three)] == [winner]


def test_an_answer_that_changed_meanwhile_is_not_scored(three: Course, hand_in: HandIn) -> None:
    shown = of(three, "ada")
    put(three, hand_in, "ada", written("A new answer, about something else."))
    with pytest.raises(SkillMapError, match="changed since it was shown"):
        settle(three, shown, Verdict(shown.proposed))
    assert marks(three, "ada")[0] is None


def test_a_changed_answer_comes_back_and_needs_no_again(three: Course, hand_in: HandIn) -> None:
    ada = of(three, "ada")
    settle(three, ada, Verdict(ada.proposed))
    put(three, hand_in, "ada", written("A new answer, about something else."))
    assert marks(three, "ada")[:2] == (3.0, True), "the score stands until a person looks"
    new = of(three, "ada")
    assert (new.waits, new.standing) == (True, 3.0)
    settle(three, new, Verdict({**new.proposed, "c1": 0}))
    assert marks(three, "ada")[:2] == (2.0, False)
    assert len(latest(decisions(three)[0])) == 2, "two answers, two decisions"


def test_killed_before_the_commit_it_waits_and_counts_once(
    three: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = of(three, "ada")
    real = record.append_line

    def then_killed(course: Course, name: str, line: Any) -> None:
        real(course, name, line)
        if name == record.DECISIONS:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(record, "append_line", then_killed)
        with pytest.raises(KeyboardInterrupt):
            settle(three, ada, Verdict(ada.proposed), by="ben")
    assert marks(three, "ada")[:3] == (None, True, ""), "no score without its commit"
    settle(three, of(three, "ada"), Verdict({**ada.proposed, "c1": 1}), by="ben")
    assert marks(three, "ada")[0] == 2.5
    assert len(lines(three)) == 2
    assert [row.compared for row in agreement(decisions(three)[0]) if not row.criterion] == [5]


def test_a_record_that_cannot_be_written_leaves_the_score_alone(three: Course) -> None:
    (three.root / "review").write_text("a file where the folder should be")
    ada = of(three, "ada")
    with pytest.raises(EnvironmentLacksError, match="The score was not changed"):
        settle(three, ada, Verdict(ada.proposed))
    assert marks(three, "ada")[:3] == (None, True, "")


def test_damaged_lines_are_named_skipped_and_kept(three: Course) -> None:
    ada, bo = of(three, "ada"), of(three, "bo")
    settle(three, ada, Verdict(ada.proposed))
    path = three.root / "review" / "decisions.jsonl"
    good = path.read_bytes()
    level = json.loads(good) | {"criteria": [{"id": "c1", "decided": 7}]}
    path.write_bytes(good + b"\xff\x00\n[1]\n" + json.dumps(level).encode() + b'\n{"format": 1, "a')
    settle(three, bo, Verdict(bo.proposed))
    found, problems = decisions(three)
    assert [d.answer for d in found] == [ada.id, bo.id]
    assert [p.partition(":")[0] for p in problems] == [
        f"review/decisions.jsonl line {n}" for n in (2, 3, 4, 5)
    ]
    assert "criteria.0.decided" in problems[2]
    assert path.read_bytes().startswith(good)
    assert b'{"format": 1, "a\n' in path.read_bytes(), "the half line is still there"


def test_a_faulty_proposal_is_left_out_and_levels_are_asked_for(
    course: Course, hand_in: HandIn
) -> None:
    bad = {"question": QUESTION, "criteria": [{"id": "c1", "level": 9, "confidence": 2}]}
    put(course, hand_in, "ada", written(TEXT, told=bad))
    found = queue(course, [MODULE])
    assert "proposal.criteria.0.level" in found.problems[0]
    (ada,) = found.answers
    assert (ada.proposed, ada.complete, ada.confidence) == ({}, False, 0.0)
    at = ["--course", str(course.root)]
    code, _, err = run("review", "confirm", ada.id, *at)
    assert code == 1
    assert "no levels are proposed" in err
    code, _, err = run("review", "override", ada.id, "c1=2", *at)
    assert code == 1
    assert "no level for c2, c3, c4, c5" in err
    code, _, _ = run("review", "override", ada.id, *(f"c{n}=2" for n in range(1, 6)), *at)
    assert (code, marks(course, "ada")[0]) == (0, 5.0)


def test_a_result_that_cannot_be_read_costs_only_itself(three: Course) -> None:
    path = three.folder("autograded", MODULE, "bo") / "feedback.json"
    path.write_text(path.read_text()[:200])
    found = queue(three, [MODULE])
    assert [a.student for a in found.answers] == ["ada", "cy"]
    assert "Grade again" in found.problems[0]


def test_an_item_without_a_rubric_gets_points(course: Course, hand_in: HandIn) -> None:
    plain = replace(written(TEXT), measures={}, evidence=("26 characters",))
    put(course, hand_in, "ada", plain)
    ada = of(course, "ada")
    assert ada.rungs == ()
    at = ["--course", str(course.root)]
    assert "26 characters" in run("review", "show", ada.id, *at)[1]
    assert run("review", "override", ada.id, "c1=2", *at)[0] == 1
    assert run("review", "override", ada.id, "points=9", *at)[0] == 1
    assert run("review", "override", ada.id, "points=nan", *at)[0] == 1
    assert run("review", "override", ada.id, "points=3.5", *at)[0] == 0
    assert marks(course, "ada")[:2] == (3.5, False)
    assert lines(course)[0]["action"] == "points"
    assert lines(course, "exemplars") == []


def test_the_late_penalty_follows_a_decision(course: Course, hand_in: HandIn) -> None:
    put(course, hand_in, "ada", written(TEXT), stamp="2026-11-20 10:00:00.000000 UTC")
    with gradebook(course) as book:
        book.update_or_create_assignment(MODULE, duedate="2026-11-19 12:00:00.000000 UTC")
    ada = of(course, "ada")
    settle(course, ada, Verdict(ada.proposed))
    with gradebook(course) as book:
        notebook = book.find_submission_notebook(MODULE, MODULE, "ada")
        assert (notebook.score, notebook.late_submission_penalty) == (18.0, 1.8)


def test_the_commands(three: Course) -> None:
    at = ["--course", str(three.root)]
    code, out, err = run("review", "list", *at)
    assert (code, err) == (0, "")
    assert "3 answers wait for a person." in out
    assert out.index("bo") < out.index("ada") < out.index("cy")
    blind = run("review", "list", "--blind", *at)[1]
    assert not any(name in blind for name in ("ada", "bo ", "cy "))
    assert run("review", *at)[1] == out, "off a terminal, the list"
    data = json.loads(run("review", "list", "--json", "--module", MODULE, *at)[1])
    assert [row["student"] for row in data["answers"]] == ["bo", "ada", "cy"]
    assert data["answers"][2]["flags"] == ["short: 9 words"]
    name = data["answers"][1]["id"]
    shown = run("review", "show", name, *at)[1]
    assert f"⟦c1,c2,c3,c5 {FIRST}⟧" in shown
    assert "c3 Numbers: proposed 1, 50% sure" in shown
    whole = json.loads(run("review", "show", name, "--json", "--blind", *at)[1])
    assert (whole["student"], whole["answer"]) == (None, TEXT)
    assert whole["criteria"][0]["evidence"][0]["text"] == FIRST
    code, out, _ = run("review", "override", name, "c4=1", "--dry-run", *at)
    assert (code, out.startswith("Would write: 3.5 of 5 points")) == (0, True)
    assert run("review", "override", name, "c4=5", *at)[0] == 2
    assert run("review", "--blind", "list", *at)[0] == 2, "not silently left out"
    code, out, _ = run("review", "confirm", name, "--by", "ben", "--json", *at)
    assert (code, json.loads(out)["points"]) == (0, 3.0)
    code, _, err = run("review", "confirm", name, *at)
    assert code == 1
    assert "by ben" in err
    assert run("review", "confirm", name, "--again", *at)[0] == 0
    assert "2 answers wait" in run("review", "list", *at)[1]
    everyone = json.loads(run("review", "list", "--all", "--json", *at)[1])["answers"]
    assert {row["stands"] for row in everyone} == {"waits", "3 of 5 by a person"}
    assert run("review", "list", "--module", "evals", *at)[0] == 3


def test_an_empty_queue_says_so(course: Course) -> None:
    open_gradebook(course)
    at = ["--course", str(course.root)]
    for command in (["review"], ["review", "list"]):
        code, out, _ = run(*command, *at)
        assert (code, out.strip()) == (0, "Nobody waits: the queue is empty.")
    assert run("review", "show", "es.w1-00000000", *at)[0] == 1


HOSTILE = (
    f"{FIRST} \x1b[2J\x1b]0;owned\x07 [bold red]markup[/] :smile: \u202egnp\u202c ⟦c9 not ours⟧ "
    "[/not-a-tag] \x9b31m \ud800 \r\x08 {{x}} " + "filler " * 9000
)


def test_nothing_in_an_answer_acts_on_the_terminal(course: Course, hand_in: HandIn) -> None:
    safe = HOSTILE.replace("\ud800", "?")
    put(course, hand_in, "ada", written(safe, flags=("instructions: \x1b[31m [bold]",)))
    at = ["--course", str(course.root)]
    for command in (["show", of(course, "ada").id], ["list"]):
        code, out, _ = run("review", *command, *at)
        assert code == 0
        assert not set(out) & {"\x1b", "\x07", "\x08", "\x9b", "\r", "\u202e"}
    out = run("review", "show", of(course, "ada").id, *at)[1]
    assert "[bold red]markup[/] :smile:" in out
    assert "⟦c9" not in out
    assert "more characters are not shown" in out
    assert len(out) < 20_000
    code, out, _ = run("review", "confirm", of(course, "ada").id, "--note", "\x1b[2Jhi", *at)
    assert code == 0
    assert "\x1b" not in out
    assert len(lines(course, "exemplars")[0]["text"]) == 20_000


def test_the_report_compares_levels(three: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skillmap.cohort.report.lesson", lambda module: SmallLesson())
    ada, bo = of(three, "ada"), of(three, "bo")
    settle(three, ada, Verdict(ada.proposed))
    settle(three, bo, Verdict({**bo.proposed, "c1": 0, "c2": 2}))
    results = gather(three, [MODULE])
    found = report_of(results, decisions(three)[0])
    rows = {(row.question, row.criterion): row for row in found.levels}
    assert (rows[QUESTION, ""].compared, rows[QUESTION, ""].same) == (10, 8)
    assert (rows[QUESTION, "c1"].same, rows[QUESTION, "c1"].far) == (1, 1)
    assert rows[QUESTION, "c1"].confidence == pytest.approx(0.65)
    assert [(a.item, a.compared, a.close) for a in found.agreement] == [(ITEM, 2, 2)]
    assert found.agreement[0].difference == pytest.approx(5.0)
    page = render_report(found)
    assert "Levels, criterion by criterion" in page
    assert "<td>Scope</td>" in page
    assert "levels,,es.q2 c1,,far,1" in render_csv(found)
    assert report_of(results).levels == ()


def test_the_graded_notebook_shows_the_same_proposal() -> None:
    html = panel_html(written(f"{TEXT} <script>alert(1)</script> ⟦Scope: not ours⟧"))
    assert f"⟦Chain, Numbers, Scope, So what:</strong> {FIRST}<strong>⟧" in html
    assert "skillmap review" in html
    assert "<script>" not in html
    assert html.count("⟦") == 1, "brackets of a learner's are no marks"


@pytest.mark.slow
@pytest.mark.usefixtures("cold_engine")
def test_no_grading_changes_what_was_decided(
    course: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def graded(lesson: Any, key: Any, answers: Any, world: int) -> Any:
        found = answers.get("es.w1.text")
        return tuple(
            written(str(found.value))
            if item.id == ITEM and found is not None
            else small_item(item, key, answers, world)
            for item in lesson.items
        )

    monkeypatch.setattr("skillmap.grading.grade_sheet", graded)
    hand_in("ada", sheet("ada", es_e2_model="heron", es_w1_text=TEXT))
    assert grade(course, [MODULE]).exit_code == 0
    ada = of(course, "ada")
    settle(course, ada, Verdict({**ada.proposed, "c4": 2}, note="Good."))
    before = marks(course, "ada")
    assert before[:2] == (4.0, False)
    for again in (
        lambda: grade(course, [MODULE]),
        lambda: grade(course, [MODULE], regrade=True),
        lambda: api(course).autograde(MODULE, "ada"),
    ):
        again()
        assert marks(course, "ada") == before
        assert queue(course, [MODULE]).answers == ()
    kept = load_result(course, MODULE, "ada")
    assert kept is not None
    assert kept.manual_scores == {ITEM: 4.0}


@needs_postgres
@pytest.mark.slow
def test_in_postgresql_a_decision_is_the_same(course: Course, hand_in: HandIn) -> None:
    with postgres_server() as url:
        ask(url, "CREATE DATABASE review")
        path = course.root / "course.toml"
        path.write_text(
            path.read_text() + f'\ndb_url = "{url.rpartition("/")[0]}/review"\n', encoding="utf-8"
        )
        there = Course.at(course.root)
        put(there, hand_in, "ada", written(TEXT))
        first, second = of(there, "ada"), of(there, "ada")
        settle(there, first, Verdict(first.proposed))
        assert marks(there, "ada")[:2] == (3.0, False)
        with pytest.raises(TakenError):
            settle(there, second, Verdict(second.proposed))
        assert len(lines(there)) == 1
        assert not (course.root / "gradebook.db").exists()


@pytest.mark.parametrize("command", ["", "list", "show", "confirm", "override"])
def test_help_has_an_example(command: str) -> None:
    code, out, _ = run("review", *filter(None, [command]), "--help")
    assert code == 0
    assert f"  skillmap review {command}".rstrip() in out


def test_what_a_person_gave_before_is_shown(
    three: Course, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillmap.cohort.review_near.encoder", lambda: None)
    put(three, hand_in, "di", written(f"{FIRST} And a second thought about who pays."))
    ada, di = of(three, "ada"), of(three, "di")
    assert precedent(di, di.rungs[0], exemplars(three)[0]) is None
    settle(three, ada, Verdict({**ada.proposed, "c1": 0}))
    found = precedent(di, di.rungs[0], exemplars(three)[0])
    assert found is not None
    assert (found.level, found.text) == (0, FIRST)
    assert "level 0, not the proposed level" in found.told(2)
    assert "not the proposed" not in found.told(0)
    assert precedent(ada, ada.rungs[0], exemplars(three)[0]) is None, "not with itself"
    shown = run("review", "show", di.id, "--course", str(three.root))[1]
    assert "Read before as level 0, not the proposed level" in shown
    assert of(three, "di").proposed == PROPOSED, "it changes no proposal"
    far = replace(di, text=f"{'x' * len(FIRST)} no such sentence")
    assert precedent(far, far.rungs[0], exemplars(three)[0]) is None


def test_the_test_texts_fit_the_bank() -> None:
    assert len(question(QUESTION).criteria) == len(PROPOSED)
