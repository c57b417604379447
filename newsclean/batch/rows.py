"""Records as they stand in a file: which bytes are the text, and how to put another text there and nothing else.

A row knows its bytes. What newsclean does not clean is written as it was read, byte for byte: numbers of any length,
spaces, the order of fields. So a table can be given back whole from its clean copy and the report.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # as the json module itself reads strings
from typing import TYPE_CHECKING, Any, Literal, Protocol

from newsclean.errors import InputError
from newsclean.report import encode

if TYPE_CHECKING:
    from newsclean.html import Extracted

_SPACE = re.compile(r"[ \t\r\n]*")
# Python refuses to read longer numbers, which only pass through here.
_DECODER = json.JSONDecoder(strict=False, parse_int=lambda digits: int(digits) if len(digits) < 4000 else digits)


class Row(Protocol):
    """One record of a file, or what stands between two (`text` None, `number` 0).

    `number` counts the documents of the file from 1; `known`: title, url, site and id as far as known; `problem`: why this
    is no record; `page`: what the text was extracted from; `raw`: its bytes in the file. `style` says how the text is spelled
    there, if another spelling is usual.
    """

    number: int
    text: str | None
    known: dict[str, str | None]
    problem: str | None
    page: Extracted | None

    @property
    def raw(self) -> bytes: ...

    def style(self) -> Any: ...

    def put(self, text: str | None, add: Mapping[str, Any], drop: Sequence[str] = (), style: Any = None) -> bytes:
        """The record's bytes with another text, with the columns of `add` and without those of `drop`."""
        ...


@dataclass(slots=True)
class Plain:
    """A whole file that is one text, or bytes that only pass through. `rendered`: what was made of the file's own bytes."""

    raw: bytes
    text: str | None = None
    number: int = 0
    encoding: str = "utf-8"
    known: dict[str, str | None] = field(default_factory=dict)
    problem: str | None = None
    page: Extracted | None = None

    def style(self) -> Any:
        return None

    def put(self, text: str | None, add: Mapping[str, Any], drop: Sequence[str] = (), style: Any = None) -> bytes:
        return self.raw if text is None else encode(text, self.encoding)


# --- JSON ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Member:
    """A field of a JSON object: its `value`, which stands at `start` to `end` of the source; `begin`: its key does."""

    begin: int
    start: int
    end: int
    value: Any


def members(source: str, at: int = 0) -> tuple[dict[str, Member], int]:
    """The fields of the JSON object at `at`, and where it ends. Raises ValueError where there is none."""
    found: dict[str, Member] = {}
    at = _space(source, _after(source, at, "{"))
    while source[at : at + 1] != "}":
        begin = at
        key, at = scanstring(source, _after(source, begin, '"'), False)
        start = _space(source, _after(source, at, ":"))
        value, end = _DECODER.raw_decode(source, start)
        found[key] = Member(begin, start, end, value)
        at = _space(source, end)
        if source[at : at + 1] != "}":
            at = _space(source, _after(source, at, ","))
            if source[at : at + 1] != '"':
                raise json.JSONDecodeError("a field's name in quotes expected", source, at)
    return found, at + 1


def _space(source: str, at: int) -> int:
    return _SPACE.match(source, at).end()  # type: ignore[union-attr]  # it matches anywhere


def _after(source: str, at: int, mark: str) -> int:
    """The place behind `mark`, which has to stand here, with white space before it or not."""
    at = _space(source, at)
    if source[at : at + 1] != mark:
        raise json.JSONDecodeError(f"{mark} expected", source, at)
    return at + 1


def member_at(source: str, found: Mapping[str, Member], path: str) -> Member | None:
    """The field at a dotted path."""
    if path in found:
        return found[path]
    first, dot, rest = path.partition(".")
    if not dot or first not in found or not isinstance(found[first].value, dict):
        return None
    return member_at(source, members(source, found[first].start)[0], rest)


# The ways in which programs write a JSON string. Each is told by writing the text so and comparing.
_SPELLINGS: dict[str, Callable[[str], str]] = {
    "": lambda text: json.dumps(text, ensure_ascii=False),
    "ascii": json.dumps,
    "slash": lambda text: json.dumps(text, ensure_ascii=False).replace("/", "\\/"),
    "ascii-slash": lambda text: json.dumps(text).replace("/", "\\/"),
}


