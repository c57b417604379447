"""Input formats: each is one function from a file to its rows, and an entry in FORMATS.

    read(file: File) -> Iterator[Row]      raises InputError where the file breaks off or is none of its kind

Parquet has a module of its own, since its records are no bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from newsclean.batch.csv_files import table_rows
from newsclean.batch.fields import Fields
from newsclean.batch.files import File
from newsclean.batch.json_files import json_rows, jsonl_rows
from newsclean.batch.rows import Json, Plain, Row, json_bytes, members
from newsclean.batch.streams import inner_suffix, reading
from newsclean.inputs import PAGES, decode, markup

# --- one document -------------------------------------------------------------------------------------


def _text(file: File) -> Iterator[Row]:
    with reading(file.path) as stream:
        data = stream.read()
    text, encoding = decode(data, file.name, file.encoding)
    yield Plain(data, text, 1, encoding)


def _html(file: File) -> Iterator[Row]:
    from newsclean.html import extract

    with reading(file.path) as stream:
        page = extract(markup(stream.read(), file.name), file.encoding)
    known = {"title": page.facts.title, "url": page.facts.url}
    yield Plain(page.text.encode(), page.text, 1, known=known, page=page)


# --- web archives -------------------------------------------------------------------------------------


def _warc(file: File) -> Iterator[Row]:
    from newsclean.batch.warc import responses
    from newsclean.html import extract

    file.fields = Fields("text", "title", "url", id="id")  # of the table that the copy is
    for number, response in enumerate(responses(file.path, file.name), 1):
        page = extract(response.body, response.charset)
        text = None if response.problem else page.text
        known = {"title": page.facts.title, "url": response.url or page.facts.url, "id": response.id}
        record = {"id": response.id, "url": known["url"], "date": response.date, "title": known["title"], "text": text}
        source = json.dumps(record, ensure_ascii=False)
        found, _ = members(source)
        cell = None if response.problem else found["text"]
        yield Json(source + "\n", json_bytes(source + "\n"), number, text, known, cell, response.problem, page)


class Format(NamedTuple):
    """`read`; `about`: for the documentation; `table`: whether a file has many documents; `out`: what is put behind the
    name of its clean copy, if anything; `extra`: what has to be installed besides."""

    read: Callable[[File], Iterator[Row]]
    about: str
    table: bool = False
    out: str = ""
    extra: str = ""


def _parquet(file: File) -> Iterator[Row]:
    from newsclean.batch.parquet import rows

    yield from rows(file)


FORMATS: dict[str, Format] = {
    "text": Format(_text, "One document a file, in any encoding."),
    "html": Format(_html, "A page, of which the article is found. The clean copy is text, or what --to says.", out=".txt"),
    "jsonl": Format(jsonl_rows, "A JSON object a line. Large files are cut into slices.", table=True),
    "json": Format(json_rows, "An array of JSON objects, or one object; read piece by piece.", table=True),
    "csv": Format(
        table_rows, "Separated values with a header; comma, semicolon, tab or bar, and the encoding, are found.", table=True
    ),
    "parquet": Format(
        _parquet, "Types, other columns and order stay. Large files are cut by row groups.", table=True, extra="parquet"
    ),
    "warc": Format(
        _warc,
        "The pages of a web archive, as those. The clean copy is a table of JSON lines.",
        table=True,
        out=".jsonl",
        extra="warc",
    ),
}
SUFFIXES: dict[str, str] = {
    ".txt": "text", ".md": "text", **dict.fromkeys(PAGES, "html"), ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".warc": "warc",
}  # fmt: skip


def format_of(name: str | Path) -> str | None:
    """The format that a file's name speaks of."""
    return SUFFIXES.get(inner_suffix(name))
