"""Grader ``chain``: a chain from given numbers, rule EC; and what chains share with estimates."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skillmap.errors import AnswerError
from skillmap.estimation import Chain, format_number
from skillmap.grading import rules
from skillmap.grading.pieces import (
    Graded,
    Piece,
    Reading,
    blank,
    find_part,
    judged,
    read,
    refused,
    slip_advice,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from skillmap.answers import Answer
    from skillmap.grading.keys import ChainKey, EstimateKey
    from skillmap.lessons.schema import Item

__all__ = ["Built", "Sketch", "accepted_drivers", "grade", "sketch"]

WEIGHTS = {"factors": 4.0, "arithmetic": 2.0, "value": 4.0, "drivers": 2.0}
LOOKED_FOR = {
    "factors": "Every factor that the result needs, and none that does not belong.",
    "arithmetic": "The number you state is what your chain gives, within 2 percent.",
    "value": "The chain comes to the right result, within 2 percent.",
    "drivers": "The factors whose bars in the tornado are the widest.",
}


@dataclass(frozen=True, slots=True)
class Built:
    """A learner's chain as far as it could be built."""

    reading: Reading
    chain: Chain | None = None
    names: frozenset[str] = frozenset()
    strangers: tuple[str, ...] = ()
    computed: float | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sketch:
    """Answers of an item about a chain, read once, with the words for each component."""

    item: Item
    key: ChainKey | EstimateKey
    reference: Mapping[str, Any]
    weights: Mapping[str, float]
    built: Built
    unit: str
    stated: float | None
    labels: Mapping[str, str]

    def words(self, component: str, general: str) -> str:
        """The author's advice for a component, or the general one."""
        return self.key.advice.get(component, general)

    def wanted(self, component: str) -> str:
        """What was looked for in a component."""
        return self.key.looked_for.get(component, LOOKED_FOR.get(component, ""))

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """Groups of factors; one of each has to be in the chain."""
        if self.key.required:
            return tuple((g,) if isinstance(g, str) else g for g in self.key.required)
        chain = self.reference.get("chain")
        return tuple((name,) for name in chain.names) if isinstance(chain, Chain) else ()


def grade(item: Item, key: ChainKey, answers: Mapping[str, Answer], reference: Any) -> Graded:
    """Factors, own arithmetic, result and drivers of a chain from given numbers.

    Parts: ``chain``, ``bill`` (the stated result; ``parts: {arithmetic: …}`` renames it) and
    ``drivers``. The stated result is compared with the learner's own chain, the chain with the
    reference.
    """
    weights = WEIGHTS | key.weights
    bill = read(find_part(item, key.parts.get("arithmetic", "bill")), answers)
    stated = float(bill.value) if bill.given else None
    seen = sketch(item, key, answers, reference, weights=weights, stated=stated)
    pieces = [
        factors_piece(seen),
        arithmetic_piece(seen, bill),
        _value_piece(seen),
        drivers_piece(seen, answers),
    ]
    return Graded(tuple(p for p in pieces if p.weight), measures(seen))


def sketch(
    item: Item,
    key: ChainKey | EstimateKey,
    answers: Mapping[str, Answer],
    reference: Any,
    *,
    weights: Mapping[str, float],
    stated: float | None,
) -> Sketch:
    """Read the chain once."""
    part = find_part(item, key.parts.get("chain", "chain"))
    unit = str(getattr(part.prompt, "unit", "")) if part else ""
    reading = read(part, answers)
    shelf = {k: card.label for k, card in getattr(part.prompt, "shelf", {}).items()} if part else {}
    built = Built(reading)
    if part is not None and reading.given:
        chain = Chain.from_answer(reading.value, unit=unit)
        found = {name: recognize(name, shelf, key.aliases) for name in chain.names}
        strangers = tuple(name for name, known in found.items() if known is None)
        names = frozenset(known or name for name, known in found.items())
        chain = _renamed(chain, {name: known or name for name, known in found.items()})
        try:
            computed, fault = chain.point(), ""
        except AnswerError as error:
            computed, fault = None, chain.unit_fault() or str(error)
        built = Built(reading, chain, names, strangers, computed, fault)
    return Sketch(item, key, reference, weights, built, unit, stated, shelf)


