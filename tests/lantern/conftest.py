from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from skillmap.grading.keys import shared_solver
from skillmap.lantern import Lantern

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__)


def load_solver() -> ModuleType:
    """Load the instructors' solver by path, the way a module's solver does."""
    return shared_solver("lantern_value", near=HERE)


@pytest.fixture(scope="session")
def solver() -> ModuleType:
    return load_solver()


@pytest.fixture(scope="session")
def full_house() -> Lantern:
    """The house world, 120 days at the settings of day 0."""
    return Lantern(10).run(120)
