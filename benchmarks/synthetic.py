"""A collection whose furniture is known: sites with templates, and all that comes back on articles and is none.

    Collection(seed, sites, articles).write(path) -> JSON lines; .truth then knows what every line of every site is

Words are invented. Each site draws its own: how its template looks, which lines stand on all articles and which on a section's,
what it repeats within articles. Lines are of a kind:

    template   the site's own: head, menu, share bar, blurbs, markers between paragraphs, footer; some with numbers
    teaser     headlines of other articles of the site, below a heading
    neutral    bylines and dates: furniture to some, and kept by profile news
    text       everything else, of which series, columns, interviews, recipes, wire copy, live blogs and running stories come back
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TEMPLATE, TEASER, NEUTRAL, TEXT = "template", "teaser", "neutral", "text"
SECTIONS = (0.3, 0.22, 0.17, 0.13, 0.1, 0.08)  # shares of a site's articles
LineOf = tuple[str, str]  # the line and its kind


class Words:
    """Invented words, sentences and names."""

    def __init__(self, random_: random.Random) -> None:
        self.random = random_
        parts = [c + v for c in (*"bdfgklmnprstvz", "br", "st", "pl") for v in "aeiou"]
        self.all = sorted({"".join(random_.choice(parts) for _ in range(random_.randint(1, 4))) for _ in range(9000)})
        random_.shuffle(self.all)
        self.names = sorted({"".join(random_.choice(parts) for _ in range(random_.randint(2, 3))).title() for _ in range(900)})

    def word(self) -> str:
        """Some words are frequent, as in a language."""
        return self.all[min(int((self.random.paretovariate(0.5) - 1) * 40), len(self.all) - 1)]

    def words(self, least: int, most: int) -> str:
        return " ".join(self.word() for _ in range(self.random.randint(least, most)))

    def line(self, least: int, most: int) -> str:
        return self.words(least, most).capitalize()

    def sentence(self, least: int = 12, most: int = 28, end: str = ".") -> str:
        words = self.words(least, most).split()
        for i in range(1, len(words) - 1):
            if self.random.random() < 0.04:
                words[i : i + 1] = self.name().split()
            elif self.random.random() < 0.03:
                words[i] = str(self.random.randint(2, 2000))
        return " ".join(words)[:1].upper() + " ".join(words)[1:] + end

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self.random.randint(1, 3)))

    def name(self) -> str:
        return f"{self.random.choice(self.names)} {self.random.choice(self.names)}"

    def headline(self) -> str:
        words = self.words(5, 10)
        return words[:1].upper() + words[1:]


@dataclass
class Site:
    """A site's template, and what its articles are made of."""

    host: str
    words: Words
    number: int
    head: list[str] = field(default_factory=list)
    tail: list[tuple[str, float]] = field(default_factory=list)  # lines and the share of articles that have them
    by: str = ""
    dated: str = ""
    comments: str = ""
    related: str = ""
    markers: list[str] = field(default_factory=list)
    middle: str = ""
    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    section_first: bool = False
    headlines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        draw, words = self.words.random, self.words
        self.head = [words.line(2, 3), *(words.line(1, 2) for _ in range(draw.choice((0, 0, 3, 6))))]
        self.by, self.dated = words.line(1, 1), words.line(1, 1)
        self.comments, self.related = words.words(1, 2), words.line(2, 3)
        self.markers = [words.line(1, 2)] if draw.random() < 0.6 else []
        self.middle = words.line(4, 8) if draw.random() < 0.4 else ""
        blurb = (words.sentence(12, 25), draw.choice((0.5, 0.9, 1.0, 1.0)))
        bar = [(words.line(1, 2), 1.0) for _ in range(draw.choice((3, 4, 5)))]
        footer = [(words.line(4, 9), 1.0), (f"{words.sentence(6, 14)}", 1.0)]
        self.tail = [blurb, *bar, *footer] if draw.random() < 0.5 else [*bar, blurb, *footer]
        self.sections = [(words.line(1, 2), [words.line(3, 6), words.line(1, 3)]) for _ in SECTIONS]
        self.section_first = draw.random() < 0.3


