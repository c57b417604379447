"""Bytes in, bytes out: reading a file as text so that writing gives the same bytes again.

A file is decoded once: as UTF-8 if it is (a byte order mark stays, as the first character), as UTF-16 or UTF-32
if it says so, else as charset-normalizer finds. Line ends are not translated.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from newsclean.errors import InputError
from newsclean.report import encode

STDIN = "-"
PAGES = (".html", ".htm", ".xhtml", ".mhtml", ".mht")  # names of pages
RENDERED = {"text": ".txt", "markdown": ".md", "html": ".html"}  # what becomes of a page, and the end of its copy's name
_MARKUP = re.compile(r"\s*(?:<!--.{0,200}?-->\s*)?<(?:!doctype\s+html|html[\s>])", re.I | re.S)
BINARY_SHARE = 0.05  # of control characters in the first characters of what is no text
SAMPLE = 8192  # characters looked at for that

# Longest first: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\v\f\x1b\x1c\x1d\x1e") | {"\x7f"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: `name` as given (- is standard input), its `text`, the `encoding` that gives its bytes back."""

    name: str
    text: str
    encoding: str


def read(name: str, encoding: str | None = None) -> Source:
    """Read the file `name`, or standard input if it is "-". Raises InputError where that cannot be done."""
    text, used = decode(read_bytes(name), "standard input" if name == STDIN else name, encoding)
    return Source(name, text, used)


def is_page(name: str, format: str | None = None) -> bool:
    """Whether the file is a web page: as `format` (text or html) says, else by its name. Raises InputError for other formats."""
    if format not in (None, "text", "html"):
        raise InputError(f"unknown input format '{format}'; known: text, html; newsclean batch reads tables and archives")
    return format == "html" or (format is None and name.lower().endswith(PAGES))


def looks_like_page(text: str) -> bool:
    return bool(_MARKUP.match(text))


def copy_name(name: str, to: str = "text") -> str:
    """The name of what is made of the page `name`: page.html.txt, page.html.md; page.html stays page.html."""
    suffix = RENDERED[to]
    return name if name.lower().endswith((".htm", suffix)) and to == "html" else name + suffix


def check_rendering(to: str, images: bool) -> None:
    """Raise InputError where a page cannot be made into that."""
    if to not in RENDERED:
        raise InputError(f"unknown format '{to}' for --to; known: {', '.join(RENDERED)}")
    if images and to == "text":
        raise InputError("--images is for --to markdown or html")


def read_bytes(name: str) -> bytes:
    """The bytes of the file `name`, or of standard input if it is "-". Raises InputError where they cannot be read."""
    if name == STDIN:
        if sys.stdin.isatty():
            print("newsclean: reading the article from the terminal; end it with Ctrl-D (or name a FILE)", file=sys.stderr)
        return sys.stdin.buffer.read()
    path = Path(name)
    if path.is_dir():
        raise InputError(f"{name}: is a directory; name the files in it, as {name.rstrip('/')}/*.txt")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{name}: cannot read: {error.strerror or error}") from None


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """The text of `data` and the encoding it is in. `encoding`: the one to use, if it is known.

    The text encoded again is `data`, byte for byte. Raises InputError, naming `name`, where `data` is no text.
    """
    if encoding:
        return _decoded_as(data, name, encoding)
    for mark, marked in MARKS:
        if data.startswith(mark) and (text := _tried(data, marked)) is not None:
            return text, marked
    text = _tried(data, "utf-8")
    used = "utf-8"
    if text is None:
        if b"\0" in data[:SAMPLE]:
            raise InputError(f"{name}: not a text file (a NUL at byte {data.index(0)}); newsclean reads text")
        text, used = _guessed(data, name)
    _refuse_binary(text, name)
    return text, used


def check_encoding(name: str | None) -> str | None:
    """`name`, if there is a text encoding of that name. Raises InputError."""
    try:
        "".encode(name or "utf-8")
    except LookupError:
        raise InputError(f"unknown encoding '{name}'; as utf-8, cp1252, shift_jis") from None
    return name


def _decoded_as(data: bytes, name: str, encoding: str) -> tuple[str, str]:
    text = _tried(data, check_encoding(encoding) or "")
    if text is None:
        raise InputError(f"{name}: not {encoding}: its bytes cannot be read as that, or would not come out the same")
    return text, encoding


def _tried(data: bytes, encoding: str) -> str | None:
    """The text, if these bytes are in that encoding and come back from it unchanged."""
    try:
        text = data.decode(encoding)
        return text if text.encode(encoding) == data else None
    except UnicodeError:
        return None


def _guessed(data: bytes, name: str) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    for encoding in (best.encoding if best else None, "cp1252"):
        if encoding and (text := _tried(data, encoding)) is not None:
            return text, encoding
    raise InputError(f"{name}: not a text file that can be read; if it is one, say --encoding NAME")


def _refuse_binary(text: str, name: str, what: str = "a text file") -> None:
    sample = text[:SAMPLE]
    controls = sum(char in _CONTROLS for char in sample)
    if controls > max(1, BINARY_SHARE * len(sample)):
        raise InputError(f"{name}: not {what} ({controls} control characters at its start); newsclean reads text")


def markup(data: bytes, name: str) -> bytes:
    """The bytes of a page, whose encoding the page's own reader finds. Raises InputError where they are none."""
    _refuse_binary(data[:SAMPLE].replace(b"\0", b"").decode("latin-1"), name, "a web page")  # UTF-16 has a NUL in each letter
    return data


def write(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all: to a temporary neighbour, to the disk, then renamed. Raises InputError.

    The mode of an existing file stays.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode if path.exists() else None
        handle, temporary = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise InputError(f"{path}: cannot write: {error.strerror or error}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode & 0o7777 if mode is not None else 0o666 & ~_umask())
        os.replace(temporary, path.resolve())
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise InputError(f"{path}: cannot write: {error.strerror or error}") from None
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: str | Path, text: str, encoding: str) -> None:
    """`write`, of a text in the encoding it was read in."""
    write(path, encode(text, encoding))
