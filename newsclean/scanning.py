"""Which rules fit which blocks, as far as the block's text alone says: one search for the literals of all rules at once,
and their patterns where one was found.

Scanner(rules).candidates(document) -> {rule: numbers of the blocks it fits}

What a text is, it is in every document and every round. So what was found is kept for the texts seen last.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from itertools import accumulate
from typing import Any

from newsclean.document import IS, Block, Document
from newsclean.learned import StandingLines
from newsclean.lines import KINDS
from newsclean.literals import without_vetoes
from newsclean.lookup import LONG, SEARCHED, SIZES, Lookup, is_copy, lookup_of, sizes_of
from newsclean.programs import compiled
from newsclean.recent import Recent
from newsclean.rules import MOST_CHARS, Rule

Candidates = list[int]  # numbers of blocks, from the top
SHORT = 152  # characters; next to no pattern that every block calls for is tried on longer ones
REMEMBERED = 4_000_000  # characters of texts whose verdicts are kept

_Verdict = tuple[Rule, ...]  # the rules that fit it


class Scanner:
    """The rules, and one search for the literals of all of them; made once and used for many documents.

    `remembered`: characters of texts whose verdicts are kept at least; with 0 those of the last document or two.
    """

    def __init__(self, rules: Iterable[Rule], remembered: int = REMEMBERED) -> None:
        rules = list(rules)
        lookup = lookup_of(rules)
        self.of_sites = lookup["of_sites"]
        self.growth = [rules[n] for n in lookup["growth"]]
        self.standing = StandingLines(rules[n] for n in lookup["learned"])
        self._of_documents = [rules[n] for n in lookup["copies"]]
        tests: list[_Test] = [
            _LateTest(rule, n) for rule, count in zip(rules, lookup["patterns"], strict=True) for n in range(count)
        ]
        every = [tests[n] for n in lookup["every"]]
        self._every = {
            (kind, short): [test for test in every if kind in test.kinds and (short or test.most > SHORT)]
            for kind in KINDS
            for short in (True, False)
        }
        self._search = _Search(lookup, tests)
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
            for test in tests + self._every[kind, size <= SHORT]:  # few are called for twice
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

    __slots__ = ("_full", "_number", "_quick", "case", "inline", "kinds", "least", "most", "needs", "pattern", "rule")

    def __init__(self, rule: Rule, number: int) -> None:
        """`number`: of the pattern, among those that the rule looks for."""
        self.rule, self._number = rule, number
        self._quick: Callable[[str], object] | None = None
        self._full: Callable[[str], object] | None = None

    def _fill(self) -> None:
        rule, number = self.rule, self._number
        step = rule.steps[rule.anchor] if rule.steps else rule
        self.inline = rule.kind == "inline"
        self.case = rule.case and not self.inline
        self.needs = rule.needs[number] if rule.needs else frozenset[str]()
        self.least, self.most = sizes_of(rule, number)
        self.kinds, self.pattern = _ANY_KIND, ""
        if not is_copy(rule):  # what that says of the block is asked where the copy is
            self.kinds, self.pattern = kinds_of(step.is_), step.patterns[number] if step.patterns else ""

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
        """The pattern is compiled when it is first tried."""
        bare = without_vetoes(self.pattern)
        self._full = None if bare == self.pattern else _matcher(self.pattern, self.inline)
        self._quick = _matcher(bare, self.inline)
        return self._quick


class _LateTest(_Test):
    """A test that is filled when it is first called for: most of them never are."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:  # of what is not there yet
        self._fill()
        self.__class__ = _Test  # type: ignore[assignment]
        return getattr(self, name)


def _matcher(pattern: str, inline: bool) -> Callable[[str], object]:
    return compiled(pattern).search if inline else compiled(pattern).fullmatch if pattern else bool


_ANY_KIND: frozenset[str] = frozenset(KINDS)
_WORD = re.compile(r"\w")
_LAST_WORD = re.compile(r"\w\W*$")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


_Tests = tuple[_Test, ...]  # that are called for together
_Table = dict[str, _Tests]


