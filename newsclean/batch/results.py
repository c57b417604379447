"""What a batch left in OUT, read again: its counts, its documents with their reports, the originals.

Results(out).tally() | .lines() | .entries() | .restore(target)
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from newsclean.batch.collection import write_page
from newsclean.batch.counts import Entry
from newsclean.batch.fields import Fields
from newsclean.batch.formats import FORMATS, File
from newsclean.batch.job import COLUMNS, ByteSink, Sink
from newsclean.batch.rows import Row
from newsclean.batch.shards import place_of
from newsclean.batch.state import REPORT
from newsclean.batch.streams import reading, writing
from newsclean.batch.tally import Tally
from newsclean.errors import InputError, NewscleanError, RestoreError
from newsclean.report import cut, restore
from newsclean.report import rows_of as rows_of_report

# The format of a clean copy, where it is not that of the original.
_COPIES = {"html": "text", "warc": "jsonl"}


@dataclass(frozen=True, slots=True)
class Copy:
    """A clean copy in OUT: its path there, format and fields, and the `outputs` of the markers that made it, in order."""

    name: str
    out: str
    format: str
    fields: Fields
    encoding: str | None
    outputs: tuple[Mapping[str, Any], ...]


class Results:
    """The results in OUT. Raises InputError where there are none, or the batch is not finished."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.run = self._state("run.json", "no results of a batch")
        self.shards = list(self._state("report.json", "the batch is not finished; go on with --resume")["ranges"])
        added = (self.run["text_out"],) if self.run["text_out"] else ()
        self.added = (*added, *(COLUMNS if self.run["columns"] else ()))

    def _state(self, name: str, missing: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.out / ".newsclean" / name).read_bytes()))
        except (OSError, ValueError):
            raise InputError(f"{self.out}: {missing}") from None

    def markers(self) -> Iterator[dict[str, Any]]:
        """What every shard says of itself, in order."""
        for shard in self.shards:
            yield self._state(f"done/{shard}.json", f"the marker of shard {shard} is missing; --resume makes it again")

    def tally(self) -> Tally:
        total = Tally()
        for marker in self.markers():
            total.add(Tally.from_dict(marker["tally"]))
        return total

    def lines(self) -> Iterator[dict[str, Any]]:
        """The report, document by document."""
        with reading(self.out / REPORT) as stream:
            for line in io.BufferedReader(stream, 1 << 20):  # type: ignore[type-var]
                yield json.loads(line)

    # --- documents ---

    def copies(self) -> Iterator[Copy]:
        """The clean copies, in order. A file of slices is one copy."""
        outputs = (output for marker in self.markers() for output in marker["outputs"])
        for (name, format), group in groupby(outputs, key=lambda output: (output["name"], output["format"])):
            parts = tuple(group)
            fields = next((Fields(**part["fields"]) for part in parts if part["fields"]), Fields())
            if parts[0]["out"]:
                copy = _COPIES.get(format, format)
                yield Copy(name, parts[0]["out"], copy, fields, parts[0]["encoding"], parts)

    def entries(self) -> Iterator[Entry]:
        """Every document with its report, and its clean text where that can be had."""
        texts = self._original_texts() if self.run["dry_run"] else self._clean_texts()
        for line, text in zip(self.lines(), texts, strict=False):
            place = place_of(line["file"], line["slice"], line["row"])
            yield Entry(place, line.get("site") or _host(line.get("url")), line, text)

    def _clean_texts(self) -> Iterator[str | None]:
        for copy in self.copies():
            fields = Fields(text=self.run["text_out"]) if self.run["text_out"] and FORMATS[copy.format].table else copy.fields
            wanted = sum(output["documents"] for output in copy.outputs)
            yield from _texts(File(self.out / copy.out, copy.name, encoding=copy.encoding, fields=fields), copy.format, wanted)

    def _original_texts(self) -> Iterator[str | None]:
        """The clean texts of a dry run, made from the inputs, if they are still there."""
        originals: Iterator[str | None] = (
            text for marker in self.markers() for output, one in zip(marker["outputs"], marker["inputs"], strict=False)
            for text in _texts(_input_file(output, one, marker["slice"]), output["format"], output["documents"])
        )  # fmt: skip
        if self.run["sample"]:
            originals = iter(())
        for line, text in zip(self.lines(), originals, strict=False):
            yield cut(text, rows_of_report(line)) if text is not None else None

    def write_page(self, target: Path) -> None:
        """One page of HTML on all of it."""
        about = {"batch": str(self.out), "newsclean": str(self.run["newsclean"]), "profile": self.run["policy"]["profile"]}
        with writing(target, target.parent, pack=False) as stream:
            text = io.TextIOWrapper(stream, "utf-8", newline="")
            write_page(text, self.entries(), about)
            text.flush()
            text.detach()

    # --- the way back ---

    def restore(self, target: Path, only: Collection[str] = ()) -> int:
        """Write the originals of all copies, or of those named, into `target`; how many it were. Each is verified by the
        digest of what was read. Raises RestoreError where a copy or the report was edited."""
        if self.run["dry_run"]:
            raise InputError(f"{self.out}: is of a dry run, which leaves the originals where they are")
        if target.resolve() == self.out.resolve():
            raise InputError(f"{target}: is OUT itself; restore into another directory")
        missing = set(only)
        lines, number = self.lines(), 0
        for copy in self.copies():
            documents = sum(output["documents"] for output in copy.outputs)
            if only and copy.name not in only and copy.out not in only:
                for _ in range(documents):
                    next(lines)
                continue
            missing -= {copy.name, copy.out}
            self._restore(copy, lines, target)
            number += 1
        shutil.rmtree(target / ".newsclean", ignore_errors=True)
        if missing:
            raise InputError(f"{self.out}: has no copy of {', '.join(sorted(missing))}")
        return number

    def _restore(self, copy: Copy, lines: Iterator[dict[str, Any]], target: Path) -> None:
        line = next(lines) if not FORMATS[copy.format].table else None  # the encoding of a text is its report's
        encoding = line["encoding"] if line else copy.encoding
        path = self.out / copy.out
        rows = FORMATS[copy.format].read(File(path, copy.name, encoding=encoding, fields=copy.fields))
        with writing(target / copy.out, target / ".newsclean") as stream:
            sink = self._sink(copy, path, stream)
            check = _Check(copy)
            for row in rows:
                if row.text is None or (isinstance(line, dict) and row.number == 0):
                    check.add(sink.put(row, None, {}))
                else:
                    check.add(self._restored(row, line or next(lines), sink, copy.name))
            check.end()
            sink.close()

    def _sink(self, copy: Copy, path: Path, stream: Any) -> Sink:
        if copy.format == "parquet":
            from newsclean.batch.parquet import ParquetSink

            return ParquetSink(stream, path, dropped=self.added, name=copy.name)
        return ByteSink(stream, self.added if FORMATS[copy.format].table else ())

    def _restored(self, row: Row, line: dict[str, Any], sink: Sink, name: str) -> bytes:
        if line["file"] != name:
            raise RestoreError(f"{name}: the report speaks of {line['file']} here: copy and report do not belong together")
        if self.run["text_out"] or not line["removals"]:
            return sink.put(row, None, {})
        try:
            return sink.put(row, restore(row.text or "", line), {}, line.get("style"))
        except RestoreError as error:
            raise RestoreError(f"{place_of(name, line['slice'], line['row'])}: {error}") from None


