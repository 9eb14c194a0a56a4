"""World 10, the house world: the numbers that the guide quotes, typed in by hand.

Where the course's specification gives a figure it stands here unchanged (420k questions a month,
1.9M active users, H $6.87, seven-day canary, 588 flagged answers a day ...). Where it gives the
*result* of several parameters (errors by segment), ``shift`` is set so that the simulator, with
its real retrieval, produces it; ``tests/lantern/test_world.py`` holds both.
"""

from __future__ import annotations

from skillmap.lantern.world import (
    GOLDEN,
    PATIENCE,
    SEGMENT_NAMES,
    SEGMENT_TITLES,
    Calendar,
    Desk,
    JudgeTraits,
    Market,
    Notes,
    Pilot,
    Reviewers,
    Scale,
    Segment,
    Serving,
    Tier,
    Trust,
    Update,
    Variant,
    Weakness,
    World,
)
from skillmap.worlds import HOUSE

__all__ = ["HOUSE_ERRORS", "house"]

HOUSE_ERRORS = (0.109, 0.106, 0.190, 0.132, 0.120)
"""Share of wrong answers among those Heron gives at launch, by segment."""

_SHARES = (0.375, 0.27, 0.16, 0.117, 0.078)
_HARMS = (9.85, 16.5, 35.25, 43.5, 137.0)
_SHIFTS = (-0.129, 0.136, -1.155, 0.04, -0.454)
_BIASES = (0.03, -0.05, 1.15, 0.02, -0.08)


def house() -> World:
    """Return the house world."""
    return World(
        id=HOUSE,
        scale=Scale(
            mau=1.9e6,
            bookings_each=1.6,
            commission=2.40,
            contacts_before=330e3,
            questions=420e3,
            calls_per_question=1.35,
            trips=14.0e6,
            notes_per_trip=1.2,
            sessions=42e3,
            calls_per_session=6.5,
            storm_session_share=0.60,
            rebook_price=3.50,
        ),
        segments=tuple(
            Segment(name, title, *rest)
            for name, title, *rest in zip(
                SEGMENT_NAMES,
                SEGMENT_TITLES,
                _SHARES,
                _HARMS,
                PATIENCE,
                GOLDEN,
                _SHIFTS,
                _BIASES,
                strict=True,
            )
        ),
        tiers=(
            Tier("wren", 0.10, 0.50, 0.35, 140.0, 2.90, 0.30, 0.08, 0.0, 0.0),
            Tier("heron", 1.00, 5.00, 0.60, 80.0, 3.20, 0.45, 0.14, 0.0, 0.0),
            Tier("condor", 5.00, 25.00, 1.40, 55.0, 3.60, 0.60, 0.20, 0.85, 600.0),
        ),
        weakness=Weakness("S3", "overconfidence"),
        pilot=Pilot("S3", 36, 27),
        desk=Desk(5.37, 1.50, 6.4, 12.0, 0.88, 0.55, 6.40),
        judge=JudgeTraits(0.95, 0.76, 0.45, 0.12, 0.05),
        reviewers=Reviewers(5, 13.0, 6.2, 31.0, 1.00, 0.06, 0.042),
        trust=Trust(0.05, 6.0, 0.8, 12.0, 0.62),
        market=Market(0.42, (2.6, 5.0, 4.2, 3.7), (2.0, 8.0, 11.0, 14.0), -0.8, 0.30),
        serving=Serving(12, 1.0, 0.55, 0.91, 1.0, 1400, 80),
        update=Update(True, 1.38, "fare card", 0.08, 0.0, -0.004),
        variant=Variant(-0.16, 1.27, 0.67, 0.13),
        calendar=Calendar(
            policy_edit=26,
            cleanup_days=9,
            memo=38,
            alias_move=55,
            storm=(70, 76),
            storm_days=(70, 71, 73, 74, 75),
            storm_hours=(4, 4, 4, 5, 4),
            storm_start=(7, 15, 6, 14, 8),
            storm_factor=(6.0, 5.0, 6.0, 4.5, 5.5),
            notice=80,
            rival=90,
            price_day=95,
            price_factor=0.5,
            renewal=110,
            review=120,
        ),
        notes=Notes(1900, 900, 140, 0.0015, 3400, 250, 0.98),
        written_tokens=230.0,
        disruption_before=0.04,
        disruption_after=0.18,
        disruption_shift=2.6,
        router_noise=1.3,
        assignment_bug=0.0,
    )
