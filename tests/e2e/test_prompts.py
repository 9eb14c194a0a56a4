"""Every kind of prompt in JupyterLab, by keyboard alone: names, focus, safe keys, what is saved."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.flaky(reruns=2)]

LESSON = """
module: estimation
items:
  - id: es.e1
    title: Every kind
    points: 12
    parts:
      - id: es.e1.number
        prompt: {kind: number, label: "Calls a day, not $1 and not $2", unit: calls/day}
      - id: es.e1.range
        prompt: {kind: range, label: Your range, unit: $/month}
      - id: es.e1.choice
        prompt: {kind: choice, label: Tier, options: {w: Wren, h: "Heron, $2 or $3", c: Condor}}
      - id: es.e1.choices
        prompt: {kind: choices, label: Drivers, pick: 2, options: {a: Ask, b: "$4 or $5", c: Sms}}
      - id: es.e1.ranking
        prompt: {kind: ranking, label: Order, options: {a: Ask, n: Notes, r: Rebook}}
      - id: es.e1.table
        prompt:
          kind: table
          label: What each tier costs
          rows: {w: Wren, h: Heron}
          columns:
            - {name: cost, label: Cost, kind: number, unit: $/month}
            - {name: fit, label: Fit, kind: choice, options: {y: Fits, n: Does not fit}}
      - id: es.e1.chain
        prompt:
          kind: chain
          label: Your chain
          unit: calls/day
          shelf:
            trips: {label: Trips, unit: trips/month, low: 15M, point: 16.8M, high: 19M}
            seats: {label: Seat licenses, unit: seats}
            notes: {label: Notes for each trip, unit: calls/trip}
      - id: es.e1.why
        prompt: {kind: text, label: Why, words: [2, 60], lines: 2}
  - id: es.l1
    title: Ladder
    points: 4
    parts:
      - {id: es.l1.a1, prompt: {kind: range, label: First, unit: calls/day, point: false}}
      - {id: es.l1.a2, prompt: {kind: range, label: Second, unit: calls/day, point: false}}
      - {id: es.l1.a3, prompt: {kind: range, label: Third, unit: calls/day, point: false}}
      - {id: es.l1.a4, prompt: {kind: range, label: Fourth, unit: calls/day, point: false}}
