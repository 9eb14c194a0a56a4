"""What plain nbgrader lets through: hostile hand-ins of tests/hostile against ``autograde``.

    python benchmarks/hostile_plain.py            run them and print the table (some five minutes)
    python benchmarks/hostile_plain.py --write    keep the result, and put it into docs/security.md
    python benchmarks/hostile_plain.py --only grades --write   # those of one file, in a minute
    python benchmarks/hostile_plain.py --table    only bring docs/security.md up to date

Only hand-ins whose effect stays in a scratch folder are run: no fork bombs, nothing that fills a
disk, writes to the libraries or asks for privilege. nbgrader is as it comes, with its defaults and
a tiny assignment that is graded by hidden tests: the same three items as in the tests.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

HARMLESS = {
    "grades": None,
    "reading": {
        "reads the key",
        "imports the solver",
        "reads the gradebook",
        "reads another's hand-in",
        "environment",
        "climbing paths",
        "notebook is a link",
        "folder is a link",
    },
    "writing": {
        "writes the gradebook",
        "writes another's hand-in",
        "writes another's feedback",
        "writes the source and the release",
        "writes the settings",
        "plants in its own home",
        "brings settings",
    },
    "reaching": {"connects", "survivor", "unix sockets"},
    "readers": None,
    "stopping": {
        "sleeps",
        "exits",
        "exits late",
        "ends at once",
        "recursion",
        "doubled cells",
        "doubled with another content",
        "deleted cells",
        "reordered cells",
        "renamed cells",
        "no metadata",
        "odd shapes",
        "format 3",
        "format 4.5",
        "broken notebook",
        "empty notebook",
        "second notebook",
        "empty folder",
        "notebook is a folder",
        "notebook links to itself",
    },
}
"""Attacks by file that stay in the scratch folder; ``None`` means all of them that plain has."""

TESTS = {
    "es-e1": "import math\n### BEGIN HIDDEN TESTS\n"
    "assert math.isclose(answers['es.e1.calls'], 42)\n### END HIDDEN TESTS",
    "es-e2": "### BEGIN HIDDEN TESTS\nassert answers['es.e2.model'] == 'heron'\n"
    "### END HIDDEN TESTS",
    "es-w1": "### BEGIN HIDDEN TESTS\nassert len(answers['es.w1.text']) > 20\n### END HIDDEN TESTS",
}
OPEN = "answers = {}\ndef answer(name, value, unit=None):\n    answers[name] = value"
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "plain"
c.ExecutePreprocessor.timeout = 8
c.Execute.timeout = 8
c.ClearSolutions.code_stub = {"python": "# your answer"}
"""


def make_course(root: Path) -> str:
    """A plain course with the tiny assignment; returns the released notebook."""
    import nbformat
    from tests.cohort.small_course import FIXTURE
    from tests.hostile.cohort import HONEST, MODULE, SECRETS

    source = root / "source" / MODULE
    source.mkdir(parents=True)
    book = nbformat.read(FIXTURE / "source" / MODULE / f"{MODULE}.ipynb", as_version=4)
    for cell in book.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in TESTS:
            cell.source = TESTS[name]
        elif name == "es-open":
            cell.source = OPEN
    nbformat.write(book, source / f"{MODULE}.ipynb")
    for name, secret in (("key.yaml", "key"), ("solver.py", "solver")):
        (source / name).write_text(f"# {SECRETS[secret]}\n")
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "course.toml").write_text("")
    assert api(root).generate_assignment(MODULE, force=True)["success"]
    honest = root / "submitted" / HONEST / MODULE
    honest.mkdir(parents=True)
    released = (root / "release" / MODULE / f"{MODULE}.ipynb").read_text()
    mine = nbformat.reads(released, as_version=4)
    answers = {
        "es-e1-answer": 'answer("es.e1.calls", 42)',
        "es-e2-answer": 'answer("es.e2.model", "heron")',
        "es-w1-answer": f'answer("es.w1.text", "Words of my own, {SECRETS["words"]}.")',
    }
    for cell in mine.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(mine, honest / f"{MODULE}.ipynb")
    (honest / "answers.json").write_text(SECRETS["words"])
    assert api(root).autograde(MODULE, HONEST)["success"]
    return released


