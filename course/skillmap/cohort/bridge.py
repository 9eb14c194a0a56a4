"""Skill Map inside nbgrader: preprocessors and exporters named in ``nbgrader_config.py``.

Every nbgrader command and the formgrader's buttons come through here. Assignments that are not
modules of ours (no ``key.yaml``) are handed on to nbgrader's own steps unchanged.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    IgnorePattern,
    InstantiateTests,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from skillmap.cohort.build import STEPS, release_config
from skillmap.cohort.course import KEPT_BACK, Course, scripts_on_path
from skillmap.cohort.late import LateByDay
from skillmap.cohort.record import RESULT, Ledger, load_result, record_grades, refresh, result_of
from skillmap.errors import SubmissionError
from skillmap.ids import ModuleId

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode
    from traitlets.config import Config

__all__ = [
    "FeedbackPage",
    "RebuildSubmission",
    "RecordFeedback",
    "RunSubmission",
    "SubmissionReader",
    "as_configured",
    "configure",
    "load_config",
]

PRIVATE = ("my-stories*", ".my-stories*")
"""A learner's own stories. They stand outside the hand-in; one moved into it is left out."""
IGNORED = (
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    RESULT,
    "*.tmp",
    *PRIVATE,
    *KEPT_BACK,
)


def configure(c: Config, root: Path | str | None = None) -> None:
    """Set nbgrader up for this course; anything set after the call takes precedence."""
    scripts_on_path()
    course = Course.at(root or Path.cwd())
    c.CourseDirectory.root = str(course.root)
    c.CourseDirectory.course_id = course.course_id
    c.CourseDirectory.db_url = course.db_url
    c.CourseDirectory.ignore = list(IGNORED)
    c.merge(release_config(course.cohort))
    c.GenerateAssignment.preprocessors = [STEPS[0], InstantiateTests, *STEPS[1:]]
    c.Autograde.exporter_class = SubmissionReader
    c.Autograde.sanitize_preprocessors = [RebuildSubmission, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        RunSubmission,
        IgnorePattern,
        LimitOutput,
        RecordFeedback,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    c.Autograde.exclude_overwriting = {m.value: ["answers.json", RESULT] for m in ModuleId}
    c.AssignLatePenalties.plugin_class = LateByDay
    c.LateByDay.percent_a_day = float(course.late_percent_a_day)
    c.LateByDay.percent_at_most = float(course.late_percent_at_most)
    c.GenerateFeedback.exporter_class = FeedbackPage


def load_config(course: Course) -> Config:
    """Return nbgrader's configuration of a course, with whatever its own file adds."""
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    path = course.root / "nbgrader_config.py"
    if path.is_file():
        found: Config = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
        return found
    config = Config()
    configure(config, course.root)
    return config


def as_configured(course: Course) -> Course:
    """Return the course with the gradebook that its ``nbgrader_config.py`` ends up with."""
    url = load_config(course).CourseDirectory.get("db_url", course.db_url)
    return replace(course, db_url=str(url))


class _Ours(NbGraderPreprocessor):  # type: ignore[misc]
    """What our preprocessors share: whose work it is and where the course lies."""

    instead: tuple[type[NbGraderPreprocessor], ...] = ()
    """nbgrader's own steps, for assignments that are not ours."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Do our step, or nbgrader's where the assignment is not one of our modules."""
        names = resources["nbgrader"]
        course = _course_of(self)
        if not _is_ours(course, names["assignment"], names["notebook"]):
            for step in self.instead:
                nb, resources = step(parent=self.parent).preprocess(nb, resources)
            return nb, resources
        return self.ours(nb, resources, course, names["assignment"], names["student"])

    def ours(
        self,
        nb: NotebookNode,
        resources: dict[str, Any],
        course: Course,
        module: str,
        student: str,
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Do our step."""
        raise NotImplementedError


def _course_of(node: Any) -> Course:
    """The course of the converter that a preprocessor or an exporter works for."""
    while node is not None and getattr(node, "coursedir", None) is None:
        node = node.parent
    if node is None:
        return Course.at(Path.cwd())
    return Course.at(node.coursedir.root, db_url=node.coursedir.db_url)


def _is_ours(course: Course, assignment: str, notebook: str) -> bool:
    return notebook == assignment and (course.folder("source", assignment) / "key.yaml").is_file()


class SubmissionReader(NotebookExporter):  # type: ignore[misc]
    """Reads a submitted notebook of ours as an empty one: ``RebuildSubmission`` reads it again.

    nbgrader would follow a link here, and stop at a damaged file; a learner whose notebook is
    damaged still has answers.
    """

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert a file, without opening it if it is a submission to one of our modules."""
        course = _course_of(self)
        names = (resources or {}).get("nbgrader", {})
        submitted = course.root / "submitted"
        inside = Path(os.path.abspath(filename)).is_relative_to(submitted)  # noqa: PTH100
        if not inside or not _is_ours(course, names.get("assignment", ""), names["notebook"]):
            found: tuple[Any, dict[str, Any]] = super().from_filename(
                filename, resources, **options
            )
            return found
        resources = dict(resources or {})
        folder, base = os.path.split(filename)
        resources["metadata"] = {"name": Path(base).stem, "path": folder}
        blank = nbformat.v4.new_notebook()
        read: tuple[Any, dict[str, Any]] = super().from_notebook_node(blank, resources, **options)
        return read


class RebuildSubmission(_Ours):
    """Replaces nbgrader's sanitizing: our notebook with the learner's solution cells."""

    instead = (ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells)

    def ours(
        self,
        nb: NotebookNode,
        resources: dict[str, Any],
        course: Course,
        module: str,
        student: str,
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Rebuild; what cannot be read leaves our notebook as it was released."""
        from skillmap.cohort.assess import materials
        from skillmap.cohort.rebuild import rebuild
        from skillmap.cohort.submission import read_submission

        submission = read_submission(course, module, student)
        rebuilt = rebuild(materials(course, module).master, submission.notebook)
        for problem in (*submission.problems, *rebuilt.problems):
            self.log.warning("%s: %s", student, problem)
        return rebuilt.notebook, resources


class RunSubmission(_Ours):
    """Replaces ``Execute``: runs by papermill, scores outside the kernel."""

    instead = (Execute,)

    def ours(
        self,
        nb: NotebookNode,
        resources: dict[str, Any],
        course: Course,
        module: str,
        student: str,
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Assess the submission; a fault of ours raises, and the submission is not graded."""
        from skillmap.cohort.assess import assess
        from skillmap.cohort.submission import read_submission

        assessment = assess(course, read_submission(course, module, student))
        resources["skillmap"] = assessment
        return assessment.notebook, resources


class RecordFeedback(_Ours):
    """Replaces ``SaveAutoGrades``: a score and a comment for every item."""

    instead = (SaveAutoGrades,)

    def ours(
        self,
        nb: NotebookNode,
        resources: dict[str, Any],
        course: Course,
        module: str,
        student: str,
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Write rows, ``feedback.json`` beside the notebook, and the ledger."""
        from nbgrader.api import Gradebook

        from skillmap.cohort.record import write_atomically

        assessment = resources.pop("skillmap")
        ledger = Ledger(course)
        with Gradebook(resources["nbgrader"]["db_url"]) as book:
            record_grades(book, assessment, ledger.read(module, student))
            result = refresh(result_of(assessment), book, student, assessment.cells)
        folder = course.folder("autograded", module, student)
        write_atomically(folder / RESULT, result.to_json())
        ledger.write(assessment)
        return nb, resources


class FeedbackPage(HTMLExporter):  # type: ignore[misc]
    """Replaces nbgrader's feedback: our page, made from ``feedback.json`` and the gradebook."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return our page, or nbgrader's for an assignment that is not ours."""
        course = _course_of(self)
        names = (resources or {}).get("nbgrader", {})
        module, student = names.get("assignment", ""), names.get("student", "")
        if not _is_ours(course, module, names.get("notebook", "")):
            found: tuple[Any, dict[str, Any]] = super().from_filename(
                filename, resources, **options
            )
            return found
        from skillmap.cohort.feedback import feedback_page

        resources = dict(resources or {})
        resources.setdefault("output_extension", ".html")
        resources["output_extension"] = ".html"
        if load_result(course, module, student) is None:
            raise SubmissionError(
                f"autograded/{student}/{module} has no {RESULT}. Grade it again: "
                f"nbgrader autograde {module} --student {student} --force"
            )
        return feedback_page(course, module, student), resources
