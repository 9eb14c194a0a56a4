"""Reading YAML with PyYAML's safe loader, the C one where it is built: ten times as fast."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["compose", "load"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:
    """Return what a text says; raises ``yaml.YAMLError`` with line and column.

    >>> load("a: [1, 2]")
    {'a': [1, 2]}
    """
    return yaml.load(text, Loader=_LOADER)


def compose(text: str) -> Any:
    """Return the text as nodes, which know their lines."""
    return yaml.compose(text, Loader=_LOADER)
