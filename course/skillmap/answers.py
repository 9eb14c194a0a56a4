"""The answer sheet: what a learner answered, as data in ``answers.json`` beside the notebook.

Widgets edit this file, notebooks read it, a hand-in carries it and grading reads it. Every change
takes a lock, reads the newest file, changes one entry and replaces the file at once, so two
notebooks open on one sheet lose nothing and a power cut leaves the old file or the new one.

The file is data from outside. :meth:`AnswerSheet.parse` reads any bytes and raises nothing but
:class:`~skillmap.errors.SheetError`; an entry that cannot be read costs only itself.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import stat
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from skillmap.errors import AnswerError, SheetError, SkillMapError
from skillmap.ids import ItemId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

__all__ = [
    "FORMAT",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_HISTORY",
    "MAX_TEXT",
    "Answer",
    "AnswerSheet",
    "Earlier",
]

FORMAT = 1
MAX_BYTES = 2**20
"""Largest file that is read or written."""
MAX_DEPTH = 8
"""Deepest nesting inside one value."""
MAX_TEXT = 20_000
"""Longest text, in characters."""
MAX_HISTORY = 20
"""Earlier values kept for one answer; the oldest goes first."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MAX_ENTRIES = 1_000
_MAX_ITEMS = 500
_MAX_NUMBER = 1e30
_MAX_PROBLEMS = 50
_LOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value that was saved before the one that counts."""

    value: Any
    unit: str | None
    saved_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry: a value with its unit, when it was saved (ISO 8601, UTC), what went before.

    ``predicted`` is the learner's forecast of their own score, 0 to 100. An entry may hold only
    that; ``given`` says whether there is a value.
    """

    value: Any = None
    unit: str | None = None
    saved_at: str = ""
    predicted: float | None = None
    history: tuple[Earlier, ...] = ()

    @property
    def given(self) -> bool:
        """Whether there is a value, and not only a prediction."""
        return self.value is not None


