"""The incident of one world: what Lantern's logs show, and eight logs that can be opened.

Days come from a Lantern run. Where the provider's alias moved, the run has it; every other cause
leaves the model alone, and its marks are laid over the run's rows from streams of this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmap.lantern import Lantern
from skillmap.lantern.world import SEGMENT_NAMES, SEGMENT_TITLES
from skillmap.lessons.execution.case import BASES, REFUSED, Case, case
from skillmap.worlds import per_world, stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray
    from pandas import DataFrame

__all__ = ["BEFORE", "LATER", "LOGS", "MONITORS", "NIGHT", "frame", "opened"]

BEFORE = 21
"""Days of the past on the wall."""
NIGHT, LATER = 1, 6
"""Days after the first change on which the two watches end."""
MONITORS: dict[str, tuple[str, float]] = {
    "complaints": ("Complaints a day", 1.0),
    "contacts": ("Contacts at the desk a day", 1.0),
    "thumbs_down_rate": ("Thumbs down, % of thumbs", 100.0),
    "labeled_error": ("Wrong among 40 labeled answers, %", 100.0),
    "abstained_rate": ("Questions refused, %", 100.0),
    "first_p95": ("Seconds to the first words, p95", 1.0),
    "answered": ("Questions answered a day", 1.0),
    "tokens_out": ("Tokens written an answer", 1.0),
    "bulleted": ("Answers in bullets, %", 100.0),
    "malformed_rate": ("Fare cards that do not parse, %", 100.0),
    "uncited_rate": ("Answers without a source line, %", 100.0),
    "psi": ("Input mix against launch, PSI", 1.0),
}
"""Columns on the wall, with a title and what to multiply by. The first seven were on before."""
ON_BEFORE = 7
LOGS = {
    "shape": "Shape of answers: length and bullets, a week before and since",
    "parts": "Broken parts by platform: fare cards and source lines",
    "topics": "The same by topic of the question",
    "who": "Who asks, and who is refused, by group",
    "metadata": "Metadata of raw responses: the version field",
    "releases": "Release calendar, all teams",
    "letters": "Forty complaints, read and sorted",
    "suite": "The accuracy suite, run again tonight",
}
WRITE_IN = 0.035
"""Share of people with a broken or refused answer who write in, beside those Lantern has."""
_ADOPTED = (0.45, 0.7, 0.85, 0.93, 0.97, 1.0)
"""Share of people on a new app by days since its release."""


@per_world
def frame(world: int) -> DataFrame:
    """Return the daily rows that the wall shows, from ``BEFORE`` days before to ``LATER`` after.

    >>> rows = frame(10)
    >>> bool(rows["malformed_rate"].iloc[-1] > 5 * rows["malformed_rate"].iloc[0])
    True
    """
    import numpy as np
    import pandas as pd

    c = case(world)
    i = c.incident
    lantern = Lantern(c.lantern, label_budget=6_000).run(i.day - BEFORE)
    lantern.set_monitors("accuracy", labels_a_day=40).run(BEFORE + LATER + 1)
    logged = lantern.logs.days.iloc[-(BEFORE + LATER + 1) :]
    names = ("day", "questions", *(name for name in MONITORS if name != "bulleted"))
    rows = {name: logged[name].to_numpy(float).copy() for name in names}
    rng = stream(world, "execution", "marks")
    since = rows["day"].astype(int) - i.day
    answered = rows["answered"].astype(int)
    bullets = np.where((i.cause == "alias") & (since >= 0), 0.83, 0.21)
    rows["bulleted"] = rng.binomial(answered, bullets) / answered
    for at, d in enumerate(since):
        if d >= 0:
            _mark(rows, at, int(d), c, rng)
    return pd.DataFrame({name: rows[name] for name in ("day", "questions", *MONITORS)})


def _mark(
    rows: dict[str, NDArray[np.float64]], at: int, since: int, c: Case, rng: Generator
) -> None:
    """Lay one day's marks of the incident over a row; the alias has most of its own already."""
    i = c.incident
    share = _ADOPTED[min(since, len(_ADOPTED) - 1)] if i.cause == "app" else 1.0
    n, asked = int(rows["answered"][at]), int(rows["questions"][at])
    column = {"format": "malformed_rate", "citations": "uncited_rate"}.get(i.broken)
    if column is not None:
        broken = int(rng.binomial(n, (i.rate - BASES[i.broken]) * share))
        rows["complaints"][at] += int(rng.binomial(broken, WRITE_IN))
        if i.cause != "alias":
            rows[column][at] += broken / n
    if i.cause == "alias":
        return
    if i.refusals:
        refused = int(rng.binomial(asked, i.refusals))
        rows["abstained_rate"][at] += refused / asked
        rows["contacts"][at] += refused
        rows["complaints"][at] += int(rng.binomial(refused, WRITE_IN))
    if i.psi:
        rows["psi"][at] += i.psi * float(rng.uniform(0.85, 1.15))
        for name in ("questions", "answered", "contacts", "complaints"):
            rows[name][at] = round(rows[name][at] / (1 - c.incoming))
        rows["complaints"][at] += int(rng.poisson(0.35 * rows["complaints"][at]))
    if i.cause == "outside":
        rows["complaints"][at] += int(rng.poisson(rows["complaints"][at] * (i.wave - 1)))


def opened(world: int, key: str) -> tuple[tuple[str, ...], ...]:
    """Return what a log says on the first evening, as rows of text with a heading row.

    >>> opened(10, "metadata")[2]
    ('since', '2026-04 on every response')
    """
    made = {
        "shape": _shape,
        "parts": _parts,
        "topics": _topics,
        "who": _who,
        "metadata": _metadata,
        "releases": _releases,
        "letters": _letters,
        "suite": _suite,
    }[key]
    return made(case(world), stream(world, "execution", "log", key))


