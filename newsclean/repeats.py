"""Second copies: what a document says twice, where the copy that stands alone is furniture.

Each function yields (block number, part of the block or None for all of it, evidence).  Bare repetition is never
enough (interviews repeat their questions, songs their refrain): the copy has to repeat the headline, one of the
first lines, or the very line before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from newsclean.document import Block, Document, Span
from newsclean.rules import Rule

Copy = tuple[int, Span | None, str]

HEAD_LINES = 4  # blocks in which headline, dek, byline and lede stand
APPENDED_CHARS = 60  # a credit behind a caption is no longer than this
TITLE_OVERLAP = 0.85  # share of words; measured: 0.05 % of gold lines reach it by chance
_WORD = re.compile(r"\w+")


def title_copies(_: Rule, document: Document) -> Iterator[Copy]:
    """Copies of the headline: the known title, else the first line if it looks like one."""
    title = headline(document)
    if not title:
        return
    copies = [block for block in document.blocks if _same_title(block.plain, title)]
    for block in copies[1:]:
        yield block.index, None, f"the headline again; it stands in line {copies[0].line}"


def headline(document: Document) -> str:
    """The known title, or the first block if it looks like a headline, in folded small letters; or nothing."""
    if document.title:
        return Document(document.title).blocks[0].plain if document.title.strip() else ""
    first = document.blocks[0] if document.blocks else None
    return first.plain if first and first.kind == "heading" and first.words >= 3 else ""


def _same_title(plain: str, title: str) -> bool:
    if plain == title:
        return True
    if not 0.6 < len(plain) / len(title) < 1.7:
        return False
    words, wanted = set(_WORD.findall(plain)), set(_WORD.findall(title))
    return len(wanted) >= 5 and len(words & wanted) >= TITLE_OVERLAP * len(words | wanted)


def head_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """Exact later copies of one of the first lines: the dek printed again, the caption of the lead picture."""
    places: dict[str, list[Block]] = {}
    for block in document.blocks:
        if len(block.plain) >= max(1, rule.min_chars):
            places.setdefault(block.plain, []).append(block)
    for first, *later in places.values():
        if first.index < HEAD_LINES and len(later) == 1 and later[0].index > first.index:
            yield later[0].index, None, f"line {first.line} again"


def beside_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The same line twice, one below the other, and not a third time anywhere."""
    blocks = document.blocks
    for one, two in pairwise(blocks):
        same = one.plain == two.plain and len(two.plain) >= max(1, rule.min_chars)
        if same and sum(block.plain == one.plain for block in blocks) == 2:
            yield two.index, None, f"the line above ({one.line}) again"


def appended_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line again, right below, with a few words (a credit) at its end."""
    blocks = document.blocks
    for one, two in pairwise(blocks):
        more = len(two.plain) - len(one.plain)
        if 0 < more <= APPENDED_CHARS and len(one.plain) >= max(1, rule.min_chars) and two.plain.startswith(one.plain):
            yield two.index, None, f"the line above ({one.line}) again, with a few words behind it"


def doubled_lines(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line that says the same thing twice: its second half goes."""
    for block in document.blocks:
        size = len(block.plain)
        if size < 2 * max(1, rule.min_chars) or size > rule.max_chars:
            continue
        text = document.text[block.start : block.end]
        half = len(text) // 2
        for middle in (half, half + 1):
            if 0 < middle < len(text) and text[:middle].strip() == text[middle:].strip():
                yield block.index, Span(block.start + len(text[:middle].rstrip()), block.end), "the line says it twice"
                break


REPEATS: dict[str, Callable[[Rule, Document], Iterator[Copy]]] = {
    "title": title_copies,
    "head": head_copies,
    "beside": beside_copies,
    "appended": appended_copies,
    "doubled": doubled_lines,
}
