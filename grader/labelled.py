"""The labelled answers: loaded, checked, split, and looked through for near-duplicates.

Answers stand in ``answers/<module>.jsonl``, levels in ``labels/<reader>/<module>.jsonl``. The
reader ``intent`` is the level that the writer aimed at; every other folder is a reading of its
own, made without sight of it. Writers and readers were a language model, and each line says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skillmap.bank import Question, question
from skillmap.bank.anchors import anchor_questions, anchors
from skillmap.errors import AuthoringError, Fault, SkillMapError
from skillmap.written.words import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HERE = Path(__file__).parent
INTENT = "intent"
LEFT_OUT = 6
"""Questions whose hash, modulo 32, is below this are never trained on."""
_DEAL = ("train", "test", "train", "dev", "train")
_HARD_DEAL = ("test", "dev")
BORDERLINE = "borderline"
"""Style of answers written on the edge between levels; they are only ever measured."""
ANCHOR = "anchor"
"""Split of answers that learners see as anchors, of any question; nothing is measured on them."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


L = TypeVar("L", bound=_Line)


class AnswerLine(_Line):
    """One line of ``answers/``."""

    id: str = Field(pattern=r"^[a-z]{2}\.q\d+-\d{3}$")
    question: str
    family: str
    style: str
    author: str
    text: str


class LabelLine(_Line):
    """One line of ``labels/``: levels by criterion, and whether the cap's fault is there."""

    id: str
    reader: str
    levels: dict[str, int]
    cap: bool
    note: str = ""


class SentenceLine(_Line):
    """One line of ``sentences/``: words written for one criterion at one level."""

    question: str
    criterion: str
    level: int = Field(ge=0, le=2)
    author: str
    text: str


@dataclass(frozen=True)
class Labelled:
    """One answer with the levels of every reader, by the reader's name."""

    id: str
    question: str
    family: str
    style: str
    author: str
    text: str
    levels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    caps: Mapping[str, bool] = field(default_factory=dict)
    split: str = "train"

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers other than the writer, in order of name."""
        return tuple(sorted(name for name in self.levels if name != INTENT))

    def gold(self, criterion: str) -> int:
        """Return the level to compare with: what the readers agree on, else the middle one.

        The writer's intent counts only where fewer than two have read the answer, and to break
        a tie between two.
        """
        read = [self.levels[name][criterion] for name in self.readers]
        if len(read) < 2 or read[0] != read[1]:
            read += [self.levels[INTENT][criterion]] if INTENT in self.levels else []
        read.sort()
        return read[(len(read) - 1) // 2] if len(read) != 2 else round(sum(read) / 2 - 0.01)

    def reached(self, criterion: str) -> tuple[float, float]:
        """Return the share of readers who saw level 1 or more, and level 2; the intent is one."""
        read = [levels[criterion] for levels in self.levels.values()]
        return sum(n >= 1 for n in read) / len(read), sum(n >= 2 for n in read) / len(read)

    @property
    def capped(self) -> bool:
        """Whether most of those who looked saw the cap's fault."""
        return sum(self.caps.values()) * 2 > len(self.caps)


def splits(
    families: Mapping[str, Iterable[str]], deal: Sequence[str] = _DEAL
) -> dict[tuple[str, str], str]:
    """Return the split of every (question, family): ``left out``, ``train``, ``dev`` or ``test``.

    Whole questions are left out by the hash of their id. Within the others, families stand in
    the order of their hash and every ten are dealt out as six, two and two.

    >>> found = splits({"es.q2": ["a", "b", "c", "d", "e"], "cl.q12": ["a"]})
    >>> sorted(found[("es.q2", name)] for name in "abcde")
    ['dev', 'test', 'train', 'train', 'train']
    >>> found[("cl.q12", "a")]
    'left out'
    """
    found = {}
    for id_, names in families.items():
        left_out = _hash(id_) % 32 < LEFT_OUT
        ordered = sorted(set(names), key=lambda name: _hash(f"{id_}/{name}"))
        for n, name in enumerate(ordered):
            found[id_, name] = "left out" if left_out else deal[n % len(deal)]
    return found


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8, person=b"skillmap").digest(), "big")


