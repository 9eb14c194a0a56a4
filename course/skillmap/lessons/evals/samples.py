"""What truth a learner has bought in the trial: labels, verdicts, scores. Never what is hidden.

The trial is Lantern with the hand-off on confidence switched off, so that every answer the model
does not decline is shown and can be looked at. Four days of it (43 to 46) are for sale. A purchase
is a function of the world and of the plan, so the same plan buys the same answers again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.errors import AnswerError
from skillmap.lantern.product import Lantern
from skillmap.lantern.world import SEGMENT_NAMES, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "BUDGET",
    "CHECKED",
    "FIRST_DAY",
    "LAST_DAY",
    "LEAST",
    "READ_BY_JUDGE",
    "SCORED",
    "Agreement",
    "Bought",
    "Scores",
    "answers_in_trial",
    "as_rows",
    "buy",
    "checked_answers",
    "declined_in_trial",
    "draft_from",
    "eve",
    "judge_passes",
    "plan_from",
    "scored_answers",
    "shares",
    "suspect",
    "trial",
    "worst_first",
]

FIRST_DAY, LAST_DAY = 43, 46
"""The days whose answers are for sale: after the spring rules have settled, before the update."""
BUDGET = 400
"""Labels that finance pays for in the first lab."""
LEAST = 20
"""Labels that every group gets: without them nobody can speak for the whole."""
CHECKED = 250
"""Answers that people label after the judge has read them, in the second lab."""
READ_BY_JUDGE = 2_000
"""Answers of the suspicious group that the judge alone reads."""
SCORED = 480
"""Labeled answers of the suspicious group for the third lab."""


@lru_cache(maxsize=2)
def eve(world: int) -> Lantern:
    """Return the product on the eve of the trial, nothing withheld; go on in a fork of it."""
    return Lantern(world).set_threshold(0.0).run(FIRST_DAY)


@lru_cache(maxsize=2)
def trial(world: int) -> Lantern:
    """Return the product after the trial; take a :meth:`Lantern.fork` to spend from it."""
    return eve(world).fork().run(LAST_DAY + 1 - FIRST_DAY)


def suspect(world: int) -> str:
    """Return the group that the inherited sample made people doubt.

    >>> suspect(10)
    'S3'
    """
    return parameters(world).pilot.segment


@lru_cache(maxsize=16)
def answers_in_trial(world: int) -> tuple[int, ...]:
    """Return how many answers each group got in the four days, S1 to S5."""
    frame = trial(world).logs.segments
    frame = frame[frame["day"] >= FIRST_DAY]
    counts = frame.groupby("segment", observed=True)["answered"].sum()
    return tuple(int(counts[name]) for name in SEGMENT_NAMES)


@lru_cache(maxsize=16)
def declined_in_trial(world: int) -> tuple[float, ...]:
    """Return the share of each group's questions that the model declined, S1 to S5."""
    frame = trial(world).logs.segments
    frame = frame[frame["day"] >= FIRST_DAY]
    sums = frame.groupby("segment", observed=True)[["answered", "abstained"]].sum()
    share = sums["abstained"] / (sums["answered"] + sums["abstained"])
    return tuple(float(share[name]) for name in SEGMENT_NAMES)


def plan_from(rows: Any) -> tuple[int, ...]:
    """Return labels for S1 to S5 from the rows of a plan; refuse one that finance does not pay.

    >>> plan_from(as_rows((20, 20, 200, 60, 100)))
    (20, 20, 200, 60, 100)
    """
    found = dict.fromkeys(SEGMENT_NAMES, 0)
    for row in rows:
        n = float(row.get("n", 0) or 0)
        if row.get("row") not in found or n < 0 or n != round(n):
            raise AnswerError("The plan", f"{n:g} labels", "Give whole numbers, 0 or more.")
        found[row["row"]] = int(n)
    total = sum(found.values())
    if total > BUDGET:
        raise AnswerError("The plan", f"{total} labels", f"Finance pays for {BUDGET}.")
    for name, n in found.items():
        if n < LEAST:
            raise AnswerError("The plan", f"{n} labels for {name}", f"Give each {LEAST} or more.")
    return tuple(found.values())


