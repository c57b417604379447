"""Where files are: on this machine's disks, or behind a URL as s3://bucket/news (extra `remote`: fsspec, and what that needs).

    path_of("s3://bucket/out", "a.txt")  a path, of pathlib or of universal_pathlib, with the same methods
    opening(path), creating(path)        its bytes
    stamp(path)                          its size and a number that changes with it
    walked(url), matching(url)           what lies below a folder, what a pattern fits

Whatever a store raises that is no OSError becomes one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from newsclean.errors import ConfigError, InputError, NewscleanError

CHUNK = 1 << 20  # bytes read at a time
WHOLE = ("s3", "s3a", "gs", "gcs", "file", "local")  # stores where a file is not there until it is committed
FOLDERS = ("file", "local", "sftp", "ssh", "smb", "hdfs", "webhdfs")  # and those where its folder has to be there first
STAMPS = ("size", "mtime", "created", "LastModified", "last_modified", "updated", "ETag", "etag")  # of what stores say of a file


def is_url(name: object) -> bool:
    return "://" in str(name)


def path_of(name: str, *parts: str, live: bool = False) -> Path:
    """The path `parts` below `name`. `live`: other processes write there, so that no listing is remembered.

    Raises ConfigError where something is not installed, InputError for a kind of URL that is not known."""
    if not is_url(name):
        return Path(name, *parts)
    try:
        from upath import UPath
    except ImportError:
        raise ConfigError(f"{name}: URLs need an extra: pip install 'newsclean[remote]'") from None
    try:
        path = UPath(name, use_listings_cache=not live).joinpath(*parts)
        path.fs  # noqa: B018  # says now if it cannot be had
    except ImportError as error:
        raise ConfigError(f"{name}: {error}") from None
    except ValueError as error:
        raise InputError(f"{name}: {error}") from None
    return cast(Path, path)


@contextmanager
def _as_oserror() -> Iterator[None]:
    try:
        yield
    except (OSError, NewscleanError):
        raise
    except Exception as error:  # every store has its own
        raise OSError(f"{type(error).__name__}: {error}") from error


class _Far(io.RawIOBase):
    """A file of a store, to read or to write."""

    def __init__(self, file: Any, guard: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext) -> None:
        self.file, self.guard, self.dropped = file, guard, False

    def readable(self) -> bool:
        return bool(self.file.readable())

    def writable(self) -> bool:
        return bool(self.file.writable())

    def seekable(self) -> bool:
        return bool(self.file.seekable())

    def readinto(self, buffer: Any) -> int:
        with _as_oserror():
            data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        if not self.dropped:  # else what a buffer still had is of no use
            with self.guard(), _as_oserror():
                self.file.write(bytes(data))
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        with _as_oserror():
            return int(self.file.seek(offset, whence))

    def tell(self) -> int:
        return int(self.file.tell())

    def close(self) -> None:
        """What is written is closed by who decides that it is whole."""
        if not self.closed and not self.writable():
            self.file.close()
        super().close()


def opening(path: str | Path) -> BinaryIO:
    """The bytes of a file. Raises OSError."""
    if not is_url(path):
        return open(path, "rb")
    far: Any = path_of(str(path))
    with _as_oserror():
        return cast(BinaryIO, io.BufferedReader(_Far(far.fs.open(far.path, "rb")), CHUNK))


@contextmanager
def creating(path: Path, scratch: Path, guard: Callable[[], AbstractContextManager[None]]) -> Iterator[BinaryIO]:
    """A file of a store to write to. It is there, whole, when the block is left without an exception; until then, in stores
    that show what is half written, it stands in the folder `scratch`. What the store raises comes as an OSError through
    `guard`."""
    far: Any = path
    at_once = far.protocol in WHOLE
    target: Any = far if at_once else scratch / f"{secrets.token_hex(8)}.tmp"
    with guard(), _as_oserror():
        if far.protocol in FOLDERS:
            for one in (far, target):
                one.parent.mkdir(parents=True, exist_ok=True)
        file = far.fs.open(target.path, "wb", autocommit=not at_once)
    raw = _Far(file, guard)
    stream = io.BufferedWriter(raw, CHUNK)
    try:
        yield cast(BinaryIO, stream)
        stream.flush()
        with guard(), _as_oserror():
            file.close()
            if at_once:
                file.commit()
            else:
                far.fs.mv(target.path, far.path)
    except BaseException:
        raw.dropped = True
        with contextlib.suppress(OSError), _as_oserror():
            file.discard() if at_once else far.fs.rm(target.path)
        raise


def stamp(path: str) -> tuple[int, int]:
    """The size of a file in bytes, and a number that changes when it does. Raises OSError."""
    if not is_url(path):
        state = Path(path).stat()
        return state.st_size, state.st_mtime_ns
    far: Any = path_of(path)
    with _as_oserror():
        info = far.fs.info(far.path)
    said = repr([info.get(key) for key in STAMPS])
    return int(info["size"] or 0), int(hashlib.sha256(said.encode()).hexdigest()[:15], 16)


def entries(folder: Path) -> list[str]:
    """The names of what is in a folder; none if there is no such folder. Raises OSError."""
    if not is_url(folder):
        return os.listdir(folder) if folder.is_dir() else []
    far: Any = folder
    try:
        with _as_oserror():
            found = far.fs.ls(far.path, detail=False)
    except FileNotFoundError:
        return []
    return [name.rstrip("/").rpartition("/")[2] for name in found if name.rstrip("/") != far.path.rstrip("/")]


def walked(url: str) -> list[str]:
    """The names of all files below a URL, from there, in order; none if it is no folder. Raises OSError."""
    root: Any = path_of(url)
    with _as_oserror():
        found = root.fs.find(root.path)
    above = root.path.rstrip("/") + "/"
    return sorted(name.removeprefix(above) for name in found if name.startswith(above))


def matching(url: str) -> list[str]:
    """The URLs that a pattern fits, in order. Raises OSError."""
    pattern: Any = path_of(url)
    with _as_oserror():
        found = pattern.fs.glob(pattern.path)
        return sorted(str(pattern.fs.unstrip_protocol(name)) for name in found if pattern.fs.isfile(name))


def remove_all(folder: Path) -> None:
    """A folder goes with all that is in it. It is no error if something stays."""
    if not is_url(folder):
        shutil.rmtree(folder, ignore_errors=True)
        return
    far: Any = folder
    with contextlib.suppress(OSError), _as_oserror():
        far.fs.rm(far.path, recursive=True)
