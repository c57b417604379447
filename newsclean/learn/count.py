"""The shard job of learning: read documents, note their blocks. It knows no engine, and needs nothing that is installed besides.

    run(shard, work, None, tell) -> the shard's marker; work.out has ID.docs.csv.zst, ID.lines.csv.zst ...

A block is noted by a fingerprint of its site and folded text. What comes back where is only known when all shards are there: so
a line is written for every block, and its text once a shard. Sentences are noted besides, to tell near copies of documents by:
paragraphs may be cut otherwise in a copy. The same shard gives the same files.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from newsclean.batch.cleaning import cleaned_row, page_in
from newsclean.batch.fields import Fields
from newsclean.batch.files import File
from newsclean.batch.formats import FORMATS
from newsclean.batch.job import MOST_ERRORS, Tell
from newsclean.batch.rows import Row
from newsclean.batch.shards import Input, Shard, place_of
from newsclean.batch.streams import writing
from newsclean.batch.tally import Tally
from newsclean.document import Block, Document
from newsclean.engine import Cleaner
from newsclean.errors import InputError
from newsclean.learn.sites import site_of
from newsclean.learned import headline_of
from newsclean.lines import count_words
from newsclean.slots import slotted

TABLES = ("docs", "lines", "sents", "texts")
MOST_CHARS = 1000  # of a block that may be furniture; a longer one is an article's, and one without a letter nobody's

# What is said of a block in its line. The first ones are of its text, the others of its place in the document; UNFIT is what is
# no furniture whatever comes back: too long, without a letter, the headline.
PROSE, QUESTION, BARE, SHORT, FIRST, FIRST_SLOTTED, HEAD, TAIL, UNFIT, SAID = (1 << n for n in range(10))
SHORT_WORDS, SAID_WORDS = 3, 5  # up to the one a line is short; from the other on, with an end mark, it says something
SENTENCE_WORDS = 6  # a shorter one may stand in any two articles

_SENTENCES = re.compile(r"(?<=[.!?…])[\"')]* |(?<=[。！？])")
_WORD = re.compile(r"[^\W\d_]")
_ASKS = ("?", '?"', "?)", "\N{ARABIC QUESTION MARK}")


@dataclass(frozen=True, slots=True)
class Counting:
    """What is to be noted, and where. `out`: a folder for the tables; `site`: that of documents that name none; `html`: whether
    the texts of tables are pages."""

    out: str
    fields: Fields = field(default_factory=Fields)
    encoding: str | None = None
    site: str | None = None
    html: bool = False


def fingerprint(*parts: str) -> int:
    """64 bits that stand for some texts; never 0."""
    data = "\n".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest()) or 1


def run(
    shard: Shard, work: Counting, cleaner: object = None, tell: Tell | None = None, most: int | None = None,
    begins: Callable[[int], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Note the documents of a shard. It takes what every shard job takes; `cleaner` and `most` are none of its business.

    Raises OutputError where something cannot be written. What is wrong with an input is in the marker's `errors`.
    """
    out, scratch = Path(work.out), Path(work.out, "tmp")
    with ExitStack() as stack:
        notes = _Notes(*(stack.enter_context(writing(out / f"{shard.id}.{table}.csv.zst", scratch)) for table in TABLES))
        reading = _Reading(shard, work, notes, tell or (lambda *_: None))
        for number, one in enumerate(shard.inputs):
            if begins:
                begins(number)
            reading.file(one)
        notes.close()
    return {"shard": shard.id, "tally": reading.tally.to_dict(), "errors": reading.errors}


