"""Stories of invented people: a polished one with gaps, and short ones to score yourself on.

Their levels were set by the course with the help of a language model; no panel of interviewers
stands behind them. They calibrate a reader against the rubric, not against the trade.
"""

from __future__ import annotations

from dataclasses import dataclass

from skillmap.worlds import per_world, stream

__all__ = ["ANCHORS", "CRITERIA", "FEATURES", "Anchor", "Polished", "anchors", "polished"]

CRITERIA = ("stakes", "other", "unknown", "action", "after")
FEATURES = ("stake", "unknown", "dissent", "own", "cost", "open", "practice")
MISSING = 3


@dataclass(frozen=True, slots=True)
class Polished:
    """A story from which some things were polished away."""

    text: str
    missing: tuple[str, ...]


# feature: (sentence that has it, sentence that sounds as if it had)
_NOTES = {
    "stake": (
        "Nine thousand trips a day got a note, and a wrong platform meant a missed train.",
        "We were about to launch an important feature with high visibility.",
    ),
    "unknown": (
        "I did not know how often the feed was late; nobody had counted it.",
        "There was a lot of ambiguity in the project.",
    ),
    "dissent": (
        "The sales lead said that a rival showed platforms already and had no complaints.",
        "Not everybody saw it the same way at first.",
    ),
    "own": (
        "I asked for four days and wrote the count myself.",
        "We decided as a team to take a data-driven approach.",
    ),
    "cost": (
        "The four days cost us the partner's slot, which was worth about 40,000 dollars.",
        "With good planning there was no impact on the timeline.",
    ),
    "open": (
        "The sales lead still thinks that I was wrong.",
        "In the end everybody was aligned and excited.",
    ),
    "practice": (
        "Since then no note goes out without a count of late feeds.",
        "It taught me the value of communication.",
    ),
}
_REFUNDS = {
    "stake": (
        "About 300 people a week asked for refunds, and a wrong yes cost us 52 dollars each.",
        "Refunds are a sensitive topic, and trust is everything.",
    ),
    "unknown": (
        "None of us knew whether the judge was lenient on long answers.",
        "As always with AI there were some unknowns.",
    ),
    "dissent": (
        "Support said that each day without it meant 200 calls, and that was true.",
        "I made sure that every stakeholder was heard.",
    ),
    "own": (
        "I moved the launch to two topics and put my name under it.",
        "The team rallied around a solution.",
    ),
    "cost": (
        "Support worked two Saturdays because of my call.",
        "It turned out to be a win for everybody.",
    ),
    "open": (
        "I cannot say to this day whether two topics were too few.",
        "The results spoke for themselves.",
    ),
    "practice": (
        "Each launch of mine now has a line that says what would undo it.",
        "I have grown a lot as a leader since then.",
    ),
}
_RANKING = {
    "stake": (
        "Sellers in the smallest region, about 1,400 of them, would lose the first page.",
        "The change would affect our marketplace in a big way.",
    ),
    "unknown": (
        "We had ninety samples from that region, so the drop could have been twice as large.",
        "We did not have perfect information, but who does?",
    ),
    "dissent": (
        "Research argued that buyers found things faster, and their trial was sound.",
        "After some discussion research came on board.",
    ),
    "own": (
        "I told the director in writing that I would hold it for that region.",
        "It was decided to proceed with care.",
    ),
    "cost": (
        "Buyers there waited five more weeks for the better ranking.",
        "We managed to keep everybody happy.",
    ),
    "open": (
        "Two sellers left anyway, and I do not know why.",
        "Feedback was overwhelmingly positive.",
    ),
    "practice": (
        "I call five people of the smallest group before any bar is set.",
        "Putting users first has been my motto ever since.",
    ),
}
_DRAFTS = (_NOTES, _REFUNDS, _RANKING)


@per_world
def polished(world: int) -> Polished:
    """Return the polished story of a world and what it lacks.

    >>> len(polished(10).missing)
    3
    """
    rng = stream(world, "behavioral", "polished")
    draft = _DRAFTS[int(rng.integers(0, len(_DRAFTS)))]
    gone = sorted(int(k) for k in rng.choice(len(FEATURES), MISSING, replace=False))
    missing = tuple(FEATURES[k] for k in gone)
    text = " ".join(draft[name][name in missing] for name in FEATURES)
    return Polished(text, missing)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A short answer to "You pushed back on someone senior", with its levels by criterion."""

    text: str
    levels: tuple[int, int, int, int, int]


ANCHORS = (
    Anchor(
        "Our fraud rules blocked 2 percent of new accounts, about 600 people a week. The director "
        "wanted them stricter before the holidays. I showed him the data, and he agreed. We kept "
        "the rules, and everybody was happy with the outcome.",
        (2, 0, 0, 1, 0),
    ),
    Anchor(
        "The head of sales wanted forecasts shown to customers. Her point was good: buyers were "
        "guessing anyway, and guessed worse than we did. What I did not know was how the model "
        "did in small shops, since we had tested large ones only, so I asked for a week of shadow "
        "runs and did not argue that it was bad. She lost her slot at the fair and has not "
        "forgotten it. I test small shops first now.",
        (1, 2, 2, 2, 2),
    ),
    Anchor(
        "I always make sure to disagree and commit. In one project my manager wanted a date that "
        "I thought was not realistic. I raised concerns in the weekly, and later it turned out "
        "that I had been right.",
        (0, 0, 0, 0, 0),
    ),
    Anchor(
        "We were to route all chats to the bot. Twelve agents would have lost their evening "
        "shift, and about 900 customers a night their person. I said so in the meeting with the "
        "COO. I was not sure that the bot was worse at night; we had no sample from there. He "
        "went ahead. Complaints rose a little and then fell, so it is hard to say.",
        (2, 0, 1, 1, 1),
    ),
    Anchor(
        "Legal wanted every answer to carry a warning. They feared a claim, and after the case in "
        "the papers that was fair: one claim would cost more than the feature earned in a year. I "
        "offered a trial, warnings on the two topics with money in them, and a count of who "
        "stopped reading. They took it.",
        (1, 2, 0, 2, 0),
    ),
    Anchor(
        "A vice president asked me to drop the check by hand before peak. He thought that it was "
        "slow, which it was. I kept it and told him so. There was some risk in the model that we "
        "could not fully measure. The launch was two days late, and he was not pleased.",
        (1, 1, 1, 1, 1),
    ),
    Anchor(
        "Research had a metric on which our ranking won. For 1,400 sellers in one region it lost "
        "their first page, roughly 30 orders each a month. Research was right that buyers were "
        "quicker, and I said that first. I did not know whether buyers there were different, and "
        "ninety samples could not tell, so I proposed to hold that region and to buy a thousand "
        "more. It took five weeks, buyers waited for nothing in the end, and research asks me for "
        "my bar in writing now. So do I.",
        (2, 2, 2, 2, 2),
    ),
    Anchor(
        "My manager and I had different views on quality in an important AI launch. I understood "
        "where she came from: she had a target to meet. I explained the limits of large models "
        "and that they can always be wrong. We found a compromise that worked for both sides.",
        (0, 1, 1, 1, 0),
    ),
)
"""Eight answers with levels 0, 1 or 2 on stakes, other side, unknowns, action, aftermath."""


@per_world
def anchors(world: int) -> tuple[Anchor, Anchor, Anchor, Anchor]:
    """Return the four answers that a learner of this world scores."""
    rng = stream(world, "behavioral", "anchors")
    a, b, c, d = (ANCHORS[int(k)] for k in rng.choice(len(ANCHORS), 4, replace=False))
    return a, b, c, d
