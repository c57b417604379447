"""The reports of a whole collection as one page of HTML: what was cut, how often, from where; and documents to look at.

    write_page(out, entries, about)

Entries are read once and may be millions: totals cover them all, while of documents and of lines only a bounded
number is held. Like page.py the page needs nothing beside itself; its style and its script stand in collection.html.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappush, heapreplace
from typing import Any, NamedTuple, TextIO

from newsclean.batch.counts import (
    NAMES,
    Entry,
    Totals,
    share_of,
    sizes_of,
)
from newsclean.page import ODD, filled, plain, script_hash, template

FIRST = 20  # documents of each flag, rule and site that are shown before any other
AROUND = 2  # kept lines shown on either side of a cut, beside the one it is in
CLIP = 240  # characters of these
LONG = 1_200  # characters shown of one cut
MARKS = 100  # cuts and spared stretches shown of one document


class Mark(NamedTuple):
    """A stretch of the original, in code points: cut, or spared. Records: (rule, label, evidence, why it stays or "")."""

    start: int
    end: int
    text: str
    records: list[tuple[str, str, str, str]]

    @property
    def cut(self) -> bool:
        return not self.records[0][3]


# --- one document -------------------------------------------------------------------------------------


def marks_of(report: Mapping[str, Any]) -> list[Mark]:
    """What was cut and what was spared, disjoint and in order. What was spared where another mark stands joins it."""
    cuts = [_mark(row, "") for row in report.get("removals", ())]
    ends, spared = [mark.end for mark in cuts], list[Mark]()
    for row in report.get("spared", ()):
        mark, near = _mark(row, row.get("why") or "?"), bisect_right(ends, row["start"])
        if near < len(cuts) and cuts[near].start < mark.end:
            cuts[near].records.extend(mark.records)
        elif spared and spared[-1].end > mark.start:
            spared[-1].records.extend(mark.records)
        else:
            spared.append(mark)
    return sorted([*cuts, *spared])


def _mark(row: Mapping[str, Any], why: str) -> Mark:
    return Mark(row["start"], row["end"], row["text"], [(row["rule"], row["label"], row["evidence"], why)])


def segments(marks: list[Mark], chars: int, clean: str | None) -> Iterator[str | int | Mark]:
    """The original of `chars` code points around `marks`: kept text, marks, and for what is left out its size: lines if
    above zero, code points if below."""
    at = gone = 0
    for number, mark in enumerate(marks):
        yield from _kept(mark.start - at, None if clean is None else clean[at - gone : mark.start - gone], number > 0, True)
        yield mark._replace(text=_clipped(mark.text))
        at, gone = mark.end, gone + (mark.end - mark.start if mark.cut else 0)
    yield from _kept(chars - at, None if clean is None else clean[at - gone :], True, False)


def _kept(size: int, text: str | None, after: bool, before: bool) -> Iterator[str | int]:
    """A kept stretch of `size` code points that comes `after` a mark, `before` one, or both."""
    if text is None:
        return (-n for n in (size,) if n > 0)
    lines = text.splitlines(keepends=True)
    head = _start("".join(lines[: AROUND + 1])) if after else ""
    tail = _end("".join(lines[-AROUND - 1 :])) if before else ""
    hidden = text[len(head) : len(text) - len(tail)]
    if len(hidden) < 80:  # hardly longer than the words for it; empty where head and tail overlap
        return iter([text] if text else [])
    whole = hidden.endswith(("\n", "\r")) or not tail
    lines_hidden = len(hidden.splitlines()) if whole and (not head or head.endswith(("\n", "\r"))) else 0
    return iter([part for part in (head, lines_hidden or -len(hidden), tail) if part])


def _start(text: str) -> str:
    return text if len(text) <= CLIP else text[: text.rfind(" ", CLIP // 2, CLIP) + 1] or text[:CLIP]


def _end(text: str) -> str:
    return text if len(text) <= CLIP else text[text.find(" ", len(text) - CLIP, len(text) - CLIP // 2) + 1 or -CLIP :]


def _clipped(text: str) -> str:
    half = LONG // 2
    return text if len(text) <= LONG else f"{text[:half]} … {len(text) - 2 * half:,} characters … {text[-half:]}"


class Picked:
    """The documents to show, at most `most`: the first of each flag and rule, then of each site, then where most was cut."""

    def __init__(self, most: int) -> None:
        self.most, self.read = most, 0
        self.seen = Counter[tuple[str, str]]()
        self.heap: list[tuple[int, float, int, list[Any]]] = []  # rank, share cut, minus its place; and the document

    def add(self, entry: Entry) -> None:
        key = self._rank(entry.report, entry.site or ""), share_of(*sizes_of(entry.report)), -self.read
        self.read += 1
        if len(self.heap) < self.most:
            heappush(self.heap, (*key, _document(entry)))
        elif self.heap and key > self.heap[0][:3]:
            heapreplace(self.heap, (*key, _document(entry)))

    def _rank(self, report: Mapping[str, Any], site: str) -> int:
        flags, rules = report.get("flags", ()), [row["rule"] for row in report.get("removals", ())]
        first = any(
            [*(self._fresh("flag", name) for name in flags), *(self._fresh("rule", name) for name in dict.fromkeys(rules))]
        )
        return 2 * first or int((bool(flags) or bool(rules)) and self._fresh("site", site))

    def _fresh(self, kind: str, name: str) -> bool:
        if (kind, name) in self.seen or len(self.seen) < NAMES:
            self.seen[kind, name] += 1
        return 0 < self.seen[kind, name] <= FIRST

    def documents(self) -> list[list[Any]]:
        return [document for *_, document in sorted(self.heap, key=lambda item: -item[2])]


def _document(entry: Entry) -> list[Any]:
    """[name, site, characters, of them cut, number of cuts, flags, segments, records of the marks beyond MARKS]"""
    report, clean = entry.report, entry.clean
    chars, cut = sizes_of(report)
    marks = marks_of(report)
    whole = clean if clean is not None and len(clean) == chars - cut else None  # else it was edited, or is another's
    shown = list(segments(marks[:MARKS], marks[MARKS].start if marks[MARKS:] else chars, whole))
    rest = [record for mark in marks[MARKS:] for record in mark.records]
    return [entry.name, entry.site or "", chars, cut, len(report.get("removals", ())), list(report.get("flags", ())), shown, rest]


# --- the page -----------------------------------------------------------------------------------------


def write_page(out: TextIO, entries: Iterable[Entry], about: Mapping[str, Any], most: int = 10_000) -> None:
    """Write the page to `out`, a file in UTF-8, with at most `most` of the documents.

    `about` holds facts, as name -> text, for the end of the page; the one named "name" is its heading.
    """
    totals, picked = Totals(), Picked(most)
    for entry in entries:
        totals.add(entry)
        picked.add(entry)
    markup = template("newsclean.batch", "collection.html")
    parts = {
        "name": plain(str(about.get("name", "Cleaned collection"))),
        "picked": _picked(len(picked.heap), totals.documents),
        "about": " · ".join(plain(f"{name}: {fact}") for name, fact in about.items() if name != "name"),
        "script_hash": script_hash(markup),
        **_figures(totals),
    }
    head, tail = markup.split("{{data}}")
    for piece in (filled(head, parts), _packed(totals, picked), tail):
        out.write(piece)


def _figures(totals: Totals) -> dict[str, str]:
    numbers = {"before": totals.chars, "after": totals.chars - totals.cut}
    numbers |= {name: getattr(totals, name) for name in ("documents", "cuts", "untouched")}
    return {name: f"{number:,}" for name, number in numbers.items()} | {
        "share": f"{100 * share_of(totals.chars, totals.cut):.1f} %"
    }


def _picked(shown: int, documents: int) -> str:
    if shown == documents:
        return "All documents are on this page."
    return (
        f"{shown:,} of {documents:,} documents are on this page: as far as there is room the first {FIRST} with each flag "
        f"and each rule, then the first {FIRST} of each site, then those of which most was cut. All figures are of all."
    )


def _packed(totals: Totals, picked: Picked) -> str:
    """The data for the script: JSON in ASCII, gzip, base64. Nothing in it can end the element that holds it."""
    pack = zlib.compressobj(9, wbits=31)  # gzip, with no time in its head
    packed = b"".join(pack.compress(text.encode("ascii")) for text in _json(totals, picked))
    return b64encode(packed + pack.flush()).decode("ascii")


def _json(totals: Totals, picked: Picked) -> Iterator[str]:
    """Documents as _document gives them, but texts that come again and again by number: strings and records."""
    strings: dict[str, int] = {}
    records: dict[tuple[int, ...], int] = {}

    def number(text: str) -> int:
        return strings.setdefault(_seen(text), len(strings))

    def record(row: tuple[str, ...]) -> int:
        return records.setdefault(tuple(map(number, row)), len(records))

    number("")  # is number 0
    yield '{"documents":['
    for n, (name, site, chars, cut, cuts, flags, parts, rest) in enumerate(picked.documents()):
        shown = [[part.text, *map(record, part.records)] if isinstance(part, Mark) else part for part in parts]
        row = [_seen(name), number(site), chars, cut, cuts, [*map(number, flags)], shown, [*dict.fromkeys(map(record, rest))]]
        yield "," * (n > 0) + _compact(row)
    yield f'],"records":{_compact(list(records))},"strings":{_compact(list(strings))},"totals":{_compact(_seen(totals.data()))}}}'


def _seen(value: Any) -> Any:
    """`value` with a sign for each odd character. Only the texts of the segments keep them: there they are named."""
    if isinstance(value, str):
        return ODD.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _seen(part) for key, part in value.items()}
    return [_seen(part) for part in value] if isinstance(value, list) else value


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
