"""Actions: what they change, what they refuse, and that a refusal changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skillmap.errors import ActionRefusedError
from skillmap.lantern import Lantern, replay
from skillmap.lantern.dictionary import described
from skillmap.lantern.logs import FRAMES
from skillmap.lantern.memory import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BAD: list[tuple[str, Callable[[Lantern], object], str]] = [
    ("threshold above one", lambda x: x.set_threshold(1.2), "from 0 to 1"),
    ("threshold as text", lambda x: x.set_threshold("high"), "from 0 to 1"),  # type: ignore[arg-type]
    ("threshold NaN", lambda x: x.set_threshold(float("nan")), "from 0 to 1"),
    ("unknown segment", lambda x: x.set_threshold({"S6": 0.5}), "S1, S2"),
    ("unknown tier", lambda x: x.set_policy("direct", "gpt"), "wren, heron, condor"),
    ("same tier twice", lambda x: x.set_policy("cascade", "heron", "heron"), "two different"),
    ("cascade bar", lambda x: x.set_policy("cascade", "wren", "heron", 2), "from 0 to 1"),
    ("unknown policy", lambda x: x.set_policy("magic"), "direct, router, cascade"),
    ("chunk size", lambda x: x.set_index(chunk_words=99), "chunk_words is 99"),
    ("unknown index setting", lambda x: x.set_index(size=3), "index setting"),
    ("stage", lambda x: x.stage_rollout(0.3), "Stages are"),
    ("no trial", lambda x: x.stop_trial(), "No trial"),
    ("cache hour", lambda x: x.set_cache("1h", [25]), "hours 0 to 23"),
    ("desk", lambda x: x.staff_desk(9), "from 0.25 to 4"),
    ("monitor", lambda x: x.set_monitors("vibes"), "accuracy"),
    ("too many days", lambda x: x.run(121), "are left"),
    ("no days", lambda x: x.run(0), "whole number"),
    ("half a day", lambda x: x.run(0.5), "whole number"),  # type: ignore[arg-type]
    ("labels over budget", lambda x: x.buy_labels(20_000), "is left in the budget"),
    ("too many of one group", lambda x: x.buy_labels(9_000, segments=["S5"]), "there are"),
    ("no labels", lambda x: x.buy_labels(0), "whole number"),
    ("labels of the future", lambda x: x.buy_labels(5, until=40), "not all lived"),
    ("unknown item", lambda x: x.judge(items=[99_999_999]), "take items from the logs"),
    ("layer", lambda x: x.invest("vibes"), "workflow"),
]


@pytest.mark.parametrize(("name", "act", "told"), BAD, ids=[row[0] for row in BAD])
def test_refusals_say_why_and_change_nothing(
    name: str, act: Callable[[Lantern], object], told: str
) -> None:
    lantern = Lantern(10).run(3)
    before = (lantern.settings, lantern.day, lantern.money_left, len(lantern._actions))
    draw = lantern.fork().buy_labels(5)["item"].tolist()
    with pytest.raises(ActionRefusedError, match=told):
        act(lantern)
    assert (lantern.settings, lantern.day, lantern.money_left, len(lantern._actions)) == before
    assert lantern.buy_labels(5)["item"].tolist() == draw


def test_after_the_last_day_nothing_moves(full_house: Lantern) -> None:
    for act in (lambda: full_house.run(1), lambda: full_house.set_threshold(0.5)):
        with pytest.raises(ActionRefusedError, match="Day 120 has passed"):
            act()
    with pytest.raises(ActionRefusedError, match="retired"):
        full_house.pin_model()


def test_a_log_replays_to_the_same_fingerprint(tmp_path: Path) -> None:
    lantern = Lantern(1234, demand_responds=True).set_monitors("accuracy", labels_a_day=20)
    lantern.run(4).set_threshold({"S5": 0.95}).set_policy("cascade", "wren", "heron", 0.9)
    lantern.set_index(k=5, glossary=True).start_trial(0.25).set_cache("5min", [8, 9]).run(3)
    lantern.buy_labels(30, by="stratified")
    lantern.judge(50, segments={"S3": 50})
    again = replay(lantern.save_log(tmp_path / "run.json"))
    assert fingerprint(again) == fingerprint(lantern)
    assert again.money_left == pytest.approx(lantern.money_left)
    assert again.logs.labels.equals(lantern.logs.labels)


def test_a_log_of_another_version_says_so(tmp_path: Path) -> None:
    path = Lantern(7).run(1).save_log(tmp_path / "run.json")
    log = json.loads(path.read_text())
    path.write_text(json.dumps(log | {"lantern": 99}))
    with pytest.raises(ActionRefusedError, match="version 99"):
        replay(path)
    path.write_text(json.dumps(log | {"fingerprint": "0"}))
    with pytest.raises(ActionRefusedError, match="differs from the log"):
        replay(path)
    path.write_text(json.dumps(log | {"actions": [{"do": "_note", "with": {}}]}))
    with pytest.raises(ActionRefusedError, match="no such"):
        replay(path)
    path.write_text("[")
    with pytest.raises(ActionRefusedError, match="cannot be read"):
        replay(path)


def test_every_column_is_in_the_dictionary() -> None:
    lantern = Lantern(10).start_trial(0.5).run(2)
    lantern.buy_labels(5)
    lantern.judge(5)
    for name in FRAMES:
        frame = getattr(lantern.logs, name)
        missing = [column for column in frame.columns if not described(name, column)]
        assert not missing, name
        assert "simulated" in frame.attrs["source"]


def test_logs_agree_with_each_other() -> None:
    logs = Lantern(10).run(5).logs
    assert len(logs.questions) == logs.days["questions"].sum() == logs.segments["questions"].sum()
    asked = logs.questions
    spent = logs.ledger.query("surface == 'ask' and line == 'inference'")["dollars"].sum()
    assert asked["dollars"].sum() == pytest.approx(spent, rel=1e-4)
    assert (asked["outcome"] == "answered").sum() == logs.segments["answered"].sum()
    assert (asked["seconds_total"] >= asked["seconds_to_read"] - 1.0).all()


def test_staging_shows_lantern_to_the_same_people_and_more() -> None:
    early = Lantern(10, launched=False).stage_rollout(0.05).run(2)
    late = Lantern(10, launched=False).stage_rollout(0.25).run(2)
    first = early.logs.questions.query("outcome != 'unexposed'")["user"]
    second = late.logs.questions.query("outcome != 'unexposed'")["user"]
    assert set(first) <= set(second)
    assert len(first) / len(early.logs.questions) == pytest.approx(0.05, abs=0.006)


def test_a_fork_goes_its_own_way() -> None:
    lantern = Lantern(10).run(2)
    twin = lantern.fork().set_threshold(0.95).run(2)
    lantern.run(2)
    assert twin.logs.days["withheld_rate"].iloc[-1] > lantern.logs.days["withheld_rate"].iloc[-1]
    assert twin.logs.days["questions"].equals(lantern.logs.days["questions"])


def test_levers_do_what_they_say() -> None:
    base = Lantern(10).run(1).logs.days.iloc[0]
    wren = Lantern(10).set_policy("direct", "wren").run(1).logs.days.iloc[0]
    assert wren["dollars"] < 0.15 * base["dollars"]
    assert wren["first_p50"] < base["first_p50"]
    condor = Lantern(10).set_policy("direct", "condor").run(1).logs.days.iloc[0]
    assert condor["left_rate"] > 0.3
    cached = Lantern(10).set_cache("1h").run(1).logs.days.iloc[0]
    assert cached["dollars"] < base["dollars"]
    clarify = Lantern(10).set_fallback("clarify").run(1).logs.days.iloc[0]
    assert clarify["answered"] > base["answered"]
    assert clarify["contacts"] < base["contacts"]


def test_pinning_keeps_the_old_behavior_until_the_snapshot_retires() -> None:
    pinned = Lantern(10).pin_model().run(112).logs.days
    assert set(pinned["version"].iloc[:110]) == {"2026-01"}
    assert set(pinned["version"].iloc[110:]) == {"2026-04"}


def test_rerun_separates_retrieval_from_generation() -> None:
    lantern = Lantern(10).run(2)
    wrong = lantern.buy_labels(600).query("label == 'wrong'")["item"].tolist()
    here = lantern.rerun(wrong)
    right = lantern.rerun(wrong, passage="today")
    assert (right["label"] == "right").mean() > (here["label"] == "right").mean()
    new = lantern.rerun(wrong, version="new", label=False)
    assert new["tokens_out"].mean() > 1.2 * here["tokens_out"].mean()
    assert "label" not in new.columns


def test_two_labelers_agree_as_well_as_real_ones() -> None:
    from skillmap.stats import cohen_kappa

    kappas = []
    for world in range(3000, 3008):
        lantern = Lantern(world).run(2)
        one = lantern.buy_labels(1500)
        two = lantern.buy_labels(1500, items=one["item"].tolist(), labeler=2)
        both = one.merge(two, on="item")
        kappas.append(cohen_kappa(both["label_x"].tolist(), both["label_y"].tolist()))
    assert 0.45 <= float(np.median(kappas)) <= 0.80
