"""No strategy that knows nothing earns half of a module's automatic points."""

from __future__ import annotations

import pytest
from tests.modules.modules import MODULES, graded_items, key_of
from tests.modules.play import play, worlds
from tests.naive import STRATEGIES, answers, told

from skillmap.answers import Answer
from skillmap.grading.pieces import find_part, read
from skillmap.lessons import lesson

WORLDS = 10
"""In benchmarks/naive.py it is 50."""


def is_free(module: str, item: str) -> bool:
    """Whether an item is scored for being filled in, as a log or a first round of ranges is."""
    key = key_of(module).items[item]
    return getattr(key, "mode", "") == "complete" or key.grader in {"log", "presence"}


@pytest.mark.parametrize("strategy", [s.name for s in STRATEGIES])
@pytest.mark.parametrize("module", MODULES)
def test_a_naive_strategy_stays_under_half(module: str, strategy: str) -> None:
    played = next(p for p in play(module, WORLDS) if p.strategy == strategy)
    most = sorted(played.items.items(), key=lambda pair: -pair[1])[:4]
    told = ", ".join(f"{name} {100 * share:.0f}%" for name, share in most)
    assert played.share < 0.5, f"{100 * played.share:.0f}% of the points; most on {told}"


@pytest.mark.parametrize("module", MODULES)
def test_no_item_is_mostly_earned_by_knowing_nothing(module: str) -> None:
    """Over fifty worlds none is above a half; ten leave room for chance."""
    shares = {
        f"{played.strategy} on {name}": share
        for played in play(module, WORLDS)
        for name, share in played.items.items()
        if not is_free(module, name)
    }
    most = max(shares, key=shares.__getitem__)
    assert shares[most] < 0.6, f"{most}: {100 * shares[most]:.0f}%"


@pytest.mark.parametrize("module", MODULES)
def test_every_naive_answer_is_one_that_its_prompt_takes(module: str) -> None:
    """A strategy that is refused would look weaker than it is."""
    for world in worlds(2):
        facts = lesson(module).facts(world)
        for item in graded_items(module):
            known = told(item, facts)
            for strategy in STRATEGIES:
                for name, given in answers(strategy, item, known, world).items():
                    saved = {name: Answer(given["value"], given["unit"])}
                    reading = read(find_part(item, name), saved)
                    assert reading.given, (strategy.name, name, reading.problem)
