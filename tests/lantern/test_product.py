"""What Lantern's levers change, and that its logs agree with each other."""

from __future__ import annotations

import numpy as np
import pytest

from skillmap.lantern import Lantern
from skillmap.lantern.dictionary import described
from skillmap.lantern.logs import FRAMES


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
