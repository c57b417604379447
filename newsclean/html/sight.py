"""What is measured once of a page before its blocks are judged: words, prose, its sums over elements, names, kinds, the headline.

    Sight(page, facts)

A name on an element counts by how much of the page's prose the element holds: most for less than SMALL, less up to LARGE, and
hardly above, since what holds a third of a page's prose is no widget, whatever its class says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import cached_property
from itertools import accumulate

from newsclean.html.meta import Facts
from newsclean.html.names import BIT
from newsclean.html.page import Block, Node, Page
from newsclean.html.tables import LINK_STEPS, SHARE_STEPS, WORD_STEPS, W, bucket
from newsclean.html.wording import ENDS, LIKE_WORDS, like, like_title, triples, words_of
from newsclean.lines import count_words

SMALL, LARGE = 0.05, 0.3  # shares of the page's prose
PROSE_WORDS = 12  # as in document.py: a sentence this long is a real paragraph
MOSTLY = 0.5
MENU_WORDS, MENU_LINKS = 12, 0.9  # of an item of a menu

_BIG = sum(BIT[name] for name in ("content", "article", "body-prop", "<article", "<main", "title", "dek", "comment"))
_BESIDE = BIT["comment"] | BIT["<nav"] | BIT["<footer"] | BIT["<form"]
_ASIDE = BIT["<aside"] | BIT["popup"] | BIT["footer"] | BIT["side"] | BIT["hidden-here"] | BIT["related"]


class Sight:
    """A page's blocks and what is measured of them.

    `menu`: which blocks are items of a menu, short lines that are but links, with no prose three elements around. They are half
    of a page, and of the gold words 1 in 800, so no more is asked about them: it saves half of the time.
    """

    def __init__(self, page: Page, facts: Facts) -> None:
        self.blocks, self.nodes, self.facts = page.blocks, page.nodes, facts
        self._vocabularies: dict[int, frozenset[str]] = {}
        self.words = [b.text.count(" ") + 1 if b.text.isascii() else count_words(b.text) for b in self.blocks]
        self.lengths = [bisect_right(WORD_STEPS, w) for w in self.words]
        self.prose = [_prose(b, w) for b, w in zip(self.blocks, self.words, strict=True)]
        sums = [0, *accumulate(self.prose)]
        self.menu = self._menu(sums)
        self.prose = self._discounted(sums)
        self._sums = [0, *accumulate(self.prose)]
        self._chars = [0, *accumulate(len(b.text) for b in self.blocks)]
        self._links = [0, *accumulate(b.link for b in self.blocks)]
        self.total = max(1, self._sums[-1])
        self.shares = [(self._sums[n.last] - self._sums[n.first]) / self.total for n in self.nodes]
        self.kinds = self._kinds()
        self.main = self._main()

    def vocabulary(self, i: int) -> frozenset[str]:
        """The words of a block, once each."""
        found = self._vocabularies.get(i)
        if found is None:
            found = self._vocabularies[i] = words_of(self.blocks[i].text)
        return found

    def _menu(self, sums: list[int]) -> list[bool]:
        found = []
        for b, w in zip(self.blocks, self.words, strict=True):
            is_link = w < MENU_WORDS and b.link > MENU_LINKS * len(b.text)
            found.append(is_link and sums[(far := _far(b.node)).first] == sums[far.last])
        return found

    def _discounted(self, sums: list[int]) -> list[int]:
        """The prose, with a fourth of it where an element is named as comments, navigation or the like, and is not all of the
        page. If hardly any prose is left, it was no hint, and all counts."""
        total, marked = max(1, sums[-1]), [False] * len(self.nodes)
        for i, node in enumerate(self.nodes):
            share = (sums[node.last] - sums[node.first]) / total
            if share:
                up = node.parent is not None and marked[node.parent.index]
                marked[i] = up or bool(node.flags & _BESIDE and share < 0.8) or bool(node.flags & _ASIDE and share < LARGE)
        prose = [p // 4 if marked[b.node.index] else p for b, p in zip(self.blocks, self.prose, strict=True)]
        return prose if sum(prose) > 0.3 * total or sum(prose) > 1500 else self.prose

    def _kinds(self) -> list[int]:
        """The kind of each block, as a number. Sets `of_kind`, the prose of each kind, and of each its share of the prose and the
        share of links in it, as cases."""
        numbers: dict[tuple[str, str], int] = {}
        of_node: dict[int, int] = {}
        kinds: list[int] = []
        prose: list[int] = []
        links: list[int] = []
        chars: list[int] = []
        for b, size in zip(self.blocks, self.prose, strict=True):
            kind = of_node.get(b.node.index)
            if kind is None:
                kind = of_node[b.node.index] = numbers.setdefault(_signatures(b.node), len(numbers))
                if kind == len(prose):
                    prose.append(0)
                    links.append(0)
                    chars.append(0)
            kinds.append(kind)
            prose[kind] += size
            links[kind] += b.link
            chars[kind] += len(b.text)
        self.of_kind = prose
        self.kind_cases = [
            (bisect_right(SHARE_STEPS, p / self.total), bisect_right(LINK_STEPS, link / size))
            for p, link, size in zip(prose, links, chars, strict=True)
        ]
        return kinds

    def link_share(self, node: Node) -> float:
        return (self._links[node.last] - self._links[node.first]) / max(1, self._chars[node.last] - self._chars[node.first])

    def _main(self) -> Node:
        """The deepest element with most of the page's prose."""
        best = self.nodes[0]
        for node, share in zip(self.nodes, self.shares, strict=True):
            if share >= MOSTLY:
                best = node  # in document order a deeper one comes later
        return best

    @cached_property
    def _live(self) -> list[bool]:
        """Elements with a block that is no item of a menu."""
        live = [False] * len(self.nodes)
        live[0] = True
        for block, menu in zip(self.blocks, self.menu, strict=True):
            node: Node | None = None if menu else block.node
            while node is not None and not live[node.index]:
                live[node.index] = True
                node = node.parent
        return live

    @cached_property
    def names(self) -> list[tuple[int, int, int]]:
        """Flags of each element and of those around it, by how much prose these hold: little, more, much."""
        found = [(0, 0, 0)] * len(self.nodes)
        for i, (node, live, share) in enumerate(zip(self.nodes, self._live, self.shares, strict=True)):
            if live:
                small, mid, big = found[node.parent.index] if node.parent is not None else (0, 0, 0)
                if share < SMALL:
                    small |= node.flags
                elif share < LARGE:
                    mid |= node.flags
                else:
                    big |= node.flags & _BIG
                found[i] = small, mid, big
        return found

    @cached_property
    def containers(self) -> list[int]:
        """Whether a block's element lies in what is named the text of the article, and in an article element: 0 none on the
        page, 1 outside, 2 inside, 3 inside with most of the prose; four times the one plus the other."""
        named = [self._inside(flag) for flag in (BIT["content"] | BIT["body-prop"], BIT["<article"])]
        return [4 * a + b for a, b in zip(*named, strict=True)]

    def _inside(self, flag: int) -> list[int]:
        inside = [0] * len(self.nodes)
        for i, (node, share) in enumerate(zip(self.nodes, self.shares, strict=True)):
            own = (3 if share > MOSTLY else 2) if share > SMALL and node.flags & flag else 0
            inside[i] = max(inside[node.parent.index], own) if node.parent is not None else own
        return [value or 1 for value in inside] if any(inside) else inside

    @cached_property
    def company(self) -> list[int]:
        """What the neighbours of each block see of it: whether it is prose, links or a heading, and its length. Block i stands
        at i + 1, between nothing and nothing."""
        found = [0]
        for block, prose, length in zip(self.blocks, self.prose, self.lengths, strict=True):
            what = 1 if block.link > MOSTLY * len(block.text) else 2 if block.node.tag[:1] == "h" else 3 if prose else 0
            found.append(what * W + length)
        found.append(0)
        return found

    @cached_property
    def copies(self) -> Counter[str]:
        return Counter(b.text for b in self.blocks)

    @cached_property
    def stretch(self) -> tuple[int, int] | None:
        """The first and the last block of prose in the element with most of it."""
        inner = [i for i in range(self.main.first, self.main.last) if self.prose[i]]
        return (inner[0], inner[-1]) if inner else None

    @cached_property
    def title(self) -> tuple[int | None, list[int]]:
        """Where the headline stands, if it does, and how each block compares with it, as `wording.like` says."""
        titles = list(dict.fromkeys(t for t in map(words_of, self.facts.titles[:4]) if len(t) >= 2))
        found = [0] * len(self.blocks)
        # Lines of so few words can be no longer title; most lines of a page have no more.
        least = LIKE_WORDS if titles and min(map(len, titles)) > LIKE_WORDS + 1 else 0
        for i, (words, menu) in enumerate(zip(self.words, self.menu, strict=True)):
            if titles and least < words < 60 and not menu:
                found[i] = like_title(self.vocabulary(i), titles)
        at = [i for i, like in enumerate(found) if like == 2]
        headings = [i for i in at if self.blocks[i].node.tag == "h1"] or at
        return (headings[0] if headings else None), found

    @cached_property
    def in_data(self) -> list[int]:
        """Whether the JSON-LD text has a block: 0 there is none, 1 no, 2 in part, 3 yes."""
        if not self.facts.body:
            return [0] * len(self.blocks)
        known = set(triples(self.facts.body))
        found = []
        for block, menu in zip(self.blocks, self.menu, strict=True):
            runs = [] if menu else triples(block.text)
            found.append(1 + bucket(sum(run in known for run in runs) / max(1, len(runs)), (0.3, 0.8)))
        return found

    @cached_property
    def described(self) -> list[int]:
        """Whether a block is what the head gives as description: 0 no, else as `wording.like` says."""
        words = words_of(self.facts.description or "")
        if len(words) < 5:
            return [0] * len(self.blocks)
        asked = (4 < w <= 90 and not menu for w, menu in zip(self.words, self.menu, strict=True))
        return [like(self.vocabulary(i), words) if ask else 0 for i, ask in enumerate(asked)]


def _prose(block: Block, words: int) -> int:
    """Characters of a block that looks like running text, 0 of others."""
    size = len(block.text)
    if words < PROSE_WORDS or block.link > 0.4 * size:
        return 0
    return size if words >= 3 * PROSE_WORDS or block.text[-1] in ENDS else 0


def _far(node: Node) -> Node:
    for _ in range(3):
        node = node.parent or node
    return node


def _signatures(node: Node) -> tuple[str, str]:
    """Blocks of one kind have the same tags and classes two levels up: the paragraphs of an article do."""
    return node.signature, node.parent.signature if node.parent is not None else ""
