"""The coloured diff in three styles, drawn by rich from slices of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from newsclean.report import Cleaned, Removal, Spared
from newsclean.screen import label_color, plain, summary

STYLES = ("unified", "inline", "side-by-side")


@dataclass(frozen=True, slots=True)
class Line:
    """A line to show: of the original, with the stretches of it that were cut, and what was spared in it."""

    number: int
    text: str
    start: int
    cuts: tuple[Removal, ...]
    spared: tuple[Spared, ...]

    @property
    def gone(self) -> bool:
        """Whether nothing of it but white space is left."""
        left = list(self.text)
        for cut in self.cuts:
            for i in range(max(0, cut.start - self.start), min(len(left), cut.end - self.start)):
                left[i] = " "
        return bool(self.cuts) and bool(self.text.strip()) and not "".join(left).strip()


def diff(cleaned: Cleaned, name: str, style: str = "unified", context: int = 2, spared: bool = False) -> Iterator[RenderableType]:
    """The diff of one document, to print on a console. `context`: lines around a change; `spared`: show those, too."""
    yield _title(cleaned, name)
    lines = list(_lines(cleaned, spared))
    shown = _near(lines, context)
    if not any(shown):
        yield Text("nothing to cut" + ("" if not cleaned.report.spared else "; --all shows what was spared"), style="green")
    else:
        yield _VIEWS[style](lines, shown)
    yield from summary([cleaned], spared)


def _title(cleaned: Cleaned, name: str) -> Text:
    before, after = len(cleaned.report.original), len(cleaned.text)
    share = 100 * (before - after) / before if before else 0
    title = Text(plain(name), style="bold")
    title.append(f"  {before:,} to {after:,} characters, {share:.1f} % cut", style="dim")
    for flag in cleaned.report.flags:
        title.append(f"  {flag}", style="bold yellow")
    return title


def _lines(cleaned: Cleaned, spared: bool) -> Iterator[Line]:
    """The original's lines; of what was cut and spared those parts that touch the line's words."""
    report, start = cleaned.report, 0
    for number, text in enumerate(report.original.split("\n"), 1):
        end = start + len(text)
        first, last = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        cuts = tuple(r for r in report.removals if r.start < last and r.end > first and first < last)
        found = tuple(s for s in report.spared if s.start < last and s.end > first) if spared else ()
        yield Line(number, text, start, cuts, found)
        start = end + 1


def _near(lines: list[Line], context: int) -> list[bool]:
    near = [False] * len(lines)
    for i, line in enumerate(lines):
        if line.cuts or line.spared:
            first, last = max(0, i - context), min(len(lines), i + context + 1)
            near[first:last] = [True] * (last - first)
    return near


def _unified(lines: list[Line], shown: list[bool]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(overflow="fold", max_width=34)
    named: object = None
    for line in _rows(lines, shown):
        if line is None:
            table.add_row("", "", Text("...", style="dim"), "")
            continue
        notes = _notes(line, named)
        if line.text.strip():  # a blank line does not part a cut
            named = line.cuts[-1] if line.cuts else None
        for row in _unified_rows(line, notes):
            table.add_row(*row)
    return table


def _rows(lines: list[Line], shown: list[bool]) -> Iterator[Line | None]:
    """Lines to show, and None where some are left out."""
    for i, line in enumerate(lines):
        if shown[i]:
            yield line
        elif i and shown[i - 1] and any(shown[i:]):
            yield None


def _unified_rows(line: Line, notes: Text) -> Iterator[tuple[RenderableType, ...]]:
    number = str(line.number)
    if not line.cuts:
        yield number, Text("~", style="yellow") if line.spared else " ", Text(plain(line.text)), notes
        return
    color = label_color(line.cuts[0].label)
    yield number, Text("-", style=color), _marked(line, f"strike {color}" if not line.gone else color), notes
    if not line.gone:
        yield "", Text("+", style="green"), Text(plain(_left(line))), ""


def _notes(line: Line, named: object) -> Text:
    """Label and rule of what was cut, once for a cut that goes over many lines; and why the rest was spared."""
    notes = Text()
    for cut in line.cuts:
        if cut is not named:
            notes.append(("\n" if notes else "") + cut.label, style=f"bold {label_color(cut.label)}")
            notes.append(f" {cut.rule}", style="dim")
    for spared in line.spared:
        notes.append(("\n" if notes else "") + f"spared: {spared.rule}: ", style="yellow")
        notes.append(spared.why, style="dim")
    return notes


def _pieces(line: Line) -> Iterator[tuple[str, Removal | None]]:
    """The line in order: what stays, and what was cut with its removal."""
    at = 0
    for cut in line.cuts:
        first, last = max(0, cut.start - line.start), min(len(line.text), cut.end - line.start)
        yield line.text[at:first], None
        yield line.text[first:last], cut
        at = last
    yield line.text[at:], None


def _marked(line: Line, style: str) -> Text:
    text = Text()
    for piece, cut in _pieces(line):
        text.append(plain(piece), style=style if cut else None)
    return text


def _left(line: Line) -> str:
    return "".join(piece for piece, cut in _pieces(line) if not cut)


def _inline(lines: list[Line], shown: list[bool]) -> Text:
    """Running text, with what was cut in [-...-] behind which stands the rule."""
    text = Text()
    for line in _rows(lines, shown):
        if line is None:
            text.append("...\n", style="dim")
            continue
        for piece, cut in _pieces(line):
            if cut and not piece.isspace() and piece:
                text.append(f"[-{plain(piece)}-]", style=f"strike {label_color(cut.label)}")
                text.append(f" {{{cut.label} {cut.rule}}}", style="dim")
            else:
                text.append(plain(piece))
        for spared in line.spared:
            text.append(f" {{spared {spared.rule}: {spared.why}}}", style="yellow")
        text.append("\n")
    return text


def _side_by_side(lines: list[Line], shown: list[bool]) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("", justify="right", style="dim", no_wrap=True)
    table.add_column("original", ratio=1, overflow="fold", header_style="bold")
    table.add_column("clean", ratio=1, overflow="fold", header_style="bold")
    for line in _rows(lines, shown):
        if line is None:
            table.add_row("", Text("...", style="dim"), Text("...", style="dim"))
            continue
        right = Text(plain(_left(line))) if not line.gone else Text()
        notes = _notes(line, None)
        if notes:
            right.append("\n" if right else "").append_text(notes)
        table.add_row(str(line.number), _marked(line, f"strike {label_color(line.cuts[0].label)}" if line.cuts else ""), right)
    return table


_VIEWS: dict[str, Callable[[list[Line], list[bool]], RenderableType]] = {
    "unified": _unified,
    "inline": _inline,
    "side-by-side": _side_by_side,
}
