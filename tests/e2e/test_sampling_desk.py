"""The sampling desk and the calculators of Evals in JupyterLab, by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from tests.e2e.test_prompts import cells

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]

OPEN = """
from skillmap import open_module
m = open_module("evals", learner="ada")
"""
DESK = """
from skillmap.widgets.sampling_desk import sampling_desk
sampling_desk(m)
"""
CORRECTOR = """
from skillmap.widgets.eval_calculators import judge_corrector
judge_corrector()
"""


def test_a_plan_typed_on_the_desk_is_saved_and_the_table_follows(
    lab: Lab, page: Page, tmp_path: Path
) -> None:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = [nbformat.v4.new_code_cell(text) for text in (OPEN, DESK, CORRECTOR)]
    book = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    nbformat.write(book, lab.folder / "desk.ipynb")
    page.goto(lab.notebook("desk.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').first.click()
    page.get_by_text("Sampling desk (no plan yet)").wait_for(timeout=60_000)
    before = cells(page)
    for group, n in (("S1", 20), ("S2", 20), ("S3", 200), ("S4", 40), ("S5", 120)):
        field = page.get_by_label(f"Labels, {group}")
        field.click()
        page.keyboard.type(str(n))
        page.keyboard.press("Tab")
    page.get_by_text("400 labels; wrong calls cost").wait_for(timeout=15_000)
    assert "labels not spent yet" not in page.locator(".skillmap-prompts").first.inner_text()
    assert '"n": 200' in (lab.folder / "answers.json").read_text()

    field = page.get_by_label("TNR, percent")
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("45")
    page.keyboard.press("Tab")
    page.get_by_text("the divisor is 0.37").wait_for(timeout=15_000)
    assert cells(page) == before, "keys stayed with the fields"
    page.screenshot(path=tmp_path / "desk.png", full_page=True)
