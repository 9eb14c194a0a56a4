"""The command ``skillmap``: arguments in, tables out. The work is done elsewhere."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillmap.cohort.review_commands import review_app
from skillmap.errors import EnvironmentLacksError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skillmap.cohort.course import Course
    from skillmap.cohort.grade import GradeReport
    from skillmap.cohort.result import SubmissionResult
    from skillmap.written.scoring import Scored

__all__ = ["app", "main"]

DONE, SOME_FAILED, USAGE, LACKING = 0, 1, 2, 3


class JudgedBy(StrEnum):
    """Who proposes levels for a written answer."""

    EMBEDDED = "embedded"
    LLM = "llm"


app = typer.Typer(
    name="skillmap",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="""Take the course, teach it, grade it.

    \b
    Learning:   skillmap start --dir workspace     notebooks, and JupyterLab on them
                skillmap check estimation          grade my own work here
                skillmap status                    my map: claimed and measured
                skillmap plan                      what to do now, next, and to keep warm
                skillmap practice                  questions that are due, aloud
    Teaching:   skillmap build && skillmap verify  source to release, and is it sound?
                skillmap grade estimation          everyone who handed in
                skillmap review                    written answers that wait for me
                skillmap feedback                  their pages
                skillmap export --to canvas        their scores
                skillmap report                    one page about the cohort
    Trying out: skillmap demo                      the whole loop on sample learners

    Exit codes: 0 done; 1 some work failed and the rest was kept; 2 usage; 3 something this
    needs is missing here.
    """,
)

app.add_typer(review_app)

Modules = Annotated[
    list[str] | None, typer.Argument(metavar="[MODULE]…", help="Modules; all if none is named.")
]
CourseDir = Annotated[
    Path, typer.Option("--course", metavar="DIR", help="The course directory or one inside it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
HERE = Path()


def main() -> None:
    """Run the command; errors that a person can act on are printed without a traceback."""
    try:
        app(standalone_mode=True)
    except EnvironmentLacksError as error:
        _say(str(error))
        sys.exit(LACKING)
    except SkillMapError as error:
        _say(str(error))
        sys.exit(SOME_FAILED)
    except KeyboardInterrupt:
        _say("Stopped. What was done is kept; the same command goes on from there.")
        sys.exit(130)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _course(where: Path) -> Course:
    from skillmap.cohort.course import Course

    return Course.find(where)


def _graded_course(where: Path) -> Course:
    """The course with the gradebook that nbgrader's own commands use."""
    from skillmap.cohort.bridge import as_configured

    return as_configured(_course(where))


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=1, ensure_ascii=False).encode("utf-8", "replace").decode())


