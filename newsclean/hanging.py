"""Patterns that could hang are refused when a pack is loaded, since packs come from strangers.

    runaway(r"(a+)+$", 400) -> "on a hostile text it would be tried for ever, at '(a+)+'"

Python's engine tries one way after another. How many steps that can be is estimated from above, for the longest text that a
pattern is tried on: a repeat that may stop at many places, since what follows may begin with what it repeats, multiplies
the steps behind it; so do alternatives that may begin alike; and a repeat of what can match in two ways doubles them each time.
"""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from newsclean.edges import starts
from newsclean.literals import parsed

MOST_STEPS = 20_000_000  # estimated; a text that asks for that many takes a second or so, and has to be made for it
_ENDLESS = 1e30
_SAMPLE = frozenset(map(chr, range(32, 127))) | frozenset("\n\t\xa0äéßñøжЖ中か한١،。–»€•►")
_CATEGORIES = {
    category: frozenset(char for char in _SAMPLE if re.match(written, char))
    for category, written in (
        (sre.CATEGORY_DIGIT, r"\d"), (sre.CATEGORY_NOT_DIGIT, r"\D"), (sre.CATEGORY_SPACE, r"\s"),
        (sre.CATEGORY_NOT_SPACE, r"\S"), (sre.CATEGORY_WORD, r"\w"), (sre.CATEGORY_NOT_WORD, r"\W"),
    )
}  # fmt: skip
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)

_Chars = frozenset[str]


class _Cost(NamedTuple):
    """`ways` are the times that what follows is entered, `steps` those that are taken, for one time that a node is."""

    ways: float = 1.0
    steps: float = 1.0


def runaway(pattern: str, limit: int, everywhere: bool = False) -> str | None:
    """Why `pattern` (a valid regex) could take too long on a text of up to `limit` characters, and where; or None.
    `everywhere`: it may match anywhere in the text, and is tried at each place."""
    worst: list[tuple[float, Any]] = [(0.0, None)]
    cost = _sequence(list(parsed(pattern)), frozenset(), limit, worst)
    if (cost.steps + cost.ways) * (limit if everywhere else 1) <= MOST_STEPS:
        return None
    node = max(worst, key=lambda found: found[0])[1]
    return "on a hostile text it would be tried for ever" + (f", at {shown([node])!r}" if node else "")


def _sequence(nodes: list[Any], follow: _Chars, limit: int, worst: list[tuple[float, Any]]) -> _Cost:
    ways, steps = 1.0, 0.0
    for i, node in enumerate(nodes):
        cost = _node(node, nodes[i + 1 :], _first(nodes[i + 1 :], follow), limit, worst)
        steps = min(_ENDLESS, steps + ways * cost.steps)
        ways = min(_ENDLESS, ways * cost.ways)
    return _Cost(ways, steps)


def _node(node: Any, behind: list[Any], follow: _Chars, limit: int, worst: list[tuple[float, Any]]) -> _Cost:
    op, args = node
    if op is sre.BRANCH:
        return _choice([list(branch) for branch in args[1]], follow, limit, worst)
    if op is sre.SUBPATTERN:
        return _sequence(list(args[-1]), follow, limit, worst)
    if op in (sre.ASSERT, sre.ASSERT_NOT, sre.ATOMIC_GROUP):  # left with the first way that is found
        body = args if op is sre.ATOMIC_GROUP else args[1]
        cost = _sequence(list(body), frozenset(), limit, worst)
        return _Cost(1.0, cost.steps + cost.ways)
    if op in _REPEATS:
        return _repeat(node, behind, follow, limit, worst)
    if op is sre.GROUPREF_EXISTS:
        return _choice([list(branch or ()) for branch in args[1:]], follow, limit, worst)
    return _Cost()


def _choice(branches: list[list[Any]], follow: _Chars, limit: int, worst: list[tuple[float, Any]]) -> _Cost:
    """At one place all those alternatives can match that begin alike."""
    costs = [_sequence(branch, follow, limit, worst) for branch in branches]
    owners: dict[str, dict[int, bool]] = {}  # beginning -> the alternatives that have it, and whether they may end there
    for number, branch in enumerate(branches):
        found = starts(branch)
        unknown = dict.fromkeys(_first(branch, follow), False) if "" in found else {}
        for start, whole in {**found, **unknown}.items():
            owners.setdefault(start, {})[number] = whole
    ways = steps = 0.0
    for start in owners:
        alike = {
            number
            for size in range(len(start) + 1)
            for number, whole in owners.get(start[:size], {}).items()
            if size == len(start) or (size and (not whole or start[size] in follow))
        }
        alike -= {two for one in alike for two in alike if one < two and _exclude(branches[one], branches[two])}
        ways = max(ways, sum(costs[number].ways for number in alike))
        steps = max(steps, sum(costs[number].steps for number in alike))
    return _Cost(max(ways, 1.0), steps + len(branches) / 4)


