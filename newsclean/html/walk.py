"""A tree to blocks, in one walk: what can be read, in reading order, with where it stands.

    walk_soup(soup) | walk_tree(element) -> Page(blocks, nodes, head)

Two thin adapters hand elements and strings to one `Walk`, so both doors give the same blocks. A block is a stretch of text
that no block element and no br divides; the cells of a table row are one block, with " | " between them. Its text has
single spaces, and one line, but in pre. What CSS or script hides is read, too, and marked: many pages show their article only by
script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newsclean.html.names import flags_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_UNREAD = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "select", "option", "datalist", "textarea", "canvas",
    "video", "audio", "map", "embed", "applet", "noframes", "frameset",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time",
    "tt", "u", "var", "wbr",
})  # fmt: skip
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "source", "wbr", "area", "base", "col", "track", "param"})
_CELLS = frozenset({"td", "th"})
_STRONG = frozenset({"b", "strong", "em", "i"})
CELL = "\x1f"  # between the cells of a row, until the block's text is made; no page has it, see soup.pruned
MAX_HEAD = 400  # meta elements read; a page has some fifty

Attributes = Callable[[], Iterable[tuple[str, Any]]]


class Node:
    """A block element. `flags`: what its tag and names say it is (see names.py); `first`, `last`: its blocks, half-open."""

    __slots__ = ("first", "flags", "index", "last", "name", "parent", "signature", "tag")

    def __init__(self, tag: str, parent: Node | None, index: int, first: int, name: str, flags: int) -> None:
        self.tag = tag
        self.parent = parent
        self.index = index
        self.first = first
        self.last = first
        self.name = name
        self.flags = flags
        self.signature = f"{tag} {name}"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text. `link`, `strong`: characters of it in links and in bold or italics; `flags`: of the inline elements
    it begins with; `links`: how many; `broken`: whether a br stands before it."""

    index: int
    node: Node
    text: str
    link: int
    links: int
    strong: int
    flags: int
    broken: bool


