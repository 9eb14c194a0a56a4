"""A learner's folder: who they are, which cohort's worlds they play, and whether keys are here.

``skillmap.json`` stands in the workspace; notebooks find it in their own folder or above it.
"""

from __future__ import annotations

import getpass
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skillmap.errors import AnswerError, SkillMapError
from skillmap.ids import LearnerId

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FACTS",
    "FILE",
    "MODES",
    "Workspace",
    "find_workspace",
    "given_facts",
    "who_am_i",
    "write_facts",
    "write_workspace",
]

FILE = "skillmap.json"
FACTS = "skillmap-facts.json"
"""Beside the answers in a grading run: what the learner is told of their world, by name."""
MODES = ("self-paced", "course")
_MAX_BYTES = 10_000
_MOST_FACTS = 1_000_000
_SYSTEM = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """What ``skillmap.json`` says. ``source`` is the folder of keys, empty where there is none.

    ``mode`` is ``self-paced`` or ``course``; a relative ``source`` starts at the workspace.
    """

    learner: str = ""
    cohort: str = ""
    mode: str = "self-paced"
    source: str = ""
    folder: Path | None = None

    def key_folder(self, module: str) -> Path | None:
        """Return ``source/<module>`` when this is a self-paced workspace and a key is there."""
        if self.mode != "self-paced" or not self.source:
            return None
        folder = (self.folder or Path()) / Path(self.source).expanduser() / module
        return folder if (folder / "key.yaml").is_file() else None


def find_workspace(start: Path | str = ".") -> Workspace:
    """Return the nearest workspace at or above ``start``; an empty one if there is none.

    Keys come with a solver, which is code. So a file that belongs to neither this account nor the
    system's may name a learner and a cohort, and its ``source`` is passed over. Raises
    ``SkillMapError`` for a file that is there and cannot be read.
    """
    here = Path(start).resolve()
    for folder in (here, *here.parents):
        path = folder / FILE
        if path.is_file():
            return _read(path)
    return Workspace(mode="course")


def _read(path: Path) -> Workspace:
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(_MAX_BYTES))
        if not isinstance(raw, dict):
            raise ValueError("it holds no object")
    except (OSError, RecursionError, ValueError) as error:
        raise SkillMapError(
            f"{path} cannot be read ({error}). Correct it, or delete it and run skillmap start."
        ) from None
    known = {k: v for k, v in raw.items() if k in {"learner", "cohort", "mode", "source"}}
    for name, value in known.items():
        if not isinstance(value, str):
            raise SkillMapError(f"{path} {name}: {value!r:.40} is not a text. Put it in quotes.")
    if known.get("mode", "self-paced") not in MODES:
        raise SkillMapError(
            f"{path} mode: {known['mode']!r:.40} is not a mode. Use {' or '.join(MODES)}."
        )
    if not _is_ours(path):
        known.pop("source", None)
    return Workspace(**known, folder=path.parent)


def _is_ours(path: Path) -> bool:
    """Whether the file belongs to this account or to the system (where files have owners)."""
    if not hasattr(os, "getuid"):
        return True
    return path.stat().st_uid in {os.getuid(), _SYSTEM}


def write_workspace(folder: Path, workspace: Workspace) -> Path:
    """Write ``skillmap.json`` at once (a temporary file, then a rename)."""
    data = {k: v for k, v in asdict(workspace).items() if k != "folder" and v}
    path = folder / FILE
    temporary = path.with_name(f".{FILE}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(path)
    return path


def write_facts(folder: Path, module: str, world: int, facts: Mapping[str, str | float]) -> Path:
    """Write a world's facts for a run, so that it need not live through the world for them."""
    path = folder / FACTS
    path.write_text(json.dumps({"module": module, "world": world, "facts": dict(facts)}))
    return path


def given_facts(folder: Path, module: str, world: int) -> dict[str, str | float] | None:
    """Return the facts that a grading run was given, ``None`` if none are there for this world.

    The run's own code may have changed the file: nothing but what its prompts say rests on it.
    """
    try:
        with (folder / FACTS).open("rb") as file:
            raw = json.loads(file.read(_MOST_FACTS))
        if (raw["module"], raw["world"]) == (module, world):
            return {str(name): value for name, value in raw["facts"].items()}
    except (OSError, RecursionError, ValueError, LookupError, TypeError, AttributeError):
        pass
    return None


def who_am_i(learner: str = "", workspace: Workspace | None = None) -> LearnerId:
    """Return the learner: the name given, else the Hub's user, the workspace's, this account's.

    >>> who_am_i("Ada")
    LearnerId(text='ada')
    """
    named = learner or os.environ.get("JUPYTERHUB_USER", "")
    if not named and workspace is not None:
        named = workspace.learner
    if named:
        return LearnerId.parse(named)
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "learner"
    try:
        return LearnerId.parse(account)
    except AnswerError:
        return LearnerId.parse(
            re.sub(r"[^a-z0-9]+", "-", account.casefold())[:64].strip("-") or "learner"
        )
