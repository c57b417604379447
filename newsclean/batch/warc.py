"""Web archives: the pages in a .warc file, read by fastwarc (extra `warc`)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsclean.batch.streams import BROKEN, reading
from newsclean.errors import ConfigError, InputError

_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Response:
    """A page as it was served: its bytes, what the record and the server say of it, and what is wrong with it."""

    id: str
    url: str | None
    date: str | None
    charset: str | None
    body: bytes
    problem: str | None = None


def responses(path: str | Path, name: str) -> Iterator[Response]:
    """The records of `path` that are pages. Raises InputError where the archive breaks off, ConfigError without fastwarc."""
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        raise ConfigError(f"{name}: web archives need an extra: pip install 'newsclean[warc]'") from None
    # Unpacked here and not there, where an archive that breaks off just ends. The reader wants to seek.
    with reading(path, at_once=True) as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=False):
            size = record.content_length
            record.freeze()
            if record.content_length < size:
                raise InputError(f"{name}: breaks off in the record {record.record_id}")
            if response := _response(record):
                yield response


def _response(record: Any) -> Response | None:
    record.parse_http(auto_decode="transfer")
    if record.http_content_type not in _PAGES:
        return None
    body, problem = record.reader.read(), None
    try:
        body = _unpacked(body, (record.http_headers.get("Content-Encoding") or "").strip().lower())
    except (*BROKEN, ValueError) as error:
        problem = f"the page cannot be unpacked: {error}"
    headers = record.headers
    url, date = headers.get("WARC-Target-URI"), headers.get("WARC-Date")
    return Response(record.record_id, url, date, record.http_charset, body, problem)


def _unpacked(body: bytes, how: str) -> bytes:
    """What the server packed. fastwarc can do that, but cannot go on where it fails."""
    if how in ("", "identity") or not body:
        return body
    if how in ("gzip", "x-gzip", "deflate"):
        raw = how == "deflate" and body[0] & 0x0F != 8  # without the header that it should have
        return zlib.decompress(body, -15 if raw else 47)
    raise ValueError(f"packed as '{how}'")
