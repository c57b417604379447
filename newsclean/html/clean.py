"""A page in, the article out, and an account of all that was on the page.

    clean_html(html, cleaner) -> CleanedPage(text, report, facts, ...)
    extract(html) -> Extracted, the text of a page; clean_extracted(extracted, cleaner) does the rest

The report speaks of the extracted text: all blocks of the page in reading order. What is not the article is cut from it as
`html/outside-body` (and headline, standfirst, byline and captions, where the policy does not keep them), then the packs' rules
read what is left, and both are one report, with which newsclean.report.restore gives the extracted text back.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from newsclean.document import Document
from newsclean.engine import Cleaner, held
from newsclean.holes import Holes
from newsclean.html.body import Judgement, against, judge
from newsclean.html.chosen import Choice, chosen, selectors_for
from newsclean.html.meta import Facts, facts_of
from newsclean.html.mime import saved_page
from newsclean.html.page import Block, Page
from newsclean.html.paths import paths_of
from newsclean.html.roles import RULES, roles_of
from newsclean.html.sight import Sight
from newsclean.html.soup import soup_of
from newsclean.html.walk import walk_html, walk_soup
from newsclean.policy import Policy
from newsclean.report import Cleaned, Removal, Report, Spared, Timestamp, cut

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

Record = TypeVar("Record", Spared, Timestamp)
_TIGHT = frozenset({"li", "tr", "td", "th", "dt", "dd"})  # rows that stand close


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a page with the place of each block, in code points, half-open. `html`, `charset`: what it was made of."""

    page: Page
    facts: Facts
    text: str
    spans: tuple[tuple[int, int], ...]
    html: bytes | str | BeautifulSoup = field(repr=False)
    charset: str | None = None

    def soup(self) -> BeautifulSoup:
        """The page as BeautifulSoup: the one it was made of, or a new one."""
        return soup_of(self.html, self.charset) if isinstance(self.html, bytes | str) else self.html


@dataclass(frozen=True)
class CleanedPage(Cleaned):
    """The article of a page. `report.original` is the extracted text. `kept`: numbers of the blocks of which something stands."""

    facts: Facts
    extracted: Extracted = field(repr=False)

    @cached_property
    def kept(self) -> tuple[int, ...]:
        return tuple(i for i, span in enumerate(self.extracted.spans) if not _covered(span, self.report.removals))


def extract(html: bytes | str | BeautifulSoup, charset: str | None = None) -> Extracted:
    """All that can be read on a page, or on one saved as MHTML. `charset`: what its server or the user says. Never raises."""
    saved = saved_page(html) if isinstance(html, bytes) else None
    if saved:
        html, charset = saved.html, charset or saved.charset
    with held():
        page = walk_html(html, charset) if isinstance(html, bytes | str) else walk_soup(html)
        text, spans = _joined(page.blocks)
        facts = facts_of(page)
        if saved and not facts.url:
            facts = replace(facts, url=saved.url)
        return Extracted(page, facts, text, spans, html, charset)


def clean_html(
    html: bytes | str | BeautifulSoup, cleaner: Cleaner | None = None, title: str | None = None, site: str | None = None,
    url: str | None = None, source: str | None = None, charset: str | None = None,
) -> CleanedPage:  # fmt: skip
    """Find the article in a page and clean it. `title`, `site`, `url`, `charset`: what is known from elsewhere; `source`: for
    the report. Never raises."""
    return clean_extracted(extract(html, charset), cleaner, title, site, url, source)


def clean_extracted(
    found: Extracted, cleaner: Cleaner | None = None, title: str | None = None, site: str | None = None, url: str | None = None,
    source: str | None = None,
) -> CleanedPage:  # fmt: skip
    """`clean_html`, of a page that was extracted before."""
    cleaner = cleaner or Cleaner()
    said = found.facts
    titles = (title, *said.titles) if title else said.titles
    facts = replace(said, title=title or said.title, titles=titles, site=site or said.site, url=url or said.url)
    choice = _choice(found, cleaner, facts)
    with held():
        sight = Sight(found.page, facts)
        judged = judge(sight)
        outside = _outside(found, judged, choice, _rules(sight, judged, choice, cleaner.policy))
    if choice.keep:
        kept = tuple(found.page.blocks[i].text for i in choice.keep)
        cleaner = cleaner.under(replace(cleaner.policy, keep_phrases=(*cleaner.policy.keep_phrases, *kept)))
    body = Holes((r.start, r.end) for r in outside)
    cleaned = cleaner.clean(cut(found.text, outside), facts.title, facts.site, facts.url, source)
    flags = {*cleaned.report.flags, *(() if judged.sure or choice.body else ("no-article",))}
    flags |= {"paywalled"} if facts.free is False else set()
    report = replace(_joint(found, outside, cleaned.report, body), flags=tuple(sorted(flags)), page=_page(facts))
    return CleanedPage(cleaned.text, report, facts, found)


