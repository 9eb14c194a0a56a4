"""Hand-ins that aim at whoever reads them: the feedback page, the formgrader, the terminal.

Both pages are parsed. Nothing may be in them that can run, load or submit, beyond what the page of
an honest learner has, whatever the hand-in put into outputs, answers, names or metadata.
"""

from __future__ import annotations

import base64
import json
import os
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from tests.hostile.cohort import HALF, MODULE, NEAR, Hostile, Place, graded_cohort
from tests.hostile.judge import grade_is_fair, nothing_came_of_it
from tests.hostile.pages import active

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbformat.notebooknode import NotebookNode
    from tests.hostile.cohort import Cohort, Seen

BAIT = "<script>alert('bait')</script><img src=x onerror=alert('bait')>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>'
    '<foreignObject><iframe src="https://evil.example"/></foreignObject></svg>'
)


def showing(**data: str) -> str:
    """Code that displays data of these kinds; ``_`` stands for ``/`` and ``__`` for ``+``."""
    kinds = {k.replace("__", "+").replace("_", "/", 1): v for k, v in data.items()}
    return f"display({kinds!r}, raw=True)\nprint('shown')"


HTML = (
    BAIT,
    "<iframe src='https://evil.example'></iframe><object data='//evil.example'></object>",
    "<a href='javascript:alert(1)'>a</a><a href='&#106;ava&#10;script:alert(1)'>b</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>c</a><a href=' vbscript:x'>d</a>",
    "<form action='https://evil.example'><button formaction='javascript:x'>e</button></form>",
    "<style>@import 'https://evil.example/x.css';</style><link rel=stylesheet href=//evil.example>",
    "<p style='background:url(https://evil.example/t.png)'>f</p><base href='//evil.example'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<img src='https://evil.example/track.png' srcset='https://evil.example/2x.png 2x'>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg><math><mtext><script>x</script></math>",
    "<video src='//evil.example' poster=x onerror=x></video><details open ontoggle=alert(1)>g",
    "</section></div></body><script>alert(1)</script><!--",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<scr<script>ipt>alert(1)</scr</script>ipt><IMG SRC=x OnErRoR=alert(1)>",
)

PNG = 'iVBORw0KGgo=" onerror="alert(1)"><script>alert(1)</script><img src="'


def renamed(name: str) -> Callable[[Path, Place], None]:
    def place(folder: Path, _: Place) -> None:
        (folder / f"{MODULE}.ipynb").rename(folder / name)

    return place


def bytes_in_name(folder: Path, _: Place) -> None:
    target = os.fsencode(folder) + b"/caf\xe9\xff.ipynb"
    os.rename(os.fsencode(folder / f"{MODULE}.ipynb"), target)  # noqa: PTH104


def attachments(book: NotebookNode) -> None:
    coded = base64.b64encode(SVG.encode()).decode()
    for cell in book.cells:
        cell.attachments = {"x.svg": {"image/svg+xml": coded}, BAIT: {"text/html": BAIT}}
        if cell.cell_type == "markdown":
            cell.source = f"![x](attachment:x.svg) {BAIT} [y](javascript:alert(1))"


def markdown(book: NotebookNode) -> None:
    extra = nbformat.v4.new_markdown_cell(f"# {BAIT}\n[a](javascript:alert(1)) <{BAIT}>", id="x")
    book.cells.insert(0, extra)
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source += f"\n\n{BAIT}\n\n![t](https://evil.example/t.png)"


def metadata(book: NotebookNode) -> None:
    book.metadata.title = book.metadata.authors = BAIT
    book.metadata.language_info = {"name": BAIT, "pygments_lexer": BAIT}
    book.metadata.kernelspec = {"name": BAIT, "display_name": BAIT, "language": BAIT}
    for cell in book.cells:
        cell.metadata.update(tags=[BAIT], name=BAIT, collapsed=BAIT, title=BAIT)


def comments(book: NotebookNode) -> None:
    """Comments as nbgrader and Jupyter keep them, with scripts in them."""
    for cell in book.cells:
        cell.metadata["comments"] = [{"author": BAIT, "text": BAIT}]
        theirs = cell.metadata.get("nbgrader")
        if theirs:
            theirs["comment"] = BAIT


def stale_outputs(book: NotebookNode) -> None:
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                nbformat.v4.new_output(
                    "display_data", data={"text/html": BAIT, "image/svg+xml": SVG}
                )
            ]


def units(data: dict[str, Any], _: str) -> dict[str, Any]:
    for entry in data["answers"].values():
        entry |= {"unit": BAIT[:90], "saved_at": BAIT, "predicted": 50, BAIT: BAIT}
    return data | {BAIT: BAIT, "module": BAIT, "learner": BAIT}


