"""A day's random numbers are kept for runs of the same days, and never mixed up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skillmap.lantern import Lantern, luck, parameters
from skillmap.lantern.traffic import cell_segments, draw_questions

if TYPE_CHECKING:
    from skillmap.lantern.world import World


@pytest.fixture
def world() -> World:
    return parameters(4321)


def better(world: World) -> World:
    """The same world with every model a little abler: another build on the same days."""
    tiers = tuple(replace(tier, ability=tier.ability + 0.5) for tier in world.tiers)
    return replace(world, tiers=tiers)


def test_two_builds_on_the_same_days_meet_the_same_numbers(world: World) -> None:
    assert draw_questions(better(world), 3) is draw_questions(world, 3)
    one = luck.uniform(world, "people", 3, rows=2, n=50)
    assert luck.uniform(better(world), "people", 3, rows=2, n=50) is one


@pytest.mark.parametrize("other", ["world", "replicate", "day", "component"])
def test_whatever_names_a_stream_changes_its_numbers(world: World, other: str) -> None:
    asked = {
        "world": parameters(4322),
        "replicate": replace(world, replicate=world.replicate + 1),
    }.get(other, world)
    day, name = (4 if other == "day" else 3), ("desk" if other == "component" else "people")
    one = luck.uniform(world, "people", 3, rows=2, n=50)
    two = luck.uniform(asked, name, day, rows=2, n=50)
    assert not np.array_equal(one, two)


def test_more_traffic_asks_other_questions(world: World) -> None:
    busier = replace(world, scale=replace(world.scale, questions=world.scale.questions * 1.5))
    assert len(draw_questions(busier, 3)) > 1.3 * len(draw_questions(world, 3))
    assert len(draw_questions(world, 3, 0.5)) < 0.6 * len(draw_questions(world, 3))


def test_what_is_kept_cannot_be_written(world: World) -> None:
    questions = draw_questions(world, 3)
    kept = [
        luck.uniform(world, "people", 3, rows=2, n=50),
        luck.normal(world, "serving", 3, spread=1.0, n=20),
        *luck.normal_and_uniform(world, "answers", "heron", 3, rows=2, n=50),
        questions.cell, questions.minute, questions.difficulty, questions.user,
        questions.at, questions.segment, questions.step, questions.hour,
    ]  # fmt: skip
    for array in kept:
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = 1


def test_a_second_run_finds_the_numbers_of_the_first(world: World) -> None:
    def logged(build: World) -> object:
        return Lantern(build).run(5).logs.questions

    luck._uniform.cache_clear()
    luck._both.cache_clear()
    fresh = logged(better(world))
    luck._uniform.cache_clear()
    luck._both.cache_clear()
    logged(world)
    assert fresh.equals(logged(better(world)))  # type: ignore[attr-defined]


def test_indexes_of_a_day_say_what_its_columns_say(world: World) -> None:
    q = draw_questions(world, 60)  # a day of the second storm in many worlds
    assert np.array_equal(q.at, q.cell)
    assert np.array_equal(q.segment, cell_segments()[q.cell])
    assert np.array_equal(q.hour, q.minute // 60)
    assert np.array_equal(q.step, q.minute // 10)
    assert q.step.max() < 144


def test_some_columns_of_the_questions_are_those_columns(world: World) -> None:
    logs = Lantern(world).run(3).logs
    names = ["outcome", "user", "contacted", "seconds_to_read", "segment", "item", "version"]
    assert logs.question_columns(*names).equals(logs.questions[names])
    with pytest.raises(KeyError, match="mood"):
        logs.question_columns("mood")
