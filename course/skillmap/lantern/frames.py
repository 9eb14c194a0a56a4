"""Small helpers for data frames that several modules share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.lantern.help_center import help_center
from skillmap.lantern.traffic import INTENTS, PHRASINGS, cell_segments
from skillmap.lantern.world import SEGMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["categorical", "cell_names", "intent_column", "segment_column"]


def categorical(codes: NDArray[Any], names: Sequence[str]) -> Any:
    """Return a pandas categorical from codes; one byte a row where the codes fit in one."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, list(names))  # type: ignore[call-overload]


def cell_names(cell: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return segment (0 to 4) and intent (0 to 63) of each cell."""
    return cell_segments()[cell], (cell // PHRASINGS % INTENTS).astype("int8")


def segment_column(cell: NDArray[Any]) -> Any:
    """Return the names of the cells' segments."""
    return categorical(cell_names(cell)[0], SEGMENT_NAMES)


def intent_column(cell: NDArray[Any]) -> Any:
    """Return the names of the cells' intents."""
    return categorical(cell_names(cell)[1], [intent.id for intent in help_center().intents])
