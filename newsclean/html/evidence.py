"""What speaks for and against each block, as cases of tables of points (points.json).

    entries(sight, scale) -> [[worth of an entry, ...] of each block]; none for an item of a menu

All evidence falls into groups (a tag with a length, a name on an element, the share of links, ...), each a table of points,
and a block's points add up. No group decides alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import getitem

from newsclean.html.page import Node
from newsclean.html.sight import LARGE, Sight
from newsclean.html.tables import (
    BOLD_STEPS,
    DISTANCE_STEPS,
    LINK_STEPS,
    OTHER_TAG,
    SHARE_STEPS,
    TAG_COUNT,
    TAGS,
    D,
    L,
    Scale,
    W,
    bucket,
)  # fmt: skip
from newsclean.html.wording import ENDS, beginning, is_marked

# Groups with one entry for each block, in the order of _cases; those of flags have as many entries as there are flags, and
# those of an element are the same for all of its blocks.
_OF_BLOCK = (
    "base", "tag and length", "links and length", "kind's prose", "kind and kind's links", "containers", "title and length",
    "prose and tag", "kind and tag", "place", "place and tag", "ending", "beginning", "before", "behind", "title", "from title",
    "copy", "data", "description", "capitals", "date", "marked", "bold", "broken",
)  # fmt: skip
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d+ (?:min|hours?|days?|mins)\b", re.I)

Row = list[float]


def entries(sight: Sight, scale: Scale, numbers: Iterable[int] | None = None) -> list[Row]:
    """Entries of all blocks, or of those of some numbers."""
    tables = [scale[group] for group in _OF_BLOCK]
    of_node: dict[int, Row] = {}
    found = []
    for i in range(len(sight.blocks)) if numbers is None else numbers:
        row: Row = []
        if not sight.menu[i]:
            block = sight.blocks[i]
            node = block.node
            row = list(map(getitem, tables, _cases(sight, i)))
            row += scale.of_flags("own name", node.flags | block.flags if block.opening else node.flags)
            shared = of_node.get(node.index)
            if shared is None:
                shared = of_node[node.index] = _of_node(sight, node, scale)
            row += shared
        found.append(row)
    return found


def _cases(sight: Sight, i: int) -> Sequence[int]:
    block, words = sight.blocks[i], sight.lengths[i]
    node, text = block.node, block.text
    tag, size = TAGS.get(node.tag, OTHER_TAG), len(text)
    length, is_long = min(2, words // 3), words > 4
    prose, links = sight.kind_cases[sight.kinds[i]]
    stands, titles = sight.title
    place = _place(i, sight.stretch)
    return (
        0,
        tag * W + words,
        bisect_right(LINK_STEPS, block.link / size) * W + words,
        3 * prose + length,
        length * L + links,
        3 * sight.containers[node.index] + length,
        (0 if stands is None else 1 if i < stands else 2) * W + words,
        bisect_right(SHARE_STEPS, sight.shares[(node.parent or node).index]) * TAG_COUNT + tag,
        prose * TAG_COUNT + tag,
        place,
        place // D * TAG_COUNT + tag,
        3 * ENDS.get(text[-1], 0) + length,
        2 * beginning(text) + is_long,
        sight.company[i],
        sight.company[i + 2],
        titles[i],
        _from_title(i, stands),
        0 if sight.copies[text] == 1 else 1 if words < 5 else 2,
        3 * sight.in_data[i] + length,
        2 * sight.described[i] + (i < stands if stands is not None else 0),
        text.isupper() and size > 3,
        3 * bool(words < 6 and _DATE.search(text[:200])) + length,
        2 * is_marked(text) + is_long,
        2 * bisect_right(BOLD_STEPS, block.strong / size) + is_long,
        block.broken,
    )


def _of_node(sight: Sight, node: Node, scale: Scale) -> Row:
    up = node.parent or node
    top = up.parent or up
    small, mid, big = sight.names[node.index]
    near = up.flags if node.parent is not None and sight.shares[up.index] < LARGE else 0
    return [
        *scale.of_flags("near name", near),
        *scale.of_flags("small name", small),
        *scale.of_flags("mid name", mid),
        *scale.of_flags("big name", big),
        scale["own prose"][bisect_right(SHARE_STEPS, sight.shares[node.index])],
        scale["parent's prose"][bisect_right(SHARE_STEPS, sight.shares[up.index])],
        scale["grandparent's prose"][bisect_right(SHARE_STEPS, sight.shares[top.index])],
        scale["parent's links"][bisect_right(LINK_STEPS, sight.link_share(up))],
        scale["grandparent's links"][bisect_right(LINK_STEPS, sight.link_share(top))],
    ]


def _place(i: int, stretch: tuple[int, int] | None) -> int:
    """Before, in or behind a stretch of blocks, with the distance to its end."""
    if stretch is None:
        return D
    first, last = stretch
    if i < first:
        return bucket(first - i, DISTANCE_STEPS)
    return 2 * D + bucket(i - last, DISTANCE_STEPS) if i > last else D + bucket(min(i - first, last - i), DISTANCE_STEPS)


def _from_title(i: int, stands: int | None) -> int:
    if stands is None:
        return 0
    return 1 + bucket(stands - i, DISTANCE_STEPS) if i <= stands else 1 + D + bucket(i - stands, DISTANCE_STEPS)
