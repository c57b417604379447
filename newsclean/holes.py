"""Stretches cut from a text, and where what is left stood: the way from a later round, or report, to the whole text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise


class Holes:
    """Stretches cut from a text: disjoint, in order, half-open, in code points. Places are those of the text that is left."""

    def __init__(self, holes: Iterable[tuple[int, int]]) -> None:
        self._places: list[int] = []  # of the holes, in the text that is left
        self._gone = [0]  # characters in the holes up to each
        for start, end in holes:
            self._places.append(start - self._gone[-1])
            self._gone.append(self._gone[-1] + end - start)

    def start(self, place: int) -> int:
        """Where the character that begins at `place` began: behind a hole that lies there."""
        return place + self._gone[bisect_right(self._places, place)]

    def end(self, place: int) -> int:
        """Where the character that ends at `place` ended: before a hole that lies there."""
        return place + self._gone[bisect_left(self._places, place)]

    def pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """The stretches of the whole text that a stretch of what is left is made of."""
        inner = self._places[bisect_right(self._places, start) : bisect_left(self._places, end)]
        edges = [start, *dict.fromkeys(inner), end]
        return [(self.start(a), self.end(b)) for a, b in pairwise(edges) if a < b]
