"""A gradebook that does not answer for a moment is asked again; one that stays away ends the run.

nbgrader wraps the errors of its database in its own, so the whole chain of an error is looked at.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbgrader.api import Gradebook

__all__ = ["PAUSES", "database_gone", "insist"]

PAUSES = (0.1, 0.5, 2.0, 5.0, 15.0)
"""Seconds before each further try: a server that restarts is back by the last."""

_Result = TypeVar("_Result")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def database_gone(error: BaseException) -> bool:
    """Whether an error says that the connection is lost or the database is locked."""
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    return any(
        isinstance(one, (OperationalError, InterfaceError))
        or (isinstance(one, DBAPIError) and one.connection_invalidated)
        for one in _chain(error)
    )


def insist(
    book: Gradebook, what: Callable[[], _Result], *, pauses: Sequence[float] | None = None
) -> _Result:
    """Return ``what()``; after a lost connection roll back and do all of it again.

    ``what`` must come to the same if it is done twice: nobody can tell whether a commit whose
    answer was lost has happened. Raises ``EnvironmentLacksError`` when the last try fails, and
    any other error at once.
    """
    for pause in (*(PAUSES if pauses is None else pauses), None):
        try:
            return what()
        except Exception as error:
            if not database_gone(error):
                raise
            with suppress(Exception):
                book.db.rollback()
            if pause is None:
                told = " ".join(str(error).split())[:300]
                raise EnvironmentLacksError(
                    f"The gradebook's database does not answer: {told}\n"
                    "What was written is kept; the same command goes on from there."
                ) from error
            time.sleep(pause)
    raise AssertionError("unreachable")
