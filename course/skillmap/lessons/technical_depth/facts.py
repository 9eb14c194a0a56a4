"""What a learner is told about their world: memos, and facts by name for labels and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.errors import UnknownItemError
from skillmap.lessons.estimation.facts import Desk, Memo
from skillmap.lessons.technical_depth.bench import GROUPS
from skillmap.lessons.technical_depth.boundary import boundary
from skillmap.lessons.technical_depth.case import Case, case, sig
from skillmap.lessons.technical_depth.replays import LABELS, labels
from skillmap.lessons.technical_depth.streams import kinds
from skillmap.lessons.technical_depth.versions import panel, terms
from skillmap.worlds import HOUSE, per_world, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["briefing", "desk", "facts"]


@per_world
def facts(world: int) -> Mapping[str, Any]:
    """Return the facts of a world by the names that items and memos use.

    >>> f = facts(10)
    >>> f["group"], f["tokenizer"], f["steps"]
    ('visitors', '1.35', 8)
    """
    c = case(world)
    b = boundary(world)
    return {
        "group": GROUPS[c.group],
        "Group": GROUPS[c.group].capitalize(),
        **{f"s{n}": text for n, text in enumerate(b.sentences, start=1)},
        "budget": f"{c.prices.budget:,}",
        "rows": len(panel(world)),
        **_exercise(c),
    }


def _ends(c: Case, name: str, value: float, spread: float) -> tuple[float, float]:
    """Ends whose geometric mean misses the value by little."""
    rng = stream(c.world, "technical-depth", "ranges", name)
    off = 1.0 if c.world == HOUSE else float(rng.uniform(0.94, 1.06))
    return value * off / spread, value * off * spread


def _exercise(c: Case) -> dict[str, Any]:
    e, s = c.exercise, c.lantern.scale
    found: dict[str, Any] = {
        "system": f"{e.system:,}",
        "history": e.history,
        "query": e.query,
        "k": e.k,
        "passage": e.passage,
        "tokenizer": f"{e.tokenizer:g}",
        "language": f"{e.language:g}",
        "reserve": f"{e.reserve:,.0f}",
        "price_in": f"{c.lantern.tier('heron').price_in:.2f}",
        "steps": e.steps,
        "success": f"{100 * e.success:g}",
        "caught": f"{100 * e.caught:g}",
        "target": f"{100 * e.target:g}",
        "bound": f"{100 * e.bound:g}",
        "pace": f"{e.pace:.0f}",
        "cache": f"{e.cache:g}",
        "affected": f"{e.affected:,.0f}",
        "outdated_share": f"{100 * e.outdated_share:g}",
        "outdated_cost": f"{e.outdated_cost:,.0f}",
        "switch_cost": f"{e.switch_cost:,.0f}",
        "send_cost": f"{e.send_cost:.2f}",
    }
    for name, value, spread in (
        ("questions", s.questions, 1.07),
        ("calls", s.calls_per_question, 1.1),
        ("author", e.author, 1.5),
        ("review", e.review, 1.6),
        ("reindex", e.reindex, 1.2),
    ):
        low, high = _ends(c, name, value, spread)
        digits = ",.0f" if name == "questions" else ".2f"
        if name == "questions":
            low, high = sig(low, 2), sig(high, 2)
        found[f"{name}_low"], found[f"{name}_high"] = f"{low:{digits}}", f"{high:{digits}}"
    return found


def briefing(world: int) -> tuple[Memo, ...]:
    """Return the memos of this module, in the order in which the notebook shows them."""
    return (*_bench_memos(world), *_error_memos(world), *_other_memos(world))


def _bench_memos(world: int) -> tuple[Memo, ...]:
    c, f = case(world), facts(world)
    p = c.prices
    return (
        Memo(
            "prompt",
            "What goes into a prompt, Ilse",
            f"System prompt and rules {f['system']} tokens, conversation so far {f['history']}, "
            f"the question {f['query']}, {f['k']} passages of {f['passage']} tokens. The next "
            f"version of Heron cuts the same English text into {f['tokenizer']} times as many.",
            "An answer is about 240 tokens, the whole help center about 36,000.",
        ),
        Memo(
            "upkeep",
            "What a setup costs, Ilse and Tomas",
            f"Each irrelevant passage beyond the third: {p.passage:g} cents a question in wrong "
            f"answers. A thousand retrieved tokens: {p.tokens:g} cents, waiting included. "
            f"Glossary {p.glossary:g} cents a question, date filter {p.dates:g} cents: somebody "
            f"keeps them up. At most {f['budget']} retrieved tokens a question, or a storm does "
            "not fit into the slots. The whole help center from the cache instead: "
            f"{p.whole:g} cents in tokens and waiting, and on Tomas's 300 long prompts it cost "
            f"{p.long:g} cents in wrong answers.",
            "Use what the bench measures for the rest. The budget does not count the cache.",
        ),
    )


def _error_memos(world: int) -> tuple[Memo, ...]:
    c, f = case(world), facts(world)
    own, others = labels(world)
    monthly = sig(c.daily * 30 * c.shares[c.position], 3)
    return (
        Memo(
            "labels",
            "Labels of drafts, before any threshold",
            f"{f['Group']}: {own} failed of {LABELS}. Everybody else: {others} failed of "
            f"{LABELS}. A draft fails if it is wrong or says that it does not know.",
            f"An older sample of {c.lantern.pilot.n} answers had {c.lantern.pilot.right} right "
            "in this group. That is why people talk about it.",
        ),
        Memo(
            "fixes",
            f"Fixes for {f['group']}, after a pilot on the same index",
            f"The group asks {monthly:,.0f} questions a month. The tables have what one failed "
            "draft costs by cause, what each fix removes, and what it takes.",
            "Prices hold upkeep and, for Condor, tokens it thinks with and people who leave while "
            "it thinks. Write each fix against the causes in your own sample.",
        ),
    )


def _other_memos(world: int) -> tuple[Memo, ...]:
    f, t = facts(world), terms(world)
    worth = "costs" if t.longer_worth < 0 else "saves"
    return (
        Memo(
            "volume",
            "Volume and price",
            f"{f['questions_low']} to {f['questions_high']} Ask questions a month, "
            f"{f['calls_low']} to {f['calls_high']} calls for each. Heron: ${f['price_in']} a "
            f"million tokens read. Reserve for the new version: {f['reserve']} dollars a month.",
            "Take the ends as an 80 percent range. Nothing is cached.",
        ),
        Memo(
            "terms",
            "What can be done about a changed version",
            f"{t.answered:,.0f} answers a day. One with a broken card or a missing source line "
            f"costs ${t.broken_cost:.2g}. A longer answer {worth} ${abs(t.longer_worth):.3f}.",
            "Our last release changed no prompt and no index. Count thirty days.",
        ),
        Memo(
            "edit",
            "Last year's edits of rules",
            f"Author {f['author_low']} to {f['author_high']} hours, review {f['review_low']} to "
            f"{f['review_high']}, rebuilding the index {f['reindex_low']} to "
            f"{f['reindex_high']}. Rafael wants to see no bad answer in as many questions as "
            f"show one of a {f['bound']} percent rate with 95 percent odds; the targeted "
            f"evaluation does {f['pace']} questions an hour. Cached answers live {f['cache']} "
            "hours.",
            "Each waits for the one before it.",
        ),
        Memo(
            "hold",
            "While it lasts",
            f"{f['affected']} affected questions a day. Answered from the old text, "
            f"{f['outdated_share']} percent end badly, at {f['outdated_cost']} dollars. Sent to "
            f"the article with a notice, one costs ${f['send_cost']} in calls. Switching over and "
            f"back costs {f['switch_cost']} dollars.",
            "Affected means that the edit changes the answer.",
        ),
        Memo(
            "surfaces",
            "What each kind of text costs",
            "; ".join(
                f"{name}: {k.daily:,.0f} a day, {100 * k.retracted:.2g} percent taken back by "
                "the checker"
                for name, k in (
                    ("how something works", kinds(world)["prose"]),
                    ("what you get back", kinds(world)["money"]),
                    ("Rebook's booking", kinds(world)["action"]),
                    ("Rebook's explanation", kinds(world)["reason"]),
                )
            )
            + ".",
            "The checker needs the whole text. What was streamed before it says no was read.",
        ),
    )


def desk(world: int, *keys: str) -> Desk:
    """Return the memos with these keys, or all of them.

    >>> "Tomas" in str(desk(10, "upkeep"))
    True
    """
    memos = briefing(world)
    known = {memo.key: memo for memo in memos}
    for key in keys:
        if key not in known:
            raise UnknownItemError(
                "The desk", f"there is no memo {key!r}", f"Choose from {', '.join(known)}."
            )
    return Desk(tuple(known[key] for key in keys) if keys else memos)
