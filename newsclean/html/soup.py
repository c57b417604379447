"""Bytes to a tree: the encoding, what nobody reads left out before parsing, and the parser.

    bytes --decoded--> markup --pruned--> markup --soup_of--> BeautifulSoup      the front door
                                                 --tree_of--> lxml element       the fast door

Both doors stand on the parser of lxml, which bs4's builder feeds as well, so they see the same elements. Script, style and
drawings are two thirds of a news page; without them BeautifulSoup takes about two thirds of the time. Only `tree_of` raises.
"""

from __future__ import annotations

import gc
import re
import warnings
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

# Elements whose content nobody reads; JSON-LD is a script, too, and is kept for its facts.
_OPENING = re.compile(r"<(?:(!--)|(script|style|svg|noscript|template|iframe|object|select|textarea)(?=[\s/>]))", re.I)
_CLOSING = {
    name: re.compile(rf"</{name}\s*>", re.I)
    for name in ("script", "style", "svg", "noscript", "template", "iframe", "object", "select", "textarea")
}
_COMMENT_END = re.compile(r"--!?>")
_JSON_LD = re.compile(r"<script[^>]{0,400}ld\+json", re.I)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # libxml2 stops at some of them
_BOMS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
# What browsers read where a page names the left one (WHATWG encoding standard).
_MEANT = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
GUESSED_BYTES = 65_536  # as much of a page without a declared encoding is looked at


class TooDeepError(Exception):
    """lxml gave up on a page; bs4's builder does not."""


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
    return _FORBIDDEN.sub(" ", "".join(kept))


@contextmanager
def held() -> Iterator[None]:
    """No collection of garbage while a tree grows: nothing of it is garbage, and looking takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def soup_of(html: bytes | str, charset: str | None = None) -> BeautifulSoup:
    """The page as BeautifulSoup, less what nobody reads, and with attributes as they stand (a class is a string)."""
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning

    with warnings.catch_warnings(), held():
        for kind in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning, DeprecationWarning):  # the last: bs4 at lxml
            warnings.simplefilter("ignore", kind)
        return BeautifulSoup(_markup(html, charset), "lxml", multi_valued_attributes=None)


def tree_of(html: bytes | str, charset: str | None = None) -> Any:
    """The page as an element of lxml; None where there is no element in it. Raises TooDeepError where elements stand more than
    2,048 deep: what follows is then missing, and only `soup_of` has it."""
    from lxml import etree

    markup = _markup(html, charset)
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(markup.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    last = parser.error_log.last_error
    if last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        raise TooDeepError
    return root


def _markup(html: bytes | str, charset: str | None) -> str:
    return pruned(html if isinstance(html, str) else decoded(html, charset)[0])
