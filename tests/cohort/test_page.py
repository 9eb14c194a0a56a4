"""The feedback page is inert, says what is true, and keeps the key while an item is open."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from skillmap.cohort.page import points, prediction_figure, render_page
from skillmap.cohort.panel import panel_html
from skillmap.cohort.prose import inert_html
from skillmap.cohort.result import SubmissionResult
from skillmap.grading.feedback import Criterion, Feedback, Outcome
from skillmap.ids import ItemId

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>[x](javascript:alert(3))"


def feedback(item: str, outcome: Outcome, got: float, predicted: float | None = None) -> Feedback:
    return Feedback(
        ItemId.parse(item),
        outcome,
        got,
        12.0,
        (Criterion("interval", outcome, got, 12.0, EVIL, "a range", "Widen it.", "493,301 calls"),),
        evidence=(EVIL,),
        advice="Look at Notes.",
        predicted=predicted,
        worked=f"It is **493,301**. {EVIL} \\(\\frac{{1}}{{2}}\\)",
        measures={"low": 4e5, "high": 9e5, "point": 5e5, "reference": 493301, "unit": "calls/day"},
    )


@pytest.fixture
def result() -> SubmissionResult:
    return SubmissionResult(
        "ada",
        "estimation",
        77,
        (
            feedback("es.e1", Outcome.PARTLY, 6, 90),
            feedback("es.e2", Outcome.MET, 12, 50),
            feedback("es.q2", Outcome.NEEDS_REVIEW, 0, 70),
            feedback("es.e5", Outcome.BLANK, 0),
        ),
        problems=(EVIL,),
        graded_at="2026-11-22T12:00:00+00:00",
        closed=True,
    )


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_the_page_is_inert_and_fetches_nothing(result: SubmissionResult) -> None:
    result = replace(result, manual_comments={"es.e1": EVIL}, manual_scores={"es.e1": 7.5})
    reader = read(render_page(result))
    assert {"script", "iframe", "object", "link", "form"}.isdisjoint(t for t, _ in reader.tags)
    for tag, attrs in reader.tags:
        assert not [name for name in attrs if name.startswith("on")], tag
        for name in ("src", "href"):
            value = attrs.get(name)
            assert value is None or value.startswith(("data:image/", "#", "https://")), value
        if tag == "img":
            assert attrs["alt"]
    assert "<script>alert(1)</script>" in reader.words


def test_the_key_stays_away_while_the_item_is_open(result: SubmissionResult) -> None:
    page = render_page(replace(result, closed=False))
    assert "493,301" not in page
    assert "493301" not in page
    assert "The worked answer appears once the item is closed" in page
    assert "493,301 calls" in render_page(result)
    assert "<math" in render_page(result)


def test_pictures_of_open_items_do_not_hold_the_reference(result: SubmissionResult) -> None:
    tags = read(render_page(replace(result, closed=False))).tags
    alts = " ".join(attrs["alt"] or "" for tag, attrs in tags if tag == "img")
    assert "reference" not in alts
    assert "Range from 400,000" in alts


def test_a_persons_score_and_words_stand_above_ours(result: SubmissionResult) -> None:
    judged = replace(
        result, manual_scores={"es.q2": 9.0}, manual_comments={"es.q2": "Good *scope*."}
    )
    words = read(render_page(judged)).words
    assert "From your instructor:" in words
    assert re.search(r"9\s+/ 12", words)
    assert "27 of 48 points" in " ".join(words.split())
    assert "waiting for a person" not in words


def test_waiting_items_say_so_and_blank_is_not_wrong(result: SubmissionResult) -> None:
    words = " ".join(read(render_page(result)).words.split())
    assert "18 of 48 points, with 12 more waiting for a person" in words
    assert "waits" in words
    assert "– blank" in words


@pytest.mark.parametrize(
    ("predicted", "actual", "said"),
    [
        ([90] * 8, [50, 40, 60, 45, 55, 50, 40, 60], "over by 40"),
        ([40] * 8, [80, 70, 90, 75, 85, 80, 70, 90], "under by 40"),
        ([50] * 8, [0, 100, 10, 95, 5, 90, 20, 85], "not enough evidence to call a lean"),
        ([90] * 7, [10] * 7, "not enough evidence yet"),
    ],
)
def test_a_lean_is_called_only_on_evidence(
    predicted: list[float], actual: list[float], said: str
) -> None:
    items = ["es.l1", "es.l2", *(f"es.e{n}" for n in range(1, 6)), "es.l1-again"]
    rows = tuple(
        feedback(item, Outcome.PARTLY, 0.12 * a, p)
        for item, p, a in zip(items, predicted, actual, strict=False)
    )
    assert said in render_page(SubmissionResult("ada", "estimation", 7, rows, closed=True))


def test_equal_results_are_equal_bytes(result: SubmissionResult) -> None:
    assert render_page(result) == render_page(result)


def test_a_written_answer_is_shown_whole_and_inert(result: SubmissionResult) -> None:
    text = f"First line.\n{EVIL} " + "word " * 300 + "end"
    written = replace(result.feedbacks[2], measures={"text": text})
    for html in (render_page(replace(result, feedbacks=(written,))), panel_html(written)):
        reader = read(html)
        assert text in reader.words
        assert "script" not in {tag for tag, _ in reader.tags}


def test_small_things() -> None:
    assert points(0) == "0"
    assert len(prediction_figure(["a"], [50], [60]).axes) == 1
    assert "<math" not in inert_html(r"\(x\)")
    assert "<a" not in inert_html("[x](javascript:alert(1))")
    assert "<img" not in inert_html("![x](http://example.org/x.png)")
