"""Lines: what each of them says and what it looks like, and which of them are one hard-wrapped paragraph.

    lines_of(text) -> [Line]; paragraphs(lines) -> [range(4, 9)], those of more than one line

What a line says depends on nothing else, so it is worked out once, however often it comes back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from newsclean.folding import fold_case, squeeze
from newsclean.recent import Recent

Kind = Literal["heading", "paragraph", "item", "label", "separator"]
KINDS: tuple[Kind, ...] = ("heading", "paragraph", "item", "label", "separator")

REMEMBERED = 2_000_000  # characters of lines of which is remembered what they say

_BULLET = re.compile(r"(?:[-*+•◦▪▫‣⁃·●○■□◆◇♦★☆►▶➤➢→✓✔☑–—»›]|\d{1,3}[.)]|[a-z]\))\s+(?=\S)")
_BULLET_GLUED = re.compile(r"[•◦▪▫‣⁃●■◆►▶➤➢✓✔☑](?=\w)")
_MARKDOWN_HEADING = re.compile(r"#{1,6} \S")
_SENTENCE_END = re.compile(r"""[.!?…。！？](?:["')\]]|\[\d+\])*$""")
_END_MARKS, _CLOSING = frozenset(".!?…。！？"), frozenset("\"')]")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HAS_WORD = re.compile(r"\w")

# Sets how long a line may be and still be a label or a heading, in words and in characters. Of the
# hand-labelled lines that carry a removable label, 3 in 4 are under 13 words; of article lines 1 in 6.
LABEL_WORDS, LABEL_CHARS = 4, 32
HEADING_WORDS, HEADING_CHARS = 24, 160
PROSE_WORDS = 12  # a sentence this long is a real paragraph
CJK_CHARS_PER_WORD = 2.5

WRAP_MIN, WRAP_MAX = 55, 85  # columns between which the longest line of hard-wrapped text ends


class Said(NamedTuple):
    """What a line or paragraph says, and what it looks like: all that its text tells by itself.

    `cased` is its folded text with white space squeezed, `plain` the same in small letters: what patterns are matched against.
    """

    cased: str
    plain: str
    kind: Kind
    words: int
    ended: bool  # ends like a sentence
    prose: bool  # is a real paragraph: a sentence of some length, or a long stretch of words


class Line(NamedTuple):
    """A line of a text: its words stand at `start` to `end` of it; `folded` is all of it, folded but for the case; `said` is None
    if there is nothing to be seen."""

    start: int
    end: int
    folded: str
    said: Said | None


_LINES: Recent[str, Line] = Recent(REMEMBERED)


def forget() -> None:
    """Forget what lines of earlier texts said."""
    _LINES.forget()


def lines_of(text: str) -> tuple[list[str], list[Line]]:
    """The lines of a text, each with its line end, and what they say."""
    texts = text.splitlines(keepends=True)
    known = _LINES.look_up(dict(zip(texts, texts, strict=True)), _read)
    return texts, [known[line] for line in texts]


def _read(lines: list[str]) -> list[Line]:
    folded = _fold_lines("".join(lines), lines)
    return [_line(line, copy) for line, copy in zip(lines, folded, strict=True)]


def _line(line: str, folded: str) -> Line:
    untidy = "  " in folded or "\t" in folded or "\x1f" in folded or "\u1680" in folded  # white space left, but for single blanks
    cased = squeeze(folded) if untidy else folded.strip()
    return Line(_lead(line), len(line.rstrip()), folded, said(cased) if cased else None)


def _lead(line: str) -> int:
    """Characters before a line's first word: white space, and a byte order mark, which is no part of any block."""
    if not line[0].isspace() and line[0] != "\ufeff":
        return 0
    return len(line) - len(line.removeprefix("\ufeff").lstrip())


def _fold_lines(text: str, lines: list[str]) -> list[str]:
    """One folded line for each line. Folding at once is fast; it joins lines only where something invisible stood between a CR
    and an LF, and then each line is folded alone."""
    folded = fold_case(text).splitlines()
    return folded if len(folded) == len(lines) else [fold_case(line.rstrip("\r\n")) for line in lines]


def said(cased: str) -> Said:
    """What a folded and squeezed text says."""
    words, ended = count_words(cased), _ends(cased)
    kind = _kind(cased, words, ended)
    prose = words >= PROSE_WORDS * 3 or (ended and words >= PROSE_WORDS and kind in ("paragraph", "item"))
    return Said(cased, cased.lower(), kind, words, ended, prose)


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


def paragraphs(lines: Sequence[Line]) -> list[range]:
    """The lines of each paragraph of several lines, in order."""
    blank = [-1, *(i for i, line in enumerate(lines) if line.said is None), len(lines)]
    stretches = [range(a + 1, b) for a, b in pairwise(blank) if b > a + 2]
    wrapped = [stretch for stretch in stretches if _may_be_wrapped(lines, stretch)]
    groups = [group for stretch in wrapped for group in _wrapped_groups([lines[i].folded for i in stretch], stretch)]
    return [group for group in groups if len(group) > 1]


def _may_be_wrapped(lines: Sequence[Line], stretch: range) -> bool:
    """Whether no line is too long; said in passing, since most articles stand in lines longer than that."""
    return all(len(line.said.cased) <= WRAP_MAX for line in lines[stretch.start : stretch.stop] if line.said)


def _wrapped_groups(folded: list[str], stretch: range) -> list[range]:
    """One group for the paragraph, and one for each list item in it; none if it is not hard-wrapped."""
    folded = [line.strip() for line in folded]
    if not _is_wrapped(folded):
        return []
    starts = [0, *(n for n, line in enumerate(folded) if n and _BULLET.match(line)), len(folded)]
    return [stretch[a:b] for a, b in pairwise(starts)]


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