def recognize(
    name: str, shelf: Mapping[str, str], aliases: Mapping[str, Sequence[str]]
) -> str | None:
    """Return the shelf key that a factor's name means, or ``None``.

    >>> recognize("Trips that get a note", {"trips": "Trips that get notes"}, {})
    'trips'
    """
    known: dict[str, str] = {}
    for key, label in shelf.items():
        known[_plain(key)] = known[_plain(label)] = key
    for key, others in aliases.items():
        known |= {_plain(other): key for other in (key, *others)}
    plain = _plain(name)
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.85)
    return known[near[0]] if near else None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _renamed(chain: Chain, names: Mapping[str, str]) -> Chain:
    factors = tuple(replace(f, name=names.get(f.name, f.name)) for f in chain.factors)
    return Chain(factors, chain.asked)


def factors_piece(seen: Sketch) -> Piece:
    """Required factors present, decoys absent."""
    built, weight = seen.built, seen.weights["factors"]
    secret = "; ".join(
        " or ".join(seen.labels.get(name, name) for name in group) for group in seen.required
    )
    if built.chain is None:
        return refused("factors", weight, built.reading, seen.wanted("factors"), secret)
    share = rules.factors_share(built.names, seen.required, seen.key.decoys)
    found = sum(bool(set(group) & built.names) for group in seen.required)
    decoys = len(built.names & set(seen.key.decoys))
    advice = []
    if found < len(seen.required):
        advice.append(
            f"{found} of {len(seen.required)} factors are there. Read the chain aloud with its "
            "units and ask what has not been counted."
        )
    if decoys:
        which = "One card does" if decoys == 1 else f"{decoys} cards do"
        advice.append(f"{which} not belong: would the result change if it did?")
    if built.strangers and found < len(seen.required):
        names = ", ".join(built.strangers[:3])
        advice.append(f"Not recognized: {names}. Use the names on the shelf where they fit.")
    return judged(
        "factors",
        weight,
        share,
        seen=_spoken(built.chain, seen.labels),
        looked_for=seen.wanted("factors"),
        advice=seen.words("factors", " ".join(advice)),
        key=secret,
    )


def _spoken(chain: Chain | None, labels: Mapping[str, str]) -> str:
    """Write a chain with the names that the learner saw, without the numbers on the cards."""
    if chain is None:
        return ""
    signs = {"*": " × ", "/": " ÷ ", "+": " + ", "-": " − "}
    text = ""
    for factor in chain.factors:
        name = labels.get(factor.name, factor.name).split(":")[0].split(",")[0]
        text += (signs[factor.op] if text else "") + name
    return text if len(text) <= 400 else text[:399] + "…"


def arithmetic_piece(seen: Sketch, stated: Reading) -> Piece:
    """The stated number follows from the learner's own chain."""
    built, weight, wanted = seen.built, seen.weights["arithmetic"], seen.wanted("arithmetic")
    if built.chain is None:
        return refused("arithmetic", weight, built.reading, wanted)
    if built.computed is None:
        return judged(
            "arithmetic", weight, 0.0, seen="the units of the chain do not add up",
            looked_for=wanted, advice=built.fault,
        )  # fmt: skip
    if seen.stated is None:
        return refused("arithmetic", weight, stated, wanted)
    share = rules.arithmetic_share(built.computed, seen.stated)
    advice = slip_advice(rules.slip(seen.stated, built.computed)) or (
        "Your number and your chain differ: find the step where they part."
    )
    if built.chain.unitless:
        advice += " Give each factor its unit; then a missing step shows itself."
    return judged(
        "arithmetic",
        weight,
        share,
        seen=f"the chain gives {told(built.computed, seen.unit)}, "
        f"you state {told(seen.stated, seen.unit)}",
        looked_for=wanted,
        advice=seen.words("arithmetic", advice),
    )


