"""What a walk finds on a page: blocks of text, the elements they stand in, and the head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from newsclean.html.names import flags_of

NO_ATTRIBUTES: dict[str, Any] = {}  # lxml has an object of its own, which cannot be pickled


class Node:
    """A block element. `place`: among the siblings of its tag, from 1; `first`, `last`: its blocks, half-open."""

    __slots__ = ("_flags", "attributes", "first", "index", "last", "parent", "place", "tag", "tags")

    def __init__(self, tag: str, attributes: Mapping[str, Any], parent: Node | None, index: int, first: int) -> None:
        self.tag = tag
        self.attributes = attributes or NO_ATTRIBUTES
        self.parent = parent
        self.index = index
        self.first = self.last = first
        self.place = 1
        self.tags: dict[str, int] | None = None  # how many children of each tag there are by now
        self._flags: int | None = None

    @property
    def flags(self) -> int:
        """What its tag and names say it is (see names.py). Not known before it is asked for: of most elements nobody does."""
        if self._flags is None:
            self._flags = flags_of(self.tag, self.attributes)
        return self._flags

    @property
    def signature(self) -> str:
        """Elements of one kind have the same."""
        names = self.attributes.get("class") or ""
        return f"{self.tag} {names if isinstance(names, str) else ' '.join(names)}"


class Block(NamedTuple):
    """A stretch of text. `link`, `strong`: characters of it in links and in bold or italics; `links`: how many; `opening`: tags
    and attributes of the inline elements it begins with; `broken`: whether a br stands before it."""

    node: Node
    text: str
    link: int
    links: int
    strong: int
    opening: tuple[tuple[str, Mapping[str, Any]], ...]
    broken: bool

    @property
    def flags(self) -> int:
        """What its inline elements say it is."""
        found = 0
        for tag, attributes in self.opening:
            found |= flags_of(tag, attributes)
        return found


@dataclass
class Page:
    """`nodes` in document order, those without text left out but for the first, which is the page. `head`: the attributes of meta
    and link elements; `titles`: texts of title elements; `data`: the JSON-LD texts."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    head: list[dict[str, str]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
