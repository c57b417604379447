"""What was cut and why, and the way back.

    Cleaned(text, report); report.to_dict() is the JSON document of report.schema.json
    restore(clean text, report) -> the original text, or RestoreError

All offsets are code points of the original text. The removals are disjoint and in order, and their texts
together with the clean text are the original, character for character.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from newsclean.errors import RestoreError

FORMAT = 1  # version of the JSON form; readers refuse a higher one


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch that was cut: `text` stood at `start` to `end` of the original.

    `match` numbers the matches, since one may have cut several stretches; `also` names further rules that fit here;
    `paths` are the CSS paths of the elements that the text was taken from, where it was a page's.
    """

    start: int
    end: int
    text: str
    rule: str
    label: str
    evidence: str
    round: int = 1
    match: int = 1
    also: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spared:
    """A stretch that a rule fits but that stays, and `why`."""

    start: int
    end: int
    text: str
    rule: str
    label: str
    evidence: str
    why: str


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A line that says when the document was published or changed.

    `role`: published, updated, relative or reading; `time`: ISO 8601 as far as it is known (a date, perhaps a time,
    perhaps its offset), None where it is not; `kept`: whether the line still stands.
    """

    start: int
    end: int
    text: str
    role: str
    kept: bool
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """`chars` code points, `bytes` in the encoding of the file, `sha256` of these bytes."""

    chars: int
    bytes: int
    sha256: str


def size_of(text: str, encoding: str = "utf-8") -> Size:
    data = encode(text, encoding)
    return Size(len(text), len(data), hashlib.sha256(data).hexdigest())


def encode(text: str, encoding: str) -> bytes:
    """`text` as bytes; lone surrogates, which no file can hold, become their own three bytes in UTF-8."""
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "strict")


@dataclass(frozen=True)
class Report:
    """What happened to one document. `flags`: paywalled, no-article, brake; `spared` as of the last round; `page`: what a page
    says of itself, and `original` is its extracted text then."""

    original: str = field(repr=False)
    removals: tuple[Removal, ...] = ()
    spared: tuple[Spared, ...] = ()
    timestamps: tuple[Timestamp, ...] = ()
    flags: tuple[str, ...] = ()
    packs: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    source: str | None = None
    encoding: str = "utf-8"
    page: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def by_label(self) -> dict[str, int]:
        """Characters cut, by label, most first."""
        return _tally((r.label, r.end - r.start) for r in self.removals)

    @cached_property
    def by_rule(self) -> dict[str, int]:
        """Characters cut, by rule, most first."""
        return _tally((r.rule, r.end - r.start) for r in self.removals)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, as newsclean/report.schema.json describes it. Times are normalised here and not before,
        since that is slow."""
        from newsclean import __version__
        from newsclean.timestamps import normalised

        return {
            "format": FORMAT,
            "newsclean": __version__,
            "source": self.source,
            "encoding": self.encoding,
            "original": _row(size_of(self.original, self.encoding)),
            "clean": _row(size_of(cut(self.original, self.removals), self.encoding)),
            "packs": self.packs,
            "options": self.options,
            "flags": list(self.flags),
            "counts": {"by_label": self.by_label, "by_rule": self.by_rule},
            "removals": [_row(r) for r in self.removals],
            "spared": [_row(s) for s in self.spared],
            "timestamps": [_row(t) for t in normalised(self.timestamps)],
            **({"page": self.page} if self.page else {}),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], clean: str) -> Report:
        """The report of `to_dict`, with the original put together from `clean`, the clean text.

        Raises RestoreError where `data` is no report, or not that of `clean`.
        """
        return cls(
            original=restore(clean, data),
            removals=_rows(Removal, data, "removals"),
            spared=_rows(Spared, data, "spared"),
            timestamps=_rows(Timestamp, data, "timestamps"),
            flags=tuple(data.get("flags", ())),
            packs=dict(data.get("packs", {})),
            options=dict(data.get("options", {})),
            source=data.get("source"),
            encoding=data["encoding"],
            page=dict(data.get("page", {})),
        )


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean text and the report that accounts for every character that is not in it."""

    text: str
    report: Report


def _tally(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, chars in pairs:
        counts[name] += chars
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _row(record: Any) -> dict[str, Any]:
    values = ((f.name, getattr(record, f.name)) for f in fields(record))  # asdict would copy every text
    row = {name: list(value) if isinstance(value, tuple) else value for name, value in values}
    if not row.get("paths", True):  # of a text
        del row["paths"]
    return row


def _rows(kind: type, data: dict[str, Any], name: str) -> tuple[Any, ...]:
    names = {f.name for f in fields(kind)}
    try:
        return tuple(
            kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items() if k in names})
            for row in data.get(name, ())
        )
    except (TypeError, AttributeError) as error:
        raise RestoreError(f"not a report of newsclean: {name}: {error}") from None


def cut(text: str, removals: Iterable[Removal]) -> str:
    """`text` without the removals, which are disjoint and in order."""
    kept, at = [], 0
    for removal in removals:
        kept.append(text[at : removal.start])
        at = removal.end
    kept.append(text[at:])
    return "".join(kept)


def rows_of(report: dict[str, Any]) -> tuple[Removal, ...]:
    """The removals of a report's JSON form."""
    return _rows(Removal, report, "removals")


