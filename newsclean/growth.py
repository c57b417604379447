"""Growth: blocks below a cue that no pattern vouches for, where the cue, the place and the words they share with the text say it.

growth(rule, document, candidates, known) -> matches
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from newsclean.document import ZONE_ABOUT, Block, Document
from newsclean.lines import PROSE_WORDS
from newsclean.recent import kept
from newsclean.rules import Rule
from newsclean.runs import Match, cut_of, step_fits, walk
from newsclean.scanning import Candidates

_LONG_WORD = re.compile(r"\w{6,}")


def growth(rule: Rule, document: Document, candidates: Candidates, known: Collection[int] = ()) -> Iterator[Match]:
    end, above = 0, document.once(_WordsAbove)
    reach = sum(step.most for step in rule.steps) + GOES_ON_BLOCKS
    for i in document.within(rule.where, candidates) if document.paragraphs >= rule.paragraphs else ():
        if rule.ends and i + reach < len(document.blocks):
            continue  # too far off to get to the end
        if i >= end and (match := _growth_at(rule, document, i, above, known)):
            end = match.blocks[-1] + 1
            yield match


def _growth_at(rule: Rule, document: Document, first: int, above: _WordsAbove, known: Collection[int]) -> Match | None:
    cue = document.blocks[first - 1].cased
    if rule.until:
        return _between(rule, document, first, known)
    apart = ""
    if rule.max_shared < 1:
        apart, top = ", and has few words in common with the text above", first
        near = document.blocks[first : first + GOES_ON_BLOCKS]
        first = next((block.index for block in near if not _goes_on(block, above, top)), len(document.blocks))
    taken = walk(rule, document, first, 1, rule.steps)
    if not taken or (rule.ends and taken[-1][0] + 1 != len(document.blocks)):
        return None
    blocks = cut_of(document, taken)
    if not blocks or (rule.max_shared < 1 and _shared([document.blocks[i] for i in blocks], above, top) > rule.max_shared):
        return None
    blocks = (*_first_copy(document, first - 1), *blocks)
    about = f'it stands below "{cue[:60]}"{ZONE_ABOUT[rule.where]}{apart}'
    return Match(rule, blocks, about, None, frozenset(blocks))


def _between(rule: Rule, document: Document, first: int, known: Collection[int]) -> Match | None:
    """Blocks that the rule's only step takes one and all, from below a cue to a block that is `known`."""
    step, end = rule.steps[0], first
    while end - first < step.most and end not in known and step_fits(rule, document, end, step):
        end += 1
    if end - first < step.least or end not in known:
        return None
    blocks = tuple(range(first, end))
    about = f'it stands between "{document.blocks[first - 1].cased[:40]}" and "{document.blocks[end].cased[:40]}"'
    return Match(rule, blocks, about, None, frozenset(blocks))


def _first_copy(document: Document, cue: int) -> tuple[int, ...]:
    """Where the cue is the second copy of the line above it, a teaser's headline: that line, and a section's name over it."""
    blocks = document.blocks
    if not cue or blocks[cue].plain != blocks[cue - 1].plain or blocks[cue].prose:
        return ()
    named = cue > 1 and blocks[cue - 2].kind == "label"
    return (cue - 2, cue - 1) if named else (cue - 1,)


@kept(512)
def _long_words(plain: str) -> frozenset[str]:
    """The longer words of a text; several rules ask for those of the same texts."""
    return frozenset(_LONG_WORD.findall(plain))


class _WordsAbove:
    """Which longer words of a document stand above its blocks, collected as one goes down."""

    def __init__(self, document: Document) -> None:
        self._blocks, self._done = document.blocks, 0
        self._first: dict[str, int] = {}  # number of the first block that has the word
        self._unspaced = len(self._blocks)  # number of the first block without blanks to speak of

    def shared(self, words: Collection[str], top: int) -> int:
        """How many of the words stand above block number `top`."""
        self._reach(top)
        return sum([self._first.get(word, top) < top for word in words])

    def spaced(self, top: int) -> bool:
        """Whether there are words to compare at all; scripts without blanks have none."""
        self._reach(top)
        return self._unspaced >= top

    def _reach(self, top: int) -> None:
        for block in self._blocks[self._done : top]:
            for word in _long_words(block.plain):
                self._first.setdefault(word, block.index)
            if block.words >= PROSE_WORDS and " " not in block.plain[:60]:
                self._unspaced = min(self._unspaced, block.index)
        self._done = max(self._done, top)


# Measured on the second halves of labelled pages: of an article's paragraph half the time over 0.35 of the longer words
# stand above it, of another story's teaser half the time under 0.11.
GOES_ON_SHARE, GOES_ON_WORDS, WORDS_TO_COMPARE = 0.25, 4, 20
GOES_ON_BLOCKS = 40  # an article that goes on for longer has not ended


def _goes_on(block: Block, above: _WordsAbove, top: int) -> bool:
    """Whether a paragraph speaks of what the text above it speaks of, and so may well go on with it."""
    words = _long_words(block.plain) if block.prose else frozenset()
    return len(words) >= GOES_ON_WORDS and above.shared(words, top) > GOES_ON_SHARE * len(words)


def _shared(blocks: list[Block], above: _WordsAbove, top: int) -> float:
    """The share of the blocks' longer words that stand above block `top` as well; 1 where there are few to compare."""
    words = [_long_words(block.plain) for block in blocks]
    count = sum(map(len, words))
    if count < WORDS_TO_COMPARE or not above.spaced(top):
        return 1.0
    return sum(above.shared(found, top) for found in words) / count
