"""JSON, an object a line or in an array, as rows that keep their bytes."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from newsclean.batch.fields import texts_of
from newsclean.batch.files import BOM, File, peeked
from newsclean.batch.rows import Json, Member, Plain, Row, member_at, members
from newsclean.batch.streams import CHUNK, reading
from newsclean.errors import InputError


class _Parsed(NamedTuple):
    """A stretch of a JSON file: the fields of an object, or what is wrong, or neither (between two objects)."""

    source: str
    raw: bytes
    found: dict[str, Member] | None = None
    problem: str | None = None
    record: bool = True


def jsonl_rows(file: File) -> Iterator[Row]:
    """An object a line."""
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
        bare = source.lstrip(BOM)
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
    first, rest = peeked(iter(parsed))
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


def json_rows(file: File) -> Iterator[Row]:
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
        while end < len(window.text) and window.text[end] in " \t\r\n,[]" + BOM:
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
    return _Parsed("", rest.encode() + window.stream.read(), problem=f"not JSON from here on: {_start(text, at)}")


def _start(text: str, at: int) -> str:
    return repr(text[at : at + 30])
