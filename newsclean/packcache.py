"""Checked packs kept on disk, so that a command starts at once: checking all patterns anew takes seconds.

A file is named by the hash of all it depends on (pack, program and Python versions), so it is never stale, only unused.
It is JSON and therefore runs nothing; one that is broken, or that somebody else could have written, is not used.
Where nothing can be written (no home, a read-only disk), packs are checked every time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

VARIABLE = "NEWSCLEAN_CACHE"  # a folder; empty for no cache


def folder() -> Path | None:
    """Where cached packs lie: $NEWSCLEAN_CACHE, else newsclean/ in the user's cache folder; None for nowhere."""
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE]) if os.environ[VARIABLE] else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "newsclean" / "cache" if base else None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "newsclean" if os.path.isabs(base) else None


def cached(parts: tuple[str, ...], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`make()`, or what it gave for the same `parts` before. What it gives has to be JSON."""
    key = hashlib.sha256("\0".join([sys.version, *parts]).encode("utf-8", "surrogatepass")).hexdigest()
    place = folder()
    if place is None:
        return make()
    path = place / f"{key}.json"
    found = _read(path)
    if found is None:
        found = make()
        _write(path, found)
    return found


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            digest, _, data = file.read().partition(b"\n")
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest().encode() != digest:
        return None
    found = json.loads(data)
    return found if isinstance(found, dict) else None


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody but this user could have written the file."""
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _write(path: Path, found: dict[str, Any]) -> None:
    """Whole or not at all: several processes may do this at once, and then they write the same."""
    data = json.dumps(found, ensure_ascii=True, separators=(",", ":")).encode()
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
