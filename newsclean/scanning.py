"""Which rules fit which blocks, as far as the block's text alone says: one search for the literals of all rules at once,
and their patterns where one was found.

Scanner(rules).candidates(document) -> {rule: numbers of the blocks it fits}

What a text is, it is in every document and every round. So what was found is kept for the texts seen last.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from itertools import accumulate, repeat

from newsclean.document import IS, Block, Document
from newsclean.learned import StandingLines
from newsclean.lines import KINDS
from newsclean.literals import compiled, without_vetoes
from newsclean.recent import Recent
from newsclean.rules import MOST_CHARS, Rule

Candidates = list[int]  # numbers of blocks, from the top
LONG = 420  # characters; on longer blocks few patterns are tried at all
REMEMBERED = 4_000_000  # characters of texts whose verdicts are kept

_Verdict = tuple[Rule, ...]  # the rules that fit it


class Scanner:
    """The rules, and one search for the literals of all of them; made once and used for many documents.

    `remembered`: characters of texts whose verdicts are kept at least; with 0 those of the last document or two.
    """

    def __init__(self, rules: Iterable[Rule], remembered: int = REMEMBERED) -> None:
        rules = list(rules)
        self.of_sites = any(rule.sites for rule in rules)
        self.growth = [rule for rule in rules if rule.kind == "growth"]
        self.standing = StandingLines(rule for rule in rules if rule.kind == "learned")
        self._of_documents = [rule for rule in rules if _is_copy(rule) and not all(rule.scan or [()])]
        acting = [rule for rule in rules if rule.kind not in ("growth", "learned") and rule not in self._of_documents]
        tests = [pair for rule in acting for pair in _tests(rule)]
        every = [test for test, keys in tests if not keys]
        self._of_kinds = {kind: [test for test in every if kind in test.kinds] for kind in KINDS}
        self._search = _Search((key, test) for test, keys in tests for key in keys)
        self._verdicts: Recent[Block, _Verdict] = Recent(remembered)
        self.forget = self._verdicts.forget

    def candidates(self, document: Document) -> dict[Rule, Candidates]:
        """For each rule with a chance in `document`: the blocks whose text it fits. A run is known by its anchor's text;
        repetition and growth are not of one text, and have to be looked for."""
        found: dict[Rule, Candidates] = {rule: [] for rule in self._of_documents}
        verdicts = self._verdicts.look_up({block.cased: block for block in document.blocks}, self._judged)
        for block in document.blocks:
            for rule in verdicts[block.cased]:
                found.setdefault(rule, []).append(block.index)
        if self.of_sites:
            found = {rule: numbers for rule, numbers in found.items() if not rule.sites or document.site_keys & set(rule.sites)}
        return found

    def _judged(self, blocks: list[Block]) -> Iterator[_Verdict]:
        for block, tests in zip(blocks, self._search.tests(blocks), strict=True):
            size, kind = len(block.plain), block.kind
            verdict: list[Rule] = []
            for test in dict.fromkeys(tests + self._of_kinds[kind]):
                if test.least <= size <= test.most and kind in test.kinds and test.rule not in verdict and test.fits(block):
                    verdict.append(test.rule)
            yield tuple(verdict)


@cache
def kinds_of(names: tuple[str, ...]) -> frozenset[str]:
    """The kinds of block that a rule asks for with `is`: all of them if it names none."""
    return frozenset(kind for name in names for kind in IS[name]) or _ANY_KIND


def reads_like(block: Block, patterns: Collection[str], case: bool, limit: int) -> bool:
    """Whether the whole block, of at most `limit` characters, matches one of the patterns, or there are none."""
    text = block.cased if case else block.plain
    if not patterns or len(text) > min(limit, MOST_CHARS):
        return len(text) <= limit and not patterns
    return any(compiled(pattern).fullmatch(text) for pattern in patterns)


class _Test:
    """What of a rule one text can answer: kinds of block, length in characters, one of the patterns."""

    __slots__ = ("_full", "_quick", "alone", "case", "inline", "kinds", "least", "most", "needs", "pattern", "rule")

    def __init__(self, rule: Rule, pattern: str, needs: frozenset[str], width: tuple[int, int]) -> None:
        step = rule.steps[rule.anchor] if rule.steps else rule
        self.rule, self.case, self.pattern, self.needs = rule, rule.case, pattern, needs
        self.kinds = kinds_of(step.is_)
        self.least, self.most, self.inline = step.min_chars, step.max_chars, rule.kind == "inline"
        if self.inline:
            self.case, self.least, self.most = False, 0, MOST_CHARS
        elif _is_copy(rule):  # what it says of the block is asked where the copy is
            self.kinds, self.least, self.most, self.pattern = _ANY_KIND, 0, sys.maxsize, ""
        else:
            self.least, self.most = max(self.least, width[0]), min(self.most, width[1], MOST_CHARS)
        self.alone = (self,)  # many beginnings call for this test and no other
        self._quick: Callable[[str], object] | None = None
        self._full: Callable[[str], object] | None = None

    def fits(self, block: Block) -> bool:
        """Whether the pattern matches a block of a kind and a length that it can match."""
        plain = block.plain
        for word in self.needs:
            if word in plain:
                break
        else:
            if self.needs:
                return False
        text = block.cased if self.case else plain
        if not (self._quick or self._compiled())(text):
            return False
        return self._full is None or self._full(text) is not None

    def _compiled(self) -> Callable[[str], object]:
        """The pattern is compiled when it is first tried: most of them never are."""
        self._quick = _matcher(bare := without_vetoes(self.pattern), self.inline)
        self._full = None if bare == self.pattern else _matcher(self.pattern, self.inline)
        return self._quick


def _matcher(pattern: str, inline: bool) -> Callable[[str], object]:
    return compiled(pattern).search if inline else compiled(pattern).fullmatch if pattern else bool


def _tests(rule: Rule) -> Iterator[tuple[_Test, frozenset[str]]]:
    """The tests of a rule, one for each of its patterns, each with the literals that call for it: none if every block does."""
    patterns = rule.scanned or ("",)
    filled = (rule.scan or repeat(_NONE), rule.needs or repeat(_NONE), rule.widths or repeat(_ANY_WIDTH))
    for pattern, keys, needs, width in zip(patterns, *filled, strict=False):
        yield _Test(rule, pattern, needs, width), keys


_NONE: frozenset[str] = frozenset()
_ANY_WIDTH = (0, sys.maxsize)
_ANY_KIND = frozenset(KINDS)


def _is_copy(rule: Rule) -> bool:
    """Whether the rule is about what stands elsewhere in the document, and not about one text."""
    return rule.kind == "repeat" and rule.of != "timestamp"


_SIZES = (1, 2, 4, 7, 12)  # at which beginnings and ends are looked up
_SEARCHED = 8  # characters of a literal that are searched for; more are not worth the memory
_WORD = re.compile(r"\w")
_LAST_WORD = re.compile(r"\w\W*$")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


class _Search:
    """Which tests a block's text calls for: by how it begins, by how it ends, and by the literals in it. These are searched
    for in all blocks at once, by an Aho-Corasick automaton; a second one is for long blocks, on which few tests can fit."""

    def __init__(self, keys: Iterable[tuple[str, _Test]]) -> None:
        self._heads, self._tails = _Trie(), _Trie()
        short: _Owners = {}
        long: _Owners = {}
        for key, test in keys:
            if key[0] == "\n":
                self._heads.add(key[1:], test)
            elif key[-1] == "\n":
                self._tails.add(key[-2::-1], test)
            else:
                _own(short, key[:_SEARCHED], test)
                if test.most > LONG:
                    _own(long, key[:_SEARCHED], test)
        self._short, self._long = _Automaton(short), _Automaton(long)

    def tests(self, blocks: list[Block]) -> list[list[_Test]]:
        """For each of the blocks the tests that may fit it, some of them perhaps more than once."""
        found = [self._of_edges(block.plain) for block in blocks]
        self._short.add([(n, block.plain) for n, block in enumerate(blocks) if len(block.plain) <= LONG], found)
        self._long.add([(n, block.plain) for n, block in enumerate(blocks) if len(block.plain) > LONG], found)
        return found

    def _of_edges(self, plain: str) -> list[_Test]:
        """What the block's beginning and end call for, as they are and without the marks before the first word and behind
        the last."""
        size = _SIZES[-1]
        found: list[_Test] = []
        head = plain[:size] if len(plain) >= size else plain + "\n"
        tail = plain[: -size - 1 : -1]
        self._heads.find(head, found)
        self._tails.find(tail, found)
        if not head[0].isalnum() and (word := _WORD.search(plain)) and word.start():
            self._heads.find(plain[word.start() : word.start() + size] + "\n", found)
        if not tail[0].isalnum() and (word := _WORD.search(tail) or _LAST_WORD.search(plain)):
            last = len(plain) - word.start() - 1 if word.string is tail else word.start()
            self._tails.find(plain[last : max(last - size, -1) if last >= size else None : -1], found)
        return found


class _Trie:
    """Tests by how a text begins. One table holds the beginnings at all lengths; few texts begin like any of them, and looking
    that up ends after a step or two."""

    def __init__(self) -> None:
        self._tests: _Owners = {}

    def add(self, key: str, test: _Test) -> None:
        start = ""
        for size in _SIZES:
            if len(key) < size:
                break
            start = key[:size]
            self._tests.setdefault(start, ())
        _own(self._tests, start, test)

    def find(self, text: str, found: list[_Test]) -> None:
        if not text.isascii():
            text = _OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), text)
        tests = self._tests
        for size in _SIZES:
            here = tests.get(text[:size])
            if here is None:
                return
            found += here


_Owners = dict[str, tuple[_Test, ...]]


def _own(owners: _Owners, key: str, test: _Test) -> None:
    found = owners.get(key, ())
    if found[-1:] != (test,):
        owners[key] = (*found, test) if found else test.alone


class _Automaton:
    """An Aho-Corasick automaton over literals."""

    def __init__(self, owners: _Owners) -> None:
        import ahocorasick_rs

        self._owners = list(owners.values())
        self._limits = [max(test.most for test in tests) for tests in self._owners]
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners)) if owners else None

    def add(self, texts: list[tuple[int, str]], found: list[list[_Test]]) -> None:
        """Add to `found`, under the number given with each text, the tests that have a literal in it."""
        if not texts or not self._automaton:
            return
        sizes = [len(text) for _, text in texts]
        ends = list(accumulate(size + 1 for size in sizes))  # of each text, with the line end behind it
        joined = "\n".join([text for _, text in texts])
        matches = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        hits = {(bisect_right(ends, start), literal) for literal, start, _ in matches}
        for place, literal in hits:
            if sizes[place] <= self._limits[literal]:
                found[texts[place][0]] += self._owners[literal]
