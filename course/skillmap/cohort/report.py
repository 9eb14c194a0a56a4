"""What an instructor wants to know of a cohort, as figures; ``report_page`` makes the page of it.

Scores are those that count: a person's where there is one. Classical item statistics: difficulty is
the mean share of points, discrimination the correlation of an item with the rest of its module
(corrected item-total correlation; Ebel and Frisbie, Essentials of Educational Measurement, 5th ed.,
1991, ch. 13, call less than 0.2 poor).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from skillmap.cohort.likeness import Pair, near_copies
from skillmap.cohort.review_record import agreement
from skillmap.cohort.scoring import is_foreign
from skillmap.grading.feedback import Outcome
from skillmap.ids import ItemId, ModuleId
from skillmap.lessons import lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from skillmap.cohort.course import Course
    from skillmap.cohort.result import SubmissionResult
    from skillmap.cohort.review_record import CriterionAgreement
    from skillmap.cohort.review_schema import DecisionIn
    from skillmap.grading.feedback import Feedback

__all__ = [
    "Agreement",
    "CompetencyRow",
    "ItemRow",
    "LeanRow",
    "Report",
    "Spotted",
    "gather",
    "report_of",
]

FEWEST = 10
"""Learners needed before an item's discrimination is spoken of."""
FEWEST_PREDICTIONS = 8
"""Predictions needed before a lean is spoken of (curriculum, self-assessment)."""