class AnswerSheet:
    """A learner's answers to one module.

    Open it with :meth:`open` (a file) or :meth:`parse` (bytes from outside). ``problems`` lists,
    in words, everything about the file that a person should know.
    """

    def __init__(
        self,
        *,
        module: str = "",
        learner: str = "",
        world: int = 0,
        path: Path | None = None,
        known: Collection[str] | None = None,
    ) -> None:
        self.module, self.learner, self.world = module, learner, world
        self.path = path
        self.known = frozenset(known) if known is not None else None
        self.problems: tuple[str, ...] = ()
        self._answers: dict[str, Answer] = {}
        self._extra: dict[str, Any] = {}
        self._entry_extra: dict[str, dict[str, Any]] = {}
        self._held: bytes | None = None

    # Reading ------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        module: str,
        learner: str,
        world: int,
        known: Collection[str] | None = None,
    ) -> AnswerSheet:
        """Open the sheet at ``path``; a missing file is an empty sheet and is not created yet.

        A file that cannot be read is renamed to ``answers.broken-<UTC time>.json`` and reported
        in ``problems``; one with some unreadable entries is copied there once and the rest is
        kept. Raises ``SheetError`` for a symbolic link or a file that may not be opened.
        """
        sheet = cls(module=module, learner=learner, world=world, path=Path(path), known=known)
        sheet.reload()
        return sheet

    @classmethod
    def parse(cls, data: bytes, *, known: Collection[str] | None = None) -> AnswerSheet:
        """Read bytes from outside; raise only ``SheetError``, with what was seen.

        >>> AnswerSheet.parse(b'{"format": 1, "answers": {"es.e1.point": {"value": 5}}}').get(
        ...     "es.e1.point").value
        5
        >>> AnswerSheet.parse(b"[1, 2")
        Traceback (most recent call last):
        ...
        skillmap.errors.SheetError: answers.json is not JSON: line 1, column 6.
        """
        sheet = cls(known=known)
        raw, problems = _decode(data)
        sheet._take(raw, problems)
        sheet.module = _short(raw.get("module"))
        sheet.learner = _short(raw.get("learner"))
        world = raw.get("world")
        sheet.world = world if isinstance(world, int) and not isinstance(world, bool) else 0
        return sheet

    def reload(self) -> None:
        """Read the file again; what another notebook saved since is then here.

        A save replaces the whole file at once, so reading needs no lock and no right to write.
        """
        if self.path is None or not os.path.lexists(self.path):
            return
        try:
            damaged = self._read()
        except _BrokenError:
            with self._locked():
                damaged = self._read_or_set_aside()
        if damaged is not None:
            with contextlib.suppress(SheetError):  # the copy is made before a save at the latest
                self._keep_copy(damaged)

    def _read(self) -> bytes | None:
        """Read the newest file. Return its bytes if some entries in it could not be read."""
        assert self.path is not None
        try:
            data = _read_bytes(self.path)
        except FileNotFoundError:
            return None
        if data == self._held:
            return None
        self._held = None
        try:
            raw, problems = _decode(data)
        except SheetError as error:
            raise _BrokenError(str(error)) from None
        damaged = self._take(raw, problems)
        self._report_owner(raw)
        self._held = None if damaged else data
        return data if damaged else None

    def _read_or_set_aside(self) -> bytes | None:
        """Do the same with the lock held: a file that is no sheet is moved out of the way."""
        try:
            return self._read()
        except _BrokenError as error:
            aside = self._set_aside()
            self.problems = (
                f"{str(error).rstrip('.')}. It was set aside as {aside.name} and a new one begun.",
            )
            return None

    def _take(self, raw: dict[str, Any], problems: list[str]) -> bool:
        """Take over a decoded document; return whether anything in it had to be left out."""
        answers: dict[str, Answer] = {}
        entry_extra: dict[str, dict[str, Any]] = {}
        damaged = bool(problems)
        for name, entry in raw["answers"].items():
            try:
                ItemId.parse(name)
                answers[name], extra, odd = _entry(name, entry)
            except SkillMapError as error:
                damaged = True
                problems.append(f"answers.json answers[{_clip(name)}]: {_brief(error)}")
                continue
            if odd:
                damaged = True
                problems += [f"answers.json answers[{name}].{fault}" for fault in odd]
            if extra:
                entry_extra[name] = extra
            if self.known is not None and name not in self.known:
                problems.append(
                    f"answers.json answers[{name}]: no such item in this module; kept, not graded."
                )
        self._answers, self._entry_extra = answers, entry_extra
        own = {"format", "module", "learner", "world", "answers"}
        self._extra = {k: v for k, v in raw.items() if k not in own}
        if len(problems) > _MAX_PROBLEMS:
            more = len(problems) - _MAX_PROBLEMS
            problems = [*problems[:_MAX_PROBLEMS], f"answers.json has {more:,} more like these."]
        self.problems = tuple(problems)
        return damaged

    def _report_owner(self, raw: Mapping[str, Any]) -> None:
        """Say so when the file names another module, learner or world than this notebook's."""
        for field, mine in (
            ("module", self.module),
            ("learner", self.learner),
            ("world", self.world),
        ):
            theirs = raw.get(field)
            if theirs is not None and theirs != mine:
                self.problems += (
                    f"answers.json names the {field} {_clip(theirs)}; this notebook's is {mine}. "
                    "The answers are shown; check that they are yours.",
                )

    def get(self, name: ItemId | str) -> Answer | None:
        """Return the answer of an item or part, or ``None``."""
        return self._answers.get(str(name))

    def ids(self) -> tuple[str, ...]:
        """Ids of all entries, sorted."""
        return tuple(sorted(self._answers))

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids())

    def __len__(self) -> int:
        return len(self._answers)

    def as_dict(self) -> dict[str, Any]:
        """Return the document as it is written: plain JSON values."""
        entries = {}
        for name, answer in self._answers.items():
            entry: dict[str, Any] = dict(self._entry_extra.get(name, {}))
            if answer.given:
                entry |= {"value": answer.value, "saved_at": answer.saved_at}
                if answer.unit is not None:
                    entry["unit"] = answer.unit
            if answer.predicted is not None:
                entry["predicted"] = answer.predicted
            if answer.history:
                entry["history"] = [
                    {"value": e.value, "unit": e.unit, "saved_at": e.saved_at}
                    for e in answer.history
                ]
            entries[name] = entry
        return {
            **self._extra,
            "format": FORMAT,
            "module": self.module,
            "learner": self.learner,
            "world": self.world,
            "answers": entries,
        }

    def to_bytes(self) -> bytes:
        """Return the file's bytes: UTF-8, sorted keys, so equal sheets are equal bytes."""
        return _encode(self.as_dict())

    # Writing ------------------------------------------------------------------------------

    def put(
        self,
        name: ItemId | str,
        value: Any,
        unit: str | None = None,
        *,
        at: datetime | None = None,
        keep_earlier: bool = True,
    ) -> Answer:
        """Save one value; the earlier one goes to the history. Return the new entry.

        ``keep_earlier=False`` replaces the value without a trace, for a text that is still
        being typed: half a sentence is no earlier answer.

        Raises ``AnswerError`` for a value no sheet can hold (the sheet is then unchanged) and
        ``SheetError`` when the file cannot be written.
        """
        place = str(ItemId.parse(name))
        if value is None:
            raise AnswerError(place, "there is no value", "Give a number, a choice or a text.")
        clean, unit = _value(place, value), _unit(place, unit)
        moment = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")

        def change(old: Answer) -> Answer:
            if old.given and (old.value, old.unit) == (clean, unit) and _same(old.value, clean):
                return replace(old, saved_at=moment)
            history = old.history
            if old.given and keep_earlier:
                history = (*history, Earlier(old.value, old.unit, old.saved_at))[-MAX_HISTORY:]
            return replace(old, value=clean, unit=unit, saved_at=moment, history=history)

        return self._change(place, change)

    def predict(self, item: ItemId | str, percent: float) -> Answer:
        """Save the learner's forecast of their own score on an item, 0 to 100 percent."""
        place = str(ItemId.parse(item))
        if not _is_number(percent) or not 0 <= percent <= 100:
            raise AnswerError(
                f"{place}, your prediction",
                f"{_clip(percent)} is not from 0 to 100",
                "Give a percent, as a number.",
            )
        return self._change(place, lambda old: replace(old, predicted=float(percent)))

    def forget(self, name: ItemId | str) -> None:
        """Take an answer back with all its earlier values, so that none of it is handed in.

        >>> sheet = AnswerSheet()
        >>> _ = sheet.put("bl.share.story", "mine")
        >>> sheet.forget("bl.share.story")
        >>> sheet.get("bl.share.story").given
        False
        """
        self._change(str(ItemId.parse(name)), lambda _: Answer())

    def _change(self, name: str, change: Callable[[Answer], Answer]) -> Answer:
        if self.path is None:
            self._answers[name] = change(self._answers.get(name, Answer()))
            return self._answers[name]
        before = dict(self._answers)
        with self._locked():
            reported = self.problems
            damaged = self._read_or_set_aside()
            self.problems = tuple(dict.fromkeys((*reported, *self.problems)))
            self._answers[name] = change(self._answers.get(name, Answer()))
            try:
                fitting = self._fitting(name)
                if damaged is not None:
                    self._keep_copy(damaged)
                _write_atomically(self.path, fitting)
            except SkillMapError:
                self._answers, self._held = before, None
                raise
            self._held = fitting if damaged is None and not self.problems else None
        return self._answers[name]

    def _fitting(self, name: str) -> bytes:
        """Return bytes that fit the bound, giving up history first and never an answer."""
        data, keep = self.to_bytes(), MAX_HISTORY
        while len(data) > MAX_BYTES and keep:
            keep //= 2
            self._answers = {
                n: replace(a, history=a.history[-keep:] if keep else ())
                for n, a in self._answers.items()
            }
            data = self.to_bytes()
        if len(data) > MAX_BYTES:
            raise AnswerError(
                name,
                f"the sheet would grow to {len(data):,} bytes, more than {MAX_BYTES:,}",
                "Shorten this answer; your earlier one is still saved.",
            )
        return data

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the sheet alone, against other threads and processes."""
        from filelock import FileLock, Timeout

        assert self.path is not None
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

    def _keep_copy(self, data: bytes) -> None:
        """Keep a damaged file as it was, once, however often it is read."""
        assert self.path is not None
        for earlier in sorted(self.path.parent.glob(f"{self.path.stem}.broken-*.json")):
            with contextlib.suppress(OSError, SheetError):
                if _read_bytes(earlier) == data:
                    aside = earlier
                    break
        else:
            aside = self._set_aside(data)
        said = f"The file as it was is kept as {aside.name}."
        self.problems = tuple(dict.fromkeys((*self.problems, said)))

    def _set_aside(self, copy: bytes | None = None) -> Path:
        """Move the file, or a copy of its bytes, to a name with the date; overwrite nothing."""
        assert self.path is not None
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in range(1000):
            suffix = f"-{number}" if number else ""
            aside = self.path.with_name(f"{self.path.stem}.broken-{stamp}{suffix}.json")
            if os.path.lexists(aside):
                continue
            if copy is not None:
                _write_atomically(aside, copy)
                return aside
            try:
                return self.path.rename(aside)
            except OSError:
                break
        raise SheetError(f"{self.path} is broken and could not be set aside. Move it yourself.")


class _BrokenError(SheetError):
    """The file is no sheet at all: not JSON, too large, another format."""


# Decoding and bounds --------------------------------------------------------------------------


def _decode(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return the document and what is odd about it; raise ``SheetError``."""
    if len(data) > MAX_BYTES:
        raise SheetError(f"answers.json has more than {MAX_BYTES:,} bytes.")
    problems: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(found)
        if len(result) < len(found):
            seen: set[str] = set()
            twice = next(k for k, _ in found if k in seen or seen.add(k))  # type: ignore[func-returns-value]
            problems.append(f"answers.json gives {_clip(twice)} twice; the last one was kept.")
        return result

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetError(f"answers.json is not UTF-8 text: byte {error.start}.") from None
    try:
        raw = json.loads(text, object_pairs_hook=pairs, parse_int=_int)
    except json.JSONDecodeError as error:
        raise SheetError(
            f"answers.json is not JSON: line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise SheetError("answers.json is nested too deeply.") from None
    if not isinstance(raw, dict):
        raise SheetError(f"answers.json holds {_kind(raw)}, needs an object.")
    if raw.get("format") != FORMAT or isinstance(raw.get("format"), bool):
        raise SheetError(f"answers.json has the format {_clip(raw.get('format'))}, needs {FORMAT}.")
    answers = raw.setdefault("answers", {})
    if not isinstance(answers, dict):
        raise SheetError(f"answers.json answers: holds {_kind(answers)}, needs an object.")
    if len(answers) > _MAX_ENTRIES:
        raise SheetError(f"answers.json has {len(answers):,} entries, more than {_MAX_ENTRIES:,}.")
    kept: dict[str, Any] = {"answers": answers}
    for field in [name for name in raw if name != "answers"]:
        try:
            kept |= _fields("answers.json", {field: raw[field]})
        except AnswerError as error:
            problems.append(f"answers.json {_clip(field)}: {_brief(error)}")
    return kept, problems


def _entry(name: str, entry: Any) -> tuple[Answer, dict[str, Any], list[str]]:
    """Check one entry; return the answer, fields this version does not know, and what was left.

    A value or unit that cannot be read costs the entry; anything else costs only itself.
    """
    if not isinstance(entry, dict):
        raise AnswerError(name, f"the entry is {_kind(entry)}", "It needs an object.")
    value = entry.get("value")
    if value is not None:
        value = _value(name, value)
    answer = Answer(value, _unit(name, entry.get("unit")), _short(entry.get("saved_at")))
    odd: list[str] = []
    predicted, history = entry.get("predicted"), entry.get("history")
    if _is_number(predicted) and 0 <= predicted <= 100:
        answer = replace(answer, predicted=float(predicted))
    elif predicted is not None:
        odd.append(f"predicted: {_clip(predicted)} is not from 0 to 100; left out.")
    if isinstance(history, list):
        try:
            earlier = tuple(_earlier(name, e) for e in history[-MAX_HISTORY:])
            answer = replace(answer, history=earlier)
        except AnswerError as error:
            odd.append(f"history: {_brief(error)} The history was left out.")
    elif history is not None:
        odd.append(f"history: it is {_kind(history)}, needs a list; left out.")
    own = {"value", "unit", "saved_at", "predicted", "history"}
    extra: dict[str, Any] = {}
    for field in entry.keys() - own:
        try:
            extra |= _fields(name, {field: entry[field]})
        except AnswerError as error:
            odd.append(f"{_clip(field)}: {_brief(error)} Left out.")
    return answer, extra, odd


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _earlier(name: str, entry: Any) -> Earlier:
    if not isinstance(entry, dict) or entry.get("value") is None:
        raise AnswerError(name, f"the history holds {_kind(entry)}", "It needs earlier values.")
    return Earlier(
        _value(name, entry["value"]), _unit(name, entry.get("unit")), _short(entry.get("saved_at"))
    )


def _unit(name: str, unit: Any) -> str | None:
    if unit is not None and (not isinstance(unit, str) or len(unit) > 100):
        raise AnswerError(name, f"the unit is {_clip(unit)}", "A unit is a short text.")
    return None if unit is None else _clean_text(unit)


def _value(place: str, value: Any, depth: int = 0, *, allow_none: bool = False) -> Any:
    """Return ``value`` as plain JSON inside the bounds, or raise ``AnswerError``."""
    if depth > MAX_DEPTH:
        raise AnswerError(place, f"the value is nested more than {MAX_DEPTH} deep", "Flatten it.")
    if hasattr(value, "item") and not isinstance(value, list | dict | str):
        with contextlib.suppress(Exception):
            value = value.item()  # a NumPy scalar
    if isinstance(value, bool) or (value is None and (depth or allow_none)):
        return value
    if isinstance(value, int | float):
        if not abs(value) <= _MAX_NUMBER:  # true of nan, too
            raise AnswerError(place, f"{_clip(value)} is not a usable number", "Check the value.")
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise AnswerError(
                place,
                f"the text has {len(value):,} characters",
                f"Keep it under {MAX_TEXT:,}.",
            )
        return _clean_text(value)
    if isinstance(value, list | tuple):
        if len(value) > _MAX_ITEMS:
            raise AnswerError(place, f"a list of {len(value):,}", f"Keep it under {_MAX_ITEMS}.")
        return [_value(place, v, depth + 1) for v in value]
    if isinstance(value, dict):
        if len(value) > _MAX_ITEMS:
            raise AnswerError(place, f"{len(value):,} fields", f"Keep it under {_MAX_ITEMS}.")
        return _fields(place, value, depth + 1)
    raise AnswerError(
        place,
        f"a {type(value).__name__} cannot be saved",
        "Give a number, a text, a list or a dict of these.",
    )


def _fields(place: str, fields: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
    if not all(isinstance(k, str) and len(k) <= 200 for k in fields):
        raise AnswerError(place, "a field's name is not a short text", "Name fields by text.")
    return {_clean_text(k): _value(place, v, depth, allow_none=True) for k, v in fields.items()}


def _clean_text(text: str) -> str:
    """Replace what no UTF-8 file, no database or no page can hold: half and control characters."""
    text = _CONTROL.sub("\ufffd", text)
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _int(digits: str) -> int | float:
    """Read a whole number; one of absurd length is infinite, which no entry may hold."""
    return int(digits) if len(digits) <= 40 else math.inf


def _same(a: Any, b: Any) -> bool:
    """Equal also in type: ``1`` and ``True`` are different answers."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def _short(value: Any) -> str:
    return _clean_text(value[:100]) if isinstance(value, str) else ""


def _clip(value: Any) -> str:
    """Return a value from outside in at most 60 printable characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return _kind(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a very large number"
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")[1:-1]


def _brief(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= 300 else text[:297] + "..."


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    if value is None:
        return "nothing"
    return names.get(type(value), "a number")


# Files ------------------------------------------------------------------------------------------


def _encode(document: Mapping[str, Any]) -> bytes:
    """Write one answer a line: quick, and two versions of a sheet can be compared by eye."""

    def flat(value: Any) -> str:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)

    lines = []
    for key, value in sorted(document.items()):
        if key == "answers" and value:
            entries = ",\n".join(f"  {flat(k)}: {flat(v)}" for k, v in sorted(value.items()))
            lines.append(f" {flat(key)}: {{\n{entries}\n }}")
        else:
            lines.append(f" {flat(key)}: {flat(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _read_bytes(path: Path) -> bytes:
    """Read a regular file, at most one byte over the bound; never follow a symbolic link.

    Opening does not wait, so a pipe in the file's place cannot hold up a run.
    """
    if path.is_symlink():  # for systems without O_NOFOLLOW
        raise SheetError(f"{path} is a symbolic link. Put the file itself there.")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise SheetError(f"{path} is not a regular file. Move it away.")
            with os.fdopen(handle, "rb", closefd=False) as file:
                return file.read(MAX_BYTES + 1)
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}.") from None


def _write_atomically(path: Path, data: bytes) -> None:
    """Write beside the file, flush to disk, then replace: readers see the old or the new."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}. Nothing was saved.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if not os.environ.get("SKILLMAP_STATIC"):  # what a grading run writes is thrown away
                os.fsync(file.fileno())
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise SheetError(f"{path}: {error.strerror}. Nothing was saved.") from None