def _exclude(one: list[Any], two: list[Any]) -> bool:
    """Whether one of two alternatives of a character asks for what follows it and the other one forbids it."""
    looks = [{str(args): op for op, args in nodes if op in (sre.ASSERT, sre.ASSERT_NOT) and args[0] > 0} for nodes in (one, two)]
    chars = [[node for node in nodes if node[0] not in (sre.ASSERT, sre.ASSERT_NOT)] for nodes in (one, two)]
    opposed = any(op is not looks[1].get(args, op) for args, op in looks[0].items())
    return opposed and all(len(nodes) == 1 and nodes[0][0] in (sre.LITERAL, sre.IN) for nodes in chars)


def _repeat(node: Any, behind: list[Any], follow: _Chars, limit: int, worst: list[tuple[float, Any]]) -> _Cost:
    least, most, body = node[1]
    nodes = list(body)
    first = _first(nodes, frozenset())
    rounds = min(int(most), limit // max(1, body.getwidth()[0]))
    again = _sequence(nodes, first, limit, worst) if rounds > 1 else _Cost()
    last = _sequence(nodes, follow, limit, worst)
    many = again.ways > 1 and rounds > 60
    reached = _ENDLESS if many else min(_ENDLESS, again.ways ** max(0, rounds - 1))
    stops = rounds - least + 1 if first & follow else 1
    ways = min(_ENDLESS, max(1.0, stops / _apart(behind)) * reached * last.ways)
    steps = min(_ENDLESS, max(rounds, 1) * reached * max(again.steps, last.steps))
    worst.append((ways, node))
    return _Cost(ways, steps)


def _apart(nodes: list[Any]) -> int:
    """Characters that have to stand there before the next thing that varies; at so many fewer places it can begin."""
    width = 0
    for op, args in nodes:
        if op in _REPEATS and args[0] != args[1]:
            break
        width += _parts_width(op, args)
    return min(max(1, width), 4)


def _parts_width(op: Any, args: Any) -> int:
    if op is sre.BRANCH:
        return int(min(branch.getwidth()[0] for branch in args[1]))
    if op is sre.SUBPATTERN:
        return int(args[-1].getwidth()[0])
    if op in _REPEATS:
        return int(args[0] * args[2].getwidth()[0])
    return int(op in (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY))


# --- what characters ----------------------------------------------------------------------------------


def _first(nodes: list[Any], follow: _Chars) -> _Chars:
    """The characters that the nodes may begin with, and if they may be empty those that follow."""
    found: _Chars = frozenset()
    for op, args in nodes:
        if op is sre.BRANCH:
            parts, empty = [_first(list(b), frozenset()) for b in args[1]], any(not b.getwidth()[0] for b in args[1])
        elif op is sre.SUBPATTERN:
            parts, empty = [_first(list(args[-1]), frozenset())], not args[-1].getwidth()[0]
        elif op in _REPEATS or op is sre.POSSESSIVE_REPEAT:
            parts, empty = [_first(list(args[2]), frozenset())], not args[0] or not args[2].getwidth()[0]
        elif op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            continue
        else:
            parts, empty = [_chars(op, args)], op is sre.GROUPREF
        found = found.union(*parts)
        if not empty:
            return found
    return found | follow


def _chars(op: Any, args: Any) -> _Chars:
    if op is sre.LITERAL:
        return frozenset({chr(args)})
    if op is sre.NOT_LITERAL:
        return _SAMPLE - {chr(args)}
    if op is sre.IN:
        negated = bool(args) and args[0][0] is sre.NEGATE
        listed = frozenset().union(*(_listed(*choice) for choice in args))
        return _SAMPLE - listed if negated else listed
    return _SAMPLE


def _listed(op: Any, args: Any) -> _Chars:
    if op is sre.LITERAL:
        return frozenset({chr(args)})
    if op is sre.RANGE:
        return frozenset(char for char in _SAMPLE if args[0] <= ord(char) <= args[1]) | {chr(args[0]), chr(args[1])}
    return _CATEGORIES[args] if op is sre.CATEGORY else frozenset()


# --- the spot -----------------------------------------------------------------------------------------


def shown(nodes: list[Any]) -> str:
    """A part of a pattern, roughly as it is written."""
    return "".join(_shown(op, args) for op, args in nodes)


_ESCAPES = {sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_DIGIT: r"\D",
            sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_NOT_WORD: r"\W"}  # fmt: skip


def _shown(op: Any, args: Any) -> str:
    if op is sre.LITERAL:
        return chr(args)
    if op is sre.ANY:
        return "."
    if op is sre.IN:
        inner = "".join(_shown_choice(*choice) for choice in args)
        return inner if inner in _ESCAPES.values() else f"[{inner}]"
    if op is sre.SUBPATTERN:
        return f"({shown(list(args[-1]))})"
    if op is sre.BRANCH:
        return "|".join(shown(list(branch)) for branch in args[1])
    if op in _REPEATS:
        least, most = args[0], "" if args[1] is sre.MAXREPEAT else args[1]
        count = {(0, ""): "*", (1, ""): "+", (0, 1): "?"}.get((least, most), f"{{{least},{most}}}")
        return shown(list(args[2])) + count
    return "..." if op in (sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF) else ""


def _shown_choice(op: Any, args: Any) -> str:
    if op is sre.NEGATE:
        return "^"
    if op is sre.RANGE:
        return f"{chr(args[0])}-{chr(args[1])}"
    return _ESCAPES[args] if op is sre.CATEGORY else chr(args)
