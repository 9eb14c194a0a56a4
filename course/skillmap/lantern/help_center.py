"""The help center: 72 articles, their older versions, and what people ask.

Everything is read from ``corpus/`` and checked; one ``AuthoringError`` lists every fault.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap.errors import AuthoringError, Fault
from skillmap.lantern.chunking import Sentence, sentences_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CORPUS",
    "HARMS",
    "SEGMENTS",
    "Article",
    "Evidence",
    "HelpCenter",
    "Intent",
    "Vocabulary",
    "help_center",
    "load_help_center",
]

CORPUS = Path(__file__).parent / "corpus"
SEGMENTS = ("S1", "S2", "S3", "S4", "S5")
"""Regulars, leisure, visitors, arrangers, assisted travelers."""
HARMS = ("bother", "money", "missed-trip", "stranded")
"""What an acted-on wrong answer costs the person, from least to most."""

Evidence = tuple[tuple[str, str], ...]
"""Alternatives, any of which answers: (article id, mark)."""

_FRONT = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
_OPERATORS = frozenset({"Brightwater Rail", "Osterline", "Quill Coach"})


@dataclass(frozen=True)
class Article:
    """One version of an article. ``until`` is the last day it was true, ``None`` if it still is."""

    id: str
    title: str
    topic: str
    operators: tuple[str, ...]
    since: dt.date
    until: dt.date | None
    cluster: str | None
    sentences: tuple[Sentence, ...]

    @property
    def version(self) -> str:
        """A name that no other version has."""
        return f"{self.id}@{self.since}"

    @cached_property
    def marked(self) -> dict[str, str]:
        """Mark to the text of its sentence."""
        return {s.mark: s.text for s in self.sentences if s.mark}

    @cached_property
    def words(self) -> int:
        """Words in the body, headings and tables included."""
        return sum(len(s.words) for s in self.sentences)


@dataclass(frozen=True)
class Intent:
    """Something that people ask, ten ways, with the sentences that answer it.

    ``phrasings`` holds ten questions, two for each of S1 to S5 in that order. ``mix`` says how
    often each segment asks it, relative to the segment's other questions.
    """

    id: str
    asks: str
    evidence: tuple[Evidence, ...]
    harm: str
    disruption: bool
    mix: tuple[float, ...]
    phrasings: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Words that a group uses instead of the help center's, and the glossary that maps some back.

    ``swaps`` has (help center's word, the group's word) for each of S3, S4 and S5; ``glossary``
    maps a group's word to words of the help center.
    """

    swaps: Mapping[str, tuple[tuple[str, str], ...]]
    glossary: Mapping[str, str]


@dataclass(frozen=True)
class HelpCenter:
    """Articles as they stand, older versions, intents and vocabulary."""

    articles: tuple[Article, ...]
    superseded: tuple[Article, ...]
    intents: tuple[Intent, ...]
    vocabulary: Vocabulary

    @cached_property
    def by_id(self) -> dict[str, Article]:
        """Current articles by id."""
        return {article.id: article for article in self.articles}

    @cached_property
    def older(self) -> dict[str, Article]:
        """Superseded versions by article id."""
        return {article.id: article for article in self.superseded}

    def clusters(self) -> dict[str, tuple[str, ...]]:
        """Ids of the superseded articles that each segment asks about most.

        >>> [len(ids) for ids in help_center().clusters().values()]
        [3, 3, 3]
        """
        return {
            segment: tuple(sorted(a.id for a in self.superseded if a.cluster == segment))
            for segment in SEGMENTS[2:]
        }

    def depends_on_version(self, intent: Intent) -> bool:
        """Whether an older version answers the intent differently from today's."""
        return any(
            article in self.older
            and mark in self.older[article].marked
            and self.older[article].marked[mark] != self.by_id[article].marked[mark]
            for alternatives in intent.evidence
            for article, mark in alternatives
        )


@cache
def help_center() -> HelpCenter:
    """Return the course's help center, loaded once.

    >>> len(help_center().articles), len(help_center().superseded), len(help_center().intents)
    (72, 9, 64)
    """
    return load_help_center(CORPUS)


