"""The search tables of Lantern's own index, worked out beforehand: ``data/recall.npz``.

What the search finds under the first day's configuration is the same in every world of one state
(whose words miss, which old articles are left, which rules hold), and there are twenty states.
They ship with the library, so that a first run need not load scikit-learn and index the help
center, and so that every machine has the same ones. After a change to the help center or to the
search, write them again:

    python -m skillmap.lantern.recall_tables
"""

from __future__ import annotations

import argparse
import os
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skillmap.lantern.help_center import SEGMENTS, help_center
from skillmap.lantern.retrieval import DAY_ZERO, TODAY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

__all__ = ["SHIPPED", "State", "shipped", "states", "write"]

SHIPPED = Path(__file__).parent / "data" / "recall.npz"


class State(NamedTuple):
    """What a table depends on beside the configuration."""

    gap: str | None
    leftovers: tuple[str, ...]
    as_of: dt.date

    @property
    def name(self) -> str:
        """A name for the file.

        >>> State("S4", ("pets", "refunds"), TODAY).name
        'S4 2026-06-30 pets refunds'
        """
        return " ".join((self.gap or "none", self.as_of.isoformat(), *self.leftovers))


def states() -> Iterator[State]:
    """Yield every state that a world can be in (``index.index_state``)."""
    for gap in (None, *SEGMENTS[2:]):
        yield State(gap, (), DAY_ZERO)
        yield State(gap, (), TODAY)
        for leftovers in help_center().clusters().values():
            yield State(gap, leftovers, TODAY)


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Mapping[str, NDArray[np.generic]]]:
    """Return every shipped table, its columns read-only, by state; {} without the file."""
    if not SHIPPED.is_file():
        return {}
    with np.load(SHIPPED, allow_pickle=False) as file:
        names = [str(name) for name in file["states"]]
        columns = {name: file[name] for name in file.files if name != "states"}
    for column in columns.values():
        column.setflags(write=False)
    return {name: {c: rows[n] for c, rows in columns.items()} for n, name in enumerate(names)}


def write(made: Callable[[State], object], target: Path = SHIPPED) -> int:
    """Write the tables that ``made`` returns for every state; return how many."""
    found = {state.name: made(state) for state in states()}
    first = next(iter(found.values()))
    columns = {
        field.name: np.stack([getattr(table, field.name) for table in found.values()])
        for field in fields(first)  # type: ignore[arg-type]
    }
    scratch = target.with_suffix(".part")
    with scratch.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, states=np.asarray(list(found)), **columns)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(target)
    return len(found)


def main() -> None:
    """Search the help center in every state and write what was found."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    from skillmap.lantern.index import searched
    from skillmap.lantern.retrieval import IndexConfig

    count = write(lambda state: searched(IndexConfig(), *state))
    print(f"{count} tables in {SHIPPED}")


if __name__ == "__main__":
    main()
