from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skillmap.lantern.house import HOUSE_ERRORS
from skillmap.lantern.market import LAYERS, defended_margin
from skillmap.lantern.surfaces import note_dollars, rebook_dollars
from skillmap.lantern.trust import reliance, settled_trust, wrong_and_acted
from skillmap.lantern.world import MECHANISMS, parameters
from skillmap.worlds import HOUSE

if TYPE_CHECKING:
    from types import ModuleType

WORLDS = [parameters(world) for world in range(2000, 2400)]


def test_the_house_world_has_the_guides_numbers() -> None:
    w = parameters(HOUSE)
    s = w.scale
    assert s.questions / 30 == 14_000
    assert s.mau == 1.9e6
    assert s.trips * s.notes_per_trip == pytest.approx(16.8e6)
    assert (s.sessions, s.calls_per_session) == (42_000, 6.5)
    calls = s.questions * s.calls_per_question + 16.8e6 + s.sessions * s.calls_per_session
    assert calls / 30 == pytest.approx(588_000, rel=0.001)
    assert w.desk.hand_off == pytest.approx(6.87)
    assert [round(t, 2) for t in w.thresholds] == [0.30, 0.58, 0.81, 0.84, 0.95]
    assert w.reviewers.capacity == pytest.approx(403)
    assert w.reviewers.flagged_share * 14_000 == pytest.approx(588)
    assert 0.9 * 14_000 * w.update.malformed == pytest.approx(1_008)


def test_the_house_worlds_money_is_the_guides() -> None:
    w = parameters(HOUSE)
    bills = [16.8e6 * note_dollars(w, tier) for tier in w.tiers]
    assert bills == pytest.approx([3_000, 30_000, 150_000], rel=0.02)
    heron = 6.5 * rebook_dollars(w, w.tier("heron"))
    assert heron == pytest.approx(0.030, abs=0.0005)
    assert 0.7 / heron == pytest.approx(23, abs=0.5)
    defended = [defended_margin(w, layer) / 1e6 for layer in LAYERS]
    assert defended == pytest.approx([0.4, 2.9, 3.4, 3.7], abs=0.1)


def test_house_harm_falls_where_the_guide_says() -> None:
    w = parameters(HOUSE)
    harm = np.array([s.share * s.harm for s in w.segments]) * HOUSE_ERRORS
    shares = harm / harm.sum()
    assert shares[2] == pytest.approx(0.27, abs=0.005)
    assert shares[4] == pytest.approx(0.33, abs=0.005)


def test_house_errors_come_out_of_real_retrieval(solver: ModuleType) -> None:
    errors = solver.quality(parameters(HOUSE), "heron", 0).error
    assert errors == pytest.approx(np.array(HOUSE_ERRORS), abs=0.005)


def test_house_trust_and_the_hump() -> None:
    trust = parameters(HOUSE).trust
    errors = np.array([0.16, 0.12, 0.08, 0.04])
    relied = reliance(trust, settled_trust(trust, errors))
    assert relied == pytest.approx([0.24, 0.45, 0.74, 0.93], abs=0.006)
    assert wrong_and_acted(trust, errors) == pytest.approx([0.038, 0.054, 0.059, 0.037], abs=0.001)


def test_parameters_stay_in_their_ranges() -> None:
    for w in WORLDS:
        assert sum(s.share for s in w.segments) == pytest.approx(1)
        limits = [(0.34, 0.42), (0.24, 0.31), (0.13, 0.19), (0.09, 0.15), (0.05, 0.10)]
        for segment, (low, high) in zip(w.segments, limits, strict=True):
            assert low <= segment.share <= high
        assert w.tiers[0].ability < w.tiers[1].ability < w.tiers[2].ability
        assert 300e3 <= w.scale.questions <= 600e3
        assert 22 <= w.calendar.policy_edit <= 30
        assert 47 <= w.calendar.alias_move <= 63
        assert 4 <= len(w.calendar.storm_days) <= 6
        assert all(70 <= day <= 76 for day in w.calendar.storm_days)
        hours = zip(w.calendar.storm_start, w.calendar.storm_hours, strict=True)
        assert all(start + length <= 24 for start, length in hours)


def test_a_fifth_of_the_worlds_are_null_and_mechanisms_take_turns() -> None:
    null = sum(w.is_null for w in WORLDS) / len(WORLDS)
    assert 0.14 <= null <= 0.26
    seen = {(w.weakness.segment, w.weakness.mechanism) for w in WORLDS if not w.is_null}
    assert seen == {(s, m) for s in ("S3", "S4", "S5") for m in MECHANISMS}


def test_the_inherited_sample_looks_alike_in_null_and_real_worlds() -> None:
    rates = {True: [], False: []}
    for w in WORLDS:
        rates[w.is_null].append(w.pilot.right / w.pilot.n)
    assert np.mean(rates[True]) == pytest.approx(np.mean(rates[False]), abs=0.03)


def test_a_world_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        parameters(11).id = 12  # type: ignore[misc]
