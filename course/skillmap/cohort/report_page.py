"""The cohort report as one HTML file without scripts, and as one long CSV."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from skillmap.cohort.page import Picture, data_uri
from skillmap.ids import ModuleId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from skillmap.cohort.report import CompetencyRow, ItemRow, Report

__all__ = ["items_figure", "render_csv", "render_report", "scores_figure"]


def render_report(report: Report, *, name: str = "", now: datetime | None = None) -> str:
    """Return the page. ``name`` is the course's; ``now`` the moment it is made."""
    moment = (now or datetime.now(UTC)).isoformat(timespec="minutes").replace("T", " ")
    html: str = _template().render(
        report=report,
        name=name,
        made=moment[:16],
        css=Markup(files("skillmap.cohort").joinpath("feedback.css").read_text(encoding="utf-8")),
        title_of={m.value: m.title for m in ModuleId},
        number=_number,
        criterion=_criterion,
        scores=_scores(report.competencies),
        spread=_spread(report.items),
    )
    return html


def render_csv(report: Report) -> str:
    """Return every figure of the report, one a line, with its table and what it is of."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["table", "module", "item", "learner", "measure", "value"])
    writer.writerows(_lines(report))
    return out.getvalue()


def _lines(report: Report) -> Iterator[tuple[str, ...]]:
    for row in report.competencies:
        values = dict(zip(("q1", "median", "q3"), row.quartiles, strict=True))
        for measure, value in {"learners": row.learners, **values, "waiting": row.waiting}.items():
            yield "competencies", row.module, "", "", measure, _number(value)
    for item in report.items:
        for measure in ("learners", "settled", "blank", "mean", "discrimination"):
            value = getattr(item, measure)
            yield "items", item.module, item.item, "", measure, _number(value, places=3)
    for lean in report.leaning:
        for measure in ("predictions", "bias", "band"):
            yield "leaning", "", "", _safe(lean.learner), measure, _number(getattr(lean, measure))
    for agreed in report.agreement:
        for measure in ("compared", "close", "difference"):
            yield "agreement", "", agreed.item, "", measure, _number(getattr(agreed, measure))
    for level in report.levels:
        name = " ".join(filter(None, (level.question, level.criterion)))
        for measure in ("compared", "same", "far", "kappa", "confidence"):
            yield "levels", "", name, "", measure, _number(getattr(level, measure), places=3)
    for name, count in report.waiting:
        yield "waiting", "", name, "", "answers", str(count)
    for seen in report.spotted:
        yield "spotted", seen.module, "", _safe(seen.learner), "says", _safe(seen.what)
    for pair in report.pairs:
        for who, other in ((pair.one, pair.other), (pair.other, pair.one)):
            yield "near copies", "", pair.item, _safe(who), f"like {other}", _number(pair.share, 2)


def _safe(value: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _number(value: float, places: int = 1) -> str:
    """Write a figure as the page has it.

    >>> _number(61.25), _number(float("nan")), _number(12)
    ('61.2', '–', '12')
    """
    if isinstance(value, int):
        return str(value)
    return "–" if math.isnan(value) else f"{value:.{places}f}"


def _criterion(question: str, criterion: str) -> str:
    """The name of a criterion as the bank has it today, or its id."""
    from skillmap.bank import question as of_bank
    from skillmap.errors import SkillMapError

    try:
        names = {c.id: c.name for c in of_bank(question).criteria}
    except SkillMapError:
        names = {}
    return names.get(criterion, criterion)


def scores_figure(rows: tuple[CompetencyRow, ...]) -> Figure:
    """Draw each learner's percent of a module as a dot, the middle half as a bar, by module."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 0.9 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for y, row in enumerate(rows):
        low, middle, high = row.quartiles
        axes.plot([low, high], [y, y], color="#9db4d0", lw=9, solid_capstyle="butt", zorder=1)
        axes.plot([middle, middle], [y - 0.26, y + 0.26], color="#1c2430", lw=2, zorder=3)
        order = sorted(row.percents)
        lift = [y + 0.16 * ((i * 7) % 5 - 2) / 2 for i in range(len(order))]
        axes.scatter(order, lift, s=12, color="#0b5394", alpha=0.55, lw=0, zorder=2)
    axes.set_yticks(range(len(rows)), [ModuleId(row.module).title for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-2, 102)
    axes.set_xlabel("percent of the module's points, what waits for a person counted as 0")
    _plain(axes)
    return figure


def items_figure(rows: tuple[ItemRow, ...]) -> Figure:
    """Draw every item by its mean share of points and its discrimination."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.axhspan(-1, 0.2, color="#f3e9d8", zorder=0)
    axes.text(1, 0.19, "sorts learners poorly", va="top", fontsize=8, color="#6b5520")
    axes.scatter(
        [row.mean for row in rows], [row.discrimination for row in rows], s=22, color="#0b5394"
    )
    for row in sorted(rows, key=lambda row: row.discrimination)[:6]:
        axes.annotate(
            row.item,
            (row.mean, row.discrimination),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=8,
        )
    axes.set_xlim(0, 102)
    axes.set_ylim(min(-0.2, *(row.discrimination for row in rows)) - 0.05, 1)
    axes.set_xlabel("mean percent of the item's points")
    axes.set_ylabel("correlation with the rest")
    _plain(axes)
    return figure


def _plain(axes: Any) -> None:
    axes.grid(axis="x", color="#e3e7ec")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False)


def _scores(rows: tuple[CompetencyRow, ...]) -> Picture | None:
    if not rows:
        return None
    told = "; ".join(
        f"{ModuleId(r.module).title}: half of {r.learners} between {r.quartiles[0]:.0f} and "
        f"{r.quartiles[2]:.0f} percent, median {r.quartiles[1]:.0f}"
        for r in rows
    )
    return Picture(data_uri(scores_figure(rows)), f"Scores by competency. {told}.")


def _spread(rows: tuple[ItemRow, ...]) -> Picture | None:
    """A picture of the items, once there are enough learners to speak of discrimination."""
    from skillmap.cohort.report import FEWEST

    known = tuple(r for r in rows if r.settled >= FEWEST and not math.isnan(r.discrimination))
    if not known:
        return None
    poor = ", ".join(r.item for r in known if r.poor) or "none"
    return Picture(
        data_uri(items_figure(known)),
        f"{len(known)} items by mean share of points and correlation with the rest of their "
        f"module. Under 0.2: {poor}.",
    )


@cache
def _template() -> Any:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("skillmap.cohort").joinpath("report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text)


def as_data(report: Report) -> dict[str, Any]:
    """Return plain data for JSON; ``nan`` becomes ``None``."""
    return {key: _jsonable(value) for key, value in asdict(report).items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, dict):
        return {k: _jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(v) for v in value]
    return value
