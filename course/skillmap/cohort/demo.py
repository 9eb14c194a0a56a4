"""The whole loop on sample learners, in a folder of its own, by nbgrader's own steps.

Release, fetch, answer, submit, collect, grade, feedback, export: what a course does in a week,
in a minute. The folder stays, so one can look around in it and open the formgrader on it.
"""

from __future__ import annotations

import copy
import logging
import multiprocessing
import runpy
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from skillmap.cohort.build import build, learner_notebook
from skillmap.cohort.course import Course
from skillmap.cohort.engines import chosen_for_own
from skillmap.cohort.notebooks import grade_id, item_cells
from skillmap.cohort.samples import SampleLearner, answers_of, cast, code_for, sheet_for
from skillmap.cohort.workers import default_workers
from skillmap.errors import AuthoringError, EnvironmentLacksError, Fault, SkillMapError
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from nbgrader.apps import NbGraderAPI

__all__ = ["Demo", "Row", "run_demo"]

MARK = ".skillmap-demo"


@dataclass(frozen=True, slots=True)
class Row:
    """What one sample learner came to."""

    student: str
    story: str
    module: str
    points: float | None
    maximum: float | None
    waiting: int
    problems: tuple[str, ...]
    page: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo did; ``where`` says where to look."""

    rows: tuple[Row, ...]
    seconds: float
    where: tuple[str, ...] = field(default=())

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def run_demo(
    course: Course,
    folder: Path,
    learners: int,
    *,
    only: Sequence[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Demo:
    """Make a demo course in ``folder`` and take ``learners`` sample learners through it.

    They go through every module, or through those in ``only``.
    """
    from skillmap.cohort.export import export
    from skillmap.cohort.grade import grade

    if not 1 <= learners <= 200:
        raise SkillMapError(f"learners: got {learners}, needs 1 to 200.")
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    begun = time.monotonic()
    ours = _fresh_course(course, course.chosen(list(only or ())), folder)
    modules = ours.modules()
    people = cast(learners)
    with _beside() as helpers:
        known = _solutions(helpers, ours, modules, people)
        front = _front(ours)
        for module in modules:
            say(f"{module}: build and release")
            build(ours, module)
            _must(front.generate_assignment(module), f"generate {module}")
            _must(front.release_assignment(module), f"release {module}")
            say(f"{module}: {len(people)} learners fetch, answer and submit")
            _hand_in_all(ours, front, module, people, known)
            _must(front.collect(module), f"collect {module}")
        say(f"grading {len(people) * len(modules)} submissions")
        report = grade(
            replace(ours, engine=chosen_for_own(ours.engine)),
            modules,
            progress=progress,
            workers=default_workers(),
        )
        say("feedback and export")
        for told in [helpers.submit(_feed_back, ours, module) for module in modules]:
            told.result()
    (ours.root / "scores.csv").write_text(export(ours, modules, "csv"), encoding="utf-8")
    (ours.root / "canvas.csv").write_text(export(ours, modules, "canvas"), encoding="utf-8")
    stories = {person.name: person.story for person in people}
    rows = tuple(
        Row(r.student, stories.get(r.student, ""), r.module, r.after, r.maximum, r.waiting,
            r.problems, str(ours.folder("feedback", r.module, r.student) / f"{r.module}.html"))
        for r in report.rows
    )  # fmt: skip
    seconds = time.monotonic() - begun
    return Demo(rows, seconds, _where(ours, rows, seconds))


def _fresh_course(course: Course, modules: Sequence[str], folder: Path) -> Course:
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).is_file():
            raise EnvironmentLacksError(
                f"{folder} has files in it that are not a demo's. Choose another with --dir."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("Made by skillmap demo; the next demo replaces it.\n")
    for name in ("course.toml", "nbgrader_config.py"):
        if (course.root / name).is_file():
            shutil.copyfile(course.root / name, folder / name)
    for module in modules:
        if not (course.folder("source", module) / "key.yaml").is_file():
            continue
        shutil.copytree(
            course.folder("source", module),
            folder / "source" / module,
            ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "answers*.json"),
        )
    if not (folder / "source").is_dir():
        raise AuthoringError([Fault("source", "no module has a key.yaml yet")])
    return Course.at(folder)


def _front(course: Course) -> NbGraderAPI:
    from nbgrader.apps import NbGraderAPI

    from skillmap.cohort.bridge import load_config

    config = load_config(course)
    for name in ("exchange", "cache"):
        (course.root / name).mkdir(exist_ok=True)
    (course.root / "exchange").chmod(0o777)
    config.Exchange.root = str(course.root / "exchange")
    config.Exchange.cache = str(course.root / "cache")
    config.ExchangeCollect.check_owner = False
    config.NbGraderAPI.log_level = "ERROR"
    return NbGraderAPI(config=config)


def _must(result: Mapping[str, Any], what: str) -> None:
    if not result["success"]:
        lines = str(result.get("log") or result.get("error") or "").strip().splitlines()
        raise SkillMapError(f"{what} did not work:\n" + "\n".join(lines[-20:]))


def _hand_in_all(
    course: Course,
    front: NbGraderAPI,
    module: str,
    people: tuple[SampleLearner, ...],
    known: Callable[[str, int], Mapping[str, Any]],
) -> None:
    from skillmap.cohort.record import gradebook

    on_time = [p for p in people if p.mishap != "late"]
    late = [p for p in people if p.mishap == "late"]
    for person in on_time:
        _hand_in(course, front, module, person, known)
    now = datetime.now(UTC).replace(tzinfo=None)
    with gradebook(course) as book:
        book.update_or_create_assignment(module, duedate=now)
        for person in people:
            book.update_or_create_student(person.name, first_name=person.name.capitalize())
    for person in late:
        _hand_in(course, front, module, person, known)


def _beside() -> ProcessPoolExecutor:
    """Processes for work that needs nothing but files; forked here, before a database is open."""
    pool = ProcessPoolExecutor(
        max(1, default_workers()), mp_context=multiprocessing.get_context("fork")
    )
    pool.submit(int).result()
    return pool


def _solutions(
    helpers: ProcessPoolExecutor,
    course: Course,
    modules: Sequence[str],
    people: Sequence[SampleLearner],
) -> Callable[[str, int], Mapping[str, Any]]:
    """Start working out what the sample learners' worlds have for answers, and give them by world.

    A solver runs Lantern for each world, which is half of the demo's work.
    """
    found: dict[tuple[str, int], Future[Mapping[str, Any]]] = {}
    for module in modules:
        _solver(course, module)  # a missing one is said before anything is built
        for person in people:
            world = world_of(_friend(person), module, salt=course.cohort)
            if person.by != "nothing" and (module, world) not in found:
                found[module, world] = helpers.submit(_solve, course, module, world)
    return lambda module, world: found[module, world].result()


def _solve(course: Course, module: str, world: int) -> Mapping[str, Any]:
    return dict(_solver(course, module)(world))


def _feed_back(course: Course, module: str) -> None:
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    front = _front(course)
    _must(front.generate_feedback(module), f"feedback {module}")
    _must(front.release_feedback(module), f"release feedback {module}")


@cache
def _solver(course: Course, module: str) -> Callable[[int], Mapping[str, Any]]:
    path = course.folder("source", module) / "solver.py"
    found = runpy.run_path(str(path)).get("reference_answers")
    if not callable(found):
        raise AuthoringError(
            [Fault(f"source/{module}/solver.py", "the demo needs reference_answers(world)")]
        )
    answers: Callable[[int], Mapping[str, Any]] = found
    return answers


def _friend(person: SampleLearner) -> str:
    """Whose world a person's answers are of."""
    return "ines" if person.mishap == "other world" else person.name


