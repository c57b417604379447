"""Rules meet blocks: one function per kind of rule, which says where the rule fits. Nothing is decided here.

Scanner(rules).candidates(document) -> {rule: blocks that hold one of its literals}
MATCHERS[rule.kind](rule, document, candidates) -> matches
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from newsclean.document import IS, PROSE_WORDS, ZONE_ABOUT, Block, Document, Span
from newsclean.folding import fold_mapped
from newsclean.repeats import REPEATS
from newsclean.rules import CREDITED, Rule, Step

_LONG_WORD = re.compile(r"\w{6,}")


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a rule fits.

    `blocks`: numbers of the blocks, in order; `cut`: the part of the only block that is meant, if not all of it;
    `grown`: those of the blocks that no pattern vouches for; `evidence`: the reason, for people.
    """

    rule: Rule
    blocks: tuple[int, ...]
    evidence: str
    cut: Span | None = None
    grown: frozenset[int] = frozenset()


Candidates = dict[int, list[int]]  # number of a block -> numbers of the patterns that may match there
LONG = 420  # characters; on longer blocks few patterns are tried at all


class Scanner:
    """The rules, and one search for the literals of all of them at once; made once and used for many documents."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = list(rules)
        self.of_sites = any(rule.sites for rule in rules)
        self.growth = [rule for rule in rules if rule.kind == "growth"]
        self.every_block = [rule for rule in rules if not rule.scan and rule.kind != "growth"]
        self._short = _Search(rules)
        self._long = _Search(rule for rule in rules if _longest(rule) > LONG)

    def candidates(self, document: Document) -> dict[Rule, Candidates]:
        """For each rule with a chance in `document`: the blocks to look at, and what to look for there."""
        blocks = document.blocks
        found: dict[Rule, Candidates] = {}
        self._short.add([block for block in blocks if len(block.plain) <= LONG], found)
        self._long.add([block for block in blocks if len(block.plain) > LONG], found)
        if self.of_sites:
            found = {rule: numbers for rule, numbers in found.items() if not rule.sites or document.site_keys & set(rule.sites)}
        for rule in self.every_block:
            found[rule] = {} if rule.kind == "repeat" and not rule.patterns else _everywhere(rule, len(blocks))
        return found


def _longest(rule: Rule) -> int:
    """Characters of the longest block on which the rule's scanned patterns can match."""
    if rule.kind == "inline":
        return sys.maxsize
    return rule.steps[rule.anchor].max_chars if rule.steps else rule.max_chars


