import io
import math

import pytest

from skillmap.estimation import Chain, Factor, between
from skillmap.estimation_figures import (
    interval_alt_text,
    interval_figure,
    ladder_alt_text,
    ladder_figure,
    tornado_alt_text,
    tornado_figure,
)

CHAIN = Chain.of(
    Factor("trips", between(14e6, 20e6), "trips/month"),
    Factor("notes", between(1.0, 1.4), "calls/trip"),
    Factor("ask", between(12e3, 16e3), "calls/day", "+"),
    unit="calls/day",
)


def drawn(figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


@pytest.mark.parametrize(
    "figure",
    [
        lambda: tornado_figure(
            CHAIN, names={"trips": "Trips for $5 or less, a very long name " * 3}
        ),
        lambda: tornado_figure(Chain.of(Factor("one", between(3, 3)))),
        lambda: ladder_figure([(1, 3), (0, 5), (1e-9, 1e9), (-3, -1)], [2, 9, 1, 0]),
        lambda: ladder_figure([(1, 3), (5, 5)], names=["$ a", "b"]),
        lambda: interval_figure(4e5, 8e5, point=5.9e5, reference=1e7, unit="$/month"),
        lambda: interval_figure(0, 0),
        lambda: interval_figure(-3, 5, reference=0),
    ],
)
def test_figures_draw_without_warnings_or_global_state(figure):
    assert drawn(figure())[:4] == b"\x89PNG"


def test_pyplot_knows_nothing():
    import sys

    tornado_figure(CHAIN)
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_alt_texts_say_what_is_drawn():
    text = tornado_alt_text(CHAIN, names={"trips": "Trips"})
    assert text.startswith("Tornado plot around")
    assert text.index("Trips from") < text.index("ask from")
    assert "lies outside" in interval_alt_text(1, 2, reference=3)
    assert "Ladder of 1 ranges: a 1 to 2" in ladder_alt_text([(1, 2)], names=["a"])
    assert "all" not in ladder_alt_text([(1, 2)], [math.e])
