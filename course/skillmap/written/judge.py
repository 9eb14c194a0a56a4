"""A language model as judge: optional, off unless asked for, one criterion a call, three votes.

The result has the form of the embedded grader's, so whoever reads it need not care. Only criteria
on which all three votes are valid and agree are settled; everything else waits for a person.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from skillmap.errors import EnvironmentLacksError
from skillmap.written.guards import kind_of
from skillmap.written.judge_budget import (
    Budget,
    BudgetReachedError,
    Estimate,
    most_tokens,
    usual_tokens,
)
from skillmap.written.judge_client import Client, JudgeDownError, JudgeError
from skillmap.written.judge_prompt import (
    MOST_WRITTEN,
    PROMPT,
    SCHEMA,
    Verdict,
    messages,
    place,
    read_verdict,
)
from skillmap.written.scoring import CriterionScore, Evidence, Scored, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from skillmap.bank import Criterion, Question

__all__ = ["VOTES", "Judge", "Votes", "client_from", "estimate", "remembered_at"]

VOTES = 3
_USUAL_WRITTEN = 90
_USUAL_SECONDS = 2.0
_AT_ONCE = 4
URL, MODEL, KEY = "SKILLMAP_JUDGE_URL", "SKILLMAP_JUDGE_MODEL", "SKILLMAP_JUDGE_KEY"


def client_from(environ: Mapping[str, str] = os.environ) -> Client:
    """Return the client that the environment describes; raise if it describes none.

    The key is read from the environment and nowhere else. A server on this machine needs none.
    """
    missing = [name for name in (URL, MODEL) if not environ.get(name)]
    if missing:
        raise EnvironmentLacksError(
            f"There is no {' and no '.join(missing)} in the environment. Set {URL} to the address "
            f"of an OpenAI-compatible server (it ends in /v1), {MODEL} to the model's name, and "
            f"{KEY} to the key if it wants one."
        )
    return Client(environ[URL], environ[MODEL], environ.get(KEY, ""))


def remembered_at() -> Path:
    """Return the file in which this account keeps votes, so that asking again costs nothing."""
    from platformdirs import user_cache_path

    return user_cache_path("skillmap") / "judge.json"


class Votes(BaseModel):
    """Valid votes on one criterion, and why the others are not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdicts: list[Verdict]
    faults: list[str]


_KEPT: TypeAdapter[dict[str, Votes]] = TypeAdapter(dict[str, Votes])