class _Reading:
    """The files of a shard, on their way into its notes."""

    def __init__(self, shard: Shard, work: Counting, notes: _Notes, tell: Tell) -> None:
        self.shard, self.work, self.notes, self.tell = shard, work, notes, tell
        self.tally, self.errors = Tally(), list[dict[str, Any]]()

    def file(self, one: Input) -> None:
        shard, work = self.shard, self.work
        fields = shard.fields if shard.slices else None
        file = File(one.path, one.name, work.fields, work.encoding, shard.start, shard.stop, fields)
        try:
            for row in FORMATS[one.format].read(file):
                if row.problem:
                    self.problem(one, row.number, row.problem)
                if row.text is not None:
                    self.document(one, row, row.text)
                else:
                    self.tally.without_text += bool(row.number and not row.problem)
        except InputError as error:
            self.problem(one, None, str(error))

    def document(self, one: Input, row: Row, text: str) -> None:
        work, table = self.work, FORMATS[one.format].table
        known, article = dict(row.known), text
        row.page = page_in(row, work.html and table)
        if row.page is not None:  # what the rules see of it
            known |= {role: known.get(role) or getattr(row.page.facts, role) for role in ("title", "url", "site")}
            article = cleaned_row(row, _NO_RULES).text
        given = work.site if not (known.get("url") or known.get("site")) else None
        site = given or site_of(known, one, work.fields.site is not None)
        self.notes.add(article, site, known, place_of(one.name, self.shard.start, row.number if table else None))
        self.tally.documents += 1
        self.tally.chars += len(text)
        self.tell(1, len(text), 0, 0)

    def problem(self, one: Input, number: int | None, reason: str) -> None:
        self.tally.errors += 1
        if len(self.errors) < MOST_ERRORS:
            place = place_of(one.name, self.shard.start, number)
            reason = reason.removeprefix(f"{one.name}: ").removeprefix(f"{one.path}: ")
            self.errors.append({"place": place, "reason": reason})
        self.tell(0, 0, 0, 1)


_NO_RULES = Cleaner(packs=())


class _Notes:
    """The tables of a shard as they grow."""

    def __init__(self, docs: BinaryIO, lines: BinaryIO, sents: BinaryIO, texts: BinaryIO) -> None:
        self.lines, self.sents = lines, sents
        self.docs, self.texts = (io.TextIOWrapper(file, "utf-8", "replace", newline="") for file in (docs, texts))
        self.write_doc, self.write_text = (csv.writer(file, lineterminator="\n").writerow for file in (self.docs, self.texts))
        self.seen: set[int] = set()  # texts that were written

    def close(self) -> None:
        self.docs.detach()
        self.texts.detach()

    def add(self, text: str, site: str, known: dict[str, str | None], place: str) -> None:
        document = Document(text, known.get("title"))
        blocks, headline = document.blocks, headline_of(document)
        url, name = known.get("url") or "", known.get("id") or known.get("url") or place
        said = fingerprint(site, *(block.plain for block in blocks))
        key = fingerprint(site, url, known.get("id") or "", str(said))
        uid = fingerprint(place, str(key))
        address = fingerprint(site, url.partition("#")[0]) if url else 0
        self.write_doc([uid, site, key, said, address, _said(name)])
        seen, rows = set[int](), list[str]()
        for block in blocks:
            mark, slots = fingerprint(site, block.plain), self._slots(site, block)
            flags = _flags(document, block, mark not in seen, slots not in seen) | UNFIT * (block.plain == headline)
            seen |= {mark, slots}
            rows.append(f"{uid},{block.index},{mark},{slots},{flags}\n")
            if mark not in self.seen and not flags & UNFIT:
                self.seen.add(mark)
                self.write_text([mark, _said(block.cased)])
        self.lines.write("".join(rows).encode())
        sentences = {fingerprint(site, sentence): None for block in blocks if block.prose for sentence in _sentences(block)}
        self.sents.write("".join(f"{uid},{sentence}\n" for sentence in sentences).encode())

    @staticmethod
    def _slots(site: str, block: Block) -> int:
        form = "" if block.prose else slotted(block.cased)
        return fingerprint(site, form, "slots") if form and form != block.plain else 0


def _said(text: str) -> str:
    """As a table can hold it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _sentences(block: Block) -> Iterator[str]:
    return (sentence for sentence in _SENTENCES.split(block.plain) if count_words(sentence) >= SENTENCE_WORDS)


def _flags(document: Document, block: Block, first: bool, first_slotted: bool) -> int:
    return (
        PROSE * block.prose
        | QUESTION * block.plain.endswith(_ASKS)
        | SAID * (block.ended and block.words >= SAID_WORDS)
        | BARE * (block.words < 2)
        | SHORT * (block.words < SHORT_WORDS)
        | FIRST * first
        | FIRST_SLOTTED * first_slotted
        | HEAD * (block.index in document.zone("head"))
        | TAIL * (block.index >= document.tail and block.index >= document.top)
        | UNFIT * (len(block.cased) > MOST_CHARS or not _WORD.search(block.plain))
    )
