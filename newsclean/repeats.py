"""Second copies: what a document says twice, where the copy that stands alone is furniture.

Each function yields (block number, part of the block or None for all of it, evidence).  Bare repetition is never
enough (interviews repeat their questions, songs their refrain): the copy has to repeat the headline, one of the
first lines, or the very line before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise

from newsclean.document import Block, Document, Span
from newsclean.rules import Rule

Copy = tuple[int, Span | None, str]

HEAD_LINES = 4  # blocks in which headline, dek, byline and lede stand
NEAR_LINES = 4  # blocks from a caption to its copy; a picture has no more lines around it
MOST_COPIES = 3
REWORDED_CHARS = 12
PASSAGE_PARAGRAPHS = 3  # in a row: no refrain, no question of an interview
MOST_QUOTES = 3
QUOTED_BLOCKS = 400  # a longer document is not searched for pull quotes: that takes time by its square
APPENDED_CHARS = 60  # a credit behind a caption is no longer than this
TITLE_OVERLAP = 0.85  # share of words; measured: 0.05 % of gold lines reach it by chance
_WORD = re.compile(r"\w+")


def title_copies(_: Rule, document: Document) -> Iterator[Copy]:
    """Copies of the headline: the known title, else the first line if it looks like one."""
    copies = with_title(document)
    for block in copies[1:]:
        yield block.index, None, f"the headline again; it stands in line {copies[0].line}"


def above_title(_: Rule, document: Document) -> Iterator[Copy]:
    """Lines above the headline, where the title is known: sections, breadcrumbs, the site's name."""
    copies = with_title(document) if document.title else []
    if copies and copies[0].index < document.top:
        for block in document.blocks[: copies[0].index]:
            yield block.index, None, f"it stands above the headline, which is in line {copies[0].line}"


def with_title(document: Document) -> list[Block]:
    """The blocks that say the headline, in order."""
    title = headline(document)
    return [block for block in document.blocks if _same_title(block.plain, title)] if title else []


def headline(document: Document) -> str:
    """The known title, or the first block if it looks like a headline, in folded small letters; or nothing."""
    if document.title:
        lines = Document(document.title).blocks  # none, where the title is but invisible characters
        return lines[0].plain if lines else ""
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
        asked = first.plain[-1] == "?"  # an interview may ask it twice
        if first.index < HEAD_LINES and len(later) == 1 and later[0].index > first.index and not asked:
            yield later[0].index, None, f"line {first.line} again"


def beside_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The same words twice, one line below the other, and not a third time anywhere.

    Verses repeat themselves to the letter; a caption and its copy differ in a full stop, and may be shorter.
    """
    counts = Counter(block.plain for block in document.blocks)
    for one, two in pairwise(document.blocks):
        least = rule.min_chars if one.plain == two.plain else REWORDED_CHARS
        same = len(two.plain) >= max(1, least) and _words(one) == _words(two)
        if same and counts[one.plain] <= 2:
            yield two.index, None, f"the line above ({one.line}) again"


def near_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The same line again a few lines below: captions and credits of one picture, shown twice.

    A line that comes back all over the document is no copy but a refrain, a question, a dish on a menu.
    """
    places: dict[str, list[Block]] = {}
    for block in document.blocks:
        signed = "@" in block.plain  # the author's line below each of several embedded posts
        if len(block.plain) >= max(1, rule.min_chars) and not block.prose and not signed:
            places.setdefault(block.plain, []).append(block)
    for first, *later in places.values():
        if later and len(later) <= MOST_COPIES and later[-1].index - first.index <= NEAR_LINES * len(later):
            yield from ((block.index, None, f"line {first.line} again") for block in later)


