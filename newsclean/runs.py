"""Runs: blocks one below the other that take the steps of a rule, around an anchor that the scan found.

run(rule, document, candidates) -> matches
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from newsclean.document import ZONE_ABOUT, Document, Span
from newsclean.rules import Rule, Step
from newsclean.scanning import Candidates, kinds_of, reads_like


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


MOST_ROUNDS = 40


def run(rule: Rule, document: Document, candidates: Candidates) -> Iterator[Match]:
    taken, at = set[int](), rule.anchor
    for i in document.within(rule.where, candidates) if document.paragraphs >= rule.paragraphs else ():
        if i not in taken and _may_run(rule, document, i, at) and (match := _run_at(rule, document, i, at)):
            taken.update(match.blocks)
            yield match


def _may_run(rule: Rule, document: Document, anchor: int, at: int) -> bool:
    """Whether what has to stand right beside the anchor, step `at`, stands there. Mostly it does not, and the search is over."""
    above = rule.steps[at - 1] if at else None
    if above and above.least and not step_fits(rule, document, anchor - 1, above):
        return False
    below = rule.steps[at + 1] if at + 1 < len(rule.steps) and rule.steps[at].most == 1 else None
    return not (below and below.least) or step_fits(rule, document, anchor + 1, below)


def _run_at(rule: Rule, document: Document, anchor: int, at: int) -> Match | None:
    """The run whose anchor, step `at`, begins at block `anchor`, or None."""
    above = walk(rule, document, anchor - 1, -1, rule.steps[:at][::-1])
    below = walk(rule, document, anchor, 1, rule.steps[at:] + rule.steps * (MOST_ROUNDS - 1 if rule.rounds > 1 else 0))
    if above is None or below is None or (rule.ends and below[-1][0] + 1 != len(document.blocks)):
        return None
    taken = sorted([*above, *below])
    cut = cut_of(document, taken)
    if not cut:
        return None
    grown = frozenset(i for i, step in taken if not step.patterns)
    name = document.blocks[anchor].cased
    about = f'{len(cut)} lines around "{name[:60]}"' if len(cut) > 1 else "the line and what stands beside it"
    return Match(rule, cut, f"{about} fit together{ZONE_ABOUT[rule.where]}", None, grown)


def cut_of(document: Document, taken: list[tuple[int, Step]]) -> tuple[int, ...]:
    """The blocks that go. A mark alone on its line may part an article's sections: no list grows over it, it only passes it."""
    return tuple(i for i, step in taken if not step.stays and (step.patterns or document.blocks[i].kind != "separator"))


def walk(rule: Rule, document: Document, i: int, way: int, steps: tuple[Step, ...]) -> list[tuple[int, Step]] | None:
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
        while most < step.most and step_fits(rule, document, i + way * most, step):
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


def step_fits(rule: Rule, document: Document, i: int, step: Step) -> bool:
    if not 0 <= i < len(document.blocks):
        return False
    block = document.blocks[i]
    fits = len(block.plain) >= step.min_chars and block.kind in kinds_of(step.is_)
    return fits and reads_like(block, step.patterns, rule.case, step.max_chars)
