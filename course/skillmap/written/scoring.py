"""One written answer against one rubric: levels with evidence, confidence and advice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.bank.anchors import anchor_questions, anchors
from skillmap.written import encoder as encoders
from skillmap.written import head as heads
from skillmap.written.guards import MOST_WORDS, guards, readable
from skillmap.written.levels import Judged, calibration
from skillmap.written.lexical import Lexical, measures, nearest
from skillmap.written.rubric import criterion_texts
from skillmap.written.words import Sentence, fold, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from skillmap.bank import Criterion as BankCriterion
    from skillmap.bank import Question

__all__ = ["EMBEDDED", "LEXICAL", "CriterionScore", "Evidence", "Look", "Scored", "look", "score"]

EMBEDDED = "embedded"
LEXICAL = "lexical fallback (onnxruntime or the weights are missing)"
_STRONG_PULL = 0.25
_MOST_EVIDENCE = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of the answer: ``text`` stands at ``start`` to ``end``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """A proposed level. ``confidence`` is the calibrated chance that a reader gives the same.

    ``settled`` is whether the confidence is above the bar and no flag stands in the way.
    """

    id: str
    name: str
    level: int
    confidence: float
    probabilities: tuple[float, float, float]
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""
    settled: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return the criterion as ``skillmap score --json`` prints it."""
        return {
            "id": self.id,
            "level": self.level,
            "confidence": round(self.confidence, 3),
            "evidence": [{"start": e.start, "end": e.end, "text": e.text} for e in self.evidence],
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True)
class Scored:
    """A whole answer: ``score`` of ``max_score``, two points a criterion.

    ``needs_review`` is set unless every criterion is settled; the score is a proposal until then.
    """

    question: str
    score: int
    max_score: int
    criteria: tuple[CriterionScore, ...]
    flags: tuple[str, ...]
    needs_review: bool
    grader: str
    version: str

    def as_data(self) -> dict[str, Any]:
        """Return the document that ``skillmap score --json`` prints."""
        return {
            "question": self.question,
            "score": self.score,
            "max_score": self.max_score,
            "criteria": [criterion.as_data() for criterion in self.criteria],
            "flags": list(self.flags),
            "needs_review": self.needs_review,
            "grader": {"name": self.grader, "version": self.version},
        }


