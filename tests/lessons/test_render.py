"""Saved answers as text and HTML: readable, and inert whatever the sheet holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillmap.answers import Answer
from skillmap.lessons import lesson_from
from skillmap.lessons.render import saved_html, saved_line, saved_text

SMALL = lesson_from(Path(__file__).parents[1] / "fixtures" / "lesson" / "items.yaml")
PARTS = sorted(part.id for item in SMALL.items for part in item.parts)
FACTOR = {"name": "people", "low": 1e3, "point": 2e3, "high": 4e3, "unit": "people", "op": "*"}
RIDES = {"name": "rides", "low": 1, "point": 2, "high": 3, "unit": "", "op": "/"}


@pytest.mark.parametrize(
    ("part", "value", "unit", "text"),
    [
        ("es.t2", 12.0, "%", "12%"),
        (
            "es.t1.range",
            {"low": 1e4, "point": 14_000, "high": 2e4},
            "trips/day",
            "14,000, 80% range 10,000 to 20,000 trips/day",
        ),
        ("es.t1.range", {"low": 1, "high": 2}, None, "80% range 1 to 2"),
        (
            "es.t1.chain",
            {"factors": [FACTOR, RIDES]},
            "trips/day",
            "People: 2,000 (1,000 to 4,000) people\n÷ rides: 2 (1 to 3)",
        ),
        ("es.t1.drivers", ["a", "c"], None, "People; Rain"),
        ("es.t3.choice", "no-thanks", None, "No"),
        ("es.t3.order", ["b", "a", "c"], None, "1. Second, 2. First, 3. Third"),
        (
            "es.t3.table",
            [{"row": "wren", "cost": 1200.0, "sure": "y"}],
            None,
            "Wren. Cost: $1,200; Sure: Yes; Note: –",
        ),
        ("es.t3.why", "It rains.", None, "It rains."),
    ],
)
def test_each_kind_reads_as_words(part: str, value: object, unit: str, text: str) -> None:
    assert saved_text(SMALL.prompt(part), Answer(value, unit)) == text


def test_no_answer_is_said() -> None:
    prompt = SMALL.prompt("es.t2")
    for nothing in (None, Answer(predicted=50.0)):
        assert saved_text(prompt, nothing) == "No answer yet."
        assert saved_line(prompt, nothing) == "Not answered yet."
        assert "No answer yet." in saved_html("A share", prompt, nothing)


def test_the_line_says_when_and_counts_words() -> None:
    now = datetime.now().astimezone()
    assert saved_line(SMALL.prompt("es.t2"), Answer(5, "%", now.isoformat())) == (
        f"Saved {now:%H:%M} · 5%"
    )
    earlier = now - timedelta(days=40)
    line = saved_line(SMALL.prompt("es.t3.why"), Answer("It rains.", None, earlier.isoformat()))
    assert line == f"Saved {earlier:%d %b %H:%M} · 2 words"
    assert saved_line(SMALL.prompt("es.t2"), Answer(5, "%", "yesterday")) == "Saved · 5%"


def test_html_is_inert() -> None:
    html = saved_html("<b>", SMALL.prompt("es.t3.why"), Answer("<script>alert(1)</script>\n&"))
    assert "<script" not in html
    assert "&lt;b&gt;" in html
    assert "<br>&amp;" in html


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda x: (
        st.lists(x, max_size=3)
        | st.dictionaries(st.sampled_from(["low", "high", "factors", "row", "a"]), x, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PARTS), anything, st.text(max_size=30))
def test_nothing_in_a_sheet_breaks_the_page(part: str, value: object, saved_at: str) -> None:
    prompt, answer = SMALL.prompt(part), Answer(value, None, saved_at)
    assert saved_line(prompt, answer)
    assert saved_html("x", prompt, answer).startswith("<p>")
