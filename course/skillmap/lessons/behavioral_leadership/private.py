"""A learner's own stories: a file of theirs, outside the folder that is handed in.

A hand-in is the folder with the notebook and ``answers.json``. ``my-stories.md`` stands one folder
up, only its owner may read it, and nothing of the course reads it but this module, at the
learner's request. What is shown about it are counts and marks, no words: the output of a cell is
saved in the notebook, and the notebook is handed in. A story gets into the answers in one way,
:func:`story_text` behind a tick box.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError, SheetError
from skillmap.lessons.behavioral_leadership.tales import CRITERIA, anchors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "FIELDS",
    "FILE",
    "MARKS",
    "Story",
    "create",
    "parse",
    "place",
    "read",
    "shift",
    "story_text",
    "template",
]

FILE = "my-stories.md"
LARGEST = 200_000
"""Characters that are read of the file."""
FIELDS = {
    "Stake": "Who would gain or lose, and how much?",
    "What I did not know": "About the data, the model, the measurement, the users, the people.",
    "Options": "At least two, and waiting may be one.",
    "Their best argument": "As the other side would put it.",
    "My call": "What did I do? Begin with I.",
    "What it cost": "Money, time, a relation; and who paid.",
    "Still unresolved": "What do I not know to this day? Who still disagrees?",
    "What I do differently": "A practice that somebody could see.",
    "Who can confirm": "A person, or a document.",
}
LEVELS = "My levels"
LEVEL_NAMES = {
    "stakes": "Stakes",
    "other": "Other side",
    "unknown": "Uncertainty",
    "action": "Action",
    "after": "Aftermath",
}
MARKS = ("a number", "their argument", "a cost", "an act of your own", "something unresolved")
STORIES = 6
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|half|third|quarter|percent)\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\bI(?:'d|'ve)?\s+(?!think|believe|feel|felt|was|am|guess)[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Story:
    """One story by the headings of the file; ``levels`` are the learner's own, 0 to 2."""

    number: int
    fields: Mapping[str, str]
    levels: Mapping[str, int]

    @property
    def begun(self) -> bool:
        """Whether anything is written."""
        return any(self.fields.values())

    @property
    def marks(self) -> dict[str, bool]:
        """Which of five marks of a true story are there. This measures presence, not worth."""
        told = " ".join(self.fields.values())
        found = (
            bool(_NUMBER.search(told)),
            _long(self.fields.get("Their best argument", "")),
            _long(self.fields.get("What it cost", "")),
            bool(_OWN.search(self.fields.get("My call", ""))),
            _long(self.fields.get("Still unresolved", "")),
        )
        return dict(zip(MARKS, found, strict=True))

    @property
    def too_tidy(self) -> bool:
        """Whether fewer than three of the five marks are there."""
        return sum(self.marks.values()) < 3


def _long(text: str) -> bool:
    return len(text.split()) >= 5


def place(sheet: Path | None) -> Path | None:
    """Return where the file stands: one folder above the answer sheet's, never beside it.

    >>> from pathlib import Path
    >>> place(Path("/home/ada/course/behavioral-leadership/answers.json")).as_posix()
    '/home/ada/course/my-stories.md'
    """
    return None if sheet is None else sheet.resolve().parent.parent / FILE


def template() -> str:
    """Return the empty file: six stories with their headings."""
    lines = [
        "# My stories",
        "",
        "This file is yours. It is not in the folder that you hand in, and the course shows no "
        "word of it. Leave out names and figures that belong to an employer. Replace each line "
        "in brackets.",
        "",
    ]
    for n in range(1, STORIES + 1):
        lines += [f"## Story {n}", ""]
        for name, prompt in FIELDS.items():
            lines += [f"### {name}", "", f"[{prompt}]", ""]
        lines += [f"### {LEVELS}", "", "[0, 1 or 2 after each colon, by the rubric of question 2]"]
        lines += ["", *(f"- {name}:" for name in LEVEL_NAMES.values()), ""]
    return "\n".join(lines)


def create(path: Path) -> bool:
    """Write the empty file for its owner only; return whether it was made now.

    A file that is there is left alone. Raises ``SheetError`` where nothing can be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}. Make the file yourself there.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(template())
    return True


def read(path: Path) -> tuple[Story, ...]:
    """Read the stories that were begun. A missing file has none.

    Raises ``SheetError`` for one that cannot be read as text.
    """
    if os.environ.get("SKILLMAP_STATIC"):  # a grading run reads nobody's stories
        return ()
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SheetError(f"{path.name}: {why}. Open it in the editor and save it again.") from None
    return parse(text)


def parse(text: str) -> tuple[Story, ...]:
    """Return the stories of a text that have a word in them.

    >>> story, = parse("## Story 2\\n### Stake\\n600 people\\n### My levels\\n- Stakes: 2\\n")
    >>> story.number, story.fields["Stake"], story.levels
    (2, '600 people', {'stakes': 2})
    """
    found: list[Story] = []
    for part in re.split(r"(?m)^## ", text)[1:]:
        head, _, body = part.partition("\n")
        number = re.search(r"\d+", head)
        sections = re.split(r"(?m)^### ", body)[1:]
        by_name = {}
        for section in sections:
            name, _, words = section.partition("\n")
            by_name[name.strip()] = _without_prompts(words)
        levels = _levels(by_name.pop(LEVELS, ""))
        fields = {name: by_name.get(name, "") for name in FIELDS}
        story = Story(int(number[0]) if number else len(found) + 1, fields, levels)
        if story.begun:
            found.append(story)
    return tuple(found)


def _without_prompts(text: str) -> str:
    lines = [line for line in text.splitlines() if not re.fullmatch(r"\s*\[.*\]\s*", line)]
    return "\n".join(lines).strip()


def _levels(text: str) -> dict[str, int]:
    found = {}
    for key, name in LEVEL_NAMES.items():
        given = re.search(rf"(?mi)^\W*{re.escape(name)}\s*:\s*([012])\b", text)
        if given:
            found[key] = int(given[1])
    return found


def story_text(stories: tuple[Story, ...], number: int) -> str:
    """Return one story as a text to hand in; raise ``AnswerError`` if it is not there."""
    for story in stories:
        if story.number == number:
            return "\n\n".join(f"{name}: {said}" for name, said in story.fields.items() if said)
    there = ", ".join(str(story.number) for story in stories) or "none"
    raise AnswerError(
        "My stories", f"there is no story {number}", f"Stories with words in them: {there}."
    )


def shift(world: int, table: Any) -> dict[str, float] | None:
    """Return, by criterion, how much higher than the reference the anchors were scored.

    ``table`` is the answer to the anchors; ``None`` until each of its cells is filled. A positive
    number is generosity, in levels.

    >>> shift(10, None)
    """
    if not isinstance(table, list):
        return None
    rows = {row.get("row"): row for row in table if isinstance(row, dict)}
    chosen = anchors(world)
    found: dict[str, float] = {}
    for k, name in enumerate(CRITERIA):
        apart = []
        for letter, anchor in zip("abcd", chosen, strict=True):
            given = rows.get(letter, {}).get(name)
            if given not in {"0", "1", "2"}:
                return None
            apart.append(int(given) - anchor.levels[k])
        found[name] = sum(apart) / len(apart)
    return found
