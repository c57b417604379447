"""Second copies: what a document says twice, where the copy that stands alone is furniture.

Each function yields (block number, part of the block or None for all of it, evidence).  Bare repetition is never
enough (interviews repeat their questions, songs their refrain): the copy has to repeat the headline, one of the
first lines, or the very line before it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

from newsclean.document import Block, Document, Span
from newsclean.headline import Copy, above_guess, above_title, masthead, title_copies
from newsclean.programs import compiled
from newsclean.quotes import quoted_copies
from newsclean.rules import MOST_CHARS, Rule

HEAD_LINES = 4  # blocks in which headline, dek, byline and lede stand
NEAR_LINES = 4  # blocks from a caption to its copy; a picture has no more lines around it
MOST_COPIES = 3
REWORDED_CHARS = 12
SPELT_WORDS = 6  # one word of so many may be spelt otherwise
NO_VERSE_CHARS = 100  # refrains are shorter
PASSAGE_PARAGRAPHS = 3  # in a row: no refrain, no question of an interview
LEDE_PARAGRAPHS = 3
FLOW_LINES = 4  # so far from the first lines, a sentence between paragraphs is the article's own
APPENDED_CHARS = 60  # a credit behind a caption is no longer than this
DOUBLED_START = 16
CREDITED_START = 12  # a caption and its copy share more
_WORD = re.compile(r"\w+")
_FIRST_LETTERS = re.compile(r"\w{1,3}")
_JOINTS = " \t\n|/·•-–—"
_MARKS = _JOINTS + ".:;,"


def head_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """Exact later copies of one of the first lines: the dek printed again, the caption of the lead picture."""
    for first, *later in document.repeated.values():
        if len(first.plain) < rule.min_chars:
            continue
        asked = first.plain[-1] == "?"  # an interview may ask it twice
        if first.index < HEAD_LINES and len(later) == 1 and not asked and not _in_flow(document, first, later[0]):
            yield later[0].index, None, f"line {first.line} again"


def _in_flow(document: Document, first: Block, later: Block) -> bool:
    """Whether the later of two equal lines is a sentence of the article, far down between two paragraphs: the first one
    is a highlight then."""
    around = document.blocks[later.index - 1 : later.index + 2 : 2]
    return later.index - first.index > FLOW_LINES and later.ended and len(around) == 2 and all(block.prose for block in around)


def beside_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The same words twice, one line below the other, and not a third time anywhere.

    Verses repeat themselves to the letter; a caption and its copy differ in a full stop, and may be shorter.
    """
    for one, two in document.once(_saying_the_same):
        least = rule.min_chars if one.plain == two.plain else REWORDED_CHARS
        is_verse = len(document.repeated.get(one.plain, ())) > 2 and len(two.plain) < NO_VERSE_CHARS
        if len(two.plain) >= max(1, least) and not is_verse:
            yield two.index, None, f"the line above ({one.line}) again"


def _saying_the_same(document: Document) -> list[tuple[Block, Block]]:
    """Neighbours that say the same."""
    return [pair for pair in document.alike if _say_the_same(*pair)]


def _say_the_same(one: Block, two: Block) -> bool:
    """Whether two lines differ but in marks, or in an ending and a few words (a credit, a button) behind one of them."""
    if abs(len(one.plain) - len(two.plain)) > APPENDED_CHARS or _start(one) != _start(two):
        return False
    short, long = sorted((_words(one), _words(two)), key=len)
    if short == long or len(short) < SPELT_WORDS:
        return short == long
    other = [(a, b) for a, b in zip(short, long, strict=False) if a != b]
    return 0 < len(other) <= len(short) // SPELT_WORDS and all(_same_stem(a, b) for a, b in other)


def _start(block: Block) -> str:
    """The first letters of the first word. Words of one stem share them."""
    found = _FIRST_LETTERS.search(block.plain)
    return found[0] if found else ""


def _same_stem(one: str, two: str) -> bool:
    short, long = sorted((one, two), key=len)
    return len(short) >= 3 and long.startswith(short) and not long[-1].isdigit()


def near_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The same line again a few lines below: captions and credits of one picture, shown twice.

    A line that comes back all over the document is no copy but a refrain, a question, a dish on a menu.
    """
    for text, blocks in document.repeated.items():
        signed = "@" in text  # the author's line below each of several embedded posts
        if len(text) < rule.min_chars or signed:
            continue
        first, *later = [block for block in blocks if not block.prose] or blocks[:1]
        if later and len(later) <= MOST_COPIES and later[-1].index - first.index <= NEAR_LINES * len(later):
            yield from ((block.index, None, f"line {first.line} again") for block in later)


def appended_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line again, right below, with a few words (a credit) more or less at its end."""
    for one, two in document.alike:
        if not 0 < abs(len(one.plain) - len(two.plain)) <= APPENDED_CHARS:
            continue
        short, long = sorted((one.plain, two.plain), key=len)
        if len(short) >= max(1, rule.min_chars) and long.startswith(short.rstrip(".")):
            yield two.index, None, f"the line above ({one.line}) again, but for a few words behind it"


