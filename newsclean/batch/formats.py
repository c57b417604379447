"""Input formats: each is one function from a file to its rows, and an entry in FORMATS.

    read(file: File) -> Iterator[Row]      raises InputError where the file breaks off or is none of its kind

Parquet has a module of its own, since its records are no bytes.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from newsclean.batch.fields import SAMPLE, Fields, guess, texts_of
from newsclean.batch.pages import page_of
from newsclean.batch.rows import Csv, Json, Member, Plain, Row, csv_rows, json_bytes, member_at, members
from newsclean.batch.streams import BROKEN, CHUNK, inner_suffix, reading
from newsclean.errors import InputError, NewscleanError
from newsclean.inputs import MARKS, decode

_BOM = "\ufeff"
T = TypeVar("T")


@dataclass(slots=True)
class File:
    """A file to be read, or a slice of it: `start` to `stop`, in bytes (JSONL) or row groups (Parquet).

    `name`: how messages call it; `wished`: the fields the user named; `fields`: those in use, once it is known.
    """

    path: Path
    name: str
    wished: Fields = field(default_factory=Fields)
    encoding: str | None = None
    start: int = 0
    stop: int | None = None
    fields: Fields | None = None

    def choose(self, samples: Sequence[Any]) -> Fields:
        """Settle the fields by the first records. Raises InputError where no field has text."""
        if self.fields is None:
            self.fields = guess(samples, self.wished, self.name)
        return self.fields


# What reading a file can end with; `reading` and the readers say it in words.
_FAILURES = (NewscleanError, OSError, UnicodeError, csv.Error, *BROKEN)


def _peeked(items: Iterator[T], most: int = SAMPLE) -> tuple[list[T], Iterator[T]]:
    """The first items, and all of them. Where reading fails among the first, it fails behind those before."""
    first, failure = list[T](), list[Exception]()
    try:
        first.extend(islice(items, most))
    except _FAILURES as error:
        failure.append(error)

    def all_of_them() -> Iterator[T]:
        yield from first
        if failure:
            raise failure[0]
        yield from items

    return first, all_of_them()


# --- one document -------------------------------------------------------------------------------------


def _text(file: File) -> Iterator[Row]:
    with reading(file.path) as stream:
        data = stream.read()
    text, encoding = decode(data, file.name, file.encoding)
    yield Plain(data, text, 1, encoding)


def _html(file: File) -> Iterator[Row]:
    with reading(file.path) as stream:
        page = page_of(stream.read(), file.encoding)
    yield Plain(page.text.encode(), page.text, 1, known=page.known)


# --- JSON ---------------------------------------------------------------------------------------------


class _Parsed(NamedTuple):
    """A stretch of a JSON file: the fields of an object, or what is wrong, or neither (between two objects)."""

    source: str
    raw: bytes
    found: dict[str, Member] | None = None
    problem: str | None = None
    record: bool = True


def _jsonl(file: File) -> Iterator[Row]:
    with reading(file.path) as stream:
        yield from _json_rows(file, (_parsed(line) for line in _lines(file, stream)))


def _lines(file: File, stream: BinaryIO) -> Iterator[bytes]:
    """The lines that begin in the slice."""
    at = 0
    if file.start:
        at = stream.seek(file.start - 1)
        at += len(stream.readline())
    for line in stream:
        if file.stop is not None and at >= file.stop:
            return
        if at == 0 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError(f"{file.name}: is UTF-16; JSON lines are read as UTF-8")
        at += len(line)
        yield line


def _parsed(line: bytes) -> _Parsed:
    try:
        source = line.decode()
        bare = source.lstrip(_BOM)
        if not bare.strip():
            return _Parsed(source, line, record=False)
        if not bare.lstrip().startswith("{"):
            json.loads(bare, strict=False)  # a number, a list: no document, but JSON
            return _Parsed(source, line)
        found, end = members(source, len(source) - len(bare))
        if rest := source[end:].strip():
            return _Parsed(source, line, problem=f"not one JSON object a line: {rest[:20]!r} behind it")
    except UnicodeDecodeError as error:
        return _Parsed("", line, problem=f"not UTF-8: byte 0x{line[error.start]:02x} at {error.start} of the line")
    except (ValueError, RecursionError) as error:
        return _Parsed("", line, problem=f"not JSON: {error}")
    return _Parsed(source, line, found)


def _json_rows(file: File, parsed: Iterable[_Parsed]) -> Iterator[Row]:
    first, rest = _peeked(iter(parsed))
    fields = file.choose([{key: m.value for key, m in p.found.items()} for p in first if p.found is not None])
    number = 0
    for one in rest:
        if not one.record:
            yield Plain(one.raw)
            continue
        number += 1
        found = one.found or {}
        cell = member_at(one.source, found, fields.text or "")
        text = cell.value if cell and isinstance(cell.value, str) else None
        known = texts_of({key: m.value for key, m in found.items()}, fields)
        yield Json(one.source, one.raw, number, text, known, cell if text is not None else None, one.problem)


def _json(file: File) -> Iterator[Row]:
    """An array of objects, one object, or several: read piece by piece."""
    with reading(file.path) as stream:
        yield from _json_rows(file, _values(file, stream))


class _Window:
    """The part of a JSON file that is in memory. `more` reads on, twice as much each time nothing could be made of it."""

    def __init__(self, file: File, stream: BinaryIO) -> None:
        self.name, self.stream, self.decoder = file.name, stream, codecs.getincrementaldecoder("utf-8")()
        self.text, self.at, self.ended = "", 0, False

    def more(self) -> None:
        data = self.stream.read(max(CHUNK, len(self.text) - self.at))
        self.ended = not data
        try:
            self.text, self.at = self.text[self.at :] + self.decoder.decode(data, self.ended), 0
        except UnicodeDecodeError as error:
            raise InputError(f"{self.name}: not UTF-8: {error.reason}") from None

    def take(self, end: int) -> str:
        taken, self.at = self.text[self.at : end], end
        return taken


def _values(file: File, stream: BinaryIO) -> Iterator[_Parsed]:
    window = _Window(file, stream)
    while True:
        end = window.at
        while end < len(window.text) and window.text[end] in " \t\r\n,[]" + _BOM:
            end += 1
        if end > window.at:
            gap = window.take(end)
            yield _Parsed(gap, gap.encode(), record=False)
        if window.at == len(window.text):
            if window.ended:
                return
            window.more()
            continue
        parsed = _value(window)
        if parsed:
            yield parsed
        if parsed and parsed.problem:
            return
        if not parsed:
            window.more()


def _value(window: _Window) -> _Parsed | None:
    """The next object; None where it is not in the window whole."""
    text, at = window.text, window.at
    try:
        if text[at] == "{":
            found, end = members(text, at)
            source = window.take(end)
            moved = {k: Member(m.begin - at, m.start - at, m.end - at, m.value) for k, m in found.items()}
            return _Parsed(source, source.encode(), moved)
        _, end = json.JSONDecoder(strict=False).raw_decode(text, at)
        if end == len(text) and not window.ended:  # half a number, perhaps
            return None
        source = window.take(end)
        return _Parsed(source, source.encode())
    except (ValueError, RecursionError) as error:
        place = getattr(error, "pos", 0)
        unfinished = "Unterminated" in str(error) or place >= len(text) - 16
        if unfinished and not window.ended:
            return None
    rest = window.take(len(text)) + window.decoder.decode(b"", False)
    return _Parsed("", rest.encode() + window.stream.read(), problem=f"not JSON from here on: {error_text(text, at)}")


def error_text(text: str, at: int) -> str:
    return repr(text[at : at + 30])


# --- tables of text -----------------------------------------------------------------------------------


def _csv(file: File) -> Iterator[Row]:
    with reading(file.path) as stream:
        checked = _Digested(stream)
        buffered = io.BufferedReader(checked, CHUNK)
        sample = buffered.peek(CHUNK)[:65536]
        encoding = file.encoding = _plain_name(file.encoding, sample) or _encoding_of(sample, file.name)
        lines = io.TextIOWrapper(buffered, encoding, newline="")
        delimiter = _delimiter(file, sample.decode(encoding, "replace"))
        given = hashlib.sha256()
        try:
            for row in _csv_rows(file, csv_rows(iter(lines), delimiter), delimiter, encoding):
                given.update(row.raw)
                yield row
            if given.digest() != checked.sha.digest():
                raise InputError(f"{file.name}: its bytes do not come back from {encoding}; convert it to UTF-8")
        except UnicodeDecodeError:
            raise InputError(f"{file.name}: not {encoding} throughout; if it is another encoding, say --encoding NAME") from None
        except csv.Error as error:
            raise InputError(f"{file.name}: not a table of separated values: {error}") from None


class _Digested(io.RawIOBase):
    """A stream that remembers the digest of what was read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.sha = stream, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.stream.read1(min(len(buffer), 1 << 16))  # type: ignore[attr-defined]
        self.sha.update(data)
        buffer[: len(data)] = data
        return len(data)


