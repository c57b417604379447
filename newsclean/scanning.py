"""Which rules fit which blocks, as far as the block's text alone says: one search for the literals of all rules at once,
and their patterns where one was found.

Scanner(rules).candidates(document) -> {rule: numbers of the blocks it fits}

What a text is, it is in every document and every round. So what was found is kept for the texts seen last.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import accumulate
from re import Pattern
from re import compile as compiled_pattern

from newsclean.document import IS, Block, Document, Kind
from newsclean.learned import StandingLines
from newsclean.rules import Rule

Candidates = list[int]  # numbers of blocks, from the top
LONG = 420  # characters; on longer blocks few patterns are tried at all
REMEMBERED = 20_000  # texts whose verdicts are kept at least; at most twice as many

_Text = tuple[str, Kind]  # a block's text and its kind
_Verdict = tuple[Rule, ...]  # the rules that fit it


@cache
def compiled(pattern: str) -> Pattern[str]:
    return compiled_pattern(pattern)


class Scanner:
    """The rules, and one search for the literals of all of them; made once and used for many documents.

    `remembered`: texts whose verdicts are kept at least; with 0 those of the last document or two.
    """

    def __init__(self, rules: Iterable[Rule], remembered: int = REMEMBERED) -> None:
        rules = list(rules)
        self.of_sites = any(rule.sites for rule in rules)
        self.growth = [rule for rule in rules if rule.kind == "growth"]
        self.standing = StandingLines(rule for rule in rules if rule.kind == "learned")
        unscanned = [rule for rule in rules if not rule.scan and rule.kind not in ("growth", "learned")]
        self._of_documents = [rule for rule in unscanned if _is_copy(rule)]
        self._of_every_block = [_Sight(rule) for rule in unscanned if not _is_copy(rule)]
        sights = [_Sight(rule) for rule in rules if rule.scan]
        self._short = _Search(sights)
        self._long = _Search(sight for sight in sights if _longest(sight.rule) > LONG)
        self._remembered = remembered
        self._seen: dict[_Text, _Verdict] = {}
        self._seen_before: dict[_Text, _Verdict] = {}

    def candidates(self, document: Document) -> dict[Rule, Candidates]:
        """For each rule with a chance in `document`: the blocks whose text it fits. A run is known by its anchor's text;
        repetition and growth are not of one text, and have to be looked for."""
        texts = [(block.cased, block.kind) for block in document.blocks]
        verdicts = self._verdicts(texts, document.blocks)
        found: dict[Rule, Candidates] = {}
        for index, text in enumerate(texts):
            for rule in verdicts[text]:
                found.setdefault(rule, []).append(index)
        found.update((rule, []) for rule in self._of_documents)
        if self.of_sites:
            found = {rule: numbers for rule, numbers in found.items() if not rule.sites or document.site_keys & set(rule.sites)}
        return found

    def _verdicts(self, texts: list[_Text], blocks: Iterable[Block]) -> dict[_Text, _Verdict]:
        """What fits each text. Two tables take turns: when the one in use is full, it becomes the one before."""
        if len(self._seen) > self._remembered:
            self._seen, self._seen_before = {}, self._seen
        seen, before = self._seen, self._seen_before
        new: dict[_Text, Block] = {}
        for text, block in zip(texts, blocks, strict=True):
            if text not in seen:
                if text in before:
                    seen[text] = before[text]
                else:
                    new[text] = block
        for text, verdict in zip(new, self._judged(list(new.values())), strict=True):
            seen[text] = verdict
        return seen

    def _judged(self, blocks: list[Block]) -> Iterator[_Verdict]:
        found: list[dict[_Sight, set[int]]] = [{} for _ in blocks]
        self._short.add([(n, block) for n, block in enumerate(blocks) if len(block.plain) <= LONG], found)
        self._long.add([(n, block) for n, block in enumerate(blocks) if len(block.plain) > LONG], found)
        for block, patterns in zip(blocks, found, strict=True):
            fitting = [sight.rule for sight, numbers in patterns.items() if sight.fits(block, numbers)]
            yield (*fitting, *(sight.rule for sight in self._of_every_block if sight.fits(block)))


def is_of(block: Block, kinds: tuple[str, ...]) -> bool:
    """Whether a block is of one of the kinds, or none are named."""
    return not kinds or any(block.kind in IS[kind] for kind in kinds)


def reads_like(block: Block, patterns: Collection[str], case: bool, limit: int) -> bool:
    """Whether the whole block, of at most `limit` characters, matches one of the patterns, or there are none."""
    text = block.cased if case else block.plain
    return len(text) <= limit and (not patterns or any(compiled(p).fullmatch(text) for p in patterns))


class _Sight:
    """What of a rule one text can answer: kinds of block, length in characters, patterns."""

    __slots__ = ("case", "kinds", "least", "method", "most", "patterns", "rule")

    def __init__(self, rule: Rule) -> None:
        step = rule.steps[rule.anchor] if rule.steps else rule
        self.rule, self.case, self.patterns = rule, rule.case, step.patterns
        self.kinds = frozenset(kind for name in step.is_ for kind in IS[name])
        self.least, self.most, self.method = step.min_chars, step.max_chars, "fullmatch"
        if rule.kind == "inline":
            self.case, self.least, self.most, self.method = False, 0, sys.maxsize, "search"
        elif _is_copy(rule):  # what it says of the block is asked where the copy is
            self.kinds, self.least, self.most, self.patterns = frozenset(), 0, sys.maxsize, ()

    def fits(self, block: Block, numbers: Iterable[int] | None = None) -> bool:
        """Whether the rule fits, by the patterns of these numbers or by any of them."""
        if not self.least <= len(block.plain) <= self.most or (self.kinds and block.kind not in self.kinds):
            return False
        if not self.patterns:
            return True
        text = block.cased if self.case else block.plain
        tried = self.patterns if numbers is None else [self.patterns[number] for number in numbers]
        return len(text) <= self.most and any(getattr(compiled(pattern), self.method)(text) for pattern in tried)


def _is_copy(rule: Rule) -> bool:
    """Whether the rule is about what stands elsewhere in the document, and not about one text."""
    return rule.kind == "repeat" and rule.of != "timestamp"


def _longest(rule: Rule) -> int:
    """Characters of the longest block on which the rule's scanned patterns can match."""
    if rule.kind == "inline":
        return sys.maxsize
    return rule.steps[rule.anchor].max_chars if rule.steps else rule.max_chars


