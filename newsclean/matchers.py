"""Rules meet blocks: one function per kind of rule, which says where the rule fits. Nothing is decided here.

find(scanner, document) -> matches
MATCHERS[rule.kind](rule, document, candidates) -> matches
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from newsclean.document import ZONE_ABOUT, Block, Document, Span
from newsclean.folding import fold_mapped
from newsclean.learned import reason
from newsclean.lines import PROSE_WORDS
from newsclean.programs import compiled
from newsclean.repeats import REPEATS
from newsclean.rules import CREDITED, Rule, Step
from newsclean.scanning import Candidates, Scanner, kinds_of, reads_like

_LONG_WORD = re.compile(r"\w{6,}")


class Match(NamedTuple):
    """A place where a rule fits.

    `blocks`: numbers of the blocks, in order; `cut`: the part of the only block that is meant, if not all of it;
    `grown`: those of the blocks that no pattern vouches for; `evidence`: the reason, for people.
    """

    rule: Rule
    blocks: tuple[int, ...]
    evidence: str
    cut: Span | None = None
    grown: frozenset[int] = frozenset()


def _block(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    for i in document.within(rule.where, candidates):
        yield Match(rule, (i,), f"the whole line reads like one{ZONE_ABOUT[rule.where]}")


def _inline(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    for i in document.within(rule.where, candidates):
        block = document.blocks[i]
        mapped = fold_mapped(document.text[block.start : block.end])
        if mapped:
            yield from _stretches(rule, document, block, *mapped)


def _stretches(rule: Rule, document: Document, block: Block, plain: str, origin: list[int]) -> Iterator[Match]:
    for pattern in rule.patterns:
        for found in compiled(pattern).finditer(plain):
            group = "cut" if "cut" in found.re.groupindex else 0
            if found[group] and len(found[group]) <= rule.max_chars:
                start, end = block.start + origin[found.start(group)], block.start + origin[found.end(group)]
                cut = _with_blanks(document.text, Span(start, end), block)
                whole = cut == (block.start, block.end)
                yield Match(
                    rule, (block.index,), f"this part of the line reads like one{ZONE_ABOUT[rule.where]}", None if whole else cut
                )


def _with_blanks(text: str, cut: Span, block: Block) -> Span:
    """The stretch with the white space behind it; at the end of the block, with that before it."""
    start, end = cut
    before = start == block.start or text[start - 1].isspace()
    while before and end < block.end and text[end].isspace():
        end += 1
    while end == block.end and start > block.start and text[start - 1].isspace():
        start -= 1
    return Span(start, end)


MOST_ROUNDS = 40


def _run(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    taken, at = set[int](), rule.anchor
    for i in document.within(rule.where, candidates) if document.paragraphs >= rule.paragraphs else ():
        if i not in taken and _may_run(rule, document, i, at) and (match := _run_at(rule, document, i, at)):
            taken.update(match.blocks)
            yield match


def _may_run(rule: Rule, document: Document, anchor: int, at: int) -> bool:
    """Whether what has to stand right beside the anchor, step `at`, stands there. Mostly it does not, and the search is over."""
    above = rule.steps[at - 1] if at else None
    if above and above.least and not _step_fits(rule, document, anchor - 1, above):
        return False
    below = rule.steps[at + 1] if at + 1 < len(rule.steps) and rule.steps[at].most == 1 else None
    return not (below and below.least) or _step_fits(rule, document, anchor + 1, below)


def _run_at(rule: Rule, document: Document, anchor: int, at: int) -> Match | None:
    """The run whose anchor, step `at`, begins at block `anchor`, or None."""
    above = _walk(rule, document, anchor - 1, -1, rule.steps[:at][::-1])
    below = _walk(rule, document, anchor, 1, rule.steps[at:] + rule.steps * (MOST_ROUNDS - 1 if rule.rounds > 1 else 0))
    if above is None or below is None or (rule.ends and below[-1][0] + 1 != len(document.blocks)):
        return None
    taken = sorted([*above, *below])
    cut = _cut(document, taken)
    if not cut:
        return None
    grown = frozenset(i for i, step in taken if not step.patterns)
    name = document.blocks[anchor].cased
    about = f'{len(cut)} lines around "{name[:60]}"' if len(cut) > 1 else "the line and what stands beside it"
    return Match(rule, cut, f"{about} fit together{ZONE_ABOUT[rule.where]}", None, grown)


def _cut(document: Document, taken: list[tuple[int, Step]]) -> tuple[int, ...]:
    """The blocks that go. A mark alone on its line may part an article's sections: no list grows over it, it only passes it."""
    return tuple(i for i, step in taken if not step.stays and (step.patterns or document.blocks[i].kind != "separator"))


