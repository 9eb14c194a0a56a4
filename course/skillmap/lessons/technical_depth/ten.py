"""Ten real questions of the suspected group, followed through day 0's index, for work by hand."""

from __future__ import annotations

import numpy as np

from skillmap.lantern.help_center import help_center
from skillmap.lessons.technical_depth.bench import DAY_ZERO_SETUP, Trace, state_of, table_of, trace
from skillmap.lessons.technical_depth.case import case
from skillmap.worlds import per_world, stream

__all__ = ["ten"]


@per_world
def ten(world: int) -> tuple[Trace, ...]:
    """Return ten questions with one needed sentence each: some misses, some late, some first.

    >>> len(ten(10)), sum(t.rank == 1 for t in ten(10)) <= 5
    (10, True)
    """
    c = case(world)
    rank = table_of(state_of(world), DAY_ZERO_SETUP).rank
    single = [
        number
        for number, intent in enumerate(help_center().intents)
        if len(intent.evidence) == 1 and len(intent.evidence[0]) == 1
    ]
    columns = (2 * c.position, 2 * c.position + 1)
    pairs = [(i, column) for i in single for column in columns]
    rng = stream(world, "technical-depth", "ten")
    order = [pairs[int(n)] for n in rng.permutation(len(pairs))]
    at = {pair: int(rank[pair]) for pair in order}
    missed = [p for p in order if at[p] == 0 or at[p] > DAY_ZERO_SETUP.k]
    late = [p for p in order if 2 <= at[p] <= DAY_ZERO_SETUP.k]
    first = [p for p in order if at[p] == 1]
    wanted = int(rng.integers(2, 4))
    chosen = missed[:wanted] + late[: int(rng.integers(3, 5))]
    chosen += first[: 10 - len(chosen)]
    mixed = [chosen[int(n)] for n in rng.permutation(len(chosen))]
    assert len(mixed) == 10
    assert np.all([pair in at for pair in mixed])
    return tuple(trace(world, intent, column) for intent, column in mixed)