def _choice(found: Extracted, cleaner: Cleaner, facts: Facts) -> Choice:
    """What the packs choose on pages of this site. Most sites have no selectors, and no soup is made for them."""
    packs = [pack for pack in cleaner.packs if pack.selectors and cleaner.policy.uses(pack)]
    selectors = selectors_for(packs, Document("", None, facts.site, facts.url).site_keys) if packs else []
    choice, count = chosen(found.soup(), selectors) if selectors else (Choice(), len(found.spans))
    return choice if count == len(found.spans) else Choice()


def _page(facts: Facts) -> dict[str, object]:
    """The facts for the report."""
    known = {name: getattr(facts, name) for name in _REPORTED}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}


_REPORTED = ("title", "description", "url", "site", "published", "modified", "authors", "free")


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


def _outside(found: Extracted, judged: Judgement, choice: Choice, rules: list[str | None]) -> list[Removal]:
    """A removal for each stretch of neighbouring blocks that one rule takes; with the white space behind it, or before it where
    nothing is left below. None is the rule of what stays."""
    removals: list[Removal] = []
    spans, text, i = found.spans, found.text, 0
    tail = next((n + 1 for n in reversed(range(len(rules))) if rules[n] is None), 0)
    while i < len(rules):
        name, first = rules[i], i
        while i < len(rules) and rules[i] == name:
            i += 1
        if name is None:
            continue
        start, end = spans[first][0], spans[i][0] if i < len(spans) else len(text)
        if first >= tail > 0:
            start, end = spans[first - 1][1], spans[i - 1][1]
        rule, why = RULES[name], _why(name, first, judged, choice)
        removals.append(Removal(start, end, text[start:end], rule.id, rule.label, why, 1, len(removals) + 1))
    return removals


def _why(name: str, block: int, judged: Judgement, choice: Choice) -> str:
    if name == "dropped":
        return f"the site's pack drops '{choice.drop[block]}'"
    if name == "outside-body":
        wanted = dict.fromkeys(choice.body.values())
        return f"outside of {' and '.join(wanted)}" if wanted else f"not of the article: {against(judged, block)}"
    return f"it is the {name}"


def _rules(sight: Sight, judged: Judgement, choice: Choice, policy: Policy) -> list[str | None]:
    """The rule that takes each block, None for those that stay: the article, and what the policy keeps of what belongs to it.
    Where no article is found nothing is outside of it."""
    numbers = range(len(judged.points))
    inside = choice.body or {i for i in numbers if judged.points[i] > 0} or set(numbers)
    found: dict[int, str] = {i: "outside-body" for i in numbers if i not in inside}
    found |= roles_of(sight, judged)
    found |= dict.fromkeys(choice.drop, "dropped")
    acting = {name for name, rule in RULES.items() if policy.verdict(rule) is None}
    return [name if (name := found.get(i)) in acting and i not in choice.keep else None for i in numbers]


def _joint(found: Extracted, outside: list[Removal], report: Report, body: Holes) -> Report:
    """The report on the left text as one on the extracted text, together with what was cut before."""
    text, count = found.text, len(outside)
    moved = [
        replace(r, start=a, end=b, text=text[a:b], round=r.round + 1, match=r.match + count)
        for r in report.removals
        for a, b in body.pieces(r.start, r.end)
    ]
    removals = sorted([*outside, *moved], key=lambda r: r.start)
    paths = paths_of(found.page, found.spans, [(r.start, r.end) for r in removals])
    return replace(
        report,
        original=text,
        removals=tuple(replace(r, paths=p) for r, p in zip(removals, paths, strict=True)),
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
