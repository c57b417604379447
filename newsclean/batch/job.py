"""The shard job: read, clean, write, say what was done. It knows no engine: any process with the files at hand can run it.

    run(shard, work, cleaner, tell) -> the shard's marker, as JSON has it

Every file gets its name when it is whole, and the marker comes last. So a job that was killed is run again, and one that
is run twice does the same thing twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from newsclean.batch.cleaning import cleaned_row, page_in
from newsclean.batch.fields import Fields
from newsclean.batch.files import File
from newsclean.batch.formats import FORMATS
from newsclean.batch.places import path_of
from newsclean.batch.rows import Csv, Json, Row
from newsclean.batch.shards import STATE, Input, Shard, folder_of, place_of
from newsclean.batch.streams import writing
from newsclean.batch.tally import Tally
from newsclean.engine import Cleaner
from newsclean.errors import ConfigError, InputError, NewscleanError
from newsclean.outputs import rendered
from newsclean.report import Cleaned

MOST_ERRORS = 1000  # of a file that are told one by one; all are counted
COLUMNS = ("newsclean_removed_chars", "newsclean_labels", "newsclean_flags")


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done with every document, and where it goes. `sample`: the share of documents taken, and the seed;
    `site`: that of documents that name none; `html`: the text field of tables holds pages; `to`, `images`: what is made of a
    page."""

    out: str
    fields: Fields = field(default_factory=Fields)
    encoding: str | None = None
    text_out: str | None = None
    columns: bool = False
    dry_run: bool = False
    sample: tuple[float, int] | None = None
    site: str | None = None
    html: bool = False
    to: str = "text"
    images: bool = False

    @property
    def added(self) -> tuple[str, ...]:
        """The columns that the tables get besides."""
        return (*((self.text_out,) if self.text_out else ()), *(COLUMNS if self.columns else ()))

    def path(self, *parts: str) -> Path:
        return path_of(self.out, *parts, live=True)

    def state(self, *parts: str) -> Path:
        return path_of(self.out, STATE, *parts, live=True)


# tell(documents, characters, removed, errors): what was done since the last call
Tell = Callable[[int, int, int, int], None]


class Sink(Protocol):
    """Where rows go. `put` writes one, with another text or as it is, and gives what stands for it in the digest."""

    def put(self, row: Any, text: str | None, add: Mapping[str, Any], style: Any = None) -> bytes: ...

    def close(self) -> None: ...


class ByteSink:
    """Rows that are bytes, one after the other."""

    def __init__(self, stream: BinaryIO | None, dropped: Sequence[str] = ()) -> None:
        self.stream, self.dropped = stream, dropped

    def put(self, row: Row, text: str | None, add: Mapping[str, Any], style: Any = None) -> bytes:
        same = text is None and not add and not self.dropped
        data = row.raw if same else row.put(text, add, self.dropped, style)
        if self.stream is not None:
            self.stream.write(data)
        return data

    def close(self) -> None:
        pass


