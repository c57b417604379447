"""A page to blocks, in one walk: what can be read, in reading order, with where it stands.

    walk_html(html) -> Page(blocks, nodes, head)      the parser calls the walk as it reads, and no tree is made
    walk_soup(soup) -> the same from a tree of BeautifulSoup

Both give elements and strings to one `Walk`, so both doors give the same blocks. A block is a stretch of text that no block
element and no br divides; the cells of a table row are one block, with " | " between them. Its text has single spaces, and
one line, but in pre. What CSS or script hides is read, too, and marked: many pages show their article only by script. An
element without text is forgotten when it ends, so a page of a million of them takes no more room than its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from newsclean.html.page import NO_ATTRIBUTES, Block, Node, Page
from newsclean.html.soup import parsed

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_UNREAD = (
    "style", "noscript", "template", "svg", "iframe", "object", "select", "option", "datalist", "textarea", "canvas",
    "video", "audio", "map", "embed", "applet", "noframes", "frameset",
    "hr", "img", "input", "source", "area", "base", "col", "track", "param",
)  # fmt: skip
_INLINE = (
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time",
    "tt", "u", "var", "wbr",
)  # fmt: skip
INLINE, UNREAD, BREAK, HEAD, TITLE, SCRIPT = range(1, 7)
_KINDS = {
    **dict.fromkeys(_INLINE, INLINE), **dict.fromkeys(_UNREAD, UNREAD), "br": BREAK, "meta": HEAD, "link": HEAD, "title": TITLE,
    "script": SCRIPT,
}  # fmt: skip
_CELLS = frozenset({"td", "th"})
_STRONG = frozenset({"b", "strong", "em", "i"})
CELL = "\x1f"  # between the cells of a row, until the block's text is made; no page has it, see soup.parsed
MAX_HEAD, MAX_OPENING = (
    400,
    10,
)  # meta elements read, of which a page has some fifty, and inline elements that a block begins with
# Beyond these a page is hostile or no page: elements are no longer told apart, and what follows is one block.
MAX_DEPTH, MAX_BLOCKS = 2_000, 100_000


class Walk:
    """Takes elements and strings in document order: `start`, `data`, `end`, and `close`, as a parser of lxml calls them."""

    def __init__(self) -> None:
        self.page = Page()
        self.strings: list[list[str]] | None = None  # if a list: the strings of each block, as the tree has them
        self.node = Node("", {}, None, 0, 0)
        self.page.nodes.append(self.node)
        self._pieces: list[str] = []
        self._linked: list[str] = []
        self._strong: list[str] = []
        self._opening: list[tuple[str, Mapping[str, Any]]] = []
        self._links = self._in_link = self._in_strong = 0
        self._pre = self._depth = self._beyond = 0
        self._broken = self._has_cells = False
        self._skipped = 0  # depth within an element that is not read
        self._caught: list[str] | None = None  # strings of such an element that the head wants
        self._catch: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, Any]) -> bool:
        """Begin an element. False if nothing in it is read."""
        if self._skipped:
            self._skipped += 1
            return False
        kind = _KINDS.get(tag)
        if kind is None:
            self._start_block(tag, attributes)
            return True
        if kind == INLINE:
            if tag == "a":
                self._in_link += 1
                self._links += 1
            elif tag in _STRONG:
                self._in_strong += 1
            if not self._pieces and len(self._opening) < MAX_OPENING:
                self._opening.append((tag, attributes or NO_ATTRIBUTES))
            return True
        self._skipped = 1
        self._skip(kind, attributes)
        return False

    def _skip(self, kind: int, attributes: Mapping[str, Any]) -> None:
        if kind == BREAK:
            self._flush()
            self._broken = True
        elif kind == HEAD:
            if len(self.page.head) < MAX_HEAD:
                self.page.head.append({key: str(value) for key, value in attributes.items()})
        elif kind == TITLE:
            self._flush()
            self._caught, self._catch = [], self.page.titles
        elif kind == SCRIPT and "ld+json" in str(attributes.get("type") or "").lower():
            self._caught, self._catch = [], self.page.data

    def _start_block(self, tag: str, attributes: Mapping[str, Any]) -> None:
        parent, page = self.node, self.page
        if self._depth >= MAX_DEPTH or len(page.blocks) >= MAX_BLOCKS:
            self._beyond += 1
            self._flush()
            return
        if tag in _CELLS and parent.tag == "tr":
            if self._pieces:
                self._pieces.append(CELL)
                self._has_cells = True
        elif self._pieces:
            self._flush()
        else:
            self._links, self._opening = self._in_link, []
        node = self.node = Node(tag, attributes, parent, len(page.nodes), len(page.blocks))
        if parent.tags is None:
            parent.tags = {tag: 1}
        else:
            node.place = parent.tags[tag] = parent.tags.get(tag, 0) + 1
        page.nodes.append(node)
        self._depth += 1
        if tag == "pre":
            self._pre += 1

    def data(self, text: str) -> None:
        if self._skipped:
            if self._caught is not None:
                self._caught.append(text)
            return
        if not self._pieces and not self._pre and text.isspace():  # a string may come in parts, of which the first may be a blank
            return
        self._pieces.append(text)
        if self._in_link:
            self._linked.append(text)
        if self._in_strong:
            self._strong.append(text)

    def end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            if self._caught is not None and not self._skipped:
                if self._caught:
                    self._catch.append("".join(self._caught))
                self._caught = None
            return
        if tag not in _KINDS:
            self._end_block(tag)
        elif tag == "a":
            self._in_link -= 1
        elif tag in _STRONG:
            self._in_strong -= 1

    def _end_block(self, tag: str) -> None:
        if self._beyond:
            self._beyond -= 1
            self._flush()
            return
        node = self.node
        parent = node.parent
        if parent is None:
            return
        if not (tag in _CELLS and parent.tag == "tr"):
            self._flush()
        if tag == "pre":
            self._pre -= 1
        nodes = self.page.nodes
        node.last, node.tags = len(self.page.blocks), None
        if node.first == node.last and nodes[-1] is node:
            nodes.pop()
        self._depth -= 1
        self.node = parent

    def close(self) -> Page:
        page = self.page
        if text := self._text():
            self._add(text)
        self._pieces = []
        node: Node | None = self.node
        while node is not None:
            node.last, node.tags = len(page.blocks), None
            node = node.parent
        return page

    def _flush(self) -> None:
        """End the block, if there is text in it."""
        if self._pieces:
            if len(self.page.blocks) >= MAX_BLOCKS:
                if self.strings is None:  # those are of the tree
                    self._pieces.append(" ")
                return
            if text := self._text():
                self._add(text)
                self._broken = False
            self._pieces, self._linked, self._strong, self._has_cells = [], [], [], False
        self._links, self._opening = self._in_link, []

    def _add(self, text: str) -> None:
        whole = 0 if self._has_cells else len(self._pieces)
        link, strong = _chars(self._linked, whole, text), _chars(self._strong, whole, text)
        if self.strings is not None:
            self.strings.append(self._pieces)
        opening = tuple(self._opening)
        self.page.blocks.append(Block(self.node, text, link, self._links, strong, opening, self._broken))

    def _text(self) -> str:
        text = "".join(self._pieces)
        if self._pre:
            return "\n".join(line.rstrip() for line in text.replace(CELL, " ").splitlines()).strip("\n")
        if self._has_cells:
            return " | ".join(filter(None, (" ".join(cell.split()) for cell in text.split(CELL))))
        return " ".join(text.split())


def _chars(pieces: list[str], whole: int, text: str) -> int:
    """Characters of some pieces of a block, with single spaces. `whole`: as many pieces are all of the text."""
    return 0 if not pieces else len(text) if len(pieces) == whole else len(" ".join("".join(pieces).split()))


# --- the two doors ------------------------------------------------------------------------------------


def walk_html(html: bytes | str, charset: str | None = None) -> Page:
    """The blocks of a page."""
    walk = Walk()
    parsed(html, walk, charset)
    return walk.close()


def walk_soup(soup: BeautifulSoup) -> Page:
    """The blocks of a page as BeautifulSoup has it, with any builder."""
    return _walk_soup(soup, Walk())


def strings_of(soup: BeautifulSoup) -> list[list[str]]:
    """The strings of each block: nodes of the tree, and CELL between the cells of a row."""
    walk = Walk()
    walk.strings = []
    _walk_soup(soup, walk)
    return walk.strings


def _walk_soup(soup: BeautifulSoup, walk: Walk) -> Page:
    from bs4.element import NavigableString, PreformattedString

    stack: list[tuple[Any, Any]] = []
    element: Any = None
    children: Iterator[Any] = iter(soup.contents)
    while True:
        for child in children:
            if isinstance(child, NavigableString):
                if not isinstance(child, PreformattedString):
                    walk.data(child)
            elif walk.start(child.name, child.attrs):
                stack.append((children, element))
                children, element = iter(child.contents), child
                break
            else:
                if child.name in ("script", "title"):
                    for string in child.strings:
                        walk.data(string)
                walk.end(child.name)
        else:
            if element is None:
                return walk.close()
            walk.end(element.name)
            children, element = stack.pop()
