"""Patterns, compiled; what Python's engine makes of them is kept on disk, since making it takes longer than cleaning with it.

    compiled(pattern) -> re.Pattern

The engine's program for a pattern is a list of numbers. Those that a process had to make are written to one file, and the next
process takes them from there: by the digest of the pattern, with a checksum, and Python checks a program before it runs it. What
is not there, broken, or somebody else's, is compiled as ever. It is the same pattern either way.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import sys
from array import array
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from newsclean.packcache import folder, key_of, open_own, write

FIRST = 64  # programs made before they are written; then when there are twice as many
FEW = 16  # fewer at the end of a process are not worth writing the file
MOST = 16_000_000  # bytes of a file; a larger one is begun anew
_TRIAL = r"(?:ab|c+)[^x-z]{2,}(?P<name>\d)(?!y)\b"


class Program(NamedTuple):
    """What `re.compile` makes of a pattern. `names`: groups that have one; `code`: the numbers, as bytes."""

    flags: int
    groups: int
    names: dict[str, int]
    code: bytes


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled when it is first needed: most are not, in most texts."""
    return _programs().pattern(pattern)


@cache
def _programs() -> Programs:
    """Those of this user and this Python. `re.compile` in two steps is nothing that Python promises, so it is tried first."""
    place = folder()
    try:
        import _sre  # type: ignore[import-not-found]

        engine = key_of(sys.version, f"{_sre.MAGIC} {_sre.CODESIZE} {sys.byteorder} {array('I').itemsize}")
        known = run(_TRIAL, made(_TRIAL)) == re.compile(_TRIAL)
    except (ImportError, AttributeError, TypeError, ValueError):  # another Python
        known = False
    programs = Programs(place / f"patterns-{engine[:16]}" if place and known else None)
    atexit.register(programs.keep, FEW)
    return programs


class Programs:
    """Programs by the digests of their patterns: those of the file at `path`, and new ones; no file if it is None."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._new, self._next = path, dict[str, Program](), FIRST
        self._index, self._body = _read(path)

    def pattern(self, pattern: str) -> re.Pattern[str]:
        """`re.compile(pattern)`."""
        if not self._path:
            return re.compile(pattern)
        name = hashlib.blake2b(pattern.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        program = _at(self._index, self._body, name)
        if program is None:
            program = self._new[name] = made(pattern)
            if len(self._new) >= self._next:
                self._next *= 2
                self.keep()
        return run(pattern, program)

    def keep(self, least: int = 1) -> None:
        """Write the file anew, with the programs that were made since, if these are `least` or more."""
        if not self._path or len(self._new) < least:
            return
        index, body = _read(self._path)  # others may have written meanwhile
        programs = {name: found for name in index if (found := _at(index, body, name))} | self._new
        if sum(len(program.code) for program in programs.values()) > MOST:
            programs = dict(self._new)  # to which other threads may be adding
        rows, start = dict[str, Any](), 0
        for name, program in programs.items():
            end = start + len(program.code)
            rows[name], start = [*program[:3], start, end, crc32(program.code)], end
        line = json.dumps(rows, separators=(",", ":")).encode()
        write(self._path, b"\n".join([key_of(line).encode(), line, b"".join([program.code for program in programs.values()])]))


def _read(path: Path | None) -> tuple[Mapping[str, Any], memoryview]:
    """A file's index, and its programs. All of it is read at once: a file that is mapped and then cut short ends the process."""
    nothing: tuple[dict[str, Any], memoryview] = {}, memoryview(b"")
    if path is None:
        return nothing
    try:
        with open_own(path) as file:
            data = file.read()
    except OSError:  # no file, or another one's
        return nothing
    lines = BytesIO(data)
    digest, line = lines.readline(), lines.readline()
    if digest.rstrip() != key_of(line.rstrip()).encode():
        return nothing
    return json.loads(line), memoryview(data)[lines.tell() :]


def _at(index: Mapping[str, Any], body: memoryview, name: str) -> Program | None:
    """A program of a file, if it is there, and whole."""
    if name not in index:
        return None
    flags, groups, names, start, end, checksum = index[name]
    code = bytes(body[start:end])
    return Program(flags, groups, names, code) if crc32(code) == checksum else None


# --- re.compile, in two steps --------------------------------------------------------------------------


def made(pattern: str) -> Program:
    """What Python's engine makes of a pattern. Raises re.error where it is none."""
    from re import _compiler, _parser  # type: ignore[attr-defined]

    tree = _parser.parse(pattern, 0)
    return Program(tree.state.flags, tree.state.groups - 1, tree.state.groupdict, array("I", _compiler._code(tree, 0)).tobytes())


def run(pattern: str, program: Program) -> re.Pattern[str]:
    """The pattern that `program` was made of."""
    import _sre

    flags, groups, names, code = program
    by_number: list[str | None] = [None] * (groups + 1)
    for name, number in names.items():
        by_number[number] = name
    compiled_again: re.Pattern[str] = _sre.compile(pattern, flags, array("I", code).tolist(), groups, names, tuple(by_number))
    return compiled_again
