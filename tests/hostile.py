"""Texts made of a pattern's own parts, so that it has as many ways to match as can be, and fails in the end.

hostile(r"(?:read|see) more(?: now| here)*", 200) -> ["read more now now now ...\\0", ...]
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any

from newsclean.literals import parsed

_OF_CATEGORY = {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_SPACE: "a",
                sre.CATEGORY_NOT_WORD: "-", sre.CATEGORY_NOT_DIGIT: "a"}  # fmt: skip
_TRIED = " a.,1-:'x"  # for classes that name what they are not
VARIANTS = 1  # of each repeat


def hostile(pattern: str, limit: int) -> list[str]:
    """What stands before each repeat, then what it repeats as often as there is room, then what nothing matches."""
    rng = random.Random(0)
    found: dict[str, None] = {}
    for before, body in _repeats(list(parsed(pattern)), [], rng):
        for _ in range(VARIANTS):
            rounds = "".join(_sample(body, rng) for _ in range(3)) or "a"
            text = _sample(before, rng)
            found[(text + rounds * (limit // len(rounds) + 1))[: limit - 1] + "\0"] = None
    return list(found)


def _repeats(nodes: list[Any], before: list[Any], rng: random.Random) -> Iterator[tuple[list[Any], list[Any]]]:
    """All repeats with what stands before them, down to the innermost."""
    for i, (op, args) in enumerate(nodes):
        here = [*before, *nodes[:i]]
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            if args[1] > 2:
                yield here, list(args[2])
            yield from _repeats(list(args[2]), here, rng)
        elif op is sre.SUBPATTERN:
            yield from _repeats(list(args[-1]), here, rng)
        elif op is sre.BRANCH:
            for branch in args[1]:
                yield from _repeats(list(branch), here, rng)


def _sample(nodes: list[Any], rng: random.Random) -> str:
    return "".join(_one(op, args, rng) for op, args in nodes)


def _one(op: Any, args: Any, rng: random.Random) -> str:
    if op is sre.LITERAL:
        return chr(args)
    if op is sre.IN:
        return _of_class(args, rng)
    if op is sre.SUBPATTERN:
        return _sample(list(args[-1]), rng)
    if op is sre.BRANCH:
        return _sample(list(rng.choice(args[1])), rng)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return "".join(_sample(list(args[2]), rng) for _ in range(rng.randint(args[0], min(int(args[1]), args[0] + 2))))
    return "a" if op in (sre.ANY, sre.NOT_LITERAL) else ""


def _of_class(choices: Any, rng: random.Random) -> str:
    if choices[0][0] is sre.NEGATE:
        named = {chr(code) for op, code in choices[1:] if op is sre.LITERAL}
        return next(char for char in _TRIED if char not in named)
    op, args = rng.choice(choices)
    return chr(args) if op is sre.LITERAL else chr(args[0]) if op is sre.RANGE else _OF_CATEGORY[args]