def _walk(rule: Rule, document: Document, i: int, way: int, steps: tuple[Step, ...]) -> list[tuple[int, Step]] | None:
    """Blocks from `i` on, `way` 1 down or -1 up, that the steps take one after the other, each as many as it can
    while those after it still find theirs; None if that cannot be. A rule of several rounds may stop behind each full one."""
    stops = range(len(rule.steps) * rule.rounds - rule.anchor, len(steps), len(rule.steps)) if rule.rounds > 1 else ()
    dead: set[tuple[int, int]] = set()  # block and step from which there is no way on: keeps the search short

    def take(i: int, number: int) -> list[tuple[int, Step]] | None:
        if number == len(steps):
            return []
        lost: list[tuple[int, Step]] | None = [] if way > 0 and number in stops else None
        if (i, number) in dead:
            return lost
        step = steps[number]
        most = 0
        while most < step.most and _step_fits(rule, document, i + way * most, step):
            if step.apart and most and _together(document, i + way * most, way):
                break
            most += 1
        for count in range(most, step.least - 1, -1):
            rest = take(i + way * count, number + 1)
            if rest is not None:
                return [*((i + way * n, step) for n in range(count)), *rest]
        dead.add((i, number))
        return lost

    return take(i, 0)


def _together(document: Document, i: int, way: int) -> bool:
    return document.blocks[i].prose and document.blocks[i - way].prose


def _step_fits(rule: Rule, document: Document, i: int, step: Step) -> bool:
    if not 0 <= i < len(document.blocks):
        return False
    block = document.blocks[i]
    fits = len(block.plain) >= step.min_chars and block.kind in kinds_of(step.is_)
    return fits and reads_like(block, step.patterns, rule.case, step.max_chars)


def _growth(rule: Rule, document: Document, candidates: Candidates, known: Collection[int] = ()) -> Iterator[Match]:
    end, above = 0, _words_above(document)
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
    taken = _walk(rule, document, first, 1, rule.steps)
    if not taken or (rule.ends and taken[-1][0] + 1 != len(document.blocks)):
        return None
    blocks = _cut(document, taken)
    if not blocks or (rule.max_shared < 1 and _shared([document.blocks[i] for i in blocks], above, top) > rule.max_shared):
        return None
    blocks = (*_first_copy(document, first - 1), *blocks)
    about = f'it stands below "{cue[:60]}"{ZONE_ABOUT[rule.where]}{apart}'
    return Match(rule, blocks, about, None, frozenset(blocks))


def _between(rule: Rule, document: Document, first: int, known: Collection[int]) -> Match | None:
    """Blocks that the rule's only step takes one and all, from below a cue to a block that is `known`."""
    step, end = rule.steps[0], first
    while end - first < step.most and end not in known and _step_fits(rule, document, end, step):
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


@lru_cache(maxsize=512)
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


@lru_cache(maxsize=2)
def _words_above(document: Document) -> _WordsAbove:
    return _WordsAbove(document)


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


def _repeat(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    if rule.of == "timestamp":  # which of several goes is decided when all are known
        yield from _block(rule, document, candidates)
        return
    zone = document.zone(rule.where)
    for i, cut, evidence in REPEATS[rule.of](rule, document):
        block = document.blocks[i]
        patterns = () if rule.of in CREDITED else rule.patterns
        if i in zone and block.kind in kinds_of(rule.is_) and reads_like(block, patterns, rule.case, sys.maxsize):
            # What stands where it stands is no more than a hint: what another rule knows it for counts more.
            grown = frozenset({i}) if rule.of in ("above-title", "above-guess", "masthead") else frozenset[int]()
            yield Match(rule, (i,), evidence, cut, grown)


MATCHERS: dict[str, Callable[[Rule, Document, Candidates], Iterator[Match]]] = {
    "block": _block,
    "inline": _inline,
    "run": _run,
    "growth": _growth,
    "repeat": _repeat,
}


def find(rules: Scanner, document: Document) -> list[Match]:
    """All places in `document` where a rule fits, in the order of the rules' ids, then of the text. Growth rules look at the
    blocks below what the others found. What was learned comes last: its labels are guesses, and nothing grows from them."""
    found = rules.candidates(document)
    matches = [
        match for rule in sorted(found, key=lambda rule: rule.id) for match in MATCHERS[rule.kind](rule, document, found[rule])
    ]
    cues = _cues(document, matches) if rules.growth else {}
    found_blocks = [match for match in matches if match.rule.strength == "strong" and not match.cut]
    for rule in rules.growth:
        below = sorted({i + 1 for label in rule.below for i in cues.get(label, ())})
        known = {b for m in found_blocks if m.rule.label in rule.until for b in m.blocks} if rule.until else ()
        matches += _growth(rule, document, below, known)
    return [*matches, *(Match(rule, (i,), reason(line, rule.sites[0])) for rule, line, i in rules.standing.find(document))]


CUE_CHARS = 60  # a longer line is not a heading over what follows but says all it has to say


def _cues(document: Document, matches: list[Match]) -> dict[str, set[int]]:
    """By label, the last blocks of strong matches that are short lines: what may head a list."""
    cues: dict[str, set[int]] = {}
    for match in matches:
        last = document.blocks[match.blocks[-1]]
        if match.rule.strength == "strong" and not match.cut and len(last.plain) <= CUE_CHARS:
            cues.setdefault(match.rule.label, set()).add(last.index)
    return cues
