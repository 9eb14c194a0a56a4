"""Sample learners for the demo: who they are, and what each makes of an answer that is right.

They start from the solver's reference answers in their own world, so that they stay sensible
when the course's numbers change, and go wrong the way people do: a range too narrow, a factor
of ten, the other option, a text that stops short.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["PEOPLE", "SampleLearner", "cast", "code_for", "sheet_for"]

References = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Item → part → ``value`` and ``unit``: what a solver's ``reference_answers`` returns."""


@dataclass(frozen=True, slots=True)
class SampleLearner:
    """One sample learner.

    ``takes`` is the share of items they get to; ``skill`` from 0 to 1 says how much of what they
    answer is right; ``sure`` is the percent they predict for themselves. ``by`` is how they
    answer: ``widgets`` (the sheet only), ``code`` (cells only) or ``nothing``. ``mishap`` is what
    happens to their hand-in.
    """

    name: str
    story: str
    skill: float = 1.0
    takes: float = 1.0
    sure: int | None = None
    by: str = "widgets"
    mishap: str = ""


PEOPLE: tuple[SampleLearner, ...] = (
    SampleLearner("amina", "non-coder, widgets only, careful", skill=0.85, sure=70),
    SampleLearner(
        "bruno", "coder, answers in cells, saved no sheet", skill=1.0, sure=90, by="code"
    ),
    SampleLearner("chidi", "stopped half way", skill=0.9, takes=0.5, sure=60),
    SampleLearner("dora", "handed in blank", by="nothing"),
    SampleLearner("emeka", "one cell raises", skill=0.8, sure=75, by="code", mishap="raises"),
    SampleLearner("farah", "answers.json damaged", skill=1.0, sure=80, mishap="damaged"),
    SampleLearner("goran", "a day late", skill=0.9, sure=85, mishap="late"),
    SampleLearner("hana", "handed in a friend's sheet", skill=1.0, mishap="other world"),
    SampleLearner("ines", "strong", skill=1.0, sure=95),
    SampleLearner("jonas", "weak, and sure of it", skill=0.15, sure=90),
    SampleLearner("kofi", "notebook file damaged, sheet whole", skill=0.7, mishap="no notebook"),
    SampleLearner("lin", "deleted, doubled and moved cells", skill=0.6, by="code", mishap="moved"),
)


def cast(number: int) -> tuple[SampleLearner, ...]:
    """Return ``number`` learners: the twelve above, then ordinary ones of varying skill."""
    from dataclasses import replace

    found = list(PEOPLE[:number])
    while len(found) < number:
        n = len(found) + 1
        skill = round(0.2 + 0.75 * ((n * 37) % 100) / 100, 2)
        ordinary = replace(PEOPLE[0], name=f"learner-{n:03d}", story="ordinary", skill=skill)
        found.append(ordinary)
    return tuple(found)


def answers_of(
    person: SampleLearner, references: References, options: Callable[[str], Mapping[str, str]]
) -> dict[str, dict[str, Any]]:
    """Return what the person answers, part by part. ``options`` gives a part's choices."""
    items = list(references)
    reached = items[: max(1, round(person.takes * len(items)))]
    found: dict[str, dict[str, Any]] = {}
    number = 0
    for item in reached:
        for part, entry in references[item].items():
            number += 1
            right = ((number * 61) % 100) / 100 < person.skill
            value = entry["value"]
            found[part] = {**entry, "value": value if right else wrong(value, options(part))}
    return found


def wrong(value: Any, options: Mapping[str, str]) -> Any:
    """Return a plausible wrong answer of the same shape.

    >>> wrong(500.0, {}), wrong({"low": 90.0, "high": 110.0}, {}), wrong("a", {"a": "", "b": ""})
    (5000.0, {'low': 900.0, 'high': 1100.0}, 'b')
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return 10.0 * value if abs(value) >= 1 else value / 10.0
    if isinstance(value, str):
        others = sorted(key for key in options if key != value)
        return others[0] if value in options and others else " ".join(value.split()[:6])
    if isinstance(value, list):
        if options and all(isinstance(v, str) for v in value):
            others = sorted(key for key in options if key not in value)
            return sorted([*value[1:], *others[:1]]) if others else value[::-1]
        return value
    if isinstance(value, dict) and "factors" in value:
        return {**value, "factors": value["factors"][:-1] or value["factors"]}
    if isinstance(value, dict):
        return {key: wrong(inner, {}) for key, inner in value.items()}
    return value


def sheet_for(
    person: SampleLearner,
    module: str,
    world: int,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    saved_at: str,
    learner: str = "",
) -> bytes:
    """Return the person's ``answers.json``."""
    entries: dict[str, dict[str, Any]] = {
        part: {**entry, "saved_at": saved_at} for part, entry in answers.items()
    }
    if person.sure is not None:
        for item in {".".join(part.split(".")[:2]) for part in answers}:
            entries.setdefault(item, {})["predicted"] = float(person.sure)
    raw = {
        "format": 1,
        "module": module,
        "learner": learner or person.name,
        "world": world,
        "answers": entries,
    }
    return json.dumps(raw, sort_keys=True, indent=1, ensure_ascii=False).encode()


def code_for(person: SampleLearner, item: str, answers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what a coder writes into the item's solution cell; '' if there is nothing to say."""
    lines = []
    for part, entry in answers.items():
        if ".".join(part.split(".")[:2]) == item:
            unit = f", {entry['unit']!r}" if entry.get("unit") else ""
            lines.append(f"m.answer({part!r}, {entry['value']!r}{unit})")
    if lines and person.sure is not None:
        lines.append(f"m.predict({item!r}, {person.sure})")
    return "\n".join(lines)
