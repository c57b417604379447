"""From the page itself: how well newsclean finds and cleans the article, beside the extractors people use.

    python benchmarks/pages.py                            # ../shared/corpus/pages.jsonl, every tool installed
    python benchmarks/pages.py --tools newsclean:dek,trafilatura --sets sh --limit 20
    python benchmarks/pages.py --worst 20                 # the pages (none held out) that newsclean does worst on
    python benchmarks/pages.py --speed 60                 # pages per second on 60 pages, all tools in one process
    python benchmarks/pages.py --doors                    # are the blocks of both doors the same on every page?
    python benchmarks/pages.py --check                    # against the floors in benchmarks/pages_floors.json: what CI runs
    python benchmarks/pages.py --pin                      # raise the floors to today's figures; --lower lets them sink
    python benchmarks/pages.py --json pages.json          # append the figures as one line

Measures. sh: mean precision and mean recall of the pages on multisets of 4-word shingles and F1 of the two means, as in
scrapinghub/article-extraction-benchmark; `exact` is the share of pages without a shingle too many or too few. fd: mean of the
pages' F1 on such shingles (of characters, for texts in Chinese or Japanese). wx: mean of the pages' F1 on words, and how
many of a page's snippets that must be there are (`with`), and of those that must not be there are not (`without`). The third
of the sites that quality.py holds out was never looked at: its figures stand apart. The interval is a paired bootstrap
over pages of the difference to trafilatura. Targets and floors are of `newsclean`, which is profile `body`, in sh and wx, and of
`newsclean:dek` in fd. (The name: a file html.py here would hide the module html from all programs in this folder.)
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any

from lift import DATA, EXTRACTORS, Page, gold_of, interval, is_cjk, read_pages, shingles, site_of, tokens
from quality import check_floors, held_out, pin

from newsclean import Cleaner, Policy

FLOORS = Path(__file__).parent / "pages_floors.json"
Figures = dict[str, float]
AGAINST = "trafilatura"
OURS = "newsclean"
STANDFIRST = "newsclean:dek"  # the golds of fd have the standfirst, those of sh do not
EXTRACT_ONLY = "newsclean:no-packs"  # the body alone, before any rule of the packs


# --- tools --------------------------------------------------------------------------------------------


@cache
def cleaner(packs: bool = True, keep: tuple[str, ...] = ()) -> Cleaner:
    return Cleaner(Policy(profile="body", keep=keep), packs=None if packs else ())


def with_newsclean(html: str, url: str | None) -> str:
    from newsclean.html import clean_html

    return clean_html(html, cleaner(), url=url).text


def with_standfirst(html: str, url: str | None) -> str:
    from newsclean.html import clean_html

    return clean_html(html, cleaner(keep=("dek",)), url=url).text


def with_body(html: str, url: str | None) -> str:
    from newsclean.html import clean_html

    return clean_html(html, cleaner(packs=False), url=url).text


def with_soup(html: str, url: str | None) -> str:
    from newsclean.html import clean_html, soup_of

    return clean_html(soup_of(html), cleaner(packs=False), url=url).text


def with_fast_trafilatura(html: str, url: str | None) -> str:
    import trafilatura

    return str(trafilatura.extract(html, url=url, include_comments=False, fast=True) or "")


def with_resiliparse(html: str, _: str | None) -> str:
    from resiliparse.extract.html2text import extract_plain_text  # type: ignore[import-not-found, unused-ignore]

    return str(extract_plain_text(html, main_content=True))


def with_justext(html: str, _: str | None) -> str:
    """With all of its lists of small words, as it comes without a language."""
    import justext

    return "\n".join(p.text for p in justext.justext(html.encode(), justext_words()) if not p.is_boilerplate)


@cache
def justext_words() -> frozenset[str]:
    import justext

    return frozenset().union(*(justext.get_stoplist(language) for language in justext.get_stoplists()))


def with_goose(html: str, url: str | None) -> str:
    from goose3 import Goose

    with Goose({"enable_image_fetching": False}) as goose:
        return str(goose.extract(url=url, raw_html=html).cleaned_text)


def with_boilerpy(html: str, _: str | None) -> str:
    from boilerpy3.extractors import ArticleExtractor

    return str(ArticleExtractor(raise_on_failure=False).get_content(html))


TOOLS: dict[str, Callable[[str, str | None], str]] = {
    OURS: with_newsclean,
    STANDFIRST: with_standfirst,
    EXTRACT_ONLY: with_body,
    **EXTRACTORS,
    "resiliparse": with_resiliparse,
    "justext": with_justext,
    "goose3": with_goose,
    "boilerpy3": with_boilerpy,
}
MEASURED = {"sh": OURS, "fd": STANDFIRST, "wx": OURS}  # what is held against the targets
TIMED = {**TOOLS, "newsclean:no-packs-soup": with_soup, "trafilatura:fast": with_fast_trafilatura}


def installed(name: str) -> bool:
    try:
        return bool(version(name.split(":")[0]))
    except PackageNotFoundError:
        return False


def html_of(page: Page, folder: Path) -> str:
    with gzip.open(folder / page["html"], "rb") as file:
        return str(file.read(), "utf-8", "replace")


def extracted(job: tuple[str, Page, Path]) -> str:
    """The tool's text of a page; none where it raised an error. Runs in a process of its own."""
    name, page, folder = job
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return TOOLS[name](html_of(page, folder), page.get("url"))
    except Exception:  # extractors raise many things on odd pages; such a page has no text
        if name.startswith(OURS):
            raise
        return ""


