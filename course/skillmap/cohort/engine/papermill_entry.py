"""What papermill loads under the entry point ``papermill.engine``: a stand-in for the engine.

papermill loads entry points half way through its own import. A module that imports papermill in
turn would meet it unfinished, so this one imports nothing and gets the engine when it is used::

    papermill --engine skillmap notebook.ipynb executed.ipynb

The run sees nothing of the folder that the notebook lies in: files that it reads or leaves there
need ``scratch`` (see ``SkillMapEngine``), which papermill's command line does not pass.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["LateEngine", "engine"]


class LateEngine:
    """Has whatever ``SkillMapEngine`` has, from the first time that it is asked for something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.platform != "linux":
            from skillmap.errors import EnvironmentLacksError

            raise EnvironmentLacksError(
                "The engine skillmap isolates notebooks by means that Linux has and "
                f"{sys.platform} has not. Leave --engine out to run this notebook with your own "
                "rights."
            )
        from skillmap.cohort.engine.papermill import SkillMapEngine

        return getattr(SkillMapEngine, name)


engine = LateEngine()
"""The object that papermill registers."""