def _value_piece(seen: Sketch) -> Piece:
    built, weight, wanted = seen.built, seen.weights["value"], seen.wanted("value")
    value = float(seen.reference["value"])
    secret = told(value, seen.unit)
    if built.chain is None:
        return refused("value", weight, built.reading, wanted, secret)
    if built.computed is None:
        return judged(
            "value",
            weight,
            0.0,
            seen="no result",
            looked_for=wanted,
            advice=built.fault,
            key=secret,
        )
    share = rules.ec(built.computed, value).share
    advice = slip_advice(rules.slip(built.computed, value)) if not share else ""
    return judged(
        "value",
        weight,
        share,
        seen=told(built.computed, seen.unit),
        looked_for=wanted,
        advice=seen.words(
            "value", advice or "Check each card's number and its unit, prefixes included."
        ),
        key=secret,
    )


def drivers_piece(seen: Sketch, answers: Mapping[str, Answer]) -> Piece:
    """The factors that move the result most: in the learner's own chain or in the reference."""
    part = find_part(seen.item, seen.key.parts.get("drivers", "drivers"))
    weight, wanted = seen.weights["drivers"], seen.wanted("drivers")
    if part is None:
        return blank("drivers", 0.0)
    reading = read(part, answers)
    options = getattr(part.prompt, "options", {})
    right = accepted_drivers(seen, options)
    secret = ", ".join(options.get(name, name) for name in sorted(right[0]))
    if not reading.given:
        return refused("drivers", weight, reading, wanted, secret)
    share = rules.drivers_share(reading.value, right[0] | right[1], seen.key.naming)
    return judged(
        "drivers",
        weight,
        share,
        seen=", ".join(options.get(name, name) for name in reading.value),
        looked_for=wanted,
        advice=seen.words(
            "drivers",
            "Draw your tornado. A factor matters if much of the result runs through it and its "
            "own range is wide.",
        ),
        key=secret,
    )


def accepted_drivers(
    seen: Sketch, options: Collection[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Drivers by the reference, and by the learner's own chain if that has all its factors.

    Factors whose bar is within a tenth of the last one that counts are accepted too.
    """
    chain = seen.reference.get("chain")
    by_reference = set(seen.reference.get("drivers", ()))
    if isinstance(chain, Chain):
        by_reference |= _top(chain, seen.key, options)
    own: set[str] = set()
    built = seen.built
    complete = rules.factors_share(built.names, seen.required, seen.key.decoys) >= 1
    if complete and built.chain is not None and built.computed is not None:
        own = _top(built.chain, seen.key, options)
    return frozenset(by_reference), frozenset(own)


def _top(chain: Chain, key: ChainKey | EstimateKey, options: Collection[str]) -> set[str]:
    try:
        swings = {swing.name: swing for swing in chain.tornado()}
    except AnswerError:
        return set()
    by_swing = key.drivers_by == "swing"
    size = {
        name: swing.width if by_swing else abs(swing.elasticity) for name, swing in swings.items()
    }
    groups = {option: key.drivers.get(option, (option,)) for option in options} or {
        name: (name,) for name in size
    }
    strength = {
        option: max((size[name] for name in names if name in size), default=0.0)
        for option, names in groups.items()
    }
    ranked = sorted(strength.values(), reverse=True)
    if not ranked or ranked[0] <= 0:
        return set()
    bar = 0.9 * ranked[min(key.naming, len(ranked)) - 1]
    return {option for option, value in strength.items() if value > 0 and value >= bar}


def measures(seen: Sketch) -> dict[str, Any]:
    """Numbers for plots: the learner's result and tornado, and the reference."""
    found: dict[str, Any] = {"unit": seen.unit, "reference": float(seen.reference["value"])}
    if seen.stated is not None:
        found["point"] = seen.stated
    if seen.built.chain is not None and seen.built.computed is not None:
        found["computed"] = seen.built.computed
        with suppress(AnswerError):
            found["tornado"] = [
                {
                    "name": swing.name,
                    "at_low": swing.at_low,
                    "at_high": swing.at_high,
                    "label": f"{format_number(swing.low)} to {format_number(swing.high)}",
                }
                for swing in seen.built.chain.tornado()
            ]
    return found