@dataclass
class Judge:
    """Asks for votes within a budget; remembers complete ones in ``cache`` if there is one."""

    client: Client
    budget: Budget
    cache: Path | None = None
    _kept: dict[str, Votes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept = _load(self.cache)

    def score(self, asked: Question, text: str, *, least: int = 8) -> Scored:
        """Return levels by majority. What speaks to the grader is not sent: a person reads it."""
        ours = score(asked, text, least=least)
        spoken = {kind_of(flag) for flag in ours.flags} & {"empty", "instructions", "off topic"}
        if spoken:
            return replace(ours, needs_review=True, grader=f"{ours.grader}; not sent to the judge")
        rows, faults = [], []
        everything = self._votes(asked, text)
        for criterion, row in zip(asked.criteria, ours.criteria, strict=True):
            votes = everything[criterion.id]
            rows.append(_row(row, criterion, votes, text, flagged=bool(ours.flags)))
            faults += [f"judge: {criterion.id}: {fault}" for fault in votes.faults]
        return Scored(
            asked.id,
            sum(row.level for row in rows),
            2 * len(rows),
            tuple(rows),
            (*ours.flags, *dict.fromkeys(faults)),
            not all(row.settled for row in rows),
            f"llm {self.client.model}",
            PROMPT,
        )

    def _votes(self, asked: Question, text: str) -> dict[str, Votes]:
        found: dict[str, Votes] = {}
        wanted = []
        for criterion in asked.criteria:
            name = self._name(asked, criterion, text)
            if name in self._kept:
                found[criterion.id] = self._kept[name]
            else:
                wanted.append((criterion, name))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            tasks = [
                (criterion, name, [pool.submit(self._vote, asked, criterion, text) for _ in "123"])
                for criterion, name in wanted
            ]
            for criterion, name, votes in tasks:
                got = [vote.result() for vote in votes]
                one = Votes(
                    verdicts=[v for v in got if isinstance(v, Verdict)],
                    faults=[v for v in got if isinstance(v, str)],
                )
                found[criterion.id] = one
                if not one.faults:
                    self._kept[name] = one
        if wanted:
            _save(self.cache, self._kept)
        return found

    def _vote(self, asked: Question, criterion: Criterion, text: str) -> Verdict | str:
        said = messages(asked, criterion, text)
        sent = "".join(message["content"] for message in said)
        try:
            held = self.budget.reserve(most_tokens(sent), MOST_WRITTEN)
        except BudgetReachedError as error:
            return f"not asked: {error}"
        read, written = float(most_tokens(sent)), float(MOST_WRITTEN)  # if nothing is said: all
        try:
            reply = self.client.ask(said, SCHEMA, MOST_WRITTEN)
            if reply.tokens_in is not None and reply.tokens_out is not None:
                read = max(reply.tokens_in, len(sent) / 8)  # a server that counts too few is
                written = max(reply.tokens_out, len(reply.text) / 8)  # not believed
            return read_verdict(reply.text, criterion.id, text)
        except JudgeDownError as error:
            read = written = 0.0
            return f"not asked: {error}"
        except JudgeError as error:
            return str(error)
        finally:
            self.budget.settle(held, read, written)

    def _name(self, asked: Question, criterion: Criterion, text: str) -> str:
        parts = [PROMPT, self.client.base_url, self.client.model, asked.id, asked.text, text]
        parts += [criterion.id, criterion.name, *criterion.levels, criterion.strong, criterion.weak]
        joined = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(joined, digest_size=16).hexdigest()


def _row(
    ours: CriterionScore, criterion: Criterion, votes: Votes, text: str, *, flagged: bool
) -> CriterionScore:
    """The majority's level; without a valid vote, the embedded grader's, and no confidence."""
    if not votes.verdicts:
        return replace(ours, confidence=0.0, settled=False)
    tally = Counter(verdict.level for verdict in votes.verdicts)
    most = max(tally.values())
    level = min(n for n, count in tally.items() if count == most)  # of a tie, the lower
    share = (tally[0] / VOTES, tally[1] / VOTES, tally[2] / VOTES)
    evidence: list[Evidence] = []
    for verdict in votes.verdicts:
        for quote in verdict.quotes if verdict.level == level else []:
            where = place(quote, text)
            if where and all(where[1] <= e.start or where[0] >= e.end for e in evidence):
                evidence.append(Evidence(*where, text[slice(*where)]))
    return CriterionScore(
        criterion.id,
        criterion.name,
        level,
        tally[level] / VOTES,
        share,
        tuple(sorted(evidence, key=lambda e: e.start)[:3]),
        f"{criterion.name}, a level up: {criterion.levels[level + 1]}" if level < 2 else "",
        tally[level] == VOTES and not flagged,
    )


def estimate(answers: Iterable[tuple[Question, str]], budget: Budget) -> Estimate:
    """Return what judging answers would take, before any call is made.

    >>> from skillmap.bank import question
    >>> from skillmap.written.judge_budget import Prices
    >>> found = estimate([(question("es.q2"), "word " * 150)], Budget(1.0, Prices(1.0, 4.0)))
    >>> found.calls, 0 < found.usual < found.worst
    (15, True)
    """
    calls, usual, worst = 0, 0.0, 0.0
    for asked, text in answers:
        for criterion in asked.criteria:
            sent = "".join(m["content"] for m in messages(asked, criterion, text))
            calls += VOTES
            usual += VOTES * budget.prices.dollars(usual_tokens(sent), _USUAL_WRITTEN)
            worst += VOTES * budget.prices.dollars(most_tokens(sent), MOST_WRITTEN)
    return Estimate(calls, usual, worst, calls * _USUAL_SECONDS / _AT_ONCE)


def _load(path: Path | None) -> dict[str, Votes]:
    """Read remembered votes; a file that is none of ours is put aside by the next write."""
    if path is None or path.is_symlink() or not path.is_file():
        return {}
    try:
        return _KEPT.validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return {}


def _save(path: Path | None, kept: dict[str, Votes]) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    near = path.with_name(f".{path.name}.{os.getpid()}")
    data = {name: votes.model_dump() for name, votes in kept.items()}
    descriptor = os.open(near, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    near.replace(path)
