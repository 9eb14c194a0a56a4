"""A small course with three items, graded by a few lines here: no dependence on course text."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from skillmap.cohort.bridge import load_config
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.ids import ItemId
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from skillmap.cohort.course import Course

FIXTURE = Path(__file__).parents[1] / "fixtures" / "course"


@dataclass(frozen=True)
class SmallPart:
    id: str


@dataclass(frozen=True)
class SmallItem:
    id: str
    title: str
    points: float
    parts: tuple[SmallPart, ...]
    looked_for: str = "what the text asks"


@dataclass(frozen=True)
class SmallLesson:
    title: str = "A small module"
    items: tuple[SmallItem, ...] = (
        SmallItem("es.e1", "Calls", 10, (SmallPart("es.e1.calls"),)),
        SmallItem("es.e2", "Model", 5, (SmallPart("es.e2.model"),)),
        SmallItem("es.w1", "Reason", 5, (SmallPart("es.w1.text"),)),
    )

    def item(self, wanted: Any) -> SmallItem:
        return next(i for i in self.items if i.id == str(wanted))

    def facts(self, world: int) -> dict[str, int]:
        return {"calls": world % 90 + 10}


def small_item(item: SmallItem, key: Any, sheet: Any, world: int) -> Feedback:
    """Half marks near the number, all or nothing on the choice, a person for the text."""
    part = {"es.e1": "es.e1.calls", "es.e2": "es.e2.model", "es.w1": "es.w1.text"}[item.id]
    found = sheet.get(part)
    name, maximum = ItemId.parse(item.id), item.points
    if found is None or found.value in (None, ""):
        return Feedback(name, Outcome.BLANK, 0.0, maximum, advice="Nothing saved yet.")
    if item.id == "es.w1":
        return Feedback(name, Outcome.NEEDS_REVIEW, 2.0, maximum, evidence=("26 characters",))
    right = {"es.e1": world % 90 + 10, "es.e2": "heron"}[item.id]
    if found.value == right:
        share, outcome = 1.0, Outcome.MET
    elif item.id == "es.e1" and abs(float(found.value) - right) <= 5:
        share, outcome = 0.5, Outcome.PARTLY
    else:
        share, outcome = 0.0, Outcome.NOT_YET
    criterion = Criterion(
        "value",
        outcome,
        share * maximum,
        maximum,
        seen=str(found.value),
        looked_for="the value of your world",
        advice="Read the text again.",
        key=f"KEY {right}",
    )
    return Feedback(name, outcome, share * maximum, maximum, (criterion,), worked="WORKED")


def small_sheet(lesson: SmallLesson, key: Any, sheet: Any, world: int) -> tuple[Feedback, ...]:
    return tuple(small_item(item, key, sheet, world) for item in lesson.items)


def patches() -> dict[str, Any]:
    """What stands in for the real lesson and graders, by the name it is found under."""
    lesson = SmallLesson()
    return {
        "skillmap.cohort.page.lesson": lambda module: lesson,
        "skillmap.lessons.lesson": lambda module: lesson,
        "skillmap.grading.keys.load_key": lambda folder: object(),
        "skillmap.grading.grade_sheet": small_sheet,
        "skillmap.grading.grade_item": small_item,
    }


def cold() -> Callable[..., Any]:
    """Return what makes engines that load nothing ahead."""
    engine = importlib.import_module("skillmap.cohort.engine")
    return functools.partial(engine.SandboxEngine, options={"load": [], "rehearse": False})


def load_what_keeps_its_own() -> None:
    """Import the modules that take the real lesson by name, before it is ours."""
    for name in ("cohort.page", "grading.keys", "grading.registry", "module"):
        importlib.import_module(f"skillmap.{name}")
    package = importlib.import_module("skillmap.grading")
    for info in pkgutil.iter_modules(package.__path__, "skillmap.grading."):
        importlib.import_module(info.name)


def right_number(student: str) -> int:
    return world_of(student, "estimation", salt="open") % 90 + 10


def sheet(student: str, **answers: Any) -> bytes:
    """A saved sheet; keyword names use ``_`` for ``.``: ``es_e1_calls=42``."""
    entries = {
        name.replace("_", "."): {"value": value, "saved_at": "2026-11-20T10:00:00+00:00"}
        for name, value in answers.items()
    }
    return json.dumps(
        {
            "format": 1,
            "module": "estimation",
            "learner": student,
            "world": world_of(student, "estimation", salt="open"),
            "answers": entries,
        }
    ).encode()


HandIn = Callable[..., Path]


def api(course: Course, extra: Config | None = None) -> NbGraderAPI:
    config = load_config(course)
    config.Exchange.root = str(course.root / "exchange")
    (course.root / "exchange").mkdir(exist_ok=True)
    config.merge(extra or Config())
    return NbGraderAPI(config=config)
