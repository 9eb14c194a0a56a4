"""``skillmap review`` at a terminal: one answer at a time, one key for each criterion.

Keys, a line of input and the decision's way into the gradebook are handed in, so that a test can
sit in for the person. Lines are only ever added, never redrawn: a screen reader can follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.text import Text

from skillmap.cohort.review_text import head, plain_lines, rung_lines
from skillmap.cohort.review_write import Settled, TakenError, Verdict, worth
from skillmap.errors import EnvironmentLacksError, SkillMapError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from skillmap.cohort.review import Queued, Rung

__all__ = ["HELP", "Sheet", "Tally", "press", "sit"]

HELP = """0 1 2   the level of this criterion
Enter   the proposed level; at the end: write the decision
a       the proposed level for all that are left
b       back: the criterion before, or the answer before
c       the rubric's cap: on or off
n       a note to the learner
p       points, where there is no rubric
s       skip this answer, it stays in the queue
q       stop; every answer that was written is kept"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answer while it is being decided; ``at`` is the criterion that a key settles."""

    answer: Queued
    levels: Mapping[str, int] = field(default_factory=dict)
    at: int = 0
    capped: bool = False
    note: str = ""
    points: float | None = None

    @property
    def ready(self) -> bool:
        """Whether it can be written."""
        if not self.answer.rungs:
            return self.points is not None
        return self.at >= len(self.answer.rungs) and len(self.levels) == len(self.answer.rungs)

    @property
    def verdict(self) -> Verdict:
        """What was decided so far."""
        return Verdict(dict(self.levels), self.capped, self.note, self.points)


def press(sheet: Sheet, key: str) -> tuple[Sheet, str]:
    """Return the sheet after one key, and what else the key asks for.

    That is ``write``, ``back`` (to the answer before), ``skip``, ``quit``, ``note``, ``points``,
    ``help``, a sentence for the person if the key does nothing here, or ''. Capitals do nothing: an
    arrow key that comes in pieces ends in one.
    """
    rungs = sheet.answer.rungs
    rung = rungs[sheet.at] if sheet.at < len(rungs) else None
    asks = {"s": "skip", "q": "quit", "n": "note", "?": "help", "h": "help"}
    if key in asks:
        return sheet, asks[key]
    if key in ("0", "1", "2"):
        return (_with(sheet, int(key)), "") if rung else (sheet, "Enter writes it, b goes back.")
    if key in ("\r", "\n"):
        if rung is None:
            return (sheet, "write") if sheet.ready else (sheet, "Press p and give points first.")
        if rung.proposed is None:
            return sheet, "Nothing is proposed here: press 0, 1 or 2."
        return _with(sheet, rung.proposed), ""
    if key == "a":
        return _all(sheet)
    if key == "b":
        return (replace(sheet, at=sheet.at - 1), "") if sheet.at else (sheet, "back")
    if key == "c":
        if sheet.answer.cap_percent is None:
            return sheet, "This rubric has no cap."
        return replace(sheet, capped=not sheet.capped), "cap"
    if key == "p":
        return (sheet, "points") if not rungs else (sheet, "Points follow from the levels here.")
    return sheet, "That key does nothing here; ? lists the keys."


def _with(sheet: Sheet, level: int) -> Sheet:
    name = sheet.answer.rungs[sheet.at].id
    return replace(sheet, levels={**sheet.levels, name: level}, at=sheet.at + 1)


def _all(sheet: Sheet) -> tuple[Sheet, str]:
    left = sheet.answer.rungs[sheet.at :]
    if not left or any(rung.proposed is None for rung in left):
        return sheet, "Not every criterion that is left has a proposed level."
    while sheet.at < len(sheet.answer.rungs):
        proposed = sheet.answer.rungs[sheet.at].proposed
        assert proposed is not None
        sheet = _with(sheet, proposed)
    return sheet, ""


@dataclass(slots=True)
class Tally:
    """What a sitting came to: the ids that were written, and how many are left."""

    written: list[str] = field(default_factory=list)
    left: int = 0
    interrupted: bool = False


@dataclass(slots=True)
class _Desk:
    """What a sitting works with."""

    console: Console
    keys: Callable[[], str]
    ask: Callable[[str], str]
    write: Callable[[Queued, Verdict, bool], Settled]
    near: Callable[[Queued, Rung], str]
    blind: bool

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))


