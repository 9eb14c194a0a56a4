"""Price lists as tables: questions, fixes, responses, steps; and the two versions by group."""

from __future__ import annotations

from skillmap.lantern.help_center import SEGMENTS
from skillmap.lessons.exhibits import Grid
from skillmap.lessons.technical_depth.bench import GROUPS
from skillmap.lessons.technical_depth.case import case
from skillmap.lessons.technical_depth.fixes import FIXES, KINDS, failures, fixes
from skillmap.lessons.technical_depth.rebook import STEPS, chain_of_steps
from skillmap.lessons.technical_depth.versions import behaviors, by_group, terms

__all__ = ["fixes_grids", "groups_grid", "prices_grid", "responses_grid", "steps_grid"]


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def prices_grid(world: int) -> Grid:
    """Return dollars a question by group and by what the prompt held.

    >>> prices_grid(10).rows[0][0]
    'regulars'
    """
    c = case(world)
    p = c.prices
    rows = tuple(
        (name, f"{100 * share:.1f}%", f"${a:.3g}", f"${b:.3g}", f"${m:.3g}")
        for name, share, a, b, m in zip(
            GROUPS.values(), c.shares, p.found, p.outdated, p.missed, strict=True
        )
    )
    return Grid(
        "Dollars a question, by what the prompt held (finance, day-0 threshold): wrong answers, "
        "hand-offs and people who phone",
        ("Group", "Share of questions", "Found", "Outdated", "Missed"),
        rows,
    )


def fixes_grids(world: int) -> tuple[Grid, Grid]:
    """Return what one failed draft costs by cause, and what each fix removes.

    >>> len(fixes_grids(10)[1].rows)
    4
    """
    fail = failures(world).dollars
    first = Grid(
        "One failed draft of the group costs",
        ("Not found", "Out of date", "The model"),
        (tuple(f"${fail[kind]:.3g}" for kind in KINDS),),
    )
    rows = []
    for name, fix in fixes(world).items():
        cells = tuple(
            f"adds {_percent(-fix.removes[k])}" if fix.removes[k] < 0 else _percent(fix.removes[k])
            for k in KINDS
        )
        rows.append((FIXES[name], *cells, f"${fix.dollars:,.0f}"))
    second = Grid(
        "What each fix removes of the failures of a kind, from a pilot, and what it takes",
        ("Fix", "Not found", "Out of date", "The model", "Dollars a month"),
        tuple(rows),
    )
    return first, second


def responses_grid(world: int) -> Grid:
    """Return what each response to a changed version takes and does.

    >>> responses_grid(10).rows[0][0]
    'Pin the old snapshot'
    """
    t = terms(world)
    return Grid(
        "Responses, over thirty days",
        ("Response", "Dollars", "Works", "Repairs"),
        (
            (
                "Pin the old snapshot",
                f"${t.pin_cost:,.0f}",
                f"at once, for {t.pin_days} days",
                "everything; the longer answers go too",
            ),
            (
                "Patch the prompt",
                f"${t.patch_cost:,.0f}",
                f"after {t.patch_days} days",
                "80% of missing source lines, or 40% of broken cards",
            ),
            (
                "Parser that takes both forms",
                f"${t.parser_cost:,.0f}",
                f"after {t.parser_days} days",
                "90% of broken cards, no source lines",
            ),
            ("Roll back our last release", f"${t.back_cost:,.0f}", "at once", "what it changed"),
        ),
    )


def steps_grid(world: int) -> Grid:
    """Return Rebook's steps at which a person could confirm.

    >>> len(steps_grid(10).rows)
    4
    """
    steps = chain_of_steps(world)
    one = next(iter(steps.values()))
    return Grid(
        f"Rebook: {one.sessions:,.0f} sessions a month; a confirmation costs "
        f"${one.confirm:.2g} a session",
        ("Step", "Fails", "A person notices", "Costs if it goes through"),
        tuple(
            (STEPS[name], _percent(s.fails), _percent(s.caught), f"${s.dollars:.3g}")
            for name, s in steps.items()
        ),
    )


def groups_grid(world: int) -> Grid:
    """Return the frozen questions by group: who meets the broken part, and what an answer costs.

    >>> sum(int(row[1]) for row in groups_grid(10).rows)
    200
    """
    length = next(b for b in behaviors(world) if b.key == "length")
    price = case(world).lantern.tier("heron").price_out
    rows = tuple(
        (
            GROUPS[group],
            str(row.asked),
            str(row.format),
            str(row.citation),
            f"{100 * length.before / 0.72 * row.longer * price / 1e6:.3f}",
            f"{100 * length.after / 0.72 * row.longer * price / 1e6:.3f}",
        )
        for group, row in zip(SEGMENTS, by_group(world), strict=True)
    )
    return Grid(
        "The same by group: too few of each for a verdict, enough to see who would be hit",
        ("Group", "Questions", "Card broken only now", "Source line missing only now",
         "Cents written, old", "Cents written, new"),
        rows,
    )  # fmt: skip
