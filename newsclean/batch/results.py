"""What a batch left in OUT, read again: its counts, its documents with their reports, the originals.

Results(out).tally() | .lines() | .entries() | .restore(target)
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from newsclean.batch.cleaning import page_in
from newsclean.batch.collection import write_page
from newsclean.batch.counts import Entry
from newsclean.batch.fields import Fields
from newsclean.batch.files import File
from newsclean.batch.formats import FORMATS
from newsclean.batch.job import COLUMNS, ByteSink, Sink
from newsclean.batch.places import path_of
from newsclean.batch.rows import Row
from newsclean.batch.shards import REPORT, STATE, place_of
from newsclean.batch.streams import reading, writing
from newsclean.batch.tally import Tally
from newsclean.document import host_of
from newsclean.errors import InputError, NewscleanError, RestoreError
from newsclean.report import cut, restore
from newsclean.report import rows_of as rows_of_report

# The format of a clean copy, where it is not that of the original.
_COPIES = {"html": "text", "warc": "jsonl"}


@dataclass(frozen=True, slots=True)
class Copy:
    """A clean copy in OUT: its path there, format and fields, and the `outputs` of the markers that made it, in order;
    `rendered`: its texts are Markdown or HTML, which nothing can be put back into."""

    name: str
    out: str
    format: str
    fields: Fields
    encoding: str | None
    outputs: tuple[Mapping[str, Any], ...]
    rendered: bool = False


class Results:
    """The results in OUT. Raises InputError where there are none, or the batch is not finished."""

    def __init__(self, out: str | Path) -> None:
        self.out = path_of(str(out))
        self.run = self._state(
            "run.json", "no results of a batch", "text_out", "columns", "policy", "sample", "dry_run", "html", "to"
        )
        self.shards = list(self._state("report.json", "the batch is not finished; go on with --resume", "ranges")["ranges"])
        added = (self.run["text_out"],) if self.run["text_out"] else ()
        self.added = (*added, *(COLUMNS if self.run["columns"] else ()))

    def _state(self, name: str, missing: str, *keys: str) -> dict[str, Any]:
        path = self.out / STATE / name
        try:
            data = json.loads(path.read_bytes())
        except (OSError, ValueError):
            raise InputError(f"{self.out}: {missing}") from None
        if not isinstance(data, dict) or not all(key in data for key in keys):
            raise InputError(f"{path}: is damaged; --resume or --overwrite makes it again")
        return data

    def markers(self) -> Iterator[dict[str, Any]]:
        """What every shard says of itself, in order."""
        for shard in self.shards:
            missing = f"the marker of shard {shard} is missing; --resume makes it again"
            yield self._state(f"done/{shard}.json", missing, "inputs", "outputs", "tally", "errors", "slice")

    def tally(self) -> Tally:
        total = Tally()
        for marker in self.markers():
            total.add(Tally.from_dict(marker["tally"]))
        return total

    def lines(self) -> Iterator[dict[str, Any]]:
        """The report, document by document."""
        with reading(self.out / REPORT) as stream:
            for number, line in enumerate(stream, 1):
                try:
                    data = json.loads(line)
                    whole = all(key in data for key in ("file", "slice", "row", "flags", "removals", "spared"))
                    whole = whole and data["original"]["chars"] >= data["clean"]["chars"] >= 0
                except (ValueError, KeyError, TypeError):
                    whole = False
                if not whole:
                    raise RestoreError(f"{self.out / REPORT}: line {number} is none of a report: it was edited")
                yield data

    # --- documents ---

    def copies(self) -> Iterator[Copy]:
        """The clean copies, in order. A file of slices is one copy."""
        outputs = (output for marker in self.markers() for output in marker["outputs"])
        for (name, format), group in groupby(outputs, key=lambda output: (output["name"], output["format"])):
            parts = tuple(group)
            fields = next((Fields(**part["fields"]) for part in parts if part["fields"]), Fields())
            if parts[0]["out"]:
                copy = _COPIES.get(format, format)
                rendered = self.run["to"] != "text" and format in _COPIES
                yield Copy(name, parts[0]["out"], copy, fields, parts[0]["encoding"], parts, rendered)

    def entries(self) -> Iterator[Entry]:
        """Every document with its report, and its clean text where that can be had."""
        texts = self._original_texts() if self.run["dry_run"] else self._clean_texts()
        for line, text in zip(self.lines(), texts, strict=False):
            place = place_of(line["file"], line["slice"], line["row"])
            site = line.get("site") or (host_of(line.get("url")) or "").removeprefix("www.") or None
            yield Entry(place, site, line, text)

    def _clean_texts(self) -> Iterator[str | None]:
        for copy in self.copies():
            fields = Fields(text=self.run["text_out"]) if self.run["text_out"] and FORMATS[copy.format].table else copy.fields
            wanted = sum(output["documents"] for output in copy.outputs)
            if self.run["to"] != "text" and (copy.rendered or self.run["html"]):
                yield from [None] * wanted
                continue
            yield from _texts(File(self.out / copy.out, copy.name, encoding=copy.encoding, fields=fields), copy.format, wanted)

    def _original_texts(self) -> Iterator[str | None]:
        """The clean texts of a dry run, made from the inputs, if they are still there."""
        originals: Iterator[str | None] = (
            text for marker in self.markers() for output, one in zip(marker["outputs"], marker["inputs"], strict=False)
            for text in _texts(
                _input_file(output, one, marker["slice"]), output["format"], output["documents"], self.run["html"]
            )
        )  # fmt: skip
        if self.run["sample"]:
            originals = iter(())
        for line, text in zip(self.lines(), originals, strict=False):
            yield cut(text, rows_of_report(line)) if text is not None else None

    def write_page(self, target: Path) -> None:
        """One page of HTML on all of it."""
        about = {"batch": str(self.out), "newsclean": str(self.run["newsclean"]), "profile": self.run["policy"]["profile"]}
        target = target.resolve()  # what a link leads to
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
        if str(target.resolve()) == str(self.out.resolve()):
            raise InputError(f"{target}: is OUT itself; restore into another directory")
        missing, number = set(only), 0
        scratch = target / f".newsclean-{secrets.token_hex(8)}"
        try:
            number = self._restore_all(target, scratch, missing)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if missing:
            raise InputError(f"{self.out}: has no copy of {', '.join(sorted(missing))}")
        return number

    def _restore_all(self, target: Path, scratch: Path, missing: set[str]) -> int:
        only, number, lines = frozenset(missing), 0, self.lines()
        for copy in self.copies():
            documents = sum(output["documents"] for output in copy.outputs)
            if only and copy.name not in only and copy.out not in only:
                self._pass(lines, documents)
            elif not (self.out / copy.out).exists():  # some slices of it were given up
                self._pass(lines, documents)
                missing.add(copy.name)
            else:
                missing -= {copy.name, copy.out}
                self._restore(copy, lines, target, scratch)
                number += 1
        return number

    def _pass(self, lines: Iterator[dict[str, Any]], number: int) -> None:
        for _ in range(number):
            self._next(lines)

    def _next(self, lines: Iterator[dict[str, Any]]) -> dict[str, Any]:
        line = next(lines, None)
        if line is None:
            raise RestoreError(f"{self.out / REPORT}: has fewer lines than there are documents: it was edited")
        return line

    def _restore(self, copy: Copy, lines: Iterator[dict[str, Any]], target: Path, scratch: Path) -> None:
        if copy.rendered and not self.run["text_out"]:
            raise InputError(
                f"{copy.out}: is {self.run['to']}, which nothing can be put back into; clean with --to text for that"
            )
        line = self._next(lines) if not FORMATS[copy.format].table else None  # the encoding of a text is its report's
        encoding = line["encoding"] if line else copy.encoding
        path = self.out / copy.out
        rows = FORMATS[copy.format].read(File(path, copy.name, encoding=encoding, fields=copy.fields))
        with writing(target / copy.out, scratch) as stream:
            sink = self._sink(copy, path, stream)
            check = _Check(copy)
            for row in rows:
                if row.text is None or (isinstance(line, dict) and row.number == 0):
                    check.add(sink.put(row, None, {}))
                else:
                    check.add(self._restored(row, line or self._next(lines), sink, copy.name))
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
    return File(one[1], output["name"], encoding=output["encoding"], start=start, stop=stop, fields=fields)


def _texts(file: File, format: str, wanted: int, html: bool = False) -> Iterator[str | None]:
    """The texts of a file's documents; None for each of those that cannot be read any more. `html`: as in Work."""
    given = 0
    if wanted:
        try:
            for row in FORMATS[format].read(file):
                if row.text is not None and given < wanted:
                    given += 1
                    page = page_in(row, html and FORMATS[format].table)
                    yield row.text if page is None else page.text
        except NewscleanError:
            pass
    yield from [None] * (wanted - given)