def sit(
    answers: Sequence[Queued],
    write: Callable[[Queued, Verdict, bool], Settled],
    *,
    console: Console,
    keys: Callable[[], str],
    ask: Callable[[str], str],
    near: Callable[[Queued, Rung], str] = lambda answer, rung: "",
    blind: bool = False,
) -> Tally:
    """Go through answers; each decision is written when it is finished.

    ``write(answer, verdict, again)`` writes one. ``keys()`` returns one key, ``ask(prompt)`` a line
    of input, ``near(answer, rung)`` what was given to something like it, or ''. An interrupt costs
    only the answer in hand.
    """
    desk, tally = _Desk(console, keys, ask, write, near, blind), Tally()
    sheets = [Sheet(answer) for answer in answers]
    at = 0
    while at < len(sheets):
        left = len(sheets) - at
        console.print()
        console.print(Rule(Text(f"Answer {at + 1} of {len(sheets)}, {left} left"), align="left"))
        try:
            sheets[at], did = _one(desk, sheets[at], again=sheets[at].answer.id in tally.written)
        except KeyboardInterrupt:
            did = "interrupt"
        name = sheets[at].answer.id
        if did in ("quit", "interrupt"):
            tally.interrupted = did == "interrupt"
            break
        if did == "back":
            at = max(0, at - 1)
            sheets[at] = replace(sheets[at], at=0)
            continue
        if did == "written" and name not in tally.written:
            tally.written.append(name)
        at += 1
    tally.left = len({s.answer.id for s in sheets} - set(tally.written))
    return tally


def _one(desk: _Desk, sheet: Sheet, *, again: bool) -> tuple[Sheet, str]:
    """Show one answer and take keys until it is written, skipped or left."""
    desk.console.print(*head(sheet.answer, blind=desk.blind), sep="\n")
    shown = -1
    while True:
        if sheet.at != shown:
            shown = sheet.at
            _prompt(desk, sheet)
        try:
            sheet, asked = press(sheet, desk.keys())
            if asked == "note":
                sheet = replace(sheet, note=desk.ask("Note to the learner (empty: none): ").strip())
            elif asked == "points":
                sheet = _points(desk, sheet)
        except EOFError:
            return sheet, "quit"
        if asked in ("quit", "back", "skip"):
            return sheet, asked
        if asked == "write":
            did = _written(desk, sheet, again=again)
            if did:
                return sheet, did
        elif asked == "help":
            desk.say(HELP)
        elif asked == "cap":
            desk.say(f"Cap {'on' if sheet.capped else 'off'}: {sheet.answer.cap_when}")
        elif asked not in ("", "note", "points"):
            desk.say(asked)
        if asked in ("note", "points", "cap", "help"):
            shown = -1


def _prompt(desk: _Desk, sheet: Sheet) -> None:
    """Show the criterion that waits, or what will be written."""
    rungs = sheet.answer.rungs
    if sheet.at < len(rungs):
        rung = rungs[sheet.at]
        desk.console.print()
        desk.console.print(rung_lines(rung, decided=sheet.levels.get(rung.id)))
        if told := desk.near(sheet.answer, rung):
            desk.say(f"   {plain_lines(told)}")
        enter = "" if rung.proposed is None else f"Enter = {rung.proposed}, "
        every = "a all, " if all(r.proposed is not None for r in rungs[sheet.at :]) else ""
        desk.say(
            f"{sheet.at + 1} of {len(rungs)}: 0 1 2, {enter}{every}b back, {_cap(sheet)}n note, "
            "s skip, q stop, ? keys"
        )
    elif not rungs and sheet.points is None:
        desk.say("No rubric: p gives points, n note, s skip, q stop, ? keys")
    else:
        points = worth(sheet.answer, sheet.verdict)
        levels = " ".join(f"{name}={level}" for name, level in sheet.levels.items())
        told = f"{levels}: " if levels else ""
        capped = f", capped at {sheet.answer.cap_percent}%" if sheet.capped else ""
        note = f', note "{plain_lines(sheet.note)}"' if sheet.note else ""
        desk.say(f"{told}{points:g} of {sheet.answer.maximum:g} points{capped}{note}.", "bold")
        desk.say(f"Enter writes it, b back, {_cap(sheet)}n note, s skip, q stop")


def _cap(sheet: Sheet) -> str:
    return "" if sheet.answer.cap_percent is None else "c cap, "


def _points(desk: _Desk, sheet: Sheet) -> Sheet:
    said = desk.ask(f"Points, 0 to {sheet.answer.maximum:g}: ").strip().replace(",", ".")
    try:
        value = replace(sheet, points=float(said))
        worth(value.answer, value.verdict)
    except (ValueError, SkillMapError):
        desk.say(f"{plain_lines(said)[:40]!r} is no number from 0 to {sheet.answer.maximum:g}.")
        return sheet
    return value


def _written(desk: _Desk, sheet: Sheet, *, again: bool) -> str:
    """Write; return ``written``, ``left`` where it stays as it is, or '' to stay here."""
    try:
        done = desk.write(sheet.answer, sheet.verdict, again)
    except TakenError as error:
        desk.say(plain_lines(str(error)), "bold")
        desk.say("w writes yours over it; any other key leaves theirs.")
        if desk.keys() != "w":
            return "left"
        return _written(desk, sheet, again=True)
    except EnvironmentLacksError:
        raise
    except SkillMapError as error:
        desk.say(plain_lines(str(error)), "bold")
        return "left"
    desk.say(f"Written: {done.points:g} of {done.maximum:g} points.", "bold")
    return "written"
