"""A person's decision on one written answer: into the gradebook, the record and the exemplars.

The score and the comment go into nbgrader's own columns for what a person gave, so no grading
touches them afterwards. The decision is on disk before the gradebook's commit: killed in between,
the answer still waits and is decided again, and the record counts the later decision.
"""

from __future__ import annotations

import getpass
import hashlib
import math
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from skillmap.cohort.printable import whole
from skillmap.cohort.review import Queued, answer_digest, cells_of, points_of
from skillmap.errors import AnswerError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbgrader.api import Gradebook

    from skillmap.cohort.course import Course
    from skillmap.cohort.marks import GradeRow, Marks
    from skillmap.cohort.review_schema import DecisionIn, ExemplarIn

__all__ = ["READ", "Settled", "TakenError", "Verdict", "comment_of", "myself", "settle", "worth"]

READ = "A person read this: "
"""How the levels in a comment begin; the feedback page knows a reading by it."""
_MOST_NOTE = 4_000
_MOST_KEPT = 20_000
"""Characters of an answer that are kept as an exemplar; the grader reads 1,500 words."""


class TakenError(SkillMapError):
    """A person has settled this answer already; ``again`` writes over it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided: levels 0 to 2 by criterion, or ``points`` where there is no rubric.

    ``capped`` says that the answer has the fault that the rubric's cap names.
    """

    levels: Mapping[str, int] = field(default_factory=dict)
    capped: bool = False
    note: str = ""
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What was written, or would be on a dry run: points of the item, and the comment."""

    id: str
    action: str
    points: float
    maximum: float
    comment: str
    written: bool = True


def myself() -> str:
    """Return the name of whoever runs this, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def worth(answer: Queued, verdict: Verdict) -> float:
    """Return the points of a verdict; raise ``AnswerError`` if it does not fit the answer."""
    if not answer.rungs:
        value = verdict.points
        if verdict.levels or verdict.capped or value is None:
            raise AnswerError(answer.id, "it has no rubric", "Give points, for example points=3.5")
        if not math.isfinite(value) or not 0 <= value <= answer.maximum:
            raise AnswerError(
                answer.id, f"points={value:g}", f"Give 0 to {answer.maximum:g} points."
            )
        return round(value, 2)
    if verdict.points is not None:
        raise AnswerError(
            answer.id, "its points follow from the levels", f"Give levels: {_ids(answer)}."
        )
    known = [rung.id for rung in answer.rungs]
    if unknown := [name for name in verdict.levels if name not in known]:
        raise AnswerError(
            answer.id, f"no criterion {', '.join(unknown)}", f"There are: {_ids(answer)}."
        )
    if missing := [name for name in known if name not in verdict.levels]:
        raise AnswerError(
            answer.id,
            f"no level for {', '.join(missing)}, and none was proposed",
            "Give each, for example " + " ".join(f"{name}=1" for name in missing),
        )
    if any(level not in (0, 1, 2) for level in verdict.levels.values()):
        raise AnswerError(answer.id, "a level is 0, 1 or 2", "Give one of these.")
    if verdict.capped and answer.cap_percent is None:
        raise AnswerError(answer.id, "its rubric has no cap", "Leave the cap out.")
    return points_of(verdict.levels, answer.maximum, answer.cap_percent if verdict.capped else None)


def _ids(answer: Queued) -> str:
    return ", ".join(f"{rung.id} {rung.name}" for rung in answer.rungs)


def comment_of(answer: Queued, verdict: Verdict) -> str:
    """Return the comment that the learner reads: the person's note, then each level."""
    note = whole(verdict.note).replace("\0", "").strip()[:_MOST_NOTE]
    lines = [note, ""] if note else []
    if answer.rungs:
        total = sum(verdict.levels.values())
        lines.append(f"{READ}{total} of {2 * len(answer.rungs)} rubric points.")
        lines.append("")
    for rung in answer.rungs:
        level = verdict.levels[rung.id]
        told = f"- {rung.name}: level {level} of 2"
        lines.append(told if level >= 2 else f"{told}. Next: {rung.levels[level + 1]}")
    if verdict.capped:
        lines += ["", f"Capped at {answer.cap_percent} percent: {answer.cap_when}"]
    return "\n".join(lines).strip()


