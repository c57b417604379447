"""Text to blocks: what the rules look at, and where it stands in the text.

    Document(text) -> blocks, in reading order; blocks and the white space between them tile the text

A block is a line, or several lines of one hard-wrapped paragraph.  A line ends where
`str.splitlines` says so: LF, CR LF, CR, NEL, U+2028, U+2029, VT, FF, FS, GS, RS.
All offsets are code points of the original text, half-open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from newsclean.folding import fold_case, squeeze
from newsclean.guess import headline_among

Kind = Literal["heading", "paragraph", "item", "label", "separator"]
KINDS: tuple[Kind, ...] = ("heading", "paragraph", "item", "label", "separator")

# What a rule may ask for with `is`: a kind, or a name for several of them.
IS: dict[str, frozenset[str]] = {
    **{kind: frozenset({kind}) for kind in KINDS},
    "heading": frozenset({"heading", "label"}),
    "short": frozenset({"heading", "label", "item", "separator"}),
}

_BULLET = re.compile(r"(?:[-*+•◦▪▫‣⁃·●○■□◆◇♦★☆►▶➤➢→✓✔☑–—»›]|\d{1,3}[.)]|[a-z]\))\s+(?=\S)")
_BULLET_GLUED = re.compile(r"[•◦▪▫‣⁃●■◆►▶➤➢✓✔☑](?=\w)")
_MARKDOWN_HEADING = re.compile(r"#{1,6} \S")
_SENTENCE_END = re.compile(r"""[.!?…。！？](?:["')\]]|\[\d+\])*$""")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HAS_WORD = re.compile(r"\w")

# Sets how long a line may be and still be a label or a heading, in words and in characters. Of the
# hand-labelled lines that carry a removable label, 3 in 4 are under 13 words; of article lines 1 in 6.
LABEL_WORDS, LABEL_CHARS = 4, 32
HEADING_WORDS, HEADING_CHARS = 24, 160
PROSE_WORDS = 12  # a sentence this long is a real paragraph
CJK_CHARS_PER_WORD = 2.5

GUESS_LINES, GUESS_PARAGRAPHS = 14, 6  # where a headline is looked for, and what it is compared with

WRAP_MIN, WRAP_MAX = 55, 85  # columns between which the longest line of hard-wrapped text ends


class Span(NamedTuple):
    """A stretch of a text: code points `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A line or a hard-wrapped paragraph of a document.

    `start`, `end`: its characters without white space at either end.  `cased` is its folded text with
    white space squeezed, `plain` the same in small letters: what patterns are matched against.
    """

    index: int
    start: int
    end: int
    cased: str
    plain: str
    kind: Kind
    words: int
    line: int  # number of its first line in the text, from 1
    ended: bool  # ends like a sentence

    @property
    def prose(self) -> bool:
        """Whether this is a real paragraph: a sentence of some length, or a long stretch of words."""
        return self.words >= PROSE_WORDS * 3 or (self.kind in ("paragraph", "item") and self.ended and self.words >= PROSE_WORDS)


class Document:
    """A text cut into blocks, with what is known about it.

    `text` is kept as it is. `title`, `site` and `url` are evidence for rules, where known.
    """

    def __init__(self, text: str, title: str | None = None, site: str | None = None, url: str | None = None) -> None:
        self.text = text
        self.title = title
        self.site = site
        self.url = url
        self._lines = text.splitlines(keepends=True)
        self._cased = _fold_lines(text, self._lines)

    @cached_property
    def site_keys(self) -> frozenset[str]:
        """What its site may be called: the host of its URL and of its site, the domains these belong to, its folded name."""
        hosts = [host_of(self.url), self.site]
        keys = {squeeze(fold_case(host)).lower() for host in hosts if host}
        return frozenset(name[i:] for name in keys for i in (0, *(m.end() for m in re.finditer(r"\.", name))))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        starts = [0, *accumulate(map(len, self._lines))]
        groups = _group_lines(self._cased)
        return tuple(self._block(index, group, starts) for index, group in enumerate(groups))

    def _block(self, index: int, group: range, starts: list[int]) -> Block:
        first, last = self._lines[group[0]], self._lines[group[-1]]
        cased = squeeze(" ".join(self._cased[i] for i in group))
        words, ended = count_words(cased), bool(_SENTENCE_END.search(cased))
        return Block(
            index=index,
            start=starts[group[0]] + _lead(first),
            end=starts[group[-1]] + len(last.rstrip()),
            cased=cased,
            plain=cased.lower(),
            kind=_kind(cased, words, ended),
            words=words,
            line=group[0] + 1,
            ended=ended,
        )

    @cached_property
    def head(self) -> int:
        """Number of blocks of the head zone: all up to the third real paragraph, that one included."""
        return _nth_prose(self.blocks, 3)

    @cached_property
    def paragraphs(self) -> int:
        """Number of real paragraphs."""
        return sum(block.prose for block in self.blocks)

    @cached_property
    def top(self) -> int:
        """Number of blocks before the first real paragraph; none if there is no such paragraph."""
        return next((b.index for b in self.blocks if b.prose), 0)

    @cached_property
    def guessed(self) -> Block | None:
        """The headline, as guessed, without a look at the known title: a line above the first real paragraph; or none."""
        lines = [block for block in self.blocks[: min(self.top, GUESS_LINES)] if block.kind == "heading"]
        number = headline_among([b.plain for b in lines], [b.plain for b in self.blocks[self.top : self.top + GUESS_PARAGRAPHS]])
        return None if number is None else lines[number]

    @cached_property
    def end(self) -> int:
        """Index of the first block behind the last real paragraph; there is none if there is no such paragraph."""
        return next((b.index + 1 for b in reversed(self.blocks) if b.prose), len(self.blocks))

    @cached_property
    def tail(self) -> int:
        """Index of the first block of the tail zone: all from the third-last real paragraph on, and in any
        case the last third of the blocks (a list of teasers under an article may hold sentences, too)."""
        by_prose = len(self.blocks) - _nth_prose(self.blocks[::-1], 3)
        return min(by_prose, len(self.blocks) - len(self.blocks) // 3)

    def in_zone(self, index: int, where: str) -> bool:
        """Whether block number `index` lies in the zone `where`, one of ZONES."""
        return ZONES[where](self, index)


# A document's zones, each with the test whether a block lies in it.
ZONES: dict[str, Callable[[Document, int], bool]] = {
    "anywhere": lambda document, index: True,  # noqa: ARG005
    "top": lambda document, index: index < document.top,
    "head": lambda document, index: index < document.head,
    "tail": lambda document, index: index >= document.tail,
    "end": lambda document, index: index >= document.end,
    "edges": lambda document, index: index < document.head or index >= document.tail,
    "inside": lambda document, index: document.top < index < document.end,
}


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


def _lead(line: str) -> int:
    """Characters before a line's first word: white space, and a byte order mark, which is no part of any block."""
    return len(line) - len(line.removeprefix("\ufeff").lstrip())


def _nth_prose(blocks: tuple[Block, ...], n: int) -> int:
    seen = 0
    for i, block in enumerate(blocks):
        seen += block.prose
        if seen == n:
            return i + 1
    return len(blocks)


def _fold_lines(text: str, lines: list[str]) -> list[str]:
    """One folded line for each line. Folding at once is fast; it joins lines only where something invisible
    stood between a CR and an LF, and then each line is folded alone."""
    folded = fold_case(text).splitlines()
    return folded if len(folded) == len(lines) else [fold_case(line.rstrip("\r\n")) for line in lines]


def count_words(text: str) -> int:
    """Words of a squeezed text; scripts without blanks count two and a half characters as a word."""
    words = text.count(" ") + 1 if text else 0
    cjk = len(_CJK.findall(text)) if not text.isascii() else 0
    return words + int(cjk / CJK_CHARS_PER_WORD)


def _kind(cased: str, words: int, ended: bool) -> Kind:
    if not _HAS_WORD.search(cased):
        return "separator"
    if _BULLET.match(cased) or _BULLET_GLUED.match(cased):
        return "item"
    if _MARKDOWN_HEADING.match(cased):
        return "heading"
    if ended:
        return "paragraph"
    if words <= LABEL_WORDS and len(cased) <= LABEL_CHARS:
        return "label"
    return "heading" if words <= HEADING_WORDS and len(cased) <= HEADING_CHARS else "paragraph"


# --- hard-wrapped text -----------------------------------------------------------------------------


def _group_lines(lines: list[str]) -> list[range]:
    """Lines of each block, blank ones left out."""
    groups: list[range] = []
    for stretch in _stretches(lines):
        if len(stretch) > 1 and _is_wrapped([lines[i].strip() for i in stretch]):
            groups.extend(_wrapped_groups(lines, stretch))
        else:
            groups.extend(range(i, i + 1) for i in stretch)
    return groups


def _stretches(lines: list[str]) -> list[range]:
    """Runs of lines without a blank one between them."""
    blank = [-1, *(i for i, line in enumerate(lines) if not line or line.isspace()), len(lines)]
    return [range(a + 1, b) for a, b in pairwise(blank) if b > a + 1]


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a paragraph was broken by a column limit: no line could have taken the next one's first word,
    and most lines go on in the middle of a sentence."""
    width = max(map(len, lines))
    if not WRAP_MIN <= width <= WRAP_MAX:
        return False
    joints = [(a, b) for a, b in pairwise(lines) if not _BULLET.match(b)]
    full = all(len(a) + 1 + len(b.split(" ", 1)[0]) > width for a, b in joints)
    running = sum(not _SENTENCE_END.search(a) for a, _ in joints)
    carried_on = any(b[:1].islower() and not _SENTENCE_END.search(a) for a, b in joints)  # headlines begin with capitals
    return full and carried_on and running * 2 > len(joints)


def _wrapped_groups(lines: list[str], stretch: range) -> list[range]:
    """One group for the paragraph, and one for each list item in it."""
    starts = [stretch[0], *(i for i in stretch[1:] if _BULLET.match(lines[i].strip()))]
    return [range(a, b) for a, b in pairwise([*starts, stretch[-1] + 1])]
