"""The feedback page: one file, no script, nothing fetched, readable on a phone and on paper."""

from __future__ import annotations

import base64
import io
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from skillmap.cohort.prose import inert_html
from skillmap.cohort.review_write import READ
from skillmap.grading.feedback import Feedback, Outcome
from skillmap.lessons import lesson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from skillmap.cohort.result import SubmissionResult

__all__ = ["data_uri", "points", "prediction_figure", "render_page"]

_SIGNS = {
    Outcome.MET: "✓",
    Outcome.PARTLY: "◐",
    Outcome.NOT_YET: "✗",
    Outcome.BLANK: "–",
    Outcome.NEEDS_REVIEW: "…",
}
_FEWEST_FOR_BIAS = 8
"""Predictions needed before a lean is spoken of (curriculum, self-assessment)."""


class Picture(NamedTuple):
    """A static image for the page: ``src`` is a data URI, ``alt`` says what it shows."""

    src: str
    alt: str
    caption: str = ""


def points(value: float) -> str:
    """Write points as a person would.

    >>> points(7.0), points(6.25), points(6.3333)
    ('7', '6.25', '6.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def render_page(result: SubmissionResult) -> str:
    """Return the whole page for one graded submission as HTML.

    What is shown of the key depends on ``result.closed``: references and worked answers appear
    only once the item is closed for everyone. A person's score and comment stand above ours.
    """
    rows = [_row(feedback, result) for feedback in result.feedbacks]
    waiting = [row for row in rows if row["waiting"]]
    html: str = _template().render(
        result=result,
        title=lesson(result.module).title,
        css=Markup(_asset("feedback.css")),
        graded=result.graded_at[:16].replace("T", " ") if result.graded_at else "",
        total=result.total,
        waiting=waiting,
        waiting_points=sum(row["maximum"] for row in waiting),
        first=_start_here(rows),
        rows=rows,
        calibration=_calibration(rows),
        points=points,
    )
    return html


def _row(feedback: Feedback, result: SubmissionResult) -> dict[str, Any]:
    item = lesson(result.module).item(feedback.item)
    manual = result.manual_scores.get(str(feedback.item))
    waiting = feedback.item in result.waiting
    earned = result.earned(feedback.item)
    outcome = feedback.outcome
    if manual is not None:
        full = manual >= feedback.maximum
        outcome = Outcome.MET if full else Outcome.PARTLY if manual > 0 else Outcome.NOT_YET
    comment = result.manual_comments.get(str(feedback.item), "")
    settled = manual is not None and feedback.outcome is Outcome.NEEDS_REVIEW
    read = settled and READ in comment  # its levels stand in the place of the proposed ones
    return {
        "item": str(feedback.item),
        "anchor": str(feedback.item).replace(".", "-"),
        "title": item.title,
        "outcome": outcome.value,
        "css": outcome.value.replace(" ", "-"),
        "sign": _SIGNS[outcome],
        "points": earned,
        "maximum": feedback.maximum,
        "percent": 100 * earned / feedback.maximum if feedback.maximum else 0.0,
        "predicted": feedback.predicted,
        "waiting": waiting,
        "comment": inert_html(comment) if comment else "",
        "looked_for": item.looked_for,
        "criteria": [
            {
                "name": c.name[:1].upper() + c.name[1:],
                "outcome": c.outcome.value,
                "css": c.outcome.value.replace(" ", "-"),
                "sign": _SIGNS[c.outcome],
                "points": c.points,
                "maximum": c.maximum,
                "seen": c.seen,
                "looked_for": c.looked_for,
                "advice": c.advice,
                "key": c.key if result.closed else "",
            }
            for c in feedback.criteria
            if not (read and c.outcome is Outcome.NEEDS_REVIEW)
        ],
        "text": str(feedback.measures.get("text", "")),
        "evidence": () if read else feedback.evidence,
        "advice": "" if settled else feedback.advice,
        "worked": inert_html(feedback.worked, mathematics=True)
        if feedback.worked and result.closed
        else "",
        "figure": _item_figure(feedback, closed=result.closed),
    }


def _start_here(rows: Sequence[dict[str, Any]], most: int = 3) -> list[tuple[str, str, str]]:
    """The items where the most points were left, with the advice that goes with each."""
    open_rows = [r for r in rows if not r["waiting"] and r["points"] < r["maximum"]]
    open_rows.sort(key=lambda r: r["points"] - r["maximum"])
    chosen = []
    for row in open_rows:
        advice = row["advice"] or next((c["advice"] for c in row["criteria"] if c["advice"]), "")
        if advice:
            chosen.append((row["title"], row["anchor"], advice))
    return chosen[:most]


def _calibration(rows: Sequence[dict[str, Any]]) -> Picture | None:
    judged = [r for r in rows if r["predicted"] is not None and not r["waiting"]]
    if not judged:
        return None
    labels = [r["title"] for r in judged]
    predicted = [float(r["predicted"]) for r in judged]
    actual = [float(r["percent"]) for r in judged]
    pairs = "; ".join(
        f"{label}: predicted {p:.0f}%, got {a:.0f}%"
        for label, p, a in zip(labels, predicted, actual, strict=True)
    )
    return Picture(
        data_uri(prediction_figure(labels, predicted, actual)),
        f"Predicted and actual score of each item. {pairs}.",
        _lean(predicted, actual),
    )


def _lean(predicted: Sequence[float], actual: Sequence[float]) -> str:
    """One sentence on over- or under-confidence, and only when the evidence carries it."""
    n = len(predicted)
    gaps = [p - a for p, a in zip(predicted, actual, strict=True)]
    bias = sum(gaps) / n
    if n < _FEWEST_FOR_BIAS:
        return f"Predicted and actual, {n} items: not enough evidence yet to call a lean."
    spread = (sum((g - bias) ** 2 for g in gaps) / (n - 1)) ** 0.5
    error = spread / n**0.5
    if abs(bias) <= 1.64 * error:
        return f"Predicted and actual, {n} items: not enough evidence to call a lean."
    word, advice = (
        ("over", "Widen your ranges and test before you claim.")
        if bias > 0
        else ("under", "Claim what you can do, and practice saying the number first.")
    )
    band = f"{abs(bias):.0f} ± {1.64 * error:.0f}"
    return f"Your predictions are {word} by {band} on {n} items. {advice}"


def prediction_figure(
    labels: Sequence[str], predicted: Sequence[float], actual: Sequence[float]
) -> Figure:
    """Draw one line an item from the predicted score (ring) to the actual one (dot), in percent."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 0.7 + 0.38 * len(labels)), layout="constrained")
    axes = figure.subplots()
    rows = range(len(labels))
    for y, p, a in zip(rows, predicted, actual, strict=True):
        axes.plot([p, a], [y, y], color="#8a94a3", lw=1.6, zorder=1)
    axes.scatter(
        predicted, rows, s=52, facecolors="white", edgecolors="#1c2430", lw=1.6, label="predicted"
    )
    axes.scatter(actual, rows, s=52, color="#0b5394", label="result", zorder=3)
    axes.set_yticks(list(rows), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(-3, 103)
    axes.set_xlabel("percent of the item's points")
    axes.grid(axis="x", color="#e3e7ec")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    return figure


def data_uri(figure: Figure) -> str:
    """Return a figure as SVG in a data URI; the same figure gives the same bytes."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "skillmap"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()


def _item_figure(feedback: Feedback, *, closed: bool) -> Picture | None:
    """A picture of a range or a ladder; the truth is drawn only in a closed item."""
    from skillmap import estimation_figures as figures

    found = feedback.measures
    rows = [r for r in found.get("intervals", ()) if r.get("low") is not None]
    if rows:
        names = [str(row["name"]) for row in rows]
        ranges = [(float(row["low"]), float(row["high"])) for row in rows]
        truths = [float(row["reference"]) for row in rows] if closed else None
        return Picture(
            data_uri(figures.ladder_figure(ranges, truths, names=names)),
            figures.ladder_alt_text(ranges, truths, names=names),
        )
    low, high = found.get("low"), found.get("high")
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None  # an item may have parts of these names, with measures of their own
    extra: dict[str, Any] = {
        "point": found.get("point"),
        "reference": found.get("reference") if closed else None,
        "unit": found.get("unit", ""),
    }
    return Picture(
        data_uri(figures.interval_figure(low, high, **extra)),
        figures.interval_alt_text(low, high, **extra),
    )


def _asset(name: str) -> str:
    return files("skillmap.cohort").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    env = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return env.from_string(_asset("feedback.html.j2"))
