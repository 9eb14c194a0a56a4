"""What comes out of the sandbox, checked before anything else reads it.

Everything here may have been written by the submission itself: shapes, sizes and depths are
bounded, unknown fields are refused, and nothing is evaluated or unpickled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

__all__ = ["CellResult", "RunResult", "parse_message"]

Ended = Literal["done", "died", "out of time", "out of memory", "too much output", "garbled"]
Status = Literal["ok", "error", "timeout", "stopped", "not run"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_Mime = Annotated[str, Field(max_length=200)]
_Data = dict[_Mime, JsonValue]


class _Stream(_Strict):
    output_type: Literal["stream"]
    name: Literal["stdout", "stderr"]
    text: str


class _Display(_Strict):
    output_type: Literal["display_data"]
    data: _Data
    metadata: dict[str, JsonValue]


class _Result(_Strict):
    output_type: Literal["execute_result"]
    data: _Data
    metadata: dict[str, JsonValue]
    execution_count: int | None


class _Error(_Strict):
    output_type: Literal["error"]
    ename: Annotated[str, Field(max_length=10_000)]
    evalue: str
    traceback: Annotated[list[str], Field(max_length=10_000)]


_Output = Annotated[_Stream | _Display | _Result | _Error, Field(discriminator="output_type")]
_Outputs = Annotated[list[_Output], Field(max_length=100_000)]
_Index = Annotated[int, Field(ge=0, le=100_000)]


class Start(_Strict):
    """A cell begins."""

    kind: Literal["start"]
    cell: _Index


class Cell(_Strict):
    """A cell ended."""

    kind: Literal["cell"]
    cell: _Index
    status: Literal["ok", "error"]
    execution_count: int | None
    seconds: float
    outputs: _Outputs


class Update(_Strict):
    """A later cell changed the displays of an earlier one."""

    kind: Literal["update"]
    cell: _Index
    outputs: _Outputs


class Exit(_Strict):
    """A cell called ``exit``."""

    kind: Literal["exit"]


class Findings(_Strict):
    """What a probe found."""

    kind: Literal["findings"]
    found: dict[str, bool]


class Done(_Strict):
    """The last message."""

    kind: Literal["done"]
    widgets: dict[str, JsonValue] | None = None


class OwnFault(_Strict):
    """Preparation failed; only believed before the job is sent."""

    kind: Literal["fault"]
    message: str


Message = Start | Cell | Update | Exit | Findings | Done | OwnFault
_message: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def parse_message(raw: bytes) -> Message | None:
    """Return a message, or ``None`` for bytes that are not one.

    >>> parse_message(b'{"kind": "start", "cell": 2}')
    Start(kind='start', cell=2)
    >>> parse_message(b'{"kind": "points", "points": 100}') is None
    True
    """
    try:
        return _message.validate_json(raw)
    except (ValidationError, ValueError, RecursionError):
        return None


def outputs_of(message: Cell | Update) -> tuple[dict[str, Any], ...]:
    """Return outputs as plain nbformat data."""
    return tuple(one.model_dump() for one in message.outputs)


@dataclass(frozen=True, slots=True)
class CellResult:
    """One code cell after the run: ``status`` says how far it came; ``seconds`` of wall clock."""

    status: Status = "not run"
    outputs: tuple[dict[str, Any], ...] = ()
    execution_count: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What running a submission came to.

    ``ended`` is ``done`` for every run that reached its end, errors in cells included. ``files``
    are those asked for that exist, as bytes; ``problems`` are sentences for learner and
    instructor. CPU is in seconds, memory in bytes.
    """

    cells: tuple[CellResult, ...]
    ended: Ended = "done"
    files: dict[str, bytes] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    widgets: dict[str, Any] | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    setup_seconds: float = 0.0
