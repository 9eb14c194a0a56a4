"""``results.json``: every result of a learner, on their own disk, added to and never cut.

The file is locked, read again and replaced at once for each change, so two notebooks lose nothing
and a power cut leaves the old file or the new one. A file that cannot be read is renamed with its
date; an entry that cannot be read stays in the file as it is, and is told.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import stat
import tempfile
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.errors import SheetError, SkillMapError
from skillmap.learning.assessment import moment
from skillmap.learning.evidence import Evidence, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from skillmap.workspace import Workspace

__all__ = ["FILE", "FORMAT", "Shelf", "shelf_path"]

FILE = "results.json"
FORMAT = 1
MAX_BYTES = 8 * 2**20
"""Largest file that is read or written: some thirty thousand results."""
_LOCK_SECONDS = 10.0
_NUMBERS = {"score", "predicted", "chance", "reference"}
_COUNTS = {"answered", "parts", "held", "ranges"}
_TEXTS = {"id", "learner", "shape", "version"}
_TRUTHS = {"passed", "settled"}
_OPTIONAL = {"predicted", "chance", "reference", "passed"}


def shelf_path(workspace: Workspace, folder: Path) -> Path:
    """Return where a learner's results stand: in the workspace, else above the module's folder."""
    return (workspace.folder or folder.resolve().parent) / FILE


class Shelf:
    """The results of one file. ``problems`` says in words what could not be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: tuple[Evidence, ...] = ()
        self.problems: tuple[str, ...] = ()
        self._kept: list[Any] = []
        self._extra: dict[str, Any] = {}

    @classmethod
    def open(cls, path: Path) -> Shelf:
        """Read the file; a missing one is empty and is not made yet.

        A file that is no record is renamed to ``results.broken-<UTC time>.json``.
        """
        shelf = cls(Path(path))
        if os.path.lexists(path):
            try:
                shelf._read()
            except _BrokenError:
                with shelf._locked():
                    shelf._read_or_set_aside()
        return shelf

    def add(self, results: Sequence[Evidence]) -> int:
        """Add results that are not there yet, in one write; return how many were new."""
        if not results:
            return 0
        with self._locked():
            self._read_or_set_aside()
            before = self.entries
            new = [one for one in dict.fromkeys(results) if one not in set(before)]
            if new:
                self.entries = (*before, *new)
                try:
                    self._write()
                except SheetError:
                    self.entries = before
                    raise
        return len(new)

    def _read_or_set_aside(self) -> None:
        try:
            self._read()
        except _BrokenError as error:
            aside = self._set_aside()
            self.entries, self._kept, self._extra = (), [], {}
            self.problems = (
                f"{str(error).rstrip('.')}. It was set aside as {aside.name} and a new one begun; "
                "its results do not count until it is mended and put back.",
            )

    def _read(self) -> None:
        try:
            data = _read_bytes(self.path)
        except FileNotFoundError:
            return
        raw = _decode(data)
        entries, kept, odd = [], [], []
        for number, entry in enumerate(raw["entries"]):
            try:
                entries.append(_evidence(entry))
            except (SkillMapError, ValueError, TypeError) as error:
                kept.append(entry)
                odd.append(f"{FILE} entries[{number}]: {str(error)[:200].rstrip('.')}.")
        self.entries, self._kept = tuple(entries), kept
        self._extra = {k: v for k, v in raw.items() if k not in {"format", "entries"}}
        if len(odd) > 10:
            odd = [*odd[:10], f"{FILE} has {len(odd) - 10} more like these."]
        said = [f"{line} It is kept and does not count." for line in odd]
        self.problems = tuple(dict.fromkeys((*self.problems, *said)))

    def _write(self) -> None:
        lines = [json.dumps(_plain(one), sort_keys=True) for one in self.entries]
        lines += [json.dumps(one, sort_keys=True) for one in self._kept]
        head = {**self._extra, "format": FORMAT}
        opening = json.dumps(head, sort_keys=True)[:-1]
        data = (opening + ', "entries": [\n' + ",\n".join(lines) + "\n]}\n").encode()
        if len(data) > MAX_BYTES:
            raise SheetError(
                f"{self.path} would grow over {MAX_BYTES:,} bytes. Move it away to begin a new one."
            )
        _write_atomically(self.path, data)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        if self.path.is_symlink():
            raise SheetError(f"{self.path} is a symbolic link. Put the file itself there.")
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_LOCK_SECONDS)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise SheetError(
                f"{self.path} has been in use elsewhere for {_LOCK_SECONDS:g} seconds. Nothing "
                "was saved; run this cell again."
            ) from None
        except OSError as error:
            raise SheetError(f"{self.path}: {error.strerror}. Nothing was saved.") from None
        try:
            yield
        finally:
            lock.release()

    def _set_aside(self) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in range(1000):
            suffix = f"-{number}" if number else ""
            aside = self.path.with_name(f"{self.path.stem}.broken-{stamp}{suffix}.json")
            if not os.path.lexists(aside):
                try:
                    return self.path.rename(aside)
                except OSError:
                    break
        raise SheetError(f"{self.path} is broken and could not be set aside. Move it yourself.")


