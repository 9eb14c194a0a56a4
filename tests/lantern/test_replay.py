"""Logs: what was done can be done again, and a file that is no log of this version says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from skillmap.errors import ActionRefusedError
from skillmap.lantern import Lantern, replay
from skillmap.lantern.memory import VERSION, fingerprint

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    lantern = Lantern(7).run(1).set_threshold(0.7).run(1)
    lantern.buy_labels(5)
    path = lantern.save_log(tmp_path_factory.mktemp("log") / "run.json")
    return dict(json.loads(path.read_text()))


def test_a_log_replays_to_the_same_fingerprint(tmp_path: Path) -> None:
    lantern = Lantern(1234, demand_responds=True).set_monitors("accuracy", labels_a_day=20)
    lantern.run(4).set_threshold({"S5": 0.95}).set_policy("cascade", "wren", "heron", 0.9)
    lantern.set_index(k=5, glossary=True).start_trial(0.25).set_cache("5min", [8, 9]).run(3)
    items = lantern.buy_labels(30, by="stratified")["item"]
    lantern.judge(50, segments={"S3": 50})
    lantern.rerun(items, passage="today")
    again = replay(lantern.save_log(tmp_path / "run.json"))
    assert fingerprint(again) == fingerprint(lantern)
    assert again.money_left == pytest.approx(lantern.money_left)
    assert again.logs.labels.equals(lantern.logs.labels)
    assert again.save_log(tmp_path / "2.json").read_bytes() == (tmp_path / "run.json").read_bytes()


def edit(log: dict[str, Any], number: int, **change: Any) -> dict[str, Any]:
    actions = [dict(action) for action in log["actions"]]
    actions[number] |= change
    return log | {"actions": actions}


EDITS: list[tuple[str, Any, str]] = [
    ("version", lambda x: x | {"lantern": 99}, "version 99"),
    ("older version", lambda x: {"lantern": 0, "seed": 7}, "version 0"),
    ("fingerprint", lambda x: x | {"fingerprint": "0"}, "differs from the log"),
    ("another world", lambda x: x | {"world": 8}, "differs from the log"),
    ("no such world", lambda x: x | {"world": -8}, "whole number"),
    ("budget raised", lambda x: x | {"label_budget": 9_000}, "differs from the log"),
    ("budget as text", lambda x: x | {"label_budget": "much"}, "from 0 to"),
    ("launched", lambda x: x | {"launched": None}, "True or False"),
    ("threshold", lambda x: edit(x, 1, **{"with": {"value": 0.2}}), "differs from the log"),
    ("bad threshold", lambda x: edit(x, 1, **{"with": {"value": 2}}), "from 0 to 1"),
    ("setting nobody knows", lambda x: edit(x, 1, **{"with": {"to": 2}}), "does not know"),
    ("fewer labels", lambda x: edit(x, 3, **{"with": {"n": 4}}), "differs from the log"),
    ("purchase left out", lambda x: x | {"actions": x["actions"][:-1]}, "differs from the log"),
    ("order", lambda x: x | {"actions": x["actions"][::-1]}, "out of order"),
    ("day", lambda x: edit(x, 1, day=0), "out of order"),
    ("private action", lambda x: edit(x, 0, do="_note"), "no such"),
    ("no action", lambda x: x | {"actions": [7]}, "no such"),
    ("no list", lambda x: x | {"actions": "run"}, "not a whole log"),
    (
        "a field left out",
        lambda x: {k: v for k, v in x.items() if k != "world"},
        "world is missing",
    ),
    ("not a log", lambda x: {"cells": []}, "not a log of Lantern"),
    ("a list", lambda x: [x], "not a log of Lantern"),
    ("endless", lambda x: x | {"actions": x["actions"] * 2_000}, "no more than"),
]


@pytest.mark.parametrize(("name", "change", "told"), EDITS, ids=[row[0] for row in EDITS])
def test_an_edited_log_says_so(
    name: str, change: Any, told: str, log: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(change(log)))
    with pytest.raises(ActionRefusedError, match=told):
        replay(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[", "damaged"),
        (b"", "damaged"),
        (b"\xff\xfe\x00", "damaged"),
        (b"[" * 200_000, "damaged"),
        (b'{"lantern": 1' + b"0" * 5_000 + b"}", "damaged"),
        (b" " * 4_000_001, "too large"),
    ],
)
def test_what_is_no_log_says_so(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(ActionRefusedError, match=told):
        replay(path)


def test_a_missing_log_says_so(tmp_path: Path) -> None:
    with pytest.raises(ActionRefusedError, match="There is no file"):
        replay(tmp_path / "none.json")
    with pytest.raises(ActionRefusedError, match="There is no file"):
        replay(tmp_path)


def test_a_log_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lantern = Lantern(7).run(1)
    path = lantern.save_log(tmp_path / "run.json")
    before = path.read_bytes()
    assert json.loads(before)["lantern"] == VERSION

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    lantern.run(1)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ActionRefusedError, match="could not be saved"):
        lantern.save_log(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    with pytest.raises(ActionRefusedError, match="folder that exists"):
        lantern.save_log(tmp_path / "nowhere" / "run.json")
