"""A cohort of hostile hand-ins, graded once by the real pipeline, and what is known of each after.

Every hand-in has a twin: the same answers without the attack. All are graded in one run beside
an honest learner, in the sandbox, by two workers and one writer, as ``skillmap grade`` does it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from tests.cohort.small_course import (
    FIXTURE,
    load_what_keeps_its_own,
    patches,
    right_number,
)

from skillmap.cohort.course import Course
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nbformat.notebooknode import NotebookNode

    from skillmap.cohort.grade import Row

MODULE = "estimation"
HONEST = "honest.hana"
"""The learner next to the attackers: everything right, and words nobody else may read."""
SECRETS = {
    "key": "secret-key-3141592653",
    "solver": "secret-solver-1618033988",
    "environment": "secret-token-2718281828",
    "home": "secret-home-1414213562",
    "words": "secret-words-5772156649",
    "cell": "secret-cell-6931471805",
}

RIGHT = right_number


def NEAR(student: str) -> int:
    """Half marks on the first item."""
    return right_number(student) + 3


def WRONG(student: str) -> int:
    """No marks on the first item."""
    return right_number(student) + 40


HALF: dict[str, Any] = {"es.e1.calls": NEAR, "es.e2.model": "wren"}
"""A sheet worth 5 of 20 points, so there is something to gain and something to lose."""


@dataclass(frozen=True)
class Hostile:
    """One hand-in that means harm.

    ``code`` goes into the first solution cell, ``cells`` into others by id; both are the attack.
    ``sheet`` and ``plain`` (cells) are the honest part, which the twin has too; a value of the
    sheet may be a function of the student's name. ``edit`` changes the notebook, ``place`` the
    folder, after everything else was written. ``worth`` is what the three items get, the twin's
    too unless ``twin`` says otherwise. ``shows`` must be in the run's outputs (the attack did
    run), ``says`` in the problems that are told.
    """

    name: str
    does: str
    code: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)
    sheet: Mapping[str, Any] | None = field(default_factory=lambda: HALF)
    forged: Callable[[dict[str, Any], str], Any] | None = None
    edit: Callable[[NotebookNode], None] | None = None
    place: Callable[[Path, Place], None] | None = None
    worth: tuple[float, float, float] = (5, 0, 0)
    twin: tuple[float, float, float] | None = None
    shows: str = ""
    says: str = ""
    called: str = ""
    state: str = "graded"
    graded: bool = True
    then: Callable[[Seen], None] | None = None
    plain_nbgrader: str = ""
    """Why plain nbgrader was not given this one, or '' if ``benchmarks/hostile_plain.py`` does."""

    @property
    def student(self) -> str:
        """The name it is handed in under."""
        return self.called or self.slug

    @property
    def slug(self) -> str:
        """Its name as a learner may have one."""
        return re.sub(r"[^a-z0-9.-]", "", self.name.lower().replace(" ", "-"))

    @property
    def honest_part(self) -> str:
        """What a twin has too; attacks with the same honest part share one."""
        return repr((self.sheet, sorted(self.plain.items())))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Place:
    """Where things are on the grading machine, for attacks that know it."""

    root: Path
    home: Path
    words: Mapping[str, str] = field(default_factory=dict)

    def fill(self, code: str) -> str:
        """Put the real paths into an attack's code."""
        known = {"@COURSE@": str(self.root), "@HOME@": str(self.home), **self.words}
        for word, text in known.items():
            code = code.replace(word, text)
        return code


@dataclass
class Seen:
    """What one hand-in came to."""

    attack: Hostile
    student: str
    row: Row
    cohort: Cohort

    @property
    def course(self) -> Course:
        return self.cohort.course

    @cached_property
    def notebook(self) -> NotebookNode:
        path = self.course.notebook("autograded", MODULE, self.student)
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)

    @cached_property
    def outputs(self) -> str:
        """Everything the cells show, as text; the panels with our proposals are not in it."""
        found = []
        for cell in self.notebook.cells:
            if cell.metadata.get("skillmap", {}).get("role") != "award":
                found += [json.dumps(o, ensure_ascii=False) for o in cell.get("outputs", ())]
        return "\n".join(found)

    @property
    def shown(self) -> list[Any]:
        """The outputs of the executed notebook."""
        return [o for cell in self.notebook.cells for o in cell.get("outputs", ())]

    @cached_property
    def kept(self) -> str:
        """Every byte that grading kept of this hand-in and that others may open."""
        texts = [self.feedback_page, self.formgrader_page]
        for step in ("autograded", "feedback"):
            for path in sorted(self.course.folder(step, MODULE, self.student).rglob("*")):
                if path.is_file():
                    texts.append(path.read_text(encoding="utf-8", errors="replace"))
        return "\n".join([*texts, *self.row.problems])

    @property
    def scores(self) -> tuple[float, ...]:
        return self.cohort.scores(self.student)

    @cached_property
    def feedback_page(self) -> str:
        return self.cohort.seen_page(self.student)

    @cached_property
    def formgrader_page(self) -> str:
        return formgrader_page(self.course, self.student)


