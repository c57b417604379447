"""What a pattern cannot match without: literals for the scan, and a check that it cannot run away.

    literals("(?:sign|log) ?in now") -> {"sign in now", "signin now", "log in now", "login now"}

Every text the pattern matches holds at least one of the literals, so one scan of a document for the
literals of all rules tells which rules need to look at which blocks.  The walk over the parsed pattern
follows the idea of required substrings in Russ Cox, "Regular Expression Matching with a Trigram Index" (2012).
"""

from __future__ import annotations

from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

MOST_EXACT = 64  # texts that a part of a pattern is spelled out to, when it is joined with the next
MOST = 600  # literals of one pattern
SHORTEST = 2  # characters; shorter ones touch every block
SHORTENED = 4  # where a pattern has too many, their beginnings have to be this long to be of use


class _Facts(NamedTuple):
    exact: frozenset[str] | None  # all the node can match, if that is a short list
    needed: frozenset[str]  # one of these is in whatever it matches; empty: nothing known


_NOTHING = _Facts(None, frozenset())
_EMPTY = _Facts(frozenset({""}), frozenset())


LINE_END = (sre.LITERAL, ord("\n"))


@lru_cache(maxsize=4096)
def literals(pattern: str, whole: bool = False) -> frozenset[str]:
    r"""Literals of which every match of `pattern` (a valid regex) holds one; empty where there are none.

    `whole`: the match is a whole block. The line ends around it are then part of it, and most patterns that begin or end
    in a literal touch next to nothing but what they match.

    >>> sorted(literals(r"(?:read|see) more\b.{0,80}"))
    ['read more', 'see more']
    >>> sorted(literals("ad|ads", whole=True))
    ['\nad\n', '\nads\n']
    """
    parsed = list(_parser.parse(pattern))
    facts = _sequence([LINE_END, *parsed, LINE_END] if whole else parsed)
    found = _better(facts.needed, facts.exact or frozenset())
    found = frozenset(a for a in found if not any(b in a for b in found if b != a))
    return found if found and min(map(len, found)) >= SHORTEST else frozenset()


def _sequence(nodes: Any) -> _Facts:
    current, needed, exact = frozenset({""}), frozenset[str](), True
    for op, args in nodes:
        facts = _node(op, args)
        joined = _product(current, facts.exact)
        if joined is not None:
            current = joined
            continue
        exact = False
        needed = _better(_better(needed, current), facts.needed)
        current = facts.exact if facts.exact and len(facts.exact) <= MOST_EXACT else frozenset({""})
    return _Facts(current if exact else None, _better(needed, current))


def _node(op: Any, args: Any) -> _Facts:
    if op is sre.LITERAL:
        return _Facts(frozenset({chr(args)}), frozenset())
    if op is sre.IN:
        return _one_of(args)
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return _EMPTY
    if op is sre.SUBPATTERN:
        return _sequence(args[-1])
    if op is sre.ATOMIC_GROUP:
        return _sequence(args)
    if op is sre.BRANCH:
        return _branch([_sequence(branch) for branch in args[1]])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _repeat(*args)
    return _NOTHING


def _one_of(choices: Any) -> _Facts:
    if len(choices) <= 4 and all(op is sre.LITERAL for op, _ in choices):
        return _Facts(frozenset(chr(code) for _, code in choices), frozenset())
    return _NOTHING


def _branch(branches: list[_Facts]) -> _Facts:
    if all(b.exact is not None for b in branches):
        exact = frozenset().union(*(b.exact or () for b in branches))
        return _Facts(exact if len(exact) <= MOST_EXACT else None, _shrunk(exact))
    known = [_better(b.needed, b.exact or frozenset()) for b in branches]
    return _Facts(None, _shrunk(frozenset().union(*known)) if all(known) else frozenset())


def _shrunk(found: frozenset[str]) -> frozenset[str]:
    """The set, or where it is too large the longest beginnings of its literals that are few enough."""
    size = max(map(len, found), default=0)
    while len(found) > MOST and size > SHORTENED:
        size -= 1
        found = frozenset(literal[:size] for literal in found)
    return _worth(found)


def _repeat(least: int, most: Any, body: Any) -> _Facts:
    facts = _sequence(body)
    if (least, most) == (0, 1) and facts.exact is not None:
        return _Facts(facts.exact | {""}, frozenset())
    if (least, most) == (1, 1):
        return facts
    return _Facts(None, _better(facts.needed, facts.exact or frozenset())) if least else _NOTHING


def _product(left: frozenset[str], right: frozenset[str] | None) -> frozenset[str] | None:
    if right is None or len(left) * len(right) > MOST_EXACT:
        return None
    return frozenset(a + b for a in left for b in right)


def _worth(found: frozenset[str]) -> frozenset[str]:
    return found if found and min(map(len, found)) > 0 and len(found) <= MOST else frozenset()


def _better(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The set whose shortest literal is longer (it touches fewer blocks), then the smaller one."""
    return max(_worth(one), _worth(other), key=lambda found: (min(map(len, found), default=0), -len(found)))


# --- patterns that run away -------------------------------------------------------------------------


def runaway(pattern: str) -> str | None:
    """Why `pattern` could take more than linear time on a hostile text, or None.

    Refused: an unbounded repeat inside a repeat, unless something that has to stand there parts the rounds,
    as the blank in `(?:\\w+ )*` does.
    """
    return _runaway(_parser.parse(pattern))


def _runaway(nodes: Any) -> str | None:
    for op, args in nodes:
        for body in _bodies(op, args):
            if _is_repeat(op) and args[1] > 1 and _has_unbounded(body) and not _has_fixed(body):
                return "a repeat inside a repeat, with nothing between the rounds: bound one of them"
            if found := _runaway(body):
                return found
    return None


def _bodies(op: Any, args: Any) -> list[Any]:
    if op is sre.BRANCH:
        return list(args[1])
    if _is_repeat(op) or op is sre.SUBPATTERN:
        return [args[-1]]
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [args[1]]
    return [args] if op is sre.ATOMIC_GROUP else []


def _is_repeat(op: Any) -> bool:
    return op in (sre.MAX_REPEAT, sre.MIN_REPEAT)


def _has_unbounded(nodes: Any) -> bool:
    return any(
        (_is_repeat(op) and args[1] is sre.MAXREPEAT) or any(_has_unbounded(b) for b in _bodies(op, args)) for op, args in nodes
    )


def _has_fixed(nodes: Any) -> bool:
    return any(
        op in (sre.LITERAL, sre.NOT_LITERAL, sre.IN) or (op is sre.SUBPATTERN and _has_fixed(args[-1])) for op, args in nodes
    )
