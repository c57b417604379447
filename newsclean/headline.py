"""The headline, known or guessed: where it stands, its copies, and what stands above it.

The functions for rules yield (block number, part of the block or None for all of it, evidence), as those of `repeats` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from newsclean.document import Block, Document, Span
from newsclean.rules import Rule

Copy = tuple[int, Span | None, str]

TITLE_WORDS = 2  # a line that shares more of them with the headline is another headline
TITLE_LEAST = 5  # words of a headline that others may come close to
TITLE_OVERLAP = 0.85  # share of words; measured: 0.05 % of gold lines reach it by chance
SUBJECT = 3  # times that the text names what it is about
_WORD = re.compile(r"\w+")


def title_copies(_: Rule, document: Document) -> Iterator[Copy]:
    """Copies of the headline: the known title, else the first line if it looks like one."""
    copies = document.once(with_title)
    for block in copies[1:]:
        yield block.index, None, f"the headline again; it stands in line {copies[0].line}"


def above_title(_: Rule, document: Document) -> Iterator[Copy]:
    """Lines above the headline, where the title is known: sections, breadcrumbs, the site's name."""
    known = _known(document)
    if known:
        for block in document.blocks[: known.index]:
            yield block.index, None, f"it stands above the headline, which is in line {known.line}"


def above_guess(_: Rule, document: Document) -> Iterator[Copy]:
    """Lines above the headline as guessed, where none is known. What the text is about may be its headline itself, over a
    summary that was taken for it."""
    guess = None if _known(document) else document.guessed
    if guess:
        for block in document.blocks[: guess.index]:
            if block.plain in guess.plain or not _is_subject(block, document):
                yield block.index, None, f"it stands above the headline, which is, as guessed, in line {guess.line}"


def _is_subject(block: Block, document: Document) -> bool:
    """Whether the text says again and again what the block says."""
    return sum(block.plain in below.plain for below in document.blocks[document.top :]) >= SUBJECT


def masthead(_: Rule, document: Document) -> Iterator[Copy]:
    """Lines above the headline with another line between: the paper's motto, a notice of the site. What stands right above
    the headline may be its kicker; and above a guess may stand the headline, which does not look like a motto."""
    known, guess = _known(document), document.guessed
    headline = known or guess
    if headline:
        said = set(headline.plain.split())
        for block in document.blocks[: max(headline.index - 1, 0)]:
            other = len(said.intersection(block.plain.split())) < TITLE_WORDS
            if other and (known or block.ended or block.cased.isupper()):
                told = "" if known else ", as guessed,"
                yield block.index, None, f"it stands above the headline, which is{told} in line {headline.line}"


def _known(document: Document) -> Block | None:
    """Where the known title stands above the text."""
    copies = document.once(with_title) if document.title else []
    return copies[0] if copies and copies[0].index < document.top else None


def with_title(document: Document) -> list[Block]:
    """The blocks that say the headline, in order."""
    title = _said(document)
    if not title:
        return []
    words = set(_WORD.findall(title))
    return [block for block in document.blocks if block.plain == title or _same_title(block.plain, title, words)]


def _said(document: Document) -> str:
    """The known title, or the line that is guessed to be the headline, or the first block if it looks like one, in folded
    small letters; or nothing."""
    if document.title:
        return _first_line(document.title)
    first = document.blocks[0] if document.blocks else None
    likely = first if first and first.kind == "heading" and first.words >= 3 else None
    found = document.guessed or likely
    return found.plain if found else ""


@lru_cache(maxsize=64)
def _first_line(title: str) -> str:
    lines = Document(title).blocks  # none, where the title is but invisible characters
    return lines[0].plain if lines else ""


def _same_title(plain: str, title: str, wanted: set[str]) -> bool:
    """Whether a line says what the title says, of which `wanted` are the words, in nearly the same words."""
    if len(wanted) < TITLE_LEAST or not 0.6 < len(plain) / len(title) < 1.7:
        return False
    most = len(wanted)  # of them that may stand in the line
    for word in wanted:
        most -= word not in plain
        if most < TITLE_OVERLAP * len(wanted):
            return False
    words = set(_WORD.findall(plain))
    return len(words & wanted) >= TITLE_OVERLAP * len(words | wanted)
