"""The work in portions: a few small files, one file, or a slice of a large one. Each can be done anywhere, and again.

A shard knows its inputs and where each one's clean copy goes. The same inputs give the same shards, whoever works on them.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from newsclean.batch.fields import Fields
from newsclean.batch.files import File
from newsclean.batch.formats import FORMATS
from newsclean.batch.streams import packing
from newsclean.errors import NewscleanError
from newsclean.folding import fold, squeeze
from newsclean.inputs import copy_name

STATE = ".newsclean"  # the folder in OUT with markers and unfinished work
REPORT, ERRORS = "report.jsonl.zst", "errors.jsonl"  # OUT's own files
SLICE = 8 << 20  # bytes of a file that is cut into slices
GROUP_BYTES, GROUP_FILES = 4 << 20, 256  # most in a group of files
ONE_IN = 64  # files end a group by their name, so that a new file changes its own group and not all that follow


@dataclass(frozen=True, slots=True)
class Input:
    """A file to clean: its `path`, the `name` by which it is spoken of, its format, size in bytes and time of change (ns);
    `out`: the path of its clean copy within OUT."""

    path: str
    name: str
    format: str
    size: int
    mtime: int
    out: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A portion: `inputs`, or of the only one what lies from `start` to `stop`, as one of `slices` in all; their `fields`
    are settled."""

    id: str
    inputs: tuple[Input, ...]
    slices: int = 0
    start: int = 0
    stop: int | None = None
    fields: Fields | None = None

    @property
    def size(self) -> int:
        """Bytes to read."""
        if self.slices and self.stop is not None and self.inputs[0].format == "jsonl":
            return self.stop - self.start
        return sum(one.size for one in self.inputs)

    def stamp(self) -> dict[str, Any]:
        """What tells whether a result is of these inputs as they are."""
        inputs = [[one.name, one.path, one.size, one.mtime, one.out, one.format] for one in self.inputs]
        return {"inputs": inputs, "slice": [self.start, self.stop] if self.slices else None}


def out_name(name: str, format: str, to: str = "text") -> str:
    """The path of the clean copy of `name` within OUT: the same, but for pages (page.html.txt, as `to` says) and archives."""
    suffix = FORMATS[format].out
    packed = packing(name) if suffix else ""
    bare = name.removesuffix(packed)
    return (copy_name(bare, to) if format == "html" else bare + suffix) + packed if suffix else name


def shards(inputs: Iterable[Input], wished: Fields, encoding: str | None) -> Iterator[Shard]:
    """The shards of `inputs`, in their order."""
    group: list[Input] = []
    for one in inputs:
        parts = list(_slices(one, wished, encoding))
        if parts or (group and not _fits(group, one)):
            yield from _grouped(group)
            group = []
        if parts:
            yield from parts
            continue
        group.append(one)
        if zlib.crc32(one.name.encode("utf-8", "surrogateescape")) % ONE_IN == 0:
            yield from _grouped(group)
            group = []
    yield from _grouped(group)


def _fits(group: list[Input], one: Input) -> bool:
    return len(group) < GROUP_FILES and sum(other.size for other in group) + one.size <= GROUP_BYTES


def _grouped(group: list[Input]) -> Iterator[Shard]:
    if group:
        yield Shard(id_of(group[0], 0), tuple(group))


def id_of(one: Input, start: int) -> str:
    """A name for the part of a file that begins at `start`."""
    return hashlib.sha256(f"{one.out}\n{start}".encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _slices(one: Input, wished: Fields, encoding: str | None) -> Iterator[Shard]:
    """The slices of a large file; none of one that is done in one go. A file that is no table is left for its shard to say."""
    if one.size < 2 * SLICE or packing(one.path):
        return
    try:
        if one.format == "jsonl":
            bounds = [(at, min(at + SLICE, one.size)) for at in range(0, one.size, SLICE)]
        elif one.format == "parquet":
            from newsclean.batch.parquet import slices

            bounds = slices(one.path, one.name, SLICE)
        else:
            return
        file = File(one.path, one.name, wished, encoding)
        next(FORMATS[one.format].read(file), None)
    except NewscleanError:
        return
    if len(bounds) > 1:
        yield from (Shard(id_of(one, start), (one,), len(bounds), start, stop, file.fields) for start, stop in bounds)


def folder_of(one: Input) -> str:
    """The site of a document that names none: the folder it lies in, the uppermost one below INPUT, as people sort by site."""
    first, below, _ = one.name.replace(os.sep, "/").partition("/")
    folder = first if below else os.path.basename(os.path.dirname(os.path.abspath(one.path)))
    return squeeze(fold(folder.encode("utf-8", "replace").decode())).replace("/", " ") or "here"


def place_of(name: str, start: int, number: int | None) -> str:
    """How a document is spoken of: the file, where its slice begins, and which document of it it is."""
    slice_ = f"@{start}" if start else ""
    return f"{name}{slice_}:{number}" if number else f"{name}{slice_}"
