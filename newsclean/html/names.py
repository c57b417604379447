"""What an element's tag and its names (class, id, role, itemprop) say it may be: a set of flags as bits of a number.

Names are hints and no more: 10 to 14 in 100 words of true article text stand under a class that sounds like a widget. So a
flag only ever adds to or takes from a block's evidence (evidence.py), and none at all where the element holds much of the page.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

# What the names of elements hold: flag -> patterns.
_READ: dict[str, list[str]] = tomllib.loads((files("newsclean.html") / "names.toml").read_text("utf-8"))
_TAGS = {
    "nav": "<nav", "aside": "<aside", "footer": "<footer", "header": "<header", "figure": "<figure",
    "figcaption": "<figcaption", "form": "<form", "fieldset": "<form", "button": "<button", "article": "<article",
    "main": "<main", "address": "<address", "blockquote": "<quote", "table": "<table", "ul": "<list", "ol": "<ordered",
    "dl": "<list", "dialog": "<dialog", "details": "<details", "menu": "<nav", "a": "<a", "strong": "<b", "b": "<b",
    "em": "<i", "i": "<i", "time": "<time", "label": "<form", "small": "<small", "cite": "<cite", "pre": "<pre",
    "section": "<section", "hgroup": "<header",
}  # fmt: skip
FLAGS: tuple[str, ...] = (*_READ, *dict.fromkeys(_TAGS.values()), "hidden-here")
BIT: dict[str, int] = {name: 1 << number for number, name in enumerate(FLAGS)}
START = 3  # letters by which a pattern is looked up


def _start(pattern: str) -> str | None:
    """START letters that all that fits the pattern has, if there are such."""
    plain = pattern.replace("\\b", "|")
    while _GROUP.search(plain):
        plain = _GROUP.sub("|", plain)
    runs = [run for run in re.split(r"[\w ]\?|[^\w ]", plain) if len(run) >= START]
    return runs[0][:START] if runs else None


_GROUP = re.compile(r"\((?:\?[:!])?[^()]*\)\??")
_BY_START: dict[str, list[tuple[int, str]]] = {}  # most words of names are in no pattern, and are told so by their letters
_ALWAYS: list[tuple[int, str]] = []
for _name, _patterns in _READ.items():
    for _pattern in _patterns:
        _key = _start(_pattern)
        (_ALWAYS if _key is None else _BY_START.setdefault(_key, [])).append((BIT[_name], _pattern))
_WORDS = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"([a-z])([A-Z])")
# Words that mean something together with the next one, and would not without it.
_OPENERS = frozenset({
    "about", "ad", "also", "article", "at", "author", "blog", "body", "call", "content", "d", "detail", "drop", "entry",
    "fact", "fb", "global", "info", "inner", "key", "lees", "lire", "log", "main", "mehr", "more", "news", "page",
    "paywall", "pop", "post", "pull", "read", "reading", "reg", "rich", "screen", "section", "see", "side", "sign",
    "single", "site", "slide", "sr", "story", "sub", "support", "table", "tag", "text", "top", "up", "ver", "visually",
    "voir", "xn", "you", "zn",
})  # fmt: skip
MAX_WORDS, MAX_NAME = 40, 300  # words of a name, and characters of an attribute, that are looked at
_NAMING = frozenset({"class", "id", "role", "itemprop", "data-testid", "data-component", "data-type", "aria-label", "property"})


def flags_of(tag: str, attributes: Mapping[str, Any]) -> int:
    """The flags of an element."""
    names, hidden = "", False
    for key, value in attributes.items():
        if key in _NAMING:
            names += " " + (value if isinstance(value, str) else " ".join(value or ()))[:MAX_NAME]
        elif key == "style":
            squeezed = value[:MAX_NAME].replace(" ", "").lower()
            hidden = hidden or "display:none" in squeezed or "visibility:hidden" in squeezed
        elif key == "hidden" or (key == "aria-hidden" and value == "true"):
            hidden = True
    found = _flags_of_names(names) | BIT["hidden-here"] if hidden else _flags_of_names(names)
    return found | BIT[_TAGS[tag]] if tag in _TAGS else found


@lru_cache(maxsize=20_000)
def _flags_of_names(names: str) -> int:
    words = _WORDS.sub(" ", _CAMEL.sub(r"\1 \2", names).lower()).split()[:MAX_WORDS]
    found, before = BIT["content"] if words[:1] == ["content"] else 0, ""
    for word in words:
        found |= _flags_of_words(word)
        if before in _OPENERS:
            found |= _flags_of_words(f"{before} {word}")
        before = word
    return found


@lru_cache(maxsize=50_000)
def _flags_of_words(words: str) -> int:
    """Of a word, or of two. Words come back on every page, so asking for each is far less work than for whole names."""
    found = 0
    for bit, pattern in _ALWAYS:
        if not found & bit and _compiled(pattern).search(words):
            found |= bit
    for i in range(len(words) - START + 1):
        for bit, pattern in _BY_START.get(words[i : i + START], ()):
            if not found & bit and _compiled(pattern).search(words):
                found |= bit
    return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def named(flags: int) -> list[str]:
    """The names of the flags."""
    return [name for name, bit in BIT.items() if flags & bit]