class _Search:
    """An Aho-Corasick automaton over the literals of some rules. A line end in a literal is that of the block."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        import ahocorasick_rs

        owners: dict[str, list[tuple[Rule, int]]] = {}
        for rule in rules:
            for number, words in enumerate(rule.scan):
                for word in sorted(words):
                    owners.setdefault(word, []).append((rule, number))
        self._owners = list(owners.values())
        self._limits = [max(_longest(rule) for rule, _ in found) for found in self._owners]
        self._inside = [int(word.startswith("\n")) - 1 for word in owners]  # to the line end before the block or into it
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners)) if owners else None

    def add(self, blocks: list[Block], found: dict[Rule, Candidates]) -> None:
        """Add to `found` which patterns have a literal in which of the blocks."""
        if not blocks or not self._automaton:
            return
        plains = [block.plain for block in blocks]
        sizes = list(map(len, plains))
        starts = [0, *accumulate(size + 1 for size in sizes)]  # of the line end before each block
        hits = set()
        inside, limits = self._inside, self._limits
        for literal, start, _ in self._automaton.find_matches_as_indexes("\n" + "\n".join(plains) + "\n", overlapping=True):
            place = bisect_right(starts, start + inside[literal]) - 1
            if sizes[place] <= limits[literal]:
                hits.add((literal, place))
        for literal, place in hits:
            for rule, pattern in self._owners[literal]:
                found.setdefault(rule, {}).setdefault(blocks[place].index, []).append(pattern)


def _everywhere(rule: Rule, count: int) -> Candidates:
    patterns = list(range(len(rule.scanned)))
    return dict.fromkeys(range(count), patterns)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _is(block: Block, kinds: tuple[str, ...]) -> bool:
    return not kinds or any(block.kind in IS[kind] for kind in kinds)


def _fits(block: Block, patterns: Collection[str], case: bool, limit: int) -> bool:
    text = block.cased if case else block.plain
    return len(text) <= limit and (not patterns or any(compiled(p).fullmatch(text) for p in patterns))


def _block(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    for i in sorted(candidates):
        block = document.blocks[i]
        if not rule.min_chars <= len(block.plain) <= rule.max_chars or not _is(block, rule.is_):
            continue
        patterns = {rule.patterns[number] for number in candidates[i]} if rule.patterns else ()
        if document.in_zone(i, rule.where) and _fits(block, patterns, rule.case, rule.max_chars):
            yield Match(rule, (i,), f"the whole line reads like one{ZONE_ABOUT[rule.where]}")


def _inline(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    for i in sorted(candidates):
        block = document.blocks[i]
        if not (_is(block, rule.is_) and document.in_zone(i, rule.where)):
            continue
        if not any(compiled(p).search(block.plain) for p in rule.patterns):
            continue
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
    taken: set[int] = set()
    for i in sorted(candidates) if document.paragraphs >= rule.paragraphs else ():
        if i not in taken and document.in_zone(i, rule.where) and (match := _run_at(rule, document, i)):
            taken.update(match.blocks)
            yield match


def _run_at(rule: Rule, document: Document, anchor: int) -> Match | None:
    """The run whose anchor step begins at block `anchor`, or None."""
    at = rule.anchor
    above = _walk(rule, document, anchor - 1, -1, rule.steps[:at][::-1])
    below = _walk(rule, document, anchor, 1, rule.steps[at:] + rule.steps * (MOST_ROUNDS - 1 if rule.rounds > 1 else 0))
    if above is None or below is None or (rule.ends and below[-1][0] + 1 != len(document.blocks)):
        return None
    taken = sorted([*above, *below])
    cut = tuple(i for i, step in taken if not step.stays)
    if not cut:
        return None
    grown = frozenset(i for i, step in taken if not step.patterns)
    name = document.blocks[anchor].cased
    about = f'{len(cut)} lines around "{name[:60]}"' if len(cut) > 1 else "the line and what stands beside it"
    return Match(rule, cut, f"{about} fit together{ZONE_ABOUT[rule.where]}", None, grown)


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
    fits = len(block.plain) >= step.min_chars and _is(block, step.is_)
    return fits and _fits(block, step.patterns, rule.case, step.max_chars)


def _growth(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    end, above = 0, _WordsAbove(document)
    reach = sum(step.most for step in rule.steps) + GOES_ON_BLOCKS
    for i in sorted(candidates) if document.paragraphs >= rule.paragraphs else ():
        if rule.ends and i + reach < len(document.blocks):
            continue  # too far off to get to the end
        if i >= end and document.in_zone(i, rule.where) and (match := _growth_at(rule, document, i, above)):
            end = match.blocks[-1] + 1
            yield match


def _growth_at(rule: Rule, document: Document, first: int, above: _WordsAbove) -> Match | None:
    cue = document.blocks[first - 1].cased
    apart = ""
    if rule.max_shared < 1:
        apart = ", and has few words in common with the text above"
        above.reach(first)
        near = document.blocks[first : first + GOES_ON_BLOCKS]
        first = next((block.index for block in near if not _goes_on(block, above.words)), len(document.blocks))
    taken = _walk(rule, document, first, 1, rule.steps)
    if not taken or (rule.ends and taken[-1][0] + 1 != len(document.blocks)):
        return None
    blocks = tuple(number for number, step in taken if not step.stays)
    if rule.max_shared < 1 and _shared([document.blocks[i] for i in blocks], above) > rule.max_shared:
        return None
    about = f'it stands below "{cue[:60]}"{ZONE_ABOUT[rule.where]}{apart}'
    return Match(rule, blocks, about, None, frozenset(blocks))


class _WordsAbove:
    """The longer words of a document's first blocks, collected as one goes down. `spaced`: whether there are words to
    compare at all; scripts without blanks have none."""

    def __init__(self, document: Document) -> None:
        self._blocks, self._done = document.blocks, 0
        self.words: set[str] = set()
        self.spaced = True

    def reach(self, end: int) -> None:
        for block in self._blocks[self._done : end]:
            self.words.update(_LONG_WORD.findall(block.plain))
            self.spaced = self.spaced and (block.words < PROSE_WORDS or " " in block.plain[:60])
        self._done = max(self._done, end)


# Measured on the second halves of labelled pages: of an article's paragraph half the time over 0.35 of the longer words
# stand above it, of another story's teaser half the time under 0.11.
GOES_ON_SHARE, GOES_ON_WORDS, WORDS_TO_COMPARE = 0.25, 4, 20
GOES_ON_BLOCKS = 40  # an article that goes on for longer has not ended


def _goes_on(block: Block, above: set[str]) -> bool:
    """Whether a paragraph speaks of what the text above it speaks of, and so may well go on with it."""
    words = set(_LONG_WORD.findall(block.plain)) if block.prose else set()
    return len(words) >= GOES_ON_WORDS and len(words & above) > GOES_ON_SHARE * len(words)


def _shared(blocks: list[Block], above: _WordsAbove) -> float:
    """The share of the blocks' longer words that stand above as well; 1 where there are few to compare."""
    words = [word for block in blocks for word in set(_LONG_WORD.findall(block.plain))]
    if not above.spaced or len(words) < WORDS_TO_COMPARE:
        return 1.0
    return sum(word in above.words for word in words) / len(words)