@dataclass
class Cohort:
    """All that were graded together."""

    course: Course
    rows: dict[str, Row]
    attacks: dict[str, Hostile]
    twins: dict[str, str]
    before: dict[str, str]
    after: dict[str, str]
    home: Path
    seconds: float

    def seen(self, attack: Hostile) -> Seen:
        return Seen(attack, attack.student, self.rows[attack.student], self)

    @cached_property
    def ordinary_page(self) -> str:
        """The formgrader's page of the honest learner, with a name to be filled in."""
        return formgrader_page(self.course, HONEST, shown_as="@NAME@")

    def seen_page(self, student: str) -> str:
        """A learner's feedback page."""
        path = self.course.folder("feedback", MODULE, student) / f"{MODULE}.html"
        return path.read_text(encoding="utf-8")

    def scores(self, student: str) -> tuple[float, ...]:
        """The automatic points of the three items, as the gradebook has them."""
        return self._book[0][student]

    def waiting(self, student: str) -> bool:
        """Whether the written item waits for a person."""
        return self._book[1][student]

    @cached_property
    def _book(self) -> tuple[dict[str, tuple[float, ...]], dict[str, bool]]:
        from skillmap.cohort.record import gradebook

        points, waiting = {}, {}
        with gradebook(self.course) as book:
            for submission in book.assignment_submissions(MODULE):
                (notebook,) = submission.notebooks
                grades = {g.name: g for g in notebook.grades}
                assert all(g.manual_score is None for g in grades.values())
                assert all(not g.extra_credit for g in grades.values())
                name = submission.student.id
                points[name] = tuple(grades[n].auto_score for n in ("es-e1", "es-e2", "es-w1"))
                waiting[name] = grades["es-w1"].needs_manual_grade
        return points, waiting