def _plain_name(encoding: str | None, sample: bytes) -> str | None:
    """An encoding without the mark that it would put before every record."""
    if encoding and codecs.lookup(encoding).name in ("utf-8-sig", "utf-16", "utf-32"):
        return next((name for mark, name in MARKS if sample.startswith(mark)), "utf-8")
    return encoding


def _encoding_of(sample: bytes, name: str) -> str:
    for mark, marked in MARKS:
        if sample.startswith(mark):
            return marked
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
        return "utf-8"
    except UnicodeDecodeError:
        return decode(sample.rpartition(b"\n")[0] or sample, name)[1]


def _delimiter(file: File, sample: str) -> str:
    if inner_suffix(file.path) == ".tsv":
        return "\t"
    head = sample.partition("\n")[0]
    return max(",;\t|", key=head.count)


def _csv_rows(file: File, rows: Iterator[tuple[list[str], str]], delimiter: str, encoding: str) -> Iterator[Row]:
    header, source = next(rows, ([], ""))
    names = header
    first, rest = _peeked(rows)
    fields = file.choose([dict(zip(names, cells, strict=False)) for cells, _ in first] or [dict.fromkeys(names, "")])
    if not names:
        return
    cell = names.index(fields.text) if fields.text in names else -1
    yield Csv(header, source.encode(encoding), 0, None, {}, delimiter, encoding, names, cell, _line_end(source))
    number = 0
    for cells, source in rest:
        if not cells:
            yield Plain(source.encode(encoding))
            continue
        number += 1
        text = cells[cell] if 0 <= cell < len(cells) else None
        known = texts_of(dict(zip(names, cells, strict=False)), fields)
        raw = source.encode(encoding)
        yield Csv(cells, raw, number, text, known, delimiter, encoding, names, cell, _line_end(source))


