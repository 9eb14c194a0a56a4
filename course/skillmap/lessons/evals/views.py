"""Tables of the labs: what a learner sees of the trial, of their purchases, and of the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.errors import SkillMapError
from skillmap.lantern.help_center import help_center
from skillmap.lantern.judge import PRICE
from skillmap.lantern.world import SEGMENT_NAMES, parameters
from skillmap.lessons.evals.complaints import LABELS_EACH, TOPICS, complaints
from skillmap.lessons.evals.desk import by_traffic, plan_cost, rows, stakes
from skillmap.lessons.evals.facts import TITLES
from skillmap.lessons.evals.samples import (
    BUDGET,
    CHECKED,
    FIRST_DAY,
    LAST_DAY,
    READ_BY_JUDGE,
    SCORED,
    answers_in_trial,
    buy,
    checked_answers,
    declined_in_trial,
    judge_passes,
    plan_from,
    suspect,
    worst_first,
)
from skillmap.lessons.evals.score import INTERCEPTS, SLOPES, bench, calibration
from skillmap.lessons.exhibits import Card, Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skillmap.lessons.evals.samples import Agreement

__all__ = [
    "bench_grid",
    "complaints_grid",
    "groups_grid",
    "judge_grid",
    "labels_grid",
    "memo",
    "plan_or_why",
    "sampling_grid",
    "score_grid",
    "topics_grid",
    "voices_grid",
    "worst_first_grid",
]


def named(group: str) -> str:
    """Return a group with its title.

    >>> named("S3")
    'S3 visitors'
    """
    return f"{group} {TITLES[group]}"


def memo(world: int) -> Card:
    """What the PM inherits about the suspicious group."""
    w = parameters(world)
    doubted = named(suspect(world))
    return Card(
        "On your desk, day 47",
        (
            (
                "Nkechi, support desk",
                f"In the first week {w.pilot.right} of {w.pilot.n} answers to {doubted} were "
                "right. Callers grumble.",
            ),
            (
                "Tomas, research",
                "I would put 60 percent on that group being worse than the others, and 5 on any "
                "other one. In other launches such a first sample was bad luck about one time in "
                "five.",
            ),
            (
                "Finance",
                f"{BUDGET} labels at {w.reviewers.label_cost:.2f} dollars, now. The judge costs "
                f"{100 * PRICE:.1f} cents a verdict.",
            ),
            (
                "Label vendor, small print",
                f"A label errs {100 * w.reviewers.noise:.1f} percent of the time, either way.",
            ),
        ),
    )


def groups_grid(world: int) -> Grid:
    """Who asks, how much of it, and what a wrong answer costs them and the firm."""
    counts, w = answers_in_trial(world), parameters(world)
    return Grid(
        f"Days {FIRST_DAY} to {LAST_DAY} of the trial, every answer shown. A hand-off or a phone "
        f"call costs ${w.desk.hand_off:.2f}; without Lantern {100 * w.desk.would_call:.0f}% would "
        "phone. Harm invented for this course.",
        ("Group", "Answers", "Share of answers", "Declined by the model", "Harm, one wrong answer"),
        tuple(
            (
                named(s.name),
                f"{n:,}",
                f"{100 * n / sum(counts):.1f}%",
                f"{100 * declined:.1f}%",
                f"${s.harm:.2f}",
            )
            for s, n, declined in zip(w.segments, counts, declined_in_trial(world), strict=True)
        ),
    )


def voices_grid(world: int, intent: str = "storm-red-refund") -> Grid:
    """One question in the words of five groups; the help center has one text for all."""
    found = next(i for i in help_center().intents if i.id == intent)
    return Grid(
        f"The same question, five ways: {found.asks}",
        ("Group", "What they type"),
        tuple(
            (named(name), found.phrasings[2 * at + world % 2])
            for at, name in enumerate(SEGMENT_NAMES)
        ),
    )


def plan_or_why(rows_: Any) -> tuple[int, ...] | Card:
    """Return the saved plan, or a card that says what is missing."""
    if rows_ is None:
        return Card("Not yet", (("Plan", "Save a plan first; then this cell buys by it."),))
    try:
        return plan_from(rows_)
    except SkillMapError as error:
        return Card("Not yet", (("Plan", str(error)),))


def sampling_grid(world: int, plan: Sequence[int], lacks: str = "") -> Grid:
    """What a plan is expected to show, what wrong calls it leaves, and what it lacks."""
    found = rows(world, plan)
    lines = [
        (
            named(row.group),
            str(row.n),
            f"{100 * row.low:.0f} to {100 * row.high:.0f}",
            f"{100 * row.miss:.0f}%",
            f"{100 * row.false_alarm:.0f}%",
            f"${stake.let_in:,.0f}",
            f"${stake.held:,.0f}",
            f"${row.dollars:,.0f}",
        )
        for row, stake in zip(found, stakes(world), strict=True)
    ]
    total = ("Sum", str(sum(plan)), "", "", "", "", "", f"${plan_cost(world, plan):,.0f}")
    draw = f"${plan_cost(world, by_traffic(world)):,.0f}"
    return Grid(
        f"Sampling desk{f' ({lacks})' if lacks else ''}. A draw by traffic would leave wrong "
        f"calls of {draw} a month. Stylized.",
        (
            "Group",
            "Labels",
            "95% interval if 85 are right",
            "Bad one let in",
            "Good one held",
            "Costs if let in",
            "Costs if held",
            "Wrong calls, a month",
        ),
        (*lines, total),
    )


def labels_grid(world: int, plan: tuple[int, ...]) -> Grid:
    """The labels that a plan bought."""
    bought = buy(world, plan)
    price = parameters(world).reviewers.label_cost
    return Grid(
        f"Bought: {sum(plan)} labels for ${sum(plan) * price:,.0f}. Simulated people.",
        ("Group", "Labels", "Labeled right", "One label stands for", "Answers in the four days"),
        tuple(
            (named(name), str(n), str(right), f"{stands:.1f} answers", f"{answers:,}")
            for name, n, right, stands, answers in zip(
                SEGMENT_NAMES, bought.n, bought.right, bought.stands_for, bought.answers,
                strict=True,
            )
        ),
    )  # fmt: skip


def worst_first_grid(world: int) -> Grid:
    """Two hundred answers of lowest confidence beside two hundred drawn at random."""
    worst, random = worst_first(world)
    return Grid(
        "Two ways to spend 200 labels on the same days",
        ("Sample", "Labels", "Labeled wrong", "Reads like an error rate of"),
        tuple(
            (name, "200", str(wrong), f"{wrong / 2:.1f}%")
            for name, wrong in (("Lowest confidence first", worst), ("At random", random))
        ),
    )


def judge_grid(world: int, from_suspect: int) -> Grid:
    """Judge beside people in the answers that the learner had labeled."""
    own, others = checked_answers(world, from_suspect)
    doubted = suspect(world)
    passed = judge_passes(world)
    price = CHECKED * parameters(world).reviewers.label_cost

    def line(name: str, a: Agreement) -> tuple[str, ...]:
        return (
            name, f"{a.right_passed:g}", f"{a.right_failed:g}", f"{a.wrong_passed:g}",
            f"{a.wrong_failed:g}", f"{a.n:g}", f"{a.weight:.2f} answers",
        )  # fmt: skip

    return Grid(
        f"{CHECKED} labels for ${price:,.0f}. Apart from them the judge read {READ_BY_JUDGE:,} "
        f"answers to {doubted} and passed {passed:,}.",
        (
            "Group",
            "Right, passed",
            "Right, failed",
            "Wrong, passed",
            "Wrong, failed",
            "Labels",
            "One stands for",
        ),
        (line(named(doubted), own), line("The other four", others)),
    )


def score_grid(world: int) -> Grid:
    """Eight bins of the score, with label noise taken out, and the floor."""
    found = calibration(world)
    noise = parameters(world).reviewers.noise
    return Grid(
        f"{SCORED} labeled answers to {named(suspect(world))} by rising score. Perfectly "
        f"calibrated scores would show an error of {100 * found.floor:.1f}% on average here, and "
        f"above {100 * found.floor_95:.1f}% once in twenty times (simulated).",
        ("Bin", "Answers", "Mean score", "Labeled right", f"Right, {100 * noise:.1f}% noise out"),
        tuple(
            (
                str(at),
                str(n),
                f"{100 * score:.1f}%",
                f"{100 * labeled:.1f}%",
                f"{100 * right:.1f}%",
            )
            for at, (n, score, _, labeled, right) in enumerate(found.bins, start=1)
        ),
    )


def bench_grid(world: int) -> Grid:
    """Loss of a recalibrated score for each slope and intercept; small is good."""
    return Grid(
        f"Recalibration bench for {named(suspect(world))}: log loss in thousandths. "
        "Slope 1 and intercept 0 leave the score as it is.",
        ("Slope", *(f"intercept {b:g}" for b in INTERCEPTS)),
        tuple(
            (f"{slope:g}", *(f"{cell:.0f}" for cell in line))
            for slope, line in zip(SLOPES, bench(world), strict=True)
        ),
    )


def complaints_grid(world: int) -> Grid:
    """Two windows of the log, with golden runs and labels."""
    seen = complaints(world)
    windows = (seen.before, seen.now)

    def share(pair: tuple[int, int]) -> str:
        n, right = pair
        return f"{right} of {n} ({100 * right / n:.1f}%)" if n else "none"

    lines: list[tuple[str, ...]] = [
        ("Days", *(f"{w.first} to {w.last}" for w in windows)),
        ("Share of people who see Lantern", *(f"{100 * w.exposure:.0f}%" for w in windows)),
        ("Answers given", *(f"{w.answers:,}" for w in windows)),
        ("Complaints", *(f"{w.complaints:,}" for w in windows)),
        ("Golden set, graded by people", *(share(w.golden) for w in windows)),
        (
            f"Random answers labeled right, of {LABELS_EACH}",
            *(f"{w.known[1] + w.new[1]} ({100 * w.accuracy:.1f}%)" for w in windows),
        ),
        ("… on topics of the golden set", *(share(w.known) for w in windows)),
        ("… on storms, works, strikes (not in the set)", *(share(w.new) for w in windows)),
        ("Answers that fail the format check", *(f"{100 * w.broken:.1f}%" for w in windows)),
    ]
    return Grid("Offline and online, before and now", ("", "Before", "Now"), tuple(lines))


def topics_grid(world: int) -> Grid:
    """What the labeled answers were about."""
    seen = complaints(world)
    return Grid(
        f"Topics of {LABELS_EACH} random answers before and {LABELS_EACH} now",
        ("Topic", "Before", "Now"),
        tuple(
            (name, str(before), str(now))
            for name, before, now in zip(TOPICS, seen.before.topics, seen.now.topics, strict=True)
        ),
    )