def _table(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: str = ""
) -> None:
    """Print a table; ``numbers`` has an ``r`` for each column that is a number."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from skillmap.cohort.printable import printable

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, name in enumerate(head):
        table.add_column(name, justify="right" if numbers[index : index + 1] == "r" else "left")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console()
    Console(width=None if console.is_terminal else 160).print(table)


@app.command()
def start(
    folder: Annotated[Path, typer.Option("--dir", help="Your workspace.")] = Path("workspace"),
    learner: Annotated[str, typer.Option(help="Your name in the course.")] = "",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    port: Annotated[int | None, typer.Option(help="Port for JupyterLab.")] = None,
    lab: Annotated[bool, typer.Option("--lab/--no-lab", help="Start JupyterLab.")] = True,
) -> None:
    """Make a workspace with the notebooks and open JupyterLab on it.

    Your own files are never replaced: run it as often as you like.

    \b
    Example:  skillmap start --dir ~/ai-pm
    """
    import os

    from skillmap.cohort.start import lab_command, nearest_course, prepare

    ready = prepare(nearest_course(), folder, learner)
    for name in ready.added:
        _say(f"added   {folder / name}")
    for name in ready.updates:
        _say(f"kept    {folder / name} (the course has a newer one; move yours away to get it)")
    _say(f"You are {ready.learner}. Your workspace is {folder.resolve()}.")
    if lab:
        command = lab_command(folder, browser=browser, port=port)
        sys.stdout.flush()
        os.execv(command[0], command)


@app.command()
def check(
    module: Annotated[str, typer.Argument(help="The module, for example estimation.")],
    folder: Annotated[Path, typer.Option("--dir", help="Your workspace.")] = HERE,
    as_json: AsJson = False,
) -> None:
    """Grade my own work here and write feedback.html beside the notebook.

    Works where the keys are: in a workspace made by skillmap start. In a cohort, points come
    after you hand in.

    \b
    Example:  cd workspace && skillmap check estimation
    """
    from skillmap.cohort.start import check as check_own

    done = check_own(folder, module)
    if as_json:
        print(done.result.to_json(), end="")
        return
    _result_table(done.result)
    print(f"Feedback: {done.page}")


@app.command()
def status(
    folder: Annotated[Path, typer.Option("--dir", help="Your workspace.")] = HERE,
    as_json: AsJson = False,
) -> None:
    """Show my map: what I claimed, what was measured, how sure I am, and what does not count.

    \b
    Example:  skillmap status --dir workspace
    """
    from skillmap.learning.overview import overview_at
    from skillmap.learning.words import status_rows

    found = overview_at(folder)
    if as_json:
        _print_json(found.to_data())
        return
    head, rows = status_rows(found)
    _table(f"{found.learner} · {found.role}", head, rows, "  rrr")
    for name, words in found.sure:
        print(f"{name}: {words}")
    for line in found.notes:
        print(line)


@app.command()
def plan(
    folder: Annotated[Path, typer.Option("--dir", help="Your workspace.")] = HERE,
    as_json: AsJson = False,
) -> None:
    """Say what to do now, what next and what to keep warm, with minutes.

    \b
    Example:  skillmap plan --dir workspace
    """
    from skillmap.learning.overview import overview_at
    from skillmap.learning.words import plan_text

    found = overview_at(folder)
    if as_json:
        data = found.to_data()
        _print_json({name: data[name] for name in ("learner", "at", "plan", "priorities", "notes")})
        return
    print(plan_text(found))


def _result_table(result: SubmissionResult) -> None:
    from skillmap.grading.feedback import Outcome

    rows = [
        [str(f.item), f.outcome.value, _points(result.earned(f.item)), _points(f.maximum), f.advice]
        for f in result.feedbacks
    ]
    waiting = sum(f.maximum or 0 for f in result.feedbacks if f.outcome is Outcome.NEEDS_REVIEW)
    more = f"{_points(waiting)} points wait for a person" if waiting else ""
    rows.append(["total", "", _points(result.total), _points(result.maximum), more])
    head = ["Item", "Stands", "Points", "of", "Next"]
    _table(f"{result.module} · {result.learner}", head, rows, "  rr")
    for problem in result.problems:
        _say(f"note: {problem}")


def _points(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


@app.command()
def practice(
    modules: Modules = None,
    *,
    length: Annotated[int, typer.Option(help="How many questions, 1 to 20.")] = 3,
    traps: Annotated[
        bool, typer.Option("--traps", help="The two-minute quiz of factual traps instead.")
    ] = False,
    anchors: Annotated[
        str, typer.Option(metavar="QUESTION", help="Grade four answers to it, such as ev.q6.")
    ] = "",
    folder: Annotated[Path, typer.Option("--dir", help="Your workspace.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Practice interview questions aloud; what you know well comes back later.

    Each question brings its follow-ups and its twist, then the rubric to score yourself by. Only
    dates and scores are kept, in practice.json of your workspace, never what you say. With --traps
    you also say how sure you are; skillmap status tells whether your chances mean something. With
    --anchors you grade four answers first and see whether you are strict or generous. Off a
    terminal, or with --json, it lists what is due.

    \b
    Examples: skillmap practice
              skillmap practice evals strategy --length 5
              skillmap practice --traps
              skillmap practice --anchors ev.q6
    """
    from skillmap.learning.sitting import anchors_aloud, due_rows, practice_aloud, quiz_aloud

    if not 1 <= length <= 20:
        raise typer.BadParameter("1 to 20", param_hint="--length")
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        rows = due_rows(folder, modules, length)
        if as_json:
            _print_json(rows)
        for row in [] if as_json else rows:
            print(f"{row['question']:8} {row['due']:12} {row['text']}")
    elif anchors:
        anchors_aloud(folder, anchors, ask=input, tell=print)
    elif traps:
        quiz_aloud(folder, ask=input, tell=print)
    else:
        practice_aloud(folder, modules, length, ask=input, tell=print)


