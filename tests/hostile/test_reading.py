"""Hand-ins that try to read: keys, the gradebook, others' work, secrets, the instructor's home.

Each says in its output that it tried. What it may not read must be in nothing that is kept of it:
not in the executed notebook, the comments, the problems, nor in either page.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.hostile.cohort import HONEST, MODULE, RIGHT, SECRETS, Hostile, Place, graded_cohort
from tests.hostile.judge import grade_is_fair, nothing_came_of_it

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbformat.notebooknode import NotebookNode
    from tests.hostile.cohort import Cohort, Seen

TRY = """def look(path):
    try:
        print("READ", open(path, errors="replace").read()[:20000])
    except OSError as error:
        print("tried", path.rsplit("/", 1)[-1], type(error).__name__)
"""


def looking(*paths: str) -> str:
    return TRY + "".join(f"look({path!r})\n" for path in paths)


WALK = """import os, sys
libraries = (sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(os.__file__)),
             os.path.dirname(__import__("numpy").__path__[0]))
secrets, found = [s[::-1] for s in @BACKWARDS@], []
for base in ("/",):
    for folder, names, files in os.walk(base):
        names[:] = [n for n in names if n not in ("site-packages", "lib", "share", "include")
                    and os.path.join(folder, n) not in ("/usr", "/sys", *libraries)]
        for name in files:
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path) and os.path.getsize(path) < 10**6 and any(
                        s in open(path, errors="replace").read() for s in secrets):
                    found.append(path)
            except OSError:
                pass
print("walked", found)""".replace("@BACKWARDS@", str([s[::-1] for s in SECRETS.values()]))

MEMORY = """import gc
gc.unfreeze()
hits = [v for o in gc.get_objects() if isinstance(o, dict) for v in list(o.values())
        if isinstance(v, str) and v[:7].encode("utf-8", "replace").hex() == "7365637265742d"]
print("searched", len(gc.get_objects()) > 1000, hits)
try:
    maps = open("/proc/self/maps").read()
    print("READ", maps)
except OSError as error:
    print("tried", type(error).__name__)"""

DESCRIPTORS = """import os
for n in range(3, 256):
    for use in (os.pread, lambda n, *_: os.read(n, 0), lambda n, *_: os.listdir(n)):
        try:
            got = use(n, 20000, 0)
        except OSError:
            continue
        print("fd", n, got[:20000])
print("tried all")"""

PROC = """import os
seen = []
for name in ("self", "1", "2", "thread-self", *map(str, range(3, 400))):
    for what in ("environ", "cmdline", "maps", "fd", "root", "cwd"):
        try:
            path = f"/proc/{name}/{what}"
            seen.append(open(path).read() if what in ("environ", "cmdline") else os.listdir(path))
        except OSError:
            pass
print("tried", seen)"""

SECRETS_OF_THE_RUN = """import os, ctypes, subprocess, sys
libc = ctypes.CDLL(None); libc.getenv.restype = ctypes.c_char_p
print("tried", dict(os.environ), libc.getenv(b"SKILLMAP_TEST_TOKEN"))
print(subprocess.run(["env"], capture_output=True, text=True).stdout)"""

DATABASE = """import sqlite3
try:
    book = sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True)
    print("READ", book.execute("select * from student").fetchall())
except sqlite3.Error as error:
    print("tried", error)
try:
    import sqlalchemy
    print(sqlalchemy.create_engine("sqlite:///@COURSE@/gradebook.db").connect())
except Exception as error:
    print("tried again", type(error).__name__)"""

SOLVER = """for name in ("solver", "source.estimation.solver", "lantern_value"):
    try:
        print("READ", open(__import__(name).__file__).read())
    except ImportError as error:
        print("tried", error)
import sys
sys.path += ["@COURSE@/source/estimation", "@COURSE@"]
try:
    import solver
    print("READ", open(solver.__file__).read())
except ImportError as error:
    print("tried", error)"""

SHELL = "!cat @COURSE@/source/estimation/key.yaml @HOME@/.ssh/id_ed25519; echo tried $?"

LOADER = """%run @COURSE@/source/estimation/solver.py
%load @COURSE@/source/estimation/key.yaml"""

LINKS = """import os, shutil
for number, target in enumerate(("@COURSE@/source/estimation/key.yaml", "/proc/self/environ")):
    os.symlink(target, f"link{number}")
    try:
        print("READ", open(f"link{number}").read())
    except OSError as error:
        print("tried", type(error).__name__)
if os.path.exists("answers.json"):
    os.unlink("answers.json")
os.symlink("@COURSE@/submitted/honest.hana/estimation/answers.json", "answers.json")"""

HOMES = """import os, pwd
for name in ("~root", "~", "/root", "/home", "@HOME@"):
    path = os.path.expanduser(name)
    try:
        print("tried", [f for f in os.listdir(path)])
    except OSError as error:
        print("tried", type(error).__name__)