def settle(
    course: Course,
    answer: Queued,
    verdict: Verdict,
    *,
    by: str = "",
    again: bool = False,
    keep_text: bool = True,
    dry_run: bool = False,
) -> Settled:
    """Write a decision; nothing is written if any of it cannot be.

    Raises ``TakenError`` if a person has settled the answer meanwhile, in the formgrader or here,
    and ``again`` is not set; ``SkillMapError`` if the answer itself has changed.
    """
    from skillmap.cohort.bridge import load_config
    from skillmap.cohort.gradebooks import gradebook, one_commit
    from skillmap.cohort.marks import read_marks, settle_mark, write_marks
    from skillmap.cohort.patience import insist
    from skillmap.cohort.record import take_off_late
    from skillmap.cohort.review_record import (
        DECISIONS,
        EXEMPLARS,
        append_line,
        decisions,
    )

    points = worth(answer, verdict)
    ours = comment_of(answer, verdict)
    cells = cells_of(course, answer.module)[answer.item]
    config = load_config(course)
    past = [d for d in decisions(course)[0] if d.answer == answer.id]
    done: list[DecisionIn] = []

    def write(book: Gradebook) -> Settled:
        with one_commit(book):
            marks = read_marks(book, answer.module, answer.student)
            row = marks.grades.get(cells.award) if marks else None
            if marks is None or row is None:
                raise SkillMapError(f"{answer.id}: the gradebook no longer has this submission.")
            if not done:
                _still(course, answer)
                _free(answer, row, past, again=again)
            comment, told = _comment(marks, cells.answers, ours, past)
            decision = done[0] if done else _decision(answer, verdict, points, by, told)
            if dry_run:
                return Settled(answer.id, decision.action, points, answer.maximum, told, False)
            if not settle_mark(book, row, points):
                raise TakenError(f"{answer.id}: another person settled it this moment.")
            write_marks(book, [], [{"id": comment, "manual_comment": told}] if comment else [])
            take_off_late(book, answer.module, answer.student, config)
            if not done:
                if keep_text and answer.rungs and answer.text:
                    append_line(course, EXEMPLARS, _exemplar(answer, verdict, decision))
                append_line(course, DECISIONS, decision)
                done.append(decision)
        return Settled(answer.id, decision.action, points, answer.maximum, told)

    with gradebook(course) as book:
        return insist(book, lambda: write(book))


def _still(course: Course, answer: Queued) -> None:
    """Make sure that the answer is the one that was read."""
    from skillmap.cohort.record import load_result

    kept = load_result(course, answer.module, answer.student)
    texts = [
        str(f.measures.get("text", ""))
        for f in (kept.feedbacks if kept else ())
        if str(f.item) == answer.item
    ]
    if texts != [answer.text]:
        raise SkillMapError(
            f"{answer.id}: the answer has been graded again and changed since it was shown. "
            f"Nothing was written. See: skillmap review show {answer.id}"
        )


def _free(answer: Queued, row: GradeRow, past: list[DecisionIn], *, again: bool) -> None:
    """Make sure that nobody's decision is written over without being asked."""
    settled = row.manual_score is not None and not row.needs_manual_grade
    moved = (row.manual_score, row.needs_manual_grade) != (answer.standing, answer.waits)
    if again or not (settled or (moved and row.manual_score is not None)):
        return
    who = "in the formgrader"
    if past and past[-1].points == row.manual_score:
        who = f"by {past[-1].by} on {past[-1].at[:16].replace('T', ' ')} UTC"
    raise TakenError(
        f"{answer.id}: a person gave it {row.manual_score:g} of {answer.maximum:g} points, {who}. "
        "To write over that, say --again."
    )


def _comment(
    marks: Marks, cells: tuple[str, ...], ours: str, past: list[DecisionIn]
) -> tuple[str, str]:
    """Return the comment's row and its text; words that a person wrote elsewhere stay above."""
    for name in cells:
        if name in marks.comments:
            key, words = marks.comments[name]
            mine = bool(past) and any(d.comment == _digest(words) for d in past)
            return key, ours if mine or not words.strip() else f"{words.rstrip()}\n\n{ours}"
    return "", ours


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _decision(answer: Queued, verdict: Verdict, points: float, by: str, comment: str) -> DecisionIn:
    from skillmap.cohort.review_schema import DecidedIn, DecisionIn, GraderIn

    same = dict(verdict.levels) == answer.proposed and not verdict.capped
    return DecisionIn(
        id=secrets.token_hex(16),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        by=whole(by or myself())[:200],
        action=("confirm" if same else "override") if answer.rungs else "points",
        answer=answer.id,
        module=answer.module,
        item=answer.item,
        question=answer.question,
        criteria=tuple(
            DecidedIn(
                id=rung.id,
                proposed=rung.proposed,
                confidence=rung.confidence,
                decided=verdict.levels[rung.id],
            )
            for rung in answer.rungs
        ),
        capped=verdict.capped,
        proposed_points=points_of(answer.proposed, answer.maximum) if answer.complete else None,
        points=points,
        maximum=answer.maximum,
        grader=GraderIn(name=answer.grader[:200], version=answer.version[:200])
        if answer.grader
        else None,
        digest=answer_digest(answer.text),
        comment=_digest(comment),
    )


def _exemplar(answer: Queued, verdict: Verdict, decision: DecisionIn) -> ExemplarIn:
    from skillmap.cohort.review_schema import EvidenceIn, ExemplarIn

    text = whole(answer.text)[:_MOST_KEPT]
    return ExemplarIn(
        decision=decision.id,
        at=decision.at,
        answer=answer.id,
        question=answer.question,
        levels=dict(verdict.levels),
        evidence={
            rung.id: tuple(
                EvidenceIn(start=start, end=end) for start, end in rung.evidence if end <= len(text)
            )
            for rung in answer.rungs
            if rung.evidence
        },
        text=text,
    )
