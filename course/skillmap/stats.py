"""Textbook formulas of the course's sheet, under their textbook names.

Probabilities and rates are shares between 0 and 1 unless a docstring says otherwise. Each
docstring names its source; arguments that make no sense raise ``ValueError``. SciPy is imported
only inside the functions that use it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.random import Generator
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Coverage",
    "ab_sample_size",
    "answer_threshold",
    "brier_score",
    "cached_prefix_ratio",
    "calibration_floor",
    "cascade_break_even",
    "cohen_kappa",
    "cost_per_call",
    "coverage",
    "cusum",
    "end_to_end_latency",
    "erlang_c",
    "evpi",
    "expected_calibration_error",
    "hajek",
    "interval_score",
    "log_score",
    "mean_reciprocal_rank",
    "perceived_latency",
    "proportion_sample_size",
    "psi",
    "psi_under_no_drift",
    "queue_wait",
    "recall_at_k",
    "rogan_gladen",
    "rogan_gladen_interval",
    "srm_p_value",
    "wilson_interval",
    "zero_event_upper_bound",
]


def _z(level: float) -> float:
    _need(0 < level < 1, "level must lie between 0 and 1")
    return NormalDist().inv_cdf((1 + level) / 2)


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


# Proportions and labels -----------------------------------------------------------------------


def wilson_interval(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Interval for a proportion that behaves near 0 and 1 and in small samples.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209–212.

    >>> [round(x, 3) for x in wilson_interval(97, 100)]
    [0.915, 0.99]
    """
    _need(n > 0 and 0 <= successes <= n, "successes must lie between 0 and n, and n above 0")
    z, share = _z(level), successes / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def zero_event_upper_bound(n: int, level: float = 0.95) -> float:
    """Largest rate that still leaves none in ``n`` seen; about 3/n at 95%.

    Source: the exact one-sided binomial bound; Hanley and Lippman-Hand (1983), JAMA 249.

    >>> round(zero_event_upper_bound(300), 4)
    0.0099
    """
    _need(n > 0, "n must be above 0")
    return float(1 - (1 - level) ** (1 / n))


def rogan_gladen(observed: float, sensitivity: float, specificity: float) -> float:
    """True rate behind a rate seen through an imperfect judge, cut to 0..1.

    Source: Rogan and Gladen (1978), Am. J. Epidemiol. 107, 71–76. Apply it within strata: a
    pooled correction keeps a bias that differs by group.

    >>> round(rogan_gladen(0.25, 0.95, 0.8), 3)
    0.067
    """
    for share in (observed, sensitivity, specificity):
        _need(0 <= share <= 1, "rates must lie between 0 and 1")
    skill = sensitivity + specificity - 1
    _need(skill > 0, "a judge no better than chance cannot be corrected")
    return min(1.0, max(0.0, (observed + specificity - 1) / skill))


