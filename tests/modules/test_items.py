"""Every item of every module, on the sample answers of its fixture: blank, wrong, partly, right."""

from __future__ import annotations

import pytest
from tests.modules.modules import MODULES, graded, graded_items, is_written, samples

from skillmap.grading.feedback import Outcome
from skillmap.lessons import lesson

WRONG_AT_MOST = 0.35
"""Share of an item's points that an answer wrong in every part may still earn."""


def _cases() -> list[tuple[str, str]]:
    """Module and item; a module whose items cannot be read fails inside its tests, not here."""
    found = []
    for module in MODULES:
        try:
            names = [item.id for item in graded_items(module)]
        except Exception:
            names = ["?"]
        found += [(module, name) for name in names]
    return found


@pytest.mark.parametrize("module", MODULES)
def test_the_fixture_covers_every_item_and_enough_worlds(module: str) -> None:
    fixture = samples(module)
    assert set(fixture.ITEMS) == {item.id for item in graded_items(module)}
    assert set(fixture.KINDS) == {"blank", "wrong", "partly", "right"}
    assert len(set(fixture.WORLDS)) >= 5


@pytest.mark.parametrize(("module", "name"), _cases())
def test_blank_wrong_partly_right(module: str, name: str) -> None:
    fixture, item = samples(module), lesson(module).item(name)
    for world in fixture.WORLDS:
        found = {
            kind: graded(module, item, world, fixture.answers(name, kind, world))
            for kind in fixture.KINDS
        }
        points = {kind: feedback.points for kind, feedback in found.items()}
        where = f"{name} in world {world}: {points} of {item.points:g}"
        assert found["blank"].outcome is Outcome.BLANK, where
        assert points["blank"] == 0, where
        assert found["right"].maximum == pytest.approx(item.points), where
        if is_written(module, name):
            assert found["right"].outcome is Outcome.NEEDS_REVIEW, where
            assert points["wrong"] <= points["partly"] <= points["right"], where
            continue
        assert found["right"].outcome is Outcome.MET, _open(where, found["right"])
        assert points["right"] == pytest.approx(item.points), where
        assert found["wrong"].outcome in {Outcome.NOT_YET, Outcome.PARTLY}, where
        assert points["wrong"] <= WRONG_AT_MOST * item.points, _earned(where, found["wrong"])
        assert found["partly"].outcome is Outcome.PARTLY, where
        assert points["wrong"] < points["partly"] < points["right"], where


@pytest.mark.parametrize(("module", "name"), _cases())
def test_advice_on_a_wrong_answer_does_not_hold_the_right_number(module: str, name: str) -> None:
    fixture, item = samples(module), lesson(module).item(name)
    for world in fixture.WORLDS:
        feedback = graded(module, item, world, fixture.answers(name, "wrong", world))
        for criterion in feedback.criteria:
            number = criterion.key.split(" ")[0].strip(".,;")
            if len(number) >= 4 and any(c.isdigit() for c in number):
                assert number not in criterion.advice, (world, criterion)


def _open(where: str, feedback: object) -> str:
    criteria = getattr(feedback, "criteria", ())
    return f"{where}; open: {[(c.name, c.seen, c.key) for c in criteria if c.points < c.maximum]}"


def _earned(where: str, feedback: object) -> str:
    criteria = getattr(feedback, "criteria", ())
    return f"{where}; earned: {[(c.name, c.points, c.seen) for c in criteria if c.points]}"
