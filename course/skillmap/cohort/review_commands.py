"""The commands under ``skillmap review``: arguments in, lines out. The work is done elsewhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from skillmap.cohort.course import Course
    from skillmap.cohort.review import Queue, Queued, Rung
    from skillmap.cohort.review_schema import ExemplarIn
    from skillmap.cohort.review_write import Settled, Verdict

__all__ = ["review_app"]

review_app = typer.Typer(
    name="review",
    rich_markup_mode=None,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="""Settle the written answers that wait for a person, the least certain first.

    At a terminal, one answer at a time: its evidence is underlined and in brackets, then each
    criterion with the proposed level. 0, 1 or 2 sets a level, Enter takes the proposed one, b goes
    back, c is the rubric's cap, n a note to the learner, s skips, q stops. Each decision is written
    when it is finished, so stop whenever you like. Off a terminal it prints the list.

    Your points and words go into nbgrader's gradebook as if you had typed them into the formgrader:
    no grading changes them. Each decision becomes a line in review/decisions.jsonl, and the answer
    with your levels one in review/exemplars.jsonl (--no-exemplars leaves that out).

    \b
    Examples: skillmap review
              skillmap review --module evals --blind
              skillmap review list
              skillmap review show es.q2-1f9a03bc
              skillmap review confirm es.q2-1f9a03bc
              skillmap review override es.q2-1f9a03bc c1=2 c3=0 --note "Who pays for it?"
    """,
)

OneModule = Annotated[
    list[str] | None, typer.Option("--module", help="Only this one; may be repeated.")
]
OneStudent = Annotated[
    list[str] | None, typer.Option("--student", help="Only this one; may be repeated.")
]
Blind = Annotated[bool, typer.Option("--blind", help="Leave names out; ids stay.")]
Everything = Annotated[
    bool, typer.Option("--all", help="Also answers that are settled, by a person or alone.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be written.")]
Again = Annotated[bool, typer.Option("--again", help="Write over a person's earlier decision.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Words to the learner.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; your account's name.")]
NoExemplars = Annotated[
    bool, typer.Option("--no-exemplars", help="Keep no copy of the answer with your levels.")
]
Cap = Annotated[bool, typer.Option("--cap", help="The answer has the fault that the cap names.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
CourseDir = Annotated[
    Path, typer.Option("--course", metavar="DIR", help="The course directory or one inside it.")
]
TheId = Annotated[str, typer.Argument(metavar="ID", help="From the list; its end will do.")]
HERE = Path()


@review_app.callback()
def review(
    context: typer.Context,
    *,
    module: OneModule = None,
    student: OneStudent = None,
    blind: Blind = False,
    by: By = "",
    no_exemplars: NoExemplars = False,
    dry_run: DryRun = False,
    course: CourseDir = HERE,
) -> None:
    if (command := context.invoked_subcommand) is not None:
        for name in context.params:
            source = context.get_parameter_source(name)
            if source is not None and source.name == "COMMANDLINE":
                said = "--" + name.replace("_", "-")
                raise typer.BadParameter(f"write it after the command: review {command} {said} …")
        return
    here, found = _queue(course, module, student)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        _list(found, blind=blind)
        return
    _sit(here, found, blind=blind, by=by, keep_text=not no_exemplars, dry_run=dry_run)


def _sit(
    here: Course, found: Queue, *, blind: bool, by: str, keep_text: bool, dry_run: bool
) -> None:
    from skillmap.cohort.review_keys import single_keys
    from skillmap.cohort.review_near import precedent
    from skillmap.cohort.review_record import exemplars
    from skillmap.cohort.review_screen import sit
    from skillmap.cohort.review_write import settle

    readings: dict[str, list[ExemplarIn]] = {}

    def near(answer: Queued, rung: Rung) -> str:
        if answer.question not in readings:
            readings[answer.question] = exemplars(here, answer.question)[0]
        found = precedent(answer, rung, readings[answer.question])
        return found.told(rung.proposed) if found else ""

    def write(answer: Queued, verdict: Verdict, again: bool) -> Settled:
        readings.pop(answer.question, None)
        return settle(
            here, answer, verdict, by=by, again=again, keep_text=keep_text, dry_run=dry_run
        )

    _problems(found)
    if not found.answers:
        print("Nobody waits: the queue is empty.")
        return
    with single_keys() as (keys, ask):
        tally = sit(
            found.answers, write, console=_console(), keys=keys, ask=ask, near=near, blind=blind
        )
    done = "would be written (a dry run)" if dry_run else "written"
    print(f"{len(tally.written)} {done}, {tally.left} left in the queue.")
    if tally.interrupted:
        raise typer.Exit(130)


@review_app.command("list")
def list_(
    *,
    module: OneModule = None,
    student: OneStudent = None,
    everything: Everything = False,
    blind: Blind = False,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """List the answers that wait: what, whose, how sure the least certain criterion is, flags.

    \b
    Examples: skillmap review list --module estimation
              skillmap review list --all --json
    """
    _, found = _queue(course, module, student, everything=everything)
    if as_json:
        rows = [_row(answer, blind=blind) for answer in found.answers]
        _print_json({"answers": rows, "problems": list(found.problems)})
    else:
        _list(found, blind=blind)


@review_app.command()
def show(
    wanted: TheId, *, blind: Blind = False, as_json: AsJson = False, course: CourseDir = HERE
) -> None:
    """Show one answer with its evidence marked, the rubric and the proposed levels.

    \b
    Example:  skillmap review show es.q2-1f9a03bc
    """
    from skillmap.cohort.review_near import precedent
    from skillmap.cohort.review_record import exemplars
    from skillmap.cohort.review_text import whole_answer

    here, answer = _one(course, wanted)
    if as_json:
        _print_json(_whole(answer, blind=blind))
        return
    known = exemplars(here, answer.question)[0] if answer.question else []
    found = {rung.id: precedent(answer, rung, known) for rung in answer.rungs}
    near = {rung.id: told.told(rung.proposed) for rung in answer.rungs if (told := found[rung.id])}
    _console().print(*whole_answer(answer, near=near, blind=blind), sep="\n")


@review_app.command()
def confirm(
    wanted: TheId,
    *,
    cap: Cap = False,
    note: Note = "",
    by: By = "",
    again: Again = False,
    no_exemplars: NoExemplars = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """Take the proposed levels as they stand and write the points.

    \b
    Examples: skillmap review confirm es.q2-1f9a03bc
              skillmap review confirm 1f9a03bc --note "Well argued." --dry-run
    """
    from skillmap.cohort.review_write import Verdict, settle
    from skillmap.errors import AnswerError

    here, answer = _one(course, wanted)
    if not answer.complete:
        raise AnswerError(
            answer.id, "nothing to confirm: no levels are proposed", "Use: skillmap review override"
        )
    verdict = Verdict(answer.proposed, cap, note)
    _done(
        settle(
            here, answer, verdict, by=by, again=again, keep_text=not no_exemplars, dry_run=dry_run
        ),
        as_json=as_json,
    )


@review_app.command()
def override(
    wanted: TheId,
    levels: Annotated[
        list[str],
        typer.Argument(metavar="c1=2…", help="Levels by criterion; the others stay as proposed."),
    ],
    *,
    cap: Cap = False,
    note: Note = "",
    by: By = "",
    again: Again = False,
    no_exemplars: NoExemplars = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """Give levels of your own and write the points; points=3.5 where there is no rubric.

    \b
    Examples: skillmap review override es.q2-1f9a03bc c1=2 c3=0
              skillmap review override es.q2-1f9a03bc c2=1 --cap --note "Name the period."
              skillmap review override es.e1-77aa0c12 points=6
    """
    from skillmap.cohort.review_write import Verdict, settle

    here, answer = _one(course, wanted)
    given, points = _given(levels)
    verdict = Verdict({**answer.proposed, **given}, cap, note, points)
    _done(
        settle(
            here, answer, verdict, by=by, again=again, keep_text=not no_exemplars, dry_run=dry_run
        ),
        as_json=as_json,
    )


def _given(words: Sequence[str]) -> tuple[dict[str, int], float | None]:
    """Read ``c1=2`` and ``points=3.5``."""
    levels: dict[str, int] = {}
    points = None
    for word in words:
        name, _, value = word.partition("=")
        name = name.strip().casefold()
        try:
            if name == "points":
                points = float(value)
            elif name and value in ("0", "1", "2"):
                levels[name] = int(value)
            else:
                raise ValueError
        except ValueError:
            raise typer.BadParameter(
                f"{word!r}: write c1=2 (0, 1 or 2), or points=3.5", param_hint="c1=2…"
            ) from None
    return levels, points


def _course_at(where: Path) -> Course:
    from skillmap.cohort.bridge import as_configured
    from skillmap.cohort.course import Course

    return as_configured(Course.find(where))


def _queue(
    where: Path,
    modules: list[str] | None,
    students: list[str] | None,
    *,
    everything: bool = False,
) -> tuple[Course, Queue]:
    from skillmap.cohort.review import queue

    here = _course_at(where)
    return here, queue(here, here.chosen(modules), students=students, everything=everything)


def _one(where: Path, wanted: str) -> tuple[Course, Queued]:
    """Find one answer; an id that names its item needs only that module read."""
    from skillmap.cohort.review import find, queue

    here = _course_at(where)
    modules = here.chosen(_module_of(here, wanted))
    found = queue(here, modules, everything=True, named=wanted)
    _problems(found)
    return here, find(found, wanted)


def _module_of(here: Course, wanted: str) -> list[str] | None:
    from skillmap.errors import SkillMapError
    from skillmap.ids import ItemId

    try:
        module = ItemId.parse(wanted.strip().casefold().rpartition("-")[0]).module.value
    except SkillMapError:
        return None
    return [module] if module in here.modules() else None


def _list(found: Queue, *, blind: bool) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from skillmap.cohort.printable import printable

    _problems(found)
    if not found.answers:
        print("Nobody waits: the queue is empty.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Id", "Module", "Question") + (() if blind else ("Student",)):
        table.add_column(name, no_wrap=name == "Id")
    table.add_column("Sure", justify="right")
    for name in ("Proposed", "Stands", "Flags"):
        table.add_column(name)
    for answer in found.answers:
        row = _row(answer, blind=blind)
        levels = " ".join("-" if r.proposed is None else str(r.proposed) for r in answer.rungs)
        cells = [row["id"], row["module"], answer.title, *([] if blind else [answer.student])]
        cells += [f"{answer.confidence:.0%}" if answer.complete else "", levels, row["stands"]]
        flags = "; ".join(flag.partition(":")[0] for flag in answer.flags)
        table.add_row(*(Text(printable(cell)[:120]) for cell in (*cells, flags)))
    console = _console()
    console.print(table)
    noun = "answer waits" if (count := sum(a.waits for a in found.answers)) == 1 else "answers wait"
    print(f"{count} {noun} for a person.")


def _stands(answer: Queued) -> str:
    if answer.standing is None:
        return "waits" if answer.waits else "settled alone"
    given = f"{answer.standing:g} of {answer.maximum:g} by a person"
    return f"{given}; changed since" if answer.waits else given


def _row(answer: Queued, *, blind: bool) -> dict[str, Any]:
    return {
        "id": answer.id,
        "module": answer.module,
        "item": answer.item,
        "question": answer.question,
        "student": None if blind else answer.student,
        "confidence": round(answer.confidence, 3),
        "proposed": answer.proposed,
        "maximum": answer.maximum,
        "standing": answer.standing,
        "waits": answer.waits,
        "stands": _stands(answer),
        "flags": list(answer.flags),
    }


def _whole(answer: Queued, *, blind: bool) -> dict[str, Any]:
    return {
        **_row(answer, blind=blind),
        "asked": answer.asked,
        "answer": answer.text,
        "criteria": [
            {
                "id": rung.id,
                "name": rung.name,
                "levels": list(rung.levels),
                "proposed": rung.proposed,
                "confidence": round(rung.confidence, 3),
                "evidence": [
                    {"start": s, "end": e, "text": answer.text[s:e]} for s, e in rung.evidence
                ],
            }
            for rung in answer.rungs
        ],
        "notes": list(answer.notes),
        "cap": {"percent": answer.cap_percent, "when": answer.cap_when}
        if answer.cap_percent is not None
        else None,
        "grader": {"name": answer.grader, "version": answer.version},
    }


def _done(settled: Settled, *, as_json: bool) -> None:
    from skillmap.cohort.review_text import plain_lines

    if as_json:
        names = ("id", "action", "points", "maximum", "comment", "written")
        _print_json({name: getattr(settled, name) for name in names})
        return
    verb = "Written" if settled.written else "Would write"
    print(f"{verb}: {settled.points:g} of {settled.maximum:g} points for {settled.id}.")
    print(plain_lines(settled.comment))


def _problems(found: Queue) -> None:
    from skillmap.cohort.printable import printable

    for problem in found.problems:
        print(f"note: {printable(problem)[:500]}", file=sys.stderr)


def _print_json(data: Any) -> None:
    text = json.dumps(data, indent=1, ensure_ascii=False)
    print(text.encode("utf-8", "replace").decode())


def _console() -> Console:
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)
