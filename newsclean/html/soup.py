"""Bytes to a page: the encoding, what nobody reads left out before parsing, and the parser.

    bytes --decoded--> markup --pruned--> markup --soup_of--> BeautifulSoup           the front door
                                                 --parsed---> a Walk, without a tree  the fast door

Both doors are the HTML parser of lxml calling a target as it reads, so they see the same elements. Script, style and drawings
are two thirds of a news page; without them BeautifulSoup takes about two thirds of the time. Nothing here raises.
"""

from __future__ import annotations

import re
import warnings
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from newsclean.engine import held

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

# Elements whose content nobody reads; JSON-LD is a script, too, and is kept for its facts.
_NAMES = ("script", "style", "svg", "noscript", "template", "iframe", "object", "select", "textarea")


def _any_case(name: str) -> str:
    """A pattern for a name in letters of any case. With re.I, looking for the next `<` takes twice the time."""
    return "".join(f"[{c}{c.upper()}]" for c in name)


_OPENING = re.compile(rf"<(?:(!--)|(?=[sntioSNTIO])({'|'.join(map(_any_case, _NAMES))})(?=[\s/>]))")
_CLOSING = {name: re.compile(rf"</{_any_case(name)}\s*>") for name in _NAMES}
_COMMENT_END = re.compile(r"--!?>")
_JSON_LD = re.compile(r"<script[^>]{0,400}ld\+json", re.I)
# Characters at which libxml2 stops, as UTF-8: most are single bytes, and of the others two end so.
_FORBIDDEN = bytes(32 if c < 32 and c not in b"\t\n\x0c\r" else c for c in range(256))
_NONCHARACTERS = re.compile("[\ufffe\uffff]")
_BOMS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
# What browsers read where a page names the left one (WHATWG encoding standard).
_MEANT = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
GUESSED_BYTES = 65_536  # as much of a page without a declared encoding is looked at


class Target(Protocol):
    """What a parser of lxml calls."""

    def start(self, tag: str, attributes: Mapping[str, str], /) -> Any: ...
    def data(self, text: str, /) -> Any: ...
    def end(self, tag: str, /) -> Any: ...
    def close(self) -> Any: ...


def decoded(data: bytes, charset: str | None = None) -> tuple[str, str]:
    """The markup and the encoding it was in. `charset`: what the server or the user says.

    In this order: byte order mark; UTF-8 if all of it is (few texts in other encodings are); `charset`; what the page
    declares; a guess; windows-1252. What does not fit the encoding becomes U+FFFD.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), name
    if b"\x1b" not in data and b"\x00" not in data[:200]:  # ISO-2022 and UTF-16 look like ASCII
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    name = _known(charset) or _known(_declared(data)) or _known(_guessed(data)) or "cp1252"
    try:
        return data.decode(name, "replace"), name
    except (UnicodeError, LookupError, ValueError):
        return data.decode("utf-8", "replace"), "utf-8"


def _known(name: str | None) -> str | None:
    try:
        found = lookup(name).name if name else None
        "".encode(found or "utf-8")  # not every codec is one of text
    except (LookupError, ValueError, UnicodeError, TypeError):
        return None
    return _MEANT.get(found, found) if found else None


def _declared(data: bytes) -> str | None:
    from bs4.dammit import EncodingDetector

    return EncodingDetector.find_declared_encoding(data[:GUESSED_BYTES], is_html=True)


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:GUESSED_BYTES]).best()
    return best.encoding if best else None


def pruned(markup: str) -> str:
    """`markup` without comments and what stands in script, style and the like. In one pass: an element that is never
    closed is left to the parser, and not looked for again."""
    kept: list[str] = []
    at = done = 0
    unclosed: set[str] = set()
    while opening := _OPENING.search(markup, at):
        at, end = opening.end(), None
        name = "!--" if opening[1] else opening[2].lower()
        if name not in unclosed:
            end = (_COMMENT_END if name == "!--" else _CLOSING[name]).search(markup, at)
            if not end:
                unclosed.add(name)
        if end:
            if not (name == "script" and _JSON_LD.match(markup, opening.start())):
                kept.append(markup[done : opening.start()])
                done = end.end()
            at = end.end()
    kept.append(markup[done:])
    return "".join(kept)


def soup_of(html: bytes | str, charset: str | None = None) -> BeautifulSoup:
    """The page as BeautifulSoup, less what nobody reads, and with attributes as they stand (a class is a string)."""
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning

    from newsclean.html.builder import Builder

    with warnings.catch_warnings(), held():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        markup = _markup(html, charset).encode("utf-8", "replace").decode("utf-8")  # bs4 stops at surrogates
        return BeautifulSoup(markup, builder=Builder(feed))


def parsed(html: bytes | str, target: Target, charset: str | None = None) -> None:
    """The page given to a target, element by element."""
    feed(_markup(html, charset), target)


def feed(markup: str, target: Target) -> None:
    """Markup that was pruned, to a target."""
    from lxml import etree

    try:
        data = markup.encode("utf-8")
    except UnicodeEncodeError:  # surrogates
        data = markup.encode("utf-8", "replace")
    if b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data:
        data = _NONCHARACTERS.sub(" ", data.decode()).encode()
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, target=target)
    with suppress(etree.LxmlError, ValueError):
        etree.fromstring(data.translate(_FORBIDDEN), parser)


def _markup(html: bytes | str, charset: str | None) -> str:
    return pruned(html if isinstance(html, str) else decoded(html, charset)[0])
