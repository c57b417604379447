"""How much furniture goes, and how much of the article with it, on documents whose lines are labelled by hand.

    python benchmarks/quality.py                     # ../shared/corpus/labelled.jsonl, if it is there
    python benchmarks/quality.py --data my.jsonl     # rows: key, batch, site, title, text, labels {line number: label}
    python benchmarks/quality.py --misses 20 --losses 20
    python benchmarks/quality.py --check             # against the floors in benchmarks/floors.json: what CI runs
    python benchmarks/quality.py --pin               # raise the floors to today's figures; --lower lets them sink

A line counts as gone if less than a fifth of it is left, and as hit if it is content and less than four fifths are. A third
of the sites (by hash of their name) is held out: no rule was written by looking at them, and they are reported apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from newsclean import Cleaner
from newsclean.rules import KEPT_LABELS, REMOVED_LABELS

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "corpus" / "labelled.jsonl"
FLOORS = HERE / "floors.json"
HELD_OUT = 3  # one site in so many

Clean = Callable[[str, str | None], str]


@dataclass
class Tally:
    """Figures of a set of documents: `gone` of `seen` removable lines, `lost` of `chars` content characters."""

    seen: int = 0
    gone: int = 0
    chars: int = 0
    lost: int = 0
    hit: int = 0
    documents: int = 0
    perfect: int = 0
    labels: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    misses: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        return {
            "removed": round(self.gone / max(1, self.seen), 4),
            "lost_percent": round(100 * self.lost / max(1, self.chars), 4),
            "perfect": round(self.perfect / max(1, self.documents), 4),
        }


def held_out(site: str) -> bool:
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % HELD_OUT == 0


def squash(line: str) -> str:
    return " ".join(line.split())


def left_of_lines(text: str, cleaned: str) -> dict[int, int]:
    """Characters that are left of each line of `text` that is not blank. Lines are aligned whole first, then in part."""
    before = [(i, squash(line)) for i, line in enumerate(text.split("\n")) if line.strip()]
    after = [squash(line) for line in cleaned.split("\n") if line.strip()]
    left = {i: 0 for i, _ in before}
    for tag, a, b, c, d in SequenceMatcher(None, [line for _, line in before], after, autojunk=False).get_opcodes():
        if tag == "equal":
            left.update((i, len(line)) for i, line in before[a:b])
        elif tag == "replace":
            _align_parts(before[a:b], after[c:d], left)
    return left


def _align_parts(before: list[tuple[int, str]], after: list[str], left: dict[int, int]) -> None:
    """Of lines that came out changed: each goes to the source line that it shares most with, if that is most of it."""
    for line in after:
        shared = [(_common(source, line), i) for i, source in before if not left[i]]
        best, i = max(shared, default=(0, -1))
        if best > 0.6 * len(line):
            left[i] = best


def _common(one: str, other: str) -> int:
    return sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())


def measure(documents: Iterable[dict[str, Any]], clean: Clean) -> Tally:
    tally = Tally()
    for document in documents:
        _measure_one(tally, document, clean)
    return tally


def _measure_one(tally: Tally, document: dict[str, Any], clean: Clean) -> None:
    lines, perfect = document["text"].split("\n"), True
    for i, left in left_of_lines(document["text"], clean(document["text"], document.get("title"))).items():
        size, label = len(squash(lines[i])), document["labels"].get(str(i), "content")
        if label in REMOVED_LABELS:
            gone = left < 0.2 * size
            tally.seen, tally.gone, perfect = tally.seen + 1, tally.gone + gone, perfect and gone
            tally.labels[label].update({"seen": 1, "gone": int(gone)})
            if not gone:
                tally.misses.append(f"{document['key']} [{label}] {squash(lines[i])[:160]}")
        elif label not in KEPT_LABELS:
            hit = left < 0.8 * size
            tally.chars, tally.lost, tally.hit = tally.chars + size, tally.lost + size - left, tally.hit + hit
            perfect = perfect and not hit
            if hit:
                tally.losses.append(f"{document['key']} {squash(lines[i])[:160]}")
    tally.documents, tally.perfect = tally.documents + 1, tally.perfect + perfect


# --- what else people do ------------------------------------------------------------------------------

C4_WORDS = (
    "javascript",
    "lorem ipsum",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
TYPICAL_SCRIPT = [
    re.compile(pattern, re.I | re.M)
    for pattern in (
        r"^advertisement$", r"^sponsored.*$", r"^read more:?.*$", r"^related:?.*$", r"^share (?:this|on).*$", r"^follow us.*$",
        r"^sign up for our newsletter.*$", r"^subscribe (?:now|today).*$", r"^click here.*$", r"^all rights reserved.*$",
        r"^copyright ©.*$", r"^updated:.*$", r"^comments?$", r"https?://\S+",
    )
]  # fmt: skip


def nothing(text: str, _: str | None) -> str:
    return text


def c4_lines(text: str, _: str | None) -> str:
    """The line rules of C4: an end mark, three words, none of its words, no braces."""
    return "\n".join(line for line in text.split("\n") if _c4_keeps(line.strip()))


def _c4_keeps(line: str) -> bool:
    ends = line.endswith((".", "!", "?", '"', "”")) and not line.endswith("...")
    return ends and len(line.split()) >= 3 and "{" not in line and not any(word in line.lower() for word in C4_WORDS)


def typical_script(text: str, _: str | None) -> str:
    for pattern in TYPICAL_SCRIPT:
        text = pattern.sub("", text)
    return text


def datatrove_c4(sentences: bool = False) -> Clean | None:
    """datatrove's own C4 filter, where it is installed; with its count of `sentences`, as it runs by default, it needs spacy."""
    try:
        from datatrove.data import Document
        from datatrove.pipeline.filters import C4QualityFilter
    except ImportError:
        return None
    if sentences and not find_spec("spacy"):
        return None
    c4 = C4QualityFilter() if sentences else C4QualityFilter(min_num_sentences=-1)

    def clean(text: str, _: str | None) -> str:
        document = Document(text=text, id="0")
        return str(document.text) if c4.filter(document) is True else ""

    return clean


