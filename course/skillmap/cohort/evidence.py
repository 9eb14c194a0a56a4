"""Where the evidence of a written answer stands: stretches of its text, cut so that they nest."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skillmap.grading.feedback import Feedback

__all__ = ["named_spans", "segments"]


def segments(
    text: str, spans: Iterable[tuple[int, int, str]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Cut a text where spans (start, end, label) begin and end; spans may overlap.

    >>> list(segments("one two six", [(4, 7, "c1"), (4, 11, "c2")]))
    [('one ', ()), ('two', ('c1', 'c2')), (' six', ('c2',))]
    """
    known = [(max(0, s), min(e, len(text)), label) for s, e, label in spans]
    known = [(s, e, label) for s, e, label in known if s < e]
    cuts = sorted({0, len(text), *(s for s, _, _ in known), *(e for _, e, _ in known)})
    for low, high in pairwise(cuts):
        labels = sorted({label for s, e, label in known if s <= low and high <= e})
        yield text[low:high], tuple(labels)


def named_spans(feedback: Feedback) -> list[tuple[int, int, str]]:
    """Return the evidence of a graded item's proposal as (start, end, name of the criterion)."""
    proposal: Any = feedback.measures.get("proposal")
    rows = proposal.get("criteria", ()) if isinstance(proposal, dict) else ()
    names = [criterion.name for criterion in feedback.criteria]
    if len(rows) != len(names):
        return []
    return [
        (place["start"], place["end"], name)
        for row, name in zip(rows, names, strict=True)
        for place in row["evidence"]
    ]
