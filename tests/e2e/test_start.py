"""The self-assessment in JupyterLab: a workspace opens on it, a claim is chosen, the map moves."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]


def idle(page: Page) -> None:
    page.wait_for_timeout(1_500)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)


def run_all(page: Page) -> None:
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').first.click()
    idle(page)


def test_a_claim_that_is_chosen_stands_on_the_map(lab: Lab, page: Page) -> None:
    assert "/lab/tree/start/start.ipynb" in lab.url
    page.goto(lab.notebook("start/start.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    idle(page)
    run_all(page)
    picture = page.locator('img[alt^="Your map"]')
    picture.wait_for(timeout=30_000)
    assert "Evals: not claimed" in str(picture.get_attribute("alt"))
    cell = page.locator(".jp-Cell").filter(has_text='m.ask("sa.ev")')
    cell.get_by_label("Strong: tomorrow", exact=False).check()
    cell.get_by_role("button", name="Save").first.click()
    sheet = lab.folder / "start" / "answers.json"
    deadline = time.monotonic() + 20
    while not (sheet.exists() and "sa.ev.claim" in sheet.read_text()):
        assert time.monotonic() < deadline, "the claim was not saved"
        time.sleep(0.2)
    assert json.loads(sheet.read_text())["answers"]["sa.ev.claim"]["value"] == "strong"
    run_all(page)
    page.locator('img[alt*="Evals: claimed Strong"]').wait_for(timeout=30_000)
    assert page.locator(".jp-RenderedText[data-mime-type*='stderr']").count() == 0
