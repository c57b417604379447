"""Why each line stayed or went, in words, read off the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsclean.document import Block, Document
from newsclean.report import Cleaned, Removal, Report, Spared


@dataclass(frozen=True, slots=True)
class Explained:
    """A block of the original and everything that was found about it. `zone` is where it stands."""

    block: Block
    text: str
    zone: str
    removals: tuple[Removal, ...]
    spared: tuple[Spared, ...]

    @property
    def fate(self) -> str:
        if not self.removals:
            return "stays"
        cut = sum(min(r.end, self.block.end) - max(r.start, self.block.start) for r in self.removals)
        return "goes" if cut == self.block.end - self.block.start else "goes in part"

    def reasons(self) -> Iterator[str]:
        """One line for each rule that fits."""
        for removal in self.removals:
            also = f" (so does {', '.join(removal.also)})" if removal.also else ""
            again = f", in round {removal.round}" if removal.round > 1 else ""
            yield f"cut as {removal.label} by {removal.rule}: {removal.evidence}{again}{also}"
            if removal.paths:
                yield f"taken from {', '.join(removal.paths[:3])}{' and others' if len(removal.paths) > 3 else ''}"
        for spared in self.spared:
            yield f"spared; {spared.rule} ({spared.label}) fits: {spared.evidence}; but {spared.why}"
        if not self.removals and not self.spared:
            yield f"no rule fits: {self.block.kind}, {self.block.words} words, {self.zone}"


def explain(cleaned: Cleaned, line: int | None = None) -> list[Explained]:
    """Every block of the original, or the one that line number `line` (from 1) belongs to; none if that is blank."""
    report = cleaned.report
    document = Document(report.original)
    found = [_explained(document, block, report) for block in document.blocks]
    if line is None:
        return found
    return [e for e in found if e.block.line <= line <= e.block.line + len(e.text.splitlines()) - 1]


def _explained(document: Document, block: Block, report: Report) -> Explained:
    removals = tuple(r for r in report.removals if r.start < block.end and r.end > block.start)
    spared = tuple(s for s in report.spared if s.start < block.end and s.end > block.start)
    zone = [name for name in ("head", "tail") if block.index in document.zone(name)]
    where = f"in the {' and the '.join(zone)}" if zone else "in the middle"
    return Explained(block, document.text[block.start : block.end], where, removals, spared)
