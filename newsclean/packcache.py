"""What was made of packs, kept on disk, so that a command starts at once: checking all patterns anew takes seconds.

An entry is lines of JSON and therefore runs nothing; they are read when they are needed. Its file is named by what it is of, so
that a pack that changes has its entry replaced; its first line says what it was made from, and the digest of the rest. One that
was made from something else, that is broken, or that somebody else could have written, is not used. Where nothing can be
written (no home, a read-only disk), all is made every time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

VARIABLE = "NEWSCLEAN_CACHE"  # a folder; empty for no cache
KEPT = Path(__file__).parent / "kept"  # entries that were made when newsclean was built (packs/_build.py): trusted as its code is
_LINE_END = re.compile(rb"\n")


def folder() -> Path | None:
    """Where entries lie: $NEWSCLEAN_CACHE, else newsclean/ in the user's cache folder; None for nowhere."""
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE]) if os.environ[VARIABLE] else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "newsclean" / "cache" if base else None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "newsclean" if os.path.isabs(base) else None


def key_of(*parts: str | bytes) -> str:
    """What stands for all of them: it differs where one of them does."""
    whole = b"\0".join([part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts])
    return hashlib.sha256(whole).hexdigest()


class Lines(NamedTuple):
    """An entry: `data`, and where in it the lines begin that follow on the first one."""

    data: bytes
    begins: list[int]

    def row(self, number: int) -> Any:
        """A line, read."""
        begin, end = self.begins[number : number + 2]
        return json.loads(self.data[begin:end])


def cached(name: str, key: str, make: Callable[[], Iterable[Any]]) -> Lines:
    """What `make()` gives, each as a line of JSON, or the lines of an earlier time.

    `name`: what the entry is of, each installation having its own; `key`: what stands for all that it is made from.
    """
    place = folder()
    path = place / f"{key_of(sys.version, __file__, name)[:32]}.jsonl" if place else None
    data = _read(KEPT / f"{key[:32]}.jsonl", key, _open) or (_read(path, key, open_own) if path else None)
    if data is None:
        text = "".join([json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in make()])
        rows = text.encode("utf-8", "surrogatepass")
        data = _head(key, rows) + rows
        if path:
            write(path, data)
    return Lines(data, [line.end() for line in _LINE_END.finditer(data)])


def _read(path: Path, key: str, opened: Callable[[Path], AbstractContextManager[FileIO]]) -> bytes | None:
    try:
        with opened(path) as file:
            data = file.read()
    except OSError:
        return None
    begin = data.find(b"\n") + 1
    return data if data[:begin] == _head(key, memoryview(data)[begin:]) else None


def _head(key: str, rows: bytes | memoryview) -> bytes:
    return f"{key} {hashlib.sha256(rows).hexdigest()}\n".encode()


def _open(path: Path) -> FileIO:
    return open(path, "rb", buffering=0)


@contextlib.contextmanager
def open_own(path: Path) -> Iterator[FileIO]:
    """The file, open. Raises OSError where it cannot be read, or where others may have written it."""
    with _open(path) as file:
        if not _is_ours(os.fstat(file.fileno())):
            raise PermissionError(f"{path}: others may have written this file")
        yield file


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody but this user could have written the file."""
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def write(path: Path, data: bytes) -> None:
    """Whole or not at all: several processes may do this at once, and the last one's stays."""
    import tempfile

    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:  # an interrupt, too
            os.unlink(temporary)
            raise
