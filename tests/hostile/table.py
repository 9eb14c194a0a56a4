"""The table of attacks in ``docs/security.md``, made from the attacks themselves."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.hostile.cohort import Hostile

__all__ = ["AIMS", "BEGIN", "END", "PLAIN", "attacks", "in_document", "table"]

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "security.md"
PLAIN = ROOT / "benchmarks" / "hostile_plain.json"
BEGIN, END = "<!-- attacks: begin -->", "<!-- attacks: end -->"

AIMS = {
    "grades": "Raise their own grade",
    "reading": "Read what is not theirs",
    "writing": "Write where they may not",
    "reaching": "Reach out, or stay",
    "readers": "Harm the reader",
    "stopping": "Stop the run, or arrive broken",
}


def attacks() -> dict[str, tuple[Hostile, ...]]:
    """Every attack, by the file it stands in."""
    return {aim: importlib.import_module(f"tests.hostile.test_{aim}").ATTACKS for aim in AIMS}


def _ours(attack: Hostile) -> str:
    if not attack.graded:
        return "refused and listed"
    lost = sum(attack.twin or attack.worth) - sum(attack.worth)
    if lost:
        return f"no effect on others; {lost:g} of its own {sum(attack.twin or ()):g} points lost"
    return "no effect; told in the table" if attack.says else "no effect"


def _cell(text: str) -> str:
    printed = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    for sign, code in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("*", "\\*"), ("_", "\\_")):
        printed = printed.replace(sign, code)
    return printed


def table(plain: Mapping[str, str]) -> str:
    """The table in Markdown; ``plain`` says what plain nbgrader made of an attack."""
    lines: list[str] = []
    for aim, found in attacks().items():
        lines += [f"### {AIMS[aim]} ({len(found)})", ""]
        lines += ["| Hand-in | What it does | Skill Map | plain nbgrader |", "|---|---|---|---|"]
        lines += [
            f"| {_cell(a.name)} | {_cell(a.does)} | {_ours(a)} | {plain.get(a.name, 'not run')} |"
            for a in found
        ]
        lines.append("")
    return "\n".join(lines)


def recorded() -> dict[str, str]:
    """What ``benchmarks/hostile_plain.py --write`` last found."""
    found: dict[str, str] = json.loads(PLAIN.read_text(encoding="utf-8"))
    return found


def in_document() -> str:
    """The table as the document has it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()
