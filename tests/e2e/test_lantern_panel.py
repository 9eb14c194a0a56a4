"""Lantern's panel in JupyterLab, by keyboard alone: names, safe keys, a refusal, the picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from tests.e2e.test_prompts import cells, eventually, focused

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]

CELL = """
from skillmap.lantern import Lantern
from skillmap.widgets.lantern_panel import LanternPanel

lantern = Lantern(10).run(68)
LanternPanel(lantern)
"""


def test_the_panel_by_keyboard(lab: Lab, page: Page, tmp_path: Path) -> None:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)], metadata={"kernelspec": kernel}
    )
    nbformat.write(book, lab.folder / "panel.ipynb")
    page.goto(lab.notebook("panel.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').first.click()
    picture = page.get_by_role("img", name="Dashboard of Lantern, simulated, world 10, day 68")
    picture.wait_for(timeout=60_000)
    page.get_by_role("group", name="Time and truth", exact=True).wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    page.locator(".skillmap-lantern").evaluate("e => e.scrollIntoView()")
    page.screenshot(path=tmp_path / "panel.png")
    status = page.locator(".skillmap-lantern [role=status]")
    wide = page.evaluate(
        """() => { const p = document.querySelector('.skillmap-lantern');
            return p.scrollWidth - p.clientWidth; }"""
    )
    assert wide <= 0, "something is cut off"

    # Keys stay with the levers: arrows move a slider and a list, letters do nothing to the cell.
    before = cells(page)
    handle = page.locator(".skillmap-lantern .noUi-handle").nth(4)
    handle.focus()
    assert "S5" in focused(page)
    page.keyboard.press("ArrowRight")
    status.get_by_text("Noted. Day 68 comes next").wait_for()
    for key in "xamdd":
        page.keyboard.press(key)
    page.get_by_label("In a storm").focus()
    page.keyboard.press("ArrowDown")
    eventually(lambda: page.get_by_label("In a storm").input_value() != "queue")
    assert cells(page) == before

    # A refusal is told and announced, and the day stays.
    days = page.get_by_label("Days to live")
    days.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("119")
    page.keyboard.press("Tab")
    assert focused(page) == "Run: live these days"
    page.keyboard.press("Enter")
    status.get_by_text("52 are left before the board review").wait_for()
    days.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("10")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    status.get_by_text("Lived. Day 78 comes next").wait_for(timeout=30_000)
    page.get_by_role("img", name=re.compile("day 78 of 120.*storms on days")).wait_for()
    page.get_by_role("button", name="Buy 200 labels").focus()
    page.keyboard.press("Enter")
    status.get_by_text("Labels are in").wait_for(timeout=30_000)
    page.get_by_role("img", name=re.compile("Labeled right: S1")).wait_for()
    assert cells(page) == before
    page.screenshot(path=tmp_path / "lived.png")
    page.set_viewport_size({"width": 1280, "height": 1700})
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / "tall.png")
    page.set_viewport_size({"width": 700, "height": 1700})
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / "narrow.png")
