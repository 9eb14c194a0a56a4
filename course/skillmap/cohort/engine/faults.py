"""The one error of the engine that is ours and never the learner's."""

from __future__ import annotations

from skillmap.errors import SkillMapError

__all__ = ["EngineFault"]


class EngineFault(SkillMapError):
    """The engine broke before or beside a submission: put it back, never grade it as zero."""
