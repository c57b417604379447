"""What a page says of itself: title, description, address, site, dates, authors, whether it is free, and perhaps its text.

    facts_of(page) -> Facts       from meta and link elements, the title element, headings and JSON-LD

Pages lie, and JSON-LD more than others: of a string nothing but text is taken, of a nest no more than MAX_ITEMS items.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsclean.html.page import Page
from newsclean.html.wording import words_of

MAX_DATA, MAX_ITEMS, MAX_FIELD = 2_000_000, 5_000, 2_000  # characters of JSON-LD, items in it, characters of a fact
MIN_BODY = 200  # characters from which a JSON-LD text may be an article
_ARTICLE = re.compile(r"(?:article|posting|report|recipe|review|webpage)\Z", re.I)
_MARKUP = re.compile(r"<[^<>]{1,1000}>")
_SUFFIX = re.compile(r"\s+[|\-–—•·»:]\s+")
_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_DATES = ("article:published_time", "date", "dc.date", "pubdate", "publishdate", "sailthru.date", "parsely-pub-date")
_AUTHORS = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a page; `headings` are its h1 texts. `free`: False where it says it is for subscribers."""

    title: str | None = None
    titles: tuple[str, ...] = ()
    description: str | None = None
    url: str | None = None
    site: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    free: bool | None = None
    body: str | None = None


def facts_of(page: Page) -> Facts:
    """Gather the facts. Never raises."""
    meta = _metas(page)
    data = _article(page)
    headings = [b.text for b in page.blocks if b.node.tag == "h1"][:5]
    whole = " ".join("".join(page.titles[:3]).split())[:MAX_FIELD] or None
    titles = _titles(meta, data, headings, whole)
    return Facts(
        title=titles[0] if titles else None,
        titles=tuple(dict.fromkeys(titles)),
        description=_first(meta, ("og:description", "description", "twitter:description")) or _text(data.get("description")),
        url=_canonical(page) or _first(meta, ("og:url",)) or _text(data.get("url")),
        site=_first(meta, ("og:site_name", "application-name")) or _name(data.get("publisher")),
        published=_text(data.get("datePublished")) or _first(meta, _DATES),
        modified=_text(data.get("dateModified")) or _first(meta, ("article:modified_time", "last-modified")),
        authors=_authors(meta, data),
        free=_free(data),
        body=_body(data),
    )


def _metas(page: Page) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in page.head:
        name = row.get("property") or row.get("name") or row.get("itemprop")
        content = " ".join(row.get("content", "")[:MAX_FIELD].split())
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _first(meta: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((meta[name] for name in names if name in meta), None)


def _canonical(page: Page) -> str | None:
    rows = (row.get("href") for row in page.head if "canonical" in row.get("rel", "").lower())
    return next((href[:MAX_FIELD] for href in rows if href), None)


def _titles(meta: dict[str, str], data: dict[str, Any], headings: list[str], whole: str | None) -> list[str]:
    """What the headline may be, best first: the h1 that agrees with what the head says, else what the head says."""
    said = [t for t in (_text(data.get("headline")), *(meta.get(name) for name in _TITLES)) if t]
    whole_parts = [whole, *([part for part in _SUFFIX.split(whole) if len(part) > 15] if whole else [])]
    candidates = [*said, *(part for part in whole_parts if part)]
    agreed = [h for h in headings if any(_alike(h, other) for other in candidates)]
    cut = [part for t in said for part in _SUFFIX.split(t)[:1] if len(part) > 15]
    return [*agreed, *said[:1], *(headings[:1] if len(headings) == 1 else []), *said[1:], *cut, *candidates]


def _alike(one: str, other: str) -> bool:
    """Whether one title is the other, or stands within it."""
    a, b = words_of(one), words_of(other)
    return bool(a and b) and len(a & b) >= 0.8 * min(len(a), len(b)) and min(len(a), len(b)) >= min(3, max(len(a), len(b)))


# --- JSON-LD ------------------------------------------------------------------------------------------


def _article(page: Page) -> dict[str, Any]:
    """The article among a page's JSON-LD items: that with the longest text, else the first with a headline."""
    items = [item for text in page.data[:20] for item in _items(text) if _is_article(item)]
    with_body = [item for item in items if isinstance(item.get("articleBody"), str)]
    if with_body:
        return max(with_body, key=lambda item: len(item["articleBody"]))
    return next((item for item in items if item.get("headline")), items[0] if items else {})


def _items(text: str) -> Iterator[dict[str, Any]]:
    """All objects in a JSON-LD text, outer ones first."""
    try:
        waiting = [json.loads(text[:MAX_DATA].strip().strip(";"), strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(MAX_ITEMS):
        if not waiting:
            return
        item = waiting.pop(0)
        if isinstance(item, dict):
            yield item
            waiting.extend(value for value in item.values() if isinstance(value, dict | list))
        elif isinstance(item, list):
            waiting.extend(item[:MAX_ITEMS])


def _is_article(item: dict[str, Any]) -> bool:
    kinds = item.get("@type")
    return any(isinstance(kind, str) and _ARTICLE.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _text(value: Any) -> str | None:
    """A fact as text: of a list the first, without markup."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, str):
        return None
    return " ".join(_MARKUP.sub(" ", html.unescape(value[:MAX_FIELD])).split()) or None


def _name(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return _text(value.get("name") if isinstance(value, dict) else value)


def _authors(meta: dict[str, str], data: dict[str, Any]) -> tuple[str, ...]:
    authors = data.get("author")
    names = [_name(author) for author in (authors if isinstance(authors, list) else [authors])[:20]]
    return tuple(dict.fromkeys(filter(None, names))) or tuple(filter(None, [_first(meta, _AUTHORS)]))


def _free(data: dict[str, Any]) -> bool | None:
    said = data.get("isAccessibleForFree")
    if isinstance(said, str):
        return {"true": True, "false": False}.get(said.lower())
    return said if isinstance(said, bool) else None


def _body(data: dict[str, Any]) -> str | None:
    body = data.get("articleBody")
    if not isinstance(body, str) or len(body) < MIN_BODY:
        return None
    return _MARKUP.sub(" ", html.unescape(body[:MAX_DATA]))