def run(
    shard: Shard, work: Work, cleaner: Cleaner, tell: Tell | None = None, most: int | None = None,
    begins: Callable[[int], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Do a shard and leave its marker. `most`: documents after which to stop; `begins` is told which input comes next.

    Raises OutputError where something cannot be written. What is wrong with an input is in the marker's `errors`.
    """
    tally, errors, outputs = Tally(), list[dict[str, Any]](), list[dict[str, Any]]()
    with writing(work.state("parts", f"{shard.id}.jsonl.zst"), work.state("tmp")) as report:
        for number, one in enumerate(shard.inputs):
            if begins:
                begins(number)
            part = _Part(
                shard, one, work, cleaner, report, tell or (lambda *_: None), None if most is None else most - tally.documents
            )
            part.run()
            tally.add(part.tally)
            errors += part.errors
            outputs.append(part.output())
            if most is not None and tally.documents >= most:
                break
    marker = {"shard": shard.id, **shard.stamp(), "outputs": outputs, "tally": tally.to_dict(), "errors": errors}
    with writing(work.state("done", f"{shard.id}.json"), work.state("tmp")) as file:
        file.write(json.dumps(marker).encode())
    return marker


class _Part:
    """One file of a shard, on its way."""

    def __init__(
        self, shard: Shard, one: Input, work: Work, cleaner: Cleaner, report: BinaryIO, tell: Tell, most: int | None
    ) -> None:
        self.shard, self.one, self.work, self.cleaner, self.report = shard, one, work, cleaner, report
        self.tell, self.most = tell, most
        self.file = File(
            one.path, one.name, work.fields, work.encoding, shard.start, shard.stop, shard.fields if shard.slices else None
        )
        self.tally, self.errors = Tally(), list[dict[str, Any]]()
        self.sha, self.size, self.rows = hashlib.sha256(), 0, 0
        self.written = False

    def output(self) -> dict[str, Any]:
        """What the marker says of the file: its clean copy and its size, and the digest of what restoring has to give."""
        fields = asdict(self.file.fields) if self.file.fields else None
        return {
            "name": self.one.name, "out": self.one.out if self.written else None, "size": self.size, "format": self.one.format,
            "fields": fields, "encoding": self.file.encoding, "rows": self.rows, "documents": self.tally.documents,
            "sha256": self.sha.hexdigest(),
        }  # fmt: skip

    def run(self) -> None:
        rows = FORMATS[self.one.format].read(self.file)
        try:
            first = next(rows, None)
            self._refuse(first)
        except ConfigError:  # something is not installed
            raise
        except NewscleanError as error:  # there is nothing to write, or it would not be right
            self._problem(None, str(error))
            return
        if not FORMATS[self.one.format].table and not self._taken(1):
            return
        if self.work.dry_run:
            self._rows(first, rows, ByteSink(None))
            return
        target = self.work.state("parts", f"{self.shard.id}.out") if self.shard.slices else self.work.path(self.one.out)
        try:
            with writing(target, self.work.state("tmp"), pack=not self.shard.slices) as stream:
                sink = self._sink(stream)
                self._rows(first, rows, sink)
                sink.close()
        except InputError as error:  # the copy cannot have its name
            self._problem(None, str(error))
            return
        self.size, self.written = target.stat().st_size, True

    def _refuse(self, first: Row | None) -> None:
        """Raise InputError where the copy would be no good."""
        partly = self.work.sample is not None or self.most is not None
        if partly and self.one.format == "json" and not self.work.dry_run:
            raise InputError("a JSON array is not written in part; --sample and --limit take JSON lines, or --dry-run")
        there = list(first.header) if isinstance(first, Csv) else list(first.fields) if isinstance(first, Json) else []
        if self.one.format == "parquet" and first is not None:
            there = list(first.batch.schema.names)  # type: ignore[attr-defined]
        there += [self.file.fields.text] if self.file.fields and self.file.fields.text else []
        if clash := [name for name in self.work.added if name in there]:
            raise InputError(f"there is a field '{clash[0]}' already; name another with --text-out, or leave out --columns")

    def _sink(self, stream: BinaryIO) -> Sink:
        if self.one.format == "parquet":
            from newsclean.batch.parquet import ParquetSink

            return ParquetSink(stream, self.one.path, self.work.added, name=self.one.name)
        return ByteSink(stream)

    def _rows(self, first: Row | None, rest: Any, sink: Sink) -> None:
        """All rows to the sink; where the file breaks off, those before it."""
        row = first
        try:
            while row is not None:
                self._row(row, sink)
                if self.most is not None and self.tally.documents >= self.most:
                    return
                row = next(rest, None)
        except InputError as error:
            self._problem(None, str(error))

    def _row(self, row: Row, sink: Sink) -> None:
        if row.problem:
            self._problem(row.number, row.problem)
        if row.number and not self._taken(row.number):
            return
        self.sha.update(row.raw)
        self.rows += 1
        table = FORMATS[self.one.format].table
        if row.text is None:
            self.tally.without_text += bool(row.number and not row.problem)
            sink.put(row, None, self._columns(row, None) if table else {})
            return
        row.page = page_in(row, self.work.html and table)
        cleaned = cleaned_row(row, self.cleaner, self._site(row))
        product = rendered(cleaned, self.work.to, self.work.images)
        self.tally.count(cleaned)
        size = len(cleaned.report.original)
        changed = bool(cleaned.report.removals) or product != cleaned.text
        style = row.style() if changed and table and not self.work.text_out else None
        kept = product if changed and not self.work.text_out else None
        sink.put(row, kept, self._columns(row, cleaned, product) if table else {}, style if isinstance(style, str) else None)
        self.report.write(_line(self.one, self.shard, row, cleaned, style))
        self.tell(1, size, size - len(cleaned.text), 0)

    def _site(self, row: Row) -> str | None:
        """The site of a document that names none. Its address says more than its folder."""
        return self.work.site or (None if row.known.get("url") else folder_of(self.one))

    def _taken(self, number: int) -> bool:
        if self.work.sample is None:
            return True
        share, seed = self.work.sample
        drawn = hashlib.sha256(
            f"{seed}\n{self.one.name}\n{self.shard.start}\n{number}".encode("utf-8", "surrogateescape")
        ).digest()
        return int.from_bytes(drawn[:8]) < share * 2**64

    def _columns(self, row: Row, cleaned: Cleaned | None, product: str = "") -> dict[str, Any]:
        """The added columns; their names for a header. A row that has no text gets none."""
        if cleaned is None:
            return {name: name for name in self.work.added} if isinstance(row, Csv) and not row.number else {}
        found: dict[str, Any] = {self.work.text_out: product} if self.work.text_out else {}
        if self.work.columns:
            report = cleaned.report
            removed = len(report.original) - len(cleaned.text)
            found |= zip(COLUMNS, (removed, " ".join(report.by_label), " ".join(report.flags)), strict=True)
        return found

    def _problem(self, number: int | None, reason: str) -> None:
        place = place_of(self.one.name, self.shard.start, number)
        reason = reason.removeprefix(f"{self.one.name}: ").removeprefix(f"{self.one.path}: ")
        self.tally.errors += 1
        if self.tally.errors <= MOST_ERRORS:
            self.errors.append({"file": self.one.name, "place": place, "reason": reason})
        self.tell(0, 0, 0, 1)


def _line(one: Input, shard: Shard, row: Row, cleaned: Cleaned, style: Any) -> bytes:
    """The document's line of the report. Packs and options are the same for all, and stand in the run's own record."""
    report = cleaned.report.to_dict()
    for key in ("source", "newsclean", "packs", "options"):
        del report[key]
    place = {"file": one.name, "slice": shard.start, "row": row.number if FORMATS[one.format].table else None}
    named = {role: value for role in ("id", "site", "url", "title") if (value := row.known.get(role))}
    data = {**place, **named, **report, **({"style": style} if style else {})}
    try:
        return json.dumps(data, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(data).encode() + b"\n"
