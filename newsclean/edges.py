"""How whatever a pattern matches begins and ends: the other thing, beside literals, by which blocks are told.

    beginnings("(?:read|see) more:? .*") -> {"\\nread more ", "\\nread more: ", "\\nsee more ", "\\nsee more: "}
    endings(".* (?:now|today)!?")        -> {" now\\n", " now!\\n", " today\\n", " today!\\n"}

A line end stands for the end of the block. What begins in a word is meant behind marks and blanks, too: "\\nread" is how
"- read" begins.
"""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from newsclean.literals import parsed

MOST = 200  # beginnings of one pattern; where there are more, they are cut short
LONGEST = 12  # characters
SHORTER = (8, 6, 4, 3, 2)
CHOICES = 12  # characters of a class that is spelled out
_WORD = re.compile(r"\w")


class _Edge(NamedTuple):
    """`text` is how it begins (or ends); `whole` if that is all of it, and what follows may be added; `bare` if marks and
    blanks that nobody has listed were left out before it."""

    text: str
    whole: bool = True
    bare: bool = False


_Edges = frozenset[_Edge]
_NOTHING: _Edges = frozenset({_Edge("")})
_ANYTHING: _Edges = frozenset({_Edge("", whole=False)})
_MARKS: _Edges = frozenset({_Edge("", bare=True)})


def beginnings(pattern: str) -> frozenset[str]:
    """How whole blocks begin that `pattern` (a valid regex) matches; empty where they may begin in many ways."""
    return _keys(_sequence(parsed(pattern), 1), 1)


def endings(pattern: str) -> frozenset[str]:
    """How whole blocks end that `pattern` matches; empty where they may end in many ways."""
    return _keys(_sequence(parsed(pattern), -1), -1)


def starts(nodes: Any) -> dict[str, bool]:
    """How a part of a pattern begins, and whether it may end there; "" where that may be anything."""
    found: dict[str, bool] = {}
    for edge in _sequence(nodes, 1):
        text = "" if edge.bare else edge.text
        found[text] = found.get(text, False) or edge.whole
    return found


def _keys(edges: _Edges, way: int) -> frozenset[str]:
    found = set[str]()
    for edge in edges:
        text = edge.text.lower()
        if edge.bare:
            text = _inner(text, way)
        if not text:
            return frozenset()
        line = _join(text, "\n", way) if edge.whole and not edge.bare and len(text) < LONGEST else text
        found.add(_join("\n", line, way))
    return frozenset(found)


def _inner(text: str, way: int) -> str:
    """The text from its first word on, or up to its last one."""
    places = [m.start() for m in _WORD.finditer(text)]
    if not places:
        return ""
    return text[places[0] :] if way > 0 else text[: places[-1] + 1]


def _join(one: str, two: str, way: int) -> str:
    """`two` behind `one` where a text is read forwards, else before it."""
    return one + two if way > 0 else two + one


def _sequence(nodes: Any, way: int) -> _Edges:
    edges = _NOTHING
    for op, args in list(nodes)[::way]:
        following = _node(op, args, way)
        if following is _NOTHING:
            continue
        if following is _ANYTHING:
            return frozenset(edge._replace(whole=False) for edge in edges)
        edges = _few(_extended(edges, following, way), way)
        if not any(edge.whole for edge in edges):
            break
    return edges


def _extended(edges: _Edges, following: _Edges, way: int) -> set[_Edge]:
    """Each of the edges with each of what may follow it."""
    result = {edge for edge in edges if not edge.whole}
    for edge in edges - result:
        text, _, bare = edge
        in_word = _WORD.search(text) is not None
        for more, whole, marks in following:
            if marks and in_word:
                result.add(_Edge(text, False, bare))
                continue
            longer = more if marks else text + more if way > 0 else more + text
            if len(longer) > LONGEST:
                longer, whole = longer[:LONGEST] if way > 0 else longer[-LONGEST:], False
            result.add(_Edge(longer, whole, bare or marks))
    return result


def _few(edges: set[_Edge], way: int) -> _Edges:
    """The edges; where there are too many, cut short so far that there are few."""
    for size in SHORTER:
        if len(edges) <= MOST:
            break
        edges = {_Edge(e.text[:size] if way > 0 else e.text[-size:], False, e.bare) if len(e.text) > size else e for e in edges}
    return frozenset(edges) if len(edges) <= MOST else _ANYTHING


def _node(op: Any, args: Any, way: int) -> _Edges:
    if op is sre.LITERAL:
        return frozenset({_Edge(chr(args))})
    if op is sre.IN:
        return _one_of(args)
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return _NOTHING
    if op is sre.SUBPATTERN:
        return _sequence(args[-1], way)
    if op is sre.ATOMIC_GROUP:
        return _sequence(args, way)
    if op is sre.BRANCH:
        return _few({edge for branch in args[1] for edge in _sequence(branch, way)}, way)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _repeat(args[0], args[1], args[2], way)
    return _ANYTHING


def _one_of(choices: Any) -> _Edges:
    found = set[str]()
    for op, args in choices:
        if op is sre.LITERAL:
            found.add(chr(args))
        elif op is sre.RANGE and args[1] - args[0] < CHOICES:
            found.update(map(chr, range(args[0], args[1] + 1)))
        elif op is sre.CATEGORY and args is sre.CATEGORY_DIGIT:
            found.update("0123456789")  # blocks with other digits are looked up as if they had these
        elif op is sre.CATEGORY and args is sre.CATEGORY_SPACE:
            found.add(" ")
        else:
            return _MARKS if _is_marks(sre.IN, choices) else _ANYTHING
    return frozenset(map(_Edge, found)) if len(found) <= CHOICES else _MARKS if _is_marks(sre.IN, choices) else _ANYTHING


def _repeat(least: int, most: Any, body: Any, way: int) -> _Edges:
    edges = _sequence(body, way)
    if most != 1 and (edges == _MARKS or not least) and all(_is_marks(op, args) for op, args in body):
        return _MARKS
    if (least, most) == (1, 1):
        return edges
    further = edges if most == 1 else frozenset(edge._replace(whole=False) for edge in edges)
    return further if least else further | _NOTHING


def _is_marks(op: Any, args: Any) -> bool:
    """Whether a node matches nothing but characters that stand in no word."""
    if op is sre.LITERAL:
        return not _WORD.match(chr(args))
    if op is sre.IN and args and args[0][0] is sre.NEGATE:
        return (sre.CATEGORY, sre.CATEGORY_WORD) in args
    if op is sre.IN:
        return all(_is_marks(*choice) for choice in args)
    if op is sre.CATEGORY:
        return args in (sre.CATEGORY_NOT_WORD, sre.CATEGORY_SPACE)
    if op is sre.RANGE:
        return args[1] - args[0] < 512 and not any(_WORD.match(chr(code)) for code in range(args[0], args[1] + 1))
    return op is sre.AT
