"""The report as a unified diff: of lines that end in LF, as diff and patch see them.

Since only removals happen, the diff is read off the report and not searched for: it is exact and takes no time.
`patch -R` turns the clean file back into the original.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsclean.report import Cleaned, Removal

NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Change:
    """Neighbouring lines of the original (`old`) and what is left of them (`new`), both with their line ends.

    `line`: number of the first old line, from 1; `removals`: what was cut here. An untouched line has none.
    """

    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    removals: tuple[Removal, ...] = ()


def changes(cleaned: Cleaned) -> Iterator[Change]:
    """The original, line by line: untouched lines one at a time, touched ones in groups that end where both texts
    begin a new line."""
    original = cleaned.report.original
    removals, number = list(cleaned.report.removals), 0
    old: list[str] = []
    left: list[str] = []
    here: list[Removal] = []
    start = 0
    for line_number, line in enumerate(_lines(original), 1):
        end = start + len(line)
        kept, number, touched = _kept(line, start, removals, number)
        old.append(line)
        left.append(kept)
        here += [removal for removal in touched if removal not in here[-1:]]
        text = "".join(left)
        if text.endswith("\n") or not text or end == len(original):
            yield Change(line_number - len(old) + 1, tuple(old), tuple(_lines(text)), tuple(here))
            old, left, here = [], [], []
        start = end


def _lines(text: str) -> list[str]:
    """Lines with their LF. Other line ends are no line ends to diff and patch."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _kept(line: str, start: int, removals: list[Removal], number: int) -> tuple[str, int, list[Removal]]:
    """What is left of a line, the first removal that may reach the next one, and the removals that touch it."""
    end, at = start + len(line), start
    kept, touched = [], []
    while number < len(removals) and removals[number].start < end:
        removal = removals[number]
        if removal.end > start:
            touched.append(removal)
            kept.append(line[at - start : max(at, removal.start) - start])
            at = min(end, removal.end)
        if removal.end > end:
            break
        number += 1
    kept.append(line[at - start :])
    return "".join(kept), number, touched


def unified(cleaned: Cleaned, name: str = "article", context: int = 3) -> str:
    """A unified diff from the original to the clean text, with label and rule named behind each @@; empty if nothing
    was cut. `context`: lines shown around a change."""
    hunks = "".join(_hunk(hunk, new_start) for hunk, new_start in hunks_of(list(changes(cleaned)), context))
    return f"--- {name}\n+++ {name}\n{hunks}" if hunks else ""


def hunks_of(all_changes: list[Change], context: int) -> Iterator[tuple[list[Change], int]]:
    """Changes that were touched, with `context` others around them; and the number of the first new line of each hunk."""
    near = [False] * len(all_changes)
    for i, change in enumerate(all_changes):
        if change.removals:
            first, last = max(0, i - context), min(len(near), i + context + 1)
            near[first:last] = [True] * (last - first)
    hunk: list[Change] = []
    new_start = new_line = 1
    for shown, change in zip(near, all_changes, strict=True):
        if shown and not hunk:
            new_start = new_line
        elif not shown and hunk:
            yield hunk, new_start
            hunk = []
        if shown:
            hunk.append(change)
        new_line += len(change.new)
    if hunk:
        yield hunk, new_start


def _hunk(hunk: list[Change], new_start: int) -> str:
    old, new = sum(len(c.old) for c in hunk), sum(len(c.new) for c in hunk)
    names = ", ".join(dict.fromkeys(f"{r.label} {r.rule}" for change in hunk for r in change.removals))
    # A hunk without a new line begins behind the line before it: that is how diff counts.
    return f"@@ -{hunk[0].line},{old} +{new_start if new else new_start - 1},{new} @@ {names}\n" + "".join(map(_rows, hunk))


def _rows(change: Change) -> str:
    if not change.removals:
        return "".join(_row(" ", line) for line in change.old)
    return "".join([*(_row("-", line) for line in change.old), *(_row("+", line) for line in change.new)])


def _row(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n{NO_NEWLINE}"
