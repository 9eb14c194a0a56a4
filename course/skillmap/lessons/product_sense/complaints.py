"""PS-L3: forty complaints. Twelve are read by the learner, the desk has sorted the rest.

A complaint is a letter and a trace. Groups complain at different rates, so that a complaint of a
visitor stands for more people than one of a regular. Letters and figures are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skillmap.lessons.product_sense.case import SEGMENTS, case, two
from skillmap.worlds import HOUSE, per_world, stream

__all__ = ["CAUSES", "Pile", "pile", "shares", "tags_of"]

CAUSES = ("content", "retrieval", "generation", "interface", "expectation", "policy")
READ = 12
TOTAL = 40

LETTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "content": (
        (
            "It said refunds take 14 days. The counter said 21.",
            "One passage, the right article, edited two years ago: 14 days. Rule since March: 21.",
        ),
        (
            "You told me bikes are free on coaches. They charged me.",
            "Right article, current version; its table still has last year's bike fares.",
        ),
        (
            "The lounge you sent me to has been closed for months.",
            "Retrieved the lounge page. The page lists the lounge as open. Nobody owns the page.",
        ),
        (
            "Two of your pages contradict each other and the app picked the wrong one.",
            "Both passages retrieved; both current; they give different deadlines.",
        ),
    ),
    "retrieval": (
        (
            "I asked about my child's seat and got rules for dogs.",
            "The seat article exists and is right. Rank 17; none of the four passages mentions it.",
        ),
        (
            "I wrote carriage, you answered about freight.",
            "The right article says coach. It was not among the passages handed over.",
        ),
        (
            "The answer was about day passes. I have a ten-trip card.",
            "Passages: four on day passes. The article on ten-trip cards was not found.",
        ),
        (
            "It said it has no information on ramps. Your site has a whole page.",
            "The ramp page is in the index. The search returned station opening hours.",
        ),
    ),
    "generation": (
        (
            "It promised 90 percent back. Nowhere do you say that.",
            "Right passage in the prompt: 60 percent. The answer says 90.",
        ),
        (
            "It invented a train at 7:14.",
            "Fare block and timetable in the prompt hold 7:41. The answer says 7:14.",
        ),
        (
            "It said groups of six are free to rebook. The rule says ten.",
            "The passage handed over says ten. The answer says six.",
        ),
        (
            "It left out that the voucher has to be printed first.",
            "The passage says print first, in its first line. The answer drops it.",
        ),
    ),
    "interface": (
        (
            "I pressed the button and booked the wrong day.",
            "Answer and fare are right. On small screens the card hides the date.",
        ),
        (
            "I read it to the end and there was no end.",
            "The answer is right and complete in the log. The app cut it after the sixth line.",
        ),
        (
            "The price changed after I tapped.",
            "The answer says from 18. The card shows 18 without the word from.",
        ),
        (
            "I could not find whom to call.",
            "The answer names the desk. On this phone the link lies under the keyboard.",
        ),
    ),
    "expectation": (
        (
            "It told me the rule. I wanted it to change my booking.",
            "Question: change my booking. The rule in the answer is right; Ask cannot book.",
        ),
        (
            "Useless. It cannot see that my train is late.",
            "Ask has no live data, and says so on the help page. The rule it quotes is right.",
        ),
        (
            "I asked it to keep me a seat and it did not.",
            "The answer explains reservations, correctly. It never said that it would reserve.",
        ),
        (
            "It does not know my ticket.",
            "Ask is not linked to tickets. The answer is right for the ticket the person named.",
        ),
    ),
    "policy": (
        (
            "Forty dollars to change a name. Is this a joke?",
            "Article, passages and answer agree: 40 dollars. The rule is in force.",
        ),
        (
            "No refund when a storm shuts the line? Your app is a disgrace.",
            "The answer quotes the rule in force, word for word.",
        ),
        (
            "Why may my aunt not use my ticket? Your robot is heartless.",
            "The article on tickets forbids it. The answer says so and says why.",
        ),
        (
            "My mother needs a ramp. Booked a day ahead? Nobody else gets such an answer.",
            "The answer is what the assistance rules say today.",
        ),
    ),
}
"""For each cause: what a person wrote, and what the trace of the answer shows."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One complaint: the group that wrote it, letter, trace, and the hidden cause."""

    group: str
    says: str
    trace: str
    cause: str


