"""Fit the points of newsclean/html/points.json to pages whose article is known.

    python benchmarks/pages_fit.py                        # ../shared/corpus/pages.jsonl, without the held-out sites
    python benchmarks/pages_fit.py --show 40              # and the strongest points
    python benchmarks/pages_fit.py --cross                # how well it does on a fourth of the sites that it did not see

A block is article if half of its words stand in runs of four that the gold text has, each run once, longest runs of the page
first. What may be a standfirst has no weight, since gold texts differ on
it. Points are those of a logistic model, fitted by Adam with an L2 penalty; each page weighs the same, and a block
by its words to the power of LENGTH.
Needs numpy.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np  # type: ignore[import-not-found, unused-ignore]
from lift import DATA, Page, gold_of, is_cjk, read_pages, site_of, tokens
from quality import held_out

from newsclean.html import body, evidence, names, tables
from newsclean.html.meta import facts_of
from newsclean.html.sight import Sight
from newsclean.html.standfirst import deks
from newsclean.html.walk import walk_html

POINTS = Path(evidence.__file__).parent / "points.json"
LENGTH = 0.7
UNSURE = 0.3  # weight of a block of which the gold text has a part
PENALTY, STEPS, RATE = 12.0, 150, 0.1
FOLDS = 4

Sample = tuple[Page, Sight, list[float], list[int]]


# --- labels -------------------------------------------------------------------------------------------


def labels(texts: list[str], gold: str) -> tuple[list[float], list[int]]:
    """For each text the share of its words that the gold text has in its place, and the number of its words."""
    by_character = is_cjk(gold)
    cut = [tokens(text.lower(), by_character) for text in texts]
    words = [word for block in cut for word in block]
    wanted = tokens(gold.lower(), by_character)
    size = min(4, len(wanted), len(words)) or 1
    left = Counter(tuple(wanted[i : i + size]) for i in range(len(wanted) - size + 1))
    runs = sorted(_runs(words, left, size), key=lambda run: run[0] - run[1])
    covered = [False] * len(words)
    for start, end in runs:
        for i in range(start, end):
            shingle = tuple(words[i : i + size])
            if left[shingle] > 0:
                left[shingle] -= 1
                covered[i : i + size] = [True] * size
    shares, at = [], 0
    for block in cut:
        shares.append(sum(covered[at : at + len(block)]) / len(block) if block else 0.0)
        at += len(block)
    return shares, [len(block) for block in cut]


def _runs(words: list[str], known: Counter[tuple[str, ...]], size: int) -> list[tuple[int, int]]:
    """Stretches of places at which a known shingle begins."""
    runs: list[tuple[int, int]] = []
    for i in range(len(words) - size + 1):
        if tuple(words[i : i + size]) in known:
            if runs and runs[-1][1] == i:
                runs[-1] = (runs[-1][0], i + 1)
            else:
                runs.append((i, i + 1))
    return runs


def sample(job: tuple[Page, Path]) -> Sample | None:
    page, folder = job
    with gzip.open(folder / page["html"], "rb") as file:
        walked = walk_html(file.read())
    if not walked.blocks:
        return None
    sight = Sight(walked, facts_of(walked))
    shares, sizes = labels([b.text for b in walked.blocks], gold_of(page))
    return page, sight, shares, sizes


# --- the model ----------------------------------------------------------------------------------------


class Table:
    """Sparse rows of entries, with a target and a weight for each."""

    def __init__(self, rows: list[list[float]], target: list[float], weight: list[float]) -> None:
        self.entries = np.fromiter((int(e) for row in rows for e in row), dtype=np.int64)
        self.row = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self.target, self.weight, self.count = np.array(target), np.array(weight), len(rows)

    def logits(self, points: Any) -> Any:
        return np.bincount(self.row, points[self.entries], minlength=self.count)

    def fit(self, size: int) -> Any:
        points, mean, square = np.zeros(size), np.zeros(size), np.zeros(size)
        for step in range(1, STEPS + 1):
            error = (1 / (1 + np.exp(-self.logits(points))) - self.target) * self.weight
            slope = np.bincount(self.entries, error[self.row], minlength=size) + PENALTY * points / 100
            mean = 0.9 * mean + 0.1 * slope
            square = 0.999 * square + 0.001 * slope**2
            rate = RATE * (1 if step < STEPS * 0.7 else 0.2)
            points -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        return points


def table_of(samples: list[Sample]) -> Table:
    rows, target, weight, numbers = [], [], [], tables.Scale()
    for found in samples:
        _, _, shares, sizes = found
        pairs = list(zip(shares, sizes, strict=True))
        weights = [(size + 0.5) ** LENGTH if share < 0.2 or share > 0.6 else UNSURE for share, size in pairs]
        weights = [0.0 if dek else w for w, dek in zip(weights, deks(found[1]), strict=True)]  # gold texts differ on them
        good = sum(w for w, share in zip(weights, shares, strict=True) if share >= 0.5) or 1.0
        for row, w, share in zip(evidence.entries(found[1], numbers), weights, shares, strict=True):
            if row:
                rows.append(row)
                target.append(float(share >= 0.5))
                weight.append(w / good)
    return Table(rows, target, weight)


def fitted(samples: list[Sample]) -> Any:
    return table_of(samples).fit(tables.SIZE)


def fold_of(page: Page) -> int:
    return int(sha256(b"fold" + site_of(page).encode()).hexdigest(), 16) % FOLDS


def save(points: Any) -> None:
    starts = tables.AT
    found = {g: [round(float(p), 2) for p in points[starts[g] : starts[g] + size]] for g, size in tables.TABLES.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(table)}" for name, table in found.items()]
    POINTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def report(samples: list[Sample], points: Any) -> None:
    """Words wrongly kept and wrongly lost, as shares of the gold words, means over pages."""
    over, lost, scale = [], [], tables.Scale(points.tolist())
    for _, sight, shares, sizes in samples:
        judged = body.settle(sight, [sum(row) if row else -body.MOST_ODDS for row in evidence.entries(sight, scale)])
        rows = list(zip(judged.points, shares, sizes, strict=True))
        gold = sum(z for _, y, z in rows if y >= 0.5) or 1
        over.append(min(1.0, sum(z for p, y, z in rows if p > 0 and y < 0.5) / gold))
        lost.append(sum(z for p, y, z in rows if p <= 0 and y >= 0.5) / gold)
    print(f"  too much {100 * np.mean(over):.2f} %  lost {100 * np.mean(lost):.2f} %  pages {len(samples)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cross", action="store_true", help="fit without a fourth of the sites and measure there; save nothing")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="show the N strongest points")
    options = parser.parse_args()
    pages = [p for p in read_pages(options.data, set(), 0) if not held_out(site_of(p))]
    with ProcessPoolExecutor(2) as pool:
        samples = [s for s in pool.map(sample, [(p, options.data.parent) for p in pages], chunksize=8) if s]
    kept = [s for s in samples if not (options.cross and fold_of(s[0]) == 0)]
    points = fitted(kept)
    report(kept, points)
    if options.cross:
        for name in ("sh", "fd", "wx"):
            report([s for s in samples if fold_of(s[0]) == 0 and s[0]["set"] == name], points)
        return 0
    save(points)
    if options.show:
        rows = [(points[tables.AT[g] + i], g, i) for g, size in tables.TABLES.items() for i in range(size)]
        for p, g, i in sorted(rows, key=lambda row: -abs(row[0]))[: options.show]:
            print(f"  {p:+.2f}  {g} {names.FLAGS[i] if g.endswith('name') else i}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
