"""What calls for which pattern of which rule: the tables in which the scanner looks up a block's text.

    lookup_of(rules) -> Lookup

They are made of numbers and texts, so that they can be kept on disk (newsclean.packcache): making them for all rules takes a
tenth of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypedDict

from newsclean.packcache import cached, key_of
from newsclean.rules import MOST_CHARS, Rule

LONG = 420  # characters; on longer blocks few patterns are tried at all
SIZES = (1, 2, 4, 7, 12)  # at which beginnings and ends are looked up
SEARCHED = 8  # characters of a literal that are searched for; more are not worth the memory
_MANY = 200  # rules whose tables are kept; those of fewer are made as fast

Keys = tuple[list[str], list[int]]  # texts, and for each of them its owners: a number in Lookup.owners


class Lookup(TypedDict):
    """`growth`, `learned`, `copies`: numbers of the rules of this kind, which do not ask a single text. `patterns`: how many
    patterns of each rule do; they are numbered through all rules. `every`: those that every block calls for. `owners`: patterns
    that are called for together, and `limits` the most characters that a block may have for one of them: by how a block begins
    (`heads`), how it ends, read backwards (`tails`), and by literals in it (`short`, and `long` for long blocks)."""

    of_sites: bool
    growth: list[int]
    learned: list[int]
    copies: list[int]
    patterns: list[int]
    every: list[int]
    owners: list[list[int]]
    limits: list[int]
    heads: Keys
    tails: Keys
    short: Keys
    long: Keys


def lookup_of(rules: Sequence[Rule]) -> Lookup:
    """The tables for these rules, made or kept."""
    if len(rules) < _MANY or not all(rule.origin for rule in rules):
        return _made(rules)
    packs = dict.fromkeys(rule.id.partition("/")[0] for rule in rules)
    lookup: Lookup = cached(f"lookup {' '.join(packs)}", key_of(*[rule.origin for rule in rules]), lambda: [_made(rules)]).row(0)
    return lookup


def is_copy(rule: Rule) -> bool:
    """Whether the rule is about what stands elsewhere in the document, and not about one text."""
    return rule.kind == "repeat" and rule.of != "timestamp"


def sizes_of(rule: Rule, number: int) -> tuple[int, int]:
    """The fewest and the most characters of the blocks that pattern `number` of a rule is tried on."""
    if rule.kind == "inline":
        return 0, MOST_CHARS
    if is_copy(rule):  # what it says of the block is asked where the copy is
        return 0, sys.maxsize
    step = rule.steps[rule.anchor] if rule.steps else rule
    least, most = rule.widths[number] if rule.widths else (0, MOST_CHARS)
    return max(step.min_chars, least), min(step.max_chars, most, MOST_CHARS)


_Table = dict[str, list[int]]  # tests by what calls for them


def _made(rules: Sequence[Rule]) -> Lookup:
    numbers = range(len(rules))
    growth, learned = ([n for n in numbers if rules[n].kind == kind] for kind in ("growth", "learned"))
    copies = [n for n in numbers if is_copy(rules[n]) and not all(rules[n].scan or [()])]
    apart = {*growth, *learned, *copies}
    patterns = [0 if n in apart else len(rules[n].scanned) or 1 for n in numbers]
    tests = [(rules[n], pattern) for n in numbers for pattern in range(patterns[n])]
    called = [(test, key) for test, (rule, pattern) in enumerate(tests) for key in sorted(_keys(rule, pattern))]
    limits = [sizes_of(rule, pattern)[1] for rule, pattern in tests]
    inner = [(test, key[:SEARCHED]) for test, key in called if "\n" not in (key[0], key[-1])]
    owners: dict[tuple[int, ...], int] = {}

    def owned(table: _Table) -> Keys:
        return list(table), [owners.setdefault(tuple(found), len(owners)) for found in table.values()]

    return {
        "of_sites": any(rule.sites for rule in rules), "growth": growth, "learned": learned, "copies": copies,
        "patterns": patterns, "every": sorted({*range(len(tests))} - {test for test, _ in called}),
        "heads": owned(_edges((test, key[1:]) for test, key in called if key[0] == "\n")),
        "tails": owned(_edges((test, key[-2::-1]) for test, key in called if key[0] != "\n" and key[-1] == "\n")),
        "short": owned(_table(inner)), "long": owned(_table((test, key) for test, key in inner if limits[test] > LONG)),
        "owners": list(map(list, owners)), "limits": [max((limits[test] for test in found), default=0) for found in owners],
    }  # fmt: skip


def _keys(rule: Rule, pattern: int) -> frozenset[str]:
    return rule.scan[pattern] if rule.scan else frozenset()


def _table(called: Iterable[tuple[int, str]]) -> _Table:
    table: _Table = {}
    for test, key in called:
        found = table.setdefault(key, [])
        if found[-1:] != [test]:
            found.append(test)
    return table


def _edges(called: Iterable[tuple[int, str]]) -> _Table:
    """A table of beginnings at all lengths, those too that only lead to longer ones: few texts begin like any of them, and
    looking that up ends after a step or two."""
    cut = [(test, [key[:size] for size in SIZES if size <= len(key)]) for test, key in called]
    table: _Table = {start: [] for _, starts in cut for start in starts}
    return table | _table((test, starts[-1]) for test, starts in cut)