def draft_from(rows: Any) -> tuple[tuple[int, ...], str]:
    """Return a plan that is still being written, and what it lacks; never raises.

    >>> draft_from([{"row": "S3", "n": 450.0}])
    ((0, 0, 450, 0, 0), '50 labels over the budget; S1, S2, S4, S5 below 20')
    """
    found = dict.fromkeys(SEGMENT_NAMES, 0)
    for row in rows:
        n = row.get("n", 0)
        if row.get("row") in found and isinstance(n, int | float) and 0 <= n <= 100_000:
            found[row["row"]] = int(n)
    total, lacks = sum(found.values()), []
    if total != BUDGET:
        over = "over the budget" if total > BUDGET else "not spent yet"
        lacks.append(f"{abs(total - BUDGET)} labels {over}")
    if few := [name for name, n in found.items() if n < LEAST]:
        lacks.append(f"{', '.join(few)} below {LEAST}")
    return tuple(found.values()), "; ".join(lacks)


@dataclass(frozen=True, slots=True)
class Bought:
    """Labels by group: how many, how many of them right, and answers in the trial."""

    n: tuple[int, ...]
    right: tuple[int, ...]
    answers: tuple[int, ...]

    @property
    def stands_for(self) -> tuple[float, ...]:
        """How many answers one label stands for: 1 over its chance to be drawn."""
        return tuple(a / n if n else 0.0 for a, n in zip(self.answers, self.n, strict=True))

    @property
    def naive(self) -> float:
        """Share of right labels, each counted once."""
        return sum(self.right) / sum(self.n)

    @property
    def weighted(self) -> float:
        """Share of right answers, each label counted for the answers that it stands for."""
        weights = self.stands_for
        right = sum(w * r for w, r in zip(weights, self.right, strict=True))
        return right / sum(w * n for w, n in zip(weights, self.n, strict=True))


@lru_cache(maxsize=64)
def buy(world: int, plan: tuple[int, ...]) -> Bought:
    """Buy labels by plan, at random inside each group, from the four days of the trial."""
    wanted = {name: n for name, n in zip(SEGMENT_NAMES, plan, strict=True) if n}
    frame = (
        trial(world)
        .fork()
        .buy_labels(sum(plan), segments=wanted, since=FIRST_DAY, until=LAST_DAY + 1)
    )
    right = frame["label"].eq("right").groupby(frame["segment"], observed=False).sum()
    return Bought(plan, tuple(int(right[name]) for name in SEGMENT_NAMES), answers_in_trial(world))


@lru_cache(maxsize=16)
def worst_first(world: int) -> tuple[int, int]:
    """Return labeled wrong of 200 answers of lowest confidence, and of 200 drawn at random."""
    found = []
    for by in ("lowest confidence", "random"):
        frame = trial(world).fork().buy_labels(200, by=by, since=FIRST_DAY, until=LAST_DAY + 1)
        found.append(int(frame["label"].eq("wrong").sum()))
    return found[0], found[1]


