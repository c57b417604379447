"""Second copies: what a document says twice, where the copy that stands alone is furniture.

Each function yields (block number, part of the block or None for all of it, evidence).  Bare repetition is never
enough (interviews repeat their questions, songs their refrain): the copy has to repeat the headline, one of the
first lines, or the very line before it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise

from newsclean.document import Block, Document, Span
from newsclean.headline import Copy, above_guess, above_title, masthead, title_copies
from newsclean.literals import compiled
from newsclean.rules import MOST_CHARS, Rule

HEAD_LINES = 4  # blocks in which headline, dek, byline and lede stand
NEAR_LINES = 4  # blocks from a caption to its copy; a picture has no more lines around it
MOST_COPIES = 3
REWORDED_CHARS = 12
SPELT_WORDS = 6  # one word of so many may be spelt otherwise
NO_VERSE_CHARS = 100  # refrains are shorter
PASSAGE_PARAGRAPHS = 3  # in a row: no refrain, no question of an interview
MOST_QUOTES = 4
QUOTED_WORDS, QUOTED_SHARE = 7, 0.7  # a pull quote with words left out, or other ends
FEW_BLOCKS = 200  # so many are looked through faster than they are all cut into words
SLACK = 1e-6  # for sums of shares
LONGER = 1.3  # times as long as a pull quote is the paragraph that says it, at least
MOST_PLACES = 8  # three words that stand in more paragraphs tell nothing, and looking there takes time
LEDE_PARAGRAPHS = 3
FLOW_LINES = 4  # so far from the first lines, a sentence between paragraphs is the article's own
APPENDED_CHARS = 60  # a credit behind a caption is no longer than this
DOUBLED_START = 16
_WORD = re.compile(r"\w+")
_FIRST_LETTERS = re.compile(r"\w{1,3}")
_TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")  # a word; a CJK sign
_NAME = re.compile(r"(?:[-~] )?([^\W\d_a-z][\w.'-]* [^\W\d_a-z][\w.'-]*)(?: [^\W\d_a-z][\w.'-]*){0,2}(?:$|[,(|/]| [-|(\"])")
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
    for one, two in document.alike:
        least = rule.min_chars if one.plain == two.plain else REWORDED_CHARS
        same = len(two.plain) >= max(1, least) and _say_the_same(one, two)
        if same and (len(document.repeated.get(one.plain, ())) <= 2 or len(two.plain) >= NO_VERSE_CHARS):
            yield two.index, None, f"the line above ({one.line}) again"


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
        short, long = sorted((one.plain, two.plain), key=len)
        fits = len(short) >= max(1, rule.min_chars) and 0 < len(long) - len(short) <= APPENDED_CHARS
        if fits and long.startswith(short.rstrip(".")):
            yield two.index, None, f"the line above ({one.line}) again, but for a few words behind it"


def credited_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A caption again, anywhere, with or without its credit behind it. The rule's pattern says what a credit looks like."""
    order = sorted([b for b in document.blocks if len(b.plain) >= rule.min_chars], key=lambda b: b.plain)  # the upper one first
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
    repeated = document.repeated
    for one, two in pairwise(document.blocks) if repeated else ():
        twice = one.plain in repeated and two.plain in repeated
        if twice and len(one.plain) >= rule.min_chars and _looks_like(rule, two.plain):
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