def ways(with_title: bool) -> Iterator[tuple[str, Clean]]:
    cleaner = Cleaner()
    yield "newsclean", lambda text, title: cleaner.clean(text, title=title).text
    if with_title:
        yield "newsclean, no title", lambda text, _: cleaner.clean(text).text
    yield "nothing", nothing
    yield "C4 line rules", c4_lines
    yield "14 x re.sub", typical_script
    if clean := datatrove_c4():
        yield "datatrove C4 filter", clean


# --- tables -------------------------------------------------------------------------------------------

LANGUAGES = {
    "de": ("de", "at", "ch", "li"), "en": ("us", "uk", "ca", "au", "za", "ie", "nz", "ind", "ke", "na", "ng", "sg", "sh"),
    "es": ("es", "mx", "cl", "py", "ar", "co"), "fr": ("fr",), "ja": ("jp",), "it": ("it",), "pt": ("br", "pt"), "pl": ("pl",),
}  # fmt: skip


def language(document: dict[str, Any]) -> str:
    """A guess by the country in the key (fd/extractor/country/...), else the batch."""
    match = re.match(r"fd/\w+/(\w+)/", document["key"])
    if not match:
        return "mostly en"
    return next((name for name, countries in LANGUAGES.items() if match[1] in countries), match[1])


def show(name: str, tally: Tally) -> None:
    figures = tally.figures()
    print(
        f"{name:28s} removed {figures['removed']:.3f} ({tally.gone}/{tally.seen})  lost {figures['lost_percent']:.3f} %"
        f"  hit {tally.hit}  perfect {figures['perfect']:.3f} ({tally.perfect}/{tally.documents})"
    )


def show_groups(title: str, documents: list[dict[str, Any]], clean: Clean, key: Callable[[dict[str, Any]], str]) -> None:
    print(f"\nnewsclean by {title}")
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in documents:
        groups[key(document)].append(document)
    for name, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        show(f"  {name}", measure(group, clean))


def show_labels(tally: Tally) -> None:
    print("\nnewsclean by label")
    for label, counts in sorted(tally.labels.items(), key=lambda item: -item[1]["seen"]):
        print(f"  {label:12s} {counts['gone'] / counts['seen']:.2f}  ({counts['gone']}/{counts['seen']})")


def check_floors(figures: dict[str, dict[str, float]], file: Path = FLOORS) -> int:
    floors = json.loads(file.read_text("utf-8"))
    sunk = [
        f"{s}: {k} {figures[s][k]}, floor {v}"
        for s, floor in floors.items()
        for k, v in floor.items()
        if worse(k, figures[s][k], v)
    ]
    print("\n".join(sunk) if sunk else "no figure is below its floor")
    return 1 if sunk else 0


def worse(name: str, now: float, floor: float) -> bool:
    return now > floor if name == "lost_percent" else now < floor


def pin(figures: dict[str, dict[str, float]], lower: bool, file: Path = FLOORS) -> int:
    floors = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for name, row in figures.items():
        for key, now in row.items():
            floor = floors.get(name, {}).get(key)
            if floor is not None and worse(key, now, floor) and not lower:
                print(f"{name}: {key} is {now}, and its floor {floor} stays; --lower lets it sink")
                row[key] = floor
    file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="show N removable lines that stayed (none held out)")
    parser.add_argument("--losses", type=int, default=0, metavar="N", help="show N content lines that were hit")
    parser.add_argument("--check", action="store_true", help="compare with the pinned floors; exit 1 below them")
    parser.add_argument("--pin", action="store_true", help="pin today's figures as floors")
    parser.add_argument("--lower", action="store_true", help="with --pin: let floors sink")
    options = parser.parse_args()
    if not options.data.exists():
        print(f"{options.data}: no labelled documents here; nothing measured")
        return 0
    with options.data.open(encoding="utf-8") as rows:
        documents = [json.loads(row) for row in rows]
    apart = [d for d in documents if held_out(d["site"])]
    cleaner = Cleaner()

    def clean(text: str, title: str | None) -> str:
        return cleaner.clean(text, title=title).text

    everything, held = measure(documents, clean), measure(apart, clean)
    untitled = measure(documents, lambda text, _: clean(text, None))
    figures = {"all": everything.figures(), "no title": untitled.figures(), "held out": held.figures()}
    if options.check:
        return check_floors(figures)
    if options.pin:
        return pin(figures, options.lower)
    for name, way in ways(with_title=True):
        show(name, measure(documents, way))
    show("newsclean, held-out sites", held)
    show_groups("batch", documents, clean, lambda d: str(d["batch"]))
    show_groups("language", documents, clean, language)
    show_labels(everything)
    seen = measure([d for d in documents if not held_out(d["site"])], clean)
    print(
        "\n".join(
            ["", *(f"MISS {m}" for m in seen.misses[: options.misses]), *(f"LOSS {m}" for m in seen.losses[: options.losses])]
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
