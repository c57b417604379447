"""What speaks for and against each block, as numbers of entries in tables of points (points.json).

    Sight(page, facts).entries() -> [[entry, ...] of each block]; none for an item of a menu

All evidence falls into groups (a tag with a length, a name on an element, the share of links, ...), each a table of points,
and a block's points add up. No group decides alone. A name on an element counts by how much of the page's prose
the element holds: fully for less than SMALL, by another table up to LARGE, and not at all above, since what
holds a third of a page's prose is no widget, whatever its class says.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from itertools import accumulate

from newsclean.document import count_words
from newsclean.html.meta import Facts
from newsclean.html.names import BIT
from newsclean.html.tables import (
    AT,
    DISTANCE_STEPS,
    LINK_STEPS,
    OTHER_TAG,
    SHARE_STEPS,
    TAG_COUNT,
    TAGS,
    WORD_STEPS,
    D,
    L,
    W,
    bits,
    bucket,
)  # fmt: skip
from newsclean.html.walk import Block, Node, Page
from newsclean.html.wording import LIKE_WORDS, beginning, is_marked, like, like_title, triples, words_of

SMALL, LARGE = 0.05, 0.3  # shares of the page's prose
PROSE_WORDS = 12  # as in document.py: a sentence this long is a real paragraph
MOSTLY = 0.5
MENU_WORDS, MENU_LINKS = 12, 0.9  # of an item of a menu

_ENDS = {
    ".": 1, "!": 1, "。": 1, "！": 1, "?": 2, "？": 2, ":": 3, "：": 3, "…": 4, '"': 5, "”": 5, "»": 5, "“": 5, "’": 5, "'": 5,
    ")": 6, ",": 7, ";": 7,
}  # fmt: skip
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d+ (?:min|hours?|days?|mins)\b", re.I)
_BIG = sum(BIT[name] for name in ("content", "article", "body-prop", "<article", "<main", "title", "dek", "comment"))
_BESIDE = BIT["comment"] | BIT["<nav"] | BIT["<footer"] | BIT["<form"]
_ASIDE = BIT["<aside"] | BIT["popup"] | BIT["footer"] | BIT["side"] | BIT["hidden-here"] | BIT["related"]


class Sight:
    """A page's blocks with what is measured once: words, prose, its sums over elements, names of ancestors."""

    def __init__(self, page: Page, facts: Facts) -> None:
        self.blocks, self.nodes, self.facts = page.blocks, page.nodes, facts
        self._vocabularies: dict[int, frozenset[str]] = {}
        self.words = [count_words(b.text) for b in self.blocks]
        self.lengths = [bucket(w, WORD_STEPS) for w in self.words]
        self.prose = [_prose(b, w) for b, w in zip(self.blocks, self.words, strict=True)]
        self.prose = self._discounted()
        self._sums = [0, *accumulate(self.prose)]
        self._chars = [0, *accumulate(len(b.text) for b in self.blocks)]
        self._links = [0, *accumulate(b.link for b in self.blocks)]
        self.total = max(1, self._sums[-1])
        self.shares = [(self._sums[n.last] - self._sums[n.first]) / self.total for n in self.nodes]
        self.kinds = [_kind(b) for b in self.blocks]
        self.of_kind: Counter[tuple[str, str]] = Counter()
        self._kind_links: Counter[tuple[str, str]] = Counter()
        self._kind_chars: Counter[tuple[str, str]] = Counter()
        for b, kind, prose in zip(self.blocks, self.kinds, self.prose, strict=True):
            self.of_kind[kind] += prose
            self._kind_links[kind] += b.link
            self._kind_chars[kind] += len(b.text)
        self.main = self._main()

    def vocabulary(self, i: int) -> frozenset[str]:
        """The words of a block, once each."""
        found = self._vocabularies.get(i)
        if found is None:
            found = self._vocabularies[i] = words_of(self.blocks[i].text)
        return found

    def _discounted(self) -> list[int]:
        """The prose, with a fourth of it where an element is named as comments, navigation or the like, and is not all of the
        page. If hardly any prose is left, it was no hint, and all counts."""
        sums = [0, *accumulate(self.prose)]
        total, marked = max(1, sums[-1]), [False] * len(self.nodes)
        for i, node in enumerate(self.nodes):
            up = node.parent is not None and marked[node.parent.index]
            share = (sums[node.last] - sums[node.first]) / total
            marked[i] = up or bool(node.flags & _BESIDE and share < 0.8) or bool(node.flags & _ASIDE and share < LARGE)
        prose = [p // 4 if marked[b.node.index] else p for b, p in zip(self.blocks, self.prose, strict=True)]
        return prose if sum(prose) > 0.3 * total or sum(prose) > 1500 else self.prose

    def link_share(self, node: Node) -> float:
        return (self._links[node.last] - self._links[node.first]) / max(1, self._chars[node.last] - self._chars[node.first])

    def _main(self) -> Node:
        """The deepest element with most of the page's prose."""
        best = self.nodes[0]
        for node, share in zip(self.nodes, self.shares, strict=True):
            if share >= MOSTLY:
                best = node  # in document order a deeper one comes later
        return best

    def _names(self) -> list[tuple[int, ...]]:
        """Entries for the names above each element's blocks, by how much prose the elements hold."""
        small, mid, big = [0] * len(self.nodes), [0] * len(self.nodes), [0] * len(self.nodes)
        found: list[tuple[int, ...]] = []
        for i, node in enumerate(self.nodes):
            up = node.parent.index if node.parent is not None else 0
            small[i], mid[i], big[i] = small[up], mid[up], big[up]
            share = self.shares[i]
            if share < SMALL:
                small[i] |= node.flags
            elif share < LARGE:
                mid[i] |= node.flags
            else:
                big[i] |= node.flags & _BIG
            near = node.parent.flags if node.parent is not None and self.shares[up] < LARGE else 0
            by_share = (*bits(small[i], "small name"), *bits(mid[i], "mid name"), *bits(big[i], "big name"))
            found.append((*bits(near, "near name"), *by_share))
        return found

    def _containers(self) -> list[int]:
        """Whether a block's element lies in what is named the text of the article, and in an article element: 0 none on the
        page, 1 outside, 2 inside, 3 inside with most of the prose; four times the one plus the other."""
        named = [self._inside(flag) for flag in (BIT["content"] | BIT["body-prop"], BIT["<article"])]
        return [4 * a + b for a, b in zip(*named, strict=True)]

    def _inside(self, flag: int) -> list[int]:
        inside = [0] * len(self.nodes)
        for i, node in enumerate(self.nodes):
            up = inside[node.parent.index] if node.parent is not None else 0
            own = (3 if self.shares[i] > MOSTLY else 2) if node.flags & flag and self.shares[i] > SMALL else 0
            inside[i] = max(up, own)
        return [value or 1 for value in inside] if any(inside) else inside

    # --- the entries -----------------------------------------------------------------------------------

    def entries(self) -> list[list[int]]:
        by_node, containers = self._by_node(), self._containers()
        company, menu = self._company(), self.menu
        before, behind = [0, *company[:-1]], [*company[1:], 0]
        places = self._places(self.main.first, self.main.last)
        stands, titles = self.title
        copies = Counter(b.text for b in self.blocks)
        data, described = self._in_data(), self.described
        found: list[list[int]] = []
        for i, block in enumerate(self.blocks):
            if menu[i]:
                found.append([])
                continue
            words = self.lengths[i]
            tag = TAGS.get(block.node.tag, OTHER_TAG)
            length = min(2, words // 3)
            link = bucket(block.link / len(block.text), LINK_STEPS)
            kind, up = self.kinds[i], block.node.parent or block.node
            found.append([
                0,
                AT["tag and length"] + tag * W + words,
                AT["links and length"] + link * W + words,
                *bits(block.node.flags | block.flags, "own name"),
                *by_node[block.node.index],
                AT["kind's prose"] + 3 * bucket(self.of_kind[kind] / self.total, SHARE_STEPS) + length,
                AT["kind and kind's links"] + length * L + bucket(self._kind_links[kind] / self._kind_chars[kind], LINK_STEPS),
                AT["containers"] + 3 * containers[block.node.index] + length,
                AT["title and length"] + (0 if stands is None else 1 if i < stands else 2) * W + words,
                AT["prose and tag"] + bucket(self.shares[up.index], SHARE_STEPS) * TAG_COUNT + tag,
                AT["kind and tag"] + bucket(self.of_kind[kind] / self.total, SHARE_STEPS) * TAG_COUNT + tag,
                AT["place"] + places[i],
                AT["place and tag"] + places[i] // D * TAG_COUNT + tag,
                AT["ending"] + 3 * _ENDS.get(block.text[-1], 0) + length,
                AT["beginning"] + 2 * beginning(block.text) + (words > 4),
                AT["before"] + before[i],
                AT["behind"] + behind[i],
                AT["title"] + titles[i],
                AT["from title"] + _from_title(i, stands),
                AT["copy"] + (0 if copies[block.text] == 1 else 1 if words < 5 else 2),
                AT["data"] + 3 * data[i] + length,
                AT["description"] + 2 * described[i] + (i < stands if stands is not None else 0),
                AT["capitals"] + (block.text.isupper() and len(block.text) > 3),
                AT["date"] + 3 * bool(words < 6 and _DATE.search(block.text[:200])) + length,
                AT["marked"] + 2 * is_marked(block.text) + (words > 4),
                AT["bold"] + 2 * bucket(block.strong / len(block.text), (0.0001, 0.9)) + (words > 4),
                AT["broken"] + block.broken,
            ])  # fmt: skip
        return found

    def _by_node(self) -> dict[int, tuple[int, ...]]:
        """Entries that all blocks of an element share."""
        names = self._names()
        found: dict[int, tuple[int, ...]] = {}
        for block in self.blocks:
            node = block.node
            if node.index not in found:
                up = node.parent or node
                top = up.parent or up
                found[node.index] = (
                    *names[node.index],
                    AT["own prose"] + bucket(self.shares[node.index], SHARE_STEPS),
                    AT["parent's prose"] + bucket(self.shares[up.index], SHARE_STEPS),
                    AT["grandparent's prose"] + bucket(self.shares[top.index], SHARE_STEPS),
                    AT["parent's links"] + bucket(self.link_share(up), LINK_STEPS),
                    AT["grandparent's links"] + bucket(self.link_share(top), LINK_STEPS),
                )
        return found

    @cached_property
    def menu(self) -> list[bool]:
        """Short lines that are but links, with no prose three elements around. They are half of a page, and of the gold words
        1 in 800; it saves half of the time to look no further."""
        far = [_far(node) for node in self.nodes]
        return [
            w < MENU_WORDS and b.link > MENU_LINKS * len(b.text) and not self.shares[far[b.node.index]]
            for b, w in zip(self.blocks, self.words, strict=True)
        ]

    def _company(self) -> list[int]:
        """Of each block what its neighbours see: whether it is prose, links or a heading, and its length."""
        found = []
        for block, prose, length in zip(self.blocks, self.prose, self.lengths, strict=True):
            what = 1 if block.link > MOSTLY * len(block.text) else 2 if block.node.tag[:1] == "h" else 3 if prose else 0
            found.append(what * W + length)
        return found

    def _places(self, first: int, last: int) -> list[int]:
        """Before, in or behind the stretch of blocks, with the distance to its prose."""
        inner = [i for i in range(first, last) if self.prose[i]]
        if not inner:
            return [D] * len(self.blocks)
        return [_place(i, inner[0], inner[-1]) for i in range(len(self.blocks))]

    @cached_property
    def title(self) -> tuple[int | None, list[int]]:
        """Where the headline stands, if it does, and how each block compares with it, as `wording.like` says."""
        titles = list(dict.fromkeys(t for t in map(words_of, self.facts.titles[:4]) if len(t) >= 2))
        found = [0] * len(self.blocks)
        # Lines of so few words can be no longer title; most lines of a page have no more.
        least = LIKE_WORDS if titles and min(map(len, titles)) > LIKE_WORDS + 1 else 0
        for i in range(len(self.blocks)):
            if titles and least < self.words[i] < 60 and not self.menu[i]:
                found[i] = like_title(self.vocabulary(i), titles)
        at = [i for i, like in enumerate(found) if like == 2]
        headings = [i for i in at if self.blocks[i].node.tag == "h1"] or at
        return (headings[0] if headings else None), found

    def _in_data(self) -> list[int]:
        """Whether the JSON-LD text has a block: 0 there is none, 1 no, 2 in part, 3 yes."""
        if not self.facts.body:
            return [0] * len(self.blocks)
        known = set(triples(self.facts.body))
        found = []
        for block in self.blocks:
            runs = triples(block.text)
            found.append(1 + bucket(sum(run in known for run in runs) / max(1, len(runs)), (0.3, 0.8)))
        return found

    @cached_property
    def described(self) -> list[int]:
        """Whether a block is what the head gives as description: 0 no, else as `wording.like` says."""
        words = words_of(self.facts.description or "")
        if len(words) < 5:
            return [0] * len(self.blocks)
        return [0 if w < 5 or w > 90 else like(self.vocabulary(i), words) for i, w in enumerate(self.words)]


def _prose(block: Block, words: int) -> int:
    """Characters of a block that looks like running text, 0 of others."""
    size = len(block.text)
    if words < PROSE_WORDS or block.link > 0.4 * size:
        return 0
    return size if words >= 3 * PROSE_WORDS or block.text[-1] in _ENDS else 0


def _far(node: Node) -> int:
    for _ in range(3):
        node = node.parent or node
    return node.index


def _kind(block: Block) -> tuple[str, str]:
    """Blocks of one kind have the same tags and names two levels up: the paragraphs of an article do."""
    up = block.node.parent
    return block.node.signature, up.signature if up is not None else ""


def _place(i: int, first: int, last: int) -> int:
    if i < first:
        return bucket(first - i, DISTANCE_STEPS)
    return 2 * D + bucket(i - last, DISTANCE_STEPS) if i > last else D + bucket(min(i - first, last - i), DISTANCE_STEPS)


def _from_title(i: int, stands: int | None) -> int:
    if stands is None:
        return 0
    return 1 + bucket(stands - i, DISTANCE_STEPS) if i <= stands else 1 + D + bucket(i - stands, DISTANCE_STEPS)