@dataclass(slots=True)
class Json:
    """A JSON object in its `source`; `cell`: where its text stands."""

    source: str
    raw: bytes
    number: int
    text: str | None
    known: dict[str, str | None]
    cell: Member | None = None
    problem: str | None = None
    page: Extracted | None = None

    @property
    def fields(self) -> Iterable[str]:
        """The names of its fields."""
        return members(self.source)[0] if self.cell else ()

    def style(self) -> Any:
        """How the text is spelled: one of the usual ways, or the bytes themselves where it is none of them."""
        if self.cell is None:
            return None
        token = self.source[self.cell.start : self.cell.end]
        for name, spell in _SPELLINGS.items():
            if spell(self.cell.value) == token:
                return name or None
        return {"raw": token}

    def put(self, text: str | None, add: Mapping[str, Any], drop: Sequence[str] = (), style: Any = None) -> bytes:
        source = self.source
        if self.cell is None:
            return self.raw
        if text is not None:
            token = style["raw"] if isinstance(style, dict) else _SPELLINGS[style or ""](text)
            source = source[: self.cell.start] + token + source[self.cell.end :]
        if drop:
            source = _without(source, drop)
        if add:
            source = _with(source, add)
        return json_bytes(source)


def json_bytes(source: str) -> bytes:
    """JSON as UTF-8."""
    try:
        return source.encode()
    except UnicodeEncodeError:  # half a pair, which only an escape can spell
        return re.sub("[\ud800-\udfff]", lambda odd: f"\\u{ord(odd[0]):04x}", source).encode()


def _with(source: str, add: Mapping[str, Any]) -> str:
    """The object with further fields at its end. Raises InputError where it has one of them."""
    if clash := [key for key in add if key in members(source)[0]]:
        raise InputError(f"there is a field '{clash[0]}' already; name another with --text-out, or leave out --columns")
    end = source.rindex("}")
    comma = "" if source[:end].rstrip().endswith("{") else ", "
    listed = ", ".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in add.items())
    return source[:end] + comma + listed + source[end:]


def _without(source: str, drop: Sequence[str]) -> str:
    """The object without fields that `_with` put at its end."""
    found, _ = members(source)
    there = [found[key] for key in drop if key in found]
    if not there:
        return source
    begin, end = min(m.begin for m in there), max(m.end for m in there)
    comma = ", " if source[:begin].endswith(", ") else ""
    return source[: begin - len(comma)] + source[end:]


# --- CSV ----------------------------------------------------------------------------------------------

_QUOTING: dict[str, Literal[0, 1]] = {"": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL}


@dataclass(slots=True)
class Csv:
    """A record of a table of comma-separated values. `cell`: the column of its text; `end`: how its line ends."""

    cells: list[str]
    raw: bytes
    number: int
    text: str | None
    known: dict[str, str | None]
    delimiter: str
    encoding: str
    header: Sequence[str] = ()
    cell: int = 0
    end: str = "\n"
    problem: str | None = None
    page: Extracted | None = None

    def style(self) -> Any:
        for name in _QUOTING:
            if self._line(self.cells, name).encode(self.encoding) == self.raw:
                return name or None
        return {"raw": self.raw.decode(self.encoding)}

    def put(self, text: str | None, add: Mapping[str, Any], drop: Sequence[str] = (), style: Any = None) -> bytes:
        if isinstance(style, dict):
            return str(style["raw"]).encode(self.encoding)
        cells = self.cells
        line = self.raw.decode(self.encoding).removesuffix(self.end)
        regular = len(cells) == len(self.header)  # columns of others have no place
        if regular and (dropped := sum(name in drop for name in self.header)):
            line = line.removesuffix(self._columns(cells[-dropped:]))
            cells = cells[:-dropped]
        if text is not None:
            line = self._line([*cells[: self.cell], text, *cells[self.cell + 1 :]], style or "").removesuffix(self.end)
        if regular and add:
            line += self._columns(["" if value is None else str(value) for value in add.values()])
        return (line + self.end).encode(self.encoding)

    def _columns(self, cells: Sequence[str]) -> str:
        """Columns that are put behind a line."""
        return self.delimiter + self._line(cells).removesuffix(self.end)

    def _line(self, cells: Sequence[str], quoting: str = "") -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=self.delimiter, quoting=_QUOTING[quoting], lineterminator="\r\n")
        writer.writerow(cells)
        return out.getvalue().removesuffix("\r\n") + self.end


def csv_rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[list[str], str]]:
    """The records of a table with the source of each. Raises csv.Error where the table is none."""
    taken: list[str] = []

    def read() -> Iterator[str]:
        for number, line in enumerate(lines):
            taken.append(line)
            yield line if number else line.removeprefix("\ufeff")

    csv.field_size_limit(2**31 - 1)  # an article is longer than the default allows
    for cells in csv.reader(read(), delimiter=delimiter):
        yield cells, "".join(taken)
        taken.clear()
    if taken:  # blank lines at the end
        yield [], "".join(taken)
