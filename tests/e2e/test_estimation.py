"""A learner without code takes an exercise in JupyterLab, by keyboard, and finds it again."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]


MENUS = {
    "runmenu:run-all": "Run",
    "docmanager:save": "File",
    "runmenu:restart-and-run-all": "Run",
}


def run_command(page: Page, command: str) -> None:
    """Choose an entry of JupyterLab's own menus."""
    page.locator(".lm-MenuBar-item").filter(has_text=MENUS[command]).first.click()
    page.locator(f'.lm-Menu-item[data-command="{command}"]').first.click()


def cell_with(page: Page, code: str) -> Locator:
    return page.locator(".jp-Notebook .jp-CodeCell").filter(has_text=code).first


def open_notebook(page: Page, lab: Lab) -> None:
    page.goto(lab.notebook("estimation/estimation.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.wait_for_timeout(500)  # a run before the kernel has answered is lost without a word


def finished(page: Page) -> None:
    """Wait until the last cell of a Run All has spoken: JupyterLab moves the focus until then."""
    last = cell_with(page, 'm.award("es.q4")').get_by_role("status")
    last.wait_for(timeout=90_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.wait_for_timeout(500)


def eventually(check: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
    return found


def answers(lab: Lab) -> dict[str, Any]:
    path = lab.folder / "estimation" / "answers.json"
    return json.loads(path.read_text())["answers"] if path.exists() else {}


def test_by_keyboard_saved_reloaded_restarted_and_checked(
    lab: Lab, page: Page, tmp_path: Path
) -> None:
    open_notebook(page, lab)
    run_command(page, "runmenu:run-all")
    finished(page)
    asked = cell_with(page, 'm.ask("es.e1")')

    # Answer with Tab and keys alone, from the prediction on.
    asked.get_by_label("Your predicted score").focus()
    page.keyboard.type("70")
    page.keyboard.press("Tab")
    eventually(lambda: answers(lab).get("es.e1", {}).get("predicted") == 70)
    low = asked.get_by_label("Low (calls/day)")
    low.focus()
    for text in ("400k", "588,000", "0.9M"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    saved = eventually(lambda: answers(lab).get("es.e1.range"))
    assert saved["value"] == {"low": 400_000, "point": 588_000, "high": 900_000}
    assert saved["unit"] == "calls/day"
    asked.get_by_text("588,000, 80% range 400,000 to 900,000 calls/day").wait_for()

    # A slip is explained and costs nothing.
    low.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("950k")
    page.keyboard.press("Tab")
    asked.get_by_text("low (950,000) is above high (900,000)").wait_for()
    assert answers(lab)["es.e1.range"]["value"]["low"] == 400_000
    low.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("410k")
    page.keyboard.press("Tab")
    page.screenshot(path=tmp_path / "corrected.png")
    eventually(lambda: answers(lab)["es.e1.range"]["value"]["low"] == 410_000)
    assert low.input_value() == "410k"

    # Radio buttons and check boxes by keyboard.
    asked.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    eventually(lambda: answers(lab).get("es.e1.decision"))
    for box in (0, 2):
        asked.get_by_role("checkbox").nth(box).focus()
        page.keyboard.press("Space")
    eventually(lambda: len(answers(lab).get("es.e1.drivers", {}).get("value", ())) == 2)
    page.screenshot(path=tmp_path / "answered.png")

    # Reload the page: the kernel lives on, and so do the fields.
    run_command(page, "docmanager:save")
    page.wait_for_timeout(1500)
    open_notebook(page, lab)
    low = cell_with(page, 'm.ask("es.e1")').get_by_label("Low (calls/day)")
    low.wait_for(timeout=60_000)
    assert low.input_value() == "410k"

    # Restart the kernel and run everything: the sheet brings the answers back.
    run_command(page, "runmenu:restart-and-run-all")
    page.locator(".jp-Dialog-button.jp-mod-accept").wait_for()
    page.keyboard.press("Enter")
    low = cell_with(page, 'm.ask("es.e1")').get_by_label("Low (calls/day)")
    eventually(lambda: low.count() and low.input_value() == "410,000", 60)

    # The check says how each part stands, in words.
    checked = cell_with(page, 'm.check("es.e1")').get_by_role("status")
    checked.filter(has_text="Calls a day").wait_for(timeout=60_000)
    words = checked.inner_text()
    assert "of 8 points" in words
    assert "You predicted 70%" in words
    assert "blank" in words
    checked.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "checked.png")


def test_every_field_has_a_name(lab: Lab, page: Page) -> None:
    open_notebook(page, lab)
    run_command(page, "runmenu:run-all")
    finished(page)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('.skillmap-prompt, .skillmap-prediction')]
            .flatMap(box => [...box.querySelectorAll('input, select, textarea, button')])
            .filter(e => !(e.labels && [...e.labels].some(l => l.innerText.trim()))
                && !e.getAttribute('aria-label') && !e.title && !e.innerText.trim())
            .map(e => e.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    traceback = page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
    assert traceback.count() == 0
