"""The gradebook in PostgreSQL: the same cells as in SQLite, and no harm in a lost connection."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.cohort.generated import generate
from tests.cohort.postgres import ask, needs_postgres, postgres_server
from tests.cohort.small_course import HandIn, api
from tests.cohort.tables import MODULE, files, tables

from skillmap.cohort import patience
from skillmap.cohort.bridge import as_configured
from skillmap.cohort.course import Course
from skillmap.cohort.grade import grade
from skillmap.cohort.record import gradebook
from skillmap.cohort.workers import default_workers
from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN = "open" if default_workers() else "plain"

pytestmark = pytest.mark.usefixtures("cold_engine")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def database(server: str, request: pytest.FixtureRequest) -> str:
    name = f"d{abs(hash(request.node.name)) % 10**8}"
    ask(server, f"DROP DATABASE IF EXISTS {name}")
    ask(server, f"CREATE DATABASE {name}")
    return server.rpartition("/")[0] + f"/{name}"


@needs_postgres
@pytest.mark.slow
def test_postgresql_holds_what_sqlite_holds(
    course: Course, hand_in: HandIn, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = course.root / "course.toml"
    path.write_text(path.read_text().replace('"plain"', f'"{OPEN}"'))
    generate(hand_in, 14, seed=5)
    lite = Course.at(course.root)
    first = grade(lite, [MODULE], workers=default_workers())
    assert first.exit_code == 0, first.failed
    in_sqlite, kept = tables(lite), files(lite)

    path.write_text(path.read_text() + f'\ndb_url = "{database}"\n')
    large = as_configured(Course.find(course.root))
    assert large.db_url == database
    second = grade(large, [MODULE], workers=default_workers())
    assert {r.why for r in second.rows} == {"not in the gradebook"}
    assert second.exit_code == 0, second.failed
    assert tables(large) == in_sqlite
    assert files(large) == kept
    third = grade(large, [MODULE], workers=default_workers())
    assert {r.state for r in third.rows} == {"up to date"}
    result = api(large).autograde(MODULE, "s0000", force=True)
    assert result["success"], result
    assert tables(large) == in_sqlite, "nbgrader's own command writes there, too"


@needs_postgres
def test_a_lost_connection_is_made_again(
    course: Course, hand_in: HandIn, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillmap.cohort import writer

    course = replace(course, engine=OPEN, db_url=database)
    generate(hand_in, 4, seed=2, calm=True)
    real, cut = writer.record_rows, []

    def cutting(*given: object) -> None:
        real(*given)  # type: ignore[arg-type]
        if len(cut) < 3:
            cut.extend(
                ask(
                    database,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
            )

    monkeypatch.setattr(writer, "record_rows", cutting)
    monkeypatch.setattr(patience, "PAUSES", (0.05,) * 5)
    report = grade(course, [MODULE])
    assert len(cut) >= 3, "connections were cut"
    assert report.exit_code == 0, report.failed
    assert tables(course)["counts"]["submitted_assignment"] == 4


def test_a_gradebook_that_is_not_there_says_so(course: Course) -> None:
    pytest.importorskip("psycopg")
    nowhere = replace(course, db_url="postgresql+psycopg://ada:secret@127.0.0.1:1/none")
    closed = r"127.0.0.1:1/none does not open"
    with pytest.raises(EnvironmentLacksError, match=closed) as found, gradebook(nowhere):
        pass
    assert "secret" not in str(found.value)


def test_a_database_that_stays_away_ends_the_run(course: Course) -> None:
    from sqlalchemy.exc import OperationalError

    tried = []

    def gone() -> None:
        tried.append(1)
        try:
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        except OperationalError as error:
            raise ValueError(*error.args) from None  # as nbgrader does

    with gradebook(course) as book:
        with pytest.raises(EnvironmentLacksError, match="What was written is kept"):
            patience.insist(book, gone, pauses=(0, 0))
        assert len(tried) == 3
        with pytest.raises(KeyError):
            patience.insist(book, lambda: {}["a"])
