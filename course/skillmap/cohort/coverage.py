"""Which curriculum id is carried by which cell, item, question or test.

The curriculum's ids are counted, not copied: ``EV`` has eight guide points, so ``EV-1`` to
``EV-8`` must be taught somewhere. Cells, items and questions say in their metadata which ids they
carry; tests of lessons and their fixtures name the id, or the lab's item, in their text.

>>> expected("CL")[:2], expected("CL")[-1], len(expected("CL"))
(('CL-1', 'CL-2'), 'CL-R4', 40)
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from skillmap import lantern
from skillmap.bank import questions
from skillmap.errors import Fault
from skillmap.ids import ModuleId
from skillmap.lessons import lesson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skillmap.cohort.course import Course

__all__ = ["Carried", "components", "coverage", "expected", "faults", "markdown"]

KINDS = {
    "": "Guide points",
    "B": "Beyond the guide",
    "L": "Labs",
    "E": "Estimation exercises",
    "Q": "Interview questions",
    "R": "Rubrics",
}
"""The letter between the dash and the number, and what such an id is."""

COUNTS = {
    "PS": (6, 7, 4, 3, 13, 4),
    "EV": (8, 9, 4, 3, 13, 4),
    "CL": (7, 9, 4, 3, 13, 4),
    "ST": (6, 9, 4, 3, 13, 4),
    "EX": (7, 8, 4, 3, 13, 4),
    "ES": (6, 8, 4, 5, 13, 4),
    "BL": (6, 8, 4, 3, 13, 4),
    "TD": (7, 10, 4, 3, 13, 4),
}
"""How many ids of each kind, in the order of ``KINDS``, each competency has."""

_NEEDS = {"": "cells", "B": "cells", "L": "items", "E": "items", "Q": "bank", "R": "bank"}
"""Where an id of each kind must at least be carried."""

_WORDS = {
    "cells": "no text cell, item or question",
    "items": "no graded item",
    "bank": "no entry of the practice bank",
    "tests": "no test",
}


@dataclass(slots=True)
class Carried:
    """Where one curriculum id is carried; the names are those of cells, items, questions, files."""

    cells: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    bank: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)

    def has(self, place: str) -> bool:
        """Whether ``place`` carries it; a question may teach a point too."""
        if place == "cells":
            return bool(self.cells or self.items or self.bank)
        return bool(getattr(self, place))


def expected(competency: str) -> tuple[str, ...]:
    """Return every id that the curriculum has for a competency such as ``"EV"``."""
    return tuple(
        f"{competency}-{letter}{number}"
        for letter, count in zip(KINDS, COUNTS[competency], strict=True)
        for number in range(1, count + 1)
    )


def coverage(course: Course, module: ModuleId) -> dict[str, Carried]:
    """Return what carries each id of a module whose source stands, in the curriculum's order."""
    found: dict[str, Carried] = defaultdict(Carried)
    path = course.notebook("source", module.value)
    for cell in nbformat.read(path, as_version=4).cells:
        for id_ in cell.metadata.get("skillmap", {}).get("curriculum", ()):
            found[id_].cells.append(str(cell.id))
    for item in lesson(module.value).items:
        for id_ in item.curriculum:
            found[id_].items.append(str(item.id))
    for question in questions(module):
        own = f"{module.prefix.upper()}-{question.id.split('.')[1].upper()}"
        for id_ in dict.fromkeys((own, *question.curriculum, *filter(None, [question.rubric]))):
            found[id_].bank.append(question.id)
    named = expected(module.prefix.upper())
    for id_, name in _tests(course.root / "tests", module):
        if id_ in named and name not in found[id_].tests:
            found[id_].tests.append(name)
    return {id_: found[id_] for id_ in (*named, *sorted(set(found) - set(named)))}


def _tests(folder: Path, module: ModuleId) -> Iterator[tuple[str, str]]:
    """Yield (id, file) for every test of lessons that names a lab or an exercise of the module.

    A test of the engine that names an exercise as an example does not test the exercise.
    """
    spelled = re.compile(rf"\b{module.prefix}[.-]([le]\d)\b", re.IGNORECASE)
    for path in sorted((*folder.glob("fixtures/*.py"), *folder.glob("lessons/*.py"))):
        for match in spelled.finditer(path.read_text(encoding="utf-8")):
            name = path.relative_to(folder.parent).as_posix()
            yield f"{module.prefix.upper()}-{match[1].upper()}", name


def faults(course: Course, module: ModuleId) -> list[Fault]:
    """Return what is not carried where it must be, and ids that the curriculum does not have."""
    named = set(expected(module.prefix.upper()))
    told = []
    for id_, carried in coverage(course, module).items():
        where = f"curriculum {id_}"
        if id_ not in named and id_.split("-")[0] == module.prefix.upper():
            places = ", ".join(carried.cells + carried.items + carried.bank + carried.tests)
            told.append(Fault(where, f"the curriculum has no such id; named in {places}"))
            continue
        if id_ not in named:
            continue
        kind = id_.split("-")[1].rstrip("0123456789")
        needs = (_NEEDS[kind], "tests") if kind in "LE" and kind else (_NEEDS[kind],)
        for place in needs:
            if not carried.has(place):
                told.append(Fault(where, f"{_WORDS[place]} carries it"))
    return told


def components(folder: Path) -> dict[str, str]:
    """Return the file of each of Lantern's components, ``C1`` to ``C16``, by what files say."""
    said = {}
    for path in sorted(folder.glob("*.py")):
        opening = re.match(r'"""(C\d+), ([^.:]+)[.:]', path.read_text(encoding="utf-8"))
        if opening:
            said[opening[1]] = path.name
    return dict(sorted(said.items(), key=lambda pair: int(pair[0][1:])))


def markdown(course: Course) -> str:
    """Return ``docs/coverage.md``: every id and what carries it."""
    lines = [
        "# What carries each curriculum id",
        "",
        "Made by `skillmap verify --coverage docs/coverage.md` from the metadata of cells, items,",
        "questions and from the tests of lessons that name a lab or an exercise. A test fails when",
        "an id has no carrier or when this page is out of date.",
    ]
    for module in ModuleId:
        lines += ["", f"## {module.title}", ""]
        if not course.notebook("source", module.value).is_file():
            lines += ["Not here yet."]
            continue
        lines += ["| id | cells | graded items | practice bank | tests |", "|---|---|---|---|---|"]
        for id_, carried in coverage(course, module).items():
            cells = [", ".join(getattr(carried, p)) for p in ("cells", "items", "bank")]
            tests = ", ".join(name.removeprefix("tests/") for name in carried.tests)
            lines.append(f"| {' | '.join([id_, *cells, tests])} |".replace("|  |", "| |"))
    lines += [
        "",
        "## Lantern's components",
        "",
        "| id | file | acceptance row measured in |",
        "|---|---|---|",
    ]
    for id_, name in components(Path(lantern.__file__).parent).items():
        measured = [
            path.relative_to(course.root / "tests").as_posix()
            for path in sorted((course.root / "tests" / "lantern").glob("*.py"))
            if re.search(rf"\b{id_}\b", path.read_text(encoding="utf-8"))
        ]
        lines.append(f"| {id_} | lantern/{name} | {', '.join(measured)} |")
    return "\n".join(lines).replace("  ", " ") + "\n"
