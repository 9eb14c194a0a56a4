"""What this lesson shows: ten traces, the bench, replays, the tracing bench, versions, streams."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING, Any

from skillmap.lessons.exhibits import PICTURES, Card, Grid, Picture, html_text
from skillmap.lessons.technical_depth.bench import (
    CHUNKS,
    DAY_ZERO_SETUP,
    GROUPS,
    WHOLE,
    Setup,
    Trace,
    measure,
    setup_of,
    trace,
)
from skillmap.lessons.technical_depth.case import case
from skillmap.lessons.technical_depth.replays import RUNS, plan_of, sample
from skillmap.lessons.technical_depth.streams import (
    KINDS,
    PROGRESS,
    WAYS,
    exposed,
    kinds,
    left_of,
    log,
)
from skillmap.lessons.technical_depth.ten import ten
from skillmap.lessons.technical_depth.versions import FROZEN, NAMES, behaviors

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

__all__ = ["Pages", "Rows", "Traces", "bench_view", "heat", "replay_rows", "streams_view",
           "ten_grid", "traces_view", "versions_grid"]  # fmt: skip

METHODS = {"bm25": "words", "vectors": "vectors", "fusion": "both fused"}


class Pages:
    """Several exhibits one under the other."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __repr__(self) -> str:
        return "\n\n".join(str(part) for part in self.parts)

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self.parts)


class Rows:
    """A grid of the first rows, and all of them as a data frame under ``frame``."""

    def __init__(self, grid: Grid, frame: DataFrame) -> None:
        self.grid, self.frame = grid, frame

    def __repr__(self) -> str:
        return str(self.grid)

    def _repr_html_(self) -> str:
        return self.grid._repr_html_()


class Traces:
    """Questions one can open: the words, the passages found, the evidence, what was said.

    Each trace is a ``details`` element: it opens by keyboard and is read in order.
    """

    def __init__(self, title: str, traces: tuple[tuple[str, Trace, str], ...]) -> None:
        self.title, self.traces = title, traces

    def __repr__(self) -> str:
        lines = [self.title]
        for name, t, outcome in self.traces:
            lines.append(f"  {name}: {t.question}" + (f" ({outcome})" if outcome else ""))
            lines += [f"    {p.rank}. {p.title} ({p.holds})" for p in t.passages]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if os.environ.get(PICTURES) == "words":
            return f"<pre>{html_text(self)}</pre>"
        return f"<p>{html_text(self.title)}</p>" + "".join(_details(*t) for t in self.traces)


_HOLDS = {
    "yes": "holds the evidence, in force",
    "outdated": "an outdated version",
    "no": "does not hold the evidence",
}


def _details(name: str, t: Trace, outcome: str) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{p.rank}</th><td style='text-align:left'><b>{html_text(p.title)}</b>"
        f"<br>{html_text(p.text[:240])} …"
        + "".join(f"<br><mark>{html_text(text)}</mark>" for text in p.sentences)
        + f"</td><td style='text-align:left'>{p.since:%b %d, %Y}</td>"
        f"<td style='text-align:left'>{_HOLDS[p.holds]}</td></tr>"
        for p in t.passages
    )
    needed = "".join(
        f"<li><i>{html_text(title)}</i>: {html_text(text)}</li>" for title, text in t.evidence
    )
    said = f"<p>{html_text(outcome)}</p>" if outcome else ""
    head = "".join(
        f"<th scope='col' style='text-align:left'>{title}</th>"
        for title in ("Rank", "Passage", "In force from", "Evidence")
    )
    return (
        f"<details><summary>{escape(name)}: “{html_text(t.question)}”</summary>"
        f"<table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table><p>Needed:</p><ul>{needed}</ul>{said}</details>"
    )


def ten_grid(world: int) -> Pages:
    """Return the ten traces with the rank of the evidence, and the traces to open.

    >>> len(ten_grid(10).parts[0].rows)
    10
    """
    rows = [
        (str(n), t.question, str(t.rank) if t.rank else "not in the first 50")
        for n, t in enumerate(ten(world), start=1)
    ]
    grid = Grid(
        f"Ten questions of {GROUPS[case(world).group]}, day 0: k is 4",
        ("No.", "Question", "Rank of the evidence"),
        tuple(rows),
    )
    opened = tuple((f"Trace {n}", t, "") for n, t in enumerate(ten(world), start=1))
    return Pages(grid, Traces("Open a trace to see what the search put into the prompt.", opened))