class _BrokenError(SheetError):
    """The file is no record: not JSON, too large, another format."""


def _decode(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise _BrokenError(f"{FILE} has more than {MAX_BYTES:,} bytes.")
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _BrokenError(f"{FILE} is not JSON ({str(error)[:80]}).") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("entries", []), list):
        raise _BrokenError(f"{FILE} holds no list of results.")
    if raw.get("format") != FORMAT or isinstance(raw.get("format"), bool):
        raise _BrokenError(f"{FILE} has the format {raw.get('format')!r:.20}, needs {FORMAT}.")
    raw.setdefault("entries", [])
    return raw


def _evidence(entry: Any) -> Evidence:
    """Read one entry; raise ``ValueError`` or ``AnswerError`` with what is wrong."""
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    known = {field.name for field in fields(Evidence)}
    if unknown := sorted(str(name) for name in entry.keys() - known):
        raise ValueError(f"{', '.join(unknown)[:60]}: no such field in this version")
    values: dict[str, Any] = {}
    for name, value in entry.items():
        if value is None and name in _OPTIONAL:
            continue
        values[name] = _field(name, value)
    if missing := [n for n in ("id", "kind", "score", "at", "learner") if n not in values]:
        raise ValueError(f"it has no {', '.join(missing)}")
    return Evidence(**values).checked()


def _field(name: str, value: Any) -> Any:
    if name == "kind" and value in tuple(Kind):
        return Kind(value)
    if name == "at" and (found := moment(value)) is not None:
        return found
    if name in _TEXTS and isinstance(value, str) and len(value) <= 100:
        return value
    if name in _TRUTHS and isinstance(value, bool):
        return value
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if name in _NUMBERS and numeric and math.isfinite(value):
        return float(value)
    if name in _COUNTS and numeric and isinstance(value, int) and value < 10**6:
        return value
    raise ValueError(f"{name} is {value!r:.40}, which cannot be")


def _plain(one: Evidence) -> dict[str, Any]:
    found = {field.name: getattr(one, field.name) for field in fields(one)}
    found["kind"], found["at"] = one.kind.value, one.at.isoformat(timespec="seconds")
    return {name: value for name, value in found.items() if value is not None}


def _read_bytes(path: Path) -> bytes:
    """Read a regular file, at most one byte over the bound; never follow a symbolic link."""
    if path.is_symlink():
        raise SheetError(f"{path} is a symbolic link. Put the file itself there.")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise SheetError(f"{path} is not a regular file. Move it away.")
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}.") from None


def _write_atomically(path: Path, data: bytes) -> None:
    """Write beside the file, flush to disk, then replace: readers see the old or the new."""
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        if name:
            with contextlib.suppress(OSError):
                Path(name).unlink()
        raise SheetError(f"{path}: {error.strerror}. Nothing was saved.") from None
