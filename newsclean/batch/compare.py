"""What changed between two batches over the same collection: other rules, another version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from newsclean.batch.results import Results
from newsclean.batch.shards import place_of
from newsclean.folding import squeeze
from newsclean.screen import plain

MOST_SAMPLES = 100  # kept of each rule


@dataclass
class Change:
    """What one rule cuts in one batch and not in the other: stretches, characters, and samples with their places."""

    cuts: int = 0
    chars: int = 0
    samples: list[tuple[str, str]] = field(default_factory=list)

    def add(self, text: str, place: str) -> None:
        self.cuts += 1
        self.chars += len(text)
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append((squeeze(text), place))


@dataclass
class Comparison:
    """Changes by rule: `cut` now and not before, `kept` now and not before; and documents that cannot be compared."""

    documents: int = 0
    differing: int = 0
    cut: dict[str, Change] = field(default_factory=lambda: defaultdict(Change))
    kept: dict[str, Change] = field(default_factory=lambda: defaultdict(Change))
    flags: int = 0
    other_text: int = 0
    only_old: int = 0
    only_new: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.cut or self.kept or self.flags or self.other_text or self.only_old or self.only_new)


def compare(old: Results, new: Results) -> Comparison:
    """Compare document by document. Those of one order are compared as they come; others wait for their counterpart."""
    found = Comparison()
    waiting: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    for side, line in _alternately(old.lines(), new.lines()):
        key = (line["file"], line["slice"], line["row"])
        other = waiting[1 - side].pop(key, None)
        if other is None:
            waiting[side][key] = line
        else:
            _compare(found, *((other, line) if side else (line, other)))
    found.only_old, found.only_new = map(len, waiting)
    return found


def _alternately(old: Iterator[Any], new: Iterator[Any]) -> Iterator[tuple[int, Any]]:
    sides = [(0, old), (1, new)]
    while sides:
        for side in list(sides):
            line = next(side[1], None)
            if line is None:
                sides.remove(side)
            else:
                yield side[0], line


def _compare(found: Comparison, old: dict[str, Any], new: dict[str, Any]) -> None:
    found.documents += 1
    if old["original"]["sha256"] != new["original"]["sha256"]:
        found.other_text += 1
        return
    place = place_of(new["file"], new["slice"], new["row"])
    found.flags += old["flags"] != new["flags"]
    differing = False
    for into, these, those in ((found.cut, new, old), (found.kept, old, new)):
        for rule, text in _only(these["removals"], those["removals"]):
            into[rule].add(text, place)
            differing = True
    found.differing += differing


def _only(these: list[dict[str, Any]], those: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What `these` removals cut and `those` do not: rule and text of each stretch that has more than white space."""
    others = iter(sorted((r["start"], r["end"]) for r in those))
    other = next(others, None)
    for removal in these:
        at, end = removal["start"], removal["end"]
        while at < end:
            while other is not None and other[1] <= at:
                other = next(others, None)
            stop = end if other is None else max(at, min(end, other[0]))
            if (text := removal["text"][at - removal["start"] : stop - removal["start"]]).strip():
                yield removal["rule"], text
            at = end if other is None or other[0] >= end else max(stop, min(end, other[1]))


def shown(found: Comparison, samples: int) -> Iterator[RenderableType]:
    """The comparison, rule by rule, the largest change first."""
    yield Text(f"{found.documents:,} documents in both, {found.differing:,} cleaned otherwise", style="bold")
    for number, said in (
        (found.flags, "with other flags"), (found.other_text, "whose text is another"),
        (found.only_old, "only in the old batch"), (found.only_new, "only in the new batch"),
    ):  # fmt: skip
        if number:
            yield Text(f"{number:,} documents {said}", style="yellow")
    for title, changes, style, mark in (("newly cut", found.cut, "red", "-"), ("newly kept", found.kept, "green", "+")):
        for rule, change in sorted(changes.items(), key=lambda item: (-item[1].chars, item[0])):
            yield Text(f"{title}  {rule}  {change.cuts:,} stretches, {change.chars:,} characters", style=f"bold {style}")
            for text, place in change.samples[:samples]:
                sample = Text(f"    {mark} {plain(text)[:160]}")
                sample.append(f"  {plain(place)}", style="dim")
                yield sample
    if not found.changed:
        yield Text("nothing changed", style="green")