def _line_end(source: str) -> str:
    return next((end for end in ("\r\n", "\n", "\r") if source.endswith(end)), "")


# --- web archives -------------------------------------------------------------------------------------


def _warc(file: File) -> Iterator[Row]:
    from newsclean.batch.warc import responses

    file.fields = Fields("text", "title", "url", id="id")  # of the table that the copy is
    for number, response in enumerate(responses(file.path, file.name), 1):
        page = page_of(response.body, response.charset)
        text = None if response.problem else page.text
        known = {**page.known, "url": response.url or page.known.get("url"), "id": response.id}
        record = {"id": response.id, "url": known["url"], "date": response.date, "title": known.get("title"), "text": text}
        source = json.dumps(record, ensure_ascii=False)
        found, _ = members(source)
        cell = None if response.problem else found["text"]
        yield Json(source + "\n", json_bytes(source + "\n"), number, text, known, cell, response.problem)


class Format(NamedTuple):
    """`read`; `about`: for the documentation; `table`: whether a file has many documents; `out`: what is put behind the
    name of its clean copy, if anything; `extra`: what has to be installed besides."""

    read: Callable[[File], Iterator[Row]]
    about: str
    table: bool = False
    out: str = ""
    extra: str = ""


def _parquet(file: File) -> Iterator[Row]:
    from newsclean.batch.parquet import rows

    yield from rows(file)


FORMATS: dict[str, Format] = {
    "text": Format(_text, "One document a file, in any encoding."),
    "html": Format(_html, "A page: all text that can be seen on it. The clean copy is text.", out=".txt"),
    "jsonl": Format(_jsonl, "A JSON object a line. Large files are cut into slices.", table=True),
    "json": Format(_json, "An array of JSON objects, or one object; read piece by piece.", table=True),
    "csv": Format(_csv, "Separated values with a header; comma, semicolon, tab or bar, and the encoding, are found.", table=True),
    "parquet": Format(
        _parquet, "Types, other columns and order stay. Large files are cut by row groups.", table=True, extra="parquet"
    ),
    "warc": Format(
        _warc, "The pages of a web archive. The clean copy is a table of JSON lines.", table=True, out=".jsonl", extra="warc"
    ),
}
SUFFIXES: dict[str, str] = {
    ".txt": "text", ".md": "text", ".html": "html", ".htm": "html", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".warc": "warc",
}  # fmt: skip


def format_of(name: str | Path) -> str | None:
    """The format that a file's name speaks of."""
    return SUFFIXES.get(inner_suffix(name))
