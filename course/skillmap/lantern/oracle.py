"""The hidden oracle: what labels only guess at. For graders, solvers and tests.

It lives in the library because the simulator cannot run without knowing the truth, so a determined
coder can read their own world. The course says so, and leans on reasons, logs and written work;
what is *not* here is the worth of a decision: expected-value tables stay with the keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.purchases import ITEM_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skillmap.lantern.product import Lantern

__all__ = ["error_by_segment", "harm_dollars", "truth"]


def truth(lantern: Lantern, items: Sequence[int]) -> NDArray[np.bool_]:
    """Return for each item whether the answer was right."""
    days = lantern._days
    return np.array([days[int(i) // ITEM_DAY].ask.right[int(i) % ITEM_DAY] for i in items])


def error_by_segment(lantern: Lantern, since: int = 0, until: int | None = None) -> list[float]:
    """Return the expected share of wrong answers among those given, for S1 to S5."""
    wrong, count = np.zeros(5), np.zeros(5)
    for record in lantern._days[since:until]:
        day_wrong, day_count = record.wrong_given
        wrong += day_wrong
        count += day_count
    return [float(x) for x in wrong / np.maximum(count, 1)]


def harm_dollars(lantern: Lantern, since: int = 0, until: int | None = None) -> float:
    """Return dollars of harm done by wrong answers that people acted on."""
    return float(sum(record.harm for record in lantern._days[since:until]))
