"""The public face is declared, sorted, documented and importable; the first import stays light."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import skillmap

MODULES = sorted(info.name for info in pkgutil.walk_packages(skillmap.__path__, prefix="skillmap."))
HEAVY = {"numpy", "pandas", "scipy", "matplotlib", "ipywidgets", "pydantic", "nbgrader", "yaml"}


@pytest.mark.parametrize("name", MODULES)
def test_all_is_sorted_and_true(name: str) -> None:
    module = importlib.import_module(name)
    declared = getattr(module, "__all__", None)
    if declared is None:
        assert name.rsplit(".", 1)[-1].startswith("_"), f"{name} declares no __all__"
        return
    assert list(declared) == sorted(declared, key=lambda n: (not n.isupper(), n)) or list(
        declared
    ) == sorted(declared)
    for public in declared:
        assert hasattr(module, public), f"{name}.{public}"
    assert module.__doc__, f"{name} has no docstring"


def test_the_first_import_is_light() -> None:
    code = "import sys, skillmap; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert HEAVY.isdisjoint(loaded), HEAVY & set(loaded)


def test_the_notebooks_face() -> None:
    assert "open_module" in skillmap.__all__
    assert callable(skillmap.open_module)