def raw_answer(text: str) -> Callable[[dict[str, Any], str], bytes]:
    """An answer exactly as it stands in JSON, escapes included."""

    def forge(data: dict[str, Any], _: str) -> bytes:
        data["answers"]["es.e2.model"] = {"value": "@"}
        return json.dumps(data).replace('"@"', text).encode("utf-8", "surrogatepass")

    return forge


def raw_cell(text: str) -> Callable[[Path, Place], None]:
    """A cell exactly as it stands in JSON, escapes included."""

    def place(folder: Path, _: Place) -> None:
        path = folder / f"{MODULE}.ipynb"
        raw = path.read_text(encoding="utf-8")
        path.write_text(raw.replace('"@RAW@"', text), encoding="utf-8")

    return place


def text_is_there(seen: Seen) -> None:
    """Hostile words are shown as words: nothing is silently lost on the way to the reader."""
    assert "alert(" in seen.feedback_page
    assert "&lt;script&gt;" in seen.feedback_page


def no_control_characters(seen: Seen) -> None:
    """What is printed to the terminal and kept in the table has no escape sequences."""
    for text in (
        *seen.row.problems,
        seen.feedback_page,
        json.dumps(seen.cohort.scores(seen.student)),
    ):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", text), ascii(text[:300])


def widgets_are_gone(seen: Seen) -> None:
    assert "widgets" not in seen.notebook.metadata
    assert not any("widget" in kind for output in seen.shown for kind in output.get("data", {}))


def is_not_there(seen: Seen) -> None:
    """A name that is no learner's is nowhere: not in the gradebook, not in a folder."""
    from skillmap.cohort.record import gradebook

    with gradebook(seen.course) as book:
        assert seen.student not in [student.id for student in book.students]
    assert not (seen.course.root / "autograded" / seen.student).exists()


def as_learner(name: str, called: str, does: str) -> Hostile:
    return Hostile(
        name,
        does,
        called=called,
        graded=False,
        state="not graded",
        says="cannot be used as a name",
        then=is_not_there,
    )


ERROR = f"""class Bait(Exception):
    def __str__(self): return {BAIT!r} * 3
Bait.__name__ = {BAIT!r}
Bait.__qualname__ = {BAIT!r}
raise Bait()"""

ANSI = (
    "print('\\x1b]8;;javascript:alert(1)\\x1b\\\\click\\x1b]8;;\\x1b\\\\ \\x1b[2J\\x1b]0;title\\x07"
    " \\x1b[31m<script>alert(1)</script>\\x1b[0m\\x1b[38;2;1;2;3\"onclick=alert(1)mx')"
)

WIDGET = """import ipywidgets
display(ipywidgets.HTML("<script>alert(1)</script><img src=x onerror=alert(1)>"),
        ipywidgets.HTMLMath("<iframe src=//evil.example>"))
display({"application/vnd.jupyter.widget-view+json": {"model_id": "x", "version_major": 2},
         "text/html": "<script>alert(1)</script>"}, raw=True)
print("shown")"""

LATEX = showing(
    text_latex=r"$\href{javascript:alert(1)}{x}$",
    text_html=r"<p>$\href{javascript:alert(1)}{x} \unicode{x}$</p>",
    text_plain=r"$\href{javascript:alert(1)}{x}$",
)

