"""A page in, the article out, and an account of all that was on the page.

    clean_html(html, cleaner) -> CleanedPage(text, report, facts, ...)

The report speaks of the extracted text: all blocks of the page in reading order. What is not the article is cut from it as
`html/outside-body` (and headline, standfirst, byline and captions, where the policy does not keep them), then the packs' rules
read what is left, and both are one report, with which newsclean.report.restore gives the extracted text back.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from newsclean.engine import Cleaner
from newsclean.holes import Holes
from newsclean.html.body import Judgement, against, judge
from newsclean.html.evidence import Sight
from newsclean.html.meta import Facts, facts_of
from newsclean.html.paths import paths_of
from newsclean.html.roles import RULES, roles_of
from newsclean.html.soup import TooDeepError, held, soup_of, tree_of
from newsclean.html.walk import Block, Page, walk_soup, walk_tree
from newsclean.policy import Policy
from newsclean.report import Removal, Report, Spared, Timestamp, cut

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

Record = TypeVar("Record", Spared, Timestamp)
_TIGHT = frozenset({"li", "tr", "td", "th", "dt", "dd"})  # rows that stand close


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a page with the place of each block, in code points, half-open."""

    page: Page
    facts: Facts
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class CleanedPage:
    """The article of a page. `report.original` is the extracted text. `kept`: numbers of the blocks of which something stands."""

    text: str
    report: Report
    facts: Facts
    extracted: Extracted = field(repr=False)

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """For each removal of the report the CSS paths of the elements that it took text from, largest ones."""
        return paths_of(self.extracted.page, self.extracted.spans, [(r.start, r.end) for r in self.report.removals])

    @cached_property
    def kept(self) -> tuple[int, ...]:
        return tuple(i for i, span in enumerate(self.extracted.spans) if not _covered(span, self.report.removals))


def extract(html: bytes | str | BeautifulSoup, charset: str | None = None) -> Extracted:
    """All that can be read on a page. Never raises."""
    with held():
        page = _walked(html, charset) if isinstance(html, bytes | str) else walk_soup(html)
        text, spans = _joined(page.blocks)
        return Extracted(page, facts_of(page), text, spans)


def _walked(html: bytes | str, charset: str | None) -> Page:
    try:
        return walk_tree(tree_of(html, charset))
    except TooDeepError:
        return walk_soup(soup_of(html, charset))


def clean_html(
    html: bytes | str | BeautifulSoup, cleaner: Cleaner | None = None, url: str | None = None, charset: str | None = None,
    source: str | None = None,
) -> CleanedPage:  # fmt: skip
    """Find the article in a page and clean it. `url`, `charset`: what is known from elsewhere. Never raises."""
    found = extract(html, charset)
    cleaner = cleaner or Cleaner()
    with held():
        sight = Sight(found.page, found.facts)
        judged = judge(sight)
        outside = _outside(found, judged, _labels(sight, judged, cleaner.policy))
    return _cleaned(found, outside, judged.sure, cleaner, url, source)


def _cleaned(
    found: Extracted, outside: list[Removal], sure: bool, cleaner: Cleaner, url: str | None, source: str | None
) -> CleanedPage:  # fmt: skip
    facts = found.facts
    body = Holes((r.start, r.end) for r in outside)
    left = cut(found.text, outside)
    cleaned = cleaner.clean(left, title=facts.title, site=facts.site, url=url or facts.url, source=source)
    report = _joint(found.text, outside, cleaned.report, body)
    if not sure:
        report = replace(report, flags=tuple(sorted({*report.flags, "no-article"})))
    return CleanedPage(cleaned.text, report, facts, found)


def _joined(blocks: list[Block]) -> tuple[str, tuple[tuple[int, int], ...]]:
    pieces: list[str] = []
    spans, at = [], 0
    for i, block in enumerate(blocks):
        if i:
            here, before = block.node, blocks[i - 1].node
            close = block.broken or (here.tag in _TIGHT and before.tag == here.tag and before.parent is here.parent)
            pieces.append("\n" if close else "\n\n")
            at += len(pieces[-1])
        pieces.append(block.text)
        spans.append((at, at + len(block.text)))
        at += len(block.text)
    return "".join([*pieces, "\n"] if pieces else []), tuple(spans)


def _outside(found: Extracted, judged: Judgement, labels: list[str | None]) -> list[Removal]:
    """A removal for each stretch of neighbouring blocks with the same label; with the white space behind it, or before it at
    the end of the text. None is the label of what stays."""
    removals: list[Removal] = []
    spans, text, i = found.spans, found.text, 0
    while i < len(labels):
        label, first = labels[i], i
        while i < len(labels) and labels[i] == label:
            i += 1
        if label is None:
            continue
        start, end = spans[first][0], spans[i][0] if i < len(spans) else len(text)
        if i == len(spans) and first:
            start, end = max(spans[first - 1][1], removals[-1].end if removals else 0), end - 1
        why = f"not of the article, by {against(judged.entries[first])}" if label == "nav" else f"it is the {RULES[label].id[5:]}"
        removals.append(Removal(start, end, text[start:end], RULES[label].id, label, why, 1, len(removals) + 1))
    return removals


def _labels(sight: Sight, judged: Judgement, policy: Policy) -> list[str | None]:
    """What each block goes as, None for those that stay: the article, and what the policy keeps of what belongs to it."""
    labels: list[str | None] = [None if points > 0 else "nav" for points in judged.points]
    for i, role in roles_of(sight, judged).items():
        labels[i] = None if policy.verdict(RULES[role]) else role
    return labels


def _joint(text: str, outside: list[Removal], report: Report, body: Holes) -> Report:
    """The report on the left text as one on the extracted text, together with what was cut before."""
    count = len(outside)
    moved = [
        replace(r, start=a, end=b, text=text[a:b], round=r.round + 1, match=r.match + count)
        for r in report.removals
        for a, b in body.pieces(r.start, r.end)
    ]
    return replace(
        report,
        original=text,
        removals=tuple(sorted([*outside, *moved], key=lambda r: r.start)),
        spared=tuple(_moved(s, text, body) for s in report.spared),
        timestamps=tuple(_moved(t, text, body) for t in report.timestamps),
        encoding="utf-8",
    )


def _moved(record: Record, text: str, body: Holes) -> Record:
    start, end = body.start(record.start), body.end(record.end)
    return replace(record, start=start, end=end, text=text[start:end])


def _covered(span: tuple[int, int], removals: tuple[Removal, ...]) -> bool:
    at = bisect_right(removals, span[0], key=lambda r: r.start) - 1
    return at >= 0 and removals[at].end >= span[1]