@dataclass
class Page:
    """`nodes` in document order. `head`: the attributes of meta and link elements; `titles`: the title element's text;
    `data`: the JSON-LD texts."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    head: list[dict[str, str]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)


class Walk:
    """Takes elements and strings in document order: `open`, `text`, `close`."""

    def __init__(self) -> None:
        self.page = Page()
        self.strings: list[list[str]] | None = None  # if a list: the strings of each block, as the tree has them
        self.node = Node("", None, 0, 0, "", 0)
        self.page.nodes.append(self.node)
        self._pieces: list[str] = []
        self._linked: list[str] = []
        self._strong: list[str] = []
        self._links = self._in_link = self._in_strong = self._flags = 0
        self._pre = self._in_title = 0
        self._broken = False

    def open(self, tag: str, attributes: Attributes) -> bool:
        """Begin an element; False if nothing in it is read, and then it is not closed."""
        if tag in _INLINE:
            self._open_inline(tag, attributes)
            return True
        if tag == "br":
            self._flush()
            self._broken = True
            return False
        if tag in _UNREAD or tag in _VOID:
            if tag in ("meta", "link") and len(self.page.head) < MAX_HEAD:
                self.page.head.append({key: str(value) for key, value in attributes()})
            return False
        self._open_block(tag, attributes)
        return True

    def _open_inline(self, tag: str, attributes: Attributes) -> None:
        if tag == "a":
            self._in_link += 1
            self._links += 1
        elif tag in _STRONG:
            self._in_strong += 1
        if not self._pieces:
            self._flags |= flags_of(tag, *_names(attributes()))[1]

    def _open_block(self, tag: str, attributes: Attributes) -> None:
        parent = self.node
        if tag in _CELLS and parent.tag == "tr":
            if self._pieces:
                self._pieces.append(CELL)
        else:
            self._flush()
        name, flags = flags_of(tag, *_names(attributes()))
        nodes = self.page.nodes
        self.node = Node(tag, parent, len(nodes), len(self.page.blocks), name, flags)
        nodes.append(self.node)
        self._pre += tag == "pre"
        self._in_title += tag == "title"

    def text(self, text: str) -> None:
        if not self._pieces and text.isspace():
            return
        if self._in_title:
            self.page.titles.append(text)
            return
        self._pieces.append(text)
        if self._in_link:
            self._linked.append(text)
        if self._in_strong:
            self._strong.append(text)

    def close(self, tag: str) -> None:
        if tag in _INLINE:
            if tag == "a":
                self._in_link -= 1
            elif tag in _STRONG:
                self._in_strong -= 1
            return
        node = self.node
        if not (tag in _CELLS and node.parent is not None and node.parent.tag == "tr"):
            self._flush()
        self._pre -= tag == "pre"
        self._in_title -= tag == "title"
        node.last = len(self.page.blocks)
        self.node = node.parent or node

    def end(self) -> Page:
        self._flush()
        self.page.nodes[0].last = len(self.page.blocks)
        return self.page

    def _flush(self) -> None:
        """End the block, if there is text in it."""
        if self._pieces:
            text = self._joined()
            if text:
                blocks = self.page.blocks
                link = len(_squeezed(self._linked)) if self._linked else 0
                strong = len(_squeezed(self._strong)) if self._strong else 0
                if self.strings is not None:
                    self.strings.append(self._pieces)
                blocks.append(Block(len(blocks), self.node, text, link, self._links, strong, self._flags, self._broken))
            self._pieces, self._linked, self._strong = [], [], []
            self._broken = False
        self._links = self._in_link
        self._flags = 0

    def _joined(self) -> str:
        text = "".join(self._pieces)
        if self._pre:
            return "\n".join(line.rstrip() for line in text.replace(CELL, " ").splitlines()).strip("\n")
        if CELL in text:
            return " | ".join(filter(None, (" ".join(cell.split()) for cell in text.split(CELL))))
        return " ".join(text.split())


def _squeezed(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())


def _names(attributes: Iterable[tuple[str, Any]]) -> tuple[str, str]:
    """What names an element (class, id, role, itemprop, data-testid and the like), and whether it is hidden."""
    name, hidden = "", ""
    for key, value in attributes:
        if key in _NAMING:
            name += " " + (" ".join(value) if isinstance(value, list) else value or "")[:MAX_NAME]
        elif key == "style":
            squeezed = value[:MAX_NAME].replace(" ", "").lower()
            if "display:none" in squeezed or "visibility:hidden" in squeezed:
                hidden = "hidden"
        elif key == "hidden" or (key == "aria-hidden" and value == "true"):
            hidden = "hidden"
    return name, hidden


MAX_NAME = 300  # characters of an attribute that are looked at
_NAMING = frozenset({"class", "id", "role", "itemprop", "data-testid", "data-component", "data-type", "aria-label", "property"})


# --- the two doors ------------------------------------------------------------------------------------


def walk_tree(root: Any) -> Page:
    """The blocks of a page as lxml has it; None is a page with nothing on it."""
    walk = Walk()
    if root is None:
        return walk.end()
    stack: list[tuple[Any, Any]] = []
    children = iter((root,))
    element = None
    while True:
        for child in children:
            tag = child.tag
            if type(tag) is str:
                if tag == "script":
                    _data(walk, child.get("type"), child.text)
                elif walk.open(tag, child.items):
                    if text := child.text:
                        walk.text(text)
                    stack.append((children, element))
                    children, element = iter(child), child
                    break
            if tail := child.tail:
                walk.text(tail)
        else:
            if element is None:
                return walk.end()
            walk.close(element.tag)
            if tail := element.tail:
                walk.text(tail)
            children, element = stack.pop()


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
                    walk.text(child)
            elif child.name == "script":
                _data(walk, child.get("type"), child.string)
            elif walk.open(child.name, child.attrs.items):
                stack.append((children, element))
                children, element = iter(child.contents), child
                break
        else:
            if element is None:
                return walk.end()
            walk.close(element.name)
            children, element = stack.pop()


def _data(walk: Walk, kind: Any, text: str | None) -> None:
    if text and "ld+json" in str(kind or "").lower():
        walk.page.data.append(str(text))