def api(root: Path) -> Any:
    """nbgrader as it comes, for this course."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    config = Config(PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    config.CourseDirectory.root = str(root)
    return NbGraderAPI(config=config)


def scores(root: Path, student: str) -> float | None:
    """The points in the gradebook; ``None`` if there is no grade."""
    from nbgrader.api import Gradebook, MissingEntry
    from tests.hostile.cohort import MODULE

    with Gradebook(f"sqlite:///{root}/gradebook.db", "plain") as book:
        try:
            return float(book.find_submission(MODULE, student).score)
        except MissingEntry:
            return None


def hand_in(work: Path, released: str, attack: Any, port: int, *, twin: bool) -> Path:
    """Put one hand-in into a fresh copy of the course; return the copy."""
    from tests.hostile.cohort import MODULE, Place, notebook_for

    root, home = work / "course", work / "home"
    shutil.rmtree(root, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(work / "made", root)
    home.mkdir()
    place = Place(root, home, {"@PORT@": str(port)})
    wrong = 'answer("es.e1.calls", 45)\n'
    cells = {"es-e1-answer": wrong, **attack.plain}
    if not twin:
        cells |= {"es-e1-answer": wrong + attack.code} if attack.code else {}
        cells |= attack.cells
        cells = {name: place.fill(code) for name, code in cells.items()}
    folder = root / "submitted" / attack.slug / MODULE
    folder.mkdir(parents=True)
    book = notebook_for(released, cells)
    if attack.edit is not None and not twin:
        attack.edit(book)
    (folder / f"{MODULE}.ipynb").write_text(json.dumps(book, indent=1))
    if attack.place is not None and not twin:
        attack.place(folder, place)
    return root


def one(
    work: Path, released: str, attack: Any, port: int, *, twin: bool
) -> tuple[float | None, list[str]]:
    """Grade one hand-in; return its points and what got through."""
    from tests.hostile.cohort import HONEST, MODULE, SECRETS
    from tests.hostile.pages import added

    root = hand_in(work, released, attack, port, twin=twin)
    student, home, front = attack.slug, work / "home", api(root)
    before = kept(root)
    try:
        done = bool(front.autograde(MODULE, student)["success"])
    except Exception:
        done = False
    through = []
    mine = scores(root, student) if done else None
    if twin:
        return mine, []
    if not done:
        through.append("not graded")
    written = root / "autograded" / student / MODULE
    text = "".join(p.read_text(errors="replace") for p in written.rglob("*.ipynb"))
    if any(secret in text for name, secret in SECRETS.items() if name != "cell"):
        through.append("read it")
    changed = [name for name, value in kept(root).items() if before.get(name, value) != value]
    if changed or any(path.is_file() for path in home.rglob("*startup*/*")):
        through.append("wrote it")
    if "CONNECTED" in text and ("127.0.0.1" in text or "hostile" in text):
        through.append("got out")
    if survivors():
        through.append("stayed")
    if done:
        with contextlib.suppress(Exception):
            page = rendered(written / f"{MODULE}.ipynb")
            if added(page, rendered(root / "autograded" / HONEST / MODULE / f"{MODULE}.ipynb")):
                through.append("script in the formgrader")
    return mine, through


def rendered(path: Path) -> str:
    """The formgrader's page of a notebook."""
    from tests.hostile.cohort import _formgrader

    names = ("assignment_id", "notebook_id", "submission_id", "base_url", "student")
    resources: dict[str, Any] = dict.fromkeys(names, "x")
    resources |= {"index": 0, "total": 1, "last_name": None, "first_name": None}
    html, _ = _formgrader().from_filename(str(path), resources=resources | {"notebook_path": "x"})
    return str(html)


