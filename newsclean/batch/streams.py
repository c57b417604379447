"""Files as streams of bytes: packed or not, as their name says, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import secrets
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from newsclean.batch.places import creating, is_url, opening
from newsclean.errors import InputError, OutputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKED = (".gz", ".zst")
CHUNK = 1 << 20  # bytes read or copied at a time
PIECE = 1 << 16  # bytes unpacked at a time: what breaks off is lost from its last piece on
GZIP_LEVEL, ZSTD_LEVEL = 6, 3
BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zstd.ZstdError)
EMPTY_ZST = zstd.compress(b"")


def packing(name: str | Path) -> str:
    """How a file is packed: .gz, .zst, or nothing."""
    suffix = Path(str(name)).suffix.lower()
    return suffix if suffix in PACKED else ""


def inner_suffix(name: str | Path) -> str:
    """The suffix of what is inside, in small letters: .jsonl for a.JSONL.gz."""
    path = Path(str(name))
    return Path(path.stem if packing(path) else path.name).suffix.lower()


@contextmanager
def reading(path: str | Path, at_once: bool = False) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked. Raises InputError where it cannot be read; where it breaks off, when what came before
    was read and the block is left, or `at_once`."""
    how = packing(path)
    try:
        with opening(path) as file, _unpacked(file, how, at_once) as stream:
            yield stream
            if isinstance(stream, io.BufferedReader) and isinstance(stream.raw, _Unpacked) and stream.raw.failure:
                raise stream.raw.failure
    except BROKEN as error:
        raise InputError(f"{path}: breaks off, or is no {how[1:]} file: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror or error}") from None


@contextmanager
def _unpacked(file: BinaryIO, how: str, at_once: bool) -> Iterator[BinaryIO]:
    if not how:
        yield file
        return
    opened = gzip.GzipFile(fileobj=file, mode="rb") if how == ".gz" else zstd.ZstdFile(file)
    with opened as stream:
        yield cast(BinaryIO, stream if at_once else io.BufferedReader(_Unpacked(cast(BinaryIO, stream)), CHUNK))


class Tap(io.RawIOBase):
    """A stream to be read through, in pieces as they come."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def take(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        data: bytes = self.stream.read1(size)  # type: ignore[attr-defined]
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.take(min(len(buffer), PIECE))
        buffer[: len(data)] = data
        return len(data)


class _Unpacked(Tap):
    """What is in a packed file, as far as it goes: where it breaks off it ends, and `failure` says so."""

    failure: Exception | None = None

    def take(self, size: int) -> bytes:
        try:
            return b"" if self.failure else super().take(size)
        except (*BROKEN, OSError) as error:
            self.failure = error
            return b""


class _Checked(io.FileIO):
    """A file whose errors are those of writing: they end the run, where an error of reading is one record."""

    def __init__(self, path: Path, shown: Path) -> None:
        self.shown = shown
        super().__init__(path, "xb")

    def write(self, data: object) -> int:
        with _output_errors(self.shown):
            return super().write(data)  # type: ignore[arg-type]


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # of this file alone
            raise InputError(f"{path}: its clean copy cannot be written: {error.strerror}") from None
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from None


@contextmanager
def writing(path: Path, scratch: Path, pack: bool = True) -> Iterator[BinaryIO]:
    """A file to write to, packed as its name says (with `pack`). It gets its name when all of it is on the disk; until
    then it stands in the folder `scratch`, which is of the same disk; in a store (a URL) it is there when it is whole anyway.
    The same bytes in give the same file.

    Raises OutputError where writing fails, and leaves nothing behind then.
    """
    if is_url(path):
        with creating(path, scratch, lambda: _output_errors(path)) as far, _packed(far, packing(path) if pack else "") as stream:
            yield stream
        return
    temporary = scratch / f"{secrets.token_hex(8)}.tmp"
    with _output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            path.lstat()  # says now if the name is too long, and not when all is written
        scratch.mkdir(parents=True, exist_ok=True)
        file = io.BufferedWriter(_Checked(temporary, path), CHUNK)
    try:
        with _packed(cast(BinaryIO, file), packing(path) if pack else "") as stream:
            yield stream
        with _output_errors(path):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError, OutputError):
            file.close()
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def _packed(file: BinaryIO, how: str) -> Iterator[BinaryIO]:
    if not how:
        yield file
        return
    # Neither name nor time of writing go into a .gz file.
    gz = how == ".gz"
    packed = gzip.GzipFile("", "wb", GZIP_LEVEL, file, 0) if gz else zstd.ZstdFile(file, "wb", level=ZSTD_LEVEL)
    try:
        yield cast(BinaryIO, packed)
    except BaseException:
        with contextlib.suppress(OSError, OutputError):
            packed.close()
        raise
    packed.close()


def copy(source: BinaryIO, target: BinaryIO, size: int | None = None) -> int:
    """Copy `size` bytes, or all there are; how many it were."""
    done = 0
    while data := source.read(CHUNK if size is None else min(CHUNK, size - done)):
        target.write(data)
        done += len(data)
    return done
