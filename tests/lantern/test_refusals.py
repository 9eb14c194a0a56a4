"""What Lantern refuses: the reason is in a PM's words, and a refusal changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from skillmap.errors import ActionRefusedError
from skillmap.lantern import Lantern
from skillmap.lantern.memory import _CALLS, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

BAD: list[tuple[str, Callable[[Lantern], object], str]] = [
    ("threshold above one", lambda x: x.set_threshold(1.2), "from 0 to 1"),
    ("threshold as text", lambda x: x.set_threshold("high"), "from 0 to 1"),  # type: ignore[arg-type]
    ("threshold NaN", lambda x: x.set_threshold(float("nan")), "from 0 to 1"),
    ("threshold of nobody", lambda x: x.set_threshold({"S6": 0.5}), "S1, S2"),
    ("slope", lambda x: x.recalibrate("S3", 0, 0), "from 0.05 to 5"),
    ("intercept", lambda x: x.recalibrate("S3", 1, 9), "from -6 to 6"),
    ("recalibrate nobody", lambda x: x.recalibrate("all", 1, 0), "no segment 'all'"),
    ("unknown tier", lambda x: x.set_policy("direct", "gpt"), "wren, heron, condor"),
    ("same tier twice", lambda x: x.set_policy("cascade", "heron", "heron"), "two different"),
    ("cascade bar", lambda x: x.set_policy("cascade", "wren", "heron", 2), "from 0 to 1"),
    ("router bar", lambda x: x.set_policy("router", "wren", "heron", 9), "from -4 to 4"),
    ("unknown policy", lambda x: x.set_policy("magic"), "direct, router, cascade"),
    ("careful with nobody", lambda x: x.set_policy(careful=["S9"]), "no segment 'S9'"),
    ("chunk size", lambda x: x.set_index(chunk_words=99), "chunk_words is 99"),
    ("half a chunk", lambda x: x.set_index(k=2.5), "choose 1 to 12 chunks"),
    ("overlap", lambda x: x.set_index(overlap=0.3), "0, 0.25 or 0.5"),
    ("method", lambda x: x.set_index(method="magic"), "bm25, vectors, fusion"),
    ("glossary", lambda x: x.set_index(glossary="yes"), "on .True. or off"),
    ("unknown index setting", lambda x: x.set_index(size=3), "index setting"),
    ("fallback", lambda x: x.set_fallback("hang up"), "desk, article, clarify"),
    ("cache", lambda x: x.set_cache("1 day"), "off, 5min, 1h"),
    ("cache hour", lambda x: x.set_cache("1h", [25]), "hours 0 to 23"),
    ("storm plan", lambda x: x.set_storm_plan("pray"), "queue, short answers"),
    ("pin", lambda x: x.pin_model("maybe"), "True or False"),  # type: ignore[arg-type]
    ("stage", lambda x: x.stage_rollout(0.3), "Stages are"),
    ("stage for nobody", lambda x: x.stage_rollout(0.5, ["S0"]), "no segment 'S0'"),
    ("share of a trial", lambda x: x.start_trial(0.99), "from 0.005 to 0.95"),
    ("no trial to stop", lambda x: x.stop_trial(), "No trial"),
    ("second trial", lambda x: x.start_trial(0.5), "A trial is running"),
    ("trial of what all have", lambda x: x.start_trial(0.5), "has style B already"),
    ("style", lambda x: x.set_style("C"), "A, B"),
    ("desk", lambda x: x.staff_desk(9), "from 0.25 to 4"),
    ("reviewers", lambda x: x.staff_reviewers(-1), "from 0 to 4"),
    ("review policy", lambda x: x.set_review("best"), "lowest confidence"),
    ("monitor", lambda x: x.set_monitors("vibes"), "accuracy"),
    ("labels a day", lambda x: x.set_monitors(labels_a_day=-5), "0 to 2000"),
    ("answer length", lambda x: x.set_answer_length(0.1), "from 0.3 to 2"),
    ("slots", lambda x: x.set_slots(0), "from 0.5 to 4"),
    ("tier of notes", lambda x: x.set_notes("gpt"), "wren, heron, condor"),
    ("length of notes", lambda x: x.set_notes(length=9), "from 0.3 to 2"),
    ("layer", lambda x: x.invest("vibes"), "workflow"),
    ("layer twice", lambda x: x.invest("workflow"), "already"),
    ("too many days", lambda x: x.run(121), "are left"),
    ("no days", lambda x: x.run(0), "whole number"),
    ("half a day", lambda x: x.run(0.5), "whole number"),  # type: ignore[arg-type]
    ("labels over budget", lambda x: x.buy_labels(20_000), "is left in the budget"),
    ("golden over budget", lambda x: _broke(x).run_golden(), "is left in the budget"),
    ("rerun over budget", lambda x: _broke(x).rerun(_items(x, 60)), "is left in the budget"),
    ("too many of one group", lambda x: x.buy_labels(9_000, segments=["S5"]), "there are"),
    ("no labels", lambda x: x.buy_labels(0), "whole number"),
    ("labels of nothing", lambda x: x.buy_labels(), "whole number"),
    ("labels of the future", lambda x: x.buy_labels(5, until=40), "not all lived"),
    ("labels of no group", lambda x: x.buy_labels(5, segments=[]), "at least one segment"),
    ("labels, misspelled", lambda x: x.buy_labels(5, segment="S3"), "way to choose answers"),
    ("two numbers", lambda x: x.buy_labels(9, items=_items(x, 3)), "Leave n out"),
    ("third labeler", lambda x: x.buy_labels(5, labeler=3), "1 to 2"),
    ("unknown item", lambda x: x.judge(items=[99_999_999]), "take items from the logs"),
    ("items as text", lambda x: x.judge(items="all"), "numbers from the logs"),
    ("grader", lambda x: x.run_golden(graded_by="me"), "people, judge"),
    ("version", lambda x: x.rerun(_items(x, 3), version="newest"), "logged, old, new"),
    ("passage", lambda x: x.rerun(_items(x, 3), passage="mine"), "retrieved, right, today"),
    ("nothing to rerun", lambda x: x.rerun([]), "at least one item"),
]
FIRST: dict[str, Callable[[Lantern], object]] = {
    "second trial": lambda x: x.start_trial(0.5),
    "trial of what all have": lambda x: x.set_style("B"),
    "layer twice": lambda x: x.invest("workflow"),
}
PYTHON = re.compile(r"Traceback|NoneType|object|int\b|float\b|str\b|argument|Errno|<class|keyword")


def _broke(lantern: Lantern) -> Lantern:
    lantern._bought.budget = 50.0
    return lantern


def _items(lantern: Lantern, n: int) -> list[int]:
    asked = lantern.logs.questions
    return [int(item) for item in asked.loc[asked["outcome"] == "answered", "item"][:n]]


def state(lantern: Lantern) -> tuple[object, ...]:
    return (
        lantern.settings,
        lantern.day,
        lantern._bought.spent[:],
        len(lantern._actions),
        tuple(lantern._built),
        fingerprint(lantern),
    )


@pytest.mark.parametrize(("name", "act", "told"), BAD, ids=[row[0] for row in BAD])
def test_refusals_say_why_and_change_nothing(
    name: str, act: Callable[[Lantern], object], told: str
) -> None:
    lantern = Lantern(10)
    FIRST.get(name, lambda x: x)(lantern)
    lantern.run(3)
    draw = lantern.fork().buy_labels(5)["item"].tolist()
    if "over budget" in name:
        _broke(lantern)
    before = state(lantern)
    with pytest.raises(ActionRefusedError, match=told) as refusal:
        act(lantern)
    assert state(lantern) == before
    assert not PYTHON.search(str(refusal.value))
    assert lantern.buy_labels(5)["item"].tolist() == draw


def test_every_lever_has_a_refusal() -> None:
    """Nothing a PM can do goes unchecked, but for what takes no setting."""
    text = " ".join(str(act.__code__.co_names) for _, act, _ in BAD)
    assert {name for name in _CALLS if f"'{name}'" not in text} == {"reindex"}


ODD: tuple[Any, ...] = (None, True, -1, 0.5, 10**9, float("nan"), float("inf"), "", "S3", "heron")
ODD += ([], [None], ["S3", "S3"], {}, {"S3": None}, {"S3": "x"}, object(), np.array([1.0, 2.0]))
ONE: tuple[tuple[str, str], ...] = (
    *((name, "") for name in sorted(_CALLS - {"reindex", "stop_trial", "recalibrate", "run"})),
    *(("set_policy", name) for name in ("kind", "second", "bar", "careful")),
    *(("set_index", name) for name in ("chunk_words", "overlap", "k", "method", "glossary")),
    *(("buy_labels", name) for name in ("by", "segments", "since", "until", "items", "labeler")),
    *(("rerun", name) for name in ("version", "passage", "tier", "repeat", "label")),
    *(("set_notes", name) for name in ("batch", "length")),
    *(("stage_rollout", name) for name in ("segments",)),
    *(("set_cache", name) for name in ("hours",)),
)


@pytest.fixture(scope="module")
def lived() -> Lantern:
    return Lantern(10).run(2)


@pytest.mark.parametrize(("action", "setting"), ONE)
def test_odd_values_are_refused_or_done_and_never_a_python_error(
    lived: Lantern, action: str, setting: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    needed: dict[str, tuple[Any, ...]] = {
        "buy_labels": (3,),
        "rerun": (_items(lived, 3),),
        "set_cache": ("1h",),
        "stage_rollout": (0.5,),
    }
    for odd in ODD:
        lantern = lived.fork()
        before = state(lantern)
        act = getattr(lantern, action)
        if action == "run_golden":
            given: tuple[Any, ...] = ()
            named = {"graded_by": odd}
        elif action == "set_index" and not setting:
            given, named = (), {"k": odd}
        elif setting:
            given, named = needed.get(action, ()), {setting: odd}
        else:
            given, named = (odd,), {}
        try:
            act(*given, **named)
        except ActionRefusedError:
            assert state(lantern) == before, (action, setting, odd)
        else:
            lantern.run(1)
            path = tmp_path_factory.mktemp("log") / "run.json"
            lantern.save_log(path)  # whatever was accepted can be written down


def test_numbers_from_arrays_are_numbers() -> None:
    one = Lantern(10).run(np.int64(2)).set_threshold({"S5": np.float32(0.5)})  # type: ignore[dict-item]
    two = Lantern(10).run(2).set_threshold({"S5": 0.5})
    assert one.settings == two.settings
    bought = one.buy_labels(np.int64(6), since=np.int64(0))
    assert one.judge(items=bought["item"])["item"].tolist() == sorted(bought["item"])


def test_after_the_last_day_nothing_moves(full_house: Lantern) -> None:
    before = state(full_house)
    for act in (
        lambda: full_house.run(1),
        lambda: full_house.set_threshold(0.5),
        lambda: full_house.staff_desk(2),
        lambda: full_house.invest("workflow"),
        full_house.reindex,
    ):
        with pytest.raises(ActionRefusedError, match="Day 120 has passed"):
            act()
    with pytest.raises(ActionRefusedError, match="retired"):
        full_house.pin_model()
    assert state(full_house) == before


def test_nothing_can_be_bought_before_anything_was_asked() -> None:
    for act in (lambda: Lantern(10).buy_labels(5), lambda: Lantern(10).judge(5)):
        with pytest.raises(ActionRefusedError, match="Run a day first"):
            act()


@pytest.mark.parametrize("world", [-1, "10", 1.5, None, True])
def test_there_is_no_such_world(world: Any) -> None:
    with pytest.raises(ActionRefusedError, match="whole number, 0"):
        Lantern(world)
