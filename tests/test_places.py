"""Inputs and outputs behind URLs: the same files, whatever is between; and stores that fail."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean.batch import places, progress, run, streams
from newsclean.batch.finding import Wanted, inputs
from newsclean.batch.job import Work
from newsclean.batch.results import Results
from newsclean.engine import Cleaner
from newsclean.errors import ConfigError, InputError, OutputError
from newsclean.loading import load_pack
from tests.batch_driver import SMALL
from tests.test_batch_runs import ARTICLE, contents

fsspec = pytest.importorskip("fsspec", reason="needs the extra remote")
pytest.importorskip("upath", reason="needs the extra remote")


@pytest.fixture
def store() -> Iterator[str]:
    """A store in the memory of this process."""
    memory = fsspec.filesystem("memory")
    yield "memory://news"
    with contextlib.suppress(FileNotFoundError):
        memory.rm("/news", recursive=True)


def put(url: str, folder: Path) -> None:
    fs = fsspec.filesystem("memory")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        fs.pipe(f"{url}/{path.relative_to(folder)}", path.read_bytes())


def got(url: str) -> dict[str, bytes]:
    fs = fsspec.filesystem("memory")
    return {name: fs.cat(f"{url}/{name}") for name in places.walked(url) if ".newsclean" not in name}


def ran(source: str, out: str, workers: int = 1, resume: bool = False) -> run.Outcome:
    order = run.Order(Wanted((source,)), Work(out), workers, resume=resume)
    with run.Stop() as stop:
        return run.run(order, Cleaner(packs=[load_pack(SMALL)]), progress.Quiet(), stop)


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A collection of files and tables, the tables in slices, and what a run on this machine makes of it."""
    monkeypatch.setattr("newsclean.batch.shards.SLICE", 3_000)
    source = tmp_path / "in"
    (source / "0").mkdir(parents=True)
    for i in range(20):
        (source / "0" / f"{i:04d}.txt").write_text(ARTICLE.format(i), "utf-8")
    (source / "news.jsonl").write_text(
        "".join(json.dumps({"id": i, "text": ARTICLE.format(i)}) + "\n" for i in range(90)), "utf-8"
    )
    table = pa.table({"text": [ARTICLE.format(i) for i in range(90)]})
    pq.write_table(table, source / "news.parquet", row_group_size=20, compression="none", use_dictionary=False)
    assert ran(str(source), str(tmp_path / "out")).shards > 6
    return source, tmp_path / "out"


def test_a_store_to_a_store(local: tuple[Path, Path], store: str, tmp_path: Path) -> None:
    source, out = local
    put(f"{store}/raw", source)
    assert ran(f"{store}/raw", f"{store}/clean").tally.documents == 200
    assert got(f"{store}/clean") == contents(out)
    again = ran(f"{store}/raw/", f"{store}/clean/", resume=True)
    assert again.skipped == again.shards
    fsspec.filesystem("memory").pipe(f"{store}/raw/0/0000.txt", b"New.\n\nAdvertisement\n")
    assert ran(f"{store}/raw", f"{store}/clean", resume=True).skipped == again.shards - 1
    assert got(f"{store}/clean")["0/0000.txt"] == b"New.\n"
    assert Results(f"{store}/clean").restore(tmp_path / "back") == 22
    assert (tmp_path / "back" / "news.jsonl").read_bytes() == (source / "news.jsonl").read_bytes()


def test_a_disk_to_a_store_and_a_store_to_a_disk(local: tuple[Path, Path], store: str, tmp_path: Path) -> None:
    source, out = local
    shards = ran(str(source), f"{store}/clean").shards
    assert ran(str(source), f"{store}/clean", resume=True).skipped == shards
    assert got(f"{store}/clean") == contents(out)
    put(f"{store}/raw", source)
    ran(f"{store}/raw", str(tmp_path / "here"))
    assert contents(tmp_path / "here") == contents(out)


def test_several_workers(local: tuple[Path, Path], tmp_path: Path) -> None:
    source, out = local
    ran(f"file://{source}", f"file://{tmp_path / 'far'}", workers=2)
    assert contents(tmp_path / "far") == contents(out)


