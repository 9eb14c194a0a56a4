"""What late work costs: a share of the score for each day begun, up to a limit."""

from __future__ import annotations

import math

from nbgrader.plugins import BasePlugin
from traitlets import Float

__all__ = ["LateByDay", "late_points"]

_DAY = 86_400.0


def late_points(
    score: float, seconds: float, *, percent_a_day: float, percent_at_most: float
) -> float:
    """Return the points taken off a ``score`` that came ``seconds`` late.

    >>> late_points(50, 3600, percent_a_day=10, percent_at_most=50)
    5.0
    >>> late_points(50, 30 * 86400, percent_a_day=10, percent_at_most=50)
    25.0
    """
    if seconds <= 0 or score <= 0:
        return 0.0
    days = math.ceil(seconds / _DAY)
    return round(score * min(days * percent_a_day, percent_at_most, 100.0) / 100.0, 2)


class LateByDay(BasePlugin):  # type: ignore[misc]
    """nbgrader's late plugin with the rule of ``course.toml``."""

    percent_a_day = Float(0.0, help="Percent of the score for each day begun.").tag(config=True)
    percent_at_most = Float(100.0, help="Percent of the score in all.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points to take off, ``None`` for none."""
        return (
            late_points(
                score,
                total_seconds_late,
                percent_a_day=self.percent_a_day,
                percent_at_most=self.percent_at_most,
            )
            or None
        )