def quoted_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A sentence set apart that stands, nearly word for word, in a longer paragraph too: a pull quote; and the line below
    that names the speaker.

    Many of them are none, but a summary.
    """
    places = _Places(document)
    quotes = [(block, other) for block in document.blocks if (other := _quoted_in(rule, document, block, places))]
    for block, other in quotes if len(quotes) <= MOST_QUOTES else []:
        yield block.index, None, f"a pull quote: the paragraph in line {other.line} says it"
        name = document.blocks[block.index + 1] if block.index + 1 < len(document.blocks) else None
        if name and places.is_speaker(name):
            yield name.index, None, "the speaker of a pull quote"


def _quoted_in(rule: Rule, document: Document, block: Block, places: _Places) -> Block | None:
    """The longer paragraph that says what the block says, if that is set apart as quotes are: in quotation marks, or over a
    line that names who said it."""
    if not block.ended or block.kind == "item":
        return None
    said = block.plain.strip("\"'- ")
    if not max(1, rule.min_chars) <= len(said) <= rule.max_chars or said[-1] == "?":
        return None
    following = document.blocks[block.index + 1 : block.index + 2]
    quoted = block.plain[0] == '"' and block.plain[-1] == '"'
    apart = quoted or (following and places.is_speaker(following[0]))
    return places.longer(block) if apart else None


class _Places:
    """Which of the document's paragraphs say which three words in a row, and whether two words stand side by side in any."""

    def __init__(self, document: Document) -> None:
        self._blocks = document.blocks

    def longer(self, block: Block) -> Block | None:
        """The paragraph that holds most of the block's words in its order, and more besides."""
        threes = _threes(block)
        if len(threes) < QUOTED_WORDS - 2:
            return None
        if len(self._blocks) <= FEW_BLOCKS and not any(self._may_hold(other, block, threes) for other in self._blocks):
            return None
        counts = Counter(i for three in threes for i in self._of.get(three, ()) if i != block.index)
        longer = (i for i in counts if len(self._blocks[i].plain) > len(block.plain) * LONGER)
        best = max(longer, key=lambda i: (counts[i], -i), default=None)
        if best is None or counts[best] < QUOTED_SHARE * len(threes):
            return None
        return self._blocks[best]

    @staticmethod
    def _may_hold(other: Block, block: Block, threes: set[tuple[str, ...]]) -> bool:
        """Whether enough of the words stand in a paragraph, in whatever order."""
        if not other.prose or other.index == block.index or len(other.plain) <= len(block.plain) * LONGER:
            return False
        spare = (1 - QUOTED_SHARE) * len(threes)
        for three in threes:
            if not all(word in other.plain for word in three):
                spare -= 1
                if spare < -SLACK:
                    return False
        return True

    def is_speaker(self, block: Block) -> bool:
        """Whether a line is a name, perhaps with what its bearer does; an article says the full name of whom it quotes."""
        found = _NAME.match(block.cased) if _is_short(block) else None
        return found is not None and any(self._says(one, two) for one, two in pairwise(_WORD.findall(found[1])))

    def _says(self, one: str, two: str) -> bool:
        """Whether two words stand side by side in a paragraph."""
        if len(self._blocks) > FEW_BLOCKS:
            return (one, two) in self._pairs
        return any(
            (one, two) in pairwise(_WORD.findall(block.cased))
            for block in self._blocks
            if block.prose and one in block.cased and two in block.cased
        )

    @cached_property
    def _pairs(self) -> set[tuple[str, str]]:
        return {pair for block in self._blocks if block.prose for pair in pairwise(_WORD.findall(block.cased))}

    @cached_property
    def _of(self) -> dict[tuple[str, ...], list[int]]:
        """Of what may be asked for: the words of lines that may be set apart as quotes are. All words of a long text are many."""
        apart = (b for b, below in zip(self._blocks, (*self._blocks[1:], None), strict=True) if _may_be_apart(b, below))
        places: dict[tuple[str, ...], list[int]] = {three: [] for block in apart for three in _threes(block)}
        for block in self._blocks:
            for three in places.keys() & _threes(block) if block.prose else ():
                if len(places[three]) < MOST_PLACES:
                    places[three].append(block.index)
        return places


def _may_be_apart(block: Block, below: Block | None) -> bool:
    return block.ended and (block.plain[0] == '"' or (below is not None and _is_short(below)))


def _is_short(block: Block) -> bool:
    return block.kind in ("heading", "label") or block.plain.startswith("- ")


def _threes(block: Block) -> set[tuple[str, ...]]:
    words = _TOKEN.findall(block.plain)
    return set(zip(words, words[1:], words[2:], strict=False))


def lede_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A line below the article that stands at the start of one of its first paragraphs: its summary for other pages."""
    prose = [block for block in document.blocks if block.prose]
    letters = {block.plain[0] for block in prose[:LEDE_PARAGRAPHS]}
    for block in document.blocks[prose[LEDE_PARAGRAPHS].index :] if len(prose) > LEDE_PARAGRAPHS else ():
        if block.plain[0] in letters and len(block.plain) >= rule.min_chars and block.ended:
            first = next((p for p in prose[:LEDE_PARAGRAPHS] if p.plain.startswith(block.plain + " ")), None)
            if first:
                yield block.index, None, f"the start of line {first.line} again"


def passage_copies(_: Rule, document: Document) -> Iterator[Copy]:
    """The article's first paragraphs again, in the same order: it was extracted twice.

    From elsewhere paragraphs come back in articles, too (days of a meal plan, steps of a guide); and what comes back many
    times is no article.
    """
    if not document.repeated:
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
    least = 2 * max(1, rule.min_chars)
    for block in document.blocks:
        fits = least <= len(block.plain) <= rule.max_chars
        cut = _doubled(document, block, rule.min_chars) if fits else None
        if cut:
            yield block.index, cut, "the line says it twice"


def _doubled(document: Document, block: Block, least: int) -> Span | None:
    start, end = block.start, block.end
    if document.text.find(document.text[start : min(start + DOUBLED_START, end)], start + DOUBLED_START, end) < 0:
        return None
    text = document.text[start:end]
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
