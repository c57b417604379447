"""What the recipes of docs/scale.md cost in their engines: CPU seconds and memory of all processes, against a bare loop.

    python benchmarks/recipes.py                           # 5 MB of Parquet made from fixtures/articles, installed engines
    python benchmarks/recipes.py --from news.jsonl         # documents of your own, repeated
    python benchmarks/recipes.py --engines duckdb polars

The recipes run as they stand, over four files. The bare loop reads the same files with pyarrow, cleans text by text and
writes. Every result is compared with the bare loop's. CPU seconds of one run can be compared, those of different runs cannot.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from batch import ROOT, measured, texts

RECIPE = re.compile(r"^```python (\w+)\n(.*?)^```$", re.S | re.M)
PACKAGES = {"spark": "pyspark"}
FILES = 4
BARE = """
import os, newsclean, pyarrow.parquet as pq
os.makedirs("clean")
for name in os.listdir("news"):
    table = pq.read_table(f"news/{name}")
    clean = [newsclean.clean(text) for text in table["text"].to_pylist()]
    pq.write_table(table.append_column("newsclean_text", [clean]), f"clean/{name}")
"""


def make(folder: Path, megabytes: float, source: Path | None) -> int:
    """Files of Parquet, as many as make up the size; how many documents they have."""
    rows, size = list[dict[str, str]](), 0
    for record in cycle(list(texts(source))):
        rows.append({"id": str(len(rows)), "text": f"{record['text']}\n\nCopy {len(rows)}."})
        size += len(rows[-1]["text"])
        if size >= megabytes * 1_000_000:
            break
    folder.mkdir()
    for part in range(FILES):
        pq.write_table(pa.Table.from_pylist(rows[part::FILES]), folder / f"{part}.parquet")
    return len(rows)


def result(folder: Path) -> dict[str, Any]:
    """Every document's clean text."""
    rows = (row for path in sorted(folder.rglob("*.parquet")) for row in pq.read_table(path).to_pylist())
    return {row["id"]: row.get("newsclean_text", row["text"]) for row in rows}


def main() -> None:
    recipes = dict(RECIPE.findall((ROOT / "docs" / "scale.md").read_text("utf-8")))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--from", dest="source", type=Path)
    parser.add_argument("--engines", nargs="*", choices=recipes, default=list(recipes))
    options = parser.parse_args()
    os.environ.update(PYTHONPATH=str(ROOT), PYSPARK_PYTHON=sys.executable, DO_NOT_TRACK="1", RAY_USAGE_STATS_ENABLED="0")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        print(f"{make(Path('news'), options.megabytes, options.source):,} documents, {options.megabytes:g} MB of text")
        bare, wanted = 0.0, dict[str, Any]()
        for name in ("bare loop", *options.engines):
            if name in recipes and importlib.util.find_spec(PACKAGES.get(name, name)) is None:
                print(f"{name:10s} is not installed")
                continue
            shutil.rmtree("clean", ignore_errors=True)
            Path("recipe.py").write_text(recipes.get(name, BARE), "utf-8")
            seconds, cpu, memory = measured([sys.executable, "recipe.py"])
            found = result(Path("clean"))
            bare, wanted = bare or cpu, wanted or found
            same = "the same texts" if found == wanted else "OTHER TEXTS"
            print(f"{name:10s} {seconds:7.1f} s {cpu:7.1f} CPU-s {cpu / bare:5.2f} x bare {memory:6.0f} MB  {same}", flush=True)


if __name__ == "__main__":
    main()
