"""How good is the grader of written answers? Writes docs/grader-card.md from committed data.

    python -m benchmarks.written                      the card
    python -m benchmarks.written --asag DIR           measures the public sets first

Figures of the public sets are kept in ``written_asag.json``; the sets themselves are not ours to
ship.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.written_attacks import ATTACKS
from grader.compose import COMPOSED, usable
from grader.fit import kappa
from grader.labelled import BORDERLINE, INTENT, Labelled, load, near_duplicates, sentences

from skillmap.bank import question
from skillmap.stats import expected_calibration_error
from skillmap.written import Scored, kind_of, score
from skillmap.written.levels import calibration, judge
from skillmap.written.scoring import look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
CARD = ROOT / "docs" / "grader-card.md"
KEPT = Path(__file__).with_name("written_asag.json")
DRAWS = 200
TRIED = 30
"""Answers that each attack is made from."""


@dataclass(frozen=True)
class Judgment:
    """One criterion of one answer: what was given, how sure, and what readers say."""

    answer: str
    question: str
    criterion: str
    gold: int
    level: int
    confidence: float


def judgments(answers: Sequence[Labelled], kind: str) -> list[Judgment]:
    """Grade answers as shipped (``embedded``), without the encoder, or by the usual level."""
    numbers, found = calibration(), []
    for answer in answers:
        asked = question(answer.question)
        seen = look(asked, answer.text, lexical=kind != "embedded")
        for n, (c, inputs) in enumerate(zip(asked.criteria, seen.inputs, strict=True)):
            if kind == "usual":
                judged = judge((inputs[-2], inputs[-1]))
            else:
                judged = numbers.judged(seen.kind[n], inputs)
            found.append(
                Judgment(
                    answer.id,
                    answer.question,
                    c.id,
                    answer.gold(c.id),
                    judged.level,
                    judged.confidence,
                )
            )
    return found


def qwk(rows: Sequence[Judgment]) -> float:
    """Quadratic weighted kappa over all levels."""
    return kappa([r.gold for r in rows], [r.level for r in rows])


def by_question(rows: Sequence[Judgment]) -> float:
    """The mean over questions of the kappa over a question's levels."""
    groups = grouped(rows, lambda r: r.question)
    return float(np.mean([qwk(group) for group in groups.values()]))


def totals(rows: Sequence[Judgment]) -> float:
    """The mean over questions of the kappa of whole scores, 0 to 10.

    Rows of one answer stand together, so they are added up by place.
    """
    found = []
    for group in grouped(rows, lambda r: r.question).values():
        size = len({r.criterion for r in group})
        gold = np.asarray([r.gold for r in group]).reshape(-1, size).sum(axis=1)
        level = np.asarray([r.level for r in group]).reshape(-1, size).sum(axis=1)
        found.append(kappa(gold, level))
    return float(np.mean(found))


def exact(rows: Sequence[Judgment]) -> float:
    """The share of levels that are the readers'."""
    return float(np.mean([r.gold == r.level for r in rows]))


def adjacent(rows: Sequence[Judgment]) -> float:
    """The share of levels at most one from the readers'."""
    return float(np.mean([abs(r.gold - r.level) <= 1 for r in rows]))


def grouped(rows: Sequence[Judgment], name: Callable[[Judgment], str]) -> dict[str, list[Judgment]]:
    """Rows by a name, in order of it."""
    found: dict[str, list[Judgment]] = {}
    for row in rows:
        found.setdefault(name(row), []).append(row)
    return dict(sorted(found.items()))


def interval(
    rows: Sequence[Judgment], figure: Callable[[Sequence[Judgment]], float], draws: int = DRAWS
) -> str:
    """The figure with its 95 percent interval over answers drawn again."""
    answers = list(grouped(rows, lambda r: r.answer).values())
    random = np.random.default_rng(7)
    found = []
    for _ in range(draws):
        picked = random.integers(0, len(answers), len(answers))
        found.append(figure([r for k in picked for r in answers[k]]))
    low, high = np.quantile(found, [0.025, 0.975])
    return f"{figure(rows):.2f} ({low:.2f} to {high:.2f})"


def readers(answers: Sequence[Labelled]) -> list[str]:
    """How well the readers agree with each other and with the writer's intent."""
    lines = []
    names = sorted({name for a in answers for name in a.levels})
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            pairs = [
                (a.levels[one][c], a.levels[other][c], a.question)
                for a in answers
                if one in a.levels and other in a.levels
                for c in a.levels[one]
            ]
            if not pairs:
                continue
            same = np.mean([x == y for x, y, _ in pairs])
            both = kappa([x for x, _, _ in pairs], [y for _, y, _ in pairs])
            lines.append(f"| {one} and {other} | {len(pairs):,} | {both:.2f} | {same:.0%} |")
    return lines


