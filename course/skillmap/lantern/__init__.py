"""Lantern, the simulated product: the help center it answers from, and how it finds the answer."""

__all__: list[str] = []