def _named(setup: Setup) -> str:
    on = [
        name for name, flag in (("glossary", setup.glossary), ("date filter", setup.dates)) if flag
    ]
    extra = ", " + " and ".join(on) if on else ""
    if setup.words == WHOLE:
        return f"the whole help center{extra}"
    overlap = {0.0: "no overlap", 0.25: "a quarter overlap", 0.5: "half overlap"}[setup.overlap]
    return f"{setup.words} words, {overlap}, k {setup.k}, {METHODS[setup.method]}{extra}"


def bench_grid(world: int, setup: Setup) -> Grid:
    """Return what a setup finds, by group, with tokens and irrelevant passages.

    >>> bench_grid(10, Setup()).rows[0][0]
    'regulars'
    """
    m = measure(world, setup)
    rows = [
        (name, *(f"{100 * share:.1f}%" for share in shares))
        for name, *shares in zip(GROUPS.values(), m.found, m.outdated, m.missed, strict=True)
    ]
    tail = (
        f"{m.tokens:,.0f} retrieved tokens a question; {m.beyond:.2f} irrelevant passages beyond "
        "the third"
    )
    if setup.words != WHOLE and m.tokens > case(world).prices.budget:
        tail += f". OVER THE BUDGET of {case(world).prices.budget:,}"
    return Grid(f"{_named(setup)}: {tail}", ("Group", "Found", "Outdated", "Missed"), tuple(rows))


def bench_view(world: int, table: Any) -> Pages:
    """Return the bench for day 0 and for the setup that is saved."""
    day0 = bench_grid(world, DAY_ZERO_SETUP)
    setup = setup_of(table)
    if setup is None:
        wanted = "Fill in and save a setup above; k is a whole number from 1 to 12."
        return Pages(day0, Card("Your setup", (("Not yet", wanted),)))
    parts: list[Any] = [day0, bench_grid(world, setup)]
    if setup.words != WHOLE:
        parts += [heat(world, setup), ten_again(world, setup)]
    return Pages(*parts)


def ten_again(world: int, setup: Setup) -> Pages:
    """Return the ten questions under another setup: ranks beside day 0's, and traces to open."""
    now = [trace(world, t.intent, t.column, setup) for t in ten(world)]
    rows = tuple(
        (str(n), t.question, str(t.rank or "-"), str(a.rank or "-"))
        for n, (t, a) in enumerate(zip(ten(world), now, strict=True), start=1)
    )
    columns = ("No.", "Question", "Rank, day 0", "Rank, your setup")
    grid = Grid(f"The ten questions under your setup (k is {setup.k})", columns, rows)
    opened = tuple((f"Trace {n}", a, "") for n, a in enumerate(now, start=1))
    return Pages(grid, Traces("The same traces under your setup.", opened))


def heat(world: int, setup: Setup) -> Picture:
    """Return found shares by passage length and k with the other switches of a setup.

    One panel for everybody, one for the suspected group; cells over the budget are crossed.
    """
    own = case(world).group

    def draw() -> Figure:
        from dataclasses import replace

        import numpy as np
        from matplotlib.figure import Figure

        c = case(world)
        ks = range(1, 13)
        cells = [[measure(world, replace(setup, words=w, k=k)) for k in ks] for w in CHUNKS]
        shares = np.array(c.shares)
        everybody = np.array([[float(np.dot(shares, m.found)) for m in row] for row in cells])
        group = np.array([[m.found[c.position] for m in row] for row in cells])
        figure = Figure(figsize=(10.4, 4.0), layout="constrained")
        for axis, values, title in zip(
            figure.subplots(1, 2),
            (everybody, group),
            ("Everybody", GROUPS[own].capitalize()),
            strict=True,
        ):
            axis.imshow(values, vmin=0.5, vmax=1.0, cmap="cividis", aspect="auto")
            axis.set_xticks(range(12), list(ks))
            axis.set_yticks(range(len(CHUNKS)), list(CHUNKS))
            axis.set_xlabel("k")
            axis.set_ylabel("words in a passage")
            axis.set_title(f"{title}: found, percent", fontsize=10)
            for r, row in enumerate(cells):
                for k, m in enumerate(row):
                    over = m.tokens > c.prices.budget
                    axis.text(
                        k, r, f"{100 * values[r, k]:.0f}" + ("×" if over else ""),
                        ha="center", va="center", fontsize=8,
                        color="white" if values[r, k] < 0.78 else "black",
                    )  # fmt: skip
        figure.supxlabel("× over the budget of retrieved tokens", fontsize=9)
        return figure

    words = (
        f"Two heat maps of the found share by passage length (80 to 800 words) and k (1 to 12), "
        f"for everybody and for {GROUPS[own]}; a cross marks cells over the token budget. "
        "More passages find more, and longer passages find more at the same k, until the budget "
        "ends it. The table above has the exact figures of your setup."
    )
    return Picture(draw, words)


