"""The boundary drill: which of six sentences claim more than one follow-up can support?"""

from __future__ import annotations

from dataclasses import dataclass

from skillmap.worlds import per_world, stream

__all__ = ["Boundary", "boundary"]

_OVER = (
    "We use embeddings, so wording does not matter: a question in any words finds its article.",
    "With temperature at zero, the same question always gets the same answer.",
    "Our prompt tells the model to ignore instructions in documents, so injection is handled.",
    "A window of a million tokens means the model reads all of it equally well.",
    "Fine-tuned on last month's articles, it knows the current rules.",
    "The block is valid JSON by construction, so the fare in it is right.",
)
_SOUND = (
    "I know recall for each group on 640 marked questions. I do not know why fusion loses on "
    "arrangers; I would ask Tomas for the ranks of both searches on those 128.",
    "The version field moved at 02:00. Whether our retry loop hid it before that I cannot say; "
    "Ilse can, from the raw responses.",
    "I can price the wait. Whether the checker could work on half a text is Ilse's to say; I "
    "would ask for its error rate by length.",
    "Two hundred pairs show eight lost cards. That they come from the longer answers is my guess, "
    "and the test is the same pairs at the old length.",
    "Ninety-four percent of found passages are in force. I have not checked tables; I would ask "
    "for twenty of them.",
    "Sixty percent of failures end with today's text in the prompt. I do not know what a stronger "
    "model would do with the rest, and a replay of fifty would tell.",
    "I trust agreement of five runs for regulars, where I measured it. For visitors I have forty "
    "labels, which is too few to say.",
)


@dataclass(frozen=True, slots=True)
class Boundary:
    """Six sentences in order; ``overclaims`` names the two, as option keys."""

    sentences: tuple[str, ...]
    overclaims: tuple[str, ...]


@per_world
def boundary(world: int) -> Boundary:
    """Return the drill of a world: two that overclaim among four that know their edge.

    >>> len(boundary(10).sentences), len(boundary(10).overclaims)
    (6, 2)
    """
    rng = stream(world, "technical-depth", "boundary")
    over = rng.choice(len(_OVER), 2, replace=False)
    good = rng.choice(len(_SOUND), 4, replace=False)
    mixed = [(True, _OVER[int(i)]) for i in over] + [(False, _SOUND[int(i)]) for i in good]
    order = rng.permutation(6)
    placed = [mixed[int(i)] for i in order]
    faulty = tuple(f"s{n}" for n, (bad, _) in enumerate(placed, start=1) if bad)
    return Boundary(tuple(text for _, text in placed), faulty)
