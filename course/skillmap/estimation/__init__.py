"""Estimation: quantities with units, 80% ranges, and chains of factors.

>>> from skillmap.estimation import Chain, Factor, between
>>> paying = Chain.of(
...     Factor("monthly users", between(1.4e6, 2.6e6), "users"),
...     Factor("disrupted in a year", between(0.4, 0.5, shape="share"), "share"),
...     Factor("take-up", between(0.02, 0.06), "share"),
... )
>>> paying.top_drivers(1)[0].name
'take-up'
"""

from skillmap.estimation.chains import Chain, Factor, Range, Swing, between, quadrature, rescale
from skillmap.estimation.units import Quantity, Unit, format_number
from skillmap.stats import Coverage, coverage, interval_score

__all__ = [
    "Chain",
    "Coverage",
    "Factor",
    "Quantity",
    "Range",
    "Swing",
    "Unit",
    "between",
    "coverage",
    "format_number",
    "interval_score",
    "quadrature",
    "rescale",
]