def _hand_in(
    course: Course,
    front: NbGraderAPI,
    module: str,
    person: SampleLearner,
    known: Callable[[str, int], Mapping[str, Any]],
) -> None:
    """Fetch, answer and submit as this person does."""
    from nbgrader.coursedir import CourseDirectory

    place = course.root / "learners" / person.name
    place.mkdir(parents=True, exist_ok=True)  # a folder for each learner, over all modules
    coursedir = CourseDirectory(parent=front)
    coursedir.student_id, coursedir.assignment_id = person.name, module
    options = {"coursedir": coursedir, "authenticator": front.authenticator, "parent": front}
    fetch = front.exchange.FetchAssignment(**options)
    fetch.assignment_dir = str(place)
    fetch.start()
    _answer(course, place / module, module, person, known)
    submit = front.exchange.Submit(**options)
    submit.assignment_dir = str(place)
    coursedir.assignment_id = module
    submit.start()


def _answer(
    course: Course,
    place: Path,
    module: str,
    person: SampleLearner,
    known: Callable[[str, int], Mapping[str, Any]],
) -> None:
    from skillmap.lessons import lesson

    told = lesson(module)

    def options(part: str) -> Mapping[str, str]:
        return getattr(told.prompt(part), "options", None) or {}

    friend = _friend(person)
    world = world_of(friend, module, salt=course.cohort)
    if person.by == "nothing":
        return
    answers = answers_of(person, known(module, world), options)
    if person.by == "widgets":
        saved_at = datetime.now(UTC).isoformat(timespec="seconds")
        data = sheet_for(person, module, world, answers, saved_at=saved_at, learner=friend)
        if person.mishap == "damaged":
            data = data[: int(0.7 * len(data))]
        (place / "answers.json").write_bytes(data)
    path = place / f"{module}.ipynb"
    book = nbformat.read(path, as_version=4)
    if person.by == "code":
        cells = item_cells(learner_notebook(course, module))
        by_answer = {c.answers[0]: item for item, c in cells.items() if c.answers}
        for cell in book.cells:
            item = by_answer.get(grade_id(cell))
            if item and (code := code_for(person, item, answers)):
                cell.source += f"\n{code}"
    _mishap(person, book)
    path.write_text(nbformat.writes(book), encoding="utf-8")
    if person.mishap == "no notebook":
        path.write_text(path.read_text(encoding="utf-8")[:2000], encoding="utf-8")


def _mishap(person: SampleLearner, book: Any) -> None:
    answers = [c for c in book.cells if c.metadata.get("nbgrader", {}).get("solution")]
    if person.mishap == "raises" and len(answers) > 2:
        answers[2].source = "total = calls * price_per_call   # NameError: never defined"
    if person.mishap == "moved" and len(answers) > 3:
        twice = copy.deepcopy(answers[1])
        twice["id"] = "a-second-one"
        book.cells.append(twice)
        book.cells.remove(answers[2])
        book.cells.remove(answers[3])
        book.cells.insert(4, answers[3])


def _jupyter() -> str:
    """The command beside this Python, which a shell need not have on its path."""
    beside = Path(sys.executable).with_name("jupyter")
    return str(beside) if beside.exists() else "jupyter"


def _where(course: Course, rows: tuple[Row, ...], seconds: float) -> tuple[str, ...]:
    best = max(rows, key=lambda r: r.points or 0.0)
    root = course.root
    return (
        f"{len(rows)} submissions through the whole loop in {seconds:.0f} s.",
        f"Feedback pages   {root / 'feedback'}/<learner>/<module>/<module>.html",
        f"One to open      {best.page}",
        f"Scores           {root / 'scores.csv'} and {root / 'canvas.csv'}",
        f"Formgrader       cd {root} && {_jupyter()} lab, then Nbgrader → Formgrader",
    )
