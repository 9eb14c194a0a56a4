"""Grader ``interval-set``: ranges for several quantities, rule G6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.grading import rules
from skillmap.grading.pieces import Graded, blank, find_part, judged, read, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.answers import Answer
    from skillmap.grading.keys import IntervalSetKey
    from skillmap.lessons.schema import Item

__all__ = ["grade"]

WEIGHTS = {"complete": 2.0, "coverage": 5.0, "interval score": 3.0}
_CEILING = 10.0
_LOOKED_FOR = {
    "complete": "A range for each quantity, low below high.",
    "coverage": "About as many ranges that hold the truth as their level promises.",
    "interval score": "Ranges no wider than they have to be.",
}


def grade(
    item: Item, key: IntervalSetKey, answers: Mapping[str, Answer], reference: Mapping[str, float]
) -> Graded:
    """Completeness, coverage with its Wilson band, and the interval score.

    A missing range counts as one that missed. ``measures["intervals"]`` has a row for each
    quantity for the ladder figure.
    """
    wanted = {**_LOOKED_FOR, **key.looked_for}
    weights = (WEIGHTS if key.mode == "scored" else {"complete": 1.0}) | key.weights
    rows, problems = [], []
    for part_id, truth in reference.items():
        part = find_part(item, part_id)
        reading = read(part, answers)
        if reading.problem:
            problems.append(reading.problem)
        if part is not None and reading.given:
            rows.append(_row(part.id, part.prompt, reading.value, float(truth), key.level))
    secret = "; ".join(_secret(item, part_id, truth) for part_id, truth in reference.items())
    if not rows and not problems:
        pieces = [blank(n, w, wanted.get(n, ""), secret) for n, w in weights.items() if w]
        return Graded(tuple(pieces))
    n = len(reference)
    missing = n - len(rows)
    done = judged(
        "complete",
        weights["complete"],
        len(rows) / n,
        seen=f"{len(rows)} of {n} ranges",
        looked_for=wanted["complete"],
        advice=problems[0] if problems else key.advice.get("complete", _missing(missing)),
        key=secret if key.mode == "complete" else "",
    )
    found = rules.forecasts(
        [(row["low"], row["high"]) for row in rows] + [(0.0, 0.0)] * missing,
        [row["reference"] for row in rows] + [1.0] * missing,
        key.level,
        _CEILING,
    )
    cover = found.coverage
    band = f"{100 * cover.low:.0f} to {100 * cover.high:.0f} percent"
    evidence = (
        f"{cover.hits} of {n} ranges held the truth ({100 * cover.share:.0f} percent; so few "
        f"ranges fit anything from {band}).",
        f"Mean interval score {found.mean_score:.2f} times the truth; smaller is better.",
    )
    measures: dict[str, Any] = {
        "intervals": rows,
        "hits": cover.hits,
        "n": n,
        "level": key.level,
        "band": [cover.low, cover.high],
        "mean_score": found.mean_score,
    }
    pieces = [done]
    if key.mode == "scored":
        ruling = rules.g6(found, sharp=key.sharp, loose=key.loose)
        pieces += [
            judged(
                "coverage",
                weights["coverage"],
                ruling["coverage"],
                seen=f"{cover.hits} of {n} held the truth",
                looked_for=wanted["coverage"],
                advice=key.advice.get(
                    "coverage",
                    "Your ranges are too narrow. For each ask what would make you wrong, and "
                    "widen until you would take either side of a four-to-one bet.",
                ),
                key=secret,
            ),
            judged(
                "interval score",
                weights["interval score"],
                ruling["interval score"],
                seen=f"mean score {found.mean_score:.2f} times the truth",
                looked_for=wanted["interval score"],
                advice=key.advice.get("interval score", _width_advice(rows, cover.hits, n)),
            ),
        ]
    return Graded(tuple(p for p in pieces if p.weight), measures, evidence)


def _row(
    part_id: str, prompt: Any, value: Mapping[str, float], truth: float, level: float
) -> dict[str, Any]:
    low, high = float(value["low"]), float(value["high"])
    found = rules.forecasts([(low, high)], [truth], level, _CEILING)
    return {
        "part": part_id,
        "name": str(prompt.label),
        "unit": str(getattr(prompt, "unit", "")),
        "low": low,
        "high": high,
        "reference": truth,
        "held": found.held[0],
        "score": found.scores[0],
    }


def _secret(item: Item, part_id: str, truth: float) -> str:
    part = find_part(item, part_id)
    unit = getattr(part.prompt, "unit", "") if part else ""
    label = part.prompt.label if part else part_id
    return f"{label}: {told(float(truth), unit)}"


def _missing(n: int) -> str:
    return f"{n} range{' is' if n == 1 else 's are'} missing; a wide one earns more than none."


def _width_advice(rows: list[dict[str, Any]], hits: int, n: int) -> str:
    wide = sum(row["low"] <= 0 or row["high"] / row["low"] > 10 for row in rows)
    if wide > n / 4:
        return f"{wide} of your ranges span more than ten times. Break the quantity into factors."
    if hits < 0.6 * n:
        return "Misses cost five times their distance from the truth for each side: widen first."
    return "Most hold; look for the widest ones and ask which memo would narrow them."
