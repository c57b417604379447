"""A web page as text: all that can be read on it, in reading order, a block a line.

A plain reading, without looking for the article: what is furniture is for the rules to say.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

# What nobody reads; and the elements that do not begin a line of their own.
_UNREAD = frozenset({
    "script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "option", "button", "textarea",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page, and its title, url and site where it says so."""

    text: str
    known: dict[str, str | None]


def page_of(data: bytes, charset: str | None = None) -> Page:
    """Read a page. `charset`: what its server or the user says it is in, else it is found. Never raises on bad markup."""
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning

    with warnings.catch_warnings():
        for kind in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning):
            warnings.simplefilter("ignore", kind)
        soup = BeautifulSoup(data, "lxml", from_encoding=charset)
    return Page("\n\n".join(_blocks(soup)), _known(soup))


def _blocks(soup: BeautifulSoup) -> list[str]:
    from bs4.element import Comment, NavigableString

    blocks: list[list[str]] = [[]]
    waiting = [iter((soup.body or soup).children)]
    ends: list[bool] = [True]  # whether leaving this element ends a block
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            if ends.pop():
                blocks.append([])
        elif isinstance(node, NavigableString):
            if type(node) is NavigableString or not isinstance(node, Comment):
                blocks[-1].append(str(node))
        elif node.name == "br":  # type: ignore[attr-defined]
            blocks.append([])
        elif node.name not in _UNREAD:  # type: ignore[attr-defined]
            block = node.name not in _INLINE  # type: ignore[attr-defined]
            if block:
                blocks.append([])
            waiting.append(iter(node.children))  # type: ignore[attr-defined]
            ends.append(block)
    texts = (_SPACE.sub(" ", "".join(pieces)).strip() for pieces in blocks)
    return [text for text in texts if text]


def _known(soup: BeautifulSoup) -> dict[str, str | None]:
    link = soup.find("link", rel="canonical")
    heading = soup.title.get_text() if soup.title else None
    return {
        "title": _meta(soup, "og:title") or _squeezed(heading),
        "url": _meta(soup, "og:url") or _squeezed(_attribute(link, "href")),
    }


def _meta(soup: BeautifulSoup, name: str) -> str | None:
    return _squeezed(_attribute(soup.find("meta", property=name) or soup.find("meta", attrs={"name": name}), "content"))


def _attribute(tag: object, name: str) -> str | None:
    from bs4 import Tag

    value = tag.get(name) if isinstance(tag, Tag) else None
    return value if isinstance(value, str) else None


def _squeezed(text: str | None) -> str | None:
    return _SPACE.sub(" ", text).strip() or None if text else None