# --- figures ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One page of a tool: its text, and the figures of `SCORES`."""

    page: Page
    text: str
    figures: Figures


def overlap(text: list[str], gold: list[str], size: int) -> Figures:
    got, wanted = shingles(text, size), shingles(gold, size)
    shared = (got & wanted).total()
    precision, recall = shared / max(1, got.total()), shared / max(1, wanted.total())
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "exact": float(got == wanted)}


def shingle_scores(page: Page, text: str) -> Figures:
    gold = gold_of(page)
    by_character = is_cjk(gold)
    return overlap(tokens(text, by_character), tokens(gold, by_character), 4)


def word_scores(page: Page, text: str) -> Figures:
    figures = overlap(tokens(text.lower(), False), tokens(gold_of(page).lower(), False), 1)
    squeezed = " ".join(text.lower().split())
    found = {way: [" ".join(s.lower().split()) in squeezed for s in page[way]] for way in ("with", "without")}
    if found["with"]:
        figures["with"] = fmean(found["with"])
    if found["without"]:
        figures["without"] = 1 - fmean(found["without"])
    return figures


SCORES: dict[str, Callable[[Page, str], Figures]] = {"sh": shingle_scores, "fd": shingle_scores, "wx": word_scores}
MAIN = {"sh": "F1", "fd": "f1", "wx": "f1"}
SHOWN = {
    "sh": ("F1", "exact", "precision", "recall"),
    "fd": ("f1", "exact", "precision", "recall"),
    "wx": ("f1", "with", "without", "precision", "recall"),
}
TARGETS = {"sh": "F1 >= .980, exact >= .55", "fd": "f1 >= .970", "wx": "f1 >= .955, with and without better than each peer's"}


def means(outcomes: list[Outcome]) -> Figures:
    """Means of the pages' figures; `F1` is that of mean precision and mean recall."""
    rows: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        for name, figure in outcome.figures.items():
            rows[name].append(figure)
    found = {name: fmean(figures) for name, figures in rows.items()}
    both = found.get("precision", 0.0) + found.get("recall", 0.0)
    return {**found, "F1": 2 * found["precision"] * found["recall"] / both if both else 0.0}


def outcomes_of(tool: str, pages: list[Page], folder: Path, pool: ProcessPoolExecutor) -> list[Outcome]:
    texts = pool.map(extracted, [(tool, page, folder) for page in pages], chunksize=4)
    return [Outcome(page, text, SCORES[page["set"]](page, text)) for page, text in zip(pages, texts, strict=True)]


def show(tool: str, name: str, outcomes: list[Outcome], base: list[Outcome]) -> Figures:
    figures = means(outcomes)
    line = "  ".join(f"{key} {figures.get(key, 0.0):.4f}" for key in SHOWN[name])
    if base and base is not outcomes:
        pairs = [a.figures["f1"] - b.figures["f1"] for a, b in zip(outcomes, base, strict=True)]
        low, high = interval(pairs)
        line += f"  f1 against {AGAINST} {fmean(pairs):+.4f} [{low:+.4f}, {high:+.4f}]"
    print(f"    {tool:22s} {line}")
    return {key: round(figure, 4) for key, figure in figures.items()}


def parts() -> Iterator[tuple[str, Callable[[Page], bool]]]:
    yield "all", lambda page: True  # noqa: ARG005
    yield "dev", lambda page: not held_out(site_of(page))
    yield "held out", lambda page: held_out(site_of(page))


def compare(name: str, pages: list[Page], tools: list[str], folder: Path, pool: ProcessPoolExecutor) -> dict[str, list[Outcome]]:
    found = {tool: outcomes_of(tool, pages, folder, pool) for tool in tools}
    print(f"\n{name}, target {TARGETS[name]}")
    for part, belongs in parts():
        members = {tool: [o for o in outcomes if belongs(o.page)] for tool, outcomes in found.items()}
        print(f"  {part}: {len(next(iter(members.values())))} pages")
        for tool, outcomes in members.items():
            if outcomes:
                show(tool, name, outcomes, members.get(AGAINST, []))
    return found


def show_worst(outcomes: list[Outcome], count: int) -> None:
    """The pages on which most is lost, without those held out: precision, recall, and where the text is."""
    seen = sorted((o for o in outcomes if not held_out(site_of(o.page))), key=lambda o: o.figures["f1"])
    for o in seen[:count]:
        f = o.figures
        print(f"WORST {o.page['id']}  F1 {f['f1']:.3f}  precision {f['precision']:.3f}  recall {f['recall']:.3f}")


# --- floors and doors -----------------------------------------------------------------------------------

PINNED = {"sh": ("F1", "exact"), "fd": ("f1",), "wx": ("f1", "with", "without")}