# --- the judge ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreement:
    """Judge beside people in one group. ``weight`` answers in the trial for each label."""

    right_passed: float
    right_failed: float
    wrong_passed: float
    wrong_failed: float
    weight: float = 1.0

    @property
    def n(self) -> float:
        """Labels."""
        return self.right_passed + self.right_failed + self.wrong_passed + self.wrong_failed

    @property
    def tpr(self) -> float:
        """Share passed of what people call right."""
        return self.right_passed / (self.right_passed + self.right_failed)

    @property
    def tnr(self) -> float:
        """Share failed of what people call wrong."""
        return self.wrong_failed / (self.wrong_passed + self.wrong_failed)

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen 1960).

        >>> round(Agreement(80, 5, 9, 6).kappa, 2)
        0.38
        """
        n = self.n
        seen = (self.right_passed + self.wrong_failed) / n
        right = (self.right_passed + self.right_failed) / n
        passed = (self.right_passed + self.wrong_passed) / n
        chance = right * passed + (1 - right) * (1 - passed)
        return (seen - chance) / (1 - chance)

    def plus(self, other: Agreement) -> Agreement:
        """Return both groups as one, each label counted for the answers it stands for."""
        a, b = self.weight, other.weight
        return Agreement(
            a * self.right_passed + b * other.right_passed,
            a * self.right_failed + b * other.right_failed,
            a * self.wrong_passed + b * other.wrong_passed,
            a * self.wrong_failed + b * other.wrong_failed,
        )


@lru_cache(maxsize=64)
def checked_answers(world: int, from_suspect: int) -> tuple[Agreement, Agreement]:
    """Label ``CHECKED`` answers that the judge has read: the suspicious group and the others."""
    if not 20 <= from_suspect <= CHECKED - 20:
        raise AnswerError(
            "The judge's plan", f"{from_suspect} labels", f"Keep 20 to {CHECKED - 20}."
        )
    doubted = suspect(world)
    others = [name for name in SEGMENT_NAMES if name != doubted]
    answers = dict(zip(SEGMENT_NAMES, answers_in_trial(world), strict=True))
    lantern = trial(world).fork()
    found = []
    for names, n in (([doubted], from_suspect), (others, CHECKED - from_suspect)):
        frame = lantern.buy_labels(n, segments=names, since=FIRST_DAY, until=LAST_DAY + 1)
        frame = frame.sort_values("item")
        says = lantern.judge(items=frame["item"].tolist()).sort_values("item")
        right = frame["label"].eq("right").to_numpy()
        passed = says["verdict"].eq("pass").to_numpy()
        found.append(_table(right, passed, sum(answers[name] for name in names) / n))
    return found[0], found[1]


def _table(right: NDArray[np.bool_], passed: NDArray[np.bool_], weight: float) -> Agreement:
    return Agreement(
        int((right & passed).sum()),
        int((right & ~passed).sum()),
        int((~right & passed).sum()),
        int((~right & ~passed).sum()),
        weight,
    )


@lru_cache(maxsize=64)
def judge_passes(world: int) -> int:
    """Return how many of ``READ_BY_JUDGE`` answers of the suspicious group the judge passes."""
    lantern = trial(world).fork()
    frame = lantern.judge(
        READ_BY_JUDGE, segments=[suspect(world)], since=FIRST_DAY, until=LAST_DAY + 1
    )
    return int(frame["verdict"].eq("pass").sum())


# --- the score ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scores:
    """Confidence and label of ``SCORED`` answers of one group, by rising confidence.

    ``noise`` is the share of labels that err; ``unblurred`` takes it out of a share of right labels
    (Rogan and Gladen 1978, with both error rates equal).
    """

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    noise: float

    def unblurred(self, share: float) -> float:
        """Return the share right behind a share labeled right."""
        return min(max((share - self.noise) / (1 - 2 * self.noise), 0.0), 1.0)

    def said_right(self, labeled: int, of: int) -> float:
        """Return the share right behind ``labeled`` right labels, rounded as the tables are."""
        return round(self.unblurred(round(labeled / of, 3)), 3)

    def groups(self, count: int) -> tuple[tuple[int, float, float, float, float], ...]:
        """Return for equal parts: n, mean score, mean log-odds, share labeled right, share right.

        Numbers are rounded as the tables print them, so that arithmetic by hand agrees.
        """
        rows = []
        for part in np.array_split(np.arange(len(self.right)), count):
            score = np.clip(self.confidence[part], 1e-4, 1 - 1e-4)
            labeled = int(self.right[part].sum())
            rows.append(
                (
                    len(part),
                    round(float(score.mean()), 3),
                    round(float(np.log(score / (1 - score)).mean()), 2),
                    round(labeled / len(part), 3),
                    self.said_right(labeled, len(part)),
                )
            )
        return tuple(rows)


@lru_cache(maxsize=16)
def scored_answers(world: int) -> Scores:
    """Return the labeled answers of the suspicious group with the model's confidence."""
    frame = (
        trial(world)
        .fork()
        .buy_labels(SCORED, segments=[suspect(world)], since=FIRST_DAY, until=LAST_DAY + 1)
        .sort_values("confidence", kind="stable")
    )
    return Scores(
        frame["confidence"].to_numpy(float),
        frame["label"].eq("right").to_numpy(),
        parameters(world).reviewers.noise,
    )


def shares(world: int) -> Mapping[str, float]:
    """Return each group's share of the answers in the trial."""
    counts = answers_in_trial(world)
    return {name: n / sum(counts) for name, n in zip(SEGMENT_NAMES, counts, strict=True)}


def as_rows(values: Sequence[int]) -> list[dict[str, Any]]:
    """Return labels for S1 to S5 as the rows of a plan."""
    return [{"row": name, "n": float(n)} for name, n in zip(SEGMENT_NAMES, values, strict=True)]