class _Search:
    """Which tests a block's text calls for: by how it begins, by how it ends, and by the literals in it. These are searched
    for in all blocks at once, by an Aho-Corasick automaton; a second one is for long blocks, on which few tests can fit."""

    def __init__(self, lookup: Lookup, tests: list[_Test]) -> None:
        owners = [tuple([tests[n] for n in numbers]) for numbers in lookup["owners"]]

        def table(keys: list[str], numbers: list[int]) -> _Table:
            return dict(zip(keys, [owners[n] for n in numbers], strict=True))

        def automaton(keys: list[str], numbers: list[int]) -> _Automaton:
            return _Automaton(keys, [owners[n] for n in numbers], [lookup["limits"][n] for n in numbers])

        self._heads, self._tails = table(*lookup["heads"]), table(*lookup["tails"])
        self._short, self._long = automaton(*lookup["short"]), automaton(*lookup["long"])

    def tests(self, blocks: list[Block]) -> list[list[_Test]]:
        """For each of the blocks the tests that may fit it, some of them perhaps more than once."""
        found = [self._of_edges(block.plain) for block in blocks]
        self._short.add([(n, block.plain) for n, block in enumerate(blocks) if len(block.plain) <= LONG], found)
        self._long.add([(n, block.plain) for n, block in enumerate(blocks) if len(block.plain) > LONG], found)
        return found

    def _of_edges(self, plain: str) -> list[_Test]:
        """What the block's beginning and end call for, as they are and without the marks before the first word and behind
        the last."""
        size = SIZES[-1]
        found: list[_Test] = []
        head = plain[:size] if len(plain) >= size else plain + "\n"
        tail = plain[: -size - 1 : -1]
        _add(self._heads, head, found)
        _add(self._tails, tail, found)
        if not head[0].isalnum() and (word := _WORD.search(plain)) and word.start():
            _add(self._heads, plain[word.start() : word.start() + size] + "\n", found)
        if not tail[0].isalnum() and (word := _WORD.search(tail) or _LAST_WORD.search(plain)):
            last = len(plain) - word.start() - 1 if word.string is tail else word.start()
            _add(self._tails, plain[last : max(last - size, -1) if last >= size else None : -1], found)
        return found


def _add(tests: _Table, text: str, found: list[_Test]) -> None:
    """Add to `found` the tests that the beginning of `text` calls for, of a table of beginnings at all sizes."""
    if not text.isascii():
        text = _OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), text)
    for size in SIZES:
        here = tests.get(text[:size])
        if here is None:
            return
        found += here


_FEW = 20_000  # characters; only where more are searched is an automaton made, which takes as long as looking up that many


class _Automaton:
    """An Aho-Corasick automaton over literals. `limits`: how many characters a block may have for each."""

    def __init__(self, literals: list[str], owners: list[_Tests], limits: list[int]) -> None:
        self._literals, self._owners, self._limits = literals, owners, limits
        self._numbers: dict[str, int] = {}
        self._searched = 0
        self._automaton: Any = None

    def add(self, texts: list[tuple[int, str]], found: list[list[_Test]]) -> None:
        """Add to `found`, under the number given with each text, the tests that have a literal in it."""
        if not texts or not self._literals:
            return
        sizes = [len(text) for _, text in texts]
        ends = list(accumulate(size + 1 for size in sizes))  # of each text, with the line end behind it
        joined = "\n".join([text for _, text in texts])
        hits = {(bisect_right(ends, start), literal) for literal, start, _ in self._matches(joined)}
        for place, literal in hits:
            if sizes[place] <= self._limits[literal]:
                found[texts[place][0]] += self._owners[literal]

    def _matches(self, text: str) -> Iterable[tuple[int, int, int]]:
        """Number, start and end of all literals in `text`."""
        if self._automaton is None:
            self._searched += len(text)
            if self._searched < _FEW:
                return self._looked_up(text)
            import ahocorasick_rs

            self._automaton, self._numbers = ahocorasick_rs.AhoCorasick(self._literals), {}
        matches: list[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return matches

    def _looked_up(self, text: str) -> Iterator[tuple[int, int, int]]:
        numbers = self._numbers = self._numbers or {literal: number for number, literal in enumerate(self._literals)}
        for size in range(1, SEARCHED + 1):
            for start in range(len(text) - size + 1):
                if (literal := text[start : start + size]) in numbers:
                    yield numbers[literal], start, start + size
