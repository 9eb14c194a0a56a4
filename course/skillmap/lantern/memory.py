"""Saving what was done, and doing it again. A log from another version of Lantern says so."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.errors import ActionRefusedError
from skillmap.lantern.world import parameters

if TYPE_CHECKING:
    from skillmap.lantern.product import Lantern

__all__ = ["VERSION", "fingerprint", "replay", "save"]

VERSION = 1
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
_LARGEST = 4_000_000


def fingerprint(lantern: Lantern) -> str:
    """Return a short digest of everything that happened."""
    digest = hashlib.blake2b(digest_size=8)
    for record in lantern._days:
        ask = record.ask
        for column in (ask.cell, ask.minute, ask.outcome, ask.right, ask.flags, ask.tokens_out):
            digest.update(column.tobytes())
    return digest.hexdigest()


def save(lantern: Lantern, path: Path | str) -> Path:
    """Write the log as JSON and return where it is."""
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
    target.write_text(json.dumps(log, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return target


def replay(path: Path | str) -> Lantern:
    """Do again what a saved log says, and check that the same came of it."""
    from skillmap.lantern.product import Lantern

    log = _read(Path(path))
    if log.get("lantern") != VERSION:
        raise ActionRefusedError(
            f"This log was written by version {log.get('lantern')!r} of Lantern and this is "
            f"version {VERSION}: the same actions would give other numbers. Run it anew."
        )
    lantern = Lantern(
        parameters(int(log["world"])),
        demand_responds=bool(log["demand_responds"]),
        launched=bool(log["launched"]),
        label_budget=float(log["label_budget"]),
    )
    for number, action in enumerate(log["actions"]):
        name, said = action.get("do"), dict(action.get("with") or {})
        if name not in _CALLS:
            raise ActionRefusedError(
                f"Action {number} of the log is {name!r}: Lantern has no such."
            )
        given = said.pop("names", ()) if name == "set_monitors" else ()
        try:
            getattr(lantern, name)(*given, **said)
        except TypeError as error:
            raise ActionRefusedError(f"Action {number} of the log, {name}: {error}.") from error
    if fingerprint(lantern) != log.get("fingerprint"):
        raise ActionRefusedError(
            "The actions ran, and what came of them differs from the log: it was edited, or made "
            "with other library versions."
        )
    return lantern


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise ActionRefusedError(f"{path.name} is too large to be a log of Lantern.")
        log = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ActionRefusedError(f"{path.name} cannot be read as a log: {error}") from error
    needed = {"lantern", "world", "actions", "demand_responds", "launched", "label_budget"}
    if not isinstance(log, dict) or (log.get("lantern") == VERSION and needed - set(log)):
        raise ActionRefusedError(f"{path.name} is not a log of Lantern.")
    return log
