"""Text to blocks: what the rules look at, and where it stands in the text.

    Document(text) -> blocks, in reading order; blocks and the white space between them tile the text

A block is a line, or several lines of one hard-wrapped paragraph.  A line ends where
`str.splitlines` says so: LF, CR LF, CR, NEL, U+2028, U+2029, VT, FF, FS, GS, RS.
All offsets are code points of the original text, half-open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, TypeVar

from newsclean.folding import fold_case, squeeze
from newsclean.guess import headline_among
from newsclean.lines import KINDS, Kind, lines_of, paragraphs, said

# What a rule may ask for with `is`: a kind, or a name for several of them.
IS: dict[str, frozenset[str]] = {
    **{kind: frozenset({kind}) for kind in KINDS},
    "heading": frozenset({"heading", "label"}),
    "short": frozenset({"heading", "label", "item", "separator"}),
}

GUESS_LINES, GUESS_PARAGRAPHS = 14, 6  # where a headline is looked for, and what it is compared with


Made = TypeVar("Made")


class Span(NamedTuple):
    """A stretch of a text: code points `start` up to, not including, `end`."""

    start: int
    end: int


class Block(NamedTuple):
    """A line or a hard-wrapped paragraph of a document.

    `start`, `end`: its characters without white space at either end.  What it says, from `cased` on, is as in `lines.Said`.
    """

    index: int  # type: ignore[assignment]  # not the method of tuples
    start: int
    end: int
    line: int  # number of its first line in the text, from 1
    cased: str
    plain: str
    kind: Kind
    words: int
    ended: bool
    prose: bool


class Document:
    """A text cut into blocks, with what is known about it.

    `text` is kept as it is. `title`, `site` and `url` are evidence for rules, where known.
    """

    def __init__(self, text: str, title: str | None = None, site: str | None = None, url: str | None = None) -> None:
        self.text = text
        self.title = title
        self.site = site
        self.url = url
        self._zones: dict[str, Container[int]] = {}
        self._known: dict[Callable[[Document], Any], Any] = {}

    def left(self, text: str) -> Document:
        """`text`, which is what cuts left of this document, as a document."""
        return Document(text, self.title, self.site, self.url)

    @cached_property
    def site_keys(self) -> frozenset[str]:
        """What its site may be called: the host of its URL and of its site, the domains these belong to, its folded name."""
        hosts = [host_of(self.url), self.site]
        keys = {squeeze(fold_case(host)).lower() for host in hosts if host}
        return frozenset(name[i:] for name in keys for i in (0, *(m.end() for m in re.finditer(r"\.", name))))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        texts, lines = lines_of(self.text)
        starts = list(accumulate(map(len, texts), initial=0))
        wrapped = {group[0]: group for group in paragraphs(lines)}
        blocks: list[Block] = []
        new, done = tuple.__new__, 0  # as Block(...) does, and in half the time
        for i, (start, line) in enumerate(zip(starts, lines, strict=False)):
            if line.said is None or i < done:
                continue
            end, saying = start + line.end, line.said
            if i in wrapped:
                last, done = wrapped[i][-1], wrapped[i].stop
                end = starts[last] + lines[last].end
                saying = said(squeeze(" ".join([lines[n].folded for n in wrapped[i]])))
            blocks.append(new(Block, (len(blocks), start + line.start, end, i + 1, *saying)))
        return tuple(blocks)

    @cached_property
    def repeated(self) -> dict[str, list[Block]]:
        """The blocks of each text that stands more than once, in small letters; first that which begins first."""
        if len({block.plain for block in self.blocks}) == len(self.blocks):
            return {}
        places: dict[str, list[Block]] = {}
        for block in self.blocks:
            places.setdefault(block.plain, []).append(block)
        return {text: blocks for text, blocks in places.items() if len(blocks) > 1}

    @cached_property
    def alike(self) -> list[tuple[Block, Block]]:
        """Neighbours that may begin in the same word: all but those that begin in letters, and not in the same ones."""
        return [(one, two) for one, two in pairwise(self.blocks) if _may_begin_alike(one.plain, two.plain)]

    @cached_property
    def _prose(self) -> list[int]:
        """Indices of the real paragraphs."""
        return [block.index for block in self.blocks if block.prose]

    @cached_property
    def head(self) -> int:
        """Number of blocks of the head zone: all up to the third real paragraph, that one included."""
        return self._prose[2] + 1 if len(self._prose) > 2 else len(self.blocks)

    @property
    def paragraphs(self) -> int:
        """Number of real paragraphs."""
        return len(self._prose)

    @cached_property
    def top(self) -> int:
        """Number of blocks before the first real paragraph; none if there is no such paragraph."""
        return self._prose[0] if self._prose else 0

    @cached_property
    def guessed(self) -> Block | None:
        """The headline, as guessed, without a look at the known title: a line above the first real paragraph; or none."""
        lines = [block for block in self.blocks[: min(self.top, GUESS_LINES)] if block.kind == "heading"]
        number = headline_among([b.plain for b in lines], [b.plain for b in self.blocks[self.top : self.top + GUESS_PARAGRAPHS]])
        return None if number is None else lines[number]

    @cached_property
    def end(self) -> int:
        """Index of the first block behind the last real paragraph; there is none if there is no such paragraph."""
        return self._prose[-1] + 1 if self._prose else len(self.blocks)

    @cached_property
    def tail(self) -> int:
        """Index of the first block of the tail zone: all from the third-last real paragraph on, and in any
        case the last third of the blocks (a list of teasers under an article may hold sentences, too)."""
        by_prose = self._prose[-3] if len(self._prose) > 2 else 0
        return min(by_prose, len(self.blocks) - len(self.blocks) // 3)

    def once(self, make: Callable[[Document], Made]) -> Made:
        """`make(self)`, made once for a document: for what several rules ask of it."""
        if make not in self._known:
            self._known[make] = make(self)
        made: Made = self._known[make]
        return made

    def zone(self, where: str) -> Container[int]:
        """The numbers of the blocks that lie in the zone `where`, one of ZONES."""
        if where not in self._zones:
            self._zones[where] = ZONES[where](self)
        return self._zones[where]

    def within(self, where: str, numbers: Sequence[int]) -> Sequence[int]:
        """Those of some blocks that lie in a zone."""
        if where == "anywhere":
            return numbers
        zone = self.zone(where)
        return [number for number in numbers if number in zone]


# A document's zones, each with the numbers of the blocks that lie in it.
ZONES: dict[str, Callable[[Document], Container[int]]] = {
    "anywhere": lambda document: range(len(document.blocks)),
    "top": lambda document: range(document.top),
    "head": lambda document: range(document.head),
    "tail": lambda document: range(document.tail, len(document.blocks)),
    "end": lambda document: range(document.end, len(document.blocks)),
    "edges": lambda document: {*range(document.head), *range(document.tail, len(document.blocks))},
    "inside": lambda document: range(document.top + 1, document.end),
}


def _may_begin_alike(one: str, two: str) -> bool:
    if one[0] != two[0]:
        return not (one[0].isalnum() and two[0].isalnum())
    one, two = one[:3], two[:3]
    return one == two or len(one) != len(two) or not (one + two).isalnum()


ZONE_ABOUT = {
    "anywhere": "",
    "top": ", before the first paragraph",
    "head": ", in the head",
    "inside": ", between paragraphs",
    "tail": ", in the tail",
    "end": ", after the last paragraph",
    "edges": ", at the head or the tail",
}


def host_of(url: str | None) -> str | None:
    """The host that an address names."""
    if not url or "//" not in url:
        return None
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
