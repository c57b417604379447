"""Which blocks are the article: points that add up, then what a block's company says, then a guard.

    judge(sight) -> Judgement(points of each block, box, deks)

Points are logarithms of odds: above 0 the article is likelier than not. Each block has those of its own evidence (evidence.py).
Then it gets part of those of its company: of the element that gains most (the box), of the blocks of its kind, of its
neighbours. So a short line among paragraphs is of them, and a paragraph among links is not; a list is judged as one.
Where nothing stands above 0, the likeliest kind of paragraph is taken, so that no page with prose comes back empty.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate

from newsclean.html.evidence import entries
from newsclean.html.names import FLAGS
from newsclean.html.page import Node
from newsclean.html.sight import PROSE_WORDS, Sight
from newsclean.html.standfirst import NAMED, deks
from newsclean.html.tables import AT, TABLES, Scale

# Of company. Found on the development pages with points fitted without the page's site; none of them is sharp.
EVEN = 0.35  # a word of such a chance neither adds to an element nor takes from it
IN_BOX, OUT_OF_BOX = 0.5, 3.0
OF_KIND, OF_NEIGHBOURS = 0.5, 0.5
NEAR = 2  # blocks to either side
GUARD, LIFT = 0.25, 1.5
MOST_ODDS = 6.0
MOST_BLOCKS = 20_000  # the longest of the development pages has 1,500
LIST_COLON = 2.0  # for a list behind a line that ends with a colon
NEARLY = 2.0  # points within which others of the likeliest kind are taken, where nothing else is


@dataclass(frozen=True, slots=True)
class Judgement:
    """`points`: above 0 for the article; `box`: the element most of it is in; `deks`: numbers of standfirst blocks;
    `sure`: whether any paragraph was taken for its points, not for want of better."""

    points: list[float]
    sight: Sight
    box: Node
    deks: frozenset[int]
    sure: bool


@cache
def points() -> list[float]:
    """The tables of points.json, which benchmarks/pages_fit.py writes, as one list."""
    tables = json.loads((files("newsclean.html") / "points.json").read_text("utf-8"))
    return [point for name in TABLES for point in tables[name]]


@cache
def _scale() -> Scale:
    return Scale(points())


def judge(sight: Sight) -> Judgement:
    """Judge each block of the page; of a page with more than MOST_BLOCKS by prose alone."""
    if len(sight.blocks) > MOST_BLOCKS:
        return settle(sight, [1.0 if prose else -2.0 for prose in sight.prose])
    return settle(sight, [sum(row) if row else -MOST_ODDS for row in entries(sight, _scale())])


def settle(sight: Sight, odds: list[float]) -> Judgement:
    """The judgement from the blocks' own points."""
    odds = [max(-MOST_ODDS, min(MOST_ODDS, o)) for o in odds]
    box = _box(sight, odds)
    settled = _as_lists(sight, _guarded(sight, _with_company(sight, odds, box)))
    settled, sure = _never_nothing(sight, settled)
    first = next((i for i, p in enumerate(settled) if p > 0 and sight.words[i] >= PROSE_WORDS), 0)
    return Judgement(settled, sight, box, _deks(sight, settled, first), sure)


def _deks(sight: Sight, points: list[float], first: int) -> frozenset[int]:
    """The standfirst: near the first paragraph, and named so, or where it stands and no article by its points. Of those that
    are article by them and have no name all stand in the gold texts that have no standfirst."""
    near = range(first - PROSE_WORDS, first + 2)
    return frozenset(i for i, by in enumerate(deks(sight)) if i in near and (by == NAMED or (by and points[i] <= 0)))


def _box(sight: Sight, odds: list[float]) -> Node:
    """The element that gains most: words likely to be article, less those likely not to be."""
    sums, total = [0.0], 0.0
    for o, w, menu in zip(odds, sight.words, sight.menu, strict=True):
        total += ((0.0 if menu else _chance(o)) - EVEN) * (w + 1)
        sums.append(total)
    gains = [sums[n.last] - sums[n.first] for n in sight.nodes]
    best = max(gains)
    return sight.nodes[len(gains) - 1 - gains[::-1].index(best)]  # of those with the same blocks the deepest


def _with_company(sight: Sight, odds: list[float], box: Node) -> list[float]:
    weights = [w + 1 for w in sight.words]
    of_kind, size = [0.0] * len(sight.of_kind), [0] * len(sight.of_kind)
    for o, w, kind in zip(odds, weights, sight.kinds, strict=True):
        of_kind[kind] += o * w
        size[kind] += w
    means = [OF_KIND * o / w for o, w in zip(of_kind, size, strict=True)]
    beside = _beside(odds, [min(w, 30) for w in weights])
    return [
        o + (IN_BOX if box.first <= i < box.last else -OUT_OF_BOX) + means[kind] + OF_NEIGHBOURS * near
        for i, (o, kind, near) in enumerate(zip(odds, sight.kinds, beside, strict=True))
    ]