class _Search:
    """An Aho-Corasick automaton over the literals of some rules. A line end in a literal is that of the block."""

    def __init__(self, sights: Iterable[_Sight]) -> None:
        import ahocorasick_rs

        owners: dict[str, list[tuple[_Sight, int]]] = {}
        for sight in sights:
            for number, words in enumerate(sight.rule.scan):
                for word in sorted(words):
                    owners.setdefault(word, []).append((sight, number))
        self._owners = list(owners.values())
        self._limits = [max(_longest(sight.rule) for sight, _ in found) for found in self._owners]
        self._inside = [int(word.startswith("\n")) - 1 for word in owners]  # to the line end before the block or into it
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners)) if owners else None

    def add(self, blocks: list[tuple[int, Block]], found: list[dict[_Sight, set[int]]]) -> None:
        """Add to `found`, under the number given with each block, the patterns that have a literal in it."""
        if not blocks or not self._automaton:
            return
        plains = [block.plain for _, block in blocks]
        sizes = list(map(len, plains))
        starts = [0, *accumulate(size + 1 for size in sizes)]  # of the line end before each block
        hits = set()
        inside, limits = self._inside, self._limits
        for literal, start, _ in self._automaton.find_matches_as_indexes("\n" + "\n".join(plains) + "\n", overlapping=True):
            place = bisect_right(starts, start + inside[literal]) - 1
            if sizes[place] <= limits[literal]:
                hits.add((literal, place))
        for literal, place in hits:
            of_block = found[blocks[place][0]]
            for sight, pattern in self._owners[literal]:
                of_block.setdefault(sight, set()).add(pattern)
