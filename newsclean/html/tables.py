"""The tables of points: how evidence is sorted into groups, and where each group's entries stand in the one list of points.

A group is a table with an entry for each case: each length of text, each tag with each length, each flag of a name. Values are
sorted into cases by steps. The points themselves are in points.json, in the order of TABLES.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from newsclean.html.names import FLAGS

TAGS = {
    "p": 0, "h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 4, "h6": 4, "li": 5, "dd": 5, "dt": 5, "div": 6, "span": 6, "body": 6,
    "td": 7, "tr": 7, "th": 7, "blockquote": 8, "figcaption": 9, "pre": 10, "button": 11, "section": 12, "article": 12,
}  # fmt: skip
OTHER_TAG, TAG_COUNT = 13, 14
WORD_STEPS = (1, 2, 4, 7, 12, 20, 40, 80)
SHARE_STEPS = (0.0001, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9)
LINK_STEPS = (0.0001, 0.1, 0.3, 0.6, 0.95)
BOLD_STEPS = (0.0001, 0.9)
DISTANCE_STEPS = (1, 2, 3, 5, 9, 17, 40)

# Number of cases by words, share of prose, share of links, distance in blocks, flag.
W, S, L, D = (len(steps) + 1 for steps in (WORD_STEPS, SHARE_STEPS, LINK_STEPS, DISTANCE_STEPS))
F = len(FLAGS)
# Group -> number of its entries.
TABLES = {
    "base": 1, "tag and length": TAG_COUNT * W, "links and length": L * W, "own name": F, "near name": F, "small name": F,
    "mid name": F, "big name": F, "parent's prose": S, "grandparent's prose": S, "own prose": S, "kind's prose": S * 3,
    "place": 3 * D, "place and tag": 3 * TAG_COUNT, "ending": 8 * 3, "beginning": 6 * 2, "before": 4 * W, "behind": 4 * W,
    "parent's links": L, "grandparent's links": L, "title": 4, "from title": D * 2 + 2, "copy": 3, "data": 4 * 3,
    "description": 4 * 2, "capitals": 2, "date": 2 * 3, "marked": 2 * 2, "bold": 3 * 2, "broken": 2, "containers": 4 * 4 * 3,
    "kind and kind's links": 3 * L, "title and length": 3 * W,
    "prose and tag": S * TAG_COUNT, "kind and tag": S * TAG_COUNT,
}  # fmt: skip


AT = dict(zip(TABLES, accumulate(TABLES.values(), initial=0), strict=False))
SIZE = sum(TABLES.values())


class Scale:
    """What an entry of a table is worth: with points a number, without them its own number in the list of all points.

    `scale[group][case]` is that; `of_flags(group, flags)` gives it for all flags in a group with an entry for each: with points
    as one sum, without them as numbers.
    """

    def __init__(self, points: Sequence[float] | None = None) -> None:
        everything: Sequence[float] = range(SIZE) if points is None else points
        self._groups = {group: everything[AT[group] : AT[group] + size] for group, size in TABLES.items()}
        self._adds = points is not None
        self._known: dict[tuple[str, int], tuple[float, ...]] = {}

    def __getitem__(self, group: str) -> Sequence[float]:
        return self._groups[group]

    def of_flags(self, group: str, flags: int) -> tuple[float, ...]:
        found = self._known.get((group, flags))
        if found is None:
            table = self._groups[group]
            found = tuple(table[number] for number in range(F) if flags >> number & 1)
            if len(self._known) > MAX_KNOWN:
                self._known.clear()
            found = self._known[group, flags] = (sum(found),) if self._adds else found
        return found


MAX_KNOWN = 50_000  # names of elements come back on every page of a site


def bucket(value: float, steps: tuple[float, ...]) -> int:
    """Number of steps up to `value`."""
    return bisect_right(steps, value)
