"""What `newsclean learn` finds, and what it costs.

    python benchmarks/learn.py synthetic                    # 200 sites x 500 articles whose furniture is known: precision, recall
    python benchmarks/learn.py synthetic --sites 20         # the same in small
    python benchmarks/learn.py labelled                     # ../shared/corpus: cleaning with a learned pack against without
    python benchmarks/learn.py merge --rows 50000000        # the merge under a memory limit

synthetic: a line that was learned is right if it is furniture wherever it stands on its site (a teaser: below the article).
Bylines and dates are furniture to some: they count as wrong where their label would have profile news cut them, and as nothing
else. Recall is over all furniture lines that stand on three documents of their site; a document crawled twice counts once. Then
some documents are cleaned with the learned pack alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import quality
from synthetic import NEUTRAL, TEASER, TEMPLATE, TEXT, Collection

from newsclean import Cleaner
from newsclean.batch.fields import Fields
from newsclean.batch.finding import Wanted
from newsclean.batch.progress import Quiet
from newsclean.batch.run import Stop
from newsclean.folding import fold, squeeze
from newsclean.learn.count import FIRST, HEAD, PROSE, TAIL, Counting
from newsclean.learn.merge import Limits
from newsclean.learn.pack import Entry, Section, read
from newsclean.learn.run import Order, Outcome, learn
from newsclean.loading import load_pack
from newsclean.policy import PROFILE_LABELS, Policy
from newsclean.slots import slotted


def learned(source: Path, pack: Path, limits: Limits, workers: int, fields: Fields | None = None) -> Outcome:
    with Stop() as stop, Quiet(cuts=False) as watch:
        return learn(Order(Wanted((str(source),)), pack, Counting("", fields or Fields()), limits, workers), watch, stop)


# --- a collection whose furniture is known ------------------------------------------------------------


def synthetic(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, pack = Path(folder, "in.jsonl"), Path(folder, "site-pack.toml")
        collection = Collection(options.seed, options.sites, options.articles)
        collection.write(source)
        print(f"{collection.documents:,} documents, {source.stat().st_size / 1e6:,.0f} MB, {options.sites} sites")
        began = time.monotonic()
        outcome = learned(source, pack, Limits(options.min_docs, options.min_share, options.memory), options.workers)
        cpu = sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        seconds = f"{time.monotonic() - began:.0f} s, {cpu:.0f} CPU-s with making it"
        print(f"{seconds}; {outcome.copies:,} copies; {outcome.lines:,} lines")
        judge(collection, read(pack), options)
        cleaned(source, pack)


CLEANED = 2000  # documents, of the first lines


def cleaned(source: Path, pack: Path) -> None:
    """Lines gone of each kind, without the brake: a document is short here, and its furniture much."""
    cleaner, gone, all_ = Cleaner(Policy(max_share=1), packs=[load_pack(pack)]), Counter[str](), Counter[str]()
    with open(source, encoding="utf-8") as file:
        records = [json.loads(line) for line in islice(file, CLEANED)]
    for record in records:
        result = cleaner.clean(record["text"], record["title"], url=record["url"])
        at = 0
        for line, kind in zip(record["text"].split("\n\n"), record["kinds"], strict=True):
            all_[kind] += 1
            gone[kind] += any(r.start <= at and at + len(line) <= r.end for r in result.report.removals)
            at += len(line) + 2
    said = ", ".join(f"{kind} {gone[kind]:,} of {all_[kind]:,} ({gone[kind] / all_[kind]:.4f})" for kind in sorted(all_))
    print(f"gone of {len(records):,} documents: {said}")


def judge(collection: Collection, sections: dict[str, Section], options: argparse.Namespace) -> None:
    right, wrong, neutral = Counter[str](), list[str](), 0
    found: dict[str, set[tuple[str, bool]]] = defaultdict(set)
    for site, section in sections.items():
        truth = forms(collection.truth[site])
        for entry in section.entries:
            found[site].add(entry.key)
            verdict = judged(entry, truth)
            if verdict in (TEMPLATE, TEASER):
                right[verdict] += 1
            elif verdict == NEUTRAL:
                neutral += 1
            else:
                wrong.append(
                    f"{site} {entry.documents}/{section.documents} {entry.where} {entry.label} {entry.slots} {entry.line[:90]}"
                )
    precision = right.total() / max(1, right.total() + len(wrong))
    print(f"precision {precision:.4f}: {dict(right)} right, {len(wrong)} wrong, {neutral} neither")
    alone = right[TEMPLATE] / max(1, right[TEMPLATE] + len(wrong))
    print(f"precision without the teasers {alone:.4f}")
    missed, seen = Counter[str](), Counter[str]()
    shown = []
    for site, lines in collection.truth.items():
        for key, kinds in forms(lines).items():
            wanted = [kind for kind in (TEMPLATE, TEASER) if kinds[kind] >= options.min_docs and not kinds[NEUTRAL]]
            if not wanted or (key[1] and any(exact in found[site] for exact in kinds["exact"])):
                continue
            there = key in found[site] or (not key[1] and (slotted(kinds["line"]), True) in found[site])
            seen[wanted[0]] += 1
            missed[wanted[0]] += not there
            if not there:
                shown.append(f"{site} {wanted[0]} on {kinds[wanted[0]]} {kinds['line'][:90]}")
    print(f"recall {1 - missed.total() / max(1, seen.total()):.4f}: {dict(seen)} there, {dict(missed)} missed")
    print(
        "\n".join([*(f"WRONG {line}" for line in wrong[: options.show]), *(f"MISSED {line}" for line in shown[: options.show])])
    )


def forms(lines: dict[str, dict[str, int]]) -> dict[tuple[str, bool], Any]:
    """By key, how many documents have the line as which kind. Lines with numbers have a form besides, if more than one has it."""
    result: dict[tuple[str, bool], Any] = {}
    for line, kinds in lines.items():
        _add(result, (squeeze(fold(line)), False), line, kinds)
        if TEMPLATE in kinds and (form := slotted(line)):
            _add(result, (form, True), line, kinds)
            result[form, True]["exact"].add((squeeze(fold(line)), False))
        elif form := slotted(line):
            _add(result, (form, True), line, kinds)
    return {key: kinds for key, kinds in result.items() if not key[1] or len(kinds["lines"]) > 1}


def _add(result: dict[tuple[str, bool], Any], key: tuple[str, bool], line: str, kinds: dict[str, int]) -> None:
    found = result.setdefault(key, {TEMPLATE: 0, TEASER: 0, NEUTRAL: 0, TEXT: 0, "exact": set(), "lines": set(), "line": line})
    found["lines"].add(line)
    for kind, number in kinds.items():
        found[kind] += number


def judged(entry: Entry, truth: dict[tuple[str, bool], Any]) -> str:
    kinds = truth.get(entry.key)
    if kinds is None:
        return TEXT
    if kinds[NEUTRAL]:
        return TEXT if entry.label in PROFILE_LABELS["news"] else NEUTRAL
    if kinds[TEMPLATE]:
        return TEMPLATE if not kinds[TEXT] else TEXT
    if kinds[TEASER]:
        return TEASER if entry.where == "tail" else TEXT
    return NEUTRAL if entry.label not in PROFILE_LABELS["news"] else TEXT


# --- pages labelled by hand ---------------------------------------------------------------------------


def labelled(options: argparse.Namespace) -> None:
    """Learn from the labelled documents, by site, and clean them with what was learned. Most sites have one page or two."""
    if not quality.DATA.exists():
        print(f"{quality.DATA}: no labelled documents here; nothing measured")
        return
    documents = [json.loads(line) for line in quality.DATA.read_text("utf-8").splitlines()]
    sites = {document["text"]: document["site"] for document in documents}
    held = [document for document in documents if quality.held_out(document["site"])]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.jsonl")
        rows = [{key: d[key] for key in ("key", "site", "url", "title", "text")} for d in documents]
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        cleaners = [("without", Cleaner())]
        for docs in (2, 3):
            pack = Path(folder, f"learned-{docs}.toml")
            outcome = learned(source, pack, Limits(docs, options.min_share), options.workers, Fields(site="site", id="key"))
            print(f"--min-docs {docs}: {outcome.lines} lines, {outcome.sites} sites, {outcome.copies} copies of {len(documents)}")
            cleaners.append((f"--min-docs {docs}", Cleaner(extra=[load_pack(pack)])))
        for name, chosen in (("all", documents), ("held out", held)):
            found = {}
            for way, cleaner in cleaners:

                def clean(text: str, title: str | None, cleaner: Cleaner = cleaner) -> str:
                    return cleaner.clean(text, title, sites[text]).text

                found[way] = quality.measure(chosen, clean)
                quality.show(f"{name}, {way}", found[way])
            if name == "all":
                before = set(found["without"].losses)
                print(
                    "\n".join(
                        f"LOSS {loss}"
                        for way in found
                        for loss in found[way].losses
                        if loss not in before
                        if _shown(loss, documents)
                    )
                )


def _shown(loss: str, documents: list[dict[str, Any]]) -> bool:
    """Not of a site that is held out."""
    return not any(quality.held_out(d["site"]) for d in documents if loss.startswith(f"{d['key']} "))


# --- the merge ----------------------------------------------------------------------------------------

LINES = 23  # of a document, as extractors leave them; the first of them are its site's, some come back, most do not
SITES = 400
MERGE = """
import resource, sys, time
from pathlib import Path
from newsclean.learn.merge import Limits, merge
began = time.process_time()
found = merge(Path(sys.argv[1]), Limits(memory=sys.argv[2]), before=Path(sys.argv[3]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{len(found.proposals):,} lines found; {time.process_time() - began:.0f} CPU-s, {peak:.0f} MB at most")
"""


def merging(options: argparse.Namespace) -> None:
    """The merge of so many lines, with half as many sentences, in a process of its own; made by DuckDB itself."""
    import duckdb

    documents = options.rows // LINES
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts.parquet")
        database = duckdb.connect()
        database.execute("SET memory_limit = '1GB'; SET threads = 2")
        parts = f"""
            SELECT 0 AS kind, hash(d) AS uid, 'site' || (d % {SITES}) AS site, hash(d, 1) AS key, hash(d, 2) AS said,
                0::UBIGINT AS url,
                'd' || d AS name, NULL::INTEGER AS pos, NULL::UBIGINT AS h, 0::UBIGINT AS s, 0 AS flags, NULL AS text
            FROM range({documents}) AS t(d)
            UNION ALL SELECT 1, hash(d), NULL, NULL, NULL, NULL, NULL, p, CASE WHEN p < 3 OR p > 17 THEN hash(d % {SITES}, p)
                WHEN p = 17 THEN hash(d % {SITES}, d // {SITES} // 5, p) ELSE hash(d, p, 3) END, 0,
                CASE WHEN p < 3 THEN {FIRST | HEAD} WHEN p > 16 THEN {FIRST | TAIL} ELSE {FIRST | PROSE} END, NULL
            FROM range({documents}) AS t(d), range({LINES}) AS u(p)
            UNION ALL SELECT 3, hash(d), NULL, NULL, NULL, NULL, NULL, NULL,
                CASE WHEN d % 50 = 0 AND d > {SITES} THEN hash(d - {SITES}, p, 4) ELSE hash(d, p, 4) END, NULL, NULL, NULL
            FROM range({documents}) AS t(d), range({LINES // 2}) AS u(p)
            UNION ALL SELECT 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, hash(w, p), NULL, NULL, 'line ' || p
            FROM range({SITES}) AS t(w), range({LINES}) AS u(p)"""
        database.execute(f"COPY ({parts}) TO '{counts}' (FORMAT parquet, COMPRESSION zstd)")
        database.close()
        print(f"{documents * LINES:,} lines and {documents * (LINES // 2):,} sentences, memory limit {options.memory}")
        command = [sys.executable, "-c", MERGE, folder, options.memory, str(counts)]
        print(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("synthetic", "labelled", "merge"))
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--min-docs", type=int, default=3)
    parser.add_argument("--min-share", type=float, default=0.1)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="show N wrong and N missed lines")
    options = parser.parse_args()
    {"synthetic": synthetic, "labelled": labelled, "merge": merging}[options.what](options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
