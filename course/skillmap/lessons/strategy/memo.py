"""The strategy memo of the drill: eight sentences, three of which rest on a model's name."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES = (
    (True, "Next spring's release makes our answers the best in the market."),
    (True, "Condor's longer context removes the need to keep the help center in order."),
    (True, "We stay ahead because we are first in line for each Condor release."),
    (False, "A correction that the desk makes on Tuesday changes the answer on Wednesday."),
    (False, "With consent, Lantern rebooks inside the ticket; a chat app has to send you to us."),
    (False, "Two operators give us platform changes nine minutes before they are public."),
    (False, "When Condor 4 comes, we know within two weeks whether it is safe for us."),
    (False, "Each wrong promise that we honor is counted, paid and published."),
)
"""Whether a sentence stops making sense without the model's name, and the sentence."""
