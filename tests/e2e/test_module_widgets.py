"""The modules' own instruments in JupyterLab, by keyboard: arrows, Enter and Space are theirs.

JupyterLab takes plain keys for its own commands unless somebody keeps them; each test therefore
also counts the cells and asks which one is active.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat
import pytest
from tests.e2e.test_prompts import cells, eventually, focused, settled

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]


def ran(lab: Lab, page: Page, module: str, *codes: str) -> None:
    """Open a notebook with these cells after ``open_module`` and run it."""
    first = f'from skillmap import open_module\nm = open_module("{module}", learner="ada")'
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = [nbformat.v4.new_code_cell(code) for code in (first, *codes)]
    book = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    nbformat.write(book, lab.folder / "instruments.ipynb")
    page.goto(lab.notebook("instruments.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').first.click()
    settled(page)


def harmless(page: Page, keys: str = "xamdd") -> None:
    """Type letters that JupyterLab would take for commands on cells."""
    for key in keys:
        page.keyboard.press(key)


def test_the_router_bench(lab: Lab, page: Page, tmp_path: Path) -> None:
    code = "from skillmap.widgets.router_bench import router_bench\nrouter_bench(m)"
    ran(lab, page, "cost-latency-routing", code)
    bench = page.locator(".skillmap-router-bench")
    bench.get_by_role("button", name="Put this setting").wait_for(timeout=60_000)
    settled(page)
    before, table = cells(page), bench.locator("table").inner_text()
    tier = bench.locator("select").nth(0)
    tier.focus()
    assert "egulars" in focused(page), "the list has a name"
    page.keyboard.press("ArrowDown")
    eventually(lambda: tier.input_value() == "Condor")
    eventually(lambda: bench.locator("table").inner_text() != table)
    handle = bench.locator(".noUi-handle").nth(2)
    handle.focus()
    assert "from" in focused(page), "the slider has a name"
    readout = bench.locator(".widget-readout").nth(2)
    bar = float(readout.inner_text())
    page.keyboard.press("ArrowLeft")
    eventually(lambda: float(readout.inner_text()) == round(bar - 0.01, 2))
    harmless(page)
    bench.get_by_role("button", name="Put this setting").focus()
    page.keyboard.press("Enter")
    bench.locator("[role=status]").get_by_text("Saved as your answer").wait_for(timeout=20_000)
    assert cells(page) == before
    sheet = json.loads((lab.folder / "answers.json").read_text())["answers"]
    rows = sheet["cl.l2.groups"]["value"]
    assert rows[0]["tier"] == "condor"
    bench.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "router.png")


def test_the_storm_dial(lab: Lab, page: Page, tmp_path: Path) -> None:
    code = "from skillmap.widgets.router_bench import storm_dial\nstorm_dial(m)"
    ran(lab, page, "cost-latency-routing", code)
    dial = page.locator(".skillmap-storm-dial")
    dial.locator("table").wait_for(timeout=60_000)
    settled(page)
    before, table = cells(page), dial.locator("table").inner_text()
    handle = dial.locator(".noUi-handle").nth(0)
    handle.focus()
    assert "Demand" in focused(page)
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    eventually(lambda: dial.locator("table").inner_text() != table)
    assert "Slots busy" in dial.locator("table").inner_text()
    harmless(page)
    assert cells(page) == before
    page.screenshot(path=tmp_path / "dial.png")


def test_the_war_room(lab: Lab, page: Page, tmp_path: Path) -> None:
    ran(lab, page, "execution", 'm.lab("night")', 'm.ask("ex.predict")')
    wall = page.get_by_role("group", name="War room")
    wall.wait_for(timeout=60_000)
    settled(page)
    evenings = wall.get_by_role("radio")
    last = evenings.count() - 1
    assert evenings.nth(last).is_checked(), "it opens on the evening of the lab"
    readings = shown(wall)
    evenings.nth(last).focus()
    before = cells(page)
    page.keyboard.press("ArrowLeft")
    eventually(lambda: evenings.nth(last - 1).is_checked())
    assert shown(wall) != readings, "the wall shows another evening"
    numbers = wall.locator("summary")
    numbers.focus()
    page.keyboard.press("Enter")
    eventually(lambda: wall.locator("details table").is_visible())
    page.keyboard.press("Space")
    eventually(lambda: not wall.locator("details table").is_visible())
    harmless(page)
    assert cells(page) == before
    page.screenshot(path=tmp_path / "wall.png")


def shown(wall: Locator) -> list[str]:
    return [v.inner_text() for v in wall.locator(".v").all() if v.is_visible()]


def test_the_tracing_bench(lab: Lab, page: Page, tmp_path: Path) -> None:
    ran(lab, page, "technical-depth", 'm.lab("ten")', 'm.ask("td.predict")')
    trace = page.locator("details").first
    trace.wait_for(timeout=90_000)
    settled(page)
    trace.locator("summary").focus()
    before = cells(page)
    page.keyboard.press("Enter")
    eventually(lambda: trace.get_by_text("Needed:").is_visible())
    page.screenshot(path=tmp_path / "trace.png")
    page.keyboard.press("Space")
    eventually(lambda: not trace.get_by_text("Needed:").is_visible())
    harmless(page)
    assert cells(page) == before


@pytest.mark.parametrize(
    ("module", "code", "name"),
    [
        ("product-sense", "from skillmap.widgets.harm_hump import HarmHump\nHarmHump(m)", "Error"),
        (
            "behavioral-leadership",
            "from skillmap.widgets.flipping_number import FlippingNumber\nFlippingNumber()",
            "Chance of the fault",
        ),
    ],
)
def test_a_slider_over_a_picture(
    lab: Lab, page: Page, tmp_path: Path, module: str, code: str, name: str
) -> None:
    ran(lab, page, module, code)
    handle = page.locator(".jp-OutputArea .noUi-handle").first
    handle.wait_for(timeout=60_000)
    settled(page)
    said = page.locator('.jp-OutputArea p[role="status"]')
    before, words = cells(page), said.inner_text()
    handle.focus()
    assert name in focused(page)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    eventually(lambda: said.inner_text() != words)
    harmless(page)
    assert cells(page) == before
    page.screenshot(path=tmp_path / "picture.png")


def test_four_anchors_are_graded_by_keyboard(lab: Lab, page: Page, tmp_path: Path) -> None:
    ran(lab, page, "evals", 'm.anchors("ev.q6")')
    desk = page.locator(".skillmap-anchors")
    desk.get_by_role("button", name="Compare").wait_for(timeout=60_000)
    settled(page)
    lists = desk.locator("select")
    assert lists.count() == 20
    lists.nth(0).focus()
    assert "Skepticism" in focused(page)
    before = cells(page)
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
    eventually(lambda: [lists.nth(n).input_value() for n in range(20)] == ["1"] * 20)
    assert "Compare" in focused(page)
    page.keyboard.press("Enter")
    desk.get_by_text("of your levels are the reference's").wait_for(timeout=20_000)
    desk.get_by_text("Your levels beside the reference").wait_for(timeout=20_000)
    harmless(page)
    assert cells(page) == before
    desk.screenshot(path=tmp_path / "anchors.png")