def kept(root: Path) -> dict[str, str]:
    """What an attack should not change: others' work, sources, settings, others' grades."""
    from tests.hostile.cohort import HONEST

    found = {}
    for part in ("source", "release", f"submitted/{HONEST}", f"autograded/{HONEST}", "feedback"):
        for path in (root / part).rglob("*"):
            if path.is_file():
                found[str(path)] = path.read_text(errors="replace")
    for name in ("course.toml", "nbgrader_config.py"):
        found[name] = (root / name).read_text()
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as book:
        found["grades"] = str(
            book.execute("select count(*) from grade where manual_score is not null").fetchall()
        )
    return found


def survivors() -> list[int]:
    """Processes that the attack left behind, found by its own mark and ended by their number."""
    from tests.hostile.test_reaching import MARK, processes_with

    left = processes_with(MARK)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return left


def run(only: str) -> dict[str, str]:
    """Run every harmless attack, or those of one file; return what came of it by name."""
    from tests.hostile import table
    from tests.hostile.test_reaching import servers

    found: dict[str, str] = {}
    twins: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory(prefix="skillmap-plain-") as folder, servers() as port:
        work = Path(folder)
        released = make_course(work / "made")
        for aim, attacks in table.attacks().items():
            for attack in attacks:
                if only not in ("", aim):
                    continue
                names = HARMLESS[aim]
                acts = attack.code or attack.cells or attack.edit or attack.place
                if not acts or attack.called or (names is not None and attack.name not in names):
                    continue
                begun = time.monotonic()
                honest = repr(sorted(attack.plain.items()))
                if honest not in twins:
                    twins[honest], _ = one(work, released, attack, port, twin=True)
                mine, through = one(work, released, attack, port, twin=False)
                fair = twins[honest] or 0.0
                if mine is not None and mine > fair:
                    through.insert(0, f"{mine:g} points for {fair:g}")
                elif mine is not None and mine < fair:
                    through.insert(0, f"{fair - mine:g} points lost")
                found[attack.name] = ", ".join(through) or "nothing"
                seconds = time.monotonic() - begun
                print(
                    f"{aim:9} {attack.name:34} {found[attack.name]} ({seconds:.1f} s)", flush=True
                )
    return found


def update_document() -> None:
    """Put the table into ``docs/security.md``, and its counts into the text."""
    from tests.hostile import table

    found = table.recorded()
    total = sum(len(attacks) for attacks in table.attacks().values())
    through = sum(result != "nothing" for result in found.values())
    text = table.DOCUMENT.read_text(encoding="utf-8")
    text = re.sub(r"\d+ hostile hand-ins", f"{total} hostile hand-ins", text)
    tried = f"{through} of the {len(found)} that were tried"
    text = re.sub(r"\d+ of the \d+ that were tried", tried, text)
    head, tail = text[: text.index(table.BEGIN)], text[text.index(table.END) :]
    made = f"{head}{table.BEGIN}\n\n{table.table(table.recorded())}\n{tail}"
    table.DOCUMENT.write_text(made, encoding="utf-8")


def main() -> None:
    """Run in an environment without anything of this account's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", default="", choices=["", *HARMLESS])
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        update_document()
        return
    if os.environ.get("SKILLMAP_PLAIN") != "1":
        with tempfile.TemporaryDirectory(prefix="skillmap-home-") as home:
            clean = {
                "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
                "HOME": home,
                "LANG": "C.UTF-8",
                "SKILLMAP_PLAIN": "1",
                "SKILLMAP_TEST_TOKEN": "secret-token-2718281828",
            }
            command = [sys.executable, __file__, *sys.argv[1:]]
            raise SystemExit(subprocess.run(command, env=clean, check=False).returncode)
    found = run(options.only)
    through = sum(result != "nothing" for result in found.values())
    print(f"{through} of {len(found)} got something through")
    if options.write:
        from tests.hostile import table

        earlier = table.recorded() if options.only and table.PLAIN.is_file() else {}
        text = json.dumps(earlier | found, indent=1, sort_keys=True)
        table.PLAIN.write_text(text + "\n", encoding="utf-8")
        update_document()


if __name__ == "__main__":
    main()