def load_help_center(folder: Path) -> HelpCenter:
    """Read and check a corpus folder; raise ``AuthoringError`` with every fault found."""
    faults: list[Fault] = []
    articles = _articles(folder, "articles", faults)
    superseded = _articles(folder, "superseded", faults)
    intents = _intents(folder, faults)
    vocabulary = _vocabulary(folder, faults)
    center = HelpCenter(articles, superseded, intents, vocabulary)
    _cross_check(center, faults)
    if faults:
        raise AuthoringError(faults)
    return center


def _articles(folder: Path, kind: str, faults: list[Fault]) -> tuple[Article, ...]:
    found = []
    for path in sorted((folder / kind).glob("*.md")):
        article = _article(path, f"{kind}/{path.name}", faults)
        if article is not None:
            found.append(article)
    if not found:
        faults.append(Fault(kind, "no articles found"))
    return tuple(found)


def _article(path: Path, place: str, faults: list[Fault]) -> Article | None:
    import yaml

    from skillmap import yaml_text

    parts = _FRONT.fullmatch(path.read_text(encoding="utf-8"))
    if not parts:
        faults.append(Fault(place, "needs front matter between two lines of ---, then text"))
        return None
    try:
        front = yaml_text.load(parts.group(1))
    except yaml.YAMLError as error:
        faults.append(Fault(place, f"front matter is not YAML: {error}"))
        return None
    if not isinstance(front, dict):
        faults.append(Fault(place, "front matter has to be a mapping"))
        return None
    before = len(faults)
    for name in ("id", "title", "topic"):
        if not isinstance(front.get(name), str):
            faults.append(Fault(f"{place} {name}", f"got {front.get(name)!r}, needs text"))
    operators = front.get("operators")
    if not isinstance(operators, list) or not operators or set(operators) - _OPERATORS:
        faults.append(Fault(f"{place} operators", f"got {operators!r}, needs a list of operators"))
    since, until = front.get("effective_from"), front.get("effective_until")
    if not isinstance(since, dt.date):
        faults.append(Fault(f"{place} effective_from", f"got {since!r}, needs a date"))
    if place.startswith("superseded"):
        if not isinstance(until, dt.date) or (isinstance(since, dt.date) and until < since):
            faults.append(Fault(f"{place} effective_until", f"got {until!r}, needs a later date"))
        if front.get("cluster") not in SEGMENTS[2:]:
            faults.append(Fault(f"{place} cluster", f"got {front.get('cluster')!r}, needs S3..S5"))
    sentences = sentences_of(parts.group(2))
    marks = Counter(re.findall(r"\[\[(\w+)\]\]", parts.group(2)))
    kept = {s.mark for s in sentences}
    for mark, count in marks.items():
        if count > 1:
            faults.append(Fault(f"{place} [[{mark}]]", f"stands {count} times, needs once"))
        elif mark not in kept:
            faults.append(Fault(f"{place} [[{mark}]]", "shares a sentence with another mark"))
    if len(faults) > before:
        return None
    assert isinstance(operators, list)
    assert isinstance(since, dt.date)
    return Article(
        id=front["id"],
        title=front["title"],
        topic=front["topic"],
        operators=tuple(operators),
        since=since,
        until=until,
        cluster=front.get("cluster"),
        sentences=sentences,
    )


def _load_yaml(path: Path, faults: list[Fault]) -> dict[str, Any]:
    import yaml

    from skillmap import yaml_text

    try:
        loaded = yaml_text.load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        faults.append(Fault(path.name, f"cannot be read: {error}"))
        return {}
    if not isinstance(loaded, dict):
        faults.append(Fault(path.name, "needs a mapping at the top"))
        return {}
    return loaded


def _intents(folder: Path, faults: list[Fault]) -> tuple[Intent, ...]:
    rows = _load_yaml(folder / "intents.yaml", faults).get("intents", [])
    found = []
    for number, row in enumerate(rows):
        place = f"intents.yaml intents[{number}]"
        intent = _intent(row, place, faults) if isinstance(row, dict) else None
        if intent is None:
            faults.append(Fault(place, "left out, see the faults of this entry"))
        else:
            found.append(intent)
    return tuple(found)


