"""What a pattern cannot match without: literals for the scan.

    literals("(?:sign|log) ?in now") -> {"sign in now", "signin now", "log in now", "login now"}

Every text the pattern matches holds at least one of the literals, so one scan of a document for the
literals of all rules tells which rules need to look at which blocks.  The walk over the parsed pattern
follows the idea of required substrings in Russ Cox, "Regular Expression Matching with a Trigram Index" (2012).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from newsclean.rarity import expected

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


_Better = Callable[[frozenset[str], frozenset[str]], frozenset[str]]


@lru_cache(maxsize=8)
def parsed(pattern: str) -> Any:
    """The syntax tree that Python's own parser makes of a pattern."""
    return _parser.parse(pattern)


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
    nodes = list(parsed(pattern))
    found = _found([LINE_END, *nodes, LINE_END] if whole else nodes, _longer)
    return found if found and min(map(len, found)) >= SHORTEST else frozenset()


def rarest_literals(pattern: str) -> frozenset[str]:
    """The same, by how seldom they stand in lines of news and not by their length; even a single mark will do."""
    return _found(parsed(pattern), _rarer)


def _found(nodes: Any, better: _Better) -> frozenset[str]:
    facts = _sequence(nodes, better)
    found = better(facts.needed, facts.exact or frozenset())
    return frozenset(a for a in found if not any(b in a for b in found if b != a))


def _sequence(nodes: Any, better: _Better) -> _Facts:
    current, needed, exact = frozenset({""}), frozenset[str](), True
    for op, args in nodes:
        facts = _node(op, args, better)
        joined = _product(current, facts.exact)
        if joined is not None:
            current = joined
            if better is _rarer:
                needed = better(needed, facts.needed)
            continue
        exact = False
        needed = better(better(needed, current), facts.needed)
        current = facts.exact if facts.exact and len(facts.exact) <= MOST_EXACT else frozenset({""})
    return _Facts(current if exact else None, better(needed, current))


def _node(op: Any, args: Any, better: _Better) -> _Facts:
    if op is sre.LITERAL:
        return _Facts(frozenset({chr(args)}), frozenset())
    if op is sre.IN:
        return _one_of(args)
    if op is sre.ASSERT and better is _rarer:  # what it looks at stands in the text, too
        facts = _sequence(args[1], better)
        return _Facts(frozenset({""}), better(facts.needed, facts.exact or frozenset()))
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return _EMPTY
    if op is sre.SUBPATTERN:
        return _sequence(args[-1], better)
    if op is sre.ATOMIC_GROUP:
        return _sequence(args, better)
    if op is sre.BRANCH:
        return _branch([_sequence(branch, better) for branch in args[1]], better)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _repeat(args[0], args[1], args[2], better)
    return _NOTHING


def _one_of(choices: Any) -> _Facts:
    if len(choices) <= 4 and all(op is sre.LITERAL for op, _ in choices):
        return _Facts(frozenset(chr(code) for _, code in choices), frozenset())
    return _NOTHING


def _branch(branches: list[_Facts], better: _Better) -> _Facts:
    if all(b.exact is not None for b in branches):
        exact = frozenset().union(*(b.exact or () for b in branches))
        return _Facts(exact if len(exact) <= MOST_EXACT else None, _shrunk(exact))
    known = [better(b.needed, b.exact or frozenset()) for b in branches]
    return _Facts(None, _shrunk(frozenset().union(*known)) if all(known) else frozenset())


def _shrunk(found: frozenset[str]) -> frozenset[str]:
    """The set, or where it is too large the longest beginnings of its literals that are few enough."""
    size = max(map(len, found), default=0)
    while len(found) > MOST and size > SHORTENED:
        size -= 1
        found = frozenset(literal[:size] for literal in found)
    return _worth(found)


def _repeat(least: int, most: Any, body: Any, better: _Better) -> _Facts:
    facts = _sequence(body, better)
    if (least, most) == (0, 1) and facts.exact is not None:
        return _Facts(facts.exact | {""}, frozenset())
    if (least, most) == (1, 1):
        return facts
    return _Facts(None, better(facts.needed, facts.exact or frozenset())) if least else _NOTHING


def _product(left: frozenset[str], right: frozenset[str] | None) -> frozenset[str] | None:
    if right is None or len(left) * len(right) > MOST_EXACT:
        return None
    return frozenset(a + b for a in left for b in right)


def _worth(found: frozenset[str]) -> frozenset[str]:
    return found if found and min(map(len, found)) > 0 and len(found) <= MOST else frozenset()


def _longer(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The set whose shortest literal is longer (it touches fewer blocks), then the smaller one."""
    return max(_worth(one), _worth(other), key=lambda found: (min(map(len, found), default=0), -len(found)))


def _rarer(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    one, other = _worth(one), _worth(other)
    return min(one, other, key=expected) if one and other else one or other


# --- vetoes -----------------------------------------------------------------------------------------

_VETO = "(?!"
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]", re.S)  # an escape, a class, a bracket


def without_vetoes(pattern: str) -> str:
    """The pattern without what it says must not follow, `(?!...)`. That matches all that `pattern` does, and more: where it
    fails, which is nearly everywhere, looking for what must not follow was not worth it.

    >>> without_vetoes(r"(?!.*\bsaid\b)(?:read|see) more")
    '(?:read|see) more'
    """
    if _VETO not in pattern or "(?P" in pattern:
        return pattern
    kept, at, depth = [], 0, 0
    for token in _TOKEN.finditer(pattern):
        if token[0] == "(":
            if not depth and pattern.startswith(_VETO, token.start()):
                kept.append(pattern[at : token.start()])
                depth = 1
            elif depth:
                depth += 1
        elif token[0] == ")" and depth:
            depth -= 1
            at = token.end() if not depth else at
    return "".join([*kept, pattern[at:]])
