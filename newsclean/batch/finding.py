"""Which files a batch reads: files, folders at any depth, patterns, lists; in an order that does not change."""

from __future__ import annotations

import functools
import glob
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from newsclean.batch.files import File
from newsclean.batch.formats import FORMATS, format_of
from newsclean.batch.places import is_url, matching, stamp, walked
from newsclean.batch.rows import Row
from newsclean.batch.shards import ERRORS, REPORT, STATE, Input, out_name, place_of
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

        try:
            included = pathspec.GitIgnoreSpec.from_lines(self.include) if self.include else None
            excluded = pathspec.GitIgnoreSpec.from_lines(self.exclude)
        except ValueError as error:
            raise InputError(f"--include, --exclude: {error}") from None
        return lambda name: (included is None or included.match_file(name)) and not excluded.match_file(name)


def inputs(wanted: Wanted, out: Path | None, to: str = "text") -> Iterator[Input]:
    """All files to read. Raises InputError where a place is none, or where clean copies would go over each other, over
    originals, or over what OUT has of its own. `out`: None if nothing is to be written; `to`: what becomes of pages."""
    wanted.left_out[0] = 0
    several = wanted.listed is not None or len(wanted.places) > 1
    taken: dict[str, str] = {}
    for path, name in _named(wanted, out):
        format = wanted.format or format_of(path) or "text"
        copy = out_name(name, format, to)
        if several and taken.get(copy) == path:
            continue  # named twice
        if out is not None:
            _refuse_own(path, copy, out)
            if several:  # in one folder all names are different
                _refuse(path, taken.setdefault(copy, path), out / copy)
            elif copy != name and not is_url(path) and os.path.lexists(twin := out_name(path, format, to)):
                _refuse(path, twin, out / copy)
        try:
            yield Input(path, name, format, *stamp(path), copy)
        except OSError:  # the one who reads it will say why
            yield Input(path, name, format, 0, 0, copy)


def _refuse_own(path: str, copy: str, out: Path) -> None:
    if copy in (REPORT, ERRORS) or copy.partition("/")[0] == STATE:
        raise InputError(f"{path}: its clean copy would have the name of the batch's own {copy.partition('/')[0]}; rename it")
    if _lies_in(path, out):
        raise InputError(f"{path}: lies in {out}; clean into a directory of its own")


def _lies_in(path: str, root: Path) -> bool:
    if is_url(path) or is_url(root):
        return path.startswith(f"{root}/")
    folder, above = _real(os.path.dirname(os.path.abspath(path))), _real(os.path.abspath(root))
    return folder == above or folder.startswith(above.rstrip(os.sep) + os.sep)


def documents(wanted: Wanted, encoding: str | None = None) -> Iterator[tuple[str, Row]]:
    """The documents of all files, to look at: place and row, which has a text. Raises InputError."""
    for one in inputs(wanted, None):
        for row in FORMATS[one.format].read(File(one.path, one.name, encoding=encoding)):
            if row.problem:
                raise InputError(f"{place_of(one.path, 0, row.number)}: {row.problem}")
            if row.text is not None:
                number = row.number if FORMATS[one.format].table else None
                yield place_of(one.path, 0, number), row


def _refuse(path: str, other: str, copy: Path) -> None:
    if other != path:
        raise InputError(f"{path} and {other} would both be {copy}; clean them into different directories")


@functools.lru_cache(maxsize=1024)
def _real(path: str) -> str:
    return os.path.realpath(path)


def _named(wanted: Wanted, out: Path | None) -> Iterator[tuple[str, str]]:
    """Paths, and the names of their copies: as they lie in a folder, or below what files have in common."""
    yield from _remote([place for place in wanted.places if is_url(place)], wanted, out)
    places = [found for place in wanted.places if not is_url(place) for found in _expanded(place, out)]
    files = {place for place in places if not os.path.isdir(place)}
    common = os.path.commonpath([os.path.dirname(os.path.abspath(file)) for file in files]) if files else ""
    for place in places:
        if place in files:
            yield place, os.path.relpath(os.path.abspath(place), common)
        else:
            alone = len(wanted.places) == 1 and not wanted.listed
            yield from _walked(wanted, place, "" if alone else os.path.basename(os.path.abspath(place)), out)
    if wanted.listed:
        yield from _listed(wanted.listed, wanted.ender)


def _remote(places: list[str], wanted: Wanted, out: Path | None) -> Iterator[tuple[str, str]]:
    """The same of URLs: what lies below one, itself, or what a pattern fits, below what all files have in common."""
    files: list[str] = []
    for place in places:
        url, below = place.rstrip("/"), _below(place)
        alone = len(wanted.places) == 1 and not wanted.listed
        for name in _fitting(wanted, below, "" if out is None else str(out).removeprefix(f"{url}/")):
            yield f"{url}/{name}", name if alone else f"{posixpath.basename(url)}/{name}"
        files += [] if below else _patterned(place)
    common = posixpath.commonpath([posixpath.dirname(file) for file in files]) if files else ""
    yield from ((file, posixpath.relpath(file, common)) for file in files)


