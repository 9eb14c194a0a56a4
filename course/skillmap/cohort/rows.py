"""What became of each submission of a run: the rows of the table, and of ``--json``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmap.cohort.plan import Job
    from skillmap.cohort.result import SubmissionResult
    from skillmap.cohort.rounds import Was

__all__ = ["GradeReport", "Row", "moved", "result_row"]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one submission.

    ``state``: ``graded``, ``up to date``, ``would grade``, ``back in the queue`` (our fault, no
    points lost) or ``not graded`` (the submission's). Points are after penalties and a person's
    scores; ``waiting`` counts items a person must look at.
    """

    module: str
    student: str
    state: str
    why: str = ""
    before: float | None = None
    after: float | None = None
    maximum: float | None = None
    waiting: int = 0
    late_penalty: float = 0.0
    problems: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class GradeReport:
    """All rows of one run; ``to_data`` is what ``--json`` prints."""

    rows: tuple[Row, ...] = ()
    seconds: float = 0.0
    dry_run: bool = False

    @property
    def failed(self) -> tuple[Row, ...]:
        """Rows that were not graded, by whoever's fault."""
        return tuple(r for r in self.rows if r.state in ("back in the queue", "not graded"))

    @property
    def exit_code(self) -> int:
        """0 if all was done, 1 if some failed and the rest was kept."""
        return 1 if self.failed else 0

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        counts: dict[str, int] = {}
        for row in self.rows:
            counts[row.state] = counts.get(row.state, 0) + 1
        return {
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 3),
            "counts": counts,
            "submissions": [asdict(row) for row in self.rows],
        }


def result_row(
    job: Job,
    state: str,
    result: SubmissionResult,
    waiting: int,
    before: Was | None = None,
) -> Row:
    """Return the row of a submission that has a result, and what it was before."""
    return Row(
        job.module,
        job.student,
        state,
        job.why,
        before=before.total if before else None,
        after=result.total,
        maximum=result.maximum,
        waiting=waiting,
        late_penalty=result.late_penalty,
        problems=result.problems,
        moved=moved(before, result),
    )


def moved(before: Was | None, after: SubmissionResult) -> tuple[str, ...]:
    """Say which items moved and which of their criteria made the difference.

    An item whose points a person has set is named as well: the proposal moved, the score did not.
    """
    if before is None:
        return ()
    found = []
    for new in after.feedbacks:
        was, then = before.items.get(str(new.item), (new.points, {}))
        if was == new.points:
            continue
        why = [
            f"{c.name} {then.get(c.name, 0):g} → {c.points:g}"
            for c in new.criteria
            if then.get(c.name, 0) != c.points
        ]
        reason = f" ({', '.join(why)})" if why else ""
        mine = after.manual_scores.get(str(new.item))
        stands = "" if mine is None else f"; a person's {mine:g} stands"
        found.append(f"{new.item}: {was:g} → {new.points:g}{reason}{stands}")
    if before.late_penalty != after.late_penalty:
        found.append(f"late: -{before.late_penalty:g} → -{after.late_penalty:g}")
    return tuple(found)
