"""Files are replaced whole; devices are written to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skillmap.cohort.record import write_atomically

MEMORY = Path("/dev/shm")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "scores.csv"
    write_atomically(target, "one")
    before = target.stat().st_ino
    write_atomically(target, b"two")
    assert target.read_text() == "two"
    assert target.stat().st_ino != before
    assert [path.name for path in target.parent.iterdir()] == ["scores.csv"]


@pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="no folder of memory under /dev")
def test_what_stands_under_dev_is_written_to_and_not_replaced() -> None:
    """``export -o /dev/null`` as root must leave the device there; tried on a harmless file."""
    target = MEMORY / f"skillmap-{os.getpid()}"
    target.write_text("before")
    try:
        before = target.stat().st_ino
        write_atomically(target, "after")
        assert (target.read_text(), target.stat().st_ino) == ("after", before)
    finally:
        target.unlink()
