"""Open interview questions: text, follow-ups, rubric and worked answers, one YAML a module.

>>> question("es.q2").criteria[0].name
'Scope'
>>> question("es.q2").cap.percent
40
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from skillmap import yaml_text
from skillmap.errors import AuthoringError, Fault, UnknownItemError
from skillmap.ids import ItemId, ModuleId

__all__ = ["Cap", "Criterion", "Question", "WorkedAnswer", "WorkedPart", "question", "questions"]

Level = Annotated[int, Field(ge=0, le=2)]
Sentence = Annotated[str, Field(min_length=8)]


class _Authored(BaseModel):
    """Authored material is frozen and has no fields that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Criterion(_Authored):
    """One row of a rubric: what answers at level 0, 1 and 2 do.

    ``strong`` and ``weak`` hold a sentence each that shows level 2 and level 0.
    """

    id: Annotated[str, Field(pattern=r"^c[1-9]$")]
    name: str
    levels: tuple[Sentence, Sentence, Sentence]
    strong: str = ""
    weak: str = ""


class Cap(_Authored):
    """The most an answer can get, in percent, when it has the fault named in ``when``."""

    percent: Annotated[int, Field(gt=0, lt=100)]
    when: Sentence


class WorkedPart(_Authored):
    """A stretch of a worked answer and the levels that it earns."""

    text: Sentence
    earns: dict[str, Level] = Field(default_factory=dict)


class WorkedAnswer(_Authored):
    """A whole answer with its levels by criterion and the reason for them."""

    parts: tuple[WorkedPart, ...]
    levels: dict[str, Level]
    why: Sentence

    @property
    def text(self) -> str:
        """The answer as a candidate would say it."""
        return " ".join(part.text for part in self.parts)


class Question(_Authored):
    """One interview question. ``stars`` is the difficulty, 1 to 3; ``minutes`` to answer it.

    ``twist`` changes one fact after the answer; ``boundary`` asks where the answer stops holding.
    """

    id: str
    stars: Annotated[int, Field(ge=1, le=3)]
    minutes: Annotated[int, Field(ge=2, le=20)] = 6
    text: Sentence
    follow_ups: tuple[Sentence, ...]
    twist: str = ""
    boundary: str = ""
    curriculum: tuple[str, ...] = ()
    rubric: str | None = None
    criteria: tuple[Criterion, ...] = ()
    strong: tuple[Sentence, ...] = ()
    weak: tuple[Sentence, ...] = ()
    cap: Cap | None = None
    worked_strong: WorkedAnswer | None = None
    worked_weak: WorkedAnswer | None = None

    @model_validator(mode="after")
    def _levels_name_criteria(self) -> Question:
        known = {criterion.id for criterion in self.criteria}
        for name in ("worked_strong", "worked_weak"):
            worked: WorkedAnswer | None = getattr(self, name)
            if worked is not None and set(worked.levels) != known:
                raise ValueError(f"{name}.levels must name exactly {sorted(known)}")
        if self.rubric and not self.criteria:
            raise ValueError("a question with a rubric needs criteria")
        ItemId.parse(self.id)
        return self


class _File(_Authored):
    module: ModuleId
    questions: tuple[Question, ...]


@cache
def questions(module: ModuleId | str) -> tuple[Question, ...]:
    """Return a module's questions in order; raise ``AuthoringError`` with every fault."""
    module = ModuleId(module)
    name = f"{module.value.replace('-', '_')}.yaml"
    source = files("skillmap.bank").joinpath(name)
    if not source.is_file():
        return ()
    loaded: Any = yaml_text.load(source.read_text(encoding="utf-8"))
    try:
        return _File.model_validate(loaded).questions
    except ValidationError as error:
        raise AuthoringError(
            [
                Fault(f"bank/{name} {'.'.join(map(str, fault['loc']))}", fault["msg"])
                for fault in error.errors()
            ]
        ) from error


def question(id_: ItemId | str) -> Question:
    """Return one question; raise ``UnknownItemError`` naming the ids that do exist."""
    wanted = ItemId.parse(id_)
    found = questions(wanted.module)
    for candidate in found:
        if candidate.id == wanted.text:
            return candidate
    known = ", ".join(entry.id for entry in found) or "none yet"
    raise UnknownItemError("question id", f"no question is called {wanted}", f"Known: {known}.")
