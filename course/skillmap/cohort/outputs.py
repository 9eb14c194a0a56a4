"""Outputs of a learner's run, made safe to show to an instructor: no script, no active content."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

__all__ = ["clean_outputs", "safe_html"]

_PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
"""nbgrader's pages put a picture's data between quotation marks as it is."""
_LONGEST = 200_000
"""Characters of one text output that are kept."""

_TAGS = frozenset(
    tag
    for group in (
        "a abbr article b blockquote br caption code dd div dl dt em figcaption figure h1 h2 h3",
        "h4 h5 h6 hr i img li mark ol p pre section small span strong sub sup table tbody td",
        "tfoot th thead tr u ul",
    )
    for tag in group.split()
)
_ATTRIBUTES = {
    "*": {"class", "style", "title", "role", "aria-label", "aria-hidden", "scope"}
    | {"colspan", "rowspan"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
}
_STYLES = frozenset(
    {"border", "border-left", "border-radius", "color", "font-weight", "line-height", "list-style"}
    | {"margin", "max-width", "padding", "text-align"}
)
_SCHEMES = frozenset({"https", "http", "mailto", "data"})


def safe_html(html: str) -> str:
    """Return HTML with text, tables and pictures only.

    >>> safe_html('<b onclick="x()">8</b><script>y()</script>')
    '<b>8</b>'
    """
    return str(_cleaner().clean(html))


@cache
def _cleaner() -> Any:
    import nh3

    return nh3.Cleaner(
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_picture_or_text,
        url_schemes=set(_SCHEMES),
        filter_style_properties=set(_STYLES),
        strip_comments=True,
        link_rel="noopener noreferrer",
    )


def _picture_or_text(tag: str, name: str, value: str) -> str | None:
    """Keep a picture that is its own data, and a link that leads to a page."""
    if tag == "img" and name == "src":
        kept = value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
    elif tag == "a" and name == "href":
        kept = value.startswith(("https://", "http://", "mailto:", "#"))
    else:
        kept = True
    return value if kept else None


def clean_outputs(notebook: NotebookNode) -> None:
    """Drop active content from every output and bound what is kept; changes the notebook."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _clean(output))]


def _clean(output: Any) -> Any:
    if output.output_type == "stream":
        output.text = _short("".join(output.text))
        return output
    if output.output_type == "error":
        output.traceback = [_short(str(line), 4_000) for line in list(output.traceback)[-60:]]
        output.evalue = _short(str(output.evalue), 2_000)
        return output
    given, data = output.get("data", {}), {}
    if (text := _text(given.get("text/plain"))) is not None:
        data["text/plain"] = _short(text)
    if (html := _text(given.get("text/html"))) is not None:
        data["text/html"] = safe_html(_short(html))
    for kind in _PICTURES:
        picture = _text(given.get(kind))
        if picture is not None and _BASE64.fullmatch(picture):
            data[kind] = picture
    if not data:
        return None
    output.data = type(output)(data)
    output.metadata = type(output)()
    return output


def _text(value: Any) -> str | None:
    """Return text of nbformat, whole or in lines; a learner's code may put anything there."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else None


def _short(text: str, most: int = _LONGEST) -> str:
    if len(text) <= most:
        return text
    return text[:most] + f"\n… {len(text) - most:,} more characters were cut off"