def _repeat(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    if rule.of == "timestamp":  # which of several goes is decided when all are known
        yield from _block(rule, document, candidates)
        return
    for i, cut, evidence in REPEATS[rule.of](rule, document):
        block = document.blocks[i]
        patterns = () if rule.of in CREDITED else rule.patterns
        if document.in_zone(i, rule.where) and _is(block, rule.is_) and _fits(block, patterns, rule.case, sys.maxsize):
            # What stands where it stands is no more than a hint: what another rule knows it for counts more.
            grown = frozenset({i}) if rule.of == "above-title" else frozenset[int]()
            yield Match(rule, (i,), evidence, cut, grown)


MATCHERS: dict[str, Callable[[Rule, Document, Candidates], Iterator[Match]]] = {
    "block": _block,
    "inline": _inline,
    "run": _run,
    "growth": _growth,
    "repeat": _repeat,
}


def find(rules: Scanner, document: Document) -> list[Match]:
    """All places in `document` where a rule fits, in the order of the rules' ids, then of the text. Growth rules come
    last: they look at the blocks below what the others found."""
    found = rules.candidates(document)
    matches = [
        match for rule in sorted(found, key=lambda rule: rule.id) for match in MATCHERS[rule.kind](rule, document, found[rule])
    ]
    cues = _cues(document, matches) if rules.growth else {}
    for rule in rules.growth:
        below = {key: list[int]() for key in (i + 1 for label in rule.below for i in cues.get(label, ()))}
        matches += _growth(rule, document, below)
    return matches


CUE_CHARS = 60  # a longer line is not a heading over what follows but says all it has to say


def _cues(document: Document, matches: list[Match]) -> dict[str, set[int]]:
    """By label, the last blocks of strong matches that are short lines: what may head a list."""
    cues: dict[str, set[int]] = {}
    for match in matches:
        last = document.blocks[match.blocks[-1]]
        if match.rule.strength == "strong" and not match.cut and len(last.plain) <= CUE_CHARS:
            cues.setdefault(match.rule.label, set()).add(last.index)
    return cues