def _pct(rng: Generator, n: int, p: float) -> str:
    return f"{100 * rng.binomial(n, p) / n:.1f}%"


def _two_days(c: Case) -> int:
    return round(2 * c.daily * 0.9)


def _shape(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    rows = frame(c.world)
    new = rows["day"] >= c.incident.day
    night = rows["day"] <= c.incident.day + NIGHT
    old, since = rows[~new].tail(7), rows[new & night]
    return (
        ("", "tokens written", "in bullets"),
        ("week before", f"{old['tokens_out'].mean():.0f}", f"{100 * old['bulleted'].mean():.0f}%"),
        (
            "since",
            f"{since['tokens_out'].mean():.0f}",
            f"{100 * since['bulleted'].mean():.0f}%",
        ),
    )


def _parts(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    i, n = c.incident, _two_days(c)
    rows: list[tuple[str, ...]] = [("platform", "fare cards that do not parse", "no source line")]
    for name, share in (("Android", 0.46), ("iOS", 0.36), ("web", 0.18)):
        rate = dict(BASES)
        if i.broken and i.cause == "app":
            rate["format"] += (i.rate - BASES["format"]) * 0.57 / 0.46 * (name == "Android")
        elif i.broken:
            rate[i.broken] = i.rate
        size = round(n * share)
        rows.append((name, _pct(rng, size, rate["format"]), _pct(rng, size, rate["citations"])))
    return tuple(rows)


def _topics(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    i, n = c.incident, _two_days(c)
    rows: list[tuple[str, ...]] = [
        ("topic", "fare cards that do not parse", "no source line", "refused")
    ]
    topics = (
        ("fares", 0.34),
        ("refunds", 0.26),
        ("stations and assistance", 0.15),
        ("other", 0.25),
    )
    for name, share in topics:
        rate = {**BASES, "refused": 0.036}
        hit = 1 / 0.26 * (name == "refunds") if i.cause == "index" else 1.0
        if i.broken:
            early = 0.57 if i.cause == "app" else 1.0
            rate[i.broken] += (i.rate - BASES[i.broken]) * hit * early
        rate["refused"] += i.refusals * hit
        size = round(n * share)
        rows.append((name, *(_pct(rng, size, min(rate[k], 0.95)) for k in rate)))
    return tuple(rows)


def _who(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    i, n = c.incident, round(2 * c.daily)
    rows: list[tuple[str, ...]] = [
        ("group", "share a month ago", "share since", "refused a month ago", "refused since")
    ]
    base = [c.shares[s] for s in SEGMENT_NAMES]
    refused = [REFUSED[s] for s in SEGMENT_NAMES]
    now = [(1 - c.incoming) * share for share in base]  # visitors come, refused as often as ever
    now[2] += c.incoming
    lift = i.refusals if i.cause in {"alias", "index"} else 0.0
    for at, name in enumerate(SEGMENT_TITLES):
        size = max(50, round(n * now[at]))
        rows.append(
            (
                name,
                f"{100 * base[at]:.0f}%",
                f"{100 * rng.binomial(n, now[at]) / n:.0f}%",
                _pct(rng, size, refused[at]),
                _pct(rng, size, max(0.002, refused[at] + lift)),
            )
        )
    return tuple(rows)


def _metadata(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    new = "2026-04" if c.incident.cause == "alias" else "2026-01"
    return (
        ("", "version that the response reports"),
        ("week before", "2026-01 on every response"),
        ("since", f"{new} on every response"),
    )


_RELEASED = {
    "app": "App 5.2 to Android and iOS, in steps",
    "index": "Help-center index rebuilt after edits to refund articles",
    "mix": "Spring campaign abroad, paid by two operators",
    "outside": "The operators raise fares; the app shows the new prices",
}


def _releases(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    i = c.incident
    days: dict[str, int] = {}
    for name in _RELEASED:
        if name == i.cause:
            days[name] = i.day
        elif name == i.decoy_kind:
            days[name] = i.decoy
        else:
            days[name] = i.day - int(rng.integers(11, 40))
    rows = [("day", "what")]
    rows += [(str(day), _RELEASED[name]) for name, day in sorted(days.items(), key=_second)]
    rows.append(("", "Lantern team: no deployment in the last 12 days"))
    return tuple(rows)


def _second(pair: tuple[str, int]) -> int:
    return pair[1]


_THEMES = ("a card or link that does not work", "the price itself", "was refused an answer",
           "a wrong answer", "other")  # fmt: skip


def _letters(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    odds = {
        "alias": (0.42, 0.12, 0.08, 0.26, 0.12),
        "app": (0.45, 0.12, 0.08, 0.24, 0.11),
        "index": (0.34, 0.10, 0.20, 0.24, 0.12),
        "mix": (0.08, 0.14, 0.36, 0.28, 0.14),
        "outside": (0.06, 0.62, 0.06, 0.17, 0.09),
    }[c.incident.cause]
    counts = rng.multinomial(40, odds)
    return (
        ("about", "letters of 40"),
        *((t, str(n)) for t, n in zip(_THEMES, counts, strict=True)),
    )


def _suite(c: Case, rng: Generator) -> tuple[tuple[str, ...], ...]:
    before, now = rng.binomial(300, [0.86, 0.86])
    return (
        ("", "right of 300", "verdict"),
        ("last month", str(before), "passed"),
        ("tonight", str(now), "passed"),
    )


def number(rows: DataFrame, column: str, first: int, last: int) -> Any:
    """Return the mean of a column over days ``first`` to ``last``, both included."""
    seen = rows[(rows["day"] >= first) & (rows["day"] <= last)]
    return float(seen[column].mean())