"""
CELLS = (
    "from pathlib import Path\n"
    "from skillmap.ids import LearnerId, ModuleId\n"
    "from skillmap.lessons import lesson_from\n"
    "from skillmap.module import Module\n"
    "here = lesson_from(Path('lesson.yaml'))\n"
    "m = Module(ModuleId.ESTIMATION, LearnerId.parse('ada'), Path(), lesson_=here)",
    "m.ask('es.e1')",
    "m.ask('es.l1')",
)


@pytest.fixture
def folder(lab: Lab) -> Path:
    folder = lab.folder / "prompts"
    folder.mkdir(exist_ok=True)
    (folder / "lesson.yaml").write_text(LESSON)
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, folder / "prompts.ipynb")
    return folder


def opened(page: Page, lab: Lab) -> None:
    page.goto(lab.notebook("prompts/prompts.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=30_000)
    page.wait_for_timeout(500)  # a run before the kernel has answered is lost without a word


def eventually(check: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


def value(folder: Path, name: str) -> Any:
    path = folder / "answers.json"
    sheet = json.loads(path.read_text())["answers"] if path.exists() else {}
    return sheet.get(f"es.{name}", {}).get("value")


def cells(page: Page) -> tuple[int, int]:
    """Number of cells in the page, and which one is active."""
    found = page.evaluate(
        """() => {
            const all = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
            return [all.length, all.findIndex(c => c.classList.contains('jp-mod-active'))];
        }"""
    )
    return found[0], found[1]


def settled(page: Page) -> None:
    """Wait until the kernel has answered: a person does not type while the fields are filled."""
    page.wait_for_timeout(700)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.wait_for_timeout(300)


def typed(page: Page, *texts: str) -> None:
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Tab")


def focused(page: Page) -> str:
    """Name of what has the focus, as a screen reader has it."""
    text = page.evaluate(
        """() => { const e = document.activeElement;
            return e.getAttribute('aria-label') || [...(e.labels || [])].map(l => l.textContent)
                .join(' ') || e.textContent; }"""
    )
    return re.sub(r"\s+", " ", text)


def test_every_kind_by_keyboard(lab: Lab, page: Page, folder: Path, tmp_path: Path) -> None:
    opened(page, lab)
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').first.click()
    page.locator(".skillmap-ladder").wait_for(timeout=30_000, state="attached")
    page.locator('.skillmap-prompts [role="radiogroup"]').wait_for(timeout=30_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    check_names(page)

    def box(name: str) -> Locator:
        return page.get_by_role("group", name=name, exact=True)

    # Typed numbers: a slip is explained in place, and what was typed stays.
    page.get_by_label("Number (calls/day), Calls a day").focus()
    typed(page, "588k")
    assert eventually(lambda: value(folder, "e1.number")) == 588_000
    low = page.get_by_label("Low ($/month), Your range")
    low.focus()
    typed(page, "90", "60", "40")
    box("Your range").get_by_text("Not saved: low (90) is above high (40). Swap them.").wait_for()
    assert (low.input_value(), value(folder, "e1.range")) == ("90", None)
    low.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("35")
    page.keyboard.press("Enter")
    box("Your range").get_by_text("is not between 35 and 40").wait_for()
    page.get_by_label("High, Your range").focus()
    page.keyboard.press("Control+A")
    typed(page, "1.2k")
    eventually(lambda: value(folder, "e1.range") == {"low": 35, "point": 60, "high": 1200})
    assert focused(page) == "Save: Your range"

    # Arrows move inside a group or a list, and letters on a box do nothing to the cell.
    before = cells(page)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    eventually(lambda: value(folder, "e1.choice") == "h")
    page.get_by_role("checkbox").first.focus()
    for key in "xamdd":
        page.keyboard.press(key)
    page.keyboard.press("Space")
    box("Drivers").get_by_text("choose 1 more").wait_for()
    page.get_by_role("checkbox").nth(1).focus()
    page.keyboard.press("Space")
    eventually(lambda: value(folder, "e1.choices") == ["a", "b"])
    page.get_by_label("Fit, Heron").focus()
    page.keyboard.press("ArrowDown")
    eventually(lambda: value(folder, "e1.table") == [{"row": "h", "fit": "y"}])
    assert cells(page) == before

    # The focus goes along with what moves.
    page.get_by_role("button", name="Move down: Ask").focus()
    page.keyboard.press("Enter")
    eventually(lambda: value(folder, "e1.ranking") == ["n", "a", "r"])
    eventually(lambda: focused(page) == "Move down: Ask")
    page.keyboard.press("Space")
    eventually(lambda: value(folder, "e1.ranking") == ["n", "r", "a"])
    eventually(lambda: focused(page) == "Move up: Ask")
    page.screenshot(path=tmp_path / "answered.png")

    # A chain: two cards from the shelf by arrow, numbers, the picture, and a move.
    page.get_by_label("Factor 1", exact=True).focus()
    page.keyboard.press("ArrowDown")
    eventually(lambda: value(folder, "e1.chain"))
    box("Your chain").get_by_text("A factor in calls per trip is missing").wait_for()
    page.get_by_label("Factor 2", exact=True).focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    settled(page)
    page.keyboard.press("Tab")
    typed(page, "1", "1.1", "1.3")
    box("Your chain").get_by_text("616,000 calls/day").first.wait_for()
    picture = box("Your chain").get_by_role("img", name="Tornado plot around 616,000 calls/day")
    picture.wait_for()
    picture.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "chain.png")
    page.get_by_role("button", name="Move up: factor 2").focus()
    page.keyboard.press("Enter")
    eventually(lambda: value(folder, "e1.chain")["factors"][0]["name"] == "notes")
    eventually(lambda: focused(page) == "Move down: factor 1")
    page.get_by_label("Your answer, Why").focus()
    page.keyboard.type("Notes make most calls.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    eventually(lambda: value(folder, "e1.why") == "Notes make most calls.")

    # The ladder counts, and leaves the other ranges alone.
    page.get_by_label("Low, First").focus()
    typed(page, "1", "2", "3", "4")
    page.get_by_text("2 of 4 ranges are in").wait_for()
    assert value(folder, "l1.a2") == {"low": 3, "high": 4}
    page.set_viewport_size({"width": 700, "height": 1000})
    page.screenshot(path=tmp_path / "narrow.png")
    page.set_viewport_size({"width": 1280, "height": 1000})

    # After a reload of the page the kernel lives on and the fields still show what is saved.
    page.locator(".lm-MenuBar-item").filter(has_text="File").first.click()
    page.locator('.lm-Menu-item[data-command="docmanager:save"]').first.click()
    page.wait_for_timeout(1000)
    opened(page, lab)
    low = page.get_by_label("Low ($/month), Your range")
    low.wait_for(timeout=60_000)
    assert low.input_value() == "35"
    page.get_by_text("Saved").first.wait_for()


def check_names(page: Page) -> None:
    """Every control has a name of its own, and no dollar sign was taken for mathematics."""
    names = page.evaluate(
        """() => [...document.querySelectorAll(
                '.skillmap-prompts input, .skillmap-prompts select, .skillmap-prompts textarea, '
                + '.skillmap-prompts button')]
            .filter(e => e.offsetParent)
            .map(e => (e.getAttribute('aria-label') || [...(e.labels || [])]
                .map(l => l.textContent).join(' ')).trim())"""
    )
    assert len(names) > 40
    assert all(names)
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    assert page.locator(".skillmap-prompts mjx-container, .skillmap-prompts .MathJax").count() == 0
    assert page.locator('.skillmap-status:not([role="status"])').count() == 0
    unnamed = page.locator('.skillmap-group:not([role="group"][aria-label])')
    assert unnamed.count() == 0
