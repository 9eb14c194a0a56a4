"""Saving what was done, and doing it again. A log from another version of Lantern says so.

A log is small: the world, the actions in order, and a fingerprint of what came of them. It is
written beside its place and renamed, so that a full disk never leaves half a log.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.errors import ActionRefusedError
from skillmap.lantern.settings import plain, whole, within, yes_or_no
from skillmap.lantern.world import DAYS, parameters

if TYPE_CHECKING:
    from skillmap.lantern.product import Lantern

__all__ = ["VERSION", "fingerprint", "replay", "save"]

VERSION = 2
"""Raised whenever the same actions would give other logs."""
_CALLS = frozenset(
    {
        "buy_labels",
        "invest",
        "judge",
        "pin_model",
        "recalibrate",
        "reindex",
        "rerun",
        "run",
        "run_golden",
        "set_answer_length",
        "set_cache",
        "set_fallback",
        "set_index",
        "set_monitors",
        "set_notes",
        "set_policy",
        "set_review",
        "set_slots",
        "set_storm_plan",
        "set_style",
        "set_threshold",
        "staff_desk",
        "staff_reviewers",
        "stage_rollout",
        "start_trial",
        "stop_trial",
    }
)
_LARGEST, _MOST_ACTIONS = 4_000_000, 5_000
"""Bytes, and actions, from which on a file is no log of a run."""
_NEEDED = {
    "actions",
    "demand_responds",
    "fingerprint",
    "label_budget",
    "lantern",
    "launched",
    "world",
}


def fingerprint(lantern: Lantern) -> str:
    """Return a short digest of everything that happened: days, purchases, money."""
    digest = hashlib.blake2b(digest_size=8)
    for record in lantern._days:
        ask = record.ask
        for column in (ask.cell, ask.minute, ask.outcome, ask.right, ask.flags, ask.tokens_out):
            digest.update(column.tobytes())
    bought, built = lantern._bought, lantern._built
    money = [bought.budget, [list(row) for row in bought.spent], [list(row) for row in built]]
    digest.update(json.dumps(plain(money)).encode())
    for frame in (*bought.label_frames, *bought.verdict_frames):
        digest.update(frame["item"].to_numpy().tobytes())
        says = frame["label"] if "label" in frame else frame["verdict"]
        digest.update(",".join(says).encode())
    return digest.hexdigest()


def save(lantern: Lantern, path: Path | str) -> Path:
    """Write the log as JSON and return where it is; an older log there is replaced whole."""
    target = Path(path)
    log = {
        "lantern": VERSION,
        "world": lantern.world,
        "demand_responds": lantern.demand_responds,
        "launched": lantern.launched,
        "label_budget": lantern._bought.budget,
        "actions": lantern._actions,
        "fingerprint": fingerprint(lantern),
    }
    text = json.dumps(log, indent=1, sort_keys=True) + "\n"
    try:
        _write(target, text.encode())
    except OSError as error:
        raise ActionRefusedError(
            f"The log could not be saved as {target}: {error.strerror or error}. "
            "Name a folder that exists and that you may write to."
        ) from error
    return target


def _write(target: Path, content: bytes) -> None:
    """Write beside and rename: the old log or the new one, never half of it."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replay(path: Path | str) -> Lantern:
    """Do again what a saved log says, and check that the same came of it."""
    from skillmap.lantern.product import Lantern

    log = _read(Path(path))
    lantern = Lantern(
        parameters(whole("The world of the log", log["world"], 0, 2**63)),
        demand_responds=yes_or_no("demand_responds in the log", log["demand_responds"]),
        launched=yes_or_no("launched in the log", log["launched"]),
        label_budget=within("The label budget of the log", log["label_budget"], 0, 1e6),
    )
    for number, action in enumerate(log["actions"]):
        _again(lantern, number, action)
    if fingerprint(lantern) != log["fingerprint"]:
        raise ActionRefusedError(
            "The actions ran, and what came of them differs from the log: it was edited, or made "
            "with other library versions."
        )
    return lantern


def _again(lantern: Lantern, number: int, action: Any) -> None:
    """Do one action of a log again."""
    row = action if isinstance(action, dict) else {}
    name, said, day = row.get("do"), row.get("with"), row.get("day")
    if name not in _CALLS or not isinstance(said, dict):
        raise ActionRefusedError(
            f"Action {number} of the log is {name!r:.40}: Lantern has no such."
        )
    if day != lantern.day:
        raise ActionRefusedError(
            f"Action {number} of the log, {name}, is for day {day!r:.20} and the run is at day "
            f"{lantern.day}: the log was edited or its actions are out of order."
        )
    said = dict(said)
    given = said.pop("names", ()) if name == "set_monitors" else ()
    try:
        getattr(lantern, name)(*given, **said)
    except TypeError as error:
        raise ActionRefusedError(
            f"Action {number} of the log, {name}, has settings that Lantern does not know: the "
            "log was edited."
        ) from error


def _read(path: Path) -> dict[str, Any]:
    """Return a log of this version, whole; say what a file is that is none."""
    name = path.name or str(path)
    if not path.is_file():
        raise ActionRefusedError(f"There is no file {path}. Give the path of a saved log.")
    try:
        if path.stat().st_size > _LARGEST:
            raise ActionRefusedError(f"{name} is too large to be a log of Lantern.")
        log = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ActionRefusedError(f"{name} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ActionRefusedError(
            f"{name} cannot be read as a log: it is damaged, cut off, or another kind of file."
        ) from error
    if not isinstance(log, dict) or "lantern" not in log:
        raise ActionRefusedError(f"{name} is not a log of Lantern.")
    if log["lantern"] != VERSION:
        raise ActionRefusedError(
            f"This log was written by version {log['lantern']!r:.20} of Lantern and this is "
            f"version {VERSION}: the same actions would give other numbers. Run it anew."
        )
    missing = sorted(_NEEDED - set(log))
    if missing or not isinstance(log["actions"], list):
        raise ActionRefusedError(
            f"{name} is not a whole log of Lantern: {', '.join(missing) or 'actions'} is missing."
        )
    if len(log["actions"]) > _MOST_ACTIONS:
        raise ActionRefusedError(
            f"{name} has {len(log['actions']):,} actions; a run of {DAYS} days has no more than "
            f"{_MOST_ACTIONS:,}."
        )
    return log
