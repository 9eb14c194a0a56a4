"""Which engine runs a submission: the sandbox where this machine has one, else a refusal.

``auto`` never falls back in silence. Other people's work runs without a sandbox only if somebody
says so: ``engine = "plain"`` in ``course.toml``, ``--engine plain`` or ``--without-sandbox``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from papermill.engines import PapermillEngines

__all__ = ["AUTO", "OPEN", "PLAIN", "SANDBOXED", "chosen", "chosen_for_own", "register", "unboxed"]

AUTO, PLAIN = "auto", "plain"
SANDBOXED = "skillmap"
OPEN = "open"
"""``skillmap`` without isolation: forks of a warmed process with your rights and your network."""


def register(engines: PapermillEngines) -> None:
    """Make our engines known to papermill, also where the entry point is not installed."""
    from skillmap.cohort import plain

    plain.register(engines)
    if sys.platform == "linux":
        from skillmap.cohort.engine.papermill import OpenEngine, SkillMapEngine

        engines.register(SANDBOXED, SkillMapEngine)
        engines.register(OPEN, OpenEngine)


def chosen(engine: str) -> str:
    """Return the engine to use for other people's work.

    ``auto`` is the sandbox; raises ``EnvironmentLacksError`` naming every layer that is missing
    and the ways out. Any other name is somebody's decision and is returned as it is.
    """
    if engine != AUTO:
        return engine
    from skillmap.cohort.engine import layers

    lacking = [layer for layer in layers() if layer.required and not layer.present]
    if not lacking:
        return SANDBOXED
    lines = "\n".join(f"  {layer.name} ({layer.purpose}): {layer.seen}" for layer in lacking)
    raise EnvironmentLacksError(
        "This machine cannot isolate other people's notebooks. Missing:\n"
        f"{lines}\n"
        "Grade where skillmap doctor shows every layer. To run these notebooks with your own "
        "rights, files and network, say so: skillmap grade --without-sandbox, or engine = "
        '"plain" in course.toml.'
    )


def chosen_for_own(engine: str) -> str:
    """Return the engine for one's own work: the sandbox if it is here, else ``plain``."""
    try:
        return chosen(engine)
    except EnvironmentLacksError:
        return PLAIN


def unboxed() -> str:
    """Return the fastest engine here that isolates nothing."""
    return OPEN if sys.platform == "linux" else PLAIN