def _intent(row: dict[str, Any], place: str, faults: list[Fault]) -> Intent | None:
    before = len(faults)

    def wrong(field: str, needs: str) -> None:
        faults.append(Fault(f"{place}.{field}", f"got {row.get(field)!r:.60}, needs {needs}"))

    if not isinstance(row.get("id"), str) or not isinstance(row.get("asks"), str):
        wrong("id", "an id and a question (asks)")
    if row.get("harm") not in HARMS:
        wrong("harm", "one of " + ", ".join(HARMS))
    mix = row.get("mix")
    good_mix = isinstance(mix, list) and all(isinstance(m, int | float) and m > 0 for m in mix)
    if not good_mix or len(mix or ()) != len(SEGMENTS):
        wrong("mix", "five positive numbers")
    says = row.get("says")
    if not isinstance(says, dict) or tuple(says) != SEGMENTS:
        wrong("says", "S1 to S5 in order")
    elif any(not isinstance(pair, list) or len(pair) != 2 for pair in says.values()):
        wrong("says", "two phrasings for each segment")
    evidence = _evidence(row.get("evidence"))
    if not evidence:
        wrong("evidence", "entries such as pets#s1, or lists of them")
    if len(faults) > before:
        return None
    return Intent(
        id=row["id"],
        asks=row["asks"],
        evidence=evidence,
        harm=row["harm"],
        disruption=bool(row.get("disruption", False)),
        mix=tuple(float(m) for m in row["mix"]),
        phrasings=tuple(str(text) for pair in row["says"].values() for text in pair),
    )


def _evidence(entries: object) -> tuple[Evidence, ...]:
    """Parse evidence; an empty tuple means that something in it is malformed."""
    if not isinstance(entries, list):
        return ()
    needed: list[Evidence] = []
    for entry in entries:
        names = entry if isinstance(entry, list) else [entry]
        if not names or not all(isinstance(n, str) and n.count("#") == 1 for n in names):
            return ()
        pairs = (name.split("#") for name in names)
        needed.append(tuple((article, mark) for article, mark in pairs))
    return tuple(needed)


def _vocabulary(folder: Path, faults: list[Fault]) -> Vocabulary:
    loaded = _load_yaml(folder / "vocabulary.yaml", faults)
    swaps: dict[str, tuple[tuple[str, str], ...]] = {}
    for segment in SEGMENTS[2:]:
        rows = loaded.get("swaps", {}).get(segment)
        if not isinstance(rows, dict) or not rows:
            faults.append(Fault(f"vocabulary.yaml swaps.{segment}", "needs word: other word"))
            continue
        swaps[segment] = tuple((str(plain).lower(), str(said)) for plain, said in rows.items())
    glossary = loaded.get("glossary")
    if not isinstance(glossary, dict):
        faults.append(Fault("vocabulary.yaml glossary", "needs other word: word"))
        glossary = {}
    return Vocabulary(swaps, {str(said): str(means) for said, means in glossary.items()})


def _cross_check(center: HelpCenter, faults: list[Fault]) -> None:
    for kind, rows in (("articles", center.articles), ("superseded", center.superseded)):
        _once((article.version for article in rows), kind, faults)
    _once((intent.id for intent in center.intents), "intents.yaml", faults)
    _once((text for i in center.intents for text in i.phrasings), "intents.yaml", faults)
    for intent in center.intents:
        for article, mark in (pair for needed in intent.evidence for pair in needed):
            place = f"intents.yaml {intent.id}"
            if article not in center.by_id:
                faults.append(Fault(place, f"no article is called {article!r}"))
            elif mark not in center.by_id[article].marked:
                faults.append(Fault(place, f"{article!r} has no sentence marked {mark!r}"))
    for old in center.superseded:
        new = center.by_id.get(old.id)
        if new is None:
            faults.append(Fault(f"superseded {old.version}", "no current article has this id"))
        elif old.until is None or old.until >= new.since:
            faults.append(Fault(f"superseded {old.version}", "ends after the current one begins"))


def _once(names: Iterable[str], place: str, faults: list[Fault]) -> None:
    counts = Counter(name.casefold() for name in names)
    faults += [Fault(place, f"{name!r} stands {n} times") for name, n in counts.items() if n > 1]
