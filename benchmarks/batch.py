"""What a batch costs: memory of all its processes, and time, against a bare loop that reads, decodes and writes the same file.

    python benchmarks/batch.py                      # 50 MB of JSON lines made from fixtures/articles
    python benchmarks/batch.py --megabytes 2000     # the size whose memory is promised to stay under 400 MB with two workers
    python benchmarks/batch.py --from news.jsonl    # lines of your own, repeated

Memory is the highest sum of the proportional set sizes (PSS) of the process tree, looked at every 0.2 seconds. Time is CPU
seconds (user and system) of the tree and seconds on the clock; only ratios from one run mean something.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
EVERY = 0.2  # seconds between two looks


def texts(source: Path | None) -> Iterator[dict[str, object]]:
    if source:
        for line in source.read_text("utf-8").splitlines():
            yield json.loads(line)
    else:
        for article in sorted((ROOT / "fixtures" / "articles").glob("*/input.txt")):
            yield {"text": article.read_text("utf-8"), "url": f"https://{article.parent.name}.example/1"}


def make(path: Path, megabytes: int, source: Path | None) -> int:
    """Write lines until the file is as large; how many documents it has. No two are equal."""
    number = size = 0
    with open(path, "w", encoding="utf-8") as file:
        for record in cycle(list(texts(source))):
            number += 1
            size += file.write(json.dumps({"id": number, **record, "text": f"{record['text']}\n\nCopy {number}."}) + "\n")
            if size >= megabytes * 1_000_000:
                return number
    return number


BARE = """
import json, sys
with open(sys.argv[1], encoding="utf-8") as source, open(sys.argv[2], "w", encoding="utf-8") as target:
    for line in source:
        row = json.loads(line)
        row["text"] = "\\n".join(row["text"].split("\\n"))
        target.write(json.dumps(row) + "\\n")
"""


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds on the clock, CPU seconds, and the peak of memory in MB, of a command with all it starts."""
    began, peak, spent = time.monotonic(), 0.0, dict[int, float]()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            memory = 0.0
            for one in tree(root):
                try:
                    memory += one.memory_full_info().pss / 1e6
                    used = one.cpu_times()
                    spent[one.pid] = used.user + used.system
                except psutil.Error:
                    continue
            peak = max(peak, memory)
            time.sleep(EVERY)
    assert process.returncode == 0, command
    return time.monotonic() - began, sum(spent.values()), peak


def tree(root: psutil.Process) -> list[psutil.Process]:
    """A process and all it started."""
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--from", dest="source", type=Path)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--option", action="append", default=[], help="of newsclean batch, as --option=--lang=en")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        documents = make(base / "in.jsonl", options.megabytes, options.source)
        size = (base / "in.jsonl").stat().st_size / 1e6
        print(f"{documents:,} documents, {size:,.0f} MB of JSON lines")
        bare = measured([sys.executable, "-c", BARE, str(base / "in.jsonl"), str(base / "bare.jsonl")])
        print(f"{'bare loop':12s} {bare[0]:8.1f} s  {bare[1]:8.1f} CPU-s  {bare[2]:6.0f} MB")
        for workers in options.workers:
            out = str(base / f"out{workers}")
            command = [
                sys.executable,
                "-m",
                "newsclean",
                "batch",
                str(base / "in.jsonl"),
                "-o",
                out,
                "-q",
                "-j",
                str(workers),
                *options.option,
            ]
            seconds, cpu, memory = measured(command)
            name = f"{workers} worker{'' if workers == 1 else 's'}"
            rate = f"{size / seconds:.2f} MB/s, {documents / seconds:.0f} documents/s, {cpu / bare[1]:.0f} x bare"
            print(f"{name:12s} {seconds:8.1f} s  {cpu:8.1f} CPU-s  {memory:6.0f} MB  {rate}")


if __name__ == "__main__":
    main()