def restore(clean: str, report: Report | dict[str, Any]) -> str:
    """The original text. `report` is a Report or its JSON form, `clean` the clean text it speaks of.

    Raises RestoreError where either was edited since, or where they are not of one document.
    """
    if isinstance(report, Report):
        removals, encoding = report.removals, report.encoding
        wanted_clean = size_of(cut(report.original, removals), encoding).sha256
        wanted_original = size_of(report.original, encoding).sha256
    else:
        _check_format(report)
        removals, encoding = _rows(Removal, report, "removals"), report["encoding"]
        wanted_clean, wanted_original = report["clean"]["sha256"], report["original"]["sha256"]
    if _digest(clean, encoding) != wanted_clean:
        raise RestoreError("the clean text is not the one of this report: it was edited, or belongs to another document")
    original = _spliced(clean, removals)
    if _digest(original, encoding) != wanted_original:
        raise RestoreError("the report was edited: what it gives back is not the original")
    return original


def _digest(text: str, encoding: str) -> str | None:
    try:
        return size_of(text, encoding).sha256
    except (UnicodeEncodeError, LookupError):
        return None


def _check_format(data: Any) -> None:
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise RestoreError("not a report of newsclean: a JSON object with the key 'format' was expected")
    if data["format"] > FORMAT:
        raise RestoreError(f"report format {data['format']} is newer than this newsclean, which reads up to {FORMAT}")
    try:
        complete = all(isinstance(data[k]["sha256"], str) for k in ("clean", "original")) and isinstance(data["encoding"], str)
    except (KeyError, TypeError):
        complete = False
    if not complete:
        raise RestoreError("not a report of newsclean: clean.sha256, original.sha256 or encoding is missing")


def _spliced(clean: str, removals: tuple[Removal, ...]) -> str:
    pieces: list[str] = []
    at = done = 0  # position in the clean text, and in the original
    for removal in removals:
        size = removal.start - done
        pieces += [clean[at : at + size], removal.text]
        at, done = at + size, removal.end
    return "".join([*pieces, clean[at:]])


def parse_report(source: str, name: str) -> dict[str, Any]:
    """The JSON form of a report, from the text of the file `name`. Raises RestoreError where it is none."""
    try:
        data = json.loads(source)
    except ValueError as error:
        raise RestoreError(f"{name}: not a JSON report: {error}") from None
    try:
        _check_format(data)
    except RestoreError as error:
        raise RestoreError(f"{name}: {error}") from None
    return dict(data)