@app.command()
def build(
    modules: Modules = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if release/ has drifted.")
    ] = False,
    course: CourseDir = HERE,
) -> None:
    """Make release/ from source/: without solutions, outputs and keys.

    The same bytes as nbgrader generate_assignment, and the same each time.

    \b
    Examples:  skillmap build estimation
               skillmap build --check
    """
    from skillmap.cohort.build import build as build_one
    from skillmap.cohort.build import drift

    here, stale = _course(course), 0
    for module in here.chosen(modules, beside=True):
        built = drift(here, module) if only_check else build_one(here, module)
        stale += not built.current
        if built.current:
            print(f"{module}: up to date")
        elif only_check:
            print(f"{module}: release/ is not what source/ gives")
            for line in built.changes[:40]:
                print(f"  {line}")
        else:
            print(f"{module}: built {built.path}")
    if only_check and stale:
        _say("Run: skillmap build")
        raise typer.Exit(SOME_FAILED)


@app.command()
def grade(
    modules: Modules = None,
    *,
    student: Annotated[
        list[str] | None, typer.Option("--student", help="Only this one; may be repeated.")
    ] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Everyone again; shows who moved and why.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be graded.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Processes that run notebooks; one a core if not said."),
    ] = None,
    scheduler: Annotated[
        str, typer.Option(metavar="tcp://HOST:PORT", help="Run them on a Dask cluster instead.")
    ] = "",
    engine: Annotated[
        str | None, typer.Option(help="What runs notebooks, instead of course.toml's engine.")
    ] = None,
    without_sandbox: Annotated[
        bool,
        typer.Option(
            "--without-sandbox",
            help="Run submitted code with my own rights, files and network: only work I trust.",
        ),
    ] = False,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """Grade what was handed in: the steps and scores of nbgrader autograde, without its waits.

    Only new and changed work is graded again. A person's scores and comments are kept. A fault of
    ours is never a zero: such work goes back into the queue.

    \b
    Examples:  skillmap grade
               skillmap grade estimation --student ada
               skillmap grade --regrade
               skillmap grade --scheduler tcp://10.0.0.5:8786
    """
    from dataclasses import replace

    from skillmap.cohort.engines import unboxed
    from skillmap.cohort.workers import default_workers

    here = _graded_course(course)
    chosen = here.chosen(modules)
    if engine or without_sandbox:
        here = replace(here, engine=engine or unboxed())
    with _Bar() as bar:
        from skillmap.cohort.grade import grade as grade_all

        report = grade_all(
            here, chosen, students=student or None, regrade=regrade, dry_run=dry_run,
            progress=bar.step, workers=default_workers() if workers is None else workers,
            scheduler=scheduler,
        )  # fmt: skip
    if as_json:
        _print_json(report.to_data())
    else:
        _grade_tables(report, regrade=regrade)
    raise typer.Exit(report.exit_code)


class _Bar:
    """A progress bar on standard error with throughput and time left; silent off a terminal."""

    def __init__(self, doing: str = "grading") -> None:
        self._doing = doing
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> _Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._progress = Progress(
                TextColumn(self._doing),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[who]}"),
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,  # no thread: workers are forked from this process
            )
            self._progress.start()
            self._task = self._progress.add_task("", total=None, rate="", who="")
        return self

    def step(self, done: int, of: int, who: str) -> None:
        """Show that ``done`` of ``of`` are graded and who is next."""
        if self._progress is None:
            return
        elapsed = self._progress.tasks[0].elapsed or 0.0
        rate = f"{60 * done / elapsed:.0f} a minute" if done and elapsed else ""
        self._progress.update(self._task, completed=done, total=of, rate=rate, who=who)
        self._progress.refresh()

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def _grade_tables(report: GradeReport, *, regrade: bool) -> None:
    if not report.rows:
        print("Nothing has been handed in: submitted/ has no folders for these modules.")
        return
    rows = [
        [r.module, r.student, r.state, r.why, _points(r.after), _points(r.maximum),
         str(r.waiting) if r.waiting else "", _points(r.late_penalty) if r.late_penalty else ""]
        for r in report.rows
    ]  # fmt: skip
    head = ["Module", "Student", "State", "Why", "Points", "of", "For a person", "Late"]
    _table(f"{len(rows)} submissions, {report.seconds:.1f} s", head, rows, "    rrrr")
    moved = [r for r in report.rows if r.moved or (r.before is not None and r.before != r.after)]
    if regrade or moved:
        lines = [
            [r.module, r.student, _points(r.before), _points(r.after),
             f"{(r.after or 0) - (r.before or 0):+.2f}", "; ".join(r.moved)]
            for r in moved
        ]  # fmt: skip
        if lines:
            head = ["Module", "Student", "Before", "After", "By", "Why"]
            _table("Who moved", head, lines, "  rrr")
        else:
            print("Nobody moved.")
    problems = [[r.module, r.student, r.state, p] for r in report.rows for p in r.problems]
    if problems:
        _table("Problems", ["Module", "Student", "State", "What"], problems)


