"""What newsclean adds after an extractor, on pages whose article is known.

    python benchmarks/lift.py                        # ../shared/corpus/pages.jsonl, every installed extractor
    python benchmarks/lift.py --data my.jsonl        # rows: id, set, url, html (a gzip file beside it), title, gold (lines)
    python benchmarks/lift.py --sets sh,fd --limit 20
    python benchmarks/lift.py --losses 20            # the pages whose F1 fell most, and what which rule cut there
    python benchmarks/lift.py --json lift.jsonl      # append the results as one line

Every page is extracted once, and scored before and after cleaning. Scores are means over pages, on multisets of 4-word
shingles; texts in Chinese or Japanese have 4-character shingles. A page with no text has precision 0. `exact` is the share
of pages whose text is the gold text but for white space. The interval is a paired bootstrap over pages: 1,000 resamples,
seeded. newspaper4k's texts differ a little from run to run, and so do its figures. The held-out sites of quality.py count
in the tables, and are left out of what --losses shows.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any
from urllib.parse import urlsplit

from quality import held_out

from newsclean import Cleaned, Cleaner, Policy, Removal

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "corpus" / "pages.jsonl"
SHINGLE = 4
RESAMPLES, SEED = 1000, 1
GOLD_SHARE = 0.5  # a removal with so much gold in it cut the article

# What the gold texts of a set hold decides what cleaning may cut: the body in sh, with standfirst and subheads in fd;
# headline and body in wx.
PROFILES = {"sh": "body", "fd": "body", "wx": "news"}
ANY_SET = "body"

Page = dict[str, Any]
Extract = Callable[[str, str | None], str]
Shingles = Counter[tuple[str, ...]]


# --- extractors ---------------------------------------------------------------------------------------


def with_trafilatura(html: str, url: str | None) -> str:
    """As it comes, but for readers' comments, which are no part of an article."""
    import trafilatura

    return str(trafilatura.extract(html, url=url, include_comments=False) or "")


def with_newspaper(html: str, url: str | None) -> str:
    from newspaper import Article

    article = Article(url or "http://localhost/", fetch_images=False)
    article.download(input_html=html)
    article.parse()
    return str(article.text)


def with_readability(html: str, _: str | None) -> str:
    from readability import Document

    return html_lines(str(Document(html).summary()))


BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "td", "th", "tr", "ul",
}  # fmt: skip


def html_lines(html: str) -> str:
    """The text of a piece of HTML, a line for each of its blocks."""
    from lxml.html import fromstring

    root = fromstring(html)
    for element in root.iter():
        element.text, element.tail = single_spaced(element.text), single_spaced(element.tail)
        if element.tag in BLOCKS:
            element.text, element.tail = f"\n{element.text}", f"\n{element.tail}"
    lines = (" ".join(line.split()) for line in str(root.text_content()).split("\n"))
    return "\n".join(filter(None, lines))


def single_spaced(text: str | None) -> str:
    """With one space for every stretch of white space, also at the edges."""
    return re.sub(r"\s+", " ", text or "")


EXTRACTORS: dict[str, Extract] = {
    "trafilatura": with_trafilatura,
    "newspaper4k": with_newspaper,
    "readability-lxml": with_readability,
}


def installed() -> dict[str, str]:
    """Extractors that are here, with their versions."""
    found = {}
    for name in EXTRACTORS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def extracted(job: tuple[str, Path, str | None]) -> str | None:
    """The text of the page, None where the extractor raised an error. Runs in a process of its own."""
    name, path, url = job
    with gzip.open(path, "rt", encoding="utf-8") as file:
        html = file.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return EXTRACTORS[name](html, url)
    except Exception:  # noqa: BLE001 - extractors raise many things on odd pages, and each such page is counted
        return None


# --- scores -------------------------------------------------------------------------------------------

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
CJK_SHARE = 0.2


def tokens(text: str, by_character: bool) -> list[str]:
    return re.findall(r"\w" if by_character else r"\w+", text)


def shingles(words: list[str], size: int = SHINGLE) -> Shingles:
    """All runs of `size` words with their counts; of a shorter text, the text."""
    size = min(size, len(words))
    return Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1)) if words else Counter()


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float
    f1: float
    exact: bool


