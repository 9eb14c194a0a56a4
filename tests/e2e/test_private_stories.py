"""Private stories in JupyterLab: the button makes the file, and no word gets into the notebook."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import nbformat
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]

CELLS = (
    'from skillmap import open_module\nm = open_module("behavioral-leadership", learner="ada")',
    "from skillmap.widgets.story_file import StoryFile\nStoryFile(m)",
)
MARKER = "Quibblewick"
PROMPT = "[Who would gain or lose, and how much?]"


def test_a_story_stays_in_its_file_until_it_is_ticked(lab: Lab, page: Page) -> None:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = [nbformat.v4.new_code_cell(text) for text in CELLS]
    book = lab.folder / "behavioral-leadership" / "stories.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), book)
    page.goto(lab.notebook("behavioral-leadership/stories.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').first.click()
    page.get_by_text("None begun").wait_for(timeout=60_000)

    stories = lab.folder / "my-stories.md"
    assert not stories.exists()
    page.get_by_role("button", name="Make my-stories.md").click()
    page.get_by_text("Open it from the file browser").wait_for(timeout=15_000)
    assert stat.S_IMODE(stories.stat().st_mode) == 0o600
    stories.write_text(stories.read_text().replace(PROMPT, f"{MARKER}: 600 refunds", 1))
    page.get_by_role("button", name="Read it again").click()
    page.get_by_text("has a number").wait_for(timeout=15_000)
    assert MARKER not in page.locator(".jp-Notebook").inner_text()
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2_000)
    in_folder = [p for p in book.parent.rglob("*") if p.is_file()]
    assert not [p for p in in_folder if MARKER.encode() in p.read_bytes()]

    copy = page.get_by_role("button", name="Copy it into my answers")
    assert copy.is_disabled()
    page.get_by_label("I want my instructor to read this story.").check()
    copy.click()
    page.get_by_text("will be handed in").wait_for(timeout=15_000)
    assert MARKER in (book.parent / "answers.json").read_text()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("No story is in your answers").wait_for(timeout=15_000)
    assert MARKER not in (book.parent / "answers.json").read_text()
