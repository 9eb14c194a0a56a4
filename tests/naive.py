"""Strategies that look busy and know nothing, for any lesson, by the kind of each prompt.

A course in which one of them earns half of the points measures patience and not understanding.
Each takes an item and what its learner is told, and fills in every part.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError
from skillmap.estimation import Chain
from skillmap.lessons import fill
from skillmap.lessons.numbers import parse_number

if TYPE_CHECKING:
    from skillmap.lessons.schema import Column, Item, Prompt

__all__ = ["STRATEGIES", "Strategy", "Told", "answers", "told"]

Parts = dict[str, dict[str, Any]]
_NAMED = re.compile(r"(\$?)\{([A-Za-z_][A-Za-z0-9_]*)(?::[^{}]*)?\}((?:[^{}\w]*\w+){0,5})")
_LARGEST = 1e29
_NOTHING = re.compile(
    r"\b(nothing|none|no change|unchanged|hold|keep|wait|as it is|default)\b", re.I
)


# What is on display ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """Numbers that a learner is shown beside one item, with the words around each."""

    facts: Mapping[str, Any]
    shown: tuple[tuple[float, frozenset[str]], ...]

    def like(self, unit: str) -> list[float]:
        """Return numbers whose surrounding words share most with a unit; else all of them."""
        wanted = _words(unit)
        ranked = [(len(wanted & words), value) for value, words in self.shown]
        most = max((score for score, _ in ranked), default=0)
        return [value for score, value in ranked if score == most] or [1.0]


def told(item: Item, facts: Mapping[str, Any]) -> Told:
    """Collect the numbers in an item's own texts, and after them all facts that are numbers."""
    texts = [item.question, *item.hints]
    shown: list[tuple[float, frozenset[str]]] = []
    for part in item.parts:
        prompt: Any = part.prompt
        texts += [prompt.label, prompt.help, *getattr(prompt, "options", {}).values()]
        texts += getattr(prompt, "rows", {}).values()
        for card in getattr(prompt, "shelf", {}).values():
            texts.append(card.label)
            shown += [(v, _words(card.unit)) for v in _figures(card, facts)]
    for sign, name, after in (found for text in texts for found in _NAMED.findall(text)):
        value = _number(facts.get(name))
        if value is not None:
            shown.append((value, _words(f"{sign} {after}")))
    shown += [
        (v, _words(name.replace("_", " ")))
        for name in facts
        if (v := _number(facts[name])) is not None
    ]
    return Told(facts, tuple(shown))


def _words(text: str) -> frozenset[str]:
    plain = text.casefold().replace("$", " dollars ").replace("%", " percent ")
    return frozenset(word.rstrip("s") for word in re.findall(r"[a-z]{3,}", plain))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = parse_number(value)
    except AnswerError:
        return None
    return found if math.isfinite(found) else None


def _figures(card: Any, facts: Mapping[str, Any]) -> list[float]:
    found = []
    for figure in (card.low, card.point, card.high):
        value = _number(fill(figure, facts) if isinstance(figure, str) else figure)
        if value is not None:
            found.append(value)
    return found


# Strategies -----------------------------------------------------------------------------------

Pick = Callable[[Mapping[str, str], int, random.Random], list[str]]
Size = Callable[[list[float], Any, random.Random], float]


def _first(options: Mapping[str, str], n: int, _: random.Random) -> list[str]:
    return list(options)[:n]


def _last(options: Mapping[str, str], n: int, _: random.Random) -> list[str]:
    return list(options)[-n:]