def credited_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A caption again, anywhere, with or without its credit behind it. The rule's pattern says what a credit looks like."""
    long_lines = [b for b in document.blocks if len(b.plain) >= rule.min_chars]
    starts = Counter([block.plain[:CREDITED_START] for block in long_lines])
    alike = [b for b in long_lines if starts[b.plain[:CREDITED_START]] > 1] if len(starts) < len(long_lines) else []
    order = sorted(alike, key=lambda b: b.plain)  # the upper one first
    for short, long in pairwise(order):
        start = short.plain.rstrip(".")
        if not start or not long.plain.startswith(start):
            continue
        rest = long.plain[len(start) :].lstrip(". ")
        if rest and len(rest) <= 2 * APPENDED_CHARS and _looks_like(rule, rest):
            first, later = sorted((short, long), key=lambda b: b.index)
            if not _in_flow(document, first, later):
                yield later.index, None, f"line {first.line} again, but for a credit"


def paired_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A caption and the credit below it, both of them again. The rule's pattern says what a credit looks like."""
    places: dict[tuple[str, str], int] = {}
    repeated = sorted(block for blocks in document.repeated.values() for block in blocks)
    for one, two in pairwise(repeated):
        if two.index == one.index + 1 and len(one.plain) >= rule.min_chars and _looks_like(rule, two.plain):
            first = places.setdefault((one.plain, two.plain), one.line)
            if first != one.line:
                yield from ((block.index, None, f"the caption in line {first} and its credit, again") for block in (one, two))


def _looks_like(rule: Rule, plain: str) -> bool:
    return len(plain) <= MOST_CHARS and any(compiled(pattern).fullmatch(plain) for pattern in rule.patterns)


def suffix_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """The end of the line above, once more: a caption's credit."""
    for one, two in pairwise(document.blocks):
        if one.plain.endswith(two.plain) and len(one.plain) > len(two.plain) >= rule.min_chars:
            yield two.index, None, f"the end of the line above ({one.line}) again"


def truncated_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line that breaks off in dots, or before a quotation mark (as markup does), and the line below it says it in full."""
    for one, two in document.alike:
        start = one.plain.removesuffix("...").rstrip()
        dotted = one.plain.endswith("...") and len(start) >= max(1, rule.min_chars) and two.plain.startswith(start)
        if dotted or (one.kind == "label" and two.plain.startswith(start + ' "') and two.words > one.words + 2):
            yield one.index, None, f"the line below ({two.line}) says it in full"


def lede_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line below the article that stands at the start of one of its first paragraphs: its summary for other pages."""
    if document.paragraphs <= LEDE_PARAGRAPHS:
        return
    *prose, fourth = islice((block for block in document.blocks if block.prose), LEDE_PARAGRAPHS + 1)
    letters = {block.plain[0] for block in prose}
    for block in document.blocks[fourth.index :]:
        if block.ended and block.plain[0] in letters and len(block.plain) >= rule.min_chars:
            first = next((p for p in prose if p.plain.startswith(block.plain + " ")), None)
            if first:
                yield block.index, None, f"the start of line {first.line} again"


def passage_copies(_: Rule, document: Document) -> Iterator[Copy]:
    """The article's first paragraphs again, in the same order: it was extracted twice.

    From elsewhere paragraphs come back in articles, too (days of a meal plan, steps of a guide); and what comes back many
    times is no article.
    """
    again = sum(len(blocks) for blocks in document.repeated.values() if blocks[0].prose)
    if again < 2 * PASSAGE_PARAGRAPHS:
        return
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


def _words(block: Block) -> list[str]:
    return _WORD.findall(block.plain)


def doubled_lines(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line that says the same thing twice: its second half goes; its first, if a few words (a credit) follow the second."""
    least, text, size = 2 * max(1, rule.min_chars), document.text, DOUBLED_START
    again = [
        block
        for block in document.blocks
        if least <= len(block.plain) <= rule.max_chars
        and text.find(text[block.start : block.start + size], block.start + size, block.end) > 0
    ]
    for block in again:
        cut = _doubled(document, block, rule.min_chars)
        if cut:
            yield block.index, cut, "the line says it twice"


def _doubled(document: Document, block: Block, least: int) -> Span | None:
    text = document.text[block.start : block.end]
    at = text.find(text[:DOUBLED_START], DOUBLED_START)
    one, two = text[:at].strip(_MARKS), text[at:].strip(_MARKS)
    if len(one) < least or not two.startswith(one):
        return None
    if two == one:
        return Span(block.start + len(text[:at].rstrip(_JOINTS)), block.end)
    return Span(block.start, block.start + at) if len(two) - len(one) <= APPENDED_CHARS else None


REPEATS: dict[str, Callable[[Rule, Document], Iterator[Copy]]] = {
    "title": title_copies,
    "above-title": above_title,
    "above-guess": above_guess,
    "masthead": masthead,
    "head": head_copies,
    "beside": beside_copies,
    "near": near_copies,
    "appended": appended_copies,
    "credited": credited_copies,
    "pair": paired_copies,
    "suffix": suffix_copies,
    "truncated": truncated_copies,
    "quoted": quoted_copies,
    "lede": lede_copies,
    "passage": passage_copies,
    "doubled": doubled_lines,
}