def replay_rows(world: int, table: Any) -> Rows | Card:
    """Return the replays that a saved plan pays for: both samples, with counts of five."""
    import pandas as pd

    try:
        plan = plan_of(table)
    except ValueError as error:
        return Card("Replays", (("Not yet", f"Change the plan: {error}."),))
    if plan is None:
        return Card("Replays", (("Not yet", "Save how many drafts to replay in each row."),))
    own, others = sample(world, plan)
    rows = [
        ("group" if part is own else "others", d.number, d.said, d.indexed, d.today)
        for part in (own, others)
        for d in part
    ]
    frame = pd.DataFrame(rows, columns=["sample", "number", "said", "indexed", "today"])
    counted = frame.groupby(["sample", "indexed", "today"]).size().reset_index(name="drafts")
    grid = Grid(
        f"Failed drafts by right answers of {RUNS}: with the passage as the index holds it, and "
        "with today's text",
        ("Sample", "As indexed", "Today's text", "Drafts"),
        tuple(tuple(str(x) for x in row) for row in counted.itertuples(index=False)),
    )
    return Rows(grid, frame)


def traces_view(world: int, table: Any, first: int = 1, count: int = 8) -> Traces | Card:
    """Return failed drafts of the group on the tracing bench."""
    try:
        plan = plan_of(table)
    except ValueError:
        plan = None
    if plan is None:
        return Card("Tracing bench", (("Not yet", "Save a plan for the replays first."),))
    drafts = sample(world, plan)[0][max(first - 1, 0) : max(first - 1, 0) + min(count, 20)]
    opened = tuple(
        (
            f"Draft {d.number}",
            trace(world, d.intent, d.column),
            f"Heron: {d.said}. Replayed: {d.indexed} of {RUNS} right with the passage as indexed, "
            f"{d.today} of {RUNS} with today's text.",
        )
        for d in drafts
    )
    return Traces(
        f"Tracing bench: failed drafts {first} to {first + len(drafts) - 1} of your sample. The "
        "questions and passages are real; what the model said is simulated.",
        opened,
    )


def versions_grid(world: int) -> Grid:
    """Return the comparison of old and new on the frozen questions.

    >>> versions_grid(10).rows[0][0]
    'Length, words'
    """
    rows = []
    for b in behaviors(world):
        cells: tuple[str, ...]
        if b.error:
            cells = (f"{b.before:.3g}", f"{b.after:.3g}", "", "", f"{b.error:.2g}")
        else:
            share = (f"{100 * x:.1f}%" for x in (b.before, b.after))
            cells = (*share, str(b.lost), str(b.gained), "")
        rows.append((NAMES[b.key], *cells))
    return Grid(
        f"{FROZEN} frozen questions, answered by both versions",
        ("Behavior", "Old", "New", "Only before", "Only now", "Standard error of the difference"),
        tuple(rows),
    )


def streams_view(world: int) -> Rows:
    """Return each kind of text, each way: leavers and retractions; raw rows under ``frame``."""
    rows = []
    for key, label in KINDS.items():
        k = kinds(world)[key]
        for way, shown in WAYS.items():
            rows.append(
                (
                    label,
                    shown,
                    f"{k.daily * left_of(world, key, way):,.0f} at ${k.leave_cost:.3g}",
                    f"{exposed(k, way):,.1f}",
                    f"{100 * k.acts:.2g}% at ${k.harm:,.0f}",
                )
            )
    caption = (
        "People a day who leave and phone, and who read what is taken back. With progress shown "
        f"people wait {PROGRESS:g} times as long (stylized)."
    )
    columns = ("Text", "Shown", "Leave", "Read what is taken back", "Of these act")
    grid = Grid(caption, columns, tuple(rows))
    return Rows(_hide_one(grid), log(world))


def _hide_one(grid: Grid) -> Grid:
    """Leave out the one cell that the exercise asks for."""
    rows = tuple(
        (*row[:3], "your answer above", row[4])
        if row[0] == KINDS["action"] and row[1] == WAYS["stream"]
        else row
        for row in grid.rows
    )
    return Grid(grid.caption, grid.columns, rows)
