"""Figures over a whole collection, in bounded memory: by label, rule and site, and the lines that are cut most often."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from newsclean.folding import fold_case, squeeze

BINS = 20  # of the share cut, 0 to 1
TOP = 200  # sites and lines shown
NAMES = 100_000  # different names counted one by one; further ones go together
GROUPS = 50_000  # groups of lines held at a time
LINE = 300  # characters of a line that are compared and shown
OTHERS = "(others)"
SLOT = "◦"

_QUOTED = re.compile(r"""(?<!\w)(?:"[^"]+"|'[^']+')(?!\w)""")  # texts are folded before: one sort of quotes
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A document: its `name` (a/b.txt, data.jsonl:12), the JSON form of its `report`, its `clean` text if at hand."""

    name: str
    site: str | None
    report: dict[str, Any]
    clean: str | None


# --- lines that are alike -----------------------------------------------------------------------------


@lru_cache(1 << 14)
def fold_line(line: str) -> str:
    """`line` such that lines which differ only in names, numbers and quotations become equal."""
    text = _QUOTED.sub(SLOT, squeeze(fold_case(line)))
    if not text.isupper():  # else capitals say nothing
        runs = [(capital, list(words)) for capital, words in groupby(text.split(" "), _capital)]
        text = " ".join(
            _folded_run(words, n == 0, len(runs) == 1) if big else " ".join(words) for n, (big, words) in enumerate(runs)
        )
    return _DIGITS.sub("0", text.lower())


def _capital(word: str) -> bool:
    letter = _LETTER.search(word)
    return letter is not None and letter[0].isupper()


def _folded_run(words: list[str], first: bool, only: bool) -> str:
    """A run of capitalised words as a slot. The first word of a line has its capital anyway: alone it is no name, and
    neither are the first two where no other follow (Read More)."""
    kept = words[: 2 if only and len(words) == 2 else 1] if first and (only or len(words) == 1) else []
    names = words[len(kept) :]
    tail = re.search(r"\W*$", names[-1]) if names else None
    return " ".join([*kept, *([SLOT + tail[0].replace(SLOT, "")] if tail else [])])


class Groups:
    """Counts alike lines. When there are more than `most` groups the rarest go, so that a count may be too low."""

    def __init__(self, most: int = GROUPS) -> None:
        self.most, self.dropped = most, False
        self.rows: dict[tuple[str, ...], list[Any]] = {}  # (folded text, folded why, rule, label) -> [count, text, why]

    def add(self, text: str, rule: str, label: str, why: str = "") -> None:
        sample = squeeze(text[: 2 * LINE])[:LINE]
        row = self.rows.setdefault((fold_line(sample), _DIGITS.sub("0", why), rule, label), [0, sample, why])
        row[0] += 1
        if len(self.rows) > self.most:
            self._prune()

    def _prune(self) -> None:
        floor, self.dropped = 1, True
        while len(self.rows) > self.most // 2:
            self.rows = {key: row for key, row in self.rows.items() if row[0] > floor}
            floor *= 2

    def top(self, number: int = TOP) -> list[list[Any]]:
        """[count, sample, rule, label, why, folded text], most frequent first."""
        best = sorted(self.rows.items(), key=lambda item: (-item[1][0], item[0]))[:number]
        return [[row[0], row[1], key[2], key[3], row[2], key[0]] for key, row in best]


# --- totals -------------------------------------------------------------------------------------------


class Counts:
    """name -> [documents, cuts, characters cut, label of the first], for at most NAMES names and OTHERS."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = {}

    def add(self, name: str, cuts: int, chars: int, label: str = "") -> None:
        row = self.rows.setdefault(name if name in self.rows or len(self.rows) < NAMES else OTHERS, [0, 0, 0, label])
        row[0], row[1], row[2] = row[0] + 1, row[1] + cuts, row[2] + chars

    def add_by(self, key: str, removals: Iterable[Mapping[str, Any]]) -> None:
        """Add the removals of one document by what stands under `key`."""
        found: dict[str, tuple[int, int, str]] = {}
        for row in removals:
            cuts, chars, label = found.get(row[key], (0, 0, row["label"]))
            found[row[key]] = cuts + 1, chars + row["end"] - row["start"], label
        for name, counted in found.items():
            self.add(name, *counted)

    def top(self, number: int | None = None) -> list[list[Any]]:
        best = sorted(self.rows.items(), key=lambda item: (-item[1][2], -item[1][0], item[0]))[:number]
        return [[name, *row] for name, row in best]


class Totals:
    """All that is counted over all entries."""

    def __init__(self) -> None:
        self.documents = self.chars = self.cut = self.cuts = self.untouched = 0
        self.labels, self.rules, self.sites, self.flags = Counts(), Counts(), Counts(), Counts()
        self.bins = [0] * BINS
        self.lines, self.candidates = Groups(), Groups()

    def add(self, entry: Entry) -> None:
        chars, cut = sizes_of(entry.report)
        removals = entry.report.get("removals", ())
        self.documents, self.chars, self.cut = self.documents + 1, self.chars + chars, self.cut + cut
        self.cuts, self.untouched = self.cuts + len(removals), self.untouched + (not removals)
        self.bins[min(BINS - 1, int(BINS * share_of(chars, cut)))] += 1
        self.sites.add(entry.site or "", len(removals), cut)
        for flag in dict.fromkeys(entry.report.get("flags", ())):
            self.flags.add(flag, len(removals), cut)
        self.labels.add_by("label", removals)
        self.rules.add_by("rule", removals)
        self._lines(removals, entry.report.get("spared", ()))

    def _lines(self, removals: Iterable[Mapping[str, Any]], spared: Iterable[Mapping[str, Any]]) -> None:
        for row in removals:
            for line in filter(str.strip, row["text"].splitlines()):
                self.lines.add(line, row["rule"], row["label"])
        for row in spared:
            self.candidates.add(row["text"], row["rule"], row["label"], row.get("why") or "?")

    def data(self) -> dict[str, Any]:
        """For the script."""
        return {
            "labels": self.labels.top(),
            "rules": self.rules.top(),
            "sites": self.sites.top(TOP),
            "flags": self.flags.top(),
            "allSites": len(self.sites.rows),
            "bins": self.bins,
            "untouched": self.untouched,
            "lines": self.lines.top(),
            "linesDropped": self.lines.dropped,
            "candidates": self.candidates.top(),
            "candidatesDropped": self.candidates.dropped,
        }


def sizes_of(report: Mapping[str, Any]) -> tuple[int, int]:
    """Characters before, and how many of them were cut."""
    chars = report["original"]["chars"]
    return chars, chars - report["clean"]["chars"]


def share_of(chars: int, cut: int) -> float:
    return cut / chars if chars else 0.0