def score(question: Question, text: str, *, least: int = 8) -> Scored:
    """Propose a level for each criterion of a rubric.

    ``least`` is the number of words below which an answer is flagged as short. An answer with
    nothing to read, or nothing that comes near the question, gets no points and no confidence,
    and waits for a person.

    >>> from skillmap.bank import question
    >>> nothing = score(question("es.q2"), " ")
    >>> nothing.score, nothing.needs_review, nothing.flags
    (0, True, ('empty: nothing to read',))
    """
    flags = list(_flags(question, text, least))
    found = look(question, text)
    numbers = calibration()
    kind = found.kind
    if found.off_topic:
        flags.append("off topic: no sentence comes near the question or its rubric")
    nothing = not found.parts or found.off_topic
    rows = []
    for n, criterion in enumerate(question.criteria):
        judged = Judged(0, (1.0, 0.0, 0.0)) if nothing else found.judged[n]
        settled = not flags and judged.confidence >= numbers.bar(kind[n])
        rows.append(
            CriterionScore(
                criterion.id,
                criterion.name,
                judged.level,
                0.0 if nothing else judged.confidence,
                judged.probabilities,
                tuple(_evidence(found, n, judged)),
                _advice(criterion, judged.level),
                settled,
            )
        )
    return Scored(
        question.id,
        sum(row.level for row in rows),
        2 * len(rows),
        tuple(rows),
        tuple(flags),
        not rows or not all(row.settled for row in rows),
        EMBEDDED if found.embedded else LEXICAL,
        numbers.version,
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What was measured of an answer, by criterion; ``inputs`` is what calibration takes in."""

    parts: tuple[Sentence, ...]
    kind: tuple[str, ...]
    inputs: tuple[tuple[float, ...], ...]
    pull: tuple[tuple[float, ...], ...]
    nearness: float
    embedded: bool

    @property
    def judged(self) -> tuple[Judged, ...]:
        """The calibrated levels."""
        if not self.parts:
            return tuple(Judged(0, (1.0, 0.0, 0.0)) for _ in self.kind)
        numbers = calibration()
        return tuple(
            numbers.judged(kind, inputs)
            for kind, inputs in zip(self.kind, self.inputs, strict=True)
        )

    @property
    def off_topic(self) -> bool:
        """Whether no sentence comes near the question."""
        return bool(self.parts) and self.embedded and self.nearness < calibration().off_topic


def look(question: Question, text: str, *, as_new: bool = False, lexical: bool = False) -> Look:
    """Measure an answer.

    ``as_new`` leaves out what was learned of this very rubric, as for a question that nobody
    trained on; ``lexical`` leaves out the encoder.
    """
    parts = _once(sentences(_beginning(text))) if readable(text) else ()
    reader, trained = (None, None) if lexical else (encoders.encoder(), heads.head())
    words = Lexical(text, parts)
    kinds, inputs, pulls = [], [], []
    nearness = 0.0
    vectors = reader.answer(parts) if reader is not None and parts else None
    if vectors is not None:
        with np.errstate(all="ignore"):
            nearness = float((vectors @ _topic(question).T).max())
    for criterion in question.criteria:
        row = heads.fingerprint(question.id, criterion)
        raw = None
        if vectors is not None and trained is not None:
            # Some builds of BLAS raise floating-point flags on sums that are sound.
            with np.errstate(all="ignore"):
                texts = _vectors(criterion_texts(criterion))
                raw = trained.level(vectors, texts, "" if as_new else row)
        if raw is None or not all(map(math.isfinite, raw.odds)):
            kinds.append("lexical")
            inputs.append((*map(float, measures(words, criterion)), *_rate(row, as_new)))
            pulls.append(tuple(nearest(words, criterion)))
            continue
        kinds.append("known" if raw.known else "new")
        inputs.append((*raw.odds, *map(float, measures(words, criterion))))
        pulls.append(tuple(float(x) for x in raw.weights))
    return Look(
        parts,
        tuple(kinds),
        tuple(inputs),
        tuple(pulls),
        nearness,
        reader is not None and trained is not None,
    )


def _once(parts: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Sentences that were not said before: saying a thing again earns nothing."""
    first = {fold(part.text): part for part in reversed(parts)}
    return tuple(sorted(first.values(), key=lambda part: part.start))


def _rate(row: str, as_new: bool) -> tuple[float, float]:
    """The log odds that answers in training reached level 1 and level 2 on this row."""
    low, high = calibration().rates.get(row, (0.5, 0.5)) if not as_new else (0.5, 0.5)
    return math.log(low / (1 - low)), math.log(high / (1 - high))


@lru_cache(maxsize=2_000)
def _vectors(texts: tuple[str, ...]) -> Any:
    reader = encoders.encoder()
    assert reader is not None
    return reader.texts(texts)


def _topic(question: Question) -> Any:
    """Vectors of the question and of all that its rubric says."""
    rows = [_vectors(criterion_texts(criterion)) for criterion in question.criteria]
    return np.concatenate([_vectors((question.text,)), *rows])


def _beginning(text: str) -> str:
    """The first words of an answer, as many as are read."""
    count, inside = 0, False
    for n, char in enumerate(text):
        if char.isspace():
            inside = False
        elif not inside:
            inside = True
            count += 1
            if count > MOST_WORDS:
                return text[:n]
    return text


def _flags(question: Question, text: str, least: int) -> tuple[str, ...]:
    models = [*question.strong, *question.weak]
    for worked in (question.worked_strong, question.worked_weak):
        if worked is not None:
            models.append(worked.text)
    if question.id in anchor_questions():
        models += [anchor.text for anchor in anchors(question.id)[1] if anchor.answer]
    rubric = []
    for criterion in question.criteria:
        models += [criterion.strong, criterion.weak, *criterion.levels]
        rubric += [criterion.name, *criterion.levels]
    return guards(
        text,
        least=least,
        question=" ".join((question.text, *question.follow_ups)),
        model_texts=models,
        rubric=" ".join(rubric),
    )


def _evidence(found: Look, n: int, judged: Judged) -> Iterator[Evidence]:
    """The sentences that counted most; none where nothing speaks for the criterion."""
    if judged.level == 0 or not found.parts:
        return
    pull = found.pull[n]
    order = sorted(range(len(pull)), key=lambda k: -pull[k])[:_MOST_EVIDENCE]
    chosen = [k for k in order if k == order[0] or pull[k] >= _STRONG_PULL]
    for k in sorted(chosen):
        part = found.parts[k]
        yield Evidence(part.start, part.end, part.text)


def _advice(criterion: BankCriterion, level: int) -> str:
    """What the next level asks for; the rubric is open to learners."""
    if level >= 2:
        return ""
    return f"{criterion.name}, a level up: {criterion.levels[level + 1]}"
