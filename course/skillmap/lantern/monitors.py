"""C10, monitors: a number a day for each behavior, its control limits, and who gets paged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skillmap.stats import cusum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["BASELINE", "METRICS", "PAGE_BUDGET", "Chart", "chart", "pages"]

BASELINE = 14
"""Days of its own past that a monitor needs before it has limits."""
PAGE_BUDGET = 10
"""Pages in 30 days that the team will read; the rest is logged and goes unread."""
METRICS: Mapping[str, tuple[str, ...]] = {
    "input mix": ("psi",),
    "length": ("tokens_out",),
    "refusals": ("abstained_rate",),
    "format": ("malformed_rate",),
    "citations": ("uncited_rate",),
    "latency": ("first_p50", "first_p95", "first_p99"),
    "thumbs": ("thumbs_down_rate",),
    "re-asks": ("reasked_rate",),
    "hand-offs": ("withheld_rate",),
    "accuracy": ("labeled_error",),
}
"""Columns of ``logs.days`` that each monitor watches."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A control chart. ``alarms`` are the days out of limits (Shewhart 3σ or CUSUM h = 5)."""

    metric: str
    day: NDArray[np.int64]
    value: NDArray[np.float64]
    center: float
    low: float
    high: float
    alarms: tuple[int, ...]


def chart(
    metric: str,
    day: NDArray[np.int64],
    value: NDArray[np.float64],
    *,
    baseline: tuple[int, int] = (7, 28),
) -> Chart:
    """Return the chart of a daily metric; limits come from the days of ``baseline``.

    Weekdays differ, so the spread is estimated from moving ranges (d2 = 1.128) and from the
    standard deviation, and the larger counts.
    """
    base = value[(day >= baseline[0]) & (day < baseline[1])]
    base = base[np.isfinite(base)]
    if len(base) < BASELINE:
        return Chart(metric, day, value, float("nan"), float("nan"), float("nan"), ())
    center = float(np.median(base))
    spread = max(float(np.abs(np.diff(base)).mean() / 1.128), float(base.std(ddof=1)), 1e-9)
    z = np.where(np.isfinite(value), (value - center) / spread, 0.0)
    z[day < baseline[1]] = 0.0
    up, down = cusum(np.clip(z, -4.0, 4.0))
    out = (np.abs(z) > 3) | (np.asarray(up) > 5) | (np.asarray(down) > 5)
    alarms = tuple(int(d) for d in day[out])
    return Chart(metric, day, value, center, center - 3 * spread, center + 3 * spread, alarms)


def pages(charts: Mapping[str, tuple[Chart, ...]]) -> list[tuple[int, str, str, bool]]:
    """Return (day, monitor, metric, read): the first alarm of each run; past the budget, unread."""
    rows = []
    for monitor, group in charts.items():
        for c in group:
            last = -10
            for day in c.alarms:
                if day - last > 3:
                    rows.append((day, monitor, c.metric))
                last = day
    rows.sort()
    read: list[tuple[int, str, str, bool]] = []
    for day, monitor, metric in rows:
        recent = sum(was and day - other < 30 for other, _, _, was in read)
        read.append((day, monitor, metric, recent < PAGE_BUDGET))
    return read
