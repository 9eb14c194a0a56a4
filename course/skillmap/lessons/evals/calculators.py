"""Two pocket calculators: an interval for a count, and a judge's pass rate put right.

They do the arithmetic of formulas that the guide states; which numbers go in is the learner's call.
"""

from __future__ import annotations

from skillmap.lessons.exhibits import Card
from skillmap.stats import rogan_gladen, rogan_gladen_interval, wilson_interval

__all__ = ["corrected_card", "interval_card"]


def interval_card(right: float, n: float) -> Card:
    """Return Wilson's 95% interval for ``right`` of ``n``, in percent.

    >>> print(interval_card(186, 200))
    Interval
      186 of 200: 93.0 percent
      95% Wilson: 88.6 to 95.8
    """
    if n < 1 or not 0 <= right <= n:
        return Card("Interval", (("Not yet", "Give a count, and a total that is not smaller."),))
    low, high = wilson_interval(right, n)
    return Card(
        "Interval",
        (
            (f"{right:g} of {n:g}", f"{100 * right / n:.1f} percent"),
            ("95% Wilson", f"{100 * low:.1f} to {100 * high:.1f}"),
        ),
    )


def corrected_card(
    *, passed: float, tpr: float, tnr: float, rights: float, wrongs: float, read: float = 2_000
) -> Card:
    """Return the rate behind a judge's pass rate, and its 95% interval.

    ``passed``, ``tpr`` and ``tnr`` in percent; ``rights`` and ``wrongs`` are the labels that TPR
    and TNR rest on, ``read`` the answers behind ``passed``.

    >>> print(corrected_card(passed=90, tpr=92, tnr=70, rights=220, wrongs=30))
    Judge corrector
      Corrected: 96.8 percent
      95% interval: 90.9 to 100.0
      Of its width: TNR rests on 30 wrong answers; the divisor is 0.62
    """
    title = "Judge corrector"
    inside = all(0 <= x <= 100 for x in (passed, tpr, tnr)) and min(rights, wrongs, read) >= 1
    if not inside:
        return Card(title, (("Not yet", "Rates lie between 0 and 100; counts are 1 or more."),))
    skill = (tpr + tnr) / 100 - 1
    if skill <= 0:
        return Card(title, (("Not usable", "TPR and TNR together do not pass 100: a coin."),))
    rate = rogan_gladen(passed / 100, tpr / 100, tnr / 100)
    low, high = rogan_gladen_interval(
        (round(passed / 100 * read), round(read)),
        (round(tpr / 100 * rights), round(rights)),
        (round(tnr / 100 * wrongs), round(wrongs)),
    )
    return Card(
        title,
        (
            ("Corrected", f"{100 * rate:.1f} percent"),
            ("95% interval", f"{100 * low:.1f} to {100 * high:.1f}"),
            (
                "Of its width",
                f"TNR rests on {wrongs:g} wrong answers; the divisor is {skill:.2f}",
            ),
        ),
    )