@contextlib.contextmanager
def small_course(root: Path) -> Iterator[Course]:
    """Make the small course in ``root``, with its lesson and its graders for the time."""
    import skillmap.cohort.assess as assess_module

    load_what_keeps_its_own()
    shutil.copytree(FIXTURE, root, ignore=shutil.ignore_patterns("make.py", "__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in patches().items():
            patch.setattr(name, value, raising=False)
        assess_module._materials.cache_clear()
        for name, secret in (("key.yaml", "key"), ("solver.py", "solver")):
            with (root / "source" / MODULE / name).open("a") as file:
                file.write(f"\n# {SECRETS[secret]}\n")
        yield Course.at(root)
        assess_module._materials.cache_clear()


def sheet_data(student: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """A saved sheet of this learner's."""
    entries = {
        name: {
            "value": value(_possible(student)) if callable(value) else value,
            "saved_at": "2026-11-20T10:00:00+00:00",
        }
        for name, value in answers.items()
    }
    return {
        "format": 1,
        "module": MODULE,
        "learner": student,
        "world": world_of(_possible(student), MODULE, salt="open"),
        "answers": entries,
    }


def _possible(student: str) -> str:
    """The name, or another for one that no learner can have."""
    return student if re.fullmatch(r"[\w.-]+", student) else "nobody"


def notebook_for(released: str, cells: Mapping[str, str]) -> NotebookNode:
    """The released notebook with some cells filled in."""
    book = nbformat.reads(released, as_version=4)
    for cell in book.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in cells:
            cell.source = cells[name]
    return book


def hand_in(course: Course, attack: Hostile, place: Place, *, twin: bool = False) -> None:
    """Write a hand-in, or its twin, into ``submitted/``."""
    student = f"{attack.slug}.twin" if twin else attack.student
    folder = course.folder("submitted", MODULE, student)
    folder.mkdir(parents=True)
    cells = {k: v.replace("@ME@", student) for k, v in attack.plain.items()}
    if not twin:
        first = {"es-e1-answer": attack.code} if attack.code else {}
        cells |= {k: place.fill(v) for k, v in {**first, **attack.cells}.items()}
    book = notebook_for(_released(course.root), cells)
    if attack.edit is not None and not twin:
        attack.edit(book)
    (folder / f"{MODULE}.ipynb").write_text(json.dumps(book, indent=1), encoding="utf-8")
    (folder / "timestamp.txt").write_text("2026-11-20 10:00:00.000000 UTC")
    if attack.sheet is not None:
        data: Any = sheet_data(student, attack.sheet)
        if attack.forged is not None and not twin:
            data = attack.forged(data, student)
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        (folder / "answers.json").write_bytes(content)
    if attack.place is not None and not twin:
        attack.place(folder, place)


@cache
def _released(root: Path) -> str:
    from skillmap.cohort.build import learner_notebook

    return nbformat.writes(learner_notebook(Course.at(root), MODULE))


def prints(root: Path) -> dict[str, str]:
    """A fingerprint of everything an attack might want to change."""
    found = {}
    for top in ("source", "release", "submitted", "course.toml", "nbgrader_config.py", "home"):
        start = root / top
        for path in [start, *sorted(start.rglob("*"))] if start.exists() else []:
            if path.is_symlink():
                found[str(path)] = os.readlink(path)  # noqa: PTH115
            elif path.is_file() and path.stat().st_size < 2**22:
                found[str(path)] = hashlib.blake2b(path.read_bytes()).hexdigest()
            else:
                found[str(path)] = f"{path.stat().st_mode}"
    return found


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder outside /tmp, which a sandbox has a private one of and would hide all by itself."""
    made = Path(tempfile.mkdtemp(prefix="skillmap-hostile-", dir="/var/tmp"))
    made.chmod(0o755)  # a sandbox is another account: it must not be this that keeps it out
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def graded_cohort(
    attacks: Sequence[Hostile],
    *,
    cell_seconds: float = 4.0,
    total_seconds: float = 10.0,
    workers: int = 2,
    words: Mapping[str, str] | None = None,
) -> Iterator[Cohort]:
    """Hand in every attack and its twin, grade all of them once, and yield what came of it."""
    from skillmap.cohort.engine import layers
    from skillmap.cohort.feedback import write_pages
    from skillmap.cohort.grade import grade

    absent = [layer.name for layer in layers() if layer.required and not layer.present]
    if absent:
        pytest.skip(f"this machine lacks {', '.join(absent)}")
    names = [attack.student for attack in attacks]
    assert len(set(names)) == len(names), "two attacks share a name"
    with (
        _folder() as root,
        small_course(root / "course") as made,
        pytest.MonkeyPatch.context() as patch,
    ):
        course = replace(
            made, engine="skillmap", cell_seconds=cell_seconds, total_seconds=total_seconds
        )
        home = root / "home"
        (home / ".ssh").mkdir(parents=True)
        (home / ".ssh" / "id_ed25519").write_text(SECRETS["home"])
        place = Place(course.root, home, words or {})
        import matplotlib

        patch.setenv("MPLCONFIGDIR", matplotlib.get_cachedir())
        patch.setenv("HOME", str(home))
        patch.setenv("SKILLMAP_TEST_TOKEN", SECRETS["environment"])
        _honest(course)
        _already_graded(course)
        twins: dict[str, str] = {}
        for attack in attacks:
            hand_in(course, attack, place)
            twin = twins.setdefault(attack.honest_part, f"{attack.slug}.twin")
            if twin == f"{attack.slug}.twin":
                hand_in(course, attack, place, twin=True)
        before = prints(course.root) | prints(root)
        report = grade(course, [MODULE], workers=workers)
        after = prints(course.root) | prints(root)
        write_pages(course, [MODULE])
        rows = {row.student: row for row in report.rows}
        by_name = {attack.student: attack for attack in attacks}
        mine = {attack.slug: twins[attack.honest_part] for attack in attacks}
        yield Cohort(course, rows, by_name, mine, before, after, home, report.seconds)


def _honest(course: Course) -> None:
    good = Hostile(
        HONEST,
        "nothing",
        sheet={
            "es.e1.calls": RIGHT,
            "es.e2.model": "heron",
            "es.w1.text": f"Words of my own, {SECRETS['words']}.",
        },
        plain={"es-e2-answer": f"print({SECRETS['cell']!r})"},
    )
    hand_in(course, good, Place(course.root, course.root))


def _already_graded(course: Course) -> None:
    """Grade the honest learner first, so that a gradebook with a score is there to be attacked."""
    from skillmap.cohort.grade import grade

    grade(replace(course, engine="skillmap"), [MODULE], students=[HONEST])


@cache
def _formgrader() -> Any:
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    return HTMLExporter(config=config)


def formgrader_page(course: Course, student: str, shown_as: str = "") -> str:
    """The page an instructor grades on, rendered as nbgrader's formgrader does."""
    path = course.notebook("autograded", MODULE, student)
    resources = {
        "assignment_id": MODULE,
        "notebook_id": MODULE,
        "submission_id": "0" * 32,
        "index": 0,
        "total": 1,
        "base_url": "/",
        "student": shown_as or student,
        "last_name": None,
        "first_name": None,
        "notebook_path": "autograded",
    }
    html, _ = _formgrader().from_filename(str(path), resources=resources)
    return str(html)