@app.command("score")
def score_written(
    question: Annotated[
        str | None, typer.Argument(metavar="[QUESTION]", help="Its id, for example ps.q5.")
    ] = None,
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="The answer; - is standard input.")
    ] = "-",
    *,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="JSON lines with question_id and answer instead."),
    ] = None,
    judge: Annotated[
        JudgedBy,
        typer.Option(help="llm asks the server that SKILLMAP_JUDGE_URL and _MODEL name."),
    ] = JudgedBy.EMBEDDED,
    price_read: Annotated[
        float, typer.Option(min=0, help="Judge: dollars for a million tokens read.")
    ] = 0.0,
    price_written: Annotated[
        float, typer.Option(min=0, help="Judge: dollars for a million tokens written.")
    ] = 0.0,
    limit: Annotated[
        float, typer.Option(min=0, help="Judge: dollars that this run may take.")
    ] = 1.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Judge: say what it would take; ask nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Judge: do not ask before calling.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose levels for a written answer, with evidence; says what a person should read.

    The embedded grader works offline. A language model as judge sends the answer to the server
    that you name in the environment, three times for each criterion, after telling you what that
    takes; its key is read from SKILLMAP_JUDGE_KEY.

    \b
    Examples:  skillmap score ps.q5 answer.txt
               skillmap score --batch answers.jsonl --json
               skillmap score ps.q5 answer.txt --judge llm --price-read 2 --price-written 8
    """
    from skillmap.written.batch import answers_in, read_text, score_lines, score_one

    if (question is None) == (batch is None):
        raise typer.BadParameter("name a question, or give --batch FILE.jsonl")
    place = str(batch or file)
    try:
        data = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{place} cannot be read: {error.strerror}") from error
    text = read_text(data, place)
    by: Callable[[str, str], Scored] = score_one
    if judge is JudgedBy.LLM:
        waiting = answers_in(text.split("\n")) if batch else [(str(question), text)]
        by = _judge(waiting, (price_read, price_written), limit, dry_run=dry_run, agreed=yes)
    if batch is not None:
        rows = list(score_lines(text.split("\n"), by))
        if as_json:
            _print_json(rows)
        else:
            _scores_table(rows)
        if any("error" in row for row in rows):
            raise typer.Exit(SOME_FAILED)
        return
    scored = by(str(question), text)
    if as_json:
        _print_json(scored.as_data())
        return
    table = [
        [c.name, str(c.level), f"{c.confidence:.0%}", " … ".join(e.text for e in c.evidence)]
        for c in scored.criteria
    ]
    title = f"{scored.question}: {scored.score} of {scored.max_score}"
    _table(title, ["Criterion", "Level", "Sure", "Evidence"], table, " rr")
    for line in (*(c.advice for c in scored.criteria if c.advice), *scored.flags):
        print(line)
    if scored.needs_review:
        print("A proposal: a person settles it.")
    _say(f"Graded by: {scored.grader}, {scored.version}")


def _judge(
    answers: Sequence[tuple[str, str]],
    prices: tuple[float, float],
    limit: float,
    *,
    dry_run: bool,
    agreed: bool,
) -> Callable[[str, str], Scored]:
    """Say what judging takes, ask, and return what scores one answer."""
    from skillmap.written.batch import rubric_of
    from skillmap.written.judge import Judge, client_from, estimate, remembered_at
    from skillmap.written.judge_budget import Budget, Prices

    budget = Budget(limit, Prices(*prices))
    client = client_from()
    wanted = estimate(((rubric_of(name), text) for name, text in answers), budget)
    _say(f"{client.model} at {client.base_url}: {wanted}. The limit is ${limit:.2f}.")
    if not any(prices):
        _say("No prices were given, so dollars are unknown and the limit stops nothing.")
    if dry_run:
        raise typer.Exit
    if not agreed and not typer.confirm(
        "Send these answers to that server?", default=False, err=True
    ):
        raise typer.Exit
    judge = Judge(client, budget, remembered_at())
    return lambda name, text: judge.score(rubric_of(name), text)


def _scores_table(rows: Sequence[dict[str, Any]]) -> None:
    table = [
        [
            str(row.get("question", row.get("question_id", ""))),
            f"{row['score']} of {row['max_score']}" if "score" in row else "",
            "review" if row.get("needs_review") else "",
            row.get("error") or "; ".join(row["flags"]),
        ]
        for row in rows
    ]
    _table(f"{len(rows)} answers", ["Question", "Score", "", "Remarks"], table, " r")


@app.command()
def feedback(
    modules: Modules = None,
    student: Annotated[
        list[str] | None, typer.Option("--student", help="Only this one; may be repeated.")
    ] = None,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """Write the feedback pages into feedback/, as nbgrader generate_feedback does.

    Keys and worked answers appear once the due date has passed. To send the pages out:
    nbgrader release_feedback MODULE.

    \b
    Example:  skillmap feedback estimation --student ada
    """
    from skillmap.cohort.feedback import write_pages

    here = _graded_course(course)
    pages = write_pages(here, here.chosen(modules), student or None)
    if as_json:
        _print_json(
            [
                {"module": p.module, "student": p.student, "state": p.state,
                 "path": str(p.path) if p.path else None, "problem": p.problem}
                for p in pages
            ]
        )  # fmt: skip
    else:
        for page in pages:
            print(f"{page.state:10} {page.path or f'{page.student}: {page.problem}'}")
        if not pages:
            print("Nothing has been graded yet. Run: skillmap grade")
    raise typer.Exit(SOME_FAILED if any(p.problem for p in pages) else DONE)


@app.command()
def export(
    modules: Modules = None,
    to: Annotated[str, typer.Option("--to", help="csv, canvas or moodle.")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; standard output if none.")
    ] = None,
    course: CourseDir = HERE,
) -> None:
    """Print everyone's scores as a table that a spreadsheet, Canvas or Moodle imports.

    \b
    Example:  skillmap export --to canvas -o scores.csv
    """
    from skillmap.cohort.export import FORMATS
    from skillmap.cohort.export import export as export_text

    if to not in FORMATS:
        raise typer.BadParameter(f"{to!r} is none of {', '.join(FORMATS)}", param_hint="--to")
    here = _graded_course(course)
    text = export_text(here, here.chosen(modules), to)
    if output is None:
        print(text, end="")
    else:
        from skillmap.cohort.record import write_atomically

        write_atomically(output, text)
        _say(f"Wrote {output}")


@app.command()
def report(
    modules: Modules = None,
    to: Annotated[str, typer.Option("--to", help="html or csv.")] = "html",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; report.html or report.csv.")
    ] = None,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """Make one page about the cohort: scores, items, predictions, the queue, what to look at.

    Which items are hardest and which sort learners badly; whose predictions lean; how far our
    points are from yours; hand-ins from another learner's world; written answers that share
    passages. The page has no scripts; the CSV has one figure a line.

    \b
    Examples: skillmap report
              skillmap report evals --to csv -o evals.csv
    """
    from skillmap.cohort.record import write_atomically
    from skillmap.cohort.report import gather, report_of
    from skillmap.cohort.report_page import as_data, render_csv, render_report
    from skillmap.cohort.review_record import decisions

    if to not in ("html", "csv"):
        raise typer.BadParameter(f"{to!r} is neither html nor csv", param_hint="--to")
    here = _graded_course(course)
    with _Bar("reading") as bar:
        results = gather(here, here.chosen(modules), bar.step)
    decided, problems = decisions(here)
    for problem in problems:
        _say(f"note: {problem}")
    found = report_of(results, decided)
    if as_json:
        _print_json(as_data(found))
        return
    target = output or Path(f"report.{to}")
    text = render_report(found, name=here.cohort) if to == "html" else render_csv(found)
    write_atomically(target, text)
    people = f"{found.learners} learner{'' if found.learners == 1 else 's'}"
    hand_ins = f"{found.submissions} graded hand-in{'' if found.submissions == 1 else 's'}"
    _say(f"Wrote {target}: {people}, {hand_ins}.")


@app.command()
def verify(
    modules: Modules = None,
    coverage: Annotated[
        Path | None, typer.Option(help="Write which cell carries which curriculum id to this file.")
    ] = None,
    as_json: AsJson = False,
    course: CourseDir = HERE,
) -> None:
    """For authors: is a module sound? Every fault at once, each with its path.

    Looks at keys, items, points, ids and metadata, and tries the solver in several worlds.
    With --coverage instead: what carries each curriculum id, and which have no carrier.

    \b
    Examples: skillmap verify estimation
              skillmap verify --coverage docs/coverage.md
    """
    from skillmap.cohort.verify import verify as verify_one

    here = _course(course)
    if coverage:
        from skillmap.cohort.coverage import faults as uncarried
        from skillmap.cohort.coverage import markdown
        from skillmap.cohort.record import write_atomically
        from skillmap.ids import ModuleId

        write_atomically(coverage, markdown(here))
        _say(f"Wrote {coverage}")
        missing = [f for m in here.chosen(modules) for f in uncarried(here, ModuleId(m))]
        for lost in missing:
            _say(f"  {lost}")
        raise typer.Exit(SOME_FAILED if missing else DONE)
    found = {module: verify_one(here, module) for module in here.chosen(modules, beside=True)}
    if as_json:
        _print_json(
            {m: [{"path": f.path, "message": f.message} for f in fs] for m, fs in found.items()}
        )
    else:
        for module, faults in found.items():
            noun = "fault" if len(faults) == 1 else "faults"
            print(f"{module}: {f'{len(faults)} {noun}' if faults else 'sound'}")
            for fault in faults:
                print(f"  {fault}")
    raise typer.Exit(SOME_FAILED if any(found.values()) else DONE)


@app.command()
def doctor(as_json: AsJson = False, course: CourseDir = HERE) -> None:
    """Say what is installed, what this machine can do, and what is missing.

    \b
    Example:  skillmap doctor
    """
    from dataclasses import asdict

    from skillmap.cohort.doctor import examine

    found = examine(course)
    if as_json:
        _print_json([asdict(c) for c in found])
    else:
        signs = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}
        for c in found:
            print(f"{signs[c.state]} {c.name:13} {c.detail}")
            if c.next_step:
                print(f"{'':22}{c.next_step}")
    raise typer.Exit(LACKING if any(c.state == "missing" for c in found) else DONE)


@app.command()
def demo(
    modules: Modules = None,
    learners: Annotated[int, typer.Option(help="How many sample learners, 1 to 200.")] = 10,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo course is made.")] = Path(
        "demo"
    ),
    as_json: AsJson = False,
) -> None:
    """Take sample learners through the whole loop: release, hand in, grade, feedback, export.

    Everything happens in a folder of its own; look around in it afterwards.

    \b
    Examples: skillmap demo
              skillmap demo estimation --learners 12
    """
    from skillmap.cohort.demo import run_demo
    from skillmap.cohort.start import nearest_course

    say: Callable[[str], None] = _say
    with _Bar() as bar:
        done = run_demo(
            nearest_course(), folder, learners, only=modules, say=say, progress=bar.step
        )
    if as_json:
        _print_json(done.to_data())
        return
    head = ["Learner", "Who", "Points", "of", "For a person", "What we noticed"]
    for module in dict.fromkeys(r.module for r in done.rows):
        rows = [
            [r.student, r.story, _points(r.points), _points(r.maximum),
             str(r.waiting) if r.waiting else "", "; ".join(r.problems)]
            for r in done.rows if r.module == module
        ]  # fmt: skip
        _table(f"What the sample learners scored in {module}", head, rows, "  rrr")
    for line in done.where:
        print(line)


if __name__ == "__main__":
    main()
