"""What a PM looks at: nine charts with their words, and runs side by side."""

from __future__ import annotations

import pytest

from skillmap.errors import ActionRefusedError
from skillmap.lantern import Lantern, compare
from skillmap.lantern.dashboard import _SEGMENT_COLORS, _SEGMENT_MARKS, dashboard


@pytest.fixture(scope="module")
def lived() -> Lantern:
    lantern = Lantern(10).run(78)
    lantern.buy_labels(300, by="stratified", since=60)
    return lantern


def test_nine_charts_with_titles_and_limits(lived: Lantern) -> None:
    axes = dashboard(lived).axes
    titles = [one.get_title(loc="left") for one in axes]
    assert len(set(titles)) == 9
    assert all(titles)
    dashed = [line for one in axes[6:] for line in one.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 6  # an upper and a lower limit for each of three monitors
    assert len(set(zip(_SEGMENT_COLORS, _SEGMENT_MARKS, strict=True))) == 5
    assert len(set(_SEGMENT_MARKS)) == 5  # told apart without color


def test_nothing_is_cut_off_or_too_small_to_read(lived: Lantern) -> None:
    figure = dashboard(lived)
    figure.draw_without_rendering()
    wide, high = figure.get_size_inches() * figure.dpi
    for axes in figure.axes:
        for text in (axes.title, axes._left_title, *axes.texts):
            box = text.get_window_extent()
            assert box.x1 <= wide + 1, text
            assert 0 <= box.y0 <= box.y1 <= high, text
            assert not text.get_text() or text.get_fontsize() >= 9.5


def test_the_picture_has_its_words(lived: Lantern) -> None:
    board = lived.dashboard()
    assert len(board.png) < 300_000
    html = board._repr_html_()
    assert html.count("<img") == 1
    for words in ("simulated, world 10, day 78", "Labeled right: S1", "storms on days 70, 71"):
        assert words in html
    assert "Broken fare cards" in repr(board)
    assert "quality is unknown" in repr(Lantern(10).run(1).dashboard())
    assert "Nothing has happened" in repr(Lantern(10).dashboard())


def test_runs_side_by_side(lived: Lantern) -> None:
    other = Lantern(10).set_threshold(0.9).run(5)
    table = compare({"usual": lived, "careful": other}, 1, 4)
    assert table.loc["answered", "careful"] < table.loc["answered", "usual"]
    assert table.loc["questions", "careful"] == table.loc["questions", "usual"]
    asked = other.logs.days.query("1 <= day <= 4")["questions"].sum()
    assert table.loc["questions", "careful"] == asked
    spent = other.logs.ledger.query("1 <= day <= 4")["dollars"].sum()
    assert table.loc["dollars: everything", "careful"] == pytest.approx(spent)
    assert table.attrs["source"] == "Lantern, simulated (world 10)"


@pytest.mark.parametrize(
    ("since", "until", "told"), [(0, 9, "has not lived day 9"), (-1, 2, "0 or more"), (3, 2, "3")]
)
def test_days_that_were_not_lived_are_refused(since: int, until: int, told: str) -> None:
    with pytest.raises(ActionRefusedError, match=told):
        compare({"one": Lantern(10).run(5)}, since, until)
    with pytest.raises(ActionRefusedError, match="at least one run"):
        compare({}, 0, 1)
