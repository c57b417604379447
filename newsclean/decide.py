"""Matches to decisions: which of them are cut, and why the others are spared.

    decide(document, matches, policy) -> [Decision]   `why` is None for what goes

Nothing here reads patterns; what counts is the rule's label and strength, what stands beside, and the policy.
"""

from __future__ import annotations

from typing import NamedTuple

from newsclean.document import Document
from newsclean.headline import with_title
from newsclean.policy import Policy
from newsclean.report import Timestamp
from newsclean.rules import Rule
from newsclean.runs import Match
from newsclean.timestamps import CHRONOLOGY, choose

PICTURED = ("caption", "credit")
DEEP = 3  # so many lines of a list stand above and below a picture's credit that is part of the list
BESIDE = 2  # a weak cue finds support in a strong one at most so many blocks away, through what goes as well


class Decision(NamedTuple):
    """A match and what comes of it: cut if `why` is None, else spared for that reason. `match.blocks` is what is left of it."""

    match: Match
    why: str | None = None


def decide(document: Document, matches: list[Match], policy: Policy, kept_phrases: frozenset[str]) -> list[Decision]:
    """Decide on all matches of one round; the order of the matches is kept."""
    guarded = _guarded(document, matches, kept_phrases)
    claims = [m for m in matches if not m.cut and m.rule.strength == "strong" and _claims(m, policy)]
    claimed = {b for m in claims for b in m.blocks}
    claimed |= {block.index for block in document.once(with_title)[:1]} if document.title else set()
    claimed |= {document.guessed.index} if document.guessed else set()
    credits = claimed - {b for m in claims if m.rule.label not in PICTURED for b in m.blocks}
    stamps = _stamps(document, matches, policy)
    decisions = []
    for number, match in enumerate(matches):
        if match.rule.of == "timestamp" and number not in stamps:
            continue  # its block is known for a timestamp already
        why = stamps[number] if number in stamps else _verdict(match.rule, policy)
        if why is None:
            match, why = _without_guarded(match, guarded, claimed, credits)
        decisions.append(Decision(match, why))
    return _supported(decisions, policy)


def _verdict(rule: Rule, policy: Policy) -> str | None:
    """Why matches of the rule stay. The second time on a line is a matter of the timestamp policy, too."""
    if rule.role and policy.stamps in ("all", "latest"):
        return f"the policy for timestamps is {policy.stamps}"
    return policy.verdict(rule)


def _guarded(document: Document, matches: list[Match], phrases: frozenset[str]) -> dict[int, str]:
    """Blocks that nothing may cut, with the reason."""
    guarded = {b: f"{m.rule.id} protects it" for m in matches if m.rule.protect for b in m.blocks}
    if phrases:
        guarded.update((b.index, "it is one of your keep-phrases") for b in document.blocks if b.plain in phrases)
    return guarded


def _claims(match: Match, policy: Policy) -> bool:
    """Whether the match says what its blocks are, and that the policy keeps this. The labels of what was learned are guesses."""
    return (
        match.rule.kind != "learned"
        and match.rule.label != "other"
        and policy.verdict(match.rule) is not None
        and match.rule.id not in policy.without
    )


def _without_guarded(match: Match, guarded: dict[int, str], claimed: set[int], credits: set[int]) -> tuple[Match, str | None]:
    """The match less what is guarded; what merely grew from a cue ends before a block that is known for something else."""
    lost = {b for b in match.blocks if b in guarded} if guarded and not match.rule.protect else set()
    if match.grown and match.rule.ends:
        # What goes on to the end of the document goes on behind a credit, too; and one deep inside is a teaser's.
        inner = {b for b in match.grown & credits if match.grown.issuperset(range(b - DEEP, b + DEEP + 1))}
        lost |= (match.grown & claimed) - inner
    elif match.grown:
        first_cue = min((b for b in match.blocks if b not in match.grown), default=match.blocks[0])
        stop = min((b for b in match.grown if b > first_cue and (b in claimed or b in lost)), default=None)
        lost |= {b for b in match.grown if b in claimed or (stop is not None and b >= stop)}
    if not lost:
        return match, None
    left = tuple(b for b in match.blocks if b not in lost)
    if left:
        return match._replace(blocks=left), None
    return match, next((guarded[b] for b in match.blocks if b in guarded), "what stands here is kept for what it is")


# --- weak cues --------------------------------------------------------------------------------------


def _supported(decisions: list[Decision], policy: Policy) -> list[Decision]:
    """Weak cues go where a strong one stands beside them, or another weak one that goes; else they are spared."""
    going = {i for i, d in enumerate(decisions) if d.why is None and not _is_weak(d.match, policy)}
    labels: dict[int, set[str]] = {}
    for i in going:
        _mark(labels, decisions[i].match)
    waiting = {i for i, d in enumerate(decisions) if d.why is None and i not in going}
    order, grew = sorted(waiting, key=lambda i: decisions[i].match.blocks), True
    while grew:  # support is handed on down the page, then up; a third time is seldom needed
        grew = False
        for i in (*order, *reversed(order)):
            if i in waiting and _has_support(decisions[i].match, labels):
                waiting.remove(i)
                _mark(labels, decisions[i].match)
                grew = True
    why = "a weak cue, and nothing beside it that goes"
    return [Decision(d.match, why) if i in waiting else d for i, d in enumerate(decisions)]


def _is_weak(match: Match, policy: Policy) -> bool:
    return match.rule.strength == "weak" and match.rule.id not in policy.with_


def _mark(labels: dict[int, set[str]], match: Match) -> None:
    if not match.cut:
        for block in match.blocks:
            labels.setdefault(block, set()).add(match.rule.label)


def _has_support(match: Match, labels: dict[int, set[str]]) -> bool:
    wanted = set(match.rule.support)
    first, last = match.blocks[0], match.blocks[-1]
    around = [*range(first - BESIDE, first), *range(first, last + 1), *range(last + 1, last + 1 + BESIDE)]
    return any(labels[b] & wanted if wanted else labels[b] for b in around if b in labels)


# --- timestamps -------------------------------------------------------------------------------------


def _stamps(document: Document, matches: list[Match], policy: Policy) -> dict[int, str | None]:
    """For each match that is a timestamp: why it stays, or None if it goes."""
    found = _stamp_matches(matches)
    stamps = [as_timestamp(document, matches[number]) for number in found]
    if sum(s.role == "published" for s in stamps) > CHRONOLOGY:
        return dict.fromkeys(found, "so many dates are a chronology, not timestamps")
    going = choose(stamps, policy.stamps)
    return {
        number: None if i in going and matches[number].rule.id not in policy.without else "the timestamp that stays"
        for i, number in enumerate(found)
    }


def _stamp_matches(matches: list[Match]) -> list[int]:
    """Numbers of the matches that are timestamps, in text order, one for a block."""
    first: dict[int, int] = {}
    for number, match in enumerate(matches):
        if match.rule.of == "timestamp":
            first.setdefault(match.blocks[0], number)
    return [first[block] for block in sorted(first)]


def as_timestamp(document: Document, match: Match, kept: bool = True) -> Timestamp:
    block = document.blocks[match.blocks[0]]
    return Timestamp(block.start, block.end, document.text[block.start : block.end], match.rule.role, kept)
