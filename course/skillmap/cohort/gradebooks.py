"""Opening nbgrader's gradebook, in SQLite or PostgreSQL, and writing to it in one piece."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from skillmap.cohort.course import scripts_on_path
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbgrader.api import Gradebook

    from skillmap.cohort.course import Course

__all__ = ["auto_scores", "gradebook", "one_commit"]


@contextmanager
def gradebook(course: Course) -> Iterator[Gradebook]:
    """Open nbgrader's gradebook; SQLite gets a write-ahead log and patience with other readers.

    Raises ``EnvironmentLacksError`` if its database does not answer or has no driver here.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    scripts_on_path()
    _know_the_schema()
    shown = course.db_url.split("@")[-1]
    try:
        book = Gradebook(course.db_url, course.course_id)
    except ImportError as error:
        raise EnvironmentLacksError(
            f"The gradebook {shown} needs a driver: {error}. "
            "For PostgreSQL: pip install 'ai-pm-skill-map[postgres]'."
        ) from None
    except SQLAlchemyError as error:
        told = " ".join(str(error).split())[:300]
        raise EnvironmentLacksError(f"The gradebook {shown} does not open: {told}") from None
    with book:
        if course.db_url.startswith("sqlite"):
            book.db.execute(text("PRAGMA journal_mode=WAL"))
            book.db.execute(text("PRAGMA busy_timeout=15000"))
            book.db.commit()
        _complete(book)
        yield book


def _know_the_schema() -> None:
    """Let nbgrader read its schema's version here: it starts a program for it, two seconds long."""
    import nbgrader.api
    from alembic.script import ScriptDirectory

    @cache
    def newest() -> str:
        return ScriptDirectory(str(Path(nbgrader.api.__file__).parent / "alembic")).get_heads()[0]

    nbgrader.api.get_alembic_version = newest


def _complete(book: Gradebook) -> None:
    """Note the schema's version if whoever made the tables was killed before that."""
    from nbgrader.api import get_alembic_version
    from sqlalchemy import inspect, text

    if not inspect(book.engine).has_table("alembic_version"):
        book.db.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    if book.db.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0:
        version = {"version": get_alembic_version()}
        book.db.execute(text("INSERT INTO alembic_version VALUES (:version)"), version)
    book.db.commit()


@contextmanager
def one_commit(book: Gradebook) -> Iterator[None]:
    """Make one transaction of what is written inside; an error undoes all of it."""
    commit = book.db.commit
    book.db.commit = book.db.flush
    try:
        yield
    except BaseException:
        book.db.commit = commit
        book.db.rollback()
        raise
    book.db.commit = commit
    book.db.commit()


def auto_scores(book: Gradebook, module: str) -> dict[str, dict[str, float | None]]:
    """Return our scores of one module as the gradebook has them, by student and grade cell."""
    from nbgrader.api import (
        Assignment,
        BaseCell,
        Grade,
        Notebook,
        SubmittedAssignment,
        SubmittedNotebook,
    )

    rows = (
        book.db.query(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
        .select_from(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name == module, Notebook.name == module)
    )
    found: dict[str, dict[str, float | None]] = {}
    for student, cell, score in rows:
        found.setdefault(student, {})[cell] = score
    return found
