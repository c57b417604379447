"""Pull quotes: sentences set apart that stand in a longer paragraph, too. One of the kinds of `repeats`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise, zip_longest

from newsclean.document import Block, Document
from newsclean.headline import Copy
from newsclean.rules import Rule

MOST_QUOTES = 4
QUOTED_WORDS, QUOTED_SHARE = 7, 0.7  # a pull quote with words left out, or other ends
FEW_BLOCKS = 200  # so many are looked through faster than they are all cut into words
SLACK = 1e-6  # for sums of shares
LONGER = 1.3  # times as long as a pull quote is the paragraph that says it, at least
MOST_PLACES = 8  # three words that stand in more paragraphs tell nothing, and looking there takes time
_WORD = re.compile(r"\w+")
_TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")  # a word; a CJK sign
_NAME = re.compile(r"(?:[-~] )?([^\W\d_a-z][\w.'-]* [^\W\d_a-z][\w.'-]*)(?: [^\W\d_a-z][\w.'-]*){0,2}(?:$|[,(|/]| [-|(\"])")


def quoted_copies(rule: Rule, document: Document) -> Iterator[Copy]:
    """A sentence set apart that stands, nearly word for word, in a longer paragraph too: a pull quote; and the line below
    that names the speaker.

    Many of them are none, but a summary.
    """
    places = _Places(document)
    quotes = [(block, other) for block, below in places.apart() if (other := _quoted_in(rule, block, below, places))]
    for block, other in quotes if len(quotes) <= MOST_QUOTES else []:
        yield block.index, None, f"a pull quote: the paragraph in line {other.line} says it"
        name = document.blocks[block.index + 1] if block.index + 1 < len(document.blocks) else None
        if name and places.is_speaker(name):
            yield name.index, None, "the speaker of a pull quote"


def _quoted_in(rule: Rule, block: Block, below: Block | None, places: _Places) -> Block | None:
    """The longer paragraph that says what the block says, if that is set apart as quotes are: in quotation marks, or over a
    line that names who said it."""
    said = block.plain.strip("\"'- ")
    if not max(1, rule.min_chars) <= len(said) <= rule.max_chars or said[-1] == "?":
        return None
    quoted = block.plain[0] == '"' and block.plain[-1] == '"'
    apart = quoted or (below is not None and places.is_speaker(below))
    return places.longer(block) if apart else None


class _Places:
    """Which of the document's paragraphs say which three words in a row, and whether two words stand side by side in any."""

    def __init__(self, document: Document) -> None:
        self._blocks = document.blocks

    def apart(self) -> list[tuple[Block, Block | None]]:
        """Sentences that may be set apart as quotes are, in quotation marks or over a short line; each with the line below it."""
        return [
            (block, below)
            for block, below in zip_longest(self._blocks, self._blocks[1:])
            if block.ended and block.kind != "item" and (block.plain[0] == '"' or (below and _may_name(below)))
        ]

    def longer(self, block: Block) -> Block | None:
        """The paragraph that holds most of the block's words in its order, and more besides."""
        threes = _threes(block)
        if len(threes) < QUOTED_WORDS - 2:
            return None
        if len(self._blocks) <= FEW_BLOCKS and not self._may_stand_elsewhere(block, threes):
            return None
        counts = Counter(i for three in threes for i in self._of.get(three, ()) if i != block.index)
        longer = (i for i in counts if len(self._blocks[i].plain) > len(block.plain) * LONGER)
        best = max(longer, key=lambda i: (counts[i], -i), default=None)
        if best is None or counts[best] < QUOTED_SHARE * len(threes):
            return None
        return self._blocks[best]

    def _may_stand_elsewhere(self, block: Block, threes: set[tuple[str, ...]]) -> bool:
        """Whether enough of the block's words stand in the longer paragraphs at all, and then in one of them."""
        longer = [other.plain for other in self._blocks if other.prose and len(other.plain) > len(block.plain) * LONGER]
        words = sorted({word for three in threes for word in three}, key=len, reverse=True)  # long ones are rare
        return _may_hold("\n".join(longer), words, threes) and any(_may_hold(plain, words, threes) for plain in longer)

    def is_speaker(self, block: Block) -> bool:
        """Whether a line is a name, perhaps with what its bearer does; an article says the full name of whom it quotes."""
        found = _NAME.match(block.cased) if _may_name(block) else None
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
        places: dict[tuple[str, ...], list[int]] = {three: [] for block, _ in self.apart() for three in _threes(block)}
        for block in self._blocks:
            for three in places.keys() & _threes(block) if block.prose else ():
                if len(places[three]) < MOST_PLACES:
                    places[three].append(block.index)
        return places


def _may_name(block: Block) -> bool:
    """Whether a line is so short, or set off so, that it may name a speaker."""
    return block.kind in ("heading", "label") or block.plain.startswith("- ")


def _may_hold(text: str, words: list[str], threes: set[tuple[str, ...]]) -> bool:
    """Whether enough of a block's `words`, of which `threes` follow each other, stand in a text, in whatever order."""
    spare, lost = (1 - QUOTED_SHARE) * len(threes) + SLACK, set[tuple[str, ...]]()
    for word in words:
        if word not in text:
            lost.update(three for three in threes if word in three)
            if len(lost) > spare:
                return False
    return True


def _threes(block: Block) -> set[tuple[str, ...]]:
    words = _TOKEN.findall(block.plain)
    return set(zip(words, words[1:], words[2:], strict=False))
