"""A lesson of our own with a key of our own: graders are tested without course text."""

import pytest
from tests.grading.small_lesson import ITEMS, write

from skillmap.answers import AnswerSheet
from skillmap.grading import grade_item, load_key
from skillmap.lessons import lesson_from


@pytest.fixture(scope="session")
def small_lesson(tmp_path_factory):
    path = tmp_path_factory.mktemp("lesson") / "items.yaml"
    path.write_text(ITEMS, encoding="utf-8")
    return lesson_from(path)


@pytest.fixture(scope="session")
def small_key(tmp_path_factory, small_lesson):
    return load_key(write(tmp_path_factory.mktemp("source") / "estimation"), lesson=small_lesson)


@pytest.fixture
def grade(small_lesson, small_key):
    """Grade one item of answers given as keywords: part name to value or (value, unit)."""

    def run(item: str, world: int = 14, **parts):
        sheet = AnswerSheet()
        for name, value in parts.items():
            pair = value if isinstance(value, tuple) else (value, None)
            sheet.put(f"{item}.{name.replace('_', '-')}", *pair)
        return grade_item(small_lesson.item(item), small_key, sheet, world)

    return run