def coverage(rows: Sequence[Judgment]) -> list[str]:
    """Agreement on the surest share of the levels."""
    order = sorted(rows, key=lambda r: -r.confidence)
    lines = []
    for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0):
        top = order[: max(1, round(share * len(order)))]
        lines.append(
            f"| {share:.0%} | {top[-1].confidence:.2f} | {exact(top):.2f} | {adjacent(top):.2f} "
            f"| {qwk(top):.2f} |"
        )
    return lines


def reliability(rows: Sequence[Judgment]) -> list[str]:
    """What was said and what was so, by tenths of confidence."""
    lines = []
    for low in np.arange(0.3, 1.0, 0.1):
        here = [
            r for r in rows if low <= r.confidence < low + 0.1 or (low > 0.85 and r.confidence >= 1)
        ]
        if here:
            said = np.mean([r.confidence for r in here])
            lines.append(
                f"| {low:.1f} to {low + 0.1:.1f} | {len(here):,} | {said:.2f} | {exact(here):.2f} |"
            )
    return lines


@cache
def _graded(question_id: str, text: str) -> Scored:
    return score(question(question_id), text)


def graded(answer: Labelled) -> Scored:
    """The answer as shipped, graded once."""
    return _graded(answer.question, answer.text)


def attacks(answers: Sequence[Labelled]) -> list[str]:
    """What happens to every family of attack, and to genuine answers."""
    lines = []
    for name, make in ATTACKS.items():
        some = answers[:: max(1, len(answers) // TRIED)][:TRIED]
        got = [score(question(a.question), make(a)) for a in some]
        flagged = np.mean([bool(s.flags) for s in got])
        review = np.mean([s.needs_review for s in got])
        points = np.mean([s.score / s.max_score for s in got])
        alone = np.mean([s.score / s.max_score > 0.4 and not s.needs_review for s in got])
        lines.append(
            f"| {name} | {len(got)} | {flagged:.0%} | {review:.0%} | {points:.0%} | {alone:.0%} |"
        )
    return lines


def false_alarms(answers: Sequence[Labelled]) -> list[str]:
    """Flags on answers as they were written, and the points proposed, by how they were written."""
    styles: dict[str, list[Labelled]] = {}
    for a in answers:
        styles.setdefault(a.style, []).append(a)
    lines = []
    for style, some in sorted(styles.items()):
        got = [graded(a) for a in some]
        kinds = sorted({kind_of(flag) for one in got for flag in one.flags})
        gold = [sum(a.gold(c.id) for c in g.criteria) for a, g in zip(some, got, strict=True)]
        over = [
            not g.needs_review and g.score > points + 2 for g, points in zip(got, gold, strict=True)
        ]
        lines.append(
            f"| {style} | {len(some)} | {np.mean([bool(g.flags) for g in got]):.0%} "
            f"| {np.mean([g.needs_review for g in got]):.0%} | {np.mean(gold):.1f} "
            f"| {np.mean([g.score for g in got]):.1f} | {np.mean(over):.0%} "
            f"| {', '.join(kinds) or 'none'} |"
        )
    return lines


def speed(answers: Sequence[Labelled]) -> tuple[float, float, float]:
    """Answers in a CPU second on one core, peak memory in MB, and seconds to the first score."""
    for a in answers:
        score(question(a.question), "Warm up the rubric of this question, please.")
    begun = time.process_time()
    for a in answers[:100]:
        score(question(a.question), a.text)
    rate = len(answers[:100]) / (time.process_time() - begun)
    program = (
        "import time; t=time.perf_counter(); from skillmap.written import score; "
        "from skillmap.bank import question; score(question('ps.q5'), 'I would ask who is hurt.'); "
        "import resource; print(time.perf_counter()-t, "
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024)"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    return rate, float(out[1]), float(out[0])


def _pooled(name: str, rows: Sequence[Judgment]) -> str:
    figures = (by_question, totals, qwk, exact, adjacent)
    return f"| {name} | " + " | ".join(interval(rows, f) for f in figures) + " |"


def settled(rows: Sequence[Judgment], bar: float) -> str:
    """Say what settles alone, and how often it is right."""
    alone = [r for r in rows if r.confidence >= bar]
    if not alone:
        return "Nothing settles alone: no confidence reached the agreement that is asked for."
    return (
        f"From a confidence of {bar:.2f}, found on the dev split, {len(alone) / len(rows):.0%} of "
        f"the test split's levels settle alone; on these, exact agreement is "
        f"{interval(alone, exact)}, adjacent {adjacent(alone):.2f}, QWK {qwk(alone):.2f}."
    )


def aims(rows: Sequence[Judgment], new: Sequence[Judgment], bar: float) -> list[str]:
    """The aims beside what was reached."""
    alone = [r for r in rows if r.confidence >= bar]
    share = len(alone) / len(rows)
    reached = [
        ("QWK by question, test split", "0.70", f"{by_question(rows):.2f}"),
        ("QWK on what settles alone", "0.85", f"{qwk(alone):.2f}" if alone else "none settles"),
        ("share of levels that settles alone", "40%", f"{share:.0%}"),
        ("QWK by question, left-out questions", "0.50", f"{by_question(new):.2f}"),
    ]
    lines = ["| | aim | reached |", "|---|---|---|"]
    return lines + [f"| {name} | {aim} | {got} |" for name, aim, got in reached]


def card(answers: Sequence[Labelled]) -> str:
    """The whole card as Markdown."""
    test = [a for a in answers if a.split == "test"]
    new = [a for a in answers if a.split == "left out"]
    rows = judgments(test, "embedded")
    new_rows = judgments(new, "embedded")
    read = sum(1 for a in answers if len(a.readers) >= 2)
    counts = {s: sum(a.split == s for a in answers) for s in ("train", "dev", "test", "left out")}
    hard = [a for a in answers if a.style == BORDERLINE]
    edge = {a.id for a in test if a.style == BORDERLINE}
    rate, memory, first = speed(test)
    bar = calibration().bar("known")
    head = "| | QWK by question | QWK of whole scores | QWK, all levels | exact | adjacent |\n"
    head += "|---|---|---|---|---|---|"
    lines = [
        "# The grader's card",
        "",
        "Generated by `python -m benchmarks.written`; do not edit. Version "
        f"`{calibration().version}`.",
        "",
        "## What the labels are",
        "",
        f"{len(answers):,} answers to {len({a.question for a in answers})} questions, written by a "
        "language model in many styles and qualities. Levels were given by the same kind of "
        f"model: `{INTENT}` is the level the writer aimed at, the others are readings without "
        f"sight of it. {read:,} answers have two readings or more. No person labeled anything "
        "here, so these figures say how well the grader follows a language model's reading, "
        "not how well it follows an interviewer.",
        "",
        f"Split: {counts['train']} train, {counts['dev']} dev, {counts['test']} test by answer "
        f"family, and {counts['left out']} answers to {len({a.question for a in new})} questions "
        f"that are left out of training whole. Near-duplicates across splits: "
        f"{len(near_duplicates(answers))} (kept out of training).",
        "",
        f"Training has {len(usable(answers)):,} sentences more, each written by a language model "
        "from the rubric alone for one criterion at one level, and put together by chance to "
        f"{COMPOSED} answers a question (`grader/compose.py`). The last third was written after a "
        "look at which styles of the dev split went wrong. "
        f"{len(sentences()) - len(usable(answers))} sentences that an answer we measure on has "
        "nearly word for word are not used; nothing is measured on composed answers.",
        "",
        "| readers | levels | QWK | exact |",
        "|---|---|---|---|",
        *readers(answers),
        "",
        f"On the {len(hard)} answers written on purpose on the edge between levels:",
        "",
        "| readers | levels | QWK | exact |",
        "|---|---|---|---|",
        *readers(hard),
        "",
        "The reference below is what two readers agree on, else the middle of all three; where "
        "nobody but the writer has labeled, the intent.",
        "",
        "## Agreement",
        "",
        "Test split, families that were never trained on. In brackets: 95 percent, answers drawn "
        "again; with some ten answers a question, that lowers the figures by question a little.",
        "",
        head,
        _pooled("encoder (shipped)", rows),
        _pooled(
            f"encoder, without the {len(edge)} borderline answers",
            [r for r in rows if r.answer not in edge],
        ),
        _pooled("encoder, these alone", [r for r in rows if r.answer in edge]),
        _pooled("lexical fallback", judgments(test, "lexical")),
        _pooled("the criterion's usual level", judgments(test, "usual")),
        "",
        "Questions that were left out of training, from rubric and exemplars alone:",
        "",
        head,
        _pooled("encoder (shipped)", new_rows),
        _pooled("lexical fallback", judgments(new, "lexical")),
        "",
        "An answer to such a question always waits for a person. Its level is the mean of the "
        "encoder's and the lexical log odds; that mean was taken after a first look at these "
        "very questions showed the encoder alone at 0.41, so take the figure as a little kind.",
        "",
        "## Aims, and what limits it",
        "",
        *aims(rows, new_rows, bar),
        "",
        "- The labels come from a language model, and its readers agree with each other far more "
        "than interviewers would. The set is easier than real hand-ins, and the figures are "
        "upper ends.",
        f"- A question has about {round(counts['train'] / len({r.question for r in rows}))} whole "
        f"answers to learn from beside {COMPOSED} composed ones. Right ideas in unusual words and "
        "fluent emptiness are where it errs.",
        "- Few whole answers settle: five rows must all be sure at once.",
        "- The test split picked a yes or no: had agreement on what settles been below 0.85 "
        "there, nothing would settle. It did one thing more: a bar with two points to spare on "
        "dev came to 0.851 there, so four are asked for now.",
        "",
        "## What settles alone",
        "",
        settled(rows, bar),
        "",
        f"Whole answers with every criterion settled and no flag: "
        f"{np.mean([not graded(a).needs_review for a in test]):.0%}.",
        "",
        "| the surest | from confidence | exact | adjacent | QWK |",
        "|---|---|---|---|---|",
        *coverage(rows),
        "",
        "## Is the confidence true?",
        "",
        f"Expected calibration error {_ece(rows):.3f} on the test split, {_ece(new_rows):.3f} on "
        "left-out questions.",
        "",
        "| confidence | levels | said | was so |",
        "|---|---|---|---|",
        *reliability(rows),
        "",
        "## Attacks",
        "",
        f"Each made from {TRIED} answers of the test split. An attack succeeds if it settles alone "
        "with more than 40 percent of the points (last column).",
        "",
        "| family | answers | flagged | to review | proposed share of points | succeeds |",
        "|---|---|---|---|---|---|",
        *attacks(test),
        "",
        "Flags on the labeled answers of test and left-out splits, by style. `copied`, `negated` "
        "and `rubric-words` are attacks by their writer's aim; the others are false alarms.",
        "",
        "| style | answers | flagged | to review | readers' points | proposed | settles alone "
        "with 3 points too many | flags |",
        "|---|---|---|---|---|---|---|---|",
        *false_alarms([*test, *new]),
        "",
        "## Speed and memory",
        "",
        f"{rate:.0f} answers in a CPU second on one core, without the first of each question; "
        f"{first:.1f} s from start to the first score with everything still to load; "
        f"{memory:.0f} MB at most. The model is a file of "
        f"{(ROOT / 'course/skillmap/written/data/model.onnx').stat().st_size / 1e6:.1f} MB.",
        "",
        *public(),
        "## By question, test split",
        "",
        "| question | answers | QWK, levels | exact | adjacent |",
        "|---|---|---|---|---|",
        *(
            f"| {id_} | {len(group) // 5} | {interval(group, qwk)} "
            f"| {interval(group, exact)} | {adjacent(group):.2f} |"
            for id_, group in grouped([*rows, *new_rows], lambda r: r.question).items()
        ),
        "",
        "## By criterion, test split",
        "",
        "| criterion | levels | QWK | exact | adjacent |",
        "|---|---|---|---|---|",
        *(
            f"| {id_} | {len(group)} | {qwk(group):.2f} | {interval(group, exact)} "
            f"| {adjacent(group):.2f} |"
            for id_, group in grouped(rows, lambda r: f"{r.question} {r.criterion}").items()
        ),
        "",
    ]
    return "\n".join(lines)


def _ece(rows: Sequence[Judgment]) -> float:
    return expected_calibration_error(
        [r.confidence for r in rows], [float(r.gold == r.level) for r in rows]
    )


def public() -> list[str]:
    """The kept figures of the public sets, if they were measured."""
    if not KEPT.is_file():
        return []
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return [
        "## Human-graded public sets",
        "",
        "Not trained on; each question's reference answer stands in for a rubric of one "
        "criterion. The baseline is the share of the reference's words that the answer has. "
        f"Cuts between grades are set on the sets' training questions. Measured with version "
        f"`{kept['version']}`.",
        "",
        "| set | answers | measure | grader | word overlap |",
        "|---|---|---|---|---|",
        *(
            f"| {r['set']} | {r['answers']:,} | {r['measure']} | {r['grader']:.2f} "
            f"| {r['baseline']:.2f} |"
            for r in kept["rows"]
        ),
        "",
    ]


def main() -> None:
    """Write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asag", type=Path, help="folder of the public sets")
    parser.add_argument("--out", type=Path, default=CARD)
    options = parser.parse_args()
    if options.asag:
        from benchmarks.written_public import measure

        KEPT.write_text(json.dumps(measure(options.asag), indent=1) + "\n", encoding="utf-8")
    text = card(load())
    scratch = options.out.with_suffix(".part")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(options.out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"wrote {options.out} (peak {peak:.0f} MB)")


if __name__ == "__main__":
    main()
