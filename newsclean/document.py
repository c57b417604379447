"""Text to blocks: what the rules look at, and where it stands in the text.

    Document(text) -> blocks, in reading order; blocks and the white space between them tile the text

A block is a line, or several lines of one hard-wrapped paragraph.  A line ends where
`str.splitlines` says so: LF, CR LF, CR, NEL, U+2028, U+2029, VT, FF, FS, GS, RS.
All offsets are code points of the original text, half-open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
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
_END_MARKS, _CLOSING = frozenset(".!?…。！？"), frozenset("\"')]")
_UNTIDY = ("  ", "\t", "\x1f", "\u1680")  # white space that is left within folded lines, but for single blanks
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


class Shape(NamedTuple):
    """What a text looks like: all that its words do not matter for."""

    kind: Kind
    words: int
    ended: bool
    prose: bool


class Block(NamedTuple):
    """A line or a hard-wrapped paragraph of a document.

    `start`, `end`: its characters without white space at either end.  `cased` is its folded text with
    white space squeezed, `plain` the same in small letters: what patterns are matched against.
    """

    index: int  # type: ignore[assignment]  # not the method of tuples
    start: int
    end: int
    cased: str
    plain: str
    line: int  # number of its first line in the text, from 1
    kind: Kind
    words: int
    ended: bool  # ends like a sentence
    prose: bool  # is a real paragraph: a sentence of some length, or a long stretch of words


class Document:
    """A text cut into blocks, with what is known about it.

    `text` is kept as it is. `title`, `site` and `url` are evidence for rules, where known.
    """

    def __init__(self, text: str, title: str | None = None, site: str | None = None, url: str | None = None) -> None:
        self.text = text
        self.title = title
        self.site = site
        self.url = url
        self._known: dict[str, str] = {}  # folded lines of an earlier round

    def left(self, text: str) -> Document:
        """`text`, which is what cuts left of this document, as a document. Lines left as they were are not folded again."""
        left = Document(text, self.title, self.site, self.url)
        left._known = dict(zip(*self._folded[:2], strict=True))
        return left

    @cached_property
    def _folded(self) -> tuple[list[str], list[str], bool]:
        """Lines with their ends, the same folded, and whether there is no white space to squeeze within any."""
        lines = self.text.splitlines(keepends=True)
        if not self._known:
            return lines, *_fold_lines(self.text, lines)
        known = self._known
        folded = [known[line] if line in known else _fold_line(line) for line in lines]
        return lines, folded, _is_tidy("\n".join(folded))

    @cached_property
    def site_keys(self) -> frozenset[str]:
        """What its site may be called: the host of its URL and of its site, the domains these belong to, its folded name."""
        hosts = [host_of(self.url), self.site]
        keys = {squeeze(fold_case(host)).lower() for host in hosts if host}
        return frozenset(name[i:] for name in keys for i in (0, *(m.end() for m in re.finditer(r"\.", name))))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        lines, folded, tidy = self._folded
        starts = [0, *accumulate(map(len, lines))]
        blocks: list[Block] = []
        for group in _group_lines(folded):
            i, last = group[0], group[-1]
            cased = folded[i] if i == last else " ".join(folded[i : last + 1])
            cased = cased.strip() if tidy and i == last else squeeze(cased)
            end = starts[last] + len(lines[last].rstrip())
            blocks.append(Block(len(blocks), starts[i] + _lead(lines[i]), end, cased, cased.lower(), i + 1, *shape(cased)))
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
        """Neighbours that may begin in the same word: all but those that begin in two letters."""
        return [
            (one, two)
            for one, two in pairwise(self.blocks)
            if (a := one.plain[0]) == (b := two.plain[0]) or not (a.isalnum() and b.isalnum())
        ]

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

    def in_zone(self, index: int, where: str) -> bool:
        """Whether block number `index` lies in the zone `where`, one of ZONES."""
        return where == "anywhere" or ZONES[where](self, index)


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
    if not line[0].isspace() and line[0] != "\ufeff":
        return 0
    return len(line) - len(line.removeprefix("\ufeff").lstrip())


def _fold_lines(text: str, lines: list[str]) -> tuple[list[str], bool]:
    """One folded line for each line, and whether there is no white space to squeeze within them. Folding at once is fast; it
    joins lines only where something invisible stood between a CR and an LF, and then each line is folded alone."""
    text = fold_case(text)
    folded = text.splitlines()
    if len(folded) != len(lines):
        return [_fold_line(line) for line in lines], False
    return folded, _is_tidy(text)


def _fold_line(line: str) -> str:
    return fold_case(line.rstrip("\r\n"))


def _is_tidy(folded: str) -> bool:
    return not any(blank in folded for blank in _UNTIDY)


SHAPES = 4096  # texts whose shapes are remembered


@lru_cache(maxsize=SHAPES)
def shape(cased: str) -> Shape:
    """The shape of a folded and squeezed text."""
    words, ended = count_words(cased), _ends(cased)
    kind = _kind(cased, words, ended)
    prose = words >= PROSE_WORDS * 3 or (ended and words >= PROSE_WORDS and kind in ("paragraph", "item"))
    return Shape(kind, words, ended, prose)


def count_words(text: str) -> int:
    """Words of a squeezed text; scripts without blanks count two and a half characters as a word."""
    words = text.count(" ") + 1 if text else 0
    cjk = len(_CJK.findall(text)) if not text.isascii() else 0
    return words + int(cjk / CJK_CHARS_PER_WORD)


def _ends(cased: str) -> bool:
    """Whether a text ends like a sentence. Only what ends in a closing mark needs a search, from its last letter on."""
    last = cased[-1:]
    if last in _CLOSING:
        return _SENTENCE_END.search(cased) is not None
    return last in _END_MARKS


def _kind(cased: str, words: int, ended: bool) -> Kind:
    if not cased[:1].isalpha() or cased[1:2] == ")":  # a letter begins neither a separator nor an item, but for "a) "
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