def _below(url: str) -> list[str]:
    try:
        return walked(url)
    except OSError as error:
        raise InputError(f"{url}: cannot read: {error.strerror or error}") from None


def _patterned(url: str) -> list[str]:
    """A URL that is no folder: a file, or what a pattern fits."""
    try:
        stamp(url)
        return [url]
    except OSError as error:
        found = matching(url) if glob.has_magic(url) else []
        if not found:
            raise InputError(f"{url}: no such file or folder: {error.strerror or error}") from None
        return found


def _fitting(wanted: Wanted, names: list[str], out: str) -> Iterator[str]:
    """Of the names below a folder those to read: not what a batch wrote there beside its copies, nor what lies in `out`."""
    own = {name.removesuffix(f"{STATE}/run.json") for name in names if name.endswith(f"{STATE}/run.json")}
    for name in names:
        parts = name.split("/")
        hidden = any(part.startswith(".") for part in parts) and not wanted.hidden
        written = any(name in (folder + REPORT, folder + ERRORS) or name.startswith(f"{folder}{STATE}/") for folder in own)
        if hidden or written or name.startswith(f"{out}/") or not wanted.fits(name):
            continue
        if wanted.format or format_of(name):
            yield name
        else:
            wanted.left_out[0] += 1


def _expanded(place: str, out: Path | None) -> Sequence[str]:
    """What a place stands for: itself, or the files that a pattern fits. What a batch wrote itself is not among them."""
    if os.path.lexists(place):
        return [place]
    found = sorted(glob.glob(place, recursive=True)) if glob.has_magic(place) else []
    found = [path for path in found if not os.path.isdir(path)]
    if not found:
        raise InputError(f"{place}: no such file or directory")
    # Where all of them lie in OUT they are meant, and refused by who asks.
    return [path for path in found if out is None or not _lies_in(path, out)] or found


def _listed(path: str, ender: str) -> Iterator[tuple[str, str]]:
    """The files a list names. Their copies have the same names, below OUT."""
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        for name in _split(file, ender):
            if is_url(name):
                yield name, posixpath.normpath(name.partition("://")[2].lstrip("/"))
                continue
            parts = [part for part in Path(os.path.normpath(name)).parts if part != os.sep]
            if ".." in parts:
                parts = [part for part in Path(os.path.abspath(name)).parts if part != os.sep]
            yield name, "/".join(parts)


def _split(file: Iterable[str], ender: str) -> Iterator[str]:
    if ender == "\n":
        for line in file:
            if "\0" in line:
                raise InputError("the list has names that end in NUL: read it with --null (-0)")
            if name := line.rstrip("\r\n"):
                yield name
    else:
        yield from (name for name in "".join(file).split(ender) if name)


def _walked(wanted: Wanted, root: str, prefix: str, out: Path | None) -> Iterator[tuple[str, str]]:
    avoid = _identity(out) if out is not None and not is_url(out) and out.exists() else None
    if avoid == _identity(root):
        raise InputError(f"{root}: is OUT as well; clean into another directory")
    for path, name in _files(wanted, root, avoid):
        yield path, f"{prefix}/{name}" if prefix else name


def _identity(path: Any) -> tuple[int, int]:
    state = os.stat(path)
    return state.st_dev, state.st_ino


def _files(wanted: Wanted, root: str, avoid: tuple[int, int] | None) -> Iterator[tuple[str, str]]:
    """The files below `root`, folder by folder, with their paths from there. A folder that cannot be read is handed on as
    if it were a file: whoever reads it says why. `above`: the folders one is in, since links may lead back to them."""
    waiting: list[tuple[Iterator[os.DirEntry[str]], str, tuple[tuple[int, int], ...]]] = []
    waiting.append((iter(_entries(root, root)), "", (_identity(root),)))
    while waiting:
        entries, within, above = waiting[-1]
        entry = next(entries, None)
        if entry is None:
            waiting.pop()
            continue
        if (entry.name.startswith(".") and not wanted.hidden) or (entry.is_symlink() and not wanted.follow):
            continue
        name = f"{within}{entry.name}"
        try:
            if entry.is_dir():
                here = _identity(entry.path)
                if here != avoid and here not in above:
                    waiting.append((iter(_entries(entry.path, root)), f"{name}/", (*above, here)))
            elif entry.is_file() and wanted.fits(name):
                if wanted.format or format_of(entry.name):
                    yield entry.path, name
                else:
                    wanted.left_out[0] += 1
        except OSError:
            yield entry.path, name


def _entries(folder: str, root: str) -> list[os.DirEntry[str]]:
    """What is in a folder, by name; but not the report of a batch that wrote here."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if folder == root:
            raise InputError(f"{folder}: cannot read: {error.strerror or error}") from None
        raise
    if os.path.exists(os.path.join(folder, STATE, "run.json")):
        found = [entry for entry in found if entry.name not in (REPORT, ERRORS, STATE)]
    return found
