"""What stands around an article and belongs to it: headline, standfirst, byline, captions.

    roles_of(sight, judged) -> {block number: name of a rule in RULES}

Whether they stay is for the policy to say, by their labels: profiles and gold texts differ on them.
"""

from __future__ import annotations

from newsclean.html.body import Judgement
from newsclean.html.names import BIT
from newsclean.html.sight import SMALL, Sight
from newsclean.rules import PAGE

ABOVE = 8  # blocks between the headline and the text, at most, in which a byline stands
BYLINE_WORDS, CAPTION_WORDS = 16, 90
_CAPTION = BIT["<figcaption"] | BIT["caption"]
_BYLINE = BIT["byline"] | BIT["<time"] | BIT["<address"]

RULES = {rule.id.partition("/")[2]: rule for rule in PAGE.rules}


def roles_of(sight: Sight, judged: Judgement) -> dict[int, str]:
    """Rules of the blocks that are not article text but belong to it."""
    first = next((i for i, points in enumerate(judged.points) if points > 0 and i not in judged.deks), None)
    if first is None:
        return {}
    found = {i: "caption" for i in range(judged.box.first, judged.box.last) if judged.points[i] <= 0 and _is_caption(sight, i)}
    headline = sight.title[0]
    start = max(0, first - ABOVE) if headline is None or not headline < first else headline + 1
    above = range(max(start, first - 3 * ABOVE), first)
    found.update({i: "byline" for i in above if judged.points[i] <= 0 and _is_byline(sight, i)})
    found.update(dict.fromkeys(judged.deks, "standfirst"))
    if headline is not None and headline <= first:
        found[headline] = "headline"
    return found


def _names(sight: Sight, i: int) -> int:
    """Flags of a block's element, of its first inline elements and of what holds little beside it."""
    block = sight.blocks[i]
    up = block.node.parent
    return block.node.flags | block.flags | (up.flags if up is not None and sight.shares[up.index] < SMALL else 0)


def _is_caption(sight: Sight, i: int) -> bool:
    block = sight.blocks[i]
    return bool(_names(sight, i) & _CAPTION) and 2 <= sight.words[i] <= CAPTION_WORDS and block.link < 0.5 * len(block.text)


def _is_byline(sight: Sight, i: int) -> bool:
    return bool(_names(sight, i) & _BYLINE) and sight.words[i] <= BYLINE_WORDS
