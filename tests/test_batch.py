"""The parts of a batch: rows that are put back byte for byte, guessed fields, found files, portions that stay the same."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean.batch.compare import _only
from newsclean.batch.compare import compare as compared
from newsclean.batch.fields import Fields, guess, texts_of
from newsclean.batch.files import File
from newsclean.batch.finding import Wanted, inputs
from newsclean.batch.formats import FORMATS
from newsclean.batch.job import Work
from newsclean.batch.progress import Quiet
from newsclean.batch.results import Results
from newsclean.batch.rows import Row, members
from newsclean.batch.run import Order, Stop, run
from newsclean.batch.shards import shards
from newsclean.batch.streams import reading, writing
from newsclean.engine import Cleaner
from newsclean.errors import ConfigError, InputError, RestoreError
from newsclean.loading import load_pack

FIXTURES = Path(__file__).parent.parent / "fixtures"
ARTICLE = "The council met on Monday.\n\nAdvertisement\n\nIt will meet again on Friday.\n"
PACK = load_pack(Path(__file__).parent.parent / "fixtures" / "packs" / "batch.toml")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def rows(path: Path, format: str, fields: Fields | None = None) -> list[Row]:
    return list(FORMATS[format].read(File(path, path.name, fields=fields)))


def batch(out: Path, *places: Path, packs: Any = (PACK,), **work: Any) -> None:
    order = Order(Wanted(tuple(map(str, places))), Work(str(out), **work))
    with Stop() as stop, Quiet() as watch:
        run(order, Cleaner(packs=packs), watch, stop)


# --- rows: what goes in comes out ---------------------------------------------------------------------


@settings(deadline=None)
@given(record=st.dictionaries(st.text(), VALUES), ascii=st.booleans(), indent=st.sampled_from([None, 2]))
def test_members_are_what_json_reads(record: dict[str, Any], ascii: bool, indent: int | None) -> None:
    source = json.dumps(record, ensure_ascii=ascii, indent=indent)
    found, end = members(source)
    assert end == len(source)
    assert {key: m.value for key, m in found.items()} == record
    assert all(json.loads(source[m.start : m.end]) == m.value for m in found.values())


@settings(deadline=None)
@given(text=st.text(), other=st.text(), extra=VALUES, ascii=st.booleans(), slash=st.booleans())
def test_a_json_text_is_replaced_and_put_back(
    text: str, other: str, extra: Any, ascii: bool, slash: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "one.jsonl"
    token = json.dumps(text, ensure_ascii=ascii)
    token = token.replace("/", "\\/") if slash else token
    line = f'{{"x": {json.dumps(extra)} ,"text":{token} }}\n'.encode("utf-8", "surrogatepass")
    path.write_bytes(line)
    (row,) = rows(path, "jsonl")
    if row.problem:  # half a pair of surrogates as bytes is no UTF-8
        assert b"\xed" in line
        return
    changed = row.put(other, {"added": 1}, style=style if isinstance(style := row.style(), str) else None)
    assert json.loads(changed) == {"x": extra, "text": other, "added": 1}
    path.write_bytes(changed)
    (again,) = rows(path, "jsonl")
    assert again.put(row.text, {}, ["added"], style) == line


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(deadline=None)
@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4), all_quoted=st.booleans(), delimiter=st.sampled_from(",;\t")
)
def test_a_csv_text_is_replaced_and_put_back(
    cells: list[tuple[str, str]], all_quoted: bool, delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / ("one.tsv" if delimiter == "\t" else "one.csv")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL)
    writer.writerows([("text", "n"), *cells])
    path.write_bytes(out.getvalue().encode())
    read = rows(path, "csv")
    assert b"".join(row.raw for row in read) == path.read_bytes()
    styles = [row.style() for row in read]
    path.write_bytes(
        b"".join(
            row.put("new, text" if row.text is not None else None, {"k": "k"}, (), style)
            for row, style in zip(read, styles, strict=True)
        )
        if not any(isinstance(style, dict) for style in styles)
        else path.read_bytes()
    )
    again = rows(path, "csv")
    back = [b.put(a.text, {}, ["k"], style) for a, b, style in zip(read, again, styles, strict=True)]
    assert b"".join(back) == out.getvalue().encode()


@pytest.mark.parametrize("source", [
    "", " \n", "[]", "{}", '{"text": "a"}', '[{"text": "a"}, 3, "x"]', '{"text": "a"}\n{"text": "b"}', '\ufeff[{"text": "a"}]',
    '[{"text": "a"}', '[{"text": ', "no JSON at all", '[{"text": "a"}, {"text": nonsense}, {"text": "c"}]',
])  # fmt: skip
def test_json_files_are_read_whole_whatever_is_in_them(source: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(source, "utf-8")
    found = rows(path, "json", Fields(text="text"))
    assert b"".join(row.raw for row in found) == path.read_bytes()
    assert bool([row for row in found if row.problem]) == (source in ('[{"text": ', "no JSON at all") or "nonsense" in source)


def test_a_large_json_array_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsclean.batch import json_files

    monkeypatch.setattr(json_files, "CHUNK", 7)
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": f"Straße {i} 雨", "n": 12.5} for i in range(40)], indent=1, ensure_ascii=False), "utf-8")
    found = rows(path, "json")
    assert b"".join(row.raw for row in found) == path.read_bytes()
    assert [row.text for row in found if row.number] == [f"Straße {i} 雨" for i in range(40)]


def test_slices_of_jsonl_are_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": "x" * i}) + "\n" for i in range(50)), "utf-8")
    size = path.stat().st_size
    for step in (1, 7, 64, size):
        bounds = [(at, min(at + step, size)) for at in range(0, size, step)]
        parts = [FORMATS["jsonl"].read(File(path, "a", start=a, stop=b, fields=Fields("text"))) for a, b in bounds]
        assert [row.text for part in parts for row in part] == ["x" * i for i in range(50)]


def test_parquet_keeps_types_and_nulls(tmp_path: Path) -> None:
    columns = {
        "meta": pa.array([{"text": ARTICLE, "n": 1}, None, {"text": None, "n": 3}]),
        "big": pa.array([ARTICLE, None, ""], pa.large_string()),
        "words": pa.array([["a"], [], None]),
        "time": pa.array([1, 2, None], pa.timestamp("us", "UTC")),
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
    }
    table = pa.table(columns).replace_schema_metadata({"made": "by hand"})
    pq.write_table(table, tmp_path / "t.parquet", compression="gzip")
    table = pq.read_table(tmp_path / "t.parquet")
    for field in ("meta.text", "big"):
        batch(tmp_path / field, tmp_path / "t.parquet", fields=Fields(text=field), columns=True)
        clean = pq.read_table(tmp_path / field / "t.parquet")
        other = "big" if field == "meta.text" else "meta"
        assert clean.drop_columns(["newsclean_removed_chars", "newsclean_labels", "newsclean_flags"]).schema.equals(
            table.schema, True
        )
        assert clean.column(other).equals(table.column(other))
        assert clean.column("newsclean_removed_chars").to_pylist()[0] == 15
        assert "Advertisement" not in json.dumps(clean.column(field.split(".")[0]).to_pylist())
        Results(tmp_path / field).restore(tmp_path / f"{field}-back")
        assert pq.read_table(tmp_path / f"{field}-back" / "t.parquet").equals(table)


def test_a_web_archive_becomes_a_table(tmp_path: Path) -> None:
    page = b"<html><head><title>Rain</title></head><body><p>The council met.</p><p>Advertisement</p></body></html>"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.com/a\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(http), http)
    )
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(record) * 2)
    batch(tmp_path / "out", path)
    lines = gzip.decompress((tmp_path / "out" / "a.warc.jsonl.gz").read_bytes()).decode().splitlines()
    assert json.loads(lines[1]) == {
        "id": "<urn:uuid:1>", "url": "https://example.com/a", "date": "2026-01-02T03:04:05Z", "title": "Rain", "text": "The council met.\n",
    }  # fmt: skip
    Results(tmp_path / "out").restore(tmp_path / "back")
    back = gzip.decompress((tmp_path / "back" / "a.warc.jsonl.gz").read_bytes()).decode().splitlines()
    assert json.loads(back[0])["text"] == "The council met.\n\nAdvertisement\n"
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="breaks off"):
        rows(cut, "warc")


PAGE = (FIXTURES / "html" / "harbour.html").read_text("utf-8")


def test_a_field_with_pages_gets_its_text_beside_it_and_is_restored(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": i, "html": html}) + "\n" for i, html in enumerate((PAGE, None, "", PAGE)))
    (tmp_path / "a.jsonl").write_text(lines, "utf-8")
    batch(tmp_path / "out", tmp_path / "a.jsonl", fields=Fields("html"), text_out="text", html=True)
    found = [json.loads(line).get("text") for line in (tmp_path / "out" / "a.jsonl").read_text("utf-8").splitlines()]
    assert found[0] == found[3] and "The harbour" in found[0] and "Sport" not in found[0]
    assert found[1] is None and found[2] == ""
    entries = list(Results(tmp_path / "out").entries())
    assert [entry.clean for entry in entries] == [found[0], "", found[0]]
    assert "nav:nth-of-type(1)" in entries[0].report["removals"][0]["paths"][0]
    Results(tmp_path / "out").restore(tmp_path / "back")
    assert (tmp_path / "back" / "a.jsonl").read_text("utf-8") == lines


def test_pages_of_a_dry_run_have_their_texts(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"html": PAGE}), "utf-8")
    (tmp_path / "b.html").write_text(PAGE, "utf-8")
    batch(tmp_path / "out", tmp_path / "a.jsonl", tmp_path / "b.html", fields=Fields("html"), html=True, dry_run=True)
    texts = [entry.clean or "" for entry in Results(tmp_path / "out").entries()]
    assert len(texts) == 2 and texts[0] == texts[1] and texts[0].startswith("Quiet harbour")


def test_markdown_of_pages_is_not_restored_but_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    (tmp_path / "b.txt").write_text(ARTICLE, "utf-8")
    batch(tmp_path / "out", tmp_path / "a.html", tmp_path / "b.txt", to="markdown")
    assert "[first boats](https://bay.example/boats)" in (tmp_path / "out" / "a.html.md").read_text("utf-8")
    assert [entry.clean is None for entry in Results(tmp_path / "out").entries()] == [True, False]
    with pytest.raises(InputError, match="is markdown, which nothing can be put back into"):
        Results(tmp_path / "out").restore(tmp_path / "back")
    Results(tmp_path / "out").restore(tmp_path / "back", ["b.txt"])
    assert (tmp_path / "back" / "b.txt").read_text("utf-8") == ARTICLE


def test_a_column_that_is_there_is_not_put_twice(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": ARTICLE, "clean": "x"}), "utf-8")
    batch(tmp_path / "out", tmp_path / "a.jsonl", text_out="clean")
    assert "there is a field 'clean' already" in (tmp_path / "out" / "errors.jsonl").read_text("utf-8")


@pytest.mark.parametrize(("rows", "missing"), [(400, 900), (3, 20)])
def test_an_archive_that_breaks_off_keeps_what_came_before(rows: int, missing: int, tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"{i} {ARTICLE * 40}", "x": random.Random(i).random()}) + "\n" for i in range(rows))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines.encode())[:-missing])
    batch(tmp_path / "out", path)
    kept = gzip.decompress((tmp_path / "out" / "a.jsonl.gz").read_bytes()).decode().splitlines()
    assert kept
    assert not any("Advertisement" in line for line in kept[:-1])
    errors = (tmp_path / "out" / "errors.jsonl").read_text("utf-8").splitlines()
    assert len(errors) <= 2  # the line in which it breaks off is none
    assert "breaks off" in json.loads(errors[-1])["reason"]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.txt.zst"])
def test_files_are_packed_as_they_were(name: str, tmp_path: Path) -> None:
    with writing(tmp_path / "in" / name, tmp_path / "tmp") as stream:
        stream.write(ARTICLE.encode())
    batch(tmp_path / "out", tmp_path / "in")
    with reading(tmp_path / "out" / name) as stream:
        assert stream.read().decode() == ARTICLE.replace("Advertisement\n\n", "")
    Results(tmp_path / "out").restore(tmp_path / "back")
    assert (tmp_path / "back" / name).read_bytes() == (tmp_path / "in" / name).read_bytes()


# --- fields -------------------------------------------------------------------------------------------

GUESSES: dict[str, tuple[dict[str, Any], str, str | None, str | None, str | None]] = {
    "news-please": ({"maintext": "m", "text": "t", "source_domain": "a.example", "url": "u"}, "maintext", None, "url", "source_domain"),
    "news-please without text": ({"maintext": "m", "text": None}, "maintext", None, None, None),
    "trafilatura": ({"title": "T", "source": "https://a.example/1", "hostname": "a.example", "text": "t"}, "text", "title", "source", "hostname"),
    "a source that is a name": ({"text": "t", "source": "The Courier"}, "text", None, None, None),
    "fundus": ({"title": "T", "plaintext": "p", "body": {"summary": []}}, "plaintext", "title", None, None),
    "no title in the first rows": ({"text": "t", "title": None, "url": ""}, "text", "title", "url", None),
    "datatrove": ({"text": "t", "id": "1", "metadata": {"url": "u"}}, "text", None, "metadata.url", None),
    "fake news": ({"content": "c", "domain": "d", "title": "T", "url": "u"}, "content", "title", "url", "domain"),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSES)
def test_fields_are_guessed(name: str) -> None:
    record, text, title, url, site = GUESSES[name]
    found = guess([record], Fields(), "t")
    assert (found.text, found.title, found.url, found.site) == (text, title, url, site)


def test_what_the_user_names_goes_before_a_guess() -> None:
    found = guess([{"text": "t", "deep": {"er": {"body": "b"}}}], Fields(text="deep.er.body"), "t")
    assert found.text == "deep.er.body"
    assert texts_of({"id": 7, "t": 3, "u": ""}, Fields("x", title="t", url="u", id="id")) == {
        "title": None,
        "url": None,
        "site": None,
        "id": "7",
    }


# --- files and portions -------------------------------------------------------------------------------


def test_links_are_followed_on_demand_and_never_in_circles(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("A", "utf-8")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "in" / "a.txt")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    place, out = (str(tmp_path / "in"),), tmp_path / "out"
    assert [one.name for one in inputs(Wanted(place), out)] == ["a.txt"]
    assert [one.name for one in inputs(Wanted(place, follow=True), out)] == ["a.txt", "link.txt"]


def test_a_new_file_changes_its_own_portion_only(tmp_path: Path) -> None:
    for i in range(600):
        (tmp_path / f"{i:03d}.txt").write_text("x" * (i % 50), "utf-8")

    def stamps() -> set[str]:
        found = shards(inputs(Wanted((str(tmp_path),)), tmp_path / "out"), Fields(), None)
        return {json.dumps([shard.id, shard.stamp()]) for shard in found}

    before = stamps()
    (tmp_path / "150a.txt").write_text("new", "utf-8")
    assert len(before) > 4
    assert len(stamps() - before) <= 2


def test_a_sample_is_drawn_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": f"{i}"}) + "\n" for i in range(1000)), "utf-8")
    for out in ("a", "b"):
        batch(tmp_path / out, tmp_path / "in.jsonl", sample=(0.2, 7))
    batch(tmp_path / "c", tmp_path / "in.jsonl", sample=(0.2, 8))
    a, b, c = ((tmp_path / out / "in.jsonl").read_text("utf-8") for out in "abc")
    assert a == b != c
    assert 130 < a.count("\n") < 270


# --- reports ------------------------------------------------------------------------------------------


def test_two_batches_are_compared(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": ARTICLE}) + "\n" + json.dumps({"text": "Sun."}), "utf-8")
    batch(tmp_path / "old", tmp_path / "in.jsonl", packs=())
    batch(tmp_path / "new", tmp_path / "in.jsonl")
    old, new = Results(tmp_path / "old"), Results(tmp_path / "new")
    found = compared(old, new)
    assert (found.documents, found.differing, found.changed) == (2, 1, True)
    assert found.cut["batch/ad-line"].samples == [("Advertisement", "in.jsonl:1")]
    assert compared(new, old).kept["batch/ad-line"].cuts == 1
    assert not compared(new, new).changed


def removal(start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end, "text": "abcdefghijklmnopqrst"[start:end], "rule": "r"}


@pytest.mark.parametrize(("these", "those", "only"), [
    ([(0, 5)], [], ["abcde"]),
    ([(0, 5)], [(0, 5)], []),
    ([(0, 5)], [(2, 3)], ["ab", "de"]),
    ([(2, 3)], [(0, 5)], []),
    ([(0, 4), (6, 9)], [(3, 7)], ["abc", "hi"]),
    ([(0, 9)], [(0, 1), (2, 3), (8, 12)], ["b", "defgh"]),
])  # fmt: skip
def test_stretches_that_only_one_cuts(these: list[tuple[int, int]], those: list[tuple[int, int]], only: list[str]) -> None:
    found = _only([removal(*r) for r in these], [removal(*r) for r in those])
    assert [text for _, text in found] == only


def test_entries_have_the_clean_text_with_or_without_copies(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": ARTICLE, "url": "https://www.a.example/1"}) + "\n", "utf-8")
    clean = ARTICLE.replace("Advertisement\n\n", "")
    for out, work in (("plain", {}), ("dry", {"dry_run": True}), ("both", {"text_out": "clean"})):
        batch(tmp_path / out, tmp_path / "in.jsonl", **work)
        (entry,) = Results(tmp_path / out).entries()
        assert (entry.name, entry.site, entry.clean) == ("in.jsonl:1", "a.example", clean)


def test_a_stretch_is_accounted_for_in_each_line(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": ARTICLE, "id": 7}) + "\n", "utf-8")
    batch(tmp_path / "out", tmp_path / "in.jsonl")
    (line,) = Results(tmp_path / "out").lines()
    assert (line["file"], line["row"], line["id"], line["flags"]) == ("in.jsonl", 1, "7", [])
    assert [(r["label"], r["text"]) for r in line["removals"]] == [("ad", "Advertisement\n\n")]


@pytest.mark.parametrize(("module", "name", "extra"), [("pyarrow", "a.parquet", "parquet"), ("fastwarc.warc", "a.warc", "warc")])
def test_a_missing_extra_is_named(module: str, name: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_bytes(b"x")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=rf"pip install 'newsclean\[{extra}\]'"):
        batch(tmp_path / "out", tmp_path / name)


def test_a_name_too_long_for_a_copy_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ("a" * 250 + ".html")).write_text("<p>Rain.", "utf-8")
    (tmp_path / "in" / "b.txt").write_text(ARTICLE, "utf-8")
    batch(tmp_path / "out", tmp_path / "in")
    assert "File name too long" in (tmp_path / "out" / "errors.jsonl").read_text("utf-8")
    Results(tmp_path / "out").restore(tmp_path / "back")
    assert (tmp_path / "back" / "b.txt").read_text("utf-8") == ARTICLE


def test_a_report_that_was_edited_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(ARTICLE, "utf-8")
    batch(tmp_path / "out", tmp_path / "in.txt")
    for lines in (b"", b"{}\n", b"half a l"):
        with writing(tmp_path / "out" / "report.jsonl.zst", tmp_path / "tmp") as stream:
            stream.write(lines)
        with pytest.raises(RestoreError, match="edited"):
            Results(tmp_path / "out").restore(tmp_path / "back")


def test_parquet_columns_that_python_has_no_values_for_pass_through(tmp_path: Path) -> None:
    columns = {"text": [ARTICLE], "far": pa.array([2**62], pa.timestamp("us")), "ns": pa.array([1], pa.timestamp("ns"))}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    batch(tmp_path / "out", tmp_path / "t.parquet")
    clean = pq.read_table(tmp_path / "out" / "t.parquet")
    assert clean.column("far").equals(pq.read_table(tmp_path / "t.parquet").column("far"))
    assert "Advertisement" not in clean.column("text")[0].as_py()
    twice = pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(twice, tmp_path / "twice.parquet")
    with pytest.raises(InputError, match="several columns are called 'text'"):
        rows(tmp_path / "twice.parquet", "parquet")


def test_a_page_that_cannot_be_unpacked_is_one_error(tmp_path: Path) -> None:
    def record(number: int, packed: bytes) -> bytes:
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + packed
        head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%d>\r\n" % number
        return head + b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (
            len(http),
            http,
        )

    good = gzip.compress(b"<p>The council met.</p><p>Advertisement</p>")
    (tmp_path / "a.warc").write_bytes(record(1, good) + record(2, b"no gzip") + record(3, good))
    batch(tmp_path / "out", tmp_path / "a.warc")
    lines = (tmp_path / "out" / "a.warc.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["The council met.\n", None, "The council met.\n"]
    assert "cannot be unpacked" in (tmp_path / "out" / "errors.jsonl").read_text("utf-8")
    assert Results(tmp_path / "out").restore(tmp_path / "back") == 1