def score(text: str, gold: str) -> Score:
    by_character = is_cjk(gold)
    got, wanted = shingles(tokens(text, by_character)), shingles(tokens(gold, by_character))
    shared = (got & wanted).total()
    precision, recall = shared / max(1, got.total()), shared / max(1, wanted.total())
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    return Score(precision, recall, f1, text.split() == gold.split())


def is_cjk(text: str) -> bool:
    return len(CJK.findall(text)) > CJK_SHARE * len(text)


def interval(differences: list[float]) -> tuple[float, float]:
    """Where the mean lies in 95 of 100 resamples."""
    if not differences:
        return 0.0, 0.0
    chance = random.Random(SEED)
    means = sorted(fmean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    return means[RESAMPLES * 25 // 1000], means[RESAMPLES * 975 // 1000 - 1]


# --- pages before and after ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One page: its scores before and after, and what was cut."""

    page: Page
    cleaned: Cleaned
    before: Score
    after: Score

    @property
    def lift(self) -> float:
        return self.after.f1 - self.before.f1


@dataclass
class Result:
    """One extractor on one set. `failed`: pages on which it raised an error; they are left out."""

    set: str
    extractor: str
    version: str
    failed: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        low, high = interval([o.lift for o in self.outcomes])
        return {
            "set": self.set,
            "extractor": self.extractor,
            "version": self.version,
            "profile": profile_of(self.set),
            "pages": len(self.outcomes),
            "failed": self.failed,
            "before": means(o.before for o in self.outcomes),
            "after": means(o.after for o in self.outcomes),
            "lift": mean([o.lift for o in self.outcomes]),
            "interval": [round(low, 4), round(high, 4)],
            "better": sum(o.lift > 0 for o in self.outcomes),
            "worse": sum(o.lift < 0 for o in self.outcomes),
            "chars": sum(len(o.cleaned.report.original) for o in self.outcomes),
            "cut": sum(len(o.cleaned.report.original) - len(o.cleaned.text) for o in self.outcomes),
            "brake": sum("brake" in o.cleaned.report.flags for o in self.outcomes),
        }


def means(scores: Iterable[Score]) -> dict[str, float]:
    rows = list(scores)
    return {name: mean([getattr(row, name) for row in rows]) for name in ("precision", "recall", "f1", "exact")}


def mean(figures: list[float]) -> float:
    return round(fmean(figures), 4) if figures else 0.0


def profile_of(name: str) -> str:
    return PROFILES.get(name, ANY_SET)


def site_of(page: Page) -> str:
    """As quality.py names it: the host, or the paper in an id such as fd/at/DiePresse_2025_06_05."""
    host = urlsplit(page.get("url") or "").hostname
    return host or str(page["id"]).rsplit("/", 1)[-1].split("_")[0]


def gold_of(page: Page) -> str:
    return "\n".join(page["gold"])


def results(pages: list[Page], folder: Path, jobs: int) -> Iterator[Result]:
    """Set by set and extractor by extractor, as they are done."""
    sets: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        sets[page["set"]].append(page)
    with ProcessPoolExecutor(jobs) as pool:
        for name, members in sets.items():
            cleaner = Cleaner(Policy(profile=profile_of(name)))
            for extractor, its_version in installed().items():
                work = [(extractor, folder / page["html"], page.get("url")) for page in members]
                texts = list(pool.map(extracted, work, chunksize=4))
                pairs = [(page, text) for page, text in zip(members, texts, strict=True) if text is not None]
                outcomes = [outcome(page, text, cleaner) for page, text in pairs]
                yield Result(name, extractor, its_version, texts.count(None), outcomes)


def outcome(page: Page, text: str, cleaner: Cleaner) -> Outcome:
    cleaned = cleaner.clean(text, title=page.get("title") or None, url=page.get("url"))
    gold = gold_of(page)
    return Outcome(page, cleaned, score(text, gold), score(cleaned.text, gold))


# --- tables -------------------------------------------------------------------------------------------


def show(result: Result) -> None:
    row = result.to_dict()
    print(f"  {row['extractor']} {row['version']}{', failed on ' + str(row['failed']) if row['failed'] else ''}")
    for when in ("before", "after"):
        figures = row[when]
        print(
            f"    {when:7s} precision {figures['precision']:.4f}  recall {figures['recall']:.4f}  F1 {figures['f1']:.4f}"
            f"  exact {figures['exact']:.3f}"
        )
    low, high = row["interval"]
    print(
        f"    lift    F1 {row['lift']:+.4f} [{low:+.4f}, {high:+.4f}]  better {row['better']}  worse {row['worse']}"
        f"  cut {row['cut']} of {row['chars']} characters ({100 * row['cut'] / max(1, row['chars']):.2f} %)  brake {row['brake']}"
    )


def missed(removal: Removal, gold: str, text: str) -> float:
    """The share of the removal's words that the gold text has, and the clean text has no more."""
    by_character = is_cjk(gold)
    words = tokens(removal.text, by_character)
    size = min(SHINGLE, len(words))
    lacking = shingles(tokens(gold, by_character), size) - shingles(tokens(text, by_character), size)
    cut = shingles(words, size)
    return (cut & lacking).total() / max(1, cut.total())


def show_losses(found: list[Result], count: int) -> None:
    """Pages whose F1 fell, most first, with what was cut there; then the rules that cut gold text."""
    seen = [(result, o) for result in found for o in result.outcomes if not held_out(site_of(o.page))]
    worst = sorted(((o.lift, result, o) for result, o in seen if o.lift < 0), key=lambda row: row[0])
    for lift, result, o in worst[:count]:
        print(f"\nLOSS {o.page['id']} {result.extractor}  F1 {o.before.f1:.4f} to {o.after.f1:.4f} ({lift:+.4f})")
        for share, removal in blamed(o):
            print(f"  {share:4.0%} gold  {removal.rule}  {' '.join(removal.text.split())[:140]!r}")
    show_rules([o for _, o in seen])


def show_rules(outcomes: list[Outcome]) -> None:
    """The rules that cut gold text, that is, stretches of which half or more is gold."""
    print("\nRules that cut gold text: characters, of all that the rule cut; stretches; pages")
    gold, every, times = Counter[str](), Counter[str](), Counter[str]()
    pages: dict[str, set[str]] = defaultdict(set)
    for o in outcomes:
        for share, removal in blamed(o):
            every[removal.rule] += len(removal.text)
            if share >= GOLD_SHARE:
                gold[removal.rule] += len(removal.text)
                times[removal.rule] += 1
                pages[removal.rule].add(o.page["id"])
    for rule, chars in gold.most_common():
        print(f"  {rule:44s} {chars:6d} of {every[rule]:6d}  {times[rule]:4d}  {len(pages[rule]):4d}")


def blamed(o: Outcome) -> list[tuple[float, Removal]]:
    """What was cut from a page, each with the share of it that is gold, most first."""
    gold = gold_of(o.page)
    shares = [(missed(removal, gold, o.cleaned.text), removal) for removal in o.cleaned.report.removals]
    return sorted(shares, key=lambda pair: (-pair[0] * len(pair[1].text), pair[1].start))


def read_pages(data: Path, sets: set[str], limit: int) -> list[Page]:
    """The pages of the sets named (of all, if none is), the first `limit` of each (0: all)."""
    seen: Counter[str] = Counter()
    pages = []
    with data.open(encoding="utf-8") as rows:
        for page in map(json.loads, rows):
            seen[page["set"]] += 1
            if (not sets or page["set"] in sets) and (not limit or seen[page["set"]] <= limit):
                pages.append(page)
    return pages


def append_line(path: Path, found: list[Result]) -> None:
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "newsclean": version("newsclean"),
        "resamples": RESAMPLES,
        "seed": SEED,
        "results": [result.to_dict() for result in found],
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", default="", metavar="A,B", help="only these sets, such as sh,fd")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="only the first N pages of each set")
    parser.add_argument(
        "--losses", type=int, default=0, metavar="N", help="show the N pages (none held out) that lost most, and why"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="append the results to FILE as one line of JSON")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes that extract (default: 2)")
    options = parser.parse_args()
    if not options.data.exists():
        print(f"{options.data}: no pages here; nothing measured")
        return 0
    if not installed():
        print("no extractor is installed; nothing measured: pip install 'newsclean[bench]'")
        return 0
    pages = read_pages(options.data, set(filter(None, options.sets.split(","))), options.limit)
    found: list[Result] = []
    for result in results(pages, options.data.parent, options.jobs):
        if not found or found[-1].set != result.set:
            print(f"\n{result.set}: {len(result.outcomes) + result.failed} pages, profile {profile_of(result.set)}")
        show(result)
        found.append(result)
    if options.losses:
        show_losses(found, options.losses)
    if options.json:
        append_line(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