def rogan_gladen_interval(
    observed: tuple[int, int],
    sensitivity: tuple[int, int],
    specificity: tuple[int, int],
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval for the corrected rate, with the uncertainty of all three samples.

    Each argument is (successes, n). Delta method; source: Rogan and Gladen (1978).

    >>> low, high = rogan_gladen_interval((75, 300), (95, 100), (80, 100))
    >>> round(low, 2), round(high, 2)
    (0.0, 0.18)
    """
    (p, n), (se, n_se), (sp, n_sp) = ((k / m, m) for k, m in (observed, sensitivity, specificity))
    rate, skill = rogan_gladen(p, se, sp), se + sp - 1
    variance = (
        p * (1 - p) / n + rate**2 * se * (1 - se) / n_se + (1 - rate) ** 2 * sp * (1 - sp) / n_sp
    ) / skill**2
    half = _z(level) * math.sqrt(variance)
    return max(0.0, rate - half), min(1.0, rate + half)


def cohen_kappa(first: Sequence[object], second: Sequence[object]) -> float:
    """Agreement of two raters beyond what their habits would give by chance; 1 is full.

    Source: Cohen (1960), Educ. Psychol. Meas. 20, 37–46. Report plain agreement beside it.

    >>> round(cohen_kappa("yynnyn", "yynnny"), 5)
    0.33333
    """
    _need(len(first) == len(second) > 0, "both raters need the same number of labels, above 0")
    n = len(first)
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / n
    labels = {*first, *second}
    chance = sum(list(first).count(x) * list(second).count(x) for x in labels) / n**2
    return 1.0 if chance == 1 else (seen - chance) / (1 - chance)


def proportion_sample_size(p: float, half_width: float, level: float = 0.95) -> int:
    """Labels needed to know a proportion near ``p`` to ± ``half_width``.

    Source: the normal approximation, n = z²·p·(1−p)/d².

    >>> proportion_sample_size(0.85, 0.03)
    545
    """
    _need(0 < p < 1 and half_width > 0, "p must lie between 0 and 1, the half-width above 0")
    return math.ceil(_z(level) ** 2 * p * (1 - p) / half_width**2)


# Forecasts and calibration --------------------------------------------------------------------


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over bins of equal mass.

    Source: Roelofs et al. (2022), "Mitigating bias in calibration error estimation"; perfectly
    calibrated scores do not give 0, so compare with the floor at your n.

    >>> expected_calibration_error([0.9] * 10, [1] * 9 + [0], bins=1)
    0.0
    """
    import numpy as np

    stated, right = np.asarray(confidence, float), np.asarray(correct, float)
    _need(stated.shape == right.shape and stated.size > 0, "need as many outcomes as scores")
    order = np.argsort(stated, kind="stable")
    groups = np.array_split(order, min(bins, stated.size))
    gaps = [abs(stated[g].mean() - right[g].mean()) * len(g) for g in groups]
    return round(float(sum(gaps)) / stated.size, 12)


def calibration_floor(
    confidence: ArrayLike, rng: Generator, bins: int = 10, draws: int = 200
) -> float:
    """Calibration error that these scores would show if they were perfectly calibrated.

    By simulation: outcomes are drawn at the stated chances. At n=60 it is near .1, so a
    measured .1 says nothing. Source: Roelofs et al. (2022).

    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> 0.08 < calibration_floor(rng.uniform(0.75, 1, 60), rng) < 0.12
    True
    """
    import numpy as np

    stated = np.asarray(confidence, float)
    found = [
        expected_calibration_error(stated, rng.random(stated.size) < stated, bins)
        for _ in range(draws)
    ]
    return float(np.mean(found))


def brier_score(forecast: ArrayLike, outcome: ArrayLike) -> float:
    """Mean squared gap between forecast probabilities and what happened (0 or 1); 0 is best.

    Source: Brier (1950), Mon. Weather Rev. 78, 1–3.

    >>> brier_score([0.8, 0.2], [1, 0])
    0.04
    """
    import numpy as np

    gap = np.asarray(forecast, float) - np.asarray(outcome, float)
    return round(float(np.mean(gap**2)), 12)


def log_score(forecast: ArrayLike, outcome: ArrayLike) -> float:
    """Mean negative log probability of what happened, in nats; 0 is best.

    Source: Good (1952), J. R. Stat. Soc. B 14, 107–114.

    >>> round(log_score([0.8, 0.2], [1, 0]), 3)
    0.223
    """
    import numpy as np

    p, y = np.asarray(forecast, float), np.asarray(outcome, float)
    given = np.clip(np.where(y == 1, p, 1 - p), 1e-12, 1.0)
    return float(-np.mean(np.log(given)))


def interval_score(low: float, high: float, truth: float, level: float = 0.8) -> float:
    """Width of a range plus 2/(1−level) times the distance by which it missed; small is good.

    In the unit of the range. Honest ranges have the best expected score.
    Source: Gneiting and Raftery (2007), J. Am. Stat. Assoc. 102, 359–378, section 6.2.

    >>> interval_score(10, 20, 15), round(interval_score(10, 20, 21), 6)
    (10.0, 20.0)
    """
    _need(low <= high, "low must not be above high")
    _need(0 < level < 1, "level must lie between 0 and 1")
    miss = max(low - truth, truth - high, 0.0)
    return float(high - low + 2 / (1 - level) * miss)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many ranges held the truth, with the band that so few trials allow."""

    hits: int
    n: int
    level: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of ranges that held the truth."""
        return self.hits / self.n

    @property
    def fits(self) -> bool:
        """Whether the stated level is inside the band."""
        return self.low <= self.level <= self.high


def coverage(
    intervals: Sequence[tuple[float, float]], truths: Sequence[float], level: float = 0.8
) -> Coverage:
    """Count the ranges that hold the truth; the band is the 95% Wilson interval.

    >>> found = coverage([(1, 3)] * 12, [2] * 6 + [4] * 6)
    >>> found.hits, round(found.low, 2), round(found.high, 2), found.fits
    (6, 0.25, 0.75, False)
    """
    _need(len(intervals) == len(truths) > 0, "need as many truths as ranges, above 0")
    pairs = zip(intervals, truths, strict=True)
    hits = sum(low <= truth <= high for (low, high), truth in pairs)
    return Coverage(hits, len(truths), level, *wilson_interval(hits, len(truths)))


# Sampling, drift and experiments --------------------------------------------------------------


def hajek(values: ArrayLike, inclusion: ArrayLike) -> float:
    """Mean of a population from a sample drawn with known, unequal chances.

    Source: Hájek (1971), in Foundations of Statistical Inference; Σ(y/π)/Σ(1/π).

    >>> hajek([1, 0], [0.5, 0.1])
    0.16666666666666666
    """
    import numpy as np

    y, chance = np.asarray(values, float), np.asarray(inclusion, float)
    _need(bool(np.all((chance > 0) & (chance <= 1))), "chances must be above 0 and at most 1")
    return float(np.sum(y / chance) / np.sum(1 / chance))


def psi(before: ArrayLike, after: ArrayLike) -> float:
    """Population stability index of two histograms (counts or shares, same bins).

    Σ(a−b)·ln(a/b); an empty bin counts as half an observation. Source: Jeffreys' divergence;
    Lewis (1994), An Introduction to Credit Scoring. Compare with the value under no drift.

    >>> round(psi([50, 50], [60, 40]), 4)
    0.0405
    """
    import numpy as np

    a, b = (np.asarray(x, float) for x in (after, before))
    _need(a.shape == b.shape and bool(np.all(a >= 0) and np.all(b >= 0)), "need equal bins, ≥ 0")
    a, b = (np.where(x > 0, x, 0.5 if x.sum() > 1.5 else 1e-6) for x in (a, b))
    a, b = a / a.sum(), b / b.sum()
    return float(np.sum((a - b) * np.log(a / b)))


def psi_under_no_drift(bins: int, n: int, m: int) -> float:
    """Mean of the index when nothing changed: (B−1)·(1/n+1/m).

    Source: Yurdakul and Naranjo (2020), Comm. Stat. Theory Methods.

    >>> psi_under_no_drift(10, 200, 300)
    0.075
    """
    _need(bins > 1 and n > 0 and m > 0, "need two bins and two samples")
    return round((bins - 1) * (1 / n + 1 / m), 12)


def cusum(z: ArrayLike, k: float = 0.5) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Upper and lower cumulative sums of standardized values; alarm when one passes h (4 or 5).

    S = max(0, S + z − k). Source: Page (1954), Biometrika 41, 100–115.

    >>> [x.tolist() for x in cusum([1.0, 1.0, -2.0])]
    [[0.5, 1.0, 0.0], [0.0, 0.0, 1.5]]
    """
    import numpy as np

    values = np.asarray(z, float)
    upper, lower = np.zeros(values.size), np.zeros(values.size)
    up = down = 0.0
    for i, value in enumerate(values):
        up, down = max(0.0, up + value - k), max(0.0, down - value - k)
        upper[i], lower[i] = up, down
    return upper, lower


def ab_sample_size(p1: float, p2: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Users in each arm to tell two rates apart, two-sided.

    (z_{α/2}+z_β)²·[p1q1+p2q2]/Δ²; about 16·p̄q̄/Δ². Source: Fleiss (1981), Statistical Methods
    for Rates and Proportions.

    >>> ab_sample_size(0.24, 0.27)
    3310
    """
    _need(0 < p1 < 1 and 0 < p2 < 1 and p1 != p2, "need two different rates between 0 and 1")
    z = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
    return math.ceil(z**2 * (p1 * (1 - p1) + p2 * (1 - p2)) / (p1 - p2) ** 2)


def srm_p_value(counts: Sequence[int], shares: Sequence[float] | None = None) -> float:
    """Chance of a split this uneven when assignment works; below .001 stop and look.

    χ² test. Source: Fabijan et al. (2019), KDD, on sample ratio mismatch.

    >>> srm_p_value([5_000, 5_300]) < 0.01
    True
    """
    from scipy.special import chdtrc

    _need(len(counts) > 1 and sum(counts) > 0, "need two arms with users in them")
    wanted = shares or [1 / len(counts)] * len(counts)
    expected = [sum(counts) * share / sum(wanted) for share in wanted]
    pearson = sum((n - e) ** 2 / e for n, e in zip(counts, expected, strict=True))
    return float(chdtrc(len(counts) - 1, pearson))


# Queues, latency and cost ---------------------------------------------------------------------


def erlang_c(servers: int, load: float) -> float:
    """Chance that an arrival has to wait; ``load`` = arrival rate × mean service time.

    Source: Erlang (1917); the recursion through Erlang B is numerically safe.

    >>> round(erlang_c(8, 6.4), 2)
    0.46
    """
    _need(servers > 0 and 0 <= load < servers, "load must be below the number of servers")
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    used = load / servers
    return blocked / (1 - used + used * blocked)


def queue_wait(servers: int, utilization: float, service: float = 1.0, cv: float = 1.0) -> float:
    """Mean wait before service, in the unit of ``service``; ``cv`` is that of service time.

    ErlangC/(c·(1−ρ))·s·(1+CV²)/2. Source: Lee and Longton (1959) approximation for M/G/c.

    >>> [round(queue_wait(8, used), 2) for used in (0.5, 0.8, 0.9, 0.95)]
    [0.01, 0.29, 0.88, 2.11]
    """
    _need(0 <= utilization < 1, "utilization must be below 1")
    waits = erlang_c(servers, servers * utilization)
    return waits / (servers * (1 - utilization)) * service * (1 + cv * cv) / 2


def end_to_end_latency(ttft: float, tokens_out: float, tpot: float) -> float:
    """Seconds to the last token: TTFT + (n_out − 1)·TPOT, tokens including hidden ones.

    >>> end_to_end_latency(0.6, 101, 0.0125)
    1.85
    """
    return ttft + max(0.0, tokens_out - 1) * tpot


def perceived_latency(ttft: float, hidden: float, tpot: float, readable: float = 40) -> float:
    """Seconds until a streaming answer can be read: TTFT + (hidden + about 40)·TPOT.

    >>> round(perceived_latency(1.4, 500, 1 / 55), 1)
    11.2
    """
    return ttft + (hidden + readable) * tpot


def cost_per_call(
    price_in: float,
    price_out: float,
    *,
    uncached: float,
    visible: float,
    reasoning: float = 0,
    writes: float = 0,
    reads: float = 0,
    read_ratio: float = 0.1,
) -> float:
    """Dollars for one model call; prices in $ per million tokens, the rest in tokens.

    (uncached·p_in + writes·1.25·p_in + reads·r·p_in + (visible+reasoning)·p_out)/10⁶. Source:
    the course's sheet, after public price lists.

    >>> round(1000 * cost_per_call(1.0, 5.0, uncached=900, visible=160), 2)
    1.7
    """
    tokens_in = uncached + 1.25 * writes + read_ratio * reads
    return (tokens_in * price_in + (visible + reasoning) * price_out) / 1e6


def cached_prefix_ratio(hit_rate: float) -> float:
    """Price of a cached prefix beside an uncached one: (1−h)·1.25 + h·0.1; below 1 it pays.

    >>> cached_prefix_ratio(0.22) < 1 < cached_prefix_ratio(0.21)
    True
    """
    _need(0 <= hit_rate <= 1, "the hit rate must lie between 0 and 1")
    return (1 - hit_rate) * 1.25 + hit_rate * 0.1


def cascade_break_even(cost_small: float, cost_large: float) -> float:
    """Escalation rate below which small-then-large is cheaper than always large: 1 − c_s/c_l.

    >>> cascade_break_even(1, 5)
    0.8
    """
    _need(0 <= cost_small <= cost_large and cost_large > 0, "small must cost at most large")
    return 1 - cost_small / cost_large


def answer_threshold(hand_off: float, harm: float) -> float:
    """Answer when calibrated confidence is at least 1 − H/h; else hand off. Dollars both.

    Source: Chow (1970), IEEE Trans. Inf. Theory 16, 41–46, on the cost of rejection.

    >>> round(answer_threshold(6.87, 35), 2)
    0.8
    """
    _need(hand_off >= 0 and harm > 0, "costs must be positive")
    return max(0.0, 1 - hand_off / harm)


# Retrieval and decisions ----------------------------------------------------------------------


def recall_at_k(relevant: set[str], ranked: Sequence[str], k: int) -> float:
    """Share of the relevant documents among the first ``k``.

    >>> recall_at_k({"a", "b"}, ["c", "a", "d"], 2)
    0.5
    """
    _need(bool(relevant) and k > 0, "need something relevant and k above 0")
    return len(relevant & set(ranked[:k])) / len(relevant)


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Mean of 1/rank of the first relevant document; ``None`` where there was none.

    >>> mean_reciprocal_rank([1, 2, None])
    0.5
    """
    _need(bool(ranks), "need at least one query")
    return sum(1 / rank for rank in ranks if rank) / len(ranks)


def evpi(values: ArrayLike, chances: ArrayLike) -> float:
    """Most that perfect information is worth: E[max_a V] − max_a E[V].

    ``values[a][s]`` is the value of action a in state s. Source: Raiffa and Schlaifer (1961),
    Applied Statistical Decision Theory.

    >>> evpi([[10, 0], [4, 4]], [0.5, 0.5])
    2.0
    """
    import numpy as np

    table, chance = np.asarray(values, float), np.asarray(chances, float)
    _need(bool(np.isclose(chance.sum(), 1)), "chances must add up to 1")
    return float(table.max(axis=0) @ chance - (table @ chance).max())
