"""The map as a picture: hatched where unproven, arrows from claim to now, and all in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.learning.learner import NOW, WORKED_EXAMPLE, result, told

from skillmap.ids import ModuleId
from skillmap.learning.assessment import Claim, Said
from skillmap.learning.evidence import Evidence, weigh
from skillmap.learning.figures import map_alt_text, map_figure
from skillmap.learning.mastery import Standing, map_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVALS = list(ModuleId).index(ModuleId.EVALS)


def standings(said: Said, *entries: Evidence) -> tuple[Standing, ...]:
    return map_of(said, weigh(entries, learner="ada", now=NOW))


def drawn(said: Said, *entries: Evidence, notes: tuple[str, ...] = ()) -> Axes:
    figure = map_figure(standings(said, *entries), notes)
    figure.canvas.draw()
    return figure.axes[0]


def test_a_row_each_and_bars_hatched_while_unproven() -> None:
    axes = drawn(told(), *WORKED_EXAMPLE)
    assert [t.get_text() for t in axes.get_yticklabels()] == [c.title for c in ModuleId]
    hatched = [bool(bar.get_hatch()) for bar in axes.patches]
    assert hatched == [row != EVALS for row in range(8)]


def test_the_bar_is_the_band_and_the_arrow_goes_from_claim_to_now() -> None:
    axes = drawn(told(), *WORKED_EXAMPLE)
    (one,) = [s for s in standings(told(), *WORKED_EXAMPLE) if s.results]
    bar = axes.patches[EVALS]
    assert (bar.get_x(), bar.get_x() + bar.get_width()) == one.band
    (arrow,) = [t for t in axes.texts if getattr(t, "arrow_patch", None)]
    assert arrow.xy == (one.m, EVALS)
    assert arrow.xyann == (80, EVALS)
    assert "hidden gap" in [t.get_text() for t in axes.texts]


def test_a_claim_is_a_diamond_and_now_a_dot() -> None:
    marks = [line.get_marker() for line in drawn(told(), *WORKED_EXAMPLE).lines]
    assert marks.count("D") == 8
    assert marks.count("o") == 1
    nothing = [line.get_marker() for line in drawn(Said()).lines]
    assert (nothing.count("D"), nothing.count("o")) == (0, 8)


def test_the_words_say_everything_the_picture_shows() -> None:
    words = map_alt_text(standings(told(), *WORKED_EXAMPLE), ("ev.l4: half-finished.",))
    assert (
        "Evals: claimed Strong; now 63 of 100, 80% band 55 to 72, on 4 results; "
        "Developing, hidden gap."
    ) in words
    assert "unproven" in words
    assert "half-finished" in words
    assert "not claimed" in map_alt_text(standings(Said()))


def test_notes_stand_under_the_picture_and_dollars_are_no_mathematics() -> None:
    figure = map_figure(standings(told()), ("ev.l1: $1 and $2", "x " * 200))
    figure.canvas.draw()
    text = figure.get_supxlabel()
    assert r"\$1 and \$2" in text
    assert max(map(len, text.splitlines())) < 135


def test_a_hidden_strength_is_named_inside_the_picture() -> None:
    entries = [result(f"ev.l{n}", 100) for n in (1, 2, 3, 4)]
    axes = drawn(told(Claim.BLIND_SPOT), *entries)
    (text,) = [t for t in axes.texts if t.get_text() == "hidden strength"]
    box = text.get_window_extent()
    frame = axes.figure.bbox
    assert frame.x0 <= box.x0
    assert box.x1 <= frame.x1
