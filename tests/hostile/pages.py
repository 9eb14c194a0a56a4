"""What in a page can act: scripts, handlers, addresses that run code, frames, external loads."""

from __future__ import annotations

import html
import re
from collections import Counter
from html.parser import HTMLParser

ACTIVE = frozenset(
    {"script", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "form", "link"}
    | {"meta", "video", "audio", "source", "track", "portal", "svg", "template", "noscript"}
    | {"dialog", "marquee", "animate", "set", "foreignobject"}
)
LOADS = frozenset(
    {"src", "srcset", "href", "data", "action", "formaction", "poster", "background", "ping"}
    | {"xlink:href"}
)
_RUNS = re.compile(r"^(?:javascript|vbscript|data|blob|file|livescript):", re.IGNORECASE)
_PICTURE = re.compile(r"^data:image/(?:png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=\s]*$")
_URL = re.compile(r"(?:url\s*\(|@import|expression\s*\(|-moz-binding|behavior\s*:)", re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else ""
        if tag in ACTIVE:
            self.found[f"<{tag} {sorted(attrs)}>"] += 1
        for name, raw in attrs:
            value = html.unescape(raw or "")
            tight = re.sub(r"[\x00-\x20]", "", value)
            if name.startswith("on"):
                self.found[f"{tag} {name}={value}"] += 1
            elif (
                name in LOADS
                and _RUNS.match(tight)
                and not (tag == "img" and _PICTURE.match(value))
            ):
                self.found[f"{tag} {name}={value[:80]}"] += 1
            elif name in LOADS and tag != "a" and not tight.startswith(("data:", "#")):
                self.found[f"{tag} loads {value[:80]}"] += 1
            elif name in ("style", "srcdoc") and (_URL.search(value) or name == "srcdoc"):
                self.found[f"{tag} {name}={value[:80]}"] += 1

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self._inside == "script" or (self._inside == "style" and _URL.search(data)):
            self.found[f"in {self._inside}: {data.strip()[:2000]}"] += 1


def active(page: str) -> Counter[str]:
    """Everything in a page that could act or fetch, with how often it is there.

    >>> sorted(active('<p onclick="x()">a</p><img src="http://a/b.png"><b>c</b>'))
    ['img loads http://a/b.png', 'p onclick=x()']
    >>> active('<a href="java&#10;script:x()">a</a>')
    Counter({'a href=java\\nscript:x()': 1})
    >>> active("<p>&lt;script&gt;x()&lt;/script&gt;</p>")
    Counter()
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


def added(page: str, ordinary: str) -> Counter[str]:
    """What a page has of these that an ordinary one has not."""
    return active(page) - active(ordinary)
