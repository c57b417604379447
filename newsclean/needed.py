"""What the scan looks for: of each pattern the rarest literals, beginnings or ends that it cannot match without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

from newsclean.edges import beginnings, endings
from newsclean.literals import literals, parsed, rarest_literals
from newsclean.rarity import expected
from newsclean.rules import CREDITED, Rule

TELLING = 4  # characters of a literal (a line end is one) that is better than the words a rule names
# Times a line that a literal may be expected: a pattern that has no rarer one is tried everywhere, and below the other figure
# no rarer one is looked for.
TOO_OFTEN, SELDOM = 0.5, 0.005


def with_scan(rule: Rule, words: frozenset[str]) -> Rule:
    """The rule with the literals its patterns cannot match without, and with the lengths of what they match."""
    if rule.kind == "growth":  # what stands above says where to look
        return rule
    if not rule.scanned:
        return replace(rule, scan=(words,) if words else ())
    whole = rule.kind != "inline" and rule.of not in CREDITED
    scan, needs = zip(*(_scan(pattern, whole, words) for pattern in rule.scanned), strict=True)
    widths = tuple(map(_width, rule.scanned)) if whole else ()
    return replace(rule, scan=scan if any(scan) else (), needs=needs if any(needs) else (), widths=widths)


def _scan(pattern: str, whole: bool, words: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The literals to look for, the rarest there are: none where those are in every other line. Then one of them is needed
    besides, as one of the `words` is where the pattern has no telling literal of its own."""
    literal = _small(literals(pattern, whole))
    needs = words if min(map(len, literal), default=0) < TELLING else frozenset[str]()
    ways: list[Callable[[str], frozenset[str]]] = [lambda _: needs, lambda _: literal]
    ways += [beginnings, endings] if whole else []
    rarest, often = frozenset[str](), inf
    for way in (*ways, rarest_literals):
        found = _small(way(pattern))
        if found and (times := expected(found)) < often:
            rarest, often = found, times
        if often < SELDOM:
            break
    if often > TOO_OFTEN:
        return frozenset(), needs or frozenset(word.strip("\n") for word in rarest)
    return rarest, needs if needs != rarest else frozenset()


def _small(found: frozenset[str]) -> frozenset[str]:
    return frozenset(word.lower() for word in found)


def _width(pattern: str) -> tuple[int, int]:
    """The fewest and the most characters that a pattern matches."""
    least, most = parsed(pattern).getwidth()
    return int(least), int(most)
