"""Which blocks may be the standfirst (dek, lead, chapo) of an article.

deks(sight) -> [whether each block may be, and by what: NAMED or PLACED, 0 for others]
"""

from __future__ import annotations

from newsclean.html.names import BIT
from newsclean.html.sight import MOSTLY, SMALL, Sight

ABOVE = 12  # blocks from the standfirst to the first paragraph: byline, times, share bar, caption
WORDS = range(5, 91)
NAMED, PLACED = 1, 2
_PICTURE = BIT["caption"] | BIT["<figcaption"] | BIT["<figure"]


def deks(sight: Sight) -> list[int]:
    """Blocks that stand above the text, are not of the kind of its paragraphs, and are what the head gives as
    description, or named so, or a heading beneath the headline."""
    if not sight.of_kind:
        return []
    kind = sight.of_kind.index(max(sight.of_kind))
    first = next((i for i, k in enumerate(sight.kinds) if k == kind and sight.prose[i]), 0)
    found = [0] * len(sight.blocks)
    for i in range(max(0, first - ABOVE), min(first + 2, len(found))):
        found[i] = _found_by(sight, i, kind, first) if _may_be(sight, i) else 0
    return found


def _may_be(sight: Sight, i: int) -> bool:
    block = sight.blocks[i]
    headline, like = sight.title
    text = sight.words[i] in WORDS and block.link <= MOSTLY * len(block.text)
    return text and like[i] != 2 and block.node.tag != "h1" and not (headline is not None and i < headline - 3)


def _found_by(sight: Sight, i: int, kind: int, first: int) -> int:
    block, described = sight.blocks[i], sight.described[i]
    up = block.node.parent
    own = block.node.flags | block.flags
    names = own | (up.flags if up is not None and sight.shares[up.index] < 2 * SMALL else 0)
    if names & _PICTURE:
        return 0
    if names & BIT["dek"]:
        return NAMED if sight.kinds[i] != kind or own & BIT["dek"] else 0
    if i >= first or sight.kinds[i] == kind:
        return 0
    headline = sight.title[0]
    beneath = headline is not None and headline < i <= headline + 3 and block.node.tag in ("h2", "h3", "h4")
    return PLACED if beneath or described in (2, 3) or (described == 1 and sight.words[i] > 8) else 0