class _Check:
    """Compares the digests of what is given back with those of what was read, slice by slice."""

    def __init__(self, copy: Copy) -> None:
        self.copy, self.outputs = copy, list(copy.outputs)
        self.sha, self.rows = hashlib.sha256(), 0

    def add(self, data: bytes) -> None:
        while self.outputs and self.rows == self.outputs[0]["rows"]:
            self._compare()
        self.sha.update(data)
        self.rows += 1

    def end(self) -> None:
        while self.outputs:
            self._compare()

    def _compare(self) -> None:
        wanted = self.outputs.pop(0)
        if self.rows != wanted["rows"] or self.sha.hexdigest() != wanted["sha256"]:
            raise RestoreError(f"{self.copy.out}: does not give the original back: it was edited since, or is another file")
        self.sha, self.rows = hashlib.sha256(), 0


def _input_file(output: Mapping[str, Any], one: list[Any], slice_: list[Any] | None) -> File:
    start, stop = slice_ or (0, None)
    fields = Fields(**output["fields"]) if output["fields"] else None
    return File(Path(one[1]), output["name"], encoding=output["encoding"], start=start, stop=stop, fields=fields)


def _texts(file: File, format: str, wanted: int) -> Iterator[str | None]:
    """The texts of a file's documents; None for each of those that cannot be read any more."""
    given = 0
    if wanted:
        try:
            for row in FORMATS[format].read(file):
                if row.text is not None and given < wanted:
                    given += 1
                    yield row.text
        except NewscleanError:
            pass
    yield from [None] * (wanted - given)


def _host(url: str | None) -> str | None:
    if not url:
        return None
    from urllib.parse import urlsplit

    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None