@dataclass(frozen=True, slots=True)
class Pile:
    """Forty complaints. ``sorted_`` counts the desk's by cause and group; ``rate`` is the share
    of harmed people of a group who complain. ``works`` is the share of a cause's harm that its
    fix removes, ``price`` dollars a month; ``harm`` is all harm of a month in dollars."""

    letters: tuple[Letter, ...]
    sorted_: dict[tuple[str, str], int]
    rate: dict[str, float]
    severity: dict[str, float]
    works: dict[str, float]
    price: dict[str, float]
    harm: float

    def weight(self, group: str) -> float:
        """Dollars of harm that one complaint of a group stands for."""
        return self.severity[group] / self.rate[group]


_RATES = {"S1": (0.09, 0.14), "S2": (0.06, 0.1), "S3": (0.012, 0.022), "S4": (0.08, 0.13)}


@per_world
def pile(world: int) -> Pile:
    """Return the complaints of a world.

    >>> p = pile(10)
    >>> len(p.letters), sum(p.sorted_.values()), min(p.rate, key=p.rate.get)
    (12, 28, 'S3')
    """
    c = case(world)
    rng = stream(world, "product-sense", "complaints")
    odds = {group: rng.dirichlet([1.3, 1.3, 1.1, 0.9, 1.0, 0.7]) for group in SEGMENTS}
    who = rng.choice(SEGMENTS, TOTAL, p=[0.36, 0.24, 0.12, 0.16, 0.12])
    left = {cause: [int(k) for k in rng.permutation(4)] for cause in CAUSES}
    letters: list[Letter] = []
    counts: dict[tuple[str, str], int] = {}
    for group in who:
        cause = str(rng.choice(CAUSES, p=odds[str(group)]))
        if len(letters) < READ and left[cause]:
            says, trace = LETTERS[cause][left[cause].pop()]
            letters.append(Letter(str(group), says, trace, cause))
        else:
            counts[cause, str(group)] = counts.get((cause, str(group)), 0) + 1
    rates = {g: two(float(rng.uniform(*span))) for g, span in _RATES.items()}
    rates["S5"] = two(float(rng.uniform(0.03, 0.05)))
    known = Pile(
        tuple(letters),
        counts,
        rates,
        {key: round(g.harm, 1) for key, g in c.groups.items()},
        {cause: two(float(rng.uniform(0.25, 0.75))) for cause in CAUSES},
        {cause: two(float(rng.uniform(4e3, 26e3))) for cause in CAUSES},
        two(float(rng.uniform(120e3, 260e3))) if world != HOUSE else 190e3,
    )
    assert len(known.letters) == READ
    return known


def tags_of(table: Any) -> tuple[str, ...] | None:
    """Read twelve tags from a saved table; ``None`` while one is missing.

    >>> tags_of([{"row": f"c{n}", "cause": "policy"} for n in range(1, 13)])[0]
    'policy'
    """
    if not isinstance(table, list):
        return None
    rows = {row.get("row"): row.get("cause") for row in table if isinstance(row, dict)}
    tags = [rows.get(f"c{n}") for n in range(1, READ + 1)]
    if any(not isinstance(tag, str) or tag not in CAUSES for tag in tags):
        return None
    return tuple(str(tag) for tag in tags)


def counted(p: Pile, tags: tuple[str, ...]) -> dict[tuple[str, str], int]:
    """Return how many of the forty have each cause in each group, with the learner's tags."""
    found = dict(p.sorted_)
    for letter, tag in zip(p.letters, tags, strict=True):
        found[tag, letter.group] = found.get((tag, letter.group), 0) + 1
    return found


def shares(p: Pile, tags: tuple[str, ...]) -> dict[str, float]:
    """Share of harm by cause: each complaint counts as severity over its group's rate.

    >>> p = pile(10)
    >>> round(sum(shares(p, tuple(l.cause for l in p.letters)).values()), 6)
    1.0
    """
    total = dict.fromkeys(CAUSES, 0.0)
    for (cause, group), n in counted(p, tags).items():
        total[cause] += n * p.weight(group)
    whole = sum(total.values())
    return {cause: value / whole for cause, value in total.items()}