def _guarded(sight: Sight, points: list[float]) -> list[float]:
    """The points, lifted in the element with most of the prose where more than GUARD of its prose would go: what speaks against
    so much of it is more likely wrong."""
    inner = range(sight.main.first, sight.main.last)
    gone = sum(sight.prose[i] for i in inner if points[i] <= 0)
    if gone <= GUARD * sum(sight.prose[i] for i in inner):
        return points
    return [p + LIFT if i in inner else p for i, p in enumerate(points)]


def _beside(odds: list[float], weights: list[int]) -> list[float]:
    """The mean points of each block's neighbours, long ones counting more."""
    sums = [0.0, *accumulate(o * w for o, w in zip(odds, weights, strict=True))]
    sizes = [0, *accumulate(weights)]
    found = []
    for i in range(len(odds)):
        a, b = max(0, i - NEAR), min(len(odds), i + NEAR + 1)
        size = sizes[b] - sizes[a] - weights[i]
        found.append((sums[b] - sums[a] - odds[i] * weights[i]) / size if size else 0.0)
    return found


def _as_lists(sight: Sight, points: list[float]) -> list[float]:
    """With the items of a list at the mean of the list, which a line with a colon before it lifts."""
    points = list(points)
    i = 0
    while i < len(points):
        node = sight.blocks[i].node
        if node.tag != "li" or node.parent is None:
            i += 1
            continue
        end = i
        while end < len(points) and sight.blocks[end].node.parent is node.parent and sight.blocks[end].node.tag == "li":
            end += 1
        end = max(end, i + 1)
        sizes = [w + 1 for w in sight.words[i:end]]
        mean = sum(p * s for p, s in zip(points[i:end], sizes, strict=True)) / sum(sizes)
        if i and points[i - 1] > 0 and sight.blocks[i - 1].text[-1] in ":：" and sight.link_share(node.parent) < 0.5:
            mean += LIST_COLON
        points[i:end] = [mean] * (end - i)
        i = end
    return points


def _never_nothing(sight: Sight, points: list[float]) -> tuple[list[float], bool]:
    """The points, lifted where no paragraph would be left of a page that has some; and whether that was not needed."""
    prose = [i for i, p in enumerate(sight.prose) if p]
    if not prose or any(points[i] > 0 for i in prose):
        return points, bool(prose)
    best = max(prose, key=lambda i: points[i])
    limit, kind = points[best] - NEARLY, sight.kinds[best]
    return [1.0 if p >= limit and k == kind else p for p, k in zip(points, sight.kinds, strict=True)], False


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def against(judged: Judgement, i: int, count: int = 3) -> str:
    """What of a block's own evidence spoke most against the article, in words."""
    row = [int(entry) for entry in entries(judged.sight, _NUMBERS, [i])[0]]
    worst = sorted((points()[entry], entry) for entry in row)[:count]
    names = "; ".join(dict.fromkeys(_name(entry) for point, entry in worst if point < 0))
    return names or ("its company" if row else "nothing but links there")


_NUMBERS = Scale()


def _name(entry: int) -> str:
    name = next(name for name, size in TABLES.items() if AT[name] <= entry < AT[name] + size)
    if name not in _NAMED:
        return _ABOUT[name]
    flag = FLAGS[entry - AT[name]]
    return f"{_NAMED[name]} {flag}>" if flag.startswith("<") else f"{_NAMED[name]} '{flag}'"


# The tables of evidence as people read them. Those of names say which one.
_NAMED = {
    "own name": "it is named", "near name": "it is in", "small name": "it is in a small", "mid name": "it is in a larger",
    "big name": "it is in a large",
}  # fmt: skip
_ABOUT = {
    **dict.fromkeys(("place", "place and tag", "from title"), "its place on the page"),
    **dict.fromkeys(("parent's prose", "grandparent's prose"), "little prose around it"),
    **dict.fromkeys(("own prose", "prose and tag"), "little prose in its element"),
    **dict.fromkeys(("kind's prose", "kind and tag", "kind and kind's links"), "what else looks like it"),
    **dict.fromkeys(("parent's links", "grandparent's links"), "links around it"),
    **dict.fromkeys(("title", "title and length"), "how it compares with the headline"),
    "base": "nothing that speaks for it", "tag and length": "its length, for its element", "links and length": "its links",
    "ending": "how it ends", "beginning": "how it begins", "before": "what stands before it", "behind": "what stands behind it",
    "copy": "other copies of it", "data": "the text that the page gives to search engines",
    "description": "the page's own summary",
    "capitals": "its capitals", "date": "a date in it", "marked": "marks in it", "bold": "bold type", "broken": "line breaks",
    "containers": "the elements it is in",
}  # fmt: skip
