"""The self-assessment: a claim and a prediction for each competency, a role, hours a week."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["facts"]


def facts(world: int) -> Mapping[str, Any]:
    """Return nothing: a self-assessment is about the learner and needs no world."""
    return MappingProxyType({})