def floor_figures(pages: list[Page], folder: Path, pool: ProcessPoolExecutor) -> dict[str, Figures]:
    """The figures that have floors."""
    found = {}
    for name, tool in MEASURED.items():
        outcomes = outcomes_of(tool, [p for p in pages if p["set"] == name], folder, pool)
        for part, belongs in parts():
            if part != "dev":
                figures = means([o for o in outcomes if belongs(o.page)])
                found[f"{name}, {part}"] = {key: round(figures[key], 4) for key in PINNED[name]}
    return found


def doors_differ(job: tuple[Page, Path]) -> bool:
    """Whether a page has other blocks through BeautifulSoup than straight from the parser. Runs in a process of its own."""
    from newsclean.html import extract, soup_of

    html = html_of(*job)
    fast, front = extract(html), extract(soup_of(html))
    same = all(a[1:] == b[1:] and vars_of(a) == vars_of(b) for a, b in zip(fast.page.blocks, front.page.blocks, strict=False))
    return fast.text != front.text or fast.facts != front.facts or not same


def vars_of(block: Any) -> tuple[Any, ...]:
    node = block.node
    return (node.tag, node.signature, node.flags, node.first, node.last, node.place)


def show_doors(pages: list[Page], folder: Path, pool: ProcessPoolExecutor) -> int:
    differing = [
        p["id"] for p, d in zip(pages, pool.map(doors_differ, [(p, folder) for p in pages], chunksize=8), strict=True) if d
    ]
    print("\n".join([f"the doors differ on {len(differing)} of {len(pages)} pages", *differing]))
    return 1 if differing else 0


# --- speed --------------------------------------------------------------------------------------------


def speeds(pages: list[Page], folder: Path, count: int, tools: list[str]) -> None:
    """Pages per second of processor time, in one process. The tools take turns page by page, so that what else the machine
    does slows all of them; the first page warms up and does not count."""
    chosen = [(html_of(page, folder), page.get("url")) for page in pages[:: max(1, len(pages) // count)][: count + 1]]
    print(f"\nspeed: {count} pages, median {sorted(len(html) for html, _ in chosen)[len(chosen) // 2] // 1000} kB")
    taken = dict.fromkeys(tools, 0.0)
    for number, (html, url) in enumerate(chosen):
        for tool in tools:
            used = seconds(TIMED[tool], html, url)
            taken[tool] += used if number else 0.0
    for tool, used in taken.items():
        against = f"{taken[AGAINST] / used:6.2f} x {AGAINST}" if AGAINST in taken else ""
        print(f"    {tool:28s} {len(chosen) / used:7.1f} pages/s  {against}")


def seconds(run: Callable[[str, str | None], str], html: str, url: str | None) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begin = time.process_time()
        with suppress(Exception):  # as in `extracted`
            run(html, url)
        return time.process_time() - begin


def show_sets(
    pages: list[Page], tools: list[str], folder: Path, pool: ProcessPoolExecutor, worst: int
) -> dict[str, dict[str, Figures]]:  # fmt: skip
    everything = {}
    for name, count in Counter(page["set"] for page in pages).items():
        if name in SCORES and count:
            found = compare(name, [p for p in pages if p["set"] == name], tools, folder, pool)
            everything[name] = {tool: means(outcomes) for tool, outcomes in found.items()}
            show_worst(found.get(MEASURED[name], []), worst)
    return everything


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", default="", metavar="A,B", help="only these sets, such as sh,fd")
    parser.add_argument("--tools", default="", metavar="A,B", help="only these tools (default: all that are installed)")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="only the first N pages of each set")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show the N worst pages of each set, none held out")
    parser.add_argument("--speed", type=int, default=0, metavar="N", help="measure speed on N pages, and nothing else")
    parser.add_argument(
        "--doors", action="store_true", help="compare the two doors on every page, and nothing else; exit 1 if they differ"
    )
    parser.add_argument("--check", action="store_true", help="compare with the pinned floors; exit 1 below them")
    parser.add_argument("--pin", action="store_true", help="pin today's figures as floors")
    parser.add_argument("--lower", action="store_true", help="with --pin: let floors sink")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append the figures to FILE as one line of JSON")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes that extract (default: 2)")
    options = parser.parse_args()
    if not options.data.exists():
        print(f"{options.data}: no pages here; nothing measured")
        return 0
    pages = read_pages(options.data, set(filter(None, options.sets.split(","))), options.limit)
    named = list(filter(None, options.tools.split(",")))
    folder = options.data.parent
    if options.speed:
        speeds(pages, folder, options.speed, [t for t in named or TIMED if installed(t)])
        return 0
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.doors:
            return show_doors(pages, folder, pool)
        if options.check:
            return check_floors(floor_figures(pages, folder, pool), FLOORS)
        if options.pin:
            return pin(floor_figures(pages, folder, pool), options.lower, FLOORS)
        everything = show_sets(pages, [t for t in named or TOOLS if installed(t)], folder, pool, options.worst)
    if options.json:
        with options.json.open("a", encoding="utf-8") as file:
            file.write(json.dumps(everything) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