def test_which_files(store: str, tmp_path: Path) -> None:
    fs = fsspec.filesystem("memory")
    for name in (
        "a/1.jsonl",
        "a/b/2.txt",
        "a/b/.3.txt",
        "a/4.bin",
        "c/5.txt",
        "out/.newsclean/run.json",
        "out/6.txt",
        "out/report.jsonl.zst",
    ):
        fs.pipe(f"{store}/{name}", b'{"text": "Rain."}\n')

    def names(*wanted: str, out: str | None = None, **options: Any) -> list[str]:
        return [one.name for one in inputs(Wanted(wanted, **options), None if out is None else places.path_of(out))]

    assert names(f"{store}/a") == ["1.jsonl", "b/2.txt"]
    assert names(f"{store}/a", hidden=True) == ["1.jsonl", "b/.3.txt", "b/2.txt"]
    assert names(f"{store}/a", f"{store}/c") == ["a/1.jsonl", "a/b/2.txt", "c/5.txt"]
    assert names(f"{store}/a/b/2.txt", f"{store}/c/5.txt") == ["a/b/2.txt", "c/5.txt"]
    assert names(f"{store}/**/*.txt") == ["a/b/.3.txt", "a/b/2.txt", "c/5.txt", "out/6.txt"]
    assert names(store) == ["a/1.jsonl", "a/b/2.txt", "c/5.txt", "out/6.txt"]  # not what a batch says of itself
    assert names(store, out=f"{store}/out") == ["a/1.jsonl", "a/b/2.txt", "c/5.txt"]
    (listed := tmp_path / "list").write_text(f"{store}/c/5.txt\n{store}/a/1.jsonl\n", "utf-8")
    assert names(listed=str(listed)) == ["news/c/5.txt", "news/a/1.jsonl"]
    for wrong, said in ((f"{store}/none", "no such file or folder"), (f"{store}/x*", "no such file or folder")):
        with pytest.raises(InputError, match=said):
            names(wrong)
    with pytest.raises(InputError, match="lies in"):
        names(f"{store}/c", out=f"{store}/c")


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("nosuchstore://a/b", InputError, "nosuchstore://a/b: "),
        ("gs://bucket/b", ConfigError, "gs://bucket/b: .*gcsfs"),
    ],
)
def test_stores_that_are_not_there(url: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        places.path_of(url)


def test_a_store_that_fails(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = type(fsspec.filesystem("memory"))

    def fails(*_: object, **__: object) -> None:
        raise LookupError("the store is closed")

    fsspec.filesystem("memory").pipe(f"{store}/a.txt", b"Rain.\n")
    monkeypatch.setattr(memory, "_open", fails)
    with (
        pytest.raises(InputError, match=r"a\.txt: cannot read: LookupError: the store is closed"),
        streams.reading(f"{store}/a.txt"),
    ):
        pass
    with pytest.raises(InputError, match="is not empty"):
        ran(str(SMALL), store)
    monkeypatch.setattr(memory, "ls", fails)
    with pytest.raises(OutputError, match="cannot read: LookupError: the store is closed"):
        ran(str(SMALL), f"{store}/out")
    target = places.path_of(f"{store}/b.txt")
    with pytest.raises(OutputError, match=r"b\.txt: cannot write: LookupError"), streams.writing(target, target.parent):
        pass


def test_what_is_not_whole_is_not_there(store: str) -> None:
    target = places.path_of(f"{store}/b.txt")
    with contextlib.suppress(ZeroDivisionError), streams.writing(target, target.parent) as stream:
        stream.write(b"half")
        stream.flush()
        raise ZeroDivisionError
    assert places.walked(store) == []
    with streams.writing(target, target.parent) as stream:
        stream.write(b"whole")
    assert places.walked(store) == ["b.txt"]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "upath", None)
    with pytest.raises(ConfigError, match=r"pip install 'newsclean\[remote\]'"):
        places.path_of("s3://bucket/a")
