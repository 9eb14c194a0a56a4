"""For every test: a property is judged by what it says, not by how long a busy machine takes."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("skillmap", deadline=None)
settings.load_profile("skillmap")
