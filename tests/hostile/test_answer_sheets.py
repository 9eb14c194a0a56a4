"""The answer sheet under many writers, sudden ends and bytes that mean harm."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from skillmap import answers
from skillmap.answers import (
    FORMAT,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_TEXT,
    Answer,
    AnswerSheet,
)
from skillmap.errors import AnswerError, SheetError

if TYPE_CHECKING:
    from pathlib import Path

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
names = st.from_regex(r"es\.[a-z0-9]{1,4}(\.[a-z0-9]{1,5}){0,2}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
numbers = st.integers(-(10**29), 10**29) | st.floats(-1e30, 1e30)
scalars = st.none() | st.booleans() | numbers | texts
inner = st.recursive(
    scalars, lambda x: st.lists(x, max_size=4) | st.dictionaries(texts, x, max_size=4), max_leaves=8
)
values = inner.filter(lambda value: value is not None and depth_of(value) <= MAX_DEPTH)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def open_at(path: Path, **changes: object) -> AnswerSheet:
    who = {"module": "estimation", "learner": "ada", "world": 813_452} | changes
    return AnswerSheet.open(path, **who)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def written(path: Path, entries: dict[str, object], **more: object) -> AnswerSheet:
    path.write_text(json.dumps({"format": FORMAT, **more, "answers": entries}))
    return open_at(path)


# Saving and reading back --------------------------------------------------------------------------


def test_what_is_saved_is_there_after_a_restart(path: Path) -> None:
    sheet = open_at(path)
    assert not path.exists(), "opening writes nothing"
    sheet.put("es.e1.range", {"low": 1, "high": 2.5}, "calls/day")
    sheet.predict("es.e1", 70)
    again = open_at(path)
    assert again.get("es.e1.range").value == {"low": 1, "high": 2.5}
    assert again.get("es.e1.range").unit == "calls/day"
    assert again.get("es.e1") == Answer(predicted=70.0)
    assert not again.get("es.e1").given
    assert again.get("es.e9") is None
    assert again.ids() == tuple(again) == ("es.e1", "es.e1.range")
    assert len(again) == 2
    assert again.problems == ()


@quick
@given(st.dictionaries(names, values, max_size=5))
def test_round_trip(tmp_path: Path, entries: dict[str, object]) -> None:
    path = tmp_path / f"{time.monotonic_ns()}.json"
    sheet = open_at(path)
    for name, value in entries.items():
        sheet.put(name, value)
    for again in (open_at(path), AnswerSheet.parse(sheet.to_bytes())):
        assert {name: again.get(name).value for name in again} == entries
        assert again.problems == ()
        assert again.to_bytes() == sheet.to_bytes()


def test_control_and_half_characters_do_not_pass(path: Path) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.text", "a\0b\x1b[2J\x9b1m\ud800 tab\t line\n")
    assert open_at(path).get("es.e1.text").value == "a\ufffdb\ufffd[2J\ufffd1m? tab\t line\n"


def test_a_sheet_without_a_file_lives_in_memory() -> None:
    sheet = AnswerSheet(module="estimation")
    sheet.put("es.e1.point", 3)
    assert sheet.as_dict()["answers"]["es.e1.point"]["value"] == 3
    sheet.reload()
    assert len(sheet) == 1


def test_numpy_values_become_plain_ones(path: Path) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.a", np.float64(2.5))
    sheet.put("es.e1.b", [np.int64(3), np.bool_(True)])
    assert open_at(path).get("es.e1.b").value == [3, True]
    assert type(sheet.get("es.e1.b").value[1]) is bool


# Values that no sheet holds -----------------------------------------------------------------------


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "nan is not a usable number"),
        (float("inf"), "inf is not a usable number"),
        ([1, float("-inf")], "-inf is not a usable number"),
        (10**400, "a very large number is not a usable number"),
        (None, "there is no value"),
        ("x" * (MAX_TEXT + 1), "20,001 characters"),
        (nested(MAX_DEPTH + 1), "more than 8 deep"),
        (list(range(501)), "a list of 501"),
        ({1: 2}, "a field's name is not a short text"),
        ({"a"}, "a set cannot be saved"),
        (np.arange(3), "a ndarray cannot be saved"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_out_of_bounds_changes_nothing(path: Path, value: object, said: str) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.point", 7)
    before = path.read_bytes()
    with pytest.raises(AnswerError, match=said) as caught:
        sheet.put("es.e1.point", value)
    assert str(caught.value).startswith("es.e1.point: ")
    assert path.read_bytes() == before
    assert sheet.get("es.e1.point").value == 7


def test_the_bounds_themselves_are_allowed(path: Path) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.a", nested(MAX_DEPTH))
    sheet.put("es.e1.b", "x" * MAX_TEXT)
    assert open_at(path).problems == ()


@pytest.mark.parametrize("percent", [-1, 101, float("nan"), True, "70", 10**400])
def test_a_prediction_is_a_percent(path: Path, percent: object) -> None:
    with pytest.raises(AnswerError, match="from 0 to 100"):
        open_at(path).predict("es.e1", percent)


@pytest.mark.parametrize("name", ["", "ES.E1", "zz.e1", "es", "es.e1." + "x" * 90, "../es.e1"])
def test_an_id_is_an_id(path: Path, name: str) -> None:
    with pytest.raises(AnswerError):
        open_at(path).put(name, 1)


def test_a_unit_is_a_short_text(path: Path) -> None:
    with pytest.raises(AnswerError, match="the unit"):
        open_at(path).put("es.e1.point", 1, object())


def test_a_full_sheet_gives_up_history_first_and_never_an_answer(path: Path) -> None:
    sheet = open_at(path)
    entries = [f"es.e{number}.text" for number in range(49)]
    for name in entries:
        sheet.put(name, "a" * MAX_TEXT)
    sheet.put(entries[0], "b" * MAX_TEXT)
    sheet.put(entries[1], "b" * MAX_TEXT)
    sheet.put(entries[2], "b" * MAX_TEXT)
    assert path.stat().st_size <= MAX_BYTES
    assert [len(sheet.get(name).value) for name in entries] == [MAX_TEXT] * 49
    sheet.put("es.e60.text", "c" * MAX_TEXT)
    sheet.put("es.e61.text", "c" * MAX_TEXT)
    sheet.put("es.e63.text", "c" * MAX_TEXT)
    before = path.read_bytes()
    with pytest.raises(AnswerError, match="the sheet would grow"):
        sheet.put("es.e62.text", "c" * MAX_TEXT)
    assert path.read_bytes() == before
    assert sheet.get("es.e62.text") is None


# Two writers --------------------------------------------------------------------------------------


def test_a_save_brings_what_the_other_notebook_saved_under_the_same_id(path: Path) -> None:
    one, two = open_at(path), open_at(path)
    one.put("es.e1.a", "first")
    assert two.put("es.e1.a", "second").history[0].value == "first"


def test_threads_on_one_sheet_and_on_two(path: Path) -> None:
    shared, failures = open_at(path), []

    def write(number: int) -> None:
        try:
            sheet = shared if number % 2 else open_at(path)
            for step in range(5):
                sheet.put(f"es.t{number}.s{step}", [number, step])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    final = open_at(path)
    assert len(final) == 30
    assert all(final.get(f"es.t{n}.s{s}").value == [n, s] for n in range(6) for s in range(5))


def _write_many(path: Path, number: int, rounds: int) -> None:
    sheet = open_at(path)
    for step in range(rounds):
        sheet.put(f"es.p{number}.s{step}", [number, step])


def test_processes_lose_nothing_and_readers_never_see_half_a_file(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_write_many, args=(path, n, 20)) for n in range(3)]
    for worker in workers:
        worker.start()
    seen = 0
    while any(worker.is_alive() for worker in workers):
        if path.exists():
            seen = max(seen, len(AnswerSheet.parse(path.read_bytes())))
        time.sleep(0.002)
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert len(open_at(path)) == 60
    assert seen > 0
    assert [p.name for p in path.parent.iterdir() if "tmp" in p.name or "broken" in p.name] == []


def _write_until_killed(path: Path) -> None:
    sheet, step = open_at(path), 0
    while True:
        sheet.put(f"es.k{step % 9}.text", "x" * 15_000)
        step += 1


def test_killed_at_any_moment_leaves_a_whole_file(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    open_at(path).put("es.e1.a", 1)
    worker = spawn.Process(target=_write_until_killed, args=(path,))
    worker.start()
    deadline = time.monotonic() + 20
    while len(AnswerSheet.parse(path.read_bytes())) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.kill()
    worker.join()
    sheet = open_at(path)
    assert sheet.problems == ()
    assert sheet.get("es.e1.a").value == 1
    sheet.put("es.e1.b", 2)  # the dead writer's lock does not stay
    assert open_at(path).get("es.e1.b").value == 2


@quick
@given(st.lists(st.tuples(st.booleans(), names, values), max_size=8))
def test_any_interleaving_ends_with_each_ids_last_value(
    tmp_path: Path, puts: list[tuple[bool, str, object]]
) -> None:
    path = tmp_path / f"{time.monotonic_ns()}.json"
    one, two = open_at(path), open_at(path)
    for first, name, value in puts:
        (one if first else two).put(name, value)
    final = open_at(path)
    assert {name: final.get(name).value for name in final} == {n: v for _, n, v in puts}


def test_a_lock_that_is_held_too_long_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_LOCK_SECONDS", 0.05)
    sheet, other = open_at(path), open_at(path)
    with other._locked(), pytest.raises(SheetError, match="in use elsewhere"):
        sheet.put("es.e1.a", 1)
    sheet.put("es.e1.a", 1)


def test_the_files_rights_stay(path: Path) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.a", 1)
    path.chmod(0o640)
    sheet.put("es.e1.a", 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


# A broken file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'{"answers": {}}', b'{"format": 2}', b"\xff\xfe{", b"\0" * 10],
    ids=repr,
)
def test_a_broken_file_is_set_aside_and_reported(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    sheet = open_at(path)
    (aside,) = path.parent.glob("answers.broken-*.json")
    assert aside.read_bytes() == data
    assert aside.name in sheet.problems[0]
    assert not path.exists()
    sheet.put("es.e1.a", 1)
    assert open_at(path).problems == ()
    assert aside.read_bytes() == data


def test_a_file_broken_while_the_notebook_is_open_costs_nothing(path: Path) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.a", 1)
    path.write_bytes(b"oops")
    sheet.put("es.e1.b", 2)
    assert open_at(path).ids() == ("es.e1.a", "es.e1.b")
    assert "set aside" in " ".join(sheet.problems)


def test_a_deleted_file_comes_back_with_the_next_save(path: Path) -> None:
    sheet = open_at(path)
    sheet.put("es.e1.a", 1)
    path.unlink()
    sheet.reload()
    sheet.put("es.e1.b", 2)
    assert open_at(path).ids() == ("es.e1.a", "es.e1.b")


def test_a_damaged_entry_costs_only_itself(path: Path) -> None:
    sheet = written(
        path,
        {
            "es.e1.deep": {"value": nested(MAX_DEPTH + 1)},
            "es.e1.good": {"value": 3},
            "es.e1.list": [1],
            "Not An Id": {"value": 1},
            "es.e1.unit": {"value": 1, "unit": 5},
        },
    )
    assert sheet.ids() == ("es.e1.good",)
    told = " ".join(sheet.problems)
    for place in ("es.e1.deep", "es.e1.list", "Not An Id", "es.e1.unit"):
        assert f"answers.json answers[{place}]: " in told
    before = path.read_bytes()
    sheet.reload()
    sheet.put("es.e1.more", 4)
    (aside,) = path.parent.glob("answers.broken-*")
    assert aside.read_bytes() == before
    assert open_at(path).ids() == ("es.e1.good", "es.e1.more")


def test_a_field_beside_the_value_costs_only_itself(path: Path) -> None:
    sheet = written(
        path,
        {
            "es.e1.a": {"value": 3, "history": "x", "predicted": 400, "z": None},
            "es.e1.b": {"value": 4, "history": [{"value": 1}, 5]},
        },
    )
    assert sheet.get("es.e1.a") == Answer(3)
    assert sheet.get("es.e1.b") == Answer(4)
    told = " ".join(sheet.problems)
    for place in ("[es.e1.a].history", "[es.e1.a].predicted", "[es.e1.b].hist"):
        assert place in told


def test_numbers_that_json_should_not_hold_cost_their_entry(path: Path) -> None:
    path.write_text(
        '{"format": 1, "answers": {"es.e1.a": {"value": NaN}, "es.e1.b": {"value": -Infinity}, '
        '"es.e1.c": {"value": 1e999}, "es.e1.d": {"value": %s}, "es.e1.e": {"value": 5}}}'
        % ("9" * 5000)
    )
    sheet = open_at(path)
    assert sheet.ids() == ("es.e1.e",)
    assert sum("not a usable number" in problem for problem in sheet.problems) == 4


# Data from outside --------------------------------------------------------------------------------


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=8) | names, x, max_size=4),
    max_leaves=12,
)
entries_like = st.dictionaries(
    names | st.text(max_size=8),
    json_like
    | st.fixed_dictionaries(
        {},
        optional={
            "value": json_like,
            "unit": json_like,
            "predicted": json_like,
            "history": json_like | st.lists(st.fixed_dictionaries({"value": json_like})),
            "saved_at": json_like,
            "other": json_like,
        },
    ),
    max_size=4,
)


def survives(data: bytes) -> None:
    try:
        sheet = AnswerSheet.parse(data)
    except SheetError:
        return
    again = AnswerSheet.parse(sheet.to_bytes())
    assert again.as_dict() == sheet.as_dict()
    assert all(len(problem) < 1000 for problem in sheet.problems)
    assert len(sheet.problems) <= 51
    assert "".join(sheet.problems).isprintable()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
@example(b'{"format":1,"answers":{"es.e1.a":{"value":"\\ud800","unit":"\\udfff"},"\\ud800":1}}')
@example(b'{"format":1,"\\ud800":3,"answers":{"es.e1.a":{"\\ud800":3,"value":{"\\ud800":1}}}}')
@example(b'\xef\xbb\xbf{"format":1}')
@example(b'{"format":1,"format":1,"answers":{"es.e1.a":{"value":1},"es.e1.a":{"value":2}}}')
@example(b'{"format":true,"answers":{}}')
@example(b'{"format":1,"world":' + b"9" * 5000 + b"}")
def test_arbitrary_bytes_raise_nothing_but_sheet_errors(data: bytes) -> None:
    survives(data)


@settings(max_examples=200, deadline=None)
@given(entries_like, st.dictionaries(st.text(max_size=6), json_like, max_size=2))
def test_arbitrary_documents_raise_nothing_but_sheet_errors(
    entries: dict[str, object], more: dict[str, object]
) -> None:
    survives(json.dumps({**more, "format": 1, "answers": entries}).encode())


@pytest.mark.parametrize(
    "data",
    [
        b'{"format":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        *(b'{"format":' + b"[" * n + b"]" * n + b"}" for n in range(880, 1000, 7)),
        *(
            b'{"format":1,"answers":{"es.e1.a":{"unit":' + b'{"a":' * n + b"1" + b"}" * n + b"}}}"
            for n in range(880, 1000, 7)
        ),
        b'{"format":1,"answers":{"' + b"x" * 900_000 + b'":{"value":1}}}',
        b'{"format":1,"answers":{"es.e1.a":{"value":"' + b"x" * 900_000 + b'"}}}',
        b'{"format":1,"answers":{' + b'"a":1,' * 100_000 + b'"a":1}}',
        b'{"format":1,"answers":{'
        + b",".join(b'"es.e%d":{"a":1,"a":2}' % n for n in range(900))
        + b"}}",
        b'{"format":1,"answers":[' + b"{}," * 200_000 + b"{}]}",
        b" " * (MAX_BYTES + 1),
    ],
    ids=lambda data: f"{data[:30]!r}x{len(data)}",
)
def test_hostile_sizes_are_refused_quickly(data: bytes) -> None:
    begin = time.perf_counter()
    survives(data)
    assert time.perf_counter() - begin < 2


def test_parse_reports_unknown_ids() -> None:
    data = b'{"format": 1, "answers": {"es.zz": {"value": 1}}}'
    assert "no such item" in AnswerSheet.parse(data, known=["es.e1"]).problems[0]


def test_links_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    open_at(target).put("es.e1.a", 1)
    link = tmp_path / "link.json"
    link.symlink_to(target)
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    folder = tmp_path / "folder.json"
    folder.mkdir()
    dangling = tmp_path / "dangling.json"
    dangling.symlink_to(tmp_path / "nowhere")
    for odd in (link, pipe, folder, dangling):
        with pytest.raises(SheetError, match=r"symbolic link|not a regular file"):
            open_at(odd)
    sheet = open_at(tmp_path / "later.json")
    sheet.path.symlink_to(target)
    before = target.read_bytes()
    with pytest.raises(SheetError, match="symbolic link"):
        sheet.put("es.e1.a", 2)
    assert target.read_bytes() == before


def test_a_folder_that_cannot_be_written_can_still_be_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_at(path).put("es.e1.a", 1)

    def refused(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refused)
    sheet = open_at(path)
    assert sheet.get("es.e1.a").value == 1
    with pytest.raises(SheetError, match="Permission denied"):
        sheet.put("es.e1.a", 2)
    assert sheet.get("es.e1.a").value == 1
