"""The kept elements as HTML or Markdown.

    to_html(cleaned) -> a fragment with the elements of which something is left, less classes, styles and scripts
    to_markdown(cleaned) -> the same through markdownify

The page is parsed once more, walked by the same walk, and each string loses the characters that the report's removals
took: white space aside, a block's strings and its text are the same characters in the same order.
"""

from __future__ import annotations

import copy
import html as escaping
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from newsclean.html.clean import CleanedPage
from newsclean.html.walk import CELL, strings_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_KEPT = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "table",
    "thead", "tbody", "tr", "td", "th", "figure", "figcaption", "a", "em", "strong", "b", "i", "sub", "sup", "q", "cite",
    "br", "caption", "img",
})  # fmt: skip
_EMPTY = frozenset({"br", "img", "td", "th"})  # stay without text, in an element that has some
_ATTRIBUTES = frozenset({"href", "src", "alt", "title", "colspan", "rowspan", "start"})
_ADDRESSES = frozenset({"href", "src"})
_SAFE = re.compile(r"(?!\s*(?:javascript|vbscript|data)\s*:)", re.I)
_BLOCKS = re.compile(r"(?:p|h[1-6]|ul|ol|dl|blockquote|pre|table|figure|div|section|article)\Z")


def to_html(cleaned: CleanedPage, images: bool = False) -> str:
    """What is kept of the page, as a fragment. `images`: keep them, too."""
    soup = cleaned.extracted.soup()
    if soup is cleaned.extracted.html:
        soup = copy.copy(soup)
    strings = strings_of(soup)
    if len(strings) != len(cleaned.extracted.spans):  # another page, or one that the two doors see differently
        return "\n".join(f"<p>{escaping.escape(line)}</p>" for line in cleaned.text.splitlines() if line)
    read = {id(piece) for pieces in strings for piece in pieces}
    _drop_unread(soup, read)
    for pieces, keep in zip(strings, _kept(cleaned), strict=True):
        _cut(pieces, keep)
    _tidy(soup, images, cleaned.facts.url or "")
    return "\n".join(line for line in (soup.body or soup).decode_contents().splitlines() if line.strip()) + "\n"


def to_markdown(cleaned: CleanedPage, images: bool = False) -> str:
    """What is kept of the page, as Markdown."""
    from markdownify import markdownify

    text = str(markdownify(to_html(cleaned, images), heading_style="ATX", bullets="-"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


RENDERERS = {"markdown": to_markdown, "html": to_html}


def _kept(cleaned: CleanedPage) -> Iterator[str | None]:
    """For each block what is left of its characters, white space aside: `x` for one that stays, a blank for one that goes;
    None if all stays."""
    gone = [(r.start, r.end) for r in cleaned.report.removals]
    text, at = cleaned.extracted.text, 0
    for start, end in cleaned.extracted.spans:
        while at < len(gone) and gone[at][1] <= start:
            at += 1
        last = at
        while last < len(gone) and gone[last][0] < end:
            last += 1
        cuts = gone[at:last]
        yield _mask(text, start, end, cuts) if cuts else None


def _mask(text: str, start: int, end: int, cuts: list[tuple[int, int]]) -> str:
    mask = ["x"] * (end - start)
    for a, b in cuts:
        a, b = max(a, start), min(b, end)
        mask[a - start : b - start] = [" "] * (b - a)
    return "".join(mark for mark, c in zip(mask, text[start:end], strict=True) if not c.isspace())


def _cut(pieces: list[str], keep: str | None) -> None:
    """Take from the strings of a block what does not stay."""
    if keep is None:
        return
    at = 0
    for piece in pieces:
        marks = iter(keep[at:])
        at += 1 if piece is CELL else sum(not c.isspace() for c in piece)
        if piece is not CELL:
            left = "".join(c for c in piece if c.isspace() or next(marks, "x") == "x")
            piece.replace_with(left)  # type: ignore[attr-defined]


def _drop_unread(soup: BeautifulSoup, read: set[int]) -> None:
    """Strings that are in no block: of comments, scripts, titles; white space stays."""
    for string in list(soup.find_all(string=True)):
        if id(string) not in read and not (type(string).__name__ == "NavigableString" and string.isspace()):
            string.extract()


def _tidy(soup: BeautifulSoup, images: bool, base: str) -> None:
    """Without empty elements, attributes and elements that only lay out; a div with text of its own becomes a paragraph."""
    for tag in reversed(list(soup.find_all(True))):
        if tag.name in ("html", "body", "[document]"):
            continue
        if (tag.name == "img" and not images) or (tag.name not in _EMPTY and not _has_content(tag)):
            tag.decompose()
            continue
        tag.attrs = dict(_attributes(tag.attrs.items(), base))
        if tag.name not in _KEPT:
            _plain(tag)


def _has_content(tag: Tag) -> bool:
    return any(getattr(child, "name", None) in ("img",) or not _is_blank(child) for child in tag.contents)


def _is_blank(child: Any) -> bool:
    """White space, or what only stands between words; elements that are left by now have content."""
    return child.name in _EMPTY if child.name else not str(child).strip()


def _plain(tag: Tag) -> None:
    own = any(not child.name and child.strip() for child in tag.contents)  # type: ignore[attr-defined]
    inner = any(_BLOCKS.match(child.name or "") for child in tag.find_all(True, recursive=False))
    if tag.name in ("div", "section", "article") and own and not inner:
        tag.name = "p"
    else:
        tag.unwrap()


def _attributes(pairs: Iterable[tuple[str, Any]], base: str) -> Iterator[tuple[str, str]]:
    """The attributes that stay; addresses as seen from the page's own."""
    for key, value in pairs:
        if key in _ATTRIBUTES and isinstance(value, str) and _SAFE.match(value):
            yield key, _joined(base, value) if key in _ADDRESSES else value


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # as of "http://[x"
        return address