def appended_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line again, right below, with a few words (a credit) more or less at its end."""
    for one, two in pairwise(document.blocks):
        short, long = sorted((one.plain, two.plain), key=len)
        fits = len(short) >= max(1, rule.min_chars) and 0 < len(long) - len(short) <= APPENDED_CHARS
        if fits and long.startswith(short.rstrip(".")):
            yield two.index, None, f"the line above ({one.line}) again, but for a few words behind it"


def suffix_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The end of the line above, once more: a caption's credit."""
    for one, two in pairwise(document.blocks):
        if len(two.plain) >= max(1, rule.min_chars) and len(one.plain) > len(two.plain) and one.plain.endswith(two.plain):
            yield two.index, None, f"the end of the line above ({one.line}) again"


def truncated_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line that breaks off in dots, and the line below it says it in full."""
    for one, two in pairwise(document.blocks):
        start = one.plain.removesuffix("...").rstrip()
        if one.plain.endswith("...") and len(start) >= max(1, rule.min_chars) and two.plain.startswith(start):
            yield one.index, None, f"the line below ({two.line}) says it in full"


def quoted_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A sentence that stands alone and stands, word for word, in a longer paragraph too: a pull quote.

    Many of them are none, but a summary.
    """
    quotes = list(_quoted(rule, document)) if len(document.blocks) <= QUOTED_BLOCKS else []
    yield from quotes if len(quotes) <= MOST_QUOTES else []


def _quoted(rule: Rule, document: Document) -> Iterator[Copy]:
    prose = [block for block in document.blocks if block.prose]
    text = "\n".join(block.plain for block in prose)
    starts = [0, *accumulate(len(block.plain) + 1 for block in prose)]
    for block in document.blocks:
        said = block.plain.strip("\"'- ")
        if max(1, rule.min_chars) <= len(said) <= rule.max_chars and block.ended and said[-1] != "?":
            places = (prose[bisect_right(starts, found) - 1] for found in _found(text, said))
            other = next((p for p in places if p is not block and len(p.plain) > len(block.plain) * 1.3), None)
            if other and _is_set_apart(document, block):
                yield block.index, None, f"a pull quote: the paragraph in line {other.line} says it"


def passage_copies(_: Rule, document: Document) -> Iterator[Copy]:
    """The article's first paragraphs again, in the same order: it was extracted twice.

    From elsewhere paragraphs come back in articles, too (days of a meal plan, steps of a guide); and what comes back many
    times is no article.
    """
    first = {b.plain: b.index for b in reversed(document.blocks[: document.top + HEAD_LINES]) if b.prose}
    passages: list[range] = []
    i = 0
    while i < len(document.blocks) and len(passages) <= MOST_COPIES:
        start = first.get(document.blocks[i].plain)
        size = _common_run(document.blocks, start, i) if start is not None and start < i else 0
        if sum(block.prose for block in document.blocks[i : i + size]) >= PASSAGE_PARAGRAPHS:
            passages.append(range(i, i + size))
        i += max(size, 1)
    for passage in passages if len(passages) <= MOST_COPIES else ():
        line = document.blocks[first[document.blocks[passage[0]].plain]].line
        yield from ((n, None, f"the text from line {line} on, again") for n in passage)


def _common_run(blocks: tuple[Block, ...], one: int, two: int) -> int:
    """How many blocks from `two` on are those from `one` on."""
    size, most = 0, min(two - one, len(blocks) - two)
    while size < most and blocks[one + size].plain == blocks[two + size].plain:
        size += 1
    return size


def _is_set_apart(document: Document, block: Block) -> bool:
    """Whether a sentence stands as quotes do: in quotation marks, or over a line that may name who said it."""
    following = document.blocks[block.index + 1 : block.index + 2]
    named = bool(following) and following[0].kind in ("heading", "label") and following[0].words >= 2
    return named or (block.plain[0] == '"' and block.plain[-1] == '"')


def _found(text: str, piece: str) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)


def _words(block: Block) -> list[str]:
    return _WORD.findall(block.plain)


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
    "above-title": above_title,
    "head": head_copies,
    "beside": beside_copies,
    "near": near_copies,
    "appended": appended_copies,
    "suffix": suffix_copies,
    "truncated": truncated_copies,
    "quoted": quoted_copies,
    "passage": passage_copies,
    "doubled": doubled_lines,
}
