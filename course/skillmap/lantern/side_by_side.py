"""Two or more runs side by side, over the same days, from what their logs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skillmap.errors import ActionRefusedError
from skillmap.lantern.settings import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame

    from skillmap.lantern.product import Lantern

__all__ = ["compare"]


def compare(runs: Mapping[str, Lantern], since: int, until: int) -> DataFrame:
    """Return a row for each figure and a column for each run, over days ``since`` to ``until``.

    Both ends count. Harm is in it only as far as people claim it, and no truth is in it at all.

    >>> from skillmap.lantern import Lantern
    >>> table = compare({"one": Lantern(10).run(2), "two": Lantern(10).run(3)}, 0, 1)
    >>> bool((table["one"] == table["two"]).all())
    True
    """
    import pandas as pd

    first = whole("The first day", since, 0)
    last = whole("The last day", until, first)
    if not runs:
        raise ActionRefusedError("Give at least one run, by name.")
    for name, run in runs.items():
        if run.day <= last:
            raise ActionRefusedError(f"{name} has not lived day {last} yet; it is at {run.day}.")
    table = pd.DataFrame({name: _figures(run, first, last) for name, run in runs.items()})
    table.index.name = f"days {first} to {last}"
    worlds = sorted({run.world for run in runs.values()})
    table.attrs["source"] = f"Lantern, simulated (world {', '.join(map(str, worlds))})"
    return table


def _figures(run: Lantern, first: int, last: int) -> dict[str, float]:
    def lived(frame: DataFrame) -> DataFrame:
        return frame[frame["day"].between(first, last)]

    groups, days = lived(run.logs.segments), lived(run.logs.days)
    desk, ledger = lived(run.logs.desk), lived(run.logs.ledger)
    by_line = ledger.groupby("line")["dollars"].sum()
    return {
        "questions": float(groups["questions"].sum()),
        "answered": float(groups["answered"].sum()),
        "left before reading": float(groups["left"].sum()),
        "contacts from Lantern": float(groups["contacts"].sum()),
        "wait to read, p95 of the worst day, seconds": float(days["first_p95"].max()),
        "desk wait, p90 of the worst hour, minutes": float(desk["wait_p90_minutes"].max()),
        "callers who gave up": float((desk["contacts"] * desk["gave_up_share"]).sum()),
        "dollars: desk": float(by_line.get("desk", 0.0)),
        "dollars: extra staff and slots": float(by_line.get("capacity", 0.0)),
        "dollars: claims": float(by_line.get("claims", 0.0)),
        "dollars: models": float(by_line.get("inference", 0.0)),
        "dollars: everything": float(by_line.sum()),
    }
