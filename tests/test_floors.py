"""Imports go down only, and neighbours on a floor stay strangers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course" / "skillmap"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "yaml_text"),
    ("ids",),
    ("worlds",),
    ("stats",),
    ("answers", "estimation", "workspace"),
    ("estimation_figures",),
    ("lantern", "bank"),
    ("written",),
    ("lessons",),
    ("grading", "learning"),
    ("panels",),
    ("module",),
    ("widgets",),
    ("cohort",),
    ("cli",),
)
"""From the ground up. A room may import any room on a lower floor and none beside or above it."""

LAZY_HOOKS = {("module", "widgets")}
"""The façade shows widgets when a front end is there; it asks for them by name at that moment."""


def room_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def floor_of(room: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room in rooms:
            return number
    pytest.fail(f"room {room!r} stands on no floor: add it to FLOORS")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the whole module name"
            if node.module == "skillmap":
                names = [f"skillmap.{alias.name}" for alias in node.names]
            else:
                names = [node.module or ""]
        rooms |= {name.split(".")[1] for name in names if name.startswith("skillmap.")}
    return rooms


SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    for other in imported_rooms(path) - {room}:
        if (room, other) in LAZY_HOOKS or (
            not (PACKAGE / other).exists() and not (PACKAGE / f"{other}.py").exists()
        ):
            continue
        assert floor_of(other) < floor_of(room), f"{room} may not import {other}"


def test_only_widgets_import_ipywidgets() -> None:
    for path in SOURCES:
        if room_of(path) == "widgets":
            continue
        text = path.read_text(encoding="utf-8")
        assert "import ipywidgets" not in text, path
        assert "from ipywidgets" not in text, path


def test_an_upward_import_is_seen(tmp_path: Path) -> None:
    sneaky = tmp_path / "stats.py"
    sneaky.write_text("def f():\n    from skillmap.cohort import run\n")
    assert imported_rooms(sneaky) == {"cohort"}
    assert floor_of("cohort") > floor_of("stats")
