"""Hand-ins that try to write: the gradebook, others' work, the libraries, start-up files, settings.

A fingerprint of all of these is taken before and after the whole cohort is graded.
"""

from __future__ import annotations

import site
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.hostile.cohort import HONEST, MODULE, Hostile, Place, graded_cohort
from tests.hostile.judge import grade_is_fair, nothing_came_of_it

import skillmap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.cohort import Cohort, Seen

MARK = "hostile_was_here"

WRITE = f"""import os
def put(path, text="{MARK} = 1\\n"):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file:
            file.write(text)
        print("WROTE", path)
    except OSError as error:
        print("refused", os.path.basename(path), type(error).__name__)
"""


def writing(*paths: str) -> str:
    return WRITE + "".join(f"put({path!r})\n" for path in paths)


LIBRARIES = (
    WRITE
    + f"""import numpy, IPython, skillmap.grading, sys
for module in (numpy, IPython, skillmap.grading, os, skillmap):
    put(os.path.join(os.path.dirname(module.__file__), "{MARK}.py"))
    put(module.__file__, "\\n# {MARK}")
for folder in sys.path:
    if folder and not folder.endswith(".zip"):
        put(os.path.join(folder, "{MARK}.pth"), "import {MARK}")
print("tried all")"""
)

GRADEBOOK = """import os, sqlite3
for path in ("@COURSE@/gradebook.db", "/scratch/work/../../@COURSE@/gradebook.db"):
    try:
        book = sqlite3.connect(path)
        book.execute("update grade set manual_score = 10, needs_manual_grade = 0")
        book.commit()
        print("WROTE")
    except sqlite3.Error as error:
        print("tried", error)"""

REMOVES = """import os, shutil
for path in ("@COURSE@", "@COURSE@/submitted", "@HOME@", "/usr/bin", os.path.dirname(os.__file__)):
    shutil.rmtree(path, ignore_errors=True)
    try:
        os.rename(path, path + ".gone"); print("WROTE")
    except OSError as error:
        print("refused", type(error).__name__)
print("still there", os.path.exists("/usr/bin/env"))"""

FILLS = """import os
full = 0
try:
    for n in range(10):
        with open(f"/scratch/tmp/big{n}", "wb") as file:
            for _ in range(60): file.write(b"x" * 2**20)
except OSError as error:
    full += 1
for n in range(10):
    if os.path.exists(f"/scratch/tmp/big{n}"): os.unlink(f"/scratch/tmp/big{n}")
try:
    for n in range(10**5): open(f"/scratch/tmp/{n}", "w").close()
except OSError as error:
    full += 1
print("full", full)"""

PLANTS = (
    WRITE
    + """home = os.path.expanduser("~")
put(home + "/.ipython/profile_default/startup/00.py")
put(home + "/.jupyter/jupyter_server_config.py")
put(home + "/.local/lib/python3.11/site-packages/usercustomize.py")
put(home + "/.config/matplotlib/matplotlibrc")
print("own home", os.listdir(home))"""
)

LOOKS_FOR_PLANTS = f"""import os
home = os.path.expanduser("~")
print("fresh", "{MARK}" in globals(), os.path.exists(home + "/.ipython/profile_default/startup"))"""

MOVES_ITS_FOLDER = """import os
os.rename("/scratch/work", "/scratch/away")
os.symlink("@COURSE@/submitted/honest.hana/estimation", "/scratch/work")
print("moved", os.listdir("/scratch"))"""

BIG_SHEET = """with open("answers.json", "wb") as file:
    file.write(b"[" * 30 * 2**20)
print("big")"""

FOLDER_AS_SHEET = """import os
if os.path.exists("answers.json"): os.unlink("answers.json")
os.mkdir("answers.json"); print("folder")"""

PIPE_AS_SHEET = """import os
if os.path.exists("answers.json"): os.unlink("answers.json")
os.mkfifo("answers.json"); print("pipe")"""

NO_RIGHTS = """import os
os.chmod("/scratch/work", 0); os.chmod("/scratch/home", 0); os.chmod("/scratch", 0)
print("locked")"""


def brings_settings(folder: Path, _: Place) -> None:
    (folder / "nbgrader_config.py").write_text("raise SystemExit\n")
    (folder / "conftest.py").write_text("raise SystemExit\n")
    (folder / ".ipython" / "profile_default" / "startup").mkdir(parents=True)
    (folder / ".ipython" / "profile_default" / "startup" / "0.py").write_text("raise SystemExit\n")


def brings_output_folders(folder: Path, known: Place) -> None:
    """Make names under which grading would write for another learner."""
    for step in ("autograded", "feedback"):
        path = folder / ".." / ".." / f"{step}-{MARK}"
        (folder / step / HONEST / MODULE).mkdir(parents=True)
        assert not path.exists()


def home_is_clean(seen: Seen) -> None:
    home = seen.cohort.home
    left = {path.name for path in home.iterdir()}
    assert left == {".ssh"}


