"""Which files a batch reads: files, folders at any depth, patterns, lists; in an order that does not change."""

from __future__ import annotations

import functools
import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from newsclean.batch.formats import FORMATS, File, format_of
from newsclean.batch.shards import Input, out_name, place_of
from newsclean.errors import InputError


@dataclass(frozen=True)
class Wanted:
    """What to read. `places`: files, folders and patterns; `listed`: a file of names, ended by `ender`; `include`,
    `exclude`: patterns as in .gitignore, for what is found in folders; `hidden`, `follow`: files with a dot, links;
    `format`: that of all files, whatever their names say."""

    places: tuple[str, ...]
    listed: str | None = None
    ender: str = "\n"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hidden: bool = False
    follow: bool = False
    format: str | None = None
    left_out: list[int] = field(default_factory=lambda: [0], compare=False)  # files in folders that are none of our kinds

    @cached_property
    def fits(self) -> Callable[[str], bool]:
        """Whether a name in a folder passes `include` and `exclude`."""
        import pathspec

        included = pathspec.GitIgnoreSpec.from_lines(self.include) if self.include else None
        excluded = pathspec.GitIgnoreSpec.from_lines(self.exclude)
        return lambda name: (included is None or included.match_file(name)) and not excluded.match_file(name)


def inputs(wanted: Wanted, out: Path) -> Iterator[Input]:
    """All files to read. Raises InputError where a place is none, or where clean copies would go over each other or over
    their originals."""
    wanted.left_out[0] = 0
    several = wanted.listed is not None or len(wanted.places) > 1
    taken: dict[str, str] = {}
    for path, name in _named(wanted, out):
        format = wanted.format or format_of(path) or "text"
        copy = out_name(name, format)
        if several:  # in one folder all names are different
            _refuse(path, taken.setdefault(copy, path), out / copy)
        elif copy != name and os.path.lexists(twin := out_name(path, format)):
            _refuse(path, twin, out / copy)
        if _place(str(out / copy)) == _place(path):
            raise InputError(f"{path}: its clean copy would go over it; choose another OUT")
        try:
            state = os.stat(path)
            yield Input(path, name, format, state.st_size, state.st_mtime_ns, copy)
        except OSError:  # the one who reads it will say why
            yield Input(path, name, format, 0, 0, copy)


def documents(wanted: Wanted, encoding: str | None = None) -> Iterator[tuple[str, str, dict[str, str | None]]]:
    """The documents of all files, to look at: place, text, and what is known (title, url, site, id). Raises InputError."""
    for one in inputs(wanted, Path(os.devnull)):
        for row in FORMATS[one.format].read(File(Path(one.path), one.name, encoding=encoding)):
            if row.problem:
                raise InputError(f"{place_of(one.path, 0, row.number)}: {row.problem}")
            if row.text is not None:
                number = row.number if FORMATS[one.format].table else None
                yield place_of(one.path, 0, number), row.text, row.known


def _refuse(path: str, other: str, copy: Path) -> None:
    if other != path:
        raise InputError(f"{path} and {other} would both be {copy}; clean them into different directories")


def _place(path: str) -> tuple[str, str]:
    return _real(os.path.dirname(path)), os.path.basename(path)


_real = functools.lru_cache(maxsize=1024)(os.path.realpath)


def _named(wanted: Wanted, out: Path) -> Iterator[tuple[str, str]]:
    """Paths, and the names of their copies: as they lie in a folder, or below what files have in common."""
    places = [found for place in wanted.places for found in _expanded(place)]
    folders = [place for place in places if os.path.isdir(place)]
    files = [place for place in places if not os.path.isdir(place)]
    common = os.path.dirname(os.path.commonpath([os.path.abspath(file) for file in files] * 2)) if len(files) == 1 else ""
    if len(files) > 1:
        common = os.path.commonpath([os.path.dirname(os.path.abspath(file)) for file in files])
    for place in places:
        if place in files:
            yield place, os.path.relpath(os.path.abspath(place), common)
        else:
            alone = len(folders) == 1 and not files and not wanted.listed
            yield from _walked(wanted, place, "" if alone else os.path.basename(os.path.abspath(place)), out)
    if wanted.listed:
        yield from _listed(wanted.listed, wanted.ender)


def _expanded(place: str) -> Sequence[str]:
    if os.path.lexists(place):
        return [place]
    found = sorted(glob.glob(place, recursive=True)) if glob.has_magic(place) else []
    found = [path for path in found if not os.path.isdir(path)]
    if not found:
        raise InputError(f"{place}: no such file or directory")
    return found


def _listed(path: str, ender: str) -> Iterator[tuple[str, str]]:
    """The files a list names. Their copies have the same names, below OUT."""
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        for name in _split(file, ender):
            parts = [part for part in Path(os.path.normpath(name)).parts if part != os.sep]
            if ".." in parts:
                parts = [part for part in Path(os.path.abspath(name)).parts if part != os.sep]
            yield name, "/".join(parts)


def _split(file: Iterable[str], ender: str) -> Iterator[str]:
    if ender == "\n":
        yield from (name for line in file if (name := line.rstrip("\r\n")))
    else:
        yield from (name for name in "".join(file).split(ender) if name)


def _walked(wanted: Wanted, root: str, prefix: str, out: Path) -> Iterator[tuple[str, str]]:
    state = os.stat(root)
    avoid = (os.stat(out).st_dev, os.stat(out).st_ino) if out.exists() else None
    if avoid == (state.st_dev, state.st_ino):
        raise InputError(f"{root}: is OUT as well; clean into another directory")
    yield from _folder(wanted, root, "", prefix, avoid, ((state.st_dev, state.st_ino),))


def _folder(
    wanted: Wanted, root: str, within: str, prefix: str, avoid: Any, above: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, str]]:
    try:
        with os.scandir(os.path.join(root, within) if within else root) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"{os.path.join(root, within)}: cannot read: {error.strerror or error}") from None
    for entry in found:
        if (entry.name.startswith(".") and not wanted.hidden) or (entry.is_symlink() and not wanted.follow):
            continue
        name = f"{within}/{entry.name}" if within else entry.name
        if entry.is_dir():
            state = entry.stat()
            here = (state.st_dev, state.st_ino)
            if here != avoid and here not in above:
                yield from _folder(wanted, root, name, prefix, avoid, (*above, here))
        elif entry.is_file() and wanted.fits(name):
            if wanted.format or format_of(entry.name):
                yield entry.path, f"{prefix}/{name}" if prefix else name
            else:
                wanted.left_out[0] += 1
