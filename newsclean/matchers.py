"""Rules meet blocks: one function per kind of rule, which says where the rule fits. Nothing is decided here.

find(scanner, document) -> matches
MATCHERS[rule.kind](rule, document, candidates) -> matches
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from newsclean.document import ZONE_ABOUT, Block, Document, Span
from newsclean.folding import fold_mapped
from newsclean.growth import growth
from newsclean.learned import reason
from newsclean.programs import compiled
from newsclean.repeats import REPEATS
from newsclean.rules import CREDITED, Rule
from newsclean.runs import Match, run
from newsclean.scanning import Candidates, Scanner, kinds_of, reads_like


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
    "run": run,
    "growth": growth,
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
        matches += growth(rule, document, below, known)
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