def _middle(options: Mapping[str, str], n: int, _: random.Random) -> list[str]:
    start = max(0, (len(options) - n + 1) // 2)
    return list(options)[start : start + n]


def _nothing(options: Mapping[str, str], n: int, _: random.Random) -> list[str]:
    dull = [k for k, text in options.items() if _NOTHING.search(k.replace("-", " ") + " " + text)]
    return [*dull, *(k for k in options if k not in dull)][:n]


def _any(options: Mapping[str, str], n: int, rng: random.Random) -> list[str]:
    return rng.sample(list(options), min(n, len(options)))


def _copied(shown: list[float], _: Any, __: random.Random) -> float:
    return shown[0]


def _smallest(shown: list[float], _: Any, __: random.Random) -> float:
    return min((v for v in shown if v > 0), default=0.0)


def _between(shown: list[float], prompt: Any, _: random.Random) -> float:
    low, high = getattr(prompt, "lowest", None), getattr(prompt, "highest", None)
    if low is not None and high is not None:
        return float((low + high) / 2)
    return sorted(shown)[len(shown) // 2]


def _zero(_: list[float], __: Any, ___: random.Random) -> float:
    return 0.0


def _some(shown: list[float], _: Any, rng: random.Random) -> float:
    return rng.choice(shown)


@dataclass(frozen=True)
class Strategy:
    """How options are picked, how a number is found, and how wide a range goes around it."""

    name: str
    pick: Pick = _middle
    size: Size = _copied
    spread: float = 3.0
    cards: str = "first"
    """Factors of a chain: the ``first`` card, ``all`` cards, or ``some`` of them."""
    factor_spread: float = 1.5
    units: bool = True
    """Without units a chain of anything has a value, and the range can agree with it."""
    everything: bool = False
    even: bool = False
    """Whether percentages over causes are spread evenly, and not put on one."""


STRATEGIES: tuple[Strategy, ...] = (
    Strategy("always the first option", _first),
    Strategy("always the middle", _middle, _between, cards="all"),
    Strategy("always the last option", _last),
    Strategy("nothing is wrong", _nothing),
    Strategy("the smallest number", _first, _smallest),
    Strategy("copy a displayed number", _middle, _copied, spread=2.0),
    Strategy("zero", _first, _zero),
    Strategy("the widest range", _middle, _copied, spread=1e7, even=True),
    Strategy("select everything", _first, cards="all", units=False, everything=True, even=True),
    Strategy("a thousandfold spread", _last, _copied, 31.6, "all", 31.6, units=False),
    Strategy("at random", _any, _some, spread=4.0, cards="some"),
)

_SAID = {
    "decision": "We go with the first plan.",
    "rejected": "The other plan, for now.",
    "number": "10 percent",
    "trigger": "If it gets worse by 10 percent or more.",
    "owner": "The product manager",
    "review": "In two weeks, on day 14",
}
_BLUFF = "It depends on many things, and at 10 percent more I would look at the data first."


def answers(strategy: Strategy, item: Item, known: Told, world: int) -> Parts:
    """Fill in every part of an item; a range or a bill goes with the chain, if it has a value."""
    rng = random.Random(f"{strategy.name}/{item.id}/{world}")
    found = {part.id: _answer(strategy, part.id, part.prompt, known, rng) for part in item.parts}
    if strategy.cards == "first":
        return found
    by_name = {part.id.rsplit(".", 1)[-1]: part for part in item.parts}
    chain = by_name.get("chain")
    if chain is None or chain.prompt.kind != "chain":
        return found
    try:
        point = Chain.from_answer(found[chain.id]["value"], unit=chain.prompt.unit).point()
    except AnswerError:
        return found
    for part in (by_name[name] for name in ("range", "bill") if name in by_name):
        if part.prompt.kind == "range":
            found[part.id]["value"] = _around(strategy, part.prompt, point)
        elif part.prompt.kind == "number":
            found[part.id]["value"] = _bounded(point, part.prompt)
    return found


def _answer(
    strategy: Strategy, part: str, prompt: Prompt, known: Told, rng: random.Random
) -> dict[str, Any]:
    unit = getattr(prompt, "unit", "") or None
    value: Any
    if prompt.kind == "number":
        value = _bounded(strategy.size(known.like(prompt.unit), prompt, rng), prompt)
    elif prompt.kind == "range":
        value = _range(strategy, prompt, known, rng)
    elif prompt.kind == "choice":
        value = strategy.pick(prompt.options, 1, rng)[0]
    elif prompt.kind == "choices":
        n = prompt.pick or (len(prompt.options) if strategy.everything else _some_of(prompt, rng))
        value = sorted(strategy.pick(prompt.options, n, rng))
    elif prompt.kind == "ranking":
        value = _order(strategy, prompt.options, rng)
    elif prompt.kind == "table":
        value = _table(strategy, prompt, known, rng)
    elif prompt.kind == "chain":
        value = _chain(strategy, prompt, known, rng)
    else:
        value = _SAID.get(part.rsplit(".", 1)[-1], _BLUFF)
    return {"value": value, "unit": unit}


def _some_of(prompt: Any, rng: random.Random) -> int:
    """How many options a guesser ticks where it is free: about half."""
    return max(1, len(prompt.options) // 2)


def _order(strategy: Strategy, options: Mapping[str, str], rng: random.Random) -> list[str]:
    if strategy.pick is _last:
        return list(options)[::-1]
    if strategy.pick is _first:
        return list(options)
    return strategy.pick(options, len(options), rng)


def _bounded(value: float, prompt: Any) -> float:
    low, high = getattr(prompt, "lowest", None), getattr(prompt, "highest", None)
    value = max(-_LARGEST, min(value, _LARGEST))
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


def _range(strategy: Strategy, prompt: Any, known: Told, rng: random.Random) -> dict[str, float]:
    return _around(strategy, prompt, strategy.size(known.like(prompt.unit), prompt, rng))


def _around(strategy: Strategy, prompt: Any, point: float) -> dict[str, float]:
    """A range around a point, inside what the prompt allows."""
    point = _bounded(point, prompt)
    ends = sorted((point / strategy.spread, point * strategy.spread))
    value = {"low": _bounded(ends[0], prompt), "high": _bounded(ends[1], prompt)}
    return value | {"point": point} if prompt.point else value


def _table(
    strategy: Strategy, prompt: Any, known: Told, rng: random.Random
) -> list[dict[str, Any]]:
    names = list(prompt.rows) or [""] * min(3, prompt.most)
    numbers = [column for column in prompt.columns if column.kind == "number"]
    chances = [c.name for c in numbers if c.name == "p" and c.unit == "%" and prompt.rows]
    beliefs = _beliefs(strategy, prompt.rows, rng) if chances else {}
    rows = []
    for name in names:
        row: dict[str, Any] = {"row": name} if name else {}
        for column in prompt.columns:
            if column.name in chances:
                row[column.name] = beliefs[name]
            else:
                row[column.name] = _cell(strategy, column, known, rng)
        rows.append(row)
    return rows


def _beliefs(strategy: Strategy, rows: Mapping[str, str], rng: random.Random) -> dict[str, float]:
    if strategy.size is _zero:
        return dict.fromkeys(rows, 0.0)
    if strategy.even:
        return dict.fromkeys(rows, 100 / len(rows))
    return dict.fromkeys(rows, 0.0) | {strategy.pick(rows, 1, rng)[0]: 100.0}


def _cell(strategy: Strategy, column: Column, known: Told, rng: random.Random) -> Any:
    if column.kind == "number":
        return strategy.size(known.like(column.unit), column, rng)
    if column.kind == "choice":
        return strategy.pick(column.options, 1, rng)[0]
    return _BLUFF


def _chain(strategy: Strategy, prompt: Any, known: Told, rng: random.Random) -> dict[str, Any]:
    shelf = dict(prompt.shelf)
    if strategy.cards == "first":
        shelf = dict(list(shelf.items())[:1])
    elif strategy.cards == "some" and len(shelf) > 1:
        shelf = {name: shelf[name] for name in rng.sample(list(shelf), len(shelf) // 2)}
    factors = []
    for name, card in (shelf or {"all of it": None}).items():
        unit = card.unit if card is not None else prompt.unit
        own = _figures(card, known.facts) if card is not None else []
        point = own[len(own) // 2] if own else strategy.size(known.like(unit), prompt, rng)
        ends = sorted((point / strategy.factor_spread, point * strategy.factor_spread))
        row = {"name": name, "low": ends[0], "point": point, "high": ends[1]}
        factors.append({**row, "unit": unit if strategy.units else "", "op": "*"})
    return {"factors": factors}
