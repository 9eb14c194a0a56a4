r"""Markdown of ours and of learners to inert HTML: no raw HTML, no scripts, mathematics as MathML.

Mathematics is written between ``\(`` and ``\)``, because dollar signs mean dollars here. It is
turned into MathML when the page is made, so a page needs no script and no network to show it.
"""

from __future__ import annotations

import re
from functools import cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

__all__ = ["inert_html"]

_MATH = re.compile(r"\\\((.+?)\\\)", re.DOTALL)
_SAFE_LINK = re.compile(r"(?:https?://|#|mailto:)", re.IGNORECASE)


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    parser.disable("image")
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]
    return parser


def inert_html(text: str, *, mathematics: bool = False) -> Markup:
    r"""Render Markdown as HTML that can do nothing: tags are shown as text, images are dropped.

    ``mathematics`` is for the course's own text only: the converter passes some commands
    (``\text``, ``\href``) through, so a learner's words never reach it.

    >>> inert_html("**8** points <script>")
    Markup('<p><strong>8</strong> points &lt;script&gt;</p>\n')
    >>> "<math" in inert_html(r"spread \(\sigma\)", mathematics=True)
    True
    """
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        formulas.append(match[1])
        return f"\ue000{len(formulas) - 1}\ue001"

    text = re.sub("[\ue000\ue001]", "", text)
    html = _markdown().render(_MATH.sub(keep, text) if mathematics else text)

    def put_back(match: re.Match[str]) -> str:
        tex = formulas[int(match[1])]
        try:
            return convert(tex)
        except Exception:  # the converter has no error family; the text itself is still readable
            return f"<code>{escape(tex)}</code>"

    return Markup(re.sub("\ue000(\\d+)\ue001", put_back, html))