ATTACKS = (
    Hostile("script in a stream", "prints a script", f"print({BAIT!r} * 5)", shows="script"),
    *(
        Hostile(
            f"markup {n}", f"shows the HTML {html[:24]} …", showing(text_html=html), shows="shown"
        )
        for n, html in enumerate(HTML, 1)
    ),
    Hostile(
        "javascript output",
        "shows JavaScript",
        showing(application_javascript="alert(1)", text_html=BAIT),
        shows="shown",
    ),
    Hostile("svg output", "shows SVG with a script", showing(image_svg__xml=SVG), shows="shown"),
    Hostile(
        "markdown output",
        "shows Markdown with a script",
        showing(text_markdown=f"{BAIT} [x](javascript:alert(1))"),
        shows="shown",
    ),
    Hostile(
        "png that is markup", "shows a PNG that is HTML", showing(image_png=PNG), shows="shown"
    ),
    Hostile(
        "jpeg that is markup", "shows a JPEG that is HTML", showing(image_jpeg=PNG), shows="shown"
    ),
    Hostile(
        "picture with metadata",
        "gives a picture sizes that are HTML",
        "display({'image/png': 'iVBORw0KGgo='}, metadata={'image/png': {'width': "
        f"{BAIT!r}, 'alt': {BAIT!r}, 'unconfined': {BAIT!r}}}}}, raw=True)\nprint('shown')",
        shows="shown",
    ),
    Hostile(
        "outputs that are no text",
        "shows numbers and lists where text belongs",
        "display({'text/plain': 5, 'text/html': {'a': 1}, 'image/png': [1, None], 'x': [[[]]]},"
        " raw=True)\nprint('shown')",
        shows="shown",
    ),
    Hostile("latex output", "shows formulas that are links", LATEX, shows="shown"),
    Hostile("widgets", "shows widgets with scripts", WIDGET, shows="shown", then=widgets_are_gone),
    Hostile("error that is markup", "raises an error with a script", ERROR, says="es-e1-answer"),
    Hostile("terminal sequences", "prints escape sequences and links", ANSI, shows="click"),
    Hostile(
        "error with terminal sequences",
        "raises an error that clears the terminal",
        "raise ValueError('\\x1b[2J\\x1b]0;title\\x07\\x9b31m red \\x00')",
        says="ValueError",
        then=no_control_characters,
    ),
    Hostile(
        "script as an answer",
        "saves a script as its words",
        sheet={**HALF, "es.e2.model": BAIT, "es.w1.text": BAIT},
        worth=(5, 0, 2),
        then=text_is_there,
    ),
    Hostile(
        "markdown as an answer",
        "saves Markdown with links as its words",
        sheet={
            "es.e1.calls": NEAR,
            "es.e2.model": "[x](javascript:alert(1)) ![](//evil.example/t)",
        },
    ),
    Hostile(
        "script as a unit", "saves scripts in every field", forged=units, says="names <script>"
    ),
    Hostile("attachments", "attaches SVG and HTML", edit=attachments),
    Hostile("markdown cells", "rewrites the Markdown cells", edit=markdown),
    Hostile("metadata", "puts scripts into metadata, tags and titles", edit=metadata),
    Hostile("comments", "puts scripts into comments", edit=comments),
    Hostile("outputs handed in", "hands in outputs with scripts", edit=stale_outputs),
    Hostile(
        "comment in the code",
        "writes a script into the code",
        f"# {BAIT}\nx = '''</pre></div>{BAIT}'''",
    ),
    Hostile(
        "file name",
        "names its notebook after a script",
        place=renamed('"><script>alert(1)<!--.ipynb'),
        says='The notebook is called "><script>alert(1)<!--.ipynb',
    ),
    Hostile(
        "file name with escapes",
        "names its notebook after a terminal sequence",
        place=renamed("\x1b[2J\x1b]0;x\x07\n.ipynb"),
        says="The notebook is called",
        then=no_control_characters,
    ),
    Hostile(
        "file name that is no text",
        "names its notebook with bytes that are no text",
        place=bytes_in_name,
        says="The notebook is called",
    ),
    Hostile(
        "half characters in a cell",
        "has lone surrogates in its code",
        edit=lambda book: _set(book, "es-e2-answer", "@RAW@"),
        place=raw_cell("\"x = '\\ud800\\udfff\\ud800'; print(1)\""),
    ),
    Hostile(
        "half characters in an error",
        "raises and prints lone surrogates",
        "print('\\ud800'); raise ValueError('\\udfff\\ud800')",
        says="ValueError",
    ),
    Hostile(
        "half characters in an answer",
        "saves lone surrogates",
        forged=raw_answer('"\\ud800 heron"'),
    ),
    Hostile(
        "zero bytes in an answer",
        "saves zero bytes and control characters",
        forged=raw_answer('"\\u0000\\u001b[2J\\u009b31m\\u202e"'),
        then=no_control_characters,
    ),
    as_learner("learner called a script", "<script>alert(1)", "is called after a script"),
    as_learner("learner called a formula", "=cmd()", "is called after a formula"),
    as_learner("learner called a path", "..%2f..%2fsource", "is called after a path"),
    as_learner("learner called a command", "-rf *", "is called after a command"),
    as_learner("learner called a sequence", "\x1b[2J", "is called after a terminal sequence"),
)


def _set(book: NotebookNode, grade_id: str, source: str) -> None:
    for cell in book.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            cell.source = source


@pytest.fixture(scope="module")
def graded() -> Iterator[Cohort]:
    yield from graded_cohort(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_grade_is_that_of_the_work_without_the_attack(graded: Cohort, attack: Hostile) -> None:
    grade_is_fair(graded.seen(attack))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_comes_of_it(graded: Cohort, attack: Hostile) -> None:
    nothing_came_of_it(graded.seen(attack))


@pytest.mark.parametrize("html", HTML)
def test_the_reader_of_pages_sees_each_of_them(html: str) -> None:
    assert active(html)