print([entry.pw_name for entry in pwd.getpwall()])
""" + looking("@HOME@/.ssh/id_ed25519", "/etc/shadow", "/etc/hostname", "/root/.ssh/id_rsa")

CLIMB = looking(
    "../../../source/estimation/key.yaml",
    "../answers.json",
    "/scratch/work/../../../../@COURSE@/source/estimation/key.yaml",
    "..//..//..//..//..//@COURSE@/gradebook.db",
)


def linked(name: str, target: str, *, folder: bool = False) -> Callable[[Path, Place], None]:
    """Put a symbolic link in the place of a file of the hand-in, or of its folder."""

    def place(where: Path, known: Place) -> None:
        path = where if folder else where / name
        goal = known.fill(target)
        if folder:
            for old in where.iterdir():
                old.unlink()
            where.rmdir()
        else:
            path.unlink(missing_ok=True)
        path.symlink_to(goal)

    return place


def hard_linked(name: str, target: str) -> Callable[[Path, Place], None]:
    def place(where: Path, known: Place) -> None:
        (where / name).unlink(missing_ok=True)
        os.link(known.fill(target), where / name)

    return place


def linked_student(where: Path, known: Place) -> None:
    """Make the whole student a link to the honest one."""
    for old in where.iterdir():
        old.unlink()
    where.rmdir()
    where.parent.rmdir()
    where.parent.symlink_to(known.root / "submitted" / HONEST)


def linked_parts(where: Path, known: Place) -> None:
    for name in ("feedback.json", "submission_secret.txt", "timestamp.txt", "data.csv"):
        (where / name).unlink(missing_ok=True)
        (where / name).symlink_to(known.root / "source" / MODULE / "key.yaml")
    (where / "figures").symlink_to(known.root)


def declares_data(book: NotebookNode) -> None:
    names = ["../../source/estimation/key.yaml", "/etc/passwd", "..\\..\\gradebook.db"]
    book.metadata.skillmap = {"data": names}
    for cell in book.cells:
        cell.attachments = {name: {"text/plain": ["x"]} for name in names}
        cell.metadata.skillmap = {"role": "parameters", "data": names}
        cell.metadata.name = names[0]


def refused(seen: Seen) -> None:
    """Nothing of this hand-in is in the gradebook, and nothing was written for it."""
    assert not seen.cohort.course.folder("autograded", MODULE, seen.student).exists()
    with pytest.raises(KeyError):
        seen.cohort.scores(seen.student)


def no_scores_of_others(seen: Seen) -> None:
    assert "honest.hana" not in seen.outputs.replace("honest.hana/estimation", "")


NOT_PLAIN = "reads what lies outside its folder"

ATTACKS = (
    Hostile(
        "reads the key",
        "opens key and solver where they lie",
        looking(
            "@COURSE@/source/estimation/key.yaml",
            "@COURSE@/source/estimation/solver.py",
            "@COURSE@/source/estimation/estimation.ipynb",
        ),
        shows="tried key.yaml FileNotFoundError",
    ),
    Hostile("imports the solver", "imports the solver by several names", SOLVER, shows="tried No"),
    Hostile("reads by the shell", "uses cat on the key and on a private key", SHELL, shows="tried"),
    Hostile("runs the solver", "uses %run and %load on source/", LOADER, says="es-e1-answer"),
    Hostile(
        "reads the gradebook",
        "opens gradebook.db",
        DATABASE,
        shows="tried unable to open database file",
        then=no_scores_of_others,
    ),
    Hostile(
        "reads another's hand-in",
        "opens another's sheet and notebook",
        looking(
            "@COURSE@/submitted/honest.hana/estimation/answers.json",
            "@COURSE@/submitted/honest.hana/estimation/estimation.ipynb",
            "@COURSE@/autograded/honest.hana/estimation/feedback.json",
        ),
        shows="tried answers.json FileNotFoundError",
    ),
    Hostile("searches every folder", "walks through all files it sees", WALK, shows="walked []"),
    Hostile(
        "environment",
        "prints the environment",
        SECRETS_OF_THE_RUN,
        shows="SKILLMAP_STATIC",
        then=no_scores_of_others,
    ),
    Hostile("other processes", "reads /proc of every process", PROC, shows="tried []"),
    Hostile("memory", "searches the memory it inherited", MEMORY, shows="searched True []"),
    Hostile("open files", "reads every open descriptor", DESCRIPTORS, shows="tried all"),
    Hostile("home", "looks into homes and accounts", HOMES, shows="tried id_ed25519 FileNotFound"),
    Hostile("climbing paths", "opens ../../source", CLIMB, shows="tried key.yaml FileNotFound"),
    Hostile(
        "links made in the run",
        "links the sheet to another's",
        LINKS,
        shows="tried FileNotFoundError",
        sheet=None,
        worth=(0, 0, 0),
        twin=(0, 0, 0),
    ),
    Hostile(
        "notebook is a link",
        "hands in a link to another's notebook",
        place=linked(f"{MODULE}.ipynb", f"@COURSE@/submitted/honest.hana/{MODULE}/{MODULE}.ipynb"),
        says="estimation.ipynb is a link to another file",
    ),
    Hostile(
        "sheet is a link",
        "hands in a link to another's sheet",
        place=linked("answers.json", f"@COURSE@/submitted/honest.hana/{MODULE}/answers.json"),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        says="answers.json is a link to another file",
    ),
    Hostile(
        "sheet is a link to the key",
        "hands in a link to the key",
        place=linked("answers.json", "@COURSE@/source/estimation/key.yaml"),
        worth=(0, 0, 0),
        twin=(5, 0, 0),
        says="answers.json is a link to another file",
    ),
    Hostile(
        "folder is a link",
        "its folder is a link to another's",
        place=linked("", f"@COURSE@/submitted/honest.hana/{MODULE}", folder=True),
        state="not graded",
        graded=False,
        says="is a link to somewhere else; it was not followed",
        then=refused,
    ),
    Hostile(
        "student is a link",
        "its student's folder is a link to another's",
        place=linked_student,
        state="not graded",
        graded=False,
        says="is a link to somewhere else; it was not followed",
        then=refused,
    ),
    Hostile("other files are links", "links beside the notebook lead out", place=linked_parts),
    Hostile(
        "hard link to another's notebook",
        "hands in another's notebook under its own name",
        place=hard_linked(
            f"{MODULE}.ipynb", f"@COURSE@/submitted/honest.hana/{MODULE}/{MODULE}.ipynb"
        ),
        says="estimation.ipynb is a second name (a hard link) of another learner's notebook",
    ),
    Hostile(
        "hard link to the solutions",
        "hands in the instructor's notebook",
        place=hard_linked(f"{MODULE}.ipynb", f"@COURSE@/source/{MODULE}/{MODULE}.ipynb"),
        says="estimation.ipynb is a second name (a hard link) of a file of the instructor's",
    ),
    Hostile(
        "hard link to another's sheet",
        "hands in another's sheet under its own name",
        place=hard_linked("answers.json", f"@COURSE@/submitted/honest.hana/{MODULE}/answers.json"),
        sheet={},
        worth=(0, 0, 0),
        twin=(0, 0, 0),
        says="answers.json is a second name (a hard link)",
    ),
    Hostile(
        "hard link to the key",
        "hands in the key as its sheet",
        place=hard_linked("answers.json", "@COURSE@/source/estimation/key.yaml"),
        sheet={},
        worth=(0, 0, 0),
        says="answers.json is a second name (a hard link)",
    ),
    Hostile(
        "declared data that climbs",
        "declares the key as data and attachment",
        edit=declares_data,
        plain={"es-e2-answer": "import os\nprint('files', sorted(os.listdir('.')))"},
        shows="files ['answers.json', 'skillmap-facts.json', 'skillmap.json']",
    ),
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


def test_a_course_among_the_libraries_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A course kept under a folder that every run sees, as under /usr/local, is not seen."""
    from skillmap.cohort.engine import sandbox
    from skillmap.cohort.engine.papermill import close_shared

    needed = sandbox._needed()
    real = sandbox._roots

    def wider() -> list[Path]:
        return [*real(), Path("/var/tmp")]

    monkeypatch.setattr(sandbox, "_roots", wider)
    assert sandbox._needed() == needed
    tries = [a for a in ATTACKS if a.name in ("reads the key", "reads the gradebook")]
    for cohort in graded_cohort(tries, workers=0):
        for attack in tries:
            grade_is_fair(cohort.seen(attack))
            nothing_came_of_it(cohort.seen(attack))
    monkeypatch.setattr(sandbox, "exposed", lambda folders: ())
    monkeypatch.setattr("skillmap.cohort.engine.papermill.exposed", lambda folders: ())
    close_shared()
    for cohort in graded_cohort(tries, workers=0):
        assert SECRETS["key"] in cohort.seen(tries[0]).outputs, "else this test shows nothing"
    close_shared()


def test_a_course_that_holds_the_libraries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from skillmap.cohort.engine import sandbox
    from skillmap.errors import EnvironmentLacksError

    with pytest.raises(EnvironmentLacksError, match="Move the course to a folder of its own"):
        sandbox._files([], [Path(sys.prefix)])


def test_the_secrets_were_there_to_be_read(graded: Cohort) -> None:
    course = graded.course
    there = [
        (course.root / "source" / MODULE / "key.yaml").read_text(),
        (course.root / "source" / MODULE / "solver.py").read_text(),
        (graded.home / ".ssh" / "id_ed25519").read_text(),
        os.environ["SKILLMAP_TEST_TOKEN"],
        (course.folder("submitted", MODULE, HONEST) / "answers.json").read_text(),
        course.notebook("autograded", MODULE, HONEST).read_text(),
    ]
    for secret in SECRETS.values():
        assert any(secret in text for text in there)
    assert RIGHT(HONEST) > 0
