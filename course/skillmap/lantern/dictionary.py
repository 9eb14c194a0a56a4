"""The data dictionary: every column of every frame, its unit, what it means, what is stylized."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["COLUMNS", "dictionary"]

_COMMON = {
    "day": ("day", "0 to 119; day 0 is Monday, March 2, 2026"),
    "hour": ("hour", "0 to 23"),
    "segment": ("S1 to S5", "regulars, leisure, visitors, arrangers, assisted travelers"),
    "item": ("number", "the question: its day times 100,000, plus its row"),
    "intent": ("name", "what the question asks, one of 64"),
    "confidence": ("0 to 1", "the model's score, recalibrated if you said so; not the truth"),
    "inclusion": ("0 to 1", "chance the row had to be drawn; empty where it was picked"),
    "questions": ("questions", "put to Ask"),
    "answered": ("questions", "that got an answer"),
    "contacts": ("contacts", "with the human desk within 24 hours"),
    "complaints": ("messages", "people wrote in; most who are harmed never do"),
    "tokens_out": ("tokens", "written, hidden reasoning included"),
    "dollars": ("$", "model calls, retries included"),
}
COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "questions": {
        "minute": ("minute", "of the day, 0 to 1439"),
        "user": ("number", "stays with a person"),
        "phrasing": ("0 or 1", "which of the segment's two phrasings"),
        "arm": ("0, 1, -1", "style A, style B, or lost, while a trial runs"),
        "tier": ("name", "whose answer it was: wren, heron, condor"),
        "version": ("name", "the response's version field"),
        "outcome": ("name", "answered, abstained, withheld, left or unexposed"),
        "tokens_in": ("tokens", "read: prefix, history, question, chunks"),
        "seconds_to_read": ("seconds", "until something could be read, queue included"),
        "seconds_total": ("seconds", "until the answer was complete, queue included"),
        "thumb": ("1, -1, 0", "up, down, none"),
        "malformed": ("yes/no", "the fare card did not parse"),
        "uncited": ("yes/no", "no citation line"),
        "rechecked": ("yes/no", "looked it up again within 24 hours"),
        "contacted": ("yes/no", "reached the desk within 24 hours"),
        "reasked": ("yes/no", "asked the same thing again"),
        "complained": ("yes/no", "wrote in"),
        "clarified": ("yes/no", "answered after one question back"),
    },
    "days": {
        "storm": ("yes/no", "a warning is in force"),
        "version": ("name", "the response's version field, most of the day"),
        "psi": ("PSI", "input mix against launch, 16 groups of intents"),
        "abstained_rate": ("share", "the model declined"),
        "withheld_rate": ("share", "confidence under the threshold"),
        "left_rate": ("share", "left before there was anything to read"),
        "malformed_rate": ("share", "of answers whose fare card did not parse"),
        "uncited_rate": ("share", "of answers without a citation"),
        "first_p50": ("seconds", "median wait until something could be read"),
        "first_p95": ("seconds", "its 95th percentile"),
        "first_p99": ("seconds", "its 99th percentile"),
        "thumbs_down_rate": ("share", "of thumbs given"),
        "reasked_rate": ("share", "of answers asked again"),
        "rechecked_rate": ("share", "of answers looked up again. Stylized: follows trust"),
        "mean_confidence": ("0 to 1", "over everything asked"),
        "dollars_per_question": ("$/question", "model calls"),
        "labeled": ("answers", "labeled for the accuracy monitor"),
        "labeled_error": ("share", "of these called wrong; noisy labels"),
    },
    "segments": {
        "abstained": ("questions", "the model declined"),
        "withheld": ("questions", "under the threshold"),
        "left": ("questions", "people who left"),
        "unexposed": ("questions", "people who do not see Lantern"),
        "acted": ("questions", "no re-check, no contact in 24 hours. Stylized: follows trust"),
        "reasked": ("questions", "asked again"),
        "mean_confidence": ("0 to 1", "of answers given"),
    },
    "serving": {
        "utilization": ("share", "of slots busy; above 1 a backlog grows"),
        "backlog_seconds": ("seconds", "longest wait behind the backlog in the hour"),
        "slots": ("slots", "in parallel, elastic capacity included"),
    },
    "desk": {
        "agents": ("people", "on shift"),
        "occupancy": ("share", "of agents busy"),
        "wait_minutes": ("minutes", "mean wait (Erlang-A)"),
        "wait_p90_minutes": ("minutes", "90th percentile of the wait"),
        "gave_up_share": ("share", "of contacts that hung up"),
    },
    "surfaces": {
        "surface": ("name", "notes or rebook"),
        "units": ("notes or sessions", "in the day"),
        "calls": ("calls", "to the model"),
        "failures_seen": ("units", "wrong ones that somebody noticed"),
    },
    "bookings": {
        "bookings": ("bookings", "a day. Stylized: follows the market model"),
        "commission": ("$", "a day. Stylized: follows the market model"),
    },
    "ledger": {
        "surface": ("name", "ask, notes or rebook"),
        "line": ("name", "what the money went to; claims are only the harm that people claim"),
        "dollars": ("$", "on the day"),
    },
    "events": {
        "date": ("date", "of the day"),
        "event": ("name", "short"),
        "says": ("text", "what you are told"),
    },
    "actions": {"action": ("name", "what you did"), "with": ("text", "how")},
    "labels": {
        "label": ("right/wrong", "what a person says; errs a few percent of the time"),
        "labeler": ("1 or 2", "who labeled"),
    },
    "verdicts": {"verdict": ("pass/fail", "what the judge says; biased by group")},
    "reviews": {"called_bad": ("yes/no", "what the reviewer says; rare faults are missed more")},
    "queue": {
        "flagged": ("answers", "that arrive for review"),
        "capacity": ("answers", "that can be read"),
        "read": ("answers", "that were read"),
        "backlog": ("answers", "waiting at the end of the day"),
        "utilization": ("share", "flagged over capacity"),
    },
    "trial": {
        "trial": ("day", "on which the trial started"),
        "arm": ("name", "A or B"),
        "new_people": ("people", "seen for the first time in the trial"),
        "acted": ("questions", "no re-check, no contact in 24 hours. Stylized: follows trust"),
    },
    "pages": {
        "monitor": ("name", "which monitor"),
        "metric": ("name", "which column of days"),
        "read": ("yes/no", "within the team's budget of ten pages in 30 days"),
    },
}
"""Frame, column, (unit, meaning). Columns that many frames share are described once."""


@cache
def _rows() -> tuple[tuple[str, str, str, str, bool], ...]:
    shared = [("any", name, *said, False) for name, said in _COMMON.items()]
    own = [
        (frame, name, unit, says, "Stylized" in says)
        for frame, columns in COLUMNS.items()
        for name, (unit, says) in columns.items()
    ]
    return tuple(shared + own)


def dictionary() -> DataFrame:
    """Return the dictionary as a frame: frame, column, unit, says, stylized."""
    import pandas as pd

    return pd.DataFrame(list(_rows()), columns=["frame", "column", "unit", "says", "stylized"])


def described(frame: str, column: str) -> bool:
    """Whether the dictionary explains a column of a frame."""
    return column in _COMMON or column in COLUMNS.get(frame, {})
