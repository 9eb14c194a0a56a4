"""The shipped search tables are what the search finds, and every world finds its own there."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

from skillmap.lantern import index, recall_tables
from skillmap.lantern.index import RecallTable, index_state, recall_table, searched
from skillmap.lantern.recall_tables import State, shipped, states, write
from skillmap.lantern.retrieval import IndexConfig
from skillmap.lantern.world import parameters as world

NAMES = [field.name for field in fields(RecallTable)]


@pytest.mark.parametrize("state", list(states()), ids=lambda state: state.name)
def test_a_shipped_table_is_what_the_search_finds(state: State) -> None:
    """Two of 640 cells may differ: another processor may rank a tie the other way round.

    If this fails after an edit of the help center: python -m skillmap.lantern.recall_tables
    """
    there, now = shipped()[state.name], searched(IndexConfig(), *state)
    for name in NAMES:
        assert np.sum(there[name] != getattr(now, name)) <= 2, name
        assert there[name].dtype == getattr(now, name).dtype


def test_the_tables_differ_from_state_to_state() -> None:
    seen = {b"".join(column.tobytes() for column in table.values()) for table in shipped().values()}
    assert len(seen) >= 15
    assert len(shipped()) == len(list(states())) == 20


def test_every_state_of_every_world_is_there() -> None:
    for seed in range(60):
        w = world(seed)
        gap = w.weakness.segment if w.weakness.mechanism == "vocabulary gap" else None
        for day in range(120):
            as_of, leftovers = index_state(w, day)
            assert State(gap, leftovers, as_of).name in shipped()


def test_another_configuration_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    index._table.cache_clear()
    asked = []
    monkeypatch.setattr(index, "searched", lambda *a: asked.append(a[0]) or searched(*a))
    try:
        recall_table(world(4), 0, IndexConfig())
        assert asked == []
        recall_table(world(4), 0, IndexConfig(k=5))
        assert asked == [IndexConfig(k=5)]
    finally:
        index._table.cache_clear()


def test_a_first_run_loads_neither_sklearn_nor_the_search() -> None:
    code = (
        "import sys; from skillmap.lantern import Lantern; Lantern(7).run(2);"
        "print(sorted({'sklearn', 'bm25s', 'scipy.stats'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tables_are_read_only_and_written_whole(tmp_path, monkeypatch) -> None:
    with pytest.raises(ValueError, match="read-only"):
        recall_table(world(4), 0, IndexConfig()).tokens[0] = 1
    target = tmp_path / "recall.npz"
    assert write(kept, target) == 20
    monkeypatch.setattr(recall_tables, "SHIPPED", target)
    shipped.cache_clear()
    try:
        second = shipped()
    finally:
        monkeypatch.undo()
        shipped.cache_clear()
    for name, table in shipped().items():
        for column, values in table.items():
            np.testing.assert_array_equal(second[name][column], values)
    assert [p.name for p in tmp_path.iterdir()] == ["recall.npz"]


def kept(state: State) -> RecallTable:
    return RecallTable(**shipped()[state.name])  # type: ignore[arg-type]