def libraries_are_clean(seen: Seen) -> None:
    places = [Path(p) for p in (*site.getsitepackages(), sys.prefix, sys.base_prefix) if p]
    for place in (*places, Path(skillmap.__file__).parent):
        assert not list(place.glob(f"{MARK}*"))
        assert not (place / "__init__.py").is_file() or MARK not in (
            place / "__init__.py"
        ).read_text(encoding="utf-8")


ATTACKS = (
    Hostile(
        "writes the gradebook",
        "sets everybody's manual scores",
        GRADEBOOK,
        shows="tried unable to open database file",
    ),
    Hostile(
        "writes another's hand-in",
        "changes another's sheet and notebook",
        writing(
            "@COURSE@/submitted/honest.hana/estimation/answers.json",
            "@COURSE@/submitted/honest.hana/estimation/estimation.ipynb",
        ),
        shows="refused answers.json",
    ),
    Hostile(
        "writes another's feedback",
        "plants a feedback page and a result for another",
        writing(
            "@COURSE@/feedback/honest.hana/estimation/estimation.html",
            "@COURSE@/autograded/honest.hana/estimation/feedback.json",
        ),
        shows="refused estimation.html",
    ),
    Hostile(
        "writes the source and the release",
        "changes key, source and released notebook",
        writing(
            "@COURSE@/source/estimation/key.yaml",
            "@COURSE@/source/estimation/estimation.ipynb",
            "@COURSE@/release/estimation/estimation.ipynb",
        ),
        shows="refused key.yaml",
    ),
    Hostile(
        "writes the settings",
        "changes course.toml and nbgrader_config.py",
        writing("@COURSE@/course.toml", "@COURSE@/nbgrader_config.py"),
        shows="refused course.toml",
    ),
    Hostile(
        "writes the ledger",
        "marks others as graded",
        writing("@COURSE@/.skillmap/ledger/estimation/honest.hana.json"),
        shows="refused honest.hana.json",
    ),
    Hostile(
        "writes the libraries",
        "appends to NumPy, IPython and the graders, adds .pth files",
        LIBRARIES,
        shows="tried all",
        then=libraries_are_clean,
    ),
    Hostile(
        "writes start-up files of the machine",
        "plants IPython, Jupyter and shell start-up files in the instructor's home",
        writing(
            "@HOME@/.ipython/profile_default/startup/00.py",
            "@HOME@/.jupyter/jupyter_server_config.py",
            "@HOME@/.bashrc",
            "@HOME@/.ssh/authorized_keys",
            "@HOME@/.local/share/jupyter/kernels/python3/kernel.json",
            "/etc/profile.d/x.sh",
            "/var/spool/cron/root",
        ),
        shows="refused 00.py",
        then=home_is_clean,
    ),
    Hostile(
        "plants in its own home",
        "plants start-up files where its own shell looks",
        PLANTS,
        shows="own home",
        then=home_is_clean,
    ),
    Hostile(
        "runs after a planter",
        "looks for what the hand-in before it planted",
        LOOKS_FOR_PLANTS,
        shows="fresh False False",
    ),
    Hostile("removes everything", "deletes and renames folders", REMOVES, shows="still there True"),
    Hostile("fills the disk", "writes until nothing fits", FILLS, shows="full 2"),
    Hostile(
        "moves its folder",
        "puts a link in the place of its folder",
        MOVES_ITS_FOLDER,
        shows="moved",
    ),
    Hostile("leaves a huge sheet", "leaves 30 MB in answers.json", BIG_SHEET, shows="big"),
    Hostile("leaves a folder", "leaves a folder as answers.json", FOLDER_AS_SHEET, shows="folder"),
    Hostile("leaves a pipe", "leaves a pipe as answers.json", PIPE_AS_SHEET, shows="pipe"),
    Hostile("takes all rights away", "locks its own folders", NO_RIGHTS, shows="locked"),
    Hostile("brings settings", "hands in nbgrader and IPython settings", place=brings_settings),
    Hostile("brings folders", "hands in output folders of others", place=brings_output_folders),
)


@pytest.fixture(scope="module")
def graded() -> Iterator[Cohort]:
    yield from graded_cohort(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_grade_is_that_of_the_work_without_the_attack(graded: Cohort, attack: Hostile) -> None:
    grade_is_fair(graded.seen(attack))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_comes_of_it(graded: Cohort, attack: Hostile) -> None:
    nothing_came_of_it(graded.seen(attack))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_no_write_was_let_through(graded: Cohort, attack: Hostile) -> None:
    written = [line for line in graded.seen(attack).outputs.split("\\n") if "WROTE" in line]
    assert all("WROTE /scratch/" in line for line in written)


def test_the_fingerprint_sees_a_change(graded: Cohort) -> None:
    from tests.hostile.cohort import prints

    path = graded.home / ".bashrc"
    path.write_text("x")
    try:
        assert prints(graded.home.parent) != {
            name: value for name, value in graded.after.items() if str(graded.home) in name
        }
    finally:
        path.unlink()
