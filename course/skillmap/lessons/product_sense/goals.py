"""PS-5: goals as teams write them. Which are about a person, and which only look like it?"""

from __future__ import annotations

from skillmap.worlds import per_world, stream

__all__ = ["KINDS", "goals"]

KINDS = ("model", "silence", "activity", "behavior")
POOL: dict[str, tuple[str, ...]] = {
    "model": (
        "Raise accuracy on the golden set from 84 to 88 percent",
        "Judge score above 4.2 of 5",
        "Recall at five above 0.93",
        "Cut the invention rate in half, as the checker counts it",
        "Calibration error under 0.03",
    ),
    "silence": (
        "Share of sessions without a contact afterwards above 80 percent",
        "Complaints per thousand answers down by a third",
        "Resolution rate above 70 percent, where resolved means nobody wrote back",
        "Fewer thumbs down than last quarter",
        "Escalations to the desk down by a quarter",
    ),
    "activity": (
        "Questions per active traveler up by 20 percent",
        "Two more minutes in the assistant per session",
        "40 percent of monthly actives try Lantern once",
        "Weekly returning askers up by a tenth",
        "Answers read to the end up by 15 percent",
    ),
    "behavior": (
        "Visitors who ask about platforms board the train they meant, nine of ten, within the hour",
        "19 of 20 arrangers book a group in one go and travel as booked",
        "Of assisted travelers told that a ramp is there, all but one in a thousand find it there",
        "Regulars who ask about a refund file it without phoning in 24 hours, and it is paid",
        "Leisure guests who act on a fare answer pay that fare, 97 of 100, that day",
    ),
}


@per_world
def goals(world: int) -> tuple[tuple[str, str], ...]:
    """Return twelve goals of a world with their kinds.

    >>> len(goals(10)), len({kind for _, kind in goals(10)})
    (12, 4)
    """
    rng = stream(world, "product-sense", "goals")
    found = []
    for kind, texts in POOL.items():
        found += [(texts[int(k)], kind) for k in rng.choice(len(texts), 3, replace=False)]
    return tuple(found[int(k)] for k in rng.permutation(12))
