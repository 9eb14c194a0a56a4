"""C4, confidence: a score that is right on average and wrong where it matters.

c = σ(logit p̂ + bias + N(0, .55)): p̂ is what the model can see, blind to outdated text. A PM may
recalibrate a segment on the logit scale (Platt 1999): c' = σ(slope · logit c + intercept).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skillmap.lantern.numbers import sigmoid

if TYPE_CHECKING:
    from skillmap.lantern.numbers import Floats

__all__ = ["NOISE", "confidence_logit", "recalibrated"]

NOISE = 0.55
"""Standard deviation of the noise in a confidence score, in logits."""


def confidence_logit(believes: Floats, bias: Floats, noise: Floats) -> Floats:
    """Return the score's logit: belief, the segment's bias and standard normal ``noise``."""
    return np.asarray(believes + bias + np.float32(NOISE) * noise)


def recalibrated(score_logit: Floats, slope: Floats, intercept: Floats) -> Floats:
    """Return the confidence a PM works with, 0 to 1.

    >>> recalibrated(np.array([0.0]), 1.0, 0.0).tolist()
    [0.5]
    """
    return sigmoid(slope * score_logit + intercept)
