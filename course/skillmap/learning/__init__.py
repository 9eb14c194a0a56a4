"""The learner's map and plan: claims, evidence, mastery, confidence, what to do next.

Every formula is a pure function of plain values; :mod:`skillmap.learning.shelf` alone writes a
file, ``results.json`` in the learner's own folder.
"""

from __future__ import annotations

__all__: list[str] = []
