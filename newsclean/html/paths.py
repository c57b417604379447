"""Which elements a cut took: CSS paths, largest elements first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from newsclean.html.page import Node, Page

LEVELS = 12  # of a path; a page has some fifteen, a hostile one a hundred thousand


def paths_of(page: Page, spans: tuple[tuple[int, int], ...], cuts: list[tuple[int, int]]) -> tuple[tuple[str, ...], ...]:
    """For each cut the paths of the largest elements all of whose text it took; of one it took a part of, that element's.

    A path is a chain such as `body > div:nth-of-type(2) > p:nth-of-type(1)`, of block elements, LEVELS of them at most.
    """
    return tuple(tuple(_path(node) for node in _elements(page, spans, cut)) for cut in cuts)


def _elements(page: Page, spans: tuple[tuple[int, int], ...], cut: tuple[int, int]) -> list[Node]:
    first = bisect_right(spans, cut[0], key=lambda span: span[1])
    last = bisect_left(spans, cut[1], key=lambda span: span[0])
    found, i = [], first
    while i < last:
        node = page.blocks[i].node
        for _ in range(LEVELS):
            up = node.parent
            if up is None or not up.tag or up.first < first or up.last > last:
                break
            node = up
        found.append(node)
        i = max(i + 1, min(node.last, last) if node.first >= first and node.last <= last else i + 1)
    return list(dict.fromkeys(found))


def _path(node: Node) -> str:
    steps: list[str] = []
    here: Node | None = node
    while here is not None and here.tag and len(steps) < LEVELS:
        alone = here.tag in ("html", "body", "main")
        steps.append(here.tag if alone else f"{here.tag}:nth-of-type({here.place})")
        here = here.parent
    return " > ".join(reversed(steps))