@dataclass(frozen=True, slots=True)
class CompetencyRow:
    """How one module stands; ``quartiles`` are of learners' percent of its points."""

    module: str
    learners: int
    quartiles: tuple[float, float, float]
    waiting: int
    percents: tuple[float, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item over the cohort. Shares are percent of its points; ``nan`` where there is no saying.

    ``settled`` counts the learners whose points nobody waits for; only they are in ``mean``.
    """

    module: str
    item: str
    title: str
    learners: int
    settled: int
    blank: int
    mean: float
    discrimination: float

    @property
    def poor(self) -> bool:
        """Whether it sorts learners badly: less than 0.2 with enough of them."""
        return self.settled >= FEWEST and self.discrimination < 0.2


@dataclass(frozen=True, slots=True)
class LeanRow:
    """A learner whose predictions lean further than chance explains; points are percent points."""

    learner: str
    predictions: int
    bias: float
    band: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """The grader's points beside a person's on one item, in percent of the item's points."""

    item: str
    title: str
    compared: int
    close: int
    difference: float


@dataclass(frozen=True, slots=True)
class Spotted:
    """Something to look at, with no verdict in it."""

    learner: str
    module: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page and the table say."""

    learners: int
    submissions: int
    competencies: tuple[CompetencyRow, ...]
    items: tuple[ItemRow, ...]
    leaning: tuple[LeanRow, ...]
    agreement: tuple[Agreement, ...]
    waiting: tuple[tuple[str, int], ...]
    spotted: tuple[Spotted, ...]
    pairs: tuple[Pair, ...]
    levels: tuple[CriterionAgreement, ...] = ()
    """Proposed levels beside a person's, from the record of ``skillmap review``."""

    def alike(self) -> tuple[tuple[str, str, tuple[Pair, ...]], ...]:
        """The pairs by the two learners: those with most answers in common first."""
        by_people: dict[tuple[str, str], list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            by_people[pair.one, pair.other].append(pair)
        found = [
            (one, other, tuple(sorted(pairs, key=lambda p: -p.share)))
            for (one, other), pairs in by_people.items()
        ]
        return tuple(sorted(found, key=lambda row: (-len(row[2]), -row[2][0].share, row[:2])))

    def hardest(self, most: int = 8) -> tuple[ItemRow, ...]:
        """The items with the lowest mean, among those settled for most who answered."""
        rows = [row for row in self.items if 2 * row.settled >= row.learners > row.blank]
        return tuple(sorted(rows, key=lambda row: row.mean)[:most])

    def least_discriminating(self, most: int = 8) -> tuple[ItemRow, ...]:
        """The items that sort learners worst, among those with enough learners."""
        rows = [row for row in self.items if row.poor]
        return tuple(sorted(rows, key=lambda row: row.discrimination)[:most])


def gather(
    course: Course,
    modules: Sequence[str],
    progress: Callable[[int, int, str], None] | None = None,
) -> list[SubmissionResult]:
    """Return every graded hand-in as the gradebook knows it now; ungraded ones are left out."""
    from skillmap.cohort.build import learner_notebook
    from skillmap.cohort.notebooks import item_cells
    from skillmap.cohort.record import gradebook, load_result, refresh

    found = []
    cells = {module: item_cells(learner_notebook(course, module)) for module in modules}
    with gradebook(course) as book:
        handed_in = [
            (module, submission.student_id)
            for module in modules
            for submission in book.assignment_submissions(module)
        ]
        for number, (module, student) in enumerate(sorted(handed_in), start=1):
            kept = load_result(course, module, student)
            if kept is not None:
                found.append(refresh(kept, book, student, cells[module]))
            if progress is not None:
                progress(number, len(handed_in), student)
    return found


def report_of(results: Sequence[SubmissionResult], decided: Sequence[DecisionIn] = ()) -> Report:
    """Return what can be said of these results; ``decided`` is the record of ``skillmap review``.

    Of the record only what was decided on these modules counts.
    """
    modules = [m.value for m in ModuleId if any(r.module == m.value for r in results)]
    by_module = {module: [r for r in results if r.module == module] for module in modules}
    return Report(
        learners=len({r.learner for r in results}),
        submissions=len(results),
        competencies=tuple(_competency(m, rows) for m, rows in by_module.items()),
        items=tuple(row for m, rows in by_module.items() for row in _items(m, rows)),
        leaning=tuple(_leaning(results)),
        agreement=tuple(_agreement(results)),
        waiting=_waiting(results),
        spotted=tuple(_spotted(results)),
        pairs=tuple(_pairs(results)),
        levels=agreement(d for d in decided if d.module in modules) if decided else (),
    )


def _competency(module: str, results: Sequence[SubmissionResult]) -> CompetencyRow:
    percents = tuple(100 * r.total / r.maximum for r in results if r.maximum)
    low, middle, high = (float(q) for q in np.percentile(percents or (math.nan,), (25, 50, 75)))
    waiting = sum(len(r.waiting) for r in results)
    return CompetencyRow(module, len(results), (low, middle, high), waiting, percents)


def _items(module: str, results: Sequence[SubmissionResult]) -> list[ItemRow]:
    """One row an item: what share was earned, and how that goes with the rest of the module."""
    told = lesson(module)
    names = list(dict.fromkeys(str(f.item) for r in results for f in r.feedbacks if f.maximum))
    shares = np.full((len(results), len(names)), np.nan)
    weights = np.zeros(len(names))
    blank = np.zeros(len(names), dtype=int)
    for row, result in enumerate(results):
        held = {str(item) for item in result.waiting}
        for feedback in result.feedbacks:
            if not feedback.maximum:
                continue
            column = names.index(str(feedback.item))
            weights[column] = feedback.maximum
            blank[column] += feedback.outcome is Outcome.BLANK
            if names[column] not in held:
                shares[row, column] = result.earned(feedback.item) / feedback.maximum
    points = shares * weights
    rows = []
    for column, name in enumerate(names):
        own = shares[:, column]
        there = ~np.isnan(own)
        rest = np.nansum(np.delete(points, column, axis=1), axis=1)
        rows.append(
            ItemRow(
                module,
                name,
                told.item(ItemId.parse(name)).title,
                len(results),
                int(there.sum()),
                int(blank[column]),
                100 * float(own[there].mean()) if there.any() else math.nan,
                _correlation(own[there], rest[there]),
            )
        )
    return rows


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(np.corrcoef(x, y)[0, 1])


def _leaning(results: Iterable[SubmissionResult]) -> list[LeanRow]:
    """Learners whose mean of predicted minus actual is beyond 1.64 standard errors."""
    gaps: dict[str, list[float]] = defaultdict(list)
    for result in results:
        held = set(result.waiting)
        for feedback in result.feedbacks:
            if feedback.predicted is not None and feedback.maximum and feedback.item not in held:
                actual = 100 * result.earned(feedback.item) / feedback.maximum
                gaps[result.learner].append(feedback.predicted - actual)
    rows = []
    for learner, values in gaps.items():
        if len(values) < FEWEST_PREDICTIONS:
            continue
        bias = float(np.mean(values))
        band = 1.64 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
        if abs(bias) > band:
            rows.append(LeanRow(learner, len(values), bias, band))
    return sorted(rows, key=lambda row: -row.bias)


def _agreement(results: Iterable[SubmissionResult]) -> list[Agreement]:
    """Where a person scored an item: how far the grader's points were from theirs."""
    gaps: dict[str, list[float]] = defaultdict(list)
    titles: dict[str, str] = {}
    for result in results:
        for feedback in result.feedbacks:
            name = str(feedback.item)
            if name not in result.manual_scores or not feedback.maximum:
                continue
            titles[name] = lesson(result.module).item(feedback.item).title
            given = result.manual_scores[name]
            gaps[name].append(100 * (_proposed(feedback) - given) / feedback.maximum)
    return [
        Agreement(name, titles[name], len(g), sum(abs(v) <= 10 for v in g), float(np.mean(g)))
        for name, g in sorted(gaps.items())
    ]


def _proposed(feedback: Feedback) -> float:
    """The points that we proposed: of a written answer those that its levels stand for."""
    told = feedback.measures.get("proposal")
    if feedback.outcome is not Outcome.NEEDS_REVIEW or not isinstance(told, dict):
        return feedback.points
    score, most = told.get("score"), told.get("max_score")
    if (
        not isinstance(score, int)
        or not isinstance(most, int)
        or not 0 <= score <= most
        or not most
    ):
        return feedback.points
    return feedback.maximum * score / most


def _waiting(results: Iterable[SubmissionResult]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = defaultdict(int)
    for result in results:
        for item in result.waiting:
            counts[str(item)] += 1
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _spotted(results: Iterable[SubmissionResult]) -> list[Spotted]:
    """Sheets made in another world; flags of items that no other table of the report has."""
    return [
        Spotted(result.learner, result.module, problem)
        for result in results
        for problem in result.problems
        if is_foreign(problem)
    ]


def _pairs(results: Iterable[SubmissionResult]) -> list[Pair]:
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for result in results:
        for feedback in result.feedbacks:
            if text := str(feedback.measures.get("text", "")):
                texts[str(feedback.item)][result.learner] = text
    return [pair for item in sorted(texts) for pair in near_copies(item, texts[item])]
