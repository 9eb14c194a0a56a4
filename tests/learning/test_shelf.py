"""``results.json``: added to, never cut; broken files and entries are kept and told."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.learning.learner import NOW, WORKED_EXAMPLE, result

from skillmap.errors import AnswerError, SheetError
from skillmap.learning.evidence import Evidence, Kind, record
from skillmap.learning.shelf import Shelf, _evidence, _plain, shelf_path
from skillmap.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


def test_what_is_recorded_is_read_again_and_written_once(path: Path) -> None:
    assert record(path, *WORKED_EXAMPLE) == 4
    before = path.read_bytes()
    assert record(path, *WORKED_EXAMPLE[:2]) == 0
    assert path.read_bytes() == before
    assert Shelf.open(path).entries == WORKED_EXAMPLE
    assert sorted(p.name for p in path.parent.iterdir()) == [".results.json.lock", "results.json"]


def test_a_missing_file_is_empty_and_is_not_made(path: Path) -> None:
    assert Shelf.open(path).entries == ()
    assert not path.exists()


def test_a_result_that_cannot_be_changes_nothing(path: Path) -> None:
    record(path, WORKED_EXAMPLE[0])
    with pytest.raises(AnswerError, match="percent"):
        record(path, result("ev.l2", 50), result("ev.l1", 400))
    assert Shelf.open(path).entries == WORKED_EXAMPLE[:1]


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b'{"format": 2, "entries": []}', b'{"format": 1, "entries": {}}',
     b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut", "list", "newer", "object", "bytes", "deep"],
)  # fmt: skip
def test_a_broken_file_is_set_aside_with_its_date(path: Path, broken: bytes) -> None:
    path.write_bytes(broken)
    shelf = Shelf.open(path)
    (aside,) = path.parent.glob("results.broken-*Z.json")
    assert aside.read_bytes() == broken
    assert shelf.entries == ()
    assert aside.name in shelf.problems[0]
    assert record(path, WORKED_EXAMPLE[0]) == 1
    assert Shelf.open(path).entries == WORKED_EXAMPLE[:1]


@pytest.mark.parametrize(
    "entry",
    [
        5, {}, {"id": "ev.l1"}, {"kind": "gossip"}, {"score": "40"}, {"score": True},
        {"score": 1e999}, {"at": "soon"}, {"at": 5}, {"parts": 10**9}, {"new-field": 1},
        {"learner": None}, {"score": -5}, {"id": "zz.l1"}, {"id": "x" * 101}, {"settled": 1},
    ],
    ids=str,
)  # fmt: skip
def test_an_entry_that_cannot_be_read_stays_in_the_file_and_is_told(path: Path, entry: Any) -> None:
    record(path, WORKED_EXAMPLE[0])
    raw = json.loads(path.read_text())
    odd = (
        entry if not isinstance(entry, dict) or len(entry) != 1 else {**raw["entries"][0], **entry}
    )
    if entry == {"id": "ev.l1"}:
        odd = entry
    raw["entries"].insert(0, odd)
    path.write_text(json.dumps(raw))
    shelf = Shelf.open(path)
    assert shelf.entries == WORKED_EXAMPLE[:1]
    assert "entries[0]" in shelf.problems[0]
    assert "does not count" in shelf.problems[0]
    record(path, WORKED_EXAMPLE[1])
    assert json.dumps(odd, sort_keys=True) in path.read_text()
    assert Shelf.open(path).entries == WORKED_EXAMPLE[:2]


def test_unknown_fields_of_the_file_are_kept(path: Path) -> None:
    path.write_text('{"format": 1, "entries": [], "note": "mine"}')
    record(path, WORKED_EXAMPLE[0])
    assert json.loads(path.read_text())["note"] == "mine"


def test_a_symbolic_link_is_refused(path: Path) -> None:
    target = path.with_name("elsewhere.json")
    target.write_text("{}")
    path.symlink_to(target)
    with pytest.raises(SheetError, match="symbolic link"):
        Shelf.open(path)
    with pytest.raises(SheetError, match="symbolic link"):
        record(path, WORKED_EXAMPLE[0])
    assert target.read_text() == "{}"


def test_a_write_that_fails_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(path, WORKED_EXAMPLE[0])
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SheetError, match="No space left"):
        record(path, WORKED_EXAMPLE[1])
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.tmp"))


def test_two_writers_at_once_lose_nothing(path: Path) -> None:
    def write(who: int) -> None:
        for n in range(10):
            record(path, result(f"ev.l{who}", n))

    threads = [threading.Thread(target=write, args=(who,)) for who in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Shelf.open(path).entries) == 20


CHANCE = st.none() | st.floats(0, 1)
PERCENT = st.floats(0, 100)


@settings(max_examples=60)
@given(
    st.builds(
        Evidence, st.sampled_from(["ev.l1", "bl.l4.anchors"]), st.sampled_from(list(Kind)), PERCENT,
        st.just(NOW), st.sampled_from(["ada", "bo"]), predicted=st.none() | PERCENT, chance=CHANCE,
        passed=st.none() | st.booleans(), settled=st.booleans(), reference=st.none() | PERCENT,
    )
)  # fmt: skip
def test_an_entry_survives_the_file(one: Evidence) -> None:
    assert _evidence(json.loads(json.dumps(_plain(one)))) == one


def test_where_the_file_stands(tmp_path: Path) -> None:
    assert shelf_path(Workspace(folder=tmp_path), tmp_path / "evals").parent == tmp_path
    assert shelf_path(Workspace(), tmp_path / "evals").parent == tmp_path
