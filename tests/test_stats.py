import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, cohen_kappa_score

from skillmap import stats


@pytest.mark.parametrize(("k", "n"), [(0, 10), (10, 10), (97, 100), (1, 3)])
def test_wilson_agrees_with_scipy(k, n):
    theirs = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert stats.wilson_interval(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wald_would_cover_too_little_and_wilson_does_not():
    rng = np.random.default_rng(2)
    draws = rng.binomial(100, 0.97, 4000)
    held = [low <= 0.97 <= high for low, high in (stats.wilson_interval(k, 100) for k in draws)]
    assert np.mean(held) > 0.92
    half = [1.96 * math.sqrt(k / 100 * (1 - k / 100) / 100) for k in draws]
    wald = [k / 100 - h <= 0.97 <= k / 100 + h for k, h in zip(draws, half, strict=True)]
    assert np.mean(wald) == pytest.approx(0.8, abs=0.03)


@given(st.integers(1, 10_000))
def test_rule_of_three(n):
    assert stats.zero_event_upper_bound(n) <= 3 / n
    assert (1 - stats.zero_event_upper_bound(n)) ** n == pytest.approx(0.05)


@given(st.floats(0, 1), st.floats(0.6, 1), st.floats(0.6, 1))
def test_the_correction_undoes_the_judge(rate, se, sp):
    seen = rate * se + (1 - rate) * (1 - sp)
    assert stats.rogan_gladen(seen, se, sp) == pytest.approx(rate, abs=1e-9)


def test_kappa_agrees_with_scikit_learn():
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 3, 60).tolist(), rng.integers(0, 3, 60).tolist()
    assert stats.cohen_kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))
    assert stats.cohen_kappa([1, 1], [1, 1]) == 1


@pytest.mark.parametrize(("n", "floor"), [(60, 0.10), (200, 0.054), (2000, 0.017)])
def test_the_floor_of_calibration_error(n, floor):
    rng = np.random.default_rng(1)
    found = stats.calibration_floor(rng.uniform(0.75, 1, n), rng, draws=100)
    assert found == pytest.approx(floor, rel=0.12)


def test_forecast_scores():
    p, y = [0.9, 0.4, 0.2], [1, 0, 0]
    assert stats.brier_score(p, y) == pytest.approx(brier_score_loss(y, p))
    assert stats.log_score([1.0], [1]) == 0
    assert math.isfinite(stats.log_score([0.0], [1]))


@given(
    st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(-1e6, 1e6), st.sampled_from([0.5, 0.8, 0.95])
)
def test_interval_score_is_width_when_it_holds_and_more_when_not(low, width, truth, level):
    score = stats.interval_score(low, low + width, truth, level)
    held = low <= truth <= low + width
    assert score >= (low + width) - low
    assert held == (score == (low + width) - low) or abs(truth) < 1e-9 or width == 0


def test_honest_ranges_score_best():
    draws = np.random.default_rng(8).lognormal(0, 1, 20_000)

    def mean(width: float) -> float:
        low, high = np.exp(-width), np.exp(width)
        return float(np.mean([stats.interval_score(low, high, x) for x in draws]))

    assert mean(1.28) < min(mean(0.5), mean(2.4))


def test_coverage_of_twelve_has_a_wide_band():
    found = stats.coverage([(0, 1)] * 12, [0.5] * 7 + [2] * 5)
    assert found.hits == 7
    assert found.share == pytest.approx(7 / 12)
    assert found.fits
    assert not stats.coverage([(0, 1)] * 12, [0.5] * 6 + [2] * 6).fits


def test_hajek_recovers_the_population():
    rng = np.random.default_rng(3)
    wrong = rng.random(50_000) < 0.116
    chance = np.where(wrong, 0.2, 0.05)
    taken = rng.random(50_000) < chance
    assert stats.hajek(wrong[taken], chance[taken]) == pytest.approx(0.116, abs=0.01)
    assert wrong[taken].mean() > 0.25


def test_psi_under_no_drift():
    rng = np.random.default_rng(5)
    p = [0.1] * 10
    found = [stats.psi(rng.multinomial(200, p), rng.multinomial(300, p)) for _ in range(3000)]
    assert np.mean(found) == pytest.approx(stats.psi_under_no_drift(10, 200, 300), rel=0.1)
    assert np.quantile(found, 0.95) == pytest.approx(0.136, abs=0.012)
    assert math.isfinite(stats.psi([10, 0], [5, 5]))
    assert stats.psi([0.5, 0.5], [0.5, 0.5]) == 0


def test_cusum_finds_a_shift_of_one_in_about_ten():
    rng = np.random.default_rng(6)
    delays = [int(np.argmax(stats.cusum(rng.normal(1, 1, 200))[0] > 5)) + 1 for _ in range(400)]
    assert np.mean(delays) == pytest.approx(10, abs=1)


def test_ab_rule_of_sixteen():
    assert stats.ab_sample_size(0.10, 0.12) == pytest.approx(16 * 0.11 * 0.89 / 0.02**2, rel=0.03)


def test_srm():
    for counts in ([500, 530], [5_000, 5_300], [90_000, 90_400]):
        pearson = (counts[0] - counts[1]) ** 2 / sum(counts)
        assert stats.srm_p_value(counts) == pytest.approx(math.erfc(math.sqrt(pearson / 2)))
    assert stats.srm_p_value([500, 500]) == 1
    assert stats.srm_p_value([2_500, 7_800], [0.25, 0.75]) < 0.1
    assert stats.srm_p_value([100, 400]) < 0.001


@pytest.mark.parametrize(("used", "wait"), [(0.5, 0.01), (0.8, 0.28), (0.9, 0.86), (0.95, 2.1)])
def test_queue_waits_of_the_sheet(used, wait):
    assert stats.queue_wait(8, used) == pytest.approx(wait, abs=0.03)


def test_small_formulas():
    assert stats.cost_per_call(1, 5, uncached=0, visible=0, reads=1e6) == pytest.approx(0.1)
    assert stats.cost_per_call(1, 5, uncached=0, visible=0, writes=1e6) == pytest.approx(1.25)
    assert stats.end_to_end_latency(1, 0, 1) == 1
    assert stats.recall_at_k({"a"}, ["b"], 1) == 0
    assert stats.answer_threshold(10, 5) == 0
    low, high = stats.rogan_gladen_interval((30, 300), (95, 100), (95, 100))
    assert low < stats.rogan_gladen(0.1, 0.95, 0.95) < high


NONSENSE = [
    lambda: stats.wilson_interval(3, 0),
    lambda: stats.wilson_interval(3, 2),
    lambda: stats.wilson_interval(1, 2, 1.0),
    lambda: stats.rogan_gladen(0.5, 0.5, 0.5),
    lambda: stats.rogan_gladen(1.5, 0.9, 0.9),
    lambda: stats.cohen_kappa([1], [1, 2]),
    lambda: stats.interval_score(3, 1, 2),
    lambda: stats.coverage([], []),
    lambda: stats.hajek([1], [0]),
    lambda: stats.psi([1, 2], [1, 2, 3]),
    lambda: stats.ab_sample_size(0.1, 0.1),
    lambda: stats.erlang_c(2, 2),
    lambda: stats.queue_wait(2, 1),
    lambda: stats.evpi([[1, 2]], [0.5, 0.6]),
]


@pytest.mark.parametrize("call", NONSENSE)
def test_nonsense_is_refused(call):
    with pytest.raises(ValueError, match=r"need|must|cannot"):
        call()
