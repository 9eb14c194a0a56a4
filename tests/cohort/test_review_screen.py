"""The screen of ``skillmap review``: one key a criterion, and nothing lost by stopping."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.cohort.reviewed import FIRST, MODULE, TEXT, lines, marks, put, written

from skillmap.cohort.review import queue
from skillmap.cohort.review_keys import one_by_one
from skillmap.cohort.review_screen import Sheet, Tally, press, sit
from skillmap.cohort.review_write import Settled, Verdict, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cohort.small_course import HandIn

    from skillmap.cohort.course import Course
    from skillmap.cohort.review import Queued


@pytest.fixture
def two(course: Course, hand_in: HandIn) -> Course:
    put(course, hand_in, "ada", written(TEXT, sure=(0.3,) * 5))
    put(course, hand_in, "bo", written(f"Bo. {TEXT}", sure=(0.8,) * 5))
    return course


def answers(course: Course) -> tuple[Queued, ...]:
    return queue(course, [MODULE]).answers


def play(
    course: Course,
    keys: str,
    *,
    typed: tuple[str, ...] = (),
    write: Callable[[Queued, Verdict, bool], Settled] | None = None,
    blind: bool = False,
) -> tuple[Tally, str]:
    """Sit with these keys; ``^`` is an interrupt, ``$`` the end of input, ``/`` Enter."""
    left: Iterator[str] = iter(keys)
    said = iter(typed)

    def key() -> str:
        pressed = next(left)
        if pressed == "^":
            raise KeyboardInterrupt
        if pressed == "$":
            raise EOFError
        return "\r" if pressed == "/" else pressed

    def real(answer: Queued, verdict: Verdict, again: bool) -> Settled:
        return settle(course, answer, verdict, by="ben", again=again)

    out = io.StringIO()
    tally = sit(
        answers(course),
        write or real,
        console=Console(file=out, width=100, highlight=False),
        keys=key,
        ask=lambda prompt: next(said),
        blind=blind,
    )
    return tally, out.getvalue()


def test_one_key_a_criterion(two: Course) -> None:
    tally, shown = play(two, "/012/" + "/" + "a/")
    assert len(tally.written) == 2
    assert tally.left == 0
    assert [c["decided"] for c in lines(two)[0]["criteria"]] == [2, 0, 1, 2, 2]
    assert marks(two, "ada")[:2] == (3.5, False)
    assert marks(two, "bo")[:2] == (3.0, False)
    assert "Answer 1 of 2, 2 left" in shown
    assert "Answer 2 of 2, 1 left" in shown
    assert f"⟦c1,c2,c3,c5 {FIRST}⟧" in shown
    assert "c1=2 c2=0 c3=1 c4=2 c5=2: 3.5 of 5 points." in shown
    assert "Written: 3.5 of 5 points." in shown


def test_back_cap_note_and_skip(two: Course) -> None:
    tally, shown = play(two, "0b2" + "anc/" + "s", typed=("Say who pays.",), blind=True)
    assert marks(two, "ada")[0] == 2.0, "capped at 40 percent"
    assert marks(two, "ada")[2].startswith("Say who pays.\n")
    assert (len(tally.written), tally.left) == (1, 1)
    assert "· ada" not in shown
    assert 'capped at 40%, note "Say who pays."' in shown
    assert marks(two, "bo")[0] is None


def test_back_to_an_answer_that_was_written(two: Course) -> None:
    tally, _ = play(two, "a/" + "b" + "0a/" + "q")
    assert marks(two, "ada")[0] == 2.0
    assert [line["points"] for line in lines(two)] == [3.0, 2.0]
    assert (len(tally.written), tally.left) == (1, 1)


@pytest.mark.parametrize(("key", "interrupted"), [("^", True), ("$", False), ("q", False)])
def test_stopping_costs_only_the_answer_in_hand(two: Course, key: str, interrupted: bool) -> None:
    tally, _ = play(two, "a/" + "01" + key)
    assert tally.interrupted is interrupted
    assert marks(two, "ada")[:2] == (3.0, False)
    assert marks(two, "bo")[:3] == (None, True, "")
    assert len(lines(two)) == 1
    assert [a.student for a in answers(two)] == ["bo"]


def test_somebody_else_was_quicker(two: Course) -> None:
    ada = answers(two)[0]
    settle(two, ada, Verdict({**ada.proposed, "c1": 0}), by="ann")
    shown: list[str] = []

    def sitting(keys: str) -> Tally:
        left = iter(keys.replace("/", "\r"))
        out = io.StringIO()
        tally = sit(
            [ada],
            lambda answer, verdict, again: settle(two, answer, verdict, again=again),
            console=Console(file=out, width=100),
            keys=lambda: next(left),
            ask=lambda _: "",
        )
        shown.append(out.getvalue())
        return tally

    assert sitting("a/x").written == []
    assert marks(two, "ada")[0] == 2.0
    assert "by ann on" in " ".join(shown[0].split())
    assert sitting("a/w").written == [ada.id]
    assert marks(two, "ada")[0] == 3.0


def test_keys_that_do_nothing_say_so(two: Course) -> None:
    sheet = Sheet(answers(two)[0])
    for key in ("x", "\x1b[A", "A", "B", "9", ""):
        same, said = press(sheet, key)
        assert same == sheet
        assert "? lists the keys" in said
    assert press(sheet, "p")[1] == "Points follow from the levels here."
    assert press(sheet, "b")[1] == "back"
    done, _ = press(sheet, "a")
    assert (done.ready, press(done, "\r")[1]) == (True, "write")
    assert press(done, "1")[0] == done


def test_keys_typed_fast_come_one_by_one() -> None:
    keys = one_by_one(iter(["01\x1b[A", "2\x03", "\x04"]).__next__)
    assert [keys(), keys(), keys(), keys()] == ["0", "1", "\x1b[A", "2"]
    with pytest.raises(KeyboardInterrupt):
        keys()
    with pytest.raises(EOFError):
        keys()


def test_without_a_proposal_enter_takes_nothing(course: Course, hand_in: HandIn) -> None:
    put(course, hand_in, "ada", written(TEXT, told={"question": "es.q2"}))
    tally, shown = play(course, "/a" + "21012" + "/")
    assert "Nothing is proposed here" in shown
    assert len(tally.written) == 1
    assert marks(course, "ada")[0] == 3.0
    assert lines(course)[0]["criteria"][0]["proposed"] is None


def test_points_where_there_is_no_rubric(course: Course, hand_in: HandIn) -> None:
    from dataclasses import replace

    put(course, hand_in, "ada", replace(written(TEXT), measures={}))
    tally, shown = play(course, "/p/p/", typed=("six", "2,5"))
    assert "Press p and give points first." in shown
    assert "'six' is no number from 0 to 5" in shown
    assert (len(tally.written), marks(course, "ada")[0]) == (1, 2.5)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_real_terminal_an_interrupt_keeps_what_was_written(two: Course) -> None:
    import pty

    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "skillmap.cli", "review", "--course", str(two.root), "--by", "ben"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = b""

    def until(words: bytes, times: int = 1) -> None:
        nonlocal seen
        end = time.monotonic() + 60
        while seen.count(words) < times and time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                seen += os.read(ours, 65536)
            except OSError:  # the program has ended
                break
        assert seen.count(words) >= times, seen.decode(errors="replace")

    try:
        until(b"? keys")
        os.write(ours, b"a")
        until(b"Enter writes it")
        os.write(ours, b"\r")
        until(b"1 of 5: ", 2)
        os.write(ours, b"1")
        until(b"2 of 5: ")
        program.send_signal(signal.SIGINT)
        until(b"1 written, 1 left in the queue.")
        assert program.wait(timeout=30) == 130
    finally:
        program.kill()
        program.wait()
        os.close(ours)
    assert marks(two, "ada")[:2] == (3.0, False)
    assert marks(two, "bo")[0] is None
    assert [line["by"] for line in lines(two)] == ["ben"]
