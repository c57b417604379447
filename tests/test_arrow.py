"""Arrow tables: every kind of text column, what is kept, what is refused, and the snippets of docs/scale.md as they stand there."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import newsclean
from newsclean import ConfigError, InputError, Policy
from newsclean.arrow import Options, clean_table, output_schema

pa = pytest.importorskip("pyarrow", reason="needs the extra arrow")
pq = pytest.importorskip("pyarrow.parquet")

ROOT = Path(__file__).parent.parent
DIRTY = "The council met on Monday.\n\nAdvertisement\n\nIt will meet again on Friday.\n"
CLEAN = "The council met on Monday.\n\nIt will meet again on Friday.\n"
PLAIN = "Nothing to see here, and nothing goes.\n"
KINDS = {
    "string": pa.string(),
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
}  # fmt: skip


def column(kind: Any) -> Any:
    values = [DIRTY, None, PLAIN, ""]
    return pa.array(values, pa.string()).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(values, kind)


def table(kind: Any = KINDS["string"]) -> Any:
    numbers = pa.array([[1], [2, 3], None, []], pa.list_(pa.int8()))
    return pa.table({"id": [7, 8, 9, 10], "text": column(kind), "odd": numbers})


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", ["table", "batch", "chunks"])
def test_every_kind_of_text_column(name: str, shape: str) -> None:
    given = table(KINDS[name])
    sent = {"table": given, "batch": given.to_batches()[0], "chunks": pa.concat_tables([given, given.slice(0, 0), given])}[shape]
    out = clean_table(sent)
    times = 2 if shape == "chunks" else 1
    assert isinstance(out, pa.Table)
    assert out.schema == output_schema(sent.schema)
    assert out.select(["id", "text", "odd"]).to_pylist() == [*given.to_pylist()] * times
    assert out["newsclean_text"].to_pylist() == [CLEAN, None, PLAIN, ""] * times
    assert out["newsclean_removed_chars"].to_pylist() == [len(DIRTY) - len(CLEAN), None, 0, 0] * times
    assert out["newsclean_labels"].to_pylist() == ["ad", None, "", ""] * times
    assert out["newsclean_flags"].to_pylist() == ["", None, "", ""] * times


def test_the_report_gives_the_original_back() -> None:
    rows = clean_table(table()).to_pylist()
    assert [newsclean.restore(r["newsclean_text"], json.loads(r["newsclean_report"])) for r in rows if r["text"] is not None] == [
        DIRTY, PLAIN, ""
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [*KINDS.values(), pa.null()], ids=str)
def test_nothing_in_nothing_out(kind: Any) -> None:
    schema = pa.schema({"text": kind, "n": pa.int64()})
    for empty in (schema.empty_table(), pa.RecordBatch.from_pylist([], schema)):
        out = clean_table(empty)
        assert out.num_rows == 0 and out.schema == output_schema(schema)
    nulls = pa.table({"text": pa.nulls(3, kind)})
    assert clean_table(nulls)["newsclean_text"].to_pylist() == [None] * 3


@pytest.mark.parametrize("name", KINDS)
def test_texts_replaced_where_they_stand(name: str) -> None:
    out = clean_table(table(KINDS[name]), Options(text_out="text", report=False))
    assert out.schema.names == ["id", "text", "odd", "newsclean_removed_chars", "newsclean_labels", "newsclean_flags"]
    assert out["text"].to_pylist() == [CLEAN, None, PLAIN, ""]
    assert out.schema.field("text").type == (pa.string() if name == "dictionary" else KINDS[name])


def test_what_is_known_of_a_document_is_used() -> None:
    head = "Harbour talks begin"
    text = "The harbour talks have begun, said the office on Monday.\n\nThey go on until Friday, and nobody knows how they will end.\n"
    given = pa.table({"text": [f"{head}\n\n{text}\n{head}\n"], "about": pa.array([{"title": head, "n": 1}])})
    assert clean_table(given)["newsclean_labels"].to_pylist() == [""]
    assert clean_table(given, Options(title="about.title"))["newsclean_labels"].to_pylist() == ["dup"]


def test_packs_of_ones_own() -> None:
    text = "Rain.\n\nA word from the ferry office: mind the gap\n\nMore rain is on its way to the islands.\n"
    given = pa.table({"body": [text]})
    options = Options(text="body", packs=(str(ROOT / "fixtures" / "packs" / "batch.toml"),))
    expected = newsclean.Cleaner(extra=[newsclean.load_pack(options.packs[0])]).clean(text).text
    assert clean_table(given, options)["newsclean_text"].to_pylist() == [expected]


def test_options_and_function_can_be_sent() -> None:
    options = Options(policy=Policy(keep=("ad",)))
    function, sent = pickle.loads(pickle.dumps((clean_table, options)))
    assert sent == options and hash(sent) == hash(options)
    assert function(table(), sent)["newsclean_text"].to_pylist()[0] == DIRTY


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        ({"body": ["x"]}, Options(), "no column 'text'; name that of the texts in Options(text=...), one of: body"),
        ({"text": [1]}, Options(), "column 'text' is int64, and no text"),
        ({"text": ["x"], "newsclean_text": ["y"]}, Options(), "there is a column 'newsclean_text' already"),
        ({"text": ["x"]}, Options(title="head"), "no column 'head', one of: text"),
    ],
)
def test_what_is_refused(given: dict[str, list[Any]], options: Options, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        clean_table(pa.table(given), options)
    with pytest.raises(InputError, match=re.escape(said)):
        output_schema(pa.table(given).schema, options)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    given = table()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'newsclean\[arrow\]'"):
        clean_table(given)


# --- engines ------------------------------------------------------------------------------------------

SNIPPETS = dict(re.findall(r"^```python (\w+)\n(.*?)^```$", (ROOT / "docs" / "scale.md").read_text("utf-8"), re.S | re.M))
MODULES = {"dask": "dask.dataframe", "spark": "pyspark", "ray": "ray.data"}


@pytest.mark.parametrize("engine", SNIPPETS)
def test_the_recipes_as_documented(engine: str, tmp_path: Path) -> None:
    missing = [name for name in MODULES.get(engine, engine).split(".")[:1] if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {missing[0]}")
    (tmp_path / "news").mkdir()
    rows = [{"id": str(i), "text": (DIRTY, PLAIN)[i % 2] + f"\nItem {i}.\n"} for i in range(40)]
    for part in range(2):
        pq.write_table(pa.Table.from_pylist(rows[part::2]), tmp_path / "news" / f"{part}.parquet")
    (tmp_path / "recipe.py").write_text(SNIPPETS[engine], "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYSPARK_PYTHON": sys.executable,
        "DO_NOT_TRACK": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    done = subprocess.run([sys.executable, "recipe.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = [row for path in sorted((tmp_path / "clean").rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    name = "text" if engine == "datatrove" else "newsclean_text"
    assert {row["id"]: row[name] for row in found} == {row["id"]: newsclean.clean(row["text"]) for row in rows}
    assert len(found) == len(rows)
