"""What must hold after every hostile hand-in, whatever it tried."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from tests.hostile.cohort import HONEST, SECRETS
from tests.hostile.pages import added

if TYPE_CHECKING:
    from tests.hostile.cohort import Seen

__all__ = ["grade_is_fair", "nothing_came_of_it"]


def grade_is_fair(seen: Seen) -> None:
    """The points of the work without the attack, and a clear line where something was lost."""
    attack, row = seen.attack, seen.row
    told = " ".join(row.problems)
    assert row.state == attack.state, told
    assert attack.says in told
    twin = seen.cohort.twins[attack.slug]
    assert seen.cohort.rows[twin].problems == ()
    assert seen.cohort.scores(twin) == (attack.twin or attack.worth)
    if not attack.graded:
        return
    assert seen.scores == attack.worth, told
    assert all(
        mine <= theirs for mine, theirs in zip(seen.scores, seen.cohort.scores(twin), strict=True)
    )
    if seen.scores != seen.cohort.scores(twin):
        assert attack.says or attack.then, "points were lost, so something has to be said"
        assert attack.says in html.unescape(seen.feedback_page)


def nothing_came_of_it(seen: Seen) -> None:
    """The rest of the cohort, the machine and the readers are as they were."""
    cohort, attack = seen.cohort, seen.attack
    assert cohort.rows[HONEST].state == "up to date"
    assert cohort.scores(HONEST) == (10, 5, 2)
    assert cohort.after == cohort.before
    if attack.graded:
        assert attack.shows in seen.outputs, seen.outputs[:3000]
        leaked = [name for name, secret in SECRETS.items() if secret in seen.kept]
        assert leaked == []
        assert not added(seen.feedback_page, cohort.seen_page(HONEST))
        ordinary = cohort.ordinary_page.replace("@NAME@", seen.student)
        assert not added(seen.formgrader_page, ordinary)
    if attack.then is not None:
        attack.then(seen)
