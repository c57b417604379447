"""Separated values with a header, as rows that keep their bytes."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from newsclean.batch.fields import texts_of
from newsclean.batch.files import File, peeked
from newsclean.batch.rows import Csv, Plain, Row, csv_rows
from newsclean.batch.streams import CHUNK, Tap, inner_suffix, reading
from newsclean.errors import InputError
from newsclean.inputs import MARKS, decode


def table_rows(file: File) -> Iterator[Row]:
    """The header, then the records. The separator and the encoding are found."""
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


class _Digested(Tap):
    """A stream that remembers the digest of what was read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.sha = hashlib.sha256()

    def take(self, size: int) -> bytes:
        data = super().take(size)
        self.sha.update(data)
        return data


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
    names, source = next(rows, ([], ""))
    first, rest = peeked(rows)
    fields = file.choose([dict(zip(names, cells, strict=False)) for cells, _ in first] or [dict.fromkeys(names, "")])
    if not names:
        return
    cell = names.index(fields.text) if fields.text in names else -1
    yield Csv(names, source.encode(encoding), 0, None, {}, delimiter, encoding, names, cell, _line_end(source))
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