def load(folder: Path = HERE) -> list[Labelled]:
    """Return every answer that has at least one reading; raise with all faults at once."""
    faults: list[Fault] = []
    answers: dict[str, AnswerLine] = {}
    rubrics: dict[str, Question] = {}
    for place, raw in _lines(folder / "answers", faults):
        line = _checked(AnswerLine, place, raw, faults)
        if line is None:
            continue
        try:
            rubrics.setdefault(line.question, question(line.question))
        except SkillMapError as error:
            faults.append(Fault(place, str(error)))
            continue
        if line.id in answers:
            faults.append(Fault(place, f"the id {line.id} is there twice"))
        if not line.id.startswith(line.question + "-"):
            faults.append(Fault(place, f"the id {line.id} does not begin with {line.question}"))
        answers[line.id] = line
    levels: dict[str, dict[str, Mapping[str, int]]] = {}
    caps: dict[str, dict[str, bool]] = {}
    for place, raw in _lines(folder / "labels", faults):
        label = _checked(LabelLine, place, raw, faults)
        if label is None:
            continue
        if label.id not in answers:
            faults.append(Fault(place, f"labels {label.id}, which no file of answers has"))
            continue
        wanted = {c.id for c in rubrics[answers[label.id].question].criteria}
        if set(label.levels) != wanted or not set(label.levels.values()) <= {0, 1, 2}:
            faults.append(Fault(place, f"needs a level 0 to 2 for exactly {sorted(wanted)}"))
            continue
        levels.setdefault(label.id, {})[label.reader] = label.levels
        caps.setdefault(label.id, {})[label.reader] = label.cap
    if faults:
        raise AuthoringError(faults)
    easy: dict[str, list[str]] = {}
    hard: dict[str, list[str]] = {}
    for line in answers.values():
        kind = hard if line.style == BORDERLINE else easy
        kind.setdefault(line.question, []).append(line.family)
    dealt = splits(easy) | splits(hard, _HARD_DEAL)
    shown = _shown()
    return [
        Labelled(
            **line.model_dump(),
            levels=levels[line.id],
            caps=caps[line.id],
            split=ANCHOR if line.id in shown else dealt[line.question, line.family],
        )
        for line in answers.values()
        if line.id in levels
    ]


def sentences(folder: Path = HERE) -> list[SentenceLine]:
    """Return the sentences that answers are composed from; raise with all faults at once."""
    faults: list[Fault] = []
    found = []
    for place, raw in _lines(folder / "sentences", faults):
        line = _checked(SentenceLine, place, raw, faults)
        if line is None:
            continue
        try:
            known = {c.id for c in question(line.question).criteria}
        except SkillMapError as error:
            faults.append(Fault(place, str(error)))
            continue
        if line.criterion not in known:
            faults.append(Fault(place, f"{line.question} has no criterion {line.criterion}"))
        found.append(line)
    if faults:
        raise AuthoringError(faults)
    return found


def _shown() -> set[str]:
    """Return the ids of answers that the bank shows as anchors."""
    return {one.answer for id_ in anchor_questions() for one in anchors(id_)[1] if one.answer}


def _lines(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.rglob("*.jsonl")):
        for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            place = f"{path.relative_to(folder.parent)} line {n}"
            if not text.strip():
                continue
            try:
                yield place, json.loads(text)
            except ValueError as error:
                faults.append(Fault(place, f"is not JSON: {error}"))


def _checked(kind: type[L], place: str, raw: Any, faults: list[Fault]) -> L | None:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        faults += [
            Fault(f"{place} {'.'.join(map(str, one['loc']))}", one["msg"]) for one in error.errors()
        ]
        return None


def near_duplicates(
    answers: Sequence[Labelled], *, least: float = 0.6
) -> list[tuple[Labelled, Labelled, float]]:
    """Return pairs from different splits of one question whose word triples overlap.

    ``least`` is the Jaccard index of their sets of three neighboring words from which a pair
    counts.
    """
    found = []
    by_question: dict[str, list[tuple[Labelled, frozenset[tuple[str, ...]]]]] = {}
    for one in answers:
        mine = triples(one.text)
        for other, theirs in by_question.get(one.question, []):
            if other.split == one.split or not mine or not theirs:
                continue
            share = len(mine & theirs) / len(mine | theirs)
            if share >= least:
                found.append((other, one, share))
        by_question.setdefault(one.question, []).append((one, mine))
    return found


def triples(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three neighboring content words."""
    words = content_words(text)
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def training(answers: Iterable[Labelled], duplicates: Iterable[tuple[Labelled, ...]]) -> list[str]:
    """Return the ids to train on: the training split without near-duplicates of other splits."""
    twins = {one.id for pair in duplicates for one in pair[:2] if isinstance(one, Labelled)}
    return [one.id for one in answers if one.split == "train" and one.id not in twins]