class Collection:
    """Sites with articles. `truth`: by site and line, how many documents (crawled twice counts once) have it as which kind."""

    def __init__(self, seed: int = 1, sites: int = 200, articles: int = 500) -> None:
        self.random = random.Random(seed)
        self.words = Words(self.random)
        self.articles = articles
        hosts = sorted({f"{self.random.choice(self.words.all)}-{i}.example" for i in range(sites)})
        self.sites = [Site(host, self.words, i) for i, host in enumerate(hosts)]
        self.wire = [
            [self.words.headline(), *(self.words.paragraph() for _ in range(self.random.randint(4, 9)))] for _ in range(400)
        ]
        self.agency = [self.words.sentence(7, 11), self.words.sentence(12, 18)]
        self.truth: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        self.documents = 0

    def write(self, path: Path) -> None:
        """All documents as JSON lines, shuffled as a crawl is."""
        with open(path, "w", encoding="utf-8") as file:
            records = [record for site in self.sites for record in self._site(site)]
            self.random.shuffle(records)
            for record in records:
                file.write(json.dumps(record) + "\n")
        self.documents = len(records)

    # --- a site ---

    def _site(self, site: Site) -> Iterator[dict[str, Any]]:
        for number, body in enumerate(self._bodies(site), 1):
            headline = body[0][0]
            lines = self._dressed(site, body)
            site.headlines.append(headline)
            self._count(site, lines)
            url = f"https://www.{site.host}/{number}"
            yield self._record(url, headline, lines)
            if self.random.random() < 0.05:  # crawled twice: at another address, or changed since
                again = self._changed(lines)
                self._count(site, again, copy=True)
                yield self._record(url if self.random.random() < 0.5 else f"{url}?again=1", headline, again)

    @staticmethod
    def _record(url: str, headline: str, lines: list[LineOf]) -> dict[str, Any]:
        return {
            "url": url,
            "title": headline,
            "text": "\n\n".join(line for line, _ in lines),
            "kinds": [kind for _, kind in lines],
        }

    def _count(self, site: Site, lines: list[LineOf], copy: bool = False) -> None:
        """A copy makes text of its lines where they are text; it is no document more."""
        for line, kind in dict.fromkeys(lines):
            self.truth[site.host][line][kind] += 0 if copy else 1

    def _changed(self, lines: list[LineOf]) -> list[LineOf]:
        """Some paragraphs fewer, one more."""
        changed = [pair for pair in lines if pair[1] != TEXT or self.random.random() > 0.1]
        at = self.random.randint(len(changed) // 2, len(changed))
        return [*changed[:at], (self.words.paragraph(), TEXT), *changed[at:]] if self.random.random() < 0.5 else changed

    def _bodies(self, site: Site) -> Iterator[list[LineOf]]:
        """The articles themselves: headline and text, of many sorts."""
        draw, sorts, made = self.random, self._sorts(site), 0
        while made < self.articles:
            sort = draw.choices([one for one, _ in sorts], [share for _, share in sorts])[0]
            for body in sort():
                made += 1
                yield [(line, TEXT) for line in body]

    def _sorts(self, site: Site) -> list[tuple[Any, float]]:
        """What a site publishes, and how often. What comes back within a sort is drawn once."""
        draw, words = self.random, self.words
        series = [(words.line(2, 5), words.sentence(14, 30)) for _ in range(3)]
        columns = [(words.line(2, 3), words.sentence(12, 28)) for _ in range(2)]
        questions = [words.sentence(4, 12, "?") for _ in range(7)]
        heads = [words.line(1, 1), words.line(2, 3), words.line(1, 2)]
        stuff = [words.line(2, 4) for _ in range(30)]
        story = [words.paragraph() for _ in range(4)]
        report = words.sentence(14, 20, "")
        cook = 0.6 if site.number % 40 == 7 else 0.05  # some sites have little else

        def plain() -> Iterator[list[str]]:
            yield [words.headline(), *(words.paragraph() for _ in range(draw.randint(3, 14)))]

        def brief() -> Iterator[list[str]]:
            yield [words.headline(), words.paragraph()]

        def running() -> Iterator[list[str]]:  # background that comes back while a story runs
            own = [words.paragraph() for _ in range(draw.randint(4, 8))]
            yield [words.headline(), *own[:2], draw.choice(story), *own[2:]]

        def wired() -> Iterator[list[str]]:
            headline, *body = draw.choice(self.wire)
            cut = body[: draw.randint(3, len(body))]
            yield [headline if draw.random() < 0.7 else words.headline(), *cut, *(self.agency if draw.random() < 0.8 else [])]

        def part() -> Iterator[list[str]]:
            name, intro = draw.choice(series)
            yield [
                words.headline(),
                f"{name}: {draw.randint(1, 9)}",
                intro,
                *(words.paragraph() for _ in range(draw.randint(4, 9))),
            ]

        def column() -> Iterator[list[str]]:
            name, disclaimer = draw.choice(columns)
            yield [name, words.headline(), *(words.paragraph() for _ in range(draw.randint(4, 9))), disclaimer]

        def interview() -> Iterator[list[str]]:
            asked = [line for question in questions for line in (question, words.paragraph())]
            yield [words.headline(), words.paragraph(), *asked]

        def recipe() -> Iterator[list[str]]:
            took = draw.sample(stuff, 6)
            steps = [words.paragraph() for _ in range(4)]
            yield [words.headline(), words.paragraph(), heads[0], *took, heads[1], *steps, heads[2], words.paragraph()]

        def market() -> Iterator[list[str]]:
            told = f"{report} {draw.randint(1, 99)} {words.word()} {draw.randint(1, 99)}."
            yield [words.headline(), told, *(words.paragraph() for _ in range(2)), f"{heads[1]}: {draw.randint(100, 9999)}"]

        def live() -> Iterator[list[str]]:  # one that grows, crawled again and again
            headline, welcome = words.headline(), words.sentence(10, 20)
            entries = [(f"{draw.randint(6, 22)}:{draw.randint(10, 59)}", words.paragraph()) for _ in range(draw.randint(14, 30))]
            for many in range(4, len(entries), draw.randint(3, 6)):
                shown = [line for entry in entries[:many][::-1] for line in entry]
                yield [headline, welcome, *shown]

        return [
            (plain, 0.5), (brief, 0.05), (running, 0.08), (wired, 0.12), (part, 0.06), (column, 0.08), (interview, 0.04),
            (recipe, cook), (market, 0.03), (live, 0.004),
        ]  # fmt: skip

    # --- an article's page ---

    def _dressed(self, site: Site, body: list[LineOf]) -> list[LineOf]:
        """The article with the site's furniture around and between."""
        draw, words = self.random, self.words
        section, promo = draw.choices(site.sections, SECTIONS)[0]
        head = [(line, TEMPLATE) for line in [*site.head, section]]
        stamp = f"{site.dated} {draw.randint(1, 28)} {draw.choice(words.all[:12])} {draw.randint(2015, 2026)}"
        under = [(f"{site.by} {words.name()}", NEUTRAL), (stamp, NEUTRAL)]
        tail = [(line, TEMPLATE) for line, share in site.tail if draw.random() < share]
        special = [(line, TEMPLATE) for line in promo]
        comments = [(f"{draw.randint(0, 400)} {site.comments}", TEMPLATE)]
        teasers = [(line, TEASER) for line in draw.sample(site.headlines[-15:], min(4, len(site.headlines)))]
        teasers = [(site.related, TEMPLATE), *teasers] if teasers else []
        at = draw.randint(1, len(tail))
        below = [*special, *tail, *comments] if site.section_first else [*tail[:at], *special, *tail[at:], *comments]
        return [*head, body[0], *under, *self._marked(site, body[1:]), *below[:-3], *teasers, *below[-3:]]

    def _marked(self, site: Site, body: list[LineOf]) -> list[LineOf]:
        draw, marked = self.random, list(body)
        for _ in range(draw.randint(1, 3) if site.markers else 0):
            marked.insert(draw.randint(1, max(1, len(marked) - 1)), (site.markers[0], TEMPLATE))
        if site.middle and len(body) > 3 and draw.random() < 0.8:
            marked.insert(draw.randint(2, 3), (site.middle, TEMPLATE))
        return marked
